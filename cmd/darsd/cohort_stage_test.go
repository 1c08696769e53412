package main

import (
	"os"
	"strings"
)

// Nora's first agreement is for persons whom she names: an office in which it is in
// force and nobody has been named.
func init() {
	stages["asking"] = inOrder("founded", askForACohort)
}

// clinic is a dataset whose rows say an NHS number. The second person has objected.
const clinic = `datasets:
  - code: CLINIC
    name: Visits to the clinic
    iao: iris
    person: NHS
    date: SEEN
    unmatched: withhold
    format: { delimiter: ",", quoted: true, header: true }
    files:
      - { period: "201499", path: sources/clinic.csv, as_at: "2015-11-30" }
    fields:
      - { name: NHS, type: string, identifying: true, holds: nhs-number, pseudonym: person }
      - { name: SEEN, type: date }
      - { name: BORN, type: date, identifying: true, holds: birth-date }
      - { name: DIAG, type: string }
`

const clinicRows = `NHS,SEEN,BORN,DIAG
9990000115,2014-04-01,1968-04-01,J45
9990000220,2014-04-02,1968-04-01,J45
9990000336,2014-04-03,1968-04-01,J45
9990000441,2014-04-04,1968-04-01,J45
999 000 0115,2014-04-05,in April,J459
9990000115,2014-04-06,1968-04-01,I10
9990000336,2014-04-07,1968-04-01,
9990000115,2013-04-01,1968-04-01,J45
`

const ofTheCohort = `    identifiability: PSEUDO_ICO
    from: 2014-04-01
    cohort: { field: NHS, column: nhs }
    columns:
      - { field: NHS, derive: pseudonym, as: PERSON }
      - { field: DIAG }
      - { field: BORN, derive: birth-year, as: YEAR }
    rows:
      - { fields: [DIAG], prefixes: [J45] }
`

func askForACohort(d *stage) error {
	text, err := os.ReadFile(d.path("office/darsd.yaml"))
	if err != nil {
		return err
	}
	head, _, _ := strings.Cut(string(text), "datasets:\n")
	form := strings.Replace(demoForm("Asthma", "8D101", "nora", "CLINIC", `"201499"`, "HSCA261_1_2BII", "2016-03-01", "2017-02-28"),
		"    identifiability: IDENT\n    sensitive: true\n", ofTheCohort, 1)
	deeds := []deed{
		writing{"office/darsd.yaml", strings.Replace(head, "  listen: 127.0.0.1:0\n", "  listen: 127.0.0.1:0\n  quiet: 1s\n", 1) + clinic},
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
