package documents

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"testing"

	"darsd/dars"
)

// formOf is a form with other fields: what the catalogue says of it, and the objects
// of its fields, of which the first has the number that %d stands for.
func formOf(t testing.TB, acro string, fields ...string) []byte {
	t.Helper()
	return formsOf(t)(acro, fields...)
}

// formsOf draws the paper once, for many forms.
func formsOf(t testing.TB) func(acro string, fields ...string) []byte {
	t.Helper()
	pdf, err := press(false).New("Paper", "small", "CERT-000001", "2016-03-01").PDF()
	if err != nil {
		t.Fatal(err)
	}
	f, err := apart(pdf)
	if err != nil {
		t.Fatal(err)
	}
	page := f.pages[0]
	f.objects[page] = bytes.Replace(f.objects[page], []byte("/Contents "), []byte("/Nothing "), 1) // its text takes its time
	first := len(f.objects)
	number := func(s string) string { return strings.ReplaceAll(s, "%d", fmt.Sprint(first)) }
	return func(acro string, fields ...string) []byte {
		form := *f
		form.objects = slices.Clone(f.objects)
		for _, field := range fields {
			form.add("%s", number(field))
		}
		form.objects[f.root] = withEntry(f.objects[f.root], "/AcroForm "+number(acro))
		return form.bytes("1.7")
	}
}

// Whatever stands in a form, what is read of it can be printed, is within bounds, and
// answers no question twice.
func FuzzFormFields(f *testing.F) {
	form := formsOf(f)
	f.Add("<</Fields [%d 0 R]>>", "<</FT /Tx /T (a) /V (x)>>")
	f.Add("<</Fields [%d 0 R %d 0 R]>>", "<</FT /Tx /T <FEFF0061> /V <FEFF0141> /F 2>>")
	f.Add("<</Fields [<</T (a) /FT /Btn /Kids [%d 0 R]>>] /DR <</Font <<>>>>>>", "<</T (b) /V /Yes /AS /Yes /AP <</N 7 0 R>> /DA (/F 9 Tf)>>")
	f.Add("<</XFA (x)>>", "<</FT /Tx /T (a) /Kids [%d 0 R]>>")
	f.Fuzz(func(t *testing.T, acro, field string) {
		r, err := parse(form(acro, field), asking{})
		if err != nil {
			return
		}
		seen, bytes := map[string]bool{}, 0
		for _, a := range r.Answers {
			if seen[a.Name] || a.Value != strings.TrimSpace(dars.Legible(a.Value)) {
				t.Errorf("it answers %+v", a)
			}
			seen[a.Name], bytes = true, bytes+len(a.Value)
		}
		if bytes > 4*maxAnswers { // what is spoilt is written out
			t.Errorf("its answers have %d bytes", bytes)
		}
	})
}

