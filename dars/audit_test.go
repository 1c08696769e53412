package dars_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"darsd/dars"
)

func TestLifeOfAnAudit(t *testing.T) {
	const on = dars.Day("2026-03-02")
	type do = map[string]func(*dars.Audit) error
	walk(t, path[dars.AuditState, *dars.Audit]{
		life: dars.AuditLife,
		make: func(s dars.AuditState) *dars.Audit {
			u := &dars.Audit{ID: "AUD-000001", Org: "RA1", State: s, Scope: []string{"ACCESS"}, From: on, To: on}
			u.Findings = []dars.AuditFinding{{N: 1, Class: "OBSERVATION", Area: "ACCESS", Text: "t"}}
			return u
		},
		deeds: map[dars.AuditState]do{
			dars.Notified:    {"notify": func(u *dars.Audit) error { return u.Notify(by("P-000001"), nil, on, on, on) }},
			dars.InProgress:  {"begin": func(u *dars.Audit) error { return u.Begin(by("P-000001"), on) }},
			dars.Reported:    {"report": func(u *dars.Audit) error { return u.Report(by("P-000001"), "LOW", "o", on, on) }},
			dars.Actions:     {"reopen": reopen},
			dars.FollowedUp:  {"follow up": func(u *dars.Audit) error { return u.FollowUp(by("P-000001"), "LOW", "o", on) }},
			dars.AuditClosed: {"close": func(u *dars.Audit) error { return u.Close(by("P-000001"), on) }},
		},
	})
}

// reopen agrees an action: one that has a plan already is refused, as the walk asks.
func reopen(u *dars.Audit) error {
	if u.State == dars.Actions {
		return dars.Refuse("wrong-step", u.ID, "it has a plan")
	}
	_, err := u.Agree(by("P-000001"), dars.AuditAction{Finding: 1, Text: "a", Due: "2026-03-09"}, "2026-03-02")
	return err
}

func TestLifeOfASanction(t *testing.T) {
	type do = map[string]func(*dars.Sanction) error
	climbTo := func(to dars.SanctionState) do {
		return do{"climb": func(s *dars.Sanction) error {
			trial := *s
			if err := trial.Climb(by("P-000001"), nil, "2026-04-01", "2026-03-02"); err != nil {
				return err
			}
			if trial.State != to {
				return dars.Refuse("wrong-step", s.ID, "the next step is %s", trial.State)
			}
			*s = trial
			return nil
		}}
	}
	walk(t, path[dars.SanctionState, *dars.Sanction]{
		life: dars.SanctionLife,
		make: func(s dars.SanctionState) *dars.Sanction {
			return &dars.Sanction{ID: "SAN-000001", Org: "RA1", State: s, Taken: []dars.SanctionStep{{State: s, On: "2026-03-01"}}}
		},
		deeds: map[dars.SanctionState]do{
			dars.OnHold: climbTo(dars.OnHold), dars.Suspended: climbTo(dars.Suspended), dars.EndedBySanction: climbTo(dars.EndedBySanction),
			dars.SanctionLifted: {"lift": func(s *dars.Sanction) error { return s.Lift(by("P-000001"), "2026-03-02") }},
		},
	})
}

// Each step of the ladder stops what the one below it stops, and something more.
func TestEachStepOfASanctionStopsMore(t *testing.T) {
	for i, r := range dars.SanctionLadder {
		if i == 0 {
			continue
		}
		below := dars.SanctionLadder[i-1]
		if len(r.Stops) <= len(below.Stops) || !slices.Equal(r.Stops[:len(below.Stops)], below.Stops) {
			t.Errorf("%s stops %v, and %s below it %v", r.State, r.Stops, below.State, below.Stops)
		}
		if !slices.Contains(dars.SanctionLife[below.State], r.State) {
			t.Errorf("nothing leads from %s to %s", below.State, r.State)
		}
	}
	for _, b := range dars.Breaches {
		if b.Starts.Rung().Means == "" || b.Starts == dars.EndedBySanction {
			t.Errorf("the breach %s begins at %q", b.Code, b.Starts)
		}
	}
}

