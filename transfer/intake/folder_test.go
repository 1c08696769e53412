package intake_test

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"maps"
	"net"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"testing/fstest"
	"testing/synctest"
	"time"
	"unicode/utf8"

	"darsd/dars"
	"darsd/transfer/intake"
)

// A desk takes what it is given, and remembers it.
type desk struct {
	mu     sync.Mutex
	took   []string          // "name content", for a folder each file of it
	sums   map[string]string // by name
	answer func(intake.Arrival) dars.Verdict
}

func (d *desk) Take(_ context.Context, a intake.Arrival) dars.Verdict {
	var text []string
	fs.WalkDir(a.Files, ".", func(name string, e fs.DirEntry, err error) error {
		if err == nil && !e.IsDir() {
			content, err := fs.ReadFile(a.Files, name)
			if err != nil {
				content = []byte(err.Error())
			}
			text = append(text, fmt.Sprintf("%s=%s", name, content))
		}
		return err
	})
	line := a.Name + ": " + strings.Join(text, " ")
	if !a.Dir {
		line = strings.Join(text, " ")
	}
	d.mu.Lock()
	d.took = append(d.took, line)
	if d.sums == nil {
		d.sums = map[string]string{}
	}
	d.sums[a.Name] = a.SHA256
	d.mu.Unlock()
	if d.answer != nil {
		return d.answer(a)
	}
	return dars.Verdict{Verdict: dars.VerdictAccepted, Ref: "OBJ-000001", Reason: "3 numbers"}
}

// taken is what was taken, in order.
func (d *desk) taken() string {
	d.mu.Lock()
	defer d.mu.Unlock()
	return strings.Join(d.took, ", ")
}

var today = time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)

// watched makes a folder, and a place to look at it from outside.
func watched(t *testing.T, d *desk) (*intake.Folder, string) {
	t.Helper()
	dir := t.TempDir()
	return watching(t, d, dir), dir
}

func watching(t *testing.T, d *desk, dir string) *intake.Folder {
	t.Helper()
	root, err := os.OpenRoot(dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { root.Close() })
	return &intake.Folder{Name: "objections", Dir: root, Every: 5 * time.Second, Now: func() time.Time { return today },
		Take: d.Take, Log: slog.New(slog.NewTextHandler(t.Output(), nil))}
}

func write(t *testing.T, name, content string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(name, []byte(content), 0o644); err != nil {
		t.Fatal(err)
	}
}

