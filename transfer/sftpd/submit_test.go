package sftpd

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/pkg/sftp"
)

// uploadAs puts a file.
func uploadAs(t *testing.T, client *sftp.Client, path, content string) error {
	t.Helper()
	f, err := client.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_TRUNC)
	if err != nil {
		return err
	}
	_, err = f.Write([]byte(content))
	return errors.Join(err, f.Close())
}

func (o *office) inTray(name string) string {
	content, err := o.Tray(alice).Read(name)
	if err != nil {
		return "(" + err.Error() + ")"
	}
	return string(content)
}

func TestSubmitShowsOwnUploadsAndKeepsThem(t *testing.T) {
	o := open(t)
	client, _ := o.visit(alice).sftp(t)
	if _, err := client.Stat("/submit/a.pdf"); code(err) != 2 {
		t.Errorf("before: %v", err)
	}
	big := strings.Repeat("0123456789abcdef", 20000)
	if err := uploadAs(t, client, "/submit/a.pdf", big); err != nil {
		t.Fatal(err)
	}
	if o.inTray("a.pdf") != big {
		t.Error("it did not come as it was sent")
	}
	info, err := client.Stat("/submit/a.pdf")
	if err != nil || info.Size() != int64(len(big)) || !info.ModTime().Equal(o.server.now()) {
		t.Errorf("stat: %+v, %v", info, err)
	}
	if _, err := client.Open("/submit/a.pdf"); code(err) != statusPermissionDenied {
		t.Errorf("it can be read back: %v", err)
	}
	past := time.Date(2019, 5, 6, 7, 8, 9, 0, time.UTC)
	if err := errors.Join(client.Chtimes("/submit/a.pdf", past, past), client.Chmod("/submit/a.pdf", 0o600)); err != nil {
		t.Errorf("setstat: %v", err)
	}
	if info, err := client.Stat("/submit/a.pdf"); err != nil || !info.ModTime().Equal(past) || info.Size() != int64(len(big)) {
		t.Errorf("stat after setstat: %+v, %v", info, err)
	}
	if err := client.Truncate("/submit/a.pdf", 4); err != nil || o.inTray("a.pdf") != "0123" {
		t.Errorf("truncate: %v, and there is %q", err, o.inTray("a.pdf"))
	}

	// Another session goes on where this one stopped.
	again, _ := o.visit(alice).sftp(t)
	f, err := again.OpenFile("/submit/a.pdf", os.O_WRONLY)
	if err != nil {
		t.Fatal(err)
	}
	f.WriteAt([]byte("XY"), 4)
	if info, err := f.Stat(); err != nil || info.Size() != 6 {
		t.Errorf("stat of what is open: %+v, %v", info, err)
	}
	if err := f.Close(); err != nil || o.inTray("a.pdf") != "0123XY" {
		t.Errorf("resumed: %v, and there is %q", err, o.inTray("a.pdf"))
	}

	// Renaming over another, as at the end of an upload.
	if err := uploadAs(t, client, "/submit/a.pdf.filepart", "new"); err != nil {
		t.Fatal(err)
	}
	if err := client.Rename("/submit/a.pdf.filepart", "/submit/a.pdf"); code(err) != statusFailure {
		t.Errorf("rename over another: %v", err)
	}
	if err := client.PosixRename("/submit/a.pdf.filepart", "/submit/a.pdf"); err != nil || o.inTray("a.pdf") != "new" {
		t.Errorf("posix-rename: %v, and there is %q", err, o.inTray("a.pdf"))
	}

	// Folders.
	if err := client.Mkdir("/submit/renewal"); err != nil {
		t.Fatal(err)
	}
	if err := client.Mkdir("/submit"); err == nil {
		t.Error("submit was made again")
	}
	if err := uploadAs(t, client, "/submit/renewal/application.yaml", "kind: renewal"); err != nil {
		t.Fatal(err)
	}
	if err := uploadAs(t, client, "/submit/nowhere/application.yaml", ""); code(err) != 2 {
		t.Errorf("into a folder that is not there: %v", err)
	}
	if err := client.RemoveDirectory("/submit/renewal"); err == nil {
		t.Error("a folder was removed with what is in it")
	}
	if err := client.Rename("/submit/renewal", "/submit/extension"); err != nil {
		t.Errorf("rename of a folder: %v", err)
	}
	infos, err := client.ReadDir("/submit")
	if got := names(infos); err != nil || got != "a.pdf extension/" {
		t.Errorf("listed: %q, %v", got, err)
	}
	if err := client.Remove("/submit/extension/application.yaml"); err != nil {
		t.Errorf("remove: %v", err)
	}
	if err := client.RemoveDirectory("/submit/extension"); err != nil {
		t.Errorf("rmdir: %v", err)
	}
}

