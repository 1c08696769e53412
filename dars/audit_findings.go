package dars

import (
	"fmt"
	"slices"
	"strconv"
)

// An AuditFinding is something that auditors have seen, good or bad.
type AuditFinding struct {
	N        int        `json:"n"`
	Class    string     `json:"class"` // of FindingClasses
	Area     string     `json:"area"`  // of AuditAreas
	Text     string     `json:"text"`
	Owner    PersonID   `json:"owner,omitempty"`    // who is to see to it
	Due      Day        `json:"due,omitempty"`      // until when, if it needs an action
	Breach   string     `json:"breach,omitempty"`   // of Breaches, if it is one
	Sanction SanctionID `json:"sanction,omitempty"` // that it has led to
	On       Day        `json:"on"`
	By       PersonID   `json:"by"`
}

// An AuditAction is what is to be done about a finding.
//
//	open ──▶ done
type AuditAction struct {
	N        int             `json:"n"`
	Finding  int             `json:"finding"`
	Text     string          `json:"text"`
	Owner    PersonID        `json:"owner"`
	Due      Day             `json:"due"`
	State    ActionState     `json:"state"` // open or done
	On       Day             `json:"on"`
	By       PersonID        `json:"by"`
	Evidence []AuditEvidence `json:"evidence,omitempty"`
	Moved    []MovedAction   `json:"moved,omitempty"`
	Sanction SanctionID      `json:"sanction,omitempty"` // to which its being late has led
}

// An AuditEvidence is what shows that an action is done, and what the auditors say to
// it.
type AuditEvidence struct {
	Text     string   `json:"text"`
	Paper    PaperID  `json:"paper,omitempty"`
	SHA256   string   `json:"sha256,omitempty"` // of the paper
	On       Day      `json:"on"`
	By       PersonID `json:"by"`
	Verdict  string   `json:"verdict,omitempty"` // accepted or refused
	Why      string   `json:"why,omitempty"`
	Examined Day      `json:"examined,omitempty"`
	Examiner PersonID `json:"examiner,omitempty"`
}

// What auditors may say to evidence.
const (
	EvidenceAccepted  = "accepted"
	EvidenceNotEnough = "refused"
)

// A MovedAction is that an action was given more time.
type MovedAction struct {
	From Day      `json:"from"`
	Why  string   `json:"why"`
	On   Day      `json:"on"`
	By   PersonID `json:"by"`
}

// Waits reports whether evidence for the action has not been examined.
func (t *AuditAction) Waits() bool {
	n := len(t.Evidence)
	return n > 0 && t.Evidence[n-1].Verdict == ""
}

// Late reports whether the action was to be done before a day, and is not.
func (t *AuditAction) Late(on Day) bool { return t.State == ActionOpen && t.Due < on }

// Find notes a finding. Auditors who have begun to find are there: the audit is in
// progress from then on.
func (u *Audit) Find(a Act, f AuditFinding, on Day) (n int, err error) {
	trial := *u
	if u.State == Notified {
		if err := trial.Begin(a, on); err != nil {
			return 0, err
		}
	}
	class, known := findingClass(f.Class)
	switch {
	case trial.State != InProgress:
		return 0, Refuse("wrong-step", u.ID, "audit %s is %s: what is found is noted while it is in progress", u.ID, u.State)
	case !known:
		return 0, Refuse("no-class", u.ID, "%q is no class of a finding: those are %s", f.Class, join(Codes(FindingCodes())))
	case !slices.Contains(u.Scope, f.Area):
		return 0, Refuse("no-area", u.ID, "audit %s does not look at %q: its areas are %s", u.ID, f.Area, join(u.Scope))
	}
	if err := CheckText(string(u.ID), "the finding", f.Text); err != nil {
		return 0, err
	}
	if f.Breach != "" {
		if _, err := BreachOf(f.Breach); err != nil {
			return 0, err
		}
	}
	switch {
	case class.Days == 0:
		f.Due = ""
	case f.Due == "":
		f.Due = on.Add(class.Days)
	default:
		if err := dueLater(string(u.ID), "a finding", f.Due, on); err != nil {
			return 0, err
		}
	}
	f.N, f.On, f.By = len(u.Findings)+1, on, a.Who
	trial.Findings = append(slices.Clone(u.Findings), f)
	*u = trial
	return f.N, nil
}

