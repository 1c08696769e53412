package office_test

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"darsd/dars"
	"darsd/office"
	"darsd/store"
)

// The figures of any past day are those that somebody counts who reads the events of the
// log one by one up to its end, whatever the office has lived through.
func TestFiguresAreARecountOfTheEvents(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		seed := uint64(time.Now().UnixNano())
		t.Logf("seed %d", seed)
		days := h.byChance(rand.New(rand.NewPCG(seed, 0)))
		var events []store.Event
		h.must(h.first().Store.View(t.Context(), func(tx *store.Tx) (err error) {
			events, err = tx.Events("", "", 0, 100_000)
			return err
		}))
		for _, day := range days {
			agreements, certificates := stood[dars.Agreement](h, events, day), stood[dars.Certificate](h, events, day)
			releases, pages := stood[dars.Release](h, events, day), stood[dars.Collection](h, events, day)
			inForce, open, held, out := 0, 0, map[string]bool{}, 0
			for _, g := range agreements {
				if g.State == "in-force" && g.Start <= day && day <= g.End {
					inForce++
				}
			}
			for _, c := range certificates {
				if c.State != "accepted" {
					open++
				}
			}
			for _, c := range pages {
				if agreements[string(c.Agreement)].State != "closed" && len(c.Sent()) > 0 {
					held[string(c.Agreement)+string(c.File)] = true
				}
			}
			for _, r := range releases {
				if r.Published != "" && r.Published <= day {
					out++
				}
			}
			for _, f := range []struct {
				kind  string
				table int
				want  int
			}{{"expiry", 0, inForce}, {"certificates", 0, open}, {"objections", 0, out}} {
				if got := h.figures(f.kind, day).Tables[f.table]; len(got.Rows) != f.want {
					t.Errorf("%s as at %s has %d rows, and the events have %d", f.kind, day, len(got.Rows), f.want)
				}
			}
			if says := h.figures("holdings", day).Facts[2].Says; says != fmt.Sprint(len(held)) {
				t.Errorf("as at %s %s files are held, and the events have %d", day, says, len(held))
			}
		}
	})
}

// byChance is an office of five agreements, each of which came as far as chance had it, and
// the days on which something happened.
func (h *house) byChance(rnd *rand.Rand) (days []dars.Day) {
	h.t.Helper()
	ctx := h.t.Context()
	h.contract("RA1", "2028-03-31")
	for i := range 5 {
		h.list(h.today, 5)
		f := h.form()
		f.Datasets[0].Periods = []string{[]string{"200199", "200299", "200399"}[i%3]}
		if i > 2 {
			f.Organisation, f.Controllers, f.Contact, f.Collectors = "RA2", []dars.OrgCode{"RA2"}, "ravi", []string{"ravi"}
			if i == 3 {
				h.contract("RA2", "2028-03-31")
			}
		}
		g := h.agreed(f)
		if rnd.IntN(4) > 0 {
			r := h.published(g)
			if rnd.IntN(3) > 0 {
				h.some(f.Collectors[0], r)
			}
		}
		if rnd.IntN(2) > 0 {
			h.must(office.Agreements{Office: h.first()}.Terminate(ctx, h.by("carol"), g))
		}
		days = append(days, h.today)
		gap := 6 // RA1 is released something again before it owes a certificate
		if i > 1 {
			gap = 9
		}
		h.today = h.today.Add(1 + rnd.IntN(gap))
	}
	return append(days, days[len(days)-1].Add(-1), h.today)
}

// stood are the nouns of a kind as their events add up to the end of a day, by reference.
func stood[T any, P store.Noun[T]](h *house, events []store.Event, day dars.Day) map[string]P {
	h.t.Helper()
	kind, fields := P(new(T)).Card().Kind, map[string]map[string]json.RawMessage{}
	for _, e := range events {
		if e.Kind != kind || h.first().Calendar.Day(e.At) > day {
			continue
		}
		change := map[string]json.RawMessage{}
		h.must(json.Unmarshal(e.Facts, &change))
		if fields[e.Ref] == nil {
			fields[e.Ref] = map[string]json.RawMessage{}
		}
		for name, value := range change {
			fields[e.Ref][name] = value
		}
	}
	all := map[string]P{}
	for ref, has := range fields {
		text, err := json.Marshal(has)
		h.must(err)
		all[ref] = P(new(T))
		h.must(json.Unmarshal(text, all[ref]))
	}
	return all
}
