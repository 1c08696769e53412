package dars

import (
	"cmp"
	"fmt"
	"slices"
)

// An SLA is the service-level clock of an application (domain 4.2): how many of
// the office's working days it has taken.
//
//	accepted ──▶ running ──▶ stopped: first access, or the letter that ends the case
//	             │     ▲
//	             └paused┘
//
// It is a ledger of days, and no counter: what was used and what is due follow
// from when it started, was paused and stopped, so they can always be explained.
// The day of a start or of an answer is day 0, whatever the time; the day of a
// question still counts. The table of bank holidays is that of the start, so a
// figure that was once told does not move.
type SLA struct {
	Class      int         `json:"class,omitempty"` // working days: 14, 30 or 60
	Reason     string      `json:"reason,omitempty"`
	Started    Day         `json:"started,omitempty"` // day 0
	Due        Day         `json:"due,omitempty"`     // none while it is paused
	Table      string      `json:"table_version,omitempty"`
	Pauses     []Pause     `json:"pauses,omitempty"`     // in order; only the last may be open
	Milestones []Milestone `json:"milestones,omitempty"` // on the way, which do not stop it
	Undone     []Pause     `json:"undone,omitempty"`     // that were slips, and count for nothing
	Stopped    Day         `json:"stopped,omitempty"`
	StoppedBy  string      `json:"stopped_by,omitempty"` // what stopped it
}

// A Pause is time in which the office waits for others.
type Pause struct {
	For       string      `json:"for"` // a code of PauseReasons
	Reason    string      `json:"reason"`
	From      Day         `json:"from"`
	Until     Day         `json:"until,omitempty"` // none while it lasts
	By        PersonID    `json:"by"`
	Ended     PersonID    `json:"ended_by,omitempty"`
	Agreement AgreementID `json:"agreement,omitempty"` // whose signature is waited for
}

// A Milestone is a day worth noting on the clock.
type Milestone struct {
	On   Day    `json:"on"`
	What string `json:"what"`
}

// PauseReasons are the only two for which the clock may be paused (domain 4.2).
var PauseReasons = []Code{
	{"AWAIT_APPLICANT_DETAIL", "further detail from the applicant"},
	{"AWAIT_EXTERNAL_APPROVAL", "approval by an outside body"},
}

// Classes are the service levels, in working days (domain 4.2).
var Classes = []Class{{14, "standard"}, {30, "medium"}, {60, "complex"}}

// A Class is a service level.
type Class struct {
	Days int
	Name string
}

// Class is the service level in working days that follows from what is asked, and
// why: that of the dataset that takes longest.
func (p *Application) Class() (days int, why string) {
	days, why = 14, "a standard request: 14 working days"
	if p.Kind == "extension" || p.Kind == "retention-only" {
		return days, fmt.Sprintf("nothing new leaves (%s): 14 working days", p.Kind)
	}
	for _, d := range p.Form.Datasets {
		switch {
		case d.Identifiability == "IDENT" && len(p.Form.Datasets) > 1:
			return 60, "identifiable data across several datasets: 60 working days"
		case d.Identifiability == "IDENT":
			return 60, "identifiable data: 60 working days"
		case is(d.Identifiability, "AGG_SUPPRESSED", "AGG_UNSUPPRESSED"):
			days, why = 30, "a tabulation: 30 working days"
		}
	}
	return days, why
}

// SetClass is a case officer's word that another service level is right. It is
// noted as a decision.
func (p *Application) SetClass(a Act, c Calendar, days int, on Day) error {
	k := p.Clock
	if k.Class == 0 {
		k.Class, _ = p.Class()
	}
	switch {
	case !slices.ContainsFunc(Classes, func(class Class) bool { return class.Days == days }):
		return Refuse("no-class", p.ID(), "%d working days are no service level: it is 14 (standard), 30 (medium) or 60 (complex)", days)
	case a.Why == "":
		return Refuse("no-reason", p.ID(), "application %s: say with --reason why another service level is right", p.ID())
	case k.Stopped != "" || k.Started == "" && !is(p.State, Submitted, ReferredBack):
		return Refuse("clock-stopped", p.ID(), "application %s is %s, and its clock stands: its service level is what it was", p.ID(), p.State)
	case k.Class == days:
		return Refuse("known", p.ID(), "application %s has a service level of %d working days already", p.ID(), days)
	}
	k.Class, k.Reason = days, fmt.Sprintf("%s: %d working days", a.Why, days)
	var err error
	if k.Started != "" {
		if k.Due, err = k.due(c); err != nil {
			return err
		}
	}
	p.Clock = k
	p.Decisions = append(p.Decisions, Decision{Step: "class", Outcome: fmt.Sprintf("%d working days", days), By: a.Who, On: on, Note: a.Why})
	return nil
}

