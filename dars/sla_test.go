package dars_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"darsd/dars"
)

// accepted is an application of a class whose clock starts on a day.
func accepted(t *testing.T, class int, on dars.Day) *dars.Application {
	t.Helper()
	p := &dars.Application{Stem: "DARS-NIC-000001-B1C2D", Major: 1, State: dars.Submitted, Form: askFor(),
		Review: dars.Review{LegalBasis: true, Security: true, Feasibility: true, Purpose: true}}
	p.TakeEvidence(by("P-000005"), []dars.EvidenceFile{{Kind: "S251_APPROVAL", File: "cag.pdf"}}, on)
	ruled(t, p.Look(by("P-000001"), 1, dars.EvidenceSeen, dars.Reading{}, on), "")
	if derived, _ := p.Class(); derived != class {
		ruled(t, p.SetClass(by("P-000001"), london(t), class, on), "")
	}
	ruled(t, p.Accept(by("P-000001"), london(t), on), "")
	return p
}

func wait(reason string) dars.Pause { return dars.Pause{For: reason, Reason: "who is it for"} }

const detail, outside = "AWAIT_APPLICANT_DETAIL", "AWAIT_EXTERNAL_APPROVAL"

// Worked cases: the clock over what each year had of its own.
func TestDue(t *testing.T) {
	tests := map[string]struct {
		class    int
		accepted dars.Day
		waits    []dars.Day // the days of a pause and of its end, in turn
		due      dars.Day
	}{
		"over Easter":                            {14, "2016-03-24", nil, "2016-04-15"},
		"over a state funeral":                   {30, "2022-09-12", nil, "2022-10-25"},
		"over a royal wedding and May day":       {14, "2011-04-20", nil, "2011-05-16"},
		"over the jubilee of 2012":               {14, "2012-05-31", nil, "2012-06-22"},
		"over the jubilee of 2022":               {14, "2022-05-27", nil, "2022-06-20"},
		"over a May day that was a Friday":       {14, "2020-05-01", nil, "2020-05-22"},
		"over Christmas with a substitute":       {14, "2015-12-18", nil, "2016-01-12"},
		"over one with two":                      {14, "2021-12-17", nil, "2022-01-11"},
		"accepted on a Saturday":                 {14, "2026-03-07", nil, "2026-03-26"},
		"accepted on a bank holiday":             {14, "2016-03-25", nil, "2016-04-15"},
		"a question answered on the same day":    {14, "2016-03-24", []dars.Day{"2016-03-30", "2016-03-30"}, "2016-04-15"},
		"a question on the day of acceptance":    {14, "2016-03-24", []dars.Day{"2016-03-24", "2016-03-29"}, "2016-04-18"},
		"a question over a weekend":              {14, "2016-03-24", []dars.Day{"2016-04-01", "2016-04-03"}, "2016-04-15"},
		"one day, answered on the next":          {14, "2016-03-24", []dars.Day{"2016-03-30", "2016-03-31"}, "2016-04-18"},
		"a week":                                 {14, "2016-03-24", []dars.Day{"2016-03-30", "2016-04-06"}, "2016-04-22"},
		"over Easter, which costs nothing more":  {14, "2016-03-23", []dars.Day{"2016-03-24", "2016-03-28"}, "2016-04-14"},
		"two questions":                          {14, "2016-03-24", []dars.Day{"2016-03-30", "2016-03-31", "2016-04-04", "2016-04-06"}, "2016-04-20"},
		"two on one day, and one over the night": {14, "2016-03-24", []dars.Day{"2016-03-30", "2016-03-30", "2016-03-30", "2016-03-31"}, "2016-04-18"},
		"a question that nobody has answered":    {14, "2016-03-24", []dars.Day{"2016-03-30"}, ""},
		"a question on the day that it is due":   {14, "2016-03-24", []dars.Day{"2016-04-15"}, "2016-04-15"},
		"a question when it was overdue":         {14, "2016-03-24", []dars.Day{"2016-04-18", "2016-05-18"}, "2016-04-15"},
		"for years":                              {14, "2016-03-24", []dars.Day{"2016-03-30", "2026-10-26"}, "2026-11-11"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			p, c := accepted(t, tt.class, tt.accepted), london(t)
			for i, on := range tt.waits {
				if i%2 == 0 {
					ruled(t, p.Pause(by("P-000001"), wait(detail), on), "")
				} else {
					ruled(t, p.Resume(by("P-000002"), c, on), "")
				}
			}
			if p.Clock.Due != tt.due {
				t.Fatalf("it is due on %s, want %s", p.Clock.Due, tt.due)
			}
			if _, paused := p.Clock.Paused(); paused || tt.due == "" {
				return
			}
			used, err := p.Clock.Used(c, tt.due)
			if err != nil || used != tt.class {
				t.Errorf("until %s %d working days are used, want %d: %v", tt.due, used, tt.class, err)
			}
		})
	}
}

