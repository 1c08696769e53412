package office

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"
	"slices"
	"strings"

	"darsd/dars"
	"darsd/store"
)

// A cohortFor says for what a cohort is handed in: a case or an agreement and a
// dataset, or the name of a file, in which they may stand. What is not said is
// found where only one thing can be meant.
type cohortFor struct{ agreement, dataset, name string }

// HandIn takes in a version of the persons whom a recipient asks for, under a
// reference to an agreement or its case and the code of a dataset; either may be
// empty where only one can be meant.
func (o Cohorts) HandIn(ctx context.Context, a dars.Act, open func() (io.ReadCloser, error), agreement, dataset string) (*dars.CohortList, error) {
	return o.take(ctx, a, open, cohortFor{agreement: agreement, dataset: dataset}, nil)
}

// take keeps the file, encrypted, as it came: releases are made from it, and the
// log can be held against it. What was counted is told even of one that is refused.
func (o Cohorts) take(ctx context.Context, a dars.Act, open func() (io.ReadCloser, error), meant cohortFor, counted **dars.CohortCount, then ...func(*store.Tx, *dars.CohortList) error) (*dars.CohortList, error) {
	var asked cohortAsked
	if err := o.Store.View(ctx, func(tx *store.Tx) error {
		who, err := o.allowed(tx, a, "cohort submit")
		if err == nil {
			asked, err = o.asked(tx, who, o.today(a), meant)
		}
		return err
	}); err != nil {
		return nil, err
	}
	c, err := o.read(open, asked)
	if err != nil {
		return nil, err
	}
	if counted != nil {
		*counted = &c.CohortCount
	}
	c.From, c.At = a.Who, a.At.UTC()
	// Nothing is kept of a file that is refused.
	if err := o.Store.View(ctx, func(tx *store.Tx) error { return o.follow(tx, c) }); err != nil {
		return nil, err
	}
	if err := o.store(open, c.Vault); err != nil {
		return nil, err
	}
	return c, o.do(ctx, a, "cohort submit", func(tx *store.Tx, who *dars.Person) error {
		if _, err := o.asked(tx, who, o.today(a), cohortFor{agreement: string(c.Agreement), dataset: c.Dataset}); err != nil {
			return err
		}
		if err := o.follow(tx, c); err != nil {
			return err
		}
		return keep(tx, a, "cohort submit", c, then...)
	})
}

func (o Cohorts) read(open func() (io.ReadCloser, error), asked cohortAsked) (*dars.CohortList, error) {
	f, err := open()
	if err != nil {
		return nil, err
	}
	defer f.Close()
	c := &dars.CohortList{Agreement: asked.agreement.ID, Org: asked.agreement.Org, Dataset: asked.terms.Code, Kind: asked.dataset.CohortKind(*asked.terms.Cohort)}
	c.CohortCount, c.SHA256, err = o.Works.Reader.Cohort(f, asked.dataset, *asked.terms.Cohort)
	c.Vault = fmt.Sprintf("cohorts/%s-%s", c.Agreement, c.SHA256) // its own: with the case it goes, and another's stays
	return c, err
}

func (o Cohorts) store(open func() (io.ReadCloser, error), name string) error {
	f, err := open()
	if err != nil {
		return err
	}
	defer f.Close()
	return o.Works.Vault.Write("", name, f)
}

// follow names a cohort after the newest of its agreement and dataset, or refuses
// it.
func (o Cohorts) follow(tx *store.Tx, c *dars.CohortList) error {
	newest, err := newestCohort(tx, c.Agreement, c.Dataset)
	if err != nil {
		return err
	}
	last, err := tx.Last("cohort")
	if err != nil {
		return err
	}
	n, err := nextNumber(tx, "cohort", last)
	if err != nil {
		return err
	}
	c.ID = dars.CohortName(n)
	return c.Follow(newest, o.Limits)
}

// newestCohort is the version in force, or nil. It is carried over from an earlier
// version of an agreement that has named persons for the same dataset in the same way.
func newestCohort(tx *store.Tx, agreement dars.AgreementID, dataset string) (*dars.CohortList, error) {
	g, err := store.Get[dars.Agreement](tx, agreement)
	if err != nil {
		return nil, err
	}
	terms, err := g.Dataset(dataset)
	if err != nil {
		return nil, err
	}
	all, err := cohortsOf(tx, g.Stem, dataset)
	if err != nil {
		return nil, err
	}
	var newest *dars.CohortList
	for _, c := range all {
		made, err := store.Get[dars.Agreement](tx, c.Agreement)
		if err != nil {
			return nil, err
		}
		then, err := made.Dataset(dataset)
		same := err == nil && then.Cohort != nil && terms.Cohort != nil && *then.Cohort == *terms.Cohort
		if same && c.Destroyed == "" && (newest == nil || c.ID > newest.ID) {
			newest = c
		}
	}
	return newest, nil
}

