package dars

import (
	"fmt"
	"slices"
)

// A meeting that was called is moved or cancelled until something has come of it,
// and who was there is put right until something rests on it. What was decided is
// not undone by changing who decided it.

// A Move puts a meeting on another day.
type Move struct {
	From Day    `json:"from"`
	To   Day    `json:"to"`
	On   Day    `json:"on"` // when it was moved
	Why  string `json:"why"`
}

// Move puts the meeting on another day, today or later. Its agenda stays.
func (m *Meeting) Move(a Act, to, today Day) error {
	if err := m.untouched(a, "moved"); err != nil {
		return err
	}
	if _, err := ParseDay(string(to)); err != nil {
		return Refuse("no-date", m.ID, "a meeting is held on a day: %v", err)
	}
	switch {
	case to < today:
		return Refuse("too-early", m.ID, "meeting %s cannot be moved to %s, before today", m.ID, to)
	case to == m.On:
		return Refuse("known", m.ID, "meeting %s is on %s already", m.ID, to)
	case len(m.Present) > 0:
		return Refuse("being-held", m.ID, "meeting %s is being held, with %d members there: cancel it, or take off with --absent who was not there", m.ID, len(m.Present))
	}
	m.Moved = append(slices.Clone(m.Moved), Move{m.On, to, today, a.Why})
	m.On = to
	return nil
}

// Cancel ends a meeting from which nothing has come, such as one without a quorum.
// What was on its agenda waits for the next.
func (m *Meeting) Cancel(a Act, on Day) error {
	if err := m.untouched(a, "cancelled"); err != nil {
		return err
	}
	to, err := MeetingLife.Step(m, m.State, MeetingCancelled)
	if err != nil {
		return err
	}
	m.State, m.Cancelled, m.Why = to, on, a.Why
	return nil
}

// untouched refuses to move or cancel a meeting that is over, or from which
// something has come, and asks for a reason.
func (m *Meeting) untouched(a Act, what string) error {
	if err := m.open(); err != nil {
		return err
	}
	if said := m.said(); said != "" {
		return Refuse("outcome-given", m.ID, "meeting %s has %s, and cannot be %s any more", m.ID, said, what)
	}
	if a.Why == "" {
		return Refuse("no-reason", m.ID, "meeting %s: say with --reason why it is %s", m.ID, what)
	}
	return CheckText(string(m.ID), "the reason", a.Why)
}

// said is what has come of the meeting so far, or "".
func (m *Meeting) said() string {
	for _, i := range m.Agenda {
		if i.Outcome != "" {
			return fmt.Sprintf("given an outcome on %s", i.Application)
		}
	}
	if len(m.Confirms) > 0 {
		return fmt.Sprintf("agreed the minutes of %s", m.Confirms[0])
	}
	return ""
}

// Absent takes back that a member was there: they were not, or came as another
// kind. Nothing may rest on it yet.
func (m *Meeting) Absent(a Act, member PersonID) error {
	n := slices.IndexFunc(m.Present, func(at Attendance) bool { return at.Person == member })
	switch {
	case m.State != MeetingOpen:
		return Refuse("wrong-step", m.ID, "meeting %s is %s, and its minutes say who was there", m.ID, m.State)
	case n < 0:
		return Refuse("not-found", m.ID, "%s is not noted as being at meeting %s", member, m.ID)
	case a.Why == "":
		return Refuse("no-reason", m.ID, "meeting %s: say with --reason what was noted wrongly", m.ID)
	case len(m.Confirms) > 0:
		return Refuse("rests-on-it", m.ID, "meeting %s has agreed the minutes of %s with those who were noted as there, and that stays as it was", m.ID, m.Confirms[0])
	}
	for _, i := range m.Agenda {
		if i.had(member) {
			return Refuse("rests-on-it", m.ID, "%s was at meeting %s when it gave its outcome on %s, and that stays as it was", member, m.ID, i.Application)
		}
	}
	m.Present = slices.Delete(slices.Clone(m.Present), n, n+1)
	return nil
}

// had reports whether an outcome says of a member that they took part in it or not.
func (i *Item) had(member PersonID) bool {
	return slices.ContainsFunc(i.Took, func(at Attendance) bool { return at.Person == member }) ||
		slices.ContainsFunc(i.Without, func(c Conflict) bool { return c.Person == member })
}

// Extract is what of a meeting is about one case. What else was said, and what
// concerns other cases, is not in it.
func (m *Meeting) Extract(stem string) *Meeting {
	x := *m
	x.Agenda = slices.DeleteFunc(slices.Clone(m.Agenda), func(i Item) bool { return i.Case != stem })
	x.Cleared = slices.DeleteFunc(slices.Clone(m.Cleared), func(c Clearance) bool { return !c.of(stem) })
	x.Other, x.Confirms = "", nil
	return &x
}

func (c Clearance) of(stem string) bool {
	is, _, _, _ := ParseCase(string(c.Application)) // our own reference
	return is == stem
}
