package main

import (
	"fmt"
	"slices"

	"darsd/dars"
)

// A renewal is the next version of a case: the agreement that comes of it takes the place of
// the one before, on the day after its last or earlier. What was sent under that one is kept
// under this, and accounted for at its end; what lay there to be collected is shut.

// renewals are those that a month's meeting decides about: of agreements that end before
// long, and whose organisation stands for longer.
func (s *soak) renewals(month int, d dars.Day) (all []*newcomer) {
	for _, g := range s.held {
		lot := s.lot("renewal", g.id)
		begins := []dars.Day{g.end.Add(1), s.first.AddMonths(month + 1)}[lot.IntN(2)]
		switch p := g.of; {
		case g.access || g.next != nil || !g.runs(d) || lot.IntN(4) == 0:
		case g.end < d || g.end > d.Add(70) || begins <= d || begins > g.end.Add(1):
		case min(p.ico, p.security, p.contractEnds) < begins.Add(30) || p.onHold(d) || s.owes(p, d):
		default:
			kind := []string{"renewal", "extension"}[lot.IntN(2)]
			c := &newcomer{of: p, after: g, kind: kind, name: fmt.Sprintf("%s-of-%s-%d", kind, g.stem, month), start: begins, overSFTP: lot.IntN(2) == 0}
			c.end = max(g.end, begins).Add(100 + lot.IntN(300))
			all = append(all, c)
		}
	}
	return all[:min(len(all), s.cases+2)]
}

// versions are an agreement and those before it in whose place it stands.
func (g *held) versions() (all []*held) {
	for ; g != nil; g = g.before {
		all = append(all, g)
	}
	return all
}

// follows says in a form of which case it is the next version.
func (c *newcomer) follows() string {
	if c.after == nil {
		return ""
	}
	return fmt.Sprintf("kind: %s\nprevious: %s\n", c.kind, c.after.stem)
}

// yielded says in a form what came of the data so far.
func (c *newcomer) yielded() string {
	if c.after == nil {
		return ""
	}
	return "  yielded: >\n    Two reports to the commissioning groups, and fewer readmissions by a tenth.\n"
}

// version is which of its case an application is.
func (c *newcomer) version() int { return len(c.after.versions()) + 1 }

// application and agreement are what the office calls it, once it is handed in.
func (c *newcomer) application() string { return fmt.Sprintf("%s-v%d", c.stem, c.version()) }
func (c *newcomer) agreement() string   { return c.application() + ".0" }

// superseded is the day on which the next version takes an agreement's place; "" if none
// does.
func (g *held) superseded() dars.Day {
	if g.next == nil || g.next.start > g.term().Add(1) {
		return ""
	}
	return g.next.start
}

// sentUnder are the releases that are to be accounted for at the end of an agreement if
// some of them has left: its own, and those of the versions before that nobody has asked
// back.
func (s *soak) sentUnder(g *held) (all []*published) {
	chain := g.versions()
	for _, r := range s.out {
		if slices.Contains(chain, r.of) && r.back == nil {
			all = append(all, r)
		}
	}
	return all
}