// startClock is the clock of an application that is accepted on a day.
func (p *Application) startClock(c Calendar, on Day) (k SLA, err error) {
	if k = p.Clock; k.Class == 0 { // nobody has said otherwise
		k.Class, k.Reason = p.Class()
	}
	k.Started, k.Table = on, c.Version
	k.Due, err = k.due(c)
	return k, err
}

// Pause stops the count while the office waits for the applicant or for an outside
// body. The day itself still counts.
func (p *Application) Pause(a Act, why Pause, on Day) error {
	k, last := p.Clock, p.Clock.open()
	switch {
	case !slices.Contains(Codes(PauseReasons), why.For):
		return Refuse("no-pause", p.ID(), "the clock pauses for %s, and for nothing else", join(meanings(PauseReasons)))
	case why.Reason == "":
		return Refuse("no-reason", p.ID(), "application %s: say with --reason what is waited for", p.ID())
	case k.Started == "":
		return Refuse("clock-not-started", p.ID(), "the clock of application %s has not started: it starts when the application is accepted", p.ID())
	case k.Stopped != "":
		return Refuse("clock-stopped", p.ID(), "the clock of application %s stopped on %s: %s", p.ID(), k.Stopped, k.StoppedBy)
	case last != nil:
		return Refuse("clock-paused", p.ID(), "the clock of application %s is paused already, since %s, for %s (%s): let it run on first, with darsd application resume %s", p.ID(), last.From, Meaning(PauseReasons, last.For), last.Reason, p.Stem)
	case on < k.newest():
		return Refuse("clock-back", p.ID(), "the clock of application %s stands at %s: nothing can be noted on it for %s", p.ID(), k.newest(), on)
	}
	why.From, why.By = on, a.Who
	p.Clock.Pauses = append(slices.Clone(k.Pauses), why)
	if k.Due > on { // one that has come stays
		p.Clock.Due = ""
	}
	return nil
}

// Resume lets the clock run on: what was waited for has come. The next working
// day counts, so a pause and its answer on one day cost nothing. The calendar is
// that of the clock's own table.
func (p *Application) Resume(a Act, c Calendar, on Day) error {
	k, last := p.Clock, p.Clock.open()
	switch {
	case last == nil:
		return Refuse("clock-running", p.ID(), "the clock of application %s is not paused, and runs already", p.ID())
	case on < k.newest():
		return Refuse("clock-back", p.ID(), "the clock of application %s stands at %s: nothing can be noted on it for %s", p.ID(), k.newest(), on)
	}
	k = k.answered(on)
	k.Pauses[len(k.Pauses)-1].Ended = a.Who
	due, err := k.due(c)
	if err != nil {
		return err
	}
	p.Clock, p.Clock.Due = k, due
	return nil
}

// Recount takes the newest table of bank holidays for a clock that has not
// stopped: where one was announced meanwhile, what is due moves with it.
func (p *Application) Recount(_ Act, newest Calendar) (err error) {
	k := p.Clock
	switch {
	case k.Started == "":
		return Refuse("clock-not-started", p.ID(), "the clock of application %s has not started: it will count by the newest table", p.ID())
	case k.Stopped != "":
		return Refuse("clock-stopped", p.ID(), "the clock of application %s stopped on %s: its figures do not move any more", p.ID(), k.Stopped)
	case k.Table == newest.Version:
		return Refuse("known", p.ID(), "the clock of application %s counts by the newest table, %s, already", p.ID(), k.Table)
	}
	k.Table = newest.Version
	if k.Due, err = k.due(newest); err == nil {
		p.Clock = k
	}
	return err
}

// StopClock stops the clock: at first access, or when the case ends without. What
// comes later changes nothing.
func (p *Application) StopClock(what string, on Day) { p.Clock = p.Clock.stop(what, on) }

// decided notes the letter that tells a decision, and stops the clock where it
// ends the case.
func (k SLA) decided(to ApplicationState, on Day) SLA {
	what := "the decision letter: " + string(to)
	if k.Started != "" && k.Stopped == "" && is(to, Approved, Declined, Rejected) {
		k.Milestones = append(slices.Clone(k.Milestones), Milestone{on, what})
	}
	switch to {
	case Declined, Rejected:
		return k.stop(what, on)
	case TakenBack:
		return k.stop("the application was withdrawn", on)
	}
	return k
}

// stop ends the count on a day, and a pause with it.
func (k SLA) stop(what string, on Day) SLA {
	if k.Started == "" || k.Stopped != "" {
		return k
	}
	if k.open() != nil {
		k = k.answered(on)
	}
	k.Stopped, k.StoppedBy = on, what
	return k
}

// open returns the pause that lasts, or nil.
func (k SLA) open() *Pause {
	if n := len(k.Pauses); n > 0 && k.Pauses[n-1].Until == "" {
		return &k.Pauses[n-1]
	}
	return nil
}

