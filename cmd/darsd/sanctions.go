package main

import (
	"strings"

	"github.com/spf13/cobra"

	"darsd/dars"
	"darsd/office"
)

func orgOfSanction(s *dars.Sanction) dars.OrgCode { return s.Org }

func sanctionCommands(s *session) *cobra.Command {
	wing := func(c *call) (office.Audits, dars.SanctionID) {
		return office.Audits{Office: c.Office}, dars.SanctionID(c.args[0])
	}
	return group("sanction", "what follows when a recipient does not keep to its contract",
		breachCommand(s),
		s.do("raise SANCTION", "take its next step, without waiting for the clock (--reason)", exactly(1), func(c *call) error {
			o, id := wing(c)
			return c.told(o.Raise(c.ctx, c.act, id), "the next step of %s is taken", id)
		}),
		s.do("lift SANCTION", "end a sanction whose cause is mended (--reason)", exactly(1), func(c *call) error {
			o, id := wing(c)
			return c.told(o.Lift(c.ctx, c.act, id), "%s is lifted", id)
		}),
		s.do("decide SANCTION upheld|dismissed", "decide the appeal against it (--reason)", exactly(2), func(c *call) error {
			o, id := wing(c)
			return c.told(o.Decide(c.ctx, c.act, id, c.args[1]), "the appeal against %s is %s", id, c.args[1])
		}),
		s.look("show SANCTION", "print a sanction: its steps, and the appeals", exactly(1), (*call).showSanction),
		s.look("list", "print all sanctions", exactly(0), func(c *call) error {
			all, err := list(c, orgOfSanction)
			if err != nil {
				return err
			}
			return items(c, all, "SANCTION ORG STATE SINCE NEXT AUDIT BREACH", func(one *dars.Sanction) []any {
				since := one.Lifted
				if one.Stands() {
					since = one.Taken[len(one.Taken)-1].On
				}
				return []any{one.ID, one.Org, one.State, since, one.NextOn(c.Policy.Sanctions), one.Audit, one.Breach}
			})
		}),
	)
}

func breachCommand(s *session) *cobra.Command {
	var kind, agreement string
	cmd := s.do("breach ORG", "record a breach: a sanction and an audit begin (--kind)", exactly(1), func(c *call) error {
		id, audit, err := office.Audits{Office: c.Office}.Breach(c.ctx, c.act, dars.OrgCode(c.args[0]), dars.AgreementID(agreement), kind)
		if err != nil {
			return err
		}
		return c.say(map[string]any{"id": id, "audit": audit}, "%s has begun against %s, and audit %s is triggered", id, c.args[0], audit)
	})
	cmd.Flags().StringVar(&kind, "kind", "", strings.Join(dars.Codes(dars.BreachCodes()), ", "))
	cmd.Flags().StringVar(&agreement, "agreement", "", "the agreement that was broken (the contract as a whole)")
	return cmd
}

func (c *call) showSanction() error {
	one, err := get(c, c.args[0], orgOfSanction)
	if err != nil || c.json {
		if err == nil {
			err = c.print(one)
		}
		return err
	}
	s := sheet{w: c.env.stdout}
	s.facts("sanction", string(one.ID), "against", string(one.Org), "agreement", string(one.Agreement), "audit", string(one.Audit), "state", string(one.State),
		"which means", one.State.Rung().Means, "because", one.Because(), "reason given", one.Reason, "next step on", string(one.NextOn(c.Policy.Sanctions)))
	s.section("steps")
	s.taken(one, c.names())
	return s.err
}
