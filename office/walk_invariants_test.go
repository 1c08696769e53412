package office_test

import (
	"io/fs"
	"slices"

	"darsd/configs"
	"darsd/dars"
	"darsd/office"
)

// invariants are what must be so after every step, whoever took it and when. They
// are computed from the nouns anew, and not by the rules that let the step pass.
func (w *walk) invariants(s action, err error) {
	agreements := all[dars.Agreement](w.house)
	if s.name == "publish" && err == nil {
		w.publishedByRight(get[dars.Release](w.house, s.of))
	}
	inForce := map[string]dars.AgreementID{}
	for _, g := range agreements {
		w.onePerStem(inForce, g)
		w.distinct("agreement "+string(g.ID), twoEach(g), g.CountersignedBy)
		w.caveatsHeld(g)
		if g.State == dars.Superseded && w.was[g.ID] == dars.InForce {
			w.ends["superseded"]++
		}
		w.was[g.ID] = g.State
	}
	for _, r := range all[dars.Release](w.house) {
		w.threePeople(r)
	}
	for _, p := range all[dars.Application](w.house) {
		w.nobodysOwn(p)
		w.clockAddsUp(p)
	}
	w.sentByRight(agreements)
}

// publishedByRight: nothing is published without an agreement in force, and a
// framework contract in force with each of its controllers, on that day; nor to an
// organisation on hold, nor while an obligation stands before it, nor with a list
// that is stale or not the newest.
func (w *walk) publishedByRight(r *dars.Release) {
	g := get[dars.Agreement](w.house, string(r.Agreement))
	if g.State != dars.InForce || w.today < g.Start || w.today > g.End {
		w.fail("%s was published on %s under %s, which is %s from %s to %s", r.ID, w.today, g.ID, g.State, g.Start, g.End)
	}
	for _, k := range g.Controllers {
		if !slices.ContainsFunc(all[dars.Contract](w.house, dars.By("org", k.Org)), func(c *dars.Contract) bool {
			return c.CountersignedBy != "" && c.Start <= w.today && w.today <= c.End && (c.Ended == "" || w.today < c.Ended) && c.State != dars.ContractTerminated
		}) {
			w.fail("%s was published on %s, and %s has no contract in force", r.ID, w.today, k.Org)
		}
		if o := get[dars.Organisation](w.house, string(k.Org)); o.State == dars.OrgOnHold {
			w.fail("%s was published while %s is on hold", r.ID, k.Org)
		}
	}
	for _, o := range g.Obligations {
		if o.State == dars.ObligationOpen {
			w.fail("%s was published although obligation %d of %s, before %s, is open", r.ID, o.N, g.ID, o.Stage)
		}
	}
	lists := all[dars.List](w.house)
	newest := slices.MaxFunc(lists, func(a, b *dars.List) int { return a.Version - b.Version })
	if r.Objections.List != newest.ID || w.today.Since(newest.AsAt) > policy.MaxAgeDays {
		w.fail("%s was published with list %s, and the newest, of %s, is %s", r.ID, r.Objections.List, newest.AsAt, newest.ID)
	}
}

// onePerStem: one version of a case is in force.
func (w *walk) onePerStem(inForce map[string]dars.AgreementID, g *dars.Agreement) {
	if g.State != dars.InForce {
		return
	}
	if other := inForce[g.Stem]; other != "" {
		w.fail("%s and %s are both in force", other, g.ID)
	}
	inForce[g.Stem] = g.ID
	if g.Start > w.today {
		w.fail("%s is in force before its start on %s", g.ID, g.Start)
	}
}

// caveatsHeld: an agreement has not come into force while an obligation stood
// before that.
func (w *walk) caveatsHeld(g *dars.Agreement) {
	if g.State != dars.InForce || w.was[g.ID] == dars.InForce {
		return
	}
	for _, o := range g.Obligations {
		if o.State == dars.ObligationOpen && (o.Stage == dars.StageInForce || o.Stage == dars.StageIssue) {
			w.fail("%s came into force although obligation %d stands before that", g.ID, o.N)
		}
	}
}