// A hundred clocks, paused and let go on days picked blindly. What the ledger says
// is what somebody finds who goes through the days one by one.
func TestTheLedgerCountsLikeSomebodyWithAPencil(t *testing.T) {
	c := london(t)
	for seed := range uint64(100) {
		dice := rand.New(rand.NewPCG(seed, 17))
		on := dars.Day("2011-01-10").Add(dice.IntN(6000))
		p := accepted(t, []int{14, 30, 60}[dice.IntN(3)], on)
		for range dice.IntN(8) {
			before := p.Clock
			paused := on.Add(dice.IntN(12))
			ruled(t, p.Pause(by("P-000001"), wait(detail), paused), "")
			byPencil(t, seed, p, c, paused.Add(5))
			on = paused.Add(dice.IntN(20) * dice.IntN(2)) // often on the same day
			ruled(t, p.Resume(by("P-000001"), c, on), "")
			moved := pencil(c, before.Due, p.Clock.Due)
			if waited := pencil(c, paused, on); before.Due > paused && moved != waited || before.Due <= paused && p.Clock.Due != before.Due {
				t.Fatalf("seed %d: paused from %s to %s, %d working days; due moved from %s to %s, by %d", seed, paused, on, waited, before.Due, p.Clock.Due, moved)
			}
		}
		byPencil(t, seed, p, c, on.Add(dice.IntN(100)))
		p.StopClock("first access", on.Add(3))
		byPencil(t, seed, p, c, on.Add(100))
	}
}

// pencil counts the working days after one day, up to and with another.
func pencil(c dars.Calendar, after, until dars.Day) (n int) {
	for d := after.Add(1); d <= until; d = d.Add(1) {
		if !d.Weekend() && c.Holidays[d] == "" {
			n++
		}
	}
	return n
}

func byPencil(t *testing.T, seed uint64, p *dars.Application, c dars.Calendar, on dars.Day) {
	t.Helper()
	k, want := p.Clock, 0
	for d := k.Started.Add(1); d <= on && (k.Stopped == "" || d <= k.Stopped); d = d.Add(1) {
		waits := slices.ContainsFunc(k.Pauses, func(p dars.Pause) bool { return p.From < d && (p.Until == "" || d <= p.Until) })
		if !d.Weekend() && c.Holidays[d] == "" && !waits {
			want++
		}
	}
	used, err := k.Used(c, on)
	ruled(t, err, "")
	days, err := k.Days(c, on)
	ruled(t, err, "")
	explained := 0
	for i, d := range days {
		if d.Counts {
			explained++
		}
		if d.Why == "" || d.Date != k.Started.Add(i) {
			t.Fatalf("seed %d: day %d is explained as %+v", seed, i, d)
		}
	}
	if used != want || explained != want || used < 0 {
		t.Fatalf("seed %d: on %s %d days are used, %d are explained, the pencil says %d: %+v", seed, on, used, explained, want, k)
	}
}

