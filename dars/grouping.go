package dars

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// A Grouping is an approved way in which the values of one column are counted together:
// ages by five years, diagnoses by chapter. Tables are divided and limited by groupings
// alone. Somebody who could ask for those up to 64 and for those up to 65 would have
// the ones who are 65, whatever is suppressed.
type Grouping struct {
	Code   string  `yaml:"code" json:"code"`
	Title  string  `yaml:"title" json:"title"`
	Field  string  `yaml:"field" json:"field"`
	Groups []Group `yaml:"groups" json:"groups"`
	Rest   string  `yaml:"rest" json:"rest"` // what every other value is counted under: nothing is left out unsaid
}

// A Group is some of the values of a column: numbers from one to another, the values
// themselves, or what begins so. A group says one of the three.
type Group struct {
	Name     string   `yaml:"name" json:"name"`
	From     *int     `yaml:"from,omitempty" json:"from,omitempty"` // both ends included
	To       *int     `yaml:"to,omitempty" json:"to,omitempty"`
	Values   []string `yaml:"values,omitempty" json:"values,omitempty"`
	Prefixes []string `yaml:"prefixes,omitempty" json:"prefixes,omitempty"`
}

// Names are those of the groups, with the rest at the end.
func (g Grouping) Names() []string {
	var names []string
	for _, group := range g.Groups {
		names = append(names, group.Name)
	}
	return append(names, g.Rest)
}

// Of says which of the names a value is counted under.
func (g Grouping) Of(value string) int {
	value = strings.TrimSpace(value)
	number, err := strconv.Atoi(value)
	for i, group := range g.Groups {
		if group.has(value, number, err == nil) {
			return i
		}
	}
	return len(g.Groups)
}

func (g Group) has(value string, number int, isNumber bool) bool {
	if g.From != nil && g.To != nil {
		return isNumber && *g.From <= number && number <= *g.To
	}
	return slices.Contains(g.Values, value) ||
		slices.ContainsFunc(g.Prefixes, func(p string) bool { return strings.HasPrefix(value, p) })
}

// Grouping returns the approved grouping of a code.
func (d Dataset) Grouping(code string) (Grouping, bool) {
	i := slices.IndexFunc(d.Groupings, func(g Grouping) bool { return g.Code == code })
	if i < 0 {
		return Grouping{}, false
	}
	return d.Groupings[i], true
}

// checkGroupings says what is wrong with the groupings of a dataset. A value that two
// groups held would be counted by their order.
func (d Dataset) checkGroupings(say func(format string, args ...any)) {
	for i, g := range d.Groupings {
		if g.Code == "" || g.Code == PeriodGrouping || slices.ContainsFunc(d.Groupings[:i], func(other Grouping) bool { return other.Code == g.Code }) {
			say("groupings: each needs a code of its own, and %q is none", g.Code)
		}
		if _, ok := d.Field(g.Field); !ok {
			say("groupings: %s groups the column %q, which is not one of fields", g.Code, g.Field)
		}
		if g.Rest == "" {
			say("groupings: %s does not say under which name every other value is counted: add rest", g.Code)
		}
		for _, wrong := range g.check() {
			say("groupings: %s: %v", g.Code, wrong)
		}
	}
}

func (g Grouping) check() (wrong []error) {
	names := g.Names()
	for i, group := range g.Groups {
		if group.Name == "" || slices.Contains(names[i+1:], group.Name) || strings.HasPrefix(group.Name, "(") {
			wrong = append(wrong, fmt.Errorf("each group needs a name of its own that begins with no bracket, and %q is none", group.Name))
		}
		if group.says() != 1 {
			wrong = append(wrong, fmt.Errorf("the group %s must say one of from and to, values, and prefixes", group.Name))
			continue
		}
		for _, other := range g.Groups[:i] {
			if group.overlaps(other) {
				wrong = append(wrong, fmt.Errorf("the groups %s and %s share values", other.Name, group.Name))
			}
		}
	}
	return wrong
}

// says counts the ways in which a group says what it holds.
func (g Group) says() (ways int) {
	if g.From != nil && g.To != nil && *g.From <= *g.To {
		ways++
	} else if g.From != nil || g.To != nil {
		return 0
	}
	if len(g.Values) > 0 {
		ways++
	}
	if len(g.Prefixes) > 0 && !slices.Contains(g.Prefixes, "") {
		ways++
	}
	return ways
}

func (g Group) overlaps(other Group) bool {
	if g.From != nil && other.From != nil {
		return *g.From <= *other.To && *other.From <= *g.To
	}
	holds := func(g Group, values []string) bool {
		return slices.ContainsFunc(values, func(v string) bool {
			number, err := strconv.Atoi(v)
			return g.has(v, number, err == nil)
		})
	}
	for _, p := range g.Prefixes {
		if slices.ContainsFunc(other.Prefixes, func(q string) bool { return strings.HasPrefix(p, q) || strings.HasPrefix(q, p) }) {
			return true
		}
	}
	// A prefix of figures could begin a number of a range.
	figures := func(g Group) bool {
		return slices.ContainsFunc(g.Prefixes, func(p string) bool { return strings.Trim(p, "-0123456789") == "" })
	}
	return holds(g, other.Values) || holds(other, g.Values) ||
		g.From != nil && figures(other) || other.From != nil && figures(g)
}

// PeriodGrouping is the code by which the periods of a dataset divide a table.
const PeriodGrouping = "period"
