package dars_test

import (
	"strings"
	"testing"

	"darsd/dars"
)

var (
	theirs  = &dars.Person{ID: "P-000005", Org: "RA1"}
	officer = &dars.Person{ID: "P-000001", Org: dars.TheOffice, Roles: []dars.Role{dars.CaseOfficer}}
	owner   = &dars.Person{ID: "P-000003", Org: dars.TheOffice, Roles: []dars.Role{dars.IAO}}
)

func TestActions(t *testing.T) {
	const on = dars.Day("2026-03-02")
	type step func(*dars.Application) error
	answer := func(who *dars.Person, n int) step {
		return func(p *dars.Application) error { return p.AnswerAction(by(who.ID), who, n, "five years", on) }
	}
	done := func(n int) step {
		return func(p *dars.Application) error { return p.CloseAction(by("P-000001"), n, on) }
	}
	reopen := func(n int) step {
		return func(p *dars.Application) error { return p.ReopenAction(by("P-000001"), n, on) }
	}
	add := func(due dars.Day, text string) step {
		return func(p *dars.Application) error {
			_, err := p.AddAction(by("P-000001"), dars.TheApplicant, due, text, on)
			return err
		}
	}
	tests := map[string]struct {
		steps []step // all but the last are allowed
		rule  string // of the last
		left  int    // actions that are not done
	}{
		"nothing is done":                  {nil, "", 2},
		"answered is not done":             {[]step{answer(theirs, 1)}, "", 2},
		"answered and done":                {[]step{answer(theirs, 1), done(1)}, "", 1},
		"done without an answer":           {[]step{done(1), done(2)}, "", 0},
		"done twice":                       {[]step{done(1), done(1)}, "wrong-step", 1},
		"opened again":                     {[]step{done(1), reopen(1)}, "", 2},
		"an answer is sent back":           {[]step{answer(theirs, 1), reopen(1), answer(theirs, 1)}, "", 2},
		"answered twice":                   {[]step{answer(theirs, 1), answer(theirs, 1)}, "wrong-step", 2},
		"what is open is opened":           {[]step{reopen(1)}, "wrong-step", 2},
		"ours, answered by who owns it":    {[]step{answer(owner, 2)}, "", 2},
		"ours, answered by the applicant":  {[]step{answer(theirs, 2)}, "not-owner", 2},
		"ours, answered by another":        {[]step{answer(officer, 2)}, "not-owner", 2},
		"theirs, answered by an officer":   {[]step{answer(officer, 1)}, "not-owner", 2},
		"one that is not there":            {[]step{done(3)}, "not-found", 2},
		"none of that number":              {[]step{answer(theirs, 0)}, "not-found", 2},
		"one more":                         {[]step{add("2026-03-02", "say why")}, "", 3},
		"due yesterday":                    {[]step{add("2026-03-01", "say why")}, "too-early", 2},
		"due on no day":                    {[]step{add("Friday", "say why")}, "no-date", 2},
		"without words":                    {[]step{add("2026-03-02", " ")}, "no-text", 2},
		"of a patient":                     {[]step{add("2026-03-02", "as for 943 476 5919")}, "patient-number", 2},
		"that turns the text around":       {[]step{add("2026-03-02", "abc\u202edef")}, "bad-text", 2},
		"that overwrites a line":           {[]step{add("2026-03-02", "all is well\rseen")}, "bad-text", 2},
		"of several lines":                 {[]step{add("2026-03-02", "say\r\nhow long")}, "", 3},
		"that clears a screen":             {[]step{add("2026-03-02", "\x1b[2J")}, "bad-text", 2},
		"longer than a note":               {[]step{add("2026-03-02", strings.Repeat("x", 4001))}, "too-long", 2},
		"as long as a note":                {[]step{add("2026-03-02", strings.Repeat("é", 4000))}, "", 3},
		"of a telephone number is no harm": {[]step{add("2026-03-02", "ring 0113 496 0000")}, "", 3},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			p := shown(t, cag)
			p.Review = dars.Review{LegalBasis: true, Security: true, Feasibility: true, Purpose: true}
			_, err := p.AddAction(by("P-000001"), dars.TheApplicant, "2026-03-31", "say how long", on)
			ruled(t, err, "")
			_, err = p.AddAction(by("P-000001"), "P-000003", "2026-03-31", "ask for the fields", on)
			ruled(t, err, "")
			for i, do := range tt.steps {
				was, rule := facts(t, p), ""
				if i == len(tt.steps)-1 {
					rule = tt.rule
				}
				ruled(t, do(p), rule)
				if rule != "" && facts(t, p) != was {
					t.Errorf("a refusal left a trace: %s", facts(t, p))
				}
			}
			if open := p.OpenActions(); len(open) != tt.left {
				t.Errorf("%d are left: %+v", len(open), open)
			}
			ruled(t, p.Accept(by("P-000001"), london(t), on), map[bool]string{true: "", false: "actions-open"}[tt.left == 0])
		})
	}
}