// tree lists what lies in a folder, without the folders themselves.
func tree(t *testing.T, dir string) string {
	t.Helper()
	var names []string
	err := filepath.WalkDir(dir, func(name string, e fs.DirEntry, err error) error {
		if err == nil && !e.IsDir() {
			names = append(names, strings.TrimPrefix(name, dir+"/"))
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return strings.Join(names, " ")
}

// during runs a folder in a bubble, for as long as the hand is at work.
func during(t *testing.T, f *intake.Folder, hand func()) {
	t.Helper()
	ctx, stop := context.WithCancel(t.Context())
	done := make(chan error)
	go func() { done <- f.Run(ctx) }()
	hand()
	stop()
	if err := <-done; err != nil {
		t.Error(err)
	}
}

func TestAFileIsTakenOnceAndLeavesAVerdict(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := &desk{}
		f, dir := watched(t, d)
		write(t, dir+"/list.csv", "one")
		during(t, f, func() {
			time.Sleep(time.Second)
			if d.taken() != "" {
				t.Error("taken at the first look")
			}
			time.Sleep(time.Minute)
		})
		if d.taken() != "list.csv=one" {
			t.Errorf("took %q", d.taken())
		}
		if got := tree(t, dir); got != "accepted/list.csv.verdict.json accepted/list.csv.verdict.txt" {
			t.Errorf("left %s", got)
		}
		var v dars.Verdict
		text, _ := os.ReadFile(dir + "/accepted/list.csv.verdict.json")
		if err := json.Unmarshal(text, &v); err != nil {
			t.Fatal(err)
		}
		if v.File != "list.csv" || v.SHA256 != fmt.Sprintf("%x", sha256.Sum256([]byte("one"))) || v.Verdict != dars.VerdictAccepted ||
			v.MissingPages == nil || v.Signatures == nil {
			t.Errorf("%s", text)
		}
		text, _ = os.ReadFile(dir + "/accepted/list.csv.verdict.txt")
		if string(text) != "\"list.csv\" was accepted (OBJ-000001): 3 numbers.\n" {
			t.Errorf("%s", text)
		}
	})
}

// The sender's own file is the only one that can be read, while it is taken in
// and after a crash.
func TestThePrivateCopyIsEncrypted(t *testing.T) {
	for name, files := range map[string]map[string]string{
		"a file":   {"list.csv": strings.Repeat("943 476 5919\n", 10_000)},
		"a folder": {"app/application.yaml": "943 476 5919", "app/deep/er/letter.pdf": "943 476 5919", "app/empty": ""},
	} {
		t.Run(name, func(t *testing.T) {
			var dir string
			plain := func() (in []string) {
				filepath.WalkDir(dir, func(file string, e fs.DirEntry, err error) error {
					if err != nil || e.IsDir() {
						return err
					}
					if text, _ := os.ReadFile(file); strings.Contains(string(text), "943 476 5919") {
						in = append(in, path.Base(file))
					}
					return nil
				})
				return in
			}
			senders := 0
			d := &desk{answer: func(a intake.Arrival) dars.Verdict {
				if now := plain(); len(now) != senders {
					t.Errorf("while it is taken in, it can be read in %v", now)
				}
				if err := fstest.TestFS(a.Files, slices.Collect(maps.Keys(under(files)))...); err != nil {
					t.Error(err)
				}
				for name, content := range under(files) {
					info, err := fs.Stat(a.Files, name)
					got, readErr := fs.ReadFile(a.Files, name)
					if err != nil || readErr != nil || info.Size() != int64(len(content)) || string(got) != content {
						t.Errorf("%s: %d bytes, %v %v", name, len(got), err, readErr)
					}
				}
				panic("the office falls down")
			}}
			var f *intake.Folder
			f, dir = watched(t, d)
			for name, content := range files {
				write(t, filepath.Join(dir, name), content)
				if content != "" {
					senders++
				}
			}
			if err := f.Once(t.Context()); err == nil || len(d.took) != 1 {
				t.Errorf("taken %d times: %v", len(d.took), err)
			}
			if now := plain(); len(now) != senders {
				t.Errorf("after a crash it can be read in %v", now)
			}
		})
	}
}

// under is what Take sees of a file, or of the one folder that all are in.
func under(files map[string]string) map[string]string {
	seen := map[string]string{}
	for name, content := range files {
		seen[strings.TrimPrefix(name, "app/")] = content
	}
	return seen
}

func TestAFileThatIsStillWrittenIsLeftAlone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := &desk{}
		f, dir := watched(t, d)
		during(t, f, func() {
			w, err := os.Create(dir + "/slow.csv")
			if err != nil {
				t.Fatal(err)
			}
			defer w.Close()
			for i := range 12 {
				fmt.Fprint(w, i, ";")
				// Times that files carry prove nothing: this one looks a day old.
				os.Chtimes(w.Name(), today.AddDate(-20, 0, 0), today.AddDate(-20, 0, 0))
				time.Sleep(3 * time.Second)
				if d.taken() != "" {
					t.Fatalf("taken after %d writes", i+1)
				}
			}
			time.Sleep(time.Minute)
		})
		if d.taken() != "slow.csv=0;1;2;3;4;5;6;7;8;9;10;11;" {
			t.Errorf("took %q", d.taken())
		}
	})
}

