package scheduler

import (
	"context"
	"time"

	"github.com/robfig/cron/v3"
)

// Report is the job that makes a report when its line has named a time since the
// last one was made. So a daemon that starts does not make one more, and one that
// slept through several times makes one.
func Report(next cron.Schedule, last func(context.Context) (time.Time, error), report func(ctx context.Context, due time.Time) error) func(context.Context, time.Time) error {
	return func(ctx context.Context, due time.Time) error {
		since, err := last(ctx)
		if err != nil || next.Next(since).After(due) {
			return err
		}
		return report(ctx, due)
	}
}
