package office

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

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
	last, err := lastFile(tx)
	if err != nil {
		return nil, err
	}
	r := &dars.Release{ID: dars.ReleaseID(ref), Kind: dars.KindExtract, Agreement: agreement, Dataset: dataset, Periods: periods,
		State: dars.Planned, Planned: o.today(a), Files: []dars.ReleaseFile{}, Tags: []dars.PackageFile{}, Replaces: []dars.ReleaseID{}}
	for i, period := range periods {
		if !g.Agrees(terms, period) || slices.Contains(periods[:i], period) {
			return nil, dars.Refuse("not-agreed", g.ID, "agreement %s covers %s for %s, each once; %s is not to be released", g.ID, dataset, strings.Join(terms.Periods, ", "), period)
		}
		file := dars.FileID(fmt.Sprintf("FILE%07d", next(string(last), "FILE")+i))
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
	for _, code := range all {
		org, err := store.Get[dars.Organisation](tx, code)
		if err != nil {
			return err
		}
		if org.State == dars.OrgOnHold {
			return dars.Refuse("on-hold", code, "%s is on hold: %s", code, org.HoldReason)
		}
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

// Produce packages a planned release, with objections upheld unless its agreement says
// that they are not. The work is done between two short acts: the second asks again for all that the first relied
// on, and refuses if the list, the agreement or the release has changed, or if what it
// was made from is called back since. Until it has said yes no row names the package, and nobody sees it.
func (o Releases) Produce(ctx context.Context, a dars.Act, id dars.ReleaseID) error {
	p := Packing{Attempt: rand.Text()[:13], On: o.today(a)}
	var recalls string // so far
	prepare := func(tx *store.Tx) (*dars.Release, error) {
		r, err := store.Get[dars.Release](tx, id)
		if err != nil {
			return nil, err
		}
		trial := *r
		if err := trial.Produce(inName(tx, a), dars.Package{}); err != nil {
			return nil, err
		}
		g, terms, known, err := o.terms(tx, a, r.Agreement, r.Dataset, r.Kind)
		if err != nil {
			return nil, err
		}
		if err := r.Agreed(g.Treats(o.Policy.Uphold, r.Dataset)); err != nil {
			return nil, err
		}
		list, err := o.listFor(tx, r, o.today(a))
		if err != nil {
			return nil, err
		}
		if r.Treated() == dars.Uphold && p.List != nil && p.List.ID != list.ID {
			return nil, dars.Refuse("list-changed", r.ID, "a newer objections list (version %d) came while release %s was produced: produce it again", list.Version, r.ID)
		}
		p.Release, p.Agreement, p.Terms, p.Dataset, p.List = r, g, terms, known, list
		if p.Cohort, p.Earlier, err = o.cohortStill(tx, g, r); err != nil {
			return nil, err
		}
		if p.Despite, err = despite(tx, r); err != nil {
			return nil, err
		}
		if p.Table, err = o.tableToMake(tx, a, g, r, p.Table); err != nil {
			return nil, err
		}
		p.KeyMade, err = keyMade(tx, g.Stem)
		return r, err
	}
	err := o.Store.View(ctx, func(tx *store.Tx) (err error) {
		if _, err := o.allowed(tx, a, "release produce"); err != nil {
			return err
		}
		if recalls, err = tx.Last("recall"); err == nil {
			_, err = prepare(tx)
		}
		return err
	})
	if err != nil {
		return err
	}
	if p.Table != nil {
		end, err := o.Works.Tables.Turn(ctx)
		if err != nil {
			return err
		}
		defer end()
		if err := o.readSigns(p.Table.Earlier); err != nil {
			return err
		}
	}
	began := time.Now()
	made, err := o.Works.Packer.Pack(ctx, p)
	if a.Via != dars.Rehearsal { // whose clock stands still while it works
		a.At = a.At.Add(time.Since(began))
	}
	if err == nil {
		err = o.do(ctx, a, "release produce", func(tx *store.Tx, who *dars.Person) error {
			r, err := prepare(tx)
			if err != nil {
				return err
			}
			if err := r.Produce(inName(tx, a), made); err != nil {
				return err
			}
			if err := o.overtaken(tx, r, recalls, o.today(a)); err != nil {
				return err
			}
			return keep(tx, a, "release produce", r, o.remade(a))
		})
	}
	var no *dars.Refusal
	if errors.As(err, &no) {
		// After any other error nobody knows whether the row names the package.
		return errors.Join(err, o.Works.Packer.Discard(p))
	}
	return err
}

// Quarantine opens the rows that could not be read when a release was packaged. They
// are anybody's, objectors' too: for those who make and check packages, and for no
// recipient.
func (o Releases) Quarantine(ctx context.Context, a dars.Act, id dars.ReleaseID) (rows io.ReadCloser, err error) {
	var r *dars.Release
	err = o.do(ctx, a, "release quarantine", func(tx *store.Tx, _ *dars.Person) (err error) {
		if r, err = store.Get[dars.Release](tx, id); err != nil {
			return err
		}
		if r.Counts.RowsQuarantined == 0 || len(r.Package()) == 0 {
			return dars.Refuse("no-quarantine", id, "release %s is %s, and no rows lie there that were put aside for it", id, r.State)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return o.Works.Vault.Read(id, Quarantine(id, r.Attempt))
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

// Check says that a second person has looked at what was produced.
func (o Releases) Check(ctx context.Context, a dars.Act, id dars.ReleaseID) error {
	return one(ctx, o.Office, a, "release check", id, func(a dars.Act, r *dars.Release) error { return r.Check(a) }, notOutdated)
}

// SignOff is a third person's word that it may leave.
func (o Releases) SignOff(ctx context.Context, a dars.Act, id dars.ReleaseID) error {
	return one(ctx, o.Office, a, "release sign-off", id, func(a dars.Act, r *dars.Release) error { return r.SignOff(a) }, notOutdated)
}

// notOutdated refuses a release that is called back, or for which a newer list can be
// used: nobody need look at what cannot be published.
func notOutdated(tx *store.Tx, r *dars.Release) error {
	if err := notRecalled(tx, r.ID); err != nil {
		return err
	}
	newest, err := usableList(tx)
	if err != nil || newest == nil {
		return err
	}
	return r.MadeWith(newest)
}

// Publish lets its recipients collect a release, and writes to them. What was
// asked at its production is asked again: the agreement, the organisation and the
// list, which must still be fit and still be the newest.
func (o Releases) Publish(ctx context.Context, a dars.Act, id dars.ReleaseID) error {
	return o.do(ctx, a, "release publish", func(tx *store.Tx, _ *dars.Person) error {
		r, err := store.Get[dars.Release](tx, id)
		if err != nil {
			return err
		}
		g, _, known, err := o.terms(tx, a, r.Agreement, r.Dataset, r.Kind)
		if err != nil {
			return err
		}
		if err := ready(tx, g, dars.StagePublish); err != nil {
			return err
		}
		if err := r.Publish(a, o.today(a), o.Policy.DownloadWindowDays, g.End); err != nil {
			return err
		}
		if err := notRecalled(tx, r.ID); err != nil {
			return err
		}
		if err := r.Agreed(g.Treats(o.Policy.Uphold, r.Dataset)); err != nil {
			return err
		}
		if err := r.Confirmed(); err != nil {
			return err
		}
		list, err := o.listFor(tx, r, o.today(a))
		if err != nil {
			return err
		}
		if err := r.MadeWith(list); err != nil {
			return err
		}
		if _, _, err := o.cohortStill(tx, g, r); err != nil {
			return err
		}
		if err := o.tableStill(a, g, r); err != nil {
			return err
		}
		if err := o.guard(tx, g, r); err != nil {
			return err
		}
		if err := tx.Save(a, "release publish", r); err != nil {
			return err
		}
		if err := o.stopClock(tx, a, "release publish", g, fmt.Sprintf("first access: release %s was published", r.ID)); err != nil {
			return err
		}
		if err := o.replace(tx, a, g, r); err != nil {
			return err
		}
		if err := tx.Owe(oweCheck, a.At.UTC()); err != nil {
			return err
		}
		if err := o.notify(tx, a, r, g, known, g.Recipients...); err != nil {
			return err
		}
		return o.accounts(tx, a, g.Stem)
	})
}

// notify writes to recipients what there is to collect, each with the piece of
// ssh_config that is theirs.
func (o Releases) notify(tx *store.Tx, a dars.Act, r *dars.Release, g *dars.Agreement, d dars.Dataset, to ...dars.PersonID) error {
	for _, id := range to {
		p, err := store.Get[dars.Person](tx, id)
		if err != nil {
			return err
		}
		if err := write(tx, a, letter{To: []dars.PersonID{id}, Dates: []dars.Date{collectDate(r)},
			Subject: fmt.Sprintf("%s: %s is ready to collect until %s", g.ID, r.ID, r.WindowEnds.Long()),
			Body:    o.notice(r, g, d, p.Login)}); err != nil {
			return err
		}
	}
	return nil
}

// notice is the mail that tells a recipient what to collect, and how.
func (o Releases) notice(r *dars.Release, g *dars.Agreement, d dars.Dataset, login string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "Release %s under agreement %s is ready: %s.\n\nCollect it by SFTP until %s, from\n\n    collect/%s/%s/\n\n", r.ID, g.ID, d.Name, r.WindowEnds.Long(), g.ID, r.ID)
	for _, f := range r.Files {
		fmt.Fprintf(&b, "    %s  %d bytes\n", f.Path, f.Bytes)
	}
	if r.Reissues != "" {
		fmt.Fprintf(&b, "\nIt is %s issued again, made anew.\n", r.Reissues)
	}
	for _, before := range r.Replaces {
		if r.Rebuilds != nil && r.Rebuilds.Of == before {
			fmt.Fprintf(&b, "\nIt takes the place of %s, which was withdrawn: %s.\n", before, r.Rebuilds.Because)
			continue
		}
		fmt.Fprintf(&b, "\nIt replaces %s: destroy every copy of that one within %d days.\n", before, dars.ReplacedDays)
	}
	fmt.Fprintf(&b, "\n%s\nThen:\n\n    sftp -r darsd:collect/%s/%s .\n    cd %s && sha512sum -c manifest-sha512.txt\n", o.Works.Endpoint().Help(login), g.ID, r.ID, r.ID)
	return b.String()
}

// Extend moves the last day on which a release can be collected, and tells who may.
func (o Releases) Extend(ctx context.Context, a dars.Act, id dars.ReleaseID, until dars.Day) error {
	return o.do(ctx, a, "release extend", func(tx *store.Tx, _ *dars.Person) error {
		r, err := store.Get[dars.Release](tx, id)
		if err != nil {
			return err
		}
		g, err := store.Get[dars.Agreement](tx, r.Agreement)
		if err != nil {
			return err
		}
		if err := r.Extend(a, until, g.End); err != nil {
			return err
		}
		if err := tx.Save(a, "release extend", r); err != nil {
			return err
		}
		return write(tx, a, letter{To: g.Recipients, Dates: []dars.Date{collectDate(r)},
			Subject: fmt.Sprintf("%s: %s can be collected until %s", g.ID, r.ID, until.Long()),
			Body:    fmt.Sprintf("Release %s under agreement %s can be collected for longer than we said before: until %s.\n", r.ID, g.ID, until.Long())})
	})
}