func TestWhatIsNotMeantForUs(t *testing.T) {
	d := &desk{}
	f, dir := watched(t, d)
	names := []string{".hidden", "a.filepart", "b.PARTIAL", "c.part", "d.tmp", "e.csv~", "app/x.partial"}
	for _, name := range names {
		write(t, dir+"/"+name, "x")
	}
	os.Mkdir(dir+"/empty", 0o755)
	write(t, dir+"/only-hidden/.DS_Store", "x")
	for range 3 {
		if err := f.Once(t.Context()); err != nil {
			t.Error(err)
		}
	}
	if d.taken() != "" {
		t.Errorf("took %q", d.taken())
	}
	for _, name := range append(names, "empty", "only-hidden/.DS_Store") {
		if _, err := os.Lstat(dir + "/" + name); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestWhatIsNoFileIsRejected(t *testing.T) {
	d := &desk{}
	f, dir := watched(t, d)
	secret := t.TempDir() + "/secret"
	write(t, secret, "SECRET")
	os.Symlink(secret, dir+"/link")
	os.Symlink("good.csv", dir+"/inside")
	os.Symlink(filepath.Dir(secret), dir+"/folder")
	os.Symlink("nowhere", dir+"/dangling")
	if err := syscall.Mkfifo(dir+"/pipe", 0o644); err != nil {
		t.Fatal(err)
	}
	l, err := net.Listen("unix", dir+"/socket")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	write(t, dir+"/app/application.yaml", "title: x")
	os.Symlink(secret, dir+"/app/evidence.pdf")
	write(t, dir+"/good.csv", "good")

	if err := f.Once(t.Context()); err != nil {
		t.Error(err)
	}
	if d.taken() != "good.csv=good" {
		t.Errorf("took %q", d.taken())
	}
	for name, word := range map[string]string{"link": "link", "inside": "link", "folder": "link", "dangling": "link", "pipe": "pipe", "socket": "socket", "app": "link"} {
		text, _ := os.ReadFile(dir + "/rejected/" + name + ".verdict.json")
		var v dars.Verdict
		if err := json.Unmarshal(text, &v); err != nil || v.Code != "not-a-file" || v.Verdict != dars.VerdictRejected || !strings.Contains(v.Reason, word) {
			t.Errorf("%s: %s", name, text)
		}
		if _, err := os.Lstat(dir + "/rejected/" + name); err != nil {
			t.Errorf("%s was not kept: %v", name, err)
		}
	}
	// Deleting what was rejected does not follow a link either.
	if err := f.Sweep(today.AddDate(0, 0, 15)); err != nil {
		t.Error(err)
	}
	if got, _ := os.ReadFile(secret); string(got) != "SECRET" {
		t.Error("a link was followed")
	}
}

// A file that is a hole costs its sender nothing, and would cost us its whole length.
func TestWhatIsTooLargeIsNotCopied(t *testing.T) {
	const most = 4 << 30
	for name, sizes := range map[string][]int64{
		"hole.csv": {most + 1},
		"app":      {most, 1},
	} {
		t.Run(name, func(t *testing.T) {
			d := &desk{}
			f, dir := watched(t, d)
			for i, size := range sizes {
				file := dir + "/" + name
				if len(sizes) > 1 {
					file += fmt.Sprint("/", len(sizes)-i) // the one byte first
				}
				write(t, file, "")
				if err := os.Truncate(file, size); err != nil {
					t.Fatal(err)
				}
			}
			write(t, dir+"/good.csv", "good")
			if err := f.Once(t.Context()); err != nil {
				t.Error(err)
			}
			if d.taken() != "good.csv=good" {
				t.Errorf("took %q", d.taken())
			}
			text, _ := os.ReadFile(dir + "/rejected/" + name + ".verdict.json")
			var v dars.Verdict
			if err := json.Unmarshal(text, &v); err != nil || v.Code != "too-large" || v.Verdict != dars.VerdictRejected {
				t.Errorf("it says %s", text)
			}
		})
	}
}

func TestHostileNames(t *testing.T) {
	d := &desk{}
	f, dir := watched(t, d)
	names := []string{
		"two\nlines.csv", "not\xffutf8.csv", strings.Repeat("n", 255), "esc\x1b[2J.csv",
		"app\n1/x", "app2/two\nlines", "-rf", "a;b $(c)", "list.csv.verdict.json", "ü.csv", "u\u0308.csv", "%s%d",
	}
	for _, name := range names {
		write(t, dir+"/"+name, name)
	}
	if err := f.Once(t.Context()); err != nil {
		t.Error(err)
	}
	if d.taken() != "%s%d=%s%d, -rf=-rf, a;b $(c)=a;b $(c), list.csv.verdict.json=list.csv.verdict.json, u\u0308.csv=u\u0308.csv, ü.csv=ü.csv" {
		t.Errorf("took %q", d.taken())
	}
	kept := 0
	for e := range entries(t, dir+"/rejected") {
		if !utf8.ValidString(e) || strings.ContainsAny(e, "\n\x1b") {
			t.Errorf("left %q", e)
		}
		if name, ok := strings.CutSuffix(e, ".verdict.json"); ok {
			kept++
			if _, err := os.Lstat(dir + "/rejected/" + name); err != nil {
				t.Errorf("the file of %q was not kept: %v", e, err)
			}
			text, _ := os.ReadFile(dir + "/rejected/" + name + ".verdict.txt")
			if strings.Count(string(text), "\n") != 1 || strings.Contains(string(text), "\x1b") {
				t.Errorf("not one sentence: %q", text)
			}
		}
	}
	if kept != 6 {
		t.Errorf("%d rejected: %q", kept, slices.Sorted(maps.Keys(entries(t, dir+"/rejected"))))
	}
	if left := slices.Sorted(maps.Keys(entries(t, dir))); !slices.Equal(left, []string{".claimed", "accepted", "rejected"}) {
		t.Errorf("left %q", left)
	}
}

func entries(t *testing.T, dir string) map[string]bool {
	t.Helper()
	d, err := os.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	names, err := d.Readdirnames(-1)
	if err != nil {
		t.Fatal(err)
	}
	all := map[string]bool{}
	for _, n := range names {
		all[n] = true
	}
	return all
}

func TestTheSameNameAgainIsNumbered(t *testing.T) {
	word := dars.VerdictRejected
	d := &desk{answer: func(a intake.Arrival) dars.Verdict { return dars.Verdict{Verdict: word, Reason: "no"} }}
	f, dir := watched(t, d)
	for i := range 3 {
		write(t, dir+"/list.csv", fmt.Sprint("try ", i))
		write(t, dir+"/noext", "")
		if err := f.Once(t.Context()); err != nil {
			t.Error(err)
		}
	}
	for i, name := range []string{"list.csv", "list-2.csv", "list-3.csv"} {
		if got, _ := os.ReadFile(dir + "/rejected/" + name); string(got) != fmt.Sprint("try ", i) {
			t.Errorf("%s is %q", name, got)
		}
	}
	word = dars.VerdictWaiting
	write(t, dir+"/list.csv", "x")
	write(t, dir+"/copy.csv", "x")
	if err := f.Once(t.Context()); err != nil {
		t.Error(err)
	}
	if d.sums["list.csv"] != d.sums["copy.csv"] || len(d.took) != 8 {
		t.Errorf("took %q", d.taken())
	}
	want := "accepted/copy.csv.verdict.json accepted/copy.csv.verdict.txt accepted/list.csv.verdict.json accepted/list.csv.verdict.txt"
	if got := tree(t, dir); !strings.HasPrefix(got, want+" rejected/list-2.csv ") || strings.Count(got, " ") != 4+18-1 {
		t.Errorf("left %s", got)
	}
}

func TestAFolderIsOneArrival(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := &desk{}
		f, dir := watched(t, d)
		during(t, f, func() {
			write(t, dir+"/app/application.yaml", "title: x")
			time.Sleep(4 * time.Second)
			write(t, dir+"/app/evidence/b.pdf.filepart", "half")
			time.Sleep(20 * time.Second)
			os.Rename(dir+"/app/evidence/b.pdf.filepart", dir+"/app/evidence/b.pdf")
			time.Sleep(4 * time.Second)
			write(t, dir+"/app/evidence/c.pdf", "c")
			write(t, dir+"/app/.DS_Store", "x")
			if d.taken() != "" {
				t.Errorf("taken early: %q", d.taken())
			}
			time.Sleep(time.Minute)
		})
		if d.taken() != "app: application.yaml=title: x evidence/b.pdf=half evidence/c.pdf=c" {
			t.Errorf("took %q", d.taken())
		}
		h := sha256.New()
		for _, file := range [][2]string{{"application.yaml", "title: x"}, {"evidence/b.pdf", "half"}, {"evidence/c.pdf", "c"}} {
			fmt.Fprintf(h, "%x  %s\n", sha256.Sum256([]byte(file[1])), file[0])
		}
		if d.sums["app"] != fmt.Sprintf("%x", h.Sum(nil)) {
			t.Error("not the hash of what sha256sum prints")
		}
		if got := tree(t, dir); got != "accepted/app.verdict.json accepted/app.verdict.txt" {
			t.Errorf("left %s", got)
		}
	})
}

