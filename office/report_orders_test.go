package office_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"darsd/dars"
	"darsd/office"
	"darsd/scheduler"
)

// orders are what an office has ordered.
var orders = []dars.ReportOrder{
	{Kind: "expiry", Every: dars.Monthly, WorkingDay: 2, Formats: []string{"pdf", "xlsx"}, To: []dars.Role{dars.Compliance, dars.SIRO}},
	{Kind: "refused", Every: dars.Weekly},
}

func (h *house) ordered() {
	for _, o := range h.both {
		o.Orders = orders
	}
}

// deliver runs the clock's job on the house's day.
func (h *house) deliver() (done []string) {
	h.t.Helper()
	clock := office.Clock{Office: h.first()}
	h.must(scheduler.Duties(clock.Ordered, clock.Deliver, func(d *office.Done) {
		if d != nil {
			done = append(done, d.Step)
		}
	})(h.t.Context(), h.noon()))
	h.must(h.first().Work(h.t.Context(), h.noon))
	return done
}

// A report that was ordered is made on its working day, about the month before: it lies in
// its folder, is filed for those who may read it, and goes to them by mail with its files.
func TestAnOrderedReportIsDelivered(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		h.ordered()
		h.joint()
		h.today = "2026-03-31"
		if done := h.deliver(); !slices.Equal(done, []string{"report refused weekly"}) {
			t.Errorf("in the month of its founding it has made %q", done)
		}
		h.today = "2026-04-01"
		if done := h.deliver(); len(done) != 0 {
			t.Errorf("before the second working day it has made %q", done)
		}
		h.today = "2026-04-02"
		if done := h.deliver(); !slices.Equal(done, []string{"report expiry monthly"}) {
			t.Errorf("on the second working day it has made %q", done)
		}
		if !slices.Contains(h.works.reports, "expiry-as-at-2026-03-31.pdf") || !slices.Contains(h.works.reports, "expiry-as-at-2026-03-31.xlsx") || slices.Contains(h.works.reports, "expiry-as-at-2026-03-31.json") {
			t.Errorf("in the folder lie %q", h.works.reports)
		}
		sent := 0
		for _, l := range h.works.handed {
			if !strings.Contains(l.Subject, "Expiry outlook as at 31 March 2026") {
				continue
			}
			if sent++; l.To != "connie@example.org" && l.To != "sid@example.org" {
				t.Errorf("it went to %s", l.To)
			}
			if len(l.Files) != 2 || l.Files[0].Name != "expiry-as-at-2026-03-31.pdf" || !strings.HasPrefix(string(l.Files[0].Content), "a paper: ") || !strings.Contains(l.Body, "Agreements in force: 1: ") {
				t.Errorf("the letter says %q with %v", l.Body, l.Files)
			}
			f := h.figures("expiry", "2026-03-31")
			if again, err := h.first().Written(f, "pdf"); err != nil || string(again) != string(l.Files[0].Content) {
				t.Errorf("made again it is another: %v", err)
			}
		}
		if sent != 2 {
			t.Errorf("%d letters took it", sent)
		}
		for login, want := range map[string]bool{"connie": true, "sid": true, "audrey": true, "carol": false, "rita": false} {
			s, err := office.Desk{Office: h.first()}.Shelf(t.Context(), h.people[login], h.noon())
			h.must(err)
			if got := slices.ContainsFunc(s.Reports, func(p *dars.Paper) bool { return p.Name == "expiry-as-at-2026-03-31.pdf" }); got != want {
				t.Errorf("%s finds it: %t", login, got)
			}
		}
		if done := h.deliver(); len(done) != 0 {
			t.Errorf("again on that day it has made %q", done)
		}
		h.today = "2026-04-22"
		if done := h.deliver(); !slices.Equal(done, []string{"report refused weekly", "report refused weekly", "report refused weekly"}) {
			t.Errorf("after three weeks without a daemon it has made %q", done)
		}
		h.sound()
	})
}

