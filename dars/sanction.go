package dars

import (
	"fmt"
	"slices"
)

// A Sanction is what follows when a recipient does not keep to its contract: actions of
// an audit are late, or a breach was recorded. It begins at the step that its cause
// sets, and climbs one step at a time, each counted from the one before: nobody is
// suspended who was not written to before, however long the clock stood still.
type Sanction struct {
	ID        SanctionID     `json:"id"`
	Org       OrgCode        `json:"org"`
	Agreement AgreementID    `json:"agreement,omitempty"` // "" where it is about the organisation as a whole
	Audit     AuditID        `json:"audit,omitempty"`     // whose actions are late, or that found the breach
	Breach    string         `json:"breach,omitempty"`    // of Breaches
	Reason    string         `json:"reason,omitempty"`    // in the office's words, which are not published
	State     SanctionState  `json:"state"`
	Taken     []SanctionStep `json:"taken"`
	Waits     Day            `json:"waits,omitempty"`  // the earliest day by which one of its actions is to be done; "" when none is left
	Joined    Day            `json:"joined,omitempty"` // when actions were put to it last that were late after it had begun
	Appeals   []Appeal       `json:"appeals,omitempty"`
	Lifted    Day            `json:"lifted,omitempty"`
	LiftedBy  PersonID       `json:"lifted_by,omitempty"`
	LiftedWhy string         `json:"lifted_why,omitempty"`
	Steps     []Step         `json:"steps,omitempty"` // of its ladders, done
}

// A SanctionState is the step at which a sanction stands.
type SanctionState string

const (
	Warned          SanctionState = "warning"
	OnHold          SanctionState = "hold"
	Suspended       SanctionState = "suspension"
	EndedBySanction SanctionState = "termination"
	SanctionLifted  SanctionState = "lifted"
)

// SanctionLife is every step of a sanction. Where it begins its cause says.
//
//	warning ──▶ hold ──▶ suspension ──▶ termination
//	   └─────────┴───────────┴──────────────┴──▶ lifted
var SanctionLife = Life[SanctionState]{
	Warned:          {OnHold, SanctionLifted},
	OnHold:          {Suspended, SanctionLifted},
	Suspended:       {EndedBySanction, SanctionLifted},
	EndedBySanction: {SanctionLifted},
}

// A Stop is something that a step of a sanction puts an end to while it stands.
type Stop string

const (
	StopReleases     Stop = "releases"     // nothing is released, and downloads under way are cut
	StopApplications Stop = "applications" // nothing new is taken in, agreed or signed
	StopAgreements   Stop = "agreements"   // they are ended, and all data are to be destroyed
)

// A SanctionRung is one step of the ladder of sanctions, and what it does.
type SanctionRung struct {
	State SanctionState
	Means string
	Stops []Stop
}

// SanctionLadder is the whole, from the bottom.
var SanctionLadder = []SanctionRung{
	{Warned, "a warning in writing", nil},
	{OnHold, "nothing is released, and downloads under way are cut", []Stop{StopReleases}},
	{Suspended, "besides, nothing new is taken in, agreed or signed", []Stop{StopReleases, StopApplications}},
	{EndedBySanction, "besides, agreements are ended and all data are to be destroyed", []Stop{StopReleases, StopApplications, StopAgreements}},
}

// Rung is what a step does; of one that was lifted, nothing.
func (s SanctionState) Rung() SanctionRung {
	i := slices.IndexFunc(SanctionLadder, func(r SanctionRung) bool { return r.State == s })
	if i < 0 {
		return SanctionRung{State: s}
	}
	return SanctionLadder[i]
}

// next is the step above, or "".
func (s SanctionState) next() SanctionState {
	i := slices.IndexFunc(SanctionLadder, func(r SanctionRung) bool { return r.State == s })
	if i < 0 || i+1 == len(SanctionLadder) {
		return ""
	}
	return SanctionLadder[i+1].State
}

// Sanctioning is how long each step is waited for. Days are days of the calendar.
type Sanctioning struct {
	OverdueDays     int `yaml:"overdue_days"`     // from the day on which an action was to be done to the first step
	HoldDays        int `yaml:"hold_days"`        // from the warning to the hold
	SuspensionDays  int `yaml:"suspension_days"`  // from the hold to the suspension
	TerminationDays int `yaml:"termination_days"` // from the suspension to the termination
}

// DefaultSanctioning are the days of an office that says nothing else.
var DefaultSanctioning = Sanctioning{OverdueDays: 14, HoldDays: 28, SuspensionDays: 28, TerminationDays: 56}

// days are those from the step below to a step.
func (p Sanctioning) days(to SanctionState) int {
	return map[SanctionState]int{OnHold: p.HoldDays, Suspended: p.SuspensionDays, EndedBySanction: p.TerminationDays}[to]
}

// A SanctionStep is one that was taken.
type SanctionStep struct {
	State       SanctionState `json:"state"`
	On          Day           `json:"on"`
	By          PersonID      `json:"by"` // or the clock
	Why         string        `json:"why,omitempty"`
	Actions     []int         `json:"actions,omitempty"` // of the audit, that were late
	AppealUntil Day           `json:"appeal_until"`
}

func (s *Sanction) Card() Card {
	k := []Key{By("org", s.Org), By("agreement", s.Agreement), By("audit", s.Audit)}
	if s.Stands() {
		k = append(k, By("stands", s.Org))
	}
	return Card{"sanction", string(s.ID), string(s.State), k}
}

