package dars_test

import (
	"testing"

	"darsd/dars"
)

// A term is judged by the day on which it is handed in.
func TestAskedTerm(t *testing.T) {
	tests := map[string]struct {
		kind       string
		start, end dars.Day
		wrong      string // the field
		warned     string // the rule
	}{
		"three years from now":      {"", "2026-04-01", "2029-03-31", "", ""},
		"in a year's time":          {"", "2027-03-01", "2028-02-29", "", ""},
		"later than that":           {"", "2027-03-02", "2028-02-29", "start", ""},
		"the year 9999":             {"", "9999-01-01", "9999-12-31", "start", ""},
		"the year 1999":             {"", "1999-01-01", "2029-03-31", "start", ""},
		"a month ago":               {"", "2026-02-01", "2027-01-31", "", "backdated"},
		"a renewal keeps its start": {dars.Renewal, "2019-01-01", "2027-01-31", "", ""},
		"a renewal that is over":    {dars.Renewal, "2019-01-01", "2020-12-31", "end", ""},
		"without end":               {"", "2026-04-01", "9999-12-31", "end", ""},
		"fifteen years":             {"", "2026-04-01", "2041-03-31", "", ""},
		"what is no day":            {"", "soon", "2041-03-31", "", ""},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			d := dars.Draft{Form: dars.Form{Kind: tt.kind, Start: tt.start, End: tt.end}}
			wrong, warned := "", ""
			for _, m := range d.Form.CheckTerm("2026-03-01") {
				wrong += m.Field
			}
			for _, m := range d.TermWarnings("2026-03-01") {
				warned += m.Rule
			}
			if wrong != tt.wrong || warned != tt.warned {
				t.Errorf("wrong is %q, and warned is of %q; want %q and %q", wrong, warned, tt.wrong, tt.warned)
			}
		})
	}
}
