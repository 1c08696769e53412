package dars

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// Assess is the word of the information asset owner of a dataset. When each owner
// of what is asked for has given theirs, it is assessed. A delegate speaks for the
// owner that the act names: both stand on record, and neither decides later.
func (p *Application) Assess(a Act, owners []PersonID, on Day) error {
	if _, err := ApplicationLife.Step(p, p.State, Assessed); err != nil {
		return err
	}
	owner := cmp.Or(a.For, a.Who)
	if slices.Contains(p.AssessedBy, owner) {
		return Refuse("same-person", p.ID(), "application %s: %s has assessed it already; the other owners of its datasets are yet to", p.ID(), owner)
	}
	p.AssessedBy = append(p.AssessedBy, owner)
	if slices.ContainsFunc(owners, func(other PersonID) bool { return !slices.Contains(p.AssessedBy, other) }) {
		p.Decisions = append(p.Decisions, p.decision(a, "assessed", p.State, on))
		return nil
	}
	return p.decide(a, "assessed", Assessed, on)
}

// PreReview is the secretary's, before the committee sees it.
func (p *Application) PreReview(a Act, on Day) error {
	if route, why := p.Route(); route == ExceptionRoute && p.State == Assessed {
		return Refuse("wrong-route", p.ID(), "application %s does not go to DAAG: %s", p.ID(), why)
	}
	return p.decide(a, "pre-reviewed", PreReviewed, on)
}

// Present puts it before DAAG, again when what DAAG asked for is done.
func (p *Application) Present(a Act, on Day) error {
	if route, why := p.Route(); route == AggregateRoute {
		return Refuse("wrong-route", p.ID(), "application %s does not go to DAAG: %s", p.ID(), why)
	}
	if err := p.Presentable(); err != nil {
		return err
	}
	return p.decide(a, "presented", AtDAAG, on)
}

// Presentable refuses to present an application again before what DAAG asked for
// is done.
func (p *Application) Presentable() error {
	if is(p.State, WithCaveats, Deferred, Returned) {
		if open := p.unanswered(); len(open) > 0 {
			return Refuse("actions-open", p.ID(), "application %s is presented again when what DAAG asked for is done: %s", p.ID(), strings.Join(open, ", "))
		}
	}
	return nil
}

// unanswered is what DAAG left that keeps it from being presented again: a caveat
// that its owner has not answered, another action that is not done. A caveat that
// a later stage waits for keeps it from that alone.
func (p *Application) unanswered() (open []string) {
	for _, t := range p.Actions {
		if t.Meeting == "" && !t.Caveat || t.Blocks != "" || t.State == ActionDone || t.Caveat && t.State == ActionAnswered {
			continue
		}
		open = append(open, t.left())
	}
	return open
}

// left names an action that is not done.
func (t Action) left() string {
	return fmt.Sprintf("action %d (%s, due %s)", t.N, t.State, t.Due)
}

// A Point is what an outcome of DAAG leaves to do: a caveat, or an action.
type Point struct {
	Owner  PersonID // one of the office, or TheApplicant
	Due    Day
	Blocks Stage // what waits for it, if not the decision; caveats only
	Text   string
}

// Outcome is what DAAG said, and what that leaves to do. Recommended with caveats,
// deferred and withdrawn each leave something, with an owner and a date.
func (p *Application) Outcome(a Act, outcome ApplicationState, on Day, points ...Point) error {
	leaves := is(outcome, WithCaveats, Deferred, Returned)
	switch {
	case !leaves && !is(outcome, Recommended, Rejected):
		return Refuse("no-outcome", p.ID(), "%q is no outcome of DAAG: it is recommended, recommended-with-caveats, deferred, withdrawn or rejected", outcome)
	case leaves && len(points) == 0 && p.State == AtDAAG:
		return Refuse("no-action", p.ID(), "application %s: %s leaves something to do: say what, whose it is and by when, with --action 'OWNER DAY TEXT'", p.ID(), outcome)
	case outcome != Recommended && a.Why == "":
		return Refuse("no-reason", p.ID(), "application %s: say with --reason why it is %s: the applicant reads it", p.ID(), strings.ReplaceAll(string(outcome), "-", " "))
	case !leaves && len(points) > 0:
		return Refuse("no-action", p.ID(), "application %s: %s leaves nothing to do", p.ID(), outcome)
	}
	if _, err := ApplicationLife.Step(p, p.State, outcome); err != nil {
		return err
	}
	actions, err := p.points(a, outcome, on, points)
	if err != nil {
		return err
	}
	if err := p.decide(a, "outcome", outcome, on); err != nil {
		return err
	}
	p.Actions = actions
	return nil
}