// Twenty programs at once make it once. One that was killed after the act, or between the
// files and the letter, sends it once all the same.
func TestAReportIsDeliveredOnce(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		h.ordered()
		h.today = "2026-04-02"
		due := office.OrderedReport{Name: "expiry monthly", AsAt: "2026-03-31"}
		made := make([]bool, 20)
		h.race(20, "", func(i int, o *office.Office) error {
			done, err := office.Clock{Office: o}.Deliver(t.Context(), due, h.noon())
			made[i] = done != nil
			return err
		})
		if n := len(slices.DeleteFunc(made, func(m bool) bool { return !m })); n != 1 {
			t.Errorf("%d have made it", n)
		}
		tries := 0
		h.works.draw = func(kind string) error {
			if tries++; kind == "figures" && tries == 1 {
				return fmt.Errorf("killed") // the first file is filed, and the second is not
			}
			return nil
		}
		if err := h.first().Work(t.Context(), h.noon); err == nil {
			t.Error("nothing went wrong")
		}
		if _, err := h.first().Store.Retry(t.Context()); err != nil {
			t.Error(err)
		}
		later := func() time.Time { return h.noon().Add(time.Hour) }
		h.race(4, "", func(_ int, o *office.Office) error { return o.Work(t.Context(), later) })
		h.must(h.first().Work(t.Context(), later))
		papers := all[dars.Paper](h, dars.By("kind", "report"))
		letters := h.works.letters("Expiry outlook as at")
		if len(papers) != 2 || len(letters) != 1 || h.works.sent != 2 {
			t.Errorf("%d papers, %d letters, sent %d times", len(papers), len(letters), h.works.sent)
		}
		h.sound()
	})
}

// Answers to a recall that are late are asked for step by step, of those under the
// agreement and by and by of those above; not when they have come, nor after its end.
func TestLateAnswersToARecallAreAskedFor(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		h.joint()
		r := h.started(h.unapplied("2026-01-01", "2026-03-31"))
		clock := office.Clock{Office: h.first()}
		step := func(day dars.Day) (steps []string) {
			h.today = day
			h.must(job(clock, func(d office.Done) {
				if d.Kind == "recall notice" {
					steps = append(steps, d.Step+" to "+d.Whom)
				}
			})(t.Context(), h.noon()))
			h.must(h.first().Work(t.Context(), h.noon))
			return steps
		}
		by := r.AnswerBy
		if got := step(by.Add(-3)); len(got) != 0 {
			t.Errorf("too early it has taken %q", got)
		}
		for _, c := range []struct {
			day  dars.Day
			want string
		}{{by, "recall-reminder-0 to contact, recipients, compliance"}, {by.Add(1), "recall-chase-1 to contact, recipients, compliance"}, {by.Add(17), "recall-chase-14 to contact, recipients, compliance, iao, siro"}} {
			if got := step(c.day); !slices.Equal(got, []string{c.want}) {
				t.Errorf("on %s it has taken %q, want %q", c.day, got, c.want)
			}
		}
		letters := h.works.letters(string(r.ID) + ": answer for 1 files by")
		if !slices.ContainsFunc(letters, func(m mail) bool { return strings.Contains(m.to, "rita@") }) || !slices.ContainsFunc(letters, func(m mail) bool { return strings.Contains(m.to, "sid@") }) {
			t.Errorf("the letters went to %v", letters)
		}
		if !slices.ContainsFunc(letters, func(m mail) bool {
			return strings.Contains(m.to, "rita@") && strings.Contains(m.body, "FILE... --destroyed | --processed-and-cannot")
		}) {
			t.Errorf("how to answer is told in words that no command has: %v", letters)
		}
		if f := h.figures("recalls", h.today); f.Tables[1].Rows[0][5] != 17 {
			t.Errorf("the report says %v", f.Tables[1].Rows)
		}
		h.must(office.Incidents{Office: h.first()}.CloseRecall(t.Context(), h.by("connie"), r.ID, true))
		if got := step(by.Add(40)); len(got) != 0 {
			t.Errorf("after its end it has taken %q", got)
		}
	})
}
