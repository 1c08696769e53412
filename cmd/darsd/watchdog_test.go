package main

import (
	"context"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"
)

// A daemon lives while its scheduler goes round and its database answers.
func TestWhatLives(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		still  time.Duration // the scheduler
		closed bool          // the database
		says   string        // "" if it lives
	}{
		"a daemon":                   {time.Minute, false, ""},
		"a scheduler that is stuck":  {mostStill + time.Minute, false, "the scheduler has stood still for 4m0s"},
		"a database that is no more": {0, true, "the database does not answer"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := begin(t, "founded")
			h, err := open(t.Context(), d.path("office"), "", d.env.stderr)
			if err != nil {
				t.Fatal(err)
			}
			defer h.close()
			if tt.closed {
				h.Store.Close()
			}
			var p pulse
			since := time.Now().Add(-tt.still)
			p.last.Store(&since)
			err = h.lives(context.Background(), time.Hour, &p)
			if (err == nil) != (tt.says == "") || err != nil && !strings.Contains(err.Error(), tt.says) {
				t.Errorf("it says %v", err)
			}
		})
	}
}

func TestHowOftenTheServiceManagerWantsToHear(t *testing.T) {
	tests := map[string]struct {
		usec, pid string
		want      time.Duration
	}{
		"never":                 {"", "", 0},
		"every five minutes":    {"300000000", strconv.Itoa(os.Getpid()), 5 * time.Minute},
		"of any process":        {"300000000", "", 5 * time.Minute},
		"of another process":    {"300000000", "1", 0},
		"what is no number":     {"five minutes", "", 0},
		"a time that has ended": {"-1", "", 0},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			e := &env{getenv: func(key string) string {
				return map[string]string{"WATCHDOG_USEC": tt.usec, "WATCHDOG_PID": tt.pid}[key]
			}}
			if got := watchdog(e); got != tt.want {
				t.Errorf("it is %s, want %s", got, tt.want)
			}
		})
	}
}
