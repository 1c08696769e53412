package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"darsd/dars"
	"darsd/office"
)

// sameCommand says that two names are of one organisation. What registers call one is
// not always what it is called here.
func sameCommand(s *session) *cobra.Command {
	cmd := s.do("same NAME OTHER", "say that two names, or codes, are of one organisation (--reason)", exactly(2), func(c *call) error {
		said, err := office.Parties{Office: c.Office}.Same(c.ctx, c.act, c.args[0], c.args[1])
		if err != nil {
			return err
		}
		return c.say(said, "%s: %s and %s are one organisation", said.ID, c.args[0], c.args[1])
	})
	cmd.Long = `Say that two names are of one organisation: names as registers that were
imported spell them, or codes of organisations here. The guard lays what either
has beside the other's, and worklists name one. org apart takes it back.`
	return cmd
}

// apartCommand takes it back.
func apartCommand(s *session) *cobra.Command {
	return s.do("apart ID", "take back that two names are of one organisation (--reason)", exactly(1), func(c *call) error {
		return c.told(office.Parties{Office: c.Office}.Apart(c.ctx, c.act, dars.SameID(c.args[0])), "%s no longer counts: its names are of two organisations", c.args[0])
	})
}

// showOrganisation prints one, with what else registers call it.
func (c *call) showOrganisation(o *dars.Organisation) error {
	names, err := office.Desk{Office: c.Office}.Names(c.ctx, c.act.Who, o.Code)
	if err != nil {
		return err
	}
	facts := []any{"organisation", o.Code, "name", o.Name, "state", o.State, "hold", o.HoldReason, "ico", o.ICO, "until", o.ICOExpires, "security", o.Security, "until", o.SecurityExpires}
	for _, s := range names {
		facts = append(facts, "the same as", fmt.Sprintf("%s is %s (%s, %s: %s)", s.Names[0], s.Names[1], s.ID, s.Settled.On, s.Settled.Why))
	}
	return c.facts(struct {
		*dars.Organisation
		Same []*dars.SameParty `json:"same"`
	}{o, append([]*dars.SameParty{}, names...)}, facts...)
}
