package store_test

import (
	"testing"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"darsd/store"
)

// A name is one however it is written, and is no part of a longer word.
func TestWordsThatStandInATextOrDoNot(t *testing.T) {
	w := store.Words{Facts: []string{"Dr Éloïse O'Brien", "Éloïse O'Brien", "E. O'Brien", "eloise@ra1.example"}, Shared: []string{"Anne O'Brien"}, Lone: []string{"O'Brien", "Éloïse"}}
	tests := map[string]struct {
		text                string
		facts, shared, lone int
	}{
		"as it is":                       {"Ask Éloïse O'Brien.", 1, 0, 0},
		"in the other form of Unicode":   {norm.NFD.String("Ask Éloïse O'Brien."), 1, 0, 0},
		"in letters of another dress":    {"Ｅloïse O'Brien", 1, 0, 0},
		"without accents":                {"ELOISE OBRIEN", 1, 0, 0},
		"with another apostrophe":        {"Éloïse O’Brien", 1, 0, 0},
		"across lines, quoted":           {"Éloïse\n> O'Brien", 1, 0, 0},
		"with a gap that is no space":    {"Éloïse\u00a0O'Brien", 1, 0, 0},
		"with a letter that nobody sees": {"Éloïse O'Br\u00adien", 1, 0, 0},
		"as an initial without a space":  {"E.O'Brien", 1, 0, 0},
		"of whom it is":                  {"Éloïse O'Brien's desk", 1, 0, 0},
		"in quotation marks":             {"‘Éloïse O’Brien’", 1, 0, 0},
		"an address":                     {"<ELOISE@ra1.example>", 1, 0, 0},
		"twice":                          {"Éloïse O'Brien, E O'Brien", 2, 0, 0},
		"somebody else's too":            {"Anne O'Brien", 0, 1, 0},
		"the family name alone":          {"Ask O'Brien, or o'brien's", 0, 0, 2},
		"the family name, decomposed":    {norm.NFD.String("Éloïse rang"), 0, 0, 1},
		"a longer name":                  {"Éloïse O'Briens, and O'Brienson", 0, 0, 1},
		"in an address of another":       {"xeloise@ra1.example2", 0, 0, 0},
		"nothing":                        {"", 0, 0, 0},
		"bytes that are no text":         {"O'Brien\xff\xfe", 0, 0, 1},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			if n := w.Stand(tt.text); n.Facts != tt.facts || n.Shared != tt.shared || n.Lone != tt.lone {
				t.Errorf("%q holds %+v", tt.text, n)
			}
		})
	}
}

// A short word of a name is one with a capital only; and one that marks follow is struck
// with these.
func TestShortWordsAndMarks(t *testing.T) {
	w := store.Words{Lone: []string{"May", "Noé"}}
	if n := w.Stand("we may ask May, or MAY, in maying"); n.Lone != 2 {
		t.Errorf("%d times a name", n.Lone)
	}
	if n := w.Stand(norm.NFD.String("Noé, NOÉ, noé")); n.Lone != 2 {
		t.Errorf("%d times", n.Lone)
	}
}

// Whatever the text, what is left of it holds none of the words, and the rest of it is as
// it was.
func FuzzStruckWords(f *testing.F) {
	f.Add("Ask Éloïse\n> O’Brien's, \u0301 e.o'brien")
	f.Add("'''O'Brien''\u00ad\u200bx")
	f.Fuzz(func(t *testing.T, text string) {
		w := store.Words{Facts: []string{"Éloïse O'Brien", "E. O'Brien", "O'Brien"}, By: "#"}
		left := w.Struck(text)
		if n := w.Stand(left); n.Facts != 0 {
			t.Errorf("of %q %q is left", text, left)
		}
		if utf8.ValidString(text) != utf8.ValidString(left) {
			t.Errorf("%q became %q", text, left)
		}
	})
}
