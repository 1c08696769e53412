package main

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"darsd/dars"
	"darsd/office"
	"darsd/scheduler"
)

func forecastCommand(s *session) *cobra.Command {
	var until string
	var plain bool
	c := &cobra.Command{Use: "forecast", Short: "what the clock will do until a day, if nobody acts", Args: exactly(0), RunE: func(cmd *cobra.Command, _ []string) error {
		h, err := open(cmd.Context(), s.data, s.config, s.env.stderr)
		if err != nil {
			return err
		}
		defer h.close()
		ctx := cmd.Context()
		from, err := h.when(ctx, s.at)
		if err != nil {
			return err
		}
		if until == "" {
			return misuse{errors.New("say until which day: --until 2027-03-31")}
		}
		to, err := h.parseTime(until)
		if err != nil {
			return err
		}
		if to.Before(from) {
			return dars.Refuse("clock-back", "house", "--until is before today")
		}
		// The same lines as those of run-due, which then does it.
		out := json.NewEncoder(s.env.stdout)
		say := func(d office.Done) { out.Encode(d) }
		if plain {
			say = func(d office.Done) {
				fmt.Fprintf(s.env.stdout, "%s  %-12s %-26s %-24s %s\n", h.Calendar.Day(d.At), d.Kind, d.Ref, d.Step, cmp.Or(d.Whom, d.To))
			}
		}
		return office.Clock{Office: h.Office}.Foresee(ctx, from, func(f *office.Forecast) error {
			jobs, err := h.jobsOf(f, say)
			if err != nil {
				return err
			}
			return scheduler.Live(ctx, begun(from), to, jobs...)
		})
	}}
	c.Flags().StringVar(&until, "until", "", "up to this time; a day is its beginning")
	c.Flags().BoolVar(&plain, "plain", false, "for people: the day, what, which step, and to whom or what it becomes")
	return c
}
