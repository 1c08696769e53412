package office

import (
	"context"
	"errors"
	"fmt"

	"darsd/dars"
	"darsd/store"
)

// Call makes the next meeting of DAAG. What the last one has not dealt with stands
// first on its agenda. One meeting is open at a time.
func (o Committee) Call(ctx context.Context, a dars.Act, on dars.Day) (id dars.MeetingID, err error) {
	err = o.do(ctx, a, "decision meeting", func(tx *store.Tx, _ *dars.Person) error {
		open, err := store.Find[dars.Meeting](tx, dars.By("state", dars.MeetingOpen))
		if err != nil {
			return err
		}
		if len(open) > 0 {
			return dars.Refuse("open-meeting", open[0].ID, "meeting %s of %s is open: its minutes are written before the next is called", open[0].ID, open[0].On)
		}
		ref, err := number(tx, "meeting", "MEET-")
		if err != nil {
			return err
		}
		m, err := dars.Call(dars.MeetingID(ref), on, o.today(a), o.Policy.Quorum)
		if err != nil {
			return err
		}
		waiting, err := store.Find[dars.Application](tx, dars.By("state", dars.AtDAAG))
		if err != nil {
			return err
		}
		for _, p := range waiting {
			if err := m.Table(p, p.Presenter()); err != nil {
				return err
			}
		}
		id = m.ID
		return tx.Save(a, "decision meeting", m)
	})
	return id, err
}

// openMeeting is the meeting that is open, or a refusal.
func openMeeting(tx *store.Tx) (*dars.Meeting, error) {
	open, err := store.Find[dars.Meeting](tx, dars.By("state", dars.MeetingOpen))
	if err != nil {
		return nil, err
	}
	if len(open) == 0 {
		return nil, dars.Refuse("no-meeting", "meeting", "no meeting of DAAG is open: the secretary calls one with darsd decision meeting DAY")
	}
	return open[0], nil
}

// Attend notes that a member is at a meeting, and as what.
func (o Committee) Attend(ctx context.Context, a dars.Act, id dars.MeetingID, login string, kind dars.MemberKind) error {
	return o.attendance(ctx, a, id, login, func(m *dars.Meeting, p *dars.Person) error { return m.Attend(p, kind, o.today(a)) })
}

// attendance notes something of one person at one meeting.
func (o Committee) attendance(ctx context.Context, a dars.Act, id dars.MeetingID, login string, note func(*dars.Meeting, *dars.Person) error) error {
	return o.do(ctx, a, "decision attend", func(tx *store.Tx, _ *dars.Person) error {
		m, err := store.Get[dars.Meeting](tx, id)
		if err != nil {
			return err
		}
		p, err := byLogin(tx, login)
		if err != nil {
			return err
		}
		if err := note(m, p); err != nil {
			return err
		}
		return tx.Save(a, "decision attend", m)
	})
}

// Conflict notes a member's conflict of interest in an application on the agenda:
// the secretary notes anybody's, a member their own.
func (o Committee) Conflict(ctx context.Context, a dars.Act, id dars.MeetingID, ref, login string) error {
	return o.do(ctx, a, "decision conflict", func(tx *store.Tx, who *dars.Person) error {
		m, err := store.Get[dars.Meeting](tx, id)
		if err != nil {
			return err
		}
		p, err := atWork(tx, ref)
		if err != nil {
			return err
		}
		member := who
		if login != "" {
			if member, err = byLogin(tx, login); err != nil {
				return err
			}
		}
		if member.ID != who.ID && !who.Has(dars.Secretary) {
			return dars.Refuse("no-power", login, "a member declares a conflict of interest of their own; the secretary notes that of others")
		}
		if !member.Has(dars.Member) {
			return dars.Refuse("no-role", member.ID, "%s is no member of the committee", member.ID)
		}
		if err := m.Declare(p.ID(), member.ID, a.Why); err != nil {
			return err
		}
		return tx.Save(a, "decision conflict", m)
	})
}

