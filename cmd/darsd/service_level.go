package main

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"darsd/dars"
	"darsd/office"
)

// waitsFor are the words for what a clock may be paused for.
var waitsFor = map[string]string{"applicant": "AWAIT_APPLICANT_DETAIL", "outside": "AWAIT_EXTERNAL_APPROVAL"}

// clockCommands are what is done with an application's service-level clock.
func clockCommands(s *session) []*cobra.Command {
	wing := func(c *call) office.Applications { return office.Applications{Office: c.Office} }
	var what string
	pause := s.do("pause APPLICATION", "pause its clock while others are waited for (--for, --reason)", exactly(1), func(c *call) error {
		code, ok := waitsFor[what]
		if !ok {
			return misuse{fmt.Errorf("say what is waited for: --for applicant (further detail from the applicant) or --for outside (approval by an outside body)")}
		}
		return c.told(wing(c).Pause(c.ctx, c.act, c.args[0], code), "the clock of %s is paused", c.args[0])
	})
	pause.Flags().StringVar(&what, "for", "", "applicant: further detail from the applicant; outside: approval by an outside body")
	var days int
	class := s.do("class APPLICATION", "set another service level than its content's (--days, --reason)", exactly(1), func(c *call) error {
		return c.told(wing(c).SetClass(c.ctx, c.act, c.args[0], days), "%s has %d working days", c.args[0], days)
	})
	class.Flags().IntVar(&days, "days", 0, "working days: 14 (standard), 30 (medium) or 60 (complex)")
	return []*cobra.Command{
		s.look("clock APPLICATION", "explain its service-level clock, day by day", exactly(1), func(c *call) error {
			r, err := office.Desk{Office: c.Office}.Clock(c.ctx, c.act.Who, c.args[0], c.act.At)
			if err != nil {
				return err
			}
			return c.clock(r)
		}),
		pause,
		s.do("resume APPLICATION", "let its clock run on: what was waited for has come", exactly(1), func(c *call) error {
			return c.told(wing(c).Resume(c.ctx, c.act, c.args[0]), "the clock of %s runs on", c.args[0])
		}),
		class,
		s.do("recount APPLICATION", "let its clock count by the newest table of bank holidays", exactly(1), func(c *call) error {
			return c.told(wing(c).Recount(c.ctx, c.act, c.args[0]), "the clock of %s counts by the newest table", c.args[0])
		}),
	}
}

// clockView is a clock as JSON. While it is paused, due is when it would be if
// answered today.
type clockView struct {
	Ref        string           `json:"ref"`
	Version    string           `json:"version"`
	Class      int              `json:"class"`
	Reason     string           `json:"reason"`
	Started    dars.Day         `json:"started"`
	Due        dars.Day         `json:"due"`
	IfAnswered dars.Day         `json:"due_if_answered_today"`
	Paused     bool             `json:"paused"`
	Stopped    dars.Day         `json:"stopped"`
	StoppedBy  string           `json:"stopped_by"`
	Used       int              `json:"days_used"`
	Table      string           `json:"table_version"`
	Newest     string           `json:"newest_table"`
	Pauses     []dars.Pause     `json:"pauses"`
	Milestones []dars.Milestone `json:"milestones"`
	Days       []dars.ClockDay  `json:"days"`
	Ahead      []dars.ClockDay  `json:"ahead"`
}

func (c *call) clock(r office.Reading) error {
	k := r.Application.Clock
	v := clockView{r.Stem, r.Version(), k.Class, k.Reason, k.Started, r.IfAnswered, r.IfAnswered, false, k.Stopped, k.StoppedBy, r.Used, k.Table, r.Newest,
		append([]dars.Pause{}, k.Pauses...), append([]dars.Milestone{}, k.Milestones...), r.Days, r.Ahead}
	if v.Class == 0 {
		v.Class, v.Reason = r.Application.Class()
	}
	wait, paused := k.Paused()
	v.Paused = paused
	facts := []any{"application", r.Stem + " " + r.Version(), "class", v.Reason}
	if k.Started == "" {
		return c.facts(v, append(facts, "clock", "it starts when the application is accepted")...)
	}
	facts = append(facts, "started", k.Started, "used", fmt.Sprintf("%d of %d working days", r.Used, v.Class))
	for _, m := range k.Milestones {
		facts = append(facts, m.On, m.What)
	}
	switch {
	case k.Stopped != "":
		facts = append(facts, "was due", k.Due, "stopped", fmt.Sprintf("%s: %s", k.Stopped, k.StoppedBy))
	case paused:
		facts = append(facts, "paused", fmt.Sprintf("since %s, for %s: %s", wait.From, dars.Meaning(dars.PauseReasons, wait.For), wait.Reason),
			"due", fmt.Sprintf("%s, if answered today", v.Due))
	default:
		facts = append(facts, "due", v.Due)
	}
	table := k.Table
	if k.Stopped == "" && k.Table != r.Newest {
		table += fmt.Sprintf("; the newest is %s, by which darsd application recount %s counts", r.Newest, r.Stem)
	}
	if err := c.facts(v, append(facts, "bank holidays", table)...); err != nil || c.json {
		return err
	}
	return c.clockDays(r)
}

