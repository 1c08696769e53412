package dars

// What everybody may read of audits and sanctions: the codes and the days. What was
// written in free words, and who wrote it, is not published.

// An AuditRecord is an audit as everybody may read it, from its letter on.
type AuditRecord struct {
	ID        AuditID      `json:"id"`
	Org       string       `json:"org"` // its name
	Agreement AgreementID  `json:"agreement,omitempty"`
	Trigger   string       `json:"trigger"`
	Scope     []string     `json:"scope"`
	State     AuditState   `json:"state"`
	Notified  Day          `json:"notified"`
	Reported  Day          `json:"reported,omitempty"`
	Findings  []FindingSum `json:"findings"` // none before the report
	Accepted  string       `json:"accepted,omitempty"`
	Risk      string       `json:"risk,omitempty"`
	RiskAfter string       `json:"risk_after,omitempty"`
	Actions   int          `json:"actions"`
	Done      int          `json:"actions_done"`
	Late      int          `json:"actions_late"`
	Closed    Day          `json:"closed,omitempty"`
}

// A FindingSum is how many findings of a class there are.
type FindingSum struct {
	Class string `json:"class"`
	Means string `json:"means"`
	Count int    `json:"count"`
}

// Announced reports whether the audit is published: who is audited was written to.
func (u *Audit) Announced() bool { return u.Notified != "" }

// Record is the audit as everybody may read it on a day.
func (u *Audit) Record(on Day, look Naming) AuditRecord {
	r := AuditRecord{ID: u.ID, Org: look.Org(u.Org), Agreement: u.Agreement, Trigger: Meaning(AuditTriggers, u.Trigger), Scope: []string{}, State: u.State,
		Notified: u.Notified, Reported: u.Reported, Findings: []FindingSum{}, Closed: u.Closed}
	for _, area := range u.Scope {
		r.Scope = append(r.Scope, Meaning(AuditAreas, area))
	}
	if u.Reported == "" {
		return r
	}
	for _, c := range FindingClasses {
		r.Findings = append(r.Findings, FindingSum{c.Code, c.Means, u.Found(c.Code)})
	}
	r.Risk = Meaning(RiskLevels, u.Before.Level)
	if u.After != nil {
		r.RiskAfter = Meaning(RiskLevels, u.After.Level)
	}
	if u.Answer != nil {
		r.Accepted = map[bool]string{true: "yes", false: "no"}[u.Answer.Accepts]
	}
	r.Actions, r.Late = len(u.Actions), len(u.Overdue(on))
	for _, t := range u.Actions {
		if t.State == ActionDone {
			r.Done++
		}
	}
	return r
}

// Found is how many findings of a class it tells of.
func (r AuditRecord) Found(class string) int {
	for _, f := range r.Findings {
		if f.Class == class {
			return f.Count
		}
	}
	return 0
}

// A SanctionRecord is a sanction as everybody may read it.
type SanctionRecord struct {
	ID        SanctionID           `json:"id"`
	Org       string               `json:"org"`
	Agreement AgreementID          `json:"agreement,omitempty"`
	Audit     AuditID              `json:"audit,omitempty"`
	Because   string               `json:"because"`
	State     SanctionState        `json:"state"`
	Means     string               `json:"means,omitempty"`
	Steps     []SanctionRecordStep `json:"steps"`
	Lifted    Day                  `json:"lifted,omitempty"`
}

// A SanctionRecordStep is one step of it, and what came of the appeal against it.
type SanctionRecordStep struct {
	Step     SanctionState `json:"step"`
	On       Day           `json:"on"`
	Appealed Day           `json:"appealed,omitempty"`
	Outcome  string        `json:"outcome,omitempty"`
	Decided  Day           `json:"decided,omitempty"`
}

// Record is the sanction as everybody may read it.
func (s *Sanction) Record(look Naming) SanctionRecord {
	r := SanctionRecord{ID: s.ID, Org: look.Org(s.Org), Agreement: s.Agreement, Audit: s.Audit, Because: s.Because(), State: s.State, Means: s.State.Rung().Means, Steps: []SanctionRecordStep{}, Lifted: s.Lifted}
	for _, t := range s.Taken {
		one := SanctionRecordStep{Step: t.State, On: t.On}
		for _, ap := range s.Appeals {
			if ap.Against == t.State {
				one.Appealed, one.Outcome, one.Decided = ap.On, ap.Outcome, ap.Decided
			}
		}
		r.Steps = append(r.Steps, one)
	}
	return r
}
