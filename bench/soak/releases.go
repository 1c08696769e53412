package main

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"darsd/dars"
	"darsd/store"
)

// A published release is one that lies there for its recipients.
type published struct {
	id    dars.ReleaseID
	of    *held
	month int
	on    dars.Day
	list  dars.Day // of the objections that are upheld in it

	asked     bool     // somebody came for it
	sent      bool     // some byte of it left
	taken     dars.Day // when the first client had all of it
	confirmed dars.Day // and of those of which the office knows that they have

	fate
	recalled *recall  // nil, if it is not called back
	replaced dars.Day // when another took its place
}

// until is the last day on which it can be collected, as recipients are told: the
// fourteenth, or the last on which the agreement and a contract under it stand.
func (r *published) until() dars.Day { return min(r.on.Add(13), r.of.term()) }

// A step is what one of the three people behind a release does with it.
type step struct {
	who, verb string
	to        dars.ReleaseState
}

var steps = []step{{"priya", "produce", dars.Produced}, {"chen", "check", dars.Checked}, {"signe", "sign-off", dars.SignedOff}, {"priya", "publish", dars.Published}}

// release lets three people make and publish a month's release under an agreement, or
// be refused where the facts say so. It may take the place of one before.
func (s *soak) release(ctx context.Context, g *held, month int, on dars.Day, before dars.ReleaseID) (*published, error) {
	s.mu.Lock()
	why := s.refusal(g, on)
	s.mu.Unlock()
	r := &published{of: g, month: month, on: on, list: s.asAt(on)}
	answer, err := s.does(ctx, "carol", func(tx *store.Tx) (bool, error) {
		all, err := store.Find[dars.Release](tx, dars.By("agreement", g.id))
		for _, one := range all {
			if slices.Equal(one.Periods, []string{period(month)}) && one.State != dars.ReleaseWithdrawn && one.ID > before {
				r.id = one.ID
			}
		}
		return r.id != "", err
	}, "release", "plan", g.id, "--dataset", dataset, "--period", period(month))
	var no *refused
	switch {
	case errors.As(err, &no) && why != "":
		s.count("releases refused, as they must be", 1)
		return nil, nil
	case errors.As(err, &no):
		s.finds("%s: a release under %s was refused, and nothing stands in the way: %v", on, g.id, no)
		return nil, nil
	case err != nil:
		return nil, err
	case why != "":
		s.finds("%s: a release under %s was planned, and %s", on, g.id, why)
	}
	if id, ok := answer["id"].(string); ok {
		r.id = dars.ReleaseID(id)
	}
	if r.id == "" {
		return nil, fmt.Errorf("the release under %s has no name: %v", g.id, answer)
	}
	if done, err := s.take(ctx, r, steps); err != nil || !done {
		return nil, err
	}
	return r, nil
}

// take has a release taken through the steps that are left, until it lies there.
func (s *soak) take(ctx context.Context, r *published, left []step) (done bool, err error) {
	var no *refused
	for i, next := range left {
		_, err := s.does(ctx, next.who, func(tx *store.Tx) (bool, error) {
			is, err := store.Get[dars.Release](tx, r.id)
			if err != nil {
				return false, err
			}
			return is.State == dars.Collected || slices.ContainsFunc(left[i:], func(done step) bool { return done.to == is.State }), nil
		}, "release", next.verb, string(r.id))
		if errors.As(err, &no) {
			s.finds("%s: %s could not %s %s: %v", r.on, next.who, next.verb, r.id, no)
			return false, nil
		}
		if err != nil {
			return false, err
		}
	}
	s.count("releases published", 1)
	s.mu.Lock()
	s.out = append(s.out, r)
	s.mu.Unlock()
	return true, nil
}
