package dars_test

import (
	"strings"
	"testing"
)

// Two ways of writing one name are one person; two names are two.
func TestWhetherTwoNamesAreOnePerson(t *testing.T) {
	tests := map[string]struct {
		signs, performs string
		one             bool
	}{
		"the same":                      {"Nora Field", "Nora Field", true},
		"in capitals":                   {"Nora Field", "NORA FIELD", true},
		"the family name first":         {"Nora Field", "Field, Nora", true},
		"with a title":                  {"Nora Field", "Prof. Nora Field", true},
		"with degrees":                  {"Nora Field", "Nora Field, BSc (Hons), Ph.D.", true},
		"with a degree":                 {"Nora Field", "Nora Field, Ph.D.", true},
		"with an initial":               {"Nora Field", "N. Field", true},
		"with two initials":             {"Nora Jane Field", "N.J. Field", true},
		"with a middle name":            {"Nora Field", "Nora Jane Field", true},
		"another with the same name":    {"Nora Field", "Nick Field", false},
		"another initial":               {"Nora Field", "R. Field", false},
		"another family name":           {"Nora Field", "Nora Fielding", false},
		"a curly apostrophe":            {"Nora O'Neill", "Nora O’Neill", true},
		"no apostrophe":                 {"Nora O'Neill", "nora oneill", true},
		"a space for the apostrophe":    {"Nora O'Neill", "Nora O Neill", true},
		"a hyphen or none":              {"Mary-Jane Field", "Mary Jane Field", true},
		"words written together":        {"Mary-Jane Field", "Maryjane Field", true},
		"an accent":                     {"Zoë Müller", "Zoe Muller", true},
		"an accent of its own":          {"Zoë Field", "Zoe\u0308 Field", true},
		"letters of full width":         {"Nora Field", "Ｎｏｒａ Ｆｉｅｌｄ", true},
		"letters of another alphabet":   {"Nora Cooper", "Nor\u0430 C\u043eoper", true},
		"a letter that is not seen":     {"Nora Field", "No\u200bra Field", true},
		"initials alone share no word":  {"Nora Field", "Ned Frost", false},
		"letters in another order only": {"Amy Lane", "May Lean", false},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			for _, pair := range [][2]string{{tt.signs, tt.performs}, {tt.performs, tt.signs}} {
				c, form := issued(), filledIn()
				form.Signed.Name, form.Signed.PerformedBy = pair[0], pair[1]
				ruled(t, c.Receive(by("P-000009"), form, "2026-03-02", nil), "")
				if got := strings.Join(points(c), ","); (got == "signed.performed_by same-person") != tt.one || !tt.one && got != "" {
					t.Errorf("%q and %q: %s", pair[0], pair[1], got)
				}
			}
		})
	}
}

// Half a name cannot be compared.
func TestANameIsSaidInFull(t *testing.T) {
	for name, full := range map[string]bool{"Nora Field": true, "N. Field": true, "Field N": true, "Nora": false, "Dr Field": false, "N F": false, "12 34": false, "Li Wu": true} {
		c, form := issued(), filledIn()
		form.Signed.PerformedBy = name
		ruled(t, c.Receive(by("P-000009"), form, "2026-03-02", nil), "")
		if got := strings.Join(points(c), ","); got != map[bool]string{true: "", false: "signed.performed_by half-a-name"}[full] {
			t.Errorf("%q: %s", name, got)
		}
	}
}
