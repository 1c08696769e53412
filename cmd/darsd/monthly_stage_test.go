package main

import (
	"os"
	"strings"
)

// Nora's first agreement is for an extract each month: an office in which it is in
// force, and in which the sources of three months are there.
func init() {
	stages["monthly"] = inOrder("founded", askEachMonth)
}

const eachMonth = `      - { period: "201511", path: sources/clinic.csv, as_at: "2016-03-01" }
      - { period: "201512", path: sources/clinic.csv, as_at: "2016-03-01" }
      - { period: "201601", path: sources/clinic.csv, as_at: "2016-03-01" }
`

func askEachMonth(d *stage) error {
	text, err := os.ReadFile(d.path("office/darsd.yaml"))
	if err != nil {
		return err
	}
	head, _, _ := strings.Cut(string(text), "datasets:\n")
	form := strings.Replace(demoForm("Asthma", "8D101", "nora", "CLINIC", `"201499"`, "NHSA251_REG5", "2016-03-01", "2017-02-28"),
		"    frequency: One-Off\n", "    frequency: ONGOING\n    interval: MONTHLY\n    rolling_years: 2\n", 1)
	deeds := []deed{
		writing{"office/darsd.yaml", head + strings.Replace(clinic, "    fields:\n", eachMonth+"    fields:\n", 1)},
		writing{"office/sources/clinic.csv", clinicRows},
		writing{"objections.txt", "9990000220\n"},
	}
	deeds = append(append(deeds, appliedWith("2016-02-08", demoFirst, form)...),
		command{as: "carol", args: []string{"agreement", "print", demoFirst}, out: "people/nora/agreement.pdf"},
		pen{"people/nora/agreement.pdf", "people/nora/signed.pdf", "Nora Field"})
	if err := d.all(deeds...); err != nil {
		return err
	}
	if err := d.handIn("people/nora/signed.pdf", "signed-agreements"); err != nil {
		return err
	}
	return d.all(append(signature("2016-03-01T09", demoFirst), at("2016-03-07T09:00", "priya", "objections load", "$D/objections.txt", "--as-at", "2016-03-04"))...)
}
