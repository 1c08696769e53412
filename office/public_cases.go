package office

import (
	"context"
	"time"

	"darsd/dars"
	"darsd/store"
)

// Agreements lends every version of every agreement that the office has signed, and every
// one of a register from before, as everybody may read them on the day of at. They are
// lent one by one: together they are large.
func (o Public) Agreements(ctx context.Context, at time.Time, one func(dars.PublicAgreement) error) error {
	on := o.Calendar.Day(at)
	return o.Store.View(ctx, func(tx *store.Tx) error {
		look, err := o.naming(stored(tx))
		if err != nil {
			return err
		}
		who, err := everything(tx)
		if err != nil {
			return err
		}
		all, err := store.Find[dars.Agreement](tx)
		if err != nil {
			return err
		}
		for _, g := range all {
			if g.CountersignedBy == "" {
				continue
			}
			a, err := o.page(tx, g, on, look, who)
			if err != nil {
				return err
			}
			if err := one(a); err != nil {
				return err
			}
		}
		return store.Each(tx, func(g *dars.ImportedAgreement) error {
			unsaid, err := unsaidOfCase(who, g.Stem)
			if err != nil {
				return err
			}
			return one(g.Page(on, unsaid))
		})
	})
}

// Applications are all that were ever accepted, as lines of a list: also those that were
// declined or withdrawn since.
func (o Public) Applications(ctx context.Context) (all []dars.PublicCase, err error) {
	all = []dars.PublicCase{}
	err = o.Store.View(ctx, func(tx *store.Tx) error {
		look, err := o.naming(stored(tx))
		if err != nil {
			return err
		}
		who, err := everything(tx)
		if err != nil {
			return err
		}
		requests := dars.NewRequests()
		err = store.Each(tx, func(g *dars.Agreement) error {
			requests.Move(dars.StateChange{Kind: "agreement", Ref: string(g.ID), To: string(g.State)})
			return nil
		})
		if err != nil {
			return err
		}
		return store.Each(tx, func(p *dars.Application) error {
			if !p.WasAccepted() {
				return nil
			}
			unsaid, err := unsaidOf(who, p, nil)
			requests.Move(dars.StateChange{Kind: "application", Ref: string(p.ID()), To: string(p.State)})
			all = append(all, p.Line(requests.Stage(p.ID()), look, unsaid))
			return err
		})
	})
	dars.SortCases(all)
	return all, err
}

// Application is an application as everybody may read it, from its acceptance on; a stem
// alone means the newest that was accepted.
func (o Public) Application(ctx context.Context, ref string) (a dars.PublicApplication, err error) {
	none := dars.Refuse("not-found", ref, "there is no application %.60s that was accepted", ref)
	stem, major, _, wrong := dars.ParseCase(ref)
	if wrong != nil {
		return a, none
	}
	err = o.Store.View(ctx, func(tx *store.Tx) error {
		all, err := store.Find[dars.Application](tx, dars.By("case", stem))
		if err != nil {
			return err
		}
		var found *dars.Application
		for _, p := range all {
			if p.WasAccepted() && (major == "" || p.ID() == dars.ApplicationID(stem+"-v"+major)) && (found == nil || p.Major > found.Major) {
				found = p
			}
		}
		if found == nil {
			return none
		}
		requests := dars.NewRequests()
		requests.Move(dars.StateChange{Kind: "application", Ref: string(found.ID()), To: string(found.State)})
		agreements, err := store.Find[dars.Agreement](tx, dars.By("case", stem))
		if err != nil {
			return err
		}
		for _, g := range agreements {
			if g.Application == found.ID() {
				requests.Move(dars.StateChange{Kind: "agreement", Ref: string(g.ID), To: string(g.State)})
			}
		}
		look, err := o.naming(stored(tx))
		if err != nil {
			return err
		}
		unsaid, err := unsaidOf(oneByOne(tx), found, nil)
		a = found.Page(requests.Stage(found.ID()), look, unsaid)
		return err
	})
	return a, err
}
