package configs

import (
	_ "embed"
	"maps"
	"slices"
	"strings"
	"time"

	"darsd/dars"
)

// England's bank holidays, a day and its name on each line. A line with # names
// the table that has all days above and below it, down to the next such line. Like
// a migration, a table only ever gets a successor, with its days below it: what was
// computed by an older one must stay explicable.
//
//go:embed holidays.txt
var holidays string

// Calendar returns the office's days: its zone, and the bank holidays of England
// as far as they are announced.
func (c *Config) Calendar() dars.Calendar {
	// The zone was checked when the configuration was read.
	zone, err := time.LoadLocation(c.Office.TimeZone)
	if err != nil {
		zone = time.UTC
	}
	newest := tables(holidays)
	newest.Zone = zone
	return newest
}

// tables reads a text of tables, and returns the newest, with those before it.
func tables(text string) (newest dars.Calendar) {
	var all []dars.Calendar
	known := map[dars.Day]string{}
	for line := range strings.Lines(text) {
		word, rest, _ := strings.Cut(strings.TrimSpace(line), " ")
		if word == "#" {
			known = maps.Clone(known)
			all = append(all, dars.Calendar{Version: rest, Holidays: known})
		} else if word != "" {
			known[dars.Day(word)] = rest
		}
	}
	slices.Reverse(all)
	newest = all[0]
	newest.Earlier = all[1:]
	return newest
}
