package office_test

import (
	"slices"
	"strings"
	"testing"

	"darsd/dars"
	"darsd/office"
)

// How far a recall reaches: to what is being made at that moment, to organisations by
// every name that they have, to columns that the catalogue has forgotten, and to whoever
// has only looked.

// A package that is being made when a recall starts is not taken in if the recall affects
// it; what is made afterwards is made anew.
func TestARecallCatchesWhatIsBeingMade(t *testing.T) {
	tests := map[string]struct {
		scope dars.Scope
		rule  string
	}{
		"of its dataset": {dars.Scope{Datasets: []string{"HES_APC"}}, "recalled"},
		"of another":     {dars.Scope{Datasets: []string{"HES_APC"}, Periods: []string{"200199"}}, ""},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			each(t, func(t *testing.T, h *house) {
				ctx, o := t.Context(), office.Releases{Office: h.first()}
				h.joint() // what a recall of the dataset affects besides
				f := h.form()
				f.Datasets[0].Periods = []string{"200399"}
				id, err := o.Plan(ctx, h.by("carol"), h.agreed(f), "HES_APC", nil)
				h.must(err)
				incident := h.incident(dars.Incident{Kind: "wrong-rows", Scope: tt.scope})
				attempt := ""
				h.works.packed = func(p office.Packing) {
					h.works.packed, attempt = nil, p.Attempt
					h.must(errorOf2(office.Incidents{Office: h.both[1]}.Start(ctx, h.by("connie"), incident)))
				}
				err = o.Produce(ctx, h.by("pat"), id)
				ruled(t, err, tt.rule)
				r := get[dars.Release](h, string(id))
				if tt.rule == "" {
					if r.State != dars.Produced {
						t.Errorf("it is %s", r.State)
					}
					return
				}
				if r.State != dars.Planned || len(r.Hands) != 0 || !slices.Contains(h.works.discard, attempt) {
					t.Errorf("it is %s, and %q were thrown away", r.State, h.works.discard)
				}
				ruled(t, o.Produce(ctx, h.by("pat"), id), "recalled")
				h.must(o.Withdraw(ctx, h.by("carol"), id))
				id, err = o.Plan(ctx, h.by("carol"), r.Agreement, "HES_APC", nil)
				h.must(err)
				h.must(o.Produce(ctx, h.by("pat"), id)) // from what was mended
				h.sound()
			})
		})
	}
}

func errorOf2[A, B any](_ A, _ B, err error) error { return err }

// Of a recall and a publication that race one is first: what was published is in the
// notice and cannot be collected, and what is called back is not published, checked or
// signed off.
func TestARecallAndAPublicationRace(t *testing.T) {
	agreed.each(t, func(t *testing.T, h *house) {
		ctx := t.Context()
		id := h.signedOff(h.agreement())
		f := h.form()
		f.Datasets[0].Periods = []string{"200399"}
		waits, err := office.Releases{Office: h.first()}.Plan(ctx, h.by("carol"), h.agreed(f), "HES_APC", nil)
		h.must(err)
		h.must(office.Releases{Office: h.first()}.Produce(ctx, h.by("pat"), waits))
		incident := h.incident(dars.Incident{Kind: "wrong-rows", Scope: dars.Scope{Datasets: []string{"HES_APC"}}})
		h.race(8, "recalled wrong-step", func(i int, o *office.Office) error {
			if i%4 == 1 {
				return errorOf2(office.Incidents{Office: o}.Start(ctx, h.by("connie"), incident))
			}
			return office.Releases{Office: o}.Publish(ctx, h.by("pat"), id)
		})
		n := all[dars.RecallNotice](h, dars.By("release", id))
		if r := get[dars.Release](h, string(id)); len(n) != 1 || n[0].Releases[0].Given != r.Published {
			t.Errorf("it is %s, and the notice says %+v", r.State, n)
		}
		if get[dars.Release](h, string(id)).Published != "" {
			ruled(t, h.may("rita", id), "recalled")
		}
		ruled(t, office.Releases{Office: h.both[1]}.Check(ctx, h.by("chris"), waits), "recalled")
		if h.waits("chris", string(waits), "release check") || !h.waits("carol", string(waits), "darsd release withdraw") {
			t.Error("a checker is told to look at what is called back, or no case officer to withdraw it")
		}
		h.sound()
	})
}

