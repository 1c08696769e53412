package office_test

import (
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"

	"darsd/dars"
	"darsd/office"
)

// TestWalks lets people do whatever comes to their mind, case after case, while
// time goes on, and holds the office to what must always be so (see invariants).
// A walk is told by its seed: DARSD_WALK=SEED lives one again and prints it, and
// DARSD_WALKS says how many there are.
func TestWalks(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		walks := map[string]int{"sqlite": 5, "postgres": 2}[h.kind] // a server takes three times as long
		if text := os.Getenv("DARSD_WALKS"); text != "" {
			walks, _ = strconv.Atoi(text)
		}
		first, last := uint64(1), uint64(walks)
		if text := os.Getenv("DARSD_WALK"); text != "" {
			first, _ = strconv.ParseUint(text, 10, 64)
			last = first
		}
		ends, refused := map[string]int{}, map[string]int{}
		for seed := first; seed <= last; seed++ {
			w := &walk{house: h, rnd: rand.New(rand.NewPCG(seed, 0)), seed: seed, ends: ends, refused: refused, said: first == last}
			if seed > first {
				w.house = found(t, h.kind) // nothing that others did stands in its way
			}
			if seed%2 == 0 {
				w.byMatrix()
			}
			w.live(160)
			if t.Failed() {
				return
			}
		}
		t.Logf("%d walks did %v and were refused by %v", last-first+1, ends, refused)
		for _, done := range []string{"countersign", "publish", "collect", "superseded", "clear", "cancel meeting", "confirm override"} {
			if ends[done] == 0 && (last > 200 || done == "countersign" && last > 1) {
				t.Errorf("no walk came to %q: %v", done, ends)
			}
		}
	})
}

// A walk is one life of an office, as chance will have it.
type walk struct {
	*house
	rnd           *rand.Rand
	seed          uint64
	said          bool // print it
	trail         []string
	ends, refused map[string]int // what was done, and what refused, in all walks

	was map[dars.AgreementID]dars.AgreementState
}

// live lets so many things happen.
func (w *walk) live(steps int) {
	w.add("max", dars.TheOffice, dars.InsideRoles()...) // who may do everything, and must not
	w.was = map[dars.AgreementID]dars.AgreementState{}
	for range steps {
		w.pass()
		s := w.choose()
		who := s.who
		if w.rnd.IntN(8) == 0 {
			who = staff[w.rnd.IntN(len(staff))].login
		} else if w.rnd.IntN(8) == 0 && w.get(who).Inside() {
			who = "max"
		}
		before, facts := w.head(), w.facts()
		err := s.do(w.by(who))
		w.note(fmt.Sprintf("%s %s: %s: %v", w.today, who, s.name, err))
		var no *dars.Refusal
		switch {
		case err == nil:
			w.ends[s.name]++
		case !errors.As(err, &no):
			w.fail("it is no refusal: %v", err)
		default:
			w.refused[no.Rule]++
			if w.head() != before || w.facts() != facts {
				w.fail("a refusal left a trace")
			}
		}
		w.invariants(s, err)
		if w.t.Failed() {
			return
		}
	}
	if _, err := w.both[1].Store.Verify(w.t.Context()); err != nil {
		w.fail("%v", err)
	}
}

func (w *walk) note(line string) {
	if w.trail = append(w.trail, line); w.said {
		w.t.Log(line)
	}
}

// fail tells the walk as far as it came.
func (w *walk) fail(format string, args ...any) {
	w.t.Helper()
	w.t.Errorf("walk %d: %s\n\t%s", w.seed, fmt.Sprintf(format, args...), strings.Join(w.trail, "\n\t"))
}

func (w *walk) get(login string) *dars.Person {
	return get[dars.Person](w.house, string(w.people[login]))
}

// facts are those of the nouns of the cases.
func (w *walk) facts() string {
	return fmt.Sprintf("%s", []any{jsonOf(all[dars.Contract](w.house)), jsonOf(all[dars.Application](w.house)), jsonOf(all[dars.Agreement](w.house)),
		jsonOf(all[dars.Release](w.house)), jsonOf(all[dars.Certificate](w.house)), jsonOf(all[dars.Meeting](w.house)), jsonOf(all[dars.Override](w.house)), len(w.owed())})
}

// pass lets time go by: hours mostly, sometimes weeks; and the clock does its part
// on most days, as if the daemon were down on others.
func (w *walk) pass() {
	days := []int{0, 0, 0, 0, 0, 0, 0, 0, 1, 4}[w.rnd.IntN(10)]
	if w.rnd.IntN(40) == 0 {
		days = w.rnd.IntN(200)
	}
	w.today = w.today.Add(days)
	if days > 0 && w.rnd.IntN(3) > 0 {
		for _, done := range w.lives(office.Clock{Office: w.both[w.rnd.IntN(2)]}, w.today) {
			w.note(fmt.Sprintf("%s clock: %s %s", w.today, done.Step, done.Ref))
		}
		w.invariants(action{}, nil)
	}
}

// An action is something that may come to somebody's mind.
type action struct {
	name string
	who  string // whose it is; others try, too
	do   func(dars.Act) error
	of   string // the release that it publishes
}

// choose follows the work that waits, or does not.
func (w *walk) choose() action {
	some := w.anything
	if w.rnd.IntN(10) < 8 {
		some = w.next
	}
	all := some()
	if w.rnd.IntN(2) == 0 {
		all = all[len(all)/2:] // what has come furthest
	}
	return all[w.rnd.IntN(len(all))]
}

// one of some nouns, or an empty one.
func one[T any](w *walk, some []*T) *T {
	if len(some) == 0 {
		return new(T)
	}
	return some[w.rnd.IntN(len(some))]
}

