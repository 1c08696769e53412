package office

import (
	"context"

	"darsd/dars"
	"darsd/store"
)

// Dashboard is how the office does on a day: today as things are, an earlier day as the
// log has it at that day's end, the register too. rows are those of the register today.
func (o Public) Dashboard(ctx context.Context, on, today dars.Day, rows []dars.PublicRelease) (d dars.Dashboard, err error) {
	if on > today {
		return d, dars.Refuse("in-future", "dashboard", "%s has not been yet", on)
	}
	f := dars.DashboardFacts{On: on, Releases: rows}
	err = o.Store.View(ctx, func(tx *store.Tx) error {
		seq, err := tx.Before(o.Calendar.End(on))
		if err != nil {
			return err
		}
		if err := o.stood(tx, &f, seq); err != nil {
			return err
		}
		if on < today {
			if f.Releases, err = o.register(logged(tx, seq)); err != nil {
				return err
			}
		}
		err = tx.Moves(seq, func(l store.Leaf) error {
			f.Changes = append(f.Changes, dars.StateChange{On: o.Calendar.Day(l.At), Kind: l.Kind, Ref: l.Ref, To: l.To})
			return nil
		}, "application", "agreement")
		if err != nil {
			return err
		}
		tables := map[string]dars.Calendar{}
		f.Calendar = func(version string) (c dars.Calendar, err error) {
			if c, known := tables[version]; known {
				return c, nil
			}
			if c, err = o.calendar(tx, version); err == nil {
				tables[version] = c
			}
			return c, err
		}
		d = f.Dashboard()
		return nil
	})
	return d, err
}

// stood is what the office held after an event.
func (o Public) stood(tx *store.Tx, f *dars.DashboardFacts, seq int64) (err error) {
	if f.Applications, err = store.AsOf[dars.Application](tx, seq); err != nil {
		return err
	}
	if f.Agreements, err = store.AsOf[dars.Agreement](tx, seq); err != nil {
		return err
	}
	if f.Certificates, err = store.AsOf[dars.Certificate](tx, seq); err != nil {
		return err
	}
	if f.Audits, err = store.AsOf[dars.Audit](tx, seq); err != nil {
		return err
	}
	if f.Complaints, err = store.AsOf[dars.Complaint](tx, seq); err != nil {
		return err
	}
	f.Tracing, err = store.AsOf[dars.Tracing](tx, seq)
	return err
}
