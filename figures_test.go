package darsd_test

import (
	"errors"
	"io/fs"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"darsd/bench/figure"
)

// Where docs/figures.md is kept, the README quotes rows of it, as they stand there, between
//
//	<!-- figures -->
//	<!-- end of figures -->
//
// and the page has a row for every aim: none that fell short is left out.
func TestTheReadmeQuotesTheFigures(t *testing.T) {
	quoted, marked := between(read(t, "README.md"), "<!-- figures -->", "<!-- end of figures -->")
	text, err := os.ReadFile("docs/figures.md")
	if errors.Is(err, fs.ErrNotExist) {
		if marked {
			t.Error("README.md quotes docs/figures.md, which is not there: write it with bench/run")
		}
		return
	}
	if err != nil {
		t.Fatal(err)
	}
	page := strings.Split(string(text), "\n")
	if strings.Contains(string(text), "nothing here is to be quoted") {
		t.Error("docs/figures.md was written with -quick")
	}
	for _, a := range figure.Aims {
		if name, _, _ := strings.Cut(a.Key, "/"); name != "postgres" && !strings.Contains(string(text), "| "+a.Key+": ") {
			t.Errorf("docs/figures.md has no row for %s", a.Key)
		}
	}
	rows := 0
	for line := range strings.Lines(quoted) {
		if line = strings.TrimRight(line, "\n"); !strings.HasPrefix(line, "|") {
			continue
		}
		if !slices.Contains(page, line) {
			t.Errorf("README.md quotes a line that docs/figures.md does not have: %s", line)
		}
		if regexp.MustCompile(`^\| [a-z]+/`).MatchString(line) {
			rows++
		}
	}
	if rows < 3 {
		t.Errorf("README.md quotes %d rows of docs/figures.md", rows)
	}
}

// between is what stands between two marks, and whether the first is there.
func between(text, from, to string) (string, bool) {
	_, rest, is := strings.Cut(text, from)
	inside, _, closed := strings.Cut(rest, to)
	if !closed {
		return "", is
	}
	return inside, is
}
