package office

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"

	"darsd/dars"
	"darsd/store"
)

// Oblige notes what is to be done before an agreement goes beyond a stage, and tells
// the contact.
func (o Agreements) Oblige(ctx context.Context, a dars.Act, id dars.AgreementID, what dars.Obligation) (n int, err error) {
	err = one(ctx, o.Office, a, "agreement oblige", id, func(a dars.Act, g *dars.Agreement) (err error) {
		n, err = g.Oblige(a, what, o.today(a))
		return err
	}, func(tx *store.Tx, g *dars.Agreement) error {
		return write(tx, a, letter{To: []dars.PersonID{g.Contact},
			Subject: fmt.Sprintf("%s: something is to be done before %s", g.ID, what.Stage),
			Body:    fmt.Sprintf("Agreement %s does not go beyond %s until this is done:\n\n%s\n\nTell us when it is.\n", g.ID, what.Stage, quoted(what.Text))})
	})
	return n, err
}

// Meet says that an obligation is met. An agreement that waited for it is in force
// at once.
func (o Agreements) Meet(ctx context.Context, a dars.Act, id dars.AgreementID, n int) error {
	return one(ctx, o.Office, a, "agreement met", id,
		func(a dars.Act, g *dars.Agreement) error { return g.Meet(a, n, o.today(a)) },
		func(tx *store.Tx, g *dars.Agreement) error { return o.beginIfDue(tx, a, g.ID) })
}

// ready is the one door to a stage of an agreement: it refuses while something is to
// be done before, an obligation or a caveat of DAAG.
func ready(tx *store.Tx, g *dars.Agreement, stage dars.Stage) error {
	if err := g.Blocked(stage); err != nil {
		return err
	}
	return caveated(tx, g, stage)
}

// caveated refuses a stage of an agreement that waits for a caveat of DAAG.
func caveated(tx *store.Tx, g *dars.Agreement, stage dars.Stage) error {
	p, err := applicationOf(tx, g)
	if err != nil || p == nil {
		return err
	}
	return p.Unblocked(stage)
}

// applicationOf is the application that was approved for an agreement, or nil for an
// agreement that was imported and has none.
func applicationOf(tx *store.Tx, g *dars.Agreement) (*dars.Application, error) {
	p, err := store.Get[dars.Application](tx, g.Application)
	var no *dars.Refusal
	if errors.As(err, &no) {
		return nil, nil
	}
	return p, err
}

// Obligations are those of an agreement that somebody may see: what was noted on it,
// and the caveats of DAAG on which its approval rests.
func (o Desk) Obligations(ctx context.Context, g *dars.Agreement) (all dars.Obligations, err error) {
	all = slices.Clone(g.Obligations)
	err = o.Store.View(ctx, func(tx *store.Tx) error {
		p, err := applicationOf(tx, g)
		if p != nil {
			all = append(all, p.Obligations()...)
		}
		return err
	})
	return all, err
}

// obligations adds what is to be done under agreements before they go on: what was
// noted on them, and caveats that outlive the decision.
func (l *waiting) obligations() error {
	agreements, err := filed[dars.Agreement](l, dars.By("obligations", dars.ObligationOpen))
	if err != nil {
		return err
	}
	for _, g := range agreements {
		if !g.Over() {
			l.onObligations(g)
		}
	}
	approved, err := filed[dars.Application](l, dars.By("caveats", dars.ObligationOpen), dars.By("state", dars.Approved))
	if err != nil {
		return err
	}
	for _, p := range approved {
		g, err := store.Get[dars.Agreement](l.tx, p.Stem+"-"+p.Version())
		var none *dars.Refusal
		if err != nil && !errors.As(err, &none) {
			return err
		}
		if err == nil && g.Over() {
			continue
		}
		l.notMine(p)
		for _, t := range p.Caveats() {
			l.onAction(p, t)
		}
	}
	return nil
}

func (l *waiting) onObligations(g *dars.Agreement) {
	for _, o := range g.Obligations.Open() {
		n := len(l.all)
		if l.who.May("agreement met") == nil && o.By != l.who.ID {
			l.all = append(l.all, Todo{"agreement", string(g.ID), fmt.Sprintf("darsd agreement met %s %d: %s", g.ID, o.N, oneLine(o.Text)), o.On, o.Due})
		}
		l.theirs(g.Org, "agreement", string(g.ID), fmt.Sprintf("tell us when this is done, without which it does not go beyond %s: %s", o.Stage, oneLine(o.Text)), o.On, o.Due)
		l.dated(n, g, dars.LadderObligation, strconv.Itoa(o.N))
	}
}

// filed are the nouns that some keys find, for an outsider of their own organisation.
func filed[T any, P store.Noun[T]](l *waiting, keys ...dars.Key) ([]P, error) {
	if !l.who.Inside() {
		keys = append(keys, dars.By("org", l.who.Org))
	}
	return store.Find[T, P](l.tx, keys...)
}
