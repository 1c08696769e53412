package main

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"

	"github.com/spf13/cobra"

	"darsd/dars"
	"darsd/office"
)

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