func TestReferringBackListsWhatIsNeeded(t *testing.T) {
	p := shown(t, cag)
	p.Form.Datasets[0].Gateway = "HSCA261_2C"
	ruled(t, p.Look(by("P-000001"), 1, dars.EvidenceRefused, dars.Reading{}, "2026-03-02"), "")
	_, err := p.AddAction(by("P-000001"), dars.TheApplicant, "2026-03-31", "say how long", "2026-03-02")
	ruled(t, err, "")
	ruled(t, p.Reviewed(by("P-000001"), dars.Review{Notes: map[string]string{"BUDGET": "none"}}, "2026-03-02"), "no-area")
	ruled(t, p.Reviewed(by("P-000001"), dars.Review{Security: true, Feasibility: true, Notes: map[string]string{"PURPOSE": "say what care gains"}}, "2026-03-02"), "")
	silent := by("P-000001")
	silent.Why = ""
	ruled(t, p.ReferBack(silent, "2026-03-02"), "no-reason") // nothing is noted on the legal basis
	ruled(t, p.Reviewed(by("P-000002"), dars.Review{Security: true, Feasibility: true, Notes: map[string]string{"PURPOSE": "say what care gains", "LEGAL_BASIS": "which?"}}, "2026-03-02"), "")
	ruled(t, p.ReferBack(silent, "2026-03-02"), "")
	if d := p.Decisions[0]; strings.Join(d.Codes, " ") != "LEGAL_BASIS PURPOSE" || p.Officer != "P-000001" {
		t.Errorf("it is referred back for %v, and %s is in charge", d.Codes, p.Officer)
	}
	want := []string{"legal basis: which?", "purpose: say what care gains", "was refused", "no consent form", "no information leaflet", "action 1, by 31 March 2026: say how long"}
	needed := p.Needed("2026-03-02")
	if len(needed) != len(want) {
		t.Fatalf("it needs %d things:\n%s", len(needed), strings.Join(needed, "\n"))
	}
	for i := range want {
		if !strings.Contains(needed[i], want[i]) {
			t.Errorf("%q does not say %q", needed[i], want[i])
		}
	}
}

func TestReassigning(t *testing.T) {
	left := *officer
	left.ID, left.Left = "P-000009", "2026-01-01"
	colleague := *officer
	colleague.ID = "P-000002"
	for name, tt := range map[string]struct {
		to   *dars.Person
		why  string
		rule string
	}{
		"a colleague":         {&colleague, "on leave", ""},
		"for no reason":       {&colleague, "", "no-reason"},
		"no case officer":     {owner, "on leave", "no-role"},
		"somebody outside":    {theirs, "on leave", "no-role"},
		"somebody who left":   {&left, "on leave", "no-role"},
		"who is in charge":    {officer, "on leave", "wrong-step"},
		"the applicant's own": {&dars.Person{ID: "P-000007", Org: "RA1", Roles: []dars.Role{dars.CaseOfficer}}, "on leave", "no-role"},
	} {
		t.Run(name, func(t *testing.T) {
			p := shown(t, cag)
			p.Officer = officer.ID
			a := by(officer.ID)
			a.Why = tt.why
			ruled(t, p.Reassign(a, tt.to), tt.rule)
			if want := map[bool]dars.PersonID{true: tt.to.ID, false: officer.ID}[tt.rule == ""]; p.Officer != want {
				t.Errorf("%s is in charge", p.Officer)
			}
		})
	}
}

func TestAnEnquiry(t *testing.T) {
	e := &dars.Enquiry{ID: "ENQ-000001", State: dars.EnquiryOpen, Org: "RA1"}
	ruled(t, e.Answer(by("P-000001"), "", "2026-03-02"), "no-text")
	ruled(t, e.Answer(by("P-000001"), "You may apply.", "2026-03-02"), "")
	ruled(t, e.Answer(by("P-000001"), "And soon.", "2026-03-03"), "")
	p := shown(t, cag)
	p.Form.Organisation = "RA2"
	ruled(t, e.Became(p), "other-organisation")
	p.Form.Organisation = "RA1"
	ruled(t, e.Became(p), "")
	ruled(t, e.Became(p), "wrong-step")
	ruled(t, e.Answer(by("P-000001"), "Too late.", "2026-03-04"), "wrong-step")
	if len(e.Answers) != 2 || e.Application != p.Stem {
		t.Errorf("it is %+v", e)
	}
}

func TestRenewingAStanding(t *testing.T) {
	o := &dars.Organisation{Code: "RA1", ICO: "Z1234567", ICOExpires: "2026-03-31", Security: "DSPT", SecurityExpires: "2026-06-30"}
	ruled(t, o.RenewStanding(by("P-000001"), dars.Standing{}, "2026-04-01"), "nothing-new")
	ruled(t, o.RenewStanding(by("P-000001"), dars.Standing{ICOExpires: "31/3/2027"}, "2026-04-01"), "no-date")
	ruled(t, o.RenewStanding(by("P-000001"), dars.Standing{ICOExpires: "2026-03-31"}, "2026-04-01"), "lapsed")
	ruled(t, o.RenewStanding(by("P-000001"), dars.Standing{ICOExpires: "2027-03-31"}, "2026-04-01"), "")
	if o.ICO != "Z1234567" || o.Security != "DSPT" {
		t.Errorf("what was not renewed is lost: %+v", o)
	}
}
