package office

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"darsd/dars"
	"darsd/store"
)

// inForce puts a counter-signed agreement in force, in the place of the version
// before.
func (o *Office) inForce(tx *store.Tx, a dars.Act, g *dars.Agreement) error {
	if err := g.Begin(o.today(a)); err != nil {
		return err
	}
	if err := o.newest(tx, a, "agreement begin", g); err != nil {
		return err
	}
	if err := tx.Save(a, "agreement begin", g); err != nil {
		return err
	}
	return o.begun(tx, a, g)
}

// begun is what follows when an agreement has come into force. It is the last thing that
// an act does: see accounts.
func (o *Office) begun(tx *store.Tx, a dars.Act, g *dars.Agreement) error {
	if err := o.tellKept(tx, a, g); err != nil {
		return err
	}
	return o.accounts(tx, a, g.Stem)
}

// beginIfDue puts an agreement in force that is to be so today, if the clock has not
// come to it yet: the dates decide.
func (o *Office) beginIfDue(tx *store.Tx, a dars.Act, id dars.AgreementID) error {
	g, err := store.Get[dars.Agreement](tx, id)
	if err != nil || !g.Startable(o.today(a)) {
		return err
	}
	return o.inForce(tx, a, g)
}

// newest refuses a version of a case while a later one stands, and ends the one
// before when this one has come into force.
func (o *Office) newest(tx *store.Tx, a dars.Act, act string, g *dars.Agreement) error {
	versions, err := store.Find[dars.Agreement](tx, dars.By("case", g.Stem))
	if err != nil {
		return err
	}
	for _, other := range versions {
		stands := other.State == dars.InForce || other.State == dars.CounterSigned
		switch {
		case other.ID == g.ID || !stands:
		case other.Later(g):
			return dars.Refuse("in-force", g.ID, "agreement %s, a later version of the same case, is %s", other.ID, other.State)
		case g.State == dars.InForce && other.State == dars.InForce:
			if err := o.supersede(tx, a, act, other, g); err != nil {
				return err
			}
		}
	}
	return nil
}

// supersede ends a version of a case for the next one. What was sent under it and
// the next one covers may be kept under that, and is accounted for at its end; for
// what it does not cover a certificate of destruction is asked now.
func (o *Office) supersede(tx *store.Tx, a dars.Act, act string, before, g *dars.Agreement) error {
	if err := before.Supersede(g, o.today(a)); err != nil {
		return err
	}
	if err := o.endReleases(tx, a, act, before); err != nil {
		return err
	}
	if err := o.stopClock(tx, a, act, before, fmt.Sprintf("agreement %s was superseded before anything was released", before.ID)); err != nil {
		return err
	}
	files, err := o.sentUnder(tx, before)
	if err != nil {
		return err
	}
	files, _, err = unasked(tx, before, files)
	if err != nil {
		return err
	}
	outside, err := notCovered(tx, g, files)
	if err != nil {
		return err
	}
	if g.Leaves(before) {
		outside = files // whoever stays says in it what they keep
	}
	if len(outside) > 0 {
		return o.certify(tx, a, act, before, outside, fmt.Sprintf("Agreement %s is in force in the place of %s, and does not cover all that was sent under it, or not all who hold it.", g.ID, before.ID))
	}
	dates, err := o.redated(tx, before)
	if err != nil {
		return err
	}
	if err := tx.Save(a, act, before); err != nil {
		return err
	}
	return write(tx, a, letter{To: []dars.PersonID{before.Contact}, Dates: dates,
		Subject: fmt.Sprintf("%s is superseded by %s", before.ID, g.ID),
		Body:    fmt.Sprintf("From today agreement %s is in force in the place of %s. You may keep what was sent to you under that one: it is covered now by %s, and is to be destroyed at its end.\n", g.ID, before.ID, g.ID)})
}

