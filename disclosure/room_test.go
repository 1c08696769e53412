package disclosure_test

import (
	"math/rand/v2"
	"strings"
	"testing"

	"darsd/disclosure"
)

// What a question keeps while it is answered has a bound, whatever is asked of whatever
// data; and just below the bound it is answered.
func TestWhatAQuestionKeepsIsBounded(t *testing.T) {
	d := episodes()
	whole := disclosure.Request{
		Dataset: d.Code, Periods: []string{d.Files[0].Period}, Count: disclosure.Persons, By: []string{"sex"},
		Measure: disclosure.Measure{Kind: disclosure.Counts},
	}
	median := whole
	median.Measure = disclosure.Measure{Kind: disclosure.Median, Field: "LOS"}
	limited := whole
	limited.Where = map[string][]string{"age-5": {"0-4", "5-9"}}
	before := []disclosure.Population{limited.Population("0")}
	few := lines(rand.New(rand.NewPCG(17, 9)), d, 300)
	tests := map[string]struct {
		asked   disclosure.Request
		earlier []disclosure.Population
		room    disclosure.Room
		says    string // nothing: it is answered
	}{
		"numbers":                        {median, nil, disclosure.Room{Tallies: 5}, "more different numbers"},
		"numbers that fit":               {median, nil, disclosure.Room{Tallies: 200}, ""},
		"groups to tell persons apart":   {whole, before, disclosure.Room{Combinations: 5}, "too many ways"},
		"groups that fit":                {whole, before, disclosure.Room{Combinations: 500}, ""},
		"persons to follow":              {whole, before, disclosure.Room{Followed: 50}, "too many ways"},
		"persons to follow, all of them": {whole, before, disclosure.Room{Followed: 300}, ""},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			q := disclosure.Ask(tt.asked, d, disclosure.RuleSets[1], "0", tt.earlier)
			disclosure.Narrow(q, tt.room)
			read(q, d, 0, few)
			found, more := q.Close()
			for more {
				read(q, d, 0, few)
				found, more = q.Close()
			}
			if found >= 0 {
				t.Fatal("it is too close to what was answered before")
			}
			_, err := q.Table()
			if tt.says == "" {
				if err != nil {
					t.Error(err)
				}
				return
			}
			if err == nil || !strings.Contains(err.Error(), tt.says) {
				t.Errorf("it says %v", err)
			}
		})
	}
}

// More than a million persons are put in order on the way, and counted then.
func TestHowManyPersonsAreKeptApart(t *testing.T) {
	d := episodes()
	r := disclosure.Request{Dataset: d.Code, Periods: []string{d.Files[0].Period}, Count: disclosure.Persons, By: []string{"sex"}, Measure: disclosure.Measure{Kind: disclosure.Counts}}
	for most, fits := range map[int]bool{1_000_000: false, 2_000_000: true} {
		q := disclosure.Ask(r, d, disclosure.RuleSets[1], "0", nil)
		disclosure.Narrow(q, disclosure.Room{Pairs: most})
		reader := q.Reader()
		for person := range uint64(1_200_000) {
			reader.Add(&disclosure.Record{Groups: []uint16{0, 0}, Person: person + 1, In: 1})
		}
		if _, err := q.Table(); (err == nil) != fits {
			t.Errorf("of %d: %v", most, err)
		}
	}
}