// A score is the sum of its lines, none of them for nothing; drawn again it is the same.
func TestRiskExplainsItself(t *testing.T) {
	const on = dars.Day("2026-03-02")
	agreement := func(identifiability string) *dars.Agreement {
		return &dars.Agreement{ID: "DARS-NIC-000001-B1C2D-v1.0", Application: "A", State: dars.InForce, Processors: []dars.OrgCode{"RB1"}, Datasets: []dars.DatasetRequest{{Code: "HES_APC", Identifiability: identifiability}}}
	}
	tests := map[string]struct {
		change func(*dars.RiskFacts)
		line   string // of which there are points that there were not
	}{
		"identifiable data":    {func(f *dars.RiskFacts) { f.Agreements[0] = agreement("IDENT") }, "IDENTIFIABLE"},
		"a commercial purpose": {func(f *dars.RiskFacts) { f.Applications["A"].Form.Purpose.Commercial = true }, "COMMERCIAL"},
		"may pass data on":     {func(f *dars.RiskFacts) { f.Applications["A"].Form.Sublicensing = "to two firms" }, "SUBLICENCE"},
		"a second agreement":   {func(f *dars.RiskFacts) { f.Agreements = append(f.Agreements, agreement("PSEUDO_ICO")) }, "MANY_AGREEMENTS"},
		"security that ended":  {func(f *dars.RiskFacts) { f.Org.SecurityExpires = "2026-02-01" }, "ASSURANCE_LAPSED"},
		"an audit that was bad": {func(f *dars.RiskFacts) {
			f.Audits = []*dars.Audit{{ID: "AUD-000001", Reported: "2025-01-01", Before: &dars.RiskStatement{Level: "CRITICAL"}}}
		}, "LAST_RISK"},
		"an audit long ago": {func(f *dars.RiskFacts) {
			f.Audits = []*dars.Audit{{ID: "AUD-000001", Reported: "2020-01-01", Before: &dars.RiskStatement{Level: "LOW"}}}
		}, "AUDITED_LONG_AGO"},
		"a sanction": {func(f *dars.RiskFacts) {
			f.Sanctions = []*dars.Sanction{{Taken: []dars.SanctionStep{{On: "2025-06-01"}}}}
		}, "SANCTIONED"},
		"a complaint": {func(f *dars.RiskFacts) {
			f.Complaints = []*dars.Complaint{{Org: "RA1", Outcome: "UPHELD", Answered: "2026-01-01"}}
		}, "COMPLAINT"},
		"odd downloads": {func(f *dars.RiskFacts) { f.Unusual = []string{"P-000009 collected from 5 addresses on 2026-03-01"} }, "UNUSUAL_DOWNLOADS"},
		"actions that are late": {func(f *dars.RiskFacts) {
			f.Audits = []*dars.Audit{{State: dars.Actions, Actions: []dars.AuditAction{{State: dars.ActionOpen, Due: "2026-03-01"}}}}
		}, "ACTIONS_LATE"},
	}
	facts := func() dars.RiskFacts {
		return dars.RiskFacts{Org: &dars.Organisation{Code: "RA1", Name: "Trust"}, Agreements: []*dars.Agreement{agreement("PSEUDO_ICO")},
			Applications: map[dars.ApplicationID]*dars.Application{"A": {}}}
	}
	points := func(s dars.RiskScore, code string) (n int) {
		for _, l := range s.Lines {
			if l.Code == code {
				n += l.Points
			}
		}
		return n
	}
	plain := facts().Score(2026, on)
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			f := facts()
			tt.change(&f)
			s := f.Score(2026, on)
			if points(s, tt.line) <= points(plain, tt.line) {
				t.Errorf("it has no points for %s: %+v", tt.line, s.Lines)
			}
			sum := 0
			for _, l := range s.Lines {
				if sum += l.Points; l.Points <= 0 || l.Why == "" {
					t.Errorf("a line says nothing: %+v", l)
				}
			}
			if again := f.Score(2026, on); sum != s.Score || fmt.Sprint(again) != fmt.Sprint(s) {
				t.Errorf("%d points of lines make %d, and then %d", sum, s.Score, again.Score)
			}
		})
	}
}

// The plan of a year is in order of risk, says who was not chosen, and is the same
// whoever draws it.
func TestThePlanOfAYear(t *testing.T) {
	var scores []dars.RiskScore
	for i := range 30 {
		scores = append(scores, dars.RiskScore{Org: dars.OrgCode(fmt.Sprintf("R%02d", i)), Score: i * 7 % 20})
	}
	backwards := slices.Clone(scores)
	slices.Reverse(backwards)
	plan := dars.PlanAudits(2027, 12, "2026-11-22", scores)
	if fmt.Sprint(plan) != fmt.Sprint(dars.PlanAudits(2027, 12, "2026-11-22", backwards)) {
		t.Error("the plan depends on the order in which it is told")
	}
	chosen := 0
	for i, p := range plan {
		if i > 0 && (plan[i-1].Score < p.Score || plan[i-1].Score == p.Score && plan[i-1].Org > p.Org) {
			t.Errorf("%s with %d points comes before %s with %d", plan[i-1].Org, plan[i-1].Score, p.Org, p.Score)
		}
		if p.Month != "" {
			chosen++
		}
	}
	if chosen != 12 || plan[0].Month != "2027-01" || plan[11].Month != "2027-12" || plan[12].Month != "" {
		t.Errorf("%d are chosen: %+v", chosen, plan)
	}
}

