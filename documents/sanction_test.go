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

// auditedFacts are those of an audit that was followed up, as the office has it.
func auditedFacts() dars.AuditReportFacts {
	u := audit()
	u.State, u.Reported = dars.FollowedUp, "2017-06-20"
	u.Before = &dars.RiskStatement{Level: "HIGH", Opinion: "Access is not under control.", On: "2017-06-20"}
	u.After = &dars.RiskStatement{Level: "LOW", Opinion: "Access is reviewed each month now.", On: "2017-09-01"}
	u.Findings = []dars.AuditFinding{
		{N: 1, Class: "AGREEMENT", Area: "ACCESS", Text: "Two people who left can still sign in.", Owner: "P-000009", Due: "2017-07-18", On: "2017-06-13"},
		{N: 2, Class: "OBSERVATION", Area: "TRANSFER", Text: "The record of what came is read each week.", On: "2017-06-13"},
	}
	u.Answer = &dars.AuditAnswer{Accepts: true, Text: "We agree, and will take their access away.", On: "2017-06-30"}
	u.Actions = []dars.AuditAction{{N: 1, Finding: 1, Text: "Take away the access of people who left.", Owner: "P-000009", Due: "2017-07-28", State: dars.ActionDone,
		Evidence: []dars.AuditEvidence{{Text: "The list of accounts of 8 August.", On: "2017-08-08", Verdict: dars.EvidenceAccepted, Examined: "2017-08-10"}}}}
	return dars.AuditReportFacts{Audit: u, Agreement: agreementFacts().Agreement, Organisation: organisations()["8J001"],
		People: map[dars.PersonID]*dars.Person{"P-000009": {ID: "P-000009", Org: "8J001"}}, From: dars.Sender{Name: "Amir Rahman", Role: "Audit"}, On: "2017-09-01"}
}
