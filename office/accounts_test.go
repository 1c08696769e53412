package office_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"darsd/dars"
	"darsd/office"
)

// stepsOf are the steps of a ladder that are taken on some days, and who is written to.
func (h *house) stepsOf(ladder string, days ...dars.Day) (steps []string) {
	h.t.Helper()
	for _, on := range days {
		h.today = on
		for _, d := range h.lives(office.Clock{Office: h.both[1]}, on) {
			if strings.HasPrefix(d.Step, ladder) {
				steps = append(steps, fmt.Sprint(on, " ", d.Step, " ", d.Whom))
			}
		}
	}
	return steps
}

// Whoever owes the public an account of benefits is written to before its day, and
// after it higher up, until it has come; what is put off is asked for again.
func TestAnAccountOfBenefitsIsAskedForByLadder(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		h.contract("RA1", "2029-03-31")
		h.list("2026-03-01", 5)
		id := h.agreed(h.stating()) // a benefit by 30 June 2026; it ends on 1 March 2027
		h.published(id)
		got := h.stepsOf("benefits", "2026-05-31", "2026-06-01", "2026-06-30", "2026-07-01", "2026-07-14", "2026-07-28")
		want := []string{"2026-06-01 benefits-target-1-reminder-30 contact", "2026-06-30 benefits-target-1-reminder-0 contact",
			"2026-07-14 benefits-target-1-chase-14 contact, officer", "2026-07-28 benefits-target-1-chase-28 contact, officer, iao"}
		if !slices.Equal(got, want) { // the 31st of May was a Sunday
			t.Errorf("the steps are %q", got)
		}
		h.must(h.first().Work(t.Context(), h.noon))
		if asked := h.works.letters("say by 30 June 2026 what has come of the data"); len(asked) != 6 || !slices.ContainsFunc(asked, func(m mail) bool { return m.to == "rita@example.org" && strings.Contains(m.body, "Fewer readmissions") }) {
			t.Errorf("the letters are %+v", asked)
		}

		_, err := office.Benefits{Office: h.first()}.Record(t.Context(), h.by("rita"), id, "benefits.yaml", h.benefits(id)) // not yet; by 31 December
		h.must(err)
		got = h.stepsOf("benefits", "2026-08-25", "2026-12-01", "2026-12-31")
		want = []string{"2026-12-01 benefits-target-1-reminder-30 contact", "2026-12-31 benefits-target-1-reminder-0 contact"}
		if !slices.Equal(got, want) {
			t.Errorf("when it is put off the steps are %q", got)
		}
		h.sound()
	})
}

// A year after the first release is told of also where the agreement has ended by then.
func TestAnAccountIsOwedWhenAllIsOver(t *testing.T) {
	agreed.each(t, func(t *testing.T, h *house) {
		id := h.agreement()
		h.published(id)
		from := h.noon()
		foreseen := h.foreseen(from, from.AddDate(1, 2, 0))
		var asked []string
		for _, l := range foreseen {
			if strings.Contains(l, "benefits") {
				asked = append(asked, l[:10]+" "+l[strings.Index(l, "benefits"):])
			}
		}
		want := []string{"2027-02-01 benefits-first-release-reminder-30 in-force (contact)", "2027-03-02 benefits-first-release-reminder-0 in-force (contact)",
			"2027-03-16 benefits-first-release-chase-14 closed (contact, officer)", "2027-03-30 benefits-first-release-chase-28 closed (contact, officer, iao)",
			"2027-04-27 benefits-first-release-chase-56 closed (contact, officer, iao, compliance)"}
		if !slices.Equal(asked, want) {
			t.Errorf("it is foreseen that %q", asked)
		}
		if lived := h.lived(from, from.AddDate(1, 2, 0)); !slices.Equal(lived, foreseen) {
			t.Errorf("it came as\n%s\nand not as\n%s", strings.Join(lived, "\n"), strings.Join(foreseen, "\n"))
		}

		h.today = "2027-05-02"
		told, err := office.Desk{Office: h.first()}.Public(t.Context(), get[dars.Agreement](h, string(id)), h.today)
		if err != nil || len(told.Due) != 1 || told.Due[0].State != "due" || told.Due[0].Due != "2027-03-02" || len(told.Reported) != 0 {
			t.Errorf("the public is told %+v, %v", told, err)
		}
		_, err = office.Benefits{Office: h.first()}.Record(t.Context(), h.by("rita"), id, "benefits.yaml", fmt.Appendf(nil, `{"Agreement": %q, "NoneYet": "It goes on."}`, id))
		h.must(err)
		told, err = office.Desk{Office: h.first()}.Public(t.Context(), get[dars.Agreement](h, string(id)), h.today)
		if err != nil || told.Due[0].State != "met" || len(told.Reported) != 1 || told.Reported[0].NoneYet != "It goes on." {
			t.Errorf("the public is then told %+v, %v", told, err)
		}
		h.sound()
	})
}

