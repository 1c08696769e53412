package dars_test

import (
	"testing"

	"darsd/dars"
)

var toAll = []dars.PersonID{"P-000021", "P-000022", "P-000023", "P-000024"}

// Something has come of a meeting: it said something of an application, or agreed
// earlier minutes.
func saidSomething(t *testing.T, m *dars.Meeting, p *dars.Application) {
	ruled(t, m.Outcome(by("P-000005"), p, dars.Recommended, sat), "")
}

func agreedMinutes(t *testing.T, m *dars.Meeting, _ *dars.Application) {
	ruled(t, (&dars.Meeting{ID: "MEET-000000", On: sat, State: dars.MeetingMinuted}).Agree(m, sat), "")
}

func TestMovingAndCancelling(t *testing.T) {
	silent := dars.Act{Who: "P-000005", Via: dars.SSH}
	move := func(a dars.Act, to dars.Day) func(*dars.Meeting) error {
		return func(m *dars.Meeting) error { return m.Move(a, to, sat) }
	}
	cancel := func(a dars.Act) func(*dars.Meeting) error {
		return func(m *dars.Meeting) error { return m.Cancel(a, sat) }
	}
	tests := map[string]struct {
		there []dars.PersonID
		first func(*testing.T, *dars.Meeting, *dars.Application)
		do    func(*dars.Meeting) error
		rule  string
	}{
		"moved on":                          {nil, nil, move(by("P-000005"), sat.Add(7)), ""},
		"moved without a reason":            {nil, nil, move(silent, sat.Add(7)), "no-reason"},
		"moved to yesterday":                {nil, nil, move(by("P-000005"), sat.Add(-1)), "too-early"},
		"moved to where it is":              {nil, nil, move(by("P-000005"), sat), "known"},
		"moved to no day":                   {nil, nil, move(by("P-000005"), "soon"), "no-date"},
		"moved while it is held":            {toAll[:1], nil, move(by("P-000005"), sat.Add(7)), "being-held"},
		"moved when it has said something":  {toAll, saidSomething, move(by("P-000005"), sat.Add(7)), "outcome-given"},
		"cancelled":                         {nil, nil, cancel(by("P-000005")), ""},
		"cancelled, as there is no quorum":  {toAll[:2], nil, cancel(by("P-000005")), ""},
		"cancelled without a reason":        {nil, nil, cancel(silent), "no-reason"},
		"cancelled when it has said a word": {toAll, saidSomething, cancel(by("P-000005")), "outcome-given"},
		"cancelled after agreeing minutes":  {toAll, agreedMinutes, cancel(by("P-000005")), "outcome-given"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			m, p := sitting(t, tt.there...)
			if tt.first != nil {
				tt.first(t, m, p)
			}
			was := facts(t, m)
			ruled(t, tt.do(m), tt.rule)
			if tt.rule != "" && facts(t, m) != was {
				t.Error("a refusal left a trace")
			}
			if p.State == dars.AtDAAG && len(m.CarriedOver()) != 1 {
				t.Error("what was on its agenda does not wait any more")
			}
		})
	}
	m, _ := sitting(t)
	ruled(t, m.Move(by("P-000005"), sat.Add(7), sat), "")
	ruled(t, m.Attend(&dars.Person{ID: "P-000021", Org: dars.TheOffice, Roles: []dars.Role{dars.Member}}, dars.Chair, sat), "too-early")
	if len(m.Moved) != 1 || m.Moved[0] != (dars.Move{From: sat, To: sat.Add(7), On: sat, Why: "asked for"}) {
		t.Errorf("it was moved: %+v", m.Moved)
	}
	ruled(t, m.Cancel(by("P-000005"), sat), "")
	ruled(t, m.Move(by("P-000005"), sat.Add(9), sat), "wrong-step")
}

