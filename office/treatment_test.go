package office_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"darsd/dars"
	"darsd/office"
)

// byMatrix lets agreements of an office say that objections are not upheld.
func (h *house) byMatrix() {
	for _, o := range h.both {
		o.Policy.Uphold = dars.UpholdByMatrix
	}
}

// nameless is a form for data in which objections are not upheld.
func (h *house) nameless() dars.Form {
	f := h.form()
	f.Datasets[0].Identifiability, f.Datasets[0].Gateway = "PSEUDO_ICO", "HSCA261_1_2BII"
	return f
}

// override is one that somebody has proposed.
func (h *house) override(g dars.AgreementID, to dars.Treatment, reason string) dars.OverrideID {
	h.t.Helper()
	id, err := office.Agreements{Office: h.first()}.Override(h.t.Context(), h.by("carol"), string(g), dars.ObjectionsTerm{Dataset: "HES_APC", Treatment: to, Reason: reason})
	h.must(err)
	return id
}

func TestObjectionsStandOnTheAgreement(t *testing.T) {
	tests := map[string]struct {
		policy string
		form   func(h *house) dars.Form
		want   string
	}{
		"section 251":                      {"by-matrix", (*house).form, "upheld Y_UPHELD matrix"},
		"data that name nobody":            {"by-matrix", (*house).nameless, "not-upheld N_NOT_IDENTIFIABLE matrix"},
		"the same, where all are upheld":   {"always", (*house).nameless, "upheld Y_UPHELD always"},
		"the same, and nobody says policy": {"", (*house).nameless, "upheld Y_UPHELD always"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			each(t, func(t *testing.T, h *house) {
				for _, o := range h.both {
					o.Policy.Uphold = tt.policy
				}
				h.contract("RA1", "2028-03-31")
				id := h.agreed(tt.form(h))
				term := get[dars.Agreement](h, string(id)).Objections[0]
				if got := fmt.Sprintf("%s %s %s", term.Treatment, term.Reason, term.By); got != tt.want {
					t.Errorf("the agreement says %q, want %q", got, tt.want)
				}
				r, err := office.Releases{Office: h.first()}.Plan(t.Context(), h.by("carol"), id, "HES_APC", nil)
				h.must(err)
				if got := get[dars.Release](h, string(r)); got.Treated() != term.Treatment || got.Objections.Reason != term.Reason {
					t.Errorf("the release says %+v", got.Objections)
				}
			})
		})
	}
}

// One in which objections are not upheld needs no list, and no newer one spoils it. It
// leaves when the signer has said so, and the report tells.
func TestAReleaseWithoutObjectionsUpheld(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		h.byMatrix()
		h.contract("RA1", "2028-03-31")
		o, ctx := office.Releases{Office: h.first()}, t.Context()
		id, err := o.Plan(ctx, h.by("carol"), h.agreed(h.nameless()), "HES_APC", nil)
		h.must(err)
		h.works.packed = func(p office.Packing) {
			if p.List != nil || p.Release.Treated() != dars.NotUpheld {
				t.Errorf("it is packed with %v, %s", p.List, p.Release.Treated())
			}
			h.list("2026-03-02", 6)
		}
		h.must(o.Produce(ctx, h.by("pat"), id))
		h.must(o.Check(ctx, h.by("chris"), id))
		before := h.head()
		ruled(t, o.SignOff(ctx, h.by("sam"), id), "not-confirmed")
		if h.head() != before {
			t.Error("a refusal left a trace")
		}
		h.must(o.SignOffNotUpheld(ctx, h.by("sam"), id))
		h.must(o.Publish(ctx, h.by("pat"), id))
		r := get[dars.Release](h, string(id))
		if against := r.Objections.Against; against == nil || against.Version != 1 || against.Date != "2026-03-02" {
			t.Errorf("it was confirmed against %+v", against)
		}
		if r.Objections.ConfirmedBy != h.people["sam"] || r.Objections.Reason != "N_NOT_IDENTIFIABLE" || r.State != dars.Published {
			t.Errorf("it is %s: %+v", r.State, r.Objections)
		}
		report, _, err := office.Clock{Office: h.first()}.Report(ctx, h.by("connie"))
		h.must(err)
		if line := get[dars.Report](h, string(report)).Facts.Releases[0]; line.Treatment != dars.NotUpheld || line.Reason != "N_NOT_IDENTIFIABLE" {
			t.Errorf("the report says %+v", line)
		}
		h.sound()
	})
}

