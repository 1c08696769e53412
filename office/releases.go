package office

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"darsd/dars"
	"darsd/store"
)

// Plan makes a release of one dataset under an agreement in force, for periods
// that were agreed, and names its files.
func (o Releases) Plan(ctx context.Context, a dars.Act, agreement dars.AgreementID, dataset string, periods []string) (id dars.ReleaseID, err error) {
	err = o.do(ctx, a, "release plan", func(tx *store.Tx, _ *dars.Person) error {
		r, err := o.planned(tx, a, agreement, dataset, periods)
		if err != nil {
			return err
		}
		id = r.ID
		return tx.Save(a, "release plan", r)
	})
	return id, err
}

// Reissue plans a release again for those who missed it: our copy is gone. It is
// made anew, with the list of objections as it is then, by three people, and is a
// dissemination of its own (domain 7.6).
func (o Releases) Reissue(ctx context.Context, a dars.Act, missed dars.ReleaseID) (id dars.ReleaseID, err error) {
	err = o.do(ctx, a, "release reissue", func(tx *store.Tx, _ *dars.Person) error {
		before, err := store.Get[dars.Release](tx, missed)
		if err != nil {
			return err
		}
		if err := before.Reissuable(o.today(a)); err != nil {
			return err
		}
		r, err := o.plannedAs(tx, a, before)
		if err != nil {
			return err
		}
		r.Reissues, id = before.ID, r.ID
		return tx.Save(a, "release reissue", r)
	})
	return id, err
}

// plannedAs is a release of the same as one before.
func (o *Office) plannedAs(tx *store.Tx, a dars.Act, before *dars.Release) (*dars.Release, error) {
	if t := before.Tabulation; t != nil {
		return o.plannedTable(tx, a, before.Agreement, t.Request)
	}
	return o.planned(tx, a, before.Agreement, before.Dataset, before.Periods)
}

// planned is a release of rows as it is planned, with its files named.
func (o *Office) planned(tx *store.Tx, a dars.Act, agreement dars.AgreementID, dataset string, periods []string) (*dars.Release, error) {
	if err := o.beginIfDue(tx, a, agreement); err != nil {
		return nil, err
	}
	g, terms, known, err := o.terms(tx, a, agreement, dataset, dars.KindExtract)
	if err != nil {
		return nil, err
	}
	if err := terms.SystemAccess(g.ID, false); err != nil {
		return nil, err
	}
	if len(periods) == 0 {
		periods = terms.Periods
	}
	ref, err := number(tx, "release", "REL-")
	if err != nil {
		return nil, err
	}
	first, err := nextFile(tx)
	if err != nil {
		return nil, err
	}
	r := &dars.Release{ID: dars.ReleaseID(ref), Kind: dars.KindExtract, Agreement: agreement, Dataset: dataset, Periods: periods,
		State: dars.Planned, Planned: o.today(a), Files: []dars.ReleaseFile{}, Tags: []dars.PackageFile{}, Replaces: []dars.ReleaseID{}}
	for i, period := range periods {
		if !g.Agrees(terms, period) || slices.Contains(periods[:i], period) {
			return nil, dars.Refuse("not-agreed", g.ID, "agreement %s covers %s for %s, each once; %s is not to be released", g.ID, dataset, strings.Join(terms.Periods, ", "), period)
		}
		file := dars.FileID(fmt.Sprintf("FILE%07d", first+i))
		r.Files = append(r.Files, dars.ReleaseFile{ID: file, Period: period,
			PackageFile: dars.PackageFile{Path: "data/" + terms.FileName(file, g.Stem, period, known.Format)}})
	}
	if r.Cohort, err = o.cohortToUse(tx, g, terms, known); err != nil {
		return nil, err
	}
	treated := g.Treats(o.Policy.Uphold, dataset)
	r.Objections = dars.Upheld{Treatment: treated.Treatment, Reason: treated.Reason}
	if r.Replaces, err = o.replaces(tx, g, r); err != nil {
		return nil, err
	}
	return r, o.guard(tx, g, r)
}

// replaces returns the published releases of the same case and dataset that a new
// one for the same periods, or for the same years to a later month, takes the place of:
// two files of one period, made with two lists, tell by what they differ in who objected.
func (o *Office) replaces(tx *store.Tx, g *dars.Agreement, r *dars.Release) (all []dars.ReleaseID, err error) {
	all = []dars.ReleaseID{}
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
			if before.ID == r.ID || !r.Rules().Replaced || !before.Rules().Replaced || before.Published == "" || before.ReplacedBy != "" {
				continue
			}
			if err := r.NotOvertaken(before); err != nil {
				return nil, err
			}
			if r.Overtakes(before) {
				if err := standsInTheWay(tx, before); err != nil {
					return nil, err
				}
				all = append(all, before.ID)
			}
		}
	}
	return all, nil
}

