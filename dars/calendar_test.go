package dars_test

import (
	"os"
	"strings"
	"testing"
	"time"
	_ "time/tzdata"

	"darsd/dars"
)

// london is the calendar of the office, with the table that the program has.
func london(t *testing.T) dars.Calendar {
	t.Helper()
	zone, err := time.LoadLocation("Europe/London")
	if err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile("../configs/holidays.txt")
	if err != nil {
		t.Fatal(err)
	}
	days := map[dars.Day]string{}
	for line := range strings.Lines(string(text)) {
		if day, name, ok := strings.Cut(strings.TrimSpace(line), " "); ok && day != "#" {
			days[dars.Day(day)] = name
		}
	}
	return dars.Calendar{Zone: zone, Version: "England 2011-2028", Holidays: days}
}

func TestWorkingDays(t *testing.T) {
	c := london(t)
	tests := map[string]struct {
		from dars.Day
		n    int
		want dars.Day
	}{
		"14 from a Thursday before Easter":      {"2016-03-24", 14, "2016-04-15"},
		"30 over a state funeral":               {"2022-09-12", 30, "2022-10-25"},
		"none is the day itself":                {"2016-03-24", 0, "2016-03-24"},
		"none, even of a holiday":               {"2016-03-25", 0, "2016-03-25"},
		"one from a Friday is Monday":           {"2026-03-06", 1, "2026-03-09"},
		"one from a Saturday is Monday":         {"2026-03-07", 1, "2026-03-09"},
		"one from a Sunday is Monday":           {"2026-03-08", 1, "2026-03-09"},
		"one from Christmas Eve jumps four":     {"2025-12-24", 1, "2025-12-29"},
		"one from New Year's Eve":               {"2025-12-31", 1, "2026-01-02"},
		"clocks that go forward change nothing": {"2026-03-27", 1, "2026-03-30"},
		"clocks that go back change nothing":    {"2026-10-23", 1, "2026-10-26"},
		"over a royal wedding":                  {"2011-04-21", 3, "2011-04-28"},
		"over the next day and the wedding":     {"2011-04-28", 1, "2011-05-03"},
		"a Christmas on a Sunday":               {"2011-12-23", 1, "2011-12-28"},
		"a Christmas on a Saturday":             {"2021-12-24", 1, "2021-12-29"},
		"a Christmas on a Friday":               {"2020-12-24", 1, "2020-12-29"},
		"a New Year on a Saturday":              {"2021-12-31", 1, "2022-01-04"},
		"a jubilee of four days":                {"2012-06-01", 1, "2012-06-06"},
		"another":                               {"2022-06-01", 1, "2022-06-06"},
		"a May day that was moved, its Monday":  {"2020-05-01", 1, "2020-05-04"},
		"and its Friday":                        {"2020-05-07", 1, "2020-05-11"},
		"a coronation":                          {"2023-05-05", 1, "2023-05-09"},
		"a complex one over Christmas":          {"2022-11-01", 60, "2023-01-27"},
		"the last of the table":                 {"2028-12-28", 1, "2028-12-29"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			if got, err := c.AddWorking(tt.from, tt.n); err != nil || got != tt.want {
				t.Errorf("%d working days from %s are %s, want %s: %v", tt.n, tt.from, got, tt.want, err)
			}
			if n, err := c.Between(tt.from, tt.want); err != nil || n != tt.n {
				t.Errorf("from %s to %s are %d working days, want %d: %v", tt.from, tt.want, n, tt.n, err)
			}
		})
	}
}

// Where the holidays of a year are not known, weekends alone would give a date.
func TestAYearOutsideTheTable(t *testing.T) {
	c := london(t)
	tests := map[string]struct {
		from dars.Day
		n    int
		year string // that is refused
	}{
		"before the table":            {"2010-12-31", 1, "2010"},
		"the first day of it":         {"2011-01-01", 1, ""},
		"into the year after":         {"2028-12-29", 1, "2029"},
		"over the year's end":         {"2028-12-20", 14, "2029"},
		"after the table":             {"2031-05-01", 0, "2031"},
		"the end of all days":         {"9999-12-20", 14, "9999"},
		"the last that is in it":      {"2028-12-22", 3, ""},
		"many, within":                {"2028-01-01", 60, ""},
		"no day at all, from no year": {"", 1, "1"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			got, err := c.AddWorking(tt.from, tt.n)
			if tt.year == "" {
				ruled(t, err, "")
				return
			}
			ruled(t, err, "not-in-table")
			if said := err.Error(); !strings.Contains(said, "working days of "+tt.year+" cannot") || !strings.Contains(said, "darsd calendar add") || !strings.Contains(said, "England 2011-2028") {
				t.Errorf("%s: %s", got, said)
			}
		})
	}
}

