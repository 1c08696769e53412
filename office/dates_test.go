package office_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"testing"

	"darsd/dars"
	"darsd/office"
)

// dated are what letters have said last of each date: its day, or that it is gone.
func (h *house) dated() map[string]string {
	h.t.Helper()
	last, said := map[string]dars.Date{}, map[string]string{}
	for _, w := range h.owed() {
		var l struct{ Dates []dars.Date }
		if w.What == "mail" {
			h.must(json.Unmarshal(w.Body, &l))
		}
		for _, d := range l.Dates {
			if was, known := last[d.ID]; known && was.Sequence >= d.Sequence {
				continue
			}
			last[d.ID], said[d.ID] = d, string(d.On)
			if d.Gone {
				said[d.ID] = "gone"
			}
		}
	}
	return said
}

// What letters have entered in somebody's calendar, letters take out again when it is
// done, or move with it.
func TestLettersTakeBackTheirDates(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		h.contract("RA1", "2029-06-30")
		h.today = "2026-03-02"
		f := h.stating() // a benefit by 30 June 2026
		f.End = "2027-12-31"
		id := h.agreed(f)
		h.list(h.today.Add(-1), 5)
		h.published(id)
		o := office.Agreements{Office: h.first()}
		ref := "agreement-" + string(id)
		review := get[dars.Agreement](h, string(id)).Start.AddMonths(12)
		says := func(date, want string) {
			t.Helper()
			if got := h.dated()[ref+date]; got != want {
				t.Errorf("on %s the letters say %q of %s, and not %q", h.today, got, date, want)
			}
		}

		h.stepsOf("benefits", "2026-06-01")
		says("-benefits-target-1", "2026-06-30")
		_, err := office.Benefits{Office: h.first()}.Record(t.Context(), h.by("rita"), id, "benefits.yaml", h.benefits(id))
		h.must(err)
		says("-benefits-target-1", "2026-12-31") // it was put off

		h.stepsOf("review", review.Add(-10))
		says("-review-1", string(review))
		_, err = o.Review(t.Context(), h.by("carol"), id, "nothing differs")
		h.must(err)
		says("-review-1", "gone")

		h.stepsOf("reminder", "2027-07-05")
		says("-agreement", "2027-12-31")
		h.must(o.Terminate(t.Context(), h.by("carol"), id))
		says("-agreement", "gone")
		before := len(h.dated())
		if gone := slices.Collect(func(yield func(string) bool) {
			for date, said := range h.dated() {
				if said == "gone" && !yield(date) {
					return
				}
			}
		}); len(gone) < 2 || before < 4 {
			t.Errorf("gone are %v of %d", gone, before)
		}
		h.sound()
	})
}

// A version that another takes the place of has no end of its own any more.
func TestTheEndOfASupersededVersionIsTakenBack(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		h.contract("RA1", "2029-06-30")
		h.list(h.today.Add(-1), 5)
		f := h.form()
		f.End = f.Start.Add(100)
		id := h.agreed(f)
		h.stepsOf("reminder", f.End.Add(-80))
		date := fmt.Sprintf("agreement-%s-agreement", id)
		if got := h.dated()[date]; got != string(f.End) {
			t.Fatalf("its end is %q in letters", got)
		}
		next := h.form()
		next.Kind, next.Previous, next.Start, next.Purpose.Yielded = dars.Renewal, get[dars.Agreement](h, string(id)).Stem, h.today, "fewer admissions"
		next.End = next.Start.Add(200)
		h.agreed(next)
		if g := get[dars.Agreement](h, string(id)); g.State == dars.InForce {
			t.Fatalf("it is %s", g.State)
		}
		if got := h.dated()[date]; got != "gone" {
			t.Errorf("its end is %q in letters", got)
		}
	})
}

// Who was told of a last day is told of the later one, as the same entry.
func TestAWindowThatIsExtendedMoves(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		h.contract("RA1", "2029-06-30")
		h.list(h.today.Add(-1), 5)
		r := h.published(h.agreed(h.form()))
		id := "release-" + string(r.ID) + "-window"
		if got := h.dated()[id]; got != string(r.WindowEnds) {
			t.Fatalf("letters say %q", got)
		}
		later := r.WindowEnds.Add(20)
		h.must(office.Releases{Office: h.first()}.Extend(t.Context(), h.by("carol"), r.ID, later))
		if got := h.dated()[id]; got != string(later) {
			t.Errorf("letters say %q, and it can be collected until %s", got, later)
		}
		if h.oneID("rita", map[string]bool{}); t.Failed() {
			t.Errorf("the calendar of the folder says another day")
		}
	})
}
