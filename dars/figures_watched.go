package dars

import (
	"cmp"
	"slices"
	"time"
)

// What is done past the doors that everybody else uses, and what was tried and refused.

// A ShellAct is an act of a local shell in somebody's name, as the log has it.
type ShellAct struct {
	At  time.Time
	Who PersonID
	Act string
	Via Door
}

// console is what was done from a local shell, and for which reasons.
func (s Moment) console(f *Figures) {
	var rows, acts [][]any
	points, at := months(f.From, s.On, 2)
	glass := 0
	for _, g := range s.Glass {
		if day := s.Calendar.Day(g.At); f.within(day) {
			glass++
			rows = append(rows, []any{g.ID, day, g.Act, string(g.Person), g.Reason})
		}
	}
	type of struct {
		who PersonID
		act string
		via Door
	}
	times, last := map[of]int{}, map[of]Day{}
	people, all := map[string]int{}, 0
	for _, a := range s.Shell {
		day := s.Calendar.Day(a.At)
		if !f.within(day) {
			continue
		}
		one := of{a.Who, a.Act, a.Via}
		times[one]++
		last[one] = max(last[one], day)
		people[string(a.Who)]++
		all++
		if a.Via == BreakGlass {
			at(day)[0]++
		} else {
			at(day)[1]++
		}
	}
	for one, n := range times {
		acts = append(acts, []any{string(one.who), one.act, string(one.via), n, last[one]})
	}
	slices.SortFunc(acts, func(a, b []any) int {
		return cmp.Or(cmp.Compare(b[3].(int), a[3].(int)), cmp.Compare(a[0].(string), b[0].(string)), cmp.Compare(a[1].(string), b[1].(string)), cmp.Compare(a[2].(string), b[2].(string)))
	})
	f.fact("Acts from a local shell in the period", "%d", all)
	f.fact("Of these in an emergency, for a reason (break-glass)", "%d", glass)
	f.fact("People in whose names", "%d", len(people))
	f.lines("Acts from a local shell, by month", []string{"Break-glass", "Console"}, points...)
	f.bars("Acts from a local shell, by person", "Person", "Acts", ranked(people, true)...)
	f.table("Break-glass", []string{"Reference", "On", "Act", "Person", "Why"}, rows)
	f.table("Acts from a local shell, by person and act", []string{"Person", "Act", "Door", "Times", "Last"}, acts)
}

// refusals is which acts were refused, whose, and by which rule. Their table has a row
// for each day; the newest of them, where there are many.
func (s Moment) refusals(f *Figures) {
	type of struct {
		day       Day
		who       PersonID
		act, rule string
		via       Door
	}
	points, at := months(f.From, s.On, 2)
	times, rules, people, signIns, all := map[of]int{}, map[string]int{}, map[PersonID]bool{}, 0, 0
	for _, r := range s.Refused {
		day := s.Calendar.Day(r.Hour)
		if !f.within(day) {
			continue
		}
		times[of{day, r.Who, r.Act, r.Rule, r.Via}] += r.Times
		rules[r.Rule] += r.Times
		all += r.Times
		if r.Via != Clock {
			people[r.Who] = true
		}
		if r.Act == ActSignIn {
			signIns += r.Times
			at(day)[1] += r.Times
		} else {
			at(day)[0] += r.Times
		}
	}
	var rows [][]any
	for one, n := range times {
		rows = append(rows, []any{one.day, string(one.who), one.act, one.rule, string(one.via), n})
	}
	slices.SortFunc(rows, func(a, b []any) int {
		return cmp.Or(cmp.Compare(b[0].(Day), a[0].(Day)), cmp.Compare(b[5].(int), a[5].(int)), cmp.Compare(a[1].(string), b[1].(string)),
			cmp.Compare(a[2].(string), b[2].(string)), cmp.Compare(a[3].(string), b[3].(string)), cmp.Compare(a[4].(string), b[4].(string)))
	})
	f.Data = "counts by the hour, kept beside the log and not covered by it; of a program that was killed the last ten seconds are missing here, and stand in darsd log show --refused"
	f.fact("Refused in the period", "%d, of which %d at the sign-in", all, signIns)
	f.fact("People refused", "%d", len(people))
	if len(rows) > mostRefusals {
		f.fact("Rows left out below", "%d, the oldest", len(rows)-mostRefusals)
		rows = rows[:mostRefusals]
	}
	f.lines("Refused, by month", []string{"Acts", "Sign-ins"}, points...)
	f.bars("Refused, by rule", "Rule", "Times", ranked(rules, false)...)
	f.table("Refused, by day", []string{"Day", "Person", "Act", "Rule", "Door", "Times"}, rows)
}

// ActSignIn is what those do who come to the SFTP endpoint.
const ActSignIn = "sign in"

// mostRefusals is how many rows a report of refused acts has at most.
const mostRefusals = 2000
