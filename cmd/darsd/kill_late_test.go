package main

import (
	"fmt"
	"os/exec"
	"strings"
	"testing"
)

// TestKillLate kills the program while a new list is loaded, tried on a release, and
// the release withdrawn and made again. Whoever comes next finishes what was begun:
// the release is withdrawn once and made again once.
func TestKillLate(t *testing.T) {
	if testing.Short() {
		t.Skip("killing takes seconds")
	}
	t.Parallel()
	canTrace(t)
	self, err := exec.LookPath("darsd")
	if err != nil {
		t.Fatal(err)
	}
	for call, every := range map[string]int{"linkat,link": 1, "renameat,rename,renameat2": 2, "fsync,fdatasync": 6, "pwrite64": 80} {
		killed := 0
		for n := 1; n < 200; n += every {
			d := begin(t, "published")
			d.write(t, "late.txt", []byte("9991234217\n9991234357\n9991234918\n"))
			load := command{at: "2016-03-10T09:00", as: "priya", args: []string{"objections", "load", d.path("late.txt"), "--as-at", "2016-03-10"}}
			line := append([]string{"-D", "-f", "-qq", "-o", "/dev/null", "-e", "trace=" + call, "-e", fmt.Sprintf("inject=%s:signal=KILL:when=%d", call, n), self}, load.argv(d.path("office"))...)
			out, err := exec.CommandContext(t.Context(), "strace", line...).CombinedOutput()
			if !wasKilled(err) {
				if err != nil {
					t.Fatalf("loading a list: %v\n%s", err, out)
				}
				break // there are no more
			}
			killed++
			when := fmt.Sprintf("killed at %s number %d", call, n)
			if !strings.Contains(d.ask(t, "--as", "priya", "objections", "list"), "2016-03-10") {
				d.ask(t, load.argv(d.path("office"))[2:]...)
			}
			// The dead had what it was at for half a minute. That it has passed is all
			// that is changed here.
			db := d.database(t)
			if _, err := db.Exec("UPDATE owed SET until = 0"); err != nil {
				t.Fatal(err)
			}
			db.Close()
			d.ask(t, "run-due", "--at", "2016-03-10T10:00")
			was, list := d.ask(t, "--as", "priya", "release", "show", "REL-000001"), d.ask(t, "--as", "priya", "release", "list")
			if !strings.Contains(was, "withdrawn since 2016-03-10") || !strings.Contains(was, "REL-000002") || strings.Count(list, "REL-") != 2 || !strings.Contains(list, "produced") {
				t.Errorf("%s:\n%s\n%s", when, was, list)
			}
			d.ask(t, "--as", "olive", "log", "verify")
		}
		if t.Logf("killed %d times at %s", killed, call); killed == 0 {
			t.Errorf("nothing was killed at %s", call)
		}
	}
}
