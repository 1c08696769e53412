package main

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"darsd/dars"
	"darsd/office"
)

// audits is the wing, and the audit that a command's first argument names.
func (c *call) audits() (office.Audits, dars.AuditID) {
	return office.Audits{Office: c.Office}, dars.AuditID(c.args[0])
}

// numbered is an argument that is a number: of a finding, or of an action.
func (c *call) numbered(i int, what string) (int, error) {
	n, err := strconv.Atoi(c.args[i])
	if err != nil {
		return 0, misuse{fmt.Errorf("%q is not the number of %s, such as 1", c.args[i], what)}
	}
	return n, nil
}

// days checks dates before anything is asked of the office.
func days(some ...string) error {
	for _, d := range some {
		if _, err := dars.ParseDay(d); d != "" && err != nil {
			return misuse{err}
		}
	}
	return nil
}

func auditCommands(s *session) *cobra.Command {
	return group("audit", "audits of recipients, from their trigger to their end",
		planAuditsCommand(s), reasonsCommand(s), openAuditCommand(s), notifyAuditCommand(s),
		s.do("begin AUDIT", "say that the auditors are there", exactly(1), func(c *call) error {
			o, id := c.audits()
			return c.told(o.Begin(c.ctx, c.act, id), "%s is in progress", id)
		}),
		findingCommand(s), reportAuditCommand(s), respondCommand(s), agreeCommand(s), extendActionCommand(s), auditEvidenceCommand(s),
		s.do("examine AUDIT ACTION accepted|refused", "say whether its newest evidence shows that an action is done", exactly(3), func(c *call) error {
			n, err := c.numbered(1, "an action")
			if err != nil {
				return err
			}
			o, id := c.audits()
			return c.told(o.Examine(c.ctx, c.act, id, n, c.args[2]), "the evidence for action %d of %s is %s", n, id, c.args[2])
		}),
		followUpCommand(s),
		s.do("close AUDIT", "end an audit of which nothing is left to be done", exactly(1), func(c *call) error {
			o, id := c.audits()
			return c.told(o.Close(c.ctx, c.act, id), "%s is closed", id)
		}),
		s.do("appeal SANCTION TEXT", "appeal against the newest step of a sanction", exactly(2), func(c *call) error {
			return c.told(office.Audits{Office: c.Office}.Appeal(c.ctx, c.act, dars.SanctionID(c.args[0]), c.args[1]), "the appeal against %s is noted, and waits to be decided", c.args[0])
		}),
		s.look("show AUDIT", "print an audit: findings, actions, what is late, the sanction", exactly(1), (*call).showAudit),
		s.look("list", "print all audits", exactly(0), func(c *call) error {
			all, err := list(c, orgOfAudit)
			if err != nil {
				return err
			}
			on := c.Calendar.Day(c.act.At)
			return items(c, all, "AUDIT ORG STATE TRIGGERED TRIGGER FINDINGS LATE", func(u *dars.Audit) []any {
				return []any{u.ID, u.Org, u.State, u.Triggered, u.Trigger, len(u.Findings), len(u.Overdue(on))}
			})
		}),
	)
}

// orgOfAudit is whose an audit is: they know of it when it was announced.
func orgOfAudit(u *dars.Audit) dars.OrgCode {
	if !u.Announced() {
		return dars.TheOffice
	}
	return u.Org
}

func planAuditsCommand(s *session) *cobra.Command {
	var year int
	var all bool
	cmd := s.do("plan", "draw the plan of a year by risk, or print it as drawn (--year)", exactly(0), func(c *call) error {
		if year == 0 {
			year, _ = strconv.Atoi(string(c.Calendar.Day(c.act.At)[:4]))
		}
		p, _, err := office.Audits{Office: c.Office}.Plan(c.ctx, c.act, year)
		if err != nil {
			return err
		}
		if c.json {
			return c.print(p)
		}
		out := sheet{w: c.env.stdout}
		out.print("%s, drawn on %s: %d of %d organisations that hold data\n", p.ID, p.Drawn, p.Audits, len(p.Orgs))
		for _, o := range p.Orgs {
			if o.Month == "" && !all {
				break
			}
			month := o.Month
			if month == "" {
				month = "not chosen"
			}
			out.print("\n%d. %s %s: %d points, %s\n", o.Rank, o.Org, visible(o.Name), o.Score, month)
			out.risk(o.Lines)
		}
		if rest := len(p.Orgs) - p.Audits; rest > 0 && !all {
			out.print("\n%d more were not chosen; --all prints them too\n", rest)
		}
		return out.err
	})
	cmd.Flags().IntVar(&year, "year", 0, "this year or the next (this year)")
	cmd.Flags().BoolVar(&all, "all", false, "those too that were not chosen")
	return cmd
}

