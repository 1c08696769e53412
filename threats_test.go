package darsd_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// Each row of the threat model says what stops somebody, what does not, and which tests show
// it: all of them are there, and none is skipped whatever the machine has.
func TestEachThreatHasATestThatShowsIt(t *testing.T) {
	text, err := os.ReadFile("docs/threats.md")
	if err != nil {
		t.Fatal(err)
	}
	rows, named := tableRows(string(text)), regexp.MustCompile("`((?:Test|Fuzz)[A-Za-z0-9]+|[a-z0-9-]+\\.txtar)`")
	if len(rows) < 15 {
		t.Errorf("only %d rows are found", len(rows))
	}
	shown := tests(t)
	for _, row := range rows {
		if len(row) != 4 {
			t.Errorf("a row has %d cells in place of who, what stops them, what does not, and shown by: %v", len(row), row)
			continue
		}
		for _, cell := range row {
			if len(cell) < 10 {
				t.Errorf("a row says %q: %v", cell, row)
			}
		}
		all := named.FindAllStringSubmatch(row[3], -1)
		if len(all) == 0 {
			t.Errorf("nothing shows that this is stopped: %s", row[0])
		}
		for _, one := range all {
			if why, is := shown[one[1]]; !is {
				t.Errorf("%s is nowhere, and is to show: %s", one[1], row[0])
			} else if why != "" {
				t.Errorf("%s %s, and is to show: %s", one[1], why, row[0])
			}
		}
	}
}

// tableRows are the cells of the rows of all tables, without their heads.
func tableRows(text string) (rows [][]string) {
	head := true
	for line := range strings.Lines(text) {
		line = strings.TrimSpace(line)
		switch {
		case !strings.HasPrefix(line, "|"):
			head = true
		case strings.HasPrefix(line, "|---"):
			head = false
		case !head:
			var cells []string
			for _, cell := range strings.Split(strings.Trim(line, "|"), " | ") {
				cells = append(cells, strings.TrimSpace(cell))
			}
			rows = append(rows, cells)
		}
	}
	return rows
}

// tests are all tests, fuzz targets and stories by name, with what is wrong with them: that
// they say skip before anything else is asked.
func tests(t *testing.T) map[string]string {
	t.Helper()
	all := map[string]string{}
	stories, err := filepath.Glob("cmd/darsd/testdata/script/*.txtar")
	if err != nil || len(stories) == 0 {
		t.Fatalf("there are no stories: %v", err)
	}
	skips := regexp.MustCompile(`(?m)^skip\b`)
	for _, name := range stories {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		all[filepath.Base(name)] = ""
		if skips.Match(text) {
			all[filepath.Base(name)] = "is skipped"
		}
	}
	err = filepath.WalkDir(".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || !strings.HasSuffix(name, "_test.go") {
			return err
		}
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		for _, declared := range file.Decls {
			if f, is := declared.(*ast.FuncDecl); is && f.Recv == nil {
				all[f.Name.Name] = skipped(f)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// skipped says of a test that skips itself without asking anything.
func skipped(f *ast.FuncDecl) string {
	for _, statement := range f.Body.List {
		does, is := statement.(*ast.ExprStmt)
		if !is {
			continue
		}
		call, is := does.X.(*ast.CallExpr)
		if !is {
			continue
		}
		if method, is := call.Fun.(*ast.SelectorExpr); is && strings.HasPrefix(method.Sel.Name, "Skip") {
			return "is skipped"
		}
	}
	return ""
}
