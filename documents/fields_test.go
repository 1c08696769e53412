package documents

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"darsd/dars"
)

// What a field is called to programs and aloud, in the order of the keyboard.
func TestFieldsOfTheCertificate(t *testing.T) {
	var b strings.Builder
	for _, f := range layOut(press(false).certificate(certificateFacts())).fields {
		fmt.Fprintf(&b, "%-38s %s\n", f.Name, f.Says)
	}
	golden(t, "certificate-fields.txt", []byte(b.String()))
}

// The checks of a form see what they are for.
func TestFaultsOfFormsAreSeen(t *testing.T) {
	good, err := papers(press(false))["certificate"].PDF()
	if err != nil {
		t.Fatal(err)
	}
	tests := map[string]struct{ old, new, want string }{
		"no words for who cannot see": {"/TU ", "/TV ", "says nothing"},
		"no look of its own":          {"/AP <<", "/AQ <<", "looks like nothing"},
		"not printed":                 {"/F 4 ", "/F 0 ", "not printed"},
		"a name for two":              {"/T (FILE0000001 8J001 live method)", "/T (FILE0000001 RA1 live method)  ", "second time"},
		"on no page":                  {" /Annots [", " /Annods [", "page"},
		"of no element":               {"/Type /OBJR /Pg", "/Type /OBJX /Pg", "element"},
		"drawn by the viewer":         {"/SigFlags 1 /DR <<", "/NeedAppearances  ", "viewer"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			bad := bytes.Replace(good, []byte(tt.old), []byte(tt.new), 1)
			if bytes.Equal(bad, good) {
				t.Fatalf("there is no %q to break", tt.old)
			}
			if said := strings.Join(faults(bad, fillable), "; "); !strings.Contains(said, tt.want) {
				t.Errorf("said %q, want something of %q", said, tt.want)
			}
		})
	}
}

// A certificate of hundreds of files goes on from page to page, with every field on
// one of them.
func TestManyFiles(t *testing.T) {
	facts := certificateFacts()
	one := facts.Certificate.Files[0]
	facts.Certificate.Files = nil
	for i := range 300 {
		one.File = dars.FileID(fmt.Sprintf("FILE%07d", i+1))
		facts.Certificate.Files = append(facts.Certificate.Files, one)
	}
	d := press(true).certificate(facts)
	s := layOut(d)
	if want := 300 * 3 * 3; len(s.fields) < want {
		t.Fatalf("%d fields, want at least %d", len(s.fields), want)
	}
	for _, f := range s.fields {
		if f.y < top || f.y+f.h > floor+0.01 || f.x < left || f.x+f.w > pageWide-right+0.01 {
			t.Errorf("%s stands outside page %d: %+v", f.Name, f.page, f)
		}
	}
	pdf, err := d.PDF()
	if err != nil {
		t.Fatal(err)
	}
	keep(t, "certificate-of-many", pdf)
	for _, wrong := range faults(pdf, fillable) {
		t.Error(wrong)
	}
}