// dueLater refuses a day that is none, or has been.
func dueLater(ref, what string, due, on Day) error {
	if _, err := ParseDay(string(due)); err != nil {
		return Refuse("no-date", ref, "%s needs a day by which it is done: %v", what, err)
	}
	if due < on {
		return Refuse("too-early", ref, "%s cannot be due on %s, before today: say a later day", what, due)
	}
	return nil
}

// Agree notes what is to be done about a finding, by whom and until when. It has the
// owner and the day of the finding unless others are named. The first action of an
// audit that was reported opens its plan; one that was followed up goes on.
func (u *Audit) Agree(a Act, t AuditAction, on Day) (n int, err error) {
	state := u.State
	if is(state, Reported, FollowedUp) {
		if state, err = AuditLife.Step(u, u.State, Actions); err != nil {
			return 0, err
		}
	}
	switch {
	case state != Actions:
		return 0, Refuse("wrong-step", u.ID, "audit %s is %s: actions are agreed when its report is out", u.ID, u.State)
	case t.Finding < 1 || t.Finding > len(u.Findings):
		return 0, Refuse("not-found", u.ID, "audit %s has no finding %d: it has %d", u.ID, t.Finding, len(u.Findings))
	}
	f := u.Findings[t.Finding-1]
	if t.Owner == "" {
		t.Owner = f.Owner
	}
	if t.Due == "" {
		t.Due = max(f.Due, on)
	}
	if err := dueLater(string(u.ID), "an action", t.Due, on); err != nil {
		return 0, err
	}
	if err := CheckText(string(u.ID), "the action", t.Text); err != nil {
		return 0, err
	}
	t.N, t.State, t.On, t.By = len(u.Actions)+1, ActionOpen, on, a.Who
	t.Evidence, t.Moved, t.Sanction = nil, nil, ""
	u.State, u.Actions = state, append(slices.Clone(u.Actions), t)
	return t.N, nil
}

// Extend gives an action more time, for a reason. A sanction that its being late has
// led to climbs no further until then, and stands.
func (u *Audit) Extend(a Act, n int, due, on Day) error {
	return u.onAction(n, func(t *AuditAction) error {
		if err := dueLater(string(u.ID), "an action", due, on); err != nil {
			return err
		}
		if due <= t.Due {
			return Refuse("too-early", u.ID, "action %d of audit %s is due on %s already: say a later day", n, u.ID, t.Due)
		}
		if err := CheckText(string(u.ID), "the reason (--reason)", a.Why); err != nil {
			return err
		}
		t.Moved = append(slices.Clone(t.Moved), MovedAction{t.Due, a.Why, on, a.Who})
		t.Due = due
		return nil
	})
}

// Anew lets an action lead to a sanction again.
func (u *Audit) Anew(n int) {
	u.Actions = slices.Clone(u.Actions)
	u.Actions[n-1].Sanction = ""
}

// HandIn notes evidence that an action is done. An audit that was followed up is to be
// followed up again: what was said then of the risk did not know of it.
func (u *Audit) HandIn(a Act, n int, e AuditEvidence, on Day) error {
	err := u.onAction(n, func(t *AuditAction) error {
		if err := CheckText(string(u.ID), "what the evidence shows", e.Text); err != nil {
			return err
		}
		e.On, e.By, e.Verdict = on, a.Who, ""
		t.Evidence = append(slices.Clone(t.Evidence), e)
		return nil
	})
	if err == nil && u.State == FollowedUp {
		u.State, err = AuditLife.Step(u, u.State, Actions)
	}
	return err
}

// Examine is the word of an auditor other than who handed it in on the newest evidence
// for an action: it is done, or more is wanted.
func (u *Audit) Examine(a Act, n int, verdict string, on Day) error {
	return u.onAction(n, func(t *AuditAction) error {
		if !t.Waits() {
			return Refuse("no-evidence", u.ID, "action %d of audit %s has no evidence that waits to be examined", n, u.ID)
		}
		all := slices.Clone(t.Evidence)
		e := &all[len(all)-1]
		switch {
		case verdict != EvidenceAccepted && verdict != EvidenceNotEnough:
			return Refuse("no-verdict", u.ID, "%q is no verdict: say accepted or refused", verdict)
		case a.Of(e.By):
			return Refuse("same-person", u.ID, "the evidence for action %d of audit %s was handed in by %s; somebody else examines it", n, u.ID, e.By)
		}
		if err := CheckText(string(u.ID), "the reason (--reason)", a.Why); err != nil && (verdict == EvidenceNotEnough || a.Why != "") {
			return err
		}
		e.Verdict, e.Why, e.Examined, e.Examiner = verdict, a.Why, on, a.Who
		if verdict == EvidenceAccepted {
			t.State = ActionDone
		}
		t.Evidence = all
		return nil
	})
}