// cohortsOf are all that came in for a dataset of a case, or for any of its datasets
// where none is said.
func cohortsOf(tx *store.Tx, stem, dataset string) (all []*dars.CohortList, err error) {
	versions, err := store.Find[dars.Agreement](tx, dars.By("case", stem))
	if err != nil {
		return nil, err
	}
	for _, g := range versions {
		keys := []dars.Key{dars.By("agreement", g.ID)}
		if dataset != "" {
			keys = append(keys, dars.By("dataset", dataset))
		}
		some, err := store.Find[dars.CohortList](tx, keys...)
		if err != nil {
			return nil, err
		}
		all = append(all, some...)
	}
	return all, nil
}

// endCohorts has the recipient's files destroyed when the last version of a case is
// closed: nothing is made with them any more, and they name persons.
func (o *Office) endCohorts(tx *store.Tx, a dars.Act, g *dars.Agreement) error {
	versions, err := store.Find[dars.Agreement](tx, dars.By("case", g.Stem))
	if err != nil || slices.ContainsFunc(versions, func(v *dars.Agreement) bool { return v.State != dars.Closed }) {
		return err
	}
	all, err := cohortsOf(tx, g.Stem, "")
	if err != nil {
		return err
	}
	for _, c := range all {
		if c.Destroyed != "" {
			continue
		}
		c.Destroyed = o.today(a)
		if err := tx.Save(a, "cohort destroy", c); err != nil {
			return err
		}
		if err := tx.Owe(oweCohort, c.ID); err != nil {
			return err
		}
	}
	return nil
}

// remove takes a destroyed cohort's file away, unless it is another's too: once equal
// files were kept in one place.
func (o Cohorts) remove(ctx context.Context, id dars.CohortID) error {
	var name string
	err := o.Store.View(ctx, func(tx *store.Tx) error {
		c, err := store.Get[dars.CohortList](tx, id)
		if err != nil {
			return err
		}
		same, err := store.Find[dars.CohortList](tx, dars.By("sha256", c.SHA256))
		shared := slices.ContainsFunc(same, func(other *dars.CohortList) bool { return other.Vault == c.Vault && other.Destroyed == "" })
		if c.Destroyed != "" && !shared {
			name = c.Vault
		}
		return err
	})
	if err != nil || name == "" {
		return err
	}
	err = o.Works.Vault.Remove(name)
	if errors.Is(err, fs.ErrNotExist) {
		return nil // it was done before
	}
	return err
}

// A cohortAsked is one dataset of an agreement that is for a cohort.
type cohortAsked struct {
	agreement *dars.Agreement
	terms     dars.DatasetRequest
	dataset   dars.Dataset
}

// asked finds what somebody hands in a cohort for. Agreements of others are not
// there.
func (o Cohorts) asked(tx *store.Tx, who *dars.Person, on dars.Day, meant cohortFor) (cohortAsked, error) {
	all, err := o.asking(tx, who, on)
	if err != nil {
		return cohortAsked{}, err
	}
	if len(all) == 0 && strings.EqualFold(path.Ext(meant.name), ".txt") && again(meant.name) == "" { // words, more likely than numbers
		return cohortAsked{}, unknownArrival(meant.name)
	}
	all = meant.among(all)
	switch len(all) {
	case 1:
		return all[0], nil
	case 0:
		return cohortAsked{}, dars.Refuse("no-cohort-asked", "cohort", "there is no agreement in force%s that asks you for a cohort", meant)
	}
	var names []string
	for _, c := range all {
		names = append(names, c.agreement.Stem+"-"+c.terms.Code+".csv")
	}
	slices.Sort(names)
	return cohortAsked{}, dars.Refuse("which-cohort", "cohort", "it could be for more than one agreement or dataset: give the file one of the names %s, or send it with ssh … cohort submit - --agreement REF --dataset CODE", strings.Join(names, ", "))
}

// asking lists what a person may hand in a cohort for on a day.
func (o Cohorts) asking(tx *store.Tx, who *dars.Person, on dars.Day) (all []cohortAsked, err error) {
	agreements, err := theirAgreements(tx, who)
	if err != nil {
		return nil, err
	}
	for _, g := range agreements {
		if !g.InForceOn(on) || !g.MayHandIn(who) {
			continue
		}
		for _, terms := range g.Datasets {
			known, err := o.Catalogue.Dataset(terms.Code)
			if err == nil && terms.Cohort != nil {
				all = append(all, cohortAsked{g, terms, known})
			}
		}
	}
	return all, nil
}

// theirAgreements are those in force to which somebody belongs, in order: as one of its
// organisations, or as who collects.
func theirAgreements(tx *store.Tx, who *dars.Person) (all []*dars.Agreement, err error) {
	for _, k := range []dars.Key{dars.By("org", who.Org), dars.By("controller", who.Org), dars.By("recipient", who.ID)} {
		some, err := store.Find[dars.Agreement](tx, k, dars.By("state", dars.InForce))
		if err != nil {
			return nil, err
		}
		all = append(all, some...)
	}
	slices.SortFunc(all, func(a, b *dars.Agreement) int { return strings.Compare(string(a.ID), string(b.ID)) })
	return slices.CompactFunc(all, func(a, b *dars.Agreement) bool { return a.ID == b.ID }), nil
}

