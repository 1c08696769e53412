package sftpd

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"math"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"filippo.io/age"
	"github.com/pkg/sftp"

	"darsd/dars"
	"darsd/transfer/vault"
)

// vaultTrays are the trays of a vault, as the daemon has them.
type vaultTrays struct{ *vault.Vault }

func (v vaultTrays) Tray(who dars.PersonID) Tray { return vaultTray{v.Vault.Tray(who)} }

type vaultTray struct{ *vault.Tray }

func (t vaultTray) Begin(from string) (Draft, error) {
	d, err := t.Tray.Begin(from)
	if err != nil {
		return nil, err
	}
	return d, nil
}

func (t vaultTray) List() (all []Upload, err error) {
	uploads, err := t.Tray.List()
	for _, u := range uploads {
		all = append(all, Upload(u))
	}
	return all, err
}

// inVault has people's uploads lie in a vault.
func inVault(t testing.TB) func(*office) {
	root, err := os.OpenRoot(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	defer root.Close()
	v, err := vault.Open(root)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { v.Close() })
	return func(o *office) { o.server.Trays = vaultTrays{v} }
}

func (o *office) kept(t *testing.T, name string) string {
	t.Helper()
	content, err := o.server.Trays.Tray(alice).Read(name)
	if err != nil {
		return "(" + err.Error() + ")"
	}
	return string(content)
}

// Many write, on several connections of one person, until nothing more is let in.
func TestNobodyGetsBeyondALimit(t *testing.T) {
	const size = 10_000
	for name, tt := range map[string]struct {
		limits  Uploads
		bytes   int64 // that may lie there at the end
		entries int
	}{
		"bytes":           {Uploads{Bytes: 5*size + 1}, 5*size + 1, 5},
		"entries":         {Uploads{Entries: 7}, 7 * size, 7},
		"files an hour":   {Uploads{HourlyFiles: 6}, 6 * size, 6},
		"bytes an hour":   {Uploads{HourlyBytes: 4*size + 1}, 4*size + 1, 4},
		"bytes of a file": {Uploads{FileBytes: size - 1}, 0, 0},
	} {
		t.Run(name, func(t *testing.T) {
			o := open(t, inVault(t), func(o *office) { o.server.Uploads = tt.limits })
			var work sync.WaitGroup
			var refused atomic.Int64
			for v := range 3 {
				client, _ := o.visit(alice).sftp(t)
				for w := range 4 {
					work.Go(func() {
						for i := range 4 {
							err := uploadAs(t, client, fmt.Sprintf("/submit/%d-%d-%d", v, w, i), strings.Repeat("x", size))
							if err != nil && code(err) != statusFailure {
								t.Error(err)
							}
							if err != nil {
								refused.Add(1)
							}
						}
					})
				}
			}
			work.Wait()
			bytes, entries, err := contents(o.server.Trays.Tray(alice))
			if bytes > tt.bytes || entries > tt.entries || err != nil {
				t.Errorf("there are %d bytes in %d files, %v", bytes, entries, err)
			}
			if refused.Load() == 0 || tt.entries > 0 && entries == 0 {
				t.Errorf("%d were refused, and %d let in: the test shows nothing", refused.Load(), entries)
			}
			a := o.server.allowance(alice)
			a.mu.Lock()
			defer a.mu.Unlock()
			if a.open != 0 || a.bytes != 0 {
				t.Errorf("when all is closed %d are open and %d bytes reserved", a.open, a.bytes)
			}
		})
	}
}

