package documents

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// A program that stores answers and draws none of them is not believed: what stands in
// the form and what its reader sees differ, and an officer is told of each.
func TestAFormThatShowsNothingIsDoubted(t *testing.T) {
	pdf, err := papers(press(false))["certificate"].PDF()
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	empty, filled := filepath.Join(dir, "empty.pdf"), filepath.Join(dir, "filled.pdf")
	if err := os.WriteFile(empty, pdf, 0o600); err != nil {
		t.Fatal(err)
	}
	tool(t, "mutool", "run", "testdata/fillform.js", empty, filled)
	content, err := os.ReadFile(filled)
	if err != nil {
		t.Fatal(err)
	}
	form, err := read(t, content).Certificate()
	if err != nil {
		t.Fatal(err)
	}
	if form.Signed.Name != "Łódź Ελλάδα Мед" || len(form.Doubts) != 46 || !strings.Contains(strings.Join(form.Doubts, "\n"), "signed name: what is seen differs from what is stored") {
		t.Errorf("%q is read, with %d doubts: %q", form.Signed.Name, len(form.Doubts), form.Doubts)
	}
}
