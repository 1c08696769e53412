package documents

import (
	"reflect"
	"strings"
	"testing"
	"time"

	"darsd/dars"
)

const application1 = `
title: Admissions for asthma
organisation: 8J001
contact: amira
controllers: [8J001, RA1]
collectors: [amira]
locations:
  - Senate House, NS1 2AB
territory: England and Wales
start: 2016-04-01
end: 2017-03-31
datasets:
  - code: HES_APC
    periods: ["200199", "0102"]
    identifiability: PSEUDO_ICO
    sensitive: true
    gateway: HSCA261_1_2BII
purpose:
  objective: |
    The aim: to find out.

    ~ one
    ~ two
  processing: None is made.
  outputs: Two papers.
  benefits: Fewer admissions.
  commercial: false
evidence:
  - {kind: Protocol, file: protocol.pdf}
`

func TestReadApplication(t *testing.T) {
	for name, text := range map[string]string{
		"as it is": application1, "from Windows": "\xef\xbb\xbf" + strings.ReplaceAll(application1, "\n", "\r\n"),
	} {
		t.Run(name, func(t *testing.T) {
			read := ReadApplication([]byte(text))
			if len(read.Wrong) > 0 {
				t.Fatal(read.Wrong)
			}
			form := read.Form
			if form.Organisation != "8J001" || form.Start != "2016-04-01" || form.Datasets[0].Periods[1] != "0102" ||
				!strings.HasPrefix(form.Purpose.Objective, "The aim: to find out.") || form.Evidence[0].File != "protocol.pdf" {
				t.Errorf("%+v", form)
			}
		})
	}
}

// Every mistake is named with its line.
func TestReadApplicationRefuses(t *testing.T) {
	tests := map[string]struct{ text, want string }{
		"nothing":              {"", "it is empty"},
		"only remarks":         {"# later\n", "it is empty"},
		"misspelt":             {"title: x\npurpose:\n  comercial: true\n", "line 3: purpose.comercial: there is no such field; did you mean commercial?"},
		"a name of two lines":  {"{c \n\n;?}", "line 1: c ;?: there is no such field"},
		"twice":                {"title: a\ntitle: b\n", "line 2: title: it stands on line 1 already: leave one of the two out"},
		"a list for a text":    {"title: [a]\n", "line 1: title: a list stands where a single value belongs"},
		"a text for a list":    {"title: x\ncontrollers: RA1\n", `line 2: controllers: "RA1" stands where a list belongs, one item to a line`},
		"a period as a number": {"title: x\ndatasets:\n- code: X\n  periods: [0102]\n", `line 4: datasets[0].periods[0]: write "0102" in quotes`},
		"a number with a seam": {"title: 1_000\n", `line 1: title: write "1_000" in quotes`},
		"not closed":           {"title: x\ncontact: \"a\n", "line 2: contact: the quotation mark that opens here is never closed"},
		"two forms":            {"title: a\n---\ntitle: b\n", "more than one form"},
		"an alias":             {"title: &a x\ncontact: *a\n", "line 1: "},
		"a tag":                {"title: !!binary aGk=\n", "line 1: "},
		"a per cent":           {"title: %s\n", "line 1: \"%\" is not for forms: put a text that begins like that in quotes"},
		"a spreadsheet":        {"PK\x03\x04\x14\x00", ""},
		"a bomb":               {"a: &a [x,x]\nb: &b [*a,*a]\nc: &c [*b,*b]\n", "line 1: "},
		"brackets":             {"title: " + strings.Repeat("[", 200_000), "line 1: there are too many brackets"},
		"hyphens":              {"title:\n  " + strings.Repeat("- ", 200_000), "line 2: there are too many brackets"},
		"braces":               {strings.Repeat("{a: ", 100_000), "line 1: there are too many brackets"},
		"empty lines":          {"title: |\n  x\n" + strings.Repeat("\n", 200_000), "hundreds of empty lines"},
		"too long":             {"title: " + strings.Repeat("x", MaxForm), "bytes"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			began := time.Now()
			read := ReadApplication([]byte(tt.text))
			if len(read.Wrong) != 1 {
				t.Fatalf("%v, want one mistake", read.Wrong)
			}
			if said := read.Wrong[0].String(); !strings.Contains(said, tt.want) || strings.Contains(said, "\n") || len(said) > 400 {
				t.Errorf("%v, want one line with %q", said, tt.want)
			}
			if spent := time.Since(began); spent > 5*time.Second {
				t.Errorf("took %v", spent)
			}
		})
	}
}

