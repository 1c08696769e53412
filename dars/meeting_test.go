package dars_test

import (
	"slices"
	"testing"

	"darsd/dars"
)

const sat = dars.Day("2026-03-10")

// members are a chair, two professionals, a patient and two lay members.
var members = map[dars.PersonID]dars.MemberKind{"P-000021": dars.Chair, "P-000022": dars.Professional, "P-000023": dars.Patient, "P-000024": dars.Lay, "P-000025": dars.Lay, "P-000026": dars.Professional}

// sitting is a meeting at which some members are, with one application before it.
func sitting(t *testing.T, there ...dars.PersonID) (*dars.Meeting, *dars.Application) {
	t.Helper()
	m, err := dars.Call("MEET-000001", sat, sat, dars.Quorum{})
	if err != nil {
		t.Fatal(err)
	}
	p := &dars.Application{Stem: "DARS-NIC-000001-B1C2D", Major: 1, Kind: dars.NewCase, State: dars.AtDAAG, By: "P-000001",
		Form: dars.Form{Datasets: []dars.DatasetRequest{{Code: "HES_APC", Identifiability: "IDENT"}}}}
	ruled(t, m.Table(p, "P-000003"), "")
	for _, id := range there {
		ruled(t, m.Attend(&dars.Person{ID: id, Org: dars.TheOffice, Roles: []dars.Role{dars.Member}}, members[id], sat), "")
	}
	return m, p
}

// Without a quorum for an item nothing comes of it; who has a conflict of interest
// or worked on the case does not count.
func TestQuorum(t *testing.T) {
	all := []dars.PersonID{"P-000021", "P-000022", "P-000023", "P-000024", "P-000025"}
	tests := map[string]struct {
		there     []dars.PersonID
		conflicts []dars.PersonID
		worked    dars.PersonID // has reviewed it
		rule      string
		took, lay int
	}{
		"all":                        {all, nil, "", "", 5, 2},
		"four, one of them lay":      {all[:4], nil, "", "", 4, 1},
		"three":                      {all[1:4], nil, "", "no-quorum", 0, 0},
		"five, and nobody chairs":    {append(slices.Clone(all[1:]), "P-000026"), nil, "", "no-quorum", 0, 0},
		"the chair is excluded":      {all, all[:1], "", "", 4, 2},
		"nobody":                     {nil, nil, "", "no-quorum", 0, 0},
		"four without a lay member":  {[]dars.PersonID{"P-000021", "P-000022", "P-000023", "P-000026"}, nil, "", "no-quorum", 0, 0},
		"one of five is excluded":    {all, all[1:2], "", "", 4, 2},
		"two of five are excluded":   {all, all[1:3], "", "no-quorum", 0, 0},
		"both lay ones are excluded": {all, all[3:5], "", "no-quorum", 0, 0},
		"one of four worked on it":   {all[:4], nil, "P-000022", "no-quorum", 0, 0},
		"one of five worked on it":   {all, nil, "P-000022", "", 4, 2},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			m, p := sitting(t, tt.there...)
			for _, id := range tt.conflicts {
				ruled(t, m.Declare(p.ID(), id, "sits on its board"), "")
			}
			p.Review.By = tt.worked
			was, before := facts(t, p), facts(t, m)
			ruled(t, m.Outcome(by("P-000005"), p, dars.Recommended, sat), tt.rule)
			if tt.rule != "" {
				if facts(t, p) != was || facts(t, m) != before {
					t.Error("a refusal left a trace")
				}
				return
			}
			d, i := p.Decisions[0], m.Agenda[0]
			if d.Meeting != m.ID || d.Members != tt.took || d.Lay != tt.lay || len(i.Took) != tt.took || len(i.Took)+len(i.Without) != len(tt.there) {
				t.Errorf("%+v, %+v", d, i)
			}
		})
	}
}

// What a meeting said is entered within four weeks of it.
func TestAnOutcomeIsOfItsMeeting(t *testing.T) {
	for after, rule := range map[int]string{0: "", 28: "", 29: "too-late"} {
		m, p := sitting(t, "P-000021", "P-000022", "P-000023", "P-000024")
		was := facts(t, p)
		ruled(t, m.Outcome(by("P-000005"), p, dars.Recommended, sat.Add(after)), rule)
		if rule != "" && facts(t, p) != was {
			t.Error("a refusal left a trace")
		}
	}
}

