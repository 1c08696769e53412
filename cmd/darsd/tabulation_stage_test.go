package main

import "strings"

// Nora's first agreement is for tabulations with small numbers suppressed, of two
// columns: it takes the route without a meeting, and needs no framework contract.
//
//	tabulating       all rows
//	tabulating-some  those from May 2014 on, of two wards and no other
func init() {
	stages["tabulating"] = inOrder("founded", askForTables(""))
	stages["tabulating-some"] = inOrder("founded", askForTables("\n    from: 2014-05-01\n    rows: [{ fields: [WARD], codes: [Ash, Cedar] }]"))
}

func askForTables(of string) func(*stage) error {
	return func(d *stage) error { return tablesAsked(d, of) }
}

func tablesAsked(d *stage, of string) error {
	form := strings.NewReplacer("identifiability: IDENT", "identifiability: AGG_SUPPRESSED", "NHSA251_REG5", "HSCA261_1_2BII\n    fields: [ADMITTED, WARD]"+of).
		Replace(demoForm("Admissions by ward", "8D101", "nora", "ADMISSIONS", `"201499"`, "NHSA251_REG5", "2016-03-01", "2017-02-28"))
	deeds := append([]deed{
		writing{"people/nora/application/application.yaml", form},
		writing{"people/nora/application/cag-letter.txt", demoLetter},
		at("2016-02-08T08:00", "nora", "application submit", "$D/people/nora/application")},
		reviewed("2016-02-08", demoFirst)...)
	if err := d.all(append(deeds,
		at("2016-02-08T10:00", "simone", "decision siro", caseOf(demoFirst), "--approve"),
		at("2016-02-08T12:00", "carol", "agreement issue", demoFirst),
		command{as: "carol", args: []string{"agreement", "print", demoFirst}, out: "people/nora/agreement.pdf"},
		pen{"people/nora/agreement.pdf", "people/nora/signed.pdf", "Nora Field"})...); err != nil {
		return err
	}
	return agree(d)
}
