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
)

// foreseen is what a forecast says, line by line.
func (h *house) foreseen(from, until time.Time) (lines []string) {
	h.t.Helper()
	h.must(office.Clock{Office: h.first()}.Foresee(h.t.Context(), from, func(f *office.Forecast) error {
		run := scheduler.Duties(f.Due, f.Do, func(d *office.Done) {
			if d != nil {
				lines = append(lines, line(*d))
			}
		})
		return scheduler.Live(h.t.Context(), from, until, h.atSix(run))
	}))
	return lines
}

// lived is what then happens, if nobody acts.
func (h *house) lived(from, until time.Time) (lines []string) {
	h.t.Helper()
	run := walking(h.both[1], func(d office.Done) { lines = append(lines, line(d)) })
	h.must(scheduler.Live(h.t.Context(), from, until, h.atSix(run)))
	return lines
}

func (h *house) atSix(run func(context.Context, time.Time) error) scheduler.Job {
	six, err := scheduler.Every("0 6 * * *", h.first().Calendar.Zone)
	h.must(err)
	return scheduler.Job{Name: "duties", Next: six, Run: run}
}

func line(d office.Done) string {
	return fmt.Sprintf("%s %s %s %s %s (%s)", d.At.Format(time.RFC3339), d.Kind, d.Ref, d.Step, d.To, d.Whom)
}

// What is foreseen is what comes, line for line, in offices that are drawn by lot;
// and to foresee it leaves no trace.
func TestAForecastComesTrue(t *testing.T) {
	for seed := range uint64(4) {
		t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) {
			each(t, func(t *testing.T, h *house) {
				if seed > 0 {
					h.hasYears()
				}
				h.chance(rand.New(rand.NewPCG(seed, 7)))
				from := h.noon()
				until := from.AddDate(2, 6, 0)
				before, owed := h.head(), len(h.owed())
				foreseen := h.foreseen(from, until)
				if h.head() != before || len(h.owed()) != owed {
					t.Error("foreseeing left a trace")
				}
				lived := h.lived(from, until)
				if !slices.Equal(foreseen, lived) {
					t.Errorf("it came otherwise:\n%s", differences(foreseen, lived))
				}
				if len(lived) < 40 {
					t.Errorf("only %d things happened", len(lived))
				}
				h.sound()
			})
		})
	}
}

// chance makes an office in which all that the clock looks at is drawn by lot:
// contracts that end early and are followed or not, terms, later versions that are
// signed ahead, what was sent, answers with backups, obligations, papers and
// registrations that end.
func (h *house) chance(rnd *rand.Rand) {
	h.t.Helper()
	ctx, o := h.t.Context(), h.first()
	day := func(least, most int) dars.Day { return h.today.Add(least + rnd.IntN(most-least)) }
	h.contract("RA1", day(300, 900))
	if rnd.IntN(2) == 0 {
		h.contract("RA1", day(300, 1200))
	}
	h.contract("RA2", day(100, 900))
	for _, org := range []dars.OrgCode{"RA1", "RA2"} {
		h.must(office.Parties{Office: o}.RenewStanding(ctx, h.by("carol"), org, dars.Standing{ICO: "Z1234567", ICOExpires: day(20, 700), Security: "DSPT", SecurityExpires: day(20, 700)}))
	}
	h.list(h.today.Add(-1), 5)
	for i := range 6 {
		f := h.form()
		if rnd.IntN(3) == 0 {
			f.Controllers = append(f.Controllers, "RA2")
		}
		if rnd.IntN(4) == 0 {
			f.Start = day(1, 100)
		}
		f.End = f.Start.Add(60 + rnd.IntN(700))
		if rnd.IntN(2) == 0 {
			f.Evidence[0].Renew, f.Evidence[0].Expires = f.End.Add(rnd.IntN(50)), f.End.AddMonths(6)
		}
		id := h.agreed(f)
		if rnd.IntN(2) == 0 {
			_, err := office.Agreements{Office: o}.Oblige(ctx, h.by("carol"), id, dars.Obligation{Stage: dars.StagePublish, Text: "send the training records", Due: day(5, 200)})
			h.must(err)
			n := len(get[dars.Agreement](h, string(id)).Obligations)
			if rnd.IntN(2) == 0 || f.Start <= h.today {
				h.must(office.Agreements{Office: o}.Meet(ctx, h.by("colin"), id, n))
			}
		}
		if f.Start > h.today {
			continue
		}
		r := h.published(id)
		if rnd.IntN(3) > 0 {
			h.must(office.Ledger{Office: o}.Reserve(ctx, h.download("rita", r.Files[i%2].ID, fmt.Sprint("h", i)), dars.Range{From: 0, To: 7}, h.noon()))
		}
		switch rnd.IntN(4) {
		case 0:
			h.must(office.Agreements{Office: o}.Terminate(ctx, h.by("carol"), id))
			if c := get[dars.Agreement](h, string(id)).Certificate; c != "" {
				h.must(h.certified(c, day(10, 300)))
			}
		case 1:
			h.renewed(id, rnd)
		}
	}
}

// certified is a certificate that came back and was accepted.
func (h *house) certified(c dars.CertificateID, backup dars.Day) error {
	v := office.Intake{Office: h.first()}.Take(h.t.Context(), office.At(h.people["rita"], h.noon()), h.filled(c, backup))
	if v.Verdict != dars.VerdictWaiting {
		return fmt.Errorf("%+v", v)
	}
	return office.Deletion{Office: h.first()}.Accept(h.t.Context(), h.by("connie"), c)
}

// renewed is the next version of an agreement, signed before the first one ends.
func (h *house) renewed(id dars.AgreementID, rnd *rand.Rand) {
	h.t.Helper()
	g := get[dars.Agreement](h, string(id))
	f := h.form()
	f.Kind, f.Previous, f.Start, f.Purpose.Yielded = dars.Renewal, g.Stem, g.End.Add(1), "fewer admissions"
	if most := h.today.AddMonths(11); f.Start > most {
		f.Start = most
	}
	f.End = f.Start.Add(60 + rnd.IntN(600))
	h.agreed(f)
}

// differences are the lines that only one of two lists has, and the first place where
// their order differs.
func differences(foreseen, lived []string) string {
	var b strings.Builder
	for _, l := range foreseen {
		if !slices.Contains(lived, l) {
			fmt.Fprintln(&b, "foreseen:", l)
		}
	}
	for _, l := range lived {
		if !slices.Contains(foreseen, l) {
			fmt.Fprintln(&b, "lived:   ", l)
		}
	}
	for i := range min(len(foreseen), len(lived)) {
		if foreseen[i] != lived[i] {
			fmt.Fprintf(&b, "first at line %d: %s | %s\n", i, foreseen[i], lived[i])
			break
		}
	}
	return b.String()
}
