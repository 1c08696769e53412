package office

import (
	"context"
	"errors"
	"slices"

	"darsd/dars"
	"darsd/store"
)

// answered are the answers that somebody may look at today, oldest first: their own,
// under agreements by which they still have access.
func (o Desk) answered(tx *store.Tx, who *dars.Person, on dars.Day) (answered []*dars.Query, err error) {
	all, err := store.Find[dars.Query](tx, dars.By("person", who.ID), dars.By("state", dars.QueryAnswered))
	if err != nil {
		return nil, err
	}
	open := map[dars.ReleaseID]bool{}
	for _, q := range all {
		may, asked := open[q.Access]
		if !asked {
			_, err := Queries(o).access(tx, who, q.Agreement, q.Dataset, on)
			var no *dars.Refusal
			if err != nil && !errors.As(err, &no) {
				return nil, err
			}
			may = err == nil
			open[q.Access] = may
		}
		if may {
			answered = append(answered, q)
		}
	}
	return answered, nil
}

// An OpenAccess is a dataset that somebody has system access to.
type OpenAccess struct {
	Agreement *dars.Agreement
	Terms     dars.DatasetRequest
	Closed    string // why nobody may look today, or nothing
}

// Open are the datasets that somebody may ask about.
func (o Queries) Open(ctx context.Context, a dars.Act) (all []OpenAccess, err error) {
	err = o.Store.View(ctx, func(tx *store.Tx) error {
		who, err := o.allowed(tx, a, "query ask")
		if err != nil {
			return err
		}
		for _, state := range []dars.ReleaseState{dars.AccessGranted, dars.AccessReviewed} {
			releases, err := store.Find[dars.Release](tx, dars.By("state", state))
			if err != nil {
				return err
			}
			for _, r := range releases {
				if !slices.Contains(r.Access.Current(), who.ID) {
					continue
				}
				g, err := store.Get[dars.Agreement](tx, r.Agreement)
				if err != nil {
					return err
				}
				open := OpenAccess{Agreement: g}
				if open.Terms, err = g.Dataset(r.Dataset); err != nil {
					return err
				}
				var no *dars.Refusal
				if err := o.looking(tx, r, g, o.today(a)); errors.As(err, &no) {
					open.Closed = no.Sentence
				} else if err != nil {
					return err
				}
				all = append(all, open)
			}
		}
		return nil
	})
	return all, err
}

// MayRead refuses an answer to outsiders other than who asked, and to them once their
// access has ended. The office may read all.
func (o Queries) MayRead(ctx context.Context, a dars.Act, q *dars.Query) error {
	return o.Store.View(ctx, func(tx *store.Tx) error {
		who, err := store.Get[dars.Person](tx, a.Who)
		if err != nil || who.Inside() {
			return err
		}
		if q.By != who.ID {
			return dars.Refuse("not-found", q.ID, "there is no query %s", q.ID)
		}
		_, err = o.access(tx, who, q.Agreement, q.Dataset, o.today(a))
		return err
	})
}
