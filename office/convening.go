package office

import (
	"context"
	"fmt"

	"darsd/dars"
	"darsd/store"
)

// Move puts a meeting on another day. Its members are told, and those whose
// applications are on its agenda.
func (o Committee) Move(ctx context.Context, a dars.Act, id dars.MeetingID, to dars.Day) error {
	return one(ctx, o.Office, a, "decision move", id, func(a dars.Act, m *dars.Meeting) error { return m.Move(a, to, o.today(a)) },
		func(tx *store.Tx, m *dars.Meeting) error {
			was := m.Moved[len(m.Moved)-1].From
			return tellOfMeeting(tx, a, m, "moved to "+to.Long(),
				fmt.Sprintf("The meeting of the Data Access Advisory Group of %s is moved to %s.", was.Long(), to.Long()))
		})
}

// Cancel ends a meeting from which nothing has come. What was on its agenda waits
// at DAAG, and stands first on the next one's.
func (o Committee) Cancel(ctx context.Context, a dars.Act, id dars.MeetingID) error {
	return one(ctx, o.Office, a, "decision cancel", id, func(a dars.Act, m *dars.Meeting) error { return m.Cancel(a, o.today(a)) },
		func(tx *store.Tx, m *dars.Meeting) error {
			return tellOfMeeting(tx, a, m, "cancelled",
				fmt.Sprintf("The meeting of the Data Access Advisory Group of %s is cancelled. What was on its agenda stands first on that of the next.", m.On.Long()))
		})
}

// tellOfMeeting writes what became of a meeting to its members, and of each
// application that waits for it to the applicant and to whoever presents it.
func tellOfMeeting(tx *store.Tx, a dars.Act, m *dars.Meeting, what, body string) error {
	body += "\n\n" + quoted(a.Why) + "\n"
	if err := write(tx, a, letter{Roles: []dars.Role{dars.Member}, Subject: fmt.Sprintf("%s: %s", m.ID, what), Body: body}); err != nil {
		return err
	}
	for _, i := range m.CarriedOver() {
		p, err := store.Get[dars.Application](tx, i.Application)
		if err != nil {
			return err
		}
		if p.State != dars.AtDAAG {
			continue // the applicant has withdrawn it
		}
		if err := write(tx, a, letter{To: []dars.PersonID{p.Form.ContactID, i.Presented}, For: p.Form.Organisation,
			Subject: fmt.Sprintf("%s %s: the meeting on it is %s", p.Stem, p.Version(), what),
			Body:    fmt.Sprintf("%s\nYour application %q (%s %s) is on its agenda. You need do nothing.\n", body, p.Form.Title, p.Stem, p.Version())}); err != nil {
			return err
		}
	}
	return nil
}

// Absent takes back that a member was at a meeting, while nothing rests on it.
func (o Committee) Absent(ctx context.Context, a dars.Act, id dars.MeetingID, login string) error {
	return o.attendance(ctx, a, id, login, func(m *dars.Meeting, p *dars.Person) error { return m.Absent(a, p.ID) })
}

// atDAAG adds what an application before DAAG waits for: the outcome of the open
// meeting, or that one is called.
func (l *waiting) atDAAG(p *dars.Application) error {
	open, err := store.Find[dars.Meeting](l.tx, dars.By("state", dars.MeetingOpen))
	switch {
	case err != nil:
		return err
	case len(open) > 0:
		l.may("decision outcome", "application", p.Stem, p.Submitted, p.Clock.Due, nil)
	case l.who.May("decision meeting") == nil:
		l.all = append(l.all, Todo{"application", p.Stem, "it waits for a meeting of DAAG: darsd decision meeting DAY", p.Submitted, p.Clock.Due})
	}
	return nil
}
