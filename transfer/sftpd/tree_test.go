package sftpd

import (
	"context"
	"io"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"darsd/dars"
)

func TestTreeIsWhatTheOfficeSays(t *testing.T) {
	o := open(t)
	day := time.Date(2026, 2, 3, 4, 5, 6, 0, time.UTC)
	o.add(alice, Entry{Path: "README.txt", Modified: day}, []byte("hello"))
	o.add(alice, Entry{Path: "collect/DARS-1/REL-000001/data/a.csv", Modified: day, File: "FILE0000001"}, []byte("1,2,3"))
	o.add(alice, Entry{Path: "collect/DARS-1/REL-000001/bagit.txt", Modified: day.Add(time.Hour)}, []byte("bag"))
	o.add(alice, Entry{Path: "../etc/passwd"}, []byte("no"))
	o.add(alice, Entry{Path: "submit/forged.verdict.txt"}, []byte("no"))
	client, _ := o.visit(alice).sftp(t)
	for dir, want := range map[string]string{
		"/":                            "README.txt collect/ papers/ receipts/ submit/",
		"/collect":                     "DARS-1/",
		"/collect/DARS-1/REL-000001":   "bagit.txt data/",
		"/collect/DARS-1/REL-000001/.": "bagit.txt data/",
		"/papers":                      "",
		"/submit":                      "",
	} {
		infos, err := client.ReadDir(dir)
		if err != nil {
			t.Errorf("%s: %v", dir, err)
		}
		if got := names(infos); got != want {
			t.Errorf("%s: %q, want %q", dir, got, want)
		}
	}
	info, err := client.Stat("/collect/DARS-1/REL-000001/data/a.csv")
	if err != nil || info.Size() != 5 || !info.ModTime().Equal(day) || info.Mode() != 0o440 {
		t.Errorf("a file: %+v, %v", info, err)
	}
	if info, err := client.Stat("/collect/DARS-1"); err != nil || !info.IsDir() || !info.ModTime().Equal(day.Add(time.Hour)) {
		t.Errorf("a directory: %+v, %v", info, err)
	}
	if _, err := client.ReadDir("/README.txt"); err == nil {
		t.Error("a file can be listed")
	}
	if _, err := client.Open("/collect"); code(err) != statusFailure {
		t.Errorf("a directory was opened as a file: %v", err)
	}
	// What is new is seen within a second, or at once when the office says so.
	o.add(alice, Entry{Path: "papers/letter.pdf"}, []byte("Dear Alice"))
	o.server.Recheck()
	if _, err := client.Stat("/papers/letter.pdf"); err != nil {
		t.Errorf("what is new: %v", err)
	}
}

func names(infos []os.FileInfo) string {
	var all []string
	for _, i := range infos {
		name := i.Name()
		if i.IsDir() {
			name += "/"
		}
		all = append(all, name)
	}
	slices.Sort(all)
	return strings.Join(all, " ")
}

// What belongs to others and what is nowhere sound the same, however it is
// spelt.
func TestNobodyGetsOutOfTheirTree(t *testing.T) {
	o := open(t)
	o.add(bob, Entry{Path: "collect/bobs.csv", File: "FILE0000002"}, []byte("bob's"))
	o.add(bob, Entry{Path: "papers/bobs.pdf"}, []byte("bob's"))
	client, _ := o.visit(alice).sftp(t)
	for _, path := range []string{
		"/collect/bobs.csv", "/papers/bobs.pdf", "/collect/nowhere.csv", "/../../../etc/passwd", "/etc/passwd", "/collect/../../etc/passwd",
		"/collect/\x00", "/collect/\xff\xfe", "/" + strings.Repeat("x", 300), strings.Repeat("/x", 5000), `\..\..\etc\passwd`, "/submit/../../etc/passwd",
	} {
		_, stat := client.Stat(path)
		_, open := client.Open(path)
		_, list := client.ReadDir(path)
		for what, err := range map[string]error{"stat": stat, "open": open, "list": list} {
			if code(err) != 2 {
				t.Errorf("%s %.60q: %v", what, path, err)
			}
		}
	}
	if _, err := client.RealPath("/collect/\x1b[2J"); err == nil {
		t.Error("a path that a terminal would obey was echoed")
	}
	if p, err := client.RealPath("collect/../papers"); p != "/papers" || err != nil {
		t.Errorf("real path: %q, %v", p, err)
	}
}