// among keeps those that are meant.
func (f cohortFor) among(all []cohortAsked) (meant []cohortAsked) {
	ref, dataset := f.agreement, f.dataset
	if f.name != "" {
		ref, dataset = again(f.name), namedIn(f.name, all)
	}
	for _, c := range all {
		isCase := ref == "" || ref == c.agreement.Stem || ref == string(c.agreement.ID)
		if isCase && (dataset == "" || dataset == c.terms.Code) {
			meant = append(meant, c)
		}
	}
	return meant
}

// namedIn is the longest code of a dataset that stands in a file's name.
func namedIn(name string, all []cohortAsked) (code string) {
	for _, c := range all {
		if strings.Contains(strings.ToUpper(name), strings.ToUpper(c.terms.Code)) && len(c.terms.Code) > len(code) {
			code = c.terms.Code
		}
	}
	return code
}

// String is for a sentence: " for DARS-NIC-000001-X0X0X and HES_APC".
func (f cohortFor) String() string {
	ref := cmp.Or(f.agreement, again(f.name))
	switch {
	case ref != "" && f.dataset != "":
		return " for " + ref + " and " + f.dataset
	case ref != "" || f.dataset != "":
		return " for " + cmp.Or(ref, f.dataset)
	}
	return ""
}

// cohortToUse is how a release that is planned names the cohort in force, or nil
// where none is asked for. Without one that has come in nothing is planned.
func (o *Office) cohortToUse(tx *store.Tx, g *dars.Agreement, terms dars.DatasetRequest, known dars.Dataset) (*dars.CohortUsed, error) {
	if terms.Cohort == nil {
		return nil, nil
	}
	newest, err := newestCohort(tx, g.ID, terms.Code)
	if err != nil {
		return nil, err
	}
	if newest == nil {
		return nil, dars.NoCohort(g, known, *terms.Cohort)
	}
	return newest.Used(), nil
}

// cohortStill returns the cohort that a release was planned with, and the others
// with which its recipient holds releases. It refuses one that has been replaced:
// somebody may have left it who must not be sent any more.
func (o *Office) cohortStill(tx *store.Tx, g *dars.Agreement, r *dars.Release) (*dars.CohortList, []dars.CohortMade, error) {
	if r.Cohort == nil {
		return nil, nil, nil
	}
	newest, err := newestCohort(tx, g.ID, r.Dataset)
	if err != nil {
		return nil, nil, err
	}
	if newest == nil || newest.ID != r.Cohort.List {
		return nil, nil, dars.Refuse("cohort-changed", r.ID, "release %s was planned with version %d of the recipient's cohort, and another has come since: withdraw it and plan it again", r.ID, r.Cohort.Version)
	}
	earlier, err := earlierCohorts(tx, g, r)
	return newest, earlier, err
}

// earlierCohorts are other versions of a release's cohort with which files were made
// of which its recipients have a byte or more, and for which nothing has come since.
func earlierCohorts(tx *store.Tx, g *dars.Agreement, r *dars.Release) (all []dars.CohortMade, err error) {
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
			if before.Cohort == nil || before.Cohort.List == r.Cohort.List || before.ReplacedBy != "" {
				continue
			}
			held, err := sentAny(tx, before.ID)
			if err != nil {
				return nil, err
			}
			if !held {
				continue
			}
			i := slices.IndexFunc(all, func(c dars.CohortMade) bool { return c.ID == before.Cohort.List })
			if i < 0 {
				c, err := store.Get[dars.CohortList](tx, before.Cohort.List)
				if err != nil {
					return nil, err
				}
				i, all = len(all), append(all, dars.CohortMade{CohortList: c})
			}
			all[i].Releases = append(all[i].Releases, before.ID)
		}
	}
	return all, nil
}

// sentAny reports whether a byte of a release's files was sent to anybody.
func sentAny(tx *store.Tx, id dars.ReleaseID) (bool, error) {
	pages, err := store.Find[dars.Collection](tx, dars.By("release", id))
	return slices.ContainsFunc(pages, func(c *dars.Collection) bool { return c.Sent().Bytes() > 0 }), err
}

// cohorts are those that somebody is to hand in: nothing is released without.
func (l *waiting) cohorts() error {
	if l.who.Inside() || l.who.May("cohort submit") != nil {
		return nil
	}
	all, err := Cohorts(l.desk).asking(l.tx, l.who, l.on)
	if err != nil {
		return err
	}
	for _, c := range all {
		newest, err := newestCohort(l.tx, c.agreement.ID, c.terms.Code)
		if err != nil {
			return err
		}
		if newest == nil {
			l.all = append(l.all, Todo{"agreement", string(c.agreement.ID),
				fmt.Sprintf("hand in whom you ask for of %s: put a .csv or .txt with %s into submit/", c.terms.Code, c.dataset.CohortLines(*c.terms.Cohort)), c.agreement.Start, ""})
		}
	}
	return nil
}
