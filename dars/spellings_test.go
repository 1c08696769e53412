package dars_test

import (
	"slices"
	"testing"

	"darsd/dars"
)

// How others write somebody's name. What may be anybody's is none of its spellings.
func TestSpellings(t *testing.T) {
	tests := map[string]struct {
		name  string
		among []string
		not   []string
	}{
		"with a title":           {"Dr Petra Quillfeather", []string{"Dr Petra Quillfeather", "Petra Quillfeather", "Quillfeather, Petra", "P. Quillfeather", "P Quillfeather"}, []string{"Petra", "Quillfeather", "Dr Quillfeather"}},
		"with what follows it":   {"Petra Quillfeather, PhD", []string{"Petra Quillfeather", "Quillfeather, P."}, []string{"Petra Quillfeather,"}},
		"with a middle name":     {"Ann Mary Field", []string{"Ann Mary Field", "Ann Field", "Field, Ann Mary", "A. Field"}, []string{"Mary Field", "Ann Mary"}},
		"the family name first":  {"Quillfeather, Petra", []string{"Petra Quillfeather", "Quillfeather, Petra"}, nil},
		"beginning with É":       {"Élodie Durand", []string{"Durand, Élodie", "É. Durand"}, nil},
		"an initial already":     {"N. Gerda", []string{"N. Gerda", "Gerda, N.", "N Gerda"}, nil},
		"one word":               {"Prince", nil, []string{"Prince"}},
		"a title and one word":   {"Dr Strange", []string{"Dr Strange"}, []string{"Strange"}},
		"nothing":                {"", nil, []string{""}},
		"initials and no family": {"A B", []string{"A B"}, []string{"A", "B, A"}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			all := dars.Spellings(tt.name)
			for _, want := range tt.among {
				if !slices.Contains(all, want) {
					t.Errorf("%q is missing: %q", want, all)
				}
			}
			for _, bad := range tt.not {
				if slices.Contains(all, bad) {
					t.Errorf("%q is among them", bad)
				}
			}
			if !slices.IsSortedFunc(all, func(a, b string) int { return len(b) - len(a) }) {
				t.Errorf("a shorter one comes first: %q", all)
			}
		})
	}
}
