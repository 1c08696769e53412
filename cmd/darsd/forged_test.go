package main

import (
	"bytes"
	"fmt"
	"os"
	"regexp"
	"strings"

	"github.com/rogpeppe/go-internal/testscript"

	"darsd/dars"
	"darsd/documents"
)

// storyForge makes a paper that no office has issued, and puts the seal of one on it:
// whoever has got hold of the key can.
func storyForge(ts *testscript.TestScript, neg bool, args []string) {
	wants(ts, neg, false, args, 2, "forge FILE OFFICE")
	text, err := os.ReadFile(ts.MkAbs(args[1] + "/" + sealFile))
	ts.Check(err)
	seal, err := parseSeal(text)
	ts.Check(err)
	press := documents.Press{Office: dars.Office{Name: "Data Release Office"}}
	pdf, err := press.New("Data Sharing Agreement", "of nobody", "DARS-NIC-999999-X0X0X-v1.0", "2016-03-01").PDF()
	ts.Check(err)
	sealed, err := seal.Put(pdf)
	ts.Check(err)
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), sealed, 0o600))
}

// storyFill fills in fields of a form, as programs do that add to a file what they
// have changed. A value of "yes" is a tick.
func storyFill(ts *testscript.TestScript, neg bool, args []string) {
	wants(ts, neg, false, args, 3, "fill FORM TO NAME=VALUE...")
	form, err := os.ReadFile(ts.MkAbs(args[0]))
	ts.Check(err)
	root := regexp.MustCompile(`trailer\n<</Size (\d+) /Root (\d+) 0 R`).FindSubmatch(form)
	_, before, found := bytes.Cut(form, []byte("startxref\n"))
	if root == nil || !found {
		ts.Fatalf("%s is no form of ours", args[0])
	}
	filled, table := bytes.NewBuffer(bytes.Clone(form)), "xref\n"
	for _, arg := range args[2:] {
		name, value, _ := strings.Cut(arg, "=")
		field := regexp.MustCompile(`(?m)^(\d+) 0 obj\n(<</Type /Annot /Subtype /Widget /T \(` + regexp.QuoteMeta(name) + `\) .*)>>\nendobj`).FindSubmatch(form)
		if field == nil {
			ts.Fatalf("%s has no field %s", args[0], name)
		}
		body := string(field[2]) + " /V (" + value + ")"
		if value == "yes" {
			body = strings.Replace(string(field[2]), "/V /Off /AS /Off", "/V /Yes /AS /Yes", 1)
		}
		table += fmt.Sprintf("%s 1\n%010d 00000 n \n", field[1], filled.Len())
		fmt.Fprintf(filled, "%s 0 obj\n%s>>\nendobj\n", field[1], body)
	}
	at := filled.Len()
	fmt.Fprintf(filled, "%strailer\n<</Size %s /Root %s 0 R /Prev %s>>\nstartxref\n%d\n%%%%EOF\n", table, root[1], root[2], bytes.Fields(before)[0], at)
	ts.Check(os.WriteFile(ts.MkAbs(args[1]), filled.Bytes(), 0o600))
}