// risk prints why a score is what it is.
func (s *sheet) risk(lines []dars.RiskLine) {
	var t table
	for _, l := range lines {
		t = append(t, []string{"  " + fmt.Sprintf("%3d", l.Points), strings.ToLower(strings.ReplaceAll(l.Code, "_", " ")), visible(l.Why)})
	}
	s.table(t)
}

func reasonsCommand(s *session) *cobra.Command {
	return s.look("reasons", "print what speaks for an audit now, of whom none is open", exactly(0), func(c *call) error {
		all, err := office.Audits{Office: c.Office}.Reasons(c.ctx, c.act)
		if err != nil {
			return err
		}
		return items(c, all, "ORG TRIGGER WHY", func(r office.Reason) []any { return []any{r.Org, r.Trigger, r.Why} })
	})
}

func openAuditCommand(s *session) *cobra.Command {
	var trigger, agreement string
	open := s.do("open ORG", "trigger an audit (--reason)", exactly(1), func(c *call) error {
		id, err := office.Audits{Office: c.Office}.Open(c.ctx, c.act, dars.OrgCode(c.args[0]), dars.AgreementID(agreement), trigger)
		if err != nil {
			return err
		}
		return c.say(map[string]any{"id": id}, "%s of %s is triggered", id, c.args[0])
	})
	open.Flags().StringVar(&trigger, "trigger", "ROUTINE", strings.Join(dars.Codes(dars.AuditTriggers), ", "))
	open.Flags().StringVar(&agreement, "agreement", "", "the agreement it is about")
	return open
}

func notifyAuditCommand(s *session) *cobra.Command {
	var from, to string
	var areas []string
	cmd := s.do("notify AUDIT", "announce an audit by letter: its days and its areas", exactly(1), func(c *call) error {
		if err := days(from, to); err != nil {
			return err
		}
		o, id := c.audits()
		return c.told(o.Notify(c.ctx, c.act, id, areas, dars.Day(from), dars.Day(to)), "%s is announced for %s to %s", id, from, to)
	})
	cmd.Flags().StringVar(&from, "from", "", "its first day, such as 2026-03-31")
	cmd.Flags().StringVar(&to, "to", "", "its last day")
	cmd.Flags().StringSliceVar(&areas, "area", nil, strings.Join(dars.Codes(dars.AuditAreas), ", ")+" (all)")
	return cmd
}

func findingCommand(s *session) *cobra.Command {
	var f dars.AuditFinding
	var due, owner string
	cmd := s.do("finding AUDIT TEXT", "note what was found, with its class and area", exactly(2), func(c *call) error {
		if err := days(due); err != nil {
			return err
		}
		o, id := c.audits()
		f.Text, f.Due = c.args[1], dars.Day(due)
		n, sanction, err := o.Find(c.ctx, c.act, id, f, owner)
		if err != nil {
			return err
		}
		if sanction != "" {
			return c.say(map[string]any{"id": n, "sanction": sanction}, "%d is the number of the finding in %s; as a breach it has led to sanction %s", n, id, sanction)
		}
		return c.say(map[string]any{"id": n}, "%d is the number of the finding in %s", n, id)
	})
	cmd.Flags().StringVar(&f.Class, "class", "", strings.Join(dars.Codes(dars.FindingCodes()), ", "))
	cmd.Flags().StringVar(&f.Area, "area", "", strings.Join(dars.Codes(dars.AuditAreas), ", "))
	cmd.Flags().StringVar(&f.Breach, "breach", "", "it is a breach, and leads to a sanction: "+strings.Join(dars.Codes(dars.BreachCodes()), ", "))
	cmd.Flags().StringVar(&owner, "owner", "", "the login of who is to see to it (who speaks for the agreement)")
	cmd.Flags().StringVar(&due, "due", "", "the day by which it is to be mended (by its class)")
	return cmd
}

