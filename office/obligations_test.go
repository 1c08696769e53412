package office_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"darsd/dars"
	"darsd/office"
)

// caveated is an agreement that waits for its signature, with a caveat of DAAG that
// blocks a stage: the applicant's to answer, and one of somebody of the office.
func (h *house) caveated(f dars.Form, stage dars.Stage) (ref string, id dars.AgreementID) {
	h.t.Helper()
	ctx, c := h.t.Context(), office.Committee{Office: h.first()}
	ref = h.presented(f)
	h.must(c.Outcome(ctx, h.by("sue"), ref, dars.WithCaveats,
		dars.Point{Owner: dars.TheApplicant, Due: h.today.Add(20), Blocks: stage, Text: "show the leaflet"},
		dars.Point{Owner: h.people["iris"], Due: h.today.Add(10), Blocks: stage, Text: "see the new server"}))
	h.must(c.SIRO(ctx, h.by("sid"), ref, true))
	id, err := office.Agreements{Office: h.first()}.Issue(ctx, h.by("carol"), ref, "", "")
	h.must(err)
	return ref, id
}

// signed lets an agreement come into force.
func (h *house) signed(id dars.AgreementID) {
	h.t.Helper()
	ctx, o := h.t.Context(), office.Agreements{Office: h.first()}
	office.Intake{Office: h.first()}.Take(ctx, office.At(dars.ByFolder, h.noon()), paper("signed-agreements", "signed.pdf", "signed "+string(id)))
	h.must(errors.Join(o.Confirm(ctx, h.by("carol"), id), o.Confirm(ctx, h.by("colin"), id), o.Countersign(ctx, h.by("nora"), id)))
}

// What is left to do stands before whoever is to do it, with its day, before and
// after the decision; and on the agreement, until it is met.
func TestWhatIsLeftToDoIsSeen(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		ctx, c, o := t.Context(), office.Committee{Office: h.first()}, office.Agreements{Office: h.first()}
		h.contract("RA1", h.today.AddMonths(36))
		ref, id := h.caveated(h.form(), dars.StagePublish)
		stem := get[dars.Application](h, ref).Stem
		h.signed(id)
		n, err := o.Oblige(ctx, h.by("carol"), id, dars.Obligation{Stage: dars.StagePlan, Text: "the ethics approval is renewed", Due: h.today.Add(5)})
		h.must(err)
		seen := func(login, what string, due dars.Day, times int) {
			t.Helper()
			found := 0
			for _, d := range h.waitsFor(login, stem) {
				if strings.Contains(d.Act, what) && d.Due == due {
					found++
				}
			}
			if found != times {
				t.Errorf("%s sees %q %d times, want %d: %+v", login, what, found, times, h.waitsFor(login, stem))
			}
		}
		seen("rita", "show the leaflet", h.today.Add(20), 1)
		seen("iris", "see the new server", h.today.Add(10), 1)
		seen("rita", "the ethics approval is renewed", h.today.Add(5), 1)
		seen("colin", fmt.Sprintf("darsd agreement met %s %d: the ethics", id, n), h.today.Add(5), 1)
		seen("carol", "the ethics approval", h.today.Add(5), 0) // who noted it
		seen("ravi", "the ", h.today.Add(5), 0)                 // of another organisation
		h.must(office.Applications{Office: h.first()}.AnswerAction(ctx, h.by("iris"), ref, 2, "Seen."))
		for _, login := range []string{"sue", "mona"} {
			seen(login, "decision clear "+stem+"-v1 --action 2", h.today.Add(10), 1)
			h.must(c.Clear(ctx, h.by(login), ref, 2))
			seen(login, "decision clear "+stem+"-v1 --action 2", h.today.Add(10), 0)
		}

		g := get[dars.Agreement](h, string(id))
		all, err := office.Desk{Office: h.first()}.Obligations(ctx, g)
		h.must(err)
		var said []string
		for _, b := range all {
			said = append(said, fmt.Sprint(b.Kind, " ", b.N, " ", b.Stage, " ", b.State, " ", b.Due))
		}
		if want := fmt.Sprintf("[condition 1 release-plan open %s caveat 1 publish open %s caveat 2 publish met %s]", h.today.Add(5), h.today.Add(20), h.today.Add(10)); fmt.Sprint(said) != want {
			t.Errorf("the obligations are %v, want %s", said, want)
		}
		h.must(o.Terminate(ctx, h.by("carol"), id))
		seen("rita", "show the leaflet", h.today.Add(20), 0)
		seen("colin", "the ethics approval", h.today.Add(5), 0)
		h.sound()
	})
}

// Whoever may look has the data: what blocks a plan or a publication blocks system
// access, too.
func TestWhatBlocksAReleaseBlocksAccess(t *testing.T) {
	for _, stage := range []dars.Stage{dars.StagePlan, dars.StagePublish} {
		t.Run(string(stage), func(t *testing.T) {
			each(t, func(t *testing.T, h *house) {
				ctx, c, o := t.Context(), office.Committee{Office: h.first()}, office.Agreements{Office: h.first()}
				h.contract("RA1", h.today.AddMonths(36))
				f := h.form()
				f.Datasets[0].Frequency = "SYSTEM_ACCESS"
				ref, id := h.caveated(f, stage)
				h.signed(id)
				grant := func() error {
					return errorOf(office.Releases{Office: h.first()}.Grant(ctx, h.by("carol"), id, "HES_APC", []string{"rita"}, 1))
				}
				ruled(t, grant(), "caveat")
				for _, n := range []int{1, 2} {
					h.must(errors.Join(c.Clear(ctx, h.by("sue"), ref, n), c.Clear(ctx, h.by("mona"), ref, n)))
				}
				n, err := o.Oblige(ctx, h.by("carol"), id, dars.Obligation{Stage: stage, Text: "the ethics approval is renewed"})
				h.must(err)
				ruled(t, grant(), "obligation")
				h.must(o.Meet(ctx, h.by("colin"), id, n))
				h.must(grant())
			})
		})
	}
}

// A framework contract that an agreement outlives is to be renewed, and whoever does
// it and whoever signs it see so in time.
func TestARenewalAheadIsSeen(t *testing.T) {
	tests := map[string]struct {
		ends, agreement int // in days from now
		renewed         bool
		seen            int
	}{
		"ends soon, with an agreement under it":    {60, 300, false, 1},
		"the agreement ends with it":               {60, 60, false, 0},
		"ends next year":                           {400, 500, false, 0},
		"ends soon, and its renewal is drawn up":   {60, 300, true, 0},
		"ends today, with an agreement beneath it": {0, 300, false, 1},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			each(t, func(t *testing.T, h *house) {
				id := h.contract("RA1", h.today.Add(tt.ends))
				f := h.form()
				f.End = h.today.Add(tt.agreement)
				h.agreed(f)
				if tt.renewed {
					h.must(errorOf(office.Parties{Office: h.first()}.RenewContract(t.Context(), h.by("carol"), id, "", "")))
				}
				for login, want := range map[string]int{"carol": tt.seen, "rita": tt.seen, "ravi": 0, "sue": 0} {
					if got := h.waitsFor(login, string(id)); len(got) != want || want > 0 && got[0].Due != h.today.Add(tt.ends) {
						t.Errorf("%s sees %+v", login, got)
					}
				}
			})
		})
	}
}
