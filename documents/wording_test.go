package documents

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"darsd/dars"
)

// Every piece is said by some paper, and names no fact that its paper has not. A
// word that nobody says would be kept up for nothing.
func TestEveryPieceIsSaid(t *testing.T) {
	said := map[string]bool{}
	all := papers(press(false))
	for _, state := range []dars.ApplicationState{dars.TakenBack, dars.Accepted, dars.PreReviewed} {
		all["letter-"+string(state)] = press(false).letter(letterFacts(state))
	}
	unheld := agreementFacts()
	unheld.Policy.Uphold = "by-matrix"
	unheld.Agreement.Treat(dars.ObjectionsTerm{Dataset: unheld.Agreement.Datasets[0].Code, Treatment: dars.NotUpheld, Reason: "N_CONSENT", By: "matrix"})
	all["agreement-unheld"] = press(false).agreement(unheld)
	accepted := chargesAsked(true)
	all["quote-fixed"] = press(false).quote(accepted)
	all["invoice-term"] = press(false).invoice(invoiced(dars.OnTerm))
	for _, piece := range []string{"before", "after", "signature", "subject of the day", "the day"} {
		said["mail: "+piece] = true // TestMail says them
	}
	for _, d := range all {
		for _, piece := range d.said {
			said[d.book+": "+piece] = true
		}
	}
	for name, book := range Ours().books {
		for _, piece := range pieces(book) {
			if !said[name+": "+piece.Name()] {
				t.Errorf("nobody says %q of %s", piece.Name(), name)
			}
		}
	}
	if len(said) < 100 {
		t.Errorf("only %d pieces are said", len(said))
	}
}

// What must be said is a piece that there is.
func TestMandatoryPiecesAreThere(t *testing.T) {
	for _, b := range books() {
		for _, piece := range b.must {
			if Ours().books[b.name].Lookup(piece) == nil {
				t.Errorf("%s has no piece %q", b.name, piece)
			}
		}
	}
}

// An office says single pieces in its own words; the rest stays, and the paper says
// which are its own.
func TestAnOfficeSaysAPieceInItsOwnWords(t *testing.T) {
	own := `{{define "audit"}}We audit you each year.

Before {{.End}} too.{{end}}`
	w, wrong := ReadWording(fstest.MapFS{"agreement.txt": {Data: []byte(own)}, "README.txt": {Data: []byte("ours")}})
	if len(wrong) > 0 {
		t.Fatal(wrong)
	}
	p := press(false)
	p.Wording = w
	ours, theirs := press(false).agreement(agreementFacts()), p.agreement(agreementFacts())
	text := theirs.WriteText()
	if !strings.Contains(text, "\nWe audit you each year.\n\nBefore 31 March 2017 too.\n") || strings.Contains(text, "We may audit at any time") {
		t.Errorf("it says\n%s", text)
	}
	before, _, _ := strings.Cut(ours.WriteText(), "== 9 Audit")
	if !strings.HasPrefix(text, before) {
		t.Error("more than that piece has changed")
	}
	for d, want := range map[*Doc]bool{ours: false, theirs: true} {
		pdf, err := d.PDF()
		if err != nil {
			t.Fatal(err)
		}
		if got := bytes.Contains(pdf, []byte("/Keywords")) && bytes.Contains(pdf, []byte("office wording "+w.Sum()+": audit</pdf:Keywords>")); got != want {
			t.Errorf("its metadata tell of it: %v", got)
		}
		for _, fault := range faults(pdf, lasting) {
			t.Error(fault)
		}
	}
	if got := w.Own(); !slices.Equal(got, []string{"agreement: audit"}) {
		t.Errorf("the office's own: %q", got)
	}
}

// A piece that came after an office took our words to begin from is told of, and the
// paper is drawn; single pieces of the office's own lack nothing.
func TestWordsThatHaveGrown(t *testing.T) {
	_, after, found := strings.Cut(string(OurWords("letter")), `{{define "service level"}}`)
	before, _, _ := strings.Cut(string(OurWords("letter")), `{{define "exception"}}`)
	if !found {
		t.Fatal("the letter has other pieces")
	}
	w, wrong := ReadWording(fstest.MapFS{
		"letter.txt": {Data: []byte(before + `{{define "service level"}}` + after)},
		"hold.txt":   {Data: []byte(`{{define "what to do"}}Call {{.Us}}.{{end}}`)},
	})
	if len(wrong) > 0 {
		t.Fatal(wrong)
	}
	if got := w.Lacking(); len(got) != 1 || !strings.HasPrefix(got[0], `letter.txt: the paper says "exception" in our words`) {
		t.Errorf("lacking are %q", got)
	}
	if got := Ours().Lacking(); len(got) > 0 {
		t.Errorf("ours lack %q", got)
	}
}

