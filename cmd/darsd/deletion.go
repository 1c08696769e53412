package main

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"

	"github.com/spf13/cobra"

	"darsd/dars"
	"darsd/office"
)

func auditCommands(s *session) *cobra.Command {
	var trigger, agreement string
	open := s.do("open ORG", "trigger an audit (--reason)", exactly(1), func(c *call) error {
		id, err := office.Audits{Office: c.Office}.Open(c.ctx, c.act, dars.OrgCode(c.args[0]), dars.AgreementID(agreement), trigger)
		if err != nil {
			return err
		}
		return c.say(map[string]any{"id": id}, "%s of %s is triggered", id, c.args[0])
	})
	open.Flags().StringVar(&trigger, "trigger", "ROUTINE", "ROUTINE, INCIDENT, PORTAL_EXCESS, FOLLOW_UP or COMPLAINT")
	open.Flags().StringVar(&agreement, "agreement", "", "the agreement it is about")
	return group("audit", "audits of recipients",
		open,
		s.look("show AUDIT", "print an audit", exactly(1), func(c *call) error {
			u, err := get(c, c.args[0], onlyTheOffice[*dars.Audit])
			if err != nil {
				return err
			}
			return c.facts(u, "audit", u.ID, "organisation", u.Org, "agreement", u.Agreement, "state", u.State, "triggered", u.Triggered, "trigger", u.Trigger, "reason", u.Reason)
		}),
		s.look("list", "print all audits", exactly(0), func(c *call) error {
			all, err := list(c, onlyTheOffice[*dars.Audit])
			if err != nil {
				return err
			}
			return items(c, all, "AUDIT ORG AGREEMENT STATE TRIGGERED TRIGGER", func(u *dars.Audit) []any { return []any{u.ID, u.Org, u.Agreement, u.State, u.Triggered, u.Trigger} })
		}),
	)
}

func reportCommands(s *session) *cobra.Command {
	return group("report", "reports for compliance",
		s.do("run compliance", "make today's compliance report now", exactly(1), func(c *call) error {
			if c.args[0] != "compliance" {
				return misuse{fmt.Errorf("there is no report %q: the one there is is compliance", c.args[0])}
			}
			id, made, err := office.Clock{Office: c.Office}.Report(c.ctx, c.act)
			if err != nil {
				return err
			}
			if !made {
				return c.say(map[string]any{"id": id, "made": false}, "%s is today's report already", id)
			}
			return c.say(map[string]any{"id": id, "made": true}, "%s is made; it lies under reports/", id)
		}),
		s.look("list", "print all reports", exactly(0), func(c *call) error {
			all, err := list(c, onlyTheOffice[*dars.Report])
			if err != nil {
				return err
			}
			return items(c, all, "REPORT NAME DUE SINCE", func(r *dars.Report) []any { return []any{r.ID, r.Name, r.Due, r.From} })
		}),
	)
}

func hexSHA256(content []byte) string {
	sum := sha256.Sum256(content)
	return hex.EncodeToString(sum[:])
}
