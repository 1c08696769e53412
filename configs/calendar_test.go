package configs_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"testing"
	"time"

	"darsd/configs"
	"darsd/dars"
)

func TestCalendar(t *testing.T) {
	c := configs.Default("data").Calendar()
	if c.Version != "England 2011-2028" {
		t.Errorf("the table is %s", c.Version)
	}
	tests := map[string]struct {
		day  dars.Day
		name string // of the holiday, or "" for a working day
	}{
		"royal wedding":     {"2011-04-29", "Royal wedding"},
		"Christmas moved":   {"2011-12-27", "Christmas Day"},
		"state funeral":     {"2022-09-19", "Bank Holiday for the State Funeral of Queen Elizabeth II"},
		"VE day, a Friday":  {"2020-05-08", "Early May bank holiday (VE day)"},
		"the Monday before": {"2020-05-04", ""},
		"not in England":    {"2026-01-02", ""},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			works, err := c.Working(tt.day)
			if got := c.Holidays[tt.day]; got != tt.name || works != (tt.name == "") || err != nil {
				t.Errorf("%s is %q, working %v: %v", tt.day, got, works, err)
			}
		})
	}
	// In summer a day in London begins while it is yesterday in UTC.
	if day := c.Day(time.Date(2026, 6, 30, 23, 30, 0, 0, time.UTC)); day != "2026-07-01" {
		t.Errorf("at half past eleven UTC on 30 June it is %s", day)
	}
}

// Every year of the table has all its bank holidays, none on a weekend, and each is
// where the rules of domain 12 put it.
func TestEveryYearIsWhole(t *testing.T) {
	c := configs.Default("data").Calendar()
	want := []int{9, 9, 8, 8, 8, 8, 8, 8, 8, 8, 8, 10, 9, 8, 8, 8, 8, 8} // 2011 to 2028
	got := make([]int, len(want))
	for day := range c.Holidays {
		year, err := strconv.Atoi(string(day[:4]))
		if err != nil || year < 2011 || year > 2028 || day.Weekend() {
			t.Errorf("%s is in the table", day)
			continue
		}
		got[year-2011]++
	}
	if !slices.Equal(got, want) {
		t.Errorf("the years have %v bank holidays, want %v", got, want)
	}
	for year := 2011; year <= 2028; year++ {
		easter := easterSunday(year)
		for _, day := range []dars.Day{easter.Add(-2), easter.Add(1)} {
			if c.Holidays[day] == "" {
				t.Errorf("Easter of %d is on %s, and %s is no holiday", year, easter, day)
			}
		}
	}
}

// easterSunday is by the Gregorian rule (Meeus, Jones and Butcher).
func easterSunday(year int) dars.Day {
	a, b, c := year%19, year/100, year%100
	h := (19*a + b - b/4 - (b-(b+8)/25+1)/3 + 15) % 30
	l := (32 + 2*(b%4) + 2*(c/4) - h - c%4) % 7
	m := (a + 11*h + 22*l) / 451
	n := h + l - 7*m + 114
	return dars.Day(fmt.Sprintf("%d-%02d-%02d", year, n/31, n%31+1))
}

func TestATableHasThoseBeforeIt(t *testing.T) {
	c := configs.Tables("# first\n2028-12-25 Christmas Day\n2028-12-26 Boxing Day\n\n# second\n2029-01-01 New Year’s Day\n")
	if c.Version != "second" || len(c.Holidays) != 3 || len(c.Earlier) != 1 || c.Earlier[0].Version != "first" || len(c.Earlier[0].Holidays) != 2 {
		t.Errorf("the tables are %+v", c)
	}
}

// Our table is the government's, for the years that its published feed covers.
func TestHolidaysArePublished(t *testing.T) {
	data := os.Getenv("DARSD_TESTDATA")
	if data == "" {
		t.Skip("DARSD_TESTDATA is not set: the published bank holidays are not here to compare with")
	}
	text, err := os.ReadFile(filepath.Join(data, "bank-holidays", "bank-holidays.json"))
	if err != nil {
		t.Fatal(err)
	}
	var feed map[string]struct {
		Events []struct {
			Title string   `json:"title"`
			Date  dars.Day `json:"date"`
		} `json:"events"`
	}
	if err := json.Unmarshal(text, &feed); err != nil {
		t.Fatal(err)
	}
	published := map[dars.Day]string{}
	for _, e := range feed["england-and-wales"].Events {
		published[e.Date] = e.Title
	}
	if len(published) < 100 {
		t.Fatalf("the feed holds %d days", len(published))
	}
	ours := configs.Default("data").Calendar().Holidays
	maps.DeleteFunc(ours, func(day dars.Day, _ string) bool { return day < "2012" })
	if !maps.Equal(ours, published) {
		t.Errorf("ours are\n%v, published are\n%v", ours, published)
	}
}
