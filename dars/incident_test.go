package dars_test

import (
	"testing"

	"darsd/dars"
)

// Which releases an incident affects: what is not known of one does not leave it out.
func TestWhatAnIncidentTouches(t *testing.T) {
	release := dars.Touchable{Refs: []string{"REL-000001", "FILE0000001"}, Agreements: []string{"DARS-NIC-000001-B1C2D-v1.0", "DARS-NIC-000001-B1C2D"}, Dataset: []string{"HES_APC", "Hospital episodes"},
		Periods: []string{"200199"}, Columns: []string{"LSOA", "POSTCODE"}, Orgs: []string{"RA1", "RA2"}, Treatment: dars.Uphold, From: "2016-03-10", Until: "2016-03-14"}
	with := func(change func(*dars.Touchable)) dars.Touchable { r := release; change(&r); return r }
	unapplied := func(from, until dars.Day) dars.Incident {
		return dars.Incident{Kind: "objections-not-applied", Scope: dars.Scope{From: from, Until: until}}
	}
	column := func(name string) dars.Incident {
		return dars.Incident{Kind: "wrong-column", Scope: dars.Scope{Datasets: []string{"hes_apc"}, Columns: []string{name}}}
	}
	lost := func(org string) dars.Incident {
		return dars.Incident{Kind: "lost-media", Scope: dars.Scope{Orgs: []string{org}}}
	}
	tests := map[string]struct {
		incident      dars.Incident
		release       dars.Touchable
		touched, sure bool
	}{
		"made and let out while objections were not applied":  {unapplied("2014-01-01", "2016-04-30"), release, true, true},
		"made on the last day, let out after it":              {unapplied("2014-01-01", "2016-03-10"), release, true, false},
		"made after it":                                       {unapplied("2014-01-01", "2016-03-09"), release, false, false},
		"let out on the first day":                            {unapplied("2016-03-14", "2016-04-30"), release, true, false},
		"let out before it":                                   {unapplied("2016-03-15", "2016-04-30"), release, false, false},
		"with the records of those who object, by law":        {unapplied("2014-01-01", "2016-04-30"), with(func(r *dars.Touchable) { r.Treatment = dars.NotUpheld }), false, true},
		"of which a register does not say how it was treated": {unapplied("2014-01-01", "2016-04-30"), with(func(r *dars.Touchable) { r.Treatment = "" }), true, false},
		"let out nobody knows when":                           {unapplied("2014-01-01", "2016-04-30"), with(func(r *dars.Touchable) { r.From, r.Until = "", "" }), true, false},
		"with the column":                                     {column("lsoa"), release, true, true},
		"without the column":                                  {column("DOB"), release, false, true},
		"of which nobody knows the columns":                   {column("DOB"), with(func(r *dars.Touchable) { r.Columns = nil }), true, false},
		"of another dataset":                                  {column("LSOA"), with(func(r *dars.Touchable) { r.Dataset = []string{"HES_OP"} }), false, true},
		"at a processor":                                      {lost("RA2"), release, true, true},
		"at nobody of those":                                  {lost("RA3"), release, false, true},
		"at one whose name is spelt otherwise":                {lost("Univ. of Leeds"), with(func(r *dars.Touchable) { r.Orgs = []string{"THE UNIVERSITY OF LEEDS"} }), true, true},
		"by its file":                                         {dars.Incident{Kind: "misdelivered", Scope: dars.Scope{Releases: []string{"file0000001"}}}, release, true, true},
		"by its case":                                         {dars.Incident{Kind: "outside-purpose", Scope: dars.Scope{Agreements: []string{"DARS-NIC-000001-B1C2D"}}}, release, true, true},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			touched, sure := tt.incident.Touches(tt.release)
			if touched != tt.touched || touched && sure != tt.sure {
				t.Errorf("touched %t, sure %t", touched, sure)
			}
		})
	}
}

func TestAnIncidentSaysEnough(t *testing.T) {
	tests := map[string]struct {
		incident dars.Incident
		rule     string
	}{
		"a wrong column":                   {dars.Incident{Kind: "wrong-column", Scope: dars.Scope{Datasets: []string{"HES_APC"}, Columns: []string{"LSOA"}}, Says: "s"}, ""},
		"of no kind":                       {dars.Incident{Kind: "bad-luck", Says: "s"}, "no-kind"},
		"objections without an end":        {dars.Incident{Kind: "objections-not-applied", Scope: dars.Scope{From: "2016-01-01"}, Says: "s"}, "too-wide"},
		"a lost laptop of nobody":          {dars.Incident{Kind: "lost-media", Says: "s"}, "too-wide"},
		"an end before its beginning":      {dars.Incident{Kind: "objections-not-applied", Scope: dars.Scope{From: "2016-02-01", Until: "2016-01-31"}, Says: "s"}, "bad-term"},
		"no date":                          {dars.Incident{Kind: "objections-not-applied", Scope: dars.Scope{From: "January", Until: "2016-01-31"}, Says: "s"}, "no-date"},
		"found tomorrow":                   {dars.Incident{Kind: "lost-media", Scope: dars.Scope{Orgs: []string{"RA1"}}, Found: "2026-03-03", Says: "s"}, "in-future"},
		"a patient's number in its words":  {dars.Incident{Kind: "lost-media", Scope: dars.Scope{Orgs: []string{"RA1"}}, Says: "it was of 943 476 5919"}, "patient-number"},
		"a patient's number in its column": {dars.Incident{Kind: "wrong-column", Scope: dars.Scope{Datasets: []string{"HES_APC"}, Columns: []string{"9434765919"}}, Says: "s"}, "patient-number"},
		"no words":                         {dars.Incident{Kind: "lost-media", Scope: dars.Scope{Orgs: []string{"RA1"}}}, "no-text"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			tt.incident.Recorded = "2026-03-02"
			err := tt.incident.Check()
			if tt.rule == "" && err != nil {
				t.Fatal(err)
			}
			if tt.rule != "" {
				ruled(t, err, tt.rule)
			}
		})
	}
}

