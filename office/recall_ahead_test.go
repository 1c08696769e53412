package office_test

import (
	"strings"
	"testing"

	"darsd/dars"
	"darsd/office"
)

// What a recall keeps from beginning: access that nobody has been granted yet, and what
// the program would plan unasked.

// looksAt is an agreement of RA2 for system access to what RA1 has collected a file of.
func (h *house) looksAt() dars.AgreementID {
	h.t.Helper()
	h.joint()
	h.contract("RA2", "2028-03-31")
	f := h.form()
	f.Organisation, f.Contact, f.Controllers, f.Collectors = "RA2", "ravi", []dars.OrgCode{"RA2"}, []string{"ravi"}
	f.Datasets[0].Frequency, f.Datasets[0].Periods = "SYSTEM_ACCESS", []string{"200399"}
	return h.agreed(f)
}

// Of a recall and grants that race one is first: who was granted access is in the notice
// and cannot look, and afterwards nobody is granted any until the recall is closed.
func TestARecallAndAGrantRace(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		ctx, desk := t.Context(), office.Desk{Office: h.first()}
		g := h.looksAt()
		incident := h.incident(dars.Incident{Kind: "wrong-rows", Scope: dars.Scope{Datasets: []string{"HES_APC"}}})
		h.race(8, "recalled known", func(i int, o *office.Office) error {
			if i == 3 {
				return errorOf2(office.Incidents{Office: o}.Start(ctx, h.by("connie"), incident))
			}
			return errorOf(office.Releases{Office: o}.Grant(ctx, h.by("carol"), g, "HES_APC", []string{"ravi"}, 2))
		})
		for _, r := range all[dars.Release](h, dars.By("agreement", g)) {
			if n := all[dars.RecallNotice](h, dars.By("release", r.ID)); len(n) != 1 || n[0].Releases[0].Users != 1 {
				t.Errorf("%s was granted first, and is in %d notices", r.ID, len(n))
			}
			ruled(t, desk.MayLook(ctx, h.people["ravi"], r.ID, h.today), "recalled")
			h.must(office.Releases{Office: h.first()}.Revoke(ctx, h.by("carol"), r.ID, ""))
		}
		ruled(t, errorOf(office.Releases{Office: h.first()}.Grant(ctx, h.by("carol"), g, "HES_APC", []string{"ravi"}, 2)), "recalled")

		h.must(office.Incidents{Office: h.first()}.CloseRecall(ctx, h.by("connie"), "RCL-000001", true))
		again, err := office.Releases{Office: h.first()}.Grant(ctx, h.by("carol"), g, "HES_APC", []string{"ravi"}, 2)
		h.must(err)
		h.must(desk.MayLook(ctx, h.people["ravi"], again.ID, h.today))
		h.sound()
	})
}

// System access that waits for a signer when a recall starts is called back with the
// rest: nobody signs it or is granted it, not even when the recall is closed; it is
// ended, and asked for anew.
func TestARecallFreezesAccessThatNobodyHasYet(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		ctx, o := t.Context(), office.Releases{Office: h.first()}
		h.byMatrix()
		h.contract("RA1", "2028-03-31")
		g := h.watchedNameless()
		r, err := o.Grant(ctx, h.by("carol"), g, "HES_APC", nil, 2)
		h.must(err)
		h.started(h.incident(dars.Incident{Kind: "wrong-rows", Scope: dars.Scope{Datasets: []string{"HES_APC"}}}))
		if n := all[dars.RecallNotice](h, dars.By("release", r.ID)); len(n) != 1 || n[0].Releases[0].Given != "" || n[0].Left() || len(h.works.letters("RCL-000001: stop using")) > 0 {
			t.Errorf("the notices of what was agreed are %+v", n)
		}
		ruled(t, o.SignOffNotUpheld(ctx, h.by("sam"), r.ID), "recalled")
		if h.waits("sam", string(r.ID), "sign-off") || !h.waits("carol", string(r.ID), "darsd release revoke") {
			t.Error("a signer is told to confirm what is called back, or no case officer to end it")
		}
		h.must(office.Incidents{Office: h.first()}.CloseRecall(ctx, h.by("connie"), "RCL-000001", true))
		ruled(t, errorOf(o.Grant(ctx, h.by("carol"), g, "HES_APC", []string{"rita"}, 2)), "recalled")
		h.must(o.Revoke(ctx, h.by("carol"), r.ID, ""))
		again, err := o.Grant(ctx, h.by("carol"), g, "HES_APC", nil, 2)
		h.must(err)
		h.must(o.SignOffNotUpheld(ctx, h.by("sam"), again.ID))
		h.sound()
	})
}

