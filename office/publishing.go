package office

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"darsd/dars"
	"darsd/store"
)

// Check says that a second person has looked at what was produced.
func (o Releases) Check(ctx context.Context, a dars.Act, id dars.ReleaseID) error {
	return one(ctx, o.Office, a, "release check", id, func(a dars.Act, r *dars.Release) error { return r.Check(a) }, mayStillLeave)
}

// SignOff is a third person's word that it may leave.
func (o Releases) SignOff(ctx context.Context, a dars.Act, id dars.ReleaseID) error {
	return one(ctx, o.Office, a, "release sign-off", id, func(a dars.Act, r *dars.Release) error { return r.SignOff(a) }, mayStillLeave)
}

// mayStillLeave refuses a release that is called back, that is for somebody on hold, or
// for which a newer list can be used: nobody need look at what cannot be published.
func mayStillLeave(tx *store.Tx, r *dars.Release) error {
	g, err := store.Get[dars.Agreement](tx, r.Agreement)
	if err != nil {
		return err
	}
	if err := notStopped(tx, r, g); err != nil {
		return err
	}
	newest, err := usableList(tx)
	if err != nil || newest == nil {
		return err
	}
	return r.MadeWith(newest)
}

// notStopped refuses a release that is called back, or that is for somebody on hold.
func notStopped(tx *store.Tx, r *dars.Release, g *dars.Agreement) error {
	if err := notRecalled(tx, r); err != nil {
		return err
	}
	return notHeld(tx, append(parties(g), g.Org)...)
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
		last, err := lastDay(tx, g, o.today(a))
		if err != nil {
			return err
		}
		if err := r.Publish(a, o.today(a), o.Policy.DownloadWindowDays, last); err != nil {
			return err
		}
		if err := notRecalled(tx, r); err != nil {
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
		last, err := lastDay(tx, g, o.today(a))
		if err != nil {
			return err
		}
		if err := r.Extend(a, until, last); err != nil {
			return err
		}
		if err := tx.Save(a, "release extend", r); err != nil {
			return err
		}
		for _, id := range g.Recipients {
			if err := o.tellExtended(tx, a, g, r, id); err != nil {
				return err
			}
		}
		return nil
	})
}

// tellExtended tells a recipient of a release until when it can be collected now; and if
// they cannot collect it today, why not.
func (o Releases) tellExtended(tx *store.Tx, a dars.Act, g *dars.Agreement, r *dars.Release, who dars.PersonID) error {
	p, err := store.Get[dars.Person](tx, who)
	if err != nil {
		return err
	}
	l := letter{To: []dars.PersonID{who}, Dates: []dars.Date{collectDate(r)},
		Subject: fmt.Sprintf("%s: %s can be collected until %s", g.ID, r.ID, r.WindowEnds.Long()),
		Body:    fmt.Sprintf("Release %s under agreement %s can be collected for longer than we said before: until %s.\n", r.ID, g.ID, r.WindowEnds.Long())}
	var no *dars.Refusal
	if err := o.mayRelease(tx, p, r, o.today(a)); errors.As(err, &no) {
		l.Subject = fmt.Sprintf("%s: the last day to collect %s is %s", g.ID, r.ID, r.WindowEnds.Long())
		l.Body = fmt.Sprintf("The last day to collect release %s under agreement %s is later than we said before: %s. It cannot be collected now:\n\n%s\n", r.ID, g.ID, r.WindowEnds.Long(), quoted(no.Sentence))
	} else if err != nil {
		return err
	}
	return write(tx, a, l)
}
