package dars_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"strconv"
	"strings"
	"testing"

	"darsd/dars"
)

// TestWalksOfTheRules lets chance do deeds on the nouns of a case, in any order, by
// anybody, while time goes on: each step is one of its life, a refusal changes
// nothing, and what the nouns say of themselves adds up. DARSD_WALKS says how many
// walks there are, and DARSD_WALK=SEED lives one again.
func TestWalksOfTheRules(t *testing.T) {
	walks, first := 1500, uint64(1)
	if n, err := strconv.Atoi(os.Getenv("DARSD_WALKS")); err == nil {
		walks = n
	}
	if n, err := strconv.ParseUint(os.Getenv("DARSD_WALK"), 10, 64); err == nil {
		walks, first = 1, n
	}
	calendar, came := london(t), map[string]int{}
	for seed := first; seed < first+uint64(walks); seed++ {
		w := &ruleWalk{T: t, rnd: rand.New(rand.NewPCG(seed, 0)), seed: seed, day: "2026-03-02", calendar: calendar, came: came}
		w.live(60)
		if t.Failed() {
			return
		}
	}
	for _, state := range []string{"agreement superseded", "agreement in-force", "release signed-off", "contract expired", "application approved"} {
		if came[state] == 0 && walks > 100 {
			t.Errorf("no walk came to %q: %v", state, came)
		}
	}
}

// A ruleWalk is one life of a case of two versions.
type ruleWalk struct {
	*testing.T
	rnd      *rand.Rand
	seed     uint64
	day      dars.Day
	calendar dars.Calendar
	trail    []string
	came     map[string]int

	application *dars.Application
	contract    *dars.Contract
	versions    [2]*dars.Agreement
	release     *dars.Release
}

// A ruleDeed is something that may be done to a noun.
type ruleDeed struct {
	name string
	noun dars.Noun
	do   func(dars.Act) error
}

func (w *ruleWalk) live(steps int) {
	w.application = &dars.Application{Stem: "DARS-NIC-000001-B1C2D", Major: 1, State: dars.Submitted, By: "P-000001", Review: dars.Review{LegalBasis: true, Security: true, Feasibility: true, Purpose: true, By: "P-000002"},
		Form: dars.Form{Datasets: []dars.DatasetRequest{{Code: "HES_APC", Identifiability: "PSEUDO_ICO", Gateway: "HSCA261_1_2BII"}}}}
	w.contract = &dars.Contract{ID: "CON-000001-B1C2D", Org: "RA1", State: dars.ContractIssued, Start: w.day.Add(w.rnd.IntN(20)), End: w.day.Add(20 + w.rnd.IntN(20))}
	for i := range w.versions {
		w.versions[i] = &dars.Agreement{ID: dars.AgreementID(fmt.Sprintf("DARS-NIC-000001-B1C2D-v%d.0", i+1)), Stem: "DARS-NIC-000001-B1C2D", State: dars.AgreementIssued,
			Start: w.day.Add(w.rnd.IntN(60)), End: w.day.Add(60 + w.rnd.IntN(60)), Controllers: []dars.Signing{{Org: "RA1"}, {Org: "RA2"}}}
		if w.rnd.IntN(2) == 0 { // as it would be, had all signed already
			g := w.versions[i]
			g.State, g.CountersignedBy = dars.CounterSigned, "P-000009"
			for j := range g.Controllers {
				g.Controllers[j].ConfirmedBy, g.Controllers[j].SignedOn = []dars.PersonID{"P-000007", "P-000008"}, w.day
			}
		}
	}
	w.release = &dars.Release{ID: "REL-000001", State: dars.Planned}
	for range steps {
		if w.rnd.IntN(4) == 0 {
			w.day = w.day.Add(w.rnd.IntN(6))
		}
		w.step()
		if w.Failed() {
			return
		}
	}
}

