package office_test

import (
	"errors"
	"fmt"
	"testing"

	"darsd/dars"
	"darsd/office"
)

// clock reads the service-level clock of a case on the house's day.
func (h *house) clock(ref string) office.Reading {
	h.t.Helper()
	r, err := office.Desk{Office: h.first()}.Clock(h.t.Context(), h.people["rita"], ref, h.noon())
	h.must(err)
	return r
}

// The whole of a case: the office asks, the applicant answers, and signs, and the
// first release stops the clock.
func TestTheClockOfACase(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		ctx := t.Context()
		o, agreements := office.Applications{Office: h.first()}, office.Agreements{Office: h.first()}
		h.contract("RA1", "2028-03-31")
		h.list("2026-03-01", 5)
		ref := h.approved(h.form()) // on Monday 2 March
		stands := func(used int, due dars.Day, pauses int) {
			t.Helper()
			if r := h.clock(ref); r.Used != used || r.Application.Clock.Due != due || len(r.Application.Clock.Pauses) != pauses {
				t.Fatalf("on %s the clock has used %d days: %+v", h.today, r.Used, r.Application.Clock)
			}
		}
		stands(0, "2026-05-29", 0)
		h.today = "2026-03-04"
		h.must(o.Pause(ctx, h.by("carol"), ref, "AWAIT_EXTERNAL_APPROVAL"))
		stands(2, "", 1)
		id, err := agreements.Issue(ctx, h.by("carol"), ref, "", "2027-12-31")
		h.must(err)
		stands(2, "", 1) // it waits for one thing at a time
		h.today = "2026-03-09"
		h.must(o.Resume(ctx, h.by("colin"), ref))
		stands(2, "", 2) // and now for the signature
		if wait, _ := h.clock(ref).Application.Clock.Paused(); wait.Agreement != id || wait.For != "AWAIT_APPLICANT_DETAIL" {
			t.Errorf("it waits for %+v", wait)
		}
		ruled(t, o.Resume(ctx, h.by("carol"), ref), "clock-waits")
		h.today = "2026-03-16"
		if r := h.clock(ref); r.IfAnswered != "2026-06-10" {
			t.Errorf("answered today it would be due on %s", r.IfAnswered)
		}
		v := office.Intake{Office: h.first()}.Take(ctx, office.At(dars.ByFolder, h.noon()), paper("signed-agreements", "signed.pdf", "signed "+string(id)))
		if v.Verdict != dars.VerdictWaiting {
			t.Fatal(v)
		}
		stands(2, "2026-06-10", 2)
		h.today = "2026-03-18" // the office's own time
		h.must(errors.Join(agreements.Confirm(ctx, h.by("carol"), id), agreements.Confirm(ctx, h.by("colin"), id), agreements.Countersign(ctx, h.by("nora"), id)))
		stands(4, "2026-06-10", 2)
		h.must(errors.Join(o.Pause(ctx, h.by("carol"), ref, "AWAIT_APPLICANT_DETAIL"), o.Resume(ctx, h.by("carol"), ref)))
		stands(4, "2026-06-10", 3)
		first := h.published(id)
		h.today = "2026-03-20"
		r := h.clock(ref)
		k := r.Application.Clock
		if r.Used != 4 || k.Stopped != "2026-03-18" || k.StoppedBy != fmt.Sprintf("first access: release %s was published", first.ID) || len(k.Milestones) != 1 || k.Milestones[0].What != "the decision letter: approved" {
			t.Errorf("the clock is %+v", k)
		}
		ruled(t, o.Pause(ctx, h.by("carol"), ref, "AWAIT_APPLICANT_DETAIL"), "clock-stopped")
		ruled(t, o.Pause(ctx, h.by("rita"), ref, "AWAIT_APPLICANT_DETAIL"), "no-power")
		_, err = office.Desk{Office: h.first()}.Clock(ctx, h.people["ravi"], ref, h.noon())
		ruled(t, err, "not-found")
		h.sound()
	})
}

