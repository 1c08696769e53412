package main

import (
	"context"
	"fmt"
	"time"

	"github.com/robfig/cron/v3"

	"darsd/dars"
	"darsd/office"
	"darsd/scheduler"
	"darsd/transfer/intake"
)

// daemonJobs are the clock's, and the daemon's own housekeeping.
func (h *house) daemonJobs(watched []*intake.Folder) ([]scheduler.Job, error) {
	jobs, err := h.jobs(func(d office.Done) {
		h.Log.Info("done by the clock", "kind", d.Kind, "ref", d.Ref, "to", d.To, "step", d.Step)
	})
	if err != nil {
		return nil, err
	}
	midnight, err := scheduler.Every("10 0 * * *", h.Calendar.Zone)
	if err != nil {
		return nil, err
	}
	checkpoint := func(ctx context.Context, due time.Time) error {
		_, err := h.checkpoint(ctx, due)
		return err
	}
	sunday, err := scheduler.Every("20 2 * * 0", h.Calendar.Zone)
	if err != nil {
		return nil, err
	}
	// The whole vault is much to read: not at each start, but when a Sunday has
	// passed since the last time.
	scrub := scheduler.Report(sunday, office.Desk{Office: h.Office}.LastScrub, func(ctx context.Context, due time.Time) error {
		_, _, err := h.scrub(ctx, dars.Act{Who: dars.ByClock, At: due, Via: dars.Clock})
		return err
	})
	return append(jobs,
		scheduler.Job{Name: "scrub", Next: sunday, Run: scrub},
		scheduler.Job{Name: "checkpoint", Next: midnight, Run: checkpoint}, // and at each start, as every job
		scheduler.Job{Name: "publish", Next: midnight, Run: func(ctx context.Context, due time.Time) error {
			_, err := h.publish(ctx, due)
			return err
		}},
		scheduler.Job{Name: "sweep", Next: midnight, Run: h.sweep(watched)}), nil
}

// newDay asks again, at midnight, whether what is open may be: dates decide, and the
// clock's own duties come hours later.
func newDay(zone *time.Location, recheck func()) (scheduler.Job, error) {
	midnight, err := scheduler.Every("0 0 * * *", zone)
	return scheduler.Job{Name: "new day", Next: midnight, Run: func(context.Context, time.Time) error {
		recheck()
		return nil
	}}, err
}

// A timekeeper does what the calendar asks for: the clock, or a forecast.
type timekeeper interface {
	Due(context.Context, time.Time) ([]office.Duty, error)
	Do(context.Context, office.Duty, time.Time) (*office.Done, error)
	Report(context.Context, dars.Act) (id dars.ReportID, made bool, err error)
	Reported(context.Context) (time.Time, error)
	Ordered(context.Context, time.Time) ([]office.OrderedReport, error)
	Deliver(context.Context, office.OrderedReport, time.Time) (*office.Done, error)
	Digest(ctx context.Context, due time.Time, ripe func(written time.Time) bool) error
}

// jobs are the clock's: its duties and the reports. each hears of every act.
func (h *house) jobs(each func(office.Done)) ([]scheduler.Job, error) {
	return h.jobsOf(&office.Agenda{Clock: office.Clock{Office: h.Office}}, each)
}

func (h *house) jobsOf(clock timekeeper, each func(office.Done)) (jobs []scheduler.Job, err error) {
	next := map[string]cron.Schedule{}
	for name, line := range h.cfg.Schedule {
		if next[name], err = scheduler.Every(line, h.Calendar.Zone); err != nil {
			return nil, misuse{fmt.Errorf("schedule.%s: %w", name, err)}
		}
	}
	said := func(d *office.Done) {
		if d != nil {
			each(*d)
		}
	}
	report := func(ctx context.Context, due time.Time) error {
		id, made, err := clock.Report(ctx, dars.Act{Who: dars.ByClock, At: due, Via: dars.Clock})
		if made {
			each(office.Done{At: due.UTC(), Kind: "report", Ref: string(id), To: "made", Step: "compliance-report"})
		}
		return err
	}
	return []scheduler.Job{
		{Name: "duties", Next: next["duties"], Run: scheduler.Duties(clock.Due, clock.Do, said)},
		{Name: "reports", Next: next["duties"], Run: scheduler.Duties(clock.Ordered, clock.Deliver, said)},
		{Name: "compliance-report", Next: next["compliance-report"], Run: scheduler.Report(next["compliance-report"], clock.Reported, report)},
		// A letter is ripe when its hour has come since it was written, also where
		// nobody ran then.
		{Name: "digest", Next: next["digest"], Run: func(ctx context.Context, due time.Time) error {
			return clock.Digest(ctx, due, func(written time.Time) bool { return !next["digest"].Next(written).After(due) })
		}},
	}, nil
}