// notCovered are the files of which an agreement does not say that they may be kept.
func notCovered(tx *store.Tx, g *dars.Agreement, files []dars.SentFile) (outside []dars.SentFile, err error) {
	for _, f := range files {
		r, err := store.Get[dars.Release](tx, f.Release)
		if err != nil {
			return nil, err
		}
		before, err := store.Get[dars.Agreement](tx, r.Agreement)
		if err != nil {
			return nil, err
		}
		i := slices.IndexFunc(r.Files, func(one dars.ReleaseFile) bool { return one.ID == f.File })
		if i < 0 || !g.Covers(before, r.Dataset, r.Files[i].Period) {
			outside = append(outside, f)
		}
	}
	return outside, nil
}

// follows reports whether a counter-signed version will take the place of another when
// that one ends, as things stand: nothing blocks it, and its framework contracts run.
func follows(tx *store.Tx, next, g *dars.Agreement) (bool, error) {
	if !next.Later(g) || next.Start > g.End.Add(1) || next.End <= g.End || next.Blocked(dars.StageInForce) != nil {
		return false, nil
	}
	var no *dars.Refusal
	err := contracted(tx, next, max(next.Start, g.End.Add(1)))
	if errors.As(err, &no) {
		return false, nil
	}
	return err == nil, err
}

// nextBegins reports whether the version that follows an agreement is to be in force on a
// day, and nothing but a mishap can have kept it from that.
func nextBegins(tx *store.Tx, g *dars.Agreement, on dars.Day) (bool, error) {
	signed, err := store.Find[dars.Agreement](tx, dars.By("case", g.Stem), dars.By("state", dars.CounterSigned))
	if err != nil || len(signed) == 0 {
		return false, err
	}
	last := slices.MaxFunc(signed, func(a, b *dars.Agreement) int {
		if a.Later(b) {
			return 1
		}
		return -1
	})
	return last.Later(g) && last.Startable(on), nil
}

// handedOn are the files that were sent under versions which an agreement has
// superseded, and for which no certificate was asked.
func (o *Office) handedOn(tx *store.Tx, g *dars.Agreement) (files []dars.SentFile, err error) {
	versions, err := store.Find[dars.Agreement](tx, dars.By("case", g.Stem))
	if err != nil {
		return nil, err
	}
	for _, before := range versions {
		if before.SupersededBy == "" || !g.Later(before) {
			continue
		}
		kept, err := keptUnder(tx, before)
		if err != nil {
			return nil, err
		}
		files = append(files, kept...)
		sent, err := o.sentUnderItself(tx, before)
		if err != nil {
			return nil, err
		}
		for _, f := range sent {
			asked, err := askedWhole(tx, f.File)
			if err != nil {
				return nil, err
			}
			if len(asked) == 0 {
				files = append(files, f)
			}
		}
	}
	return files, nil
}

// closeBefore closes the versions that an agreement has superseded, with itself; one
// that has a certificate open waits for that.
func closeBefore(tx *store.Tx, a dars.Act, act string, g *dars.Agreement) error {
	versions, err := store.Find[dars.Agreement](tx, dars.By("case", g.Stem), dars.By("state", dars.Superseded))
	if err != nil {
		return err
	}
	for _, before := range versions {
		open, err := openCertificates(tx, before)
		if err != nil {
			return err
		}
		if !g.Later(before) || len(open) > 0 {
			continue
		}
		if err := before.Close(); err != nil {
			return err
		}
		if err := tx.Save(a, act, before); err != nil {
			return err
		}
	}
	return nil
}

// History is every version of a case that has been in force, and the gaps between.
func (o Desk) History(ctx context.Context, who dars.PersonID, stem string) (all []dars.Version, err error) {
	err = o.Store.View(ctx, func(tx *store.Tx) error {
		p, err := actor(tx, dars.Act{Who: who})
		if err != nil {
			return err
		}
		versions, err := store.Find[dars.Agreement](tx, dars.By("case", stem))
		if err != nil {
			return err
		}
		versions = slices.DeleteFunc(versions, func(g *dars.Agreement) bool {
			return ownCase(p, g.Org, "agreement", stem) != nil && !slices.Contains(g.Recipients, p.ID)
		})
		all = dars.History(versions)
		return nil
	})
	return all, err
}
