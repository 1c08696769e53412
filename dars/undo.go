package dars

import (
	"fmt"
	"slices"
	"strings"
)

// A slip of the hand is undone by another act, with a reason, as long as nothing was
// built on it. Both stay on record; what follows from them is as if neither had been:
//
//	accept       accepted      ──▶ submitted, and its clock has not started
//	refer-back   referred-back ──▶ submitted
//	withdraw     withdrawn     ──▶ what it was, and its clock runs on
//	pause        its clock runs on, and has never waited
//	resume       its clock still waits
//
// Nothing else needs it: a review, evidence, an action, a service level and who is in
// charge are each set again by the act that set them, a note is corrected by the next,
// and what people have decided is no slip.
var Slips = []Code{
	{"accept", "the acceptance"},
	{"refer-back", "the referral back"},
	{"withdraw", "the withdrawal"},
	{"pause", "the pause of the clock"},
	{"resume", "the end of the pause"},
}

// UndoStep is the step under which it stands among the decisions of a case that one of
// them, or the acceptance, was a slip.
const UndoStep = "undone"

// Undo takes back a slip. The calendar is that of the clock's own table.
func (p *Application) Undo(a Act, slip string, c Calendar, on Day) error {
	if !slices.Contains(Codes(Slips), slip) {
		return Refuse("no-slip", p.ID(), "%q cannot be undone: it is one of %s; of anything else, do it again as it should be", slip, strings.Join(Codes(Slips), ", "))
	}
	if a.Why == "" {
		return Refuse("no-reason", p.ID(), "application %s: say with --reason why %s is undone", p.ID(), Meaning(Slips, slip))
	}
	if err := CheckText(string(p.ID()), "the reason", a.Why); err != nil {
		return err
	}
	undo := map[string]func(Calendar) (Application, error){
		"accept": p.unaccepted, "refer-back": p.unreferred, "withdraw": p.unwithdrawn, "pause": p.unpaused, "resume": p.unresumed,
	}[slip]
	next, err := undo(c)
	if err != nil {
		return err
	}
	next.Decisions = append(next.Decisions, Decision{Step: UndoStep, Outcome: slip, By: a.Who, For: a.For, On: on, Note: a.Why})
	*p = next
	return nil
}

// unaccepted is the application as it was before it was accepted. A word for another
// service level than its content's stands.
func (p *Application) unaccepted(Calendar) (next Application, err error) {
	switch {
	case p.State != Accepted:
		return next, p.noSlip("accepted")
	case len(p.AssessedBy) > 0:
		return next, Refuse("built-on", p.ID(), "application %s was assessed since it was accepted, so its acceptance stands: an owner can decline it, or the applicant withdraw it", p.ID())
	case len(p.Clock.Pauses) > 0:
		return next, Refuse("built-on", p.ID(), "the clock of application %s was paused since it was accepted: undo that first, with darsd application undo %s pause", p.ID(), p.Stem)
	}
	next = p.copied()
	next.State, next.Prices, next.Clock = Submitted, nil, SLA{Undone: p.Clock.Undone}
	if days, why := p.Class(); p.Clock.Class != days || p.Clock.Reason != why {
		next.Clock.Class, next.Clock.Reason = p.Clock.Class, p.Clock.Reason
	}
	return next, nil
}

// unreferred is the application as it was before it was referred back: submitted again
// it is another version, and nothing is undone.
func (p *Application) unreferred(Calendar) (next Application, err error) {
	if p.State != ReferredBack {
		return next, p.noSlip("referred back")
	}
	return p.stepBack("referred-back")
}

// unwithdrawn is the application as it was before it was withdrawn.
func (p *Application) unwithdrawn(Calendar) (next Application, err error) {
	if p.State != TakenBack {
		return next, p.noSlip("withdrawn")
	}
	if next, err = p.stepBack("withdrawn"); err == nil {
		next.Clock = p.Clock.unstopped()
	}
	return next, err
}

// unpaused is the application as if its clock had never waited.
func (p *Application) unpaused(c Calendar) (next Application, err error) {
	last := p.Clock.open()
	if err := p.clockRuns(); err != nil {
		return next, err
	}
	switch {
	case len(p.Clock.Pauses) == 0:
		return next, p.noSlip("paused")
	case last == nil:
		return next, Refuse("built-on", p.ID(), "the clock of application %s runs again since the pause: undo that first, with darsd application undo %s resume", p.ID(), p.Stem)
	}
	next = p.copied()
	k := &next.Clock
	k.Undone, k.Pauses = append(slices.Clone(k.Undone), *last), k.Pauses[:len(k.Pauses)-1]
	k.Due, err = k.due(c)
	return next, err
}

