package main

import (
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"darsd/dars"
)

func TestTable(t *testing.T) {
	for name, c := range map[string]struct {
		rows table
		want string
	}{
		"what fits is left alone": {table{{"CODE", "NAME"}, {"RA1", "University, of Northshire"}}, `CODE  NAME
RA1   University, of Northshire
`},
		"folded at commas and blanks": {table{{"RELEASE", "AGREEMENT", "DATASET", "PERIODS", "UNTIL"}, {"REL-000001", "DARS-NIC-000001-V4N9S-v1.0", "HES_APC", "201299,201399,201499,201599", "2016-03-21"}}, `RELEASE     AGREEMENT                   DATASET  PERIODS         UNTIL
REL-000001  DARS-NIC-000001-V4N9S-v1.0  HES_APC  201299,201399,  2016-03-21
                                                 201499,201599
`},
		"less air":               {table{{strings.Repeat("a", 40), strings.Repeat("b", 39)}}, strings.Repeat("a", 40) + " " + strings.Repeat("b", 39) + "\n"},
		"a word that has no end": {table{{"label", strings.Repeat("x", 100)}}, "label " + strings.Repeat("x", 74) + "\n      " + strings.Repeat("x", 26) + "\n"},
		"what moves a cursor":    {table{{"Go\x1b[31mod\x1b]0;x\a", "a\u202eb\r\nc\u009bd"}}, "Go[31mod]0;x  ab  cd\n"},
		"letters of more bytes":  {table{{"ÄÖ", "é"}, {"a", "b"}}, "ÄÖ  é\na   b\n"},
	} {
		t.Run(name, func(t *testing.T) {
			var b strings.Builder
			if err := c.rows.write(&b); err != nil || b.String() != c.want {
				t.Errorf("got\n%s, want\n%s", b.String(), c.want)
			}
		})
	}
}

// Whatever is in it, a table is never wider than the screen, and nothing of it is
// lost but what moves a cursor.
func FuzzTable(f *testing.F) {
	f.Add("RELEASE", "DARS-NIC-000001-V4N9S-v1.0 and more", strings.Repeat("long,", 40))
	f.Add("", " ", strings.Repeat("x", 300))
	f.Add("a\u202eb", "\u00a0", "tab\there\x1b[31m")
	f.Fuzz(func(t *testing.T, a, b, c string) {
		for _, text := range []string{a, b, c} {
			if !utf8.ValidString(text) || strings.ContainsAny(text, "\n\r") {
				t.Skip()
			}
		}
		var out strings.Builder
		if err := (table{{a, b, c}, {c, a, b}}).write(&out); err != nil {
			t.Fatal(err)
		}
		for line := range strings.Lines(out.String()) {
			if n := utf8.RuneCountInString(strings.TrimRight(line, "\n")); n > screenWidth {
				t.Errorf("a line has %d columns", n)
			}
		}
		if got, want := bare(out.String()), bare(dars.Legible(a+b+c+c+a+b)); len(got) != len(want) {
			t.Errorf("%d letters became %d", len(want), len(got))
		}
	})
}

func bare(text string) string { return strings.NewReplacer(" ", "", "\n", "", "\t", "").Replace(text) }

// Help is read at a terminal too.
func TestHelpFitsTheScreen(t *testing.T) {
	var look func(words ...string)
	look = func(words ...string) {
		out, _, status := asked(t.Context(), append(words, "--help")...)
		if status != done {
			t.Errorf("%q: exit status %d", words, status)
		}
		below := false
		for line := range strings.Lines(out) {
			line = strings.TrimRight(line, "\n")
			if n := utf8.RuneCountInString(line); n > screenWidth {
				t.Errorf("darsd %s --help: %d columns: %s", strings.Join(words, " "), n, line)
			}
			switch name, _, _ := strings.Cut(strings.TrimSpace(line), " "); {
			case strings.HasPrefix(line, "Available Commands:"):
				below = true
			case !strings.HasPrefix(line, "  "):
				below = false
			case below && name != "help":
				look(append(slices.Clone(words), name)...)
			}
		}
	}
	look()
}
