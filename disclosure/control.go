package disclosure

import (
	"slices"

	"darsd/dars"
)

// Control makes what may be published of a table: small counts are suppressed, and as
// much else withheld as it needs that the attack finds nothing. A table for which that
// cannot be done is refused, in a sentence that names no number.
func (r RuleSet) Control(t *Table) (*Published, error) {
	if err := t.check(); err != nil {
		return nil, err
	}
	p := &Published{Rules: r, Shape: t.Shape, Unit: t.Unit, Measure: t.Measure, Shown: make([]Shown, len(t.Counts))}
	c := control{published: p, sums: t.Shape.sums(), thought: make([]int, len(t.Counts))}
	for entry, count := range t.Counts {
		p.Shown[entry] = r.show(count.N, count.Persons)
		c.thought[entry] = count.N
		if p.Shown[entry].As == Suppressed {
			c.small = append(c.small, entry)
		}
	}
	if p.Adds = t.additive(); !p.Adds { // a person who is in two cells is once in their total
		for _, s := range c.sums {
			p.Shown[s.total] = Shown{As: Withheld}
		}
	}
	if err := c.run(); err != nil {
		return nil, err
	}
	return p, c.measured(t)
}

// measured takes care of what is no count. An average of few persons would be theirs:
// a total of which a part is suppressed is not shown, or what is left of it could be
// taken off. A percentage says no more than the counts that are shown, and needs their
// total.
func (c *control) measured(t *Table) error {
	p := c.published
	switch p.Measure.Kind {
	case Mean, Median:
		p.Averages = slices.Clone(t.Averages)
		suppressed := p.Suppressed()
		for _, s := range c.sums {
			if slices.ContainsFunc(suppressed, func(e int) bool { return p.Shape.covers(s.total, e) }) && p.Shown[s.total].As == Number {
				p.Shown[s.total] = Shown{As: Withheld}
			}
		}
		for entry, shown := range p.Shown {
			if shown.As != Number {
				p.Averages[entry] = 0
			}
		}
	case Percentage:
		if all := p.Shown[len(p.Shown)-1]; all.As != Number || all.N == 0 {
			return dars.Refuse("no-total", c.published.Rules.Code, "percentages are of the total, and this table has none that can be shown: ask for counts")
		}
	}
	return nil
}

// A control is one table on its way to being published.
type control struct {
	published *Published
	sums      []sum
	thought   []int
	small     []int // the entries that nobody may work out, whether shown as suppressed or withheld
}

// run attacks and withholds until nothing leaks.
func (c *control) run() error {
	values := c.published.Rules.MinValues
	for {
		known, err := c.published.attack(c.small, c.thought, values)
		if err != nil {
			return err
		}
		leaks := slices.DeleteFunc(known, func(k Known) bool { return !k.Leaks(values) })
		if len(leaks) == 0 {
			return nil
		}
		var withheld []int
		for _, k := range leaks {
			if slices.ContainsFunc(withheld, func(w int) bool { return c.published.Shape.meet(w, k.Entry) }) {
				continue // what helps its neighbour may be enough
			}
			if e := c.helpful(k.Entry); e >= 0 {
				c.published.Shown[e] = Shown{As: Withheld}
				withheld = append(withheld, e)
			}
		}
		if len(withheld) == 0 {
			return dars.Refuse("disclosive", c.published.Rules.Code, "this table cannot be published: what is suppressed in it could be worked out, whatever else is withheld; ask for wider bands or for fewer dimensions")
		}
	}
}

// helpful is one entry that helps to work a small one out, and can be withheld; -1:
// none. Of a total that is suppressed itself it is that total; else a count beside it,
// where the rules allow that; else the nearest total. With no total left, nothing can
// be worked out at all.
func (c *control) helpful(small int) int {
	shown, shape := c.published.Shown, c.published.Shape
	if shown[small].As != Withheld && shape.total(shape.Place(small)) {
		return small
	}
	if c.published.Rules.Secondary {
		if beside := c.beside(small); beside >= 0 {
			return beside
		}
	}
	return c.nearest(small)
}

// nearest is the total that tells most of an entry and is still shown: one that sums it
// up, then one in line with it, then any; of those the one with the fewest cells. -1:
// all are withheld.
func (c *control) nearest(small int) int {
	shape := c.published.Shape
	nearest, least := -1, [2]int{}
	for _, s := range c.sums {
		if c.published.Shown[s.total].As == Withheld {
			continue
		}
		far := [2]int{2, len(s.cells)}
		switch {
		case shape.covers(s.total, small):
			far[0] = 0
		case shape.meet(s.total, small):
			far[0] = 1
		}
		if nearest < 0 || slices.Compare(far[:], least[:]) < 0 {
			nearest, least = s.total, far
		}
	}
	return nearest
}

// beside is the least count that is shown in one line with another, and not nought; -1:
// none.
func (c *control) beside(entry int) int {
	shown, shape := c.published.Shown, c.published.Shape
	beside := -1
	place := shape.Place(entry)
	for k, d := range shape {
		at := slices.Clone(place)
		for at[k] = range d.Values {
			e := shape.Entry(at...)
			if shown[e].As == Number && shown[e].N > 0 && (beside < 0 || shown[e].N < shown[beside].N) {
				beside = e
			}
		}
	}
	return beside
}
