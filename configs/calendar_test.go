package configs_test

import (
	"encoding/json"
	"maps"
	"os"
	"path/filepath"
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
			if got := c.Holidays[tt.day]; got != tt.name || c.Working(tt.day) != (tt.name == "") {
				t.Errorf("%s is %q, working %v", tt.day, got, c.Working(tt.day))
			}
		})
	}
	// In summer a day in London begins while it is yesterday in UTC.
	if day := c.Day(time.Date(2026, 6, 30, 23, 30, 0, 0, time.UTC)); day != "2026-07-01" {
		t.Errorf("at half past eleven UTC on 30 June it is %s", day)
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