// Minutes writes the minutes of a meeting. Caveats that were cleared since the last
// ones stand in them. The paper is for the office alone.
func (o Committee) Minutes(ctx context.Context, a dars.Act, id dars.MeetingID, other string) error {
	return o.do(ctx, a, "decision minutes", func(tx *store.Tx, _ *dars.Person) error {
		m, err := store.Get[dars.Meeting](tx, id)
		if err != nil {
			return err
		}
		cleared, err := store.Find[dars.Application](tx, dars.By("minutes", dars.ToBeMinuted))
		if err != nil {
			return err
		}
		if err := m.Minute(a, other, cleared, o.today(a)); err != nil {
			return err
		}
		for _, p := range cleared {
			if err := tx.Save(a, "decision minutes", p); err != nil {
				return err
			}
		}
		return keep(tx, a, "decision minutes", m, oweMinutes(a))
	})
}

// Agree says that the open meeting agrees the minutes of an earlier one.
func (o Committee) Agree(ctx context.Context, a dars.Act, id dars.MeetingID) error {
	return o.do(ctx, a, "decision minutes", func(tx *store.Tx, _ *dars.Person) error {
		m, err := store.Get[dars.Meeting](tx, id)
		if err != nil {
			return err
		}
		at, err := openMeeting(tx)
		if err != nil {
			return err
		}
		if err := m.Agree(at, o.today(a)); err != nil {
			return err
		}
		if err := tx.Save(a, "decision minutes", at); err != nil {
			return err
		}
		return keep(tx, a, "decision minutes", m, oweMinutes(a))
	})
}

func oweMinutes(a dars.Act) func(*store.Tx, *dars.Meeting) error {
	return func(tx *store.Tx, m *dars.Meeting) error { return owePaper(tx, a, "minutes", string(m.ID)) }
}

// Agenda draws the pack for a meeting as it stands now: each application with what
// a member must know of it.
func (o Committee) Agenda(ctx context.Context, a dars.Act, id dars.MeetingID) ([]byte, error) {
	f, err := o.meetingFacts(ctx, a, id)
	if err != nil {
		return nil, err
	}
	return o.Works.Papers.Agenda(f)
}

// PrintMinutes draws the minutes of a meeting as they stand.
func (o Committee) PrintMinutes(ctx context.Context, a dars.Act, id dars.MeetingID) ([]byte, error) {
	f, err := o.meetingFacts(ctx, a, id)
	if err != nil {
		return nil, err
	}
	if f.Meeting.State == dars.MeetingOpen {
		return nil, dars.Refuse("not-found", id, "meeting %s has no minutes yet", id)
	}
	return o.Works.Copies.Minutes(f)
}

func (o Committee) meetingFacts(ctx context.Context, a dars.Act, id dars.MeetingID) (f dars.MeetingFacts, err error) {
	err = o.Store.View(ctx, func(tx *store.Tx) error {
		who, err := actor(tx, a)
		if err != nil {
			return err
		}
		if !who.Inside() {
			return dars.Refuse("not-found", id, "there is no meeting %s", id)
		}
		f, err = o.Office.meetingFacts(tx, string(id), o.today(a))
		return err
	})
	return f, err
}

// meetingFacts is what stands on the papers of a meeting.
func (o *Office) meetingFacts(tx *store.Tx, ref string, on dars.Day) (f dars.MeetingFacts, err error) {
	m, err := store.Get[dars.Meeting](tx, ref)
	if err != nil {
		return f, err
	}
	if f, err = o.sitting(tx, m, on); err != nil {
		return f, err
	}
	f.Before, err = meetingBefore(tx, m)
	return f, err
}

