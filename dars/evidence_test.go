package dars_test

import (
	"archive/zip"
	"bytes"
	"slices"
	"strings"
	"testing"

	"darsd/dars"
)

// zipped is an archive of some empty files.
func zipped(t *testing.T, names ...string) string {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for _, name := range names {
		if _, err := z.Create(name); err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestTypesByContent(t *testing.T) {
	tests := map[string]struct {
		name, content string
		is            string // "" if it is refused
	}{
		"a PDF":                           {"cag.pdf", "%PDF-1.7\n", "PDF"},
		"a PDF in capitals":               {"CAG.PDF", "%PDF-1.7\n", "PDF"},
		"a PDF without an ending":         {"letter", "%PDF-1.7\n", "PDF"},
		"a PNG":                           {"a.png", "\x89PNG\r\n\x1a\n", "PNG"},
		"a JPEG":                          {"a.jpeg", "\xff\xd8\xff\xe0", "JPEG"},
		"a TIFF of Intel":                 {"a.tif", "II*\x00", "TIFF"},
		"a TIFF of Motorola":              {"a.tiff", "MM\x00*", "TIFF"},
		"a DOCX":                          {"a.docx", zipped(t, "[Content_Types].xml", "word/document.xml"), "DOCX"},
		"an XLSX":                         {"a.xlsx", zipped(t, "[Content_Types].xml", "xl/workbook.xml"), "XLSX"},
		"text":                            {"a.txt", "Support is “recommended”.\r\n", "text"},
		"text of an older encoding":       {"a.txt", "Patients\x92 objections are respected.", "text"},
		"nothing":                         {"a.txt", "", ""},
		"text that says it is a PDF":      {"cag.pdf", "Support is recommended.", ""},
		"a PDF that says it is a picture": {"cag.png", "%PDF-1.7\n", ""},
		"a PDF that says it is a program": {"cag.exe", "%PDF-1.7\n", ""},
		"a program of Windows":            {"cag.pdf", "MZ\x90\x00", ""},
		"a program of Linux":              {"cag", "\x7fELF\x02", ""},
		"a script":                        {"cag.txt", "#!/bin/sh\n", ""},
		"a document with a program":       {"a.docx", zipped(t, "word/document.xml", "word/vbaProject.bin"), ""},
		"an archive":                      {"a.zip", zipped(t, "cag.pdf"), ""},
		"an archive that is cut off":      {"a.docx", zipped(t, "word/document.xml")[:40], ""},
		"an old document":                 {"a.doc", "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", ""},
		"bytes that mean nothing":         {"a.txt", "\x00\x01\x02", ""},
		"a cipher":                        {"a.txt", "\x81\x92\xa3\xb4\xc5\xd6\xe7\xf8", ""},
		"text that commands a screen":     {"a.txt", "seen\x1b[2J", ""},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			is, err := dars.TypeOf(tt.name, []byte(tt.content))
			if tt.is == "" {
				ruled(t, err, "bad-evidence")
			} else if err != nil {
				t.Fatal(err)
			}
			if is != tt.is {
				t.Errorf("it is %q, not %q", is, tt.is)
			}
		})
	}
}

// Whoever adds a gateway says what it must be shown.
func TestEachGatewaySaysWhatItNeeds(t *testing.T) {
	for _, gateway := range dars.Codes(dars.Gateways) {
		if _, ok := dars.EvidenceNeeded[gateway]; !ok {
			t.Errorf("nobody says what evidence %s needs", gateway)
		}
	}
	for gateway, kinds := range dars.EvidenceNeeded {
		for _, kind := range kinds {
			if !slices.Contains(dars.Codes(dars.EvidenceKinds), kind) || kind == "OTHER" {
				t.Errorf("%s needs %q, which is no kind of evidence", gateway, kind)
			}
		}
	}
}

