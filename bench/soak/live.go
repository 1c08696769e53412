package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"darsd/dars"
	"darsd/store"
)

// live lives the year, day by day. On each the clock's work is done first, and then
// people do theirs, all at once and with the daemon killed under them.
func (s *soak) live(ctx context.Context) error {
	if _, err := s.serve(ctx, string(s.first)+"T05:00"); err != nil {
		return err
	}
	if err := s.grants(ctx); err != nil {
		return err
	}
	days, visits := 0, map[dars.Day][]*visit{}
	for d := s.first; d <= s.last; d = d.Add(1) {
		days++
	}
	for d := s.first; d <= s.last; d = d.Add(1) {
		if s.within > 0 && time.Since(s.begun) > s.within {
			s.say("no time is left: the year ends before %s, after %d of the %d kills", d, s.deaths.done, s.kills)
			s.last, s.kills = d.Add(-1), s.deaths.done
			break
		}
		s.deaths.due += float64(s.kills) / float64(days)
		if err := s.day(ctx, d, visits); err != nil {
			return fmt.Errorf("%s: %w", d, err)
		}
		if d.Add(1)[8:] == "01" {
			s.say("%s: %d releases published, %d killed, %d things found", d, s.tally["releases published"], s.deaths.done, len(s.findings))
			if err := s.settles(ctx); err != nil {
				return err
			}
			if err := s.measure(ctx, d); err != nil {
				return err
			}
		}
	}
	if err := s.lastKills(ctx); err != nil {
		return err
	}
	return s.stop()
}

// lastKills are those that did not find their moment in the year: while clients look at
// what there is, again and again.
func (s *soak) lastKills(ctx context.Context) error {
	s.deaths.due = float64(s.kills - s.deaths.done)
	looking, stop := context.WithCancel(ctx)
	var wg sync.WaitGroup
	for n := range s.hands {
		wg.Go(func() {
			for i := n; looking.Err() == nil; i += s.hands {
				s.fetch(looking, s.parties[i%len(s.parties)].people[0].login, "status.json")
			}
		})
	}
	err := s.murder(ctx, nil)
	stop()
	wg.Wait()
	return err
}

// day is one day.
func (s *soak) day(ctx context.Context, d dars.Day, visits map[dars.Day][]*visit) error {
	if err := s.advance(ctx, d); err != nil {
		return err
	}
	month := s.month(d)
	return s.busy(ctx, func(ctx context.Context) error {
		out, err := s.morning(ctx, d, visits)
		if err != nil {
			return err
		}
		var work []func(context.Context) error
		for _, v := range visits[d] {
			v.on, v.expects = d, s.closed(v, d)
			work = append(work, func(ctx context.Context) error { return s.visit(ctx, v) })
		}
		var mu sync.Mutex
		for _, g := range s.releasesOn(d) {
			work = append(work, func(ctx context.Context) error {
				r, err := s.release(ctx, g, month, d, "")
				if r != nil {
					mu.Lock()
					out = append(out, r)
					mu.Unlock()
				}
				return err
			})
		}
		work = append(work, s.questions(d)...)
		if d == s.first.AddMonths(month).Add(11) {
			work = append(work, func(ctx context.Context) error { return s.incident(ctx, d) })
		}
		if d == s.first.AddMonths(month).Add(8) {
			work = append(work, func(ctx context.Context) error { return s.newCases(ctx, month, d) })
		}
		s.lot("order", d).Shuffle(len(work), func(i, j int) { work[i], work[j] = work[j], work[i] })
		if err := s.allAtOnce(ctx, work); err != nil {
			return err
		}
		// Some are at the door as soon as there is something to collect.
		var now []func(context.Context) error
		for _, r := range out {
			for _, v := range s.visitsOf(r) {
				if later := s.lot("later", r.id, v.who.login).IntN(10); later > 0 {
					visits[d.Add(later)] = append(visits[d.Add(later)], v)
				} else {
					v.expects = s.closed(v, d)
					now = append(now, func(ctx context.Context) error { return s.visit(ctx, v) })
				}
			}
		}
		return s.allAtOnce(ctx, now)
	})
}