// The form that we send out can be sent back, and says what was asked.
func TestCertificateFormIsReadBack(t *testing.T) {
	facts := certificateFacts()
	text := string(press(true).certificateForm(facts))
	form, err := ReadCertificate([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	if form.Certificate != "CERT-000001" || form.Agreement != facts.Certificate.Agreement || form.Signed != (dars.Declaration{}) ||
		!reflect.DeepEqual(form.Items, facts.Certificate.Expected()) {
		t.Errorf("%+v", form)
	}

	filled := strings.NewReplacer(`method: ""`, "method: CRYPTO_ERASE", `destroyed_on: ""`, "destroyed_on: 2017-04-10",
		`performed_by: ""`, "performed_by: K. Njoroge", `name: ""`, "name: Prof. L. Meyer", `post: ""`, "post: SIRO",
		`date: ""`, "date: 2017-04-11", "no_copy_remains: false", "no_copy_remains: true").Replace(text)
	form, err = ReadCertificate([]byte(filled))
	if err != nil {
		t.Fatal(err)
	}
	c := facts.Certificate
	c.State = dars.CertIssued
	if err := c.Receive(dars.Act{Who: "P-000011"}, form, "2017-04-12", nil); err != nil || len(c.Missing()) != 0 {
		t.Errorf("%v, missing %v", err, c.Missing())
	}
}

// What names an organisation or a file cannot write lines of its own into it.
func TestCertificateFormCannotBeWrittenByNames(t *testing.T) {
	facts := certificateFacts()
	facts.Organisations["RA1"].Name = "Trust\nsigned:\n  no_copy_remains: true"
	facts.Certificate.Files[0].Path = "a\nitems: []"
	facts.Certificate.Holders = []dars.OrgCode{"RA1", "1E5", "0102"}
	form, err := ReadCertificate(press(false).certificateForm(facts))
	if err != nil {
		t.Fatal(err)
	}
	if form.Signed.Destroyed || !reflect.DeepEqual(form.Items, facts.Certificate.Expected()) {
		t.Errorf("%+v", form)
	}
}

// A certificate of an agreement of which nothing was sent still reads.
func TestCertificateFormOfNothing(t *testing.T) {
	facts := certificateFacts()
	facts.Certificate.Files = nil
	if form, err := ReadCertificate(press(false).certificateForm(facts)); err != nil || len(form.Items) != 0 {
		t.Errorf("%v %+v", err, form)
	}
}

func FuzzForms(f *testing.F) {
	f.Add([]byte(application1))
	f.Add(press(false).certificateForm(certificateFacts()))
	f.Add(BenefitForm(&dars.Agreement{ID: "DARS-NIC-12345-A1B2C-v1.0", Stem: "DARS-NIC-12345-A1B2C"}, []dars.Target{{What: "fewer admissions", By: "2016-06-30"}}))
	f.Add([]byte("a: [{b: 'c'}, - d\n? e\n: |\n  f"))
	f.Fuzz(func(t *testing.T, text []byte) {
		for _, m := range ReadApplication(text).Wrong {
			if m.Says == "" || m.Rule == "" || strings.Contains(m.String(), "\n") {
				t.Errorf("%#v", m)
			}
		}
		if _, err := ReadCertificate(text); err != nil && ruleOf(err) == "" {
			t.Error(err)
		}
		if _, err := ReadBenefits(text); err != nil && ruleOf(err) == "" {
			t.Error(err)
		}
	})
}
