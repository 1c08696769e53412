package documents

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
	"unicode/utf8"

	"darsd/dars"
)

func TestClean(t *testing.T) {
	tests := map[string]struct{ in, want string }{
		"plain words":             {"Łódź, Ελλάδα, Мед, ŵŷ, șț — “a” €5 ☑", "Łódź, Ελλάδα, Мед, ŵŷ, șț — “a” €5 ☑"},
		"accents apart":           {"e\u0301 n\u0303 s\u0326", "é ñ ș"},
		"lines of Windows":        {"a\r\nb\rc\u2028d\u0085e", "a\nb\nc\nd\ne"},
		"a tab":                   {"a\tb", "a    b"},
		"controls":                {"a\x00\x07\x1b[31mb\x7f", "a[31mb"},
		"a soft hyphen":           {"in\u00adter", "inter"},
		"no-break space":          {"5\u00a0000", "5\u00a0000"},
		"marks of direction":      {"a\u202egpj.exe\u2066b\u200f", "agpj.exeb"},
		"joiners and a byte mark": {"\ufeffa\u200d\u200bb\ufe0f", "ab"},
		"broken bytes":            {"a\xff\xfeb", "a?b"},
		"above U+FFFF":            {"a😀b𝐂", "a?bC"},
		"letters we have not":     {"ＡＢ１ ǅ 中", "AB1 Dz ?"},
		"a roman numeral":         {"Ⅷ", "VIII"},
		"private":                 {"\ue000", "?"},
		"an accent we have not":   {"a\u1dc4", "a"},
		"a letter in a circle":    {"a\u20dd", "a?"},
		"nothing":                 {"", ""},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			if got := clean(tt.in); got != tt.want {
				t.Errorf("%q became %q, want %q", tt.in, got, tt.want)
			}
		})
	}
}

// A line is never wider than its place, and no letter is lost or added.
func TestWrap(t *testing.T) {
	for _, text := range []string{
		"", " ", "a", "one two three four five six seven", strings.Repeat("x", 3000), strings.Repeat("long-word/with_seams-", 99),
		strings.Repeat("word ", 500), "a  b   c", strings.Repeat("5\u00a0000", 200), "trailing   ", strings.Repeat("e\u0301\u0323", 300),
		"https://example.org/" + strings.Repeat("path/", 40) + " and more",
	} {
		for _, w := range []float64{0.1, 5, 23.7, 166} {
			lines := bodyPen.wrap(clean(text), w)
			for _, l := range lines {
				if bodyPen.wide(l) > w+0.001 && utf8.RuneCountInString(l) > 1 {
					t.Errorf("%.1f mm of %.1f: %q", bodyPen.wide(l), w, l)
				}
			}
			bare := func(s string) string { return strings.ReplaceAll(s, " ", "") }
			if got, want := bare(strings.Join(lines, "")), bare(clean(text)); got != want {
				t.Errorf("%q became %q", want, got)
			}
		}
	}
}

func TestWrapKeepsWordsWhole(t *testing.T) {
	lines := bodyPen.wrap("DARS-NIC-000001-B1C2D-v1.0 and about 4,000 admissions of HES_APC", 49)
	want := []string{"DARS-NIC-000001-B1C2D-v1.0", "and about 4,000 admissions of", "HES_APC"}
	if strings.Join(lines, "|") != strings.Join(want, "|") {
		t.Errorf("%q, want %q", lines, want)
	}
}

// Nothing is drawn below the text's floor or beside the page, whatever is long.
func TestNothingIsDrawnOutside(t *testing.T) {
	long := strings.Repeat("Some words that a person typed without end. ", 400)
	d := press(true).New("Paper", long, "CON-000001-X0X0X", "2016-03-01")
	d.Section(long[:300])
	d.Text(long + "\r\n\r\n~ " + long)
	d.Fact("Label "+long[:200], "%s", long)
	d.Notice("%s", long)
	d.Notice("%s", long[:900])
	d.Entry(long[:60])
	d.Table([]Col{{Name: "Narrow", Share: 1}, {Name: "Wide", Share: 9}, {Name: "To fill in", Share: 2, Fill: true}}, [][]string{
		{"a", long, ""}, {strings.Repeat("x", 500), "b", "c"}, {}, {"1", "2", "3", "more than there are columns"},
	})
	for range 60 {
		d.Table([]Col{{Name: "A"}}, [][]string{{"one"}, {"two"}})
		d.Sign(Signature{For: long, Name: long, Role: long, Date: "today"})
		d.Subheading("And")
		d.Bullet("%s", long[:500])
		d.Clause("%s", long[:700])
	}
	s := layOut(d)
	if s.lowest > floor+0.001 {
		t.Errorf("something ends at %.1f mm, below %.1f", s.lowest, floor)
	}
	pdf, err := d.PDF()
	if err != nil {
		t.Fatal(err)
	}
	keep(t, "long", pdf)
	if r := read(t, pdf); len(r.Text) != len(s.pages) {
		t.Errorf("%d pages, laid out as %d", len(r.Text), len(s.pages))
	}
}

