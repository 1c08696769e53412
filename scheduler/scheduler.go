// Package scheduler runs jobs by timetable.
//
// A job is told the time and never asks for it: it does all that is due on or
// before that time and not done. So a run that was missed needs no other cure
// than the next one, and a second run finds nothing to do. The same jobs are run
// by the daemon as the clock reaches their times ([Loop]), and by a rehearsal
// that lives through years in a minute ([Live]).
//
// The cron package reads a line of the timetable and names the next time; no more
// rests on it (see [Every]).
package scheduler

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"runtime/debug"
	"sync"
	"time"

	"github.com/robfig/cron/v3"
)

// A Job is a piece of work with a timetable.
type Job struct {
	Name string
	Next cron.Schedule
	Run  func(ctx context.Context, due time.Time) error
}

// A Loop runs jobs as their times come.
type Loop struct {
	Now    func() time.Time // the office's clock, which jumps ahead in a rehearsal
	Wake   <-chan struct{}  // says that the clock may have jumped; never closed, nil if it does not jump
	Turned func()           // is told each time the loop goes round, once a minute at least; nil if nobody asks
	Log    *slog.Logger
}

// atLeast is how often the loop looks at the clock even if no time is near: a
// timer alone is late by as long as the machine slept or its clock was set on.
const atLeast = time.Minute

// Run runs each job at once, to catch up on what nobody ran, and then at its
// times, until ctx is cancelled and the last one has returned. Jobs do not wait
// for one another, and a job never overlaps itself. However many of its times
// have passed, it is run once, and told the time of the clock as the time that it
// is due. One that fails or panics is logged, and run again after a pause or at its next
// time, whichever is sooner: one bad night must not stop the others, nor a database that
// was away for a minute cost the report of a month.
func (l *Loop) Run(ctx context.Context, jobs ...Job) error {
	var (
		next     = make([]time.Time, len(jobs)) // time of each job; zero is never
		running  = make([]bool, len(jobs))
		failures = make([]int, len(jobs))        // in a row
		done     = make(chan outcome, len(jobs)) // of the job that has returned
		work     sync.WaitGroup
	)
	defer work.Wait()
	for i, start := 0, l.Now(); i < len(jobs); i++ {
		next[i] = start
	}
	for ctx.Err() == nil {
		if l.Turned != nil {
			l.Turned()
		}
		now, sleep := l.Now(), atLeast
		for i, job := range jobs {
			switch {
			case running[i] || next[i].IsZero():
			case next[i].After(now):
				sleep = min(sleep, next[i].Sub(now))
			default:
				// Counted from the start of the run, so that a time that passes
				// while it lasts is not lost.
				running[i], next[i] = true, job.Next.Next(now)
				work.Go(func() {
					done <- outcome{i, l.run(ctx, job, now)}
				})
			}
		}
		select {
		case <-ctx.Done():
		case <-l.Wake:
		case <-time.After(sleep):
		case o := <-done:
			running[o.job] = false
			if o.well {
				failures[o.job] = 0
				continue
			}
			failures[o.job]++
			if at := l.Now().Add(pause(failures[o.job])); next[o.job].IsZero() || at.Before(next[o.job]) {
				next[o.job] = at
			}
		}
	}
	return nil
}

// An outcome is how a run of a job has ended.
type outcome struct {
	job  int
	well bool
}

// pause is how long a job rests that has failed so many times in a row: a minute first,
// and twice as long each time, up to an hour.
func pause(failures int) time.Duration {
	return min(time.Minute<<min(failures-1, 6), time.Hour)
}

// run runs a job once, and reports whether it went well.
func (l *Loop) run(ctx context.Context, job Job, due time.Time) (well bool) {
	err := job.run(ctx, due)
	if err == nil || ctx.Err() != nil && errors.Is(err, ctx.Err()) { // it was asked to stop, and did
		return true
	}
	var p *panicked
	if errors.As(err, &p) {
		l.Log.Error("job panicked", "job", job.Name, "due", due, "err", err, "stack", string(p.stack))
		return false
	}
	l.Log.Error("job failed", "job", job.Name, "due", due, "err", err)
	return false
}

// Live runs jobs at all their times after from and up to until, in order of time
// and jobs of the same time in the order given; each is told its time as the time
// it is due. Living through two spans that meet is living through the whole. What
// fails is run again at its next time, and returned at the end.
func Live(ctx context.Context, from, until time.Time, jobs ...Job) error {
	next := make([]time.Time, len(jobs))
	for i, job := range jobs {
		next[i] = job.Next.Next(from)
	}
	var errs []error
	for {
		first := -1
		for i, at := range next {
			if at.IsZero() || at.After(until) {
				continue
			}
			if first < 0 || at.Before(next[first]) {
				first = i
			}
		}
		if first < 0 {
			return errors.Join(errs...)
		}
		if ctx.Err() != nil {
			return errors.Join(append(errs, ctx.Err())...)
		}
		job, due := jobs[first], next[first]
		if err := job.run(ctx, due); err != nil {
			errs = append(errs, fmt.Errorf("%s, due %s: %w", job.Name, due.UTC().Format(time.RFC3339), err))
		}
		next[first] = job.Next.Next(due)
	}
}

// run runs a job once. A panic ends that run and is its error: it must not take
// the daemon, and every transfer under way, with it.
func (j Job) run(ctx context.Context, due time.Time) (err error) {
	defer caught(&err, nil)
	return j.Run(ctx, due)
}

// caught makes an error of a panic. It is deferred; at is in what it came about, nil
// for a job, which who reads the error knows.
func caught(err *error, at any) {
	if value := recover(); value != nil {
		*err = &panicked{at, value, debug.Stack()}
	}
}

type panicked struct {
	at    any
	value any
	stack []byte
}

func (p *panicked) Error() string {
	if p.at != nil {
		return fmt.Sprintf("%v: panic: %v", p.at, p.value)
	}
	return fmt.Sprintf("panic: %v", p.value)
}
