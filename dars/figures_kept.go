package dars

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
)

// How the office keeps to its word, and others to theirs.

// levels is how long cases took, in working days, and of that how long with others.
func (s Moment) levels(f *Figures) {
	s.Service.On = s.On
	var rows, ever [][]any
	var speed, waiting []FigurePoint
	cases := s.Service.cases(f)
	for _, class := range Classes {
		var used, applicant, outside []int
		within := 0
		for _, c := range cases {
			if c.class != class.Days {
				continue
			}
			used, applicant, outside = append(used, c.used), append(applicant, c.applicant), append(outside, c.outside)
			if c.used <= class.Days {
				within++
			}
		}
		label, l := strconv.Itoa(class.Days)+" days", s.Service.level(class)
		median, ninetieth := percentile(used, 50), percentile(used, 90)
		speed = append(speed, bar(label+", median", median, median > class.Days), bar(label+", 90th", ninetieth, ninetieth > class.Days))
		waiting = append(waiting, bar(label+", median", percentile(applicant, 50), false), bar(label+", 90th", percentile(applicant, 90), false))
		rows = append(rows, []any{class.Name, class.Days, len(used), within, median, ninetieth, percentile(applicant, 50), percentile(applicant, 90), percentile(outside, 50), percentile(outside, 90)})
		ever = append(ever, []any{l.Name, l.Days, l.Finished, l.Within, l.Median, l.Ninetieth, l.PausedMedian, l.Paused90, l.Running, l.Late})
		if len(used) == 0 {
			f.fact("Level of "+label, "no case was finished in the period")
			continue
		}
		f.fact("Level of "+label, "%d of %d finished in the period were within it; half took no more than %d, nine in ten no more than %d", within, len(used), median, ninetieth)
	}
	f.Data = "the tables of bank holidays that each case was begun by"
	f.bars("Working days that finished cases took, without waiting for others", "Service level", "Working days", speed...)
	f.bars("Of these cases, working days with the applicant", "Service level", "Working days", waiting...)
	f.lines("Cases accepted and finished, by month", []string{"Accepted", "Finished"}, s.Service.flowOfCases(f.From)...)
	f.table("Finished in the period, by service level", []string{"Class", "Working days", "Finished", "Within", "Median", "90th percentile", "With the applicant, median", "With the applicant, 90th", "With an outside body, median", "With an outside body, 90th"}, rows)
	f.table("Since the beginning, by service level", []string{"Class", "Working days", "Finished", "Within", "Median", "90th percentile", "Waiting for others, median", "Waiting for others, 90th", "Running", "Late"}, ever)
	var each [][]any
	for _, c := range cases {
		each = append(each, []any{c.application, c.class, c.from, c.to, c.used, c.applicant, c.outside, c.used <= c.class})
	}
	f.table("Cases finished in the period", []string{"Application", "Working days", "Accepted", "Finished", "Used", "With the applicant", "With an outside body", "Within"}, each)
}

// A timedCase is a case whose clock has stopped, in working days.
type timedCase struct {
	application              string
	class                    int
	from, to                 Day
	used, applicant, outside int
}

// cases are those that were finished in the span of a report. As on the dashboard, one
// that was withdrawn is none, nor one whose years its table does not have.
func (f DashboardFacts) cases(of *Figures) (all []timedCase) {
	for _, p := range f.Applications {
		k := p.Clock
		if k.Started == "" || !of.within(k.Stopped) || k.withdrawn() {
			continue
		}
		c, err := f.Calendar(k.Table)
		if err != nil {
			continue
		}
		one := timedCase{application: string(p.ID()), class: k.Class, from: k.Started, to: k.Stopped}
		if one.used, err = k.Used(c, f.On); err != nil {
			continue
		}
		if one.applicant, err = k.waited(c, PauseReasons[0].Code); err != nil {
			continue
		}
		if one.outside, err = k.waited(c, PauseReasons[1].Code); err == nil {
			all = append(all, one)
		}
	}
	return all
}

// withdrawn reports whether the applicant has ended it.
func (k SLA) withdrawn() bool { return k.StoppedBy == "the application was withdrawn" }

// waited is for how many working days a clock that has stopped was paused for a reason.
func (k SLA) waited(c Calendar, reason string) (days int, err error) {
	for _, p := range k.Pauses {
		if p.For != reason || p.From >= k.Stopped {
			continue
		}
		n, err := c.Between(p.From, Earliest(p.Until, k.Stopped))
		if err != nil {
			return 0, err
		}
		days += n
	}
	return days, nil
}

// flowOfCases is how many clocks were started and stopped in each month since a day.
func (f DashboardFacts) flowOfCases(from Day) []FigurePoint {
	points, at := months(from, f.On, 2)
	for _, p := range f.Applications {
		if k := p.Clock; k.Started != "" && !k.withdrawn() {
			at(k.Started)[0]++
			at(k.Stopped)[1]++
		}
	}
	return points
}

