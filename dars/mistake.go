package dars

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// A Mistake is one thing that is wrong with what somebody wrote, where it
// stands, and what would be right.
type Mistake struct {
	Line  int    `json:"line,omitempty"`  // in the file, from 1; 0 where nobody knows
	Field string `json:"field,omitempty"` // "datasets[0].gateway"
	Says  string `json:"says"`
	Rule  string `json:"rule"` // a code that scripts and tests may rely on
}

func (m Mistake) String() string {
	said := m.Says
	if m.Field != "" {
		said = m.Field + ": " + said
	}
	if m.Line > 0 {
		return fmt.Sprintf("line %d: %s", m.Line, said)
	}
	return said
}

// badForm is the rule of what is simply written wrong.
const badForm = "bad-form"

// maxTold is how many mistakes are told in a sentence. A form with more is far
// from right, and mail and verdicts are for people.
const maxTold = 40

// RefuseMistakes refuses for all mistakes at once, or for none of them: nil. The
// rule is the mistakes' own, if they have one in common.
func RefuseMistakes(ref, file string, wrong []Mistake) error {
	if len(wrong) == 0 {
		return nil
	}
	rule := wrong[0].Rule
	var told []string
	for _, m := range wrong {
		if m.Rule != rule {
			rule = badForm
		}
		told = append(told, m.String())
	}
	if more := len(told) - maxTold; more > 0 {
		told = append(told[:maxTold], fmt.Sprintf("and %d more", more))
	}
	return Refuse(rule, ref, "%s: %s", file, strings.Join(told, "; "))
}

// A Draft is a form as it was read: what it says, on which line each field
// stands, and what could not be taken as it was written.
type Draft struct {
	Form   Form
	Lines  map[string]int // by field; "" is the whole
	Wrong  []Mistake      // found by reading
	Broken bool           // it could not be read at all, so nothing else is looked at
}

// Check is everything that is wrong with a draft, in the order of its lines.
func (d *Draft) Check(catalogue Catalogue) []Mistake {
	if d.Broken {
		return d.Wrong
	}
	all := slices.Clone(d.Wrong)
	for _, m := range d.Form.Check(catalogue) {
		if !d.misread(m.Field) {
			all = append(all, m)
		}
	}
	return d.Placed(all)
}

// misread reports whether a field could not be taken as it was written: it is
// then not called empty as well.
func (d *Draft) misread(field string) bool {
	return slices.ContainsFunc(d.Wrong, func(m Mistake) bool { return m.Field != "" && within(field, m.Field) })
}

// Warnings are what a reviewer will ask about, in the order of the form's lines.
func (d *Draft) Warnings(catalogue Catalogue) []Mistake {
	if d.Broken {
		return nil
	}
	return d.Placed(d.Form.Warnings(catalogue))
}

// Placed gives mistakes their lines, and puts them in the order of these.
func (d *Draft) Placed(wrong []Mistake) []Mistake {
	for i := range wrong {
		if wrong[i].Line == 0 {
			wrong[i].Line = d.Line(wrong[i].Field)
		}
	}
	slices.SortStableFunc(wrong, func(a, b Mistake) int { return cmp.Compare(a.Line, b.Line) })
	return wrong
}

// within reports whether one field is another, or a part of it.
func within(field, whole string) bool {
	rest, ok := strings.CutPrefix(field, whole)
	return ok && (rest == "" || rest[0] == '.' || rest[0] == '[')
}

// Line is where a field stands; one that is missing would stand in what holds it.
func (d *Draft) Line(field string) int {
	for {
		if line, ok := d.Lines[field]; ok || field == "" {
			return line
		}
		field = field[:max(strings.LastIndexAny(field, ".["), 0)]
	}
}
