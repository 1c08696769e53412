package vault_test

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"darsd/transfer/vault"
)

// The disk that is full is a file system of 1 MiB in memory, which only a child
// of the test sees. Where the system lets nobody mount one, there is no test.
func TestFullDisk(t *testing.T) {
	dir := t.TempDir()
	c := elsewhere(t, "disk", dir, "")
	c.SysProcAttr = &syscall.SysProcAttr{Cloneflags: syscall.CLONE_NEWNS}
	if os.Getuid() != 0 {
		c.SysProcAttr.Cloneflags |= syscall.CLONE_NEWUSER
		c.SysProcAttr.UidMappings = []syscall.SysProcIDMap{{HostID: os.Getuid(), Size: 1}}
		c.SysProcAttr.GidMappings = []syscall.SysProcIDMap{{HostID: os.Getgid(), Size: 1}}
	}
	said, err := c.Output()
	var left *exec.ExitError
	if errors.As(err, &left) && left.ExitCode() == cannotMount || errors.Is(err, syscall.EPERM) || errors.Is(err, syscall.EINVAL) || errors.Is(err, syscall.ENOSYS) {
		if os.Getenv("DARSD_REQUIRE_ALL") == "1" {
			t.Fatalf("this account can mount no file system, and DARSD_REQUIRE_ALL=1 asks for it: %s %v", said, err)
		}
		t.Skipf("this account can mount no file system: %s %v", said, err)
	}
	if err != nil || !strings.HasSuffix(string(said), "done\n") {
		t.Errorf("%s%v", said, err)
	}
}

const cannotMount = 77

// fullDisk is the child. It prints what is wrong.
func fullDisk(dir string) {
	err := syscall.Mount("none", "/", "", syscall.MS_REC|syscall.MS_PRIVATE, "") // nobody else is to see it
	if err == nil {
		err = syscall.Mount("tmpfs", dir, "tmpfs", 0, "size=1m,mode=700")
	}
	if err != nil {
		fmt.Println(err)
		os.Exit(cannotMount)
	}
	v := must(open(dir))
	if err := v.WriteFile("REL-000001", "releases/REL-000001/a", []byte("before")); err != nil {
		fmt.Println("on an empty disk:", err)
	}
	free, err := v.Free()
	if err != nil || free < 500_000 || free > 1<<20 {
		fmt.Println("free:", free, err)
	}
	count := func() (n int) {
		filepath.WalkDir(dir, func(_ string, e fs.DirEntry, err error) error {
			if err != nil {
				fmt.Println(err)
			} else if !e.IsDir() {
				n++
			}
			return nil
		})
		return n
	}
	before := count()
	told := func(what string, err error, cause syscall.Errno, says string) {
		if !errors.Is(err, cause) || !strings.Contains(err.Error(), says) {
			fmt.Printf("%s: %v\n", what, err)
		}
		if n := count(); n != before {
			fmt.Printf("%s: there are %d files instead of %d\n", what, n, before)
		}
	}
	big := bytes.Repeat([]byte("row "), 500_000)
	told("a large file", v.WriteFile(vault.Office, "lists/a", big), syscall.ENOSPC, "free some space")
	told("a tray", v.Tray("P-000001").Put("a", big, time.Now()), syscall.ENOSPC, "free some space")
	before = count() // with the tray's lock
	told("an upload", upload(v, bytes.Repeat(big, 2)), syscall.ENOSPC, "free some space")
	told("an upload with a hole", upload(v, nil), syscall.ENOSPC, "free some space")

	w := must(v.Create("REL-000001", "releases/REL-000001/b"))
	for range 1000 {
		if _, err = w.Write(big[:10_000]); err != nil {
			break
		}
	}
	if again, more := w.Write([]byte("x")); again != 0 || !errors.Is(more, syscall.ENOSPC) {
		fmt.Println("written on after it was full:", more)
	}
	if commit := w.Commit(); !errors.Is(commit, syscall.ENOSPC) {
		fmt.Println("committed:", commit)
	}
	told("piece by piece", err, syscall.ENOSPC, "free some space")

	rest := must(v.Free())
	filler := filepath.Join(dir, "filler")
	os.WriteFile(filler, make([]byte, rest), 0o600)
	before++
	if free, err := v.Free(); err != nil || free != 0 {
		fmt.Println("free on a full disk:", free, err)
	}
	told("not one block", v.WriteFile(vault.Office, "lists/a", nil), syscall.ENOSPC, "free some space")
	if _, err := v.Create("REL-000002", "releases/REL-000002/a"); !errors.Is(err, syscall.ENOSPC) {
		fmt.Println("a key on a full disk:", err)
	}
	told("a rotation", v.Rotate(vault.Source{}), syscall.ENOSPC, "free some space")
	if got, err := v.ReadFile("REL-000001", "releases/REL-000001/a"); err != nil || string(got) != "before" {
		fmt.Println("what was there:", err)
	}
	v.Close()
	v = must(open(dir)) // a full disk is no reason not to start
	if got, err := v.ReadFile("REL-000001", "releases/REL-000001/a"); err != nil || string(got) != "before" {
		fmt.Println("what was there, opened again:", err)
	}
	os.Remove(filler)
	before--
	if err := v.WriteFile(vault.Office, "lists/a", []byte("after")); err != nil {
		fmt.Println("with space again:", err)
	}
	before++

	if err := syscall.Mount("none", dir, "", syscall.MS_REMOUNT|syscall.MS_RDONLY, ""); err != nil {
		fmt.Println("cannot be made read-only:", err)
	}
	told("read-only", v.WriteFile(vault.Office, "lists/b", nil), syscall.EROFS, "is read-only")
	told("read-only, remove", v.Remove("lists/a"), syscall.EROFS, "is read-only")
	told("read-only, purge", v.Destroy("REL-000001"), syscall.EROFS, "is read-only")
	told("read-only, rotate", v.Rotate(vault.Source{}), syscall.EROFS, "is read-only")
	v.Close()
	if v, err = open(dir); err != nil {
		fmt.Println("a read-only vault cannot be opened:", err)
		return
	}
	if got, err := v.ReadFile(vault.Office, "lists/a"); err != nil || string(got) != "after" {
		fmt.Println("read from a read-only disk:", err)
	}
	if _, err := v.Scrub(context.Background(), nil, func(name string, err error) { fmt.Println(name, err) }); err != nil {
		fmt.Println("scrub of a read-only disk:", err)
	}
	fmt.Println("done")
}

