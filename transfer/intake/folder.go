package intake

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"maps"
	"os"
	"path"
	"slices"
	"strings"
	"sync"
	"syscall"
	"time"

	"darsd/dars"
)

// A Folder takes in what appears in a folder.
//
// It looks at intervals instead of asking the kernel for events: events are
// lost in a burst, on network shares and during restarts, and a folder of forty
// thousand files is read in a tenth of a second. What looks the same in two
// looks is taken in; the times that files carry are not asked, since copying
// keeps old ones and other machines' clocks differ.
//
// An empty file, and a PDF without an end, are left alone a little longer: their sender
// may be at work on them.
//
// Any number of programs may watch the same folder: each thing in it is taken
// in by one of them.
type Folder struct {
	Name  string
	Dir   *os.Root
	Every time.Duration
	Quiet time.Duration    // how long a thing must not have changed; with 0, from one look to the next
	Now   func() time.Time // dates verdicts; nil is time.Now

	// Complete says whether everything that a folder in it needs is there; nil is
	// always. One that is not complete is left alone for ten minutes.
	Complete func(fs.FS) bool
	Take     func(ctx context.Context, a Arrival) dars.Verdict // without a word if it is to be asked again
	Hands    int                                               // how many things are taken in at once; 0 is one after the other, in order of name
	Log      *slog.Logger                                      // says which folder it is
}

// The folders that we keep in a watched folder.
const (
	accepted = "accepted"
	rejected = "rejected"
	claimed  = ".claimed"
)

// keptFor is how long rejected/ keeps what was rejected.
const keptFor = 14 * 24 * time.Hour

// No arrival has more files or bytes, or is nested deeper: what is, was dropped here
// by mistake, or to fill the disk. Of a file that is nothing but a hole, the copy is
// not. A list of everybody in a large country has a quarter of these bytes.
const (
	maxFiles = 1_000
	maxBytes = 4 << 30
	maxDepth = 16
)

// Run takes in what comes until ctx is cancelled. What is being taken in at
// that moment is finished first.
func (f *Folder) Run(ctx context.Context) error {
	if err := f.prepare(); err != nil {
		return err
	}
	w := f.watch(false)
	defer w.hands.rest()
	for {
		w.say("", w.look(ctx))
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(cmp.Or(f.Every, 5*time.Second)): // after the look, so that two looks are never closer
		}
	}
}

// Once takes in everything that lies there now, without waiting for it to
// settle: for when somebody says that it is all there.
func (f *Folder) Once(ctx context.Context) error {
	if err := f.prepare(); err != nil {
		return err
	}
	w := f.watch(true)
	err := w.look(ctx)
	w.hands.rest()
	return errors.Join(err, errors.Join(w.failed...))
}

// Sweep deletes what was rejected more than 14 days before now, with its
// verdict.
func (f *Folder) Sweep(now time.Time) error {
	entries, err := readDir(f.Dir, rejected)
	if err != nil {
		return ignoreGone(err)
	}
	var errs []error
	for _, e := range entries {
		name, ok := strings.CutSuffix(e.Name(), dars.VerdictObject)
		info, err := e.Info()
		if !ok || err != nil || now.Sub(info.ModTime()) <= keptFor {
			continue
		}
		// The dated verdict goes last, so that a sweep that was cut short can
		// be done again.
		errs = append(errs,
			f.Dir.RemoveAll(path.Join(rejected, name)),
			ignoreGone(f.Dir.Remove(path.Join(rejected, name+dars.VerdictSentence))))
		if errors.Join(errs...) == nil {
			errs = append(errs, ignoreGone(f.Dir.Remove(path.Join(rejected, e.Name()))))
		}
	}
	return errors.Join(errs...)
}

func (f *Folder) prepare() error {
	for _, dir := range []string{accepted, rejected, claimed} {
		if err := f.Dir.Mkdir(dir, 0o750); err != nil && !errors.Is(err, fs.ErrExist) {
			return fmt.Errorf("folder %s: %w", f.Name, err)
		}
	}
	return nil
}

// A watch is what is remembered from one look to the next. The looks are one
// goroutine's; the hands are others.
type watch struct {
	*Folder
	now   bool                // take what is there, settled or not
	seen  map[string]sighting // each thing in the folder
	hands *hands

	mu     sync.Mutex      // of what the hands change
	claims map[string]mark // mark of each claim whose content was still being written
	rests
	said   map[string]string // the last error about each, to say it once
	failed []error           // what went wrong, where now
}

func (f *Folder) watch(now bool) *watch {
	return &watch{Folder: f, now: now, seen: map[string]sighting{}, hands: newHands(f.Hands), claims: map[string]mark{}, rests: rests{}, said: map[string]string{}}
}

