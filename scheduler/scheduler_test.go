package scheduler_test

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"darsd/scheduler"
)

func TestLoopRunsAtOnceAndThenEveryMorning(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		start := time.Now()
		var ran []time.Time
		run(t, loop(nil, nil), 72*time.Hour, scheduler.Job{
			Name: "duties",
			Next: every(t, "0 6 * * *"),
			Run:  func(_ context.Context, due time.Time) error { ran = append(ran, due); return nil },
		})
		want := []time.Time{start} // midnight in London, in winter
		for d := range 3 {
			want = append(want, start.Add(6*time.Hour).AddDate(0, 0, d))
		}
		if !slices.EqualFunc(ran, want, time.Time.Equal) {
			t.Errorf("in three days the job ran at %v, want %v", ran, want)
		}
	})
}

// Whoever asks whether the loop still goes round hears of it once a minute at least.
func TestLoopSaysThatItTurns(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l, last := loop(nil, nil), time.Now()
		l.Turned = func() {
			if still := time.Since(last); still > time.Minute {
				t.Errorf("it stood still for %s", still)
			}
			last = time.Now()
		}
		run(t, l, time.Hour, scheduler.Job{Name: "duties", Next: every(t, "0 6 * * *"), Run: func(context.Context, time.Time) error { return nil }})
		if still := time.Since(last); still > time.Minute {
			t.Errorf("at the end it stood still for %s", still)
		}
	})
}

// The clock of a rehearsal jumps: nineteen mornings in one step are one run, at
// the time that it has become.
func TestLoopWakesToAClockThatJumped(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var ahead atomic.Int64
		wake := make(chan struct{})
		l := loop(func() time.Time { return time.Now().Add(time.Duration(ahead.Load())) }, wake)
		ran := make(chan time.Time, 10)
		ctx, stop := context.WithCancel(t.Context())
		ended := make(chan error)
		go func() {
			ended <- l.Run(ctx, scheduler.Job{
				Name: "duties",
				Next: every(t, "0 6 * * *"),
				Run:  func(_ context.Context, due time.Time) error { ran <- due; return nil },
			})
		}()
		<-ran              // at the start
		wake <- struct{}{} // nothing has become due
		synctest.Wait()
		if len(ran) != 0 {
			t.Fatalf("ran again at %v without a reason", <-ran)
		}

		ahead.Store(int64(19*24*time.Hour + 7*time.Hour))
		jumped := l.Now()
		wake <- struct{}{}
		synctest.Wait()
		if len(ran) != 1 {
			t.Fatalf("after the jump to %s the job ran %d times", jumped, len(ran))
		}
		if due := <-ran; !due.Equal(jumped) {
			t.Errorf("after the jump to %s it was told %s", jumped, due)
		}

		// And the clock walks on from there.
		if due := <-ran; due.In(london(t)).Format("15:04") != "06:00" {
			t.Errorf("on the day after, the job ran at %v", due)
		}
		stop()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
}

// A machine that slept, or whose clock was set on, tells nobody.
func TestLoopNoticesAClockThatWasSetOn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		start, runs := time.Now(), 0
		now := func() time.Time {
			if time.Since(start) < 90*time.Minute {
				return time.Now()
			}
			return time.Now().AddDate(0, 0, 1)
		}
		run(t, loop(now, nil), 91*time.Minute, scheduler.Job{
			Name: "duties",
			Next: every(t, "0 6 * * *"),
			Run:  func(context.Context, time.Time) error { runs++; return nil },
		})
		if runs != 2 {
			t.Errorf("a minute after its clock was set a day on, the job had run %d times, want 2", runs)
		}
	})
}

