package dars

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// The kinds of application, as forms write them (domain 2.5).
const (
	NewCase       = "new"
	Amendment     = "amendment"
	Renewal       = "renewal"
	Extension     = "extension"
	RetentionOnly = "retention-only"
)

// Ended reports whether nothing more is decided about the application: another
// version of its case may then be applied for.
func (p *Application) Ended() bool { return is(p.State, Approved, Declined, Rejected, TakenBack) }

// Stands reports whether an application is what came in: it was not sent back, and not
// ended without an agreement. What does not stand may be handed in again as it was.
func (p *Application) Stands() bool {
	return !is(p.State, ReferredBack, TakenBack, Declined, Rejected)
}

// Next is the major version that an application for the next one of a case gets,
// unless there is something against it. It is one more with each renewal,
// amendment or extension (domain 2.1), and one is open at a time.
func Next(stem string, versions []*Application) (major int, err error) {
	if len(versions) == 0 {
		return 0, Refuse("not-found", stem, "there is no case %s: look at its reference again; a new application names none", stem)
	}
	for _, p := range versions {
		if !p.Ended() {
			return 0, Refuse("open-application", p.ID(), "application %s %s of the same case is %s: one is decided before the next comes in: wait for that, or withdraw it", p.Stem, p.Version(), p.State)
		}
		major = max(major, p.Major)
	}
	return major + 1, nil
}

// Follows says what is wrong with a form as the next version of a case that has
// had some agreements, on a day.
func (f *Form) Follows(agreements []*Agreement, on Day) (wrong []Mistake) {
	say := func(rule, field, format string, args ...any) {
		wrong = append(wrong, Mistake{Field: field, Says: fmt.Sprintf(format, args...), Rule: rule})
	}
	had := slices.DeleteFunc(slices.Clone(agreements), func(g *Agreement) bool { return is(g.State, AgreementIssued, AgreementSigned, CounterSigned) })
	if len(had) == 0 {
		say("no-agreement", "previous", "the case has had no agreement in force, so there is nothing of which this could be %s: apply anew", an(f.Kind))
		return wrong
	}
	last := slices.MaxFunc(had, func(a, b *Agreement) int { return cmp.Compare(a.End, b.End) })
	inForce := slices.ContainsFunc(had, func(g *Agreement) bool { return g.InForceOn(on) })
	switch {
	case (f.Kind == Amendment || f.Kind == Extension) && !inForce:
		say("no-agreement", "kind", "%s needs an agreement in force, and %s is %s: ask for a renewal", an(f.Kind), last.ID, last.standing(on))
	case f.Kind == RetentionOnly && last.State == Closed:
		say("nothing-held", "kind", "all data of %s are certified as destroyed, so there is nothing to retain", last.ID)
	}
	if f.Kind == Extension && f.End <= last.End {
		say("no-extension", "end", "%s ends on %s: an extension ends later", last.ID, last.End)
	}
	if f.Kind == Extension || f.Kind == RetentionOnly {
		for i, d := range f.Datasets {
			if more := d.beyond(had); more != "" {
				say("new-data", fmt.Sprintf("datasets[%d]", i), "%s asks for no new data, and %s", an(f.Kind), more)
			}
		}
	}
	return wrong
}

// standing is how an agreement stands on a day: its dates decide, whether or not
// the clock has marked it.
func (g *Agreement) standing(on Day) string {
	switch {
	case g.State == InForce && on > g.End:
		return "expired"
	case g.State == InForce && on < g.Start:
		return "in force only from " + string(g.Start)
	}
	return strings.ReplaceAll(string(g.State), "-", " ")
}

// beyond says what a request asks for that none of some agreements allowed, or "".
func (r DatasetRequest) beyond(agreements []*Agreement) string {
	var periods []string
	held := false
	for _, g := range agreements {
		for _, d := range g.Datasets {
			if d.Code != r.Code {
				continue
			}
			held = true
			if d.Identifiability != r.Identifiability {
				return fmt.Sprintf("%s was agreed as %s, not as %s", r.Code, d.Identifiability, r.Identifiability)
			}
			asks, has := r.leaving(), d.leaving()
			if has != nil && (asks == nil || without(asks, has) != "") {
				return fmt.Sprintf("of %s only %s were agreed", r.Code, strings.Join(has, ", "))
			}
			periods = append(periods, d.Periods...)
			for _, one := range d.instalments(g.Start, g.End) {
				periods = append(periods, one.Period)
			}
		}
	}
	if !held {
		return fmt.Sprintf("%s was not agreed", r.Code)
	}
	if more := without(r.Periods, periods); more != "" {
		return fmt.Sprintf("%s was not agreed for %s", r.Code, more)
	}
	return ""
}

// leaving is the names of what leaves; nil for all of the dataset.
func (r DatasetRequest) leaving() (names []string) {
	for _, c := range r.Columns {
		names = append(names, c.Name())
	}
	if r.Columns == nil {
		return r.Fields
	}
	return names
}

// without lists those of some words that are not among others.
func without(some, others []string) string {
	return strings.Join(slices.DeleteFunc(slices.Clone(some), func(s string) bool { return slices.Contains(others, s) }), ", ")
}

// Gap warns where the new term does not follow on the last one: nobody holds data
// by right in between (domain 2.4).
func (f *Form) Gap(agreements []*Agreement) (warned []Mistake) {
	var last *Agreement
	for _, g := range agreements {
		if g.State == InForce && (last == nil || g.End > last.End) {
			last = g
		}
	}
	if last != nil && f.Start > last.End.Add(1) {
		warned = append(warned, Mistake{Field: "start", Says: fmt.Sprintf("there is a gap of %d days after %s, which ends on %s: the data would have to be destroyed in it", f.Start.Since(last.End)-1, last.ID, last.End), Rule: "gap"})
	}
	return warned
}
