package office_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"darsd/dars"
	"darsd/office"
	"darsd/scheduler"
	"darsd/store"
)

// job is the scheduler's job that walks the office's duties.
func job(o office.Clock, said func(office.Done)) func(context.Context, time.Time) error {
	return scheduler.Duties(o.Due, o.Do, func(d *office.Done) {
		if d != nil {
			said(*d)
		}
	})
}

// walking is the same job of a daemon that runs for years, and keeps notes.
func walking(o *office.Office, said func(office.Done)) func(context.Context, time.Time) error {
	agenda := &office.Agenda{Clock: office.Clock{Office: o}}
	return scheduler.Duties(agenda.Due, agenda.Do, func(d *office.Done) {
		if d != nil {
			said(*d)
		}
	})
}

// years makes an office with something of every duty in the next two years:
// agreements that begin later, end, are chased, audited and answered with
// backups; releases that are collected, partly collected and forgotten; a contract
// that ends before its agreement.
func (h *house) years() {
	h.t.Helper()
	ctx := h.t.Context()
	h.contract("RA1", "2027-09-30")
	h.list("2026-03-01", 5)
	terms := []struct {
		start, end dars.Day
		sent       bool
	}{
		{"2026-03-02", "2026-09-30", true},  // chased and audited
		{"2026-03-02", "2026-04-10", false}, // closed at its end
		{"2026-06-01", "2027-05-31", false}, // begins later
		{"2026-03-02", "2027-02-28", true},  // answered; a backup lives on
		{"2026-03-02", "2027-12-31", true},  // its contract ends before
		{"2026-03-02", "2026-03-29", true},  // ends on the day clocks go forward
		{"2026-03-02", "2026-10-25", true},  // and back
	}
	for i, term := range terms {
		f := h.form()
		f.Start, f.End = term.start, term.end
		id := h.agreed(f)
		if term.start > h.today {
			continue
		}
		r := h.published(id)
		if term.sent {
			h.must(office.Ledger{Office: h.first()}.Reserve(ctx, h.download("rita", r.Files[i%2].ID, fmt.Sprint("h", i)), dars.Range{From: 0, To: 7}, h.noon()))
		}
	}
	h.published(all[dars.Agreement](h)[3].ID)
}

// answer is the recipient's part, on the day it happens whoever runs the clock:
// the certificate of the fourth agreement comes back in April 2027, with a backup
// that lives until June.
func (h *house) answer(o *office.Office) scheduler.Job {
	at, _ := scheduler.Every("0 12 10 4 *", o.Calendar.Zone)
	return scheduler.Job{Name: "answer", Next: at, Run: func(ctx context.Context, due time.Time) error {
		c := all[dars.Agreement](h)[3].Certificate
		if c == "" || get[dars.Certificate](h, string(c)).State != dars.CertIssued {
			return nil
		}
		h.today = o.Calendar.Day(due)
		in := h.filled(c, "2027-06-30")
		if v := (office.Intake{Office: o}).Take(ctx, office.At(h.people["rita"], due), in); v.Verdict != dars.VerdictWaiting {
			return fmt.Errorf("%+v", v)
		}
		return office.Deletion{Office: o}.Accept(ctx, dars.Act{Who: h.people["connie"], At: due, Via: dars.SSH}, c)
	}}
}

// live lets two years pass in spans that meet. Each span is lived by one of the
// two programs.
func (h *house) live(cuts []time.Time) (done []string) {
	h.t.Helper()
	from, until := h.noon(), time.Date(2028, time.March, 2, 12, 0, 0, 0, time.UTC)
	six, err := scheduler.Every("0 6 * * *", h.first().Calendar.Zone)
	h.must(err)
	for i, to := range append(slices.SortedFunc(slices.Values(cuts), time.Time.Compare), until) {
		o := h.both[i%2]
		run := job(office.Clock{Office: o}, func(d office.Done) {
			done = append(done, fmt.Sprintf("%s %s %s %s %s", d.At.Format(time.RFC3339), d.Kind, d.Ref, d.Step, d.To))
		})
		h.must(scheduler.Live(h.t.Context(), from, to, scheduler.Job{Name: "duties", Next: six, Run: run}, h.answer(o)))
		from = to
	}
	h.sound()
	return done
}