// A folder that is copied slowly is not taken in half-way.
func TestAFolderIsTakenWhenItIsComplete(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := &desk{}
		f, dir := watched(t, d)
		f.Complete = named
		during(t, f, func() {
			write(t, dir+"/list.csv", "a file is complete")
			write(t, dir+"/app/application.yaml", "a.pdf sub/b.pdf")
			time.Sleep(9 * time.Minute)
			write(t, dir+"/app/a.pdf", "a")
			time.Sleep(9 * time.Minute)
			if d.taken() != "list.csv=a file is complete" {
				t.Errorf("took %q", d.taken())
			}
			write(t, dir+"/app/sub/b.pdf", "b")
			time.Sleep(11 * time.Second)
		})
		if d.taken() != "list.csv=a file is complete, app: a.pdf=a application.yaml=a.pdf sub/b.pdf sub/b.pdf=b" {
			t.Errorf("took %q", d.taken())
		}
	})
}

// Its sender gets a verdict that names what is missing.
func TestAFolderThatStaysIncompleteIsTaken(t *testing.T) {
	tests := map[string]struct {
		put      func(t *testing.T, app string)
		complete func(fs.FS) bool
		after    time.Duration
	}{
		"a file is missing":   {func(t *testing.T, app string) { write(t, app+"/application.yaml", "a.pdf") }, named, 10 * time.Minute},
		"the form is missing": {func(t *testing.T, app string) { write(t, app+"/a.pdf", "a") }, named, 10 * time.Minute},
		"the form is a pipe": {func(t *testing.T, app string) {
			write(t, app+"/a.pdf", "a")
			if err := syscall.Mkfifo(app+"/application.yaml", 0o644); err != nil {
				t.Fatal(err)
			}
		}, named, 10 * time.Minute},
		"the form is a link": {func(t *testing.T, app string) {
			write(t, app+"/a.pdf", "a")
			if err := os.Symlink("a.pdf", app+"/application.yaml"); err != nil {
				t.Fatal(err)
			}
		}, named, 10 * time.Minute},
		"a file is a link":    {func(t *testing.T, app string) { write(t, app+"/application.yaml", "a"); os.Symlink("x", app+"/a") }, named, 0},
		"a broken form":       {func(t *testing.T, app string) { write(t, app+"/a.pdf", "a") }, func(fs.FS) bool { panic("out of range") }, 0},
		"complete for itself": {func(t *testing.T, app string) { write(t, app+"/a.pdf", "a") }, nil, 0},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				d := &desk{}
				f, dir := watched(t, d)
				f.Complete = tt.complete
				tt.put(t, dir+"/app")
				gone := func() bool {
					_, err := os.Lstat(dir + "/app")
					return err != nil
				}
				during(t, f, func() {
					time.Sleep(tt.after - time.Second)
					if gone() {
						t.Error("taken early")
					}
					time.Sleep(12 * time.Second)
					if !gone() {
						t.Error("not taken")
					}
				})
			})
		})
	}
}

