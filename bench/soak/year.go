package main

import (
	"fmt"
	"math/rand/v2"
	"slices"

	"darsd/dars"
)

// A size is how much goes on in an office.
type size struct {
	organisations, agreements, releases, cases, months, kills int
}

// A year is what is planned for the office, before anything happens.
type year struct {
	first, last dars.Day // lived; the office is founded the day before
	parties     []*party
	held        []*held
	out         []*published // all that was, in the order in which it was
}

// A party is an organisation with its papers, none of which it renews, and two people.
type party struct {
	code                        dars.OrgCode
	contract                    dars.ContractID
	contractEnds, ico, security dars.Day
	people                      [2]collector
	holds                       []span // it is on hold from the first day until the last
}

// A collector is a person of an organisation.
type collector struct {
	id    dars.PersonID
	login string
}

type span struct{ from, to dars.Day }

// A held agreement is what somebody may collect under, or look at.
type held struct {
	n          int
	id, stem   string
	of         *party
	start, end dars.Day
	recipients []collector // the first is whom the office writes to
	access     bool        // to the query desk; nothing is collected
	answers    int         // days from its end to the certificate; -1: never
	applied    bool        // for it within the year, from the first form on
	known      dars.Day    // since when the office has it: when it was issued
	before     *held       // the version of its case in whose place it stands
	next       *held       // the version that is signed to stand in its place

	sent     bool       // when it had ended: some byte had left under it, and was not asked back yet
	still    *published // then too: the newest release that was asked back, and is not accounted for
	answered dars.Day   // when its certificate was accepted
}

const firstDay dars.Day = "2016-04-01"

// firstOutside is the number of the first person outside.
const firstOutside = 1001

// draw plans a year by lot.
func draw(z size, lot *rand.Rand) *year {
	y := &year{first: firstDay, last: firstDay.AddMonths(z.months).Add(-1)}
	span := 31*z.months + 1
	soon := func(share float64) dars.Day {
		if lot.Float64() < share {
			return y.first.Add(20 + lot.IntN(span))
		}
		return y.last.Add(1 + lot.IntN(400))
	}
	for n := range z.organisations {
		p := &party{code: dars.OrgCode(fmt.Sprintf("R%05d", n)), contract: dars.ContractName(n + 1), contractEnds: soon(0.08), ico: soon(0.08), security: soon(0.08)}
		for i := range p.people {
			p.people[i] = collector{dars.PersonID(fmt.Sprintf("P-%06d", firstOutside+2*n+i)), fmt.Sprintf("r%d-%d", n, i+1)}
		}
		y.parties = append(y.parties, p)
	}
	for n := range z.agreements {
		g := y.agreement(n, y.parties[n%len(y.parties)])
		g.start, g.end = y.first.Add(-20-lot.IntN(700)), soon(0.25)
		if g.access = n%50 == 7; !g.access && lot.IntN(3) == 0 {
			g.recipients = g.of.people[:2]
		}
		if lot.IntN(3) > 0 {
			g.answers = lot.IntN(14)
		} else if lot.IntN(2) == 0 {
			g.answers = lot.IntN(100)
		}
	}
	for m := range z.months {
		from := y.first.AddMonths(m).Add(3)
		p := y.parties[lot.IntN(len(y.parties))]
		p.holds = append(p.holds, struct{ from, to dars.Day }{from, from.Add(3 + lot.IntN(5))})
	}
	return y
}

func (y *year) agreement(n int, of *party) *held {
	stem := dars.CaseStem(n + 1)
	g := &held{n: n, stem: stem, id: stem + "-v1.0", of: of, recipients: of.people[:1], answers: -1}
	y.held = append(y.held, g)
	return g
}

// term is the last day of an agreement as it says itself, or that of the contract under it.
func (g *held) term() dars.Day { return min(g.end, g.of.contractEnds) }

// ends is the last day of an agreement: of its term, or before the next version begins.
func (g *held) ends() dars.Day {
	if next := g.superseded(); next != "" {
		return next.Add(-1)
	}
	return g.term()
}

// runs reports whether an agreement is in force on a day.
func (g *held) runs(on dars.Day) bool { return g.start <= on && on <= g.ends() }

func (p *party) onHold(on dars.Day) bool {
	for _, h := range p.holds {
		if h.from <= on && on <= h.to {
			return true
		}
	}
	return false
}

// owes reports whether an organisation's certificate of destruction is overdue on a day,
// under any of its agreements.
func (y *year) owes(p *party, on dars.Day) bool {
	for _, g := range y.held {
		if g.of == p && g.sent && g.ends().Add(14) < on && (g.answered == "" || g.answered > on) {
			return true
		}
	}
	return slices.ContainsFunc(y.out, func(r *published) bool {
		return r.of.of == p && r.back != nil && r.back.due < on && r.back.open(on)
	})
}

// refusal is why nothing new may be released under an agreement on a day, as the facts
// have it that were planned; "" if nothing stands in the way.
func (y *year) refusal(g *held, on dars.Day) string {
	switch {
	case !g.runs(on):
		return "it is not in force"
	case g.of.onHold(on):
		return string(g.of.code) + " is on hold"
	case g.of.ico < on || g.of.security < on:
		return string(g.of.code) + " is not assured"
	case y.owes(g.of, on):
		return string(g.of.code) + " owes a certificate"
	}
	return ""
}

// period is the one that is released in a month of the year: each is a year's data, of
// its own.
func period(month int) string { return fmt.Sprintf("%04d99", 2001+month) }