// morning is what decides about others' work, and comes first on a day. It returns what was
// published by it; who comes back for something today is put among the visits.
func (s *soak) morning(ctx context.Context, d dars.Day, visits map[dars.Day][]*visit) (out []*published, err error) {
	if out, err = s.decisions(ctx, d); err != nil {
		return nil, err
	}
	if err := s.allAtOnce(ctx, s.papers(d)); err != nil {
		return nil, err
	}
	again, err := s.givenBack(ctx, d)
	if err != nil {
		return nil, err
	}
	back, err := s.officers(ctx, d)
	if err != nil {
		return nil, err
	}
	visits[d] = append(visits[d], back...)
	others, err := s.replacements(ctx, d)
	return slices.Concat(out, again, others), err
}

// allAtOnce does some work with so many hands; the first error is the end of it.
func (s *soak) allAtOnce(ctx context.Context, work []func(context.Context) error) error {
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	todo, errs := make(chan func(context.Context) error), make(chan error, s.hands)
	var wg sync.WaitGroup
	for range s.hands {
		wg.Go(func() {
			for one := range todo {
				if ctx.Err() == nil {
					if err := one(ctx); err != nil {
						select {
						case errs <- err:
						default:
						}
						stop()
					}
				}
			}
		})
	}
	for _, one := range work {
		todo <- one
	}
	close(todo)
	wg.Wait()
	close(errs)
	return <-errs
}

// month is which month of the year a day is in, from 0 on.
func (y *year) month(d dars.Day) (m int) {
	for y.first.AddMonths(m+1) <= d {
		m++
	}
	return m
}

// releasesOn are the agreements under which something is released on a day: those of a
// month on six days, while the list of objections is new.
func (s *soak) releasesOn(d dars.Day) (some []*held) {
	month := s.month(d)
	begin := s.first.AddMonths(month)
	all := slices.DeleteFunc(slices.Clone(s.held), func(g *held) bool { return g.access || g.applied && !g.runs(d) || s.hadBefore(g, month) })
	lot := s.lot("releases", month)
	if s.releases > 0 && s.releases < len(all) {
		lot.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
		all = all[:s.releases]
	}
	for _, g := range all {
		if begin.Add(1+s.lot("day of", month, g.id).IntN(6)) == d {
			some = append(some, g)
		}
	}
	return some
}

// hadBefore reports whether a month's release was made under the version before already.
func (s *soak) hadBefore(g *held, month int) bool {
	return g.before != nil && slices.ContainsFunc(s.out, func(r *published) bool { return r.of == g.before && r.month == month })
}

// visitsOf are the ways in which a release is collected, and now and then somebody who
// reaches for what may be another's.
func (s *soak) visitsOf(r *published) (all []*visit) {
	for _, c := range r.of.recipients {
		lot := s.lot("manner", r.id, c.login)
		all = append(all, &visit{on: r.on, of: r, who: c, manner: manners[lot.IntN(len(manners))], breaks: lot.IntN(4)})
	}
	if lot := s.lot("stranger", r.id); lot.IntN(6) == 0 {
		if who := s.parties[lot.IntN(len(s.parties))].people[1]; !slices.Contains(r.of.recipients, who) {
			all = append(all, &visit{on: r.on, of: r, who: who, manner: "a stranger"})
		}
	}
	return all
}

// closed is why somebody cannot collect a release on a day, as the facts have it; "" if
// they can.
func (s *soak) closed(v *visit, d dars.Day) string {
	r := v.of
	switch {
	case !slices.Contains(r.of.recipients, v.who):
		return "it is somebody else's"
	case !r.of.runs(d):
		return "the agreement has ended"
	case r.withdrawn != "":
		return "it was taken back"
	case r.replaced != "":
		return "another took its place"
	case r.held():
		return "it is held"
	case r.recalled != nil:
		return "it is called back"
	case r.of.of.onHold(d):
		return string(r.of.of.code) + " is on hold"
	case d > r.until():
		return "its last day was " + string(r.until())
	}
	return ""
}

