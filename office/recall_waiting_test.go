package office_test

import (
	"context"
	"slices"
	"strings"
	"testing"

	"darsd/dars"
	"darsd/office"
)

// A releaseStep is one step of a release on its way out.
type releaseStep struct {
	from dars.ReleaseState
	name string
	take func(context.Context, *house, *office.Office, dars.ReleaseID) error
}

// waysOut are all, in order.
var waysOut = []releaseStep{
	{dars.Planned, "release produce", func(ctx context.Context, h *house, o *office.Office, id dars.ReleaseID) error {
		return office.Releases{Office: o}.Produce(ctx, h.by("pat"), id)
	}},
	{dars.Produced, "release check", func(ctx context.Context, h *house, o *office.Office, id dars.ReleaseID) error {
		return office.Releases{Office: o}.Check(ctx, h.by("chris"), id)
	}},
	{dars.Checked, "release sign-off", func(ctx context.Context, h *house, o *office.Office, id dars.ReleaseID) error {
		return office.Releases{Office: o}.SignOff(ctx, h.by("sam"), id)
	}},
	{dars.SignedOff, "release publish", func(ctx context.Context, h *house, o *office.Office, id dars.ReleaseID) error {
		return office.Releases{Office: o}.Publish(ctx, h.by("pat"), id)
	}},
}

// However far a release has come when a recall starts that affects it, or when its
// organisation is put on hold, its next step is refused in words that name which, and
// while both happen at once one of them is first.
func TestWhatHasNotLeftIsStopped(t *testing.T) {
	tests := map[string]struct {
		stop func(*house, *office.Office, dars.IncidentID) error
		rule string
		says string
	}{
		"by a recall": {func(h *house, o *office.Office, id dars.IncidentID) error {
			_, _, err := office.Incidents{Office: o}.Start(h.t.Context(), h.by("connie"), id)
			return err
		}, "recalled", "RCL-000001"},
		"by a hold": {func(h *house, o *office.Office, _ dars.IncidentID) error {
			return office.Parties{Office: o}.Hold(h.t.Context(), h.by("connie"), "RA1")
		}, "on-hold", "it was asked for"},
	}
	for name, tt := range tests {
		for taken, step := range waysOut {
			t.Run(name+" before "+step.name, func(t *testing.T) {
				agreed.each(t, func(t *testing.T, h *house) {
					ctx := t.Context()
					id, err := office.Releases{Office: h.first()}.Plan(ctx, h.by("carol"), h.agreement(), "HES_APC", nil)
					h.must(err)
					for _, before := range waysOut[:taken] {
						h.must(before.take(ctx, h, h.first(), id))
					}
					incident := h.incident(dars.Incident{Kind: "wrong-rows", Scope: dars.Scope{Datasets: []string{"HES_APC"}}})
					stopped := tt.rule + " wrong-step same-person"
					h.race(6, stopped, func(i int, o *office.Office) error {
						if i == 3 {
							return tt.stop(h, o, incident)
						}
						return step.take(ctx, h, o, id)
					})
					r := get[dars.Release](h, string(id))
					at := slices.IndexFunc(waysOut, func(s releaseStep) bool { return s.from == r.State })
					if at < 0 {
						ruled(t, h.may("rita", id), tt.rule) // it left before
						return
					}
					before := h.head()
					err = waysOut[at].take(ctx, h, h.both[1], id)
					ruled(t, err, tt.rule)
					if !strings.Contains(err.Error(), tt.says) || h.head() != before {
						t.Errorf("%s of one that is %s: %v, and the log went from %d to %d", waysOut[at].name, r.State, err, before, h.head())
					}
					if tt.rule == "recalled" && (!h.waits("carol", string(id), "darsd release withdraw") || h.waits("pat", string(id), "darsd release")) {
						t.Error("no case officer is told to withdraw it, or somebody is told to go on")
					}
					h.sound()
				})
			})
		}
	}
}

// What is planned when a recall starts of something that ended before is made from what
// was mended: it goes on.
func TestARecallOfThePastLeavesWhatIsPlanned(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		r := h.joint()
		f := h.form()
		f.Datasets[0].Periods = []string{"200399"}
		id, err := office.Releases{Office: h.first()}.Plan(t.Context(), h.by("carol"), h.agreed(f), "HES_APC", nil)
		h.must(err)
		incident := h.unapplied("2026-01-01", "2026-03-02")
		h.today = h.today.Add(1)
		h.started(incident)
		ruled(t, h.may("rita", r.ID), "recalled")
		h.must(office.Releases{Office: h.first()}.Produce(t.Context(), h.by("pat"), id))
	})
}
