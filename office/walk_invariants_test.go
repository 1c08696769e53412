package office_test

import (
	"fmt"
	"io/fs"
	"slices"
	"strings"

	"darsd/configs"
	"darsd/dars"
	"darsd/office"
)

// An invariant is what must be so after every step, whoever took it and when. It is
// computed from the nouns anew, and not by the rules that let the step pass.
type invariant struct {
	says   string
	broken func(*moment) string // how, or ""
}

// invariants are all of them.
var invariants = []invariant{
	{"nothing is published without an agreement in force, and a framework contract in force for every controller", (*moment).withoutAgreement},
	{"nothing is published to an organisation on hold", (*moment).toOneOnHold},
	{"nothing is published while an obligation, or a caveat of the committee, stands before it", (*moment).overACaveat},
	{"objections are upheld with the newest list, which is not stale", (*moment).withAnOldList},
	{"objections are upheld, unless the agreement has a coded reason not to and the signer has confirmed it against the newest list", (*moment).unheldByNobody},
	{"one version of a case is in force, and none before its start", (*moment).twoInForce},
	{"no agreement comes into force while an obligation or a caveat stands before that", (*moment).inForceOverACaveat},
	{"two people confirm each signature, and another counter-signs", (*moment).signedByOne},
	{"three people stand behind what leaves, and none of them twice", (*moment).byFewerThanThree},
	{"two people stand behind an override", (*moment).overriddenByOne},
	{"nobody decides on what they have handed in, reviewed or prepared", (*moment).decidedOnTheirOwn},
	{"the committee says nothing without a quorum, and nobody with an interest takes part", (*moment).saidWithoutQuorum},
	{"one meeting is open at most, and what is at the committee is on its agenda", (*moment).offTheAgenda},
	{"the clock of a case has used the days that count, and never fewer than none", (*moment).clockIsWrong},
	{"bytes are sent of what was published, and are accounted for before their case is closed", (*moment).sentByNoRight},
}

// A moment is all nouns after a step.
type moment struct {
	today        dars.Day
	was          map[dars.AgreementID]dars.AgreementState // before it
	contracts    []*dars.Contract
	orgs         []*dars.Organisation
	applications []*dars.Application
	meetings     []*dars.Meeting
	agreements   []*dars.Agreement
	overrides    []*dars.Override
	releases     []*dars.Release
	lists        []*dars.List
	certificates []*dars.Certificate
	sent         []*dars.Collection
	published    *dars.Release // by the step itself, or nil
}

// invariants holds what came of a step to all of them.
func (w *walk) invariants(s action, err error) {
	m := &moment{today: w.today, was: w.was, contracts: all[dars.Contract](w.house), orgs: all[dars.Organisation](w.house), applications: all[dars.Application](w.house),
		meetings: all[dars.Meeting](w.house), agreements: all[dars.Agreement](w.house), overrides: all[dars.Override](w.house), releases: all[dars.Release](w.house),
		lists: all[dars.List](w.house), certificates: all[dars.Certificate](w.house), sent: all[dars.Collection](w.house)}
	if s.name == "publish" && err == nil {
		m.published = m.release(dars.ReleaseID(s.of))
	}
	for _, i := range invariants {
		if how := i.broken(m); how != "" {
			w.fail("%s; and %s", i.says, how)
		}
	}
	for _, g := range m.agreements {
		if g.State == dars.Superseded && w.was[g.ID] == dars.InForce {
			w.ends["superseded"]++
		}
		w.was[g.ID] = g.State
	}
}

func theOne[T any](some []*T, is func(*T) bool) *T {
	if i := slices.IndexFunc(some, is); i >= 0 {
		return some[i]
	}
	return nil
}

func (m *moment) release(id dars.ReleaseID) *dars.Release {
	return theOne(m.releases, func(r *dars.Release) bool { return r.ID == id })
}

func (m *moment) agreement(id dars.AgreementID) *dars.Agreement {
	return theOne(m.agreements, func(g *dars.Agreement) bool { return g.ID == id })
}

func (m *moment) application(id dars.ApplicationID) *dars.Application {
	return theOne(m.applications, func(p *dars.Application) bool { return p.ID() == id })
}

func (m *moment) withoutAgreement() string {
	r := m.published
	if r == nil {
		return ""
	}
	g := m.agreement(r.Agreement)
	if g.State != dars.InForce || m.today < g.Start || m.today > g.End {
		return fmt.Sprintf("%s was, on %s, under %s, which is %s from %s to %s", r.ID, m.today, g.ID, g.State, g.Start, g.End)
	}
	for _, k := range g.Controllers {
		if theOne(m.contracts, func(c *dars.Contract) bool {
			return c.Org == k.Org && c.CountersignedBy != "" && c.Start <= m.today && m.today <= c.End && (c.Ended == "" || m.today < c.Ended) && c.State != dars.ContractTerminated
		}) == nil {
			return fmt.Sprintf("%s was, on %s, and %s has none", r.ID, m.today, k.Org)
		}
	}
	return ""
}