// upload writes a draft, to its end if it can be, and keeps it; or one that is
// long and of which little comes.
func upload(v *vault.Vault, content []byte) error {
	d, err := v.Tray("P-000001").Begin("")
	if err != nil {
		return err
	}
	defer d.Close()
	if content == nil {
		if _, err := d.WriteAt([]byte("x"), 4<<20); err != nil {
			return err
		}
	}
	var wrote error
	for off := 0; off < len(content); off += 30_000 {
		_, err := d.WriteAt(content[off:min(off+30_000, len(content))], int64(off))
		if wrote != nil && err == nil {
			return errors.New("written on after the disk was full")
		}
		wrote = cmp.Or(wrote, err)
	}
	if err := d.Keep("a", time.Now()); wrote != nil && err == nil {
		return errors.New("kept without all of it")
	} else if wrote == nil {
		return err
	}
	return wrote
}

func TestNotAllowed(t *testing.T) {
	if os.Getuid() == 0 {
		t.Skip("root may do everything")
	}
	v, dir := fresh(t)
	v.WriteFile(vault.Office, "lists/a", nil)
	lists := filepath.Join(dir, "vault/lists")
	os.Chmod(lists, 0o500)
	defer os.Chmod(lists, 0o700)
	err := v.WriteFile(vault.Office, "lists/b", nil)
	if !errors.Is(err, fs.ErrPermission) || !strings.Contains(err.Error(), "chown -R") {
		t.Error(err)
	}
}

// A limit on the size of files stands in for the causes that need no mount.
func TestLimitOnSizes(t *testing.T) {
	v, dir := fresh(t)
	var was syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_FSIZE, &was); err != nil {
		t.Skip(err)
	}
	limit := was
	limit.Cur = 100_000
	if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &limit); err != nil {
		t.Skip(err)
	}
	err := v.WriteFile(vault.Office, "lists/a", make([]byte, 1<<20))
	syscall.Setrlimit(syscall.RLIMIT_FSIZE, &was)
	if !errors.Is(err, syscall.EFBIG) || !strings.Contains(err.Error(), "LimitFSIZE=") {
		t.Error(err)
	}
	if left := must(os.ReadDir(filepath.Join(dir, "vault/lists"))); len(left) > 0 {
		t.Errorf("half a file is left: %v", left)
	}
}

func flockShared(t *testing.T, f *os.File) {
	t.Helper()
	if err := syscall.Flock(int(f.Fd()), syscall.LOCK_SH); err != nil {
		t.Fatal(err)
	}
}