// Released without and then with the objectors, or the other way, the same data name
// them: at the same recipient, a joint controller or a processor.
func TestTheSameDataAreNotTreatedTwoWays(t *testing.T) {
	tests := map[string]struct {
		second func(h *house) dars.Form
		period string
		spoil  func(h *house, first dars.ReleaseID)
		rule   string
	}{
		"the same period, at the same recipient": {(*house).form, "200199", nil, "other-treatment"},
		"a month of the same year": {func(h *house) dars.Form {
			h.sources("200105")
			f := h.form()
			f.Datasets[0].Periods = []string{"200105"}
			return f
		}, "200105", nil, "other-treatment"},
		"another period":     {(*house).form, "200299", nil, ""},
		"the same treatment": {(*house).nameless, "200199", nil, ""},
		"taken back before anybody had a byte of it": {(*house).form, "200199", func(h *house, first dars.ReleaseID) {
			h.must(office.Releases{Office: h.first()}.Withdraw(h.t.Context(), h.by("carol"), first))
		}, ""},
		"taken back when somebody had it": {(*house).form, "200199", func(h *house, first dars.ReleaseID) {
			h.collect("rita", get[dars.Release](h, string(first)).Files[0])
			h.must(office.Releases{Office: h.first()}.Withdraw(h.t.Context(), h.by("carol"), first))
		}, "other-treatment"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			each(t, func(t *testing.T, h *house) {
				h.byMatrix()
				h.contract("RA1", "2028-03-31")
				h.list("2026-03-01", 5)
				o, ctx := office.Releases{Office: h.first()}, t.Context()
				first, err := o.Plan(ctx, h.by("carol"), h.agreed(h.nameless()), "HES_APC", []string{"200199"})
				h.must(err)
				h.must(o.Produce(ctx, h.by("pat"), first))
				h.must(o.Check(ctx, h.by("chris"), first))
				h.must(o.SignOffNotUpheld(ctx, h.by("sam"), first))
				second := h.agreed(tt.second(h))
				early, err := o.Plan(ctx, h.by("carol"), second, "HES_APC", []string{tt.period})
				h.must(err) // the first has not left yet
				h.must(o.Publish(ctx, h.by("pat"), first))
				if tt.spoil != nil {
					tt.spoil(h, first)
				}
				before := h.head()
				_, err = o.Plan(ctx, h.by("carol"), second, "HES_APC", []string{tt.period})
				ruled(t, err, tt.rule)
				if tt.rule == "" {
					return
				}
				if h.head() != before {
					t.Error("a refusal left a trace")
				}
				// What was planned in time does not leave either.
				h.must(o.Produce(ctx, h.by("pat"), early))
				h.must(o.Check(ctx, h.by("chris"), early))
				h.must(o.SignOff(ctx, h.by("sam"), early))
				ruled(t, o.Publish(ctx, h.by("pat"), early), tt.rule)
			})
		})
	}
}

// Of twenty who would confirm one override, one does; and whoever proposed it is none
// of them.
func TestOneConfirmsAnOverride(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		h.byMatrix()
		h.contract("RA1", "2028-03-31")
		g := h.agreed(h.nameless())
		h.add("all", dars.TheOffice, dars.InsideRoles()...)
		for i := range 20 {
			h.add(fmt.Sprint("second", i), dars.TheOffice, []dars.Role{dars.SIRO, dars.Compliance}[i%2])
		}
		o, ctx := office.Agreements{Office: h.first()}, t.Context()
		id, err := o.Override(ctx, h.by("all"), string(g), dars.ObjectionsTerm{Dataset: "HES_APC", Treatment: dars.Uphold, Reason: "Y_UPHELD"})
		h.must(err)
		ruled(t, o.ConfirmOverride(ctx, h.by("all"), id), "same-person")
		if got := get[dars.Agreement](h, string(g)).Objections[0]; got.Treatment != dars.NotUpheld {
			t.Errorf("one person has changed it: %+v", got)
		}
		before := h.head()
		done := h.race(20, "wrong-step", func(i int, o *office.Office) error {
			return office.Agreements{Office: o}.ConfirmOverride(ctx, h.by(fmt.Sprint("second", i)), id)
		})
		v := get[dars.Override](h, string(id))
		if done != 1 || h.head() != before+2 || v.State != dars.OverrideConfirmed || len(v.Hands) != 2 {
			t.Errorf("%d confirmed it, in %d events: %+v", done, h.head()-before, v)
		}
		if got := get[dars.Agreement](h, string(g)).Objections[0]; got.Treatment != dars.Uphold || got.By != string(id) {
			t.Errorf("the agreement says %+v", got)
		}
		h.sound()
	})
}

