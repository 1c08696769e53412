package disclosure

import (
	"slices"

	"darsd/dars"
)

// A Population is whom a request is about: the persons with a record in some periods
// that is in one of some groups of each grouping, and who did not object by a list.
// Populations are kept with each answer, and never the persons.
type Population struct {
	List    string              `json:"list"` // the version of the list of objections
	Dataset string              `json:"dataset"`
	Periods []string            `json:"periods"`
	Where   map[string][]string `json:"where,omitempty"`
	Rows    string              `json:"rows,omitempty"` // a code of which rows its agreement covers; "": all
}

// Population is whom a request is about, by a list of objections.
func (r Request) Population(list string) Population {
	c := r.Canonical()
	return Population{List: list, Dataset: c.Dataset, Periods: c.Periods, Where: c.Where}
}

// Populations are those of each answer to one recipient, and the new one, made ready to
// be held against each other: which groupings tell them apart, and what of each is in.
type Populations struct {
	Groupings []string // codes; a record is known by its group of each, and its period
	Lists     []string // of objections; a record says in which of them it is
	groups    [][]string
	in        []membership
}

// A membership says which list it is by, and of each grouping which groups are in.
type membership struct {
	list   int
	groups [][]bool
}

// Compare makes populations of one dataset ready. The list of the last is the first of
// Lists.
func Compare(d dars.Dataset, populations []Population) *Populations {
	p := &Populations{Groupings: []string{dars.PeriodGrouping}, Lists: []string{populations[len(populations)-1].List}}
	for _, pop := range populations {
		if !slices.Contains(p.Lists, pop.List) {
			p.Lists = append(p.Lists, pop.List)
		}
	}
	var periods []string
	for _, f := range d.Files {
		periods = append(periods, f.Period)
	}
	for _, pop := range populations {
		periods = append(periods, pop.Periods...)
	}
	slices.Sort(periods)
	p.groups = [][]string{slices.Compact(periods)}
	for _, g := range d.Groupings {
		if slices.ContainsFunc(populations, func(pop Population) bool { _, ok := pop.Where[g.Code]; return ok }) {
			p.Groupings = append(p.Groupings, g.Code)
			p.groups = append(p.groups, g.Names())
		}
	}
	for _, pop := range populations {
		p.in = append(p.in, p.membership(pop))
	}
	return p
}

// membership says which groups are in a population. A grouping by which it is not
// limited has all in; a group that is no longer in the catalogue is in none.
func (p *Populations) membership(pop Population) membership {
	m := membership{slices.Index(p.Lists, pop.List), make([][]bool, len(p.Groupings))}
	for k, code := range p.Groupings {
		only, limited := pop.Where[code]
		if code == dars.PeriodGrouping {
			only, limited = pop.Periods, true
		}
		for _, name := range p.groups[k] {
			m.groups[k] = append(m.groups[k], !limited || slices.Contains(only, name))
		}
	}
	return m
}

// has says whether records of these groups, which are in these lists, are in.
func (m membership) has(groups []uint16, in uint64) bool {
	if in>>m.list&1 == 0 {
		return false
	}
	for k, g := range groups {
		if !m.groups[k][g] {
			return false
		}
	}
	return true
}
