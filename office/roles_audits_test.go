package office_test

import (
	"fmt"

	"darsd/dars"
	"darsd/office"
)

// onAudits are the acts of audits, sanctions and complaints.
func (r *roll) onAudits() map[string]deed {
	ctx, o := r.t.Context(), office.Audits{Office: r.first()}
	step := func(do func(a dars.Act, id dars.AuditID) error, to ...dars.AuditState) deed {
		return onLife(dars.AuditLife, (*roll).freshAudit, func(_ *roll, a dars.Act, ref string) error { return do(a, dars.AuditID(ref)) }, to...)
	}
	while := func(do func(a dars.Act, id dars.AuditID) error, in ...dars.AuditState) deed {
		return among(dars.AuditLife, (*roll).freshAudit, func(_ *roll, a dars.Act, ref string) error { return do(a, dars.AuditID(ref)) }, in...)
	}
	on := func(do func(a dars.Act, id dars.SanctionID) error, in ...dars.SanctionState) deed {
		return among(dars.SanctionLife, (*roll).freshSanction, func(_ *roll, a dars.Act, ref string) error { return do(a, dars.SanctionID(ref)) }, in...)
	}
	standing := []dars.SanctionState{dars.Warned, dars.OnHold, dars.Suspended, dars.EndedBySanction}
	finding := dars.AuditFinding{Class: "OBSERVATION", Area: "ACCESS", Text: "the list is kept well"}
	decide := on(func(a dars.Act, id dars.SanctionID) error { return o.Decide(ctx, a, id, dars.AppealDismissed) }, standing...)
	decide.rule = "no-appeal" // of one that was lifted
	raise := on(func(a dars.Act, id dars.SanctionID) error { return o.Raise(ctx, a, id) })
	raise.rule = "appealed wrong-step" // its appeal is open
	closed := step(func(a dars.Act, id dars.AuditID) error { return o.Close(ctx, a, id) }, dars.AuditClosed)
	closed.may = "open-actions"
	return map[string]deed{
		"audit plan": always("", func(r *roll, a dars.Act, _ string) error {
			_, _, err := o.Plan(ctx, a, 2026)
			return err
		}),
		"audit open": always("", func(r *roll, a dars.Act, _ string) error { return errorOf(o.Open(ctx, a, "RA1", "", "ROUTINE")) }).maybe("open-already"),
		"audit notify": step(func(a dars.Act, id dars.AuditID) error {
			return o.Notify(ctx, a, id, nil, r.today, r.today.Add(2))
		}, dars.Notified),
		"audit begin": step(func(a dars.Act, id dars.AuditID) error { return o.Begin(ctx, a, id) }, dars.InProgress),
		"audit finding": while(func(a dars.Act, id dars.AuditID) error {
			_, _, err := o.Find(ctx, a, id, finding, "")
			return err
		}, dars.Notified, dars.InProgress),
		"audit report": step(func(a dars.Act, id dars.AuditID) error { return o.Report(ctx, a, id, "LOW", "it is well kept") }, dars.Reported),
		"audit respond": while(func(a dars.Act, id dars.AuditID) error { return o.Respond(ctx, a, id, true, "we agree") },
			dars.Reported, dars.Actions),
		"audit action": while(func(a dars.Act, id dars.AuditID) error {
			return errorOf(o.Agree(ctx, a, id, dars.AuditAction{Finding: 1, Text: "mend it", Due: r.today.Add(9)}, ""))
		}, dars.Reported, dars.Actions, dars.FollowedUp),
		"audit extend": while(func(a dars.Act, id dars.AuditID) error { return o.Extend(ctx, a, id, 1, r.today.Add(90)) }, dars.Actions, dars.FollowedUp),
		"audit evidence": while(func(a dars.Act, id dars.AuditID) error {
			return o.HandIn(ctx, a, id, 1, "see the list", "", nil)
		}, dars.Actions, dars.FollowedUp),
		"audit examine": while(func(a dars.Act, id dars.AuditID) error {
			return o.Examine(ctx, a, id, 2, dars.EvidenceAccepted)
		}, dars.Actions, dars.FollowedUp),
		"audit follow-up": {make: (*roll).freshAudit, in: states(dars.AuditLife), from: []string{string(dars.Actions)}, may: "not-examined",
			do: func(_ *roll, a dars.Act, ref string) error {
				return o.FollowUp(ctx, a, dars.AuditID(ref), "LOW", "it is mended")
			}},
		"audit close":  closed,
		"audit appeal": on(func(a dars.Act, id dars.SanctionID) error { return o.Appeal(ctx, a, id, "it was done in time") }, standing...).maybe("appealed"),

		"sanction breach": always("", func(r *roll, a dars.Act, _ string) error {
			_, _, err := o.Breach(ctx, a, "RA2", "", "LAPSED_ASSURANCE")
			return err
		}),
		"sanction raise":  raise,
		"sanction lift":   on(func(a dars.Act, id dars.SanctionID) error { return o.Lift(ctx, a, id) }, standing...),
		"sanction decide": decide,

		"complaint add": always("", func(r *roll, a dars.Act, _ string) error {
			_, _, err := office.Complaints{Office: r.first()}.Add(ctx, a, dars.Complaint{Kind: "COMPLAINT", From: "PATIENT", About: "OBJECTION", Text: "nobody answered"})
			return err
		}),
		"complaint answer": onLife(dars.ComplaintLife, (*roll).freshComplaint, func(_ *roll, a dars.Act, ref string) error {
			return errorOf(office.Complaints{Office: r.first()}.Answer(ctx, a, dars.ComplaintID(ref), "UPHELD", "we are sorry"))
		}, dars.ComplaintAnswered),
	}
}

