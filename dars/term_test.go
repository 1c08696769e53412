package dars_test

import (
	"testing"

	"darsd/dars"
)

// How long an agreement runs is held to policy, and to what it rests on.
func TestTermsAreHeldToPolicy(t *testing.T) {
	tests := map[string]struct {
		start, end dars.Day
		form       func(*dars.Form)
		rule       string
	}{
		"three years":                       {"2026-03-02", "2029-03-02", nil, ""},
		"a day more":                        {"2026-03-02", "2029-03-03", nil, "bad-term"},
		"a year, with a commercial aim":     {"2026-03-02", "2027-03-02", func(f *dars.Form) { f.Purpose.Commercial = true }, ""},
		"more, with a commercial aim":       {"2026-03-02", "2027-03-03", func(f *dars.Form) { f.Purpose.Commercial = true }, "bad-term"},
		"more, and passed on":               {"2026-03-02", "2027-03-03", func(f *dars.Form) { f.Sublicensing = "to trusts" }, "bad-term"},
		"it ends before it begins":          {"2026-03-02", "2026-03-01", nil, "bad-term"},
		"it is over when it is issued":      {"2025-03-02", "2026-03-01", nil, "bad-term"},
		"it is of today alone":              {"2026-03-02", "2026-03-02", nil, ""},
		"it begins in a year":               {"2027-03-02", "2027-12-31", nil, ""},
		"it begins in more than a year":     {"2027-03-03", "2027-12-31", nil, "bad-term"},
		"as long as section 251 support":    {"2026-03-02", "2027-06-30", func(f *dars.Form) { f.Evidence[0].Expires = "2027-06-30" }, ""},
		"longer than section 251 support":   {"2026-03-02", "2027-07-01", func(f *dars.Form) { f.Evidence[0].Expires = "2027-06-30" }, "bad-term"},
		"beyond the yearly look at support": {"2026-03-02", "2027-07-01", func(f *dars.Form) { f.Evidence[0].Renew = "2026-12-31" }, ""},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			p := &dars.Application{Stem: "DARS-NIC-000001-V4N9S", Major: 1, Form: dars.Form{
				Datasets: []dars.DatasetRequest{{Gateway: "NHSA251_REG5"}}, Evidence: []dars.Evidence{{Kind: "S251_APPROVAL", File: "cag.txt"}}}}
			if tt.form != nil {
				tt.form(&p.Form)
			}
			e := p.Form.Evidence[0]
			p.Evidence = []dars.EvidenceFile{{N: 1, Kind: e.Kind, File: e.File, Expires: e.Expires, Renew: e.Renew}}
			ruled(t, p.CheckTerm(dars.Terms{}, tt.start, tt.end, "2026-03-02"), tt.rule)
		})
	}
}
