package office_test

import (
	"slices"
	"strings"
	"testing"

	"darsd/dars"
	"darsd/office"
)

// While one version is in force and another waits for its decision, the stem alone
// means the one that waits: to who reads before deciding as to who decides. It is
// compared with what was agreed, and not with what was tried since.
func TestTheBriefIsOfWhatIsDecided(t *testing.T) {
	tests := map[string]struct {
		before   func(h *house, g dars.AgreementID)
		is       string
		who, act string // that waits, with STEM for the case
	}{
		"one is in force": {func(*house, dars.AgreementID) {}, "in force until ", "dora", "darsd decision director STEM-v3.0"},
		"the last one has ended": {func(h *house, g dars.AgreementID) {
			h.must(office.Agreements{Office: h.first()}.Terminate(h.t.Context(), h.by("carol"), g))
		}, "the last in force, until ", "sue", "darsd decision pre-review STEM"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			each(t, func(t *testing.T, h *house) {
				ctx, desk := t.Context(), office.Desk{Office: h.first()}
				h.add("dora", dars.TheOffice, dars.Director)
				h.contract("RA1", h.today.AddMonths(36))
				g := h.agreed(h.anonymised())
				tried := h.longer(g, func(f *dars.Form) { f.Purpose.Objective = "another" })
				h.must(office.Applications{Office: h.first()}.Withdraw(ctx, h.by("rita"), tried))
				ref := h.longer(g, nil)
				h.must(office.Committee{Office: h.first()}.Assess(ctx, h.by("iris"), ref))
				tt.before(h, g)

				stem := get[dars.Agreement](h, string(g)).Stem
				b, err := desk.Brief(ctx, h.by("dora"), stem)
				h.must(err)
				if b.Version != "v3.0" || b.Since != "v1.0" || !strings.HasPrefix(b.SinceIs, tt.is) {
					t.Errorf("the brief of %s is of %s, compared with %s, %s", stem, b.Version, b.Since, b.SinceIs)
				}
				if !slices.Equal(b.Attempts, []dars.Attempt{{Version: "v2.0", State: dars.TakenBack}}) {
					t.Errorf("what came to nothing is %+v", b.Attempts)
				}
				if slices.ContainsFunc(b.Changes, func(c dars.Change) bool { return c.Field == "purpose.objective" }) {
					t.Errorf("it is compared with what was withdrawn: %+v", b.Changes)
				}
				p, _, err := desk.Route(ctx, h.by("dora"), stem)
				h.must(err)
				if string(p.ID()) != ref {
					t.Errorf("the route is that of %s", p.ID())
				}
				todo, err := desk.Todo(ctx, h.people[tt.who], h.noon())
				h.must(err)
				if want := strings.ReplaceAll(tt.act, "STEM", stem); !slices.ContainsFunc(todo, func(d office.Todo) bool { return d.Act == want && d.Ref == stem }) {
					t.Errorf("todo of %s says %+v, and not %s", tt.who, todo, want)
				}
			})
		})
	}
}

// Before anything was agreed, a version is compared with the one handed in before.
func TestTheBriefOfWhatWasNeverAgreed(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		ctx, desk, o := t.Context(), office.Desk{Office: h.first()}, office.Applications{Office: h.first()}
		h.contract("RA1", h.today.AddMonths(36))
		id, err := o.Submit(ctx, h.by("rita"), h.folder(h.form()), "")
		h.must(err)
		first, err := desk.Brief(ctx, h.by("sid"), string(id))
		h.must(err)
		if first.Since != "" || first.SinceIs != "" {
			t.Errorf("the first version is compared with %q, %q", first.Since, first.SinceIs)
		}
		h.must(o.Review(ctx, h.by("carol"), string(id), dars.Review{LegalBasis: true, Security: true, Feasibility: true}))
		h.must(o.ReferBack(ctx, h.by("carol"), string(id)))
		f := h.form()
		f.Title = "Admissions for asthma"
		_, err = o.Submit(ctx, h.by("rita"), h.folder(f), string(id))
		h.must(err)
		b, err := desk.Brief(ctx, h.by("sid"), string(id))
		h.must(err)
		if b.Version != "v1.1" || b.Since != "v1.0" || !strings.Contains(b.SinceIs, "nothing has been agreed yet") || len(b.Changes) != 1 {
			t.Errorf("%s is compared with %s, %s: %+v", b.Version, b.Since, b.SinceIs, b.Changes)
		}
	})
}
