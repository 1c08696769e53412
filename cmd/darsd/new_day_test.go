package main

import (
	"context"
	"slices"
	"testing"
	"time"

	"darsd/scheduler"
)

// What is open is asked about again at the first moment of each day in London, once,
// also when the clocks change.
func TestWhatIsOpenIsAskedAboutAtMidnight(t *testing.T) {
	london, err := time.LoadLocation("Europe/London")
	if err != nil {
		t.Fatal(err)
	}
	tests := map[string]struct {
		from string
		want []string
	}{
		"when the clocks go forward": {"2026-03-28T12:00:00Z", []string{"2026-03-29T00:00:00Z", "2026-03-29T23:00:00Z"}},
		"when they go back":          {"2026-10-24T12:00:00Z", []string{"2026-10-24T23:00:00Z", "2026-10-26T00:00:00Z"}},
		"in between":                 {"2026-06-30T12:00:00Z", []string{"2026-06-30T23:00:00Z", "2026-07-01T23:00:00Z"}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			from, err := time.Parse(time.RFC3339, tt.from)
			if err != nil {
				t.Fatal(err)
			}
			asked := 0
			day, err := newDay(london, func() { asked++ })
			if err != nil {
				t.Fatal(err)
			}
			var at []string
			run := day.Run
			day.Run = func(ctx context.Context, due time.Time) error {
				at = append(at, due.UTC().Format(time.RFC3339))
				return run(ctx, due)
			}
			if err := scheduler.Live(t.Context(), from, from.Add(48*time.Hour), day); err != nil || asked != 2 || !slices.Equal(at, tt.want) {
				t.Errorf("asked %d times, at %v: %v", asked, at, err)
			}
		})
	}
}
