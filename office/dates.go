package office

import (
	"crypto/sha256"
	"fmt"
	"regexp"

	"darsd/dars"
	"darsd/store"
)

// The same thing has the same ID in every letter and in the calendar of an SFTP
// folder, so that calendar programs move it and do not enter it twice.

// collectDate is the last day on which a release can be collected.
func collectDate(r *dars.Release, until dars.Day) dars.Date {
	return dars.Date{ID: string(r.ID), Summary: fmt.Sprintf("Last day to collect %s", r.ID), On: until}
}

// actionDate is the day by which an action of an application is to be done.
func actionDate(p *dars.Application, n int) dars.Date {
	return dars.Date{ID: fmt.Sprintf("%s-action-%d", p.Stem, n), Summary: fmt.Sprintf("%s: action %d is due", p.Stem, n), On: p.Actions[n-1].Due}
}

// certificateDate is the day by which a certificate is to be back.
func certificateDate(c *dars.Certificate) dars.Date {
	return dars.Date{ID: "certificate-" + string(c.ID), Summary: fmt.Sprintf("Certificate of destruction %s is due", c.ID), On: c.Due}
}

// deadlineDate is the day that a ladder counts from: the letters of all its steps are
// about one date.
func deadlineDate(n dars.Dated, d dars.Deadline) dars.Date {
	if c, ok := n.(*dars.Certificate); ok {
		return certificateDate(c)
	}
	at := n.Card()
	id := at.Kind + "-" + at.Ref + "-" + d.Ladder
	if d.Item != "" {
		id += "-" + d.Item
	}
	return dars.Date{ID: id, Summary: fmt.Sprintf("%s: %s", at.Ref, d.Ladder), On: d.Day}
}

// gone strikes a date out of calendars.
func gone(d dars.Date) []dars.Date {
	d.Gone = true
	return []dars.Date{d}
}

// redated are the dates of a noun that letters have named before the act under way, and
// that it moves or ends: calendars are to move them, or to lose them.
func (o *Office) redated(tx *store.Tx, n dars.Dated) (all []dars.Date, err error) {
	if tx.Imagined() {
		return nil, nil // no letter is written
	}
	at := n.Card()
	stored, err := tx.GetAny(at.Kind, at.Ref)
	if err != nil {
		return nil, err
	}
	days, err := o.calendar(tx, "")
	if err != nil {
		return nil, err
	}
	now := map[string]dars.Date{}
	for _, d := range n.Deadlines() {
		date := deadlineDate(n, d)
		now[date.ID] = date
	}
	was := stored.(dars.Dated)
	for _, d := range was.Deadlines() {
		rungs, date := o.Policy.Rungs(d, days), deadlineDate(was, d)
		named := len(dars.Ahead(rungs, *was.Climbed())) < len(rungs)
		switch is, still := now[date.ID]; {
		case named && !still:
			all = append(all, gone(date)...)
		case named && is.On != date.On:
			all = append(all, is)
		}
	}
	return all, nil
}

// Date is the last day of a release, for calendars.
func (r OpenRelease) Date() dars.Date { return collectDate(r.Release, r.Until) }

var actionOf = regexp.MustCompile(`^action (\d+)\b`)

// Date is the day of what waits, for calendars, if it has one and is not the last day
// of a release.
func (t Todo) Date() (d dars.Date, dated bool) {
	if t.Due == "" || t.Kind == "release" {
		return d, false
	}
	d = dars.Date{Summary: fmt.Sprintf("%s: %s", t.Ref, t.Act), On: t.Due}
	switch action := actionOf.FindStringSubmatch(t.Act); {
	case action != nil:
		d.ID = t.Ref + "-action-" + action[1]
	case t.Kind == "certificate":
		d.ID = t.Kind + "-" + t.Ref
	default: // several things may wait on one noun
		sum := sha256.Sum256([]byte(t.Act))
		d.ID = fmt.Sprintf("%s-%s-%x", t.Kind, t.Ref, sum[:4])
	}
	return d, true
}