// What no longer fits is told with its file and its line, and nothing is drawn.
func TestWordsThatDoNotFit(t *testing.T) {
	tests := map[string]struct{ file, text, want string }{
		"no such paper":           {"agrement.txt", `{{define "audit"}}x{{end}}`, `agrement.txt: there is no paper "agrement"; did you mean agreement?`},
		"no such piece":           {"agreement.txt", "\n\n" + `{{define "audits"}}x{{end}}`, `agreement.txt, line 3: there is no piece "audits" of the paper agreement; did you mean audit?`},
		"no such fact":            {"agreement.txt", "{{define \"audit\"}}\nUntil {{.Ended}}.\n{{end}}", "agreement.txt, line 2: there is no fact {{.Ended}} here; did you mean End?"},
		"a fact that is not here": {"agreement.txt", `{{define "fields"}}{{range .Datasets}}{{.End}}{{end}}{{end}}`, "there is no fact {{.End}} here; there are Name, Fields, Limits"},
		"a fact of all":           {"agreement.txt", `{{define "fields"}}{{range .Datasets}}{{.Name}} until {{$.End}}{{end}}{{end}}`, ""},
		"in a branch":             {"agreement.txt", `{{define "purpose"}}{{if .Commercial}}{{.Nothing}}{{end}}x{{end}}`, "there is no fact {{.Nothing}}"},
		"in an argument":          {"agreement.txt", `{{define "purpose"}}{{plural .Weeks "week" "weeks"}}{{end}}`, "there is no fact {{.Weeks}}"},
		"does not parse":          {"agreement.txt", "{{define \"audit\"}}\n{{if}}\n{{end}}", "agreement.txt, line 2: missing value for if"},
		"no such function":        {"agreement.txt", `{{define "audit"}}{{shout .End}}{{end}}`, `function "shout" not defined`},
		"never ends":              {"agreement.txt", `{{define "audit"}}x`, "agreement.txt, line 1: unexpected EOF"},
		"words outside":           {"agreement.txt", "{{define \"purpose\"}}x{{end}}\nstray", "agreement.txt, line 2: words stand outside of a piece"},
		"a piece in another":      {"agreement.txt", `{{define "purpose"}}{{template "audit" .}}{{end}}`, "a piece cannot stand in another"},
		"counts without end":      {"agreement.txt", "{{define \"audit\"}}\n{{range 2000000000}}x{{end}}{{end}}", "agreement.txt, line 2: {{range}} goes through a list of facts, and 2000000000 is none"},
		"counts a fact":           {"agreement.txt", `{{define "audit"}}{{range .Window}}x{{end}}{{end}}`, "{{range}} goes through a list of facts, and .Window is none"},
		"lists within lists":      {"agreement.txt", `{{define "audit"}}{{range .Datasets}}{{range $.Datasets}}x{{end}}{{end}}{{end}}`, "a list is gone through within another"},
		"wider than any paper":    {"agreement.txt", "{{define \"audit\"}}x\n\n{{printf \"%1000000000d\" 7}}{{end}}", `agreement.txt, line 3: the function "printf" is not for the words of papers; there are and, eq,`},
		"wider, in a condition":   {"agreement.txt", `{{define "audit"}}{{if (print .End)}}x{{end}}{{end}}`, `the function "print" is not for`},
		"a place in a list":       {"agreement.txt", `{{define "audit"}}{{index .Datasets 7}}{{end}}`, `the function "index" is not for`},
		"a piece of its own":      {"agreement.txt", `{{define "audit"}}{{block "fields" .}}x{{end}}{{end}}`, "a piece cannot stand in another"},
		"a piece in itself":       {"agreement.txt", `{{define "audit"}}{{template "audit" .}}{{end}}`, "a piece cannot stand in another"},
		"facts without end":       {"agreement.txt", `{{define "audit"}}` + strings.Repeat("{{.End}}", 501) + `{{end}}`, `line 1: the piece "audit" names facts 501 times, and at most 500 times is said in one piece`},
		"a day beyond a number":   {"agreement.txt", "{{define \"audit\"}}\n{{if gt .End 3}}x{{end}}y{{end}}", "agreement.txt, line 2: executing \"audit\""},
		"choices without end":     {"agreement.txt", `{{define "audit"}}x` + strings.Repeat("{{if .Commercial}}", 40_000) + strings.Repeat("{{end}}", 40_000) + `{{end}}`, ""},
		"duties left out":         {"agreement.txt", `{{define "retention and destruction"}}  {{end}}`, `the piece "retention and destruction" may be said otherwise, but must say something`},
		"duties perhaps":          {"agreement.txt", `{{define "retention and destruction"}}{{if .Commercial}}Destroy by {{.CertificateDay}}, {{.CertificateDays}}, {{.AuditDays}}, {{.End}}.{{end}}{{end}}`, "must say something in every case"},
		"a day left out":          {"agreement.txt", `{{define "retention and destruction"}}Destroy it. {{.End}} {{.CertificateDays}} {{.AuditDays}}{{end}}`, `the piece "retention and destruction" must name {{.CertificateDay}}, as ours does`},
		"an unknown setting":      {"letterhead.yaml", "colour: \"#00305c\"\nfont: Comic\n", "letterhead.yaml: line 2: "},
		"no colour":               {"letterhead.yaml", "colour: navy\n", `letterhead.yaml: colour: "navy" is not a colour such as "#00305c"`},
		"a colour too light":      {"letterhead.yaml", "colour: \"#ffcc00\"\n", "too light to be read"},
		"no logo":                 {"letterhead.yaml", "logo: logo.png\n", "letterhead.yaml: logo: "},
		"a logo that is none":     {"letterhead.yaml", "logo: letterhead.yaml\n", "is no PNG"},
		"a logo from elsewhere":   {"letterhead.yaml", "logo: ../../etc/passwd\n", "letterhead.yaml: logo: "},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			w, wrong := ReadWording(fstest.MapFS{tt.file: {Data: []byte(tt.text)}})
			if tt.want == "" {
				if len(wrong) > 0 {
					t.Fatal(wrong)
				}
				return
			}
			if said := fmt.Sprint(wrong); !strings.Contains(said, tt.want) {
				t.Errorf("said %s\nwant %s", said, tt.want)
			}
			p := press(false)
			p.Wording = w
			if pdf, err := p.Contract(contractFacts()); err == nil {
				t.Errorf("a paper of %d bytes is drawn all the same", len(pdf))
			}
		})
	}
}

