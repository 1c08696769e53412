package office_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"darsd/dars"
	"darsd/office"
)

// When a meeting is moved its members are told, and the applicant and the owner of
// the data in a letter of the case; its agenda stays.
func TestAMeetingIsMoved(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		ctx, c := t.Context(), office.Committee{Office: h.first()}
		h.contract("RA1", h.today.AddMonths(36))
		ref := h.accepted(h.form())
		h.must(errors.Join(c.Assess(ctx, h.by("iris"), ref), c.PreReview(ctx, h.by("sue"), ref)))
		id, err := c.Call(ctx, h.by("sue"), h.today)
		h.must(err)
		h.must(c.Present(ctx, h.by("iris"), ref))
		ruled(t, c.Move(ctx, h.by("carol"), id, h.today.Add(7)), "no-power")
		moved := h.race(8, "known", func(i int, o *office.Office) error {
			return office.Committee{Office: o}.Move(ctx, h.by("sue"), id, h.today.Add(7))
		})
		h.must(h.first().Work(ctx, h.noon))
		if m := get[dars.Meeting](h, string(id)); moved != 1 || m.On != h.today.Add(7) || len(m.Agenda) != 1 || len(m.Moved) != 1 {
			t.Errorf("moved %d times: %+v", moved, m)
		}
		ruled(t, c.Attend(ctx, h.by("sue"), id, "mona", dars.Chair), "too-early")
		stem := get[dars.Application](h, ref).Stem
		letters := h.works.letters("moved to 9 March 2026")
		told := fmt.Sprint(letters)
		for _, who := range []string{"rita@", "iris@", "mona@", "lena@", "the meeting on it is moved", "it was asked for"} {
			if len(letters) != 2 || !strings.Contains(told, who) {
				t.Errorf("of %q nothing is said in %v", who, letters)
			}
		}
		if copies := all[dars.Paper](h, dars.By("about", stem), dars.By("for", "RA1")); !slices.ContainsFunc(copies, func(p *dars.Paper) bool { return strings.Contains(p.Subject, "moved to") }) {
			t.Error("the letter is not among the applicant's papers")
		}
		h.sound()
	})
}

// A meeting is cancelled, or says something, and never both; what was on its agenda
// waits for the next one, and a secretary is told to call it.
func TestAMeetingIsCancelled(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		ctx, c := t.Context(), office.Committee{Office: h.first()}
		h.contract("RA1", h.today.AddMonths(36))
		ref := h.presented(h.form())
		stem := get[dars.Application](h, ref).Stem
		outcomes := 0
		done := h.race(10, "outcome-given wrong-step no-meeting", func(i int, o *office.Office) error {
			if i < 5 {
				return office.Committee{Office: o}.Cancel(ctx, h.by("sue"), "MEET-000001")
			}
			return office.Committee{Office: o}.Outcome(ctx, h.by("sue"), ref, dars.Recommended)
		})
		m, p := get[dars.Meeting](h, "MEET-000001"), get[dars.Application](h, ref)
		if p.State == dars.Recommended {
			outcomes++
		}
		if done != 1 || (m.State == dars.MeetingCancelled) == (outcomes == 1) {
			t.Errorf("%d were done, the meeting is %s, and %s", done, m.State, p.State)
		}

		second := ref
		if outcomes == 1 {
			second = h.accepted(h.form())
			h.must(errors.Join(c.Assess(ctx, h.by("iris"), second), c.PreReview(ctx, h.by("sue"), second), c.Minutes(ctx, h.by("sue"), "MEET-000001", ""), h.sit(), c.Present(ctx, h.by("iris"), second)))
			h.must(c.Cancel(ctx, h.by("sue"), "MEET-000002"))
			stem = get[dars.Application](h, second).Stem
		}
		ruled(t, c.Outcome(ctx, h.by("sue"), second, dars.Recommended), "no-meeting")
		if waits := h.waitsFor("sue", stem); len(waits) != 1 || !strings.Contains(waits[0].Act, "darsd decision meeting") {
			t.Errorf("for the secretary waits %+v", waits)
		}
		h.must(h.sit())
		next := all[dars.Meeting](h, dars.By("state", dars.MeetingOpen))[0]
		if len(next.Agenda) != 1 || next.Agenda[0].Case != stem {
			t.Errorf("the next agenda is %+v", next.Agenda)
		}
		h.must(c.Outcome(ctx, h.by("sue"), second, dars.Recommended))
		h.sound()
	})
}

// Attendance is put right, or an outcome rests on it: whichever comes first.
func TestAttendanceOrOutcome(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		ctx := t.Context()
		h.contract("RA1", h.today.AddMonths(36))
		ref := h.presented(h.form())
		done := h.race(10, "rests-on-it not-found no-quorum wrong-step", func(i int, o *office.Office) error {
			if i < 5 {
				return office.Committee{Office: o}.Absent(ctx, h.by("sue"), "MEET-000001", "lena")
			}
			return office.Committee{Office: o}.Outcome(ctx, h.by("sue"), ref, dars.Recommended)
		})
		m := get[dars.Meeting](h, "MEET-000001")
		there := slices.ContainsFunc(m.Present, func(a dars.Attendance) bool { return a.Person == h.people["lena"] })
		if done != 1 || there != (m.Agenda[0].Outcome != "") {
			t.Errorf("%d were done: %+v", done, m)
		}
		h.sound()
	})
}