// A renewal is a day on which it is told what came of the data.
func TestARenewalAsksForAnAccount(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		h.contract("RA1", "2029-03-31")
		id := h.agreed(h.form())
		f := h.form()
		f.Kind, f.Purpose.Yielded = "renewal", "none so far"
		h.today = "2026-11-02"
		_, err := office.Applications{Office: h.first()}.Submit(t.Context(), h.by("rita"), h.folder(f), stemOf(id))
		h.must(err)
		g := get[dars.Agreement](h, string(id))
		if len(g.Accounts) != 1 || g.Accounts[0].Why != dars.RenewalApplied || g.Accounts[0].Due != "2026-11-02" {
			t.Fatalf("it owes %+v", g.Accounts)
		}
		if steps := h.stepsOf("benefits", "2026-11-03"); len(steps) != 1 || steps[0] != "2026-11-03 benefits-renewal-reminder-0 contact" {
			t.Errorf("the steps are %q", steps)
		}
	})
}

// The annual review is asked for until it is done; it is done once, with a note, and not
// before its time.
func TestAnAnnualReviewEndsItsReminders(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		h.contract("RA1", "2029-06-30")
		h.today = "2026-03-02"
		f := h.form()
		f.End = "2028-12-31"
		id := h.agreed(f)
		o := office.Agreements{Office: h.first()}
		review := func(login, note string) error {
			_, err := o.Review(t.Context(), h.by(login), id, note)
			return err
		}
		start := get[dars.Agreement](h, string(id)).Start
		first := start.AddMonths(12)
		h.stepsOf("", start)
		h.today = first.Add(-61)
		ruled(t, review("carol", "nothing differs"), "nothing-due")
		got := h.stepsOf("review", first.Add(-57), first.Add(-27), first.Add(3), first.Add(20))
		if len(got) != 4 || !strings.Contains(got[3], "review-1-chase-14 contact, officer") {
			t.Errorf("the steps are %q", got)
		}
		before := h.head()
		ruled(t, review("carol", ""), "no-text")
		ruled(t, review("rita", "nothing differs"), "no-power")
		if h.head() != before {
			t.Error("a refusal left a trace")
		}
		if !slices.ContainsFunc(h.todo("carol"), func(act string) bool { return strings.Contains(act, "agreement review") }) {
			t.Errorf("carol has %q to do", h.todo("carol"))
		}
		if done := h.race(10, "nothing-due", func(_ int, o *office.Office) error {
			_, err := office.Agreements{Office: o}.Review(t.Context(), h.by("carol"), id, "nothing differs")
			return err
		}); done != 1 {
			t.Errorf("it is done %d times", done)
		}
		if got := h.stepsOf("review", first.Add(45), first.Add(60)); len(got) != 0 {
			t.Errorf("it is asked for though it is done: %q", got)
		}
		g := get[dars.Agreement](h, string(id))
		if len(g.Reviews) != 1 || g.Reviews[0].Due != first || g.Reviews[0].Note != "nothing differs" || g.Reviews[0].By != h.people["carol"] {
			t.Errorf("the reviews are %+v", g.Reviews)
		}
		if got := h.stepsOf("review", first.AddMonths(12).Add(-55)); len(got) != 1 || !strings.Contains(got[0], "review-2-reminder-60") {
			t.Errorf("of the next year the steps are %q", got)
		}
		h.sound()
	})
}
