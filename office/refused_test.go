package office_test

import (
	"slices"
	"sync"
	"testing"
	"time"

	"darsd/dars"
	"darsd/office"
)

// Refusals are told one by one and at once, and together when there are many. All are told,
// by whomever they were counted.
func TestRefusalsAreToldAtOnce(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		var mu sync.Mutex
		var told []dars.RefusedAct
		r := office.Refusals{Tell: func(one dars.RefusedAct) {
			mu.Lock()
			defer mu.Unlock()
			told = append(told, one)
		}}
		pat := dars.Act{Who: h.people["pat"], At: h.noon(), Via: dars.SSH}
		r.Count(pat, "release check", dars.Refuse("same-person", "REL-000001", "no"))
		want := dars.RefusedAct{At: h.noon().UTC(), By: pat.Who, Via: dars.SSH, Act: "release check", Rule: "same-person", Ref: "REL-000001", Times: 1}
		if !slices.Equal(told, []dars.RefusedAct{want}) {
			t.Fatalf("told at once: %+v", told)
		}
		r.Count(pat, "release show", dars.Refuse("no-entry", "943 476 5919", "no"))
		if told[1].Ref != "" {
			t.Errorf("an outsider's word is kept: %+v", told[1])
		}

		stranger := dars.Act{At: h.noon(), Via: dars.SSH}
		h.race(50, "", func(i int, _ *office.Office) error {
			for range 100 {
				r.Count(stranger, dars.ActSignIn, dars.Refuse("no-entry", "", "no"))
			}
			return nil
		})
		if len(told) > 2+20 {
			t.Errorf("of a flood %d are told one by one", len(told)-2)
		}
		h.must(h.first().Keep(t.Context(), &r))
		h.must(h.first().Keep(t.Context(), &r))
		times := 0
		for _, one := range told[2:] {
			times += one.Times
		}
		if times != 5000 || len(told) != 2+20+1 {
			t.Errorf("of 5000 refusals %d are told, in %d lines", times, len(told)-2)
		}

		pat.At = pat.At.Add(time.Hour)
		r.Count(stranger, dars.ActSignIn, dars.Refuse("no-entry", "", "no"))
		r.Count(pat, "release check", dars.Refuse("same-person", "REL-000001", "no"))
		if last := told[len(told)-1]; last.By != pat.Who || last.Times != 1 {
			t.Errorf("another person an hour later is not told of at once: %+v", last)
		}
	})
}

// What a rule refuses the clock is told as what it refuses people.
func TestTheClockIsRefusedAloud(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		var told []dars.RefusedAct
		r := office.Refusals{Tell: func(one dars.RefusedAct) { told = append(told, one) }}
		g := h.joint().Agreement
		o := *h.first()
		o.Works.Refused = r.Count
		duty := office.Duty{Kind: "agreement", Ref: string(g), Step: "expire", Due: h.today} // years too early
		if done, err := (office.Clock{Office: &o}).Do(t.Context(), duty, h.noon()); done != nil || err != nil {
			t.Fatalf("an agreement in force expires: %v, %v", done, err)
		}
		if len(told) != 1 || told[0].By != dars.ByClock || told[0].Act != "expire" || told[0].Ref != string(g) || told[0].Rule == "" {
			t.Errorf("told of the clock: %+v", told)
		}
	})
}
