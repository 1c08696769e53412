package dars

import (
	"fmt"
	"slices"
	"time"
)

// A ReportOrder is a report that is delivered each week, month or quarter: on the n-th
// working day of it, about how things stood at the end of the one before.
type ReportOrder struct {
	Kind       string   `yaml:"kind"`        // a code of FigureKinds
	Every      Rhythm   `yaml:"every"`       //
	WorkingDay int      `yaml:"working_day"` // of the week, month or quarter; the first, if it is 0
	Period     string   `yaml:"period"`      // of Periods: of what happened it tells for so long; a year, if it is ""
	Formats    []string `yaml:"formats"`     // of ReportFormats; all, if there is none
	To         []Role   `yaml:"to"`          // who gets it by mail, of those who may read reports
}

// A Rhythm is how often something comes.
type Rhythm string

const (
	Weekly    Rhythm = "weekly"
	Monthly   Rhythm = "monthly"
	Quarterly Rhythm = "quarterly"
)

// Rhythms are all.
var Rhythms = []Rhythm{Weekly, Monthly, Quarterly}

// ReportFormats are in which a report can be written.
var ReportFormats = []string{"pdf", "xlsx", "json"}

// Periods are for how long a report may tell what happened.
var Periods = []string{"week", "month", "quarter", "year"}

// From is the first day of the period of a report as at a day; "" is that of a year.
func (o ReportOrder) From(asAt Day) Day {
	switch after := asAt.Add(1); o.Period {
	case "week":
		return after.Add(-7)
	case "month":
		return after.AddMonths(-1)
	case "quarter":
		return after.AddMonths(-3)
	}
	return ""
}

// Begins is the first day of the week, month or quarter that a day is in.
func (r Rhythm) Begins(d Day) Day {
	switch r {
	case Weekly:
		return d.Add(-(int(d.Weekday()) - int(time.Monday) + 7) % 7)
	case Quarterly:
		return d.Quarter()
	}
	return d.month()
}

// Next is the first day of the week, month or quarter after the one that begins on a day.
func (r Rhythm) Next(begins Day) Day {
	switch r {
	case Weekly:
		return begins.Add(7)
	case Quarterly:
		return begins.AddMonths(3)
	}
	return begins.AddMonths(1)
}

// Name is what a report that was delivered is kept under.
func (o ReportOrder) Name() string {
	name := o.Kind + " " + string(o.Every)
	if o.From("2026-01-01") != "" {
		name += " of the " + o.Period
	}
	return name
}

// Written are its formats.
func (o ReportOrder) Written() []string {
	if len(o.Formats) == 0 {
		return ReportFormats
	}
	return o.Formats
}

// DueIn is on which day it is due of the week, month or quarter that begins on a day: a
// working day, that never falls into the next one.
func (o ReportOrder) DueIn(begins Day, c Calendar) Day {
	last := o.Every.Next(begins).Add(-1)
	due := c.NextWorking(begins)
	for n := max(o.WorkingDay, 1); n > 1; n-- {
		next := c.NextWorking(due.Add(1))
		if next > last {
			break
		}
		due = next
	}
	return min(due, last)
}

// Owed are the days as at which it is to be made on a day, the oldest first: the ends of
// all weeks, months or quarters since the one that was made last. Before the first there
// is the newest alone, if it has come due since the office began.
func (o ReportOrder) Owed(last, began, on Day, c Calendar) (days []Day) {
	begins := o.Every.Begins(on)
	if last == "" {
		if o.DueIn(begins, c) > on {
			begins = o.Every.Begins(begins.Add(-1))
		}
		if o.DueIn(begins, c) <= began || begins <= began {
			return nil
		}
		return []Day{begins.Add(-1)}
	}
	for begins := o.Every.Next(o.Every.Begins(last.Add(1))); o.DueIn(begins, c) <= on; begins = o.Every.Next(begins) {
		days = append(days, begins.Add(-1))
	}
	return days
}

// CheckOrders says what is wrong with an office's orders, each with a way out.
func CheckOrders(all []ReportOrder) (wrong []error) {
	seen, kinds := map[string]bool{}, FigureKinds()
	for i, o := range all {
		say := func(field, format string, args ...any) {
			wrong = append(wrong, fmt.Errorf("reports.deliver[%d].%s: "+format, append([]any{i, field}, args...)...))
		}
		if !slices.Contains(FigureCodes(), o.Kind) {
			say("kind", "there is no report %q; there are %s", o.Kind, join(FigureCodes()))
		}
		if !slices.Contains(Rhythms, o.Every) {
			say("every", "%q is no rhythm: say %s", o.Every, join(Rhythms))
		}
		if most := map[Rhythm]int{Weekly: 5, Monthly: 20, Quarterly: 60}[o.Every]; most > 0 && (o.WorkingDay < 0 || o.WorkingDay > most) {
			say("working_day", "%d is no working day of each: say 1 to %d", o.WorkingDay, most)
		}
		i := slices.IndexFunc(kinds, func(k FigureKind) bool { return k.Code == o.Kind })
		switch {
		case o.Period != "" && !slices.Contains(Periods, o.Period):
			say("period", "%q is none: say %s", o.Period, join(Periods))
		case o.Period != "" && i >= 0 && !kinds[i].Span:
			say("period", "the report %s says how things stood at the end of a day, and is of no period: leave it out", o.Kind)
		}
		for _, f := range o.Formats {
			if !slices.Contains(ReportFormats, f) {
				say("formats", "there is no format %q; there are %s", f, join(ReportFormats))
			}
		}
		for _, r := range o.To {
			if !slices.Contains(Powers["report read"], r) {
				say("to", "the role %q may not read reports; %s may", r, join(Powers["report read"]))
			}
		}
		if seen[o.Name()] {
			say("kind", "there are two of %s: put them together", o.Name())
		}
		seen[o.Name()] = true
	}
	return wrong
}