// Paused returns the pause that lasts, if one does.
func (k SLA) Paused() (p Pause, paused bool) {
	if open := k.open(); open != nil {
		return *open, true
	}
	return p, false
}

// newest is the last day of which the clock knows.
func (k SLA) newest() Day {
	day := k.Started
	for _, p := range k.Pauses {
		day = max(day, p.From, p.Until)
	}
	return day
}

// answered is the same clock, as if what is waited for had come on a day.
func (k SLA) answered(on Day) SLA {
	k.Pauses = slices.Clone(k.Pauses)
	if last := k.open(); last != nil {
		last.Until = on
	}
	return k
}

// A span is some days in which the clock ran: after the first, to the last.
type span struct{ after, until Day }

// running are the spans in which the clock ran, the last of them until a day, or
// until the clock stopped.
func (k SLA) running(until Day) (all []span) {
	after := k.Started
	for _, p := range k.Pauses {
		all = append(all, span{after, p.From})
		after = p.Until
	}
	if after != "" {
		all = append(all, span{after, cmp.Or(k.Stopped, until)})
	}
	return all
}

// Used is how many working days the clock has counted, up to and with a day.
func (k SLA) Used(c Calendar, on Day) (used int, err error) {
	if k.Started == "" {
		return 0, nil
	}
	for _, s := range k.running(on) {
		n, err := c.Between(s.after, min(s.until, on))
		if err != nil {
			return 0, err
		}
		used += n
	}
	return used, nil
}

// due is the day on which the last working day of the class is used up; none, if
// it is not used up and the clock is paused.
func (k SLA) due(c Calendar) (Day, error) {
	used := 0
	for _, s := range k.running("") {
		if s.until == "" {
			return c.AddWorking(s.after, k.Class-used)
		}
		n, err := c.Between(s.after, s.until)
		if err != nil {
			return "", err
		}
		if used+n >= k.Class {
			return c.AddWorking(s.after, k.Class-used)
		}
		used += n
	}
	return "", nil
}

// IfAnswered is when it is due if what is waited for comes on a day.
func (k SLA) IfAnswered(c Calendar, on Day) (Day, error) {
	if k.Started == "" || k.Stopped != "" {
		return k.Due, nil
	}
	return k.answered(on).due(c)
}

// A ClockDay is one day of a clock, and why it counts or does not.
type ClockDay struct {
	Date   Day    `json:"date"`
	Counts bool   `json:"counts"`
	Why    string `json:"why"`
}

// Days explains each day of the clock, from its start to a day or to its stop.
func (k SLA) Days(c Calendar, on Day) ([]ClockDay, error) {
	if k.Started == "" {
		return []ClockDay{}, nil
	}
	until := on
	if k.Stopped != "" {
		until = min(on, k.Stopped)
	}
	return k.explain(c, until)
}

// Ahead explains the days that are to come, until it is due; of a clock that is
// paused, as if it were answered today.
func (k SLA) Ahead(c Calendar, today Day) ([]ClockDay, error) {
	due, err := k.IfAnswered(c, today)
	if err != nil || k.Started == "" || k.Stopped != "" || due <= today {
		return []ClockDay{}, err
	}
	all, err := k.answered(today).explain(c, due)
	if err != nil {
		return nil, err
	}
	return slices.DeleteFunc(all, func(d ClockDay) bool { return d.Date <= today }), nil
}

func (k SLA) explain(c Calendar, until Day) (all []ClockDay, err error) {
	all = []ClockDay{{k.Started, false, "accepted: this is day 0"}}
	used := 0
	for d := k.Started.Add(1); d <= until; d = d.Add(1) {
		why, counts := k.day(c, d)
		if counts {
			used++
			why = fmt.Sprintf("working day %d of %d", used, k.Class)
		}
		if counts && used > k.Class {
			why += ", overdue"
		}
		all = append(all, ClockDay{d, counts, why})
	}
	return all, c.covers(k.Started, max(k.Started, until))
}

// day says whether one day after the start counts, and if not, why.
func (k SLA) day(c Calendar, d Day) (why string, counts bool) {
	switch {
	case d.Weekend():
		return d.Weekday().String(), false
	case c.Holidays[d] != "":
		return "bank holiday: " + c.Holidays[d], false
	}
	for _, p := range k.Pauses {
		switch {
		case p.From < d && d == p.Until:
			return fmt.Sprintf("%s came: this is day 0 again", Meaning(PauseReasons, p.For)), false
		case p.From < d && (p.Until == "" || d < p.Until):
			return fmt.Sprintf("paused for %s: %s", Meaning(PauseReasons, p.For), p.Reason), false
		}
	}
	return "", true
}

// meanings are what the codes of a list say on paper.
func meanings(list []Code) (all []string) {
	for _, c := range list {
		all = append(all, c.Meaning)
	}
	return all
}
