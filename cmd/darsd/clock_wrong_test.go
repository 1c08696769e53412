package main

import (
	"strings"
	"testing"
	"time"

	"darsd/dars"
)

func TestAClockThatIsWrongIsTold(t *testing.T) {
	now := time.Date(2027, 3, 2, 12, 0, 0, 0, time.UTC)
	tests := map[string]struct {
		newest time.Time
		said   dars.Day
		rule   string
	}{
		"a new office":            {time.Time{}, "", ""},
		"right":                   {now.Add(-time.Hour), "", ""},
		"set back a little":       {now.Add(time.Minute), "", ""},
		"back":                    {now.Add(time.Hour), "", "clock-back"},
		"two months at rest":      {now.AddDate(0, -2, 0), "", ""},
		"a year ahead":            {now.AddDate(-1, 0, 0), "", "clock-ahead"},
		"a year at rest, as said": {now.AddDate(-1, 0, 0), "2027-03-02", ""},
		"said some days ago":      {now.AddDate(-1, 0, 0), "2027-02-27", ""},
		"said at an earlier rest": {now.AddDate(-1, 0, 0), "2026-01-05", "clock-ahead"},
		"said of a later day":     {now.AddDate(-1, 0, 0), "2028-01-05", "clock-ahead"},
		"back, whatever was said": {now.Add(time.Hour), "2027-03-02", "clock-back"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			err := clockWrong(tt.newest, now, "2027-03-02", tt.said)
			if (err != nil) != (tt.rule != "") {
				t.Fatalf("it says %v", err)
			}
			if err != nil && err.(*dars.Refusal).Rule != tt.rule {
				t.Errorf("the rule is %s", err.(*dars.Refusal).Rule)
			}
			if tt.rule == "clock-ahead" && !strings.Contains(err.Error(), "darsd doctor --today 2027-03-02") {
				t.Errorf("it does not say what to do: %v", err)
			}
		})
	}
}