// officer is one of the two case officers.
func (w *walk) officer() string { return []string{"carol", "colin"}[w.rnd.IntN(2)] }

// next is the work that waits, whoever it waits for.
func (w *walk) next() (next []action) {
	contracts, agreements := all[dars.Contract](w.house), all[dars.Agreement](w.house)
	for _, org := range []dars.OrgCode{"RA1", "RA2"} {
		if !slices.ContainsFunc(contracts, func(c *dars.Contract) bool {
			return c.Org == org && (c.InForce(w.today) || c.State == dars.ContractIssued || c.State == dars.ContractSigned || c.State == dars.ContractAgreed)
		}) {
			next = append(next, w.issueContract(org))
		}
	}
	for _, c := range contracts {
		next = append(next, w.onContract(c)...)
	}
	for _, o := range all[dars.Organisation](w.house, dars.By("state", dars.OrgOnHold)) {
		next = append(next, action{name: "release hold", who: "connie", do: func(a dars.Act) error {
			return office.Parties{Office: w.first()}.ReleaseHold(w.t.Context(), a, o.Code)
		}})
	}
	if lists := all[dars.List](w.house); len(lists) == 0 || w.today.Since(lists[len(lists)-1].AsAt) > 17 {
		next = append(next, w.load())
	}
	applications := all[dars.Application](w.house)
	next = append(next, w.convene(applications)...)
	for _, p := range applications {
		next = append(next, w.onApplication(p, agreements)...)
	}
	for _, g := range agreements {
		next = append(next, w.onAgreement(g)...)
	}
	for _, r := range all[dars.Release](w.house) {
		next = append(next, w.onRelease(r)...)
	}
	for _, c := range all[dars.Certificate](w.house) {
		next = append(next, w.onCertificate(c)...)
	}
	for _, v := range all[dars.Override](w.house, dars.By("state", dars.OverrideProposed)) {
		next = append(next, w.confirmOverride(v))
	}
	if len(next) == 0 || w.rnd.IntN(30) == 0 {
		next = append(next, w.apply(""))
	}
	return next
}

// toTheCommittee are the states from which an application goes to a meeting.
var toTheCommittee = []dars.ApplicationState{dars.PreReviewed, dars.WithCaveats, dars.Deferred, dars.Returned, dars.AtDAAG}

// anything is what nobody asked for: any act on any noun.
func (w *walk) anything() (some []action) {
	ctx, first := w.t.Context(), w.both[w.rnd.IntN(2)]
	contract, p, g, r, c := one(w, all[dars.Contract](w.house)), one(w, all[dars.Application](w.house)), one(w, all[dars.Agreement](w.house)), one(w, all[dars.Release](w.house)), one(w, all[dars.Certificate](w.house))
	for _, state := range []dars.ContractState{dars.ContractIssued, dars.ContractSigned} {
		trial := *contract
		trial.State = state
		some = append(some, w.onContract(&trial)...)
	}
	for _, state := range slices.Sorted(maps.Keys(dars.ApplicationLife)) {
		trial := *p
		trial.State = state
		some = append(some, w.onApplication(&trial, nil)...)
	}
	for _, state := range slices.Sorted(maps.Keys(dars.AgreementLife)) {
		trial := *g
		trial.State = state
		some = append(some, w.onAgreement(&trial)...)
	}
	for _, state := range slices.Sorted(maps.Keys(dars.ReleaseLife)) {
		trial := *r
		trial.State = state
		some = append(some, w.onRelease(&trial)...)
	}
	some = append(some, w.onMeeting(one(w, all[dars.Meeting](w.house)), p)...)
	some = append(some, w.onOverrides(g, one(w, all[dars.Override](w.house)))...)
	parties, agreements := office.Parties{Office: first}, office.Agreements{Office: first}
	return append(some, w.apply(p.Stem), w.load(),
		action{name: "renew contract", who: w.officer(), do: func(a dars.Act) error { return errorOf(parties.RenewContract(ctx, a, contract.ID, "", "")) }},
		action{name: "contract terminate", who: w.officer(), do: func(a dars.Act) error { return parties.TerminateContract(ctx, a, contract.ID) }},
		action{name: "hold", who: "connie", do: func(a dars.Act) error { return parties.Hold(ctx, a, "RA2") }},
		action{name: "agreement terminate", who: w.officer(), do: func(a dars.Act) error { return agreements.Terminate(ctx, a, g.ID) }},
		action{name: "oblige", who: w.officer(), do: func(a dars.Act) error {
			return errorOf(agreements.Oblige(ctx, a, g.ID, dars.Obligation{Stage: dars.Stages[w.rnd.IntN(4)], Text: "the leaflet is seen"}))
		}},
		action{name: "withdraw application", who: "rita", do: func(a dars.Act) error { return office.Applications{Office: first}.Withdraw(ctx, a, p.Stem) }},
		action{name: "pause", who: w.officer(), do: func(a dars.Act) error {
			return office.Applications{Office: first}.Pause(ctx, a, p.Stem, "AWAIT_EXTERNAL_APPROVAL")
		}},
		action{name: "resume", who: w.officer(), do: func(a dars.Act) error { return office.Applications{Office: first}.Resume(ctx, a, p.Stem) }},
		action{name: "withdraw release", who: w.officer(), do: func(a dars.Act) error { return office.Releases{Office: first}.Withdraw(ctx, a, r.ID) }},
		action{name: "query certificate", who: "connie", do: func(a dars.Act) error { return office.Deletion{Office: first}.Query(ctx, a, c.ID) }},
	)
}
