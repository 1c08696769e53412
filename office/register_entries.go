package office

import (
	"context"
	"slices"

	"darsd/dars"
	"darsd/store"
)

// Unentered are the releases of our own of which the register's entries do not say what
// some rows say, which are about to be published: those that were published otherwise
// before, and those that never were.
func (o Public) Unentered(ctx context.Context, rows []dars.PublicRelease) (changed, fresh []dars.ReleaseID, err error) {
	own := map[dars.ReleaseID][]dars.PublicRelease{}
	for _, r := range rows {
		if r.Release != "" {
			own[r.Release] = append(own[r.Release], r)
		}
	}
	err = o.Store.View(ctx, func(tx *store.Tx) error {
		unsaid, err := unsaidByCase(stored(tx))
		if err != nil {
			return err
		}
		return store.Each(tx, func(e *dars.RegisterEntry) error {
			rows := own[e.Release]
			if len(rows) > 0 {
				e = unsaid[dars.CaseOf(rows[0].Agreement)].OutOfEntry(e)
			}
			if !e.Tells(rows) {
				changed = append(changed, e.Release)
			}
			delete(own, e.Release)
			return nil
		})
	})
	for id := range own {
		fresh = append(fresh, id)
	}
	slices.Sort(fresh)
	return changed, fresh, err
}

// Enter brings entries of the register up to what it says now of their releases. What was
// published otherwise before has a dated correction from then on, which names the act.
func (o Public) Enter(ctx context.Context, a dars.Act, releases []dars.ReleaseID) error {
	for some := range slices.Chunk(releases, importBatch) {
		err := o.Store.Do(ctx, func(tx *store.Tx) error {
			look, err := o.naming(stored(tx))
			for _, id := range some {
				if err == nil {
					err = o.enter(tx, a, id, look)
				}
			}
			return err
		})
		if err != nil {
			return err
		}
		if err := o.Store.GiveWay(ctx); err != nil {
			return err
		}
	}
	return nil
}

func (o Public) enter(tx *store.Tx, a dars.Act, id dars.ReleaseID, look dars.Naming) error {
	r, g, err := withAgreement(tx, id)
	if err != nil {
		return err
	}
	e, err := store.Get[dars.RegisterEntry](tx, id)
	if absent(err) {
		e, err = &dars.RegisterEntry{Release: id}, nil
	}
	if err != nil {
		return err
	}
	rows := r.Public(dars.ReleasedUnder{Agreement: g, Org: look.Org(g.Org), Dataset: look.Dataset(r.Dataset)})
	if e.Tells(rows) {
		return nil
	}
	since, _, err := lastAct(tx, "register entry", string(id), 0)
	if err != nil {
		return err
	}
	acts := map[string]string{}
	for kind, ref := range map[string]string{"release": string(r.ID), "agreement": string(g.ID), "organisation": string(g.Org)} {
		if _, acts[kind], err = lastAct(tx, kind, ref, since+1); err != nil {
			return err
		}
	}
	e.Publish(rows, o.today(a), func(c dars.RegisterColumn) string { return acts[c.From] })
	return tx.Save(a, "register publish", e)
}

// lastAct is the last act on a noun, from an event on: its number and its name.
func lastAct(tx *store.Tx, kind, ref string, from int64) (seq int64, act string, err error) {
	const some = 1000
	for {
		events, err := tx.Events(kind, ref, from, some)
		if n := len(events); n > 0 {
			seq, act, from = events[n-1].Seq, events[n-1].Act, events[n-1].Seq+1
		}
		if err != nil || len(events) < some {
			return seq, act, err
		}
	}
}
