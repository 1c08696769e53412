package office

import (
	"context"
	"fmt"

	"darsd/dars"
	"darsd/store"
)

// Undo takes back a slip of the hand: see dars.Slips. It is of the newest version of a
// case, whatever became of it. Somebody from outside takes back that their own
// application was withdrawn, and nothing else. What a letter said, another corrects.
func (o Applications) Undo(ctx context.Context, a dars.Act, ref, slip string, then ...func(*store.Tx, *dars.Application) error) error {
	return o.do(ctx, a, "application undo", func(tx *store.Tx, who *dars.Person) error {
		p, err := newestVersion(tx, who, ref)
		if err != nil {
			return err
		}
		if !who.Inside() && slip != "withdraw" {
			return dars.Refuse("no-power", p.ID(), "you can undo that you withdrew application %s, and nothing else: ask its case officer", p.ID())
		}
		c, err := o.calendar(tx, p.Clock.Table)
		if err != nil {
			return err
		}
		if err := p.Undo(inName(tx, a), slip, c, o.today(a)); err != nil {
			return err
		}
		if p.State == dars.AtDAAG && slip == "withdraw" {
			if err := tableAgain(tx, a, p); err != nil {
				return err
			}
		}
		return keep(tx, a, "application undo", p, append(then, func(tx *store.Tx, p *dars.Application) error { return o.corrected(tx, a, p, slip) })...)
	})
}

// newestVersion finds what may be undone: once there is a newer version of a case,
// nothing of the older ones is.
func newestVersion(tx *store.Tx, who *dars.Person, ref string) (*dars.Application, error) {
	named, minor, err := version(tx, ref, newest)
	if err != nil {
		return nil, err
	}
	if err := ownCase(who, named.Form.Organisation, "application", ref); err != nil {
		return nil, err
	}
	last, _, err := version(tx, named.Stem, newest)
	switch {
	case err != nil:
		return nil, err
	case last.Major > named.Major:
		return nil, dars.Refuse("built-on", named.ID(), "application %s stands as it is: %s of the same case has come in since", named.ID(), last.Version())
	case minor != "" && fmt.Sprint(last.Minor) != minor:
		return nil, dars.Refuse("other-version", ref, "%s is at %s: look at it again before you act on it", last.Stem, last.Version())
	}
	return last, nil
}

// tableAgain puts an application that was before DAAG on the agenda of the meeting that
// is open, if that was called without it. The next one that is called has it anyway.
func tableAgain(tx *store.Tx, a dars.Act, p *dars.Application) error {
	open, err := store.Find[dars.Meeting](tx, dars.By("state", dars.MeetingOpen))
	if err != nil || len(open) == 0 {
		return err
	}
	if _, err := open[0].Item(p.ID()); err == nil {
		return nil
	}
	if err := open[0].Table(p, p.Presenter()); err != nil {
		return err
	}
	return tx.Save(a, "application undo", open[0])
}

// corrected writes to the applicant what was a mistake. Of a pause nobody was written
// to.
func (o Applications) corrected(tx *store.Tx, a dars.Act, p *dars.Application, slip string) error {
	if slip == "pause" || slip == "resume" {
		return nil
	}
	return write(tx, a, letter{To: []dars.PersonID{p.Form.ContactID}, For: p.Form.Organisation,
		Subject: fmt.Sprintf("%s %s: %s is undone", p.Stem, p.Version(), dars.Meaning(dars.Slips, slip)),
		Body:    fmt.Sprintf("This is about the application %q (%s %s). %s\n\nWhy:\n\n%s\n", p.Form.Title, p.Stem, p.Version(), p.UndoneWords(slip), quoted(a.Why))})
}
