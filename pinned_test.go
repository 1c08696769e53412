package darsd_test

import (
	"crypto/sha256"
	"encoding/hex"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

func read(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// Whatever a script of ours fetches and runs has one version, and docs/dependencies.md says
// which and why.
func TestToolsArePinned(t *testing.T) {
	page, script := read(t, "docs/dependencies.md"), read(t, ".ci/run")
	var fetched []string
	for _, m := range regexp.MustCompile(`(?m)^\s*go (?:run|install) ([a-z0-9.-]+\.[a-z]+/\S+)`).FindAllStringSubmatch(script, -1) {
		fetched = append(fetched, m[1])
	}
	for line := range strings.Lines(strings.ReplaceAll(script, "\\\n", " ")) {
		if !strings.Contains(line, "npm install") {
			continue
		}
		for _, word := range strings.Fields(line)[2:] {
			if !strings.HasPrefix(word, "-") && !strings.HasPrefix(word, `"`) {
				fetched = append(fetched, word)
			}
		}
	}
	if len(fetched) < 5 {
		t.Fatalf("only %v is fetched", fetched)
	}
	for _, one := range fetched {
		name, version, _ := strings.Cut(strings.TrimPrefix(one, "@"), "@")
		if !regexp.MustCompile(`^v?\d+\.\d+\.\d+(-[a-z0-9.]+)?$`).MatchString(version) {
			t.Errorf(".ci/run fetches %s, of no version", one)
		}
		if !strings.Contains(page, name+"@"+version+"`: ") {
			t.Errorf(".ci/run fetches %s: docs/dependencies.md does not say why", one)
		}
	}
}

// Debian's packages, which the tests hold our work against, have their reasons too.
func TestDebianPackagesHaveReasons(t *testing.T) {
	page := read(t, "docs/dependencies.md")
	_, part, found := strings.Cut(page, "## Debian's packages")
	if !found {
		t.Fatal("docs/dependencies.md has no part on Debian's packages")
	}
	part, _, _ = strings.Cut(part, "\n## ")
	var wanted []string
	for _, m := range regexp.MustCompile(`missing\+=\(([^)]*)\)`).FindAllStringSubmatch(read(t, ".ci/run"), -1) {
		wanted = append(wanted, strings.Fields(m[1])...)
	}
	if len(wanted) < 20 {
		t.Fatalf("only %v are wanted", wanted)
	}
	var listed []string
	for _, m := range regexp.MustCompile("(?m)^- ((?:`[^`]+`(?:, )?)+): .{10,}$").FindAllStringSubmatch(part, -1) {
		for _, name := range strings.Split(m[1], ", ") {
			listed = append(listed, strings.Trim(name, "`"))
		}
	}
	for _, name := range wanted {
		if !slices.Contains(listed, name) {
			t.Errorf(".ci/run installs %s: docs/dependencies.md does not say why", name)
		}
	}
	for _, name := range listed {
		if !slices.Contains(wanted, name) {
			t.Errorf("docs/dependencies.md lists %s, which .ci/run does not install", name)
		}
	}
}

// What others made and we carry is what it was when it was brought in: its sum stands in
// docs/dependencies.md, and everything of the kind is listed there.
func TestWhatOthersMadeIsAsItWasBroughtIn(t *testing.T) {
	page := read(t, "docs/dependencies.md")
	listed := regexp.MustCompile("(?m)^- `([^`]+)`, SHA-256 `([0-9a-f]{64})`: .{10,}$").FindAllStringSubmatch(page, -1)
	var names []string
	for _, m := range listed {
		sum := sha256.Sum256([]byte(read(t, m[1])))
		if hex.EncodeToString(sum[:]) != m[2] {
			t.Errorf("%s is another file than the one that was brought in", m[1])
		}
		names = append(names, m[1])
	}
	for _, kind := range []string{"documents/fonts/*.ttf", "web/assets/govuk-frontend.css"} {
		carried, err := filepath.Glob(kind)
		if err != nil || len(carried) == 0 {
			t.Fatalf("there is no %s: %v", kind, err)
		}
		for _, name := range carried {
			if !slices.Contains(names, name) {
				t.Errorf("docs/dependencies.md does not list %s with its sum", name)
			}
		}
	}
}
