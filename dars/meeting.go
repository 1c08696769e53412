package dars

import (
	"cmp"
	"fmt"
	"slices"
)

// A Meeting is one of DAAG, the committee that advises on applications: what is on
// its agenda, who took part in what, what came of it, and its minutes.
type Meeting struct {
	ID      MeetingID    `json:"id"`
	On      Day          `json:"on"`
	State   MeetingState `json:"state"`
	Quorum  Quorum       `json:"quorum"` // the policy's when it was called
	Agenda  []Item       `json:"agenda"` // in order
	Present []Attendance `json:"present"`

	Cleared   []Clearance `json:"cleared"` // out of committee, since the last minutes
	Other     string      `json:"other,omitempty"`
	MinutesBy PersonID    `json:"minutes_by,omitempty"`
	Minuted   Day         `json:"minuted,omitempty"`
	AgreedAt  MeetingID   `json:"agreed_at,omitempty"` // the meeting that agreed the minutes
	Agreed    Day         `json:"agreed,omitempty"`
	Confirms  []MeetingID `json:"confirms,omitempty"` // meetings whose minutes were agreed at it

	Moved     []Move `json:"moved,omitempty"`
	Cancelled Day    `json:"cancelled,omitempty"`
	Why       string `json:"why,omitempty"` // it was cancelled
}

// A MeetingState is where a meeting is in its life.
type MeetingState string

const (
	MeetingOpen      MeetingState = "open"    // called, or being held
	MeetingMinuted   MeetingState = "minuted" // its minutes are written
	MeetingAgreed    MeetingState = "agreed"  // by a later meeting
	MeetingCancelled MeetingState = "cancelled"
)

// MeetingLife is every step of a meeting. One is open at a time.
//
//	open ──▶ minuted ──▶ agreed
//	  └────▶ cancelled
var MeetingLife = Life[MeetingState]{
	MeetingOpen:    {MeetingMinuted, MeetingCancelled},
	MeetingMinuted: {MeetingAgreed},
}

func (m *Meeting) Card() Card {
	var about []Key
	for _, i := range m.Agenda {
		about = append(about, By("case", i.Case))
	}
	return Card{"meeting", string(m.ID), string(m.State), about}
}

// An Item is one application on the agenda.
type Item struct {
	Application ApplicationID    `json:"application"`
	Case        string           `json:"case"`
	Presented   PersonID         `json:"presented_by"`
	Conflicts   []Conflict       `json:"conflicts"`
	Outcome     ApplicationState `json:"outcome,omitempty"` // none: it is carried over
	Note        string           `json:"note,omitempty"`    // of the discussion
	Took        []Attendance     `json:"took_part"`         // in the outcome
	Without     []Conflict       `json:"without"`           // who did not, and why
}

// An Attendance is somebody at a meeting.
type Attendance struct {
	Person PersonID   `json:"person"`
	Kind   MemberKind `json:"kind"`
}

// A MemberKind is as what somebody is a member of the committee.
type MemberKind string

// MemberKinds are all of them.
const (
	Chair        MemberKind = "chair"
	Professional MemberKind = "professional"
	Lay          MemberKind = "lay"
	Patient      MemberKind = "patient"
)

var MemberKinds = []MemberKind{Chair, Professional, Lay, Patient}

// A Conflict of interest keeps a member out of one item.
type Conflict struct {
	Person PersonID `json:"person"`
	Why    string   `json:"why"`
}

// A Clearance is a caveat that the secretary and the chair cleared between
// meetings.
type Clearance struct {
	Application ApplicationID `json:"application"`
	Action      int           `json:"action"`
	Text        string        `json:"text"`
	On          Day           `json:"on"`
}

// A Quorum is how many members must take part in an outcome, and how many of them
// must be lay members. Somebody chairs the meeting: whoever takes no part in one item
// has another preside over it.
type Quorum struct {
	Members int `yaml:"members" json:"members"`
	Lay     int `yaml:"lay" json:"lay"`
}

// outcomeDays is for how many days after a meeting what it said may be entered. Later
// than that its minutes are written first, and the case waits for the next one.
const outcomeDays = 28

// DefaultQuorum holds where policy says nothing.
var DefaultQuorum = Quorum{Members: 4, Lay: 1}

// short says what some members lack of a quorum, or "".
func (q Quorum) short(took []Attendance) string {
	if lay := layOf(took); len(took) < q.Members || lay < q.Lay {
		return fmt.Sprintf("%d take part, %d of them lay members, and %d are needed, %d of them lay", len(took), lay, q.Members, q.Lay)
	}
	return ""
}

// short says what the meeting lacks of a quorum where some members take part, or "".
func (m *Meeting) short(took []Attendance) string {
	if m.Chair() == "" {
		return "nobody chairs it"
	}
	return m.Quorum.short(took)
}

