package office

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"time"

	"darsd/dars"
	"darsd/store"
)

// When objections come late: a list that has become usable is tried on every
// release that can be collected.
//
//	list usable ──▶ held, trial owed ──▶ dry count ──▶ nothing falls: noted
//	                                             ├──▶ falls, nothing sent: withdrawn, rebuild owed
//	                                             └──▶ falls, some sent: frozen, an officer decides
//
// The count stands between two short acts and may take hours; so may the rebuild.

// A lateTrial is one list to be tried on one release.
type lateTrial struct {
	Release dars.ReleaseID `json:"release"`
	Version int            `json:"version"` // of the list
	following
}

// A lateRebuild is a release that the program is to produce.
type lateRebuild struct {
	Release dars.ReleaseID `json:"release"`
	following
}

// following is when long work was owed, and at what kind of door: a rehearsal's
// clock stands still while the program works.
type following struct {
	At  time.Time `json:"at"`
	Via dars.Door `json:"via"`
}

// act is the program's own, some time after the one that owed it. The log's
// clock does not go back for it.
func (f following) act(tx *store.Tx, took time.Duration) (dars.Act, error) {
	a := dars.Act{Who: dars.ByClock, At: f.At, Via: dars.Clock}
	if f.Via == dars.Rehearsal {
		a.Via = dars.Rehearsal
	} else {
		a.At = a.At.Add(took)
	}
	newest, err := tx.Newest()
	if newest.After(a.At) {
		a.At = newest
	}
	return a, err
}

// oweTrials has a list that has become usable tried on what is published. From then
// on nobody collects it until that is done: what left meanwhile could not be brought
// back.
func (o *Office) oweTrials(tx *store.Tx, a dars.Act, l *dars.List) error {
	for _, state := range []dars.ReleaseState{dars.Published, dars.Collected} {
		all, err := store.Find[dars.Release](tx, dars.By("state", state))
		if err != nil {
			return err
		}
		for _, r := range all {
			if !r.Triable(l) {
				continue
			}
			r.Hold(l)
			if err := tx.Save(a, "release held", r); err != nil {
				return err
			}
			if err := tx.Owe(oweTrial, lateTrial{r.ID, l.Version, following{a.At.UTC(), a.Via}}); err != nil {
				return err
			}
		}
	}
	return nil
}

// A dryRun is what a trial counts with.
type dryRun struct {
	Packing
	Passed []*dars.List // whose objections an officer has let pass
	Newer  *dars.List
}

// try tries a list on a release. The count is done between two short acts: the
// second asks again for all that the first relied on.
func (o Releases) try(ctx context.Context, t lateTrial) error {
	began := time.Now()
	var run *dryRun
	err := o.Store.View(ctx, func(tx *store.Tx) (err error) {
		run, err = o.dryRun(tx, t)
		return err
	})
	if err != nil || run == nil {
		return err
	}
	fall := o.count(ctx, run)
	if fall.Cause == dars.TrialFailed {
		o.Log.Error("an objections list could not be tried", "release", t.Release, "version", t.Version, "why", fall.Why)
	}
	if ctx.Err() != nil {
		return context.Cause(ctx) // it says nothing of the release
	}
	return o.Store.Do(ctx, func(tx *store.Tx) error {
		now, err := o.dryRun(tx, t)
		if err != nil || now == nil {
			return err
		}
		if !now.same(run) {
			return fmt.Errorf("release %s: what it is counted with changed meanwhile; it is counted again", t.Release)
		}
		a, err := t.act(tx, time.Since(began))
		if err != nil {
			return err
		}
		return o.fallen(tx, a, now, fall)
	})
}

// dryRun is what a release is counted with, or nil where there is nothing to try any
// more: somebody has, or it is gone, or a newer list is usable, which is tried
// by itself.
func (o *Office) dryRun(tx *store.Tx, t lateTrial) (*dryRun, error) {
	newest, err := usableList(tx)
	if err != nil || newest == nil || newest.Version != t.Version {
		return nil, err
	}
	r, err := store.Get[dars.Release](tx, t.Release)
	if err != nil || !r.Triable(newest) {
		return nil, err
	}
	run := &dryRun{Newer: newest, Packing: Packing{Release: r, On: r.Published, KeyMade: true}}
	if run.Agreement, err = store.Get[dars.Agreement](tx, r.Agreement); err != nil {
		return nil, err
	}
	if run.List, err = store.Get[dars.List](tx, r.Objections.List); err != nil {
		return nil, err
	}
	if r.Cohort != nil { // the one it was made with, whatever has come since
		if run.Cohort, err = store.Get[dars.CohortList](tx, r.Cohort.List); err != nil {
			return nil, err
		}
	}
	if r.Late != nil {
		for _, version := range r.Late.Passed {
			l, err := store.Get[dars.List](tx, dars.ListName(version))
			if err != nil {
				return nil, err
			}
			run.Passed = append(run.Passed, l)
		}
	}
	return run, nil
}