// What a piece says is limited, whatever makes it long, and the paper is not drawn.
func TestAPieceThatSaysTooMuch(t *testing.T) {
	w, wrong := ReadWording(fstest.MapFS{"agreement.txt": {Data: []byte(`{{define "audit"}}We audit. ` + strings.Repeat("{{.PassedOn}}", 500) + `{{end}}`)}})
	if len(wrong) > 0 {
		t.Fatal(wrong)
	}
	p := press(false)
	p.Wording = w
	f := agreementFacts()
	f.Application.Form.Sublicensing = strings.Repeat("the Trust ", 3_000)
	want := `the piece "audit" of agreement: it says more than 1024 kB, and no paper is that long`
	if _, err := p.Agreement(f); err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("it says %v, want %s", err, want)
	}
}

// What a stranger wrote begins no clause, whatever it contains.
func TestAFactEndsNoParagraph(t *testing.T) {
	f := agreementFacts()
	f.Application.Form.Sublicensing = "the Trust\n\n9.9 and nobody\x1eelse"
	text := press(false).agreement(f).WriteText()
	if !strings.Contains(text, "you ask of them. the Trust\n\n9.9 and nobodyelse\n") {
		t.Errorf("it says\n%s", text)
	}
	d := press(false).New("Paper", "", "CON-000001-X0X0X", "2016-03-01")
	d.Worded("contract", contractWords{Us: "we", You: "you\n\nand you\x1ethen"})
	if d.Clauses("opening"); len(d.blocks) != 1 {
		t.Errorf("there are %d clauses", len(d.blocks))
	}
}

func picture(wide, high int, c color.Color) []byte {
	p := image.NewNRGBA(image.Rect(0, 0, wide, high))
	for x := range wide {
		for y := range high {
			p.Set(x, y, c)
		}
	}
	var out bytes.Buffer
	if err := png.Encode(&out, p); err != nil {
		panic(err)
	}
	return out.Bytes()
}