func layOf(took []Attendance) (n int) {
	for _, a := range took {
		if a.Kind == Lay {
			n++
		}
	}
	return n
}

// Call makes a meeting on a day.
func Call(id MeetingID, on, today Day, q Quorum) (*Meeting, error) {
	if _, err := ParseDay(string(on)); err != nil {
		return nil, Refuse("no-date", id, "a meeting is held on a day: %v", err)
	}
	if on < today {
		return nil, Refuse("too-early", id, "a meeting cannot be called for %s, before today", on)
	}
	if q == (Quorum{}) {
		q = DefaultQuorum
	}
	return &Meeting{ID: id, On: on, State: MeetingOpen, Quorum: q, Agenda: []Item{}, Present: []Attendance{}, Cleared: []Clearance{}}, nil
}

// Table puts an application on the agenda, behind what is there.
func (m *Meeting) Table(p *Application, presented PersonID) error {
	if err := m.open(); err != nil {
		return err
	}
	if m.item(p.ID()) != nil {
		return Refuse("known", m.ID, "%s is on the agenda of %s already", p.ID(), m.ID)
	}
	m.Agenda = append(m.Agenda, Item{Application: p.ID(), Case: p.Stem, Presented: presented, Conflicts: []Conflict{}, Took: []Attendance{}, Without: []Conflict{}})
	return nil
}

func (m *Meeting) open() error {
	if m.State != MeetingOpen {
		return Refuse("wrong-step", m.ID, "meeting %s is %s: nothing more is done at it", m.ID, m.State)
	}
	return nil
}

// held refuses what is done at the meeting itself before its day.
func (m *Meeting) held(on Day) error {
	if err := m.open(); err != nil {
		return err
	}
	if on < m.On {
		return Refuse("too-early", m.ID, "meeting %s is on %s", m.ID, m.On)
	}
	return nil
}

// Item is what the agenda says of an application, or a refusal.
func (m *Meeting) Item(id ApplicationID) (*Item, error) {
	if i := m.item(id); i != nil {
		return i, nil
	}
	return nil, Refuse("not-on-agenda", id, "application %s is not on the agenda of meeting %s", id, m.ID)
}

func (m *Meeting) item(id ApplicationID) *Item {
	i := slices.IndexFunc(m.Agenda, func(i Item) bool { return i.Application == id })
	if i < 0 {
		return nil
	}
	return &m.Agenda[i]
}

// Attend notes that a member is there, and as what.
func (m *Meeting) Attend(p *Person, kind MemberKind, on Day) error {
	if err := m.held(on); err != nil {
		return err
	}
	switch {
	case !is(kind, MemberKinds...):
		return Refuse("no-kind", m.ID, "%q is no kind of member: it is %s", kind, join(MemberKinds))
	case !p.Inside() || !p.Has(Member) || p.Left != "":
		return Refuse("no-role", m.ID, "%s is no member of the committee: an operator enters members with the role member", p.ID)
	case slices.ContainsFunc(m.Present, func(a Attendance) bool { return a.Person == p.ID }):
		return Refuse("known", m.ID, "%s is at meeting %s already", p.ID, m.ID)
	case kind == Chair && m.Chair() != "":
		return Refuse("known", m.ID, "meeting %s is chaired by %s", m.ID, m.Chair())
	}
	m.Present = append(m.Present, Attendance{p.ID, kind})
	return nil
}

// Chair is who chairs the meeting, or "".
func (m *Meeting) Chair() PersonID {
	for _, a := range m.Present {
		if a.Kind == Chair {
			return a.Person
		}
	}
	return ""
}

// Declare notes a member's conflict of interest: they take no part in that item.
func (m *Meeting) Declare(id ApplicationID, member PersonID, why string) error {
	if err := m.open(); err != nil {
		return err
	}
	i, err := m.Item(id)
	if err != nil {
		return err
	}
	if why == "" {
		return Refuse("no-reason", m.ID, "meeting %s: say with --reason what the conflict of interest is", m.ID)
	}
	if err := CheckText(string(m.ID), "the conflict of interest", why); err != nil {
		return err
	}
	switch {
	case i.Outcome != "":
		return Refuse("wrong-step", m.ID, "meeting %s has dealt with %s: a conflict of interest is declared before", m.ID, id)
	case slices.ContainsFunc(i.Conflicts, func(c Conflict) bool { return c.Person == member }):
		return Refuse("known", m.ID, "%s has declared a conflict of interest in %s already", member, id)
	}
	i.Conflicts = append(slices.Clone(i.Conflicts), Conflict{member, why})
	return nil
}

