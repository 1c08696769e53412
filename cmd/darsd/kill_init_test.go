package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// TestKillInit kills darsd init at each of the system calls by which it makes an
// office. Said again it must found one, or say that one is founded; and what is
// half founded must be no office to anybody: it would pass for a real one.
func TestKillInit(t *testing.T) {
	if testing.Short() {
		t.Skip("killing takes seconds")
	}
	t.Parallel()
	canTrace(t)
	self, err := exec.LookPath("darsd")
	if err != nil {
		t.Fatal(err)
	}
	for _, call := range []string{"write", "linkat,link", "mkdirat,mkdir", "fsync,fdatasync"} {
		killed := 0
		for n := 1; n == killed+1 && n < 50; n++ {
			d := &stage{dir: filepath.Join(t.TempDir(), fmt.Sprint(call, n)), env: quiet()}
			if err := d.all(keypair{"olive"}); err != nil {
				t.Fatal(err)
			}
			founding := command{at: "2016-02-01T09:00", args: []string{"init", "--rehearsal", "--operator", "olive", "--key", d.path("people/olive/id_ed25519.pub")}}
			line := append([]string{"-D", "-f", "-qq", "-o", "/dev/null", "-e", "trace=" + call, "-e", fmt.Sprintf("inject=%s:signal=KILL:when=%d", call, n), self}, founding.argv(d.path("office"))...)
			out, err := exec.CommandContext(t.Context(), "strace", line...).CombinedOutput()
			if !wasKilled(err) {
				if err != nil {
					t.Fatalf("darsd init: %v\n%s", err, out)
				}
				break // there are no more
			}
			killed++
			when := fmt.Sprintf("killed at %s number %d", call, n)
			_, said, status := asked(t.Context(), "--data", d.path("office"), "--as", "olive", "person", "list")
			founded := status == done
			if !founded && status != misused {
				t.Errorf("%s, a command ends with %d: %s", when, status, said)
			}
			_, said, status = asked(t.Context(), founding.argv(d.path("office"))...)
			if founded && (status != refused || !strings.Contains(said, "already")) || !founded && status != done {
				t.Errorf("%s, and founded: %v; said again it ends with %d: %s", when, founded, status, said)
			}
			d.ask(t, "--as", "olive", "person", "list")
			if doctor := d.ask(t, "doctor"); !strings.Contains(doctor, "rehearsal") {
				t.Errorf("%s, it is no rehearsal: %s", when, doctor)
			}
			os.RemoveAll(d.dir)
		}
		if killed == 0 {
			t.Errorf("nothing was killed at %s", call)
		}
	}
}
