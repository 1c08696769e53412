package documents

import (
	"bytes"
	"cmp"
	"compress/zlib"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"

	"darsd/dars"
)

// The test binary is its own child, as the program is in earnest.
func TestMain(m *testing.M) {
	switch {
	case len(os.Args) == 2 && os.Args[1] == "read-paper":
		os.Exit(Child(os.Stdin, os.Stdout))
	case len(os.Args) == 2 && os.Args[1] == "eat-memory":
		os.Exit(eatMemory())
	case len(os.Args) == 2 && os.Args[1] == "reach-out":
		os.Exit(reachOut())
	}
	os.Exit(m.Run())
}

// reachOut is a child of which a paper has got hold. It prints what it was let do.
func reachOut() int {
	if limit() != nil {
		return 3
	}
	for what, try := range map[string]func() error{
		"open a file":     func() error { _, err := os.Open("/dev/null"); return err },
		"read a folder":   func() error { _, err := os.ReadDir("/"); return err },
		"make a folder":   func() error { return os.Mkdir(filepath.Join(os.TempDir(), "reached"), 0o700) },
		"start a program": func() error { return exec.Command("/bin/true").Start() },
		"become another":  func() error { return syscall.Exec("/bin/true", []string{"true"}, nil) },
		"reach a network": func() error { _, err := net.Dial("udp", "127.0.0.1:9"); return err },
		"reach a socket":  func() error { _, err := syscall.Socket(syscall.AF_UNIX, syscall.SOCK_STREAM, 0); return err },
		"end others":      func() error { return syscall.Kill(os.Getpid(), 0) },
	} {
		if err := try(); !errors.Is(err, syscall.EPERM) {
			fmt.Printf("%s: %v\n", what, err)
		}
	}
	return 0
}

// eatMemory is a child that meets a paper worse than any we have.
func eatMemory() int {
	if limit() != nil {
		return 3
	}
	fmt.Print(greeting)
	var all [][]byte
	for {
		all = append(all, make([]byte, 64<<20))
		if len(all) > 100 {
			fmt.Print("{}\n") // 6 GiB, and still alive
			return 0
		}
	}
}

// reader starts this test again as a child. A program that looks for races
// sleeps for a second before it ends, unless it is told not to.
func reader() Reader { return again("read-paper") }

func again(command string) Reader {
	self, err := os.Executable()
	if err != nil {
		panic(err)
	}
	return Reader{Command: []string{"/usr/bin/env", "GORACE=atexit_sleep_ms=0", self, command}}
}