// A job of 150 minutes, every half hour: it never overlaps itself, begins again
// when a time has passed meanwhile, and holds up nobody.
func TestLoopNeverOverlapsAJob(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		slow, fast, under := 0, 0, 0
		halfHours := every(t, "*/30 * * * *")
		run(t, loop(nil, nil), 10*time.Hour-time.Minute,
			scheduler.Job{Name: "slow", Next: halfHours, Run: func(ctx context.Context, _ time.Time) error {
				if under++; under > 1 {
					t.Error("two at once")
				}
				defer func() { under-- }()
				slow++
				select {
				case <-ctx.Done():
					<-time.After(time.Minute) // to finish what it has begun
				case <-time.After(150 * time.Minute):
				}
				return nil
			}},
			scheduler.Job{Name: "fast", Next: halfHours, Run: func(context.Context, time.Time) error { fast++; return nil }})
		if slow != 4 || fast != 20 {
			t.Errorf("in ten hours the slow job ran %d times, want 4, and the fast one %d, want 20", slow, fast)
		}
		if under != 0 {
			t.Error("the loop left while a job was running")
		}
	})
}

// A job that fails or panics is logged and tried again, after a pause that grows, without
// waiting for its next time; then it keeps to its times as before.
func TestLoopOutlivesAJob(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var log bytes.Buffer
		l := loop(nil, nil)
		l.Log = slog.New(slog.NewTextHandler(&log, nil))
		panics, start := 0, time.Now()
		var fails []time.Duration
		six := every(t, "0 6 * * *")
		run(t, l, 48*time.Hour,
			scheduler.Job{Name: "panics", Next: six, Run: func(context.Context, time.Time) error {
				if panics++; panics == 1 {
					panic("bad row")
				}
				return nil
			}},
			scheduler.Job{Name: "fails", Next: six, Run: func(context.Context, time.Time) error {
				if fails = append(fails, time.Since(start)); len(fails) < 9 {
					return errors.New("no disk")
				}
				return nil
			}})
		want := []time.Duration{0, 1, 3, 7, 15, 31, 63, 123, 183, 360, 360 + 24*60} // minutes
		for i := range want {
			want[i] *= time.Minute
		}
		if panics != 4 || !slices.Equal(fails, want) {
			t.Errorf("in two days one ran %d times, want 4, and the other at %v, want %v", panics, fails, want)
		}
		for _, want := range []string{`msg="job panicked" job=panics`, `err="panic: bad row"`, "scheduler_test.go", `msg="job failed" job=fails`, `err="no disk"`} {
			if !strings.Contains(log.String(), want) {
				t.Errorf("the log does not say %s:\n%s", want, &log)
			}
		}
	})
}

func TestLoopStopsWithoutComplaint(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var log bytes.Buffer
		l := loop(nil, nil)
		l.Log = slog.New(slog.NewTextHandler(&log, nil))
		run(t, l, time.Hour, scheduler.Job{Name: "waits", Next: every(t, "0 6 * * *"), Run: func(ctx context.Context, _ time.Time) error {
			<-ctx.Done()
			return fmt.Errorf("waiting: %w", ctx.Err())
		}})
		if log.Len() > 0 {
			t.Errorf("a job that stopped when asked is in the log:\n%s", &log)
		}
	})
}

func TestLiveRunsEachTimeInOrder(t *testing.T) {
	var ran []string
	day := func(d int) time.Time { return time.Date(2026, 3, d, 6, 0, 0, 0, time.UTC) }
	err := scheduler.Live(t.Context(), day(1), day(3),
		note(t, &ran, "duties", "0 6 * * *"),
		note(t, &ran, "report", "0 7 2 * *"),
		note(t, &ran, "mail", "0 6 * * *"),
		scheduler.Job{Name: "never", Next: never{}})
	want := "duties 2 Mar 06:00, mail 2 Mar 06:00, report 2 Mar 07:00, duties 3 Mar 06:00, mail 3 Mar 06:00"
	if got := strings.Join(ran, ", "); err != nil || got != want {
		t.Errorf("lived %s (%v), want %s", got, err, want)
	}
}

func TestLiveGoesOnAfterAFailure(t *testing.T) {
	var ran []string
	bad := scheduler.Job{Name: "bad", Next: every(t, "0 5 * * *"), Run: func(_ context.Context, due time.Time) error {
		if due.Day() == 2 {
			panic("bad row")
		}
		return nil
	}}
	from := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	err := scheduler.Live(t.Context(), from, from.AddDate(0, 0, 2), bad, note(t, &ran, "good", "0 6 * * *"))
	if err == nil || err.Error() != "bad, due 2026-03-02T05:00:00Z: panic: bad row" || len(ran) != 2 {
		t.Errorf("got %v, and the other ran %v", err, ran)
	}
}

