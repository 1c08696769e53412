package office

import (
	"context"
	"slices"

	"darsd/dars"
	"darsd/store"
)

// Ending lists agreements that end between two days, both included, by their last day:
// our own that somebody may see, and to the office's people those of registers as well.
// Superseded ones, and those that ended before their time, are not among them.
func (o Desk) Ending(ctx context.Context, who dars.PersonID, from, to dars.Day) (own []*dars.Agreement, imported []*dars.ImportedAgreement, err error) {
	err = o.Store.View(ctx, func(tx *store.Tx) error {
		p, err := actor(tx, dars.Act{Who: who})
		if err != nil {
			return err
		}
		if own, err = store.Between[dars.Agreement](tx, "ends", string(from), string(to)); err != nil {
			return err
		}
		if p.Inside() {
			imported, err = store.Between[dars.ImportedAgreement](tx, "ends", string(from), string(to))
			return err
		}
		own = slices.DeleteFunc(own, func(g *dars.Agreement) bool { return g.Org != p.Org && !slices.Contains(g.Recipients, p.ID) })
		return nil
	})
	return own, imported, err
}
