package main

import (
	"github.com/spf13/cobra"

	"darsd/dars"
	"darsd/office"
)

func contractCommands(s *session) *cobra.Command {
	var start, end string
	issue := s.do("issue ORG", "draw up a framework contract for signature", exactly(1), func(c *call) error {
		first := c.Calendar.Day(c.act.At)
		if start != "" {
			first = dars.Day(start)
		}
		last := first.AddMonths(36).Add(-1)
		if end != "" {
			last = dars.Day(end)
		}
		for _, day := range []dars.Day{first, last} {
			if _, err := dars.ParseDay(string(day)); err != nil {
				return misuse{err}
			}
		}
		id, err := office.Parties{Office: c.Office}.IssueContract(c.ctx, c.act, dars.OrgCode(c.args[0]), first, last)
		if err != nil {
			return err
		}
		return c.say(map[string]any{"id": id}, "%s is issued for %s, from %s to %s", id, c.args[0], first, last)
	})
	issue.Flags().StringVar(&start, "start", "", "its first day (today)")
	issue.Flags().StringVar(&end, "end", "", "its last day (three years on)")
	return group("contract", "framework contracts",
		issue, renewCommand(s),
		s.lookOrDo("confirm CONTRACT", "say that you have seen it signed; two people must", func(c *call) (string, error) { return c.args[0], nil }, func(c *call) error {
			err := office.Parties{Office: c.Office}.ConfirmContract(c.ctx, c.act, dars.ContractID(c.args[0]))
			return c.told(err, "%s: you have confirmed the signature", c.args[0])
		}),
		s.do("countersign CONTRACT", "sign it for the office", exactly(1), func(c *call) error {
			err := office.Parties{Office: c.Office}.CountersignContract(c.ctx, c.act, dars.ContractID(c.args[0]))
			return c.told(err, "%s is signed by both", c.args[0])
		}),
		s.do("terminate CONTRACT", "end it before its time, and what stands on it (--reason)", exactly(1), func(c *call) error {
			err := office.Parties{Office: c.Office}.TerminateContract(c.ctx, c.act, dars.ContractID(c.args[0]))
			return c.told(err, "%s is terminated", c.args[0])
		}),
		s.look("show CONTRACT", "print a contract", exactly(1), func(c *call) error {
			k, err := get(c, c.args[0], orgOfContract)
			if err != nil {
				return err
			}
			return c.facts(k, "contract", k.ID, "organisation", k.Org, "state", k.State, "start", k.Start, "end", k.End, "renews", k.Renews, "ended", k.Ended, "why", k.Why)
		}),
		s.look("list", "print all contracts", exactly(0), func(c *call) error {
			all, err := list(c, orgOfContract)
			if err != nil {
				return err
			}
			return items(c, all, "CONTRACT ORG STATE START END", func(k *dars.Contract) []any { return []any{k.ID, k.Org, k.State, k.Start, k.End} })
		}),
	)
}

func renewCommand(s *session) *cobra.Command {
	var start, end string
	c := s.do("renew CONTRACT", "draw up the contract that follows it, for signature", exactly(1), func(c *call) error {
		for _, day := range []string{start, end} {
			if _, err := dars.ParseDay(day); day != "" && err != nil {
				return misuse{err}
			}
		}
		id, err := office.Parties{Office: c.Office}.RenewContract(c.ctx, c.act, dars.ContractID(c.args[0]), dars.Day(start), dars.Day(end))
		if err != nil {
			return err
		}
		return c.say(map[string]any{"id": id, "renews": c.args[0]}, "%s is issued to follow %s", id, c.args[0])
	})
	c.Flags().StringVar(&start, "start", "", "its first day (the day after the other's last)")
	c.Flags().StringVar(&end, "end", "", "its last day (three years on)")
	return c
}
