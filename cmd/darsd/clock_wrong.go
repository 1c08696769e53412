package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"time"

	"darsd/dars"
)

const (
	// clockSlack is how far the machine's clock may be behind the newest event: that of
	// another machine made it, or a clock is set a little now and then.
	clockSlack = 2 * time.Minute

	// longRest is how far it may be before the newest event without a question. Where an
	// office is served something happens each week; a clock that is set wrong is mostly
	// wrong by years.
	longRest = 90 * 24 * time.Hour
)

// saidToday is a file with the day that an operator has said it was.
const saidToday = "said-today"

// clockStands refuses to act on a machine whose clock is wrong: dates decide who may have
// data, and the log's order is its order in time. What is done on a day that is yet to
// come nobody can undo: agreements would have ended, and no act would follow before it.
func (h *house) clockStands(ctx context.Context) error {
	if h.rehearsal {
		return nil
	}
	newest, err := h.newest(ctx)
	if err != nil {
		return err
	}
	said, err := h.root.ReadFile(saidToday)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return clockWrong(newest, time.Now(), h.Calendar.Day(time.Now()), dars.Day(said))
}

// clockWrong is what speaks against a clock that says now, and today; nil, if nothing
// does. An operator may have said which day it was.
func clockWrong(newest, now time.Time, today, said dars.Day) error {
	is, was := now.UTC().Format(time.RFC3339), newest.UTC().Format(time.RFC3339)
	switch {
	case newest.IsZero(): // nothing has happened yet
	case newest.After(now.Add(clockSlack)):
		return dars.Refuse("clock-back", "house", "this machine says it is %s, but the newest event was at %s: set its clock right", is, was)
	case now.Sub(newest) > longRest && (said > today || said.Add(7) < today):
		return dars.Refuse("clock-ahead", "house", "this machine says it is %s, and the newest event was at %s: if its clock is wrong, set it right before anything is done; if nothing has happened for so long, say so with darsd doctor --today %s", is, was, today)
	}
	return nil
}

// dayIsRight keeps an operator's word which day it is.
func (h *house) dayIsRight(said string) error {
	if today := h.Calendar.Day(time.Now()); dars.Day(said) != today {
		return misuse{fmt.Errorf("this machine says it is %s, and not %s: set its clock right", today, said)}
	}
	return h.root.WriteFile(saidToday, []byte(said), 0o600)
}
