package intake

import (
	"io/fs"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"darsd/dars"
)

// Whatever a file was called, its verdict has a name that a file system takes
// and that no other verdict's is mistaken for.
func FuzzNumbered(f *testing.F) {
	for _, name := range []string{"list.csv", "a\nb", "\xff.csv", strings.Repeat("ü", 127), ".x", "a.verdict.json", strings.Repeat("n", 190) + ".verdict.txt"} {
		f.Add(name, 1)
		f.Add(name, 1000)
	}
	f.Fuzz(func(t *testing.T, name string, n int) {
		if name == "" || name == "." || name == ".." || strings.ContainsAny(name, "/\x00") || n < 1 {
			return // no file is called that
		}
		got := numbered(name, n)
		if !fs.ValidPath(got) || got == "." || strings.Contains(got, "/") || !utf8.ValidString(got) || strings.ContainsFunc(got, unicode.IsControl) ||
			len(got+dars.VerdictObject) > 255 || dars.IsVerdict(got) {
			t.Errorf("%q, choice %d: %q", name, n, got)
		}
		if n > 1 && got == numbered(name, 1) {
			t.Errorf("%q: choice %d is the first again", name, n)
		}
	})
}

// A verdict on a form tells every mistake on its own line, and no name of a field
// breaks that.
func TestMistakesAreListed(t *testing.T) {
	v := dars.Verdict{File: "one", Verdict: dars.VerdictRejected, Reason: "application.yaml: line 1: title: is empty; and 1 more",
		Mistakes: []dars.Mistake{{Line: 1, Field: "title", Says: "is empty"}, {Line: 2, Field: "start\n", Says: "is late"}}}
	object, sentence, err := written(v)
	want := "\"one\" was rejected: application.yaml: line 1: title: is empty; and 1 more.\n\nAll that is to be mended:\n\n    line 1: title: is empty\n    line 2: start : is late\n"
	if err != nil || string(sentence) != want || !strings.Contains(string(object), `"mistakes": [`) {
		t.Errorf("%s\n%s\n%v", object, sentence, err)
	}
}
