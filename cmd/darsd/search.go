package main

import (
	"strings"

	"github.com/spf13/cobra"

	"darsd/office"
)

// searchCommand finds things by what people remember of them.
func searchCommand(s *session) *cobra.Command {
	cmd := s.look("search WORDS...", "find by organisation, reference, person, state or words", atLeast(1), func(c *call) error {
		hits, err := office.Desk{Office: c.Office}.Search(c.ctx, c.act.Who, c.args)
		if err != nil {
			return err
		}
		if err := c.looked("search", strings.Join(c.args, " ")); err != nil {
			return err
		}
		return items(c, hits, "KIND REF STATE ORG WHAT", func(h office.Hit) []any { return []any{h.Kind, h.Ref, h.State, h.Org, brief(h.What)} })
	})
	cmd.Long = `Find what all the words say something of: an organisation, a reference,
somebody, a state, or words of titles, of names of papers, of enquiries and of
notes. The text of a purpose is not searched: application show prints it.`
	return cmd
}
