package office_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"darsd/dars"
	"darsd/office"
)

// weekly is a release of last week's list, published, and a newer list since.
func weekly(h *house) *dars.Release {
	h.t.Helper()
	h.contract("RA1", "2028-03-31")
	h.list("2026-03-01", 500)
	r := h.published(h.agreed(h.form()))
	h.today = h.today.Add(7)
	h.list("2026-03-08", 501)
	h.must(h.first().Work(h.t.Context(), h.noon))
	return r
}

// Under another case of the same recipient the same data may not come by another list;
// under the same case they may, and under another by the same list.
func TestTheGuardStandsBeforePlanAndPublication(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		ctx := t.Context()
		h.contract("RA1", "2028-03-31")
		h.list("2026-03-01", 500)
		o := office.Releases{Office: h.first()}
		first, second := h.signedOff(h.agreed(h.form())), h.agreed(h.form())
		early := h.signedOff(second) // by the same list
		h.must(o.Publish(ctx, h.by("pat"), first))
		h.today = h.today.Add(7)
		h.list("2026-03-08", 501)
		h.must(h.first().Work(ctx, h.noon))

		before := h.head()
		_, err := o.Plan(ctx, h.by("carol"), second, "HES_APC", nil)
		ruled(t, err, "other-list")
		if !strings.Contains(err.Error(), string(first)) || !strings.Contains(err.Error(), "case (b)") {
			t.Errorf("it says %q", err)
		}
		ruled(t, o.Publish(ctx, h.by("pat"), early), "list-changed")
		if h.head() != before {
			t.Error("a refusal left a trace")
		}
		if _, err := o.Plan(ctx, h.by("carol"), second, "HES_APC", []string{"200299"}); err == nil {
			t.Error("a period of the two was planned")
		}
		refresh, err := o.Plan(ctx, h.by("carol"), get[dars.Release](h, string(first)).Agreement, "HES_APC", nil)
		h.must(err)
		if got := get[dars.Release](h, string(refresh)); !slices.Equal(got.Replaces, []dars.ReleaseID{first}) {
			t.Errorf("it replaces %v", got.Replaces)
		}
		h.sound()
	})
}

// Of two releases that must not stand beside one another, planned at once and wanted
// out by twenty at once, one leaves.
func TestOneOfAPairLeaves(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		ctx := t.Context()
		h.byMatrix()
		h.contract("RA1", "2028-03-31")
		h.list("2026-03-01", 500)
		pair := []dars.AgreementID{h.agreed(h.form()), h.agreed(h.nameless())}
		ids := make([]dars.ReleaseID, 2)
		h.race(2, "", func(i int, o *office.Office) (err error) {
			ids[i], err = office.Releases{Office: o}.Plan(ctx, h.by("carol"), pair[i], "HES_APC", nil)
			return err
		})
		for i, id := range ids {
			o := office.Releases{Office: h.both[i]}
			h.must(o.Produce(ctx, h.by("pat"), id))
			h.must(o.Check(ctx, h.by("chris"), id))
		}
		h.must(office.Releases{Office: h.first()}.SignOff(ctx, h.by("sam"), ids[0]))
		h.must(office.Releases{Office: h.first()}.SignOffNotUpheld(ctx, h.by("sam"), ids[1]))
		done := h.race(20, "other-treatment wrong-step", func(i int, o *office.Office) error {
			return office.Releases{Office: o}.Publish(ctx, h.by("pat"), ids[i/2%2])
		})
		if out := all[dars.Release](h, dars.By("state", dars.Published)); done != 1 || len(out) != 1 {
			t.Errorf("%d were let out, and %d are", done, len(out))
		}
		_, err := office.Releases{Office: h.first()}.Plan(ctx, h.by("carol"), pair[0], "HES_APC", nil)
		_, other := office.Releases{Office: h.first()}.Plan(ctx, h.by("carol"), pair[1], "HES_APC", nil)
		if (err == nil) == (other == nil) {
			t.Errorf("of the pair one can be planned again, and the other cannot: %v, %v", err, other)
		}
		h.sound()
	})
}

// Whose rows are whose is known when a release is made: one by another index than what its
// recipient has is stopped before it leaves, and the override is for it.
func TestAnotherIndexIsStoppedBeforeItLeaves(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		ctx := t.Context()
		h.contract("RA1", "2028-03-31")
		h.list("2026-03-01", 500)
		h.works.index = "the index of February"
		had := h.published(h.agreed(h.form()))
		second := h.agreed(h.form())
		h.works.index = "the index of March"
		id := h.signedOff(second)
		publish := func() error { return office.Releases{Office: h.first()}.Publish(ctx, h.by("pat"), id) }
		ruled(t, publish(), "other-index")
		for _, login := range []string{"sid", "connie"} {
			_, err := office.Guard{Office: h.first()}.Override(ctx, h.by(login), second, "HES_APC", nil, string(had.ID))
			h.must(err)
		}
		h.must(publish())
		if r := get[dars.Release](h, string(id)); len(r.Despite) != 1 || r.Index != "the index of March" {
			t.Errorf("it left as %+v", r)
		}
		h.sound()
	})
}