// A signed copy that comes while an outside body is waited for ends no wait.
func TestASignatureEndsItsOwnWaitOnly(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		ctx := t.Context()
		h.contract("RA1", "2028-03-31")
		ref := h.approved(h.form())
		o := office.Applications{Office: h.first()}
		h.must(o.Pause(ctx, h.by("carol"), ref, "AWAIT_EXTERNAL_APPROVAL"))
		id, err := office.Agreements{Office: h.first()}.Issue(ctx, h.by("carol"), ref, "", "")
		h.must(err)
		office.Intake{Office: h.first()}.Take(ctx, office.At(dars.ByFolder, h.noon()), paper("signed-agreements", "signed.pdf", "signed "+string(id)))
		if wait, paused := h.clock(ref).Application.Clock.Paused(); !paused || wait.For != "AWAIT_EXTERNAL_APPROVAL" || get[dars.Agreement](h, string(id)).Copy == nil {
			t.Errorf("the clock waits for %+v", wait)
		}
		h.must(o.Resume(ctx, h.by("carol"), ref))
		if wait, paused := h.clock(ref).Application.Clock.Paused(); paused {
			t.Errorf("signed, the clock waits for %+v", wait)
		}
	})
}

// An agreement that nobody signed ends the case, and the clock with it.
func TestTheClockOfACaseThatEnds(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		h.contract("RA1", "2028-03-31")
		id := h.issued(h.form())
		g := get[dars.Agreement](h, string(id))
		h.today = "2026-03-10"
		h.must(office.Agreements{Office: h.first()}.Terminate(t.Context(), h.by("carol"), id))
		r := h.clock(string(g.Application))
		if k := r.Application.Clock; r.Used != 0 || k.Stopped != h.today || k.Pauses[0].Until != h.today {
			t.Errorf("the clock is %+v", k)
		}
		h.sound()
	})
}

// Many ask and many answer at once: one pause at a time, each ended once.
func TestOnePauseAtATime(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		h.contract("RA1", "2028-03-31")
		ref := h.approved(h.form())
		people := []string{"carol", "colin"}
		if done := h.race(12, "clock-paused", func(i int, o *office.Office) error {
			return office.Applications{Office: o}.Pause(t.Context(), h.by(people[i%2]), ref, "AWAIT_APPLICANT_DETAIL")
		}); done != 1 {
			t.Errorf("it was paused %d times", done)
		}
		if done := h.race(12, "clock-running", func(i int, o *office.Office) error {
			return office.Applications{Office: o}.Resume(t.Context(), h.by(people[i%2]), ref)
		}); done != 1 {
			t.Errorf("it was let go %d times", done)
		}
		if k := h.clock(ref).Application.Clock; len(k.Pauses) != 1 || k.Due != "2026-05-29" {
			t.Errorf("the clock is %+v", k)
		}
		h.sound()
	})
}

