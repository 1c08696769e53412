package dars

import (
	"fmt"
	"slices"
	"strings"
	"unicode"
)

// A Condition is one that follows from what is asked, in the words of the
// agreement.
type Condition struct {
	Code string `json:"code"`
	Text string `json:"text"`
}

// CommercialConditions are those of every agreement with a commercial purpose
// (domain 1.3 F).
var CommercialConditions = []Condition{
	{"not-solely-commercial", "The data are not used for solely commercial purposes."},
	{"no-sales-targeting", "The data are not used to target sales staff."},
	{"no-sales-material", "The data are not used in sales or marketing material."},
	{"aggregate-outputs-only", "Clients receive only outputs that are aggregated with small numbers suppressed."},
	{"clients-listed", "The categories of clients are those listed in the purpose, and no others."},
	{"uses-reviewed", "Each new use of the data is reviewed by an advisory board before it begins."},
}

// RetentionConditions are those of an agreement under which data are only kept.
var RetentionConditions = []Condition{
	{"retention-only", "The data are held securely, and nothing else is done with them."},
}

// Attached are the conditions that follow from what a form asks for.
func (f *Form) Attached() (all []Condition) {
	if f.Purpose.Commercial {
		all = append(all, CommercialConditions...)
	}
	if f.Kind == RetentionOnly {
		all = append(all, RetentionConditions...)
	}
	return all
}

// checkPurpose holds a purpose to the law: data are for health care, adult social
// care or the promotion of health, and for nobody's profit alone (domain 1.1).
func (f *Form) checkPurpose() (wrong []Mistake) {
	p := f.Purpose
	say := func(rule, field, says string) {
		wrong = append(wrong, Mistake{Field: field, Says: says, Rule: rule})
	}
	if len(p.Serves) == 0 {
		says := "name at least one of HEALTH_CARE, SOCIAL_CARE, HEALTH_PROMOTION under aim, and under how in which way: data are released for the provision of health care or adult social care or the promotion of health, and for nothing else"
		if p.Commercial {
			says += "; a commercial purpose that serves none of them is solely commercial"
		}
		say("no-aim", "purpose.serves", says)
	}
	for i, a := range p.Serves {
		if !blank(a.How) && !strings.ContainsFunc(a.How, unicode.IsLetter) {
			say(badForm, fmt.Sprintf("purpose.serves[%d].how", i), "has no words: say how the work serves it")
		}
	}
	if p.Solely {
		say("solely-commercial", "purpose.solely_commercial", "data are not released for a purpose that is solely commercial: say what health or social care gains, or do not apply")
	}
	if p.Commercial && blank(p.CommercialText) {
		say(badForm, "purpose.commercial_detail", "is empty: a commercial purpose says who gains what by it, and what the public gains")
	}
	if (f.Kind == Renewal || f.Kind == Extension) && blank(p.Yielded) {
		say("no-yielded-benefits", "purpose.yielded", "is empty: "+an(f.Kind)+" says what benefits the data have yielded so far, or why there are none yet")
	}
	return wrong
}

func an(kind string) string {
	if slices.Contains([]byte("aeio"), kind[0]) {
		return "an " + kind
	}
	return "a " + kind
}
