package office_test

import (
	"strings"
	"testing"

	"darsd/dars"
	"darsd/office"
)

// watchedNameless is an agreement for system access in which objections are not upheld.
func (h *house) watchedNameless() dars.AgreementID {
	h.t.Helper()
	f := h.nameless()
	f.Datasets[0].Frequency = "SYSTEM_ACCESS"
	return h.agreed(f)
}

// Where objections are not upheld nobody may look before a signer has said so, and no
// longer than the agreement says so.
func TestAccessWithoutObjectionsUpheld(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		h.byMatrix()
		h.add("all", dars.TheOffice, dars.CaseOfficer, dars.Signer)
		h.contract("RA1", "2028-03-31")
		g := h.watchedNameless()
		o, desk, ctx := office.Releases{Office: h.first()}, office.Desk{Office: h.first()}, t.Context()
		r, err := o.Grant(ctx, h.by("all"), g, "HES_APC", []string{"rita"}, 2)
		h.must(err)
		if r.State != dars.AccessAgreed || r.Access.Open() {
			t.Fatalf("without a signer it is %s: %+v", r.State, r.Access)
		}
		todo, err := desk.Todo(ctx, h.people["sam"], h.noon())
		h.must(err)
		if len(todo) != 1 || todo[0].Act != "darsd release sign-off "+string(r.ID)+" --confirm-not-upheld" {
			t.Errorf("the signer's todo is %+v", todo)
		}
		head := h.head()
		_, err = o.Grant(ctx, h.by("carol"), g, "HES_APC", []string{"rita"}, 2)
		ruled(t, err, "not-confirmed")
		ruled(t, o.SignOffNotUpheld(ctx, h.by("all"), r.ID), "same-person")
		if h.head() != head {
			t.Error("a refusal left a trace")
		}
		h.must(o.SignOffNotUpheld(ctx, h.by("sam"), r.ID))
		_, err = o.Grant(ctx, h.by("carol"), g, "HES_APC", []string{"rita"}, 2)
		h.must(err)
		h.must(desk.MayLook(ctx, h.people["rita"], r.ID, h.today))
		ruled(t, desk.MayLook(ctx, h.people["ron"], r.ID, h.today), "not-found")

		h.must(office.Agreements{Office: h.both[1]}.ConfirmOverride(ctx, h.by("sid"), h.override(g, dars.Uphold, "Y_UPHELD")))
		_, err = o.Grant(ctx, h.by("carol"), g, "HES_APC", []string{"ron"}, 0)
		ruled(t, err, "treatment-changed")
		ruled(t, desk.MayLook(ctx, h.people["rita"], r.ID, h.today), "treatment-changed")
		h.sound()
	})
}

// What was released as files with objections treated one way is not looked at with
// them treated the other.
func TestAccessDoesNotTellWhoObjected(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		h.byMatrix()
		h.contract("RA1", "2028-03-31")
		h.list("2026-03-01", 5)
		h.published(h.agreed(h.form()))
		g := h.watchedNameless()
		o, ctx := office.Releases{Office: h.first()}, t.Context()
		r, err := o.Grant(ctx, h.by("carol"), g, "HES_APC", nil, 2)
		h.must(err)
		h.must(o.SignOffNotUpheld(ctx, h.by("sam"), r.ID))
		_, err = o.Grant(ctx, h.by("carol"), g, "HES_APC", []string{"rita"}, 2)
		ruled(t, err, "other-treatment")
	})
}

