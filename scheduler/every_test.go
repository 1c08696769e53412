package scheduler_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"darsd/scheduler"

	"github.com/robfig/cron/v3"
)

// In 2026 London's clocks pass over the hour from one o'clock on 29 March, and
// show it twice on 25 October.
func TestEveryOnTheOddNights(t *testing.T) {
	tests := map[string]struct {
		line string
		day  string
		want string // when it runs on that day, on the clocks and by offset
	}{
		"an ordinary night":               {"30 1 * * *", "2026-03-28", "01:30+00"},
		"an hour that is missing":         {"30 1 * * *", "2026-03-29", "02:00+01"},
		"an hour that comes twice":        {"30 1 * * *", "2026-10-25", "01:30+01"},
		"the end of the missing hour":     {"0 2 * * *", "2026-03-29", "02:00+01"},
		"its beginning":                   {"0 1 * * *", "2026-03-29", "02:00+01"},
		"just before it":                  {"59 0 * * *", "2026-03-29", "00:59+00"},
		"twice in the missing hour":       {"0,30 1 * * *", "2026-03-29", "02:00+01"},
		"in it and after it":              {"30 1,2 * * *", "2026-03-29", "02:00+01 02:30+01"},
		"twice in the hour that is twice": {"0,30 1 * * *", "2026-10-25", "01:00+01 01:30+01"},
		"after the hour that is twice":    {"0 2 * * *", "2026-10-25", "02:00+00"},
		"every other hour, in March":      {"0 */2 * * *", "2026-03-29", "00:00+00 02:00+01 04:00+01"},
		"every hour, in March":            {"30 * * * *", "2026-03-29", "00:30+00 02:30+01 03:30+01 04:30+01"},
		"every hour, in October":          {"30 * * * *", "2026-10-25", "00:30+01 01:30+01 01:30+00 02:30+00 03:30+00 04:30+00"},
		"hours 0 to 23 are every hour":    {"0 0-23 * * *", "2026-10-25", "00:00+01 01:00+01 01:00+00 02:00+00 03:00+00 04:00+00"},
		"on that day only":                {"30 1 29 3 *", "2026-03-29", "02:00+01"},
		"on another day only":             {"30 1 28 3 *", "2026-03-29", ""},
		"on Sundays":                      {"15 1 * * 0", "2026-10-25", "01:15+01"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			next := every(t, tt.line)
			midnight, err := time.ParseInLocation(time.DateOnly, tt.day, london(t))
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for at := next.Next(midnight.Add(-time.Second)); at.Format(time.DateOnly) == tt.day && at.Hour() < 5; at = next.Next(at) {
				got = append(got, at.Format("15:04-07"))
			}
			if strings.Join(got, " ") != tt.want {
				t.Errorf("%q on %s runs at %v, want %s", tt.line, tt.day, got, tt.want)
			}
		})
	}
}

// Whatever moment we ask at, the next time is the first of all times after it.
func TestEveryNamesTheFirstTimeAfter(t *testing.T) {
	for _, line := range []string{"30 1 * * *", "0,30 1 * * *", "*/20 * * * *", "15 1,2 * * *"} {
		next := every(t, line)
		for _, night := range []time.Time{
			time.Date(2026, 3, 28, 20, 0, 0, 0, time.UTC),
			time.Date(2026, 10, 24, 20, 0, 0, 0, time.UTC),
		} {
			var all []time.Time
			for at := next.Next(night); at.Before(night.Add(40 * time.Hour)); at = next.Next(at) {
				all = append(all, at)
			}
			for ask := night; ask.Before(night.Add(10 * time.Hour)); ask = ask.Add(7*time.Minute + 30*time.Second) {
				i := slices.IndexFunc(all, func(at time.Time) bool { return at.After(ask) })
				if got := next.Next(ask); i < 0 || !got.Equal(all[i]) {
					t.Errorf("%q after %s is %s, want it among %v", line, ask, got, all)
				}
			}
		}
	}
}

func TestEveryIsOnceOnEachDayOfTenYears(t *testing.T) {
	next := every(t, "30 1 * * *")
	at := time.Date(2019, 12, 31, 12, 0, 0, 0, london(t))
	day := at
	for range 3653 {
		at, day = next.Next(at), day.AddDate(0, 0, 1)
		if at.Format(time.DateOnly) != day.Format(time.DateOnly) {
			t.Fatalf("%s has no run, the next is %s", day.Format(time.DateOnly), at)
		}
	}
}

func TestEveryWhereADayIsMissing(t *testing.T) {
	// Samoa had no 30 December 2011, and Brazil's days used to begin at one
	// o'clock in spring.
	for zone, want := range map[string]string{
		"Pacific/Apia":      "2011-12-29 00:30, 2011-12-31 00:00, 2011-12-31 00:30",
		"America/Sao_Paulo": "2011-12-29 00:30, 2011-12-30 00:30, 2011-12-31 00:30",
	} {
		there, err := time.LoadLocation(zone)
		if err != nil {
			t.Fatal(err)
		}
		next, err := scheduler.Every("30 0 * * *", there)
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		at := time.Date(2011, 12, 28, 12, 0, 0, 0, there)
		for range 3 {
			at = next.Next(at)
			got = append(got, at.Format("2006-01-02 15:04"))
		}
		if strings.Join(got, ", ") != want {
			t.Errorf("%s: %v, want %s", zone, got, want)
		}
	}
	there, err := time.LoadLocation("America/Sao_Paulo")
	if err != nil {
		t.Fatal(err)
	}
	next, err := scheduler.Every("30 0 * * *", there)
	if err != nil {
		t.Fatal(err)
	}
	if at := next.Next(time.Date(2018, 11, 3, 12, 0, 0, 0, there)); at.Format(time.RFC3339) != "2018-11-04T01:00:00-02:00" {
		t.Errorf("where the day began at one o'clock, half past midnight was at %s", at)
	}
}

func TestEveryRefuses(t *testing.T) {
	tests := map[string]struct{ line, want string }{
		"words":                  {"at six", `timetable "at six" is not five fields such as "0 6 * * *": `},
		"an hour that is none":   {"0 24 * * *", "is not five fields such as"},
		"a zone of its own":      {"CRON_TZ=UTC 0 6 * * *", "leave out TZ=: times are on the office's clocks"},
		"no times":               {"@every 1h", `in place of @every, name the times, such as "*/15 * * * *"`},
		"a day that never comes": {"0 6 30 2 *", "names a day that never comes"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			if _, err := scheduler.Every(tt.line, time.UTC); err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("got: %v\nwant: %s", err, tt.want)
			}
		})
	}
	if _, err := scheduler.Every("0 6 29 2 *", time.UTC); err != nil {
		t.Errorf("29 February comes: %v", err)
	}
}

func every(t *testing.T, line string) cron.Schedule {
	t.Helper()
	next, err := scheduler.Every(line, london(t))
	if err != nil {
		t.Fatal(err)
	}
	return next
}

func london(t *testing.T) *time.Location {
	t.Helper()
	zone, err := time.LoadLocation("Europe/London")
	if err != nil {
		t.Fatal(err)
	}
	return zone
}