// Stands reports whether it was not lifted.
func (s *Sanction) Stands() bool { return s.State != "" && s.State != SanctionLifted }

// Stops reports whether it puts an end to something.
func (s *Sanction) Stops(what Stop) bool { return slices.Contains(s.State.Rung().Stops, what) }

// Begin takes the first step: the one that its cause sets.
func (s *Sanction) Begin(a Act, at SanctionState, actions []int, appealUntil, on Day) error {
	if s.State != "" {
		return Refuse("wrong-step", s.ID, "sanction %s is %s already", s.ID, s.State)
	}
	s.State = at
	s.Taken = []SanctionStep{{at, on, a.Who, a.Why, actions, appealUntil}}
	return nil
}

// Climb takes the next step.
func (s *Sanction) Climb(a Act, actions []int, appealUntil, on Day) error {
	to := s.State.next()
	if to == "" {
		return Refuse("wrong-step", s.ID, "sanction %s is %s, and there is no step above", s.ID, s.State)
	}
	state, err := SanctionLife.Step(s, s.State, to)
	if err != nil {
		return err
	}
	s.State = state
	s.Taken = append(slices.Clone(s.Taken), SanctionStep{state, on, a.Who, a.Why, actions, appealUntil})
	return nil
}

// NextOn is the day from which the next step is taken if its cause is not mended, or "":
// so long after the step before, after the appeal against it was decided, or after more
// actions were put to it; and neither while the step may still be appealed against nor
// while all its actions have been given more time. One that is for a breach alone climbs
// only when somebody raises it.
func (s *Sanction) NextOn(p Sanctioning) Day {
	to := s.State.next()
	if to == "" || len(s.Taken) == 0 || s.Waits == "" {
		return ""
	}
	step := s.Taken[len(s.Taken)-1]
	from := max(step.On, s.Joined)
	for _, ap := range s.Appeals {
		if ap.Decided == "" {
			return "" // nothing more is done before it is
		}
		from = max(from, ap.Decided)
	}
	next := max(from.Add(p.days(to)), s.Waits.Add(1))
	if step.AppealUntil != "" && !s.Appealed() {
		next = max(next, step.AppealUntil.Add(1))
	}
	return next
}

// Join puts more actions to it that are late: what it has done already was for something
// else, and its days count from now.
func (s *Sanction) Join(waits, on Day) { s.Waits, s.Joined = waits, on }

// MayRaise refuses the next step without waiting for the clock: it needs a reason, an
// appeal comes first, and nobody takes two steps after each other.
func (s *Sanction) MayRaise(a Act) error {
	if err := CheckText(string(s.ID), "the reason (--reason)", a.Why); err != nil {
		return err
	}
	if open := s.OpenAppeal(); open != nil {
		return Refuse("appealed", s.ID, "sanction %s has an appeal that is to be decided by %s: nothing higher is done before", s.ID, open.Due)
	}
	if n := len(s.Taken); s.Stands() && n > 0 && a.Of(s.Taken[n-1].By) {
		return Refuse("same-person", s.ID, "the %s of sanction %s was imposed by %s; somebody else raises it", s.State, s.ID, s.Taken[n-1].By)
	}
	return nil
}

// Lift ends it, for a reason: its cause is mended.
func (s *Sanction) Lift(a Act, on Day) error {
	state, err := SanctionLife.Step(s, s.State, SanctionLifted)
	if err != nil {
		return err
	}
	if err := CheckText(string(s.ID), "the reason (--reason)", a.Why); err != nil {
		return err
	}
	s.State, s.Lifted, s.LiftedBy, s.LiftedWhy = state, on, a.Who, a.Why
	return nil
}

// Because says for what it is, in words that everybody may read.
func (s *Sanction) Because() string {
	if s.Breach != "" {
		b, err := BreachOf(s.Breach)
		if err == nil {
			return b.Means
		}
	}
	return fmt.Sprintf("actions agreed in audit %s were not done in time", s.Audit)
}

// SanctionHold puts the organisation on hold for a sanction, unless it is on hold for
// something else: then that stands beside it.
func (o *Organisation) SanctionHold(id SanctionID, because string) error {
	if slices.Contains(o.Sanctions, id) {
		return nil
	}
	if o.State != OrgOnHold {
		state, err := OrgLife.Step(o, o.State, OrgOnHold)
		if err != nil {
			return err
		}
		o.State, o.HoldReason, o.HeldFor = state, because, id
	}
	o.Sanctions = append(slices.Clone(o.Sanctions), id)
	return nil
}

// SanctionOver ends what a sanction has put on hold, unless another sanction or a hold
// by hand stands. It returns the sanction for which the organisation is held now, if that
// is another than before.
func (o *Organisation) SanctionOver(id SanctionID) (now SanctionID, err error) {
	i := slices.Index(o.Sanctions, id)
	if i < 0 {
		return "", nil
	}
	o.Sanctions = slices.Delete(slices.Clone(o.Sanctions), i, i+1)
	switch {
	case o.HeldFor == "":
		return "", nil
	case len(o.Sanctions) > 0:
		if o.HeldFor == id {
			now = o.Sanctions[0]
		}
		return now, nil
	}
	state, err := OrgLife.Step(o, o.State, OrgActive)
	if err == nil {
		o.State, o.HoldReason, o.HeldFor = state, "", ""
	}
	return "", err
}

// HeldNowFor says for which of several sanctions an organisation is on hold.
func (o *Organisation) HeldNowFor(id SanctionID, because string) {
	o.HeldFor, o.HoldReason = id, because
}
