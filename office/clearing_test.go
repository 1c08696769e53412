package office_test

import (
	"errors"
	"testing"

	"darsd/dars"
	"darsd/office"
)

// A chair who took no part in an item clears no caveat of it: DAAG sees it again.
func TestAChairWithAConflictClearsNoCaveat(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		ctx, c := t.Context(), office.Committee{Office: h.first()}
		h.add("moe", dars.TheOffice, dars.Member)
		h.contract("RA1", h.today.AddMonths(36))
		ref := h.presented(h.form())
		h.must(errors.Join(c.Attend(ctx, h.by("sue"), "MEET-000001", "moe", dars.Professional), c.Conflict(ctx, h.by("mona"), "MEET-000001", ref, ""),
			c.Outcome(ctx, h.by("sue"), ref, dars.WithCaveats, dars.Point{Owner: dars.TheApplicant, Due: h.today.Add(9), Text: "publish the notice"})))
		head := h.head()
		ruled(t, c.Clear(ctx, h.by("mona"), ref, 1), "conflict")
		if h.head() != head {
			t.Error("a refusal left a trace")
		}
		h.must(c.Clear(ctx, h.by("sue"), ref, 1))
		todo, err := office.Desk{Office: h.first()}.Todo(ctx, h.people["mona"], h.noon())
		h.must(err)
		if len(todo) != 0 {
			t.Errorf("the chair's todo is %+v", todo)
		}
	})
}