func (w *watch) look(ctx context.Context) error {
	if err := w.adopt(ctx); err != nil {
		return err
	}
	entries, err := readDir(w.Dir, ".")
	if err != nil {
		return err
	}
	marks := map[string]mark{}
	for _, e := range entries {
		name := e.Name()
		if name == accepted || name == rejected || unfinished(name) {
			continue
		}
		if mark, err := w.mark(name); err == nil {
			marks[name] = mark
		} else if !errors.Is(err, fs.ErrNotExist) && !errors.Is(err, errUnfinished) {
			w.say(name, err)
		}
	}
	settled := map[string]bool{}
	before := w.seen
	w.seen = map[string]sighting{}
	for name, mark := range marks {
		s, seen := before[name]
		looks := mark.looks + mark.changed
		if !seen || s.mark != looks {
			s, seen = sighting{looks, time.Now()}, false
		}
		settled[name] = seen && time.Since(s.since) >= w.Quiet
		w.seen[name] = s
	}
	for _, name := range slices.Sorted(maps.Keys(marks)) {
		if ctx.Err() != nil {
			return nil // stopping: the rest waits for the next start
		}
		if w.now || settled[name] && w.whole(name) {
			w.claim(ctx, name, marks[name])
		}
	}
	return nil
}

// whole reports whether a thing that has settled is to be taken in.
func (w *watch) whole(name string) bool {
	if time.Since(w.seen[name].since) >= patience {
		return true
	}
	info, err := w.Dir.Lstat(name)
	switch {
	case err != nil:
		return true // what is wrong with it, claim and the verdict say
	case info.Mode().IsRegular():
		return time.Since(w.seen[name].since) >= endless || w.ended(name, info.Size())
	case w.Complete == nil || !info.IsDir():
		return true
	}
	dir, err := w.Dir.OpenRoot(name)
	if err != nil {
		return true
	}
	defer dir.Close()
	return complete(sentFiles{dir}, w.Complete)
}

// endless is how long a file that has no end must not have changed until it is taken in
// as it is, so that its sender is told.
const endless = 15 * time.Second

// ends are the marks with which files end of which it is known, by their names.
var ends = map[string]string{".pdf": "%%EOF", ".png": "IEND", ".jpg": "\xff\xd9", ".jpeg": "\xff\xd9"}

// ended reports whether a file has an end. Scanners and some shares make an empty file
// first, or write a PDF page by page with pauses between.
func (w *watch) ended(name string, size int64) bool {
	end, known := ends[strings.ToLower(path.Ext(name))]
	if size == 0 || !known {
		return size > 0
	}
	f, err := (sentFiles{w.Dir}).Open(name)
	if err != nil {
		return true
	}
	defer f.Close()
	at, ok := f.(io.ReaderAt)
	if !ok {
		return true
	}
	tail := make([]byte, min(size, 2048))
	n, err := at.ReadAt(tail, size-int64(len(tail)))
	return err != nil || bytes.Contains(tail[:n], []byte(end))
}

// sentFiles are those of a folder that has not been claimed. What is neither a
// file nor a folder is seen, and cannot be opened: a pipe would hold us for ever.
type sentFiles struct{ dir *os.Root }

func (s sentFiles) Open(name string) (fs.File, error) {
	info, err := s.Stat(name)
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() && !info.IsDir() {
		return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrInvalid}
	}
	return s.dir.OpenFile(name, os.O_RDONLY|syscall.O_NONBLOCK, 0) // it may be a pipe by now
}

func (s sentFiles) Stat(name string) (fs.FileInfo, error) {
	if !fs.ValidPath(name) {
		return nil, &fs.PathError{Op: "stat", Path: name, Err: fs.ErrInvalid}
	}
	return s.dir.Lstat(name)
}

// say logs an error about one thing, once until it is another.
func (w *watch) say(about string, err error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if err == nil {
		delete(w.said, about)
		return
	}
	if w.said[about] != err.Error() {
		w.Log.Error("not taken in", "err", err)
	}
	w.said[about] = err.Error()
	if w.now {
		w.failed = append(w.failed, err)
	}
}

// readDir lists a folder in order of name. (fs.ReadDir takes no name that is
// not UTF-8.)
func readDir(root *os.Root, name string) ([]fs.DirEntry, error) {
	d, err := root.Open(name)
	if err != nil {
		return nil, err
	}
	defer d.Close()
	entries, err := d.ReadDir(-1)
	slices.SortFunc(entries, func(a, b fs.DirEntry) int { return strings.Compare(a.Name(), b.Name()) })
	return entries, err
}

func syncDir(root *os.Root, dir string) error {
	d, err := root.Open(dir)
	if err != nil {
		return err
	}
	defer d.Close()
	if err := d.Sync(); err != nil && !errors.Is(err, syscall.EINVAL) { // some shares cannot
		return err
	}
	return nil
}

func ignoreGone(err error) error {
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}
