package documents

import (
	"fmt"
	"slices"
	"strings"

	"darsd/dars"
)

// CheckersPage is what somebody must know before they check a release, on one page. No
// value of any row stands on it; it stays in the office all the same.
func (p Press) CheckersPage(f dars.CheckFacts) ([]byte, error) { return p.checkersPage(f).PDF() }

func (p Press) checkersPage(f dars.CheckFacts) *Doc {
	r, c := f.Release, f.Release.Counts
	d := p.New("Checker’s page", joined(", ", f.Dataset.Name, periods(r.Periods)), string(r.ID), f.On)
	d.Notice("For the office alone. It counts who was withheld.")

	d.Fact("Agreement", "%s, in force until %s", f.Agreement.ID, f.Agreement.End.Long())
	d.Fact("Objections", "%s", treated(r))
	d.Fact("Rows", "%s read: %s outside what was agreed, %s withheld, %s of nobody known, %s out", count(c.RowsIn), count(c.RowsOutside), count(c.RowsWithheld), count(c.RowsUnmatched), count(c.RowsOut))
	if r.Treated() == dars.Uphold {
		d.Fact("Withheld", "%s persons; %s", count(c.PersonsWithheld), f.Share)
	}

	d.Heading("Against the refresh before")
	if f.Refresh == nil {
		d.Para("It is the first release of its case and dataset.")
	} else {
		d.Para("%s, of %s.", f.Refresh.Before, periods(f.Refresh.Periods))
		var rows [][]string
		for _, l := range f.Refresh.Lines {
			far := ""
			if l.Far {
				far = "Look: further apart than the policy expects"
			}
			rows = append(rows, []string{capital(l.What), count(l.Then), count(l.Now), far})
		}
		d.Table([]Col{{Name: "Count", Share: 26}, {Name: "Then", Share: 18, Figures: true}, {Name: "Now", Share: 18, Figures: true}, {Name: "Remark", Share: 38}}, rows)
	}

	if r.Tabulation != nil {
		d.Heading("The table")
		d.tabulation(r.Tabulation)
		return d
	}
	d.Heading("What is odd")
	d.oddities(r.Seen)

	d.Heading("Columns")
	d.Para("%s", columnsDone(r.Seen.Columns))
	return d
}

// treated says how objections were treated, and with which list.
func treated(r *dars.Release) string {
	if r.Treated() == dars.NotUpheld {
		return objections(r.Objections)
	}
	return fmt.Sprintf("Applied, with version %d of the list, as at %s.", r.Objections.ListVersion, r.Objections.ListDate.Long())
}

// mostNamed is how many columns of a kind a page has room to name; the screen names all.
const mostNamed = 6

func (d *Doc) oddities(seen *dars.Examination) {
	if seen.Unread != "" {
		d.Para("Not looked for: %s.", seen.Unread)
		return
	}
	odds := seen.Odds(mostNamed)
	if len(odds) == 0 {
		d.Para("Nothing was found: no column is empty or always the same, every value is of its type, and no date is outside its period.")
	}
	for _, line := range odds {
		d.Bullet("%s.", capital(line))
	}
}

// columnsDone says what was done to the columns. Those that are as in the source are
// only counted where there are many.
func columnsDone(all []dars.ColumnLeft) string {
	plain := slices.DeleteFunc(slices.Clone(all), func(c dars.ColumnLeft) bool { return c.Derive != "" || c.Name != c.Field })
	var said []string
	for _, c := range all {
		if c.Derive != "" || c.Name != c.Field {
			said = append(said, fmt.Sprintf("%s (%s)", c.Name, c.Done()))
		}
	}
	if more := len(said) - mostNamed; more > 0 {
		said = append(said[:mostNamed], fmt.Sprintf("%d more that were derived or named anew", more))
	}
	switch n := len(plain); {
	case n > 20:
		said = append(said, fmt.Sprintf("%d columns as in the source", n))
	case n > 0:
		names := make([]string, n)
		for i, c := range plain {
			names[i] = c.Name
		}
		said = append(said, "as in the source: "+strings.Join(names, ", "))
	}
	return strings.Join(said, "; ") + "."
}
