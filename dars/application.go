package dars

import (
	"fmt"
	"slices"
)

// An Application is a request for data, from its form to the decision.
type Application struct {
	Stem       string           `json:"ref"`   // "DARS-NIC-000001-B1C2D", for life
	Major      int              `json:"major"` // one more with each renewal or amendment
	Minor      int              `json:"minor"` // one more with each time it was referred back
	Kind       string           `json:"kind"`  // a code of Kinds
	State      ApplicationState `json:"state"`
	Form       Form             `json:"form"`
	Submitted  Day              `json:"submitted"` // the last time
	By         PersonID         `json:"submitted_by"`
	Review     Review           `json:"review"`
	Officer    PersonID         `json:"officer,omitempty"` // in charge of the case
	Evidence   []EvidenceFile   `json:"evidence"`
	Actions    []Action         `json:"actions"`
	Clock      SLA              `json:"clock"`
	Prices     *PriceList       `json:"prices,omitempty"` // in force when it was accepted, which fixes its charges
	AssessedBy []PersonID       `json:"assessed_by"`
	Decisions  []Decision       `json:"decisions"` // in order
	Hands      Hands            `json:"hands"`

	Submissions []Submission `json:"submissions,omitempty"` // each version as it came in
}

// An ApplicationState is where an application is in its life.
type ApplicationState string

const (
	Submitted    ApplicationState = "submitted"
	ReferredBack ApplicationState = "referred-back" // what 2015 called rejected
	Accepted     ApplicationState = "accepted"
	Assessed     ApplicationState = "assessed"
	PreReviewed  ApplicationState = "pre-reviewed"
	AtDAAG       ApplicationState = "at-daag"
	Recommended  ApplicationState = "recommended"
	WithCaveats  ApplicationState = "recommended-with-caveats"
	Deferred     ApplicationState = "deferred"
	Rejected     ApplicationState = "rejected"
	Approved     ApplicationState = "approved"
	Declined     ApplicationState = "declined"
	TakenBack    ApplicationState = "withdrawn"
)

// ApplicationLife is every step of an application on the committee's route; the
// aggregate route goes from pre-reviewed to the SIRO without it.
//
//	submitted ──▶ accepted ──▶ assessed ──▶ pre-reviewed ──▶ at-daag ──▶ recommended ──▶ approved
//	   ▲  └▶ referred-back                       └─ aggregate ─▶ approved       └──▶ declined
//	   └───────────┘
var ApplicationLife = Life[ApplicationState]{
	Submitted:    {Accepted, ReferredBack, TakenBack},
	ReferredBack: {Submitted, TakenBack},
	Accepted:     {Assessed, TakenBack},
	Assessed:     {PreReviewed, TakenBack},
	PreReviewed:  {AtDAAG, Approved, Declined, TakenBack},
	AtDAAG:       {Recommended, WithCaveats, Deferred, Rejected, TakenBack},
	WithCaveats:  {AtDAAG, TakenBack},
	Deferred:     {AtDAAG, TakenBack},
	Recommended:  {Approved, Declined, TakenBack},
}

// ID names the application among all versions of its stem.
func (p *Application) ID() ApplicationID {
	return ApplicationID(fmt.Sprintf("%s-v%d", p.Stem, p.Major))
}

// Version is "v1.0", as the agreement will have it.
func (p *Application) Version() string { return fmt.Sprintf("v%d.%d", p.Major, p.Minor) }

func (p *Application) Card() Card {
	k := append(byWords(p.Form.Title), By("org", p.Form.Organisation), By("case", p.Stem), By("submitter", p.By))
	for _, d := range p.Decisions {
		k = append(k, By("word", d.Outcome))
	}
	return Card{"application", string(p.ID()), string(p.State), k}
}

// A Decision is one step towards the answer, and who took it.
type Decision struct {
	Step    string   `json:"step"`    // assessed, pre-reviewed, presented, outcome, siro, class
	Outcome string   `json:"outcome"` // the state it led to, or the class
	By      PersonID `json:"by"`
	On      Day      `json:"on"`
	Note    string   `json:"note,omitempty"`
	Codes   []string `json:"codes,omitempty"` // of ReviewAreas, for which it was referred back
}

// Route is the way an application is decided, and why: computed, never chosen.
func (p *Application) Route() (route, why string) {
	for _, d := range p.Form.Datasets {
		if d.Identifiability != "AGG_SUPPRESSED" {
			return "committee", fmt.Sprintf("%s is asked for as %s, so DAAG advises and the SIRO decides", d.Code, Meaning(Identifiabilities, d.Identifiability))
		}
	}
	return "aggregate", "only tabulations with small numbers suppressed are asked for, so the SIRO decides without DAAG"
}