func TestWhatTheClockRefuses(t *testing.T) {
	c := london(t)
	running := func(*dars.Application) {}
	paused := func(p *dars.Application) { ruled(t, p.Pause(by("P-000001"), wait(outside), "2016-03-30"), "") }
	stopped := func(p *dars.Application) { p.StopClock("first access", "2016-04-04") }
	submitted := func(p *dars.Application) { p.State, p.Clock = dars.Submitted, dars.SLA{} }
	tests := map[string]struct {
		is   func(*dars.Application)
		do   func(p *dars.Application) error
		rule string
	}{
		"waiting for the committee":          {running, func(p *dars.Application) error { return p.Pause(by("P-000001"), wait("AWAIT_DAAG"), "2016-03-30") }, "no-pause"},
		"waiting for nobody knows what":      {running, func(p *dars.Application) error { return p.Pause(by("P-000001"), dars.Pause{For: detail}, "2016-03-30") }, "no-reason"},
		"an answer without a question":       {running, func(p *dars.Application) error { return p.Resume(by("P-000001"), c, "2016-03-30") }, "clock-running"},
		"a question before the start":        {running, func(p *dars.Application) error { return p.Pause(by("P-000001"), wait(detail), "2016-03-23") }, "clock-back"},
		"a level that is none":               {running, func(p *dars.Application) error { return p.SetClass(by("P-000001"), c, 20, "2016-03-30") }, "no-class"},
		"a level without a reason":           {running, func(p *dars.Application) error { return p.SetClass(dars.Act{}, c, 30, "2016-03-30") }, "no-reason"},
		"the level that it has":              {running, func(p *dars.Application) error { return p.SetClass(by("P-000001"), c, 60, "2016-03-30") }, "known"},
		"a recount by the same table":        {running, func(p *dars.Application) error { return p.Recount(by("P-000001"), c) }, "known"},
		"an answer outside the table":        {paused, func(p *dars.Application) error { return p.Resume(by("P-000001"), c, "2029-01-05") }, "not-in-table"},
		"a second question meanwhile":        {paused, func(p *dars.Application) error { return p.Pause(by("P-000001"), wait(outside), "2016-03-31") }, "clock-paused"},
		"an answer before the question":      {paused, func(p *dars.Application) error { return p.Resume(by("P-000001"), c, "2016-03-29") }, "clock-back"},
		"a question after the stop":          {stopped, func(p *dars.Application) error { return p.Pause(by("P-000001"), wait(detail), "2016-04-05") }, "clock-stopped"},
		"an answer after the stop":           {stopped, func(p *dars.Application) error { return p.Resume(by("P-000001"), c, "2016-04-05") }, "clock-running"},
		"another level after the stop":       {stopped, func(p *dars.Application) error { return p.SetClass(by("P-000001"), c, 30, "2016-04-05") }, "clock-stopped"},
		"a recount after the stop":           {stopped, func(p *dars.Application) error { return p.Recount(by("P-000001"), c) }, "clock-stopped"},
		"a question before acceptance":       {submitted, func(p *dars.Application) error { return p.Pause(by("P-000001"), wait(detail), "2016-03-30") }, "clock-not-started"},
		"a recount before acceptance":        {submitted, func(p *dars.Application) error { return p.Recount(by("P-000001"), c) }, "clock-not-started"},
		"acceptance before the table":        {submitted, func(p *dars.Application) error { return p.Accept(by("P-000001"), c, "2010-12-30") }, "not-in-table"},
		"acceptance at the end of the table": {submitted, func(p *dars.Application) error { return p.Accept(by("P-000001"), c, "2028-12-01") }, "not-in-table"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			p := accepted(t, 60, "2016-03-24")
			tt.is(p)
			was := facts(t, p)
			ruled(t, tt.do(p), tt.rule)
			if now := facts(t, p); now != was {
				t.Errorf("a refusal left a trace: %s, was %s", now, was)
			}
		})
	}
}