func (m *moment) toOneOnHold() string {
	if m.published == nil {
		return ""
	}
	for _, k := range m.agreement(m.published.Agreement).Controllers {
		if theOne(m.orgs, func(o *dars.Organisation) bool { return o.Code == k.Org && o.State == dars.OrgOnHold }) != nil {
			return fmt.Sprintf("%s was, to %s", m.published.ID, k.Org)
		}
	}
	return ""
}

func (m *moment) overACaveat() string {
	if m.published == nil {
		return ""
	}
	g := m.agreement(m.published.Agreement)
	for _, o := range g.Obligations {
		if o.State == dars.ObligationOpen {
			return fmt.Sprintf("%s was, although obligation %d of %s, before %s, is open", m.published.ID, o.N, g.ID, o.Stage)
		}
	}
	for _, t := range m.application(g.Application).Actions {
		if t.Caveat && t.State != dars.ActionDone {
			return fmt.Sprintf("%s was, although caveat %d of %s, before %q, is %s", m.published.ID, t.N, g.Application, t.Blocks, t.State)
		}
	}
	return ""
}

func (m *moment) newestList() *dars.List {
	if len(m.lists) == 0 {
		return nil
	}
	return slices.MaxFunc(m.lists, func(a, b *dars.List) int { return a.Version - b.Version })
}

func (m *moment) withAnOldList() string {
	r, newest := m.published, m.newestList()
	if r == nil || r.Objections.Treatment == dars.NotUpheld || newest != nil && r.Objections.List == newest.ID && m.today.Since(newest.AsAt) <= policy.MaxAgeDays {
		return ""
	}
	return fmt.Sprintf("%s was published on %s with %s, and the newest is %+v", r.ID, m.today, r.Objections.List, newest)
}

func (m *moment) unheldByNobody() string {
	for _, r := range m.releases {
		u := r.Objections
		if u.Treatment != dars.NotUpheld || r.State != dars.SignedOff && r != m.published {
			continue
		}
		signer := r.By(dars.SignedOff)
		switch {
		case !strings.HasPrefix(u.Reason, "N_") || !slices.Contains(dars.Codes(dars.ObjectionReasons), u.Reason):
			return fmt.Sprintf("in %s they are not for %q", r.ID, u.Reason)
		case u.ConfirmedBy == "" || u.ConfirmedBy != signer:
			return fmt.Sprintf("in %s %q confirmed it, and %s signed", r.ID, u.ConfirmedBy, signer)
		case u.Against == nil && len(m.lists) > 0 && m.lists[0].LoadedOn < m.today && r == m.published:
			return fmt.Sprintf("in %s it was confirmed against no list", r.ID)
		}
		if t := theOne(m.terms(r), func(t *dars.ObjectionsTerm) bool { return t.Dataset == r.Dataset }); r == m.published && (t == nil || t.Treatment != dars.NotUpheld || t.Reason != u.Reason) {
			return fmt.Sprintf("%s was published so, and the agreement says %+v", r.ID, t)
		}
	}
	return ""
}

func (m *moment) terms(r *dars.Release) (all []*dars.ObjectionsTerm) {
	for _, t := range m.agreement(r.Agreement).Objections {
		all = append(all, &t)
	}
	return all
}

func (m *moment) twoInForce() string {
	inForce := map[string]dars.AgreementID{}
	for _, g := range m.agreements {
		if g.State != dars.InForce {
			continue
		}
		if other := inForce[g.Stem]; other != "" {
			return fmt.Sprintf("%s and %s both are", other, g.ID)
		}
		if inForce[g.Stem] = g.ID; g.Start > m.today {
			return fmt.Sprintf("%s is, before %s", g.ID, g.Start)
		}
	}
	return ""
}

func (m *moment) inForceOverACaveat() string {
	for _, g := range m.agreements {
		if g.State != dars.InForce || m.was[g.ID] == dars.InForce {
			continue
		}
		for _, o := range append(slices.Clone(g.Obligations), m.application(g.Application).Obligations()...) {
			if o.State == dars.ObligationOpen && slices.Contains([]dars.Stage{"", dars.StageIssue, dars.StageInForce}, o.Stage) {
				return fmt.Sprintf("%s did, although %s %d, before %q, is open", g.ID, o.Kind, o.N, o.Stage)
			}
		}
	}
	return ""
}

func (m *moment) signedByOne() string {
	for _, g := range m.agreements {
		people := slices.Clone(g.ConfirmedBy)
		for _, c := range g.Controllers {
			if c.SignedOn != "" && len(c.ConfirmedBy) != 2 || repeated(c.ConfirmedBy) {
				return fmt.Sprintf("of %s that of %s was confirmed by %v", g.ID, c.Org, c.ConfirmedBy)
			}
		}
		if g.CountersignedBy != "" && slices.Contains(people, g.CountersignedBy) {
			return fmt.Sprintf("%s did both for %s", g.CountersignedBy, g.ID)
		}
	}
	return ""
}

// repeated reports whether somebody stands twice among those who must differ.
func repeated(people []dars.PersonID) bool {
	people = slices.Sorted(slices.Values(people))
	return len(slices.Compact(slices.Clone(people))) != len(people)
}

