package office

import (
	"context"

	"darsd/dars"
	"darsd/store"
)

// MayRotateMaster refuses who may not, or who gives no reason. Keys are files, which
// are changed before the log can say so.
func (o Parties) MayRotateMaster(ctx context.Context, a dars.Act) error {
	return o.Store.View(ctx, func(tx *store.Tx) error {
		_, err := o.allowed(tx, a, "master-key rotate")
		if err == nil && a.Why == "" {
			err = dars.Refuse("no-reason", "master-key", "say why the master key is changed with --reason: the log keeps it")
		}
		return err
	})
}

// MasterRotated notes that another identity opens the office's keys from now on, by
// its public half.
func (o Parties) MasterRotated(ctx context.Context, a dars.Act, public string) error {
	return o.do(ctx, a, "master-key rotate", func(tx *store.Tx, _ *dars.Person) error {
		ref, err := number(tx, "master key", "MASTER-")
		if err != nil {
			return err
		}
		return tx.Save(a, "master-key rotate", &dars.MasterKey{ID: ref, Public: public, Since: o.today(a), Reason: a.Why})
	})
}