func TestVerdictsCanBeReadAndNotWritten(t *testing.T) {
	o := open(t)
	o.tray(alice).Put("a.pdf.verdict.txt", []byte("accepted"), o.server.now())
	client, _ := o.visit(alice).sftp(t)
	f, err := client.Open("/submit/a.pdf.verdict.txt")
	if err != nil {
		t.Fatal(err)
	}
	if got, err := io.ReadAll(f); string(got) != "accepted" || err != nil {
		t.Errorf("read %q, %v", got, err)
	}
	f.Close()
	if err := uploadAs(t, client, "/submit/a.pdf.verdict.txt", "forged"); code(err) != statusPermissionDenied {
		t.Errorf("written: %v", err)
	}
	uploadAs(t, client, "/submit/b.txt", "forged")
	for _, to := range []string{"/submit/b.pdf.verdict.json", "/submit/a.pdf.verdict.txt"} {
		if err := client.PosixRename("/submit/b.txt", to); code(err) != statusPermissionDenied {
			t.Errorf("renamed to %s: %v", to, err)
		}
	}
}

func TestSubmitOfOthersIsNowhere(t *testing.T) {
	o := open(t)
	hers, _ := o.visit(alice).sftp(t)
	his, _ := o.visit(bob).sftp(t)
	if err := uploadAs(t, hers, "/submit/a.pdf", "hers"); err != nil {
		t.Fatal(err)
	}
	o.tray(alice).Put("a.pdf.verdict.txt", []byte("accepted"), o.server.now())
	if infos, err := his.ReadDir("/submit"); len(infos) > 0 || err != nil {
		t.Errorf("he sees %v, %v", names(infos), err)
	}
	for what, do := range map[string]func() error{
		"stat":         func() error { _, err := his.Stat("/submit/a.pdf"); return err },
		"read":         func() error { _, err := his.Open("/submit/a.pdf"); return err },
		"read verdict": func() error { _, err := his.Open("/submit/a.pdf.verdict.txt"); return err },
		"resume":       func() error { _, err := his.OpenFile("/submit/a.pdf", os.O_WRONLY); return err },
		"remove":       func() error { return his.Remove("/submit/a.pdf") },
		"rename":       func() error { return his.Rename("/submit/a.pdf", "/submit/b.pdf") },
		"truncate":     func() error { return his.Truncate("/submit/a.pdf", 0) },
	} {
		if err := do(); code(err) != 2 {
			t.Errorf("%s: %v", what, err)
		}
	}
	if err := uploadAs(t, his, "/submit/a.pdf", "his"); err != nil || o.inTray("a.pdf") != "hers" {
		t.Errorf("his own of that name: %v, and hers is %q", err, o.inTray("a.pdf"))
	}
}