// A letterhead with all that it may have keeps a paper built to last.
func TestLetterhead(t *testing.T) {
	secret := append(picture(400, 100, color.NRGBA{90, 20, 100, 128}), "with a secret behind"...)
	w, wrong := ReadWording(fstest.MapFS{
		"letterhead.yaml": {Data: []byte("name: National Data Office\naddress: 7 High Street\nfooter: A body of the Department, number 1234\ncolour: \"#5a1464\"\nlogo: logo.png\n")},
		"logo.png":        {Data: secret},
	})
	if len(wrong) > 0 {
		t.Fatal(wrong)
	}
	p := press(true)
	p.Wording = w
	d := p.contract(contractFacts())
	pdf, err := d.PDF()
	if err != nil {
		t.Fatal(err)
	}
	keep(t, "letterhead", pdf)
	again, err := p.contract(contractFacts()).PDF()
	if err != nil || !bytes.Equal(pdf, again) {
		t.Errorf("two prints differ: %v", err)
	}
	for _, fault := range faults(pdf, lasting) {
		t.Error(fault)
	}
	if bytes.Contains(pdf, []byte("/SMask")) || bytes.Contains(pdf, []byte("secret")) {
		t.Error("the logo is in it as it was")
	}
	text := strings.Join(read(t, pdf).Text, "\n")
	for _, want := range []string{"NATIONAL DATA OFFICE", "7 High Street", "A body of the Department, number 1234", "REHEARSAL"} {
		if !strings.Contains(text, want) {
			t.Errorf("it does not say %q", want)
		}
	}
	for name, size := range map[string][2]int{"too wide": {maxLogo + 1, 1}, "too high": {1, maxLogo + 1}} {
		_, wrong := ReadWording(fstest.MapFS{"letterhead.yaml": {Data: []byte("logo: logo.png\n")}, "logo.png": {Data: picture(size[0], size[1], color.White)}})
		if !strings.Contains(fmt.Sprint(wrong), "take one of at most 2000") {
			t.Errorf("%s: %v", name, wrong)
		}
	}
	large := fstest.MapFS{"contract.txt": {Data: bytes.Repeat([]byte(" "), maxWords+1)}}
	if _, wrong := ReadWording(large); !strings.Contains(fmt.Sprint(wrong), "larger than") {
		t.Errorf("a large file: %v", wrong)
	}
}

// Each field of the form has its place, on the paper of what was submitted and on
// the blank one.
func TestEveryFieldOfTheFormHasAPlace(t *testing.T) {
	var placed []string
	for _, part := range formParts() {
		placed = append(placed, part.fields...)
	}
	for _, f := range dars.FormFields(reflect.TypeFor[dars.Form]()) {
		if n := len(placed) - len(slices.DeleteFunc(slices.Clone(placed), func(s string) bool { return s == f.Name })); n != 1 {
			t.Errorf("%s stands in %d places", f.Name, n)
		}
	}
}

// What people paste is laid out, as long as it is; what no font has is not lost in
// silence, and what cannot be seen is not there.
func TestALongPaper(t *testing.T) {
	f := longFacts()
	d := press(false).agreement(f)
	pdf, err := d.PDF()
	if err != nil {
		t.Fatal(err)
	}
	keep(t, "agreement-long", pdf)
	for _, fault := range faults(pdf, lasting) {
		t.Error(fault)
	}
	s := layOut(d)
	if s.lowest > floor {
		t.Errorf("something stands %.1f mm below the text", s.lowest-floor)
	}
	pages := read(t, pdf).Text
	if len(pages) < 15 || len(pages) > 60 {
		t.Errorf("it has %d pages", len(pages))
	}
	text := strings.Join(pages, "\n")
	if got, want := strings.Count(strings.ReplaceAll(text, "\n", " "), "Emergency admission"), 33000/250+180; got != want {
		t.Errorf("%d of %d sentences are there", got, want)
	}
	for n, page := range pages {
		if len(page) < 300 && n < len(pages)-1 {
			t.Errorf("page %d says only %q", n+1, page)
		}
	}
}

// A change of form is told by what people call its fields.
func TestPlaceOfAChange(t *testing.T) {
	for field, want := range map[string]string{
		"title":                               "Title",
		"datasets[HES_APC].periods":           "Datasets, HES_APC: Periods",
		"purpose.objective":                   "5a Objective for processing",
		"locations[1 High St. Leeds].address": "Locations, 1 High St. Leeds: Address",
		"gdpr.article_6":                      "Data protection law: Article 6",
	} {
		if got := place(field); got != want {
			t.Errorf("%s is called %q, not %q", field, got, want)
		}
	}
}

// The words that an office begins its own from fit.
func TestOurWordsFitAsAnOfficesOwn(t *testing.T) {
	folder := fstest.MapFS{}
	for _, name := range Books() {
		folder[name+".txt"] = &fstest.MapFile{Data: OurWords(name)}
	}
	w, wrong := ReadWording(folder)
	if len(wrong) > 0 {
		t.Fatal(wrong)
	}
	p := press(false)
	p.Wording = w
	for name, d := range papers(p) {
		want, err := os.ReadFile(filepath.Join("testdata", name+".txt"))
		if err != nil {
			t.Fatal(err)
		}
		// One for the public tells by its version that the words are an office's own.
		if got := strings.Replace(d.WriteText(), ownWords, "", 1); got != string(want) {
			t.Errorf("%s says otherwise", name)
		}
	}
}