// Who is over a limit is told which, and may go on when there is room.
func TestLimitsAreToldInNumbers(t *testing.T) {
	o := open(t, inVault(t), func(o *office) {
		o.server.Uploads = Uploads{FileBytes: 600_000, Bytes: 1_000_000, Entries: 4, Open: 3, OpenHere: 2, HourlyFiles: 100, HourlyBytes: 2_000_000}
	})
	client, said := o.visit(alice).sftp(t)
	other, _ := o.visit(alice).sftp(t)
	refuses := func(err error, number string) {
		t.Helper()
		if code(err) != statusFailure || !strings.Contains(err.Error(), number) {
			t.Errorf("it should say %q, and says: %v", number, err)
		}
	}
	half := strings.Repeat("x", 500_000)
	refuses(uploadAs(t, client, "/submit/a", half+half), "at most 600000 bytes")
	if got := said.wait(t); !strings.Contains(got, "at most 600000 bytes") {
		t.Errorf("on stderr is said %q", got)
	}
	if err := errors.Join(uploadAs(t, client, "/submit/a", half), uploadAs(t, client, "/submit/b", half)); err != nil {
		t.Fatal(err)
	}
	refuses(uploadAs(t, client, "/submit/c", "x"), "at most 1000000 bytes")
	refuses(uploadAs(t, client, "/submit/a", "x"), "at most 1000000 bytes") // the old one is there until it is closed
	if o.kept(t, "a") != half {
		t.Error("what could not be replaced is not as it was")
	}
	refuses(client.Truncate("/submit/a", 500_001), "at most 1000000 bytes")
	if infos, err := client.ReadDir("/submit"); names(infos) != "a b" || err != nil {
		t.Errorf("after all that was refused there is %q, %v", names(infos), err)
	}
	// A far offset is as long as what would lie before it.
	if err := client.Remove("/submit/b"); err != nil {
		t.Fatal(err)
	}
	f, err := client.Create("/submit/far")
	if err != nil {
		t.Fatal(err)
	}
	_, err = f.WriteAt([]byte("x"), 550_000)
	refuses(err, "at most 1000000 bytes")
	refuses(f.Close(), "at most 1000000 bytes")

	for _, off := range []int64{math.MaxInt64, math.MaxInt64 - 1, 1 << 50} {
		if f, err = client.Create("/submit/far"); err != nil {
			t.Fatal(err)
		}
		_, err = f.WriteAt([]byte("x"), off)
		refuses(err, "at most 600000 bytes")
		refuses(f.Close(), "at most 600000 bytes")
	}

	first, err1 := client.Create("/submit/1")
	second, err2 := client.Create("/submit/2")
	if err := errors.Join(err1, err2); err != nil {
		t.Fatal(err)
	}
	_, err = client.Create("/submit/3")
	refuses(err, "at most 2 files can be written at once on one connection")
	third, err := other.Create("/submit/3")
	if err != nil {
		t.Fatal(err)
	}
	_, err = other.Create("/submit/4")
	refuses(err, "at most 3 files can be written at once")
	for _, f := range []*sftp.File{first, second, third} {
		if err := f.Close(); err != nil {
			t.Error(err)
		}
	}
	refuses(client.Mkdir("/submit/dir"), "at most 4 files and folders")
	refuses(uploadAs(t, client, "/submit/5", ""), "at most 4 files and folders")

	// Hours.
	if err := errors.Join(client.Remove("/submit/1"), client.Remove("/submit/2"), client.Remove("/submit/3")); err != nil {
		t.Fatal(err)
	}
	for err = nil; err == nil; {
		if err = uploadAs(t, client, "/submit/c", half[:100_000]); err == nil {
			err = client.Remove("/submit/c")
		}
	}
	refuses(err, "at most 2000000 bytes can be sent in an hour: go on after 13:00 UTC")
	for err = nil; err == nil; {
		if err = client.Mkdir("/submit/dir"); err == nil {
			err = client.RemoveDirectory("/submit/dir")
		}
	}
	refuses(err, "at most 100 files and folders can be sent in an hour")
	o.later(time.Hour)
	if err := uploadAs(t, client, "/submit/c", half); err != nil {
		t.Errorf("an hour later: %v", err)
	}
}

// What a file has reserved and not used is there for others.
func TestSmallFilesTakeLittleOfTheHour(t *testing.T) {
	o := open(t, func(o *office) { o.server.Uploads = Uploads{HourlyBytes: 64_000, Bytes: 64_000} })
	client, _ := o.visit(alice).sftp(t)
	for i := range 450 {
		if err := uploadAs(t, client, fmt.Sprint("/submit/", i), "ten bytes."); err != nil {
			t.Fatalf("file %d: %v", i, err)
		}
	}
}

func TestStatVFSTellsOfTheQuota(t *testing.T) {
	o := open(t, inVault(t), func(o *office) { o.server.Uploads = Uploads{Bytes: 1 << 20, Entries: 10} })
	client, _ := o.visit(alice).sftp(t)
	if err := uploadAs(t, client, "/submit/a", strings.Repeat("x", 300<<10)); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{"/", "/submit", "/collect/nowhere"} {
		s, err := client.StatVFS(path)
		if err != nil || s.TotalSpace() != 1<<20 || s.FreeSpace() != 724<<10 || s.Files != 10 || s.Favail != 9 || s.Bavail != s.Bfree {
			t.Errorf("%s: %+v, %v", path, s, err)
		}
	}
}

