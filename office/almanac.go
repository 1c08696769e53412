package office

import (
	"context"

	"darsd/dars"
	"darsd/store"
)

// Announce adds a bank holiday that was announced after the table was made. What
// was computed before keeps its table.
func (o Almanac) Announce(ctx context.Context, a dars.Act, day dars.Day, name string) (h *dars.Holiday, err error) {
	err = o.do(ctx, a, "calendar add", func(tx *store.Tx, _ *dars.Person) error {
		c, nth, err := o.next(tx)
		if err != nil {
			return err
		}
		if h, err = c.Announce(a, nth, day, name, o.today(a)); err != nil {
			return err
		}
		return tx.Save(a, "calendar add", h)
	})
	return h, err
}

// Revoke takes one out: it was entered by mistake, or moved to another day.
func (o Almanac) Revoke(ctx context.Context, a dars.Act, day dars.Day) (h *dars.Holiday, err error) {
	err = o.do(ctx, a, "calendar drop", func(tx *store.Tx, _ *dars.Person) error {
		c, nth, err := o.next(tx)
		if err != nil {
			return err
		}
		if h, err = c.Revoke(a, nth, day, o.today(a)); err != nil {
			return err
		}
		return tx.Save(a, "calendar drop", h)
	})
	return h, err
}

// next is the table as it is, and the number of its next change.
func (o Almanac) next(tx *store.Tx) (c dars.Calendar, nth int, err error) {
	announced, err := store.Find[dars.Holiday](tx)
	return o.Calendar.With(announced), len(announced) + 1, err
}

// Table is the calendar as it is now, with what was announced.
func (o Almanac) Table(ctx context.Context) (c dars.Calendar, announced []*dars.Holiday, err error) {
	err = o.Store.View(ctx, func(tx *store.Tx) error {
		if announced, err = store.Find[dars.Holiday](tx); err == nil {
			c = o.Calendar.With(announced)
		}
		return err
	})
	return c, announced, err
}

// calendar is the newest table of bank holidays; with a version, the table as it
// was then.
func (o *Office) calendar(tx *store.Tx, version string) (dars.Calendar, error) {
	announced, err := store.Find[dars.Holiday](tx)
	if err != nil || version == "" {
		return o.Calendar.With(announced), err
	}
	return o.Calendar.As(version, announced)
}