// A truncated list of persons would look like a shorter one.
func TestBrokenUploadIsNeverTakenForAWholeOne(t *testing.T) {
	o := open(t)
	v := o.visit(alice, func(nc net.Conn) net.Conn { return nc })
	client, _ := v.sftp(t)
	f, err := client.OpenFile("/submit/cohort.csv", os.O_WRONLY|os.O_CREATE|os.O_TRUNC)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.Write([]byte("half of it")); err != nil {
		t.Fatal(err)
	}
	v.net.Close()
	// When a new session sees it, it has been kept.
	again, _ := o.visit(alice).sftp(t)
	for began := time.Now(); ; {
		infos, err := again.ReadDir("/submit")
		if got := names(infos); got == "cohort.csv.filepart" {
			break
		} else if time.Since(began) > 5*time.Second {
			t.Fatalf("there is %q, %v", got, err)
		}
	}
	if got := o.inTray("cohort.csv.filepart"); got != "half of it" {
		t.Errorf("kept is %q", got)
	}
}

func TestUploadsAreLimited(t *testing.T) {
	o := open(t, func(o *office) { o.server.Uploads = Uploads{FileBytes: 1000, OpenHere: 4} })
	client, _ := o.visit(alice).sftp(t)
	if err := uploadAs(t, client, "/submit/a", strings.Repeat("x", 1001)); code(err) != statusFailure || !strings.Contains(err.Error(), "at most 1000 bytes") {
		t.Errorf("too large: %v", err)
	}
	if _, err := client.Stat("/submit/a"); code(err) != 2 {
		t.Errorf("what was too large is there, cut short: %v", err)
	}
	uploadAs(t, client, "/submit/b", strings.Repeat("x", 1000))
	if err := client.Truncate("/submit/b", 1<<62); code(err) != statusFailure {
		t.Errorf("made too large: %v", err)
	}
	if err := uploadAs(t, client, "/submit/refused", "x"); err == nil || strings.Contains(err.Error(), "srv") {
		t.Errorf("the tray refuses, and the client hears %v", err)
	}
	var open []*sftp.File
	for i := range 4 {
		f, err := client.Create("/submit/" + string(rune('c'+i)))
		if err != nil {
			t.Fatal(err)
		}
		open = append(open, f)
	}
	if _, err := client.Create("/submit/z"); code(err) != statusFailure {
		t.Errorf("one more: %v", err)
	}
	open[0].Close()
	if _, err := client.Create("/submit/z"); err != nil {
		t.Errorf("one instead: %v", err)
	}
	deep := "/submit"
	for range maxDepth {
		deep += "/dir"
		if err := client.Mkdir(deep); err != nil {
			t.Fatal(err)
		}
	}
	if err := client.Mkdir(deep + "/dir"); err == nil {
		t.Error("too deep")
	}
}

// What a client has asked to be safe is there when the program dies, as a file
// that is not finished; and it goes on from there.
func TestWhatIsSyncedIsSafe(t *testing.T) {
	o := open(t)
	client, _ := o.visit(alice).sftp(t)
	f, err := client.Create("/submit/a.pdf")
	if err != nil {
		t.Fatal(err)
	}
	content := bytes.Repeat([]byte("0123456789"), 20_000)
	half := len(content) / 2
	lies := func() (names []string) {
		t.Helper()
		all, err := o.tray(alice).List()
		if err != nil {
			t.Fatal(err)
		}
		for _, u := range all {
			names = append(names, fmt.Sprintf("%s %d", u.Name, u.Size))
		}
		return names
	}
	if _, err := f.Write(content[:half]); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if err := f.Sync(); err != nil {
			t.Fatal(err)
		}
		if got := lies(); len(got) != 1 || got[0] != fmt.Sprint("a.pdf.filepart ", half) {
			t.Errorf("in the tray lies %q", got)
		}
	}
	if _, err := f.Write(content[half:]); err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	if got := lies(); len(got) != 1 || got[0] != fmt.Sprint("a.pdf ", len(content)) {
		t.Errorf("in the tray lies %q", got)
	}
	if got, err := o.tray(alice).Read("a.pdf"); err != nil || !bytes.Equal(got, content) {
		t.Errorf("%d bytes were kept, %v", len(got), err)
	}
}