// Who takes no part in an item speaks for nobody on it afterwards.
func TestAChairWithAConflictClearsNothing(t *testing.T) {
	tests := map[string]struct {
		change func(m *dars.Meeting, p *dars.Application)
		rule   string
	}{
		"the chair": {func(*dars.Meeting, *dars.Application) {}, ""},
		"with a conflict": {func(m *dars.Meeting, p *dars.Application) {
			ruled(t, m.Declare(p.ID(), "P-000021", "sits on its board"), "")
		}, "conflict"},
		"who has reviewed the case": {func(_ *dars.Meeting, p *dars.Application) { p.Review.By = "P-000021" }, "conflict"},
		"another has a conflict": {func(m *dars.Meeting, p *dars.Application) {
			ruled(t, m.Declare(p.ID(), "P-000022", "sits on its board"), "")
		}, ""},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			m, p := sitting(t, "P-000021", "P-000022")
			tt.change(m, p)
			ruled(t, m.Unbiased(p, "P-000021"), tt.rule)
		})
	}
}

func TestAMeeting(t *testing.T) {
	member := &dars.Person{ID: "P-000024", Org: dars.TheOffice, Roles: []dars.Role{dars.Member}}
	tests := map[string]struct {
		do   func(*dars.Meeting, *dars.Application) error
		rule string
	}{
		"a member comes":       {func(m *dars.Meeting, _ *dars.Application) error { return m.Attend(member, dars.Lay, sat) }, ""},
		"before its day":       {func(m *dars.Meeting, _ *dars.Application) error { return m.Attend(member, dars.Lay, sat.Add(-1)) }, "too-early"},
		"as a second chair":    {func(m *dars.Meeting, _ *dars.Application) error { return m.Attend(member, dars.Chair, sat) }, "known"},
		"as what there is not": {func(m *dars.Meeting, _ *dars.Application) error { return m.Attend(member, "guest", sat) }, "no-kind"},
		"somebody who is no member": {func(m *dars.Meeting, _ *dars.Application) error {
			return m.Attend(&dars.Person{ID: "P-000002", Org: dars.TheOffice, Roles: []dars.Role{dars.CaseOfficer}}, dars.Lay, sat)
		}, "no-role"},
		"somebody who is there": {func(m *dars.Meeting, _ *dars.Application) error {
			return m.Attend(&dars.Person{ID: "P-000021", Org: dars.TheOffice, Roles: []dars.Role{dars.Member}}, dars.Lay, sat)
		}, "known"},
		"a conflict without a reason": {func(m *dars.Meeting, p *dars.Application) error { return m.Declare(p.ID(), "P-000021", "") }, "no-reason"},
		"a conflict in another": {func(m *dars.Meeting, _ *dars.Application) error {
			return m.Declare("DARS-NIC-000009-B1C2D-v1", "P-000021", "why")
		}, "not-on-agenda"},
		"the same application twice": {func(m *dars.Meeting, p *dars.Application) error { return m.Table(p, "P-000003") }, "known"},
		"minutes before its day": {func(m *dars.Meeting, _ *dars.Application) error {
			return m.Minute(by("P-000005"), "", nil, sat.Add(-1))
		}, "too-early"},
		"an outcome before its day": {func(m *dars.Meeting, p *dars.Application) error {
			return m.Outcome(by("P-000005"), p, dars.Rejected, sat.Add(-1))
		}, "too-early"},
		"a conflict after the outcome": {func(m *dars.Meeting, p *dars.Application) error {
			m.Agenda[0].Outcome = dars.Rejected
			return m.Declare(p.ID(), "P-000021", "why")
		}, "wrong-step"},
		"an outcome after the minutes": {func(m *dars.Meeting, p *dars.Application) error {
			m.State = dars.MeetingMinuted
			return m.Outcome(by("P-000005"), p, dars.Rejected, sat)
		}, "wrong-step"},
		"minutes with a patient": {func(m *dars.Meeting, _ *dars.Application) error {
			return m.Minute(by("P-000005"), "It is about 943 476 5919.", nil, sat)
		}, "patient-number"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			m, p := sitting(t, "P-000021")
			ruled(t, tt.do(m, p), tt.rule)
		})
	}
	for rule, day := range map[string]dars.Day{"too-early": sat.Add(-1), "no-date": "soon", "": sat} {
		_, err := dars.Call("MEET-000001", day, sat, dars.Quorum{})
		ruled(t, err, rule)
	}
}

