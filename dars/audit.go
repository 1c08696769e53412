package dars

import (
	"slices"
	"strings"
)

// An Audit looks at whether a recipient keeps to its contract and agreement. What it
// finds has a class, an owner and a date; what is to be done about it has another, and
// is looked at again when it was to be done.
type Audit struct {
	ID        AuditID     `json:"id"`
	Org       OrgCode     `json:"org"`
	Agreement AgreementID `json:"agreement,omitempty"` // "" where it is about the organisation as a whole
	Trigger   string      `json:"trigger"`             // of AuditTriggers
	Reason    string      `json:"reason"`
	Triggered Day         `json:"triggered"`
	State     AuditState  `json:"state"`

	Risk     []RiskLine `json:"risk,omitempty"`  // why it was chosen, if for its risk
	Scope    []string   `json:"scope,omitempty"` // of AuditAreas
	Notified Day        `json:"notified,omitempty"`
	From     Day        `json:"from,omitempty"` // the days on which the auditors are there
	To       Day        `json:"to,omitempty"`
	Began    Day        `json:"began,omitempty"`

	Findings []AuditFinding `json:"findings,omitempty"`
	Before   *RiskStatement `json:"risk_before,omitempty"` // in the report
	Reported Day            `json:"reported,omitempty"`
	AnswerBy Day            `json:"answer_by,omitempty"` // the recipient, to the report
	Answer   *AuditAnswer   `json:"answer,omitempty"`
	Actions  []AuditAction  `json:"actions,omitempty"`
	After    *RiskStatement `json:"risk_after,omitempty"` // when it was looked at again
	Closed   Day            `json:"closed,omitempty"`

	Steps []Step `json:"steps,omitempty"` // of its ladders, done
}

// An AuditState is where an audit is in its life.
type AuditState string

const (
	Triggered   AuditState = "triggered"
	Notified    AuditState = "notified"
	InProgress  AuditState = "in-progress"
	Reported    AuditState = "reported"
	Actions     AuditState = "actions"
	FollowedUp  AuditState = "followed-up"
	AuditClosed AuditState = "closed"
)

// AuditLife is every step of an audit.
//
//	triggered ──▶ notified ──▶ in-progress ──▶ reported ──▶ actions ◀──▶ followed-up ──▶ closed
//	                                              └──────────────────────────────────────▶┘
var AuditLife = Life[AuditState]{
	Triggered:  {Notified},
	Notified:   {InProgress},
	InProgress: {Reported},
	Reported:   {Actions, AuditClosed},
	Actions:    {FollowedUp},
	FollowedUp: {Actions, AuditClosed},
}

func (u *Audit) Card() Card {
	return Card{"audit", string(u.ID), string(u.State), []Key{By("org", u.Org), By("agreement", u.Agreement)}}
}

// Awaits reports whether it was triggered for a reason of this kind and has not begun:
// what comes meanwhile is looked at with it.
func (u *Audit) Awaits(trigger string) bool {
	return u.Trigger == trigger && is(u.State, Triggered, Notified)
}

// Also gives one more reason for it.
func (u *Audit) Also(reason string) {
	if reason != "" && !strings.Contains(u.Reason, reason) {
		u.Reason = strings.TrimPrefix(u.Reason+"; "+reason, "; ")
	}
}

// Worked reports whether who acts has found, agreed, examined or said anything in it for
// the office.
func (u *Audit) Worked(a Act) bool {
	for _, f := range u.Findings {
		if a.Of(f.By) {
			return true
		}
	}
	for _, t := range u.Actions {
		if a.Of(t.By) || slices.ContainsFunc(t.Moved, func(m MovedAction) bool { return a.Of(m.By) }) ||
			slices.ContainsFunc(t.Evidence, func(e AuditEvidence) bool { return a.Of(e.Examiner) }) {
			return true
		}
	}
	return u.Before != nil && a.Of(u.Before.By) || u.After != nil && a.Of(u.After.By)
}

// A RiskStatement is how far the auditors trust the data to be safe there.
type RiskStatement struct {
	Level   string   `json:"level"` // of RiskLevels
	Opinion string   `json:"opinion"`
	On      Day      `json:"on"`
	By      PersonID `json:"by"`
}

// An AuditAnswer is what the recipient says to the report.
type AuditAnswer struct {
	Accepts bool     `json:"accepts"` // the findings
	Text    string   `json:"text"`
	On      Day      `json:"on"`
	By      PersonID `json:"by"`
}