func by(hands dars.Hands) (people []dars.PersonID) {
	for _, h := range hands {
		people = append(people, h.By)
	}
	return people
}

func (m *moment) byFewerThanThree() string {
	for _, r := range m.releases {
		people := by(r.Hands)
		left := slices.Contains([]dars.ReleaseState{dars.SignedOff, dars.Published, dars.Collected}, r.State)
		if repeated(people) || left && len(people) != 3 {
			return fmt.Sprintf("%s is %s by %v", r.ID, r.State, people)
		}
	}
	return ""
}

func (m *moment) overriddenByOne() string {
	for _, v := range m.overrides {
		if people := by(v.Hands); repeated(people) || v.State == dars.OverrideConfirmed && len(people) != 2 {
			return fmt.Sprintf("%s is %s by %v", v.ID, v.State, people)
		}
	}
	return ""
}

func (m *moment) decidedOnTheirOwn() string {
	for _, p := range m.applications {
		parts := []dars.PersonID{p.By, p.Review.By}
		for _, d := range p.Decisions {
			if (d.Step == "siro" || d.Step == "director") && slices.Contains(parts, d.By) {
				return fmt.Sprintf("%s was decided by %s, after %v", p.ID(), d.By, parts)
			}
			if d.Step != "class" {
				parts = append(parts, d.By)
			}
		}
	}
	return ""
}

func (m *moment) saidWithoutQuorum() string {
	for _, t := range m.meetings {
		for _, i := range t.Agenda {
			lay := 0
			for _, a := range i.Took {
				if a.Kind == dars.Lay {
					lay++
				}
				if slices.ContainsFunc(i.Conflicts, func(c dars.Conflict) bool { return c.Person == a.Person }) {
					return fmt.Sprintf("%s took part in %s at %s, with an interest in it", a.Person, i.Application, t.ID)
				}
				if !slices.Contains(t.Present, a) {
					return fmt.Sprintf("%s took part in %s at %s, and was not there", a.Person, i.Application, t.ID)
				}
			}
			if i.Outcome != "" && (len(i.Took) < t.Quorum.Members || lay < t.Quorum.Lay || t.State == dars.MeetingCancelled) {
				return fmt.Sprintf("%s, which is %s, said %s of %s by %d, %d of them lay", t.ID, t.State, i.Outcome, i.Application, len(i.Took), lay)
			}
		}
	}
	return ""
}

func (m *moment) offTheAgenda() string {
	var open *dars.Meeting
	for _, t := range m.meetings {
		if t.State != dars.MeetingOpen {
			continue
		}
		if open != nil {
			return fmt.Sprintf("%s and %s both are", open.ID, t.ID)
		}
		open = t
	}
	for _, p := range m.applications {
		if open != nil && p.State == dars.AtDAAG && !slices.ContainsFunc(open.Agenda, func(i dars.Item) bool { return i.Application == p.ID() && i.Outcome == "" }) {
			return fmt.Sprintf("%s is not on that of %s", p.ID(), open.ID)
		}
	}
	return ""
}

func (m *moment) clockIsWrong() string {
	if m.today >= "2029" {
		return "" // of which nobody knows the bank holidays yet
	}
	calendar := configs.Default("").Calendar()
	for _, p := range m.applications {
		used, err := p.Clock.Used(calendar, m.today)
		if err != nil {
			return fmt.Sprintf("that of %s cannot be read: %v", p.ID(), err)
		}
		days, err := p.Clock.Days(calendar, m.today)
		if err != nil {
			return fmt.Sprintf("that of %s cannot be read: %v", p.ID(), err)
		}
		counted := 0
		for _, d := range days {
			if d.Counts {
				counted++
			}
		}
		if used != counted || used < 0 {
			return fmt.Sprintf("that of %s says %d, and its days are %d", p.ID(), used, counted)
		}
	}
	return ""
}

func (m *moment) sentByNoRight() string {
	accounted := map[dars.FileID]bool{} // by an accepted certificate, or one for which a case still stands open
	for _, c := range m.certificates {
		for _, f := range c.Files {
			if c.State == dars.CertAccepted || m.agreement(c.Agreement).State == dars.DeletionDue {
				accounted[f.File] = true
			}
		}
	}
	for _, page := range m.sent {
		if page.Sent().Bytes() == 0 {
			continue
		}
		r := theOne(m.releases, func(r *dars.Release) bool {
			return slices.ContainsFunc(r.Files, func(f dars.ReleaseFile) bool { return f.ID == page.File })
		})
		if r.Published == "" {
			return fmt.Sprintf("some were of %s, and %s was never published", page.File, r.ID)
		}
		for last := r.Agreement; last != "" && !accounted[page.File]; {
			g := m.agreement(last)
			if g.State == dars.Closed && g.SupersededBy == "" {
				return fmt.Sprintf("%s is closed, and no certificate accounts for %s of %s", g.ID, page.File, r.ID)
			}
			last = g.SupersededBy
		}
	}
	return ""
}

func contentOf(in office.Arrived) []byte {
	text, err := fs.ReadFile(in.Files, in.Name)
	if err != nil {
		panic(err)
	}
	return text
}
