package dars

import (
	"cmp"
	"fmt"
	"slices"
)

// An Obligation is something that must be done before an agreement goes on to a
// stage: a caveat, or a condition that came to light since it was approved.
//
//	open ──▶ met
type Obligation struct {
	N     int             `json:"n"`
	Kind  string          `json:"kind"` // "condition", "caveat", or another word for where it is from
	Ref   string          `json:"ref"`  // of the agreement, or what else it came with
	Stage Stage           `json:"stage"`
	Text  string          `json:"text"`
	Due   Day             `json:"due,omitempty"`
	State ObligationState `json:"state"`
	By    PersonID        `json:"by"` // who noted it
	On    Day             `json:"on"`
	MetBy PersonID        `json:"met_by,omitempty"`
	MetOn Day             `json:"met_on,omitempty"`
	How   string          `json:"how,omitempty"` // it was met
}

// An ObligationState says whether an obligation stands in the way.
type ObligationState string

const (
	ObligationOpen ObligationState = "open"
	ObligationMet  ObligationState = "met"
)

// A Stage is a step of a case that an obligation can block, and with it all that
// come after.
type Stage string

const (
	StageIssue   Stage = "agreement-issue"
	StageInForce Stage = "in-force"
	StagePlan    Stage = "release-plan"
	StagePublish Stage = "publish"
)

// Stages are those that can be blocked, in the order in which a case comes to them.
var Stages = []Stage{StageIssue, StageInForce, StagePlan, StagePublish}

// before reports whether a case comes to one stage before another.
func (s Stage) before(other Stage) bool {
	return slices.Index(Stages, s) < slices.Index(Stages, other)
}

// Obligations are those of a case, in the order in which they were noted.
type Obligations []Obligation

// Blocking refuses a stage, or any after it, while something is to be done before.
func (all Obligations) Blocking(s Stage, ref string) error {
	for _, o := range all {
		if o.State == ObligationOpen && !s.before(o.Stage) {
			due := ""
			if o.Due != "" {
				due = ", due " + string(o.Due)
			}
			return Refuse("obligation", ref, "%s: obligation %d (%s%s) stands before %s: %s", ref, o.N, o.Kind, due, o.Stage, o.Text)
		}
	}
	return nil
}

// lastMet is the day on which the last was met of those that stood before a stage, or "".
func (all Obligations) lastMet(s Stage) (last Day) {
	for _, o := range all {
		if o.State == ObligationMet && !s.before(o.Stage) {
			last = max(last, o.MetOn)
		}
	}
	return last
}

// Open are those that are not met.
func (all Obligations) Open() (open Obligations) {
	for _, o := range all {
		if o.State == ObligationOpen {
			open = append(open, o)
		}
	}
	return open
}

// Obligations are the caveats of DAAG on which an approval rests, as obligations of
// its agreement: each is met when it is cleared. One without a stage stood before
// the decision.
func (p *Application) Obligations() (all Obligations) {
	for _, t := range p.Actions {
		if !t.Caveat {
			continue
		}
		o := Obligation{N: t.N, Kind: "caveat", Ref: string(p.ID()), Stage: t.Blocks, Text: t.Text, Due: t.Due, State: ObligationOpen, By: t.By, On: t.On}
		if n := len(t.Answers); t.State == ActionDone && n > 0 {
			last := t.Answers[n-1]
			o.State, o.MetBy, o.MetOn, o.How = ObligationMet, last.By, last.On, last.Text
		}
		all = append(all, o)
	}
	return all
}

// Note adds what is to be done before a stage. It takes the facts as they are
// known; number, state, author and day are the act's.
func (all Obligations) Note(a Act, o Obligation, on Day) (Obligations, error) {
	if !slices.Contains(Stages, o.Stage) {
		return all, Refuse("no-stage", o.Ref, "%q is no stage that can be blocked: those are %s", o.Stage, join(Stages))
	}
	if err := CheckText(o.Ref, "the obligation", o.Text); err != nil {
		return all, err
	}
	if _, err := ParseDay(string(o.Due)); o.Due != "" && err != nil {
		return all, Refuse("no-date", o.Ref, "the obligation: %v", err)
	}
	if o.Due != "" && o.Due < on {
		return all, Refuse("too-early", o.Ref, "an obligation cannot be due on %s, before today", o.Due)
	}
	o.N, o.Kind, o.State, o.By, o.On = len(all)+1, cmp.Or(o.Kind, "condition"), ObligationOpen, a.Who, on
	return append(slices.Clone(all), o), nil
}

// Meet is the word of somebody other than who noted it that an obligation is met.
func (all Obligations) Meet(a Act, ref string, n int, on Day) (Obligations, error) {
	if n < 1 || n > len(all) {
		return all, Refuse("not-found", ref, "%s has no obligation %d: it has %d", ref, n, len(all))
	}
	o := all[n-1]
	switch {
	case o.State == ObligationMet:
		return all, Refuse("wrong-step", ref, "obligation %d of %s is met already, since %s", n, ref, o.MetOn)
	case a.Of(o.By):
		return all, Refuse("same-person", ref, "obligation %d of %s was noted by %s; somebody else says that it is met", n, ref, a.Who)
	}
	if err := CheckText(ref, fmt.Sprintf("how obligation %d was met (--reason)", n), a.Why); err != nil {
		return all, err
	}
	o.State, o.MetBy, o.MetOn, o.How = ObligationMet, a.Who, on, a.Why
	met := slices.Clone(all)
	met[n-1] = o
	return met, nil
}

// Oblige notes what is to be done before an agreement goes on. A stage behind it
// cannot be blocked any more.
func (g *Agreement) Oblige(a Act, o Obligation, on Day) (n int, err error) {
	switch {
	case !is(g.State, AgreementIssued, AgreementSigned, CounterSigned, InForce):
		return 0, Refuse("wrong-step", g.ID, "agreement %s is %s: nothing more is done under it", g.ID, g.State)
	case slices.Contains(Stages, o.Stage) && !g.stage().before(o.Stage):
		return 0, Refuse("stage-past", g.ID, "agreement %s is %s, beyond %s: name a later stage", g.ID, g.State, o.Stage)
	}
	o.Ref = cmp.Or(o.Ref, string(g.ID))
	all, err := g.Obligations.Note(a, o, on)
	if err != nil {
		return 0, err
	}
	g.Obligations = all
	return len(all), nil
}

// Meet says that what was to be done is done.
func (g *Agreement) Meet(a Act, n int, on Day) (err error) {
	g.Obligations, err = g.Obligations.Meet(a, string(g.ID), n, on)
	return err
}

// stage is how far an agreement has come.
func (g *Agreement) stage() Stage {
	if is(g.State, AgreementIssued, AgreementSigned, CounterSigned) {
		return StageIssue
	}
	return StageInForce
}

// Blocked refuses a stage while an obligation stands before it.
func (g *Agreement) Blocked(s Stage) error { return g.Obligations.Blocking(s, string(g.ID)) }
