package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// killPoints are the system calls of a program at which it is killed, one after the other:
// the first of each kind, and then ever further apart.
var killPoints = []string{"openat", "write", "pwrite64", "fsync,fdatasync", "renameat,renameat2,rename", "mkdirat,mkdir", "unlinkat,unlink"}

// killFurthest is up to which call of a kind.
var killFurthest = 64

// killedAt runs a command again and again, and kills it ever later, until it comes to its
// end; after looks at what each has left. It must be killed at all.
func killedAt(t *testing.T, line func(n int) []string, after func(t *testing.T, when string, n int)) {
	t.Helper()
	self, err := exec.LookPath("darsd")
	if err != nil {
		t.Fatal(err)
	}
	run, killed := 0, 0
	for _, call := range killPoints {
		for n := 1; n <= killFurthest; n *= 2 {
			run++
			args := append([]string{"-D", "-f", "-qq", "-o", "/dev/null", "-e", "trace=" + call, "-e", fmt.Sprintf("inject=%s:signal=KILL:when=%d", call, n), self}, line(run)...)
			out, err := exec.CommandContext(t.Context(), "strace", args...).CombinedOutput()
			ended := !wasKilled(err)
			if ended && err != nil {
				t.Fatalf("darsd %s: %v\n%s", strings.Join(line(run), " "), err, out)
			}
			if !ended {
				killed++
			}
			after(t, fmt.Sprintf("killed at %s number %d", call, n), run)
			if ended {
				break
			}
		}
	}
	t.Logf("%d of %d were killed", killed, run)
	if killed < len(killPoints) {
		t.Errorf("only %d were killed", killed)
	}
}

func canKill(t *testing.T) {
	t.Helper()
	if testing.Short() {
		t.Skip("killing takes a minute")
	}
	canTrace(t)
}

// A backup that was cut off is none; the next one takes it away.
func TestKillBackup(t *testing.T) {
	t.Parallel()
	canKill(t)
	d := begin(t, "published")
	to := func(n int) string { return d.path(fmt.Sprint("backups/", n)) }
	killedAt(t, func(n int) []string { return []string{"--data", d.path("office"), "backup", "--to", to(n)} },
		func(t *testing.T, when string, n int) {
			_, err := soundBackup(to(n))
			if _, there := os.Lstat(to(n)); (err == nil) != (there == nil) {
				t.Errorf("%s, a backup is there (%v) that is not whole: %v", when, there, err)
			}
			again := to(n) + "-again"
			d.ask(t, "backup", "--to", again)
			if _, err := soundBackup(again); err != nil {
				t.Errorf("%s, the next backup: %v", when, err)
			}
			if left, _ := filepath.Glob(d.path("backups/*" + unfinished)); len(left) > 0 {
				t.Errorf("%s, %v is left", when, left)
			}
			os.RemoveAll(again)
		})
}

// An office that was not restored to its end is none; said again it is one.
func TestKillRestore(t *testing.T) {
	t.Parallel()
	canKill(t)
	d := begin(t, "published")
	d.ask(t, "backup", "--to", d.path("backup"))
	d.ask(t, "backup", "keys", "--to", d.path("keys"))
	was := d.headOf(t, "office")
	line := func(n int) []string {
		return []string{"--data", d.path(fmt.Sprint("to", n)), "restore", "--from", d.path("backup"), "--keys", d.path("keys")}
	}
	killedAt(t, line, func(t *testing.T, when string, n int) {
		office := fmt.Sprint("to", n)
		_, said, status := asked(t.Context(), "--data", d.path(office), "--as", "olive", "person", "list")
		whole := status == done
		if !whole && status != misused {
			t.Errorf("%s, a command ends with %d: %s", when, status, said)
		}
		_, said, status = asked(t.Context(), line(n)...)
		if whole && status != refused || !whole && status != done {
			t.Errorf("%s, and whole: %v; said again it ends with %d: %s", when, whole, status, said)
		}
		if is := d.headAt(t, office, d.backupOf(t, "backup").Events); is != was {
			t.Errorf("%s, the head is %s, and was %s", when, is, was)
		}
		if _, err := os.Lstat(d.path(office + "/" + cutShort)); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("%s, the note that it is under way is left: %v", when, err)
		}
		os.RemoveAll(d.path(office))
	})
}

