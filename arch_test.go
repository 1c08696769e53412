// Package darsd_test holds the pen with which the house is drawn: which package
// may import which, and which modules the program stands on.
package darsd_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"golang.org/x/mod/modfile"
)

// A room is a package of ours: which others it may import, and why it is one.
type room struct {
	pkg     string
	imports string
	because string
}

// house is every package there is. A new one, or a new arrow, is a decision:
// draw it here and give the reason.
func house() []room {
	return []room{
		{"darsd/dars", "",
			"the process is told who and when, so that it can be read and tested without a database or a clock"},
		{"darsd/store", "darsd/dars",
			"keeps nouns by their card and knows none by name"},
		{"darsd/office", "darsd/dars darsd/store",
			"every act once, in one transaction; papers, mail, vault and packages are handed to it, so that no act waits for them"},
		{"darsd/documents", "darsd/dars darsd/documents/signed",
			"a paper is made from what it says, wherever that came from"},
		{"darsd/documents/signed", "",
			"judges a stranger's bytes by the rules of two standards, and by nothing of ours"},
		{"darsd/mail", "darsd/dars",
			"sends what is owed, and knows nothing of why"},
		{"darsd/configs", "darsd/dars",
			"fills in the types of policy and catalogue"},
		{"darsd/scheduler", "darsd/dars",
			"tells jobs the time; what they do is handed to it"},
		{"darsd/disclosure", "darsd/dars",
			"decides what of a table may be seen from the table alone: no door to a row"},
		{"darsd/transfer/vault", "darsd/dars",
			"files at rest, and the keys that make them readable"},
		{"darsd/transfer/extract", "darsd/dars darsd/transfer/vault",
			"packages go to the vault as they are made, never to a disk in the clear"},
		{"darsd/transfer/extract/artificial", "darsd/dars",
			"makes people who do not exist, for the demo and for tests"},
		{"darsd/transfer/sftpd", "darsd/dars darsd/transfer/vault",
			"serves from the vault; whom and what it may serve is asked through an interface"},
		{"darsd/transfer/intake", "darsd/dars",
			"brings in files; what they mean is for others"},
		{"darsd/register", "darsd/dars",
			"reads what offices have published, whatever it looks like; taking it in is an act"},
		{"darsd/web", "darsd/dars darsd/register darsd/documents",
			"shows everybody what it is handed, in the register's layout and as spreadsheets: no door to what is not public"},
		{"darsd/bench/sftp", "darsd/bench/figure darsd/dars darsd/transfer/vault darsd/transfer/sftpd",
			"holds the endpoint, with a vault behind it, against OpenSSH's; no part of the program"},
		{"darsd/cmd/darsd", "darsd/dars darsd/store darsd/office darsd/documents darsd/documents/signed darsd/mail darsd/configs darsd/scheduler" +
			" darsd/register darsd/web darsd/disclosure darsd/transfer/vault darsd/transfer/extract darsd/transfer/extract/artificial darsd/transfer/sftpd darsd/transfer/intake",
			"the wiring: the only one that knows everybody, and that nobody knows"},
		{"darsd/bench/extract", "darsd/bench/figure darsd/dars darsd/transfer/extract darsd/transfer/extract/artificial darsd/transfer/vault",
			"measures packaging into a vault against other programs, by hand"},
		{"darsd/bench/tabulation", "darsd/bench/figure darsd/dars darsd/disclosure darsd/transfer/extract darsd/transfer/extract/artificial",
			"measures tables that tell of groups only against another program, by hand"},
		{"darsd/bench/papers", "darsd/bench/figure darsd/dars darsd/documents",
			"measures how papers are drawn against other programs, by hand"},
		{"darsd/bench/web", "darsd/bench/figure darsd/dars darsd/documents darsd/register darsd/web",
			"measures how fast the register's pages are given against another program, by hand"},
		{"darsd/bench/scale", "darsd/bench/figure darsd/dars darsd/store",
			"fills a store with the past of a large office, and measures the program over it, by hand"},
		{"darsd/bench/figure", "",
			"what each benchmark hands over, and what all of them aim at"},
		{"darsd/bench/all", "darsd/bench/figure",
			"runs the benchmarks one after the other, and writes one table"},
	}
}

func TestArrows(t *testing.T) {
	undrawn := list(t, "{{.ImportPath}}", "./...")
	undrawn = slices.DeleteFunc(undrawn, func(pkg string) bool { return pkg == "darsd" }) // these tests
	for _, r := range house() {
		if r.because == "" {
			t.Errorf("%s is drawn without a reason", r.pkg)
		}
		i := slices.Index(undrawn, r.pkg)
		if i < 0 {
			t.Errorf("%s is drawn and does not exist, or is drawn twice", r.pkg)
			continue
		}
		undrawn = slices.Delete(undrawn, i, i+1)
		for _, imp := range list(t, `{{join .Imports "\n"}}`, r.pkg) {
			if strings.HasPrefix(imp, "darsd/") && !slices.Contains(strings.Fields(r.imports), imp) {
				t.Errorf("%s may not import %s: it is there because it %s", r.pkg, imp, r.because)
			}
		}
		if len(list(t, "{{.Doc}}", r.pkg)) == 0 {
			t.Errorf("%s has no package comment that says what it is about", r.pkg)
		}
	}
	for _, pkg := range undrawn {
		t.Errorf("%s is not drawn: add it to the house, with a reason", pkg)
	}
}