// step does one deed, and holds what came of it to the rules.
func (w *ruleWalk) step() {
	deeds := w.deeds()
	d := deeds[w.rnd.IntN(len(deeds))]
	a := dars.Act{Who: dars.PersonID(fmt.Sprintf("P-%06d", 1+w.rnd.IntN(9))), Via: []dars.Door{dars.SSH, dars.SSH, dars.SSH, dars.Console}[w.rnd.IntN(4)], Why: "asked for"}
	was, from := facts(w.T, d.noun), d.noun.Card()
	err := d.do(a)
	w.trail = append(w.trail, fmt.Sprintf("%s %s by %s (%s): %v", w.day, d.name, from.Ref, a.Who, err))
	var no *dars.Refusal
	switch {
	case err != nil && !errors.As(err, &no):
		w.fail("it is no refusal: %v", err)
	case err != nil && facts(w.T, d.noun) != was:
		w.fail("a refusal left a trace: %s", was)
	case err == nil:
		w.came[from.Kind+" "+d.noun.Card().State]++
	}
	if g, ok := d.noun.(*dars.Agreement); ok && from.State != string(dars.InForce) && g.State == dars.InForce && g.Blocked(dars.StageInForce) != nil {
		w.fail("%s came into force although an obligation stands before that", g.ID)
	}
	w.lifeHeld(from.Kind, from.State, d.noun.Card().State)
	w.addsUp()
}

func (w *ruleWalk) fail(format string, args ...any) {
	w.Helper()
	w.Errorf("walk %d: %s\n\t%s", w.seed, fmt.Sprintf(format, args...), strings.Join(w.trail, "\n\t"))
}

// lifeHeld: a noun has gone where its life leads; two steps are one deed where an
// agreement or a contract is signed and begins at once.
func (w *ruleWalk) lifeHeld(kind, from, to string) {
	if from == to || from == "signed" && to == "in-force" {
		return
	}
	for _, t := range dars.Process() {
		for _, row := range t.Steps {
			if t.Noun == kind && row[0] == from && strings.Contains(", "+row[1]+",", ", "+to+",") {
				return
			}
		}
	}
	w.fail("a %s went from %s to %s", kind, from, to)
}

// addsUp: signatures are two people's, hands are nobody's twice, what stands in the
// way does, and the clock is what its days are.
func (w *ruleWalk) addsUp() {
	for _, g := range w.versions {
		for _, c := range g.Controllers {
			if c.SignedOn != "" && (len(c.ConfirmedBy) != 2 || c.ConfirmedBy[0] == c.ConfirmedBy[1]) {
				w.fail("%s: the signature of %s was confirmed by %v", g.ID, c.Org, c.ConfirmedBy)
			}
			if c.SignedOn == "" && g.CountersignedBy != "" {
				w.fail("%s is counter-signed, and %s has not signed", g.ID, c.Org)
			}
			for _, p := range c.ConfirmedBy {
				if p == g.CountersignedBy {
					w.fail("%s: %s confirmed and counter-signed", g.ID, p)
				}
			}
		}
		if g.InForceOn(w.day) && (w.day < g.Start || w.day > g.End || g.State != dars.InForce) {
			w.fail("%s is in force on %s, from %s to %s", g.ID, w.day, g.Start, g.End)
		}
	}
	seen := map[dars.PersonID]bool{}
	consoles := 0
	for _, h := range w.release.Hands {
		if seen[h.By] {
			w.fail("%s had two parts in a release", h.By)
		}
		if seen[h.By] = true; h.Via.Anybody() {
			consoles++
		}
	}
	if consoles > 1 {
		w.fail("%d steps of a release came from a console", consoles)
	}
	w.clock()
	for _, v := range dars.History(w.versions[:]) {
		if v.Gap < 0 || v.Ended != "" && v.Ended < v.Start {
			w.fail("the history is %+v", v)
		}
	}
	if p := w.application; (p.State == dars.Approved || p.State == dars.Declined) && (p.Decisions[len(p.Decisions)-1].By == p.By || p.Decisions[len(p.Decisions)-1].By == p.Review.By) {
		w.fail("it was decided by who handed it in or reviewed it")
	}
}

