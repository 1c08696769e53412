package main

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"darsd/dars"
	"darsd/office"
)

func reportCommands(s *session) *cobra.Command {
	var asAt string
	run := s.do("run KIND", "make a report now: compliance, or figures as at a day (--as-at)", exactly(1), func(c *call) error {
		if c.args[0] != "compliance" {
			return c.figures(c.args[0], dars.Day(asAt))
		}
		if asAt != "" {
			return misuse{errors.New("the compliance report is of today: for another day ask for its figures one by one, such as report run holdings --as-at DATE")}
		}
		id, made, err := office.Clock{Office: c.Office}.Report(c.ctx, c.act)
		if err != nil {
			return err
		}
		if !made {
			return c.say(map[string]any{"id": id, "made": false}, "%s is today's report already", id)
		}
		return c.say(map[string]any{"id": id, "made": true}, "%s is made; it lies under reports/", id)
	})
	run.Flags().StringVar(&asAt, "as-at", "", "as things were at the end of this day; today if it is left out")
	return group("report", "reports for compliance",
		run,
		s.look("kinds", "print the reports there are besides compliance", exactly(0), func(c *call) error {
			return items(c, dars.FigureKinds, "KIND MEANING", func(k dars.Code) []any { return []any{k.Code, k.Meaning} })
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

// figures makes a report as at a day, and prints it.
func (c *call) figures(kind string, on dars.Day) error {
	if on == "" {
		on = c.Calendar.Day(c.act.At)
	}
	if _, err := dars.ParseDay(string(on)); err != nil {
		return misuse{fmt.Errorf("--as-at: %w", err)}
	}
	f, err := office.Desk{Office: c.Office}.Figures(c.ctx, c.act, kind, on)
	if err != nil {
		return err
	}
	if c.json {
		return c.print(f)
	}
	fmt.Fprintf(c.env.stdout, "%s, as at the end of %s, after event %d of the log\n\n", f.Means, f.AsAt, f.Log.Events)
	heads := make([]string, len(f.Heads))
	for i, h := range f.Heads {
		heads[i] = strings.ToUpper(strings.ReplaceAll(h, " ", "-"))
	}
	return items(c, f.Rows, strings.Join(heads, " "), func(row []any) []any { return row })
}

func hexSHA256(content []byte) string {
	sum := sha256.Sum256(content)
	return hex.EncodeToString(sum[:])
}
