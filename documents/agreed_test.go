package documents

import (
	"strings"
	"testing"

	"darsd/dars"
)

// What is done to rows is agreed on paper: whoever signs reads it there.
func TestAnAgreementSaysWhatIsDoneToRows(t *testing.T) {
	tests := map[string]struct {
		asks dars.DatasetRequest
		says string
	}{
		"nothing":   {dars.DatasetRequest{}, "all fields of the dataset"},
		"fields":    {dars.DatasetRequest{Fields: []string{"A", "B"}, From: "2001-04-01"}, "A, B. Only records dated from 1 April 2001."},
		"columns":   {dars.DatasetRequest{Columns: []dars.Column{{Field: "B"}, {Field: "A", As: "X"}}}, "B, X (A)"},
		"pseudonym": {dars.DatasetRequest{Columns: []dars.Column{{Field: "NHS", As: "WHO", Derive: "pseudonym"}}}, "WHO (Pseudonym of the case; from NHS)"},
		"age band":  {dars.DatasetRequest{Columns: []dars.Column{{Field: "DOB", Derive: "age-band", At: "DAY", Bands: "0-17,18+"}}}, "DOB (Age band, 0-17,18+; from DOB at DAY)"},
		"area":      {dars.DatasetRequest{Columns: []dars.Column{{Field: "PC", Derive: "area", Table: "LAD"}}}, "PC (Area, by a table of the office, by the table LAD; from PC)"},
		"codes": {dars.DatasetRequest{Rows: []dars.RowFilter{{Fields: []string{"D1..D9", "E"}, Prefixes: []string{"J45", "J46"}, Codes: []string{"X1"}}}},
			" Only records in which one of D1..D9, E begins with J45 or J46 or is X1. Records that do not say it are not released."},
		"not codes":        {dars.DatasetRequest{Rows: []dars.RowFilter{{Fields: []string{"D"}, Codes: []string{"X1", "X2"}, Not: true}}}, " No records in which D is X1 or X2."},
		"ages":             {dars.DatasetRequest{Rows: []dars.RowFilter{{Fields: []string{"DOB"}, Ages: "0-17", At: "2026-01-01"}}}, " Only records in which DOB gives an age at 2026-01-01 of 0-17."},
		"cohort":           {dars.DatasetRequest{Cohort: &dars.Cohort{Field: "NHS"}}, " Only records of persons whom you have named to us, each by one value of NHS."},
		"cohort by number": {dars.DatasetRequest{Cohort: &dars.Cohort{Field: "NHS", NHSNumbers: true}}, " Only records of persons whom you have named to us, each by one NHS number."},
		"output":           {dars.DatasetRequest{Output: &dars.Output{Delimiter: "|", Compression: "zstd"}}, ` Its fields are separated by "|". Its files are compressed by zstd.`},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			f := agreementFacts()
			tt.asks.Code = "HES_APC"
			f.Agreement.Datasets = []dars.DatasetRequest{tt.asks}
			if text := press(false).agreement(f).WriteText(); !strings.Contains(text, tt.says) {
				t.Errorf("it does not say %q:\n%s", tt.says, text)
			}
		})
	}
}