func reportAuditCommand(s *session) *cobra.Command {
	var risk string
	cmd := s.do("report AUDIT OPINION", "end the field work with a risk statement", exactly(2), func(c *call) error {
		o, id := c.audits()
		return c.told(o.Report(c.ctx, c.act, id, risk, c.args[1]), "%s is reported", id)
	})
	cmd.Flags().StringVar(&risk, "risk", "", strings.Join(dars.Codes(dars.RiskLevels), ", "))
	return cmd
}

func respondCommand(s *session) *cobra.Command {
	var accept, dispute bool
	cmd := s.do("respond AUDIT TEXT", "answer the report of an audit", exactly(2), func(c *call) error {
		if accept == dispute {
			return misuse{fmt.Errorf("say --accept, or --dispute where a finding is not accepted")}
		}
		o, id := c.audits()
		return c.told(o.Respond(c.ctx, c.act, id, accept, c.args[1]), "the answer to %s is noted", id)
	})
	cmd.Flags().BoolVar(&accept, "accept", false, "the findings are accepted")
	cmd.Flags().BoolVar(&dispute, "dispute", false, "they are not, or not all")
	return cmd
}

func agreeCommand(s *session) *cobra.Command {
	var due, owner string
	cmd := s.do("action AUDIT FINDING TEXT", "agree what is to be done about a finding", exactly(3), func(c *call) error {
		finding, err := c.numbered(1, "a finding")
		if err == nil {
			err = days(due)
		}
		if err != nil {
			return err
		}
		o, id := c.audits()
		n, err := o.Agree(c.ctx, c.act, id, dars.AuditAction{Finding: finding, Text: c.args[2], Due: dars.Day(due)}, owner)
		if err != nil {
			return err
		}
		return c.say(map[string]any{"id": n}, "%d is the number of the action in %s", n, id)
	})
	cmd.Flags().StringVar(&due, "due", "", "the day by which it is done (that of the finding)")
	cmd.Flags().StringVar(&owner, "owner", "", "the login of who does it (the owner of the finding)")
	return cmd
}

func extendActionCommand(s *session) *cobra.Command {
	var due string
	cmd := s.do("extend AUDIT ACTION", "give an action more time (--due, --reason)", exactly(2), func(c *call) error {
		n, err := c.numbered(1, "an action")
		if err == nil {
			err = days(due)
		}
		if err != nil {
			return err
		}
		o, id := c.audits()
		return c.told(o.Extend(c.ctx, c.act, id, n, dars.Day(due)), "action %d of %s is due by %s", n, id, due)
	})
	cmd.Flags().StringVar(&due, "due", "", "the new day")
	return cmd
}

func auditEvidenceCommand(s *session) *cobra.Command {
	var file string
	cmd := s.do("evidence AUDIT ACTION TEXT", "hand in what shows that an action is done", exactly(3), func(c *call) error {
		n, err := c.numbered(1, "an action")
		if err != nil {
			return err
		}
		var content []byte
		name := ""
		if file != "" {
			if content, name, err = c.read(file); err != nil {
				return err
			}
		}
		o, id := c.audits()
		return c.told(o.HandIn(c.ctx, c.act, id, n, c.args[2], name, content), "the evidence for action %d of %s is noted; an auditor looks at it", n, id)
	})
	cmd.Flags().StringVar(&file, "file", "", "a paper that goes with it; - reads standard input")
	return cmd
}

func followUpCommand(s *session) *cobra.Command {
	var risk string
	cmd := s.do("follow-up AUDIT OPINION", "say what risk is left when the evidence was looked at", exactly(2), func(c *call) error {
		o, id := c.audits()
		return c.told(o.FollowUp(c.ctx, c.act, id, risk, c.args[1]), "%s is followed up", id)
	})
	cmd.Flags().StringVar(&risk, "risk", "", strings.Join(dars.Codes(dars.RiskLevels), ", "))
	return cmd
}
