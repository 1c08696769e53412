package dars_test

import (
	"slices"
	"testing"

	"darsd/dars"
)

// A slip is undone as if it had not happened, as long as nothing was built on it.
func TestUndo(t *testing.T) {
	c := london(t)
	why := dars.Act{Who: "P-000001", Why: "it was the wrong case"}
	accept := func(p *dars.Application) error { return p.Accept(why, c, "2016-03-24") }
	pause := func(p *dars.Application) error {
		return p.Pause(why, dars.Pause{For: "AWAIT_APPLICANT_DETAIL", Reason: "whose"}, "2016-03-30")
	}
	resume := func(p *dars.Application) error { return p.Resume(why, c, "2016-04-06") }
	withdraw := func(p *dars.Application) error { return p.Withdraw(why, "2016-04-08") }
	class := func(p *dars.Application) error { return p.SetClass(why, c, 30, "2016-03-24") }
	refer := func(p *dars.Application) error { return p.ReferBack(why, "2016-03-24") }
	assess := func(p *dars.Application) error {
		return p.Assess(dars.Act{Who: "P-000003"}, []dars.PersonID{"P-000003"}, "2016-04-01")
	}
	half := func(p *dars.Application) error {
		return p.Assess(dars.Act{Who: "P-000003"}, []dars.PersonID{"P-000003", "P-000004"}, "2016-04-01")
	}
	undo := func(slip string) func(p *dars.Application) error {
		return func(p *dars.Application) error { return p.Undo(why, slip, c, "2016-04-11") }
	}
	type steps []func(*dars.Application) error
	tests := map[string]struct {
		before steps // of the slip
		slip   string
		act    steps // the slip, and what was built on it
		rule   string
	}{
		"accepted":                             {nil, "accept", steps{accept}, ""},
		"accepted, of another class":           {steps{class}, "accept", steps{accept}, ""},
		"accepted, and assessed":               {nil, "accept", steps{accept, assess}, "wrong-step"},
		"accepted, and assessed by one of two": {nil, "accept", steps{accept, half}, "built-on"},
		"accepted, and paused":                 {nil, "accept", steps{accept, pause}, "built-on"},
		"accepted, and withdrawn":              {nil, "accept", steps{accept, withdraw}, "wrong-step"},
		"not accepted":                         {nil, "accept", nil, "wrong-step"},
		"referred back":                        {nil, "refer-back", steps{refer}, ""},
		"referred back, another class":         {nil, "refer-back", steps{refer, class}, ""},
		"referred back, and withdrawn":         {nil, "refer-back", steps{refer, withdraw}, "wrong-step"},
		"withdrawn before acceptance":          {nil, "withdraw", steps{withdraw}, ""},
		"withdrawn when referred back":         {steps{refer}, "withdraw", steps{withdraw}, ""},
		"withdrawn when accepted":              {steps{accept}, "withdraw", steps{withdraw}, ""},
		"withdrawn when assessed":              {steps{accept, assess}, "withdraw", steps{withdraw}, ""},
		"withdrawn while paused":               {steps{accept, pause}, "withdraw", steps{withdraw}, ""},
		"withdrawn once it went on":            {steps{accept, pause, resume}, "withdraw", steps{withdraw}, ""},
		"withdrawn a second time":              {steps{withdraw, undo("withdraw")}, "withdraw", steps{withdraw}, ""},
		"not withdrawn":                        {steps{accept}, "withdraw", nil, "wrong-step"},
		"paused":                               {steps{accept}, "pause", steps{pause}, ""},
		"paused, and going on":                 {steps{accept}, "pause", steps{pause, resume}, "built-on"},
		"paused, and withdrawn":                {steps{accept}, "pause", steps{pause, withdraw}, "clock-stopped"},
		"never paused":                         {steps{accept}, "pause", nil, "wrong-step"},
		"never accepted":                       {nil, "pause", nil, "clock-not-started"},
		"going on":                             {steps{accept, pause}, "resume", steps{resume}, ""},
		"still paused":                         {steps{accept}, "resume", steps{pause}, "wrong-step"},
		"what people have decided":             {nil, "assess", steps{accept, assess}, "no-slip"},
		"that it went on, and its pause":       {steps{accept}, "pause", steps{pause, resume, undo("resume")}, ""},
		"its pause, and that it was let in":    {nil, "accept", steps{accept, pause, undo("pause")}, ""},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			p := &dars.Application{Stem: "DARS-NIC-000001-B1C2D", Major: 1, State: dars.Submitted, By: "P-000002", AssessedBy: []dars.PersonID{}, Decisions: []dars.Decision{},
				Review: dars.Review{LegalBasis: true, Security: true, Feasibility: true, Purpose: true}}
			for _, do := range tt.before {
				ruled(t, do(p), "")
			}
			was := *p
			for _, do := range tt.act {
				ruled(t, do(p), "")
			}
			then, events := *p, len(p.Decisions)
			ruled(t, p.Undo(why, tt.slip, c, "2016-04-11"), tt.rule)
			if tt.rule != "" {
				if p.State != then.State || len(p.Decisions) != events || p.Clock.Due != then.Clock.Due {
					t.Errorf("a refusal left a trace: %+v", p)
				}
				return
			}
			if p.State != was.State || p.Prices != nil {
				t.Errorf("it is %s, and was %s", p.State, was.State)
			}
			is, before := p.Clock, was.Clock
			if days, reason := p.Class(); before.Class == 0 && is.Class == days && is.Reason == reason {
				t.Errorf("its class stands though nobody gave it one: %+v", is)
			}
			if is.Started != before.Started || is.Due != before.Due || is.Stopped != before.Stopped || !slices.Equal(is.Pauses, before.Pauses) || tt.slip != "refer-back" && is.Class != before.Class {
				t.Errorf("its clock is %+v, and was %+v", is, before)
			}
			now, err := is.Used(c, "2016-04-14")
			ruled(t, err, "")
			if then, _ := before.Used(c, "2016-04-14"); now != then {
				t.Errorf("%d days are used, and were %d", now, then)
			}
			if last := p.Decisions[len(p.Decisions)-1]; last.Step != dars.UndoStep || last.Outcome != tt.slip || last.Note != why.Why || len(p.Decisions) != events+1 {
				t.Errorf("it is not on record: %+v", p.Decisions)
			}
			ruled(t, p.Undo(dars.Act{Who: "P-000001"}, tt.slip, c, "2016-04-11"), "no-reason")
		})
	}
}

// What was a slip is found and told as nothing that happened to the case.
func TestSlipsAreNoDecisions(t *testing.T) {
	why := dars.Act{Who: "P-000001", Why: "not this one"}
	p := &dars.Application{Stem: "DARS-NIC-000001-B1C2D", Major: 1, State: dars.Submitted}
	ruled(t, p.Withdraw(why, "2016-04-08"), "")
	found := func() bool { return slices.Contains(p.Card().Keys, dars.By("word", "withdrawn")) }
	if !found() || len(dars.Stood(p.Decisions)) != 1 {
		t.Errorf("a withdrawal is not found: %+v", p.Decisions)
	}
	ruled(t, p.Undo(why, "withdraw", dars.Calendar{}, "2016-04-08"), "")
	if found() || len(dars.Stood(p.Decisions)) != 0 || len(p.Decisions) != 2 {
		t.Errorf("it is found, or not kept: %+v", p.Decisions)
	}
}