// One who collects from many places on one day is asked about.
func TestUnusualDownloads(t *testing.T) {
	from := func(n int) (pages []*dars.Collection) {
		for i := range n {
			c := &dars.Collection{Person: "P-000009", Address: fmt.Sprintf("198.51.100.%d:4022", i), Last: time.Date(2026, 3, 2, 10, 0, 0, 0, time.UTC), Closed: dars.Ranges{{From: 0, To: 1}}}
			pages = append(pages, c)
		}
		return pages
	}
	day := dars.Calendar{}.Day
	for n, want := range map[int]int{1: 0, 3: 0, 4: 1, 9: 1} {
		if got := dars.UnusualDownloads(from(n), day); len(got) != want {
			t.Errorf("from %d addresses: %q", n, got)
		}
	}
	nothing := from(9)
	for _, c := range nothing {
		c.Closed = nil
	}
	if got := dars.UnusualDownloads(nothing, day); len(got) != 0 {
		t.Errorf("of nothing that was sent: %q", got)
	}
}

// What is published of an audit and a sanction holds none of the free words.
func TestNoFreeWordsArePublished(t *testing.T) {
	const secret = "Ann Example, ann@example.org"
	look := dars.Naming{Org: func(c dars.OrgCode) string { return string(c) }}
	u := &dars.Audit{ID: "AUD-000001", Org: "RA1", Trigger: "ROUTINE", Reason: secret, State: dars.Actions, Scope: []string{"ACCESS"}, Notified: "2026-03-02", Reported: "2026-03-09",
		Findings: []dars.AuditFinding{{N: 1, Class: "AGREEMENT", Text: secret}}, Before: &dars.RiskStatement{Level: "HIGH", Opinion: secret}, Answer: &dars.AuditAnswer{Text: secret},
		Actions: []dars.AuditAction{{N: 1, Text: secret, Due: "2026-03-10", State: dars.ActionOpen}}}
	s := &dars.Sanction{ID: "SAN-000001", Org: "RA1", Breach: "SHARED", Reason: secret, State: dars.Suspended,
		Taken: []dars.SanctionStep{{State: dars.Suspended, On: "2026-03-02", Why: secret}}, Appeals: []dars.Appeal{{N: 1, Against: dars.Suspended, Text: secret, Outcome: dars.AppealDismissed, Why: secret, Decided: "2026-03-09"}}}
	record, sanction := u.Record("2026-03-20", look), s.Record(look)
	for _, published := range []string{fmt.Sprintf("%+v", record), fmt.Sprintf("%+v", sanction)} {
		if strings.Contains(published, "Ann") || strings.Contains(published, "example.org") {
			t.Errorf("published is %s", published)
		}
	}
	if record.Late != 1 || record.Risk != "high" || record.Findings[0].Count != 1 || sanction.Steps[0].Outcome != dars.AppealDismissed || sanction.Because != "data were passed on without leave" {
		t.Errorf("published are %+v and %+v", record, sanction)
	}
}

// Who handed evidence in does not examine it, and who took part in a sanction or noted
// the appeal does not decide it. A refusal leaves no trace.
func TestSomebodyElseExaminesAndDecides(t *testing.T) {
	const on = dars.Day("2026-03-02")
	tests := map[string]struct {
		who  dars.PersonID
		rule string
	}{
		"who handed in, and took the step": {"P-000001", "same-person"},
		"who noted the appeal":             {"P-000002", "same-person"},
		"somebody else":                    {"P-000003", ""},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			u := &dars.Audit{ID: "AUD-000001", State: dars.Actions, Actions: []dars.AuditAction{{N: 1, Text: "a", State: dars.ActionOpen,
				Evidence: []dars.AuditEvidence{{Text: "e", On: on, By: "P-000001"}}}}}
			s := &dars.Sanction{ID: "SAN-000001", State: dars.Warned, Taken: []dars.SanctionStep{{State: dars.Warned, On: on, By: "P-000001"}},
				Appeals: []dars.Appeal{{N: 1, Against: dars.Warned, Text: "t", On: on, By: "P-000002"}}}
			wasAudit, wasSanction := facts(t, u), facts(t, s)
			if tt.who != "P-000002" {
				ruled(t, u.Examine(by(tt.who), 1, dars.EvidenceAccepted, on), tt.rule)
			}
			ruled(t, s.Decide(by(tt.who), dars.AppealUpheld, on), tt.rule)
			if tt.rule != "" && (facts(t, u) != wasAudit || facts(t, s) != wasSanction) {
				t.Errorf("a refusal left a trace: %+v, %+v", u, s)
			}
			if tt.rule == "" && (u.Actions[0].State != dars.ActionDone || s.State != dars.SanctionLifted || s.Appeals[0].Judge != tt.who) {
				t.Errorf("they are %+v and %+v", u, s)
			}
		})
	}
}
