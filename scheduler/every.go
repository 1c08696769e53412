package scheduler

import (
	"fmt"
	"strings"
	"time"

	"github.com/robfig/cron/v3"
)

// Every reads a crontab line of five fields, such as "0 6 * * *", on the clocks
// of a zone.
//
// Twice a year those clocks change. A line that names its hours runs once for
// each time that it names on a day: where the clocks pass over half past one, at
// the first moment after, and where half past one comes twice, the first time.
// A line for every hour ("30 * * * *") runs in each hour that passes, so never
// in one that does not exist and twice in one that comes twice. (Alone, the cron
// package leaves a day out in March and runs twice in October.)
func Every(line string, zone *time.Location) (cron.Schedule, error) {
	if strings.Contains(line, "TZ=") {
		return nil, fmt.Errorf("timetable %q: leave out TZ=: times are on the office's clocks", line)
	}
	read, err := cron.ParseStandard(line)
	if err != nil {
		return nil, fmt.Errorf("timetable %q is not five fields such as %q: %w", line, "0 6 * * *", err)
	}
	spec, ok := read.(*cron.SpecSchedule)
	if !ok {
		// Its times would hang on when the daemon was started.
		return nil, fmt.Errorf("timetable %q: in place of @every, name the times, such as %q", line, "*/15 * * * *")
	}
	if spec.Location = time.UTC; spec.Next(time.Unix(0, 0)).IsZero() {
		return nil, fmt.Errorf("timetable %q names a day that never comes", line)
	}
	const everyHour = 1<<24 - 1
	if spec.Hour&everyHour == everyHour {
		spec.Location = zone
		return spec, nil
	}
	return timesOfDay{spec, zone}, nil
}

// timesOfDay are the times that a line names, by what the clocks of a zone show.
// What a clock shows is kept as a time in UTC, where every time of day exists
// once.
type timesOfDay struct {
	shown *cron.SpecSchedule
	zone  *time.Location
}

// Next returns the next time after t, or the zero time if there is none.
func (d timesOfDay) Next(t time.Time) time.Time {
	// When clocks go back they show again what they have shown before t, so the
	// line may name some times that are past.
	for shown := onClock(t.In(d.zone)); ; {
		if shown = d.shown.Next(shown); shown.IsZero() {
			return shown
		}
		if at := d.firstShown(shown); at.After(t) {
			return at.In(t.Location())
		}
	}
}

// firstShown returns when the clocks first show a time; if they pass over it,
// the first moment after.
func (d timesOfDay) firstShown(shown time.Time) time.Time {
	at := time.Date(shown.Year(), shown.Month(), shown.Day(), shown.Hour(), shown.Minute(), shown.Second(), 0, d.zone)
	// Date does not say which of two it returns, nor on which side of a gap.
	begin, end := at.ZoneBounds()
	switch is := onClock(at); {
	case is.After(shown):
		return begin
	case is.Before(shown):
		return end
	case begin.IsZero():
		return at
	}
	_, offset := at.Zone()
	_, before := begin.Add(-1).Zone()
	if earlier := at.Add(time.Duration(offset-before) * time.Second); earlier.Before(begin) {
		return earlier
	}
	return at
}

// onClock is what a clock shows at t, as a time in UTC.
func onClock(t time.Time) time.Time {
	return time.Date(t.Year(), t.Month(), t.Day(), t.Hour(), t.Minute(), t.Second(), t.Nanosecond(), time.UTC)
}
