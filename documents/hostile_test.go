package documents

import (
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"unicode"

	"darsd/dars"
)

// What people paste, and worse, in every field of every paper: there is a paper, it
// is built to last, nothing of it lies outside, and each word that it says is found
// in it by another program.
func TestOddTextInEveryField(t *testing.T) {
	odd := []string{
		"\uf0b7 one\r\n\uf0a7 two\t\u201cquoted\u201d \u2013 \uf0fcdone\r\n~ three",                    // as word processors paste it
		"zero\u200bwidth soft\u00adhyphen \ufeffmark \u202eturned\u202c \u2066kept\u2069 join\u200der", // what nobody sees
		"😀 thumbs 👍🏽 and 𝐂",
		"Ελλάδα Ἀθῆναι Мед Ђорђе Łódź ŵŷ",
		"שלום לאה and محمد بن علي",
		"北京 한국어 हिन्दी",
		"e\u0301 o\u0308\u0323 S\u0327 x\u0336\u20dd",
		"a\xff\xfe \xed\xa0\x80\xed\xb0\x80 b\x00\x1b[31m", // half of a pair, and a terminal's
		"%s %d %!(EXTRA) {{.Us}} ${HOME} <b>&amp;</b>",
		") Tj ET \\ ( BT /F1 9 Tf >> endobj",
		"DARS-NIC-000009-B1C2D-v1.0 page 9 of 9",
	}
	const pasted = "Emergency admission is largely avoidable\u2014so we are told.\r\n\t\uf0b7 a bullet\r\n~ another\r\n\r\n"
	for name, odd := range map[string]func(string) string{
		"odd letters": func(s string) string { return s + " " + strings.Join(odd, " ") },
		"words that fit no line": func(s string) string {
			return s + " " + strings.Repeat("Donaudampfschiff", 300/16) + " https://data.example/" + strings.Repeat("a_very_long_path/", 18)
		},
		"33,000 letters": func(s string) string {
			switch {
			case len(s) < 60: // a name or a title
				return s
			case len(s) < 400:
				return strings.Repeat(pasted, 3_300/len(pasted))
			}
			return strings.Repeat(pasted, 33_000/len(pasted))
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for paper, d := range oddPapers(press(true), odd) {
				sound(t, paper, d)
			}
		})
	}
}

// sound looks at a paper as it is drawn.
func sound(t *testing.T, name string, d *Doc) {
	t.Helper()
	if s := layOut(d); s.lowest > floor+0.001 {
		t.Errorf("%s: something ends %.1f mm below the text", name, s.lowest-floor)
	}
	pdf, err := d.PDF()
	if err != nil {
		t.Errorf("%s: %v", name, err)
		return
	}
	for _, wrong := range faults(pdf, d.standard()) {
		t.Errorf("%s: %s", name, wrong)
	}
	said := d.WriteText()
	if i := strings.IndexFunc(said, func(r rune) bool { return r != '\n' && !hasGlyph(r) }); i >= 0 {
		t.Errorf("%s: %.20q cannot be drawn", name, said[i:])
	}
	found := extracted(t, pdf)
	for _, word := range wordsOf(d) {
		if letters := []rune(word); len(letters) > 40 {
			word = string(letters[:40]) // the rest may stand on the next page
		}
		if !strings.Contains(found, word) {
			t.Errorf("%s: %q is not found in it", name, word)
			return
		}
	}
}

// wordsOf are the words of a paper's blocks.
func wordsOf(d *Doc) (all []string) {
	for _, b := range d.whole() {
		texts := slices.Concat(slices.Concat(b.rows...), b.text)
		if b.kind == signature {
			texts = append(texts, b.sign.For) // a name beside a line for the pen may be cut
		}
		for _, text := range texts {
			all = append(all, strings.FieldsFunc(text, unicode.IsSpace)...)
		}
	}
	return all
}

// extracted is what poppler reads in a paper, without any spaces: a word may be
// broken over two lines.
func extracted(t *testing.T, pdf []byte) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "paper.pdf")
	if err := os.WriteFile(file, pdf, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := exec.LookPath("pdftotext"); err != nil {
		skip(t, "there is no pdftotext (poppler-utils)")
	}
	// As the file has it: a table's cells lie one after the other.
	out, err := exec.CommandContext(t.Context(), "pdftotext", "-raw", "-enc", "UTF-8", file, "-").Output()
	if err != nil {
		t.Fatal(err)
	}
	return strings.Join(strings.Fields(string(out)), "")
}

