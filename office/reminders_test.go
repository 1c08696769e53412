package office_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"darsd/dars"
	"darsd/office"
)

// A step of a ladder is taken once, by however many clocks of however many programs.
func TestAStepOfALadderIsTakenOnce(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		h.contract("RA1", "2028-06-30")
		h.agreed(h.form())
		h.must(office.Parties{Office: h.first()}.RenewStanding(t.Context(), h.by("carol"), "RA1", dars.Standing{ICO: "Z1234567", ICOExpires: "2026-06-15"}))
		h.today = "2026-05-18" // 28 days before
		for range 2 {
			h.race(12, "", func(i int, o *office.Office) error {
				clock := office.Clock{Office: o}
				due, err := clock.Due(t.Context(), h.noon())
				if err != nil {
					return err
				}
				for _, d := range due {
					if _, err := clock.Do(t.Context(), d, h.noon()); err != nil {
						return err
					}
				}
				return nil
			})
		}
		if steps := get[dars.Organisation](h, "RA1").Steps; len(steps) != 2 || steps[1].Name != "ico-reminder-30" || steps[1].Due != "2026-05-16" || steps[1].Done != "2026-05-18" {
			t.Errorf("the steps are %+v", steps) // the 16th was a Saturday
		}
		h.must(h.first().Work(t.Context(), h.noon))
		if letters := h.works.letters("RA1: its registration"); len(letters) != 1 {
			t.Errorf("there are %d letters: %+v", len(letters), letters)
		}
		h.sound()
	})
}

// Who is written to is the office's to say, step by step. An outsider does not see who
// else has an agreement with the same organisation.
func TestWhoIsWrittenTo(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		h.contract("RA1", "2028-06-30")
		h.contract("RA2", "2026-08-31")
		f := h.form()
		f.Controllers = []dars.OrgCode{"RA1", "RA2"}
		h.agreed(f)
		own := dars.DefaultLadders()
		own[dars.LadderContract] = dars.Ladder{Before: []int{30, 7}, To: []dars.Addressee{dars.ToContact}, Higher: []dars.Higher{{From: -7, To: []dars.Addressee{dars.ToIAO, dars.Addressee(dars.SIRO)}}}}
		for _, o := range h.both {
			o.Policy.Ladders = own
		}
		for _, tt := range []struct {
			on, whom string
			to       []string // a letter each
		}{
			{"2026-08-03", "contact", []string{"ravi@example.org", "rita@example.org"}}, // whose contract it is, and whose agreement
			{"2026-08-24", "contact, iao, siro", []string{"iris@example.org sid@example.org", "ravi@example.org", "rita@example.org"}},
		} {
			h.today = dars.Day(tt.on)
			done := h.lives(office.Clock{Office: h.first()}, h.today)
			i := slices.IndexFunc(done, func(d office.Done) bool { return d.Kind == "contract" })
			if i < 0 || done[i].Whom != tt.whom {
				t.Fatalf("on %s: %+v", tt.on, done)
			}
			h.must(h.first().Work(t.Context(), h.noon))
			var to []string
			for _, m := range h.works.letters("CON-000002") {
				to = append(to, m.to)
				if strings.HasPrefix(m.body, "For the office.") != strings.Contains(m.to, "sid@") || !strings.Contains(m.subject, "ends on 31 August 2026") {
					t.Errorf("on %s: %+v", tt.on, m)
				}
			}
			if slices.Sort(to); !slices.Equal(to, tt.to) {
				t.Errorf("on %s they go to %q", tt.on, to)
			}
			clear(h.works.mails)
		}
	})
}

// What is left to do is asked for until it is done, and nobody is asked afterwards.
func TestAnObligationIsAskedForUntilItIsMet(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		h.contract("RA1", "2028-06-30")
		id := h.agreed(h.form())
		o := office.Agreements{Office: h.first()}
		n, err := o.Oblige(t.Context(), h.by("carol"), id, dars.Obligation{Stage: dars.StagePublish, Text: "send the training records", Due: "2026-04-01"})
		h.must(err)
		var steps []string
		for _, on := range []dars.Day{"2026-03-17", "2026-03-18", "2026-03-25", "2026-04-01", "2026-04-20", "2026-05-20"} {
			if h.today = on; on == "2026-05-20" {
				h.must(o.Meet(t.Context(), h.by("colin"), id, n))
			}
			for _, d := range h.lives(office.Clock{Office: h.both[1]}, on) {
				if strings.HasPrefix(d.Step, "obligation") {
					steps = append(steps, fmt.Sprint(on, " ", d.Step, " ", d.Whom))
				}
			}
		}
		want := []string{"2026-03-18 obligation-1-reminder-14 contact", "2026-03-25 obligation-1-reminder-7 contact", "2026-04-01 obligation-1-reminder-0 contact, officer", "2026-04-20 obligation-1-chase-14 contact, officer"}
		if !slices.Equal(steps, want) {
			t.Errorf("the steps are %q", steps)
		}
		h.must(h.first().Work(t.Context(), h.noon))
		if letters := h.works.letters("obligation 1 is due"); len(letters) != 6 || slices.ContainsFunc(letters, func(m mail) bool {
			return strings.Contains(m.to, "rita") != strings.Contains(m.body, "> send the training records")
		}) {
			t.Errorf("the letters are %+v", letters)
		}
	})
}
