package office_test

import (
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"darsd/dars"
	"darsd/office"
	"darsd/scheduler"
	"darsd/store"
)

// Years of an office are lived in spans that meet at random places, with nights on
// which no daemon ran, while people sign what follows and send certificates back. The
// letters that are then owed are those that history_test.go finds out in its own
// plain way, each on its day. DARSD_DECADE=1000 lives ten years of a thousand agreements.
func TestTheLettersOfYearsAreTheRightOnes(t *testing.T) {
	agreements, years := asked("DARSD_DECADE", 40, 2)
	each(t, func(t *testing.T, h *house) {
		h.hasYears()
		rnd := rand.New(rand.NewPCG(uint64(agreements), 12))
		past := drawn(rnd, h.today, agreements, years, h.first().Calendar.Holidays)
		h.must(h.first().Store.Do(t.Context(), func(tx *store.Tx) error { return past.found(tx) }))
		h.happens(past, rnd, func(o *office.Office) daemon { return walking(o, func(office.Done) {}) })
		got, want := h.written(), past.letters()
		if len(want) < 5*agreements {
			t.Errorf("only %d letters are to be expected", len(want))
		}
		for _, l := range difference(want, got) {
			t.Errorf("not written: %s", l)
		}
		for _, l := range difference(got, want) {
			t.Errorf("written:     %s", l)
		}
		t.Logf("%d letters", len(got))
		h.sound()
	})
}

// asked is how many agreements are lived with for how many years: as many as a test
// needs, or ten years of so many as the environment says.
func asked(name string, agreements, years int) (int, int) {
	if n, err := strconv.Atoi(os.Getenv(name)); err == nil {
		return n, 10
	}
	return agreements, years
}

// A daemon does what is due at a time.
type daemon = func(ctx context.Context, due time.Time) error

// happens lives through it all, in spans that meet at random places.
func (h *house) happens(past *history, rnd *rand.Rand, starts func(*office.Office) daemon) {
	h.t.Helper()
	var daemons [2]daemon
	for i, o := range h.both {
		daemons[i] = starts(o)
	}
	at := past.first.noon()
	for at.Before(past.last.noon()) {
		to := at.Add(time.Duration(rnd.Int64N(int64(60 * 24 * time.Hour))))
		if to.After(past.last.noon()) {
			to = past.last.noon()
		}
		which := rnd.IntN(2)
		o, walk := h.both[which], daemons[which]
		six := h.atSix(func(ctx context.Context, due time.Time) error {
			if !past.awake(date{o.Calendar.Day(due)}) {
				return nil
			}
			return walk(ctx, due)
		})
		noon, err := scheduler.Every("0 12 * * *", o.Calendar.Zone)
		h.must(err)
		people := scheduler.Job{Name: "people", Next: noon, Run: func(ctx context.Context, due time.Time) error {
			return o.Store.Do(ctx, func(tx *store.Tx) error { return past.people(tx, due, date{o.Calendar.Day(due)}) })
		}}
		h.must(scheduler.Live(h.t.Context(), at, to, six, people))
		at = to
	}
}

var byClock = regexp.MustCompile(`CERT-\d{6}|AUD-\d{6}`)

// written are the letters that are owed: the day and the subject, in which agreements
// stand in the place of their certificates, which the clock numbers.
func (h *house) written() (letters []string) {
	h.t.Helper()
	for _, w := range h.owed() {
		if w.What != "mail" {
			continue
		}
		var l struct {
			Subject, Body string
			At            time.Time
		}
		h.must(json.Unmarshal(w.Body, &l))
		if strings.HasPrefix(l.Body, "For the office.") {
			continue // it says that another was written
		}
		subject := h.named(l.Subject)
		if day := h.first().Calendar.Day(l.At); day > h.today { // what founding the house wrote is not of this story
			letters = append(letters, fmt.Sprint(day, " ", subject))
		}
	}
	slices.Sort(letters)
	return letters
}

// named has agreements in the place of their certificates, and no numbers of audits.
func (h *house) named(text string) string {
	return byClock.ReplaceAllStringFunc(text, func(id string) string {
		if strings.HasPrefix(id, "AUD") {
			return "AUD"
		}
		return string(get[dars.Certificate](h, id).Agreement)
	})
}

// difference are those of one sorted list that another has not, or not as often.
func difference(some, others []string) (only []string) {
	for _, s := range some {
		for len(others) > 0 && others[0] < s {
			others = others[1:]
		}
		if len(others) == 0 || others[0] != s {
			only = append(only, s)
			continue
		}
		others = others[1:]
	}
	return only
}
