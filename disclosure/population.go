package disclosure

import (
	"slices"

	"darsd/dars"
)

// A Population is whom a request is about: the persons with a record in some periods
// that is in one of some groups of each grouping. Populations are kept with each
// answer, and never the persons.
type Population struct {
	Dataset string              `json:"dataset"`
	Periods []string            `json:"periods"`
	Where   map[string][]string `json:"where,omitempty"`
}

// Population is whom a request is about.
func (r Request) Population() Population {
	c := r.Canonical()
	return Population{c.Dataset, c.Periods, c.Where}
}

// Populations are those of each answer to one recipient, and the new one, made ready to
// be held against each other: which groupings tell them apart, and what of each is in.
type Populations struct {
	Groupings []string // codes; a record is known by its group of each, and its period
	groups    [][]string
	in        []membership
}

// A membership says of each grouping which of its groups are in.
type membership [][]bool

// Compare makes populations of one dataset ready.
func Compare(d dars.Dataset, populations []Population) *Populations {
	p := &Populations{Groupings: []string{dars.PeriodGrouping}}
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
	m := make(membership, len(p.Groupings))
	for k, code := range p.Groupings {
		only, limited := pop.Where[code]
		if code == dars.PeriodGrouping {
			only, limited = pop.Periods, true
		}
		for _, name := range p.groups[k] {
			m[k] = append(m[k], !limited || slices.Contains(only, name))
		}
	}
	return m
}

// has says whether records of these groups are in.
func (m membership) has(groups []uint16) bool {
	for k, g := range groups {
		if !m[k][g] {
			return false
		}
	}
	return true
}
