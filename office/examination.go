package office

import (
	"context"
	"io"
	"path"

	"darsd/dars"
	"darsd/store"
)

// Checking is what somebody of the office must know before they check a release: what
// was found in its files, how its counts stand to those of the release before it, and
// the rows withheld to the share of the nation that objects.
func (o Desk) Checking(ctx context.Context, who dars.PersonID, id dars.ReleaseID, on dars.Day) (f dars.CheckFacts, err error) {
	err = o.Store.View(ctx, func(tx *store.Tx) error {
		p, err := actor(tx, dars.Act{Who: who})
		if err != nil {
			return err
		}
		if !p.Inside() {
			return dars.Refuse("not-found", id, "there is no release %s", id)
		}
		f.On = on
		if f.Release, f.Agreement, err = withAgreement(tx, id); err != nil {
			return err
		}
		if f.Dataset, err = o.Catalogue.Dataset(f.Release.Dataset); err != nil {
			return err
		}
		before, err := o.refreshBefore(tx, f.Agreement, f.Release)
		if err != nil {
			return err
		}
		if before != nil {
			f.Refresh = f.Release.Against(before, o.Policy.RefreshTolerance)
		}
		var list *dars.List
		if l := f.Release.Objections.List; l != "" && f.Release.Treated() == dars.Uphold {
			if list, err = store.Get[dars.List](tx, l); err != nil {
				return err
			}
		}
		f.Share = f.Release.Share(list, o.Policy.Population)
		return nil
	})
	return f, err
}

// refreshBefore returns the newest release of the same case and dataset that was
// published before another was planned, or nil.
func (o *Office) refreshBefore(tx *store.Tx, g *dars.Agreement, r *dars.Release) (newest *dars.Release, err error) {
	versions, err := store.Find[dars.Agreement](tx, dars.By("case", g.Stem))
	if err != nil {
		return nil, err
	}
	for _, version := range versions {
		releases, err := store.Find[dars.Release](tx, dars.By("agreement", version.ID), dars.By("dataset", r.Dataset))
		if err != nil {
			return nil, err
		}
		for _, before := range releases {
			if before.ID < r.ID && before.Published != "" && before.Kind == r.Kind && (newest == nil || before.ID > newest.ID) {
				newest = before
			}
		}
	}
	return newest, nil
}

// Rows opens the first file of a release that is made and has not left, or its table as
// people read it, for those who make, check and sign releases: the first of its rows,
// masked, are shown to them.
func (o Releases) Rows(ctx context.Context, a dars.Act, id dars.ReleaseID) (rows io.ReadCloser, err error) {
	var r *dars.Release
	err = o.do(ctx, a, "release rows", func(tx *store.Tx, _ *dars.Person) (err error) {
		if r, err = store.Get[dars.Release](tx, id); err == nil && !r.Ready() {
			err = dars.Refuse("wrong-step", id, "release %s is %s, and nothing lies there to be checked", id, r.State)
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	return o.Works.Vault.Read(id, path.Join(PackageDir(id, r.Attempt), r.ToRead().Path))
}