// Who says that it is all there is believed.
func TestOnceTakesWhatIsIncomplete(t *testing.T) {
	d := &desk{}
	f, dir := watched(t, d)
	f.Complete = named
	write(t, dir+"/app/application.yaml", "a.pdf")
	if err := f.Once(t.Context()); err != nil || d.taken() != "app: application.yaml=a.pdf" {
		t.Errorf("took %q: %v", d.taken(), err)
	}
}

func TestTooMuch(t *testing.T) {
	d := &desk{}
	f, dir := watched(t, d)
	write(t, dir+"/deep/"+strings.Repeat("d/", 20)+"x", "x")
	os.Mkdir(dir+"/many", 0o755)
	for i := range 1_001 {
		os.WriteFile(fmt.Sprintf("%s/many/%d", dir, i), nil, 0o644)
	}
	if err := f.Once(t.Context()); err != nil {
		t.Error(err)
	}
	for name, code := range map[string]string{"deep": "too-deep", "many": "too-many-files"} {
		if text, _ := os.ReadFile(dir + "/rejected/" + name + ".verdict.json"); !strings.Contains(string(text), code) {
			t.Errorf("%s: %s", name, text)
		}
	}
	if d.taken() != "" {
		t.Errorf("took %d", len(d.took))
	}
}

