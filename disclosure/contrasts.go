package disclosure

import (
	"maps"
	"slices"
	"strings"

	"darsd/dars"
)

// Contrasts are the groupings to which some answers are limited otherwise than others.
// By them counts go together that stand in no one table: those of two groups, without
// those of one of them, are those of the other.
type contrasts map[string]contrast

// A contrast is one such grouping, and the parts of labels that say to what of it answers
// are limited; "" of one that is not.
type contrast struct {
	own   string   // of the new answer
	parts []string // of any
	names []string // of its groups
}

func contrastsOf(a Answer, had []Answer, d dars.Dataset) contrasts {
	all := contrasts{}
	for _, code := range codesOf(d) {
		own := limitedTo(a.Request, d, code)
		c := contrast{own: own, parts: []string{own}}
		for _, h := range had {
			if part := limitedTo(h.Request, d, code); !slices.Contains(c.parts, part) {
				c.parts = append(c.parts, part)
			}
		}
		if g, ok := d.Grouping(code); ok {
			c.names = slices.Sorted(slices.Values(g.Names()))
		}
		if len(c.parts) > 1 {
			all[code] = c
		}
	}
	return all
}

// without is a label without the parts that differ by what answers are limited to.
func (all contrasts) without(label string) string {
	for code := range all {
		label, _ = cut(label, code)
	}
	return label
}

// cut takes the part of a grouping out of a label.
func cut(label, code string) (rest, part string) {
	from := 0
	for p := range strings.SplitAfterSeq(label, endOfPart) {
		if strings.HasPrefix(p, code+"=") {
			return label[:from] + label[from+len(p):], p
		}
		from += len(p)
	}
	return label, ""
}

// A groupCount is a count among those that differ in their groups of one grouping alone.
type groupCount struct {
	part  string
	names []string
	count int
}

// relations are which counts go together. A count that follows from others and stands
// in no table is new, and untold.
func (all contrasts) relations(counts map[string]int, another func() int) (relations []sum, untold []int) {
	for _, code := range slices.Sorted(maps.Keys(all)) {
		c := all[code]
		alike := map[string][]groupCount{} // by their labels without this grouping
		for label, n := range counts {
			rest, part := cut(label, code)
			alike[rest] = append(alike[rest], groupCount{part, c.in(code, part), n})
		}
		for _, rest := range slices.Sorted(maps.Keys(alike)) {
			more, left := c.relations(code, alike[rest], another)
			relations, untold = append(relations, more...), append(untold, left...)
		}
	}
	return relations, untold
}

// relations are those of counts that differ in their groups of one grouping alone.
func (c contrast) relations(code string, groups []groupCount, another func() int) (relations []sum, untold []int) {
	slices.SortFunc(groups, func(a, b groupCount) int { return strings.Compare(a.part, b.part) })
	at := map[string]int{}
	for _, g := range groups {
		at[g.part] = g.count
	}
	for _, whole := range groups {
		relations = append(relations, c.oneByOne(code, whole, at)...)
		for _, part := range groups {
			if !c.contrasted(whole, part) || !holds(whole.names, part.names) {
				continue
			}
			left := within(code, slices.DeleteFunc(slices.Clone(whole.names), func(n string) bool { return slices.Contains(part.names, n) })...)
			n, known := at[left]
			if !known {
				n = another()
				at[left] = n
				untold = append(untold, n)
			}
			relations = append(relations, sum{whole.count, []int{part.count, n}})
		}
	}
	return relations, untold
}

// in are the groups that a part of a label names; of none, all.
func (c contrast) in(code, part string) []string {
	if part == "" {
		return c.names
	}
	return strings.Split(strings.TrimSuffix(strings.TrimPrefix(part, code+"="), endOfPart), endOfName)
}

// contrasted says whether one of two counts is of what the new answer is limited to, and
// the other of what an earlier one is: what differs within one table is its own affair,
// and earlier ones were held against each other when they came.
func (c contrast) contrasted(a, b groupCount) bool {
	return a.part == c.own && slices.Contains(c.parts, b.part) || b.part == c.own && slices.Contains(c.parts, a.part)
}

// holds says whether one holds another and more.
func holds(whole, part []string) bool {
	return len(whole) > len(part) && !slices.ContainsFunc(part, func(n string) bool { return !slices.Contains(whole, n) })
}

// oneByOne are the groups of a count, where each is counted.
func (c contrast) oneByOne(code string, whole groupCount, at map[string]int) []sum {
	if len(whole.names) < 2 {
		return nil
	}
	s := sum{total: whole.count}
	for _, name := range whole.names {
		n, known := at[within(code, name)]
		if !known {
			return nil
		}
		s.cells = append(s.cells, n)
	}
	return []sum{s}
}
