package disclosure

import "darsd/dars"

// A Known is what an attacker can say of one suppressed entry.
type Known struct {
	Entry int
	Span  Span // no number outside of it is possible
	Sure  int  // how many numbers of the span have been shown to be possible
}

// Leaks says whether fewer than so many numbers may be all that the entry can be. Of a
// table of three dimensions not each number can be tried: what could not be shown to
// be safe is called a leak.
func (k Known) Leaks(values int) bool { return k.Sure < values }

// Attack works out what it can of each suppressed entry, from what was published and
// the rules alone. Of one and two dimensions each span is exact. A table that nobody
// can have counted, by these rules, is refused.
func (p *Published) Attack() ([]Known, error) {
	return p.attack(p.Suppressed(), nil, Any)
}

// attack works out what it can of some entries. It looks no further than a number of
// values that is enough for whoever asks. What is thought to be the counts makes it
// quick; it is no part of what is found.
func (p *Published) attack(entries, thought []int, enough int) ([]Known, error) {
	spans := p.could()
	sums := p.Shape.sums()
	if !narrow(spans, sums) {
		return nil, p.impossible()
	}
	switch len(p.Shape) {
	case 1: // one sum alone: no number of a narrowed span is impossible
		known := make([]Known, len(entries))
		for i, e := range entries {
			known[i] = Known{e, spans[e], spans[e].Values()}
		}
		return known, nil
	case 2:
		g := newNetwork(p.Shape, spans, thought)
		if !g.balance() {
			return nil, p.impossible()
		}
		return g.attack(entries, enough), nil
	default:
		return newRepairs(spans, sums, thought).attack(entries, enough), nil
	}
}

func (p *Published) impossible() error {
	return dars.Refuse("impossible-table", p.Rules.Code, "no counts can have made this table by the rules %s: its totals and its cells do not go together", p.Rules.Code)
}

// narrow makes each span as narrow as each sum alone allows, again and again. It says
// false if a span has no number left. What it leaves is never too narrow; it may be too
// wide, most of all when it is cut short.
func narrow(spans []Span, sums []sum) bool {
	for range maxRounds {
		changed := false
		for _, s := range sums {
			c, ok := s.narrow(spans)
			if !ok {
				return false
			}
			changed = changed || c
		}
		if !changed {
			break
		}
	}
	return true
}

const maxRounds = 1000

// narrow narrows what entries can be by the table's own totals. Where somebody can be
// in two cells, a total is as much as each of its cells at least, and as all of them
// at most.
func (p *Published) narrow(spans []Span, sums []sum) bool {
	if p.Adds {
		return narrow(spans, sums)
	}
	for _, s := range sums {
		if !s.overlap(spans) {
			return false
		}
	}
	return true
}

func (s sum) overlap(spans []Span) bool {
	all := Span{} // the most of one cell at least, and all of them at most
	for _, cell := range s.cells {
		all.Low = max(all.Low, spans[cell].Low)
		all.High += spans[cell].High
	}
	total := &spans[s.total]
	total.within(all)
	for _, cell := range s.cells {
		others := all.High - spans[cell].High
		if spans[cell].within(Span{total.Low - others, total.High}); spans[cell].Values() < 1 {
			return false
		}
	}
	return total.Values() > 0
}

func (s sum) narrow(spans []Span) (changed, ok bool) {
	var all Span // what the cells are together
	for _, cell := range s.cells {
		all.Low += spans[cell].Low
		all.High += spans[cell].High
	}
	total := &spans[s.total]
	changed = total.within(all)
	for _, cell := range s.cells {
		was := spans[cell]
		others := Span{all.Low - was.Low, all.High - was.High}
		if spans[cell].within(Span{total.Low - others.High, total.High - others.Low}) {
			all.Low += spans[cell].Low - was.Low
			all.High += spans[cell].High - was.High
			changed = true
		}
		if spans[cell].Values() < 1 {
			return changed, false
		}
	}
	return changed, total.Values() > 0
}

// within narrows a span to what lies in another, and says whether that changed it.
func (s *Span) within(t Span) bool {
	was := *s
	s.Low, s.High = max(s.Low, t.Low), min(s.High, t.High)
	return *s != was
}

// attack finds the least and the most of each entry. One who wants only to know
// whether so many numbers are enough is told no more: each flow on the way is a table,
// and what it shows of other entries is noted too.
func (g *network) attack(entries []int, enough int) []Known {
	seen := make([]Span, len(entries))
	for i, e := range entries {
		flow := g.channels[g.entry[e]].flow
		seen[i] = Span{flow, flow}
	}
	note := func() {
		for i, e := range entries {
			flow := g.channels[g.entry[e]].flow
			seen[i] = Span{min(seen[i].Low, flow), max(seen[i].High, flow)}
		}
	}
	for i, e := range entries {
		if seen[i].Values() >= enough {
			continue
		}
		g.least(e, seen[i].High-enough+1)
		note()
		if seen[i].Values() < enough {
			g.most(e, seen[i].Low+enough-1)
			note()
		}
	}
	known := make([]Known, len(entries))
	for i, e := range entries {
		known[i] = Known{e, seen[i], seen[i].Values()}
	}
	return known
}
