package documents

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// Each way in which somebody might alter a sealed paper is told, and said for what it
// is: what the seal covers is not the same any more, or something stands behind it.
func TestEachAlterationOfASealedPaperIsTold(t *testing.T) {
	pdf, err := papers(press(false))["agreement"].PDF()
	if err != nil {
		t.Fatal(err)
	}
	sealed, err := sealOf(t, elliptical(t)).Put(pdf)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	file := filepath.Join(dir, "sealed.pdf")
	if err := os.WriteFile(file, sealed, 0o600); err != nil {
		t.Fatal(err)
	}
	by := func(args ...string) []byte {
		t.Helper()
		out := filepath.Join(dir, "altered.pdf")
		tool(t, append(append([]string{"qpdf", file}, args...), out)...)
		altered, err := os.ReadFile(out)
		if err != nil {
			t.Fatal(err)
		}
		return altered
	}
	for name, tt := range map[string]struct {
		altered []byte
		broken  bool // and not only added to
	}{
		"a byte of a page":            {inStream(t, sealed), true},
		"a page taken out":            {by("--pages", file, "1-2,4-z", "--"), true},
		"pages in another order":      {by("--pages", file, "2,1,3-z", "--"), true},
		"a page of another paper":     {by("--pages", file, "1-z", file, "1", "--"), true},
		"written anew, nothing else":  {by("--object-streams=generate"), true},
		"a page blanked, in addition": {blanked(t, sealed), false},
		"words put before it":         {append([]byte("%PDF-1.7\n"), sealed...), true},
	} {
		t.Run(name, func(t *testing.T) {
			r, err := ReadSeal(tt.altered)
			if broken := err != nil; broken != tt.broken || !broken && r.Added == 0 {
				t.Errorf("%d bytes are added, and it says %v", r.Added, err)
			}
		})
	}
}

// inStream changes one byte in the middle of the first page's content.
func inStream(t *testing.T, sealed []byte) []byte {
	t.Helper()
	altered := bytes.Clone(sealed)
	at := bytes.Index(altered, []byte("stream\n"))
	if at < 0 {
		t.Fatal("it has no content")
	}
	altered[at+200] ^= 1
	return altered
}

// blanked adds a revision in which the first page says nothing.
func blanked(t *testing.T, sealed []byte) []byte {
	t.Helper()
	f, err := apart(sealed[:bytes.Index(sealed, []byte("%%EOF\n"))+len("%%EOF\n")])
	if err != nil {
		t.Fatal(err)
	}
	prev, err := tableAt(sealed)
	if err != nil {
		t.Fatal(err)
	}
	u := revision{from: sealed}
	u.Write(sealed)
	page := string(f.objects[f.pages[0]])
	u.object(f.pages[0], []byte(strings.Replace(page, "/Contents", "/Was", 1)))
	u.end(len(f.objects)+2, f.root, f.info, prev)
	if !strings.Contains(page, "/Contents") {
		t.Fatalf("the page is %s", page)
	}
	return u.Bytes()
}