// sitting is a meeting with the names of who and what it is about.
func (o *Office) sitting(tx *store.Tx, m *dars.Meeting, on dars.Day) (f dars.MeetingFacts, err error) {
	f = dars.MeetingFacts{Meeting: m, Applications: map[dars.ApplicationID]*dars.Application{}, Catalogue: o.Catalogue, On: on}
	var orgs []dars.OrgCode
	who := []dars.PersonID{f.Meeting.MinutesBy}
	for _, i := range f.Meeting.Agenda {
		p, err := store.Get[dars.Application](tx, i.Application)
		if err != nil {
			return f, err
		}
		f.Applications[i.Application] = p
		orgs = append(orgs, p.Form.Organisation)
		who = append(who, i.Presented)
		for _, c := range append(i.Conflicts, i.Without...) {
			who = append(who, c.Person)
		}
		for _, t := range p.Actions {
			if t.Owner != dars.TheApplicant {
				who = append(who, t.Owner)
			}
		}
	}
	for _, at := range f.Meeting.Present {
		who = append(who, at.Person)
	}
	if f.Organisations, err = organisations(tx, orgs...); err != nil {
		return f, err
	}
	f.People, err = people(tx, who...)
	return f, err
}

// extracts are what the meetings of DAAG have said of a case, and nothing of what
// they said of others. Every meeting is looked at: a caveat that was cleared stands
// in minutes of one that had the case not on its agenda.
func (o *Office) extracts(tx *store.Tx, stem string, on dars.Day) (all []dars.MeetingFacts, err error) {
	meetings, err := store.Find[dars.Meeting](tx)
	if err != nil {
		return nil, err
	}
	for _, m := range meetings {
		x := m.Extract(stem)
		if len(x.Agenda)+len(x.Cleared) == 0 {
			continue
		}
		f, err := o.sitting(tx, x, on)
		if err != nil {
			return nil, err
		}
		f.Case = stem
		all = append(all, f)
	}
	return all, nil
}

// meetingBefore is the meeting that was held before a meeting, or nil.
func meetingBefore(tx *store.Tx, m *dars.Meeting) (found *dars.Meeting, err error) {
	all, err := store.Find[dars.Meeting](tx)
	for _, other := range all {
		if other.ID < m.ID && other.State != dars.MeetingCancelled {
			found = other
		}
	}
	return found, err
}

// meetings adds what waits for the secretary and for members: minutes that are not
// written or not agreed, and caveats that wait for the second word.
func (l *waiting) meetings() error {
	if l.who.May("decision minutes") != nil {
		return nil
	}
	all, err := in[dars.Meeting](l, dars.MeetingOpen, dars.MeetingMinuted)
	for _, m := range all {
		switch {
		case m.State == dars.MeetingOpen && m.On <= l.on && len(m.CarriedOver()) == 0:
			l.all = append(l.all, Todo{"meeting", string(m.ID), "darsd decision minutes " + string(m.ID), m.On, ""})
		case m.State == dars.MeetingOpen:
			l.all = append(l.all, Todo{"meeting", string(m.ID), fmt.Sprintf("meeting %s: darsd decision agenda %[1]s prints its papers", m.ID), m.On, m.On})
		case m.State == dars.MeetingMinuted:
			l.all = append(l.all, Todo{"meeting", string(m.ID), fmt.Sprintf("darsd decision minutes %s --agree, at the next meeting", m.ID), m.Minuted, ""})
		}
	}
	return err
}

// caveat adds what waits for the second word on a caveat.
func (l *waiting) caveat(p *dars.Application, t dars.Action) {
	part, err := clearsAs(l.tx, l.who, p, t.N)
	var no *dars.Refusal
	if errors.As(err, &no) || l.who.May("decision clear") != nil {
		return
	}
	for _, h := range t.Clearing {
		if h.Step == part || h.By == l.who.ID {
			return
		}
	}
	if t.State == dars.ActionAnswered || len(t.Clearing) > 0 {
		l.all = append(l.all, Todo{"application", p.Stem, fmt.Sprintf("darsd decision clear %s --action %d", p.ID(), t.N), t.On, t.Due})
	}
}
