package documents

import (
	"fmt"
	"strings"
	"testing"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// Each letter that Unicode has assigned stands in a paper as it was typed, or is told
// with what stands in its place: none is lost in silence.
func TestNoLetterIsLost(t *testing.T) {
	n, told, lost := 0, 0, 0
	for r := rune(0); r <= unicode.MaxRune; r++ {
		if !unicode.In(r, unicode.L, unicode.M, unicode.N, unicode.P, unicode.S, unicode.Z, unicode.C) || unicode.Is(unicode.Cs, r) {
			continue
		}
		n++
		heard, unknowns := rune(-1), 0
		got := typeset("a"+string(r)+"b", func(of rune, stands string) {
			heard = of
			unknowns += strings.Count(stands, unknown)
		})
		if i := strings.IndexFunc(got, func(r rune) bool { return r != '\n' && !hasGlyph(r) }); i >= 0 {
			t.Errorf("%U: %q cannot be drawn", r, got)
		}
		same := norm.NFC.String("a" + string(r) + "b") // what Unicode holds to be one and the same
		switch {
		case got == same:
		case strings.Trim(got, "ab \n") == "" && (unicode.IsSpace(r) || r == '\u0085'):
		case got == "ab" && invisible(r) && !turns(r):
		case heard < 0:
			t.Errorf("%U %s stands as %q, and nobody is told", r, signName(r), got)
			lost++
		case unknowns != strings.Count(got, unknown):
			t.Errorf("of %U %s %d are told as unknown, and the paper says %q", r, signName(r), unknowns, got)
		case heard != r && !strings.ContainsRune(norm.NFC.String("a"+string(r)), heard):
			t.Errorf("of %U %s is told %U", r, signName(r), heard)
		default:
			told++
		}
		if lost > 20 {
			t.Fatal("and so on")
		}
	}
	if n < 200_000 || told < 100_000 {
		t.Errorf("%d letters were tried, and %d told of", n, told)
	}
}

// What looks like the same, and is not.
func TestWhatStandsForALetter(t *testing.T) {
	for in, want := range map[string]string{
		"①②⑳ ⑴ ⒈ ⓪ ❶ ㉑ Ⓐ ⓩ ⒜": "(1)(2)(20) (1) 1. (0) (1) (21) (A) (z) (a)",
		"s\u0336t\u0336":      "s?t?",  // struck out: what is no longer said must not be read as said
		"1\u20dd":             "1?",    // enclosed
		"a ≰ b":               "a ? b", // not less than: without its stroke it would say less than
		"12㎡, 3㎞, 5㏄":         "12m², 3km, 5cc",
		"ＡＢ１２，":               "AB12,",
		"𝐇𝐄𝐒 and 𝟏𝟐":          "HES and 12",
		"Ⅷ and ⅻ":             "VIII and xii",
		"☒ yes ☐ no ✅":        "[x] yes ☐ no ✓",
		"e\u1dc4":             "e", // an accent that the font has not
		"？":                   "?", // wide, and a question mark all the same
		"why?":                "why?",
		"\u0600 12":           "? 12", // the sign before a number is seen
		"\ufdfa":              "?",    // a phrase in one sign
		"בְּ":                 "???",  // letters with what belongs to them
		"\ue000":              "?",    // of private use
		"½ and x² and H₂O":    "½ and x² and H₂O",
		"Ελλάδα, Ђорђе, Łódź": "Ελλάδα, Ђорђе, Łódź",
	} {
		if got := clean(in); got != want {
			t.Errorf("%q stands as %q, want %q", in, got, want)
		}
	}
}

// What stands otherwise is said on the paper: which letters, as what, and where.
func TestWhatStandsOtherwiseIsSaid(t *testing.T) {
	d := press(false).New("Paper", "plain", "CON-000001-X0X0X", "2016-03-01")
	d.Heading("Steps")
	d.Text("① ask? ① wait \u202eturned\u202c e\u1dc4")
	d.Heading("Struck")
	d.Text("n\u0336o\u0336 👍 ？")
	text := strings.Join(strings.Fields(d.WriteText()), " ")
	for _, want := range []string{
		"[ Not shown: 3 signs (combining long stroke overlay and thumbs up sign) in “Struck”. Our type",
		"[ Shown otherwise than typed, since our type has no such letters: combining macron-acute left out, right-to-left override left out and circled digit one as “(1)” in “Steps”; fullwidth question mark as “?” in “Struck”. ]",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("it does not say %s\n%s", want, text)
		}
	}
	for i := range 300 { // and one of a great many says no more than anybody reads
		d.Heading(fmt.Sprint("Part ", i))
		d.Text(string(rune(0x1F300+i)) + string(rune('①'+i%20)))
	}
	if said := len(d.WriteText()); said > 12_000 {
		t.Errorf("it says %d bytes", said)
	}
}
