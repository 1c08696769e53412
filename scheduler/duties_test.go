package scheduler_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"darsd/scheduler"
)

// A duty that fails, be it by a panic, holds up no other of its day: it is tried once in
// a run, and is the run's error, by its name.
func TestADutyThatFailsHoldsUpNoOther(t *testing.T) {
	due := time.Date(2026, 3, 2, 6, 0, 0, 0, time.UTC)
	tests := map[string]struct {
		bad  func() error
		says string
	}{
		"by an error": {func() error { return errors.New("the disk is full") }, "the disk is full"},
		"by a panic":  {func() error { panic("no such row") }, "expire B: panic: no such row"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			left, tried := []string{"remind A", "expire B", "purge C"}, 0
			var done []string
			list := func(context.Context, time.Time) ([]string, error) {
				var open []string
				for _, d := range left {
					if !strings.Contains(strings.Join(done, " "), d) {
						open = append(open, d)
					}
				}
				return open, nil
			}
			do := func(_ context.Context, d string, _ time.Time) (string, error) {
				if d == "expire B" {
					tried++
					return "", tt.bad()
				}
				return d, nil
			}
			err := scheduler.Duties(list, do, func(d string) { done = append(done, d) })(t.Context(), due)
			if strings.Join(done, ", ") != "remind A, purge C" || tried != 1 || err == nil || err.Error() != tt.says {
				t.Errorf("done: %v; tried %d times, and it says %v", done, tried, err)
			}
		})
	}
}

// What could be listed is done, though not all could.
func TestWhatIsListedBesideAnErrorIsDone(t *testing.T) {
	done := 0
	list := func(context.Context, time.Time) ([]string, error) {
		return []string{"remind A"}[:1-done], errors.New("B cannot be read")
	}
	do := func(_ context.Context, d string, _ time.Time) (string, error) { return d, nil }
	err := scheduler.Duties(list, do, func(string) { done++ })(t.Context(), time.Time{})
	if done != 1 || err == nil || err.Error() != "B cannot be read" {
		t.Errorf("%d done, and it says %v", done, err)
	}
}
