package office

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"time"

	"darsd/dars"
	"darsd/store"
)

// When objections come late: a list that has become usable is tried on every
// release that can be collected.
//
//	list usable ──▶ trial owed ──▶ dry count ──▶ nothing falls: noted
//	                                       ├──▶ falls, nothing sent: withdrawn, rebuild owed
//	                                       └──▶ falls, some sent: frozen, an officer decides
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

// oweTrials has a list that has become usable tried on what is published.
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
			fall = dars.Fall{Cause: dars.TrialFailed, Why: "a fault of the program"}
		}
	}()
	known := append([]*dars.List{d.List}, d.Passed...)
	if slices.ContainsFunc(known, func(l *dars.List) bool { return l.SHA256 == d.Newer.SHA256 }) {
		return dars.Fall{} // the same numbers
	}
	rows, err := o.rowsFallen(ctx, d)
	var no *dars.Refusal
	switch {
	case errors.As(err, &no):
		return dars.Fall{Cause: dars.SourceChanged, Why: no.Sentence}
	case err != nil:
		return dars.Fall{Cause: dars.TrialFailed, Why: err.Error()}
	case rows == 0:
		return dars.Fall{}
	}
	return dars.Fall{Cause: dars.RowsFall, Rows: rows}
}

func (o *Office) rowsFallen(ctx context.Context, d *dryRun) (rows int64, err error) {
	if d.Terms, err = d.Agreement.Dataset(d.Release.Dataset); err != nil {
		return 0, err
	}
	if d.Dataset, err = o.Catalogue.Dataset(d.Release.Dataset); err != nil {
		return 0, err
	}
	then, err := o.Works.Packer.Count(ctx, d.Packing)
	if err != nil {
		return 0, err
	}
	if err := d.Release.Unchanged(then); err != nil {
		return 0, err
	}
	if len(d.Passed) > 0 {
		if then, err = o.Works.Packer.Count(ctx, d.Packing, d.Passed...); err != nil {
			return 0, err
		}
	}
	now, err := o.Works.Packer.Count(ctx, d.Packing, append(slices.Clone(d.Passed), d.Newer)...)
	return then.Counts.RowsOut - now.Counts.RowsOut, err
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
	n, err := o.planned(tx, a, r.Agreement, r.Dataset, r.Periods)
	var no *dars.Refusal
	if errors.As(err, &no) {
		if err := o.tellWithdrawn(tx, a, g, r); err != nil {
			return err
		}
		return write(tx, a, letter{Roles: []dars.Role{dars.CaseOfficer},
			Subject: fmt.Sprintf("%s was withdrawn and is not made again", r.ID),
			Body:    fmt.Sprintf("Release %s under agreement %s was withdrawn because objections came late, and cannot be planned again now: %s.\n", r.ID, g.ID, no.Sentence)})
	}
	if err != nil {
		return err
	}
	n.Rebuilds = &dars.Rebuild{Of: r.ID, Because: "objections came after " + string(r.ID) + " was published"}
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
	if !errors.As(err, &no) || no.Rule == "list-changed" {
		return err
	}
	return o.Store.Do(ctx, func(tx *store.Tx) error {
		return write(tx, a, letter{Roles: []dars.Role{dars.Producer, dars.CaseOfficer},
			Subject: fmt.Sprintf("%s could not be produced by the program", r.ID),
			Body:    fmt.Sprintf("Release %s takes the place of %s, and could not be produced: %s.\n\n    darsd release produce %s\n", r.ID, r.Rebuilds.Of, no.Sentence, r.ID)})
	})
}

