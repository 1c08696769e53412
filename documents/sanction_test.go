package documents

import "darsd/dars"

// sanctionFacts are those of the letter about a step of a sanction, or its end.
func sanctionFacts(state dars.SanctionState) dars.SanctionFacts {
	u := audit()
	u.State, u.Actions = dars.Actions, []dars.AuditAction{{N: 1, Finding: 1, Text: "Take away the access of people who have left, and review the list each quarter.", Due: "2017-07-28", State: dars.ActionOpen}}
	s := &dars.Sanction{ID: "SAN-000001", Org: "8J001", Agreement: u.Agreement, Audit: u.ID, State: state,
		Taken: []dars.SanctionStep{{State: dars.Warned, On: "2017-08-11", By: dars.ByClock, Actions: []int{1}, AppealUntil: "2017-09-11"}}}
	f := dars.SanctionFacts{Sanction: s, Step: s.Taken[0], Organisation: organisations()["8J001"], Agreement: agreementFacts().Agreement, Audit: u, From: dars.Sender{Name: "Cora Bright", Role: "Compliance"}, On: "2017-08-11"}
	switch state {
	case dars.SanctionLifted:
		f.Ended, f.On = true, "2017-08-30"
	case dars.Suspended:
		s.Breach, f.Step.Actions, f.Step.State = "OUTSIDE_PURPOSE", nil, state
	default:
		f.Step.State = state
		if state != dars.EndedBySanction {
			f.NextOn = "2017-09-08"
		}
	}
	return f
}