// onAction changes one action that is open, or leaves all as it was.
func (u *Audit) onAction(n int, change func(*AuditAction) error) error {
	switch {
	case !is(u.State, Actions, FollowedUp):
		return Refuse("wrong-step", u.ID, "audit %s is %s: it has no actions under way", u.ID, u.State)
	case n < 1 || n > len(u.Actions):
		return Refuse("not-found", u.ID, "audit %s has no action %d: it has %d", u.ID, n, len(u.Actions))
	case u.Actions[n-1].State != ActionOpen:
		return Refuse("wrong-step", u.ID, "action %d of audit %s is done", n, u.ID)
	}
	all := slices.Clone(u.Actions)
	if err := change(&all[n-1]); err != nil {
		return err
	}
	u.Actions = all
	return nil
}

// Settled reports whether nothing is left to be done about a finding.
func (u *Audit) Settled(f AuditFinding) bool {
	acted := false
	for _, t := range u.Actions {
		if t.Finding == f.N {
			acted = true
			if t.State == ActionOpen {
				return false
			}
		}
	}
	class, _ := findingClass(f.Class)
	return acted || class.Days == 0
}

// Unplanned are the findings that need an action and have none.
func (u *Audit) Unplanned() (all []AuditFinding) {
	for _, f := range u.Findings {
		if !u.Settled(f) && !slices.ContainsFunc(u.Actions, func(t AuditAction) bool { return t.Finding == f.N }) {
			all = append(all, f)
		}
	}
	return all
}

// left is what stands in the way of closing the audit.
func (u *Audit) left() (all []string) {
	for _, f := range u.Findings {
		if !u.Settled(f) {
			all = append(all, fmt.Sprintf("finding %d is not settled", f.N))
		}
	}
	return all
}

// Overdue are its actions that were to be done before a day.
func (u *Audit) Overdue(on Day) (late []AuditAction) {
	for _, t := range u.Actions {
		if t.Late(on) && u.State != AuditClosed {
			late = append(late, t)
		}
	}
	return late
}

// Found is how many findings of a class there are.
func (u *Audit) Found(class string) (n int) {
	for _, f := range u.Findings {
		if f.Class == class {
			n++
		}
	}
	return n
}

func (u *Audit) Climbed() *[]Step { return &u.Steps }

// Deadlines are the day by which its report is to be answered, and those by which its
// actions are to be done.
func (u *Audit) Deadlines() (all []Deadline) {
	if is(u.State, Reported, Actions) && u.Answer == nil {
		all = append(all, Deadline{Ladder: LadderAuditAnswer, Day: u.AnswerBy, From: u.Reported})
	}
	if !is(u.State, Actions, FollowedUp) {
		return all
	}
	for _, t := range u.Actions {
		if t.State == ActionOpen {
			all = append(all, Deadline{Ladder: LadderAuditAction, Item: strconv.Itoa(t.N), Day: t.Due, From: t.On})
		}
	}
	return all
}

// SanctionDue is the day from which an action that is late and has led to nothing yet
// leads to a sanction; "" while there is none.
func (u *Audit) SanctionDue(p Sanctioning) (first Day) {
	if !is(u.State, Actions, FollowedUp) {
		return ""
	}
	for _, t := range u.Actions {
		if t.State == ActionOpen && t.Sanction == "" {
			first = Earliest(first, t.Due.Add(p.OverdueDays))
		}
	}
	return first
}

// WaitsOf is the earliest day by which an action that has led to a sanction is to be
// done; "" when none of them is open.
func (u *Audit) WaitsOf(id SanctionID) (first Day) {
	for _, t := range u.Actions {
		if t.Sanction == id && t.State == ActionOpen {
			first = Earliest(first, t.Due)
		}
	}
	return first
}

// Sanctioned notes to which sanction those actions have led that are late enough by a
// day, and returns their numbers.
func (u *Audit) Sanctioned(id SanctionID, p Sanctioning, on Day) (actions []int) {
	all := slices.Clone(u.Actions)
	for i, t := range all {
		if t.State == ActionOpen && t.Sanction == "" && t.Due.Add(p.OverdueDays) <= on {
			all[i].Sanction = id
			actions = append(actions, t.N)
		}
	}
	u.Actions = all
	return actions
}
