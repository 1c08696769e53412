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
	AssessedBy []PersonID       `json:"assessed_by"`      // each owner, whoever spoke for them
	Decisions  []Decision       `json:"decisions"`        // in order
	Hands      Hands            `json:"hands"`
	Routed     *Route           `json:"routed,omitempty"` // as it was last computed

	Submissions []Submission `json:"submissions,omitempty"` // each version as it came in
	Steps       []Step       `json:"steps,omitempty"`       // of its ladders, done
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
	Returned     ApplicationState = "withdrawn-at-daag" // taken off by DAAG and its owner, to be presented again
	Rejected     ApplicationState = "rejected"
	Approved     ApplicationState = "approved"
	Declined     ApplicationState = "declined"
	TakenBack    ApplicationState = "withdrawn"
)

// ApplicationLife is every step of an application. The aggregate route goes from
// pre-reviewed to the SIRO without DAAG; the exception from assessed to the
// director.
//
//	submitted ──▶ accepted ──▶ assessed ──▶ pre-reviewed ──▶ at-daag ──▶ recommended ──▶ approved
//	   ▲  └▶ referred-back         └─ exception ─▶ └─ aggregate ─▶ ▲ │        └──▶ declined
//	   └───────────┘                     approved | declined       │ ├──▶ recommended-with-caveats ──▶ approved
//	                                                               └─┴──▶ deferred, withdrawn-at-daag
var ApplicationLife = Life[ApplicationState]{
	Submitted:    {Accepted, ReferredBack, TakenBack},
	ReferredBack: {Submitted, TakenBack},
	Accepted:     {Assessed, TakenBack},
	Assessed:     {PreReviewed, Approved, Declined, TakenBack},
	PreReviewed:  {AtDAAG, Approved, Declined, TakenBack},
	AtDAAG:       {Recommended, WithCaveats, Deferred, Returned, Rejected, TakenBack},
	WithCaveats:  {AtDAAG, Approved, Declined, TakenBack},
	Deferred:     {AtDAAG, TakenBack},
	Returned:     {AtDAAG, TakenBack},
	Recommended:  {Approved, Declined, TakenBack},
}

// Undecided are the states in which an application waits for a decision.
var Undecided = []ApplicationState{Submitted, ReferredBack, Accepted, Assessed, PreReviewed, AtDAAG, Recommended, WithCaveats, Deferred, Returned}

// ID names the application among all versions of its stem.
func (p *Application) ID() ApplicationID {
	return ApplicationID(fmt.Sprintf("%s-v%d", p.Stem, p.Major))
}

// Version is "v1.0", as the agreement will have it.
func (p *Application) Version() string { return fmt.Sprintf("v%d.%d", p.Major, p.Minor) }

func (p *Application) Card() Card {
	k := append(byWords(p.Form.Title), By("org", p.Form.Organisation), By("case", p.Stem), By("submitter", p.By))
	for _, d := range Stood(p.Decisions) {
		k = append(k, By("word", d.Outcome))
	}
	if len(p.unminuted()) > 0 {
		k = append(k, By("minutes", ToBeMinuted))
	}
	if len(p.Caveats()) > 0 {
		k = append(k, By("caveats", ObligationOpen))
	}
	if p.State == Approved && p.Clock.Stopped == "" {
		k = append(k, By("access", "awaited")) // its clock runs until the first
	}
	if slices.ContainsFunc(p.Evidence, p.Unseen) {
		k = append(k, By("evidence", EvidenceUnseen))
	}
	return Card{"application", string(p.ID()), string(p.State), k}
}

// A Decision is one step towards the answer, and who took it.
type Decision struct {
	Step    string   `json:"step"`    // assessed, pre-reviewed, presented, outcome, siro, director, class, undone
	Outcome string   `json:"outcome"` // the state it led to, the class, or what was undone
	By      PersonID `json:"by"`
	For     PersonID `json:"for,omitempty"` // whose delegate took it
	On      Day      `json:"on"`
	Note    string   `json:"note,omitempty"`
	Codes   []string `json:"codes,omitempty"` // of ReviewAreas, for which it was referred back

	From   ApplicationState `json:"from,omitempty"`   // the state it led from
	Undone bool             `json:"undone,omitempty"` // it was a slip of the hand

	Meeting MeetingID `json:"meeting,omitempty"` // of DAAG
	Members int       `json:"members,omitempty"` // who took part in it
	Lay     int       `json:"lay,omitempty"`     // of them, lay members
}

// Decided is the decision of the one person who approved or declined it; nil while
// nobody has.
func (p *Application) Decided() *Decision {
	for i, d := range slices.Backward(p.Decisions) {
		if is(d.Step, "siro", "director") && is(p.State, Approved, Declined) {
			return &p.Decisions[i]
		}
	}
	return nil
}

// Resubmit takes an application that was referred back in again, as its next
// minor version.
func (p *Application) Resubmit(a Act, form Form, on Day) (err error) {
	if p.State, err = ApplicationLife.Step(p, p.State, Submitted); err != nil {
		return err
	}
	before, _ := p.Class()
	p.Minor, p.Form, p.Submitted, p.By, p.Review, p.Routed = p.Minor+1, form, on, a.Who, Review{}, nil
	if now, _ := p.Class(); now != before { // the word for another service level was on what was asked then
		p.Clock.Class, p.Clock.Reason = 0, ""
	}
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
		if err := p.handedIn(a); err != nil {
			return err
		}
		if err := p.byGateway(on); err != nil {
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

// decide takes one step and notes who took it.
func (p *Application) decide(a Act, step string, to ApplicationState, on Day) (err error) {
	from := p.State
	if p.State, err = ApplicationLife.Step(p, from, to); err != nil {
		return err
	}
	d := p.decision(a, step, to, on)
	d.From = from
	p.Decisions = append(p.Decisions, d)
	p.Clock = p.Clock.decided(to, on)
	return nil
}

// decision is what is noted of a step.
func (p *Application) decision(a Act, step string, to ApplicationState, on Day) Decision {
	return Decision{Step: step, Outcome: string(to), By: a.Who, For: a.For, On: on, Note: a.Why}
}
