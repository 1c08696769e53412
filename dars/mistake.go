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
	return d.placed(append(slices.Clone(d.Wrong), d.Form.Check(catalogue)...))
}

// Warnings are what a reviewer will ask about, in the order of the form's lines.
func (d *Draft) Warnings(catalogue Catalogue) []Mistake {
	if d.Broken {
		return nil
	}
	return d.placed(d.Form.Warnings(catalogue))
}

// placed gives mistakes their lines and puts them in order. What could not be
// read is not called empty as well.
func (d *Draft) placed(wrong []Mistake) (all []Mistake) {
	for i, m := range wrong {
		read := func(other Mistake) bool { return other.Line > 0 && other.Field != "" && within(m.Field, other.Field) }
		if i >= len(d.Wrong) && slices.ContainsFunc(d.Wrong, read) {
			continue
		}
		if m.Line == 0 {
			m.Line = d.Line(m.Field)
		}
		all = append(all, m)
	}
	slices.SortStableFunc(all, func(a, b Mistake) int { return cmp.Compare(a.Line, b.Line) })
	return all
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