func read(t *testing.T, pdf []byte) Reading {
	t.Helper()
	r, err := reader().Read(t.Context(), pdf)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// What we print is what we read.
func TestOurPapersAreReadBack(t *testing.T) {
	want := map[string]string{"agreement": "DARS-NIC-000001-B1C2D v1.0", "contract": "CON-000001-X0X0X ", "certificate": "CERT-000001 "}
	for name, d := range papers(press(false)) {
		t.Run(name, func(t *testing.T) {
			pdf, err := d.PDF()
			if err != nil {
				t.Fatal(err)
			}
			r := read(t, pdf)
			if r.Pages != len(r.Text) || r.Pages == 0 {
				t.Fatalf("read %d of %d pages", len(r.Text), r.Pages)
			}
			for i, text := range r.Text {
				if header := fmt.Sprintf("%s page %d of %d", joined(" ", d.ref, d.mark), i+1, r.Pages); !strings.Contains(text, header) {
					t.Errorf("page %d does not say %q", i+1, header)
				}
			}
			if want[name] == "" {
				return
			}
			found, err := r.Reference()
			if err != nil {
				t.Fatal(err)
			}
			if got := found.Ref + " " + found.Version; got != want[name] || found.Said != r.Pages || len(found.Missing()) != 0 {
				t.Errorf("found %+v, missing %v", found, found.Missing())
			}
		})
	}
}

// A letter has the reference of the agreement, one page, and all of it there:
// it must not be taken for the signed copy.
func TestLetterIsNoSignedCopy(t *testing.T) {
	pdf, err := press(false).DecisionLetter(letterFacts(dars.Approved))
	if err != nil {
		t.Fatal(err)
	}
	if found, err := read(t, pdf).Reference(); ruleOf(err) != "no-reference" {
		t.Errorf("found %+v, %v", found, err)
	}
}

// Letters above the first 256 are where readers go wrong.
func TestForeignNamesAreReadBack(t *testing.T) {
	pdf, err := press(false).Agreement(agreementFacts())
	if err != nil {
		t.Fatal(err)
	}
	text := strings.Join(read(t, pdf).Text, "\n")
	for _, name := range []string{"Instytut Danych Łódź–Plymouth", "St Cuthbert’s", "Tomás Ó Briain", "“Breathing Space”"} {
		if !strings.Contains(text, name) {
			t.Errorf("%q is not there", name)
		}
	}
}

// People print a paper into a PDF again, or take pages out of it.
func TestCopiesAreReadBack(t *testing.T) {
	pdf, err := press(true).Agreement(agreementFacts())
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	in, out := filepath.Join(dir, "in.pdf"), filepath.Join(dir, "out.pdf")
	if err := os.WriteFile(in, pdf, 0o600); err != nil {
		t.Fatal(err)
	}
	for name, tt := range map[string]struct {
		command []string
		missing []int
	}{
		"printed again":     {[]string{"pdftocairo", "-pdf", in, out}, []int{}},
		"a page is missing": {[]string{"qpdf", in, "--pages", ".", "1-2,4-z", "--", out}, []int{3}},
		"out of order":      {[]string{"qpdf", in, "--pages", ".", "z-1", "--", out}, []int{}},
		"rubbish around it": {[]string{"sh", "-c", `(echo from the scanner; cat "$1"; head -c 3000 /dev/zero) >"$2"`, "sh", in, out}, []int{}},
		"of PDF 2.0":        {[]string{"qpdf", "--force-version=2.0", in, out}, []int{}},
		"rewritten":         {[]string{"qpdf", "--object-streams=generate", "--linearize", in, out}, []int{}},
	} {
		t.Run(name, func(t *testing.T) {
			tool(t, tt.command...)
			copied, err := os.ReadFile(out)
			if err != nil {
				t.Fatal(err)
			}
			found, err := read(t, copied).Reference()
			if err != nil {
				t.Fatal(err)
			}
			if found.Paper() != "DARS-NIC-000001-B1C2D-v1.0" || !found.Rehearsal || !slices.Equal(found.Missing(), tt.missing) {
				t.Errorf("found %+v, missing %v, want missing %v", found, found.Missing(), tt.missing)
			}
		})
	}
}

func TestReference(t *testing.T) {
	const a, b = "DARS-NIC-000001-B1C2D-v1.0", "DARS-NIC-000002-C3D4F-v1.0"
	tests := map[string]struct {
		pages   []string
		rule    string
		missing []int
	}{
		"all pages":                   {[]string{a + " page 1 of 2", "x\n" + a + " page 2 of 2\ny"}, "", []int{}},
		"one missing":                 {[]string{a + " page 1 of 3", a + " page 3 of 3"}, "", []int{2}},
		"one is a picture":            {[]string{a + " page 1 of 2", ""}, "", []int{2}},
		"twice the same":              {[]string{a + " page 1 of 2", a + " page 1 of 2"}, "", []int{2}},
		"broken into lines":           {[]string{a + "\npage\n1 of 1\n"}, "", []int{}},
		"another version":             {[]string{a + " page 1 of 2", "DARS-NIC-000001-B1C2D-v1.1 page 2 of 2"}, "several-references", nil},
		"another paper":               {[]string{a + " page 1 of 2", b + " page 2 of 2"}, "several-references", nil},
		"another print":               {[]string{a + " page 1 of 2", a + " page 2 of 3"}, "pages-differ", nil},
		"a page that is two":          {[]string{a + " page 1 of 3", a + " page 2 of 3 … " + a + " page 3 of 3"}, "pages-differ", nil},
		"a page beyond the last":      {[]string{a + " page 4 of 3"}, "pages-differ", nil},
		"page nought":                 {[]string{a + " page 0 of 3"}, "pages-differ", nil},
		"only mentioned in the text":  {[]string{"see " + a + " of 2015, page 2"}, "no-reference", nil},
		"nothing":                     {[]string{"", "minutes of a meeting"}, "no-reference", nil},
		"a suffix with a vowel in it": {[]string{"DARS-NIC-000001-A1C2D-v1.0 page 1 of 1"}, "no-reference", nil},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			found, err := Reading{Pages: len(tt.pages), Text: tt.pages}.Reference()
			if ruleOf(err) != tt.rule {
				t.Fatalf("refused by %q (%v), want %q", ruleOf(err), err, tt.rule)
			}
			if tt.rule == "" && (found.Ref != "DARS-NIC-000001-B1C2D" || found.Version != "v1.0" || !slices.Equal(found.Missing(), tt.missing)) {
				t.Errorf("found %+v, missing %v, want %v", found, found.Missing(), tt.missing)
			}
		})
	}
}

