package disclosure

import (
	"slices"

	"darsd/dars"
)

// Together are tables with counts in common, the new one first. Their entries are
// counts by number, one for all entries of the same records.
type together struct {
	tables []*tableBeside
	counts map[string]int // by label
	spans  []Span         // of each count
	shares []int          // how often each stands in a table

	contrasts contrasts
	near      map[string]bool // labels, but for what the answers are limited to
	relations []sum           // counts that go together beyond their tables
	untold    []int           // counts that stand in no table, and follow from relations

	exact int // counts that were worked out exactly
}

// A tableBeside is a table among others.
type tableBeside struct {
	*Published
	sums   []sum
	counts []int // of its entries
}

const (
	mostTogether = 1 << 20 // entries may be attacked together: some 300 bytes each
	maxSharpened = 8       // rounds from table to table, each of which tells less than the one before
	mostExact    = 20_000  // counts are worked out exactly; of more, each sum alone tells
)

// join takes those answers that have a count in common with the new one, or with one
// that has. Those that cannot be of the same numbers are left out, the oldest first.
func join(a Answer, had []Answer, d dars.Dataset) (*together, error) {
	t := begin(a, had, d)
	size := len(a.Published.Shown)
	var joined []Answer
	waiting := slices.Clone(had)
	for found := true; found; {
		found = false
		for i, h := range slices.Backward(waiting) { // the newest first
			if !t.touches(h, d) {
				continue
			}
			if size += len(h.Published.Shown); size > mostTogether {
				return nil, dars.Refuse("too-many", a.Request.Dataset, "you have more tables of %s than can be attacked together with this one: ask the office for a tabulation", a.Request.Dataset)
			}
			t.add(h, d)
			joined = append(joined, h)
			waiting = slices.Delete(waiting, i, i+1)
			found = true
		}
	}
	if !t.narrow() {
		t = begin(a, had, d)
		for _, h := range joined {
			t.addIfItCan(h, d)
		}
	}
	t.relate()
	return t, nil
}

func begin(a Answer, had []Answer, d dars.Dataset) *together {
	t := &together{counts: map[string]int{}, near: map[string]bool{}, contrasts: contrastsOf(a, had, d)}
	t.add(a, d)
	return t
}

// touches says whether an answer has a count in common with those that were added, or
// would have if both were limited to the same.
func (t *together) touches(a Answer, d dars.Dataset) bool {
	for _, label := range labels(a, d) {
		if t.near[t.contrasts.without(label)] {
			return true
		}
	}
	return false
}

// add takes an answer.
func (t *together) add(a Answer, d dars.Dataset) {
	table := &tableBeside{Published: a.Published, sums: a.Published.Shape.sums(), counts: make([]int, len(a.Published.Shown))}
	could := a.Published.could()
	for e, label := range labels(a, d) {
		n, known := t.counts[label]
		if !known {
			n = t.another()
			t.counts[label] = n
			t.near[t.contrasts.without(label)] = true
		}
		t.spans[n].within(could[e])
		t.shares[n]++
		table.counts[e] = n
	}
	t.tables = append(t.tables, table)
}

// another begins one count more, of which nothing is known.
func (t *together) another() int {
	t.spans, t.shares = append(t.spans, Span{0, Any}), append(t.shares, 0)
	return len(t.spans) - 1
}

// addIfItCan takes an answer, if all tables together can still be of the same numbers.
func (t *together) addIfItCan(a Answer, d dars.Dataset) {
	was := slices.Clone(t.spans)
	t.add(a, d)
	if !t.narrow() {
		t.tables = t.tables[:len(t.tables)-1]
		t.forget(was)
	}
}

// forget goes back to what counts could be before. Of those that came since nothing is
// known.
func (t *together) forget(was []Span) {
	for n := range t.spans {
		t.spans[n] = Span{0, Any}
	}
	copy(t.spans, was)
}