// What people's programs fill in is seen where it belongs, whatever their language.
func TestFormIsFilledIn(t *testing.T) {
	pdf, err := papers(press(false))["certificate"].PDF()
	if err != nil {
		t.Fatal(err)
	}
	const typed = "Łódź Ελλάδα Мед"
	dir := t.TempDir()
	empty := filepath.Join(dir, "empty.pdf")
	if err := os.WriteFile(empty, pdf, 0o600); err != nil {
		t.Fatal(err)
	}
	fillers := map[string]func(t *testing.T, to string) []string{
		"poppler": func(t *testing.T, to string) []string {
			if exec.CommandContext(t.Context(), "/usr/bin/python3", "-c", "import gi; gi.require_version('Poppler', '0.18')").Run() != nil {
				skip(t, "poppler's library is not installed for Python (python3-gi, gir1.2-poppler-0.18)")
			}
			return []string{"/usr/bin/python3", "testdata/fillform.py", empty, to, typed}
		},
		"PDFBox": func(t *testing.T, to string) []string {
			return []string{"java", "-cp", strings.Join(preflight(t), ":"), "testdata/FillForm.java", empty, to, typed}
		},
	}
	for name, filler := range fillers {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			filled := filepath.Join(dir, name+".pdf")
			tool(t, filler(t, filled)...)
			tool(t, "qpdf", "--check", filled)
			seen := string(tool(t, "pdftotext", "-layout", filled, "-"))
			// Six expected copies and eight further ones, each with its method; the
			// codes stand once in their own table, and with the three media that they
			// are for.
			if n := strings.Count(seen, "CLEAR_SECURE_ERASE"); n != 6+moreRows+1+3 {
				t.Errorf("%d methods are seen", n)
			}
			if n := strings.Count(seen, typed); n < 8 {
				t.Errorf("%q is seen %d times in\n%s", typed, n, seen)
			}
			content, err := os.ReadFile(filled)
			if err != nil {
				t.Fatal(err)
			}
			keep(t, "filled-by-"+name, content)
			form, err := read(t, content).Certificate()
			if err != nil {
				t.Fatal(err)
			}
			if form.Certificate != "CERT-000001" || form.Agreement != certificateFacts().Agreement.ID || len(form.Items) != 6+moreRows {
				t.Errorf("it is read as %+v", form)
			}
			if want := (dars.Destruction{File: "FILE0000001", Holder: "RA1", Copy: "live", Medium: "HDD", Method: "CLEAR_SECURE_ERASE", DestroyedOn: "2017-04-03", BackupUntil: "2017-04-03"}); !slices.Contains(form.Items, want) {
				t.Errorf("there is no %+v in %+v", want, form.Items)
			}
			if want := (dars.Declaration{Name: typed, Post: typed, Date: "2017-04-03", PerformedBy: typed, Contractor: typed, Destroyed: true,
				PerformedPost: typed, PerformedOn: "2017-04-03", Media: typed, Verified: typed, Kept: typed}); form.Signed != want {
				t.Errorf("it is signed %+v, want %+v", form.Signed, want)
			}
			if len(form.Doubts) != 0 {
				t.Errorf("there is doubt: %v", form.Doubts)
			}
		})
	}
}

var (
	widgets  = regexp.MustCompile(`^<</Type /Annot /Subtype /Widget /T (\([^)]*\)|<[0-9a-f]*>) `)
	parents  = regexp.MustCompile(`/StructParent (\d+)`)
	onPage   = regexp.MustCompile(`/P (\d+) 0 R`)
	asObject = regexp.MustCompile(`/Type /OBJR /Pg \d+ 0 R /Obj (\d+) 0 R`)
)

// badFields lists what is wrong with the fields of a form.
func (f *file) badFields(catalog string) (wrong []string) {
	say := func(format string, a ...any) { wrong = append(wrong, fmt.Sprintf(format, a...)) }
	elements := map[string]int{}
	for _, body := range f.objects {
		for _, m := range asObject.FindAllSubmatch(body, -1) {
			elements[string(m[1])]++
		}
	}
	tree := string(f.object(catalog, "/StructTreeRoot "))
	names := map[string]bool{}
	for n, body := range f.objects {
		m := widgets.FindSubmatch(body)
		if m == nil {
			continue
		}
		name, self := string(m[1]), fmt.Sprintf("%d 0 R", n)
		if names[name] {
			say("field %s stands there a second time", name)
		}
		names[name] = true
		if !bytes.Contains(body, []byte(" /TU ")) {
			say("field %s says nothing", name)
		}
		if !bytes.Contains(body, []byte(" /AP <<")) {
			say("field %s looks like nothing", name)
		}
		if !bytes.Contains(body, []byte(" /F 4 ")) {
			say("field %s is not printed", name)
		}
		if page := onPage.FindSubmatch(body); page == nil || !slices.Contains(f.annotations(string(page[1])), self) {
			say("field %s is on no page", name)
		}
		if parent := parents.FindSubmatch(body); parent == nil || elements[strconv.Itoa(n)] != 1 || !strings.Contains(tree, fmt.Sprintf(" %s ", parent[1])) {
			say("field %s is of no element", name)
		}
		if !strings.Contains(catalog, self) {
			say("field %s is not of the form", name)
		}
	}
	if strings.Contains(catalog, "NeedAppearances") {
		say("the form leaves it to the viewer how it looks")
	}
	return wrong
}

// annotations are what a page says that lies on it.
func (f *file) annotations(page string) (all []string) {
	n, _ := strconv.Atoi(page)
	_, list, _ := strings.Cut(string(f.objects[n]), " /Annots [")
	list, _, _ = strings.Cut(list, "]")
	return refs.FindAllString(list, -1)
}
