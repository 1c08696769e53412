package documents

import (
	"strings"
	"testing"
	"unicode/utf16"
)

// A cell takes in as many letters as a spreadsheet does, and not one less; what is longer
// ends in a dot for the rest.
func TestShortened(t *testing.T) {
	for name, tt := range map[string]struct {
		text string
		cut  bool
	}{
		"short":                    {"a", false},
		"as long as may be":        {strings.Repeat("a", maxCell), false},
		"one too many":             {strings.Repeat("a", maxCell+1), true},
		"accents":                  {strings.Repeat("é", maxCell), false},
		"accents, one too many":    {strings.Repeat("é", maxCell+1), true},
		"letters that count twice": {strings.Repeat("𝄞", maxCell/2), false},
		"one of those too many":    {strings.Repeat("𝄞", maxCell/2+1), true},
		"one of them at the end":   {strings.Repeat("a", maxCell-1) + "𝄞", true},
	} {
		t.Run(name, func(t *testing.T) {
			got := shortened(tt.text)
			if n := len(utf16.Encode([]rune(got))); n > maxCell || tt.cut && n < maxCell-1 || (got != tt.text) != tt.cut || tt.cut != strings.HasSuffix(got, "…") {
				t.Errorf("%d letters of %d are left, and it ends in %q", n, len(utf16.Encode([]rune(tt.text))), got[len(got)-1:])
			}
		})
	}
}