func TestADayIsTheOffices(t *testing.T) {
	c := london(t)
	tests := map[string]struct {
		at   string
		want dars.Day
	}{
		"noon in winter":                            {"2026-01-15T12:00:00Z", "2026-01-15"},
		"just before midnight in winter":            {"2026-01-15T23:59:59Z", "2026-01-15"},
		"half past eleven in summer is tomorrow":    {"2026-07-15T23:30:00Z", "2026-07-16"},
		"one in the morning of summer":              {"2026-07-15T00:00:00Z", "2026-07-15"},
		"the last instant before clocks go forward": {"2026-03-29T00:59:59Z", "2026-03-29"},
		"the night on which they went back":         {"2026-10-25T00:30:00Z", "2026-10-25"},
		"the evening of it, in winter time again":   {"2026-10-25T23:30:00Z", "2026-10-25"},
		"an instant told in another zone, the same": {"2026-07-15T19:30:00-04:00", "2026-07-16"},
		"new year's eve, a second before the bells": {"2025-12-31T23:59:59Z", "2025-12-31"},
		"a leap day": {"2024-02-29T12:00:00Z", "2024-02-29"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			at, err := time.Parse(time.RFC3339, tt.at)
			if err != nil {
				t.Fatal(err)
			}
			if got := c.Day(at); got != tt.want {
				t.Errorf("%s is on %s, want %s", tt.at, got, tt.want)
			}
		})
	}
}

// Each day has 23, 24 or 25 hours, and every instant of it is on that day.
func TestADayHasAllItsInstants(t *testing.T) {
	c := london(t)
	hours := map[time.Duration]int{}
	for d := dars.Day("2025-12-31"); d < "2027-01-01"; d = d.Add(1) {
		start, end := c.Start(d), c.End(d)
		hours[end.Sub(start)/time.Hour]++
		for at := start; at.Before(end); at = at.Add(30 * time.Minute) {
			if got := c.Day(at); got != d {
				t.Fatalf("%s is on %s, want %s", at, got, d)
			}
		}
		if c.Day(end.Add(-1)) != d || c.Day(end) != d.Add(1) || !c.Start(d.Add(1)).Equal(end) {
			t.Fatalf("%s ends at %s", d, end)
		}
	}
	if hours[23] != 1 || hours[25] != 1 || hours[24] != 364 {
		t.Errorf("the year's days by hours: %v", hours)
	}
}

func TestDays(t *testing.T) {
	tests := map[string]struct{ got, want dars.Day }{
		"the day after a February's last": {dars.Day("2026-02-28").Add(1), "2026-03-01"},
		"the day after a leap year's":     {dars.Day("2024-02-28").Add(1), "2024-02-29"},
		"a day before a year's first":     {dars.Day("2026-01-01").Add(-1), "2025-12-31"},
		"a month from the 31st":           {dars.Day("2026-01-31").AddMonths(1), "2026-02-28"},
		"a month from it in a leap year":  {dars.Day("2024-01-31").AddMonths(1), "2024-02-29"},
		"a month before the 31st":         {dars.Day("2026-03-31").AddMonths(-1), "2026-02-28"},
		"twelve months from a leap day":   {dars.Day("2024-02-29").AddMonths(12), "2025-02-28"},
		"13 months over a year's end":     {dars.Day("2025-12-15").AddMonths(13), "2027-01-15"},
		"the earliest":                    {dars.Earliest("2026-03-02", "2026-03-01", "2026-03-03"), "2026-03-01"},
		"the earliest without the empty":  {dars.Earliest("", "2026-03-02", ""), "2026-03-02"},
		"the earliest of none":            {dars.Earliest("", ""), ""},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			if tt.got != tt.want {
				t.Errorf("got %q, want %q", tt.got, tt.want)
			}
		})
	}
	if n := dars.Day("2022-01-24").Since("2018-02-04"); n != 1450 { // 1,449 days lie between
		t.Errorf("from 4 February 2018 to 24 January 2022 are %d days", n)
	}
	if n := dars.Day("2026-03-30").Since("2026-03-28"); n != 2 { // one of them has 23 hours
		t.Errorf("over the night of 29 March 2026 are %d days", n)
	}
	if got := dars.Day("2026-03-31").Long(); got != "31 March 2026" {
		t.Errorf("on paper: %s", got)
	}
}

func TestDatesThatAreNone(t *testing.T) {
	for _, text := range []string{"", "2026", "2026-3-1", "2026-02-29", "2026-13-01", "31/03/2026", "2026-03-31T00:00:00Z", " 2026-03-31", "20260331"} {
		if d, err := dars.ParseDay(text); err == nil || d != "" {
			t.Errorf("%q was read as %s", text, d)
		}
	}
	if d, err := dars.ParseDay("2024-02-29"); err != nil || d != "2024-02-29" {
		t.Error(d, err)
	}
}

func TestEndsAreInclusive(t *testing.T) {
	g := &dars.Agreement{ID: "DARS-NIC-000001-B1C2D-v1.0", State: dars.InForce, Start: "2026-01-01", End: "2026-03-31"}
	tests := map[string]struct {
		on   dars.Day
		want string
	}{
		"the day before": {"2025-12-31", "agreement DARS-NIC-000001-B1C2D-v1.0 begins on 2026-01-01"},
		"the first day":  {"2026-01-01", ""},
		"the last day":   {"2026-03-31", ""},
		"the day after":  {"2026-04-01", "agreement DARS-NIC-000001-B1C2D-v1.0 ended on 2026-03-31"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			said := ""
			if err := g.Allows(tt.on); err != nil {
				said = err.Error()
			}
			if said != tt.want || g.InForceOn(tt.on) != (tt.want == "") {
				t.Errorf("on %s: %q, want %q", tt.on, said, tt.want)
			}
		})
	}
	for state := range dars.AgreementLife {
		if g.State = state; state != dars.InForce && g.Allows("2026-02-01") == nil {
			t.Errorf("one that is %s allows a release", state)
		}
	}
}
