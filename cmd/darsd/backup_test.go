package main

import (
	"bytes"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"
)

// A checkpoint that was signed after the moment of a backup is none of the log that it
// brings back.
func TestLaterCheckpointsStayBehind(t *testing.T) {
	for name, later := range map[string]bool{
		"checkpoints/000000098-20160308T150001Z.txt":   false,
		"checkpoints/000000099-20160308T150001Z.txt":   false,
		"checkpoints/000000100-20160308T150001Z.txt":   true,
		"checkpoints/12000000000-20160308T150001Z.txt": true,
		"checkpoints/notes.txt":                        false,
		"reports/000000100-20160308T150001Z.txt":       false,
	} {
		if isLater(name, 99) != later {
			t.Errorf("%s is later than event 99: %v", name, !later)
		}
	}
}

// A configuration gets another database, and nothing else of it changes.
func TestAConfigurationGetsAnotherDatabase(t *testing.T) {
	const new = "postgres://darsd@db.example/office?sslmode=require"
	const line = `database: "` + new + `"` + "\n"
	for name, test := range map[string]struct{ was, is string }{
		"in the middle":   {"a: 1\ndatabase: darsd.db # here\nb: 2\n", "a: 1\n" + line + "b: 2\n"},
		"at the end":      {"a: 1\ndatabase: darsd.db", "a: 1\n" + line},
		"not said":        {"a: 1\n", "a: 1\n" + line},
		"and no new line": {"a: 1", "a: 1\n" + line},
		"nothing at all":  {"", line},
		"another's":       {"a:\n  database: x\n# database: y\n", "a:\n  database: x\n# database: y\n" + line},
		"twice":           {"database: x\na: 1\ndatabase: y\n", line + "a: 1\n"},
	} {
		t.Run(name, func(t *testing.T) {
			if got := withDatabase(test.was, new); got != test.is {
				t.Errorf("%q becomes %q, want %q", test.was, got, test.is)
			}
		})
	}
	if strings.Contains(withDatabase("database: postgres://u:secret@h/d\n", "darsd.db"), "secret") {
		t.Error("the password stays")
	}
}

// A backup shares with an earlier one what has not changed, and nothing else. Each is whole
// without the other.
func TestBackupsShareWhatHasNotChanged(t *testing.T) {
	t.Parallel()
	d := begin(t, "published")
	d.ask(t, "backup", "--to", d.path("monday"))
	var changed string
	for _, f := range d.backupOf(t, "monday").Files {
		if strings.HasPrefix(f.Path, "vault/") {
			changed = f.Path
			break
		}
	}
	// As long as before, and written since.
	other := d.readIn(t, "office/"+changed)
	other[len(other)-1] ^= 1
	d.write(t, "office/"+changed, other)
	later := time.Now().Add(time.Hour)
	if err := os.Chtimes(d.path("office/"+changed), later, later); err != nil {
		t.Fatal(err)
	}
	said := d.ask(t, "backup", "--to", d.path("tuesday"), "--link", d.path("monday"))
	m := d.backupOf(t, "tuesday")
	shared := 0
	for _, f := range m.Files {
		is, err := os.Stat(d.path("tuesday/" + f.Path))
		if err != nil {
			t.Fatal(err)
		}
		was, err := os.Stat(d.path("monday/" + f.Path))
		same := err == nil && os.SameFile(is, was)
		if same != (strings.HasPrefix(f.Path, "vault/") && f.Path != changed) {
			t.Errorf("%s is shared: %v", f.Path, same)
		}
		if same {
			shared++
		}
	}
	if shared == 0 || m.Shared != shared || !strings.Contains(said, fmt.Sprintf("of which it shares %d with", shared)) {
		t.Errorf("%d are shared; the backup says %d, and the command %s", shared, m.Shared, said)
	}
	if err := os.RemoveAll(d.path("monday")); err != nil {
		t.Fatal(err)
	}
	if _, err := soundBackup(d.path("tuesday")); err != nil {
		t.Errorf("without the one that it has borrowed from: %v", err)
	}
	if _, said, status := asked(t.Context(), "--data", d.path("office"), "backup", "--to", d.path("wednesday"), "--link", d.path("nowhere")); status != refused || !strings.Contains(said, "is no backup") {
		t.Errorf("from none it borrows: %d: %s", status, said)
	}
	other = bytes.Replace(d.readIn(t, "tuesday/backup.json"), []byte(m.Head), []byte("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="), 1)
	d.write(t, "tuesday/backup.json", other)
	if _, said, status := asked(t.Context(), "--data", d.path("office"), "backup", "--to", d.path("wednesday"), "--link", d.path("tuesday")); status != refused || !strings.Contains(said, "of another office") {
		t.Errorf("from another office it borrows: %d: %s", status, said)
	}
}
