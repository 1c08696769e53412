package store_test

import (
	"flag"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"
	"unicode"

	"golang.org/x/text/unicode/norm"

	"darsd/dars"
)

var update = flag.Bool("update", false, "write dars/plain.txt anew")

// typed are letters that Unicode does not take apart, as people type them.
var typed = map[rune]string{'ß': "ss", 'æ': "ae", 'œ': "oe", 'þ': "th", 'ø': "o", 'đ': "d", 'ð': "d", 'ħ': "h", 'ł': "l", 'ŧ': "t", 'ı': "i"}

// plainly is a letter as Unicode takes it apart, without marks and small.
func plainly(r rune) string {
	var b strings.Builder
	for _, part := range norm.NFKD.String(string(unicode.ToLower(r))) {
		if as := typed[part]; as != "" {
			b.WriteString(as)
		} else if !unicode.In(part, unicode.Mn, unicode.Cf) {
			b.WriteRune(unicode.ToLower(part))
		}
	}
	return b.String()
}

// aside are those that are no letters: marks, what stands between words, and what Unicode
// has not given to anybody. Nor does it take apart Chinese.
func aside(r rune) bool {
	return !unicode.IsGraphic(r) || unicode.Is(unicode.Unified_Ideograph, r) || unicode.In(r, unicode.Mn, unicode.Cf, unicode.Z, unicode.Pd) || unicode.IsSpace(r) || strings.ContainsRune("'’‘ʼ`´′＇>.", r)
}

// Every letter that there is is read as Unicode takes it apart. The program's rules stand
// on the standard library, which does not know that: they have a list.
func TestEveryLetterIsReadAsUnicodeTakesItApart(t *testing.T) {
	if *update {
		writePlain(t)
		t.Fatal("dars/plain.txt is written anew: run the test again")
	}
	wrong := 0
	for r := range unicode.MaxRune + 1 {
		if aside(r) {
			continue
		}
		var got strings.Builder
		for _, l := range dars.Spelt(string(r)) {
			got.WriteRune(l.Rune)
		}
		if want := plainly(r); got.String() != want {
			if wrong++; wrong < 10 {
				t.Errorf("%q (%U) is read as %q, want %q", r, r, got.String(), want)
			}
		}
	}
	if wrong > 0 {
		t.Errorf("%d are read otherwise: go test ./store -run EveryLetter -update", wrong)
	}
}

// writePlain writes the list that the rules have.
func writePlain(t *testing.T) {
	letters := map[string]string{}
	for r := range unicode.MaxRune + 1 {
		if as := plainly(r); as != string(r) && unicode.ToLower(r) == r && !aside(r) && !(r >= '가' && r <= '힣') || typed[r] != "" {
			letters[as] += string(r)
		}
	}
	var b strings.Builder
	for _, as := range slices.Sorted(maps.Keys(letters)) {
		b.WriteString(as + "\t" + letters[as] + "\n")
	}
	if err := os.WriteFile("../dars/plain.txt", []byte(b.String()), 0o644); err != nil {
		t.Fatal(err)
	}
}
