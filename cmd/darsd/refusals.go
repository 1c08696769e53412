package main

import (
	"context"
	"errors"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"darsd/dars"
)

// What rules refuse is counted beside the log, and told to the log of refused acts: see
// office.Refusals. It is best effort. What cannot be written stops nobody.

// count counts a command that a rule has refused, under its words: "release check". A
// command that is about the program itself is nobody's act.
func (s *session) count(given *cobra.Command, err error) {
	if s.house == nil || s.act.At.IsZero() {
		return
	}
	s.house.refusals.Count(s.act, strings.TrimPrefix(given.CommandPath(), "darsd "), err)
}

// known is who was refused at the sign-in, where the office knows them; "" where not.
func known(err error) dars.PersonID {
	var no *dars.Refusal
	if errors.As(err, &no) {
		return dars.PersonID(no.Ref)
	}
	return ""
}

// keepRefusals writes counts now and then until ctx is cancelled, and once more.
func (h *house) keepRefusals(ctx context.Context) error {
	tick := time.NewTicker(refusalsEvery)
	defer tick.Stop()
	defer h.flushRefusals()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
			h.flushRefusals()
		}
	}
}

// refusalsEvery is how long counts wait to be written: of a daemon that is killed so much is
// missing in them, and stands in the log of refused acts.
const refusalsEvery = 10 * time.Second

// flushRefusals writes what was counted. It does not wait for long: another program may
// be in the middle of an act.
func (h *house) flushRefusals() {
	ctx, stop := context.WithTimeout(context.Background(), refusalsEvery)
	defer stop()
	if err := h.Keep(ctx, h.refusals); err != nil {
		h.Log.Warn("refused acts were not counted", "err", err)
	}
}