func TestTheProcessStandsOnTheStandardLibrary(t *testing.T) {
	for _, imp := range list(t, "{{if not .Standard}}{{.ImportPath}}{{end}}", "-deps", "darsd/dars") {
		if imp != "darsd/dars" {
			t.Errorf("darsd/dars may not rest on %s", imp)
		}
	}
}

// Two SQLites in one process break each other's locks on the same file.
func TestOneSQLite(t *testing.T) {
	deps := list(t, "{{.ImportPath}}", "-deps", "./...")
	if !slices.Contains(deps, "github.com/mattn/go-sqlite3") {
		t.Error("the program has no SQLite")
	}
	for _, dep := range deps {
		if strings.Contains(dep, "modernc") {
			t.Errorf("%s is a second SQLite, or a part of one", dep)
		}
	}
}

func TestDependenciesHaveReasons(t *testing.T) {
	text, err := os.ReadFile("go.mod")
	if err != nil {
		t.Fatal(err)
	}
	mod, err := modfile.Parse("go.mod", text, nil)
	if err != nil {
		t.Fatal(err)
	}
	var required []string
	for _, r := range mod.Require {
		if !r.Indirect {
			required = append(required, r.Mod.Path)
		}
	}
	text, err = os.ReadFile("docs/dependencies.md")
	if err != nil {
		t.Fatal(err)
	}
	modules, _, _ := strings.Cut(string(text), "\n## ") // what is behind is no module
	var listed []string
	for _, m := range regexp.MustCompile("(?m)^- `([^`]+)`: .{20,}$").FindAllStringSubmatch(modules, -1) {
		listed = append(listed, m[1])
	}
	if len(listed) == 0 {
		t.Fatal("docs/dependencies.md lists nothing")
	}
	for _, path := range required {
		if !slices.Contains(listed, path) {
			t.Errorf("go.mod requires %s: docs/dependencies.md does not say why", path)
		}
	}
	for _, path := range listed {
		if !slices.Contains(required, path) {
			t.Errorf("docs/dependencies.md lists %s: go.mod does not require it directly", path)
		}
	}
	if !slices.IsSorted(listed) {
		t.Error("docs/dependencies.md is not in order of name")
	}
}

// list is the lines that go list prints in a format, without empty ones.
func list(t *testing.T, format string, args ...string) (lines []string) {
	t.Helper()
	out, err := exec.Command("go", append([]string{"list", "-f", format}, args...)...).Output()
	if err != nil {
		if exit, ok := err.(*exec.ExitError); ok {
			t.Fatalf("go list: %s", exit.Stderr)
		}
		t.Fatal(err)
	}
	for line := range strings.Lines(string(out)) {
		if line = strings.TrimSpace(line); line != "" {
			lines = append(lines, line)
		}
	}
	return lines
}

// The architecture names things as package.Name or package.Type.Method: all are there.
func TestTheArchitectureNamesWhatThereIs(t *testing.T) {
	text, err := os.ReadFile("docs/architecture.md")
	if err != nil {
		t.Fatal(err)
	}
	declared := map[string]bool{}
	for _, r := range house() {
		dir := strings.TrimPrefix(r.pkg, "darsd/")
		for name := range declaredIn(t, dir) {
			declared[path.Base(dir)+"."+name] = true
		}
	}
	named := regexp.MustCompile("`([a-z]+(?:\\.[A-Za-z]+){1,2})`").FindAllStringSubmatch(string(text), -1)
	if len(named) < 20 {
		t.Errorf("only %d names are found", len(named))
	}
	for _, name := range named {
		if !declared[name[1]] {
			t.Errorf("docs/architecture.md names %s, which is nowhere", name[1])
		}
	}
}

// declaredIn are the functions, types and methods (as Type.Method) of a package.
func declaredIn(t *testing.T, dir string) map[string]bool {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(dir, "*.go"))
	if err != nil {
		t.Fatal(err)
	}
	names := map[string]bool{}
	for _, name := range files {
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range file.Decls {
			switch d := d.(type) {
			case *ast.FuncDecl:
				names[receiver(d)+d.Name.Name] = true
			case *ast.GenDecl:
				for _, s := range d.Specs {
					if typ, is := s.(*ast.TypeSpec); is {
						names[typ.Name.Name] = true
					} else if v, is := s.(*ast.ValueSpec); is {
						names[v.Names[0].Name] = true
					}
				}
			}
		}
	}
	return names
}

// receiver is the type of a method and a dot, or nothing.
func receiver(d *ast.FuncDecl) string {
	if d.Recv == nil {
		return ""
	}
	typ := d.Recv.List[0].Type
	if star, is := typ.(*ast.StarExpr); is {
		typ = star.X
	}
	if of, is := typ.(*ast.Ident); is {
		return of.Name + "."
	}
	return ""
}
