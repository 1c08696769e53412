package dars

import (
	"fmt"
	"net/url"
	"reflect"
	"slices"
	"strings"
	"unicode/utf8"
)

// A BenefitForm is what a recipient writes of the benefits: REFERENCE-benefits.yaml.
type BenefitForm struct {
	Agreement AgreementID    `yaml:"agreement"`
	Outputs   []PublicOutput `yaml:"outputs,omitempty"`
	Benefits  []Benefit      `yaml:"benefits,omitempty"`
	NoneYet   string         `yaml:"none_yet,omitempty"` // why, where there is nothing to tell

	Lines map[string]int `yaml:"-" json:"-"` // on which each field stands
}

// Report makes the form a report, or refuses it for all that is wrong with it at
// once. stated are the benefits that the agreement's application has stated.
func (f BenefitForm) Report(a Act, g *Agreement, stated []Target, on Day) (*BenefitReport, error) {
	if f.Agreement != g.ID {
		return nil, Refuse("benefits-wrong", g.ID, "the form is for agreement %s, and this is %s", written(string(f.Agreement)), g.ID)
	}
	if err := RefuseMistakes(string(g.ID), "the benefits of "+string(g.ID), f.check(stated, on)); err != nil {
		return nil, err
	}
	return &BenefitReport{Agreement: g.ID, Stem: g.Stem, Org: g.Org, On: on, From: a.Who,
		Outputs: append([]PublicOutput{}, f.Outputs...), Benefits: append([]Benefit{}, f.Benefits...), NoneYet: strings.TrimSpace(f.NoneYet)}, nil
}

// Same reports whether it says nothing else than another.
func (r *BenefitReport) Same(other *BenefitReport) bool {
	return r.Agreement == other.Agreement && r.NoneYet == other.NoneYet &&
		fmt.Sprintf("%q", r.Outputs) == fmt.Sprintf("%q", other.Outputs) && fmt.Sprintf("%q", r.Benefits) == fmt.Sprintf("%q", other.Benefits)
}

// check is all that is wrong with it, in the order of its lines.
func (f BenefitForm) check(stated []Target, on Day) []Mistake {
	var s shape
	s.group("", reflect.ValueOf(f))
	if len(f.Outputs) == 0 && len(f.Benefits) == 0 && strings.TrimSpace(f.NoneYet) == "" {
		s.say("none_yet", "is empty: tell of outputs or benefits, or say here why there are none yet")
	}
	s.brief("none_yet", f.NoneYet)
	for i, o := range f.Outputs {
		s.brief(fmt.Sprintf("outputs[%d].title", i), o.Title)
		at := fmt.Sprintf("outputs[%d].", i)
		s.code(at+"kind", OutputKinds, o.Kind)
		if o.Date > on {
			s.say(at+"date", "%s is in the future: today is %s", o.Date, on)
		}
		if o.Link != "" {
			s.link(at+"link", o.Link)
		}
	}
	for i, b := range f.Benefits {
		s.benefit(fmt.Sprintf("benefits[%d].", i), b, stated, on)
	}
	lines := Draft{Lines: f.Lines}
	return lines.Placed(s.wrong)
}

func (s *shape) benefit(at string, b Benefit, stated []Target, on Day) {
	s.code(at+"outcome", Outcomes, b.Outcome)
	s.brief(at+"what", b.What)
	s.brief(at+"measure", b.Measure)
	s.brief(at+"why", b.Why)
	if b.By != "" && !slices.Contains(stated, Target{b.What, b.By}) {
		s.say(at+"by", "no benefit of these words was stated for %s: leave what and by as the form had them, or leave by out", written(string(b.By)))
	}
	want := func(field, text, format string, args ...any) {
		if strings.TrimSpace(text) == "" {
			s.say(at+field, "is empty: "+format, args...)
		}
	}
	switch b.Outcome {
	case "ACHIEVED", "PARTLY":
		want("measure", b.Measure, "say what was measured, and how much of it has changed")
		if len(b.Evidence) == 0 {
			s.say(at+"evidence", "is empty: name at least one address on the web that shows it")
		}
	case "NOT_ACHIEVED", "NOT_YET":
		want("why", b.Why, "say why")
	}
	switch later := b.Outcome == "PARTLY" || b.Outcome == "NOT_YET"; {
	case later && b.Expected == "":
		s.say(at+"expected", "is empty: say by which day it is expected now")
	case later && b.Expected <= on:
		s.say(at+"expected", "%s is not to come: today is %s", written(string(b.Expected)), on)
	case !later && b.Expected != "":
		s.say(at+"expected", "nothing more is expected of what is %s: leave it out", written(b.Outcome))
	}
	for i, link := range b.Evidence {
		s.link(fmt.Sprintf("%sevidence[%d]", at, i), link)
	}
}

// code looks at a word that is one of a list; that there is one is looked at before.
func (s *shape) code(field string, list []Code, word string) {
	if word != "" && !slices.Contains(Codes(list), word) {
		s.say(field, "%q is not one of %s%s", written(word), strings.Join(Codes(list), ", "), meant(word, Codes(list)))
	}
}

// brief looks at the length of a text that will be published.
func (s *shape) brief(field, text string) {
	if n := utf8.RuneCountInString(text); n > longestText {
		s.say(field, "%d letters are more than %d: publish a report, and name its address here", n, longestText)
	}
}

// link looks at an address on the web, which will be published.
func (s *shape) link(field, text string) {
	u, err := url.Parse(text)
	if err != nil || u.Scheme != "https" && u.Scheme != "http" || u.Host == "" || u.User != nil || len(text) > 1000 || strings.ContainsAny(text, " \t\n\"<>") {
		s.say(field, "%q is not an address such as https://example.org/report", written(text))
	}
}
