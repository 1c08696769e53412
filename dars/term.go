package dars

import "fmt"

// Terms are how long an agreement may run, in months, and how far ahead it may
// begin (domain 2.4). What is left out is taken from the service's own standard.
type Terms struct {
	Months      int `yaml:"months"`       // any agreement
	Commercial  int `yaml:"commercial"`   // with a commercial purpose
	Sublicence  int `yaml:"sublicence"`   // with permission to pass data on
	StartWithin int `yaml:"start_within"` // from issue to the first day
}

// StandardTerms are those of the service's standard: three years, one where money
// is made with it, and a start within twelve months.
var StandardTerms = Terms{Months: 36, Commercial: 12, Sublicence: 12, StartWithin: 12}

// orStandard fills in what is not said.
func (t Terms) orStandard() Terms {
	for _, f := range []struct {
		is       *int
		standard int
	}{{&t.Months, StandardTerms.Months}, {&t.Commercial, StandardTerms.Commercial}, {&t.Sublicence, StandardTerms.Sublicence}, {&t.StartWithin, StandardTerms.StartWithin}} {
		if *f.is == 0 {
			*f.is = f.standard
		}
	}
	return t
}

// longest is how many months an agreement for what a form asks may run, and why.
func (t Terms) longest(f *Form) (months int, why string) {
	months, why = t.Months, "any agreement"
	if f.Purpose.Commercial && t.Commercial < months {
		months, why = t.Commercial, "one with a commercial purpose"
	}
	if !blank(f.Sublicensing) && t.Sublicence < months {
		months, why = t.Sublicence, "one under which data are passed on"
	}
	return months, why
}

// CheckTerm refuses a term that is over already, is longer than the office allows,
// begins too far ahead, or outlasts what a legal gateway rests on.
func (p *Application) CheckTerm(t Terms, start, end, issued Day) error {
	t = t.orStandard()
	switch {
	case end < start:
		return Refuse("bad-term", p.ID(), "application %s: the agreement would end on %s, before it starts on %s: give it other dates with --start and --end", p.ID(), end, start)
	case end < issued:
		return Refuse("bad-term", p.ID(), "application %s: the agreement would end on %s, which has passed: give it later dates with --start and --end", p.ID(), end)
	case start > issued.AddMonths(t.StartWithin):
		return Refuse("bad-term", p.ID(), "application %s: an agreement begins within %d months of its issue, and this would on %s: issue it nearer to that day, or with an earlier --start", p.ID(), t.StartWithin, start)
	}
	for _, s := range p.shorter(t, start, end) {
		return Refuse("bad-term", p.ID(), "application %s: %s: issue it with --end %s", p.ID(), s.why, s.end)
	}
	return nil
}

// A shortening is why a term is too long, and the last day that it could have.
type shortening struct {
	why string
	end Day
}

// shorter says by what a term is too long: by policy, or by a paper on which it rests.
func (p *Application) shorter(t Terms, start, end Day) (all []shortening) {
	months, why := t.orStandard().longest(&p.Form)
	latest := start.AddMonths(months) // the same day of the month, as forms write it
	if end > latest {
		all = append(all, shortening{fmt.Sprintf("%s runs for %d months at most, until %s, and this would end on %s", why, months, latest, end), latest})
	}
	if f := p.restsOn(end); f != nil {
		all = append(all, shortening{fmt.Sprintf("the %s on which it rests (%s) ends on %s, before the agreement would on %s", Meaning(EvidenceKinds, f.Kind), f.name(), f.Expires, end), f.Expires})
	}
	return all
}

// restsOn is the paper that a legal gateway needs and that ends before a day, if
// there is none of its kind that lasts. A paper that is renewed each year does
// not end by that.
func (p *Application) restsOn(until Day) (short *EvidenceFile) {
	for _, d := range p.Form.Datasets {
		for _, kind := range EvidenceNeeded[d.Gateway] {
			var longest *EvidenceFile
			for i := range p.Evidence {
				f := &p.Evidence[i]
				if f.Kind != kind || f.Left != "" || f.State() == EvidenceRefused {
					continue
				}
				if longest == nil || longest.Expires != "" && (f.Expires == "" || f.Expires > longest.Expires) {
					longest = f
				}
			}
			if longest != nil && longest.Expires != "" && longest.Expires < until {
				return longest
			}
		}
	}
	return nil
}
