package office_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"darsd/office"
	"darsd/scheduler"
	"darsd/store"
)

// Whatever happens in the middle of an act of the clock, at whichever of its statements,
// be it an error or a panic: nothing of it is kept, the other duties of the day are done,
// and a daemon that is started again brings the years to the very log and letters that
// they have undisturbed. DARSD_MISHAPS=1000 lives ten years of a thousand agreements.
func TestYearsWithMishapsComeToTheSame(t *testing.T) {
	agreements, years := asked("DARSD_MISHAPS", 16, 2)
	each(t, func(t *testing.T, h *house) {
		h.hasYears()
		lives := func(h *house, starts func(*office.Office) daemon) (deeds, letters []string) {
			past := drawn(rand.New(rand.NewPCG(uint64(agreements), 5)), h.today, agreements, years, h.first().Calendar.Holidays)
			h.must(h.first().Store.Do(t.Context(), func(tx *store.Tx) error { return past.found(tx) }))
			h.happens(past, rand.New(rand.NewPCG(5, 5)), starts)
			h.sound()
			return h.deeds(), h.written()
		}
		deeds, letters := lives(h, func(o *office.Office) daemon { return walking(o, func(office.Done) {}) })

		seed := uint64(time.Now().UnixNano())
		t.Logf("seed %d", seed)
		m := &mishaps{rnd: rand.New(rand.NewPCG(seed, 0))}
		spoiltDeeds, spoiltLetters := lives(found(t, h.kind), m.daemon)
		t.Logf("%d acts failed and %d panicked, of %d", m.errors, m.panics, m.acts)
		if m.errors < agreements || m.panics < agreements {
			t.Error("too little has happened to be sure of anything")
		}
		for what, both := range map[string][2][]string{"letters": {letters, spoiltLetters}, "log": {deeds, spoiltDeeds}} {
			if without, with := difference(both[0], both[1]), difference(both[1], both[0]); len(without)+len(with) > 0 {
				t.Errorf("of the %s only without mishaps:\n%s\nonly with them:\n%s", what, strings.Join(without, "\n"), strings.Join(with, "\n"))
			}
		}
	})
}

// deeds are the events of the log, in order of their days. What the clock numbers is
// named by what it is about: a duty that failed is done behind the others of its day.
func (h *house) deeds() (all []string) {
	h.t.Helper()
	h.must(h.first().Store.View(h.t.Context(), func(tx *store.Tx) error {
		events, err := tx.Events("", "", 0, 1<<20)
		for _, e := range events {
			all = append(all, h.named(fmt.Sprint(e.At.Format(time.RFC3339), " ", e.Act, " ", e.Kind, " ", e.Ref, " ", e.From, " ", e.To)))
		}
		return err
	}))
	slices.Sort(all)
	return all
}

// mishaps happen to acts of the clock.
type mishaps struct {
	rnd                  *rand.Rand
	acts, errors, panics int
}

// daemon is one whose acts come to harm. It does what is left of a day when it is
// started again, until all is done.
func (m *mishaps) daemon(o *office.Office) daemon {
	return func(ctx context.Context, due time.Time) error {
		for {
			agenda := &office.Agenda{Clock: office.Clock{Office: o}}
			err := scheduler.Duties(agenda.Due, func(ctx context.Context, d office.Duty, due time.Time) (*office.Done, error) {
				return m.attempt(ctx, agenda, d, due)
			}, func(*office.Done) {})(ctx, due)
			if err == nil {
				return nil
			}
			if text := err.Error(); !strings.Contains(text, "the disk is full") && !strings.Contains(text, context.Canceled.Error()) {
				return fmt.Errorf("it is another mishap: %w", err)
			}
		}
	}
}

// attempt does a duty, two thirds of them in peace.
func (m *mishaps) attempt(ctx context.Context, agenda *office.Agenda, d office.Duty, due time.Time) (*office.Done, error) {
	m.acts++
	if m.rnd.IntN(3) > 0 {
		return agenda.Do(ctx, d, due)
	}
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	return agenda.Do(&statements{Context: ctx, left: 1 + m.rnd.IntN(25), then: func() {
		if m.rnd.IntN(2) == 0 {
			m.panics++
			panic("the disk is full")
		}
		m.errors++
		stop()
	}}, d, due)
}

// statements counts those of a transaction, each of which asks its context whether it is
// to go on, and has something happen at one of them.
type statements struct {
	context.Context
	left int
	then func()
}

func (s *statements) Done() <-chan struct{} {
	if isStatement() {
		if s.left--; s.left == 0 {
			s.then()
		}
	}
	return s.Context.Done()
}

// isStatement reports whether a transaction asks, before it does a statement.
func isStatement() bool {
	var callers [4]uintptr
	frames := runtime.CallersFrames(callers[:runtime.Callers(3, callers[:])])
	for {
		f, more := frames.Next()
		if strings.HasSuffix(f.Function, "sql.(*Tx).grabConn") {
			return true
		}
		if !more {
			return false
		}
	}
}
