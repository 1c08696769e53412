package main

import (
	"github.com/spf13/cobra"

	"darsd/dars"
	"darsd/office"
)

func withholdCommand(s *session) *cobra.Command {
	var ground string
	cmd := s.do("withhold CASE WORDS", "leave words of a case out of every page (--ground, --reason)", exactly(2), func(c *call) error {
		id, err := office.Register{Office: c.Office}.Withhold(c.ctx, c.act, c.args[0], c.args[1], ground)
		return c.told(err, "%s: the words are withheld wherever they stand in %s; they say instead: %s", id, c.args[0], dars.Meaning(dars.Exemptions, ground))
	})
	cmd.Flags().StringVar(&ground, "ground", "", "the exemption: PERSONAL_DATA, COMMERCIAL, LAW_ENFORCEMENT or IN_CONFIDENCE")
	cmd.Long = `Leave words out of all that is published of a case, in all its versions: out of
its texts, the names of its organisations, its rows of the register, and of what
a register from before says of it. They are found in every spelling. The pages
say that they are withheld, and on which ground. The reason is kept, and not
published. Names and addresses of people are left out without it.`
	return cmd
}

func discloseCommand(s *session) *cobra.Command {
	return s.do("disclose WITHHOLDING", "publish words that were withheld (--reason)", exactly(1), func(c *call) error {
		return c.told(office.Register{Office: c.Office}.Disclose(c.ctx, c.act, dars.WithholdingID(c.args[0])), "%s: the words are published again", c.args[0])
	})
}

func withheldCommand(s *session) *cobra.Command {
	return s.look("withheld", "print which words are withheld, and why", exactly(0), func(c *call) error {
		all, err := office.Imported[dars.Withholding](c.ctx, office.Desk{Office: c.Office}, c.act.Who)
		if err != nil {
			return err
		}
		return items(c, all, "ID CASE STATE GROUND ON BY WHY WORDS", func(w *dars.Withholding) []any {
			return []any{w.ID, w.Case, w.State, dars.Meaning(dars.Exemptions, w.Ground), w.On, c.names()(w.By), brief(w.Why), brief(w.Words)}
		})
	})
}