// maybe names rules of its own that may refuse.
func (d deed) maybe(rules string) deed { d.may = rules; return d }

// freshAudit has a finding, an action that is open, and another of which the evidence
// waits.
func (r *roll) freshAudit(state string) string {
	r.n++
	u := &dars.Audit{ID: dars.AuditID(fmt.Sprintf("AUD-%06d", 5000+r.n)), Org: "RA1", Trigger: "ROUTINE", Reason: "r", Triggered: r.today, State: dars.AuditState(state),
		Scope: []string{"ACCESS"}, Notified: r.today, From: r.today, To: r.today, AnswerBy: r.today.Add(20)}
	u.Findings = []dars.AuditFinding{{N: 1, Class: "AGREEMENT", Area: "ACCESS", Text: "t", Due: r.today, On: r.today}}
	if u.State != dars.Triggered && u.State != dars.Notified && u.State != dars.InProgress {
		u.Reported, u.Before = r.today, &dars.RiskStatement{Level: "HIGH", Opinion: "o", On: r.today}
	}
	if u.State == dars.FollowedUp || u.State == dars.AuditClosed {
		u.After = &dars.RiskStatement{Level: "LOW", Opinion: "o", On: r.today}
	}
	u.Actions = []dars.AuditAction{
		{N: 1, Finding: 1, Text: "a", Owner: r.people["rita"], Due: r.today, State: dars.ActionOpen, On: r.today},
		{N: 2, Finding: 1, Text: "b", Owner: r.people["rita"], Due: r.today, State: dars.ActionOpen, On: r.today, Evidence: []dars.AuditEvidence{{Text: "e", On: r.today, By: r.people["rita"]}}},
	}
	r.keep(u)
	return string(u.ID)
}

// freshSanction is one of RA1 of which the first step was appealed against.
func (r *roll) freshSanction(state string) string {
	r.n++
	s := &dars.Sanction{ID: dars.SanctionID(fmt.Sprintf("SAN-%06d", 5000+r.n)), Org: "RA1", Breach: "LAPSED_ASSURANCE", State: dars.SanctionState(state)}
	step := s.State
	if !s.Stands() {
		step = dars.Warned
	}
	s.Taken = []dars.SanctionStep{{State: step, On: r.today, By: dars.ByClock, AppealUntil: r.today.Add(20)}}
	s.Appeals = []dars.Appeal{{N: 1, Against: step, Text: "t", On: r.today, By: r.people["rita"], Due: r.today.Add(20)}}
	r.keep(s)
	return string(s.ID)
}

func (r *roll) freshComplaint(state string) string {
	r.n++
	c := &dars.Complaint{ID: dars.ComplaintID(fmt.Sprintf("COMP-%06d", 5000+r.n)), Kind: "COMPLAINT", From: "PATIENT", About: "USE", Text: "t", Org: "RA2", State: dars.ComplaintState(state), Received: r.today, Due: r.today.Add(28)}
	r.keep(c)
	return string(c.ID)
}
