package configs

import (
	_ "embed"
	"strings"
	"time"

	"darsd/dars"
)

// England's bank holidays, a day and its name on each line.
//
//go:embed holidays.txt
var holidays string

// Calendar returns the office's days: its zone, and the bank holidays of
// England.
func (c *Config) Calendar() dars.Calendar {
	// The zone was checked when the configuration was read.
	zone, err := time.LoadLocation(c.Office.TimeZone)
	if err != nil {
		zone = time.UTC
	}
	days := map[dars.Day]string{}
	for line := range strings.Lines(holidays) {
		day, name, _ := strings.Cut(strings.TrimSpace(line), " ")
		days[dars.Day(day)] = name
	}
	return dars.Calendar{Zone: zone, Holidays: days, Version: "England 2011-2028"}
}
