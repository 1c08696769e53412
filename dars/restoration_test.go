package dars_test

import (
	"testing"
	"time"

	"darsd/dars"
)

func TestReferencesGoOnFurtherUp(t *testing.T) {
	backup := time.Date(2026, 3, 2, 1, 0, 0, 0, time.UTC)
	tests := map[string]struct {
		highest int
		after   time.Duration // from the backup to the day on which it is brought back
		above   int
	}{
		"the same day":              {7, time.Hour, 1007},
		"none was given yet":        {0, time.Hour, 1000},
		"the next day":              {7, 25 * time.Hour, 2007},
		"a month later":             {7, 31 * 24 * time.Hour, 32_007},
		"a busy office":             {500_000, time.Hour, 505_000},
		"a clock that has run back": {7, -time.Hour, 1007},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			r := &dars.Restoration{From: backup, At: backup.Add(tt.after)}
			if tt.highest > 0 {
				r.Skip("release", tt.highest)
			}
			if above := r.Above("release"); above != tt.above {
				t.Errorf("after %d they go on above %d, not %d", tt.highest, above, tt.above)
			}
		})
	}
}

func TestVersionsOfACaseGoOnFurtherUp(t *testing.T) {
	r := &dars.Restoration{From: time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC), At: time.Date(2026, 3, 4, 12, 0, 0, 0, time.UTC)}
	for newest, lost := range map[dars.Day]int{"2026-02-27": 30, "2026-03-02": 30, "2026-03-04": 0} {
		if n := r.Lost(newest, dars.Calendar{}); n != lost {
			t.Errorf("of a case of %s %d versions are passed over, not %d", newest, n, lost)
		}
	}
}
