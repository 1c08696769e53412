package dars_test

import (
	"strings"
	"testing"

	"darsd/dars"
)

// monthly is an agreement for hospital episodes that come again and again.
func monthly(start, end dars.Day, interval string) *dars.Agreement {
	return &dars.Agreement{ID: "DARS-NIC-000001-B1C2D-v1.0", State: dars.InForce, Start: start, End: end,
		Datasets: []dars.DatasetRequest{{Code: "HES_APC", Periods: []string{"200199"}, Frequency: "ONGOING", Interval: interval}}}
}

// listed is a schedule in a line: "202512 2026-04-01, …".
func listed(all []dars.Instalment) string {
	var said []string
	for _, one := range all {
		said = append(said, one.Period+" "+string(one.On))
	}
	return strings.Join(said, ", ")
}

func TestAScheduleFollowsFromTheDates(t *testing.T) {
	tests := map[string]struct {
		start, end dars.Day
		interval   string
		from, to   dars.Day
		want       string
	}{
		"months, over the end of a year":           {"2026-02-15", "2026-06-14", "MONTHLY", "", "", "202511 2026-03-01, 202512 2026-04-01, 202601 2026-05-01, 202602 2026-06-01"},
		"the first day counts, and the last":       {"2026-03-01", "2026-04-01", "MONTHLY", "", "", "202511 2026-03-01, 202512 2026-04-01"},
		"a month that closes as it ends":           {"2026-03-02", "2026-03-31", "MONTHLY", "", "", ""},
		"quarters":                                 {"2026-03-02", "2027-03-31", "QUARTERLY", "", "", "202512 2026-04-01, 202603 2026-07-01, 202606 2026-10-01, 202609 2027-01-01"},
		"years, which are final":                   {"2026-03-02", "2028-04-01", "ANNUAL", "", "", "202599 2026-04-01, 202699 2027-04-01, 202799 2028-04-01"},
		"in the spelling of the form's words":      {"2026-03-02", "2026-04-30", "Monthly", "", "", "202512 2026-04-01"},
		"no rows before a day":                     {"2026-03-02", "2026-06-30", "MONTHLY", "2026-05-01", "", "202602 2026-06-01"},
		"nothing is added after the last day":      {"2026-03-02", "2026-12-31", "MONTHLY", "", "2026-05-15", "202512 2026-04-01, 202601 2026-05-01, 202602 2026-06-01"},
		"the term is over before a period is":      {"2026-04-02", "2026-04-30", "MONTHLY", "", "", ""},
		"an interval of which nobody knows a word": {"2026-04-02", "2027-04-30", "DAILY", "", "", ""},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			g := monthly(tt.start, tt.end, tt.interval)
			g.Datasets[0].From, g.Datasets[0].To = tt.from, tt.to
			if got := listed(g.Schedule()); got != tt.want {
				t.Errorf("the schedule is %q, want %q", got, tt.want)
			}
			for _, one := range g.Schedule() {
				if !g.Agrees(g.Datasets[0], one.Period) {
					t.Errorf("%s is on the schedule and not agreed", one.Period)
				}
			}
			if g.Agrees(g.Datasets[0], "202404") || !g.Agrees(g.Datasets[0], "200199") {
				t.Error("what is agreed is not what is named and what is on the schedule")
			}
			g.Datasets[0].Frequency = "ONE_OFF"
			if once := g.Schedule(); once != nil {
				t.Errorf("what comes once has a schedule: %q", listed(once))
			}
		})
	}
}

