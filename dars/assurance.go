package dars

import (
	"fmt"
	"slices"
	"strings"
)

// What a form says about the registration and the security of its organisations is
// doubted where it assures nobody of anything, or says otherwise than the office's own
// record (domain 1.3 I and J).

// assures reports whether an assurance is one: a toolkit return whose outcome is that
// the standards are not met is none, unless a plan to meet them was agreed.
func (a Assurance) assures() bool { return a.Outcome != "NOT_MET" }

// assured reports whether one of the assurances that a form shows of an organisation is
// one.
func (p Party) assured() bool { return slices.ContainsFunc(p.Security, Assurance.assures) }

// assured refuses an organisation of which the form says nothing but that it does not
// meet the standards.
func (c *formCheck) assured(at string, p Party) {
	if p.assured() {
		return
	}
	for j := range p.Security {
		c.wrong = append(c.wrong, Mistake{Field: fmt.Sprintf("%s.security[%d].outcome", at, j), Rule: "not-assured",
			Says: "Standards Not Met assures nobody: agree an improvement plan and say NOT_MET_PLAN, or show another assurance, such as ISO27001 or SLSP"})
	}
}

// doubtful asks about assurances that a reviewer will look at twice.
func (f *Form) doubtful(say func(field, format string, args ...any)) {
	for i, p := range f.Parties {
		for j, a := range p.Security {
			at := fmt.Sprintf("organisations[%d].security[%d]", i, j)
			switch {
			case a.Outcome == "NOT_MET" && p.assured():
				say(at+".outcome", "Standards Not Met assures nobody: it rests on what else is shown of %s", p.Code)
			case a.Outcome == "NOT_MET_PLAN":
				say(at+".outcome", "the improvement plan of %s is reviewed, and what it promises becomes a condition, with its date", p.Code)
			case a.Outcome == "BASELINE":
				say(at+".outcome", "Baseline is less than Standards Met: say what else assures that %s handles data securely", p.Code)
			}
			if a.Code != "" && p.Code != "" && !strings.EqualFold(string(a.Code), string(p.Code)) {
				say(at+".code", "the return is that of %s, and this is about %s: look at the code again, or say under scope why it covers both", shortened(string(a.Code)), p.Code)
			}
		}
	}
}

// Contradicts says where a form gives an organisation another registration number than
// the office has on record. One of the two is wrong, so neither is relied on.
func (f *Form) Contradicts(o *Organisation, reader Reader) (wrong []Mistake) {
	for i, p := range f.Parties {
		if p.Code != o.Code || p.ICO == nil || p.ICO.Number == "" || o.ICO == "" || strings.EqualFold(p.ICO.Number, strings.TrimSpace(o.ICO)) {
			continue
		}
		way := "correct it, or if it is new, ask the office to record it"
		if reader == Inside {
			way = fmt.Sprintf("refer the application back, or if it is new, enter it with darsd org assure %s --ico %s", o.Code, p.ICO.Number)
		}
		wrong = append(wrong, Mistake{Field: fmt.Sprintf("organisations[%d].ico.number", i), Rule: "ico-differs",
			Says: fmt.Sprintf("the form says that the registration of %s with the Information Commissioner is %s, and the office has %s on record: %s", o.Code, p.ICO.Number, o.ICO, way)})
	}
	return wrong
}
