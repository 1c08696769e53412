package documents

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

func TestPageCode(t *testing.T) {
	whole := PageCode{Ref: "DARS-NIC-000001-B1C2D", Version: "v1.0", Page: 3, Pages: 12, Words: "9f86d081"}
	letter, rehearsal, contract := whole, whole, PageCode{Ref: "CON-000001-X0X0X", Page: 1, Pages: 1, Words: "00000000"}
	letter.Mark, rehearsal.Rehearsal = "letter", true
	tests := map[string]struct {
		says string
		code PageCode // none: it is no code of ours
	}{
		"an agreement":             {"DARS-NIC-000001-B1C2D-V1.0 3/12 9F86D081", whole},
		"a letter":                 {"DARS-NIC-000001-B1C2D-V1.0 LETTER 3/12 9F86D081", letter},
		"of a rehearsal":           {"DARS-NIC-000001-B1C2D-V1.0 3/12 9F86D081 R", rehearsal},
		"no version":               {"CON-000001-X0X0X 1/1 00000000", contract},
		"nothing":                  {},
		"an address":               {says: "https://example.org/pay"},
		"small letters":            {says: "dars-nic-000001-b1c2d-v1.0 3/12 9f86d081"},
		"a page too many":          {says: "CON-000001-X0X0X 2/1 00000000"},
		"page 0":                   {says: "CON-000001-X0X0X 0/1 00000000"},
		"more behind it":           {says: "CON-000001-X0X0X 1/1 00000000 X"},
		"two lines":                {says: "CON-000001-X0X0X 1/1 00000000\n"},
		"a reference that goes on": {says: "CON-" + strings.Repeat("0", 80) + " 1/1 00000000"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			c, err := ParsePageCode(tt.says)
			if (err != nil) != (tt.code == PageCode{}) || c != tt.code {
				t.Fatalf("%+v, %v", c, err)
			}
			if err == nil && c.String() != tt.says {
				t.Errorf("it says %q itself", c)
			}
		})
	}
}

// What is read is what is said, or nothing is read.
func FuzzPageCode(f *testing.F) {
	for _, s := range []string{"DARS-NIC-000001-B1C2D-V1.0 LETTER 3/12 9F86D081 R", "CON-000001-X0X0X 1/1 00000000", "A-V1.0-V2.0 1/1 00000000", "X 9999/9999 FFFFFFFF"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		c, err := ParsePageCode(s)
		if err == nil && c.String() != s {
			t.Errorf("%q was read as %+v, which says %q", s, c, c)
		}
		if err != nil && (c != PageCode{}) {
			t.Errorf("%q is refused and read as %+v", s, c)
		}
	})
}

// Each paper's code can be read, and changes with a word of it.
func TestEachPaperHasACode(t *testing.T) {
	for name, d := range papers(press(true)) {
		c := d.code(7)
		if got, err := ParsePageCode(c.String()); err != nil || got != c {
			t.Errorf("%s: %q is read as %+v: %v", name, c, got, err)
		}
		if sum := fmt.Sprintf("%x", sha256.Sum256([]byte(d.WriteText()))); c.Words != sum[:8] {
			t.Errorf("%s: its words are %s, its code says %s", name, sum, c.Words)
		}
		d.Para("One word more.")
		if d.code(7).Words == c.Words {
			t.Errorf("%s: another paper has the same code", name)
		}
	}
}

