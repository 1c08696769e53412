package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"
	"sync"
	"time"

	"darsd/dars"
	"darsd/store"
)

// when is the time of a command. Only a rehearsal can be told one; its clock
// never goes back, and stands at the newest event while nobody moves it.
func (h *house) when(ctx context.Context, at string) (time.Time, error) {
	if !h.rehearsal {
		if at != "" {
			return time.Time{}, misuse{errors.New("--at is for rehearsals: here it is what time it is")}
		}
		return time.Now(), nil
	}
	if at == "" && h.clock != nil {
		return h.clock(), nil
	}
	newest, err := h.reached(ctx)
	if err != nil {
		return time.Time{}, err
	}
	if at == "" {
		if newest.IsZero() {
			return time.Now(), nil
		}
		return newest, nil
	}
	told, err := h.parseTime(at)
	if err != nil {
		return time.Time{}, err
	}
	if told.Before(newest) {
		return time.Time{}, dars.Refuse("clock-back", "house", "a rehearsal's clock never goes back: it stands at %s", newest.Add(time.Second-1).In(h.Calendar.Zone).Format(time.RFC3339))
	}
	return told, nil
}

func (h *house) newest(ctx context.Context) (at time.Time, err error) {
	err = h.Store.View(ctx, func(tx *store.Tx) error {
		at, err = tx.Newest()
		return err
	})
	return at, err
}

// reached is where a rehearsal's clock stands: at its newest event, or later where
// days have been lived on which nothing happened.
func (h *house) reached(ctx context.Context) (time.Time, error) {
	newest, err := h.newest(ctx)
	if err != nil {
		return newest, err
	}
	text, err := h.root.ReadFile("rehearsal-clock")
	if errors.Is(err, fs.ErrNotExist) {
		return newest, nil
	}
	var lived time.Time
	if err == nil {
		lived, err = time.Parse(time.RFC3339Nano, strings.TrimSpace(string(text)))
	}
	if err != nil {
		return newest, fmt.Errorf("rehearsal-clock in the data directory does not say a time; remove it, and the clock stands at the newest event: %w", err)
	}
	if lived.Before(newest) {
		return newest, nil
	}
	return lived, nil
}

// lived notes that a rehearsal has lived until a time.
func (h *house) lived(until time.Time) error {
	name := fmt.Sprintf("rehearsal-clock.%d.tmp", os.Getpid())
	if err := h.root.WriteFile(name, []byte(until.UTC().Format(time.RFC3339Nano)+"\n"), 0o600); err != nil {
		return err
	}
	return h.root.Rename(name, "rehearsal-clock")
}

// parseTime reads a time of the office's own clocks: a day is its beginning.
func (h *house) parseTime(text string) (time.Time, error) {
	zone := h.Calendar.Zone
	for _, layout := range []string{time.RFC3339, "2006-01-02T15:04:05", "2006-01-02T15:04", "2006-01-02 15:04", time.DateOnly} {
		t, err := time.ParseInLocation(layout, text, zone)
		switch {
		case err != nil:
			continue
		case layout != time.RFC3339 && t.Format(layout) != text:
			return time.Time{}, misuse{fmt.Errorf("there was no %s: the clocks went forward over it", text)}
		}
		return t, nil
	}
	return time.Time{}, misuse{fmt.Errorf("%q is not a time such as 2016-04-01 or 2016-04-01T09:30", text)}
}

// A walkingClock is a rehearsal's clock while its daemon runs: it starts where
// the rehearsal stands, walks on as real time does, and jumps ahead when
// somebody's act does.
type walkingClock struct {
	mu    sync.Mutex
	stood time.Time // where it stood
	since time.Time // when that was, by the machine's clock
}

func newWalkingClock(start time.Time) *walkingClock {
	return &walkingClock{stood: start, since: time.Now()}
}

func (c *walkingClock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.stood.Add(time.Since(c.since))
}

// reach moves the clock on to a time that it has not reached.
func (c *walkingClock) reach(at time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if now := c.stood.Add(time.Since(c.since)); at.After(now) {
		c.stood, c.since = at, time.Now()
	}
}

// startClock sets the clock of the daemon: the machine's, or a rehearsal's.
func (h *house) startClock(ctx context.Context, start time.Time) {
	h.clock = time.Now
	if !h.rehearsal {
		return
	}
	clock := newWalkingClock(start)
	h.clock = func() time.Time {
		// An act elsewhere may have moved it on a moment ago.
		if reached, err := h.reached(ctx); err == nil {
			clock.reach(reached)
		}
		return clock.now()
	}
}

// now is the office's clock: the daemon's, or a command's.
func (h *house) now() time.Time {
	if h.clock != nil {
		return h.clock()
	}
	at, err := h.when(context.Background(), "")
	if err != nil {
		return time.Now()
	}
	return at
}