func (w *ruleWalk) clock() {
	k := w.application.Clock
	used, err := k.Used(w.calendar, w.day)
	days, err2 := k.Days(w.calendar, w.day)
	if err := errors.Join(err, err2); err != nil {
		w.fail("%v", err)
	}
	counted := 0
	for _, d := range days {
		if d.Counts {
			counted++
		}
	}
	if used < 0 || used != counted {
		w.fail("the clock has used %d days, and %d count", used, counted)
	}
}

func (w *ruleWalk) deeds() []ruleDeed {
	p, c, r, day := w.application, w.contract, w.release, w.day
	i := w.rnd.IntN(len(w.versions))
	g, other := w.versions[i], w.versions[1-i]
	orgs := [][]dars.OrgCode{nil, {"RA1"}, {"RA2"}, {"RA3"}}[w.rnd.IntN(4)]
	return []ruleDeed{
		{"refer back", p, func(a dars.Act) error { return p.ReferBack(a, day) }},
		{"resubmit", p, func(a dars.Act) error {
			err := p.Resubmit(a, p.Form, day)
			if err == nil {
				p.Review = dars.Review{LegalBasis: true, Security: true, Feasibility: true, Purpose: true, By: "P-000002"}
			}
			return err
		}},
		{"accept", p, func(a dars.Act) error { return p.Accept(a, w.calendar, day) }},
		{"assess", p, func(a dars.Act) error { return p.Assess(a, []dars.PersonID{a.Who}, day) }},
		{"pre-review", p, func(a dars.Act) error { return p.PreReview(a, day) }},
		{"present", p, func(a dars.Act) error { return p.Present(a, day) }},
		{"outcome", p, func(a dars.Act) error { return p.Outcome(a, dars.Recommended, day) }},
		{"decide", p, func(a dars.Act) error { return p.SIRO(a, w.rnd.IntN(8) > 0, day) }},
		{"pause", p, func(a dars.Act) error {
			return p.Pause(a, dars.Pause{For: "AWAIT_APPLICANT_DETAIL", Reason: "the leaflet"}, day)
		}},
		{"resume", p, func(a dars.Act) error { return p.Resume(a, w.calendar, day) }},
		{"class", p, func(a dars.Act) error { return p.SetClass(a, w.calendar, 30, day) }},

		{"confirm contract", c, func(a dars.Act) error { return c.Confirm(a) }},
		{"countersign contract", c, func(a dars.Act) error { return c.Countersign(a, day) }},
		{"begin contract", c, func(dars.Act) error { return c.Begin(day) }},
		{"expire contract", c, func(dars.Act) error { return c.Expire(day) }},

		{"copy", g, func(dars.Act) error { return g.CopyReceived(dars.SignedCopy{SHA256: "a"}) }},
		{"confirm", g, func(a dars.Act) error { return g.Confirm(a, day, orgs...) }},
		{"confirm", g, func(a dars.Act) error { return g.Confirm(a, day, orgs...) }},
		{"confirm", g, func(a dars.Act) error { return g.Confirm(a, day) }},
		{"countersign", g, func(a dars.Act) error { return g.Countersign(a, day) }},
		{"begin", g, func(dars.Act) error { return g.Begin(day) }},
		{"oblige", g, func(a dars.Act) error {
			_, err := g.Oblige(a, dars.Obligation{Stage: dars.Stages[w.rnd.IntN(4)], Text: "the leaflet"}, day)
			return err
		}},
		{"met", g, func(a dars.Act) error { return g.Meet(a, 1, day) }},
		{"supersede", g, func(dars.Act) error { return g.Supersede(other, day) }},
		{"expire", g, func(dars.Act) error { return g.Expire(day) }},

		{"produce", r, func(a dars.Act) error { return r.Produce(a, dars.Package{Attempt: "x"}) }},
		{"check", r, func(a dars.Act) error { return r.Check(a) }},
		{"sign off", r, func(a dars.Act) error { return r.SignOff(a) }},
		{"publish", r, func(a dars.Act) error { return r.Publish(a, day, 14, g.End) }},
	}
}
