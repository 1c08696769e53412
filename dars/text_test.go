package dars_test

import (
	"strings"
	"testing"

	"darsd/dars"
)

// What a form says is read by others: what commands their screens, and what may
// be a patient's number, is told by its field and never repeated.
func TestTextsOfForms(t *testing.T) {
	tests := map[string]struct{ text, rule string }{
		"plain":                          {"Asthma:\tone – “two”\r\n• three\rfour", ""},
		"an escape":                      {"Go\x1b[31mod", "bad-text"},
		"a bell":                         {"Go\aod", "bad-text"},
		"one of the second set":          {"Go\u009bod", "bad-text"},
		"turned around":                  {"Go\u202eod", "bad-text"},
		"a patient's number":             {"as for 9434765919.", "patient-number"},
		"in groups":                      {"as for 943 476 5919", "patient-number"},
		"in other groups, no number":     {"2026-03-31 10 of 94 3476 5919", ""},
		"one that is not valid":          {"9434765918", ""},
		"within a longer number":         {"09434765919", ""},
		"more digits than one can count": {strings.Repeat("1 2 ", 100_000), ""},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			f := dars.Form{Title: tt.text, Funder: &dars.Backer{Name: "x", Award: "9434765919"}}
			got := ""
			for _, m := range f.Check(nil) {
				if m.Field == "title" || strings.HasPrefix(m.Field, "funder") {
					got += m.Rule
				}
				if strings.Contains(m.String(), "4765919") || strings.Contains(m.String(), "\x1b") {
					t.Errorf("it repeats what must not be repeated: %s", m)
				}
			}
			if got != tt.rule {
				t.Errorf("it is refused for %q, want %q", got, tt.rule)
			}
			if tt.rule == "bad-text" && dars.Legible(tt.text) == tt.text {
				t.Error("what commands a screen is left in")
			}
		})
	}
}
