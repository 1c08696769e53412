package disclosure

import (
	"slices"

	"darsd/dars"
)

// An Answer is a table that somebody has: what was asked, and what was published.
type Answer struct {
	Request   Request
	Published *Published
}

// Beside makes of an answer what may be published to somebody who has others already.
// What one table withholds another can show, and two tables with a count in common are
// one to whoever has both: so all that have any are attacked together. What leaks by
// the new one is withheld in it, or it is refused, in a sentence that names no number.
//
// Each count stands for its records: those of the request's periods, in some groups of
// each grouping. Counts of the same records in several tables are the same count,
// though lists of objections may have made them differ a little; where two tables
// cannot be of the same numbers, the older is left out.
func Beside(a Answer, had []Answer, d dars.Dataset) error {
	if a.Published.Averages != nil { // no count stands in it
		return nil
	}
	had = slices.DeleteFunc(slices.Clone(had), func(h Answer) bool { return h.Published.Averages != nil || h.Request.Count != a.Request.Count })
	for range maxWithheld {
		t, err := join(a, had, d)
		if err != nil {
			return err
		}
		if len(t.tables) == 1 {
			return nil // nothing that they have has anything to do with it
		}
		leaks, own := t.leaks()
		if !leaks {
			return a.stands()
		}
		if !t.withholdAgain() && !t.withholdBeside(own) && !t.withholdTotals() {
			break
		}
	}
	return dars.Refuse("too-telling", a.Request.Dataset, "this table cannot be published to you: beside one that was answered before, what is suppressed in either could be worked out; ask for other groups, or for wider ones")
}

// maxWithheld is how often more is withheld before a table is refused.
const maxWithheld = 16

// stands refuses percentages that have lost their total.
func (a Answer) stands() error {
	p := a.Published
	if p.Measure.Kind == Percentage && p.Shown[len(p.Shown)-1].As != Number {
		return dars.Refuse("no-total", p.Rules.Code, "percentages are of the total, and this table has none that can be shown: ask for counts")
	}
	return nil
}

// withholdAgain withholds what an earlier table withheld. It says whether there was
// anything.
func (t *together) withholdAgain() bool {
	withheld := map[int]bool{}
	for _, table := range t.tables[1:] {
		for e, shown := range table.Shown {
			if shown.As == Withheld {
				withheld[table.counts[e]] = true
			}
		}
	}
	return t.withhold(func(e int) bool { return withheld[t.tables[0].counts[e]] })
}

// withholdBeside withholds a count beside each entry that leaks, where the rules allow
// that.
func (t *together) withholdBeside(leaks []int) bool {
	p := t.tables[0].Published
	if !p.Rules.Secondary {
		return false
	}
	c := control{published: p}
	var beside []int
	for _, e := range leaks {
		beside = append(beside, c.beside(e))
	}
	return t.withhold(func(e int) bool { return slices.Contains(beside, e) })
}

// withholdTotals withholds all totals of the new table.
func (t *together) withholdTotals() bool {
	shape := t.tables[0].Shape
	return t.withhold(func(e int) bool { return shape.total(shape.Place(e)) })
}

func (t *together) withhold(these func(entry int) bool) (any bool) {
	shown := t.tables[0].Shown
	for e := range shown {
		if shown[e].As != Withheld && these(e) {
			shown[e] = Shown{As: Withheld}
			any = true
		}
	}
	return any
}