// remade tells the checkers what the program has produced: nobody else has seen it.
func (o Releases) remade(a dars.Act) func(*store.Tx, *dars.Release) error {
	return func(tx *store.Tx, r *dars.Release) error {
		if a.Who != dars.ByClock || r.Rebuilds == nil {
			return nil
		}
		return write(tx, a, letter{Roles: []dars.Role{dars.Checker},
			Subject: fmt.Sprintf("%s was produced by the program and waits for a checker", r.ID),
			Body:    fmt.Sprintf("Release %s takes the place of %s, which was withdrawn because objections came late. It waits for a checker and a signer as any other.\n\n    darsd release show %s\n    darsd release check %s\n", r.ID, r.Rebuilds.Of, r.ID, r.ID)})
	}
}

// Resume is a case officer's decision that a frozen release is finished: it can be
// collected again.
func (o Releases) Resume(ctx context.Context, a dars.Act, id dars.ReleaseID) error {
	return o.do(ctx, a, "release resume", func(tx *store.Tx, _ *dars.Person) error {
		r, g, err := withAgreement(tx, id)
		if err != nil {
			return err
		}
		newest, err := usableList(tx)
		if err != nil {
			return err
		}
		if err := r.Resume(a, newest); err != nil {
			return err
		}
		if err := keep(tx, a, "release resume", r); err != nil {
			return err
		}
		body := fmt.Sprintf("Release %s under agreement %s is no longer held. What you have collected of it you may use as agreed", r.ID, g.ID)
		if r.Open(o.today(a)) {
			body += fmt.Sprintf(", and the rest can be collected until %s", r.WindowEnds.Long())
		}
		return write(tx, a, letter{To: addressees(g), Subject: fmt.Sprintf("%s: %s is no longer held", g.ID, r.ID), Body: body + ".\n"})
	})
}

// Withdraw takes a release back, at once and on open sessions too. Our own copy
// goes. What was sent of one that was frozen is asked back, and only when that is
// accounted for is it made again: old and new subtracted would name whoever objected.
func (o Releases) Withdraw(ctx context.Context, a dars.Act, id dars.ReleaseID) error {
	return o.do(ctx, a, "release withdraw", func(tx *store.Tx, _ *dars.Person) error {
		r, g, err := withAgreement(tx, id)
		if err != nil {
			return err
		}
		late := r.IsFrozen()
		if err := r.Withdraw(a); err != nil {
			return err
		}
		if err := keep(tx, a, "release withdraw", r); err != nil {
			return err
		}
		if err := tx.Owe(owePurge, r.ID); err != nil || !late {
			return err
		}
		sent, err := o.sentOf(tx, g, r.ID)
		switch {
		case err != nil:
			return err
		case !g.InForceOn(o.today(a)):
			return nil // its own certificate asks for all that was sent under it
		case len(sent) == 0:
			return o.rebuild(tx, a, g, r)
		}
		return o.askBack(tx, a, g, r, sent)
	})
}

// askBack asks for a certificate of destruction for what was sent of a release.
func (o Releases) askBack(tx *store.Tx, a dars.Act, g *dars.Agreement, r *dars.Release, sent []dars.SentFile) error {
	holders, err := holders(tx, g, sent)
	if err != nil {
		return err
	}
	ref, err := number(tx, "certificate", "CERT-")
	if err != nil {
		return err
	}
	on := o.today(a)
	c := &dars.Certificate{ID: dars.CertificateID(ref), Agreement: g.ID, Release: r.ID, Org: g.Org, State: dars.CertIssued, Files: sent, Holders: holders,
		Issued: on, Due: on.Add(o.Policy.CertificateDays), Items: []dars.Destruction{}, Steps: []dars.Step{}}
	if err := tx.Save(a, "certificate issue", c); err != nil {
		return err
	}
	r.Certify(c.ID)
	if err := tx.Save(a, "release withdraw", r); err != nil {
		return err
	}
	for _, kind := range []string{"certificate", "certificate-form"} {
		if err := owePaper(tx, a, kind, string(c.ID)); err != nil {
			return err
		}
	}
	return write(tx, a, letter{To: addressees(g),
		Subject: fmt.Sprintf("%s: destroy %s; certificate of destruction %s due by %s", g.ID, r.ID, c.ID, c.Due.Long()),
		Body: fmt.Sprintf("Release %s under agreement %s is withdrawn: people in it have objected to this use of their data since it was made.\n\nAll that was sent of it is to be destroyed by every holder: %s. The certificate %s lists each file. Fill in papers/%s.yaml and put it into submit/ by %s. The release is made again, without them, when the certificate is accepted.\n",
			r.ID, g.ID, strings.Trim(fmt.Sprint(c.Holders), "[]"), c.ID, c.ID, c.Due.Long())})
}