func TestTwoWriteOneName(t *testing.T) {
	o := open(t, inVault(t))
	v := o.visit(alice)
	one, _ := v.sftp(t)
	two, _ := v.sftp(t)
	first, err1 := one.Create("/submit/a")
	second, err2 := two.Create("/submit/a")
	if err := errors.Join(err1, err2); err != nil {
		t.Fatal(err)
	}
	if _, err := two.Stat("/submit/a"); err != nil {
		t.Errorf("what one writes oneself is not there: %v", err)
	}
	for i := range 50 {
		second.WriteAt([]byte(strings.Repeat("2", 1000)), int64(i)*1000)
		first.WriteAt([]byte(strings.Repeat("1", 2000)), int64(i)*2000)
	}
	if err := second.Truncate(40_000); err != nil { // as scp does at the end
		t.Fatal(err)
	}
	for _, step := range []struct {
		f    *sftp.File
		want string
	}{{first, strings.Repeat("1", 100_000)}, {second, strings.Repeat("2", 40_000)}} {
		if err := step.f.Close(); err != nil || o.kept(t, "a") != step.want {
			t.Errorf("closed: %v, and there is something else", err)
		}
	}
}

func TestWhatIsOpenIsRenamedAndRemoved(t *testing.T) {
	o := open(t, inVault(t))
	client, _ := o.visit(alice).sftp(t)
	begin := func(name string) *sftp.File {
		f, err := client.Create(name)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := f.Write([]byte("begun")); err != nil {
			t.Fatal(err)
		}
		return f
	}
	f := begin("/submit/a.tmp")
	if err := client.Rename("/submit/a.tmp", "/submit/a"); err != nil {
		t.Fatal(err)
	}
	past := time.Date(2019, 5, 6, 7, 8, 9, 0, time.UTC)
	_, err := f.Write([]byte(", and gone on"))
	if err := errors.Join(err, f.Truncate(10), client.Chtimes("/submit/a", past, past), f.Chmod(0o600), f.Close()); err != nil {
		t.Error(err)
	}
	if info, err := client.Stat("/submit/a"); err != nil || !info.ModTime().Equal(past) || o.kept(t, "a") != "begun, and" {
		t.Errorf("there is %q, %v", o.kept(t, "a"), err)
	}
	f = begin("/submit/b")
	if err := errors.Join(client.Remove("/submit/b"), f.Close()); err != nil {
		t.Error(err)
	}
	if err := client.Mkdir("/submit/dir"); err != nil {
		t.Fatal(err)
	}
	f = begin("/submit/dir/c")
	if err := client.RemoveDirectory("/submit/dir"); err == nil {
		t.Error("a directory was removed into which something is being written")
	}
	if err := errors.Join(client.Rename("/submit/dir", "/submit/other"), f.Close()); err != nil || o.kept(t, "other/c") != "begun" {
		t.Errorf("a directory renamed: %v, and there is %q", err, o.kept(t, "other/c"))
	}
	if infos, err := client.ReadDir("/submit"); names(infos) != "a other/" || err != nil {
		t.Errorf("at the end there is %q, %v", names(infos), err)
	}
}

// A client that resumes goes on where the file ends: it must end before the first
// gap.
func TestBrokenUploadEndsBeforeTheFirstGap(t *testing.T) {
	o := open(t, inVault(t))
	v := o.visit(alice)
	client, _ := v.sftp(t)
	f, err := client.Create("/submit/cohort.csv")
	if err != nil {
		t.Fatal(err)
	}
	content := strings.Repeat("9434765919\n", 20_000)
	for _, part := range [][2]int{{0, 70_000}, {150_000, 220_000}} {
		if _, err := f.WriteAt([]byte(content[part[0]:part[1]]), int64(part[0])); err != nil {
			t.Fatal(err)
		}
	}
	v.net.Close()
	again, _ := o.visit(alice).sftp(t)
	for began := time.Now(); ; {
		infos, err := again.ReadDir("/submit")
		if names(infos) == "cohort.csv.filepart" && infos[0].Size() == 70_000 {
			break
		} else if time.Since(began) > time.Minute {
			t.Fatalf("there is %q, %v", names(infos), err)
		}
	}
	g, err := again.OpenFile("/submit/cohort.csv.filepart", os.O_WRONLY)
	if err != nil {
		t.Fatal(err)
	}
	_, err = g.WriteAt([]byte(content[70_000:]), 70_000)
	if err := errors.Join(err, g.Close(), again.PosixRename("/submit/cohort.csv.filepart", "/submit/cohort.csv")); err != nil || o.kept(t, "cohort.csv") != content {
		t.Errorf("gone on: %v", err)
	}
}

