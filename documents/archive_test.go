package documents

import (
	"bytes"
	"compress/zlib"
	_ "embed"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// Every paper is built to PDF/A-3a by the checks below, which are those that no
// program here makes for us.
func TestPapersAreBuiltToLast(t *testing.T) {
	for name, d := range papers(press(true)) {
		t.Run(name, func(t *testing.T) {
			pdf, err := d.PDF()
			if err != nil {
				t.Fatal(err)
			}
			to := lasting
			if d.isForm() {
				to = fillable
			}
			for _, wrong := range faults(pdf, to) {
				t.Error(wrong)
			}
		})
	}
}

// The checks see what they are for: each of these files breaks one.
func TestFaultsAreSeen(t *testing.T) {
	good, err := papers(press(false))["agreement"].PDF()
	if err != nil {
		t.Fatal(err)
	}
	tests := map[string]struct{ old, new, want string }{
		"no language":               {"/Lang (en-GB)", "/Lung (en-GB)", "language"},
		"not marked as tagged":      {"/Marked true", "/Marked null", "not tagged"},
		"another part":              {"<pdfaid:part>3", "<pdfaid:part>2", "part"},
		"another level":             {"conformance>A<", "conformance>B<", "level"},
		"title of another paper":    {"<dc:title><rdf:Alt><rdf:li xml:lang=\"x-default\">DARS", "<dc:title><rdf:Alt><rdf:li xml:lang=\"x-default\">CARS", "title"},
		"no colours":                {"/OutputIntents", "/OutputIntemts", "colours"},
		"a page without structure":  {"/StructParents 1 ", "/StructParemts 1 ", "page 2"},
		"a page in no order":        {"/Tabs /S", "/Tabs /R", "order"},
		"a stretch of no element":   {"/Type /MCR /Pg 3 0 R /MCID 2>>", "/Type /MCR /Pg 3 0 R /MCID 1>>", "stretch"},
		"a head that heads nothing": {"/Scope /Column", "/Scope /Colum ", "heads"},
		"an attachment of no kind":  {"/AFRelationship /Data", "/AFRelationship /Dada", "attachment"},
		"an attachment of no type":  {"/Subtype /application#2Fjson", "/Subtipe /application#2Fjson", "attachment"},
		"a font that is not here":   {"/FontFile2 ", "/FontFilet ", "font"},
		"letters without meaning":   {"/ToUnicode ", "/ToUnicodd ", "font"},
		"no identifier":             {"/ID [<", "/IX [<", "identifier"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			bad := bytes.Replace(good, []byte(tt.old), []byte(tt.new), 1)
			if bytes.Equal(bad, good) {
				t.Fatalf("there is no %q to break", tt.old)
			}
			if said := strings.Join(faults(bad, lasting), "; "); !strings.Contains(said, tt.want) {
				t.Errorf("said %q, want something of %q", said, tt.want)
			}
		})
	}
}

// A file that Press did not write is refused, whatever it is.
func FuzzApart(f *testing.F) {
	pdf, err := press(false).New("Paper", "small", "CON-000001-X0X0X", "2016-03-01").PDF()
	if err != nil {
		f.Fatal(err)
	}
	f.Add(pdf)
	f.Add([]byte("%PDF-1.3\nstartxref\n9\n%%EOF"))
	f.Fuzz(func(t *testing.T, pdf []byte) {
		if whole, err := apart(pdf); err == nil {
			whole.bytes("1.7")
		}
	})
}

//go:embed testdata/Preflight.java
var preflightProgram string

// The same papers as PDF/A-1b pass the checker of Apache PDFBox, which knows that
// part alone; as they are kept, it finds what part 1 did not know: attachments,
// and the number of the part.
func TestPreflight(t *testing.T) {
	t.Parallel() // most of it is another program
	jars := preflight(t)
	dir := t.TempDir()
	var files []string
	for name, d := range papers(press(true)) {
		for kind, to := range map[string]standard{"1b": checked, "3a": lasting} {
			pdf, err := d.pdf(to)
			if err != nil {
				t.Fatal(err)
			}
			file := filepath.Join(dir, name+"."+kind+".pdf")
			files = append(files, file)
			if err := os.WriteFile(file, pdf, 0o600); err != nil {
				t.Fatal(err)
			}
		}
	}
	program := filepath.Join(dir, "Preflight.java")
	if err := os.WriteFile(program, []byte(preflightProgram), 0o600); err != nil {
		t.Fatal(err)
	}
	out, err := exec.CommandContext(t.Context(), "java", append([]string{"-cp", strings.Join(jars, ":"), program}, files...)...).CombinedOutput()
	if err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	said := map[string][]string{}
	for l := range strings.Lines(string(out)) {
		if file, wrong, found := strings.Cut(strings.TrimSpace(l), "\t"); found {
			said[filepath.Base(file)] = append(said[filepath.Base(file)], wrong)
		}
	}
	for _, file := range files {
		wrong := slices.DeleteFunc(said[filepath.Base(file)], func(s string) bool {
			return s == "checked" || strings.HasSuffix(file, ".3a.pdf") && ofLaterParts.MatchString(s)
		})
		if len(said[filepath.Base(file)]) == 0 || len(wrong) > 0 {
			t.Errorf("%s: %q", filepath.Base(file), wrong)
		}
	}
}

