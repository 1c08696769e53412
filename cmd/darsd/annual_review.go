package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"darsd/dars"
	"darsd/office"
)

// annualReviewCommand notes that the annual review of an agreement is done.
func annualReviewCommand(s *session) *cobra.Command {
	var note string
	command := s.do("review AGREEMENT", "note what its annual review found (--note)", exactly(1), func(c *call) error {
		id, err := office.Desk{Office: c.Office}.Agreement(c.ctx, c.act.Who, c.args[0])
		if err != nil {
			return err
		}
		r, err := office.Agreements{Office: c.Office}.Review(c.ctx, c.act, id, note)
		if err != nil {
			return err
		}
		return c.say(r, "%s: the annual review of %s is done", id, r.Due)
	})
	command.Flags().StringVar(&note, "note", "", "what was looked at, and found")
	return command
}

// reviewFacts are the annual reviews that are done, on screen.
func reviewFacts(done []dars.AnnualReview) (facts []any) {
	for _, r := range done {
		facts = append(facts, "annual review", fmt.Sprintf("of %s, done on %s by %s: %s", r.Due, r.On, r.By, oneLine(r.Note)))
	}
	return facts
}
