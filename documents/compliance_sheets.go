package documents

import (
	"strings"

	"darsd/dars"
)

// ComplianceSheets is the compliance report to sort and filter: a sheet for each
// of its tables, in the same order.
func (p Press) ComplianceSheets(r *dars.Report) ([]byte, error) {
	f, w := r.Facts, p.NewWorkbook("Compliance report "+string(r.ID), r.Due)

	about := [][]any{{"Report", string(r.ID)}, {"Office", p.Office.Name}, {"Day of the report", r.Due}, {"Since", r.From},
		{"Agreements listed", len(f.Agreements)}, {"Certificates outstanding", len(f.Certificates)}, {"Of these overdue", overdue(f.Certificates)},
		{"Audits open", len(f.Audits)}, {"Releases frozen", len(f.Frozen)}}
	if p.Rehearsal {
		about = append(about, []any{"Rehearsal", rehearsalWords})
	}
	w.Sheet("Report", []string{"What", "Value"}, about)

	var rows [][]any
	for _, a := range f.Agreements {
		rows = append(rows, []any{string(a.Agreement), string(a.Org), a.OrgName, strings.Join(a.Datasets, ", "), a.End, words(a.State), a.Files})
	}
	w.Sheet("Agreements", []string{"Agreement", "Organisation", "Name", "Datasets", "Ends", "State", "Files sent"}, rows)

	rows = nil
	for _, c := range f.Certificates {
		rows = append(rows, []any{string(c.Certificate), string(c.Agreement), string(c.Org), c.Due, words(c.State), c.DaysOver})
	}
	w.Sheet("Certificates", []string{"Certificate", "Agreement", "Organisation", "Due", "State", "Days overdue"}, rows)

	rows = nil
	for _, a := range f.Audits {
		rows = append(rows, []any{string(a.Audit), string(a.Org), string(a.Agreement), trigger(a.Trigger), a.Triggered, words(a.State)})
	}
	w.Sheet("Audits", []string{"Audit", "Organisation", "Agreement", "Trigger", "Since", "State"}, rows)

	rows = nil
	for _, x := range f.Frozen {
		rows = append(rows, []any{string(x.Release), string(x.Agreement), x.Since, x.List, x.Objected})
	}
	w.Sheet("Frozen", []string{"Release", "Agreement", "Since", "List", "People in it object"}, rows)

	rows = nil
	for _, x := range f.Releases {
		rows = append(rows, []any{string(x.Release), string(x.Agreement), x.Dataset, strings.Join(x.Periods, ", "), x.Published, words(x.State), words(x.Treatment), x.Reason, string(x.List)})
	}
	w.Sheet("Releases", []string{"Release", "Agreement", "Dataset", "Periods", "Published", "State", "Objections", "Reason", "List"}, rows)

	rows = nil
	for _, l := range f.Lists {
		rows = append(rows, []any{l.Version, l.AsAt, l.Numbers, l.Invalid, l.Usable})
	}
	w.Sheet("Objections lists", []string{"Version", "As at", "Numbers", "Lines not valid", "Usable"}, rows)

	rows = nil
	for _, g := range f.Glass {
		rows = append(rows, []any{g.ID, g.On, g.Act, string(g.Person), g.Reason})
	}
	w.Sheet("Local shell", []string{"Reference", "Day", "Act", "Person", "Reason"}, rows)
	return w.Bytes()
}