// Whoever had access when data were wrong has seen them, however long before it was
// granted.
func TestARecallFindsAccessThatLasts(t *testing.T) {
	tests := map[string]struct {
		from, until dars.Day
		want        int
	}{
		"wrong after it was granted":   {"2026-04-01", "2026-04-30", 1},
		"wrong before it was granted":  {"2026-01-01", "2026-02-28", 0},
		"wrong on the day it was":      {"2026-03-02", "2026-03-02", 1},
		"wrong only after it is ended": {"2026-07-01", "2026-07-31", 0},
	}
	each(t, func(t *testing.T, h *house) {
		_, _, r := h.queryDesk(once)
		h.on("2026-06-01").list("2026-06-01", 5)
		h.must(office.Releases{Office: h.first()}.Revoke(t.Context(), h.by("carol"), r, ""))
		h.on("2026-08-01")
		for name, tt := range tests {
			if got := len(h.plan(h.unapplied(tt.from, tt.until)).Releases); got != tt.want {
				t.Errorf("%s: %d releases are affected, want %d", name, got, tt.want)
			}
		}
	})
}

// Of a recall and the clock that race to a release that recurs one is first: what was
// planned is in the notice, and else nothing is planned.
func TestARecallAndTheClockRace(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		ctx := t.Context()
		g, _ := recurring(t, h)
		incident := h.incident(dars.Incident{Kind: "wrong-rows", Scope: dars.Scope{Datasets: []string{"HES_APC"}}})
		due := office.Duty{Kind: "agreement", Ref: string(g), Step: "instalment", Item: "HES_APC 2026", Due: "2026-05-01"}
		h.on("2026-05-01").race(8, "recalled nothing-due", func(i int, o *office.Office) error {
			if i == 3 {
				return errorOf2(office.Incidents{Office: o}.Start(ctx, h.by("connie"), incident))
			}
			return errorOf(office.Clock{Office: o}.Do(ctx, due, h.noon()))
		})
		for _, r := range all[dars.Release](h) {
			if n := all[dars.RecallNotice](h, dars.By("release", r.ID)); len(n) != 1 {
				t.Errorf("%s was planned all the same, and is in %d notices", r.ID, len(n))
			}
		}
		h.sound()
	})
}

// While a recall is under way the clock plans nothing of what it is of. The case officer
// is told why, and may plan it from what was mended; when the recall is closed the clock
// goes on.
func TestTheClockPlansNothingThatIsCalledBack(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		g, _ := recurring(t, h)
		h.on("2026-05-01").started(h.incident(dars.Incident{Kind: "wrong-rows", Scope: dars.Scope{Datasets: []string{"HES_APC"}}}))
		if h.six(); len(all[dars.Release](h)) != 1 {
			t.Error("it is planned on the day of the recall")
		}
		if h.on("2026-05-02"); !h.waits("carol", string(g), "recall RCL-000001 is of what it would be made from") {
			t.Error("the case officer is not told why it waits")
		}
		if done := h.on("2026-05-15").six(); len(done) != 1 || !strings.HasPrefix(done[0], "instalment-HES_APC-202601-") {
			t.Errorf("two weeks later: %v", done)
		}
		h.list("2026-05-15", 5)
		h.must(errorOf(office.Releases{Office: h.first()}.Plan(t.Context(), h.by("carol"), g, "HES_APC", []string{"202601"})))
		if done := h.on("2026-05-16").six(); len(done) != 1 || done[0] != "instalment HES_APC 202601 as REL-000002" {
			t.Errorf("when an officer has planned it: %v", done)
		}
		if done := h.on("2026-06-01").six(); len(done) > 0 {
			t.Errorf("a month later: %v", done)
		}
		h.must(office.Incidents{Office: h.first()}.CloseRecall(t.Context(), h.by("connie"), "RCL-000001", true))
		if done := h.on("2026-06-02").six(); len(done) != 1 || done[0] != "instalment HES_APC 202602 as REL-000003" {
			t.Errorf("when the recall is closed: %v", done)
		}
		h.sound()
	})
}

// What falls under a newer list while it is called back is not made again by the program.
func TestWhatIsCalledBackIsNotMadeAgainUnasked(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		r := ready(t, h)
		h.started(h.incident(dars.Incident{Kind: "wrong-rows", Scope: dars.Scope{Datasets: []string{"HES_APC"}}}))
		h.newList(6)
		if now := h.release(r.ID); now.State != dars.ReleaseWithdrawn || now.Late.RebuiltAs != "" || len(all[dars.Release](h)) != 1 {
			t.Errorf("it is %s and made again as %q", now.State, now.Late.RebuiltAs)
		}
		if m := h.works.letters(string(r.ID) + " was withdrawn and is not made again"); len(m) != 1 || !strings.Contains(m[0].body, "recall RCL-000001") {
			t.Errorf("the case officer is told %+v", m)
		}
		h.sound()
	})
}