// twoEach is who confirmed the signatures of an agreement that is signed: two
// people for each controller.
func twoEach(g *dars.Agreement) (people []dars.PersonID) {
	for _, c := range g.Controllers {
		if c.SignedOn != "" && (len(c.ConfirmedBy) != 2 || c.ConfirmedBy[0] == c.ConfirmedBy[1]) {
			return []dars.PersonID{"", ""} // which are not distinct
		}
	}
	return slices.Clone(g.ConfirmedBy)
}

// distinct: nobody stands twice among those that must differ.
func (w *walk) distinct(what string, people []dars.PersonID, more ...dars.PersonID) {
	for _, p := range more {
		if p != "" {
			people = append(people, p)
		}
	}
	slices.Sort(people)
	if len(slices.Compact(slices.Clone(people))) != len(people) {
		w.fail("%s: one person had two parts: %v", what, people)
	}
}

func (w *walk) threePeople(r *dars.Release) {
	var people []dars.PersonID
	for _, h := range r.Hands {
		people = append(people, h.By)
	}
	w.distinct("release "+string(r.ID), people)
	if slices.Contains([]dars.ReleaseState{dars.SignedOff, dars.Published, dars.Collected}, r.State) && len(people) != 3 {
		w.fail("%s is %s by %v", r.ID, r.State, people)
	}
}

// nobodysOwn: no decision by who handed in, reviewed or prepared an application.
func (w *walk) nobodysOwn(p *dars.Application) {
	if p.State != dars.Approved && p.State != dars.Declined {
		return
	}
	by := p.Decisions[len(p.Decisions)-1].By
	parts := []dars.PersonID{p.By, p.Review.By}
	for _, d := range p.Decisions[:len(p.Decisions)-1] {
		parts = append(parts, d.By)
	}
	if slices.Contains(parts, by) {
		w.fail("%s was decided by %s, who had a part in it: %v", p.ID(), by, parts)
	}
}

// clockAddsUp: what the clock has used is what its days say, and never less than
// nothing, nor more than the working days since its start.
func (w *walk) clockAddsUp(p *dars.Application) {
	c := configs.Default("").Calendar()
	if w.today >= "2029" {
		return // of which nobody knows the bank holidays yet
	}
	used, err := p.Clock.Used(c, w.today)
	if err != nil {
		w.fail("%s: %v", p.ID(), err)
		return
	}
	days, err := p.Clock.Days(c, w.today)
	if err != nil {
		w.fail("%s: %v", p.ID(), err)
		return
	}
	counted := 0
	for _, d := range days {
		if d.Counts {
			counted++
		}
	}
	if used != counted || used < 0 {
		w.fail("the clock of %s says %d working days, and its days are %d", p.ID(), used, counted)
	}
}

// sentByRight: bytes are sent of what was published and of nothing else; and what
// was sent is accounted for by an accepted certificate before its case is closed.
func (w *walk) sentByRight(agreements []*dars.Agreement) {
	accepted := map[dars.FileID]bool{}
	for _, c := range all[dars.Certificate](w.house, dars.By("state", dars.CertAccepted)) {
		for _, f := range c.Files {
			accepted[f.File] = true
		}
	}
	for _, page := range all[dars.Collection](w.house) {
		if page.Sent().Bytes() == 0 {
			continue
		}
		r := all[dars.Release](w.house, dars.By("file", page.File))[0]
		if r.Published == "" {
			w.fail("bytes of %s were sent, and %s was never published", page.File, r.ID)
		}
		last := r.Agreement
		for {
			i := slices.IndexFunc(agreements, func(g *dars.Agreement) bool { return g.ID == last })
			g := agreements[i]
			if g.State == dars.Closed && g.SupersededBy == "" && !accepted[page.File] {
				w.fail("%s is closed, and no certificate accounts for %s of %s", g.ID, page.File, r.ID)
			}
			if last = g.SupersededBy; last == "" || accepted[page.File] {
				break
			}
		}
	}
}

func contentOf(in office.Arrived) []byte {
	text, err := fs.ReadFile(in.Files, in.Name)
	if err != nil {
		panic(err)
	}
	return text
}