// Unbiased refuses a member who takes no part in an item: for a conflict of interest,
// or for what they have done for the case.
func (m *Meeting) Unbiased(p *Application, member PersonID) error {
	if i := m.item(p.ID()); i != nil {
		if n := slices.IndexFunc(i.Conflicts, func(c Conflict) bool { return c.Person == member }); n >= 0 {
			return Refuse("conflict", p.ID(), "%s has a conflict of interest in %s (%s): DAAG sees it again instead", member, p.ID(), i.Conflicts[n].Why)
		}
	}
	if part := p.PartOf(member); part != "" {
		return Refuse("conflict", p.ID(), "%s has %s application %s, and takes no part in what DAAG says of it", member, part, p.ID())
	}
	return nil
}

// part says who takes part in an item, and who does not, and why: a conflict of
// interest, or work on the case.
func (m *Meeting) part(i *Item, p *Application) (took []Attendance, without []Conflict) {
	took, without = []Attendance{}, []Conflict{}
	for _, a := range m.Present {
		n := slices.IndexFunc(i.Conflicts, func(c Conflict) bool { return c.Person == a.Person })
		switch part := p.PartOf(a.Person); {
		case n >= 0:
			without = append(without, i.Conflicts[n])
		case part != "":
			without = append(without, Conflict{a.Person, "has " + part + " it"})
		default:
			took = append(took, a)
		}
	}
	return took, without
}

// Outcome is what the meeting says of an application on its agenda. Without a
// quorum for that item it says nothing.
func (m *Meeting) Outcome(a Act, p *Application, outcome ApplicationState, on Day, points ...Point) error {
	if err := m.held(on); err != nil {
		return err
	}
	i, err := m.Item(p.ID())
	if err != nil {
		return err
	}
	if on > m.On.Add(outcomeDays) {
		return Refuse("too-late", m.ID, "meeting %s was on %s: what it said is entered within %d days; write its minutes, and call the next meeting for %s", m.ID, m.On, outcomeDays, p.ID())
	}
	took, without := m.part(i, p)
	if short := m.short(took); short != "" {
		return Refuse("no-quorum", m.ID, "meeting %s has no quorum for %s: %s", m.ID, p.ID(), short)
	}
	if err := p.Outcome(a, outcome, on, points...); err != nil {
		return err
	}
	i.Outcome, i.Note, i.Took, i.Without = outcome, a.Why, took, without
	d := &p.Decisions[len(p.Decisions)-1]
	d.Meeting, d.Members, d.Lay = m.ID, len(took), layOf(took)
	for n, t := range p.Actions {
		if t.Meeting == "" && n >= len(p.Actions)-len(points) {
			p.Actions[n].Meeting = m.ID
		}
	}
	return nil
}

// Minute writes the minutes: what was cleared out of committee since the last ones
// stands in them, and what has no outcome is carried over.
func (m *Meeting) Minute(a Act, other string, cleared []*Application, on Day) error {
	to, err := MeetingLife.Step(m, m.State, MeetingMinuted)
	if err != nil {
		return err
	}
	if on < m.On {
		return Refuse("too-early", m.ID, "meeting %s is on %s", m.ID, m.On)
	}
	if other != "" {
		if err := CheckText(string(m.ID), "the minutes", other); err != nil {
			return err
		}
	}
	for _, p := range cleared {
		for _, t := range p.unminuted() {
			m.Cleared = append(m.Cleared, Clearance{p.ID(), t.N, t.Text, t.Answers[len(t.Answers)-1].On})
			t.Minuted = m.ID
		}
	}
	m.State, m.Other, m.MinutesBy, m.Minuted = to, other, a.Who, on
	return nil
}

// Agree is a later meeting's word that the minutes are right.
func (m *Meeting) Agree(at *Meeting, on Day) error {
	if err := at.held(on); err != nil {
		return err
	}
	if short := at.short(at.Present); short != "" {
		return Refuse("no-quorum", at.ID, "meeting %s has no quorum to agree the minutes of %s: %s", at.ID, m.ID, short)
	}
	to, err := MeetingLife.Step(m, m.State, MeetingAgreed)
	if err != nil {
		return err
	}
	m.State, m.AgreedAt, m.Agreed = to, at.ID, on
	at.Confirms = append(slices.Clone(at.Confirms), m.ID)
	return nil
}

// CarriedOver are the applications that the meeting has not dealt with.
func (m *Meeting) CarriedOver() (all []Item) {
	for _, i := range m.Agenda {
		if i.Outcome == "" {
			all = append(all, i)
		}
	}
	return all
}

// Minutes says how the minutes stand, in a word.
func (m *Meeting) Minutes() string {
	return cmp.Or(map[MeetingState]string{MeetingMinuted: "draft", MeetingAgreed: "agreed"}[m.State], "none")
}