// An override that was confirmed before the agreement is issued stands on its paper.
func TestAnOverrideBeforeTheAgreement(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		h.byMatrix()
		h.contract("RA1", "2028-03-31")
		ref := h.approved(h.form())
		stem := get[dars.Application](h, ref).Stem
		o, ctx := office.Agreements{Office: h.first()}, t.Context()
		ids := []dars.OverrideID{h.override(dars.AgreementID(stem), dars.NotUpheld, "N_COURT_ORDER"), h.override(dars.AgreementID(stem), dars.NotUpheld, "N_CAG_DISAPPLIED")}
		if first := get[dars.Override](h, string(ids[0])); first.State != dars.OverrideReplaced {
			t.Errorf("the earlier proposal is %s", first.State)
		}
		ruled(t, o.ConfirmOverride(ctx, h.by("connie"), ids[0]), "wrong-step")
		h.must(o.ConfirmOverride(ctx, h.by("connie"), ids[1]))
		g, err := o.Issue(ctx, h.by("carol"), ref, "", "")
		h.must(err)
		if got := get[dars.Agreement](h, string(g)).Objections[0]; got.Reason != "N_CAG_DISAPPLIED" || got.By != string(ids[1]) {
			t.Errorf("the agreement says %+v", got)
		}
	})
}

// What was planned with objections not upheld does not leave when the agreement has come
// to uphold them; what was planned with them upheld may go on.
func TestAnOverrideHoldsForLaterReleases(t *testing.T) {
	tests := map[string]struct {
		form   func(h *house) dars.Form
		to     dars.Treatment
		reason string
		rule   string
	}{
		"from not upheld to upheld": {(*house).nameless, dars.Uphold, "Y_UPHELD", "treatment-changed"},
		"to another reason":         {(*house).nameless, dars.NotUpheld, "N_COURT_ORDER", "treatment-changed"},
		"from upheld to not upheld": {(*house).form, dars.NotUpheld, "N_CAG_DISAPPLIED", ""},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			each(t, func(t *testing.T, h *house) {
				h.byMatrix()
				h.contract("RA1", "2028-03-31")
				h.list("2026-03-01", 5)
				g := h.agreed(tt.form(h))
				o, ctx := office.Releases{Office: h.first()}, t.Context()
				id, err := o.Plan(ctx, h.by("carol"), g, "HES_APC", nil)
				h.must(err)
				h.must(office.Agreements{Office: h.both[1]}.ConfirmOverride(ctx, h.by("sid"), h.override(g, tt.to, tt.reason)))
				ruled(t, o.Produce(ctx, h.by("pat"), id), tt.rule)
			})
		})
	}
}

// The signer confirms what the agreement says then, and not what it said when the
// release was made.
func TestAConfirmationStandsAgainstTheAgreement(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		h.byMatrix()
		h.contract("RA1", "2028-03-31")
		h.list("2026-03-01", 5)
		g := h.agreed(h.nameless())
		o, ctx := office.Releases{Office: h.first()}, t.Context()
		id, err := o.Plan(ctx, h.by("carol"), g, "HES_APC", nil)
		h.must(err)
		h.must(errors.Join(o.Produce(ctx, h.by("pat"), id), o.Check(ctx, h.by("chris"), id)))
		h.must(office.Agreements{Office: h.both[1]}.ConfirmOverride(ctx, h.by("sid"), h.override(g, dars.Uphold, "Y_UPHELD")))
		before := h.head()
		ruled(t, o.SignOffNotUpheld(ctx, h.by("sam"), id), "treatment-changed")
		if h.head() != before {
			t.Error("a refusal left a trace")
		}
	})
}

// watched is an agreement for system access.
func (h *house) watched() dars.AgreementID {
	h.t.Helper()
	f := h.form()
	f.Datasets[0].Frequency = "SYSTEM_ACCESS"
	return h.agreed(f)
}