// A bank holiday is announced once, makes the next version of the table, and moves
// no clock that has started by the one before.
func TestABankHolidayIsAnnounced(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		ctx := t.Context()
		h.contract("RA1", "2028-03-31")
		before := h.approved(h.form())
		ruled(t, errorOf(office.Almanac{Office: h.first()}.Announce(ctx, h.by("carol"), "2026-03-20", "Jubilee")), "no-power")
		if done := h.race(10, "known", func(_ int, o *office.Office) error {
			return errorOf(office.Almanac{Office: o}.Announce(ctx, h.by("olive"), "2026-03-20", "Jubilee"))
		}); done != 1 {
			t.Errorf("it was announced %d times", done)
		}
		c, announced, err := office.Almanac{Office: h.both[1]}.Table(ctx)
		if err != nil || c.Version != "England 2011-2028+1" || len(announced) != 1 || announced[0].ID != "CAL-000001" || c.Holidays["2026-03-20"] != "Jubilee" {
			t.Fatalf("the table is %s, announced %v: %v", c.Version, announced, err)
		}
		after := h.approved(h.form())
		o := office.Applications{Office: h.first()}
		h.must(errors.Join(o.Pause(ctx, h.by("carol"), before, "AWAIT_APPLICANT_DETAIL"), o.Resume(ctx, h.by("carol"), before)))
		for _, tt := range []struct {
			ref   string
			due   dars.Day
			table string
		}{{before, "2026-05-29", "England 2011-2028"}, {after, "2026-06-01", "England 2011-2028+1"}} {
			h.today = "2026-04-10"
			if r := h.clock(tt.ref); r.Application.Clock.Due != tt.due || r.Application.Clock.Table != tt.table || r.Newest != "England 2011-2028+1" {
				t.Errorf("the clock of %s is %+v", tt.ref, r.Application.Clock)
			}
		}
		h.must(o.Recount(ctx, h.by("carol"), before))
		ruled(t, o.Recount(ctx, h.by("carol"), before), "known")
		if a, b := h.clock(before), h.clock(after); a.Used != b.Used || a.Application.Clock.Due != b.Application.Clock.Due {
			t.Errorf("counted again it is %+v", a.Application.Clock)
		}
		h.must(errorOf(office.Almanac{Office: h.first()}.Revoke(ctx, h.by("olive"), "2026-03-20")))
		if c, _, err := (office.Almanac{Office: h.first()}).Table(ctx); err != nil || c.Version != "England 2011-2028+2" || c.Holidays["2026-03-20"] != "" {
			t.Errorf("the table is %s: %v", c.Version, err)
		}
		if r := h.clock(before); r.Application.Clock.Due != "2026-06-01" {
			t.Errorf("it moved to %s", r.Application.Clock.Due)
		}
		h.sound()
	})
}

func errorOf[T any](_ T, err error) error { return err }

// A case officer's word for another service level is a decision, with its reason.
func TestAnotherServiceLevel(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		ctx := t.Context()
		h.contract("RA1", "2028-03-31")
		ref := h.approved(h.form())
		o := office.Applications{Office: h.first()}
		ruled(t, o.SetClass(ctx, h.by("sid"), ref, 30), "no-power")
		ruled(t, o.SetClass(ctx, h.by("carol"), ref, 15), "no-class")
		h.must(o.SetClass(ctx, h.by("carol"), ref, 30))
		p := h.clock(ref).Application
		if d := p.Decisions[len(p.Decisions)-1]; p.Clock.Due != "2026-04-15" || p.Clock.Reason != "it was asked for: 30 working days" || d.Step != "class" || d.Outcome != "30 working days" || d.By != h.people["carol"] || d.Note == "" {
			t.Errorf("the clock is %+v, the decision %+v", p.Clock, d)
		}
		h.sound()
	})
}

// A signed copy that comes in years later is taken in, although nobody knows the
// bank holidays of that year; the clock waits for a case officer.
func TestAPaperIsNotTurnedAwayByTheCalendar(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		h.contract("RA1", "2031-03-31")
		for _, o := range h.both {
			o.Policy.Terms.Months = 72
		}
		f := h.form()
		f.End = "2031-03-31"
		id := h.issued(f)
		h.today = "2029-02-01"
		v := office.Intake{Office: h.first()}.Take(t.Context(), office.At(dars.ByFolder, h.noon()), paper("signed-agreements", "signed.pdf", "signed "+string(id)))
		if v.Verdict != dars.VerdictWaiting {
			t.Fatal(v)
		}
		g := get[dars.Agreement](h, string(id))
		o := office.Applications{Office: h.first()}
		ruled(t, o.Resume(t.Context(), h.by("carol"), string(g.Application)), "not-in-table")
		for day := dars.Day("2029-01-01"); day < "2029-01-11"; day = day.Add(1) {
			if !day.Weekend() {
				h.must(errorOf(office.Almanac{Office: h.first()}.Announce(t.Context(), h.by("olive"), day, "Holiday")))
			}
		}
		ruled(t, o.Resume(t.Context(), h.by("carol"), string(g.Application)), "not-in-table") // by its own table
		h.must(o.Recount(t.Context(), h.by("carol"), string(g.Application)))
		h.must(o.Resume(t.Context(), h.by("carol"), string(g.Application)))
		if k := get[dars.Application](h, string(g.Application)).Clock; k.Due == "" {
			t.Errorf("the clock is %+v", k)
		}
		h.sound()
	})
}
