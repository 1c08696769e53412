package main

import (
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"

	"darsd/dars"
)

// The letters about one agreement that ends on a Sunday, with the days on which they go
// found by hand.
func TestTheAccountOfOneAgreement(t *testing.T) {
	const far dars.Day = "2018-12-31"
	p := &party{code: "R00000", contract: "CON-1", contractEnds: far, ico: far, security: far, people: [2]collector{{"P-001001", "ann"}, {"P-001002", "ben"}}}
	g := &held{id: "G", of: p, start: "2015-12-01", end: "2016-06-12", recipients: p.people[:2], sent: true}
	s := &soak{year: &year{first: firstDay, last: "2016-09-30", parties: []*party{p}, held: []*held{g}}}
	tests := map[string]struct {
		answered dars.Day
		want     string // days on which ann is written to
	}{
		"no certificate comes":              {"", "2016-04-01 2016-04-13 2016-05-13 2016-05-31 2016-06-06 2016-06-10 2016-06-13 2016-06-27 2016-07-11 2016-07-25 2016-08-07 2016-09-12"},
		"it comes on a day, after a letter": {"2016-07-11", "2016-04-01 2016-04-13 2016-05-13 2016-05-31 2016-06-06 2016-06-10 2016-06-13 2016-06-27 2016-07-11"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			g.answered = tt.answered
			var days []string
			for letter, must := range s.accountOfTheYear().want {
				if day, of, _ := strings.Cut(letter, " "); must && strings.HasPrefix(of, "ann ") {
					days = append(days, day)
				}
			}
			slices.Sort(days)
			if got := strings.Join(days, " "); got != tt.want {
				t.Errorf("ann is written to on\n%s\nand should be on\n%s", got, tt.want)
			}
		})
	}
}

// The letters about one release that is published on a Monday and of which some has left,
// with the days on which they go found by hand.
func TestTheAccountOfOneRelease(t *testing.T) {
	const far dars.Day = "2018-12-31"
	p := &party{code: "R00000", contract: "CON-1", contractEnds: far, ico: far, security: far, people: [2]collector{{"P-001001", "ann"}, {"P-001002", "ben"}}}
	g := &held{id: "G", of: p, start: "2015-12-01", end: far, recipients: p.people[:1]}
	back := &asking{id: "CERT-000001", as: "REL-000001", on: "2016-04-11", due: "2016-04-25"}
	replaced := &asking{id: "CERT-000001", as: "REL-000002", on: "2016-04-11", due: "2016-05-23"}
	tests := map[string]struct {
		as     published
		want   string // days on which ann is written to
		either string // days of which one is enough, and not both
	}{
		"nothing comes between":       {published{}, "2016-04-04 2016-04-11 2016-04-15", ""},
		"held, and let pass":          {published{fate: fate{frozen: "2016-04-10", resumed: "2016-04-11"}}, "2016-04-04 2016-04-10 2016-04-11 2016-04-15", "2016-04-11 or 2016-04-12"},
		"held, and let pass late":     {published{fate: fate{frozen: "2016-04-10", resumed: "2016-04-14"}}, "2016-04-04 2016-04-10 2016-04-14 2016-04-15", "2016-04-14 or 2016-04-15"},
		"held, let pass, and taken":   {published{taken: "2016-04-11", fate: fate{frozen: "2016-04-10", resumed: "2016-04-11"}}, "2016-04-04 2016-04-10 2016-04-11", "2016-04-11 or 2016-04-12"},
		"held, and asked back":        {published{fate: fate{frozen: "2016-04-10", withdrawn: "2016-04-11", back: back}}, "2016-04-04 2016-04-10 2016-04-11 2016-04-26 2016-05-09 2016-05-23 2016-06-06 2016-07-11", ""},
		"another takes its place":     {published{replaced: "2016-04-11", fate: fate{back: replaced}}, "2016-04-04 2016-04-11 2016-05-24 2016-06-06 2016-06-20 2016-07-04 2016-08-08", ""},
		"called back, and unanswered": {published{recalled: &recall{id: "RCL-000001", on: "2016-04-08", closes: "2016-04-20"}}, "2016-04-04 2016-04-08 2016-04-13 2016-04-15 2016-04-18", ""},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			r := tt.as
			r.id, r.of, r.on, r.sent = "REL-000001", g, "2016-04-04", true
			s := &soak{year: &year{first: firstDay, last: "2016-09-30", parties: []*party{p}, held: []*held{g}, out: []*published{&r}}}
			w := s.accountOfTheYear()
			var days, either []string
			for letter, must := range w.want {
				day, _, _ := strings.Cut(letter, " ")
				if must {
					days = append(days, day)
				}
				if next, _, _ := strings.Cut(w.instead[letter], " "); next != "" {
					either = append(either, day+" or "+next)
				}
			}
			slices.Sort(days)
			if got := strings.Join(either, " "); got != tt.either {
				t.Errorf("ann is written to on one of %q, and should be on one of %q", got, tt.either)
			}
			if got := strings.Join(slices.Compact(days), " "); got != tt.want {
				t.Errorf("ann is written to on\n%s\nand should be on\n%s", got, tt.want)
			}
		})
	}
}

func TestWhatAClientHasNotGot(t *testing.T) {
	has := dars.Ranges{{From: 0, To: 5}, {From: 10, To: 20}}
	want := []dars.Range{{From: 5, To: 10}, {From: 20, To: 27}, {From: 27, To: 30}}
	if got := missing(has, 30, 7); !slices.Equal(got, want) {
		t.Errorf("missing are %v, not %v", got, want)
	}
}

// A year can be lived again by its seed.
func TestOneSeedOneYear(t *testing.T) {
	z := size{organisations: 7, agreements: 60, months: 12}
	plan := func(seed uint64) *year { return draw(z, rand.New(rand.NewPCG(seed, 0))) }
	if !reflect.DeepEqual(plan(1), plan(1)) {
		t.Error("one seed plans two years")
	}
	if reflect.DeepEqual(plan(1), plan(2)) {
		t.Error("two seeds plan one year")
	}
}