// A row of a table stays on one page when it fits on one.
func TestRowsAreNotBroken(t *testing.T) {
	d := press(false).New("Paper", "rows", "CON-000001-X0X0X", "2016-03-01")
	var rows [][]string
	for i := range 120 {
		rows = append(rows, []string{fmt.Sprintf("begin%d", i), strings.Repeat("words and words ", i%40) + fmt.Sprintf("end%d", i)})
	}
	d.Table([]Col{{Name: "First column", Share: 1}, {Name: "Second column", Share: 2}}, rows)
	pdf, err := d.PDF()
	if err != nil {
		t.Fatal(err)
	}
	for n, text := range read(t, pdf).Text {
		if !strings.Contains(text, "Second column") {
			t.Errorf("page %d has no header row", n+1)
		}
		for i := range rows {
			begin, end := fmt.Sprintf("begin%d\n", i), fmt.Sprintf("end%d\n", i)
			if strings.Contains(text, begin) != strings.Contains(text, end) {
				t.Errorf("row %d is broken at page %d", i, n+1)
			}
		}
	}
}

// What introduces something stands on one page with the beginning of it, and
// what is small is not broken, wherever on a page it comes to lie.
func TestWhatBelongsTogetherIsOnOnePage(t *testing.T) {
	tests := map[string]struct {
		add      func(d *Doc)
		together []string // on one page
	}{
		"signatures": {func(d *Doc) {
			d.Para("lead %s", strings.Repeat("words and words ", 15))
			for i := range 3 {
				d.Sign(Signature{For: fmt.Sprint("party", i)})
			}
		}, []string{"lead", "party0", "party1", "party2"}},
		"more signatures than a page holds": {func(d *Doc) {
			d.Para("lead")
			for i := range 12 {
				d.Sign(Signature{For: fmt.Sprint("party", i)})
			}
		}, []string{"lead", "party0"}},
		"entries": {func(d *Doc) {
			for i := range 5 {
				d.Entry(fmt.Sprint("entry", i))
			}
		}, []string{"entry0", "entry4"}},
		"a small table": {func(d *Doc) {
			d.Subheading("sub")
			d.Para("lead")
			d.Table([]Col{{Name: "head"}, {Name: "fill", Fill: true}}, numbered("row", 8))
		}, []string{"sub", "lead", "head", "row0", "row7"}},
		"an empty table": {func(d *Doc) { d.Table([]Col{{Name: "head"}}, nil) }, []string{"head", "None."}},
		"a long table": {func(d *Doc) {
			d.Para("lead")
			d.Table([]Col{{Name: "head"}}, numbered("row", 60))
		}, []string{"lead", "head", "row0"}},
		"few facts": {func(d *Doc) {
			for i := range 8 {
				d.Fact(fmt.Sprint("fact", i), "one\ntwo")
			}
		}, []string{"fact0", "fact7"}},
		"many facts": {func(d *Doc) {
			for i := range 40 {
				d.Fact(fmt.Sprint("fact", i), "one\ntwo")
			}
		}, []string{"fact0"}},
		"bullets":        {func(d *Doc) { d.Para("lead"); d.Bullet("first"); d.Bullet("second") }, []string{"lead", "first"}},
		"three lines":    {func(d *Doc) { d.Text("one\ntwo\nthree") }, []string{"one", "two", "three"}},
		"a notice":       {func(d *Doc) { d.Notice("one\ntwo\nthree\nlast") }, []string{"one", "last"}},
		"a long text":    {func(d *Doc) { d.Text("one\ntwo\n" + strings.Repeat("more\n", 90)) }, []string{"one", "two"}},
		"a short clause": {func(d *Doc) { d.Clause("one\ntwo\nthree") }, []string{"one", "two", "three"}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			d := press(false).New("Paper", "together", "CON-000001-X0X0X", "2016-03-01")
			const times = 48
			for n := range times {
				d.Text(strings.Repeat("above\n", n)) // so that it comes to lie everywhere
				d.Heading(fmt.Sprintf("Heading%d.", n))
				tt.add(d)
			}
			pdf, err := d.PDF()
			if err != nil {
				t.Fatal(err)
			}
			r, err := parse(pdf, asking{})
			if err != nil {
				t.Fatal(err)
			}
			found := 0
			for _, text := range r.Text {
				for _, after := range strings.Split(text, "Heading")[1:] {
					found++
					for _, word := range tt.together {
						if !strings.Contains(after, word) {
							t.Errorf("its page has heading %.3s without %q", after, word)
						}
					}
				}
			}
			if found != times {
				t.Errorf("%d headings, want %d", found, times)
			}
		})
	}
}

