package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"darsd/dars"
	"darsd/store"
)

// A late list of objections names people who are in what was published before it. Whatever
// of that nobody has come for is taken back and made again without them; what somebody has
// some of is held until an officer decides: it is finished, or it is asked back by a
// certificate and only then made again.
//
// Here it comes in the middle of a month, while that month's releases can be collected.

// lateDay is the day of a month's late list; "" if there is none. The first month has one.
func (s *soak) lateDay(month int) dars.Day {
	if month > 0 && s.lot("late list", month).IntN(3) > 0 {
		return ""
	}
	return s.first.AddMonths(month).Add(9)
}

// latecomers are those whom a month's late list names first: one or two who have rows in
// what was released in that month.
func (s *soak) latecomers(month int) (all []string) {
	_, whose := s.source(period(month))
	lot := s.lot("latecomers", month)
	for range 1 + lot.IntN(2) {
		all = append(all, whose[lot.IntN(len(whose))])
	}
	return all
}

// A fate is what became of a release because of objections that came late.
type fate struct {
	frozen    dars.Day // since when nobody may collect it
	decided   dars.Day // when an officer decides, if it is still theirs to decide
	resumed   dars.Day // when it could be collected again
	passed    dars.Day // of the list that was let pass then
	withdrawn dars.Day // when it was taken back
	again     dars.Day // when it was made again
	back      *asking  // for what was sent of it; nil, if nothing was asked back
}

// An asking is a certificate of destruction for one release.
type asking struct {
	id       dars.CertificateID
	as       dars.ReleaseID // what stands in the place of its name in letters: what was taken back, or what replaces it
	on       dars.Day
	due      dars.Day // the last day on which it is in time
	comes    dars.Day // when it is returned; "" if never
	answered dars.Day // when it was accepted
}

// open reports whether it is still to be answered at the end of a day.
func (a *asking) open(on dars.Day) bool { return a.answered == "" || a.answered > on }

// held reports whether nobody may collect a release because an officer is to decide.
func (f fate) held() bool { return f.frozen != "" && f.resumed == "" && f.withdrawn == "" }

// lies reports whether a release can be collected on a day, or could if it were not held.
func (r *published) lies(on dars.Day) bool {
	return r.withdrawn == "" && r.replaced == "" && on <= r.until() && r.of.runs(on)
}

// falls reports whether rows that were let out in a release would be withheld under the
// list of a day.
func (s *soak) falls(r *published, list dars.Day) bool {
	return len(s.expected(r.month, max(r.list, r.passed))) != len(s.expected(r.month, list))
}

// tried looks what a new list has led to, for each release that lies there, and has what
// was made again published. It returns that.
func (s *soak) tried(ctx context.Context, d dars.Day) (again []*published, err error) {
	var lying []*published
	for _, r := range s.out {
		if r.lies(d) {
			lying = append(lying, r)
		}
	}
	if err := s.triedOut(ctx); err != nil {
		return nil, err
	}
	var fallen []*published
	for _, r := range lying {
		is, err := s.released(ctx, r.id)
		if err != nil {
			return nil, err
		}
		withdrawn := is.State == dars.ReleaseWithdrawn
		switch falls := s.falls(r, d); {
		case !falls && (withdrawn || is.IsFrozen()):
			s.finds("%s: %s is %s (%+v), and nobody in it objects who did not before", d, r.id, is.State, is.Late)
		case !falls:
			s.count("releases on which a new list was tried, and of which no row falls", 1)
		case !withdrawn && !is.IsFrozen():
			s.finds("%s: rows of %s fall, and it is %s", d, r.id, is.State)
		case withdrawn && r.sent:
			s.finds("%s: %s was withdrawn by itself, and some of it had left", d, r.id)
		case !withdrawn && !r.asked:
			s.finds("%s: %s is held, and nobody had come for it", d, r.id)
		case withdrawn:
			r.withdrawn = d
			fallen = append(fallen, r)
			s.count("releases withdrawn for objections that came late", 1)
		default:
			lot := s.lot("decided", r.id)
			r.frozen, r.decided, r.sent = d, d.Add(lot.IntN(3)), true // what was set aside may have left
			s.count("releases held for objections that came late", 1)
		}
	}
	return s.madeAgain(ctx, d, fallen)
}

// triedOut waits until every list that came was tried, and what follows is made.
func (s *soak) triedOut(ctx context.Context) error {
	for end := time.Now().Add(10 * time.Minute); time.Now().Before(end); {
		owed, err := s.owed(ctx)
		if err != nil {
			return err
		}
		if !slices.ContainsFunc(owed, func(o store.Owed) bool { return o.What == "late trial" || o.What == "late rebuild" }) {
			return nil
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(50 * time.Millisecond):
		}
	}
	return errors.New("a list of objections is not tried out after ten minutes")
}

func (s *soak) released(ctx context.Context, id dars.ReleaseID) (r *dars.Release, err error) {
	err = s.store.View(ctx, func(tx *store.Tx) error {
		r, err = store.Get[dars.Release](tx, id)
		return err
	})
	return r, err
}