// Of two databases one is the office's, or neither is; said again it is the next one.
func TestKillStoreCopy(t *testing.T) {
	t.Parallel()
	canKill(t)
	from := begin(t, "published")
	was := from.headOf(t, "office")
	office := func(n int) string {
		name := fmt.Sprint("office", n)
		if _, err := os.Lstat(from.path(name)); err != nil {
			if err := copyTree(from.path("office"), from.path(name)); err != nil {
				t.Fatal(err)
			}
		}
		return name
	}
	line := func(n int) []string {
		return []string{"--data", from.path(office(n)), "store", "copy", "--to", "next.db"}
	}
	killedAt(t, line, func(t *testing.T, when string, n int) {
		name := office(n)
		_, said, status := asked(t.Context(), "--data", from.path(name), "--as", "olive", "person", "list")
		here := status == done
		if !here && (status != refused || !strings.Contains(said, "the office has gone")) {
			t.Errorf("%s, a command ends with %d: %s", when, status, said)
		}
		config := filepath.Join(from.path(name), "darsd.yaml")
		text, err := os.ReadFile(config)
		if err != nil {
			t.Fatal(err)
		}
		settled := func(database string) {
			if err := os.WriteFile(config, []byte(withDatabase(string(text), database)), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		settled("next.db")
		if _, said, status = asked(t.Context(), "--data", from.path(name), "--as", "olive", "person", "list"); here && status == done {
			t.Errorf("%s, there are two offices: %s", when, said)
		}
		settled("darsd.db")
		if _, said, status := asked(t.Context(), line(n)...); status != done {
			t.Errorf("%s, said again it ends with %d: %s", when, status, said)
		}
		settled("next.db")
		if is := from.headOf(t, name); is != was {
			t.Errorf("%s, the head is %s, and was %s", when, is, was)
		}
		os.RemoveAll(from.path(name))
	})
}

// On a disk that is full nothing is half done, and what was there is as it was.
func TestBackupOnAFullDisk(t *testing.T) {
	t.Parallel()
	needs(t, "unshare")
	self, err := exec.LookPath("darsd")
	if err != nil {
		t.Fatal(err)
	}
	d := begin(t, "published")
	d.ask(t, "backup", "--to", d.path("backup"))
	was := d.headOf(t, "office")
	if err := os.Mkdir(d.path("small"), 0o700); err != nil {
		t.Fatal(err)
	}
	script := `cd "$1" && mount -t tmpfs -o size=100k tmpfs small || exit 77
		for line in "--data office backup --to small/backup" "--data small/office restore --from backup" "--data office store copy --to $1/small/next.db"; do
			"$2" $line; echo "status $?"
		done
		rm -f small/*-wal small/*-shm
		echo left: $(ls -A small)`
	c := exec.CommandContext(t.Context(), "unshare", "-r", "-m", "sh", "-c", script, "sh", d.dir, self)
	out, err := c.CombinedOutput()
	if err != nil {
		sentence := fmt.Sprintf("no small disk can be mounted here: %v: %s", err, out)
		if os.Getenv("DARSD_REQUIRE_ALL") == "1" {
			t.Fatal(sentence)
		}
		t.Skip(sentence)
	}
	said := string(out)
	if strings.Count(said, "MB are free on the disk of") != 2 || strings.Count(said, "status 1") != 2 {
		t.Errorf("backup and restore say: %s", said)
	}
	if !strings.Contains(said, "the disk is full. Nothing was half done") || !strings.Contains(said, "status 3") {
		t.Errorf("store copy says: %s", said)
	}
	if !strings.HasSuffix(said, "left: next.db\n") { // which is begun anew when it is said again
		t.Errorf("something is left: %s", said)
	}
	if is := d.headOf(t, "office"); is != was {
		t.Errorf("the head is %s, and was %s", is, was)
	}
}