// same reports whether a count that was made with one stands for the other. What
// became of the release meanwhile, short of its package, is no matter.
func (d *dryRun) same(o *dryRun) bool {
	return d.Release.Attempt == o.Release.Attempt && reflect.DeepEqual(d.Agreement.Datasets, o.Agreement.Datasets) &&
		reflect.DeepEqual(d.List, o.List) && reflect.DeepEqual(d.Passed, o.Passed) && d.Newer.SHA256 == o.Newer.SHA256
}

// count finds out whether a row that was let out would now be withheld. It counts
// what its own list lets out, which must be what was released; then what is left of
// that under the newer list as well. The difference is those rows: whoever objected
// then and does no more changes nothing.
//
// Whatever keeps it from counting counts as a fall: nobody could say that the
// release is good.
func (o *Office) count(ctx context.Context, d *dryRun) (fall dars.Fall) {
	defer func() {
		if recover() != nil { // of which nothing is repeated: it may hold a row
			fall = dars.Fall{Cause: dars.TrialFailed, Obstacle: dars.Obstacle{Why: "a fault of the program"}}
		}
	}()
	known := append([]*dars.List{d.List}, d.Passed...)
	if slices.ContainsFunc(known, func(l *dars.List) bool { return l.SHA256 == d.Newer.SHA256 }) {
		return dars.Fall{} // the same numbers
	}
	rows, seen, err := o.rowsFallen(ctx, d)
	var no *dars.Refusal
	switch {
	case errors.As(err, &no):
		return dars.Fall{Cause: dars.SourceChanged, Obstacle: dars.Obstacle{Why: no.Sentence, Seen: seen}}
	case err != nil:
		return dars.Fall{Cause: dars.TrialFailed, Obstacle: dars.Obstacle{Why: err.Error()}}
	case rows == 0:
		return dars.Fall{}
	}
	return dars.Fall{Cause: dars.RowsFall, Rows: rows}
}

// rowsFallen counts the rows that fall, and says what it has read to do so.
func (o *Office) rowsFallen(ctx context.Context, d *dryRun) (rows int64, seen []dars.Source, err error) {
	if d.Terms, err = d.Agreement.Dataset(d.Release.Dataset); err != nil {
		return 0, nil, err
	}
	if d.Dataset, err = o.Catalogue.Dataset(d.Release.Dataset); err != nil {
		return 0, nil, err
	}
	then, err := o.Works.Packer.Count(ctx, d.Packing)
	seen = then.Sources
	if err == nil {
		err = d.Release.Unchanged(then)
	}
	if err == nil && len(d.Passed) > 0 {
		then, err = o.recount(ctx, d, seen, d.Passed...)
	}
	if err != nil {
		return 0, seen, err
	}
	now, err := o.recount(ctx, d, seen, append(slices.Clone(d.Passed), d.Newer)...)
	return then.Counts.RowsOut - now.Counts.RowsOut, seen, err
}

// recount counts once more, and believes it only of the same sources.
func (o *Office) recount(ctx context.Context, d *dryRun, seen []dars.Source, further ...*dars.List) (dars.Package, error) {
	again, err := o.Works.Packer.Count(ctx, d.Packing, further...)
	if err == nil && !slices.Equal(again.Sources, seen) {
		err = fmt.Errorf("release %s: its source changed while it was counted", d.Release.ID)
	}
	return again, err
}

// fallen does what follows from a trial.
func (o Releases) fallen(tx *store.Tx, a dars.Act, d *dryRun, f dars.Fall) error {
	r, before := d.Release, dars.Untouched
	if r.Late != nil {
		before = r.Late.State
	}
	sent, err := o.sentOf(tx, d.Agreement, r.ID)
	if err != nil {
		return err
	}
	if err := r.Try(a, d.Newer, f, len(sent) > 0); err != nil {
		return err
	}
	if err := tx.Save(a, "release try", r); err != nil {
		return err
	}
	switch {
	case r.Late.State == before:
		return nil
	case r.Late.State == dars.CalledBack:
		if err := tx.Owe(owePurge, r.ID); err != nil {
			return err
		}
		return o.rebuild(tx, a, d.Agreement, r)
	}
	return o.tellFrozen(tx, a, d.Agreement, r)
}

