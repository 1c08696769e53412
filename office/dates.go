package office

import (
	"cmp"
	"crypto/sha256"
	"fmt"
	"maps"
	"math"
	"slices"
	"strconv"

	"darsd/dars"
	"darsd/store"
)

// A duty with a day has one ID, in every letter and in the calendar of every SFTP
// folder, so that calendar programs move it and do not enter it twice: the noun, the
// ladder that leads to the day, and which of several.
func dateID(n dars.Noun, ladder, item string) string {
	at := n.Card()
	id := at.Kind + "-" + at.Ref + "-" + ladder
	if item != "" {
		id += "-" + item
	}
	return id
}

// collectDate is the last day on which a release can be collected.
func collectDate(r *dars.Release) dars.Date {
	return dars.Date{ID: dateID(r, dars.LadderWindow, ""), Summary: fmt.Sprintf("Last day to collect %s", r.ID), On: r.WindowEnds}
}

// actionDate is the day by which an action of an application is to be done.
func actionDate(p *dars.Application, n int) dars.Date {
	t := p.Actions[n-1]
	return dars.Date{ID: dateID(p, t.Ladder(), strconv.Itoa(n)), Summary: fmt.Sprintf("%s: action %d is due", p.Stem, n), On: t.Due}
}

// certificateDate is the day by which a certificate is to be back.
func certificateDate(c *dars.Certificate) dars.Date {
	return dars.Date{ID: dateID(c, dars.LadderCertificate, ""), Summary: fmt.Sprintf("Certificate of destruction %s is due", c.ID), On: c.Due}
}

// usage is what leads to the day by which the use of system access is looked at. It is
// no ladder: there is one letter.
const usage = "usage"

// usageDate is the day by which the use of system access is looked at.
func usageDate(r *dars.Release) dars.Date {
	return dars.Date{ID: dateID(r, usage, ""), Summary: fmt.Sprintf("%s: the use of system access is looked at", r.ID), On: r.Access.ReviewDue()}
}

// deadlineDate is the day that a ladder leads to: the letters of all its steps are
// about one date. That of a certificate counts from the end, and is about the day by
// which it is due.
func deadlineDate(n dars.Dated, d dars.Deadline) dars.Date {
	switch d.Ladder {
	case dars.LadderCertificate:
		return certificateDate(n.(*dars.Certificate))
	case dars.LadderWindow:
		return collectDate(n.(*dars.Release))
	}
	subject, _ := wordsOf(n, d, d.Day)
	return dars.Date{ID: dateID(n, d.Ladder, d.Item), Summary: subject, On: d.Day}
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

// dates are the days for the calendar of somebody's folder: of what lies ready, of what
// waits for them, and for an outsider those of which letters will tell.
func (o Desk) dates(tx *store.Tx, p *dars.Person, l *waiting, open []OpenRelease, on dars.Day) (all []dars.Date, err error) {
	for _, r := range open {
		all = append(all, collectDate(r.Release))
	}
	if !p.Inside() {
		ahead, err := o.deadlines(tx, p, on)
		if err != nil {
			return nil, err
		}
		all = append(all, ahead...)
	}
	for _, t := range l.all {
		if t.Due != "" {
			all = append(all, l.date(t))
		}
	}
	slices.SortStableFunc(all, func(a, b dars.Date) int { return cmp.Compare(a.ID, b.ID) })
	return slices.CompactFunc(all, func(a, b dars.Date) bool { return a.ID == b.ID }), nil
}

// deadlines are the days that ladders lead to of which letters go to an outsider.
func (o Desk) deadlines(tx *store.Tx, p *dars.Person, on dars.Day) (all []dars.Date, err error) {
	nouns, err := datedOf(tx, p)
	if err != nil {
		return nil, err
	}
	clock := Clock(o)
	for _, n := range nouns {
		for _, d := range n.Deadlines() {
			if d.Until != "" && on > d.Until {
				continue
			}
			told, err := clock.tells(tx, p, n, d)
			if err != nil {
				return nil, err
			}
			stands, err := clock.stands(tx, n, Duty{Ladder: d.Ladder, Item: d.Item, Due: max(d.Day, on)})
			if err != nil {
				return nil, err
			}
			if told && stands {
				all = append(all, deadlineDate(n, d))
			}
		}
	}
	return all, nil
}

// tells reports whether some step of a ladder is for somebody outside.
func (o Clock) tells(tx *store.Tx, p *dars.Person, n dars.Dated, d dars.Deadline) (bool, error) {
	r, err := o.audienceOf(tx, n, d, o.Policy.Ladders[d.Ladder].Who(math.MaxInt))
	for _, people := range r.outside {
		if slices.Contains(people, p.ID) {
			return true, err
		}
	}
	return false, err
}

// datedOf are the nouns whose days may be the business of somebody outside: the
// agreements of their organisation and those under which they collect, with all that
// these stand on and have led to, and the applications of their organisation.
func datedOf(tx *store.Tx, p *dars.Person) (all []dars.Dated, err error) {
	orgs := []dars.OrgCode{p.Org}
	seen := map[dars.AgreementID]bool{}
	for _, key := range []dars.Key{dars.By("org", p.Org), dars.By("recipient", p.ID)} {
		err := store.Each(tx, func(g *dars.Agreement) error {
			if !seen[g.ID] {
				all = append(all, g)
			}
			if seen[g.ID] = true; !g.Over() {
				orgs = append(orgs, parties(g)...)
			}
			return nil
		}, key)
		if err != nil {
			return nil, err
		}
	}
	for _, id := range slices.Sorted(maps.Keys(seen)) {
		if err := gather[dars.Certificate](tx, &all, dars.By("agreement", id)); err != nil {
			return nil, err
		}
	}
	slices.Sort(orgs)
	for _, code := range slices.Compact(orgs) {
		org, err := store.Get[dars.Organisation](tx, code)
		if err != nil {
			return nil, err
		}
		all = append(all, org)
		if err := gather[dars.Contract](tx, &all, dars.By("org", code)); err != nil {
			return nil, err
		}
	}
	return all, gather[dars.Application](tx, &all, dars.By("org", p.Org))
}

// gather finds nouns of a kind, and puts them to others.
func gather[T any, P interface {
	store.Noun[T]
	dars.Dated
}](tx *store.Tx, all *[]dars.Dated, keys ...dars.Key) error {
	return store.Each(tx, func(n P) error {
		*all = append(*all, n)
		return nil
	}, keys...)
}

// dated says that what was added since the list was from long waits for a day that a
// ladder of a noun leads to, and which.
func (l *waiting) dated(from int, n dars.Noun, ladder, item string) {
	for _, t := range l.all[from:] {
		l.days[t] = dateID(n, ladder, item)
	}
}

// date is the day of what waits, for calendars.
func (l *waiting) date(t Todo) dars.Date {
	id, known := l.days[t]
	if !known { // several things may wait on one noun
		sum := sha256.Sum256([]byte(t.Act))
		id = fmt.Sprintf("%s-%s-%x", t.Kind, t.Ref, sum[:4])
	}
	return dars.Date{ID: id, Summary: fmt.Sprintf("%s: %s", t.Ref, t.Act), On: t.Due}
}