func TestLifeOfAMeeting(t *testing.T) {
	later, _ := sitting(t, "P-000021", "P-000022", "P-000023", "P-000024")
	walk(t, path[dars.MeetingState, *dars.Meeting]{
		life: dars.MeetingLife,
		make: func(s dars.MeetingState) *dars.Meeting { return &dars.Meeting{ID: "MEET-000000", On: sat, State: s} },
		deeds: map[dars.MeetingState]map[string]func(*dars.Meeting) error{
			dars.MeetingMinuted:   {"minutes": func(m *dars.Meeting) error { return m.Minute(by("P-000005"), "", nil, sat) }},
			dars.MeetingCancelled: {"cancel": func(m *dars.Meeting) error { return m.Cancel(by("P-000005"), sat) }},
			dars.MeetingAgreed:    {"agree": func(m *dars.Meeting) error { return m.Agree(later, sat) }},
		},
	})
	small, _ := sitting(t, "P-000021")
	ruled(t, (&dars.Meeting{ID: "MEET-000000", State: dars.MeetingMinuted}).Agree(small, sat), "no-quorum")
}

// What each outcome may leave to do.
func TestWhatAnOutcomeLeaves(t *testing.T) {
	point := dars.Point{Owner: dars.TheApplicant, Due: sat, Text: "publish an amended privacy notice"}
	late, blocks, odd := point, point, point
	late.Due, blocks.Blocks, odd.Blocks = sat.Add(-1), dars.StagePublish, "lunch"
	tests := map[string]struct {
		outcome dars.ApplicationState
		points  []dars.Point
		rule    string
	}{
		"recommended":                     {dars.Recommended, nil, ""},
		"recommended, with something":     {dars.Recommended, []dars.Point{point}, "no-action"},
		"rejected":                        {dars.Rejected, nil, ""},
		"with caveats, but none":          {dars.WithCaveats, nil, "no-action"},
		"with a caveat":                   {dars.WithCaveats, []dars.Point{point}, ""},
		"with one that blocks a stage":    {dars.WithCaveats, []dars.Point{blocks}, ""},
		"with one that blocks no stage":   {dars.WithCaveats, []dars.Point{odd}, "no-stage"},
		"deferred, for nothing":           {dars.Deferred, nil, "no-action"},
		"deferred":                        {dars.Deferred, []dars.Point{point}, ""},
		"deferred, blocking a stage":      {dars.Deferred, []dars.Point{blocks}, "no-stage"},
		"withdrawn":                       {dars.Returned, []dars.Point{point}, ""},
		"withdrawn, for nothing":          {dars.Returned, nil, "no-action"},
		"deferred, until yesterday":       {dars.Deferred, []dars.Point{point, late}, "too-early"},
		"what the applicant decides":      {dars.TakenBack, nil, "no-outcome"},
		"what is the SIRO's":              {dars.Approved, nil, "no-outcome"},
		"deferred, without saying a word": {dars.Deferred, []dars.Point{{Owner: dars.TheApplicant, Due: sat}}, "no-text"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			m, p := sitting(t, "P-000021", "P-000022", "P-000023", "P-000024")
			was := facts(t, p)
			ruled(t, m.Outcome(by("P-000005"), p, tt.outcome, sat, tt.points...), tt.rule)
			if tt.rule != "" && facts(t, p) != was {
				t.Error("a refusal left a trace")
			}
			if tt.rule == "" && (p.State != tt.outcome || len(p.Actions) != len(tt.points)) {
				t.Errorf("it is %s with %+v", p.State, p.Actions)
			}
			for _, a := range p.Actions {
				if tt.rule == "" && (a.Meeting != m.ID || a.Caveat != (tt.outcome == dars.WithCaveats)) {
					t.Errorf("%+v", a)
				}
			}
		})
	}
}