// madeAgain has what the program has made in the place of some releases checked, signed
// off and published, where anything may be released.
func (s *soak) madeAgain(ctx context.Context, d dars.Day, before []*published) (again []*published, err error) {
	var work []func(context.Context) error
	for _, r := range before {
		is, err := s.released(ctx, r.id)
		if err != nil {
			return nil, err
		}
		id, why := is.Late.RebuiltAs, s.refusal(r.of, d)
		switch {
		case id == "" && why == "":
			s.finds("%s: %s was taken back, and is not made again", d, r.id)
			continue
		case id == "":
			s.count("releases not made again, as they must not be", 1)
			continue
		case why != "":
			s.finds("%s: %s is made again as %s, and %s", d, r.id, id, why)
		}
		r.again = d
		n := &published{id: id, of: r.of, month: r.month, on: d, list: s.asAt(d)}
		work = append(work, func(ctx context.Context) error {
			done, err := s.take(ctx, n, steps[1:])
			if done {
				s.mu.Lock()
				again = append(again, n)
				s.mu.Unlock()
				s.count("releases made again by the program, and published", 1)
			}
			return err
		})
	}
	return again, s.allAtOnce(ctx, work)
}

// officers decide of what is held: it is finished, and then whoever has a piece comes back
// for the rest; or it is asked back.
func (s *soak) officers(ctx context.Context, d dars.Day) (back []*visit, err error) {
	for _, r := range s.out {
		if !r.held() || r.decided != d || !r.of.runs(d) {
			continue
		}
		lot := s.lot("officer", r.id)
		if lot.IntN(2) == 0 {
			if err := s.officer(ctx, r, "resume", dars.Resumed); err != nil {
				return nil, err
			}
			r.resumed, r.passed = d, r.frozen
			for _, c := range r.of.recipients {
				back = append(back, &visit{on: d, of: r, who: c, manner: "onwards", breaks: lot.IntN(2)})
			}
			continue
		}
		if err := s.officer(ctx, r, "withdraw", dars.CalledBack); err != nil {
			return nil, err
		}
		is, err := s.released(ctx, r.id)
		if err != nil {
			return nil, err
		}
		r.withdrawn, r.back = d, &asking{id: is.Late.Certificate, on: d, due: d.Add(14), as: r.id}
		if is.Late.Certificate == "" {
			s.finds("%s: %s is withdrawn, some of it had left, and no certificate is asked for", d, r.id)
		}
		if lot.IntN(4) > 0 {
			r.back.comes = d.Add(1 + lot.IntN(20))
		}
	}
	return back, nil
}

// officer has somebody who had no hand in a release decide.
func (s *soak) officer(ctx context.Context, r *published, verb string, to dars.LateState) error {
	_, err := s.does(ctx, "colin", func(tx *store.Tx) (bool, error) {
		is, err := store.Get[dars.Release](tx, r.id)
		return err == nil && is.Late != nil && is.Late.State == to, err
	}, "release", verb, string(r.id), "--reason", "it was looked into")
	var no *refused
	if errors.As(err, &no) {
		return fmt.Errorf("release %s %s was refused: %w", verb, r.id, err)
	}
	s.count("releases that were held: "+verb, 1)
	return err
}

// givenBack are the certificates for single releases that come back on a day, one after the
// other, since each may let an organisation have something again.
func (s *soak) givenBack(ctx context.Context, d dars.Day) (again []*published, err error) {
	for _, r := range s.out {
		if r.back == nil || r.back.comes != d || r.back.id == "" {
			continue
		}
		accepted, err := s.certify(ctx, r.back.id, r.of, d)
		if err != nil {
			return nil, err
		}
		if !accepted {
			continue
		}
		r.back.answered = d
		if !r.of.runs(d) || r.replaced != "" {
			continue
		}
		if err := s.triedOut(ctx); err != nil {
			return nil, err
		}
		some, err := s.madeAgain(ctx, d, []*published{r})
		if err != nil {
			return nil, err
		}
		again = append(again, some...)
	}
	return again, nil
}

// late are the letters about what came late.
func (w *account) late(r *published) {
	to := r.of.recipients
	if r.frozen == w.now {
		w.write(true, to, "%s: %s is held", r.of.id, r.id)
	}
	if r.resumed == w.now {
		w.write(true, to, "%s: %s is no longer held", r.of.id, r.id)
	}
	if r.withdrawn == w.now && r.back == nil {
		w.write(true, to, "%s: %s is withdrawn", r.of.id, r.id)
	}
	if r.back == nil {
		return
	}
	what := string(r.id)
	if r.replaced != "" {
		what = fmt.Sprintf("what %s ends", r.back.as)
	}
	if r.back.on == w.now {
		w.write(true, to, "%s: destroy %s; certificate of destruction %s due by %s", r.of.id, what, r.back.as, long(r.back.due))
	}
	if r.again == w.now {
		w.write(true, to, "%s: %s is made again", r.of.id, r.id)
	}
	if w.now > r.back.on && r.back.open(w.now.Add(-1)) && w.climb("certificate "+string(r.id), r.back.due.Add(-14), afterAnEnd, "", "") {
		w.write(true, to, "%s: certificate of destruction outstanding since %s", r.back.as, long(r.back.due))
	}
}