// Two people, the SIRO and compliance, let it out; the release names them by their
// word, and the report publishes it.
func TestTheGuardIsOverriddenByTwo(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		ctx := t.Context()
		had := weekly(h)
		second := h.agreed(h.form())
		g := office.Guard{Office: h.first()}
		override := func(login string) error {
			_, err := g.Override(ctx, h.by(login), second, "HES_APC", nil, string(had.ID))
			return err
		}
		ruled(t, override("carol"), "no-power")
		h.must(override("sid"))
		ruled(t, override("sid"), "same-person")
		_, err := office.Releases{Office: h.first()}.Plan(ctx, h.by("carol"), second, "HES_APC", nil)
		ruled(t, err, "other-list")
		for i := range 10 {
			h.add(fmt.Sprint("comp", i), dars.TheOffice, dars.Compliance)
		}
		done := h.race(10, "known", func(i int, o *office.Office) error {
			_, err := office.Guard{Office: o}.Override(ctx, h.by(fmt.Sprint("comp", i)), second, "HES_APC", nil, string(had.ID))
			return err
		})
		confirmed := all[dars.GuardOverride](h, dars.By("state", dars.OverrideConfirmed))
		if done != 1 || len(confirmed) != 1 || len(confirmed[0].Hands) != 2 {
			t.Fatalf("%d confirmed it, and there are %+v", done, confirmed)
		}
		r := h.published(second)
		if !slices.Equal(r.Despite, []dars.GuardID{confirmed[0].ID}) {
			t.Errorf("the release stands despite %v", r.Despite)
		}
		report, _, err := office.Clock{Office: h.first()}.Report(ctx, h.by("connie"))
		h.must(err)
		lines := get[dars.Report](h, string(report)).Facts.Releases
		if i := slices.IndexFunc(lines, func(l dars.ReleaseLine) bool { return l.Release == r.ID }); i < 0 || len(lines[i].Despite) != 1 || lines[i].Despite[0].Beside != string(had.ID) || lines[i].Despite[0].Reason == "" {
			t.Errorf("the report says %+v", lines)
		}
		items, err := g.All(ctx, h.by("connie"))
		h.must(err)
		if len(items) != 1 || !slices.Contains(items[0].Releases, string(had.ID)) || !slices.Contains(items[0].Releases, string(r.ID)) || !slices.Contains(items[0].Overrides, confirmed[0].ID) {
			t.Errorf("the survey says %+v", items)
		}
		h.sound()
	})
}

// What leaves of a dataset that the catalogue no longer knows nobody can say: one
// person records why that is no matter.
func TestWhatIsNotKnownIsRecordedByOne(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		ctx := t.Context()
		had := weekly(h)
		second := h.agreed(h.form())
		for _, o := range h.both {
			o.Catalogue = dars.Catalogue{}
		}
		g := office.Guard{Office: h.first()}
		answers, err := g.Check(ctx, h.by("carol"), second, "HES_APC", nil)
		h.must(err)
		if len(answers) != 1 || answers[0].Case != dars.Unknown || answers[0].People != dars.UncountedPeople {
			t.Fatalf("the guard says %+v", answers)
		}
		v, err := g.Override(ctx, h.by("connie"), second, "HES_APC", nil, string(had.ID))
		h.must(err)
		if v.State != dars.OverrideConfirmed {
			t.Errorf("it is %s", v.State)
		}
		h.sound()
	})
}

// objecting packs and counts by who objects on each list.
type objecting struct {
	*works
	lists map[int][2]int // by version: from whom to whom
}

func (w objecting) withheld(lists ...*dars.List) (n int64) {
	who := map[int]bool{}
	for _, l := range lists {
		if l != nil {
			for p := w.lists[l.Version][0]; p < w.lists[l.Version][1]; p++ {
				who[p] = true
			}
		}
	}
	return int64(len(who))
}

func (w objecting) Pack(ctx context.Context, p office.Packing) (dars.Package, error) {
	made, err := w.works.Pack(ctx, p)
	made.Counts.PersonsWithheld = w.withheld(p.List)
	return made, err
}

func (w objecting) Count(ctx context.Context, p office.Packing, further ...*dars.List) (dars.Package, error) {
	again, err := w.works.Count(ctx, p, further...)
	again.Counts.PersonsWithheld = w.withheld(append(slices.Clone(further), p.List)...)
	return again, err
}

// How many people it would tell of is counted by packaging dry, and few are not told.
func TestWhomTheGuardCounts(t *testing.T) {
	tests := map[string]struct {
		lists  map[int][2]int
		second func(*house) dars.Form
		spoil  func(h *house)
		want   string
	}{
		"objections made and taken back":     {map[int][2]int{1: {0, 10}, 2: {3, 25}}, (*house).form, nil, "18"},
		"a few":                              {map[int][2]int{1: {0, 10}, 2: {0, 12}}, (*house).form, nil, "*"},
		"the same persons":                   {map[int][2]int{1: {0, 10}, 2: {0, 10}}, (*house).form, nil, "0"},
		"with the objectors":                 {map[int][2]int{1: {0, 10}, 2: {0, 30}}, (*house).nameless, nil, "10"},
		"of a source that is another by now": {map[int][2]int{1: {0, 10}, 2: {0, 30}}, (*house).form, func(h *house) { h.works.counted = falls0 }, dars.UncountedPeople},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			each(t, func(t *testing.T, h *house) {
				h.byMatrix()
				for _, o := range h.both {
					o.Works.Packer = objecting{h.works, tt.lists}
				}
				weekly(h)
				second := h.agreed(tt.second(h))
				if tt.spoil != nil {
					tt.spoil(h)
				}
				answers, err := office.Guard{Office: h.first()}.Check(t.Context(), h.by("carol"), second, "HES_APC", nil)
				h.must(err)
				if len(answers) != 1 || answers[0].People != tt.want {
					t.Errorf("it says %+v, want %s", answers, tt.want)
				}
			})
		})
	}
}

// falls0 is a count of a source in which there are other rows.
func falls0(office.Packing, []*dars.List) (int64, error) { return -1, nil }
