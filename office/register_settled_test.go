package office_test

import (
	"slices"
	"strings"
	"testing"

	"darsd/dars"
	"darsd/office"
)

// What somebody has settled stays settled whatever later editions say; where one says that
// the agreement went on after that, it is named, and a person decides.
func TestWhatIsSettledStaysSettled(t *testing.T) {
	tests := map[string]struct {
		end          string // that a later edition says
		contradicted bool
	}{
		"the same end":                      {"2026-01-31", false},
		"no end":                            {"", false},
		"an earlier end":                    {"2025-12-31", false},
		"a later end before it was settled": {"2026-02-28", false},
		"an end on the day it was settled":  {"2026-03-02", true},
		"a later end, over since":           {"2026-03-10", true},
		"an end to come":                    {"2027-01-31", true},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			h := found(t, "sqlite")
			o := office.Register{Office: h.first()}
			h.imports(edition("May 2017", agreedUntil(ofAnother, "2026-01-31"), released("OTHER0001", "Y")))
			h.must(o.Settle(t.Context(), h.by("connie"), ofAnother))
			h.today = "2026-03-20"
			row := agreedUntil(ofAnother, dars.Day(tt.end))
			_, done := h.imports(edition("June 2017", row, released("OTHER0002", "Y")))
			g := get[dars.ImportedAgreement](h, ofAnother)
			if g.State != dars.Closed || g.Settled == nil {
				t.Errorf("it is %s, settled %+v", g.State, g.Settled)
			}
			if got := slices.Equal(done.Contradicted, []string{ofAnother}); got != tt.contradicted || len(done.Contradicted) > 1 {
				t.Errorf("the import names %q", done.Contradicted)
			}
			if h.waits("connie", ofAnother, "register reopen") != tt.contradicted {
				t.Errorf("compliance is told to %q", h.todo("connie"))
			}
			rule := "wrong-step"
			if tt.contradicted {
				rule = ""
			}
			ruled(t, o.Reopen(t.Context(), h.by("connie"), ofAnother), rule)
		})
	}
}

// Whether an edition or who has settled it is right is decided once, by whichever of two
// people is first; the same edition again raises it no more.
func TestAContradictionIsDecidedOnce(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		o := office.Register{Office: h.first()}
		h.imports(edition("May 2017", agreedUntil(ofAnother, "2026-01-31"), released("OTHER0001", "Y")))
		h.must(o.Settle(t.Context(), h.by("connie"), ofAnother))
		later := edition("June 2017", agreedUntil(ofAnother, "2027-01-31"), released("OTHER0002", "Y"))
		h.imports(later)
		h.race(8, "wrong-step", func(i int, o *office.Office) error {
			if i%2 == 0 {
				return office.Register{Office: o}.Settle(t.Context(), h.by("connie"), ofAnother)
			}
			return office.Register{Office: o}.Reopen(t.Context(), h.by("connie"), ofAnother)
		})
		g := get[dars.ImportedAgreement](h, ofAnother)
		if g.ContradictedBy != "" || (g.Settled == nil) != (g.State == dars.InForce) {
			t.Errorf("it is %s, contradicted by %q, settled %+v", g.State, g.ContradictedBy, g.Settled)
		}
		h.imports(edition("June 2017", agreedUntil(ofAnother, "2027-01-31"), released("OTHER0002", "N")))
		if now := get[dars.ImportedAgreement](h, ofAnother); now.State != g.State || now.ContradictedBy != "" {
			t.Errorf("the edition again makes it %s, contradicted by %q", now.State, now.ContradictedBy)
		}
		h.sound()
	})
}

// Names that differ in no more than the form of an organisation, accents and blanks are
// named as perhaps one. Nothing is joined: a person joins them, or says that they are two.
func TestAnImportNamesWhatIsPerhapsOneOrganisation(t *testing.T) {
	by := func(row, org string) map[string]string { return released(row, "Y", "Organisation Name", org) }
	each(t, func(t *testing.T, h *house) {
		p := office.Parties{Office: h.first()}
		_, done := h.imports(edition("May 2017", by("OTHER0001", "HEALTH IQ LTD"), by("OTHER0002", "Health IQ Limited"), by("OTHER0003", "HealthIQ"),
			by("OTHER0004", "Leeds Teaching Hospitals NHS Trust"), by("OTHER0005", "University of Leeds"), by("OTHER0006", "NHS Trust")))
		if len(done.Alike) != 1 || !alike(done.Alike[0], "HealthIQ", "HEALTH IQ LTD") {
			t.Errorf("alike are %q", done.Alike)
		}
		h.must(p.AddOrganisation(t.Context(), h.by("carol"), dars.Organisation{Code: "RR8", Name: "Leeds Teaching Hospitals NHS Foundation Trust", ICO: "Z1234567", Security: "DSPT"}))
		_, done = h.imports(edition("June 2017", by("OTHER0007", "LEEDS TEACHING HOSPITALS NHS FT"), by("OTHER0008", "Université of Leeds")))
		if len(done.Alike) != 1 || !alike(done.Alike[0], "RR8", "leeds teaching hospitals nhs trust") {
			t.Errorf("with an earlier edition and one of ours alike are %q", done.Alike)
		}
		if n := len(all[dars.SameParty](h)); n != 0 {
			t.Errorf("%d were joined unasked", n)
		}
		same, err := p.Same(t.Context(), h.by("carol"), "RR8", "Leeds Teaching Hospitals NHS Trust")
		h.must(err)
		again := func(row string) [][]string {
			_, done := h.imports(edition("July "+row, by(row, "Leeds Teaching Hospitals NHS Trust")))
			return done.Alike
		}
		if got := again("OTHER0009"); len(got) > 0 {
			t.Errorf("joined, they are named still: %q", got)
		}
		h.must(p.Apart(t.Context(), h.by("connie"), same.ID))
		if got := again("OTHER0010"); len(got) > 0 {
			t.Errorf("said to be two, they are named still: %q", got)
		}
		h.sound()
	})
}

func alike(got []string, want ...string) bool {
	slices.Sort(want)
	return strings.Join(got, ";") == strings.Join(want, ";")
}
