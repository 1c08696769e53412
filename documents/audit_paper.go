package documents

import (
	"fmt"
	"strings"

	"darsd/dars"
)

// ReportOfAudit puts an audit into the words of its report.
func ReportOfAudit(f dars.AuditReportFacts) AuditReport {
	u := f.Audit
	r := AuditReport{Ref: string(u.ID), Organisation: f.Organisation.Name, Address: f.Organisation.Address, Agreement: string(u.Agreement),
		From: u.From, To: u.To, Why: dars.Meaning(dars.AuditTriggers, u.Trigger), Lead: f.From, On: f.On}
	if f.From.Name != "" {
		r.Auditors = []string{f.From.Name}
	}
	if g := f.Agreement; g != nil {
		r.Subject = g.Title
		for _, p := range g.Processors {
			r.Processors = append(r.Processors, string(p))
		}
		for _, p := range g.Sublicensed {
			r.Sublicensees = append(r.Sublicensees, string(p))
		}
		for _, d := range g.Datasets {
			r.Data = append(r.Data, AuditedData{d.Code, dars.Meaning(dars.Identifiabilities, d.Identifiability), strings.Join(d.Periods, ", ")})
		}
		for _, c := range g.Controllers {
			r.Contract = joined(", ", r.Contract, string(c.Contract))
		}
	}
	for _, area := range u.Scope {
		r.Scope = append(r.Scope, AuditArea{capital(dars.Meaning(dars.AuditAreas, area)), lookedAt[area], foundIn(u, area)})
	}
	for _, one := range u.Findings {
		r.Findings = append(r.Findings, reportedFinding(u, one))
	}
	if u.Answer != nil {
		said := map[bool]string{true: "The findings are accepted.", false: "The findings are not accepted, or not all."}[u.Answer.Accepts]
		r.Response, r.Responded = said+"\n\n"+u.Answer.Text, u.Answer.On
	}
	for _, t := range u.Actions {
		r.plan(t, f.People)
	}
	r.Before, r.After = riskOf(u.Before), riskOf(u.After)
	if u.Before != nil {
		r.Opinion = u.Before.Opinion
	}
	if u.After != nil {
		r.Opinion = u.After.Opinion
	}
	return r
}

// lookedAt is what is asked in each area (domain 9).
var lookedAt = map[string]string{
	"TRANSFER":    "How data are received, and passed on within the organisation",
	"ACCESS":      "Who has access, and how it is given, reviewed and taken away",
	"USE":         "Whether data are used for the purpose of the agreement alone, and what came of it",
	"RISK":        "How risks are found and dealt with, and how incidents are reported",
	"CONTROL":     "Which organisations and places hold the data, processors and backups included",
	"DESTRUCTION": "How data are destroyed, and how that is shown",
}

// foundIn says how many findings an area has.
func foundIn(u *dars.Audit, area string) string {
	n := 0
	for _, f := range u.Findings {
		if f.Area == area {
			n++
		}
	}
	switch n {
	case 0:
		return "No finding"
	case 1:
		return "One finding"
	}
	return fmt.Sprintf("%d findings", n)
}

func reportedFinding(u *dars.Audit, f dars.AuditFinding) AuditFinding {
	one := AuditFinding{Number: f.N, Class: dars.Meaning(dars.FindingCodes(), f.Class), Area: capital(dars.Meaning(dars.AuditAreas, f.Area)), Says: f.Text, State: "open"}
	if f.Breach != "" {
		one.Clause = capital(dars.Meaning(dars.BreachCodes(), f.Breach))
	}
	if u.Settled(f) {
		one.State = "closed"
	}
	return one
}

// plan adds an action to the report, and what was shown for it. Its owner is told by
// organisation: who works there is nobody else's matter.
func (r *AuditReport) plan(t dars.AuditAction, people map[dars.PersonID]*dars.Person) {
	a := AuditAction{Finding: t.Finding, Says: t.Text, Due: t.Due, State: string(t.State)}
	if p := people[t.Owner]; p != nil {
		if a.Owner = string(p.Org); p.Inside() {
			a.Owner = "The office"
		}
	}
	for _, e := range t.Evidence {
		result := e.Verdict
		if result == "" {
			result = "not examined yet"
		}
		r.FollowUp = append(r.FollowUp, AuditEvidence{Finding: t.Finding, What: e.Text, Received: e.On, Result: result})
		if e.Verdict == dars.EvidenceAccepted {
			a.Done = e.Examined
		}
	}
	r.Actions = append(r.Actions, a)
}

func riskOf(s *dars.RiskStatement) (r AuditRisk) {
	if s != nil {
		r = AuditRisk{dars.Meaning(dars.RiskLevels, s.Level), s.Opinion, s.On}
	}
	return r
}