func TestLiveStopsWhenAsked(t *testing.T) {
	ctx, stop := context.WithCancel(t.Context())
	runs := 0
	from := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	err := scheduler.Live(ctx, from, from.AddDate(1, 0, 0), scheduler.Job{
		Name: "duties", Next: every(t, "0 6 * * *"),
		Run: func(context.Context, time.Time) error { runs++; stop(); return nil },
	})
	if !errors.Is(err, context.Canceled) || runs != 1 {
		t.Errorf("stopped after the first run, it returned %v after %d", err, runs)
	}
}

// However a span of time is cut, living through its pieces is living through it.
func TestLiveIsTheSameHoweverItIsCut(t *testing.T) {
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	random := rand.New(rand.NewPCG(seed, 0))
	lines := []string{"30 1 * * *", "0 2 * * *", "*/20 * * * *", "15 * * * *", "0,30 1 * * *", "0 7 1 * *", "0 1 * * 0", "10 */3 * * *"}
	for _, odd := range []time.Time{
		time.Date(2026, 3, 29, 1, 0, 0, 0, time.UTC),  // one o'clock is skipped
		time.Date(2026, 10, 25, 1, 0, 0, 0, time.UTC), // one o'clock comes again
		time.Date(2027, 1, 1, 0, 0, 0, 0, time.UTC),
	} {
		from, until := odd.Add(-50*time.Hour), odd.Add(50*time.Hour)
		live := func(ran *[]string, cuts ...time.Time) {
			var jobs []scheduler.Job
			for _, line := range lines {
				jobs = append(jobs, note(t, ran, line, line))
			}
			for i := range cuts[1:] {
				if err := scheduler.Live(t.Context(), cuts[i], cuts[i+1], jobs...); err != nil {
					t.Fatal(err)
				}
			}
		}
		var whole []string
		live(&whole, from, until)
		if len(whole) < 400 {
			t.Fatalf("in 100 hours there were %d runs: %v", len(whole), whole)
		}
		for range 40 {
			cuts := []time.Time{from, until}
			for range random.IntN(12) {
				// Near the odd hour, often on the very minute of a run, and at times twice the same.
				cut := odd.Add(time.Duration(random.IntN(8*60)-4*60) * time.Minute)
				if random.IntN(3) == 0 {
					cut = cut.Add(time.Duration(random.Int64N(int64(time.Minute))))
				}
				cuts = append(cuts, cut)
			}
			slices.SortFunc(cuts, func(a, b time.Time) int { return cmp.Compare(a.UnixNano(), b.UnixNano()) })
			var pieces []string
			live(&pieces, cuts...)
			if !slices.Equal(pieces, whole) {
				t.Fatalf("cut at %v they are\n%v, whole\n%v", cuts, pieces, whole)
			}
		}
	}
}

// note is a job that notes its runs.
func note(t *testing.T, ran *[]string, name, line string) scheduler.Job {
	return scheduler.Job{Name: name, Next: every(t, line), Run: func(_ context.Context, due time.Time) error {
		*ran = append(*ran, name+due.UTC().Format(" 2 Jan 15:04"))
		return nil
	}}
}

// never is a timetable without a time.
type never struct{}

func (never) Next(time.Time) time.Time { return time.Time{} }

func loop(now func() time.Time, wake <-chan struct{}) *scheduler.Loop {
	if now == nil {
		now = time.Now
	}
	return &scheduler.Loop{Now: now, Wake: wake, Log: slog.New(slog.DiscardHandler)}
}

// run runs a loop for some time.
func run(t *testing.T, l *scheduler.Loop, d time.Duration, jobs ...scheduler.Job) {
	t.Helper()
	ctx, stop := context.WithTimeout(t.Context(), d)
	defer stop()
	if err := l.Run(ctx, jobs...); err != nil {
		t.Errorf("the loop ended with %v", err)
	}
}