func TestManyFilesAndManyPrograms(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := &desk{}
		f, dir := watched(t, d)
		const n = 300
		for i := range n {
			write(t, fmt.Sprintf("%s/%03d.csv", dir, i), "x")
		}
		ctx, stop := context.WithTimeout(t.Context(), time.Minute)
		defer stop()
		var wg sync.WaitGroup
		for range 4 {
			f := watching(t, d, f.Dir.Name())
			wg.Go(func() {
				if err := f.Run(ctx); err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		if len(d.took) != n || len(d.sums) != n {
			t.Errorf("%d files were taken %d times", len(d.sums), len(d.took))
		}
		if got := strings.Fields(tree(t, dir)); len(got) != 2*n {
			t.Errorf("left %d files", len(got))
		}
	})
}

// TestAfterACrash puts a folder into each state in which a program can have
// died, and looks at what the next one makes of it.
func TestAfterACrash(t *testing.T) {
	verdict := func(word dars.VerdictWord) string {
		text, _ := json.Marshal(dars.Verdict{File: "a.csv", Verdict: word, Reason: "decided before the crash"})
		return string(text)
	}
	acceptedNow := "accepted/a.csv.verdict.json accepted/a.csv.verdict.txt"
	tests := map[string]struct {
		files  map[string]string
		linked string // where the verdict has been linked already
		took   string
		left   string
	}{
		"claimed":        {map[string]string{"a.csv": "x"}, "", "a.csv=x", acceptedNow},
		"copied":         {map[string]string{"a.csv": "x", ".copy/a.csv": "ha", ".lock": ""}, "", "a.csv=x", acceptedNow},
		"half a verdict": {map[string]string{"a.csv": "x", ".verdict.txt": "no", ".new": "{"}, "", "a.csv=x", acceptedNow},
		"decided":        {map[string]string{"a.csv": "x", ".verdict.txt": "yes", ".verdict.json": verdict(dars.VerdictAccepted)}, "", "", acceptedNow},
		"decided against": {map[string]string{"a.csv": "x", ".verdict.txt": "no", ".verdict.json": verdict(dars.VerdictRejected)}, "", "",
			"rejected/a.csv rejected/a.csv.verdict.json rejected/a.csv.verdict.txt"},
		"shown": {map[string]string{"a.csv": "x", ".verdict.txt": "yes", ".verdict.json": verdict(dars.VerdictAccepted)},
			"accepted/a.csv.verdict.json", "", acceptedNow},
		"shown under a number": {map[string]string{"a.csv": "x", ".verdict.txt": "no", ".verdict.json": verdict(dars.VerdictRejected)},
			"rejected/a-2.csv.verdict.json", "", "rejected/a-2.csv rejected/a-2.csv.verdict.json rejected/a-2.csv.verdict.txt"},
		"content gone": {map[string]string{".copy/a.csv": "x", ".verdict.json": verdict(dars.VerdictAccepted)}, "", "", ""},
		"nothing yet":  {map[string]string{".lock": ""}, "", "", ""},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				d := &desk{}
				f, dir := watched(t, d)
				for name, content := range tt.files {
					write(t, dir+"/.claimed/ID/"+name, content)
				}
				if tt.linked != "" {
					os.MkdirAll(filepath.Dir(dir+"/"+tt.linked), 0o755)
					if err := os.Link(dir+"/.claimed/ID/.verdict.json", dir+"/"+tt.linked); err != nil {
						t.Fatal(err)
					}
				}
				during(t, f, func() { time.Sleep(time.Minute) })
				if d.taken() != tt.took {
					t.Errorf("took %q", d.taken())
				}
				if got := tree(t, dir); got != tt.left {
					t.Errorf("left %s", got)
				}
				if left := entries(t, dir+"/.claimed"); len(left) != 0 {
					t.Errorf("claims left: %v", left)
				}
			})
		})
	}
}

