package dars_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
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
	walks, first := 500, uint64(1)
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
	t.Logf("%d walks came to %v", walks, came)
	for _, state := range []string{"agreement superseded", "agreement in-force", "release signed-off", "contract expired", "application approved", "application recommended-with-caveats", "meeting cancelled"} {
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
	meeting     *dars.Meeting
	release     *dars.Release
	agreed      dars.ObjectionsTerm // how objections are treated, by the agreement
	confirmed   dars.ObjectionsTerm // what was agreed when the release was signed off
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
	w.meeting = &dars.Meeting{ID: "MEET-000001", On: w.day.Add(w.rnd.IntN(3)), State: dars.MeetingOpen, Quorum: dars.DefaultQuorum}
	if w.rnd.IntN(2) == 0 { // as it would be, had it come before the committee
		w.application.State = dars.AtDAAG
		w.meeting.Agenda = []dars.Item{{Application: w.application.ID(), Case: w.application.Stem, Presented: "P-000003"}}
		for i, kind := range []dars.MemberKind{dars.Chair, dars.Lay, dars.Professional, dars.Patient, dars.Lay} {
			if w.rnd.IntN(6) > 0 {
				w.meeting.Present = append(w.meeting.Present, dars.Attendance{Person: dars.PersonID(fmt.Sprintf("P-%06d", 3+i)), Kind: kind})
			}
		}
	}
	w.release = &dars.Release{ID: "REL-000001", State: dars.Planned}
	w.agreed = dars.ObjectionsTerm{Dataset: "HES_APC", Treatment: dars.NotUpheld, Reason: "N_NOT_IDENTIFIABLE"}
	if w.rnd.IntN(2) == 0 {
		w.release.Objections = dars.Upheld{Treatment: dars.NotUpheld, Reason: w.agreed.Reason}
	}
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

// ruleInvariants are what must be so of the nouns themselves after every deed.
var ruleInvariants = []struct {
	says   string
	broken func(*ruleWalk) string // how, or ""
}{
	{"a signature is two people's, and counter-signing a third's, after all have signed", (*ruleWalk).signedByOne},
	{"an agreement is in force on no day outside its term", (*ruleWalk).outOfTerm},
	{"three people make a release, none of them twice, and one of them at a console at most", (*ruleWalk).onePersonTwice},
	{"objections are upheld, unless there is a coded reason not to that the signer has confirmed", (*ruleWalk).unheldByNobody},
	{"nobody decides on what they handed in or reviewed", (*ruleWalk).decidedOnTheirOwn},
	{"nothing is approved while a caveat stands before the decision, and a caveat blocks its stage and all that follow", (*ruleWalk).caveatPassed},
	{"what the committee says has a quorum, without who has an interest, and rests on who was there", (*ruleWalk).saidWithoutQuorum},
	{"a clock has used the days that count, and never fewer than none", (*ruleWalk).clockIsWrong},
	{"the history of a case goes forward", (*ruleWalk).historyGoesBack},
}

func (w *ruleWalk) addsUp() {
	for _, i := range ruleInvariants {
		if how := i.broken(w); how != "" {
			w.fail("%s; and %s", i.says, how)
		}
	}
}

func (w *ruleWalk) signedByOne() string {
	for _, g := range w.versions {
		for _, c := range g.Controllers {
			if c.SignedOn != "" && (len(c.ConfirmedBy) != 2 || c.ConfirmedBy[0] == c.ConfirmedBy[1]) {
				return fmt.Sprintf("%s: that of %s was confirmed by %v", g.ID, c.Org, c.ConfirmedBy)
			}
			if c.SignedOn == "" && g.CountersignedBy != "" {
				return fmt.Sprintf("%s is counter-signed, and %s has not signed", g.ID, c.Org)
			}
			if slices.Contains(c.ConfirmedBy, g.CountersignedBy) {
				return fmt.Sprintf("%s: %s did both", g.ID, g.CountersignedBy)
			}
		}
	}
	return ""
}

func (w *ruleWalk) outOfTerm() string {
	for _, g := range w.versions {
		if g.InForceOn(w.day) && (w.day < g.Start || w.day > g.End || g.State != dars.InForce) {
			return fmt.Sprintf("%s is on %s, from %s to %s", g.ID, w.day, g.Start, g.End)
		}
	}
	return ""
}

func (w *ruleWalk) onePersonTwice() string {
	seen, consoles := map[dars.PersonID]bool{}, 0
	for _, h := range w.release.Hands {
		if seen[h.By] {
			return fmt.Sprintf("%s had two parts", h.By)
		}
		if seen[h.By] = true; h.Via.Anybody() {
			consoles++
		}
	}
	if consoles > 1 {
		return fmt.Sprintf("%d steps came from a console", consoles)
	}
	return ""
}

func (w *ruleWalk) unheldByNobody() string {
	r := w.release
	if r.Objections.Treatment != dars.NotUpheld || r.By(dars.SignedOff) == "" || r.Objections.ConfirmedBy == r.By(dars.SignedOff) && r.Objections.Reason == w.confirmed.Reason {
		return ""
	}
	return fmt.Sprintf("%s was signed off: %+v, and agreed was %+v", r.ID, r.Objections, w.confirmed)
}

func (w *ruleWalk) decidedOnTheirOwn() string {
	p := w.application
	for _, d := range p.Decisions {
		if d.Step == "siro" && (d.By == p.By || d.By == p.Review.By) {
			return fmt.Sprintf("%s did", d.By)
		}
	}
	return ""
}

func (w *ruleWalk) caveatPassed() string {
	p := w.application
	for _, t := range p.Actions {
		open := t.Caveat && t.State != dars.ActionDone
		if open && t.Blocks == "" && p.State == dars.Approved {
			return fmt.Sprintf("caveat %d is %s, and it is approved", t.N, t.State)
		}
		if i := slices.Index(dars.Stages, t.Blocks); open && i >= 0 {
			for _, stage := range dars.Stages[i:] {
				if p.Unblocked(stage) == nil {
					return fmt.Sprintf("caveat %d stands before %s, and %s may go on", t.N, t.Blocks, stage)
				}
			}
		}
		if t.State == dars.ActionDone && len(t.Clearing) == 1 {
			return fmt.Sprintf("caveat %d was cleared by one", t.N)
		}
	}
	return ""
}

func (w *ruleWalk) saidWithoutQuorum() string {
	for _, i := range w.meeting.Agenda {
		lay := 0
		for _, a := range i.Took {
			if a.Kind == dars.Lay {
				lay++
			}
			if !slices.Contains(w.meeting.Present, a) || slices.ContainsFunc(i.Conflicts, func(c dars.Conflict) bool { return c.Person == a.Person }) {
				return fmt.Sprintf("%s took part: %+v", a.Person, w.meeting)
			}
		}
		if i.Outcome != "" && (len(i.Took) < w.meeting.Quorum.Members || lay < w.meeting.Quorum.Lay || w.meeting.State == dars.MeetingCancelled) {
			return fmt.Sprintf("it said %s by %d, %d of them lay; it is %s", i.Outcome, len(i.Took), lay, w.meeting.State)
		}
	}
	return ""
}

func (w *ruleWalk) clockIsWrong() string {
	k := w.application.Clock
	used, err := k.Used(w.calendar, w.day)
	days, err2 := k.Days(w.calendar, w.day)
	if err := errors.Join(err, err2); err != nil {
		return err.Error()
	}
	counted := 0
	for _, d := range days {
		if d.Counts {
			counted++
		}
	}
	if used < 0 || used != counted {
		return fmt.Sprintf("it has used %d days, and %d count", used, counted)
	}
	return ""
}

func (w *ruleWalk) historyGoesBack() string {
	for _, v := range dars.History(w.versions[:]) {
		if v.Gap < 0 || v.Ended != "" && v.Ended < v.Start {
			return fmt.Sprintf("it is %+v", v)
		}
	}
	return ""
}

func member(id dars.PersonID) *dars.Person {
	return &dars.Person{ID: id, Org: dars.TheOffice, Roles: []dars.Role{dars.Member}}
}

// caveats are one that the decision waits for, and one that blocks a stage.
func (w *ruleWalk) caveats() []dars.Point {
	now := dars.Point{Owner: dars.TheApplicant, Due: w.day, Text: "the leaflet"}
	later := now
	later.Blocks = dars.Stages[w.rnd.IntN(len(dars.Stages))]
	return [][]dars.Point{{now}, {later}, {now, later}}[w.rnd.IntN(3)]
}

// outcomeAt is what the meeting says, of an application that is before it.
func (w *ruleWalk) outcomeAt(a dars.Act) error {
	if w.rnd.IntN(2) == 0 {
		return w.meeting.Outcome(a, w.application, dars.WithCaveats, w.day, w.caveats()...)
	}
	return w.meeting.Outcome(a, w.application, dars.Recommended, w.day)
}

func (w *ruleWalk) deeds() []ruleDeed {
	p, c, r, m, day := w.application, w.contract, w.release, w.meeting, w.day
	kind := dars.MemberKinds[w.rnd.IntN(len(dars.MemberKinds))]
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
		{"outcome with caveats", p, func(a dars.Act) error { return p.Outcome(a, dars.WithCaveats, day, w.caveats()...) }},
		{"outcome at the meeting", m, func(a dars.Act) error { return w.outcomeAt(a) }},
		{"clear", p, func(a dars.Act) error {
			return p.Clear(a, 1+w.rnd.IntN(2), []string{dars.AsSecretary, dars.AsChair}[w.rnd.IntN(2)], day)
		}},
		{"decide", p, func(a dars.Act) error { return p.SIRO(a, w.rnd.IntN(8) > 0, day) }},
		{"pause", p, func(a dars.Act) error {
			return p.Pause(a, dars.Pause{For: "AWAIT_APPLICANT_DETAIL", Reason: "the leaflet"}, day)
		}},
		{"resume", p, func(a dars.Act) error { return p.Resume(a, w.calendar, day) }},
		{"class", p, func(a dars.Act) error { return p.SetClass(a, w.calendar, 30, day) }},

		{"table", m, func(dars.Act) error { return m.Table(p, "P-000003") }},
		{"attend", m, func(a dars.Act) error { return m.Attend(member(a.Who), kind, day) }},
		{"attend", m, func(a dars.Act) error { return m.Attend(member(a.Who), dars.Lay, day) }},
		{"attend", m, func(a dars.Act) error { return m.Attend(member(a.Who), kind, day) }},
		{"absent", m, func(a dars.Act) error { return m.Absent(a, a.Who) }},
		{"declare", m, func(a dars.Act) error { return m.Declare(p.ID(), a.Who, "sits on its board") }},
		{"move", m, func(a dars.Act) error { return m.Move(a, day.Add(w.rnd.IntN(4)), day) }},
		{"cancel", m, func(a dars.Act) error {
			if w.rnd.IntN(4) > 0 {
				return dars.Refuse("not-now", m.ID, "perhaps later")
			}
			return m.Cancel(a, day)
		}},

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

		{"produce", r, func(a dars.Act) error { return r.Produce(a, dars.Package{Attempt: "x", Upheld: r.Objections}) }},
		{"check", r, func(a dars.Act) error { return r.Check(a) }},
		{"sign off", r, func(a dars.Act) error { return r.SignOff(a) }},
		{"sign off, not upheld", r, func(a dars.Act) error {
			err := r.SignOffNotUpheld(a, w.agreed, nil)
			if err == nil {
				w.confirmed = w.agreed
			}
			return err
		}},
		{"treat otherwise", r, func(dars.Act) error {
			w.agreed.Treatment, w.agreed.Reason = dars.NotUpheld, []string{"N_NOT_IDENTIFIABLE", "N_CONSENT"}[w.rnd.IntN(2)]
			return nil
		}},
		{"publish", r, func(a dars.Act) error { return r.Publish(a, day, 14, g.End) }},
	}
}
