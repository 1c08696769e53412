package main

import (
	"context"
	"fmt"
	"os"
	"strconv"
	"sync/atomic"
	"time"

	"darsd/store"
)

// A pulse is when a loop last went round, by a clock that nobody sets.
type pulse struct{ last atomic.Pointer[time.Time] }

func (p *pulse) beat() {
	now := time.Now()
	p.last.Store(&now)
}

// mostStill is how long the scheduler's loop may stand still: three of its minutes.
const mostStill = 3 * time.Minute

// watchdog is how often at least a service manager wants to hear that the daemon lives
// (sd_watchdog_enabled(3)); 0 if it does not.
func watchdog(e *env) time.Duration {
	n, err := strconv.ParseInt(e.getenv("WATCHDOG_USEC"), 10, 64)
	whose := e.getenv("WATCHDOG_PID")
	if err != nil || n < 0 || whose != "" && whose != strconv.Itoa(os.Getpid()) {
		return 0
	}
	return time.Duration(n) * time.Microsecond
}

// livesOn tells the service manager that the daemon lives, twice as often as it wants to
// hear, until ctx is cancelled. A daemon that does not is not told of, and is started again.
func (h *house) livesOn(ctx context.Context, e *env, scheduler *pulse) error {
	every := watchdog(e) / 2
	if every == 0 {
		return nil
	}
	tick := time.NewTicker(every)
	defer tick.Stop()
	for {
		if err := h.lives(ctx, every, scheduler); err == nil {
			h.notify(e, "WATCHDOG=1")
		} else if ctx.Err() == nil {
			h.Log.Error("the service manager is not told that the daemon lives", "err", err)
		}
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
	}
}

// lives reports what stands still: the scheduler, or a database that does not answer in
// time. What is owed may take hours, and is no sign.
func (h *house) lives(ctx context.Context, most time.Duration, scheduler *pulse) error {
	if still := time.Since(*scheduler.last.Load()); still > mostStill {
		return fmt.Errorf("the scheduler has stood still for %s", still.Round(time.Second))
	}
	ctx, stop := context.WithTimeout(ctx, most)
	defer stop()
	err := h.Store.View(ctx, func(tx *store.Tx) error {
		_, err := tx.Head()
		return err
	})
	if err != nil {
		return fmt.Errorf("the database does not answer: %w", err)
	}
	return nil
}