// It is presented again when what DAAG asked for is done, and not before.
func TestPresentedAgain(t *testing.T) {
	const on = sat
	office := &dars.Person{ID: "P-000002", Org: dars.TheOffice}
	outside := &dars.Person{ID: "P-000001", Org: "RA1"}
	for _, outcome := range []dars.ApplicationState{dars.WithCaveats, dars.Deferred, dars.Returned} {
		m, p := sitting(t, "P-000021", "P-000022", "P-000023", "P-000024")
		points := []dars.Point{{Owner: dars.TheApplicant, Due: on, Text: "publish a notice"}}
		if outcome == dars.WithCaveats {
			points = append(points, dars.Point{Owner: office.ID, Due: on, Text: "see the server", Blocks: dars.StagePublish})
		}
		ruled(t, m.Outcome(by("P-000005"), p, outcome, on, points...), "")
		ruled(t, p.Present(by("P-000003"), on), "actions-open")
		ruled(t, p.AnswerAction(by("P-000001"), outside, 1, "done", on), "")
		if outcome == dars.WithCaveats {
			ruled(t, p.CloseAction(by("P-000002"), 1, on), "caveat")
		} else {
			ruled(t, p.Present(by("P-000003"), on), "actions-open")
			ruled(t, p.CloseAction(by("P-000002"), 1, on), "")
		}
		ruled(t, p.Present(by("P-000003"), on), "")
		again, _ := sitting(t, "P-000021", "P-000022", "P-000023", "P-000024")
		again.ID, again.Agenda = "MEET-000002", nil
		ruled(t, again.Table(p, "P-000003"), "")
		ruled(t, again.Outcome(by("P-000005"), p, dars.Recommended, on), "")
		if p.Actions[0].State != dars.ActionDone || p.Actions[0].Meeting != "MEET-000001" {
			t.Errorf("%s: %+v", outcome, p.Actions[0])
		}
		ruled(t, p.SIRO(by("P-000009"), true, on), "")
		want := ""
		if outcome == dars.WithCaveats {
			want = "caveat"
		}
		ruled(t, p.Unblocked(dars.StagePublish), want)
		ruled(t, p.Unblocked(dars.StagePlan), "")
	}
}

// Two people clear a caveat, and it stands in one meeting's minutes.
func TestClearing(t *testing.T) {
	m, p := sitting(t, "P-000021", "P-000022", "P-000023", "P-000024")
	ruled(t, m.Outcome(by("P-000005"), p, dars.WithCaveats, sat, dars.Point{Owner: dars.TheApplicant, Due: sat, Text: "publish a notice"}), "")
	ruled(t, p.SIRO(by("P-000009"), true, sat), "caveat")
	ruled(t, p.Clear(by("P-000005"), 2, dars.AsSecretary, sat), "not-found")
	ruled(t, p.Clear(by("P-000005"), 1, dars.AsSecretary, sat), "")
	ruled(t, p.Clear(by("P-000006"), 1, dars.AsSecretary, sat), "same-person")
	ruled(t, p.Clear(by("P-000005"), 1, dars.AsChair, sat), "same-person")
	ruled(t, p.SIRO(by("P-000009"), true, sat), "caveat")
	ruled(t, p.Clear(by("P-000021"), 1, dars.AsChair, sat), "")
	ruled(t, p.Clear(by("P-000021"), 1, dars.AsChair, sat), "wrong-step")
	ruled(t, p.ReopenAction(by("P-000002"), 1, sat), "caveat")
	ruled(t, p.SIRO(by("P-000009"), true, sat), "")
	for i, want := range []int{1, 0} {
		next, _ := sitting(t)
		ruled(t, next.Minute(by("P-000005"), "", []*dars.Application{p}, sat), "")
		if len(next.Cleared) != want {
			t.Errorf("meeting %d minutes %+v", i, next.Cleared)
		}
	}
}

// Whatever does not simply recommend says why: the applicant reads it.
func TestAnOutcomeSaysWhy(t *testing.T) {
	silent := dars.Act{Who: "P-000005", Via: dars.SSH}
	point := dars.Point{Owner: dars.TheApplicant, Due: sat, Text: "publish a notice"}
	for outcome, rule := range map[dars.ApplicationState]string{dars.Recommended: "", dars.Rejected: "no-reason", dars.WithCaveats: "no-reason", dars.Deferred: "no-reason", dars.Returned: "no-reason"} {
		m, p := sitting(t, "P-000021", "P-000022", "P-000023", "P-000024")
		var points []dars.Point
		if outcome != dars.Recommended && outcome != dars.Rejected {
			points = append(points, point)
		}
		ruled(t, m.Outcome(silent, p, outcome, sat, points...), rule)
		ruled(t, m.Outcome(by("P-000005"), p, outcome, sat, points...), map[bool]string{true: "wrong-step"}[rule == ""])
	}
}