func TestWhoHadTheFileOpenCannotChangeWhatIsTakenIn(t *testing.T) {
	d := &desk{}
	f, dir := watched(t, d)
	w, err := os.Create(dir + "/list.csv")
	if err != nil {
		t.Fatal(err)
	}
	defer w.Close()
	io.WriteString(w, "what was hashed")
	var after string
	d.answer = func(a intake.Arrival) dars.Verdict {
		w.WriteAt([]byte("SOMETHING ELSE!"), 0)
		text, _ := fs.ReadFile(a.Files, a.Name)
		after = string(text)
		return dars.Verdict{Verdict: dars.VerdictAccepted}
	}
	if err := f.Once(t.Context()); err != nil {
		t.Error(err)
	}
	if after != "what was hashed" {
		t.Errorf("it became %q", after)
	}
}

func TestWrittenToAfterItWasClaimed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := &desk{}
		f, dir := watched(t, d)
		write(t, dir+"/.claimed/ID/list.csv", "") // claimed by a program that died, while its sender lives
		during(t, f, func() {
			for i := range 5 {
				write(t, dir+"/.claimed/ID/list.csv", strings.Repeat("x", i))
				time.Sleep(4 * time.Second)
			}
			if d.taken() != "" {
				t.Errorf("taken early: %q", d.taken())
			}
			time.Sleep(time.Minute)
		})
		if d.taken() != "list.csv=xxxx" {
			t.Errorf("took %q", d.taken())
		}
	})
}

func TestAPanicHoldsUpNobodyElse(t *testing.T) {
	for name, bad := range map[string]func() dars.Verdict{
		"panic":      func() dars.Verdict { panic("out of range") },
		"no verdict": func() dars.Verdict { return dars.Verdict{Verdict: "perhaps"} },
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				broken := true
				d := &desk{}
				d.answer = func(a intake.Arrival) dars.Verdict {
					if a.Name == "bad.csv" && broken {
						return bad()
					}
					return dars.Verdict{Verdict: dars.VerdictAccepted}
				}
				f, dir := watched(t, d)
				write(t, dir+"/bad.csv", "b")
				write(t, dir+"/good.csv", "g")
				during(t, f, func() {
					time.Sleep(time.Minute)
					write(t, dir+"/later.csv", "l")
					time.Sleep(time.Minute)
				})
				if d.taken() != "bad.csv=b, good.csv=g, later.csv=l" {
					t.Errorf("took %q", d.taken())
				}
				if got := tree(t, dir); !strings.Contains(got, "/bad.csv") || strings.Contains(got, "bad.csv.verdict") {
					t.Errorf("left %s", got)
				}
				broken = false
				during(t, f, func() { time.Sleep(time.Minute) })
				if d.taken() != "bad.csv=b, good.csv=g, later.csv=l, bad.csv=b" {
					t.Errorf("took %q", d.taken())
				}
				if got := tree(t, dir); strings.Contains(got, ".claimed") {
					t.Errorf("left %s", got)
				}
			})
		})
	}
}