// clockDays prints the days until today, and those to come.
func (c *call) clockDays(r office.Reading) error {
	t := table{{"DATE", "COUNTS", "WHY"}}
	add := func(days []dars.ClockDay, yes, no string) {
		for _, d := range days {
			counts := no
			if d.Counts {
				counts = yes
			}
			t = append(t, []string{string(d.Date), counts, d.Why})
		}
	}
	add(r.Days, "yes", "no")
	add(r.Ahead, "will", "will not")
	fmt.Fprintln(c.env.stdout)
	return t.write(c.env.stdout)
}

// clockWords is a clock in a line.
func clockWords(k dars.SLA) string {
	wait, paused := k.Paused()
	switch {
	case k.Started == "":
		return "not started"
	case k.Stopped != "":
		return fmt.Sprintf("%s; started %s, stopped %s: %s", k.Reason, k.Started, k.Stopped, k.StoppedBy)
	case paused:
		return fmt.Sprintf("%s; started %s, paused since %s for %s", k.Reason, k.Started, wait.From, dars.Meaning(dars.PauseReasons, wait.For))
	}
	return fmt.Sprintf("%s; started %s, due %s", k.Reason, k.Started, k.Due)
}

func calendarCommands(s *session) *cobra.Command {
	wing := func(c *call) office.Almanac { return office.Almanac{Office: c.Office} }
	var year int
	list := s.look("list", "print the table of bank holidays", exactly(0), func(c *call) error {
		table, announced, err := wing(c).Table(c.ctx)
		if err != nil {
			return err
		}
		return c.holidays(table, announced, year)
	})
	list.Flags().IntVar(&year, "year", 0, "those of one year")
	return group("calendar", "the bank holidays by which working days are counted",
		list,
		s.do("add DAY NAME", "add a bank holiday that was announced late (--reason)", exactly(2), func(c *call) error {
			day, err := dars.ParseDay(c.args[0])
			if err != nil {
				return misuse{err}
			}
			h, err := wing(c).Announce(c.ctx, c.act, day, c.args[1])
			if err != nil {
				return err
			}
			return c.say(h, "%s %s is a bank holiday: %s", h.ID, h.Day, h.Name)
		}),
		s.do("drop DAY", "take one out that was entered by mistake, or moved (--reason)", exactly(1), func(c *call) error {
			day, err := dars.ParseDay(c.args[0])
			if err != nil {
				return misuse{err}
			}
			h, err := wing(c).Revoke(c.ctx, c.act, day)
			if err != nil {
				return err
			}
			return c.say(h, "%s %s is no bank holiday any more: %s", h.ID, h.Day, h.Name)
		}),
	)
}

// holidayView is one day of the table as JSON.
type holidayView struct {
	Day       dars.Day `json:"day"`
	Name      string   `json:"name"`
	Announced string   `json:"announced,omitempty"` // the change that added it
}

func (c *call) holidays(table dars.Calendar, announced []*dars.Holiday, year int) error {
	by := map[dars.Day]string{}
	for _, h := range announced {
		by[h.Day] = h.ID
	}
	all := []holidayView{}
	for _, day := range slices.Sorted(maps.Keys(table.Holidays)) {
		if year == 0 || strings.HasPrefix(string(day), fmt.Sprintf("%04d-", year)) {
			all = append(all, holidayView{day, table.Holidays[day], by[day]})
		}
	}
	if c.json {
		return c.print(map[string]any{"table_version": table.Version, "items": all})
	}
	fmt.Fprintln(c.env.stdout, table.Version)
	return items(c, all, "DAY NAME ADDED", func(h holidayView) []any { return []any{h.Day, h.Name, h.Announced} })
}