// The months that a register says, and the editions that it is published in.
func TestWhenARegisterSaysItLeft(t *testing.T) {
	tests := map[string]struct {
		row         dars.ImportedRelease
		from, until dars.Day
	}{
		"its month":               {dars.ImportedRelease{Said: map[string]string{"month": "Feb-20"}, Editions: []string{"2020-01-to-2020-03"}}, "2020-02-01", "2020-02-29"},
		"its edition":             {dars.ImportedRelease{Editions: []string{"2017-09-to-2017-11"}}, "2017-09-01", "2017-11-30"},
		"an edition of one month": {dars.ImportedRelease{Editions: []string{"2021-02"}}, "2021-02-01", "2021-02-28"},
		"left out of earlier":     {dars.ImportedRelease{Amendment: true, Editions: []string{"2017-09-to-2017-11"}}, "", "2017-11-30"},
		"another name":            {dars.ImportedRelease{Editions: []string{"autumn"}}, "", ""},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			if got := tt.row.Affects("", ""); got.From != tt.from || got.Until != tt.until {
				t.Errorf("from %q until %q", got.From, got.Until)
			}
		})
	}
}

// Who has answered for a file, and who still has to.
func TestAnswersToARecall(t *testing.T) {
	type said struct{ file, holder, answer, why, rule string }
	tests := map[string]struct {
		said []said
		open int // files
	}{
		"nobody":                            {nil, 1},
		"both at once":                      {[]said{{"F1", "", dars.Destroyed, "", ""}}, 0},
		"one of two":                        {[]said{{"F1", "RA1", dars.Destroyed, "", ""}}, 1},
		"one after the other":               {[]said{{"F1", "RA1", dars.Destroyed, "", ""}, {"F1", "RA2", dars.ProcessedInto, "a model", ""}}, 0},
		"set apart is not the end":          {[]said{{"F1", "", dars.SetApart, "", ""}}, 1},
		"set apart, then destroyed":         {[]said{{"F1", "", dars.SetApart, "", ""}, {"F1", "", dars.Destroyed, "", ""}}, 0},
		"processed into nobody knows what":  {[]said{{"F1", "RA1", dars.ProcessedInto, "", "no-reason"}}, 1},
		"an answer of nobody who has it":    {[]said{{"F1", "RA3", dars.Destroyed, "", "not-a-holder"}}, 1},
		"the ledger's own word":             {[]said{{"F1", "RA1", dars.NeverCollected, "", "no-answer"}}, 1},
		"for what nobody collected":         {[]said{{"F2", "", dars.Destroyed, "", "needs-none"}}, 1},
		"for what is not called back":       {[]said{{"F3", "", dars.Destroyed, "", "not-found"}}, 1},
		"twice for everybody":               {[]said{{"F1", "", dars.Destroyed, "", ""}, {"F1", "", dars.SetApart, "", "answered"}}, 0},
		"one holder's answer put right":     {[]said{{"F1", "", dars.Destroyed, "", ""}, {"F1", "RA2", dars.SetApart, "found a tape", ""}}, 1},
		"everybody but the one who said it": {[]said{{"F1", "RA1", dars.ProcessedInto, "a model", ""}, {"F1", "", dars.Destroyed, "", ""}}, 0},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			n := &dars.RecallNotice{Agreement: "G", Files: []dars.RecalledFile{{File: "F1", Holders: []string{"RA1", "RA2"}}, {File: "F2", Holders: []string{"RA1", "RA2"}}}}
			n.Files[1].Known(dars.NeverCollected, "", "2026-03-02")
			n.Send(&dars.Recall{ID: "RCL-000001"})
			for _, s := range tt.said {
				was := facts(t, n)
				err := n.Answer(dars.Act{Who: "P-000001", Why: s.why}, s.file, s.holder, s.answer, "2026-03-02")
				if s.rule == "" && err != nil {
					t.Fatal(err)
				}
				if s.rule != "" {
					ruled(t, err, s.rule)
					if facts(t, n) != was {
						t.Errorf("a refusal left a trace: %s", facts(t, n))
					}
				}
			}
			if n.Unanswered != tt.open {
				t.Errorf("%d files are open: %s", n.Unanswered, facts(t, n))
			}
		})
	}
}
