package dars_test

import (
	"slices"
	"testing"

	"darsd/dars"
)

// Spellings of one organisation have one form, and two organisations have two.
func TestPartyNames(t *testing.T) {
	for name, want := range map[string][]string{
		"University of Leeds":                           {"university of leeds"},
		" The  UNIVERSITY of Leeds.":                    {"university of leeds"},
		"Univ. of Leeds (E1234)":                        {"code E1234", "university of leeds"},
		"Leeds Teaching Hospitals NHS Trust (RR8)":      {"code RR8", "leeds teaching hospitals nhs trust"},
		"St. George’s Hospital":                         {"saint georges hospital"},
		"Saint Georges Hospital":                        {"saint georges hospital"},
		"Marks&Spencer Ltd":                             {"marks and spencer limited"},
		"Marks and Spencer Limited":                     {"marks and spencer limited"},
		"Royal Marsden NHS FT":                          {"royal marsden nhs foundation trust"},
		"University of Leeds (School of Medicine)":      {"university of leeds school of medicine"},
		"Health and Social Care Information Centre [X]": {"health and social care information centre x"},
		"London School of Hygiene (LSHTM)":              {"london school of hygiene lshtm"},
		"The":                                           {"the"},
		"":                                              {""},
	} {
		if got := dars.PartyNames(name); !slices.Equal(got, want) {
			t.Errorf("%q is found by %q, want %q", name, got, want)
		}
	}
}