// audits is what auditors look at, what they found, and what is done about it.
func (s Moment) audits(f *Figures) {
	var rows, findings, actions [][]any
	classes, states := map[string]int{}, map[string]int{}
	open := 0
	for _, u := range s.Audits {
		if u.State == AuditClosed && !f.within(u.Closed) {
			continue
		}
		if u.State != AuditClosed {
			open++
		}
		rows = append(rows, []any{string(u.ID), s.called(u.Org), string(u.Agreement), u.Trigger, u.Triggered, string(u.State), u.Before.level(), u.After.level()})
		for _, x := range u.Findings {
			classes[x.Class]++
			findings = append(findings, []any{string(u.ID), x.N, x.Class, x.Area, x.Text, x.Due, string(x.Sanction)})
		}
		for _, t := range u.Actions {
			state, over := string(t.State), 0
			if t.Late(s.On) {
				state, over = "overdue", s.On.Since(t.Due)
			}
			states[state]++
			actions = append(actions, []any{string(u.ID), t.N, t.Finding, t.Text, string(t.Owner), t.Due, state, over})
		}
	}
	var byClass []FigurePoint
	for i, c := range FindingClasses {
		byClass = append(byClass, bar(c.Code, classes[c.Code], i < 2))
	}
	f.fact("Audits", "%d open, %d closed in the period", open, len(rows)-open)
	f.fact("Findings of these", "%d", len(findings))
	f.fact("Actions of these", "%d done, %d open, %d overdue", states[string(ActionDone)], states[string(ActionOpen)], states["overdue"])
	f.bars("Findings, by class", "Class", "Findings", byClass...)
	f.bars("Actions", "State", "Actions", bar("done", states[string(ActionDone)], false), bar("open", states[string(ActionOpen)], false), bar("overdue", states["overdue"], true))
	f.table("Audits", []string{"Audit", "Organisation", "Agreement", "Trigger", "Since", "State", "Risk", "Risk left"}, rows)
	f.table("Findings", []string{"Audit", "Finding", "Class", "Area", "What", "Due", "Sanction"}, findings)
	f.table("Actions", []string{"Audit", "Action", "Finding", "What", "Owner", "Due", "State", "Days late"}, actions)
}

// level is how great the risk was said to be; "" before anybody said it.
func (r *RiskStatement) level() string {
	if r == nil {
		return ""
	}
	return r.Level
}

// sanctions is what follows where somebody does not keep to a contract.
func (s Moment) sanctions(f *Figures) {
	var rows, held [][]any
	steps, appeals := map[SanctionState]int{}, 0
	points, at := months(f.From, s.On, 1)
	for _, x := range s.Sanctions {
		if !x.Stands() && !f.within(x.Lifted) {
			continue
		}
		for _, step := range x.Taken {
			at(step.On)[0]++
		}
		steps[x.State]++
		appeal := ""
		if n := len(x.Appeals); n > 0 {
			last := x.Appeals[n-1]
			if appeal = last.Outcome; appeal == "" {
				appeal, appeals = "open, to be decided by "+last.Due.Long(), appeals+1
			}
		}
		rows = append(rows, []any{string(x.ID), s.called(x.Org), string(x.Agreement), string(x.State), x.since(), x.Because(), appeal, x.Lifted})
	}
	for _, o := range s.Organisations {
		if o.State == OrgOnHold {
			held = append(held, []any{string(o.Code), o.Name, o.HoldReason, string(o.HeldFor)})
		}
	}
	var bars []FigurePoint
	standing := 0
	for _, rung := range SanctionLadder {
		bars = append(bars, bar(string(rung.State), steps[rung.State], true))
		standing += steps[rung.State]
	}
	f.fact("Sanctions that stand", "%d", standing)
	f.fact("Lifted in the period", "%d", steps[SanctionLifted])
	f.fact("Appeals not decided", "%d", appeals)
	f.fact("Organisations to which nothing is released", "%d", len(held))
	f.bars("Sanctions that stand, by step", "Step", "Sanctions", bars...)
	f.lines("Steps taken, by month", []string{"Steps"}, points...)
	f.table("Sanctions", []string{"Sanction", "Organisation", "Agreement", "Step", "Since", "Why", "Appeal", "Lifted"}, rows)
	f.table("Organisations to which nothing is released", []string{"Organisation", "Name", "Why", "For sanction"}, held)
}

// since is when its newest step was taken.
func (s *Sanction) since() Day {
	if n := len(s.Taken); n > 0 {
		return s.Taken[n-1].On
	}
	return ""
}

// recalls is what is called back, and who has not said what became of it.
func (s Moment) recalls(f *Figures) {
	var rows, late [][]any
	answered, open := 0, 0
	for _, r := range s.Recalls {
		files, left := 0, 0
		for _, n := range s.Notices {
			if n.Recall != r.ID {
				continue
			}
			files, left = files+len(n.Files), left+n.Unanswered
			if n.Unanswered > 0 && r.State == RecallStarted {
				late = append(late, []any{string(r.ID), n.Agreement, n.holders(), n.Unanswered, r.AnswerBy, max(0, s.On.Since(r.AnswerBy))})
			}
		}
		answered, open = answered+files-left, open+left
		rows = append(rows, []any{string(r.ID), string(r.Incident), string(r.State), r.Started, r.AnswerBy, files, left, r.Closed})
	}
	slices.SortStableFunc(late, func(a, b []any) int { return cmp.Compare(b[5].(int), a[5].(int)) })
	f.fact("Recalls", "%d", len(rows))
	f.fact("Files called back", "%d, of which %d are not answered for", answered+open, open)
	f.bars("Files called back", "Answer", "Files", bar("answered for", answered, false), bar("not answered for", open, true))
	f.table("Recalls", []string{"Recall", "Incident", "State", "Started", "Answer by", "Files", "Unanswered", "Closed"}, rows)
	f.table("Notices not answered", []string{"Recall", "Agreement", "Asked", "Files", "Answer by", "Days late"}, late)
}

// holders are the organisations that a notice asks: "RA1, RB2".
func (n *RecallNotice) holders() string {
	var all []string
	for _, p := range n.Parties {
		all = append(all, p.Org)
	}
	return strings.Join(all, ", ")
}
