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
//	to work at it     the one that is open, of which there is one at most; else
//	                  the version in force, else the newest
//
// In both, one that was withdrawn or declined hides none in force. What an act
// needs to be read first goes with the act: evidence, actions, the clock, charges.
// An older minor version can be read; to act on it is refused.

// toRead finds the application that a reference means to somebody who reads.
func toRead(tx *store.Tx, ref string) (*dars.Application, error) {
	p, _, err := version(tx, ref, func(p *dars.Application, inForce bool) int { return rank(inForce) })
	return p, err
}

// atWork finds the application that a reference means to somebody who acts.
func atWork(tx *store.Tx, ref string) (*dars.Application, error) {
	p, minor, err := version(tx, ref, func(p *dars.Application, inForce bool) int { return 2*rank(!p.Ended()) + rank(inForce) })
	if err == nil && minor != "" && fmt.Sprint(p.Minor) != minor {
		return nil, dars.Refuse("other-version", ref, "%s is at %s: look at it again before you act on it", p.Stem, p.Version())
	}
	return p, err
}

func rank(yes bool) int {
	if yes {
		return 1
	}
	return 0
}

// version is that of the highest rank among those that a reference leaves open,
// and of these the newest.
func version(tx *store.Tx, ref string, rank func(p *dars.Application, inForce bool) int) (found *dars.Application, minor string, err error) {
	stem, major, minor, err := dars.ParseCase(ref)
	if err != nil {
		return nil, "", err
	}
	all, err := store.Find[dars.Application](tx, dars.By("case", stem))
	if err != nil {
		return nil, "", err
	}
	agreements, err := store.Find[dars.Agreement](tx, dars.By("case", stem), dars.By("state", dars.InForce))
	if err != nil {
		return nil, "", err
	}
	ranked := func(p *dars.Application) int {
		return rank(p, slices.ContainsFunc(agreements, func(g *dars.Agreement) bool { return g.Application == p.ID() }))
	}
	all = slices.DeleteFunc(all, func(p *dars.Application) bool { return major != "" && fmt.Sprint(p.Major) != major })
	if len(all) == 0 {
		return nil, "", dars.Refuse("not-found", ref, "there is no application %s", ref)
	}
	return slices.MaxFunc(all, func(p, q *dars.Application) int {
		return cmp.Or(cmp.Compare(ranked(p), ranked(q)), cmp.Compare(p.Major, q.Major))
	}), minor, nil
}