// oddPapers are all papers from facts of which each text has gone through odd.
func oddPapers(p Press, odd func(string) string) map[string]*Doc {
	p.Office = spoilt(p.Office, odd)
	org := spoilt(dars.HoldFacts{Organisation: held(), From: compliance, On: "2017-04-28"}, odd)
	whoHolds := listings()["holdings"]
	columns := whoHolds.Tables[0].Columns
	whoHolds.Tables = spoilt(whoHolds.Tables, odd)
	whoHolds.Tables[0].Columns = columns // the program's own words
	return map[string]*Doc{
		"contract":             p.contract(spoilt(contractFacts(), odd)),
		"agreement":            p.agreement(spoilt(agreementFacts(), odd)),
		"agreement-renewal":    p.agreement(spoilt(renewalFacts(), odd)),
		"letter":               p.letter(spoilt(letterFacts(dars.WithCaveats), odd)),
		"letter-director":      p.letter(spoilt(directorFacts(dars.Declined), odd)),
		"letter-referred-back": p.letter(spoilt(letterFacts(dars.ReferredBack), odd)),
		"certificate":          p.certificate(spoilt(certificateFacts(), odd)),
		"release-note":         p.note(spoilt(noteFacts(), odd)),
		"compliance":           p.compliance(spoilt(report(), odd)),
		"reminder":             p.reminder(spoilt(dars.ReminderFacts{Agreement: agreementFacts().Agreement, Organisation: organisations()["8J001"], Policy: policy(), From: officer, On: "2017-03-01"}, odd)),
		"chase":                p.chase(spoilt(deletionFacts("2017-04-28"), odd)),
		"destruction-notice":   p.destruction(spoilt(deletionFacts("2017-04-01"), odd)),
		"hold":                 p.hold(org),
		"hold-ended":           p.holdEnded(org),
		"recall":               p.recall(spoilt(recallFacts(), odd)),
		"sanction":             p.sanction(spoilt(sanctionFacts(dars.OnHold), odd)),
		"audit-letter":         p.auditLetter(spoilt(dars.AuditFacts{Audit: audit(), Agreement: agreementFacts().Agreement, Organisation: organisations()["8J001"], From: auditor, On: "2017-05-29"}, odd)),
		"quote":                p.quote(spoilt(chargesAsked(false), odd)),
		"statement":            p.statement(spoilt(stated(), odd)),
		"invoice":              p.invoice(spoilt(taxed(invoiced(dars.OnReview)), odd)),
		"credit-note":          p.creditNote(spoilt(credited(), odd)),
		"application":          p.application(spoilt(formFactsAgain(), odd)),
		"agenda":               p.agenda(spoilt(meetingFacts(), odd)),
		"minutes":              p.minutes(spoilt(meetingFacts(), odd)),
		"brief":                p.brief(spoilt(briefFacts(), odd)),
		"checkers-page":        p.checkersPage(spoilt(checkFacts(), odd)),
		"audit-report":         p.auditReport(spoilt(auditFollowed(), odd)),
		"report":               p.figures(whoHolds),
		"price-list":           p.priceList(spoilt(dars.PublishedPrices[2], odd), "2026-04-01"),
		"blank-certificate":    p.blankCertificate("2026-04-01"),
		"security-notes":       p.securityNotes("2026-04-01"),
	}
}

// spoilt is facts whose texts have gone through odd. What the program itself has
// given, such as a reference, stays.
func spoilt[T any](facts T, odd func(string) string) T {
	spoil(reflect.ValueOf(&facts).Elem(), odd, map[any]bool{})
	return facts
}

// given are fields of facts that the program itself fills in.
var given = []string{"Stem", "Version", "Ref", "Recall", "Path"}

func spoil(v reflect.Value, odd func(string) string, seen map[any]bool) {
	switch v.Kind() {
	case reflect.Pointer:
		if !v.IsNil() && !seen[v.Interface()] {
			seen[v.Interface()] = true
			spoil(v.Elem(), odd, seen)
		}
	case reflect.Struct:
		for i := range v.NumField() {
			if f := v.Type().Field(i); f.IsExported() && !slices.Contains(given, f.Name) {
				spoil(v.Field(i), odd, seen)
			}
		}
	case reflect.Slice:
		if v.Len() > 0 { // a list of which another paper's facts have a part
			v.Set(reflect.AppendSlice(reflect.MakeSlice(v.Type(), 0, v.Len()), v))
		}
		for i := range v.Len() {
			spoil(v.Index(i), odd, seen)
		}
	case reflect.Map:
		for _, key := range v.MapKeys() {
			if one := v.MapIndex(key); one.Kind() == reflect.String {
				v.SetMapIndex(key, reflect.ValueOf(odd(one.String())).Convert(one.Type()))
			} else {
				spoil(one, odd, seen)
			}
		}
	case reflect.String:
		if v.Type() == reflect.TypeFor[string]() && v.String() != "" {
			v.SetString(odd(v.String()))
		}
	}
}

// What no font has is counted by its writing, on the paper itself.
func TestWhatIsNotShownIsSaid(t *testing.T) {
	d := press(false).New("Paper", "for לאה", "CON-000001-X0X0X", "2016-03-01")
	d.Fact("Name", "%s", "محمد, really? 😀")
	d.Para("Plain words?")
	d.Subheading("What it is for")
	d.Text("to see 東京")
	d.Table([]Col{{Name: "Dataset", Share: 1}}, [][]string{{"京"}, {"plain"}})
	text := d.WriteText()
	if want := "[ Not shown: 3 Hebrew letters in “the title”; 1 sign (grinning face) and 4 Arabic letters in “Name”; 2 Han letters in “What it is for”; 1 Han letter in “Dataset”. Our type has no such letters"; !strings.Contains(text, want) {
		t.Errorf("it says\n%s", text)
	}
	if plain := press(false).agreement(agreementFacts()).WriteText(); strings.Contains(plain, "Not shown") {
		t.Error("a paper that shows all says that it does not")
	}
}
