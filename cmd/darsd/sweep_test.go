package main

import (
	"os"
	"path"
	"slices"
	"testing"
	"time"

	"darsd/configs"
)

// What a program had begun to write when it was killed goes after a day, wherever it
// begins files; what is whole, or was begun just now, stays.
func TestBeginningsAreSwept(t *testing.T) {
	root, err := os.OpenRoot(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	defer root.Close()
	yesterday := time.Now().AddDate(0, 0, -1)
	lay := func(name string, at time.Time) {
		t.Helper()
		if err := root.MkdirAll(path.Dir(name), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := root.WriteFile(name, nil, 0o600); err != nil {
			t.Fatal(err)
		}
		if err := root.Chtimes(name, at, at); err != nil {
			t.Fatal(err)
		}
	}
	const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
	begun := []string{
		".darsd.yaml-1", "rehearsal-clock.17.tmp", "outgoing-mail/.tmp-" + letters, "reports/.new-" + letters + "-a.pdf",
		"checkpoints/.new-" + letters + "-1.txt", publications + "/.new-" + letters + "-prices.pdf", "keys/seal.pem." + letters + ".tmp", "keys/releases/.tmp-" + letters,
	}
	whole := []string{"darsd.yaml", "keys/seal.pem", publications + "/prices.pdf", "rehearsal-clock"}
	for _, name := range slices.Concat(begun, whole) {
		lay(name, yesterday.Add(-time.Hour))
	}
	for _, name := range begun {
		lay(name+"-now", time.Now())
	}
	if err := (&house{root: root, cfg: &configs.Config{}}).sweepBeginnings(yesterday); err != nil {
		t.Fatal(err)
	}
	for _, name := range begun {
		if _, err := root.Stat(name); err == nil {
			t.Errorf("%s lies there for good", name)
		}
		if _, err := root.Stat(name + "-now"); err != nil {
			t.Errorf("what somebody is at was swept away: %v", err)
		}
	}
	for _, name := range whole {
		if _, err := root.Stat(name); err != nil {
			t.Errorf("what is whole was swept away: %v", err)
		}
	}
}
