package dars_test

import (
	"slices"
	"strings"
	"testing"

	"darsd/dars"
)

// A name is withheld however people write it; what only looks like it stays.
func TestWithheld(t *testing.T) {
	names := []string{"Ada Mary Lovelace", "ada.l@example.org", "Jo Ng", "", "O'Neil, Zoë", "Cox"}
	const gone = dars.NameWithheld
	for name, tt := range map[string]struct{ text, want string }{
		"as it is":                   {"asked by Ada Mary Lovelace.", "asked by " + gone + "."},
		"in other letters":           {"ADA MARY LOVELACE asks", gone + " asks"},
		"over two lines":             {"Ada\nMary   Lovelace", gone},
		"with a blank that is none":  {"Ada\u00a0Mary\u00a0Lovelace", gone},
		"without the middle":         {"Ada Lovelace", gone},
		"with another middle":        {"Ada K. Lovelace", gone},
		"the last name first":        {"Lovelace, Ada", gone},
		"with an initial":            {"A. Lovelace, A.M. Lovelace and A Lovelace", gone + ", " + gone + " and " + gone},
		"an initial after it":        {"Lovelace A. and others", gone + " and others"},
		"after a title":              {"Professor Lovelace and Dr Ada Lovelace", gone + " and " + gone},
		"within a word":              {"the AdaLovelaces", "the AdaLovelaces"},
		"a word that is in a name":   {"lovelace computing", "lovelace computing"},
		"a short name":               {"Jo Ng was asked by Dr Ng", gone + " was asked by " + gone},
		"a word with it":             {"in Cox regression", "in Cox regression"},
		"with an accent":             {"Zoë O'Neil", gone},
		"its accent apart":           {"Zoe\u0308 O'Neil", gone},
		"without the accent":         {"ZOE ONEIL, and Dr Zoe", gone + ", and " + gone},
		"with another apostrophe":    {"Zoë O’Neil's desk", gone + "'s desk"},
		"of full width":              {"Ａｄａ Ｌｏｖｅｌａｃｅ", gone},
		"with unseen letters":        {"Ada Love\u00adla\u200bce", gone},
		"with a hyphen between":      {"Ada-Mary Lovelace", gone},
		"cited":                      {"Ada\n> Lovelace", gone},
		"a name that only begins so": {"Lovelace, Albert, and Ada Lovelacey", "Lovelace, Albert, and Ada Lovelacey"},
		"the initial of a sentence":  {"Lovelace, A. The rest", gone + " The rest"},
		"bytes that are no text":     {"\xff Ada Lovelace\xfe", "\xff " + gone + "\xfe"},
		"an address of mail":         {"write to Someone.Else+x@mail.example.co.uk!", "write to " + gone + "!"},
		"a telephone":                {"call 0300 303 5678, or +44 (0)20 7946 0018", "call " + gone + ", or " + gone},
		"years and grants":           {"MR/N013166/1 from 2010 to 2019, 12 000 rows", "MR/N013166/1 from 2010 to 2019, 12 000 rows"},
		"nobody's":                   {"Nobody is named.", "Nobody is named."},
		"said twice":                 {"Ada Lovelace, then Ada Lovelace", gone + ", then " + gone},
		"our own words":              {gone, gone},
		"letters that grow when low": {"İİİ Ada Lovelace İ", "İİİ " + gone + " İ"},
	} {
		t.Run(name, func(t *testing.T) {
			if got := dars.Withheld(tt.text, names); got != tt.want {
				t.Errorf("%q, not %q", got, tt.want)
			}
		})
	}
}

// A text is its passages: nothing is lost, and every ground is told apart.
func TestPassages(t *testing.T) {
	for text, grounds := range map[string][]string{
		"": nil, "words": nil, dars.NameWithheld: {"personal data, section 40"}, "by " + dars.NameWithheld + " and " + dars.NameWithheld + ".": {"personal data, section 40", "personal data, section 40"}, "[withheld: not closed": nil, "a ] b": nil,
	} {
		var said strings.Builder
		var got []string
		for _, p := range dars.Passages(text) {
			if said.WriteString(p.Words); p.Ground != "" {
				said.WriteString("[withheld: " + p.Ground + "]")
				got = append(got, p.Ground)
			}
		}
		if said.String() != text || !slices.Equal(got, grounds) {
			t.Errorf("%q: %q with the grounds %q", text, said.String(), got)
		}
	}
}