func TestNoMoreAccessThanLicences(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		h.contract("RA1", "2028-03-31")
		g := h.watched()
		var logins []string
		for i := range 10 {
			login := fmt.Sprint("reader", i)
			h.add(login, "RA1", dars.Collector)
			logins = append(logins, login)
		}
		done := h.race(10, "no-licence", func(i int, o *office.Office) error {
			_, err := office.Releases{Office: o}.Grant(t.Context(), h.by("carol"), g, "HES_APC", logins[i:i+1], 3)
			return err
		})
		releases := all[dars.Release](h, dars.By("agreement", g))
		if done != 3 || len(releases) != 1 || len(releases[0].Access.Current()) != 3 {
			t.Fatalf("%d were granted, in %d releases: %+v", done, len(releases), releases[0].Access)
		}
		app := all[dars.Application](h)[0]
		if !strings.Contains(fmt.Sprintf("%+v", app.Clock), "system access REL-000001 was granted") {
			t.Errorf("the clock does not know of it: %+v", app.Clock)
		}
		report, _, err := office.Clock{Office: h.first()}.Report(t.Context(), h.by("connie"))
		h.must(err)
		if lines := get[dars.Report](h, string(report)).Facts.Releases; len(lines) != 1 || lines[0].Published != h.today || lines[0].State != dars.AccessGranted {
			t.Errorf("the report says %+v", lines)
		}
		ended := h.race(10, "wrong-step", func(i int, o *office.Office) error {
			return office.Releases{Office: o}.Revoke(t.Context(), h.by("carol"), releases[0].ID, "")
		})
		if r := get[dars.Release](h, string(releases[0].ID)); ended != 1 || r.State != dars.ReleaseWithdrawn || r.Access.Open() {
			t.Errorf("it ended %d times, and is %s", ended, r.State)
		}
		h.sound()
	})
}

func TestAccessEndsWithItsAgreement(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		h.contract("RA1", "2028-03-31")
		g := h.watched()
		r, err := office.Releases{Office: h.first()}.Grant(t.Context(), h.by("carol"), g, "HES_APC", []string{"rita"}, 1)
		h.must(err)
		h.must(office.Agreements{Office: h.both[1]}.Terminate(t.Context(), h.by("carol"), g))
		if r = get[dars.Release](h, string(r.ID)); r.State != dars.ReleaseWithdrawn || r.Access.Open() || r.Access.Ended != h.today {
			t.Errorf("it is %s: %+v", r.State, r.Access)
		}
		_, err = office.Releases{Office: h.first()}.Grant(t.Context(), h.by("carol"), g, "HES_APC", []string{"ron"}, 2)
		ruled(t, err, "not-in-force")
		h.sound()
	})
}

// What upholds more is not lost when an application is sent in again: an override that
// upholds lasts for the case, one that does not is of its version alone.
func TestWhatAnOverrideUpholdsLasts(t *testing.T) {
	tests := map[string]struct {
		form   func(*house) dars.Form
		to     dars.Treatment
		reason string
		want   dars.Treatment // once it has been sent in again
	}{
		"upheld, beyond the matrix":   {(*house).nameless, dars.Uphold, "Y_UPHELD", dars.Uphold},
		"not upheld, by CAG's advice": {(*house).form, dars.NotUpheld, "N_CAG_DISAPPLIED", dars.Uphold},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			each(t, func(t *testing.T, h *house) {
				h.byMatrix()
				h.contract("RA1", "2028-03-31")
				o, ctx := office.Applications{Office: h.first()}, t.Context()
				ref, err := h.submit(tt.form(h), "")
				h.must(err)
				stem := get[dars.Application](h, ref).Stem
				id := h.override(dars.AgreementID(stem), tt.to, tt.reason)
				h.must(office.Agreements{Office: h.first()}.ConfirmOverride(ctx, h.by("connie"), id))
				h.must(o.Review(ctx, h.by("carol"), ref, dars.Review{LegalBasis: true, Security: true, Feasibility: true, Note: "which purpose?"}))
				h.must(o.ReferBack(ctx, h.by("carol"), ref))
				again, err := h.submit(tt.form(h), stem)
				h.must(err)
				if p := get[dars.Application](h, again); p.Version() == "v1.0" {
					t.Fatalf("it is %s still", p.Version())
				}
				h.decided(again)
				g, err := office.Agreements{Office: h.first()}.Issue(ctx, h.by("carol"), again, "", "")
				h.must(err)
				if got := get[dars.Agreement](h, string(g)).Objections[0]; got.Treatment != tt.want {
					t.Errorf("the agreement says %+v", got)
				}
				h.sound()
			})
		})
	}
}