func TestKindsByTheirNames(t *testing.T) {
	for name, want := range map[string]string{
		"S251_APPROVAL": "S251_APPROVAL", "s251_approval": "S251_APPROVAL", "Approval of the  Confidentiality Advisory Group": "S251_APPROVAL", "CAG": "S251_APPROVAL",
		"consent form": "CONSENT_FORM", "Leaflet": "INFORMATION_LEAFLET", "ethics": "ETHICS_APPROVAL", "protocol": "OTHER", "": "OTHER", "not a cag letter": "OTHER",
	} {
		if got := dars.KindOfEvidence(name); got != want {
			t.Errorf("%q is %s, not %s", name, got, want)
		}
	}
}

// shown is an application with one piece of evidence, from P-000005, that somebody
// has seen.
func shown(t *testing.T, f dars.EvidenceFile) *dars.Application {
	t.Helper()
	p := &dars.Application{Stem: "DARS-NIC-000001-B1C2D", Major: 1, State: dars.Submitted, Form: askFor(), By: "P-000005"}
	p.TakeEvidence(by("P-000005"), []dars.EvidenceFile{f}, "2026-03-01")
	ruled(t, p.Look(by("P-000001"), 1, dars.EvidenceSeen, dars.Reading{}, "2026-03-02"), "")
	return p
}

var cag = dars.EvidenceFile{Kind: "S251_APPROVAL", File: "cag.pdf", SHA256: "aa", Renew: "2026-06-30", Expires: "2027-12-31"}

func TestWhatIsWanting(t *testing.T) {
	const on = dars.Day("2026-03-02")
	refused := func(p *dars.Application) error {
		return p.Look(by("P-000001"), 1, dars.EvidenceRefused, dars.Reading{}, on)
	}
	tests := map[string]struct {
		spoil func(*dars.Application) error
		on    dars.Day
		says  string // "" if nothing is wanting
	}{
		"seen, and it holds": {nil, on, ""},
		"its last day":       {nil, "2026-06-30", ""},
		"the day after":      {nil, "2026-07-01", "file 1 (cag.pdf) ended on 2026-06-30"},
		"refused":            {refused, on, "file 1 (cag.pdf) was refused: asked for"},
		"taken back": {func(p *dars.Application) error {
			return p.Look(by("P-000001"), 1, dars.EvidenceUnseen, dars.Reading{}, on)
		}, on, "nobody has seen file 1 (cag.pdf)"},
		"none at all":             {func(p *dars.Application) error { p.Evidence = nil; return nil }, on, "there is none"},
		"of another kind":         {func(p *dars.Application) error { p.Evidence[0].Kind = "ETHICS_APPROVAL"; return nil }, on, "there is none"},
		"named no more":           {func(p *dars.Application) error { p.TakeEvidence(by("P-000005"), nil, on); return nil }, on, "there is none"},
		"an unknown gateway":      {func(p *dars.Application) error { p.Form.Datasets[0].Gateway = "NEW"; return nil }, on, "NEW"},
		"a gateway without needs": {func(p *dars.Application) error { p.Form.Datasets[0].Gateway, p.Evidence = "HSCA261_4", nil; return nil }, "2030-01-01", ""},
		"renewed": {func(p *dars.Application) error {
			f := cag
			f.SHA256, f.Renew = "bb", "2027-06-30"
			if _, err := p.AddEvidence(by("P-000005"), f, on); err != nil {
				return err
			}
			return p.Look(by("P-000001"), 2, dars.EvidenceSeen, dars.Reading{}, on)
		}, "2026-07-01", ""},
		"renewed and not seen": {func(p *dars.Application) error {
			f := cag
			f.SHA256, f.Renew = "bb", "2027-06-30"
			_, err := p.AddEvidence(by("P-000005"), f, on)
			return err
		}, "2026-07-01", "nobody has seen file 2 (cag.pdf)"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			p := shown(t, cag)
			if tt.spoil != nil {
				ruled(t, tt.spoil(p), "")
			}
			wanting := strings.Join(p.EvidenceWanting(p.Form.Datasets, tt.on), "; ")
			if (wanting == "") != (tt.says == "") || !strings.Contains(wanting, tt.says) {
				t.Errorf("it says %q, not %q", wanting, tt.says)
			}
		})
	}
}