// givenBack follows the acceptance of a certificate for one release. While a backup
// lives on the release is not made again.
func (o Releases) givenBack(tx *store.Tx, a dars.Act, c *dars.Certificate) error {
	r, g, err := withAgreement(tx, c.Release)
	if err != nil {
		return err
	}
	body := fmt.Sprintf("Certificate %s is accepted as interim: a backup lives until %s. Release %s is made again after that.\n", c.ID, c.BackupEnd.Long(), r.ID)
	if c.State == dars.CertAccepted {
		body = fmt.Sprintf("Certificate %s is accepted: what was sent of release %s is accounted for.\n", c.ID, r.ID)
	}
	if err := write(tx, a, letter{To: []dars.PersonID{g.Contact}, Subject: fmt.Sprintf("%s: certificate of destruction %s", c.ID, c.State), Body: body}); err != nil {
		return err
	}
	if c.State != dars.CertAccepted || !g.InForceOn(o.today(a)) {
		return nil
	}
	return o.rebuild(tx, a, g, r)
}

// standsInTheWay refuses a release in the place of one that is frozen, or of which
// what was sent is not accounted for yet.
func standsInTheWay(tx *store.Tx, before *dars.Release) error {
	if before.IsFrozen() {
		return dars.Refuse("frozen", before.ID, "release %s covers the same period and is frozen because objections came late: decide first, with darsd release resume or darsd release withdraw", before.ID)
	}
	c, err := certificateOf(tx, before)
	if err == nil && c != nil && c.State != dars.CertAccepted {
		err = dars.Refuse("certificate-owed", c.ID, "release %s covers the same period and was withdrawn because objections came late: until its certificate of destruction %s is accepted nothing takes its place, or the two subtracted would name whoever objected", before.ID, c.ID)
	}
	return err
}

// certificateOf is the certificate for what was sent of a release that was taken
// back, or nil.
func certificateOf(tx *store.Tx, r *dars.Release) (*dars.Certificate, error) {
	if r.Late == nil || r.Late.Certificate == "" {
		return nil, nil
	}
	return store.Get[dars.Certificate](tx, r.Late.Certificate)
}

// owedSince says why a certificate is asked for.
func owedSince(c *dars.Certificate, g *dars.Agreement) string {
	if c.Release != "" {
		return fmt.Sprintf("Release %s under agreement %s was withdrawn on %s", c.Release, g.ID, c.Issued.Long())
	}
	return fmt.Sprintf("Agreement %s ended on %s", g.ID, g.Ended.Long())
}

func withAgreement(tx *store.Tx, id dars.ReleaseID) (*dars.Release, *dars.Agreement, error) {
	r, err := store.Get[dars.Release](tx, id)
	if err != nil {
		return nil, nil, err
	}
	g, err := store.Get[dars.Agreement](tx, r.Agreement)
	return r, g, err
}

// addressees are whom the office writes to about what was released.
func addressees(g *dars.Agreement) []dars.PersonID {
	return append([]dars.PersonID{g.Contact}, g.Recipients...)
}