// points are the actions with those that an outcome leaves. A caveat that was
// answered before is settled where DAAG recommends again.
func (p *Application) points(a Act, outcome ApplicationState, on Day, points []Point) ([]Action, error) {
	next := *p
	next.Actions = slices.Clone(p.Actions)
	for i, t := range next.Actions {
		if t.Caveat && t.State == ActionAnswered && t.Blocks == "" && is(outcome, Recommended, WithCaveats) {
			next.Actions[i].State = ActionDone
			next.Actions[i].Answers = append(slices.Clone(t.Answers), Answer{ActionDone, "DAAG has seen the answer", a.Who, on})
		}
	}
	for _, point := range points {
		if point.Blocks != "" && (outcome != WithCaveats || !is(point.Blocks, Stages...)) {
			return nil, Refuse("no-stage", p.ID(), "%q cannot wait for this: a caveat may block %s", point.Blocks, join(Stages))
		}
		n, err := next.AddAction(a, point.Owner, point.Due, point.Text, on)
		if err != nil {
			return nil, err
		}
		next.Actions[n-1].Blocks, next.Actions[n-1].Caveat = point.Blocks, outcome == WithCaveats
	}
	return next.Actions, nil
}

// A clearer's part in clearing a caveat out of committee: two people do.
const (
	AsSecretary = "cleared by the secretary"
	AsChair     = "cleared by the chair"
)

// Clear is one person's word, as the secretary or as the chair of the meeting that
// made it, that a caveat is met. When both have said so it is cleared, and the next
// meeting's minutes say so.
func (p *Application) Clear(a Act, n int, part string, on Day) error {
	if n < 1 || n > len(p.Actions) || !p.Actions[n-1].Caveat {
		return Refuse("not-found", p.ID(), "application %s has no caveat %d: darsd application action %s lists what is left to do", p.ID(), n, p.Stem)
	}
	t := p.Actions[n-1]
	switch {
	case p.ended() && (p.State != Approved || t.Blocks == ""):
		return Refuse("wrong-step", p.ID(), "application %s is %s: nothing is left to do for it", p.ID(), p.State)
	case t.State == ActionDone:
		return Refuse("wrong-step", p.ID(), "caveat %d of %s is cleared already", n, p.ID())
	case slices.ContainsFunc(t.Clearing, func(h Hand) bool { return h.Step == part }):
		return Refuse("same-person", p.ID(), "caveat %d of %s is %s already: it waits for the other", n, p.ID(), part)
	}
	hands, err := t.Clearing.Add(a, part, string(p.ID()))
	if err != nil {
		return err
	}
	t.Clearing = hands
	if len(hands) == 2 {
		t.State, t.Answers = ActionDone, append(slices.Clone(t.Answers), Answer{ActionDone, "cleared out of committee", a.Who, on})
	}
	p.Actions = slices.Clone(p.Actions)
	p.Actions[n-1] = t
	return nil
}

// Caveats are those that are not cleared.
func (p *Application) Caveats() (open []Action) {
	for _, t := range p.Actions {
		if t.Caveat && t.State != ActionDone {
			open = append(open, t)
		}
	}
	return open
}