func TestLooking(t *testing.T) {
	const on = dars.Day("2026-03-02")
	tests := map[string]struct {
		who  dars.PersonID
		n    int
		said dars.EvidenceState
		read dars.Reading
		why  string
		rule string
	}{
		"a colleague sees it again":    {"P-000002", 1, dars.EvidenceSeen, dars.Reading{}, "", "wrong-step"},
		"it is refused":                {"P-000002", 1, dars.EvidenceRefused, dars.Reading{}, "another study", ""},
		"it is refused for no reason":  {"P-000002", 1, dars.EvidenceRefused, dars.Reading{}, "", "no-reason"},
		"the word is taken back":       {"P-000001", 1, dars.EvidenceUnseen, dars.Reading{}, "by mistake", ""},
		"who handed it in":             {"P-000005", 1, dars.EvidenceUnseen, dars.Reading{}, "by mistake", "same-person"},
		"a file that is not there":     {"P-000001", 2, dars.EvidenceSeen, dars.Reading{}, "", "not-found"},
		"a kind that is none":          {"P-000001", 1, dars.EvidenceUnseen, dars.Reading{Kind: "LETTER"}, "by mistake", "no-kind"},
		"no number is no file":         {"P-000001", 0, dars.EvidenceSeen, dars.Reading{}, "", "not-found"},
		"a negative number is no file": {"P-000001", -1, dars.EvidenceSeen, dars.Reading{}, "", "not-found"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			p := shown(t, cag)
			was := facts(t, p)
			a := by(tt.who)
			a.Why = tt.why
			ruled(t, p.Look(a, tt.n, tt.said, tt.read, on), tt.rule)
			if tt.rule != "" && facts(t, p) != was {
				t.Errorf("a refusal left a trace: %s", facts(t, p))
			}
			if tt.rule == "" && (p.Evidence[0].State() != tt.said || len(p.Evidence[0].Looks) != 2) {
				t.Errorf("it is %+v", p.Evidence[0])
			}
		})
	}
	t.Run("the officer reads another end", func(t *testing.T) {
		p := shown(t, cag)
		ruled(t, p.Look(by("P-000001"), 1, dars.EvidenceUnseen, dars.Reading{}, on), "")
		ruled(t, p.Look(by("P-000001"), 1, dars.EvidenceSeen, dars.Reading{Renew: "2026-03-01"}, on), "evidence-lapsed")
		ruled(t, p.Look(by("P-000001"), 1, dars.EvidenceSeen, dars.Reading{Renew: "2026-03-02"}, on), "")
		if p.Evidence[0].Until() != on {
			t.Errorf("it holds until %s", p.Evidence[0].Until())
		}
	})
}

// A resubmission keeps the earlier files: what is the same keeps its number and
// what was said of it.
func TestAResubmissionKeepsTheEvidence(t *testing.T) {
	p := shown(t, cag)
	leaflet := dars.EvidenceFile{Kind: "OTHER", File: "leaflet.pdf", SHA256: "cc"}
	p.Minor = 1
	p.TakeEvidence(by("P-000006"), []dars.EvidenceFile{cag, leaflet}, "2026-03-03")
	if len(p.Evidence) != 2 || p.Evidence[0].State() != dars.EvidenceSeen || p.Evidence[0].Version != "v1.0" || p.Evidence[1].Version != "v1.1" || p.Evidence[1].From != "P-000006" {
		t.Fatalf("the second version has %+v", p.Evidence)
	}
	p.Minor = 2
	changed := cag
	changed.Expires = "2028-12-31" // as they say now: somebody must look again
	p.TakeEvidence(by("P-000005"), []dars.EvidenceFile{changed}, "2026-03-04")
	if len(p.Evidence) != 3 || p.Evidence[0].Left != "v1.2" || p.Evidence[1].Left != "v1.2" || p.Evidence[2].N != 3 || p.Evidence[2].State() != dars.EvidenceUnseen {
		t.Errorf("the third version has %+v", p.Evidence)
	}
}
