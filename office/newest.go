package office

import (
	"context"

	"darsd/dars"
	"darsd/store"
)

// Newest lends the nouns of a kind with the highest references, at most so many, that
// somebody may see: an outsider, those that are found by their organisation. more says
// that there are others before them.
func Newest[T any, P store.Noun[T]](ctx context.Context, o Desk, who dars.PersonID, most int) (all []P, more bool, err error) {
	err = o.Store.View(ctx, func(tx *store.Tx) error {
		p, err := actor(tx, dars.Act{Who: who})
		if err != nil {
			return err
		}
		var keys []dars.Key
		if !p.Inside() {
			keys = append(keys, dars.By("org", p.Org))
		}
		all, err = store.Newest[T, P](tx, most+1, keys...)
		return err
	})
	if len(all) > most {
		return all[1:], true, err
	}
	return all, false, err
}