// An organisation is found by its code, its name, what registers call it, and by what
// people have said to be the same; and not by what they have said to be another.
func TestARecallFindsAnOrganisationByAllItsNames(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		ctx, p := t.Context(), office.Parties{Office: h.first()}
		h.must(p.AddOrganisation(ctx, h.by("carol"), dars.Organisation{Code: "RA9", Name: "Leeds Informatics", ICO: "Z1234567", Security: "DSPT"}))
		r := h.joint()
		lost := func(name string) int {
			return len(h.plan(h.incident(dars.Incident{Kind: "lost-media", Scope: dars.Scope{Orgs: []string{name}}})).Releases)
		}
		for name, want := range map[string]int{"RA1": 1, "ra2": 1, "The TRUST RA1": 1, "Trust RA1 (RA1)": 1, "RA9": 0, "Leeds Informatics": 0} {
			if got := lost(name); got != want {
				t.Errorf("of %s %d releases are affected, want %d", name, got, want)
			}
		}
		same, err := p.Same(ctx, h.by("carol"), "RA9", "RA2")
		h.must(err)
		for _, name := range []string{"RA9", "Leeds Informatics", "leeds informatics"} {
			if lost(name) != 1 {
				t.Errorf("%s is RA2, and %s at RA2 is not found", name, r.ID)
			}
		}
		h.must(p.Apart(ctx, h.by("connie"), same.ID))
		if lost("RA9") != 0 {
			t.Error("they are two, and count as one")
		}
	})
}

// A column is looked for among those that were seen in the files, whatever the catalogue
// says since.
func TestARecallFindsAColumnThatTheCatalogueForgot(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		r := h.joint()
		r.Seen = &dars.Examination{Columns: []dars.ColumnLeft{{Name: "LSOA", Field: "POSTCODE"}}}
		(&roll{house: h}).keep(r)
		for column, want := range map[string]int{"LSOA": 1, "postcode": 1, "ID": 0} {
			if got := len(h.plan(h.incident(dars.Incident{Kind: "wrong-column", Scope: dars.Scope{Datasets: []string{"HES_APC"}, Columns: []string{column}}})).Releases); got != want {
				t.Errorf("with the column %s %d releases are affected, want %d", column, got, want)
			}
		}
	})
}

// Whoever could look with system access is told to stop, looks no more, and has nothing
// to set apart; a table that is being counted does not leave.
func TestARecallStopsWhoMayLook(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		ctx := t.Context()
		var incident dars.IncidentID
		start := func() error {
			return errorOf2(office.Incidents{Office: h.both[1]}.Start(ctx, h.by("connie"), incident))
		}
		o, g, rel := h.queryDesk(func([]office.EarlierTable) error { return start() })
		h.add("rose", "RA1", dars.Applicant)
		h.must(errorOf(office.Releases{Office: h.first()}.Grant(ctx, h.by("carol"), g, "HES_APC", []string{"rose"}, 2)))
		incident = h.incident(dars.Incident{Kind: "wrong-rows", Scope: dars.Scope{Datasets: []string{"HES_APC"}}})
		_, err := o.Ask(ctx, h.by("rose"), g, []byte("HES_APC"))
		ruled(t, err, "recalled")
		h.must(h.first().Work(ctx, h.noon))
		if m := h.works.letters("recall RCL-000001"); len(m) != 1 || !strings.Contains(m[0].to, "rose@") || strings.Contains(m[0].body, "papers/") || !strings.Contains(m[0].body, "no longer be looked at") {
			t.Errorf("of %s they are told %+v", rel, m)
		}
		h.sound()
	})
}

// What nobody had said when a recall was closed may still be said, by each for their own,
// and frees what waits for it.
func TestAfterARecallIsClosedAnswersAreStillTaken(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		ctx, o := t.Context(), office.Incidents{Office: h.first()}
		r := h.joint()
		c := h.started(h.unapplied("2026-01-01", "2026-03-31"))
		h.must(o.CloseRecall(ctx, h.by("connie"), c.ID, true))
		_, err := office.Releases{Office: h.first()}.Plan(ctx, h.by("carol"), r.Agreement, "HES_APC", nil)
		ruled(t, err, "recalled")
		h.must(errorOf(o.Answer(ctx, h.by("rita"), c.ID, string(r.Files[0].ID), "", dars.Destroyed)))
		ruled(t, errorOf(o.Answer(ctx, h.by("rita"), c.ID, string(r.Files[0].ID), "", dars.SetApart)), "wrong-step")
		h.must(errorOf(o.Answer(ctx, h.by("ravi"), c.ID, string(r.Files[0].ID), "", dars.Destroyed)))
		if n := all[dars.RecallNotice](h); n[0].Unanswered != 0 || n[0].Card().State != "answered" {
			t.Errorf("the notice is %+v", n[0])
		}
		h.sound()
	})
}
