package dars

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// A Standing is what lets data be held by an organisation: its registration with
// the Information Commissioner, and its security assurance, which shows that it
// keeps data safely. Both are renewed, mostly each year.
type Standing struct {
	ICO             string
	ICOExpires      Day
	Security        string
	SecurityExpires Day
}

// Standing is what the office has on record.
func (o *Organisation) Standing() Standing {
	return Standing{o.ICO, o.ICOExpires, o.Security, o.SecurityExpires}
}

// Or fills in what is open from what somebody else says.
func (s Standing) Or(said Standing) Standing {
	return Standing{cmp.Or(s.ICO, said.ICO), cmp.Or(s.ICOExpires, said.ICOExpires), cmp.Or(s.Security, said.Security), cmp.Or(s.SecurityExpires, said.SecurityExpires)}
}

// Standing is that of one of the form's organisations. The office's record
// speaks; what it leaves open, the form says. So a form never renews what the
// record says has ended, and counts for all that nobody has recorded.
// A number and the day on which it ends are never taken from different hands.
func (f *Form) Standing(o *Organisation) Standing {
	s, said := o.Standing(), f.says(o.Code)
	if s.ICOExpires == "" && said.ICOExpires != "" {
		s.ICO, s.ICOExpires = said.ICO, said.ICOExpires
	}
	if s.SecurityExpires == "" && said.SecurityExpires != "" {
		s.Security, s.SecurityExpires = said.Security, said.SecurityExpires
	}
	return s.Or(said)
}

// says is what a form says of one of its organisations: of several assurances,
// the one that holds longest.
func (f *Form) says(code OrgCode) (s Standing) {
	i := slices.IndexFunc(f.Parties, func(p Party) bool { return p.Code == code })
	if i < 0 {
		return s
	}
	if r := f.Parties[i].ICO; r != nil {
		s.ICO, s.ICOExpires = r.Number, r.Expires
	}
	for _, a := range f.Parties[i].Security {
		if !a.assures() {
			continue
		}
		if s.Security == "" || a.Expires > s.SecurityExpires {
			s.Security, s.SecurityExpires = strings.TrimSpace(a.Kind+" "+Meaning(DSPTOutcomes, a.Outcome)), a.Expires
		}
	}
	return s
}

// A Reader is for whom a sentence is: it tells people what they can do themselves.
type Reader bool

const (
	Inside  Reader = true // people of the office
	Outside Reader = false
)

// pillars are the two things that a standing stands on.
func (s Standing) pillars() []pillar {
	return []pillar{
		{"ico", "registration with the Information Commissioner", s.ICO, s.ICOExpires},
		{"security", "security assurance", s.Security, s.SecurityExpires},
	}
}

type pillar struct {
	rule, called string
	is           string
	ends         Day
}

// Ended tells what of an organisation's standing has ended on a day. The last day
// counts.
func (s Standing) Ended(code OrgCode, on Day, reader Reader) (ended []Mistake) {
	for _, p := range s.pillars() {
		if p.ends != "" && p.ends < on {
			way := "send the office the renewed one as evidence"
			if reader == Inside {
				way = fmt.Sprintf("when it is renewed, a case officer enters it with darsd org assure %s --%s-expires DAY", code, p.rule)
			}
			ended = append(ended, Mistake{Rule: p.rule + "-lapsed", Says: fmt.Sprintf("the %s of %s%s ended on %s: %s", p.called, code, inBrackets(p.is), p.ends, way)})
		}
	}
	return ended
}

// Missing tells what of an organisation's standing nobody has given.
func (s Standing) Missing(code OrgCode, reader Reader) (missing []Mistake) {
	for _, p := range s.pillars() {
		if p.is == "" && p.ends == "" {
			way := "give it in the form under organisations"
			if reader == Inside {
				way = fmt.Sprintf("a case officer enters it with darsd org assure %s --%s TEXT, or refers the application back for it", code, p.rule)
			}
			missing = append(missing, Mistake{Rule: "no-" + p.rule, Says: fmt.Sprintf("no %s of %s is known: %s", p.called, code, way)})
		}
	}
	return missing
}

// Ending tells what of it ends within a term, which it holds through today.
func (s Standing) Ending(code OrgCode, on, end Day) (ending []Mistake) {
	for _, p := range s.pillars() {
		if p.ends >= on && p.ends < end {
			ending = append(ending, Mistake{Rule: p.rule + "-ends", Says: fmt.Sprintf("the %s of %s ends on %s, within the term: it is renewed by then", p.called, code, p.ends)})
		}
	}
	return ending
}

// Check refuses what is not written in one line: it stands in the subjects of letters.
func (s Standing) Check(code OrgCode) error {
	return cmp.Or(CheckName(string(code), "the registration", s.ICO), CheckName(string(code), "the security assurance", s.Security))
}

func inBrackets(text string) string {
	if text == "" {
		return ""
	}
	return " (" + text + ")"
}

// RenewStanding enters what was renewed; what is "" stays as it is.
func (o *Organisation) RenewStanding(_ Act, renewed Standing, on Day) error {
	if err := renewed.Check(o.Code); err != nil {
		return err
	}
	if renewed == (Standing{}) {
		return Refuse("nothing-new", o.Code, "organisation %s: say what is renewed, with --ico, --ico-expires, --security or --security-expires", o.Code)
	}
	for _, d := range []Day{renewed.ICOExpires, renewed.SecurityExpires} {
		if _, err := ParseDay(string(d)); d != "" && err != nil {
			return Refuse("no-date", o.Code, "%v", err)
		}
		if d != "" && d < on {
			return Refuse("lapsed", o.Code, "organisation %s: what ended on %s is not renewed", o.Code, d)
		}
	}
	s := renewed.Or(o.Standing())
	o.ICO, o.ICOExpires, o.Security, o.SecurityExpires = s.ICO, s.ICOExpires, s.Security, s.SecurityExpires
	return nil
}