// sentOf lists the files of a release of which at least one byte has left.
func (o *Office) sentOf(tx *store.Tx, g *dars.Agreement, id dars.ReleaseID) (files []dars.SentFile, err error) {
	all, err := o.sentUnder(tx, g)
	for _, f := range all {
		if f.Release == id {
			files = append(files, f)
		}
	}
	return files, err
}

// rebuild plans a withdrawn release again, for the program to produce, and writes to
// its recipients. What the rules do not allow now waits for a case officer.
func (o Releases) rebuild(tx *store.Tx, a dars.Act, g *dars.Agreement, r *dars.Release) error {
	n, err := o.plannedUnasked(tx, a, r.Agreement, r.Dataset, r.Periods)
	var no *dars.Refusal
	if errors.As(err, &no) {
		if err := o.tellWithdrawn(tx, a, g, r); err != nil {
			return err
		}
		return write(tx, a, letter{Roles: []dars.Role{dars.CaseOfficer},
			Subject: fmt.Sprintf("%s was withdrawn and is not made again", r.ID),
			Body:    fmt.Sprintf("Release %s under agreement %s was withdrawn %s, and cannot be planned again now: %s.\n", r.ID, g.ID, because(r.Late), no.Sentence)})
	}
	if err != nil {
		return err
	}
	n.Rebuilds = &dars.Rebuild{Of: r.ID, Because: rebuiltBecause(r)}
	if err := tx.Save(a, "release rebuild", n); err != nil {
		return err
	}
	r.RebuildAs(n.ID)
	if err := tx.Save(a, "release rebuild", r); err != nil {
		return err
	}
	if err := tx.Owe(oweRebuild, lateRebuild{n.ID, following{a.At.UTC(), a.Via}}); err != nil {
		return err
	}
	return o.tellWithdrawn(tx, a, g, r)
}

// remake produces a release that the program has planned. A rule that says no is
// told to people, who can produce it themselves; another newer list is no matter:
// it is made with that.
func (o Releases) remake(ctx context.Context, b lateRebuild) error {
	var a dars.Act
	var r *dars.Release
	err := o.Store.View(ctx, func(tx *store.Tx) (err error) {
		if r, err = store.Get[dars.Release](tx, b.Release); err == nil {
			a, err = b.act(tx, 0)
		}
		return err
	})
	if err != nil || r.State != dars.Planned {
		return err // somebody was faster
	}
	err = o.Produce(ctx, a, r.ID)
	var no *dars.Refusal
	if !errors.As(err, &no) || no.Rule == "list-changed" || ctx.Err() != nil {
		return err
	}
	if overtaken, err := o.noLongerPlanned(ctx, r.ID); err != nil || overtaken {
		return err // somebody was faster while it was made
	}
	return o.Store.Do(ctx, func(tx *store.Tx) error {
		return write(tx, a, letter{Roles: []dars.Role{dars.Producer, dars.CaseOfficer},
			Subject: fmt.Sprintf("%s could not be produced by the program", r.ID),
			Body:    fmt.Sprintf("Release %s takes the place of %s, and could not be produced: %s.\n\n    darsd release produce %s\n", r.ID, r.Rebuilds.Of, no.Sentence, r.ID)})
	})
}

func (o Releases) noLongerPlanned(ctx context.Context, id dars.ReleaseID) (so bool, err error) {
	err = o.Store.View(ctx, func(tx *store.Tx) error {
		r, err := store.Get[dars.Release](tx, id)
		so = err == nil && r.State != dars.Planned
		return err
	})
	return so, err
}

// remade tells the checkers what the program has produced: nobody else has seen it.
func (o Releases) remade(a dars.Act) func(*store.Tx, *dars.Release) error {
	return func(tx *store.Tx, r *dars.Release) error {
		if a.Who != dars.ByClock || r.Rebuilds == nil {
			return nil
		}
		return write(tx, a, letter{Roles: []dars.Role{dars.Checker},
			Subject: fmt.Sprintf("%s was produced by the program and waits for a checker", r.ID),
			Body:    fmt.Sprintf("Release %s takes the place of %s, which was withdrawn: %s. It waits for a checker and a signer as any other.\n\n    darsd release show %s\n    darsd release check %s\n", r.ID, r.Rebuilds.Of, r.Rebuilds.Because, r.ID, r.ID)})
	}
}
