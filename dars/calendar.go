package dars

import (
	"cmp"
	"fmt"
	"time"
)

// A Day is a civil date of the office's calendar, written "2026-03-31", so days
// compare as text. The empty Day is no day.
type Day string

// ParseDay reads a date as people write it in forms and file names.
func ParseDay(text string) (Day, error) {
	if _, err := time.Parse(time.DateOnly, text); err != nil {
		return "", fmt.Errorf("%q is not a date such as 2026-03-31", text)
	}
	return Day(text), nil
}

// Add returns the day n days on.
func (d Day) Add(n int) Day { return dayOf(d.utc().AddDate(0, 0, n)) }

// AddMonths returns the same day of the month n months on, or the last of that
// month where it has no such day.
func (d Day) AddMonths(n int) Day {
	t := d.utc()
	first := time.Date(t.Year(), t.Month()+time.Month(n), 1, 0, 0, 0, 0, time.UTC)
	last := first.AddDate(0, 1, -1).Day()
	return dayOf(first.AddDate(0, 0, min(t.Day(), last)-1))
}

// Since counts the days from another day to this one.
func (d Day) Since(earlier Day) int { return int(d.utc().Sub(earlier.utc()) / (24 * time.Hour)) }

// Long is the day as papers write it: "31 March 2026".
func (d Day) Long() string {
	if d == "" {
		return "—"
	}
	return d.utc().Format("2 January 2006")
}

// Month is the day's month as charts write it: "Mar 2026".
func (d Day) Month() string { return d.utc().Format("Jan 2006") }

// Quarter returns the first day of the quarter of the year that a day is in.
func (d Day) Quarter() Day {
	t := d.utc()
	return dayOf(time.Date(t.Year(), (t.Month()-1)/3*3+1, 1, 0, 0, 0, 0, time.UTC))
}

// Weekend reports whether it is a Saturday or a Sunday.
func (d Day) Weekend() bool { return d.Weekday() == time.Saturday || d.Weekday() == time.Sunday }

// Weekday is which day of the week it is.
func (d Day) Weekday() time.Weekday { return d.utc().Weekday() }

// utc is the first instant of the day, were it one of UTC; the zero time for what is no
// day. Forecasts ask it millions of times, and time.Parse takes ten times as long.
func (d Day) utc() time.Time {
	if len(d) == len(time.DateOnly) && d[4] == '-' && d[7] == '-' {
		year, month, day := figures(d[:4]), figures(d[5:7]), figures(d[8:])
		t := time.Date(year, time.Month(month), day, 0, 0, 0, 0, time.UTC)
		if year >= 0 && month > 0 && day > 0 && t.Day() == day && t.Month() == time.Month(month) {
			return t
		}
	}
	return time.Time{}
}

// figures is the number that part of a day is; -1 if it is none.
func figures(text Day) (n int) {
	for i := range len(text) {
		if text[i] < '0' || text[i] > '9' {
			return -1
		}
		n = 10*n + int(text[i]-'0')
	}
	return n
}

func dayOf(t time.Time) Day {
	year, month, day := t.Date()
	if year < 0 || year > 9999 {
		return Day(t.Format(time.DateOnly))
	}
	digit := func(n int) byte { return byte('0' + n%10) }
	return Day([]byte{digit(year / 1000), digit(year / 100), digit(year / 10), digit(year), '-',
		digit(int(month) / 10), digit(int(month)), '-', digit(day / 10), digit(day)})
}

// Earliest returns the earliest of some days, leaving out empty ones.
func Earliest(days ...Day) (first Day) {
	for _, d := range days {
		if d != "" && (first == "" || d < first) {
			first = d
		}
	}
	return first
}

// A Calendar says which day it is in the office, and which days it works.
// Days of service are working days; dates of access, blocks and deadlines are
// plain days and never move.
type Calendar struct {
	Zone     *time.Location
	Holidays map[Day]string // bank holidays of England, by name
	Version  string         // of the table of holidays, noted on what is computed with it
	Earlier  []Calendar     // with the tables before, for what was computed with them
}

// EachYear is how many bank holidays England has in a year, or more. A year of
// which the table knows fewer is not in it: its days are not known yet.
const EachYear = 8

// Day returns the office's date at an instant.
func (c Calendar) Day(at time.Time) Day { return dayOf(at.In(c.zone())) }

// Start returns the first instant of a day.
func (c Calendar) Start(d Day) time.Time {
	t := d.utc()
	return time.Date(t.Year(), t.Month(), t.Day(), 0, 0, 0, 0, c.zone())
}

// End returns the first instant after a day: dates are inclusive, so what is in
// force until a day is over at this instant.
func (c Calendar) End(d Day) time.Time { return c.Start(d.Add(1)) }

// Working reports whether the office works on a day. Like all that counts working
// days it refuses a year that the table of bank holidays does not have.
func (c Calendar) Working(d Day) (bool, error) { return c.working(d), c.covers(d, d) }

// NextWorking returns a day, or the next one on which the office works if that is
// none. It never refuses: where the bank holidays of a year are not known yet, a
// letter goes out on one of them.
func (c Calendar) NextWorking(d Day) Day {
	for !c.working(d) {
		d = d.Add(1)
	}
	return d
}

// lastWorking returns a day, or the last one before on which the office works if that
// is none. Like NextWorking it never refuses.
func (c Calendar) lastWorking(d Day) Day {
	for !c.working(d) {
		d = d.Add(-1)
	}
	return d
}

// AddWorking returns the nth working day after d: day 0 is d itself, and the
// next working day counts as day 1 (domain 4.2).
func (c Calendar) AddWorking(d Day, n int) (Day, error) {
	from := d
	for ; n > 0; n-- {
		for d = d.Add(1); !c.working(d); {
			d = d.Add(1)
		}
	}
	return d, c.covers(from, max(from, d))
}

// Between counts the working days after one day, up to and with another.
func (c Calendar) Between(after, until Day) (n int, err error) {
	for d := after.Add(1); d <= until; d = d.Add(1) {
		if c.working(d) {
			n++
		}
	}
	return n, c.covers(after, max(after, until))
}

func (c Calendar) working(d Day) bool { return !d.Weekend() && c.Holidays[d] == "" }

// covers refuses a span of days that reaches into a year whose bank holidays are
// not known: weekends alone would give a date that is wrong.
func (c Calendar) covers(from, until Day) error {
	known := map[int]int{}
	for d := range c.Holidays {
		known[d.utc().Year()]++
	}
	for year := from.utc().Year(); year <= until.utc().Year(); year++ {
		if known[year] < EachYear {
			return Refuse("not-in-table", fmt.Sprint(year), `working days of %d cannot be counted: the table of bank holidays (%s) has %d of that year, and England has %d or more: an operator adds them with darsd calendar add DAY "NAME", each as it is announced`, year, c.Version, known[year], EachYear)
		}
	}
	return nil
}

func (c Calendar) zone() *time.Location { return cmp.Or(c.Zone, time.UTC) }