// Each is planned once, when its period has closed; those before it in its year are not
// wanted any more.
func TestAnInstalmentIsPlannedOnce(t *testing.T) {
	tests := map[string]struct {
		period string
		on     dars.Day
		rule   string
		wanted string // afterwards
	}{
		"on its day":                      {"202601", "2026-05-01", "", "202602 2026-06-01, 202603 2026-07-01"},
		"the newest, of a year":           {"202602", "2026-06-01", "", "202512 2026-04-01, 202603 2026-07-01"},
		"before its period has closed":    {"202601", "2026-04-30", "nothing-due", ""},
		"of no schedule":                  {"202505", "2026-06-01", "nothing-due", ""},
		"planned already":                 {"202512", "2026-06-01", "nothing-due", ""},
		"when the agreement has run out":  {"202603", "2026-08-01", "not-in-force", ""},
		"a year of which none is planned": {"202603", "2026-07-01", "", "202512 2026-04-01"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			g := monthly("2026-03-02", "2026-07-31", "MONTHLY")
			if !strings.Contains(name, "newest") && !strings.Contains(name, "none") {
				g.Instalments = []dars.Instalment{{Dataset: "HES_APC", Period: "202512", On: "2026-04-01", Release: "REL-000001"}}
			}
			was := facts(t, g)
			err := g.PlanInstalment(dars.Instalment{Dataset: "HES_APC", Period: tt.period}, "REL-000002", tt.on)
			if tt.rule != "" {
				ruled(t, err, tt.rule)
				if facts(t, g) != was {
					t.Error("a refusal left a trace")
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if got := listed(g.Wanted()); got != tt.wanted {
				t.Errorf("still wanted are %q, want %q", got, tt.wanted)
			}
		})
	}
}

func TestWhichPeriodOvertakesWhich(t *testing.T) {
	tests := map[string]struct {
		period, other string
		overtakes     bool
	}{
		"the same":                     {"202005", "202005", true},
		"a later month of the year":    {"202006", "202005", true},
		"an earlier month of the year": {"202005", "202006", false},
		"the whole year, final":        {"202099", "202012", true},
		"a month, of the whole year":   {"202012", "202099", false},
		"another year":                 {"202105", "202012", false},
		"the same, of no year":         {"wave-3", "wave-3", true},
		"another, of no year":          {"wave-4", "wave-3", false},
		"there is no month 13":         {"202013", "202012", false},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			if got := dars.Overtakes(tt.period, tt.other); got != tt.overtakes {
				t.Errorf("%s overtakes %s: %t", tt.period, tt.other, got)
			}
		})
	}
}

// Of ten final years the oldest goes when the eleventh has come (domain 15).
func TestWhichYearDropsOut(t *testing.T) {
	tests := map[string]struct {
		years        int
		period, come string
		drops        bool
	}{
		"the eleventh":                  {10, "201099", "202099", true},
		"the tenth":                     {10, "201199", "202099", false},
		"one that should be gone":       {10, "200599", "202099", true},
		"a month of the eleventh":       {10, "201005", "202099", true},
		"a month is no year yet":        {10, "201099", "202012", false},
		"all may be held":               {0, "201099", "202099", false},
		"of no year":                    {10, "wave-1", "202099", false},
		"what comes is older than that": {10, "202099", "201099", false},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			if got := (dars.DatasetRequest{RollingYears: tt.years}).Drops(tt.period, tt.come); got != tt.drops {
				t.Errorf("%s drops out when %s comes: %t", tt.period, tt.come, got)
			}
		})
	}
}

// Whoever cannot be served is told of once, and by a ladder that ends where the next
// month's begins.
func TestEachInstalmentHasALadderUntilTheNext(t *testing.T) {
	var got []string
	for _, d := range monthly("2026-03-02", "2026-06-20", "MONTHLY").Deadlines() {
		if d.Ladder == dars.LadderInstalment {
			got = append(got, d.Item+" "+string(d.Day)+" to "+string(d.Until))
		}
	}
	want := "HES_APC-202512 2026-04-01 to 2026-04-30, HES_APC-202601 2026-05-01 to 2026-05-31, HES_APC-202602 2026-06-01 to 2026-06-20"
	if said := strings.Join(got, ", "); said != want {
		t.Errorf("the deadlines are %q, want %q", said, want)
	}
}
