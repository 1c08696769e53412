package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"darsd/configs"
)

// TestKillReports kills the program while a report that was ordered is made, written into
// a folder elsewhere, and sent. Whoever comes next finishes it: there is one report, each
// file is whole and there once, one letter goes to each reader, and beginnings are swept.
func TestKillReports(t *testing.T) {
	if testing.Short() {
		t.Skip("killing takes seconds")
	}
	t.Parallel()
	canTrace(t)
	self, err := exec.LookPath("darsd")
	if err != nil {
		t.Fatal(err)
	}
	begun := 0
	for call, every := range map[string]int{"rename,renameat,renameat2": 2, "fsync,fdatasync": 7} {
		killed := 0
		for n := 1; n < 200; n += every {
			d := begin(t, "published")
			folder := t.TempDir()
			d.orders(t, folder)
			line := []string{"-D", "-f", "-qq", "-o", "/dev/null", "-e", "trace=" + call, "-e", fmt.Sprintf("inject=%s:signal=KILL:when=%d", call, n), self,
				"--data", d.path("office"), "run-due", "--at", "2016-03-09T12:00"}
			out, err := exec.CommandContext(t.Context(), "strace", line...).CombinedOutput()
			if !wasKilled(err) {
				if err != nil {
					t.Fatalf("running what is due: %v\n%s", err, out)
				}
				break // there are no more
			}
			killed++
			when := fmt.Sprintf("killed at %s number %d", call, n)
			// The dead had what it was at for half a minute. That it has passed is all
			// that is changed here.
			db := d.database(t)
			if _, err := db.Exec("UPDATE owed SET until = 0"); err != nil {
				t.Fatal(err)
			}
			db.Close()
			d.ask(t, "run-due", "--at", "2016-03-09T12:30")
			if list := d.ask(t, "--as", "cora", "report", "list"); strings.Count(list, "expiry-monthly") != 1 {
				t.Errorf("%s: the reports are\n%s", when, list)
			}
			begun += d.sweptIn(t, folder)
			for ending, begins := range map[string]string{"pdf": "%PDF-", "xlsx": "PK", "json": "{"} {
				content, err := os.ReadFile(filepath.Join(folder, "expiry-as-at-2016-02-29."+ending))
				if err != nil || !strings.HasPrefix(string(content), begins) {
					t.Errorf("%s: %s begins with %.5q (%v)", when, ending, content, err)
				}
			}
			if hidden, err := filepath.Glob(filepath.Join(folder, ".*")); err != nil || len(hidden) != 1 { // what is another's
				t.Errorf("%s: in the folder are left %v (%v)", when, hidden, err)
			}
			if letters, err := filepath.Glob(d.path("office/outgoing-mail/report-*")); err != nil || len(letters) != 1 {
				t.Errorf("%s: letters with it are %q", when, letters)
			}
			d.ask(t, "--as", "olive", "log", "verify")
		}
		if t.Logf("killed %d times at %s", killed, call); killed == 0 {
			t.Errorf("nothing was killed at %s", call)
		}
	}
	if begun == 0 {
		t.Error("nothing was begun and not finished: the test no longer sees what is swept")
	}
}

// orders has the office deliver a report each month, into a folder that has something of
// somebody else's.
func (d *stage) orders(t *testing.T, folder string) {
	t.Helper()
	config, err := os.ReadFile(d.path("office/darsd.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	var kept []string
	for line := range strings.Lines(string(config)) {
		if !slices.Contains([]string{"reports:\n", "  folder: \"\"\n", "  deliver: []\n"}, line) {
			kept = append(kept, line)
		}
	}
	kept = append(kept, fmt.Sprintf("\nreports:\n  folder: %q\n  deliver: [{kind: expiry, every: monthly, to: [compliance]}]\n", folder))
	d.write(t, "office/darsd.yaml", []byte(strings.Join(kept, "")))
	if err := os.WriteFile(filepath.Join(folder, ".new-notes"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
}

// sweptIn sweeps a folder of reports as the daemon does a day later, and counts what was
// only begun there.
func (d *stage) sweptIn(t *testing.T, folder string) int {
	t.Helper()
	begun, err := filepath.Glob(filepath.Join(folder, begunWhole+"*"))
	if err != nil {
		t.Fatal(err)
	}
	root, err := os.OpenRoot(d.path("office"))
	if err != nil {
		t.Fatal(err)
	}
	defer root.Close()
	h := &house{root: root, cfg: &configs.Config{Reports: configs.Reports{Folder: folder}}}
	if err := h.sweepBeginnings(time.Now().Add(-time.Hour)); err != nil {
		t.Fatal(err)
	}
	if still, _ := filepath.Glob(filepath.Join(folder, begunWhole+"*")); len(still) != len(begun) {
		t.Error("what somebody is at was swept away")
	}
	if err := h.sweepBeginnings(time.Now().Add(time.Hour)); err != nil {
		t.Fatal(err)
	}
	return len(begun)
}
