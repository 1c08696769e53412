package dars_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"darsd/dars"
)

func TestPeopleCount(t *testing.T) {
	for n, want := range map[int]string{-1: "0", 0: "0", 1: "*", 7: "*", 8: "10", 12: "10", 13: "15", 22: "20", 23: "25"} {
		if got := dars.PeopleCount(n); got != want {
			t.Errorf("%d people are published as %s, not %s", n, got, want)
		}
	}
}

// Every state that a request can be in has a stage, or is said to have none.
func TestEveryStateHasAStage(t *testing.T) {
	for from, to := range dars.ApplicationLife {
		for _, s := range append(to, from) {
			if _, ok := dars.StageOfApplication[s]; !ok {
				t.Errorf("an application that is %s is in no stage", s)
			}
		}
	}
	for from, to := range dars.AgreementLife {
		for _, s := range append(to, from) {
			if _, ok := dars.StageOfAgreement[s]; !ok {
				t.Errorf("an agreement that is %s is in no stage", s)
			}
		}
	}
}

func TestPublicRelease(t *testing.T) {
	g := &dars.Agreement{ID: "G-v1.0", Datasets: []dars.DatasetRequest{{Code: "HES", Identifiability: "IDENT", Gateway: "HSCA261_7", Frequency: "ONE_OFF", Sensitive: true}}}
	under := dars.ReleasedUnder{Agreement: g, Org: "Leeds", Dataset: "Admissions"}
	files := []dars.ReleaseFile{{ID: "FILE0000001", Period: "201999"}, {ID: "FILE0000002", Period: "202099"}}
	tests := map[string]struct {
		release dars.Release
		rows    []string // id, opt-outs, state
	}{
		"not yet published":        {dars.Release{ID: "REL-1", State: dars.SignedOff, Files: files}, nil},
		"a row for each file":      {dars.Release{ID: "REL-1", State: dars.Published, Published: "2026-07-01", Files: files}, []string{"FILE0000001 Y released", "FILE0000002 Y released"}},
		"withdrawn stays":          {dars.Release{ID: "REL-1", State: dars.ReleaseWithdrawn, Published: "2026-07-01", Files: files[:1]}, []string{"FILE0000001 Y withdrawn"}},
		"withdrawn before it left": {dars.Release{ID: "REL-1", State: dars.ReleaseWithdrawn, Files: files}, nil},
		"objections not upheld": {dars.Release{ID: "REL-1", State: dars.Published, Published: "2026-07-01", Files: files[:1], Objections: dars.Upheld{Treatment: dars.NotUpheld, Reason: "N_CONSENT"}},
			[]string{"FILE0000001 N - Every patient in the data has consented to this use released"}},
		"system access": {dars.Release{ID: "REL-2", State: dars.AccessGranted, Access: &dars.Access{Granted: "2026-07-01"}}, []string{"REL-2 Y released"}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			tt.release.Dataset = "HES"
			tt.release.Counts = dars.ReleaseCounts{PersonsWithheld: 3, RowsOut: 654321}
			var got []string
			for _, r := range tt.release.Public(under) {
				got = append(got, r.ID+" "+r.OptOuts+" "+r.State)
				text, _ := json.Marshal(r)
				if strings.Contains(string(text), "654321") || strings.Contains(string(text), "withheld\":") {
					t.Errorf("it says how many people are in it: %s", text)
				}
			}
			if !slices.Equal(got, tt.rows) {
				t.Errorf("%q, not %q", got, tt.rows)
			}
		})
	}
}

// Nobody is named, however the name is written; and a name that stands in our own words
// does not loop.
func TestPublicApplicationNamesNobody(t *testing.T) {
	p := &dars.Application{Stem: "DARS-NIC-000001-X0X0X", Major: 1, State: dars.Declined, Clock: dars.SLA{Started: "2026-01-05", Class: 14}, By: "P-000001", Officer: "P-000002",
		Form:      dars.Form{Title: "A study of Ada Lovelace", Contact: "ada", Purpose: dars.Purpose{Objective: "ask ADA LOVELACE at ada@example.org; personal data"}},
		Decisions: []dars.Decision{{Step: "assessed", By: "P-000003", Note: "a note of the office"}, {Step: "siro", Outcome: "declined", By: "P-000004", Note: "Ada Lovelace has not said why", Members: 5, Lay: 2}}}
	look := dars.Naming{Org: func(c dars.OrgCode) string { return string(c) }, Dataset: func(d string) string { return d }}
	text, err := json.Marshal(p.Page(dars.AtNone, look, dars.Unsaid{Names: []string{"Ada Lovelace", "ada@example.org", "personal data", ""}}))
	if err != nil {
		t.Fatal(err)
	}
	for _, word := range []string{"lovelace", "ada@", "p-00000", "a note of the office"} {
		if strings.Contains(strings.ToLower(string(text)), word) {
			t.Errorf("it says %q: %s", word, text)
		}
	}
	if !strings.Contains(string(text), dars.NameWithheld) || !strings.Contains(string(text), `"lay":2`) {
		t.Errorf("it does not say what is withheld, or who took part: %s", text)
	}
}

