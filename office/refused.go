package office

import (
	"context"
	"errors"
	"maps"
	"slices"
	"sync"
	"time"

	"darsd/dars"
)

// Refusals counts acts that rules refused, by the hour, person, act, rule and door, and
// nothing of what was said. It counts in memory and writes now and then: whoever is
// refused ten thousand times a minute neither fills the disk nor holds up others' acts.
// What was not written when a program is killed is lost. The log knows nothing of it.
type Refusals struct {
	mu     sync.Mutex
	counts map[dars.Refused]int
}

// mostCounted is how many different refusals are kept in memory; more are counted
// together.
const mostCounted = 1000

// keptFor is for how long counts are kept.
const keptFor = 3 * 366 * 24 * time.Hour

// Count counts an act that has failed, if it was a rule that refused it.
func (r *Refusals) Count(a dars.Act, act string, err error) {
	var no *dars.Refusal
	if !errors.As(err, &no) {
		return
	}
	if a.Who == "" {
		a.Who = dars.Nobody
	}
	one := dars.Refused{Hour: a.At.UTC().Truncate(time.Hour), Who: a.Who, Act: dars.Countable(act), Rule: dars.Countable(no.Rule), Via: a.Via}
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.counts == nil {
		r.counts = map[dars.Refused]int{}
	}
	if r.counts[one] == 0 && len(r.counts) >= mostCounted {
		one = dars.Refused{Hour: one.Hour, Who: dars.Nobody, Act: "other", Rule: "other", Via: "other"}
	}
	r.counts[one]++
}

// Keep writes what was counted since the last time. What cannot be written is counted on.
func (o *Office) Keep(ctx context.Context, r *Refusals) error {
	r.mu.Lock()
	counts := r.counts
	r.counts = nil
	r.mu.Unlock()
	if len(counts) == 0 {
		return nil
	}
	var all []dars.Refused
	for one, n := range counts {
		one.Times = n
		all = append(all, one)
	}
	newest := slices.MaxFunc(all, func(a, b dars.Refused) int { return a.Hour.Compare(b.Hour) })
	err := o.Store.KeepRefused(ctx, all, newest.Hour.Add(-keptFor))
	if err == nil {
		return nil
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.counts == nil {
		r.counts = map[dars.Refused]int{}
	}
	for one, n := range maps.All(counts) {
		r.counts[one] += n
	}
	return err
}