// A code of another size would stand elsewhere than its room.
func TestCodeKeepsToItsCorner(t *testing.T) {
	d := press(true).New("Paper", "with the longest reference", "DARS-NIC-1234567-B1C2D-v99.99", "2016-03-01")
	d.mark = "application"
	content, err := d.code(2000).dots()
	if err != nil {
		t.Fatal(err)
	}
	before, dots, found := bytes.Cut(content, []byte("cm\n"))
	var dot, skew, turn, down, left, top float64
	if n, err := fmt.Sscanf(string(before[bytes.Index(before, []byte("q "))+2:]), "%g %g %g %g %g %g", &dot, &skew, &turn, &down, &left, &top); n != 6 || !found {
		t.Fatalf("%q: %v", before, err)
	}
	if dot < 0.55*pointsPerMM || down != -dot || skew != 0 || turn != 0 {
		t.Errorf("a dot is %.2f mm wide: it is lost in a scan", dot/pointsPerMM)
	}
	squares := 0
	for l := range bytes.Lines(dots) {
		var x, y, w, h int
		if n, _ := fmt.Sscanf(string(l), "%d %d %d %d re", &x, &y, &w, &h); n < 4 {
			continue
		}
		squares++
		if right := left + dot*float64(x+w); x < 0 || y < 0 || right > (pageWide-codeEdge)*pointsPerMM+0.1 || top-dot*float64(y+h) < codeEdge*pointsPerMM-0.1 {
			t.Fatalf("a dot at %d %d is beyond the corner", x, y)
		}
	}
	if squares < 100 {
		t.Errorf("%d dots", squares)
	}
	if floor > codeTop-codeWhite {
		t.Errorf("text may end at %.1f mm, and the code begins at %.1f", floor, codeTop)
	}
}

// Papers that were printed, signed and scanned, as far as programs can do that: a
// reader that is not ours finds each code.
func TestCodesAreReadFromScans(t *testing.T) {
	t.Parallel() // most of it is other programs
	for _, program := range []string{"pdftoppm", "zbarimg"} {
		if _, err := exec.LookPath(program); err != nil {
			skip(t, program+" is not installed (poppler-utils, zbar-tools)")
		}
	}
	const convert = "/usr/bin/convert" // some machines have another one
	if _, err := exec.LookPath(convert); err != nil {
		skip(t, "ImageMagick is not installed (imagemagick)")
	}
	dir := t.TempDir()
	d := papers(press(true))["agreement"]
	pdf, err := d.PDF()
	if err != nil {
		t.Fatal(err)
	}
	paper := filepath.Join(dir, "paper.pdf")
	if err := os.WriteFile(paper, pdf, 0o600); err != nil {
		t.Fatal(err)
	}
	said(t, "pdftoppm", "-r", "150", "-l", "2", "-gray", "-png", paper, filepath.Join(dir, "page"))
	pages, err := filepath.Glob(filepath.Join(dir, "page-*.png"))
	if err != nil || len(pages) != 2 {
		t.Fatalf("%d pages: %v", len(pages), err)
	}
	slices.Sort(pages)
	for name, how := range map[string][]string{
		"as it is": {}, "in one bit": {"-threshold", "60%"}, "upside down": {"-rotate", "180"}, "turned by half a degree": {"-background", "white", "-rotate", "0.5"},
		"askew": {"-background", "white", "-shear", "1x0.5"}, "shrunk to fit": {"-resize", "96%"}, "as a photograph is kept": {"-quality", "60"},
	} {
		t.Run(name, func(t *testing.T) {
			for i, page := range pages {
				scan := filepath.Join(t.TempDir(), "scan.png")
				if name == "as a photograph is kept" {
					scan = filepath.Join(t.TempDir(), "scan.jpg")
				}
				said(t, convert, slices.Concat([]string{page}, how, []string{scan})...)
				want := d.code(len(layOut(d).pages))
				want.Page = i + 1
				if c, err := ParsePageCode(strings.TrimSpace(said(t, "zbarimg", "--quiet", "--raw", "--nodbus", scan))); err != nil || c != want {
					t.Errorf("page %d: read %q, want %q: %v", i+1, c, want, err)
				}
			}
		})
	}
}

func said(t *testing.T, program string, args ...string) string {
	t.Helper()
	out, err := exec.CommandContext(t.Context(), program, args...).Output()
	if err != nil {
		t.Errorf("%s %q: %v", program, args, err)
	}
	return string(out)
}
