package office

import (
	"context"
	"errors"
	"slices"

	"darsd/dars"
	"darsd/store"
)

// Whom two releases subtracted would tell of is counted by packaging dry: of each
// trial only the figures are kept.

// count says of an item how many people the pair of it that tells of most tells of,
// if all of its pairs can be counted.
func (o Guard) count(ctx context.Context, item *dars.GuardItem) error {
	if !item.Counting {
		return nil // of some pair nobody can, or it is of files that are owed
	}
	most := int64(0)
	for _, p := range item.Pairs {
		n, counted, err := o.between(ctx, p)
		if err != nil || !counted {
			return err
		}
		most = max(most, n)
	}
	item.People = dars.FewPeople(most)
	return nil
}

// between counts who is in one of two releases and not in the other. It can where
// they differ by objections alone, the earlier is the office's own, and its source is
// still what it was made from.
func (o Guard) between(ctx context.Context, p dars.GuardPair) (people int64, counted bool, err error) {
	if !p.Countable() {
		return 0, false, nil
	}
	run, other, err := o.sideBySide(ctx, p)
	if err != nil || run == nil {
		return 0, false, err
	}
	had, err := o.Works.Packer.Count(ctx, *run)
	if err == nil {
		err = run.Release.Unchanged(had)
	}
	var no *dars.Refusal
	if errors.As(err, &no) {
		return 0, false, nil // its source is gone, or another
	}
	if err != nil {
		return 0, false, err
	}
	withheld := func(l *dars.List, further ...*dars.List) (int64, error) {
		if l == nil {
			return 0, nil
		}
		alone := *run
		alone.List, alone.Release = l, upholding(run.Release, l)
		made, err := o.Works.Packer.Count(ctx, alone, further...)
		if err == nil && !slices.Equal(made.Sources, had.Sources) {
			err = dars.Refuse("source-changed", run.Release.ID, "release %s: its source changed while it was counted", run.Release.ID)
		}
		return made.Counts.PersonsWithheld, err
	}
	before := had.Counts.PersonsWithheld // none, where they were not upheld
	after, err := withheld(other)
	if err != nil || run.List == nil || other == nil {
		return before + after, err == nil, err
	}
	either, err := withheld(run.List, other)
	return 2*either - before - after, err == nil, err
}

// upholding is a release as if a list had been upheld in it.
func upholding(r *dars.Release, l *dars.List) *dars.Release {
	as := *r
	as.Objections = dars.Upheld{Treatment: dars.Uphold, List: l.ID, ListVersion: l.Version, ListDate: l.AsAt, ListSHA256: l.SHA256}
	return &as
}

// sideBySide is what the earlier release was packaged with, and the list of the
// later, or nil where objections are not upheld in it. Nil: the earlier is not ours.
func (o Guard) sideBySide(ctx context.Context, p dars.GuardPair) (run *Packing, other *dars.List, err error) {
	err = o.Store.View(ctx, func(tx *store.Tx) error {
		r, g, err := withAgreement(tx, dars.ReleaseID(p.Beside.Ref))
		var no *dars.Refusal
		if errors.As(err, &no) {
			return nil
		}
		if err != nil {
			return err
		}
		run = &Packing{Release: r, Agreement: g, On: r.Published, KeyMade: true}
		if run.Terms, err = g.Dataset(r.Dataset); err != nil {
			return err
		}
		if run.Dataset, err = o.Catalogue.Dataset(r.Dataset); err != nil {
			return err
		}
		if r.Treated() == dars.Uphold {
			if run.List, err = store.Get[dars.List](tx, r.Objections.List); err != nil {
				return err
			}
		}
		if r.Cohort != nil {
			if run.Cohort, err = store.Get[dars.CohortList](tx, r.Cohort.List); err != nil {
				return err
			}
		}
		if p.Treatment == dars.Uphold {
			other, err = store.Get[dars.List](tx, dars.ListName(p.List.Version))
		}
		return err
	})
	return run, other, err
}
