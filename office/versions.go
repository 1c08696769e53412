package office

import (
	"cmp"
	"fmt"
	"slices"

	"darsd/dars"
	"darsd/store"
)

// A reference to a case without a version leaves open which of its versions is
// meant. Here is the rule, and nowhere else:
//
//	to read of it     the version in force, else the newest
//	to work at it     the one on its way, of which there is one at most: it is
//	                  open, or approved and its agreement not in force yet;
//	                  else the version in force, else the newest
//
// In both, one that was withdrawn or declined hides none in force. What an act
// needs to be read first goes with the act: evidence, actions, the clock, charges.
// An older minor version can be read; to act on it is refused.

// toRead finds the application that a reference means to somebody who reads.
func toRead(tx *store.Tx, ref string) (*dars.Application, error) {
	p, _, err := version(tx, ref, func(_ *dars.Application, g *dars.Agreement) int { return rank(inForce(g)) })
	return p, err
}

// atWork finds the application that a reference means to somebody who acts.
func atWork(tx *store.Tx, ref string) (*dars.Application, error) {
	p, minor, err := version(tx, ref, func(p *dars.Application, g *dars.Agreement) int {
		return 2*rank(onItsWay(p, g)) + rank(inForce(g))
	})
	if err == nil && minor != "" && fmt.Sprint(p.Minor) != minor {
		return nil, dars.Refuse("other-version", ref, "%s is at %s: look at it again before you act on it", p.Stem, p.Version())
	}
	return p, err
}

// inForce reports whether an application has an agreement that is in force.
func inForce(g *dars.Agreement) bool { return g != nil && g.State == dars.InForce }

// onItsWay reports whether an application is open, or was approved for an agreement
// that is still to come into force.
func onItsWay(p *dars.Application, g *dars.Agreement) bool {
	return !p.Ended() || p.State == dars.Approved && (g == nil || !g.Over() && !inForce(g))
}

// newest ranks all versions alike.
func newest(*dars.Application, *dars.Agreement) int { return 0 }

func rank(yes bool) int {
	if yes {
		return 1
	}
	return 0
}

// version is that of the highest rank among those that a reference leaves open, and of
// these the newest. It is ranked with its agreement, if it has one.
func version(tx *store.Tx, ref string, rank func(*dars.Application, *dars.Agreement) int) (found *dars.Application, minor string, err error) {
	stem, major, minor, err := dars.ParseCase(ref)
	if err != nil {
		return nil, "", err
	}
	all, err := store.Find[dars.Application](tx, dars.By("case", stem))
	if err != nil {
		return nil, "", err
	}
	agreements, err := store.Find[dars.Agreement](tx, dars.By("case", stem))
	if err != nil {
		return nil, "", err
	}
	of := map[dars.ApplicationID]*dars.Agreement{}
	for _, g := range agreements {
		of[g.Application] = g
	}
	ranked := func(p *dars.Application) int { return rank(p, of[p.ID()]) }
	all = slices.DeleteFunc(all, func(p *dars.Application) bool { return major != "" && fmt.Sprint(p.Major) != major })
	if len(all) == 0 {
		return nil, "", dars.Refuse("not-found", ref, "there is no application %s", ref)
	}
	return slices.MaxFunc(all, func(p, q *dars.Application) int {
		return cmp.Or(cmp.Compare(ranked(p), ranked(q)), cmp.Compare(p.Major, q.Major))
	}), minor, nil
}
