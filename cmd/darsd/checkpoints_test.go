package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// A checkpoint was signed for every release that was published: whoever takes them away
// is found out, until another is signed.
func TestCheckpointsThatAreGoneAreMissed(t *testing.T) {
	t.Parallel()
	d := copyOfDemo(t)
	verified := func() (said string, status int) {
		said, errs, status := asked(t.Context(), "--data", d.path("office"), "--as", "olive", "log", "verify")
		return said + errs, status
	}
	if said, status := verified(); status != done {
		t.Fatalf("as it was: exit status %d: %s", status, said)
	}
	names, err := filepath.Glob(d.path("office/checkpoints/*.txt"))
	if err != nil || len(names) < 3 {
		t.Fatalf("%d checkpoints: %v", len(names), err)
	}
	for _, name := range names {
		if err := os.Remove(name); err != nil {
			t.Fatal(err)
		}
	}
	said, status := verified()
	if status != refused || !strings.Contains(said, "checkpoints: one was signed after event ") || !strings.Contains(said, "bring back what lay there from a backup, or from where copies are kept") {
		t.Errorf("without any: exit status %d: %s", status, said)
	}
	d.ask(t, "--as", "olive", "log", "checkpoint")
	if said, status := verified(); status != done || !strings.Contains(said, "\ncheckpoints: 1, ") {
		t.Errorf("with another: exit status %d: %s", status, said)
	}
}
