package dars

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// A Holiday is a change of the table of bank holidays that came after the table:
// a day that was announced late, or one on which the office works after all, since
// the holiday was moved. The nth change makes the nth version of the table, so what
// was computed before keeps the table that it was computed with.
type Holiday struct {
	ID     string   `json:"id"` // "CAL-000001"
	Nth    int      `json:"nth"`
	Day    Day      `json:"day"`
	Name   string   `json:"name"`
	Works  bool     `json:"works"` // it is no holiday after all
	Reason string   `json:"reason,omitempty"`
	By     PersonID `json:"by"`
	On     Day      `json:"on"`
}

func (h *Holiday) Card() Card {
	return Card{"bank holiday", h.ID, "announced", []Key{By("day", h.Day)}}
}

// Announce makes the next change of the table: a new bank holiday.
func (c Calendar) Announce(a Act, nth int, day Day, name string, on Day) (*Holiday, error) {
	if err := CheckLine(string(day), "the name of the bank holiday", name); err != nil {
		return nil, err
	}
	name = strings.Join(strings.Fields(name), " ")
	switch {
	case a.Why == "":
		return nil, Refuse("no-reason", day, "%s: say with --reason why it is a bank holiday, such as who announced it and when", day)
	case name == "":
		return nil, Refuse("no-name", day, "%s: say what the bank holiday is called", day)
	case c.Holidays[day] != "":
		return nil, Refuse("known", day, "%s is a bank holiday already: %s", day, c.Holidays[day])
	case day.Weekend():
		return nil, Refuse("weekend", day, "%s is a %s, on which the office does not work anyway: a holiday that falls on it has a substitute day", day, day.Weekday())
	}
	return &Holiday{ID: holidayName(nth), Nth: nth, Day: day, Name: name, Reason: a.Why, By: a.Who, On: on}, nil
}

// Revoke makes the next change of the table: a day that is no holiday after all.
func (c Calendar) Revoke(a Act, nth int, day Day, on Day) (*Holiday, error) {
	name := c.Holidays[day]
	switch {
	case name == "":
		return nil, Refuse("not-found", day, "%s is no bank holiday: darsd calendar list prints those that are", day)
	case a.Why == "":
		return nil, Refuse("no-reason", day, "%s: say with --reason why it is no bank holiday after all", day)
	}
	return &Holiday{ID: holidayName(nth), Nth: nth, Day: day, Name: name, Works: true, Reason: a.Why, By: a.Who, On: on}, nil
}

func holidayName(nth int) string { return fmt.Sprintf("CAL-%06d", nth) }

// With is the calendar with all that was announced since.
func (c Calendar) With(announced []*Holiday) Calendar {
	if len(announced) == 0 {
		return c
	}
	c.Holidays = maps.Clone(c.Holidays)
	if c.Holidays == nil {
		c.Holidays = map[Day]string{}
	}
	announced = slices.SortedFunc(slices.Values(announced), func(a, b *Holiday) int { return a.Nth - b.Nth })
	for _, h := range announced {
		if c.Holidays[h.Day] = h.Name; h.Works {
			delete(c.Holidays, h.Day)
		}
	}
	c.Version = fmt.Sprintf("%s+%d", c.Version, len(announced))
	return c
}

// As is the calendar with the table as it was in a version, of the table itself
// and of what was announced since.
func (c Calendar) As(version string, announced []*Holiday) (Calendar, error) {
	table, plus, changed := strings.Cut(version, "+")
	n, err := strconv.Atoi(plus)
	for _, then := range append([]Calendar{c}, c.Earlier...) {
		if then.Version != table || changed && err != nil {
			continue
		}
		known := slices.DeleteFunc(slices.Clone(announced), func(h *Holiday) bool { return h.Nth > n })
		if then.Zone = c.Zone; len(known) == n {
			return then.With(known), nil
		}
	}
	return c, fmt.Errorf("there is no table of bank holidays %q", version)
}