func numbered(word string, n int) (rows [][]string) {
	for i := range n {
		rows = append(rows, []string{fmt.Sprint(word, i)})
	}
	return rows
}

// A paper without end is refused, and takes no memory without end.
func TestEndlessPaperIsRefused(t *testing.T) {
	d := press(false).New("Paper", "endless", "CON-000001-X0X0X", "2016-03-01")
	d.Text(strings.Repeat("x\n\n", 300_000))
	if _, err := d.PDF(); err == nil || !strings.Contains(err.Error(), "pages") {
		t.Errorf("%v, want too many pages", err)
	}
}

// Whatever people type, there is a paper, it is the same twice, and its pages
// know their numbers.
func FuzzPaper(f *testing.F) {
	for _, s := range []string{
		"", "plain", "a\xffb", "😀\u200d\u00ad\t\x00", "~ one\r\n~ two\r\n\r\nthree", strings.Repeat("x", 300),
		"e\u0301\u0323\u0301", "%s %d %!", "ǅ中\ufeff\u202e", "DARS-NIC-000009-B1C2D-v1.0 page 9 of 9", "1\u09cb\u09c7\u09be", "\u1100\u1161\u11a8",
	} {
		f.Add(s, s)
	}
	f.Fuzz(func(t *testing.T, a, b string) {
		if len(a)+len(b) > 4000 {
			return
		}
		if c := clean(a); clean(c) != c || !utf8.ValidString(c) || strings.ContainsFunc(c, func(r rune) bool { return r != '\n' && !hasGlyph(r) }) {
			t.Fatalf("%q became %q and then %q", a, c, clean(c))
		}
		draw := func() []byte {
			p := Press{Office: dars.Office{Name: a, Address: b, Email: a}, Rehearsal: len(a)%2 == 0}
			d := p.New(a, b, "CON-000001-X0X0X", "2016-03-01")
			d.Section(a)
			d.Subheading(b)
			d.Fact(a, "%s", b)
			d.Text(a)
			d.Clause("%s", b)
			d.Notice("%s", a)
			d.Entry(b)
			d.Table([]Col{{Name: a, Share: 1}, {Name: b, Share: 5}}, [][]string{{b, a}, {a}, nil})
			d.Sign(Signature{For: a, Name: b, Role: a, Date: b})
			d.WriteText()
			pdf, err := d.PDF()
			if err != nil {
				t.Fatal(err)
			}
			return pdf
		}
		pdf := draw()
		if !bytes.Equal(pdf, draw()) {
			t.Fatal("two prints differ")
		}
		r, err := parse(pdf, asking{})
		if err != nil {
			t.Fatal(err)
		}
		for i, text := range r.Text {
			if !strings.Contains(text, fmt.Sprintf("CON-000001-X0X0X page %d of %d", i+1, r.Pages)) {
				t.Fatalf("page %d of %d does not say so", i+1, r.Pages)
			}
		}
	})
}

// A day is not torn from its month.
func TestWrapKeepsDaysWhole(t *testing.T) {
	lines := bodyPen.wrap("It was received on 9 January 2017, and 12 of them", 33)
	want := []string{"It was received on", "9 January 2017, and", "12 of them"}
	if strings.Join(lines, "|") != strings.Join(want, "|") {
		t.Errorf("%q, want %q", lines, want)
	}
}
