package office_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"darsd/dars"
	"darsd/office"
)

// benefits is a form as a recipient sends it.
func (h *house) benefits(g dars.AgreementID, change ...func(*dars.BenefitForm)) []byte {
	h.t.Helper()
	f := dars.BenefitForm{Agreement: g, Benefits: []dars.Benefit{{What: "Fewer readmissions", By: "2026-06-30", Outcome: "NOT_YET", Why: "The analysis is late.", Expected: "2026-12-31"}}}
	for _, c := range change {
		c(&f)
	}
	text, err := json.Marshal(f)
	h.must(err)
	return text
}

// stating is a form of an application that states one benefit.
func (h *house) stating() dars.Form {
	f := h.form()
	f.Purpose.BenefitsDue = []dars.Target{{What: "Fewer readmissions", By: "2026-06-30"}}
	return f
}

func (h *house) todo(login string) (acts []string) {
	h.t.Helper()
	all, err := office.Desk{Office: h.first()}.Todo(h.t.Context(), h.people[login], h.noon())
	h.must(err)
	for _, one := range all {
		acts = append(acts, one.Act)
	}
	return acts
}

// What is stated is asked for on its day, and again on the day that was named instead;
// what comes over SFTP is kept.
func TestBenefitsAreAskedForWhenTheyAreDue(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		h.contract("RA1", "2029-03-31")
		h.list("2026-03-01", 5)
		id := h.agreed(h.stating())
		h.published(id)
		asks := func(words string) bool {
			return slices.ContainsFunc(h.todo("rita"), func(act string) bool { return strings.Contains(act, words) })
		}
		for _, day := range []struct {
			on     dars.Day
			target bool
			send   []byte
		}{
			{on: "2026-06-29"},
			{on: "2026-06-30", target: true, send: h.benefits(id)},
			{on: "2026-07-01"},
			{on: "2026-12-30"},
			{on: "2026-12-31", target: true, send: h.benefits(id, func(f *dars.BenefitForm) {
				f.Benefits[0] = dars.Benefit{What: "Fewer readmissions", By: "2026-06-30", Outcome: "ACHIEVED", Measure: "A tenth fewer", Evidence: []string{"https://example.org/a"}}
			})},
			{on: "2027-03-01"},
			{on: "2027-03-02"},
		} {
			h.today = day.on
			if got := asks("the benefit Fewer readmissions"); got != day.target {
				t.Errorf("on %s the benefit is asked for: %t", day.on, got)
			}
			if asks("a year after the first release") { // something was told less than three months before
				t.Errorf("on %s the account of the first year is asked for", day.on)
			}
			if day.send == nil {
				continue
			}
			in := paper("submit", stemOf(id)+"-benefits.yaml", string(day.send))
			if v := (office.Intake{Office: h.first()}).Take(t.Context(), h.by("rita"), in); v.Verdict != dars.VerdictAccepted || !strings.HasPrefix(v.Ref, "BEN-") {
				t.Fatalf("on %s: %+v", day.on, v)
			}
			if asks("say what has come") {
				t.Errorf("on %s it is asked for though it was told: %v", day.on, h.todo("rita"))
			}
		}
		if n := len(all[dars.BenefitReport](h, dars.By("case", stemOf(id)))); n != 2 {
			t.Errorf("%d reports are kept", n)
		}
		h.sound()
	})
}

// The same report by many at once is one; what is wrong leaves no trace; another's
// agreement is not there.
func TestBenefitsAreRecordedOnce(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		h.contract("RA1", "2029-03-31")
		h.list("2026-03-01", 5)
		id := h.agreed(h.stating())
		done := h.race(10, "known", func(_ int, o *office.Office) error {
			_, err := office.Benefits{Office: o}.Record(t.Context(), h.by("rita"), id, "benefits.yaml", h.benefits(id))
			return err
		})
		if n := len(all[dars.BenefitReport](h)); done != 1 || n != 1 {
			t.Errorf("%d were recorded, and %d are kept", done, n)
		}
		before := h.head()
		record := func(login string, text []byte) error {
			_, err := office.Benefits{Office: h.first()}.Record(t.Context(), h.by(login), id, "benefits.yaml", text)
			return err
		}
		ruled(t, record("rita", h.benefits("DARS-NIC-999999-B1C2D-v1.0")), "benefits-wrong")
		ruled(t, record("rita", h.benefits(id, func(f *dars.BenefitForm) { f.Benefits[0].Expected = "2026-01-01" })), "bad-form")
		ruled(t, record("ravi", h.benefits(id, func(f *dars.BenefitForm) { f.NoneYet = "x" })), "not-found")
		ruled(t, record("connie", h.benefits(id, func(f *dars.BenefitForm) { f.NoneYet = "x" })), "no-power")
		if h.head() != before {
			t.Error("a refusal left a trace")
		}
	})
}