func TestWhatStopsTheClock(t *testing.T) {
	const on = dars.Day("2016-03-31")
	tests := map[string]struct {
		state      dars.ApplicationState
		do         func(p *dars.Application) error
		stops      string
		milestones int
	}{
		"an approval is a milestone": {dars.Recommended, func(p *dars.Application) error { return p.SIRO(by("P-000003"), true, on) }, "", 1},
		"a decline ends the case":    {dars.Recommended, func(p *dars.Application) error { return p.SIRO(by("P-000003"), false, on) }, "the decision letter: declined", 1},
		"so does a rejection":        {dars.AtDAAG, func(p *dars.Application) error { return p.Outcome(by("P-000003"), dars.Rejected, on) }, "the decision letter: rejected", 1},
		"a recommendation does not":  {dars.AtDAAG, func(p *dars.Application) error { return p.Outcome(by("P-000003"), dars.Recommended, on) }, "", 0},
		"nor does being deferred": {dars.AtDAAG, func(p *dars.Application) error {
			return p.Outcome(by("P-000003"), dars.Deferred, on, dars.Point{Owner: dars.TheApplicant, Due: on, Text: "answer"})
		}, "", 0},
		"the applicant has changed plans": {dars.Assessed, func(p *dars.Application) error { return p.Withdraw(by("P-000005"), on) }, "the application was withdrawn", 0},
		"the first release":               {dars.Approved, func(p *dars.Application) error { p.StopClock("first access: REL-000001", on); return nil }, "first access: REL-000001", 0},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			p := accepted(t, 14, "2016-03-24")
			p.State = tt.state
			ruled(t, tt.do(p), "")
			if k := p.Clock; k.StoppedBy != tt.stops || (k.Stopped == on) != (tt.stops != "") || len(k.Milestones) != tt.milestones {
				t.Errorf("the clock is %+v", k)
			}
			p.StopClock("first access: REL-000009", "2016-05-01")
			if tt.stops != "" && p.Clock.Stopped != on {
				t.Errorf("it stopped again: %+v", p.Clock)
			}
		})
	}
}

func TestAStopEndsThePause(t *testing.T) {
	p, c := accepted(t, 14, "2016-03-24"), london(t)
	ruled(t, p.Pause(by("P-000001"), wait(detail), "2016-03-30"), "")
	ruled(t, p.Withdraw(by("P-000005"), "2016-04-08"), "")
	used, err := p.Clock.Used(c, "2016-06-01")
	if _, paused := p.Clock.Paused(); paused || used != 2 || err != nil || p.Clock.Stopped != "2016-04-08" {
		t.Errorf("%d days are used (%v): %+v", used, err, p.Clock)
	}
}

// What is withdrawn or referred back before it was accepted has no clock.
func TestNoClockBeforeAcceptance(t *testing.T) {
	for name, do := range map[string]func(p *dars.Application) error{
		"referred back": func(p *dars.Application) error { return p.ReferBack(by("P-000001"), "2016-03-02") },
		"withdrawn":     func(p *dars.Application) error { return p.Withdraw(by("P-000005"), "2016-03-02") },
	} {
		p := &dars.Application{Stem: "DARS-NIC-000001-B1C2D", Major: 1, State: dars.Submitted, Form: askFor()}
		ruled(t, do(p), "")
		days, err := p.Clock.Days(london(t), "2016-04-01")
		used, err2 := p.Clock.Used(london(t), "2016-04-01")
		if k := p.Clock; k.Started != "" || k.Stopped != "" || k.Due != "" || len(days) > 0 || err != nil || used != 0 || err2 != nil {
			t.Errorf("one that was %s has the clock %+v", name, k)
		}
	}
}

func TestEachDayIsExplained(t *testing.T) {
	p, c := accepted(t, 14, "2016-03-24"), london(t)
	ruled(t, p.Pause(by("P-000001"), wait(outside), "2016-03-30"), "")
	ruled(t, p.Resume(by("P-000001"), c, "2016-04-04"), "")
	days, err := p.Clock.Days(c, "2016-04-05")
	ruled(t, err, "")
	var got []string
	for _, d := range days {
		got = append(got, fmt.Sprintf("%s %v %s", d.Date, d.Counts, d.Why))
	}
	want := `2016-03-24 false accepted: this is day 0
2016-03-25 false bank holiday: Good Friday
2016-03-26 false Saturday
2016-03-27 false Sunday
2016-03-28 false bank holiday: Easter Monday
2016-03-29 true working day 1 of 14
2016-03-30 true working day 2 of 14
2016-03-31 false paused for approval by an outside body: who is it for
2016-04-01 false paused for approval by an outside body: who is it for
2016-04-02 false Saturday
2016-04-03 false Sunday
2016-04-04 false approval by an outside body came: this is day 0 again
2016-04-05 true working day 3 of 14`
	if strings.Join(got, "\n") != want {
		t.Errorf("the days are\n%s\nwant\n%s", strings.Join(got, "\n"), want)
	}
	ahead, err := p.Clock.Ahead(c, "2016-04-05")
	if n := len(ahead); err != nil || n == 0 || ahead[0].Date != "2016-04-06" || ahead[n-1] != (dars.ClockDay{Date: p.Clock.Due, Counts: true, Why: "working day 14 of 14"}) {
		t.Errorf("the days ahead are %v (%v)", ahead, err)
	}
}