// Attendance is put right until an outcome or minutes rest on it.
func TestAttendanceIsPutRight(t *testing.T) {
	tests := map[string]struct {
		first func(*testing.T, *dars.Meeting, *dars.Application)
		who   dars.PersonID
		a     dars.Act
		rule  string
	}{
		"a slip of the pen":          {nil, "P-000022", by("P-000005"), ""},
		"without a reason":           {nil, "P-000022", dars.Act{Who: "P-000005"}, "no-reason"},
		"who is not noted":           {nil, "P-000026", by("P-000005"), "not-found"},
		"an outcome rests on it":     {saidSomething, "P-000022", by("P-000005"), "rests-on-it"},
		"earlier minutes rest on it": {agreedMinutes, "P-000022", by("P-000005"), "rests-on-it"},
		"its own minutes rest on it": {func(t *testing.T, m *dars.Meeting, _ *dars.Application) {
			ruled(t, m.Minute(by("P-000005"), "", nil, sat), "")
		}, "P-000022", by("P-000005"), "wrong-step"},
		"who left for the item": {func(t *testing.T, m *dars.Meeting, p *dars.Application) { withConflict(t, m, p) }, "P-000025", by("P-000005"), "rests-on-it"},
		"who came when it was decided": {func(t *testing.T, m *dars.Meeting, p *dars.Application) {
			saidSomething(t, m, p)
			ruled(t, m.Attend(&dars.Person{ID: "P-000026", Org: dars.TheOffice, Roles: []dars.Role{dars.Member}}, dars.Professional, sat), "")
		}, "P-000026", by("P-000005"), ""},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			m, p := sitting(t, toAll...)
			if tt.first != nil {
				tt.first(t, m, p)
			}
			was := facts(t, m)
			ruled(t, m.Absent(tt.a, tt.who), tt.rule)
			if tt.rule != "" && facts(t, m) != was {
				t.Error("a refusal left a trace")
			}
			for _, at := range m.Present {
				if tt.rule == "" && at.Person == tt.who {
					t.Error("they are still there")
				}
			}
		})
	}
	m, _ := sitting(t, "P-000021")
	ruled(t, m.Absent(by("P-000005"), "P-000021"), "")
	ruled(t, m.Attend(&dars.Person{ID: "P-000022", Org: dars.TheOffice, Roles: []dars.Role{dars.Member}}, dars.Chair, sat), "")
}

// withConflict has one more member there, who leaves for the item.
func withConflict(t *testing.T, m *dars.Meeting, p *dars.Application) {
	ruled(t, m.Attend(&dars.Person{ID: "P-000025", Org: dars.TheOffice, Roles: []dars.Role{dars.Member}}, dars.Lay, sat), "")
	ruled(t, m.Declare(p.ID(), "P-000025", "sits on its board"), "")
	saidSomething(t, m, p)
}

// An extract says of one case what was said, and of others nothing.
func TestAnExtract(t *testing.T) {
	m, p := sitting(t, toAll...)
	other := &dars.Application{Stem: "DARS-NIC-000002-C3D4F", Major: 1, State: dars.AtDAAG}
	ruled(t, m.Table(other, "P-000004"), "")
	ruled(t, m.Declare(other.ID(), "P-000022", "a secret of the other"), "")
	saidSomething(t, m, p)
	m.Cleared = []dars.Clearance{{Application: "DARS-NIC-000003-F5G6H-v1", Text: "a secret of a third"}, {Application: "DARS-NIC-000001-B1C2D-v1", Text: "ours"}}
	m.Other = "a secret of a fourth"
	x := m.Extract(p.Stem)
	if len(x.Agenda) != 1 || x.Agenda[0].Case != p.Stem || len(x.Cleared) != 1 || x.Cleared[0].Text != "ours" || x.Other != "" || len(x.Present) != 4 {
		t.Errorf("it says %+v", x)
	}
	if len(m.Agenda) != 2 || len(m.Cleared) != 2 || m.Other == "" {
		t.Error("the meeting itself has changed")
	}
}