// Whatever comes, there is an answer.
func TestHostilePapersAreRefused(t *testing.T) {
	good, err := press(false).Agreement(agreementFacts())
	if err != nil {
		t.Fatal(err)
	}
	tests := map[string]struct {
		paper []byte
		rule  string // "any" where either answer will do
	}{
		"empty":                    {nil, "not-a-pdf"},
		"garbage":                  {bytes.Repeat([]byte("\x00\xffgarbage"), 5000), "not-a-pdf"},
		"a picture's beginning":    {[]byte("\x89PNG\r\n\x1a\n"), "any"},
		"a picture and a PDF":      {[]byte("\xff\xd8\xff\xfe\x00\x0b%PDF-1.7\n"), "not-a-pdf"},
		"a TIFF in a ring":         {[]byte("II*\x00\x08\x00\x00\x00\x00\x00\x08\x00\x00\x00"), "paper-unreadable"},
		"a TIFF of nothing":        {[]byte("MM\x00*\xff\xff\xff\xff"), "paper-unreadable"},
		"too large":                {make([]byte, maxPaper+1), "paper-too-large"},
		"only its first line":      {[]byte("%PDF-1.4\n"), "paper-unreadable"},
		"garbage after it":         {append([]byte("%PDF-1.4\n"), bytes.Repeat([]byte("<<[(\\"), 10000)...), "paper-unreadable"},
		"cut off by 300 bytes":     {good[:len(good)-300], "paper-unreadable"},
		"cut in half":              {good[:len(good)/2], "paper-unreadable"},
		"cyclic pages":             {made("<</Type/Pages/Kids[2 0 R]/Count 3>>"), "paper-unreadable"},
		"pages of a page":          {made("<</Type/Pages/Kids[3 0 R]/Count 1/Parent 3 0 R>>", "<</Type/Page/Parent 2 0 R/Contents 3 0 R>>"), ""},
		"the same a million times": {made("<</Type/Pages/Kids["+strings.Repeat("3 0 R ", 1_000_000)+"]/Count 9>>", "<</Type/Page/Parent 2 0 R>>"), "paper-unreadable"},
		"two thousand million":     {made("<</Type/Pages/Kids[]/Count 2000000000>>"), "paper-unreadable"},
		"no pages":                 {made("<</Type/Pages/Kids[]/Count 0>>"), "paper-unreadable"},
		"nested a million deep":    {made(strings.Repeat("<</A", 1_000_000)), "any"},
		"a bomb of 256 MB":         {bomb(256), "any"},
		"javascript":               {made("<</Type/Pages/Kids[]/Count 0/OpenAction<</S/JavaScript/JS(app.alert(1))>>>>"), "paper-unreadable"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r, err := reader().Read(t.Context(), tt.paper)
			if tt.rule != "any" && ruleOf(err) != tt.rule || err != nil && ruleOf(err) == "" {
				t.Errorf("read %d pages, refused by %q (%v), want %q", r.Pages, ruleOf(err), err, tt.rule)
			}
			for _, text := range r.Text {
				if len(text) > maxText {
					t.Errorf("a page of %d bytes", len(text))
				}
			}
		})
	}
}

// The kernel ends a child that eats; the office goes on.
func TestChildHasLittleMemory(t *testing.T) {
	_, err := again("eat-memory").Read(t.Context(), []byte("%PDF-1.4\n"))
	if ruleOf(err) != "paper-too-heavy" {
		t.Errorf("%v, want it refused as too heavy", err)
	}
}

// A paper that took the child over would still open nothing, start nothing and reach
// nobody.
func TestChildReachesNothing(t *testing.T) {
	out, err := exec.CommandContext(t.Context(), os.Args[0], "reach-out").CombinedOutput()
	if err != nil || len(out) > 0 {
		t.Errorf("it was let do this: %s%v", out, err)
	}
}

// A reader that is set up wrongly is our fault, and no paper's.
func TestWrongCommandIsNoRefusal(t *testing.T) {
	for _, command := range [][]string{nil, {"/no/such/program"}, {"/bin/true"}, {"/bin/false"}} {
		if _, err := (Reader{Command: command}).Read(t.Context(), []byte("%PDF-1.4\n")); err == nil || ruleOf(err) != "" {
			t.Errorf("%q: %v, want an error that is no refusal", command, err)
		}
	}
}

func TestReadingStopsWhenAsked(t *testing.T) {
	ctx, stop := context.WithCancel(t.Context())
	stop()
	if _, err := reader().Read(ctx, []byte("%PDF-1.4\n")); !errors.Is(err, context.Canceled) {
		t.Errorf("%v, want that it was cancelled", err)
	}
}