// preflight finds the checker's libraries, and a compiler for the few lines that
// call it.
func preflight(t *testing.T) (jars []string) {
	t.Helper()
	_, missing := exec.LookPath("javac")
	for _, name := range []string{"preflight", "pdfbox2", "fontbox2", "xmpbox", "commons-io", "commons-logging", "javax.activation", "jaxb-api"} {
		found, err := filepath.Glob("/usr/share/java/" + name + ".jar")
		if err != nil || len(found) == 0 {
			missing = fmt.Errorf("there is no %s.jar", name)
		}
		jars = append(jars, found...)
	}
	if missing != nil {
		skip(t, fmt.Sprintf("PDFBox Preflight is not installed (libpdfbox2-java, libactivation-java, libjaxb-api-java, default-jdk-headless): %v", missing))
	}
	return jars
}

var ofLaterParts = regexp.MustCompile(`EmbeddedFile|part' must be 1|part must be 1|EF|CIDSet`)

// faults lists in what a file is not built to a standard.
func faults(pdf []byte, to standard) (wrong []string) {
	f, err := apart(pdf)
	if err != nil {
		return []string{err.Error()}
	}
	say := func(format string, a ...any) { wrong = append(wrong, fmt.Sprintf(format, a...)) }
	catalog := string(f.objects[f.root])
	for _, must := range []struct{ has, else_ string }{
		{"/Lang (en-GB)", "the language is not said"}, {"/MarkInfo <</Marked true>>", "it is not tagged"}, {"/OutputIntents [", "its colours mean nothing"},
		{"/DisplayDocTitle true", "the title is not shown"},
	} {
		if !strings.Contains(catalog, must.has) && (to != fillable || must.has != "/OutputIntents [") {
			say("%s", must.else_)
		}
	}
	if !regexp.MustCompile(`/ID \[<[0-9a-f]{32}> <[0-9a-f]{32}>\]`).Match(pdf) {
		say("it has no identifier")
	}
	meta := string(f.object(catalog, "/Metadata "))
	if to != fillable && !strings.Contains(meta, fmt.Sprintf("<pdfaid:part>%d<", to.part)) {
		say("the metadata say another part")
	}
	if to != fillable && !strings.Contains(meta, fmt.Sprintf("<pdfaid:conformance>%s<", to.level)) {
		say("the metadata say another level")
	}
	if title := regexp.MustCompile(`/Title \(([^)]*)\)`).FindSubmatch(f.objects[f.info]); title != nil && !strings.Contains(meta, `x-default">`+string(title[1])+"<") {
		say("the metadata say another title than the file")
	}
	return slices.Concat(wrong, f.untagged(catalog), f.badFonts(), f.badAttachments(), f.badFields(catalog))
}

// object is what follows a key as a reference.
func (f *file) object(in, key string) []byte {
	_, after, found := strings.Cut(in, key)
	n, err := strconv.Atoi(strings.TrimLeft(strings.SplitN(after, " ", 2)[0], "["))
	if !found || err != nil || n < 1 || n >= len(f.objects) {
		return nil
	}
	return f.objects[n]
}

var (
	stretch = regexp.MustCompile(`/MCID (\d+)>> BDC`)
	element = regexp.MustCompile(`/Type /MCR /Pg (\d+) 0 R /MCID (\d+)`)
)

