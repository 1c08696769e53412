package disclosure

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"maps"
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

	// How the groups of each grouping were drawn that limits the request, or divides it.
	Groups map[string]string `json:"groups,omitempty"`
}

// Population is whom a request is about, by a list of objections.
func (r Request) Population(list string) Population {
	c := r.Canonical()
	return Population{List: list, Dataset: c.Dataset, Periods: c.Periods, Where: c.Where}
}

// Drawn is the population with how the groups are drawn that limit it, and those by
// which its table is divided.
func (p Population) Drawn(d dars.Dataset, by []string) Population {
	p.Groups = map[string]string{}
	for _, code := range slices.Concat(by, slices.Collect(maps.Keys(p.Where))) {
		if g, ok := d.Grouping(code); ok {
			p.Groups[code] = drawn(g)
		}
	}
	return p
}

// drawn says how the groups of a grouping are drawn: two are drawn the same way if it
// is the same.
func drawn(g dars.Grouping) string {
	g.Title = ""
	text, _ := json.Marshal(g) // of strings and numbers alone, which cannot fail
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:8])
}

// Holds refuses a population of which nobody can tell today who was in it: a group that
// limits it is drawn otherwise, or a period is gone.
func (p Population) Holds(d dars.Dataset) error {
	for _, period := range p.Periods {
		if _, ok := d.File(period); !ok {
			return dars.Refuse("catalogue-changed", d.Code, "what was answered before about %s cannot be compared with: its period %s is no longer in the catalogue; ask the office to put it back", d.Code, period)
		}
	}
	if !p.Divided(slices.Collect(maps.Keys(p.Where)), d) {
		return dars.Refuse("catalogue-changed", d.Code, "what was answered before about %s cannot be compared with: its groups are drawn otherwise since; ask the office to put them back, and to give new ones another code", d.Code)
	}
	return nil
}

// Divided says whether groupings are still drawn as they were.
func (p Population) Divided(by []string, d dars.Dataset) bool {
	return !slices.ContainsFunc(by, func(code string) bool {
		g, ok := d.Grouping(code)
		return code != dars.PeriodGrouping && (!ok || p.Groups[code] != drawn(g))
	})
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