// fullTrays are on a disk that is full.
type fullTrays struct{ Trays }

func (f fullTrays) Tray(who dars.PersonID) Tray { return fullTray{f.Trays.Tray(who)} }

type fullTray struct{ Tray }

func (f fullTray) Begin(from string) (Draft, error) {
	d, err := f.Tray.Begin(from)
	return fullDraft{d}, err
}

type fullDraft struct{ Draft }

func (fullDraft) WriteAt([]byte, int64) (int, error) {
	return 0, fmt.Errorf("write /srv/secret: %w", syscall.ENOSPC)
}

func TestFullDiskIsASentence(t *testing.T) {
	o := open(t, inVault(t), func(o *office) { o.server.Trays = fullTrays{o.server.Trays} })
	client, said := o.visit(alice).sftp(t)
	err := uploadAs(t, client, "/submit/a", "x")
	if code(err) != statusFailure || !strings.Contains(err.Error(), "the office's disk is full") || strings.Contains(err.Error(), "secret") {
		t.Errorf("it says %v", err)
	}
	if got := said.wait(t); !strings.Contains(got, "the office's disk is full") {
		t.Errorf("on stderr is said %q", got)
	}
	if infos, err := client.ReadDir("/submit"); len(infos) > 0 || err != nil {
		t.Errorf("there is %q, %v", names(infos), err)
	}
}

// People write the numbers of patients into names of files, and name folders as
// they like.
func TestNamesOfUploadsAreNotLogged(t *testing.T) {
	var log lockedBuffer
	o := open(t, inVault(t), func(o *office) {
		o.server.Log = slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))
		o.server.Uploads.FileBytes = 10
	})
	client, _ := o.visit(alice).sftp(t)
	client.Mkdir("/submit/collect")
	for _, content := range []string{"short", "longer than ten bytes"} {
		uploadAs(t, client, "/submit/collect/9434765919.csv", content)
	}
	client.Open("/submit/collect/9434765919.csv")
	client.Rename("/submit/collect/9434765919.csv", "/submit/nowhere/9434765919.csv")
	client.Truncate("/submit/collect/9434765919.csv", 100)
	if text := log.String(); strings.Contains(text, "9434765919") || !strings.Contains(text, "at most 10 bytes") {
		t.Errorf("the log says:\n%s", text)
	}
}

type lockedBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *lockedBuffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *lockedBuffer) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

// What lies below SSH and SFTP, beside what age takes for the same bytes.
func BenchmarkUpload(b *testing.B) {
	_, _, o := paperWire(nil, 1)
	inVault(b)(o)
	o.server.Uploads.HourlyFiles, o.server.Uploads.HourlyBytes = 1<<30, 1<<60
	near := &conn{server: o.server, log: slog.New(slog.DiscardHandler), who: alice, uploads: map[*upload]bool{}, wires: map[*wire]bool{}}
	v := &view{near, newWire(near, nil)}
	content := make([]byte, 256<<20)
	const piece = 32 << 10
	b.Run("upload", func(b *testing.B) {
		b.SetBytes(int64(len(content)))
		for b.Loop() {
			u, err := v.upload("a", sftp.FileOpenFlags{Write: true, Creat: true, Trunc: true})
			if err != nil {
				b.Fatal(err)
			}
			var workers sync.WaitGroup
			next := make(chan int, 64)
			for range 8 {
				workers.Go(func() {
					for off := range next {
						if _, err := u.WriteAt(content[off:off+piece], int64(off)); err != nil {
							b.Error(err)
						}
					}
				})
			}
			for off := 0; off < len(content); off += piece {
				next <- off
			}
			close(next)
			workers.Wait()
			if err := u.Close(); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("age", func(b *testing.B) {
		b.SetBytes(int64(len(content)))
		id, err := age.GenerateX25519Identity()
		if err != nil {
			b.Fatal(err)
		}
		for b.Loop() {
			f, err := os.Create(filepath.Join(b.TempDir(), "a"))
			if err != nil {
				b.Fatal(err)
			}
			w, err := age.Encrypt(f, id.Recipient())
			if err != nil {
				b.Fatal(err)
			}
			_, err = io.CopyBuffer(struct{ io.Writer }{w}, struct{ io.Reader }{bytes.NewReader(content)}, make([]byte, piece))
			if err := errors.Join(err, w.Close(), f.Sync(), f.Close(), os.Remove(f.Name())); err != nil {
				b.Fatal(err)
			}
		}
	})
}