// Asked on each day of a pause, it says when it would be due if answered then, and
// that is when it is due if it is.
func TestDueIfAnsweredToday(t *testing.T) {
	c := london(t)
	for on := dars.Day("2016-12-19"); on < "2017-01-20"; on = on.Add(1) {
		p := accepted(t, 30, "2016-12-12")
		ruled(t, p.Pause(by("P-000001"), wait(detail), "2016-12-19"), "")
		told, err := p.Clock.IfAnswered(c, on)
		ruled(t, err, "")
		ruled(t, p.Resume(by("P-000001"), c, on), "")
		if told != p.Clock.Due || told == "" {
			t.Errorf("on %s it was told %s, and is due on %s", on, told, p.Clock.Due)
		}
	}
}

// The day of an act is London's: the hour does not matter, nor do the nights on
// which clocks change.
func TestTheHourDoesNotMatter(t *testing.T) {
	c := london(t)
	tests := map[string]struct{ asked, answered string }{
		"both at noon":                          {"2026-03-27T12:00:00Z", "2026-04-01T11:00:00Z"},
		"the last second, and the first":        {"2026-03-27T23:59:59Z", "2026-03-31T23:00:00Z"},
		"the first second, and the last":        {"2026-03-27T00:00:00Z", "2026-04-01T22:59:59Z"},
		"by a clock of New York":                {"2026-03-27T19:59:59-04:00", "2026-03-31T19:00:00-04:00"},
		"over the night they went back":         {"2026-10-23T22:59:59Z", "2026-10-28T00:00:00Z"},
		"over that night, at the other end":     {"2026-10-22T23:00:00Z", "2026-10-28T23:59:59Z"},
		"in the hour that comes twice, or none": {"2026-10-23T00:30:00Z", "2026-10-28T01:30:00Z"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			asked, err := time.Parse(time.RFC3339, tt.asked)
			if err != nil {
				t.Fatal(err)
			}
			answered, err := time.Parse(time.RFC3339, tt.answered)
			if err != nil {
				t.Fatal(err)
			}
			p := accepted(t, 14, c.Day(asked).Add(-4))
			before := p.Clock.Due
			ruled(t, p.Pause(by("P-000001"), wait(detail), c.Day(asked)), "")
			ruled(t, p.Resume(by("P-000001"), c, c.Day(answered)), "")
			if moved := pencil(c, before, p.Clock.Due); moved != 3 {
				t.Errorf("asked on Friday and answered on Wednesday moves it by %d days", moved)
			}
		})
	}
}