// advance lets the clock come to a morning: by run-due beside the daemon, which may be
// killed in the middle of it; or the daemon is killed in the night, and the next one
// wakes on that day. Either way run-due has the last word, so that the clock has done
// its work before people come. Where somebody was killed it is given once more, as of
// now: they may have moved the clock beyond the hour of a duty that they did not come to.
func (s *soak) advance(ctx context.Context, d dars.Day) error {
	lot := s.lot("advance", d)
	at := string(d) + "T09:00"
	killed := false
	if s.deaths.due >= 1 && lot.IntN(3) == 0 {
		killed = true
		s.daemon.kill()
		s.deaths.due--
		s.deaths.done++
		if err := s.leasesEnd(ctx); err != nil {
			return err
		}
		if _, err := s.serve(ctx, string(d)+"T08:00"); err != nil {
			return err
		}
	}
	if s.kills > 0 && lot.IntN(6) == 0 {
		killed = true
		if err := s.runDueCutShort(ctx, at, lot); err != nil {
			return err
		}
	}
	if _, err := s.command(ctx, "run-due", "--until", at); err != nil || !killed {
		return err
	}
	_, err := s.command(ctx, "run-due")
	return err
}

// decisions are what the office decides on a day about organisations, and a new list of
// objections, with what it has made again for that.
func (s *soak) decisions(ctx context.Context, d dars.Day) (again []*published, err error) {
	if err := s.ended(ctx, d); err != nil {
		return nil, err
	}
	if err := s.holds(ctx, d); err != nil {
		return nil, err
	}
	if err := s.recalls(ctx, d); err != nil {
		return nil, err
	}
	if d != s.asAt(d) {
		return nil, nil
	}
	if err := s.newList(ctx, d); err != nil {
		return nil, err
	}
	return s.tried(ctx, d)
}

// holds are the organisations that are put on hold on a day, or let go.
func (s *soak) holds(ctx context.Context, d dars.Day) error {
	for _, p := range s.parties {
		for _, h := range p.holds {
			verb, state, at := "hold", dars.OrgOnHold, h.from
			if d == h.to.Add(1) && !p.onHold(d) {
				verb, state, at = "release-hold", dars.OrgActive, d
			}
			if d != at {
				continue
			}
			_, err := s.does(ctx, "cora", func(tx *store.Tx) (bool, error) {
				is, err := tx.State("organisation", string(p.code))
				return is == string(state), err
			}, "org", verb, string(p.code), "--reason", "something is looked into")
			var no *refused
			if errors.As(err, &no) {
				s.finds("%s: %s of %s was refused: %v", d, verb, p.code, no)
			} else if err != nil {
				return err
			}
			s.count("organisations put on hold, or let go", 1)
		}
	}
	return nil
}

// ended looks at the agreements that ended yesterday: what was sent under each, and is not
// asked back already, is to be accounted for. Where somebody came for data and got none,
// since the daemon was killed between the two, what it had set aside to send may have left,
// for all that it knows.
func (s *soak) ended(ctx context.Context, d dars.Day) error {
	for _, g := range s.held {
		if g.ends().Add(1) != d || g.superseded() != "" {
			continue
		}
		for _, r := range s.out {
			if r.of == g && r.back != nil && r.back.open(g.ends()) {
				if g.still == nil || r.back.id > g.still.back.id {
					g.still = r
				}
			}
		}
		for _, r := range s.sentUnder(g) {
			switch {
			case r.sent:
				g.sent = true
			case r.asked:
				listed, err := s.listed(ctx, g, r)
				if err != nil {
					return err
				}
				g.sent = g.sent || listed
			}
		}
	}
	return nil
}

// listed reports whether the certificate under an agreement lists a release.
func (s *soak) listed(ctx context.Context, g *held, r *published) (is bool, err error) {
	err = s.store.View(ctx, func(tx *store.Tx) error {
		all, err := store.Find[dars.Certificate](tx, dars.By("agreement", g.id))
		for _, c := range all {
			is = is || c.Release == "" && slices.ContainsFunc(c.Files, func(f dars.SentFile) bool { return f.Release == r.id })
		}
		return err
	})
	if is {
		s.count("releases of which only something that never came was set aside", 1)
	}
	return is, err
}