func TestTreeCanOnlyBeRead(t *testing.T) {
	o := open(t)
	o.add(alice, Entry{Path: "collect/a.csv", File: "FILE0000001"}, []byte("1,2,3"))
	client, _ := o.visit(alice).sftp(t)
	if err := uploadAs(t, client, "/submit/mine.pdf", "mine"); err != nil {
		t.Fatal(err)
	}
	for what, do := range map[string]func() error{
		"create":    func() error { _, err := client.Create("/collect/b.csv"); return err },
		"overwrite": func() error { _, err := client.OpenFile("/collect/a.csv", os.O_WRONLY); return err },
		"update":    func() error { _, err := client.OpenFile("/collect/a.csv", os.O_RDWR); return err },
		"append":    func() error { _, err := client.OpenFile("/collect/a.csv", os.O_WRONLY|os.O_APPEND); return err },
		"remove":    func() error { return client.Remove("/collect/a.csv") },
		"rename":    func() error { return client.Rename("/collect/a.csv", "/submit/a.csv") },
		"move in":   func() error { return client.Rename("/submit/mine.pdf", "/papers/mine.pdf") },
		"posix":     func() error { return client.PosixRename("/submit/mine.pdf", "/collect/a.csv") },
		"mkdir":     func() error { return client.Mkdir("/collect/dir") },
		"rmdir":     func() error { return client.RemoveDirectory("/papers") },
		"chmod":     func() error { return client.Chmod("/collect/a.csv", 0o777) },
		"touch":     func() error { return client.Chtimes("/collect/a.csv", time.Now(), time.Now()) },
		"truncate":  func() error { return client.Truncate("/collect/a.csv", 0) },
	} {
		if err := do(); code(err) != statusPermissionDenied {
			t.Errorf("%s: %v", what, err)
		}
	}
	for what, do := range map[string]func() error{
		"symlink":  func() error { return client.Symlink("/etc/passwd", "/submit/passwd") },
		"link":     func() error { return client.Link("/collect/a.csv", "/submit/a.csv") },
		"readlink": func() error { _, err := client.ReadLink("/collect/a.csv"); return err },
	} {
		if err := do(); code(err) != statusUnsupported {
			t.Errorf("%s: %v", what, err)
		}
	}
}

func TestFaultsTellNothingOfTheServer(t *testing.T) {
	o := open(t)
	o.add(alice, Entry{Path: "papers/lost.pdf"}, []byte("x"))
	o.set(func() { delete(o.contents, "papers/lost.pdf") })
	client, _ := o.visit(alice).sftp(t)
	_, err := client.Open("/papers/lost.pdf")
	if code(err) != statusFailure || strings.Contains(err.Error(), "secret") {
		t.Errorf("a fault is told as %v", err)
	}
}

func TestPanicOfTheDeskEndsNothing(t *testing.T) {
	o := open(t, func(o *office) {
		o.run = func(context.Context, dars.PersonID, []string, io.Reader, io.Writer, io.Writer) int {
			panic("the desk is on fire")
		}
	})
	o.add(alice, Entry{Path: "README.txt"}, []byte("hello"))
	v := o.visit(alice)
	client, _ := v.sftp(t)
	o.set(func() { o.panics = true })
	o.server.Recheck()
	if _, err := client.Stat("/README.txt"); code(err) != statusFailure {
		t.Errorf("stat: %v", err)
	}
	if _, err := client.Open("/README.txt"); code(err) != statusFailure {
		t.Errorf("open: %v", err)
	}
	if out := v.exec(t, "todo", ""); out.status != 3 || !strings.Contains(out.stderr, "a fault in the program") {
		t.Errorf("a command: %+v", out)
	}
	o.set(func() { o.panics = false })
	o.server.Recheck()
	if _, err := client.Stat("/README.txt"); err != nil {
		t.Errorf("after that: %v", err)
	}
}

func FuzzValidPath(f *testing.F) {
	f.Add("/collect/a.csv")
	f.Add("/..")
	f.Add("//\x00")
	f.Fuzz(func(t *testing.T, path string) {
		name, err := validPath(path)
		if err != nil {
			return
		}
		for part := range strings.SplitSeq(name, "/") {
			if name != "" && (part == "" || part == "." || part == ".." || strings.ContainsAny(part, "\x00\n\x1b")) {
				t.Errorf("%q is taken for %q", path, name)
			}
		}
	})
}