// A bank holiday that is announced late moves no clock that runs, unless somebody
// has it counted again.
func TestALateBankHoliday(t *testing.T) {
	c := london(t)
	before := c
	before.Holidays = map[dars.Day]string{}
	for day, name := range c.Holidays {
		if day != "2022-09-19" {
			before.Holidays[day] = name
		}
	}
	p := &dars.Application{Stem: "DARS-NIC-000001-B1C2D", Major: 1, State: dars.Submitted, Form: askFor(), Review: dars.Review{LegalBasis: true, Security: true, Feasibility: true, Purpose: true}}
	p.TakeEvidence(by("P-000005"), []dars.EvidenceFile{{Kind: "S251_APPROVAL", File: "cag.pdf"}}, "2022-09-05")
	ruled(t, p.Look(by("P-000001"), 1, dars.EvidenceSeen, dars.Reading{}, "2022-09-05"), "")
	ruled(t, p.SetClass(by("P-000001"), before, 30, "2022-09-05"), "")
	ruled(t, p.Accept(by("P-000001"), before, "2022-09-05"), "")
	if p.Clock.Due != "2022-10-17" || p.Clock.Table != "England 2011-2028" {
		t.Fatalf("the clock is %+v", p.Clock)
	}
	funeral, err := before.Announce(by("P-000001"), 1, "2022-09-19", " State  funeral ", "2022-09-10")
	ruled(t, err, "")
	after := before.With([]*dars.Holiday{funeral})
	if after.Version != "England 2011-2028+1" || after.Holidays["2022-09-19"] != "State funeral" || before.Holidays["2022-09-19"] != "" {
		t.Fatalf("the table after is %s", after.Version)
	}
	then, err := after.As(p.Clock.Table, []*dars.Holiday{funeral})
	if err == nil { // after has one announced, so it is no table of its own
		t.Errorf("there is a table %q", then.Version)
	}
	if then, err = before.As(p.Clock.Table, []*dars.Holiday{funeral}); err != nil || then.Holidays["2022-09-19"] != "" {
		t.Errorf("the table of the clock is %s: %v", then.Version, err)
	}
	if then, err = before.As("England 2011-2028+1", []*dars.Holiday{funeral}); err != nil || then.Holidays["2022-09-19"] == "" {
		t.Errorf("the table after it is %s: %v", then.Version, err)
	}
	newer := before
	newer.Version, newer.Earlier, newer.Holidays = "England 2011-2029", []dars.Calendar{before}, c.Holidays
	if then, err = newer.As("England 2011-2028+1", []*dars.Holiday{funeral}); err != nil || then.Version != "England 2011-2028+1" || then.Zone == nil {
		t.Errorf("in a newer program the table is %s: %v", then.Version, err)
	}
	for _, none := range []string{"", "England 2011-2027", "England 2011-2028+2", "England 2011-2028+x", "England 2011-2028+"} {
		if _, err := before.As(none, []*dars.Holiday{funeral}); err == nil {
			t.Errorf("there is a table %q", none)
		}
	}
	ruled(t, p.Recount(by("P-000001"), after), "")
	if p.Clock.Due != "2022-10-18" || p.Clock.Table != "England 2011-2028+1" {
		t.Errorf("counted again it is %+v", p.Clock)
	}
}

func TestChangesOfTheTable(t *testing.T) {
	c := london(t)
	announce := func(day dars.Day, name string) error {
		_, err := c.Announce(by("P-000001"), 1, day, name, "2026-03-02")
		return err
	}
	ruled(t, announce("2026-06-19", "A bank holiday"), "")
	ruled(t, announce("2026-06-19", "  "), "no-name")
	ruled(t, announce("2026-05-04", "May day"), "known")
	ruled(t, announce("2026-06-20", "A Saturday"), "weekend")
	_, err := c.Revoke(by("P-000001"), 1, "2026-06-19", "2026-03-02")
	ruled(t, err, "not-found")
	_, err = c.Revoke(dars.Act{}, 1, "2026-05-04", "2026-03-02")
	ruled(t, err, "no-reason")
	// May day moved to the Friday after, as in 2020.
	off, err := c.Revoke(by("P-000001"), 1, "2026-05-04", "2026-03-02")
	ruled(t, err, "")
	_, err = c.With([]*dars.Holiday{off}).AddWorking("2026-05-01", 1)
	ruled(t, err, "not-in-table") // seven are too few
	on, err := c.Announce(by("P-000001"), 2, "2026-05-08", "May day, moved", "2026-03-02")
	ruled(t, err, "")
	moved := c.With([]*dars.Holiday{on, off})
	if day, err := moved.AddWorking("2026-05-01", 1); err != nil || day != "2026-05-04" || moved.Version != "England 2011-2028+2" {
		t.Errorf("the day after is %s by %s: %v", day, moved.Version, err)
	}
	if day, err := moved.AddWorking("2026-05-07", 1); err != nil || day != "2026-05-11" {
		t.Errorf("the day after the moved one is %s: %v", day, err)
	}
}