// The office's own fault is nobody else's: what came in is asked for again, and
// nobody has to send it twice.
func TestAFaultIsTriedAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var back atomic.Bool
		d := &desk{}
		d.answer = func(a intake.Arrival) dars.Verdict {
			if !back.Load() {
				return dars.Verdict{Code: "fault"}
			}
			return dars.Verdict{Verdict: dars.VerdictAccepted}
		}
		f, dir := watched(t, d)
		write(t, dir+"/list.csv", "x")
		trays, v := submitted(t, d)
		put(t, v.Tray("P-000001"), "form.pdf", "f")
		during(t, f, func() {
			runTrays(t, trays, func() {
				time.Sleep(5 * time.Minute)
				if n := strings.Count(d.taken(), "="); n < 10 || n > 25 {
					t.Errorf("in five minutes it was tried %d times", n)
				}
				if got := tree(t, dir); strings.Contains(got, "verdict") {
					t.Errorf("left %s", got)
				}
				back.Store(true)
				time.Sleep(time.Minute)
			})
		})
		if got := tree(t, dir); !strings.Contains(got, "accepted/list.csv.verdict.json") || strings.Contains(got, ".claimed/") {
			t.Errorf("left %s", got)
		}
		if got := lies(t, v.Tray("P-000001")); got != "form.pdf.verdict.json form.pdf.verdict.txt" {
			t.Errorf("left %s", got)
		}
	})
}

func TestStoppingFinishesWhatIsUnderWay(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := &desk{}
		f, dir := watched(t, d)
		write(t, dir+"/1.csv", "")
		write(t, dir+"/2.csv", "")
		ctx, stop := context.WithCancel(t.Context())
		f.Take = func(ctx context.Context, a intake.Arrival) dars.Verdict {
			stop()
			time.Sleep(time.Hour)
			if ctx.Err() != nil {
				t.Error("interrupted")
			}
			return d.Take(ctx, a)
		}
		if err := f.Run(ctx); err != nil {
			t.Error(err)
		}
		if d.taken() != "1.csv=" {
			t.Errorf("took %q", d.taken())
		}
		if got := tree(t, dir); got != "2.csv accepted/1.csv.verdict.json accepted/1.csv.verdict.txt" {
			t.Errorf("left %s", got)
		}
	})
}

func TestSweep(t *testing.T) {
	d := &desk{answer: func(intake.Arrival) dars.Verdict { return dars.Verdict{Verdict: dars.VerdictRejected} }}
	f, dir := watched(t, d)
	if err := f.Sweep(today); err != nil {
		t.Errorf("before there is anything: %v", err)
	}
	for i, name := range []string{"1.csv", "app", "x.verdict.json", "4.csv"} {
		name := dir + "/" + name
		if strings.HasSuffix(name, "app") {
			write(t, name+"/application.yaml", "x")
		} else {
			write(t, name, "x")
			os.Chtimes(name, today.AddDate(-1, 0, 0), today.AddDate(-1, 0, 0)) // the sender's clock counts for nothing
		}
		f.Now = func() time.Time { return today.AddDate(0, 0, i) }
		if err := f.Once(t.Context()); err != nil {
			t.Error(err)
		}
	}
	count := func() (n int) {
		for e := range entries(t, dir+"/rejected") {
			if !strings.Contains(e, ".verdict.") || strings.HasSuffix(e, "_") {
				n++
			}
		}
		return n
	}
	for days, want := range map[int]int{13: 4, 14: 4} {
		if err := f.Sweep(today.AddDate(0, 0, days)); err != nil || count() != want {
			t.Errorf("after %d days there are %d: %v", days, count(), err)
		}
	}
	for _, step := range []struct{ days, left int }{{15, 3}, {16, 2}, {17, 1}, {18, 0}} {
		if err := f.Sweep(today.AddDate(0, 0, step.days)); err != nil || count() != step.left {
			t.Errorf("after %d days there are %d: %v", step.days, count(), err)
		}
	}
	if got := tree(t, dir); got != "" {
		t.Errorf("left %s", got)
	}
}
