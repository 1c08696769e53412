package office_test

import (
	"errors"
	"slices"
	"testing"

	"darsd/dars"
	"darsd/office"
)

// A later version that is counter-signed and blocked silences nobody: the version in
// force is written about, and the blocked one lapses with its own last day.
func TestABlockedRenewalDoesNotSilence(t *testing.T) {
	for name, blocked := range map[string]bool{"blocked": true, "free": false} {
		t.Run(name, func(t *testing.T) {
			each(t, func(t *testing.T, h *house) {
				h.contract("RA1", "2029-03-31")
				f := h.form()
				f.End = h.today.AddMonths(6)
				first := h.agreed(f)
				end := get[dars.Agreement](h, string(first)).End
				second := h.returned(h.renewal(stemOf(first), end.Add(1), end.AddMonths(6)))
				o := office.Agreements{Office: h.first()}
				if blocked {
					h.must(errorOf(o.Oblige(t.Context(), h.by("carol"), second, dars.Obligation{Stage: dars.StageInForce, Text: "the ethics approval is renewed"})))
				}
				h.must(errors.Join(o.Confirm(t.Context(), h.by("carol"), second), o.Confirm(t.Context(), h.by("colin"), second), o.Countersign(t.Context(), h.by("nora"), second)))
				h.today = end.Add(-10)
				reminded := slices.ContainsFunc(h.lives(office.Clock{Office: h.first()}, h.today), func(d office.Done) bool {
					return d.Ref == string(first) && d.Step == "reminder-14"
				})
				if reminded != blocked {
					t.Errorf("reminded: %t", reminded)
				}
				h.today = end.AddMonths(7)
				h.lives(office.Clock{Office: h.first()}, h.today)
				g := get[dars.Agreement](h, string(second))
				if blocked && (g.State != dars.Closed || g.Ended >= g.Start) {
					t.Errorf("the blocked one is %s, and ended on %s", g.State, g.Ended)
				}
				if got := len(h.works.letters("agreement lapsed")); got != 0 && !blocked {
					t.Errorf("%d letters that it lapsed", got)
				}
				h.sound()
			})
		})
	}
}

// A clock that comes late ends an agreement with the last day of its contract, and what
// it asks for then is not overdue: the days count from the asking, and no audit is
// triggered by the run that asks first.
func TestALateClockMakesNobodyLate(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		h.contract("RA1", "2026-06-30")
		h.list("2026-03-01", 5)
		id := h.agreed(h.form())
		h.collect("rita", h.published(id).Files[0])
		h.today = "2026-12-01"
		h.lives(office.Clock{Office: h.first()}, h.today)
		g := get[dars.Agreement](h, string(id))
		c := get[dars.Certificate](h, string(g.Certificate))
		if g.Ended != "2026-06-30" || c.Issued != h.today || c.Due != "2026-12-15" || len(c.Steps) != 0 || len(all[dars.Audit](h)) != 0 {
			t.Errorf("the agreement ended on %s, the certificate is %+v, and there are %d audits", g.Ended, c, len(all[dars.Audit](h)))
		}
		h.today = "2026-12-16"
		h.lives(office.Clock{Office: h.first()}, h.today)
		if c := get[dars.Certificate](h, string(g.Certificate)); len(c.Steps) != 1 || !c.Overdue(h.today) || len(all[dars.Audit](h)) != 0 {
			t.Errorf("the day after it is due: %+v", c.Steps)
		}
		h.sound()
	})
}

// A processor that leaves with the next version is asked what became of its copy; who
// stays may keep theirs.
func TestAProcessorThatLeavesIsAsked(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		h.contract("RA1", "2029-03-31")
		h.list("2026-03-01", 5)
		f := h.form()
		f.Processors = []dars.OrgCode{"RA2"}
		first := h.agreed(f)
		r := h.published(first)
		h.collect("rita", r.Files[0])
		second := h.agreed(h.renewal(stemOf(first), h.today, h.today.AddMonths(12)))
		g := get[dars.Agreement](h, string(first))
		if g.State != dars.DeletionDue {
			t.Fatalf("the version with the processor is %s", g.State)
		}
		c := get[dars.Certificate](h, string(g.Certificate))
		if !slices.Equal(c.Holders, []dars.OrgCode{"RA1", "RA2"}) {
			t.Errorf("asked are %v", c.Holders)
		}
		file := r.Files[0].ID
		kept := dars.Destruction{File: file, Holder: "RA1", HeldUnder: string(second)}
		left := shredded(file, h.today)
		left.Holder = "RA2"
		if v := (office.Intake{Office: h.first()}).Take(t.Context(), h.by("rita"), h.back(c, kept, left)); v.Code != "" {
			t.Fatalf("%+v", v)
		}
		h.must(office.Deletion{Office: h.first()}.Accept(t.Context(), h.by("connie"), c.ID))
		h.must(office.Agreements{Office: h.first()}.Terminate(t.Context(), h.by("carol"), second))
		last := get[dars.Certificate](h, string(get[dars.Agreement](h, string(second)).Certificate))
		if !last.Lists(file) {
			t.Errorf("at the end it asks for %+v", last.Files)
		}
		h.sound()
	})
}
