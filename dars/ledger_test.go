package dars_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"darsd/dars"
)

var noon = time.Date(2026, time.March, 2, 12, 0, 0, 0, time.UTC)

func TestTheWordOnACollection(t *testing.T) {
	tests := map[string]struct {
		size     int64
		reserved dars.Ranges // by a handle that is still open
		sent     dars.Ranges // by one that is closed
		answered dars.Ranges
		want     dars.ReceiptWord
	}{
		"nothing has left":                         {10, nil, nil, nil, dars.NothingSent},
		"one byte has left":                        {10, nil, dars.Ranges{{0, 1}}, nil, dars.Partial},
		"one byte may have left":                   {10, dars.Ranges{{0, 1}}, nil, nil, dars.Partial},
		"all but one byte, confirmed":              {10, nil, dars.Ranges{{0, 9}}, dars.Ranges{{0, 9}}, dars.Partial},
		"all has left, and nobody answered":        {10, nil, dars.Ranges{{0, 10}}, nil, dars.SentInFull},
		"all has left, and one byte is unanswered": {10, nil, dars.Ranges{{0, 10}}, dars.Ranges{{0, 9}}, dars.SentInFull},
		"all may have left":                        {10, dars.Ranges{{0, 10}}, nil, nil, dars.SentInFull},
		"one half has left, the other may have":    {10, dars.Ranges{{5, 10}}, dars.Ranges{{0, 5}}, dars.Ranges{{0, 5}}, dars.SentInFull},
		"all is confirmed":                         {10, nil, dars.Ranges{{0, 10}}, dars.Ranges{{0, 10}}, dars.Complete},
		"what never left cannot be confirmed":      {10, nil, dars.Ranges{{0, 5}}, dars.Ranges{{0, 10}}, dars.Partial},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			c := &dars.Collection{File: "FILE0000001", Person: "P-000005", Size: tt.size}
			if tt.sent != nil {
				c.Reserve("one", dars.Range{From: 0, To: tt.size}, noon)
				c.Settle("one", tt.sent, tt.answered, noon)
			}
			for _, r := range tt.reserved {
				c.Reserve("two", r, noon)
			}
			if got := c.Word(); got != tt.want {
				t.Errorf("the word is %q, want %q", got, tt.want)
			}
			filed := string(tt.want)
			if tt.reserved != nil {
				filed = "sending"
			}
			if c.Card().State != filed {
				t.Errorf("it is filed as %s", c.Card().State)
			}
			rcp := &dars.Receipt{}
			rcp.Tell(c)
			if rcp.Word != tt.want || rcp.Sent != c.Sent().Bytes() || rcp.Confirmed != c.Answered.Bytes() || rcp.Ranges == nil {
				t.Errorf("the receipt says %+v", rcp)
			}
		})
	}
}

// Many handles open, are cut off and close, in any order: what is written as sent
// is never less than what left, and no more than what may have left; what is
// confirmed is never more than what left.
func TestSentIsNeverLessThanWhatLeft(t *testing.T) {
	for seed := range uint64(2000) {
		rnd := rand.New(rand.NewPCG(seed, 0))
		c := &dars.Collection{File: "FILE0000001", Person: "P-000005", Size: sea}
		var left, may, answered naive
		open := map[string][]dars.Range{}
		for step := range 30 {
			handle := fmt.Sprint("h", rnd.IntN(4))
			if rnd.IntN(3) > 0 {
				from := rnd.Int64N(sea)
				r := dars.Range{From: from, To: from + 1 + rnd.Int64N(sea-from)}
				c.Reserve(handle, r, noon.Add(time.Duration(step)*time.Second))
				may.add(r)
				open[handle] = append(open[handle], r)
			} else if reserved := open[handle]; reserved != nil {
				var sent, confirmed []dars.Range
				for _, r := range reserved { // a part of each went out, and a part of that was answered
					cut := dars.Range{From: r.From, To: r.From + rnd.Int64N(r.To-r.From+1)}
					sent = append(sent, cut)
					confirmed = append(confirmed, dars.Range{From: cut.From, To: cut.From + rnd.Int64N(cut.To-cut.From+1)}, dars.Range{From: 0, To: rnd.Int64N(3)})
				}
				left.add(sent...)
				a, b := naive{}, naive{}
				a.add(sent...)
				b.add(confirmed...)
				for i := range a {
					answered[i] = answered[i] || a[i] && b[i]
				}
				c.Settle(handle, dars.Ranges{}.Add(sent...), dars.Ranges{}.Add(confirmed...), noon.Add(time.Duration(step)*time.Second))
				delete(open, handle)
			}
			now := c.Sent()
			if !slices.Equal(now.Both(left.ranges()), left.ranges()) {
				t.Fatalf("seed %d: %v left, and %v is written", seed, left.ranges(), now)
			}
			if !slices.Equal(now.Both(may.ranges()), now) {
				t.Fatalf("seed %d: %v was reserved, and %v is written", seed, may.ranges(), now)
			}
			if !slices.Equal(c.Answered.Add(), answered.ranges()) {
				t.Fatalf("seed %d: %v were answered, and %v is written", seed, answered.ranges(), c.Answered)
			}
		}
		if len(open) == 0 && !slices.Equal(c.Sent(), left.ranges()) {
			t.Fatalf("seed %d: all is settled, %v left, and %v is written", seed, left.ranges(), c.Sent())
		}
	}
}

func TestAWindowEndsWithTheAgreement(t *testing.T) {
	tests := map[string]struct {
		end  dars.Day
		want dars.Day
	}{
		"long before the end":              {"2026-12-31", "2026-03-15"},
		"the end is the window's last day": {"2026-03-15", "2026-03-15"},
		"the end is before the window's":   {"2026-03-05", "2026-03-05"},
		"published on the last day of all": {"2026-03-02", "2026-03-02"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			r := &dars.Release{ID: "REL-000001", State: dars.SignedOff}
			ruled(t, r.Publish(by("P-000001"), "2026-03-02", 14, tt.end), "")
			if r.WindowEnds != tt.want || !r.Open(tt.want) || r.Open(tt.want.Add(1)) {
				t.Errorf("it can be collected until %s, want %s", r.WindowEnds, tt.want)
			}
		})
	}
}

func TestExtend(t *testing.T) {
	tests := map[string]struct {
		state dars.ReleaseState
		until dars.Day
		rule  string
	}{
		"a day longer":                {dars.Published, "2026-03-16", ""},
		"to the agreement's end":      {dars.Published, "2026-12-31", ""},
		"one that somebody collected": {dars.Collected, "2026-03-16", ""},
		"past the agreement's end":    {dars.Published, "2027-01-01", "after-end"},
		"to the same day":             {dars.Published, "2026-03-15", "not-later"},
		"to an earlier day":           {dars.Published, "2026-03-10", "not-later"},
		"one that is signed off":      {dars.SignedOff, "2026-03-16", "wrong-step"},
		"one that is purged":          {dars.Purged, "2026-03-16", "wrong-step"},
		"one that was withdrawn":      {dars.ReleaseWithdrawn, "2026-03-16", "wrong-step"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			r := &dars.Release{ID: "REL-000001", State: tt.state, WindowEnds: "2026-03-15"}
			was := facts(t, r)
			ruled(t, r.Extend(by("P-000001"), tt.until, "2026-12-31"), tt.rule)
			if tt.rule != "" && facts(t, r) != was {
				t.Errorf("a refusal left a trace: %s", facts(t, r))
			}
			if tt.rule == "" && r.WindowEnds != tt.until {
				t.Errorf("it can be collected until %s", r.WindowEnds)
			}
		})
	}
}