// unresumed is the application as if its clock still waited.
func (p *Application) unresumed(c Calendar) (next Application, err error) {
	if err := p.clockRuns(); err != nil {
		return next, err
	}
	if len(p.Clock.Pauses) == 0 || p.Clock.open() != nil {
		return next, p.noSlip("resumed")
	}
	next = p.copied()
	k := &next.Clock
	last := &k.Pauses[len(k.Pauses)-1]
	k.Undone = append(slices.Clone(k.Undone), *last)
	last.Until, last.Ended = "", ""
	k.Due, err = k.due(c)
	return next, err
}

// clockRuns refuses what is undone on a clock that has not started or has stopped, or
// that waits for a signature: that wait is the office's own and ends by itself.
func (p *Application) clockRuns() error {
	n := len(p.Clock.Pauses)
	switch {
	case p.Clock.Started == "":
		return Refuse("clock-not-started", p.ID(), "the clock of application %s has not started: there is nothing to undo", p.ID())
	case p.Clock.Stopped != "":
		return Refuse("clock-stopped", p.ID(), "the clock of application %s stopped on %s: its figures do not move any more", p.ID(), p.Clock.Stopped)
	case n > 0 && p.Clock.Pauses[n-1].Agreement != "":
		return Refuse("clock-waits", p.ID(), "the clock of application %s waits, or has waited, for the signature of agreement %s, which nobody did by hand: there is nothing to undo", p.ID(), p.Clock.Pauses[n-1].Agreement)
	}
	return nil
}

// stepBack is the application in the state from which its last step led, with the step
// marked as undone. Words for another service level may have come since.
func (p *Application) stepBack(step string) (next Application, err error) {
	next = p.copied()
	for i := range slices.Backward(next.Decisions) {
		d := &next.Decisions[i]
		if is(d.Step, "class", UndoStep) {
			continue
		}
		if d.Step != step || d.From == "" {
			break
		}
		d.Undone, next.State = true, d.From
		return next, nil
	}
	return next, Refuse("not-kept", p.ID(), "application %s: what it was before is not on record: have it handed in again", p.ID())
}

func (p *Application) noSlip(what string) error {
	return Refuse("wrong-step", p.ID(), "application %s is %s and was not %s last: there is nothing to undo", p.ID(), p.State, what)
}

// copied is the application with lists of its own where undoing changes them.
func (p *Application) copied() Application {
	next := *p
	next.Decisions, next.Clock.Pauses = slices.Clone(p.Decisions), slices.Clone(p.Clock.Pauses)
	return next
}

// unstopped is the clock as if it had not stopped: a pause that ended with it lasts.
func (k SLA) unstopped() SLA {
	k.Pauses = slices.Clone(k.Pauses)
	if n := len(k.Pauses); n > 0 && k.Pauses[n-1].Until == k.Stopped && k.Pauses[n-1].Ended == "" && k.Stopped != "" {
		k.Pauses[n-1].Until = ""
	}
	k.Stopped, k.StoppedBy = "", ""
	return k
}

// Stood are some decisions without those that were slips, and without the words that
// they were.
func Stood(all []Decision) []Decision {
	return slices.DeleteFunc(slices.Clone(all), func(d Decision) bool { return d.Undone || d.Step == UndoStep })
}

// UndoneWords says in a letter what was undone, and what that means for who reads it.
func (p *Application) UndoneWords(slip string) string {
	now := fmt.Sprintf("It is %s, as before.", strings.ReplaceAll(string(p.State), "-", " "))
	switch slip {
	case "accept":
		return "It was noted as accepted, and that was a mistake. It is submitted, as before, and its service-level clock has not started."
	case "refer-back":
		return "It was referred back to you, and that was a mistake: the letter that said so no longer holds, and nothing need be mended. " + now
	case "withdraw":
		return "It was noted as withdrawn, and that was a mistake. " + now + " Its service-level clock counts as if it had never been withdrawn."
	}
	return now
}
