package main

import (
	"errors"
	"io"
	"os"
	"strings"
	"syscall"
	"testing"

	"github.com/pkg/sftp"
	"golang.org/x/crypto/ssh"
)

// What docs/guide.md says of a disk that is full, on a small one that is: people look, and
// nobody acts; no byte leaves of which nothing could be written down; and with room all
// goes on from where it stood.
func TestADiskThatIsFull(t *testing.T) {
	t.Parallel()
	needs(t, "ssh")
	d := begin(t, "published")
	d.onSmallDisk(t, "office")
	b, err := d.serve()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := b.stop(); err != nil {
			t.Error(err)
		}
	})
	d.write(t, "known_hosts", []byte("* "+string(ssh.MarshalAuthorizedKey(d.host))))
	if err := os.Mkdir(d.path("downloads"), 0o700); err != nil {
		t.Fatal(err)
	}
	file := "collect/" + demoFirst + "/REL-000001/data/" + d.dataFile(t)
	if err := d.sftp("nora", func(c *sftp.Client) error { _, err := c.Stat(file); return err }); err != nil {
		t.Fatal(err)
	}
	if err := (keypair{"zoe"}).do(t.Context(), d); err != nil {
		t.Fatal(err)
	}
	key := string(d.readIn(t, "people/zoe/id_ed25519.pub"))
	room := d.fill(t, "office/ballast")

	if _, said, status := d.openssh(t, "ssh", "olive", "", "todo"); status != done {
		t.Errorf("nobody can look: %d: %s", status, said)
	}
	const act = "person add office zoe --name Zoe --role checker --key -"
	if _, said, status := d.openssh(t, "ssh", "olive", key, act); status != faulty || !strings.Contains(said, "the office's disk is full, and nothing of this was kept: try again later") {
		t.Errorf("an act over SSH ends with %d: %s", status, said)
	}
	if _, said, status := asked(t.Context(), "--data", d.path("office"), "--as", "olive", "person", "add", "office", "zoe", "--name", "Zoe", "--role", "checker", "--key", d.path("people/zoe/id_ed25519.pub")); status != faulty || !strings.Contains(said, "the disk is full. Nothing was half done") {
		t.Errorf("an act on the machine ends with %d: %s", status, said)
	}
	if out, _, status := asked(t.Context(), "--data", d.path("office"), "doctor"); status != misused || !strings.Contains(out, "wrong: the disk of the data directory has 0 MB free") {
		t.Errorf("the doctor ends with %d: %s", status, out)
	}
	if n, err := d.fetched(file); err == nil || n > 0 {
		t.Errorf("%d bytes have left, of which nothing could be written down: %v", n, err)
	}

	room()
	if _, said, status := d.openssh(t, "ssh", "olive", key, act); status != done { // it would be refused, had it been done before
		t.Errorf("with room an act ends with %d: %s", status, said)
	}
	if n, err := d.fetched(file); err != nil || n == 0 {
		t.Errorf("with room %d bytes are fetched: %v", n, err)
	}
	asked(t.Context(), "--data", d.path("office"), "doctor", "--retry")
	d.ask(t, "--as", "olive", "scrub")
	d.headOf(t, "office")
}

// onSmallDisk puts a folder on a disk of its own.
func (d *stage) onSmallDisk(t *testing.T, name string) {
	t.Helper()
	if err := os.Rename(d.path(name), d.path(name+"-was")); err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir(d.path(name), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := syscall.Mount("tmpfs", d.path(name), "tmpfs", 0, "size=16m,mode=700"); err != nil {
		if os.Getenv("DARSD_REQUIRE_ALL") == "1" {
			t.Fatalf("this account can mount no file system, and DARSD_REQUIRE_ALL=1 asks for it: %v", err)
		}
		t.Skipf("this account can mount no file system: %v", err)
	}
	t.Cleanup(func() { syscall.Unmount(d.path(name), syscall.MNT_DETACH) })
	if err := copyTree(d.path(name+"-was"), d.path(name)); err != nil {
		t.Fatal(err)
	}
}

// fill leaves no byte free; room takes that back.
func (d *stage) fill(t *testing.T, name string) (room func()) {
	t.Helper()
	f, err := os.Create(d.path(name))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	for size := 1 << 20; size > 0; size /= 2 {
		for err = nil; err == nil; {
			_, err = f.Write(make([]byte, size))
		}
		if !errors.Is(err, syscall.ENOSPC) {
			t.Fatal(err)
		}
	}
	return func() {
		if err := os.Remove(d.path(name)); err != nil {
			t.Fatal(err)
		}
	}
}

// dataFile is the name of the first release's data file.
func (d *stage) dataFile(t *testing.T) string {
	t.Helper()
	var r struct {
		Files []struct{ Path string }
	}
	d.into(t, &r, "--as", "priya", "release", "show", "REL-000001")
	return strings.TrimPrefix(r.Files[0].Path, "data/")
}

// fetched reads a file as a recipient does, and counts the bytes.
func (d *stage) fetched(name string) (n int64, err error) {
	err = d.sftp("nora", func(c *sftp.Client) error {
		f, err := c.Open(name)
		if err != nil {
			return err
		}
		defer f.Close()
		n, err = io.Copy(io.Discard, f)
		return err
	})
	return n, err
}