// heldWords say to a recipient why a release that was published is not there. It names
// no cause: a source that is gone is the office's matter.
func (o *Office) heldWords(r *dars.Release) string {
	since := o.Calendar.Day(r.Late.Since).Long()
	switch {
	case r.IsFrozen():
		return fmt.Sprintf("release %s is held since %s because of objections that came after it was made; keep what you have of it apart, and wait for the office's decision", r.ID, since)
	case r.Late.RebuiltAs != "":
		return fmt.Sprintf("release %s was withdrawn on %s because of objections that came after it was made; %s takes its place and will be announced", r.ID, since, r.Late.RebuiltAs)
	case r.Late.Certificate != "":
		return fmt.Sprintf("release %s was withdrawn on %s because of objections that came after it was made; destroy what you have of it and return %s", r.ID, since, r.Late.Certificate)
	}
	return fmt.Sprintf("release %s was withdrawn on %s because of objections that came after it was made", r.ID, since)
}

// isHeld reports whether there is something to say of it to a recipient on a day.
func isHeld(r *dars.Release, on dars.Day) bool {
	return r.IsFrozen() || r.Late != nil && r.Late.State == dars.CalledBack && r.ReplacedBy == "" && on <= r.WindowEnds
}

func (o Releases) tellFrozen(tx *store.Tx, a dars.Act, g *dars.Agreement, r *dars.Release) error {
	if err := write(tx, a, letter{To: addressees(g), Subject: fmt.Sprintf("%s: %s is held", g.ID, r.ID), Body: sentence(o.heldWords(r))}); err != nil {
		return err
	}
	return write(tx, a, letter{Roles: []dars.Role{dars.CaseOfficer},
		Subject: fmt.Sprintf("%s is frozen: decide", r.ID),
		Body: fmt.Sprintf("Release %s under agreement %s is frozen: %s. Some of it was sent. Either the objections came after and it is finished, or it is withdrawn, what was sent is destroyed, and it is then made again.\n\n    darsd release resume %s --reason \"…\"\n    darsd release withdraw %s --reason \"…\"\n",
			r.ID, g.ID, WhyLate(r.Late), r.ID, r.ID)})
}

func (o Releases) tellWithdrawn(tx *store.Tx, a dars.Act, g *dars.Agreement, r *dars.Release) error {
	return write(tx, a, letter{To: addressees(g), Subject: fmt.Sprintf("%s: %s is withdrawn", g.ID, r.ID), Body: sentence(o.heldWords(r)) + "Nothing of it had been sent to you.\n"})
}

// sentence makes one of a refusal's words.
func sentence(words string) string { return strings.ToUpper(words[:1]) + words[1:] + ".\n" }

// WhyLate says to the office why a release counts as fallen under a list.
func WhyLate(l *dars.Late) string {
	switch l.Cause {
	case dars.RowsFall:
		what := fmt.Sprintf("%d rows that were", l.Rows)
		if l.Rows == 1 {
			what = "one row that was"
		}
		return fmt.Sprintf("objections list version %d would withhold %s let out", l.Tried, what)
	case dars.SourceChanged:
		return fmt.Sprintf("objections list version %d could not be tried, and so counts as if it withheld rows: %s", l.Tried, l.Why)
	}
	return fmt.Sprintf("objections list version %d could not be tried: %s", l.Tried, l.Why)
}

// frozen are the releases that wait for an officer's decision.
func (l *waiting) frozen() error {
	if !l.who.Inside() || l.who.May("release resume") != nil {
		return nil
	}
	all, err := store.Find[dars.Release](l.tx, dars.By("late", dars.Frozen))
	for _, r := range all {
		g, err := store.Get[dars.Agreement](l.tx, r.Agreement)
		if err != nil {
			return err
		}
		if !g.InForceOn(l.on) {
			continue // what was sent under it is asked back anyway
		}
		since := l.desk.Calendar.Day(r.Late.Since)
		if !slices.ContainsFunc(r.Hands, func(h dars.Hand) bool { return h.By == l.who.ID }) {
			l.all = append(l.all, Todo{"release", string(r.ID), "objections came late: darsd release resume " + string(r.ID), since, ""})
		}
		l.all = append(l.all, Todo{"release", string(r.ID), "objections came late: darsd release withdraw " + string(r.ID), since, ""})
	}
	return err
}
