package office_test

import (
	"slices"
	"strings"
	"testing"

	"darsd/dars"
	"darsd/office"
)

// passedOn is a file that rita has collected for RA1, which passes it on to RA2.
func (h *house) passedOn() *dars.Release {
	h.t.Helper()
	h.contract("RA1", "2028-03-31")
	h.list("2026-03-01", 5)
	f := h.form()
	f.Sublicensing, f.Sublicensees = "To a trust, for planning.", []dars.OrgCode{"RA2"}
	r := h.published(h.agreed(f))
	h.collect("rita", r.Files[0])
	return r
}

// A recall asks whoever was passed data on as it asks who collected them: they have a
// notice and a letter, answer for themselves, and until they have nothing takes its place.
func TestARecallReachesSublicensees(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		ctx, o := t.Context(), office.Incidents{Office: h.first()}
		r := h.passedOn()
		id := h.unapplied("2026-01-01", "2026-03-31")
		p := h.plan(id)
		if !slices.Equal(p.Sublicensees, []string{"RA2"}) || len(p.Sublicences) != 1 || !slices.Equal(p.Sublicences[0].To, []string{"RA2"}) || !slices.Contains(p.Files[0].Open, "RA2") {
			t.Fatalf("the plan is %+v", p)
		}
		c := h.started(id)
		papers := all[dars.Paper](h, dars.By("kind", "recall-notice"), dars.By("for", "RA2"))
		if m := h.works.letters("recall " + string(c.ID)); len(papers) != 1 || len(m) != 1 || !strings.Contains(m[0].to, "ravi@") {
			t.Errorf("RA2 has the notices %+v, and is told %v", papers, m)
		}
		if !h.waits("ravi", string(c.ID), "answer for 1 files") {
			t.Error("nobody of RA2 is told to answer")
		}
		file := string(r.Files[0].ID)
		for _, login := range []string{"rita", "ravi"} {
			_, err := office.Releases{Office: h.first()}.Plan(ctx, h.by("carol"), r.Agreement, "HES_APC", nil)
			ruled(t, err, "recalled")
			_, err = o.Answer(ctx, h.by(login), c.ID, file, "", dars.Destroyed)
			h.must(err)
		}
		if p, err := o.Recall(ctx, h.by("connie"), c.ID); err != nil || p.Progress["open"] != 0 {
			t.Errorf("all have answered, and the recall is %+v (%v)", p, err)
		}
		h.sound()
	})
}

// Who holds what counts sub-licensees, the register page names them, and a certificate
// of destruction asks for their copies too.
func TestSublicenseesHoldWhatWasReleased(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		r := h.passedOn()
		f := h.figures("holdings", h.today)
		if got := f.Tables[0].Rows[0][1]; got != "RA1, RA2" {
			t.Errorf("by the report %v hold it", got)
		}
		page, err := office.Public{Office: h.first()}.Agreement(t.Context(), string(r.Agreement), h.noon())
		h.must(err)
		if !slices.Equal(page.PassedTo, []string{"Trust RA2"}) {
			t.Errorf("the page names %q", page.PassedTo)
		}
		h.must(office.Agreements{Office: h.first()}.Terminate(t.Context(), h.by("carol"), r.Agreement))
		c := get[dars.Certificate](h, string(get[dars.Agreement](h, string(r.Agreement)).Certificate))
		if !slices.Equal(c.Holders, []dars.OrgCode{"RA1", "RA2"}) {
			t.Errorf("the certificate asks %v", c.Holders)
		}
		v := office.Intake{Office: h.first()}.Take(t.Context(), office.At(h.people["rita"], h.noon()), h.back(c, shredded(r.Files[0].ID, h.today)))
		if v.Verdict == dars.VerdictAccepted || !strings.Contains(v.Reason, "RA2") {
			t.Errorf("a certificate without the sub-licensee's copies: %+v", v)
		}
	})
}

// A sanction against a sub-licensee stops what it would be passed; the office itself
// gives it nothing.
func TestSublicenseesAreHeldAndGivenNothing(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		ctx := t.Context()
		r := h.passedOn()
		g := r.Agreement
		ruled(t, office.Agreements{Office: h.first()}.AddCollector(ctx, h.by("carol"), g, "ravi"), "not-a-party")
		h.must(h.may("ron", r.ID))
		h.must(office.Parties{Office: h.first()}.Hold(ctx, h.by("connie"), "RA2"))
		ruled(t, h.may("ron", r.ID), "on-hold")
		_, err := office.Releases{Office: h.first()}.Plan(ctx, h.by("carol"), g, "HES_APC", []string{"200399"})
		ruled(t, err, "on-hold")
	})
}