func TestDashboard(t *testing.T) {
	app := func(n int, state dars.ApplicationState, clock dars.SLA) *dars.Application {
		return &dars.Application{Stem: dars.CaseStem(n), Major: 1, State: state, Clock: clock, Submitted: "2026-03-02"}
	}
	c := dars.Calendar{Version: "t", Holidays: map[dars.Day]string{}}
	for _, day := range []dars.Day{"2026-01-01", "2026-12-21", "2026-12-22", "2026-12-23", "2026-12-24", "2026-12-25", "2026-12-28", "2026-12-29"} {
		c.Holidays[day] = "a day off"
	}
	f := dars.DashboardFacts{On: "2026-04-30",
		Applications: []*dars.Application{
			app(1, dars.Submitted, dars.SLA{}), app(2, dars.Accepted, dars.SLA{Class: 14, Started: "2026-03-02"}),
			app(3, dars.Approved, dars.SLA{Class: 14, Started: "2026-03-02", Stopped: "2026-03-20"}), app(4, dars.Approved, dars.SLA{Class: 14, Started: "2026-03-02", Stopped: "2026-03-27", Pauses: []dars.Pause{{From: "2026-03-04", Until: "2026-03-11"}}}),
			app(5, dars.Approved, dars.SLA{}), app(6, dars.Declined, dars.SLA{})},
		Agreements: []*dars.Agreement{
			{Application: dars.ApplicationID(dars.CaseStem(4) + "-v1"), State: dars.InForce, End: "2026-04-29"}, {Application: dars.ApplicationID(dars.CaseStem(5) + "-v1"), State: dars.Closed}},
		Certificates: []*dars.Certificate{{State: dars.CertIssued, Due: "2026-04-29"}, {State: dars.CertIssued, Due: "2026-04-30"}, {State: dars.CertAccepted, Due: "2026-01-01"}},
		Releases:     []dars.PublicRelease{{Release: "REL-1", Released: "2026-04-30", Objections: dars.Uphold}, {Release: "REL-2", Released: "2026-05-01", Objections: dars.Uphold}, {Objections: dars.NotUpheld}},
		Changes:      []dars.StateChange{{On: "2026-03-02", Kind: "application", Ref: "A-v1", To: "submitted"}, {On: "2026-04-02", Kind: "application", Ref: "A-v1", To: "approved"}, {On: "2026-05-02", Kind: "application", Ref: "A-v1", To: "declined"}},
		Calendar:     func(string) (dars.Calendar, error) { return c, nil },
	}
	d := f.Dashboard()
	var stages []int
	for _, s := range d.Stages {
		stages = append(stages, s.Requests)
	}
	if d.Requests != 4 || !slices.Equal(stages, []int{1, 1, 1, 1}) || d.Stages[0].Share != 25 {
		t.Errorf("of %d requests %v are in the stages", d.Requests, stages)
	}
	if l := d.Levels[0]; l.Finished != 2 || l.Within != 2 || l.Median != 14 || l.Ninetieth != 14 || l.PausedMedian != 0 || l.Paused90 != 5 || l.Running != 1 || l.Late != 1 {
		t.Errorf("service level: %+v", l)
	}
	if d.Releases.Files != 1 || d.Releases.Upheld != 1 || d.Releases.Imported != 1 || d.Releases.NotUpheld != 1 {
		t.Errorf("releases: %+v", d.Releases)
	}
	if d.Deletion != (dars.DeletionFigure{Awaited: 2, Overdue: 1, Settled: 1}) {
		t.Errorf("deletion: %+v", d.Deletion)
	}
	if len(d.Months) != 2 || d.Months[0].Application != 1 || d.Months[1].Access != 1 || d.Months[1].Decided != 1 || d.Months[1].Files != 1 {
		t.Errorf("months: %+v", d.Months)
	}
}
