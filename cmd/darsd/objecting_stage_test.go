package main

import (
	"archive/zip"
	"os"
	"strings"

	"github.com/rogpeppe/go-internal/testscript"
)

// Offices for the stories of objections that are not upheld and of system access: in
// each objections go by the matrix, nora's agreement is in force and a list is loaded.
//
//	anonymous  the data name nobody, so the matrix does not uphold objections
//	watching   people named by name may look, and nothing leaves
func init() {
	stages["anonymous"] = inOrder("founded", agreedWith(strings.NewReplacer(
		"identifiability: IDENT", "identifiability: PSEUDO_ICO", "NHSA251_REG5", "HSCA261_1_2BII\n    fields: [ADMITTED, WARD, NOTE]")))
	stages["watching"] = inOrder("founded", agreedWith(strings.NewReplacer("frequency: One-Off", "frequency: SYSTEM_ACCESS")))
}

// agreedWith takes the usual form of nora's with some words changed as far as an
// agreement in force.
func agreedWith(words *strings.Replacer) func(*stage) error {
	return func(d *stage) error {
		text, err := os.ReadFile(d.path("office/darsd.yaml"))
		if err != nil {
			return err
		}
		config := strings.Replace(string(text), "policy:\n", "policy:\n  uphold: by-matrix\n", 1)
		form := words.Replace(demoForm("Readmissions", "8D101", "nora", "ADMISSIONS", `"201499"`, "NHSA251_REG5", "2016-03-01", "2018-02-28"))
		if err := d.all(append(append([]deed{writing{"office/darsd.yaml", config}}, appliedWith("2016-02-08", demoFirst, form)...),
			command{as: "carol", args: []string{"agreement", "print", demoFirst}, out: "people/nora/agreement.pdf"},
			pen{"people/nora/agreement.pdf", "people/nora/signed.pdf", "Nora Field"})...); err != nil {
			return err
		}
		return agree(d)
	}
}

func storyUnzip(ts *testscript.TestScript, neg bool, args []string) {
	wants(ts, neg, false, args, 1, "unzip FILE")
	z, err := zip.OpenReader(ts.MkAbs(args[0]))
	ts.Check(err)
	defer z.Close()
	ts.Check(os.CopyFS(ts.MkAbs("."), z))
}