// Each outcome has its letter, by mail and among the applicant's papers, as it was
// said at its meeting, whatever has been said since.
func TestEachOutcomeHasItsLetter(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		ctx, c, a := t.Context(), office.Committee{Office: h.first()}, office.Applications{Office: h.first()}
		h.contract("RA1", h.today.AddMonths(36))
		ref := h.presented(h.form())
		stem := get[dars.Application](h, ref).Stem
		silent := h.by("sue")
		silent.Why = ""
		point := dars.Point{Owner: dars.TheApplicant, Due: h.today, Text: "publish a notice"}
		ruled(t, c.Outcome(ctx, silent, ref, dars.Deferred, point), "no-reason")
		var want []string
		for n, said := range []dars.ApplicationState{dars.Deferred, dars.Returned, dars.WithCaveats, dars.Recommended} {
			meeting := fmt.Sprintf("MEET-%06d", n+1)
			if n > 0 {
				h.must(errors.Join(c.Minutes(ctx, h.by("sue"), dars.MeetingID(fmt.Sprintf("MEET-%06d", n)), ""), h.sit(), c.Present(ctx, h.by("iris"), ref)))
			}
			left := 0
			if said == dars.Recommended {
				h.must(c.Outcome(ctx, h.by("sue"), ref, said))
			} else {
				h.must(c.Outcome(ctx, h.by("sue"), ref, said, point))
				h.must(a.AnswerAction(ctx, h.by("rita"), ref, n+1, "It is done."))
				if left = 1; said != dars.WithCaveats {
					h.must(a.CloseAction(ctx, h.by("carol"), ref, n+1))
				}
			}
			want = append(want, fmt.Sprintf("outcome-letter %s %s, %d left", ref, said, left))
			want = append(want, fmt.Sprintf("Outcome-%s-v1.0-%s.pdf", stem, meeting))
		}
		h.must(h.first().Work(ctx, h.noon)) // all at once, when the last has been said
		papers := all[dars.Paper](h, dars.By("about", ref), dars.By("kind", "outcome"))
		if len(papers) != 4 || len(h.works.letters("withdrawn at daag")) != 1 || len(h.works.letters("v1.0: deferred")) != 1 {
			t.Errorf("there are %d letters, and by mail %v", len(papers), h.works.letters(stem))
		}
		for i, p := range papers {
			if p.For != "RA1" || p.Name != want[2*i+1] || len(drawnAs(h, want[2*i])) != 1 {
				t.Errorf("paper %+v, drawn are %q, want %q", p, drawnAs(h, "outcome-letter"), want)
			}
		}
		h.sound()
	})
}

// A dossier has what the meetings said of its case, and nothing of another's.
func TestADossierHasTheMeetings(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		ctx, c := t.Context(), office.Committee{Office: h.first()}
		h.contract("RA1", h.today.AddMonths(36))
		ours, other := h.presented(h.form()), h.presented(h.form())
		conflict := h.by("lena")
		conflict.Why = "a secret of the other"
		h.must(c.Conflict(ctx, conflict, "MEET-000001", other, ""))
		h.must(c.Outcome(ctx, h.by("sue"), ours, dars.Recommended))
		d, err := office.Desk{Office: h.first()}.Dossier(ctx, h.by("connie"), ours)
		h.must(err)
		if minutes, err := (office.Desk{Office: h.first()}).Minutes(d.Meetings[0]); minutes != nil || err != nil {
			t.Errorf("there are minutes before they are written: %v", err)
		}
		h.must(c.Minutes(ctx, h.by("sue"), "MEET-000001", "a secret of the meeting"))
		if d, err = (office.Desk{Office: h.first()}).Dossier(ctx, h.by("connie"), ours); err != nil {
			t.Fatal(err)
		}
		if len(d.Meetings) != 1 || d.Meetings[0].Meeting.Agenda[0].Case != d.Case || len(d.Meetings[0].Meeting.Present) != 4 {
			t.Errorf("the meetings are %+v", d.Meetings)
		}
		if minutes, err := (office.Desk{Office: h.first()}).Minutes(d.Meetings[0]); len(minutes) == 0 || err != nil {
			t.Errorf("there are no minutes: %v", err)
		}
		stem := get[dars.Application](h, other).Stem
		for _, what := range []any{d.Meetings, d.Nouns, d.Events} {
			if text := jsonOf(what); strings.Contains(text, stem) || strings.Contains(text, "secret of") {
				t.Errorf("it tells of another case: %s", text)
			}
		}
	})
}

// waitsFor is what waits for somebody about a noun.
func (h *house) waitsFor(login, ref string) []office.Todo {
	h.t.Helper()
	all, err := office.Desk{Office: h.first()}.Todo(h.t.Context(), h.people[login], h.noon())
	h.must(err)
	return slices.DeleteFunc(all, func(d office.Todo) bool { return !strings.HasPrefix(d.Ref, ref) })
}
