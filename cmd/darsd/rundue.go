package main

import (
	"context"
	"encoding/json"
	"errors"
	"time"

	"github.com/spf13/cobra"

	"darsd/dars"
	"darsd/office"
	"darsd/scheduler"
)

func runDueCommand(s *session) *cobra.Command {
	var until string
	c := &cobra.Command{Use: "run-due", Short: "do what the clock asks for, now or day by day", Args: exactly(0), RunE: func(cmd *cobra.Command, _ []string) error {
		h, err := open(cmd.Context(), s.data, s.config, s.env.stderr)
		if err != nil {
			return err
		}
		defer h.close()
		ctx := cmd.Context()
		at, err := h.when(ctx, s.at)
		if err != nil {
			return err
		}
		out := json.NewEncoder(s.env.stdout)
		jobs, err := h.jobs(func(d office.Done) { out.Encode(d) })
		if err != nil {
			return err
		}
		for i, j := range jobs {
			jobs[i].Run = func(ctx context.Context, due time.Time) error {
				before, err := h.head(ctx)
				if err != nil {
					return err
				}
				return errors.Join(j.Run(ctx, due), h.workAfter(ctx, before, s.env))
			}
		}
		if until == "" {
			err = once(cmd, jobs, at)
		} else {
			var to time.Time
			if to, err = h.span(at, until); err == nil {
				err = scheduler.Live(ctx, begun(at), to, jobs...)
			}
			if err == nil {
				err = h.lived(to)
			}
		}
		return err
	}}
	c.Flags().StringVar(&until, "until", "", "live each day up to this time, in a rehearsal")
	return c
}

// span reads the end of a stretch of time to live through.
func (h *house) span(from time.Time, until string) (time.Time, error) {
	if !h.rehearsal {
		return from, misuse{errors.New("--until is for rehearsals: here time passes by itself")}
	}
	to, err := h.parseTime(until)
	if err == nil && to.Before(from) {
		err = dars.Refuse("clock-back", "house", "--until is before the time from which it begins: %s", from.In(h.Calendar.Zone).Format(time.RFC3339))
	}
	return to, err
}

// begun is a moment before a time from which on days are lived: what is due at that very
// time and not done is done, as where a program was killed in the middle of it.
func begun(at time.Time) time.Time { return at.Add(-1) }

// once runs every job as a daemon does that slept until then.
func once(cmd *cobra.Command, jobs []scheduler.Job, at time.Time) error {
	var errs []error
	for _, j := range jobs {
		errs = append(errs, j.Run(cmd.Context(), at))
	}
	return errors.Join(errs...)
}