// narrow narrows what each count can be by each table in turn, again and again. It says
// false if a count has no number left.
func (t *together) narrow() bool {
	adds := t.adds()
	for range maxRounds {
		was := slices.Clone(t.spans)
		for _, table := range t.tables {
			spans := t.of(table)
			if !table.narrow(spans, table.sums) {
				return false
			}
			for e, n := range table.counts {
				if t.spans[n].within(spans[e]); t.spans[n].Values() < 1 {
					return false
				}
			}
		}
		for _, s := range t.relations {
			if adds {
				if _, ok := s.narrow(t.spans); !ok {
					return false
				}
			} else if !s.overlap(t.spans) {
				return false
			}
		}
		if slices.Equal(was, t.spans) {
			break
		}
	}
	return true
}

// adds says whether counts of different groups add up to that of all of them: nobody is
// in two, as far as any of the tables tells.
func (t *together) adds() bool {
	return !slices.ContainsFunc(t.tables, func(table *tableBeside) bool { return !table.Adds })
}

// relate takes what else goes together, if all of it can.
func (t *together) relate() {
	was := slices.Clone(t.spans)
	t.relations, t.untold = t.contrasts.relations(t.counts, t.another)
	if !t.narrow() {
		t.forget(was)
		t.relations, t.untold = nil, nil
	}
}

// of are the spans of a table's entries.
func (t *together) of(table *tableBeside) []Span {
	spans := make([]Span, len(table.counts))
	for e, n := range table.counts {
		spans[e] = t.spans[n]
	}
	return spans
}

// sharpen works out exactly, by each table of two dimensions, what the counts can be
// that others have too. It says whether that told anything.
func (t *together) sharpen() (told bool) {
	for _, table := range t.tables {
		if !table.Adds || len(table.Shape) != 2 {
			continue
		}
		var shared []int
		for e, n := range table.counts {
			if t.shares[n] > 1 && t.spans[n].Values() > 1 {
				shared = append(shared, e)
			}
		}
		g := newNetwork(table.Shape, t.of(table), nil)
		if t.exact += len(shared); len(shared) == 0 || t.exact > mostExact || !g.balance() {
			continue
		}
		for _, k := range g.attack(shared, Any) {
			if t.spans[table.counts[k.Entry]].within(k.Span) {
				told = true
			}
		}
	}
	return told
}

// leaks attacks each table with what the others say of its counts. Of the new one it
// says which entries leak.
func (t *together) leaks() (any bool, own []int) {
	for range maxSharpened {
		if !t.sharpen() || !t.narrow() {
			break
		}
	}
	any = slices.ContainsFunc(t.untold, func(n int) bool { return t.tells(t.spans[n]) })
	for i, table := range t.tables {
		alone, spans := table.could(), t.of(table)
		if !table.narrow(alone, table.sums) || slices.Equal(alone, spans) {
			continue // the others say nothing of it
		}
		leaks := table.leaks(spans)
		if i == 0 {
			own = leaks
		}
		any = any || len(leaks) > 0
	}
	return any, own
}

// tells says whether a count that stands in no table is known to be one of few persons.
func (t *together) tells(s Span) bool {
	rules := t.tables[0].Rules
	return s.High > 0 && s.Low <= rules.Small && s.Values() < rules.MinValues
}

// leaks attacks a table of which more is known than it says itself. Of two dimensions
// that is exact; of three it finds what each sum alone tells.
func (p *tableBeside) leaks(spans []Span) (entries []int) {
	suppressed, values := p.Suppressed(), p.Rules.MinValues
	if !p.Adds || len(p.Shape) != 2 {
		return slices.DeleteFunc(suppressed, func(e int) bool { return spans[e].Values() >= values })
	}
	g := newNetwork(p.Shape, spans, nil)
	if !g.balance() {
		return nil // nobody believes in both
	}
	for _, k := range g.attack(suppressed, values) {
		if k.Leaks(values) {
			entries = append(entries, k.Entry)
		}
	}
	return entries
}
