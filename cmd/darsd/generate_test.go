package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/spf13/cobra"

	"darsd/configs"
)

// everyCommand is each command that people are shown, by its words.
func everyCommand() (all []*cobra.Command) {
	var walk func(*cobra.Command)
	walk = func(c *cobra.Command) {
		for _, below := range c.Commands() {
			if below.IsAvailableCommand() {
				all = append(all, below)
				walk(below)
			}
		}
	}
	walk(local(&session{env: quiet()}))
	return all
}

// generated is a file that packages carry.
func generated(t *testing.T, name string) (file, text string) {
	t.Helper()
	text, errs, status := asked(t.Context(), "generate", name, "--day", "2026-03-02")
	if status != done {
		t.Fatalf("generate %s: exit status %d: %s", name, status, errs)
	}
	file = filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return file, text
}

// rendered is a page as its reader sees it on a wide screen.
func rendered(t *testing.T, file string) string {
	t.Helper()
	needs(t, "man")
	man := exec.CommandContext(t.Context(), "man", "--warnings", "-l", file)
	man.Env = append(os.Environ(), "MANWIDTH=400", "MAN_KEEP_FORMATTING=", "LC_ALL=C.UTF-8")
	var errs strings.Builder
	man.Stderr = &errs
	out, err := man.Output()
	if err != nil || errs.String() != "" {
		t.Fatalf("man %s: %v: %s", filepath.Base(file), err, &errs)
	}
	return string(out)
}

func TestManualNamesEveryCommand(t *testing.T) {
	t.Parallel()
	file, _ := generated(t, "darsd.1")
	page := rendered(t, file)
	commands := everyCommand()
	if len(commands) < 100 {
		t.Fatalf("there are only %d commands", len(commands))
	}
	for _, c := range commands {
		words := strings.TrimPrefix(c.CommandPath(), "darsd ")
		if isGroup(c) && !c.Parent().HasParent() {
			words = "darsd " + words
		} else {
			words += strings.TrimPrefix(c.Use, c.Name())
		}
		if !strings.Contains(page, words) || !strings.Contains(page, sentence(c.Short)) {
			t.Errorf("darsd(1) does not tell of %q: %s", words, c.Short)
		}
	}
	for _, said := range []string{"For: operator.", "--reason string", "darsd.yaml(5)"} {
		if !strings.Contains(page, said) {
			t.Errorf("darsd(1) does not say %q", said)
		}
	}
}

func TestManualNamesEverySetting(t *testing.T) {
	t.Parallel()
	file, _ := generated(t, "darsd.yaml.5")
	page := strings.Join(strings.Fields(rendered(t, file)), " ")
	for line := range strings.Lines(configs.Starter(configs.BreakGlass)) {
		// Remarks at the head of a block are paragraphs there.
		words := strings.Join(strings.Fields(line), " ")
		if !strings.Contains(page, words) && !strings.Contains(page, strings.TrimPrefix(words, "# ")) {
			t.Errorf("darsd.yaml(5) does not say %q", words)
		}
	}
}

func TestManualsAreWellFormed(t *testing.T) {
	t.Parallel()
	needs(t, "mandoc")
	for _, name := range []string{"darsd.1", "darsd.yaml.5"} {
		file, _ := generated(t, name)
		if out, err := exec.CommandContext(t.Context(), "mandoc", "-T", "lint", "-W", "warning", file).CombinedOutput(); err != nil || len(out) > 0 {
			t.Errorf("%s: %v\n%s", name, err, out)
		}
	}
}

// Each shell asks the program itself, so what it answers is what each completes.
func TestCompletionNamesEveryCommand(t *testing.T) {
	t.Parallel()
	for _, c := range everyCommand() {
		path := strings.Fields(c.Parent().CommandPath())[1:]
		out, errs, status := asked(t.Context(), append(append([]string{"__complete"}, path...), c.Name())...)
		if status != done || !strings.Contains(out, c.Name()+"\t"+c.Short+"\n") {
			t.Errorf("%s is not completed: exit status %d: %s%s", c.CommandPath(), status, out, errs)
		}
	}
}

func TestCompletionScriptsParse(t *testing.T) {
	t.Parallel()
	for _, shell := range []string{"bash", "zsh", "fish"} {
		t.Run(shell, func(t *testing.T) {
			needs(t, shell)
			file, _ := generated(t, "darsd."+shell)
			if out, err := exec.CommandContext(t.Context(), shell, "-n", file).CombinedOutput(); err != nil {
				t.Errorf("%v: %s", err, out)
			}
		})
	}
}

// A real bash, set up as Debian's is, completes a command that somebody has begun.
func TestBashCompletes(t *testing.T) {
	t.Parallel()
	needs(t, "bash")
	const common = "/usr/share/bash-completion/bash_completion"
	if _, err := os.Stat(common); err != nil {
		if os.Getenv("DARSD_REQUIRE_ALL") == "1" {
			t.Fatal("bash-completion is not installed, and DARSD_REQUIRE_ALL=1 asks for it")
		}
		t.Skip("bash-completion is not installed")
	}
	script, _ := generated(t, "darsd.bash")
	tests := map[string]struct{ typed, completed string }{
		"a command":               {"darsd rele", "release"},
		"a verb":                  {"darsd release prod", "produce"},
		"an option":               {"darsd release plan --data", "--data --dataset"},
		"behind options":          {"darsd --json release sign", "sign-off"},
		"what is hidden stays so": {"darsd gener", ""},
		"a local command":         {"darsd master-key ro", "rotate"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			line := fmt.Sprintf(`. %s; . %s; COMP_LINE=$1 COMP_POINT=${#1}; COMP_WORDS=($1); COMP_CWORD=$((${#COMP_WORDS[@]} - 1)); __start_darsd; for c in "${COMPREPLY[@]}"; do echo "${c%%%% *}"; done`, common, script)
			out, err := exec.CommandContext(t.Context(), "bash", "--norc", "-c", line, "bash", tt.typed).Output()
			if got := strings.Join(strings.Fields(string(out)), " "); err != nil || got != tt.completed {
				t.Errorf("%q is completed by %q (%v)", tt.typed, got, err)
			}
		})
	}
}

// What the packages carry is a configuration that works, and what nobody packs is
// told.
func TestGeneratedConfiguration(t *testing.T) {
	t.Parallel()
	file, text := generated(t, "darsd.yaml")
	if text != configs.Starter(configs.BreakGlass) {
		t.Error("it is not the one that a new office begins with")
	}
	if _, err := configs.Load(file, t.TempDir()); err != nil {
		t.Error(err)
	}
	if _, errs, status := asked(t.Context(), "generate", "darsd.8"); status != misused || !strings.Contains(errs, "there are darsd.1, darsd.bash") {
		t.Errorf("exit status %d: %s", status, errs)
	}
}
