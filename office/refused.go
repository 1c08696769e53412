package office

import (
	"context"
	"errors"
	"slices"
	"sync"
	"time"

	"darsd/dars"
)

// Refusals are the acts that rules refused. The first of a kind in an hour are told one by
// one, at once, so that a program that is killed has told them. All are counted by the hour,
// person, act, rule and door: in memory, and written now and then. So whoever is refused
// ten thousand times a minute neither fills the disk nor holds up others' acts. Nothing is
// kept of what was said. The log knows nothing of it.
type Refusals struct {
	Tell func(dars.RefusedAct) // hears of each, or of several of a kind; nil if nobody does

	mu     sync.Mutex
	counts map[dars.Refused]int // that were not written yet
	told   map[dars.Refused]int // of this hour, one by one
	untold map[dars.Refused]dars.RefusedAct
}

// mostCounted is how many different refusals are kept in memory; more are counted
// together.
const mostCounted = 1000

// mostTold is how many of a kind are told one by one within an hour. Those that follow are
// told together, when they are written.
const mostTold = 20

// keptFor is for how long counts are kept.
const keptFor = 3 * 366 * 24 * time.Hour

// Count counts and tells an act that has failed, if it was a rule that refused it.
func (r *Refusals) Count(a dars.Act, act string, err error) {
	var no *dars.Refusal
	if !errors.As(err, &no) {
		return
	}
	if a.Who == "" {
		a.Who = dars.Nobody
	}
	kind := dars.Refused{Hour: a.At.UTC().Truncate(time.Hour), Who: a.Who, Act: dars.Countable(act), Rule: dars.Countable(no.Rule), Via: a.Via}
	one, atOnce := r.count(kind, a.At.UTC(), dars.CountableRef(no.Ref))
	if atOnce {
		r.Tell(one)
	}
}

// count adds one of a kind, and reports whether it is to be told at once.
func (r *Refusals) count(kind dars.Refused, at time.Time, ref string) (one dars.RefusedAct, tell bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.begin()
	if r.counts[kind] == 0 && len(r.counts) >= mostCounted {
		kind, ref = dars.Refused{Hour: kind.Hour, Who: dars.Nobody, Act: "other", Rule: "other", Via: "other"}, ""
	}
	r.counts[kind]++
	if r.Tell == nil {
		return one, false
	}
	one = dars.RefusedAct{At: at, By: kind.Who, Via: kind.Via, Act: kind.Act, Rule: kind.Rule, Ref: ref, Times: 1}
	if r.roomFor(kind) {
		r.told[kind]++
		return one, true
	}
	if so := r.untold[kind]; so.Times > 0 {
		one.Times += so.Times
		if so.Ref != ref {
			one.Ref = ""
		}
	}
	r.untold[kind] = one
	return one, false
}

// begin makes room for counts. Called with mu held.
func (r *Refusals) begin() {
	if r.counts == nil {
		r.counts, r.untold = map[dars.Refused]int{}, map[dars.Refused]dars.RefusedAct{}
	}
}

// roomFor reports whether one more of a kind may be told by itself. Of earlier hours nothing
// is remembered.
func (r *Refusals) roomFor(kind dars.Refused) bool {
	for known := range r.told {
		if !known.Hour.Equal(kind.Hour) {
			r.told = nil
		}
		break // all are of one hour
	}
	if r.told == nil {
		r.told = map[dars.Refused]int{}
	}
	n := r.told[kind]
	return n < mostTold && (n > 0 || len(r.told) < mostCounted)
}

// Keep writes what was counted since the last time, and tells what was not told one by
// one. What cannot be written is counted on.
func (o *Office) Keep(ctx context.Context, r *Refusals) error {
	r.mu.Lock()
	counts, untold := r.counts, r.untold
	r.counts, r.untold = nil, nil
	r.mu.Unlock()
	for _, one := range untold {
		r.Tell(one)
	}
	if len(counts) == 0 {
		return nil
	}
	var all []dars.Refused
	for kind, n := range counts {
		kind.Times = n
		all = append(all, kind)
	}
	newest := slices.MaxFunc(all, func(a, b dars.Refused) int { return a.Hour.Compare(b.Hour) })
	err := o.Store.KeepRefused(ctx, all, newest.Hour.Add(-keptFor))
	if err != nil {
		r.countOn(counts)
	}
	return err
}

// countOn puts back what could not be written.
func (r *Refusals) countOn(counts map[dars.Refused]int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.begin()
	for kind, n := range counts {
		r.counts[kind] += n
	}
}
