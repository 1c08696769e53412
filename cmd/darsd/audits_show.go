package main

import (
	"fmt"
	"strings"

	"darsd/dars"
)

// showAudit prints an audit as it stands. Who is audited sees all but why it was chosen.
func (c *call) showAudit() error {
	u, err := get(c, c.args[0], orgOfAudit)
	if err != nil {
		return err
	}
	who, err := get(c, string(c.act.Who), orgOfPerson)
	if err != nil {
		return err
	}
	if !who.Inside() {
		u.Risk = nil
	}
	if c.json {
		return c.print(u)
	}
	sanctions, err := list(c, orgOfSanction, dars.By("audit", u.ID))
	if err != nil {
		return err
	}
	names, on := c.names(), c.Calendar.Day(c.act.At)
	s := sheet{w: c.env.stdout}
	s.facts("audit", string(u.ID), "organisation", string(u.Org), "agreement", string(u.Agreement), "state", string(u.State),
		"triggered", fmt.Sprintf("%s: %s", u.Triggered, dars.Meaning(dars.AuditTriggers, u.Trigger)), "reason", u.Reason,
		"announced", string(u.Notified), "days", span(u.From, u.To), "areas", meanings(dars.AuditAreas, u.Scope))
	s.statement("risk before", u.Before)
	s.statement("risk after", u.After)
	if len(u.Risk) > 0 {
		s.section("why it was chosen")
		s.risk(u.Risk)
	}
	if u.Reported != "" || len(u.Findings) > 0 {
		s.findings(u, names)
	}
	switch {
	case u.Answer != nil:
		word := map[bool]string{true: "accepted", false: "disputed"}[u.Answer.Accepts]
		s.text(fmt.Sprintf("ANSWER OF %s, %s: %s", u.Answer.On, names(u.Answer.By), word), u.Answer.Text)
	case u.Reported != "" && u.State != dars.AuditClosed:
		s.print("\nThe report is to be answered by %s.\n", u.AnswerBy)
	}
	if len(u.Actions) > 0 {
		s.actions(u, names, on)
	}
	for _, one := range sanctions {
		s.section("sanction " + string(one.ID))
		s.taken(one, names)
	}
	return s.err
}

// span is some days: "2026-03-02 to 2026-03-04".
func span(from, to dars.Day) string {
	if from == "" {
		return ""
	}
	return fmt.Sprintf("%s to %s", from, to)
}

// statement prints a risk statement.
func (s *sheet) statement(title string, r *dars.RiskStatement) {
	if r != nil {
		s.text(fmt.Sprintf("%s: %s, %s", strings.ToUpper(title), dars.Meaning(dars.RiskLevels, r.Level), r.On), r.Opinion)
	}
}

// findings prints those of each class, the gravest first.
func (s *sheet) findings(u *dars.Audit, names func(dars.PersonID) string) {
	s.section("findings")
	if len(u.Findings) == 0 {
		s.print("  none\n")
	}
	for _, class := range dars.FindingClasses {
		for _, f := range u.Findings {
			if f.Class != class.Code {
				continue
			}
			state := "open"
			if u.Settled(f) {
				state = "settled"
			}
			of := []string{class.Means, dars.Meaning(dars.AuditAreas, f.Area)}
			if class.Days > 0 {
				of = append(of, state, "owner "+names(f.Owner), "due "+string(f.Due))
			}
			if f.Breach != "" {
				of = append(of, "a breach: "+dars.Meaning(dars.BreachCodes(), f.Breach), "sanction "+string(f.Sanction))
			}
			s.entry(fmt.Sprint(f.N), strings.Join(of, "; "), f.Text)
		}
	}
}

// entry prints a number with a line about it, and a text below.
func (s *sheet) entry(n, head, text string) {
	for i, folded := range fold(visible(head), screenWidth-4) {
		if i == 0 {
			s.print("%3s %s\n", n, folded)
			continue
		}
		s.print("    %s\n", folded)
	}
	for _, folded := range fold(visible(oneLine(text)), screenWidth-6) {
		s.print("      %s\n", folded)
	}
}

// below prints what belongs to an entry: a line about it, and a text.
func (s *sheet) below(head, text string) {
	for _, folded := range fold(visible(head), screenWidth-6) {
		s.print("      %s\n", folded)
	}
	for _, folded := range fold(visible(oneLine(text)), screenWidth-8) {
		s.print("        %s\n", folded)
	}
}

// actions prints the plan, and what was handed in for each action.
func (s *sheet) actions(u *dars.Audit, names func(dars.PersonID) string, on dars.Day) {
	s.section("actions")
	for _, t := range u.Actions {
		state := string(t.State)
		switch {
		case t.Waits():
			state = "evidence waits to be examined"
		case t.Late(on):
			state = fmt.Sprintf("%d days late", on.Since(t.Due))
		}
		of := []string{state, fmt.Sprintf("for finding %d", t.Finding), "owner " + names(t.Owner), "due " + string(t.Due)}
		for _, m := range t.Moved {
			of = append(of, fmt.Sprintf("was %s", m.From))
		}
		s.entry(fmt.Sprint(t.N), strings.Join(of, "; "), t.Text)
		for _, e := range t.Evidence {
			said := "not examined"
			if e.Verdict != "" {
				said = fmt.Sprintf("%s by %s on %s", e.Verdict, names(e.Examiner), e.Examined)
			}
			if e.Paper != "" {
				said += ", " + string(e.Paper)
			}
			s.below(fmt.Sprintf("evidence of %s, %s: %s", e.On, names(e.By), said), strings.TrimSpace(e.Text+" "+e.Why))
		}
	}
}

// taken prints the steps of a sanction, and the appeals against them.
func (s *sheet) taken(one *dars.Sanction, names func(dars.PersonID) string) {
	for _, t := range one.Taken {
		by := names(t.By)
		if t.By == dars.ByClock {
			by = "the clock"
		}
		s.entry("", fmt.Sprintf("%s %s, by %s; appeal until %s", t.On, t.State, by, t.AppealUntil), t.State.Rung().Means)
		for _, ap := range one.Appeals {
			if ap.Against != t.State {
				continue
			}
			said := "to be decided by " + string(ap.Due)
			if ap.Decided != "" {
				said = fmt.Sprintf("%s on %s by %s", ap.Outcome, ap.Decided, names(ap.Judge))
			}
			s.below(fmt.Sprintf("appeal of %s: %s", ap.On, said), ap.Text)
		}
	}
	if one.Lifted != "" {
		s.entry("", fmt.Sprintf("%s lifted, by %s", one.Lifted, names(one.LiftedBy)), one.LiftedWhy)
	}
}