// Unblocked refuses a stage that waits for a caveat, as do all that come after it;
// "" is the decision itself.
func (p *Application) Unblocked(stage Stage) error {
	var open []string
	for _, t := range p.Caveats() {
		if t.Blocks == stage || t.Blocks != "" && stage != "" && t.Blocks.before(stage) {
			open = append(open, t.left()+": "+t.Text)
		}
	}
	if len(open) == 0 {
		return nil
	}
	what := string(stage)
	if stage == "" {
		what = "the decision"
	}
	return Refuse("caveat", p.ID(), "%s %s: %s waits for caveats of DAAG: %s", p.Stem, p.Version(), what, strings.Join(open, "; "))
}

// ToBeMinuted is what an application is found by while a caveat of it was cleared
// out of committee and no minutes say so.
const ToBeMinuted = "to-be-minuted"

// unminuted are the caveats that were cleared out of committee and stand in no
// minutes.
func (p *Application) unminuted() (all []*Action) {
	for i, t := range p.Actions {
		if len(t.Clearing) == 2 && t.Minuted == "" {
			all = append(all, &p.Actions[i])
		}
	}
	return all
}

// SIRO is the decision of the senior information risk owner, who answers for it.
func (p *Application) SIRO(a Act, approve bool, on Day) error {
	route, why := p.Route()
	switch {
	case p.State == PreReviewed && route != AggregateRoute:
		return Refuse("wrong-route", p.ID(), "application %s must go to DAAG before the SIRO decides", p.ID())
	case p.State == Assessed && route == ExceptionRoute:
		return Refuse("wrong-route", p.ID(), "application %s is the director's to decide: %s", p.ID(), why)
	case p.State == Assessed:
		return Refuse("wrong-step", p.ID(), "application %s is assessed: the secretary reviews it before anybody decides", p.ID())
	}
	if approve && is(p.State, WithCaveats, Recommended) {
		if err := p.Unblocked(""); err != nil {
			return err
		}
	}
	return p.last(a, "siro", approve, on)
}

// Director is the decision of the director on what the exception covers.
func (p *Application) Director(a Act, approve bool, on Day) error {
	if p.State != Assessed {
		return Refuse("wrong-step", p.ID(), "application %s is %s: the director decides on one that is assessed", p.ID(), p.State)
	}
	if route, why := p.Route(); route != ExceptionRoute {
		return Refuse("wrong-route", p.ID(), "application %s is not the director's to decide: %s", p.ID(), why)
	}
	return p.last(a, "director", approve, on)
}

// last is the decision itself. Nobody decides on what they have worked on, nor a
// delegate for them.
func (p *Application) last(a Act, step string, approve bool, on Day) error {
	to := Declined
	if approve {
		to = Approved
	}
	for _, who := range []PersonID{a.Who, a.For} {
		if part := p.PartOf(who); part != "" {
			return Refuse("same-person", p.ID(), "application %s: %s has %s it, and somebody else decides", p.ID(), who, part)
		}
	}
	hands, err := p.Hands.Add(a, "decided", string(p.ID()))
	if err != nil {
		return err
	}
	if err := p.decide(a, step, to, on); err != nil {
		return err
	}
	p.Hands = hands
	return nil
}

// PartOf is what somebody has done for an application, or had done by a delegate, or
// "": submitted, reviewed, assessed, pre-reviewed, presented. The secretary, who
// writes down what DAAG said, has no part in that.
func (p *Application) PartOf(who PersonID) string {
	switch {
	case who == "":
		return ""
	case p.By == who || p.Form.ContactID == who:
		return "submitted"
	case p.Review.By == who || p.Review.For == who:
		return "reviewed"
	case slices.Contains(p.AssessedBy, who):
		return "assessed"
	}
	for _, d := range p.Decisions {
		if (d.By == who || d.For == who) && is(d.Step, "assessed", "pre-reviewed", "presented", "referred-back") {
			return d.Step
		}
	}
	return ""
}

// handedIn refuses the review of an application, and letting it in, to who handed it
// in, and to a delegate of theirs.
func (p *Application) handedIn(a Act) error {
	if !a.Of(p.By) {
		return nil
	}
	return Refuse("same-person", p.ID(), "application %s was handed in by %s; somebody else reviews it and lets it in", p.ID(), p.By)
}
