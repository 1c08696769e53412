package office

import (
	"cmp"
	"context"
	"slices"
	"time"

	"darsd/dars"
	"darsd/store"
)

// Audits are those that were announced, as everybody may read them, the newest first.
func (o Public) Audits(ctx context.Context, at time.Time) (all []dars.AuditRecord, err error) {
	all = []dars.AuditRecord{}
	err = o.Store.View(ctx, func(tx *store.Tx) error {
		look, err := o.naming(stored(tx))
		if err != nil {
			return err
		}
		unsaid, err := unsaidByCase(stored(tx))
		if err != nil {
			return err
		}
		found, err := store.Find[dars.Audit](tx)
		for _, u := range found {
			if u.Announced() {
				all = append(all, u.Record(o.Calendar.Day(at), look.Unsaying(unsaid[dars.CaseOf(string(u.Agreement))])))
			}
		}
		return err
	})
	slices.SortFunc(all, func(a, b dars.AuditRecord) int {
		return cmp.Or(cmp.Compare(b.Notified, a.Notified), cmp.Compare(b.ID, a.ID))
	})
	return all, err
}

// Sanctions are all, as everybody may read them, the newest first. One that was lifted
// stays there, and says why it ended where an appeal was upheld.
func (o Public) Sanctions(ctx context.Context) (all []dars.SanctionRecord, err error) {
	all = []dars.SanctionRecord{}
	err = o.Store.View(ctx, func(tx *store.Tx) error {
		look, err := o.naming(stored(tx))
		if err != nil {
			return err
		}
		unsaid, err := unsaidByCase(stored(tx))
		if err != nil {
			return err
		}
		found, err := store.Find[dars.Sanction](tx)
		for _, s := range found {
			all = append(all, s.Record(look.Unsaying(unsaid[dars.CaseOf(string(s.Agreement))])))
		}
		return err
	})
	slices.SortFunc(all, func(a, b dars.SanctionRecord) int { return cmp.Compare(b.ID, a.ID) })
	return all, err
}

// Complaints are how many came, and how they were answered, at a moment.
func (o Public) Complaints(ctx context.Context, at time.Time) (f dars.ComplaintFigure, err error) {
	err = o.Store.View(ctx, func(tx *store.Tx) error {
		all, err := store.Find[dars.Complaint](tx)
		f = dars.CountComplaints(all, o.Calendar.Day(at))
		return err
	})
	return f, err
}
