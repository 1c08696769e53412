package main

import (
	"context"
	"strings"

	"github.com/spf13/cobra"

	"darsd/dars"
	"darsd/office"
)

func agreementCommands(s *session) *cobra.Command {
	wing := func(c *call) office.Agreements { return office.Agreements{Office: c.Office} }
	var start, end string
	issue := s.do("issue APPLICATION", "draw up the agreement of an approved application", exactly(1), func(c *call) error {
		for _, day := range []string{start, end} {
			if _, err := dars.ParseDay(day); day != "" && err != nil {
				return misuse{err}
			}
		}
		id, err := wing(c).Issue(c.ctx, c.act, c.args[0], dars.Day(start), dars.Day(end))
		if err != nil {
			return err
		}
		return c.say(map[string]any{"id": id}, "%s is issued for signature", id)
	})
	issue.Flags().StringVar(&start, "start", "", "its first day (as applied for)")
	issue.Flags().StringVar(&end, "end", "", "its last day (as applied for)")
	var copy bool
	printing := s.look("print AGREEMENT", "write its PDF to standard output", exactly(1), func(c *call) error {
		id, err := office.Desk{Office: c.Office}.Agreement(c.ctx, c.act.Who, c.args[0])
		if err != nil {
			return err
		}
		look, about := "paper of agreement", string(id)
		if copy {
			paper, err := office.Desk{Office: c.Office}.Returned(c.ctx, c.act, about, office.SignedCopyPaper)
			if err == nil { // else they may not see it, or there is none: Print says so
				look, about, _ = strings.Cut(office.Look(paper), " ")
			}
		}
		if err := c.looked(look, about); err != nil {
			return err
		}
		return wing(c).Print(c.ctx, c.act, id, copy, c.env.stdout)
	})
	printing.Flags().BoolVar(&copy, "copy", false, "the signed copy that came back")
	var remove bool
	collector := s.do("collector AGREEMENT LOGIN", "let one more person collect under it (--remove: no longer)", exactly(2), func(c *call) error {
		id, err := office.Desk{Office: c.Office}.Agreement(c.ctx, c.act.Who, c.args[0])
		if err != nil {
			return err
		}
		if remove {
			return c.told(wing(c).RemoveCollector(c.ctx, c.act, id, c.args[1]), "%s may no longer collect under %s", c.args[1], id)
		}
		return c.told(wing(c).AddCollector(c.ctx, c.act, id, c.args[1]), "%s may collect under %s", c.args[1], id)
	})
	collector.Flags().BoolVar(&remove, "remove", false, "no longer, at once")
	return group("agreement", "Data Sharing Agreements", append(overrideCommands(s),
		issue, printing, collector,
		confirmCommand(s),
		onAgreement(s, "countersign AGREEMENT", "sign it for the office", "%s is signed by all", office.Agreements.Countersign),
		onAgreement(s, "terminate AGREEMENT", "end it before its time (--reason)", "%s is terminated", office.Agreements.Terminate),
		obligeCommand(s), metCommand(s), annualReviewCommand(s), benefitsCommand(s),
		s.look("show AGREEMENT", "print an agreement", exactly(1), func(c *call) error {
			id, err := office.Desk{Office: c.Office}.Agreement(c.ctx, c.act.Who, c.args[0])
			if err != nil {
				return c.orImported(c.args[0], err)
			}
			g, err := get(c, string(id), orgOfAgreement)
			if err != nil {
				return err
			}
			v, err := c.agreementView(g)
			if err != nil {
				return err
			}
			return c.facts(v, v.facts(g, c.Calendar.Day(c.act.At))...)
		}),
		listAgreementsCommand(s),
	)...)
}

func listAgreementsCommand(s *session) *cobra.Command {
	var days int
	cmd := s.look("list", "print all agreements (--expiring DAYS: those that end soon)", exactly(0), func(c *call) error {
		all, err := c.agreementLines(days)
		if err != nil {
			return err
		}
		return items(c, all, "AGREEMENT ORG STATE START END", func(one any) []any {
			if g, ok := one.(*dars.Agreement); ok {
				return []any{g.ID, g.Org, g.StateOn(c.Calendar.Day(c.act.At)), g.Start, g.End}
			}
			g := one.(importedLine)
			return []any{g.ID, g.Org, g.State, g.Start, g.End}
		})
	})
	cmd.Flags().IntVar(&days, "expiring", 0, "only those whose last day is within so many days from today, by that day")
	return cmd
}

// onAgreement is the form of the acts on one agreement.
func onAgreement(s *session, use, about, said string, act func(office.Agreements, context.Context, dars.Act, dars.AgreementID) error) *cobra.Command {
	return s.do(use, about, exactly(1), func(c *call) error {
		id, err := office.Desk{Office: c.Office}.Agreement(c.ctx, c.act.Who, c.args[0])
		if err != nil {
			return err
		}
		return c.told(act(office.Agreements{Office: c.Office}, c.ctx, c.act, id), said, id)
	})
}