// Resubmit takes an application that was referred back in again, as its next
// minor version.
func (p *Application) Resubmit(a Act, form Form, on Day) (err error) {
	if p.State, err = ApplicationLife.Step(p, p.State, Submitted); err != nil {
		return err
	}
	p.Minor, p.Form, p.Submitted, p.By, p.Review = p.Minor+1, form, on, a.Who, Review{}
	return nil
}

// AsItWas is an older version to look at: its form, and what became of it, which
// is that it was referred back. The people of its form are those of today's.
func (p *Application) AsItWas(version string, form Form) (*Application, error) {
	old := *p
	if _, err := fmt.Sscanf(version, "v%d.%d", &old.Major, &old.Minor); err != nil {
		return nil, fmt.Errorf("version %q: %w", version, err)
	}
	form.ContactID, form.Recipients = p.Form.ContactID, p.Form.Recipients
	old.Form, old.State, old.Review, old.Clock = form, ReferredBack, Review{}, SLA{}
	old.Evidence = slices.DeleteFunc(slices.Clone(p.Evidence), func(f EvidenceFile) bool { return f.Version > version })
	return &old, nil
}

// Accept lets an application that passed its review in, and starts the clock.
func (p *Application) Accept(a Act, c Calendar, on Day) error {
	if p.State == Submitted {
		if err := p.handedIn(a, "lets it in"); err != nil {
			return err
		}
		if err := p.Ready(on); err != nil {
			return err
		}
	}
	to, err := ApplicationLife.Step(p, p.State, Accepted)
	if err != nil {
		return err
	}
	clock, err := p.startClock(c, on)
	if err != nil {
		return err
	}
	p.State, p.Clock = to, clock
	return nil
}

// Withdraw is the applicant's own end of it.
func (p *Application) Withdraw(a Act, on Day) error { return p.decide(a, "withdrawn", TakenBack, on) }

// Assess is the word of the information asset owner of a dataset. When each owner
// of what is asked for has given theirs, it is assessed.
func (p *Application) Assess(a Act, owners []PersonID, on Day) error {
	if _, err := ApplicationLife.Step(p, p.State, Assessed); err != nil {
		return err
	}
	if slices.Contains(p.AssessedBy, a.Who) {
		return Refuse("same-person", p.ID(), "application %s: %s has assessed it already; the other owners of its datasets are yet to", p.ID(), a.Who)
	}
	p.AssessedBy = append(p.AssessedBy, a.Who)
	for _, owner := range owners {
		if !slices.Contains(p.AssessedBy, owner) {
			return nil
		}
	}
	return p.decide(a, "assessed", Assessed, on)
}

// PreReview is the secretary's, before the committee sees it.
func (p *Application) PreReview(a Act, on Day) error {
	return p.decide(a, "pre-reviewed", PreReviewed, on)
}

// Present puts it before DAAG.
func (p *Application) Present(a Act, on Day) error {
	if route, why := p.Route(); route != "committee" {
		return Refuse("wrong-route", p.ID(), "application %s does not go to DAAG: %s", p.ID(), why)
	}
	return p.decide(a, "presented", AtDAAG, on)
}

// Outcome is what DAAG said.
func (p *Application) Outcome(a Act, outcome ApplicationState, on Day) error {
	if !is(outcome, Recommended, WithCaveats, Deferred, Rejected) {
		return Refuse("no-outcome", p.ID(), "%q is no outcome of DAAG: it is recommended, recommended-with-caveats, deferred or rejected", outcome)
	}
	return p.decide(a, "outcome", outcome, on)
}

// SIRO is the decision of the senior information risk owner, who answers for it.
func (p *Application) SIRO(a Act, approve bool, on Day) error {
	to := Declined
	if approve {
		to = Approved
	}
	if route, _ := p.Route(); p.State == PreReviewed && route == "committee" {
		return Refuse("wrong-route", p.ID(), "application %s must go to DAAG before the SIRO decides", p.ID())
	}
	hands, err := p.Hands.Add(a, "decided", string(p.ID()))
	if err != nil {
		return err
	}
	if err := p.decide(a, "siro", to, on); err != nil {
		return err
	}
	p.Hands = hands
	return nil
}

// decide takes one step and notes who took it.
func (p *Application) decide(a Act, step string, to ApplicationState, on Day) (err error) {
	from := p.State
	if p.State, err = ApplicationLife.Step(p, from, to); err != nil {
		return err
	}
	p.Decisions = append(p.Decisions, Decision{Step: step, Outcome: string(to), By: a.Who, On: on, Note: a.Why})
	p.Clock = p.Clock.decided(to, on)
	return nil
}
