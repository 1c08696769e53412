package office

import (
	"cmp"
	"fmt"
	"slices"

	"darsd/dars"
	"darsd/store"
)

// Releases that recur plan themselves: a duty of the clock plans each when its period
// has closed and its source is in the catalogue. All that comes after is people's.
//
//	period closed ──▶ source there: planned, once
//	     └──▶ not there, called back, or refused by a rule: the case officer is told, by ladder

// instalments is the duty to plan what recurs under agreements in force. Of one year
// only the newest is due: it holds those before.
func instalments() dutyKind {
	k := dutyOf("instalment", []dars.AgreementState{dars.InForce}, func(_ *steps, g *dars.Agreement) (all []coming) {
		for _, one := range g.Wanted() {
			all = append(all, coming{Duty{Step: "instalment", Item: one.Series(), Due: one.On}, g.End})
		}
		return all
	}, Clock.planInstalment)
	k.stands = func(o Clock, _ *store.Tx, n dars.Noun, d Duty, _ dars.Day) (bool, error) {
		return o.plannable(n.(*dars.Agreement), d.Item, d.Due) != nil, nil
	}
	return k
}

// plannable is the newest instalment of a series that is wanted on a day and has a
// source, or nil.
func (o *Office) plannable(g *dars.Agreement, series string, on dars.Day) *dars.Instalment {
	for _, one := range slices.Backward(g.Wanted()) {
		if one.Series() == series && one.On <= on && o.hasSource(one) {
			return &one
		}
	}
	return nil
}

// hasSource reports whether the catalogue has what an instalment is made from.
func (o *Office) hasSource(one dars.Instalment) bool {
	known, err := o.Catalogue.Dataset(one.Dataset)
	if err != nil {
		return false
	}
	_, ok := known.File(one.Period)
	return ok
}

// planInstalment plans a release that recurs. One that an earlier version of the case
// has had released, or that somebody has planned by hand, is noted and not planned again.
func (o Clock) planInstalment(tx *store.Tx, a dars.Act, d Duty) (result, error) {
	g, err := store.Get[dars.Agreement](tx, d.Ref)
	if err != nil {
		return result{}, err
	}
	one := o.plannable(g, d.Item, o.today(a))
	if one == nil {
		return result{}, dars.Refuse("nothing-due", g.ID, "agreement %s waits for no release of %s", g.ID, d.Item)
	}
	r, err := releaseFor(tx, g, *one)
	if err != nil {
		return result{}, err
	}
	if r == nil {
		if r, err = o.plannedUnasked(tx, a, g.ID, one.Dataset, []string{one.Period}); err != nil {
			return result{}, err
		}
		if err := tx.Save(a, "release plan", r); err != nil {
			return result{}, err
		}
	}
	if err := g.PlanInstalment(*one, r.ID, o.today(a)); err != nil {
		return result{}, err
	}
	return result{to: string(g.State), step: fmt.Sprintf("instalment %s %s as %s", one.Dataset, one.Period, r.ID)}, tx.Save(a, "agreement instalment", g)
}

// releaseFor is the release of a case that has an instalment's period already, or that
// of a later month of its year; nil if there is none. One that was withdrawn before it
// left is none.
func releaseFor(tx *store.Tx, g *dars.Agreement, one dars.Instalment) (*dars.Release, error) {
	versions, err := store.Find[dars.Agreement](tx, dars.By("case", g.Stem))
	if err != nil {
		return nil, err
	}
	for _, version := range versions {
		releases, err := store.Find[dars.Release](tx, dars.By("agreement", version.ID), dars.By("dataset", one.Dataset))
		if err != nil {
			return nil, err
		}
		for _, r := range releases {
			left := r.State != dars.ReleaseWithdrawn || r.Published != ""
			if left && slices.ContainsFunc(r.Periods, func(p string) bool { return dars.Overtakes(p, one.Period) }) {
				return r, nil
			}
		}
	}
	return nil, nil
}

// overdueInstalment reports whether an instalment could not be planned: it has no
// source, or a day has passed on which a rule refused it.
func (o *Office) overdueInstalment(g *dars.Agreement, item string, due dars.Day) bool {
	return slices.ContainsFunc(g.Wanted(), func(one dars.Instalment) bool {
		return one.Item() == item && (one.On < due || !o.hasSource(one))
	})
}

// A Coming release recurs, and is the next of its dataset.
type Coming struct {
	Agreement dars.AgreementID
	dars.Instalment
}

// comingTo are the next releases for somebody under agreements in force.
func comingTo(tx *store.Tx, p *dars.Person, on dars.Day) (all []Coming, err error) {
	agreements, err := store.Find[dars.Agreement](tx, dars.By("recipient", p.ID))
	for _, g := range agreements {
		if !g.InForceOn(on) {
			continue
		}
		seen := map[string]bool{}
		for _, one := range g.Wanted() {
			if !seen[one.Dataset] {
				all = append(all, Coming{g.ID, one})
			}
			seen[one.Dataset] = true
		}
	}
	return all, err
}

// instalments are those whose period has closed and that did not plan themselves: the
// source is missing, or a rule refuses them.
func (l *waiting) instalments() error {
	if l.who.May("release plan") != nil {
		return nil
	}
	all, err := store.Between[dars.Agreement](l.tx, "wanted", "", string(l.on.Add(-1)))
	for _, g := range all {
		for _, one := range g.Wanted() {
			if !g.InForceOn(l.on) || one.On >= l.on {
				continue
			}
			why, err := l.desk.waitsFor(l.tx, g, one, l.on)
			if err != nil {
				return err
			}
			l.all = append(l.all, Todo{"agreement", string(g.ID), fmt.Sprintf("the release of %s for %s waits: %s", one.Dataset, one.Period, why), one.On, ""})
		}
	}
	return err
}

// waitsFor says what keeps an instalment from being planned.
func (o *Office) waitsFor(tx *store.Tx, g *dars.Agreement, one dars.Instalment, on dars.Day) (string, error) {
	if !o.hasSource(one) {
		return "its source is not in the catalogue", nil
	}
	back, err := o.heldUnplanned(tx, g, one, on)
	return cmp.Or(back, fmt.Sprintf("darsd release plan says which rule refuses it (--dataset %s --period %s)", one.Dataset, one.Period)), err
}
