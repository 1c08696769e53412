package disclosure

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"darsd/dars"
)

// A Request is what somebody asks of a dataset. It is never a query: each name and code
// in it is looked up, so that nothing a person writes is ever run.
type Request struct {
	Dataset string              `yaml:"dataset" json:"dataset"`
	Periods []string            `yaml:"periods" json:"periods"`
	Count   Unit                `yaml:"count" json:"count"`
	Measure Measure             `yaml:"measure" json:"measure"`
	By      []string            `yaml:"by" json:"by"`                           // codes of groupings, or period
	Where   map[string][]string `yaml:"where,omitempty" json:"where,omitempty"` // of a grouping, the groups that are counted
}

// A Measure is what stands in each cell.
type Measure struct {
	Kind  Kind   `yaml:"kind" json:"kind"`
	Field string `yaml:"field,omitempty" json:"field,omitempty"` // of a mean or a median
}

// A Kind of measure.
type Kind string

// The kinds. A percentage is of the whole table.
const (
	Counts     Kind = "count"
	Percentage Kind = "percentage"
	Mean       Kind = "mean"
	Median     Kind = "median"
)

// Check says all that is wrong with a request for data of a dataset, of which these
// columns were approved.
func (r Request) Check(d dars.Dataset, approved []string) error {
	c := requestCheck{Request: r, dataset: d, approved: approved}
	c.periods()
	c.measure()
	c.divided()
	c.limited()
	if len(c.wrong) > 0 {
		return dars.RefuseMistakes(r.Dataset, "this request cannot be answered", c.wrong)
	}
	return r.Shape(d).check()
}

// What of a request is repeated to whoever wrote it, who may have written anything.
const (
	mostWrong = 20 // mistakes
	mostShort = 60 // letters of a name
)

// short is the beginning of a name.
func short(name string) string {
	if letters := []rune(name); len(letters) > mostShort {
		return string(letters[:mostShort]) + "…"
	}
	return name
}

// A requestCheck collects what is wrong.
type requestCheck struct {
	Request
	dataset  dars.Dataset
	approved []string
	wrong    []dars.Mistake
}

func (c *requestCheck) say(field, sentence string, args ...any) {
	if len(c.wrong) == mostWrong {
		return
	}
	c.wrong = append(c.wrong, dars.Mistake{Field: field, Says: fmt.Sprintf(sentence, args...), Rule: "bad-request"})
}

func (c *requestCheck) periods() {
	if len(c.Periods) == 0 {
		c.say("periods", "name at least one period of %s", c.Dataset)
	}
	for i, p := range c.Periods {
		if _, ok := c.dataset.File(p); !ok {
			c.say("periods", "%s has no period %q", c.Dataset, short(p))
		}
		if slices.Contains(c.Periods[:i], p) {
			c.say("periods", "%s is named twice", short(p))
		}
	}
}

func (c *requestCheck) measure() {
	if c.Count != Persons && c.Count != Records {
		c.say("count", "say persons or records, not %q", short(string(c.Count)))
	}
	switch m := c.Measure; m.Kind {
	case Counts, Percentage:
		if m.Field != "" {
			c.say("measure.field", "a %s is of no column: leave %s out", m.Kind, short(m.Field))
		}
	case Mean, Median:
		f, known := c.dataset.Field(m.Field)
		if !known || f.Type != "integer" && f.Type != "number" {
			c.say("measure.field", "a %s is of a column of numbers, and %q is none", m.Kind, short(m.Field))
		}
		if known && c.code(m.Field) {
			c.say("measure.field", "%s holds codes, and a %s of them would count those who have one: divide by it", m.Field, m.Kind)
		}
		c.mayUse("measure.field", m.Field)
	default:
		c.say("measure.kind", "say count, percentage, mean or median, not %q", short(string(m.Kind)))
	}
}

// code says whether a column holds codes: a grouping takes its values one by one.
func (c *requestCheck) code(column string) bool {
	return slices.ContainsFunc(c.dataset.Groupings, func(g dars.Grouping) bool {
		return g.Field == column && slices.ContainsFunc(g.Groups, func(group dars.Group) bool { return group.From == nil })
	})
}

// mayUse says so if a column was not approved. What is not in the catalogue is told
// elsewhere.
func (c *requestCheck) mayUse(field, column string) {
	if _, known := c.dataset.Field(column); known && !slices.Contains(c.approved, column) {
		c.say(field, "the agreement does not include the column %s", column)
	}
}

func (c *requestCheck) divided() {
	for i, code := range c.By {
		if slices.Contains(c.By[:i], code) {
			c.say("by", "%s divides the table twice", short(code))
		}
		if code != dars.PeriodGrouping {
			c.grouping("by", code)
		}
	}
	if len(c.By) < 1 || len(c.By) > MaxDimensions {
		c.say("by", "a table is divided by one to %d groupings, and this one by %d", MaxDimensions, len(c.By))
	}
}

func (c *requestCheck) limited() {
	for _, code := range slices.Sorted(maps.Keys(c.Where)) {
		field := "where." + short(code)
		if code == dars.PeriodGrouping {
			c.say(field, "name the periods under periods")
			continue
		}
		g, ok := c.grouping(field, code)
		if !ok {
			continue
		}
		if len(c.Where[code]) == 0 {
			c.say(field, "names no group, and nobody would be counted")
		}
		for i, name := range c.Where[code] {
			if !slices.Contains(g.Names(), name) {
				c.say(field, "there is no group %q: there are %s", short(name), strings.Join(g.Names(), ", "))
			}
			if slices.Contains(c.Where[code][:i], name) {
				c.say(field, "%s is named twice", short(name))
			}
		}
	}
}

func (c *requestCheck) grouping(field, code string) (dars.Grouping, bool) {
	g, ok := c.dataset.Grouping(code)
	if !ok {
		var codes []string
		for _, g := range c.dataset.Groupings {
			codes = append(codes, g.Code)
		}
		c.say(field, "there is no grouping %q: %s has %s", short(code), c.Dataset, strings.Join(append(codes, dars.PeriodGrouping), ", "))
		return g, false
	}
	c.mayUse(field, g.Field)
	return g, true
}

// Shape is how the table of a request that was checked is divided. A grouping by which
// it is limited too has only the groups that are counted.
func (r Request) Shape(d dars.Dataset) Shape {
	var s Shape
	for _, code := range r.By {
		if code == dars.PeriodGrouping {
			s = append(s, Dimension{Name: code, Values: slices.Sorted(slices.Values(r.Periods))})
			continue
		}
		g, _ := d.Grouping(code)
		names := g.Names()
		if only, limited := r.Where[code]; limited {
			names = slices.DeleteFunc(names, func(n string) bool { return !slices.Contains(only, n) })
		}
		s = append(s, Dimension{Name: code, Values: names})
	}
	return s
}

// Canonical is the request with everything that has no meaning put into one order: two
// that ask the same are the same.
func (r Request) Canonical() Request {
	r.Periods = slices.Sorted(slices.Values(r.Periods))
	where := make(map[string][]string, len(r.Where))
	for code, names := range r.Where {
		where[code] = slices.Sorted(slices.Values(names))
	}
	r.Where = where
	return r
}