// Files that programs of all kinds made, sound and broken ones.
func TestOrdinaryPapers(t *testing.T) {
	data := os.Getenv("DARSD_TESTDATA")
	if data == "" {
		skip(t, "DARSD_TESTDATA is not set: it names a folder with pdf-ordinary/ in it")
	}
	n, readable := 0, 0
	err := filepath.WalkDir(filepath.Join(data, "pdf-ordinary"), func(path string, e fs.DirEntry, err error) error {
		if err != nil || filepath.Ext(path) != ".pdf" {
			return err
		}
		paper, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		n++
		r, err := reader().Read(t.Context(), paper)
		switch {
		case err != nil && ruleOf(err) == "":
			t.Errorf("%s: %v, want an answer or a refusal", path, err)
		case err == nil:
			readable++
			if _, err := r.Reference(); ruleOf(err) != "no-reference" {
				t.Errorf("%s: %v, and it is no paper of ours", path, err)
			}
		default:
			t.Logf("%s: %v", path, err)
		}
		return nil
	})
	if err != nil || n == 0 {
		t.Fatalf("%d files: %v", n, err)
	}
	t.Logf("%d of %d are readable", readable, n)
}

// pdftotext and qpdf are what others will look at our papers with.
func TestOthersReadOurPapers(t *testing.T) {
	for name, d := range papers(press(false)) {
		t.Run(name, func(t *testing.T) {
			pdf, err := d.PDF()
			if err != nil {
				t.Fatal(err)
			}
			file := filepath.Join(t.TempDir(), "paper.pdf")
			if err := os.WriteFile(file, pdf, 0o600); err != nil {
				t.Fatal(err)
			}
			tool(t, "qpdf", "--check", file)
			pages := strings.Split(strings.TrimSuffix(string(tool(t, "pdftotext", "-layout", file, "-")), "\f"), "\f")
			for i, text := range pages {
				if header := fmt.Sprintf("%s page %d of %d", joined(" ", d.ref, d.mark), i+1, len(pages)); !strings.Contains(text, header) {
					t.Errorf("page %d does not say %q", i+1, header)
				}
			}
		})
	}
}

// tool runs a program that is not ours, and fails the test when it fails.
func tool(t testing.TB, command ...string) []byte {
	t.Helper()
	if _, err := exec.LookPath(command[0]); err != nil {
		skip(t, command[0]+" is not installed")
	}
	out, err := exec.CommandContext(t.Context(), command[0], command[1:]...).CombinedOutput()
	if err != nil {
		t.Fatalf("%v: %v\n%s", command, err, out)
	}
	return out
}

// skip leaves a test out, unless all are asked for.
func skip(t testing.TB, why string) {
	t.Helper()
	if os.Getenv("DARSD_REQUIRE_ALL") == "1" {
		t.Fatal(why)
	}
	t.Skip(why)
}

// ruleOf is the code of the rule that refused, or "".
func ruleOf(err error) string {
	var no *dars.Refusal
	if errors.As(err, &no) {
		return no.Rule
	}
	return ""
}

// made is a PDF around an object of pages, with a right table of objects.
func made(pages string, more ...string) []byte {
	var b bytes.Buffer
	var at []int
	b.WriteString("%PDF-1.4\n")
	for i, object := range append([]string{"<</Type/Catalog/Pages 2 0 R>>", pages}, more...) {
		at = append(at, b.Len())
		fmt.Fprintf(&b, "%d 0 obj\n%s\nendobj\n", i+1, object)
	}
	table := b.Len()
	fmt.Fprintf(&b, "xref\n0 %d\n0000000000 65535 f \n", len(at)+1)
	for _, offset := range at {
		fmt.Fprintf(&b, "%010d 00000 n \n", offset)
	}
	fmt.Fprintf(&b, "trailer\n<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n", len(at)+1, table)
	return b.Bytes()
}

// bomb is a page of that many megabytes that is small in the file.
func bomb(megabytes int) []byte {
	var packed bytes.Buffer
	z, _ := zlib.NewWriterLevel(&packed, zlib.BestSpeed)
	text := bytes.Repeat([]byte("BT (boom) Tj ET\n"), 1<<16)
	for range cmp.Or(megabytes, 1) {
		z.Write(text)
	}
	z.Close()
	return made("<</Type/Pages/Kids[3 0 R]/Count 1>>", "<</Type/Page/Parent 2 0 R/Contents 4 0 R>>",
		fmt.Sprintf("<</Length %d/Filter/FlateDecode>>\nstream\n%s\nendstream", packed.Len(), packed.String()))
}
