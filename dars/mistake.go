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

// maxTold is how many mistakes are told in one sentence, and maxListed how many
// are listed beside it: a form with more is far from right.
const (
	maxTold   = 3
	maxListed = 500
)

// RefuseMistakes refuses for all mistakes at once, or for none of them: nil. The
// sentence names the first; all of them stand in the refusal. The rule is the
// mistakes' own, if they have one in common.
func RefuseMistakes(ref, file string, wrong []Mistake) error {
	if len(wrong) == 0 {
		return nil
	}
	rule := wrong[0].Rule
	listed := slices.Clone(wrong[:min(len(wrong), maxListed)])
	var told []string
	for i := range listed {
		m := &listed[i]
		m.Field, m.Says = Legible(m.Field), Legible(m.Says)
		if m.Rule != rule {
			rule = badForm
		}
		if i < maxTold {
			told = append(told, m.String())
		}
	}
	if more := len(wrong) - maxTold; more > 0 {
		told = append(told, fmt.Sprintf("and %d more", more))
	}
	return &Refusal{Rule: rule, Ref: ref, Sentence: file + ": " + strings.Join(told, "; "), Mistakes: listed}
}

// A Draft is a form as it was read: what it says, on which line each field
// stands, and what could not be taken as it was written.
type Draft struct {
	Form   Form
	Lines  map[string]int // by field; "" is the whole
	Wrong  []Mistake      // found by reading
	Odd    []Mistake      // read, but perhaps not as it was meant
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
	return d.Placed(append(d.Form.Warnings(catalogue), d.Odd...))
}

// Placed gives mistakes their lines, and puts them in the order of these. What is
// missing from the whole has none, and comes last.
func (d *Draft) Placed(wrong []Mistake) []Mistake {
	for i := range wrong {
		if wrong[i].Line == 0 {
			wrong[i].Line = d.Line(wrong[i].Field)
		}
	}
	slices.SortStableFunc(wrong, func(a, b Mistake) int {
		if (a.Line == 0) != (b.Line == 0) {
			return cmp.Compare(b.Line, a.Line)
		}
		return cmp.Compare(a.Line, b.Line)
	})
	return wrong
}

// within reports whether one field is another, or a part of it.
func within(field, whole string) bool {
	rest, ok := strings.CutPrefix(field, whole)
	return ok && (rest == "" || rest[0] == '.' || rest[0] == '[')
}

// Line is where a field stands; one that is missing would stand in what holds it,
// and has no line, 0, where that is the whole.
func (d *Draft) Line(field string) int {
	if field == "" {
		return d.Lines[""]
	}
	for ; field != ""; field = field[:max(strings.LastIndexAny(field, ".["), 0)] {
		if line, ok := d.Lines[field]; ok {
			return line
		}
	}
	return 0
}