// However the time is cut, it is lived the same.
func TestYearsAreLivedTheSameHoweverTheyAreCut(t *testing.T) {
	before := &stage{from: firstDay, deeds: (*house).years}
	each(t, func(t *testing.T, h *house) {
		h.hasYears()
		h = before.begin(t, h.kind)
		whole, events := h.live(nil), h.told()
		for _, want := range []string{"begin in-force", "reminder-90 in-force", "reminder-7 in-force", "expire deletion-due", "expire closed", "chase-15 issued", "chase-42 issued", "audit issued", "chase-90 issued", "reminder-180 in-force", "reminder-0 in-force",
			"review-1-reminder-30 in-force", "backup-reminder-14 accepted-interim", "window-reminder-7 published", "contract-reminder-90 in-force",
			"backups accepted", "purge purged", "contract CON-000001"} {
			if !slices.ContainsFunc(whole, func(d string) bool { return strings.Contains(d, want) }) {
				t.Errorf("in two years never: %s", want)
			}
		}
		seen := map[string]bool{}
		for _, d := range whole {
			if _, d, _ = strings.Cut(d, " "); seen[d] {
				t.Errorf("done twice: %s", d)
			}
			seen[d] = true
		}
		for _, c := range all[dars.Certificate](h) {
			if c.State != dars.CertAccepted && len(c.Steps) != 5 {
				t.Errorf("%s was chased by %+v", c.ID, c.Steps)
			}
		}
		for seed := range uint64(2) {
			again := before.begin(t, h.kind)
			rnd := rand.New(rand.NewPCG(seed, 0))
			var cuts []time.Time
			for range 50 {
				cuts = append(cuts, again.noon().Add(time.Duration(rnd.Int64N(int64(2*365*24*time.Hour)))))
			}
			if got := again.live(cuts); !slices.Equal(got, whole) {
				t.Errorf("seed %d, got:\n%s\nwant:\n%s", seed, strings.Join(got, "\n"), strings.Join(whole, "\n"))
			}
			if again.told() != events {
				t.Errorf("seed %d: its log tells another story", seed)
			}
		}
	})
}

// told is the log without what is drawn by lot.
func (h *house) told() string {
	h.t.Helper()
	var b strings.Builder
	h.must(h.first().Store.View(h.t.Context(), func(tx *store.Tx) error {
		all, err := tx.Events("", "", 0, 1<<20)
		for _, e := range all {
			if e.Kind != "release" { // an attempt is drawn by lot
				fmt.Fprintln(&b, e.Seq, e.At.Format(time.RFC3339), e.By, e.Act, e.Kind, e.Ref, e.From, e.To)
			}
		}
		return err
	}))
	return b.String()
}

// A daemon that slept does each ladder once: one letter stands for those that
// were missed, nothing that had to happen is left out, and nothing is done again.
func TestADaemonThatSleptDoesEachLadderOnce(t *testing.T) {
	tests := map[string]struct {
		wakes []dars.Day
		want  string // the steps of the agreement's own ladders
		audit int
	}{
		"through a year":             {[]dars.Day{"2027-01-02"}, "expire", 0}, // the days of its certificate count from when it is asked for
		"through the last reminders": {[]dars.Day{"2026-09-25", "2026-09-26"}, "reminder-7", 0},
		"until the day of its end":   {[]dars.Day{"2026-09-30"}, "reminder-0", 0},
		"ten days over a threshold":  {[]dars.Day{"2026-06-26", "2026-07-06", "2026-07-07"}, "reminder-180 reminder-90", 0},
		"through the end":            {[]dars.Day{"2026-09-01", "2026-10-10"}, "reminder-30 expire", 0},
		"through the first chase":    {[]dars.Day{"2026-07-02", "2026-10-20", "2026-10-21", "2026-11-25"}, "reminder-90 expire chase-28", 0},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			each(t, func(t *testing.T, h *house) {
				h.contract("RA1", "2028-06-30")
				h.list("2026-03-01", 5)
				f := h.form()
				f.End = "2026-09-30"
				id := h.agreed(f)
				h.collect("rita", h.published(id).Files[0])
				var steps []string
				for _, on := range tt.wakes {
					h.today = on
					for _, d := range h.lives(office.Clock{Office: h.both[0]}, on) {
						if d.Kind != "release" {
							steps = append(steps, d.Step)
						}
					}
					if again := h.lives(office.Clock{Office: h.both[1]}, on); len(again) != 0 {
						t.Errorf("on %s again: %+v", on, again)
					}
				}
				if got := strings.Join(steps, " "); got != tt.want {
					t.Errorf("it did %s, want %s", got, tt.want)
				}
				if n := len(all[dars.Audit](h)); n != tt.audit {
					t.Errorf("%d audits", n)
				}
				h.sound()
			})
		})
	}
}

// An agreement stands on a contract, and ends with it.
func TestAContractsEndEndsItsAgreements(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		old := h.contract("RA1", "2026-06-30")
		id := h.agreed(h.form())
		clock := office.Clock{Office: h.first()}
		duty := office.Duty{Kind: "contract", Ref: string(old), Step: "contract", Due: "2026-07-01"}
		if done, err := clock.Do(t.Context(), duty, clock.Calendar.Start("2026-06-30")); done != nil || err != nil {
			t.Errorf("on its last day: %+v, %v", done, err)
		}
		h.today = "2026-07-01"
		h.lives(clock, h.today)
		if c, g := get[dars.Contract](h, string(old)), get[dars.Agreement](h, string(id)); c.State != dars.ContractExpired || g.State != dars.Closed || g.Ended != "2026-06-30" {
			t.Errorf("the contract is %s, the agreement %s, ended on %s", c.State, g.State, g.Ended)
		}
	})
	each(t, func(t *testing.T, h *house) { // but not where the next contract is in force
		h.contract("RA1", "2026-06-30")
		h.contract("RA1", "2028-06-30")
		id := h.agreed(h.form())
		h.today = "2026-07-01"
		h.lives(office.Clock{Office: h.first()}, h.today)
		if g := get[dars.Agreement](h, string(id)); g.State != dars.InForce {
			t.Errorf("the agreement is %s", g.State)
		}
	})
}