// untagged compares the stretches of the pages with the elements, both ways, and
// looks for tables whose heads head nothing.
func (f *file) untagged(catalog string) (wrong []string) {
	in := map[string]int{}
	for i, n := range f.pages {
		page := string(f.objects[n])
		if !strings.Contains(page, fmt.Sprintf("/StructParents %d ", i)) && !strings.Contains(page, fmt.Sprintf("/StructParents %d\n", i)) {
			wrong = append(wrong, fmt.Sprintf("page %d has no structure", i+1))
		}
		if !strings.Contains(page, "/Tabs /S") {
			wrong = append(wrong, fmt.Sprintf("page %d has no order", i+1))
		}
		content := unpacked(f.object(page, "/Contents "))
		for _, m := range stretch.FindAllStringSubmatch(content, -1) {
			in[fmt.Sprintf("%d/%s", n, m[1])]++
		}
		if outside := regexp.MustCompile(`(?s)EMC\n(.*?)/(?:Artifact|Figure|P|H\d|TH|TD|Lbl|LBody) `).FindAllStringSubmatch(content, -1); slices.ContainsFunc(outside, func(m []string) bool { return strings.Contains(m[1], " Tj") }) {
			wrong = append(wrong, fmt.Sprintf("page %d has words of no element", i+1))
		}
	}
	deep := 0
	for _, body := range f.objects {
		if !bytes.HasPrefix(body, []byte("<</Type /StructElem")) {
			continue
		}
		for _, m := range element.FindAllSubmatch(body, -1) {
			in[string(m[1])+"/"+string(m[2])] += 10
		}
		if bytes.Contains(body, []byte("/S /Figure ")) && !bytes.Contains(body, []byte("/Alt (")) && !bytes.Contains(body, []byte("/Alt <")) {
			wrong = append(wrong, "a picture says nothing")
		}
		if bytes.Contains(body, []byte("/S /TH ")) && !bytes.Contains(body, []byte("/Scope /Column>>")) && !bytes.Contains(body, []byte("/Scope /Row>>")) {
			wrong = append(wrong, "a head of a table heads nothing")
		}
		if m := headings.FindSubmatch(body); m != nil {
			level, _ := strconv.Atoi(string(m[1]))
			if level > deep+1 {
				wrong = append(wrong, "headings skip a level")
			}
			deep = level
		}
	}
	for place, n := range in {
		if n != 11 {
			wrong = append(wrong, fmt.Sprintf("stretch %s is of %d elements", place, n/10))
		}
	}
	return wrong
}

var headings = regexp.MustCompile(`/S /H([1-6]) `)

// badFonts looks for fonts that are not in the file, or whose letters say nothing.
func (f *file) badFonts() (wrong []string) {
	for _, body := range f.objects {
		switch {
		case bytes.HasPrefix(body, []byte("<</Type /FontDescriptor")) && !bytes.Contains(body, []byte("/FontFile2 ")):
			wrong = append(wrong, "a font is not in the file")
		case bytes.Contains(body, []byte("/Subtype /Type0")) && !bytes.Contains(body, []byte("/ToUnicode ")):
			wrong = append(wrong, "a font's letters have no meaning")
		case bytes.HasPrefix(body, []byte("<</Type /Font\n")) && !regexp.MustCompile(`/BaseFont /[A-Z]{6}\+`).Match(body):
			wrong = append(wrong, "a font does not say that it is a part")
		}
	}
	return wrong
}

func (f *file) badAttachments() (wrong []string) {
	for _, body := range f.objects {
		switch {
		case bytes.HasPrefix(body, []byte("<</Type /Filespec")) && !bytes.Contains(body, []byte("/AFRelationship /Data ")),
			bytes.HasPrefix(body, []byte("<</Type /EmbeddedFile")) && !bytes.Contains(body, []byte("/Subtype /application#2F")):
			wrong = append(wrong, "an attachment is of no known kind")
		}
	}
	return wrong
}

// unpacked is a stream as it was before it was compressed.
func unpacked(object []byte) string {
	_, body, _ := bytes.Cut(object, []byte("stream\n"))
	r, err := zlib.NewReader(bytes.NewReader(body))
	if err != nil {
		return string(body)
	}
	all, _ := io.ReadAll(r)
	return string(all)
}

// The facts of an agreement can be read out of its paper.
func TestAgreementCarriesItsFacts(t *testing.T) {
	pdf, err := papers(press(false))["agreement"].PDF()
	if err != nil {
		t.Fatal(err)
	}
	f, err := apart(pdf)
	if err != nil {
		t.Fatal(err)
	}
	for _, body := range f.objects {
		if bytes.HasPrefix(body, []byte("<</Type /EmbeddedFile")) {
			if facts := unpacked(body); !strings.Contains(facts, string(agreementFacts().Agreement.ID)) {
				t.Errorf("attached is %.200s", facts)
			}
			return
		}
	}
	t.Error("nothing is attached")
}