// AuditAnswerDays is in how many working days a report is to be answered.
const AuditAnswerDays = 20

// Notify announces the audit: what is looked at, and on which days. All areas are, if
// none is named.
func (u *Audit) Notify(a Act, scope []string, from, to, on Day) error {
	state, err := AuditLife.Step(u, u.State, Notified)
	if err != nil {
		return err
	}
	for _, area := range scope {
		if !slices.Contains(Codes(AuditAreas), area) {
			return Refuse("no-area", u.ID, "%q is no area that an audit looks at: those are %s", area, join(Codes(AuditAreas)))
		}
	}
	if _, err := ParseDay(string(from)); err != nil {
		return Refuse("no-date", u.ID, "audit %s: say when it is with --from and --to: %v", u.ID, err)
	}
	if _, err := ParseDay(string(to)); err != nil || to < from || from < on {
		return Refuse("no-date", u.ID, "audit %s cannot be from %s to %s: its days are today or later, and in order", u.ID, from, to)
	}
	if len(scope) == 0 {
		scope = Codes(AuditAreas)
	}
	u.State, u.Scope, u.From, u.To, u.Notified = state, slices.Clone(scope), from, to, on
	return nil
}

// Begin says that the auditors are there.
func (u *Audit) Begin(_ Act, on Day) error {
	state, err := AuditLife.Step(u, u.State, InProgress)
	if err != nil {
		return err
	}
	if on < u.From {
		return Refuse("too-early", u.ID, "audit %s begins on %s, as its letter says", u.ID, u.From)
	}
	u.State, u.Began = state, on
	return nil
}

// Report ends the field work: its findings stand, and the recipient has until a day to
// answer them.
func (u *Audit) Report(a Act, level, opinion string, answerBy, on Day) error {
	state, err := AuditLife.Step(u, u.State, Reported)
	if err != nil {
		return err
	}
	risk, err := u.risk(a, level, opinion, on)
	if err != nil {
		return err
	}
	u.State, u.Before, u.Reported, u.AnswerBy = state, risk, on, answerBy
	return nil
}

// Respond is the recipient's answer to the report.
func (u *Audit) Respond(a Act, accepts bool, text string, on Day) error {
	switch {
	case !is(u.State, Reported, Actions):
		return Refuse("wrong-step", u.ID, "audit %s is %s: it is answered when its report is out, and before it is followed up", u.ID, u.State)
	case u.Answer != nil:
		return Refuse("answered", u.ID, "audit %s was answered on %s", u.ID, u.Answer.On)
	}
	if err := CheckText(string(u.ID), "the answer", text); err != nil {
		return err
	}
	u.Answer = &AuditAnswer{accepts, text, on, a.Who}
	return nil
}

// FollowUp says, when the evidence for its actions was looked at, what risk is left.
func (u *Audit) FollowUp(a Act, level, opinion string, on Day) error {
	state, err := AuditLife.Step(u, u.State, FollowedUp)
	if err != nil {
		return err
	}
	for _, t := range u.Actions {
		if t.Waits() {
			return Refuse("not-examined", u.ID, "audit %s: evidence for action %d waits to be examined", u.ID, t.N)
		}
	}
	risk, err := u.risk(a, level, opinion, on)
	if err != nil {
		return err
	}
	u.State, u.After = state, risk
	return nil
}

// Close ends an audit of which nothing is left to be done.
func (u *Audit) Close(_ Act, on Day) error {
	state, err := AuditLife.Step(u, u.State, AuditClosed)
	if err != nil {
		return err
	}
	if left := u.left(); len(left) > 0 {
		return Refuse("open-actions", u.ID, "audit %s cannot be closed: %s", u.ID, strings.Join(left, "; "))
	}
	u.State, u.Closed = state, on
	return nil
}

func (u *Audit) risk(a Act, level, opinion string, on Day) (*RiskStatement, error) {
	if !slices.Contains(Codes(RiskLevels), level) {
		return nil, Refuse("no-risk", u.ID, "audit %s: say how great the risk is with --risk: %s", u.ID, join(Codes(RiskLevels)))
	}
	if err := CheckText(string(u.ID), "the opinion", opinion); err != nil {
		return nil, err
	}
	return &RiskStatement{level, opinion, on, a.Who}, nil
}