// replace takes back what a published release takes the place of: our copy goes,
// and its recipients are to destroy theirs.
func (o *Office) replace(tx *store.Tx, a dars.Act, g *dars.Agreement, r *dars.Release) error {
	now, err := o.replaces(tx, g, r)
	if err != nil {
		return err
	}
	if !slices.Equal(now, r.Replaces) {
		return dars.Refuse("replaces-changed", r.ID, "what release %s replaces has changed since it was planned, and its package does not say so: withdraw it and plan it again", r.ID)
	}
	for _, id := range r.Replaces {
		before, err := store.Get[dars.Release](tx, id)
		if err != nil {
			return err
		}
		before.ReplacedBy = r.ID
		if before.State == dars.Published || before.State == dars.Collected {
			if err := before.Purge(); err != nil {
				return err
			}
			if err := tx.Owe(owePurge, before.ID); err != nil {
				return err
			}
		}
		if err := tx.Save(a, "release replaced", before); err != nil {
			return err
		}
	}
	if err := o.askReplaced(tx, a, g, r); err != nil {
		return err
	}
	return o.askLeft(tx, a, g, r)
}

// terms returns an agreement and what it says of a dataset, or refuses a release of a
// kind under it today.
func (o *Office) terms(tx *store.Tx, a dars.Act, agreement dars.AgreementID, dataset, kind string) (g *dars.Agreement, terms dars.DatasetRequest, known dars.Dataset, err error) {
	if g, err = store.Get[dars.Agreement](tx, agreement); err != nil {
		return g, terms, known, err
	}
	if err = g.Allows(o.today(a)); err != nil {
		return g, terms, known, err
	}
	if err = ready(tx, g, dars.StagePlan); err != nil {
		return g, terms, known, err
	}
	if err = o.mayReceive(tx, g, o.today(a)); err != nil {
		return g, terms, known, err
	}
	if terms, err = g.Dataset(dataset); err != nil {
		return g, terms, known, err
	}
	if err = o.evidenced(tx, g, terms, o.today(a)); err != nil {
		return g, terms, known, err
	}
	if err = makeable(g, terms, kind); err != nil {
		return g, terms, known, err
	}
	known, err = o.Catalogue.Dataset(dataset)
	return g, terms, known, err
}

// makeable refuses a kind of release that is not what was agreed: nothing leaves as if
// nobody had asked for it.
func makeable(g *dars.Agreement, terms dars.DatasetRequest, kind string) error {
	if g.Kind == dars.RetentionOnly {
		return dars.Refuse("retention-only", g.ID, "agreement %s is for keeping what is held already: nothing is released under it", g.ID)
	}
	return terms.AsKind(g.ID, kind)
}

// keyMade reports whether pseudonyms have been made for a case: a package with some
// lies there or has left.
func keyMade(tx *store.Tx, stem string) (bool, error) {
	versions, err := store.Find[dars.Agreement](tx, dars.By("case", stem))
	if err != nil {
		return false, err
	}
	for _, g := range versions {
		releases, err := store.Find[dars.Release](tx, dars.By("agreement", g.ID))
		if err != nil {
			return false, err
		}
		for _, r := range releases {
			terms, err := g.Dataset(r.Dataset)
			if err != nil {
				return false, err
			}
			if terms.Pseudonymised() && (r.Published != "" || len(r.Package()) > 0) {
				return true, nil
			}
		}
	}
	return false, nil
}

// mayReceive refuses a release to an organisation that is on hold, or owes a
// certificate of destruction that is overdue, or has no contract any more. Two that were
// said to be one organisation are one.
func (o *Office) mayReceive(tx *store.Tx, g *dars.Agreement, on dars.Day) error {
	all, err := oneAndTheSame(tx, append(parties(g), g.Org))
	if err != nil {
		return err
	}
	if err := notHeld(tx, all...); err != nil {
		return err
	}
	for _, code := range all {
		certs, err := store.Find[dars.Certificate](tx, dars.By("holder", code))
		if err != nil {
			return err
		}
		for _, c := range certs {
			if c.Blocks(on) {
				return c.Holds("certificate-overdue", code, "nothing new is released to it")
			}
		}
	}
	return contracted(tx, g, on)
}

// Cases returns the references of all cases that have had an agreement, for somebody
// who may find out by their keys whose file was found.
func (o Releases) Cases(ctx context.Context, a dars.Act) (stems []string, err error) {
	err = o.do(ctx, a, "release trace", func(tx *store.Tx, _ *dars.Person) error {
		agreements, err := store.Find[dars.Agreement](tx)
		for _, g := range agreements {
			if !slices.Contains(stems, g.Stem) {
				stems = append(stems, g.Stem)
			}
		}
		return err
	})
	return stems, err
}
