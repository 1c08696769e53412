package documents

import (
	"fmt"
	"strings"

	"darsd/dars"
)

// ReleaseNote lies in each package: what is in it, and how to verify it. It
// never says how many persons or rows were withheld: small numbers would tell
// of somebody.
func (p Press) ReleaseNote(f dars.NoteFacts) ([]byte, error) { return p.note(f).PDF() }

func (p Press) note(f dars.NoteFacts) *Doc {
	r, g := f.Release, f.Agreement
	d := p.New("Release note", joined(", ", f.Dataset.Name, periods(r.Periods)), string(r.ID), f.On)
	d.Worded("note", noteWords{string(r.ID), cmpOffice(p.Office), f.Fingerprint})

	d.Fact("Release", "%s", r.ID)
	d.Fact("Agreement", "%s, in force until %s", g.ID, g.End.Long())
	d.Fact("Dataset", "%s (%s)", f.Dataset.Name, f.Dataset.Code)
	d.Fact("Periods", "%s", periods(r.Periods))
	d.Fact("Objections", "%s", objections(r.Objections))
	if len(r.Replaces) > 0 {
		d.Fact("Replaces", "%s. Destroy what it replaces within 42 days and certify it.", list(r.Replaces))
	}
	for _, o := range f.Despite {
		d.Fact("Beside "+o.Beside, "Released although you have %s, by override %s. Reason, as published: %s", o.Beside, o.Override, o.Reason)
	}

	d.Heading("What is in the package")
	var rows [][]string
	for _, file := range r.Files {
		rows = append(rows, []string{string(file.ID), strings.TrimPrefix(file.Path, "data/"), file.Period, count(file.Rows), count(file.Bytes)})
	}
	d.Table([]Col{{Name: "File", Share: 22}, {Name: "Name", Share: 50}, {Name: "Period", Share: 14}, {Name: "Rows", Figures: true, Share: 18}, {Name: "Bytes", Figures: true, Share: 22}}, rows)
	kept := "while you have it"
	if r.Tabulation != nil {
		d.tabulation(r.Tabulation)
		d.Paras("table")
		kept = "while you have a table"
	} else {
		d.Para("%s", columns(f.Columns))
		d.Paras("columns")
	}

	d.Heading("Before you use it")
	d.Bullets("before you use it")

	d.Heading("While you have it")
	d.Bullets(kept)
	return d
}

// tabulation says what a table tells, and what of it is not shown.
func (d *Doc) tabulation(t *dars.Tabulation) {
	d.Fact("Table", "%s", capital(t.Says)+".")
	d.Fact("Rule set", "%s", t.Made.Rules)
	d.Fact("Not shown", "%s.", capital(t.Made.Blanked()))
}

// noteWords are what the words of a release note may name.
type noteWords struct{ Release, Us, Fingerprint string }

// columns names the columns when a reader can take them in at a glance, and says
// where they are named when there are more.
func columns(all []string) string {
	switch n := len(all); {
	case n == 1:
		return "Each file has one column: " + all[0] + "."
	case n > 1 && n <= 30:
		return fmt.Sprintf("Each file has %d columns, in this order: %s.", n, strings.Join(all, ", "))
	case n > 30:
		return fmt.Sprintf("Each file has %d columns. They are named, in their order, in datapackage.json beside this note.", n)
	}
	return "The columns are named in datapackage.json beside this note."
}

// objections says how they were treated.
func objections(u dars.Upheld) string {
	if u.Treatment != "upheld" {
		return fmt.Sprintf("Not applied. Reason: %s (%s).", dars.Meaning(dars.ObjectionReasons, u.Reason), u.Reason)
	}
	said := "Applied: the records of persons who have objected are removed as a whole."
	if u.ListDate != "" {
		said += fmt.Sprintf(" List as at %s", u.ListDate.Long())
		if u.ListSHA256 != "" {
			said += ", SHA-256 " + u.ListSHA256
		}
		said += "."
	}
	return said
}

func cmpOffice(o dars.Office) string { return joined(", ", o.Name, o.Email) }

// list writes references one after the other.
func list[S ~string](all []S) string {
	each := make([]string, len(all))
	for i, s := range all {
		each[i] = string(s)
	}
	return strings.Join(each, ", ")
}

// count writes a number so that it can be read: "18,712,004".
func count(n int64) string {
	digits := fmt.Sprint(n)
	for i := len(digits) - 3; i > 0; i -= 3 {
		digits = digits[:i] + "," + digits[i:]
	}
	return digits
}