// The fields of a form as other programs write them.
func TestAnswers(t *testing.T) {
	tests := map[string]struct {
		acro   string
		fields []string
		want   string // "name=value; ", or what is wrong
	}{
		"a text":                       {"<</Fields [%d 0 R]>>", []string{"<</FT /Tx /T (a) /V (x)>>"}, "a=x; "},
		"in UTF-16":                    {"<</Fields [%d 0 R]>>", []string{"<</FT /Tx /T <FEFF0061> /V <FEFF0141>>>"}, "a=Ł; "},
		"nothing yet":                  {"<</Fields [%d 0 R]>>", []string{"<</FT /Tx /T (a)>>"}, "a=; "},
		"no form":                      {"null", nil, ""},
		"a ticked box":                 {"<</Fields [%d 0 R]>>", []string{"<</FT /Btn /T (a) /V /Yes /AS /Yes>>"}, "a=Yes; "},
		"ticked, and seen empty":       {"<</Fields [%d 0 R]>>", []string{"<</FT /Btn /T (a) /V /Yes /AS /Off>>"}, "a=; "},
		"a signature":                  {"<</Fields [%d 0 R]>>", []string{"<</FT /Sig /T (a) /V (x)>>"}, ""},
		"named in two parts":           {"<</Fields [<</T (a) /FT /Tx /Kids [%d 0 R]>>]>>", []string{"<</T (b) /V (x)>>"}, "a.b=x; "},
		"what cannot be seen":          {"<</Fields [%d 0 R]>>", []string{"<</FT /Tx /T (a) /V (x\\001\\033[31my)>>"}, "a=x"},
		"hidden":                       {"<</Fields [%d 0 R]>>", []string{"<</FT /Tx /T (a) /V (x) /F 2>>"}, "field a holds something and is hidden"},
		"not viewed":                   {"<</Fields [%d 0 R]>>", []string{"<</FT /Tx /T (a) /V (x) /Kids [<</F 36>>]>>"}, "field a holds something and is hidden"},
		"hidden and empty":             {"<</Fields [%d 0 R]>>", []string{"<</FT /Tx /T (a) /F 2>>"}, "a=; "},
		"twice":                        {"<</Fields [%d 0 R %d 0 R]>>", []string{"<</FT /Tx /T (a) /V (x)>>"}, "field a stands there twice"},
		"in a circle":                  {"<</Fields [%d 0 R]>>", []string{"<</FT /Tx /T (a) /Kids [%d 0 R]>>"}, "too deep"},
		"many, in a circle":            {"<</Fields [%d 0 R]>>", []string{"<</FT /Tx /T (a) /Kids [" + strings.Repeat("%d 0 R ", 400) + "]>>"}, "too deep"},
		"very many":                    {"<</Fields [" + strings.Repeat("null ", maxFields+1) + "]>>", nil, "more than 20000 fields"},
		"very long":                    {"<</Fields [%d 0 R]>>", []string{"<</FT /Tx /T (a) /V (" + strings.Repeat("x", maxAnswers) + ")>>"}, "too long"},
		"with its answers in XML also": {"<</XFA (x) /Fields [%d 0 R]>>", []string{"<</FT /Tx /T (a) /V (x)>>"}, "holds its answers twice"},
		"of no kind at all":            {"<</Fields 7>>", nil, ""},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			r, err := parse(formOf(t, tt.acro, tt.fields...), asking{})
			var said strings.Builder
			for _, a := range r.Answers {
				fmt.Fprintf(&said, "%s=%s; ", a.Name, a.Value)
			}
			if err != nil {
				said.WriteString(err.Error())
			}
			if got := said.String(); got != tt.want && (tt.want == "" || !strings.Contains(got, tt.want)) {
				t.Errorf("it says %.200q, want %q", got, tt.want)
			}
		})
	}
}

// A certificate that was not filled in on a screen is read by a person.
func TestNoAnswers(t *testing.T) {
	if _, err := (Reading{Pages: 1, Text: []string{"CERT-000001 page 1 of 1"}}).Certificate(); ruleOf(err) != "no-answers" {
		t.Errorf("it says %v", err)
	}
}

// What was issued and comes back empty is a form in which every line is still open.
func TestEmptyCertificate(t *testing.T) {
	pdf, err := press(false).Certificate(certificateFacts())
	if err != nil {
		t.Fatal(err)
	}
	form, err := read(t, pdf).Certificate()
	if err != nil || form.Certificate != "CERT-000001" || len(form.Items) != 6 || form.Signed != (dars.Declaration{}) {
		t.Fatalf("it is read as %+v, %v", form, err)
	}
	for _, i := range form.Items {
		if i.Method != "" || i.DestroyedOn != "" {
			t.Errorf("%+v", i)
		}
	}
}

// What is wrong with a certificate that was filled in as a PDF is said in the words
// that stand on it.
func TestFieldsAreCalledAsThePaperCallsThem(t *testing.T) {
	d := press(false).certificate(certificateFacts())
	pdf, err := d.PDF()
	if err != nil {
		t.Fatal(err)
	}
	r := read(t, pdf)
	form, err := r.Certificate()
	if err != nil {
		t.Fatal(err)
	}
	text := strings.Join(strings.Fields(strings.Join(r.Text, " ")), " ")
	for field, word := range form.Called {
		for _, part := range []string{"the name of ", "the role of ", "the date of "} {
			word = strings.TrimPrefix(word, part)
		}
		if !strings.Contains(text, word) {
			t.Errorf("%s is called %q, which is not on the paper", field, word)
		}
	}
	if form.Called["items[5].method"] != "Method (code)" {
		t.Errorf("fields are called %v", form.Called)
	}
}