// The dates decide who may look, and not whether the clock's duties have run.
func TestTheDatesDecideWhoMayLook(t *testing.T) {
	tests := map[string]struct {
		change func(h *house, g dars.AgreementID)
		after  int // days
		rule   string
	}{
		"as it was granted":           {func(*house, dars.AgreementID) {}, 0, ""},
		"on the agreement's last day": {func(*house, dars.AgreementID) {}, 365, ""},
		"the day after":               {func(*house, dars.AgreementID) {}, 366, "not-in-force"},
		"the contract is terminated": {func(h *house, _ dars.AgreementID) {
			h.must(office.Parties{Office: h.first()}.TerminateContract(h.t.Context(), h.by("carol"), all[dars.Contract](h)[0].ID))
		}, 0, "not-found"}, // which ends the agreement, and everybody's access
		"the organisation is on hold": {func(h *house, _ dars.AgreementID) {
			h.must(office.Parties{Office: h.first()}.Hold(h.t.Context(), h.by("connie"), "RA1"))
		}, 0, "on-hold"},
		"something is to be done first": {func(h *house, g dars.AgreementID) {
			_, err := office.Agreements{Office: h.first()}.Oblige(h.t.Context(), h.by("carol"), g, dars.Obligation{Stage: dars.StagePublish, Text: "train the users"})
			h.must(err)
		}, 0, "obligation"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			each(t, func(t *testing.T, h *house) {
				h.contract("RA1", "2028-03-31")
				g := h.watched()
				r, err := office.Releases{Office: h.first()}.Grant(t.Context(), h.by("carol"), g, "HES_APC", []string{"rita"}, 2)
				h.must(err)
				tt.change(h, g)
				ruled(t, office.Desk{Office: h.first()}.MayLook(t.Context(), h.people["rita"], r.ID, h.today.Add(tt.after)), tt.rule)
			})
		})
	}
}

// Who could look is told when the agreement ends; who is asked every year how it is
// used lets nobody new in while that is overdue; licences change for a reason.
func TestTheYearOfAnAccess(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		ctx, o, clock := t.Context(), office.Releases{Office: h.first()}, office.Clock{Office: h.first()}
		h.contract("RA1", "2029-03-31")
		f := h.form()
		f.Datasets[0].Frequency, f.End = "SYSTEM_ACCESS", h.today.AddMonths(24)
		g := h.agreed(f)
		h.add("rose", "RA1", dars.Collector)
		r, err := o.Grant(ctx, h.by("carol"), g, "HES_APC", []string{"rose"}, 1)
		h.must(err)
		silent := h.by("carol")
		silent.Why = ""
		_, err = o.Grant(ctx, silent, g, "HES_APC", nil, 3)
		ruled(t, err, "no-reason")
		_, err = o.Grant(ctx, h.by("carol"), g, "HES_APC", nil, 3)
		h.must(err)
		if x := get[dars.Release](h, string(r.ID)).Access; len(x.Changed) != 1 || x.Changed[0].From != 1 || x.Changed[0].To != 3 || x.Changed[0].Why == "" {
			t.Errorf("the licences are %d: %+v", x.Licences, x.Changed)
		}

		start := h.today
		asked := func() (n int) {
			due, err := clock.Due(ctx, h.noon())
			h.must(err)
			for _, d := range due {
				if d.Step == "usage" {
					done, err := clock.Do(ctx, d, h.noon())
					h.must(err)
					if done != nil {
						n++
					}
				}
			}
			return n
		}
		for _, day := range []struct {
			on    dars.Day
			times int
		}{{start.AddMonths(12).Add(-31), 0}, {start.AddMonths(12).Add(-30), 1}, {start.AddMonths(12).Add(-29), 0}, {start.AddMonths(12), 0}} {
			h.today = day.on
			if n := asked(); n != day.times {
				t.Errorf("on %s the review was asked for %d times", day.on, n)
			}
		}
		h.today = start.AddMonths(12).Add(1)
		_, err = o.Grant(ctx, h.by("carol"), g, "HES_APC", []string{"ron"}, 0)
		ruled(t, err, "review-overdue")
		h.must(o.Usage(ctx, h.by("carol"), r.ID, "looked at 41 queries"))
		_, err = o.Grant(ctx, h.by("carol"), g, "HES_APC", []string{"ron"}, 0)
		h.must(err)

		h.must(office.Agreements{Office: h.first()}.Terminate(ctx, h.by("carol"), g))
		h.must(h.first().Work(ctx, h.noon))
		told := h.works.letters("access to HES_APC is withdrawn")
		if len(told) != 1 || !strings.Contains(told[0].to, "rose@example.org") || !strings.Contains(told[0].to, "ron@example.org") {
			t.Errorf("told were %+v", told)
		}
		h.sound()
	})
}
