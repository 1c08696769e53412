package dars_test

import (
	"testing"

	"darsd/dars"
)

// What leaves is what was agreed: rows, or a table that tells of groups only.
func TestWhatMayLeaveAsWhatItWasAgreed(t *testing.T) {
	tests := map[string]struct {
		terms dars.DatasetRequest
		kind  string
		rule  string
	}{
		"rows as an extract":                   {dars.DatasetRequest{Identifiability: "IDENT"}, dars.KindExtract, ""},
		"rows without names as an extract":     {dars.DatasetRequest{Identifiability: "PSEUDO_ICO"}, dars.KindExtract, ""},
		"rows as a table":                      {dars.DatasetRequest{Identifiability: "PSEUDO_ICO"}, dars.KindTabulation, "no-tabulation"},
		"a table as a table":                   {dars.DatasetRequest{Identifiability: "AGG_SUPPRESSED"}, dars.KindTabulation, ""},
		"a table as rows":                      {dars.DatasetRequest{Identifiability: "AGG_SUPPRESSED"}, dars.KindExtract, "no-extract"},
		"small numbers and all, as rows":       {dars.DatasetRequest{Identifiability: "AGG_UNSUPPRESSED"}, dars.KindExtract, "no-extract"},
		"small numbers and all, as a table":    {dars.DatasetRequest{Identifiability: "AGG_UNSUPPRESSED"}, dars.KindTabulation, "no-tabulation"},
		"a table that is looked at":            {dars.DatasetRequest{Identifiability: "AGG_SUPPRESSED"}, dars.KindAccess, ""},
		"a table in a form of the recipient's": {dars.DatasetRequest{Identifiability: "AGG_SUPPRESSED", Output: &dars.Output{Compression: "gzip"}}, dars.KindTabulation, "output"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) { ruled(t, tt.terms.AsKind("G", tt.kind), tt.rule) })
	}
}

// A table is one row of the register, though it is two files.
func TestATableIsOneRowOfTheRegister(t *testing.T) {
	r := &dars.Release{ID: "REL-000001", Kind: dars.KindTabulation, Agreement: "DARS-NIC-000001-B1C2D-v1.0", Dataset: "HES_APC", Periods: []string{"201399", "201499"}, Published: "2016-04-25", State: dars.Published}
	r.Tabulate(dars.Tabulation{Says: "persons by sex"}, "DARS-NIC-000001-B1C2D", 7)
	g := &dars.Agreement{Datasets: []dars.DatasetRequest{{Code: "HES_APC", Identifiability: "AGG_SUPPRESSED"}}}
	rows := r.Public(dars.ReleasedUnder{Agreement: g, Org: "A university", Dataset: "Hospital episodes"})
	if len(rows) != 1 || rows[0].File != "FILE0000007" || rows[0].Period != "201399, 201499" || rows[0].Data != "Aggregated - small numbers suppressed" {
		t.Errorf("the rows are %+v", rows)
	}
	if r.Files[0].Path != "data/FILE0000007_NIC000001_HES_APC_TABLE.csv" || r.ToRead().Path != "data/FILE0000008_NIC000001_HES_APC_TABLE.txt" {
		t.Errorf("its files are %+v", r.Files)
	}
}
