package intake

import (
	"cmp"
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"maps"
	"os"
	"path"
	"slices"
	"strings"
	"syscall"
	"time"

	"filippo.io/age"

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
// Any number of programs may watch the same folder: each thing in it is taken
// in by one of them.
type Folder struct {
	Name  string
	Dir   *os.Root
	Every time.Duration
	Now   func() time.Time // dates verdicts; nil is time.Now

	// Complete says whether everything that a folder in it needs is there; nil is
	// always. One that is not complete is left alone for ten minutes.
	Complete func(fs.FS) bool
	Take     func(ctx context.Context, a Arrival) dars.Verdict // without a word if it is to be asked again
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

// No arrival has more files, or is nested deeper: what is, was dropped here by
// mistake.
const (
	maxFiles = 1_000
	maxDepth = 16
)

// Run takes in what comes until ctx is cancelled. What is being taken in at
// that moment is finished first.
func (f *Folder) Run(ctx context.Context) error {
	if err := f.prepare(); err != nil {
		return err
	}
	w := f.watch(false)
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
	return errors.Join(w.look(ctx), errors.Join(w.failed...))
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

// A watch is what is remembered from one look to the next.
type watch struct {
	*Folder
	now    bool                // take what is there, settled or not
	seen   map[string]sighting // each thing in the folder
	claims map[string]string   // mark of each claim whose content was still being written
	rests
	said   map[string]string // the last error about each, to say it once
	failed []error           // what went wrong, where now
}

func (f *Folder) watch(now bool) *watch {
	return &watch{Folder: f, now: now, seen: map[string]sighting{}, claims: map[string]string{}, rests: rests{}, said: map[string]string{}}
}

func (w *watch) look(ctx context.Context) error {
	if err := w.adopt(ctx); err != nil {
		return err
	}
	entries, err := readDir(w.Dir, ".")
	if err != nil {
		return err
	}
	marks := map[string]string{}
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
		settled[name] = seen && s.mark == mark
		if !settled[name] {
			s = sighting{mark, time.Now()}
		}
		w.seen[name] = s
	}
	for _, name := range slices.Sorted(maps.Keys(marks)) {
		if ctx.Err() != nil {
			return nil // stopping: the rest waits for the next start
		}
		if w.now || settled[name] && w.whole(name) {
			w.say(name, w.claim(ctx, name, marks[name]))
		}
	}
	return nil
}

// whole reports whether a thing that has settled is to be taken in.
func (w *watch) whole(name string) bool {
	if w.Complete == nil || time.Since(w.seen[name].since) >= patience {
		return true
	}
	if info, err := w.Dir.Lstat(name); err != nil || !info.IsDir() {
		return true // what is wrong with it, claim and the verdict say
	}
	dir, err := w.Dir.OpenRoot(name)
	if err != nil {
		return true
	}
	defer dir.Close()
	return complete(sentFiles{dir}, w.Complete)
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

// claim takes one thing out of the folder, if no other program is quicker, and
// sees it through.
func (w *watch) claim(ctx context.Context, name, mark string) error {
	id := rand.Text() // in a folder of its own: a rename replaces what is there without a word
	if err := w.Dir.Mkdir(path.Join(claimed, id), 0o700); err != nil {
		return err
	}
	c, err := w.lock(id)
	if c == nil {
		return err
	}
	defer c.lock.Close()
	if err := w.Dir.Rename(name, path.Join(c.dir, name)); err != nil {
		w.Dir.RemoveAll(c.dir)
		return ignoreGone(err)
	}
	c.name = name
	return w.take(ctx, c, mark)
}

// A claim is one thing that is ours to take in, in a folder of its own. Whoever
// holds its lock is at work on it; a program that dies lets go.
type claim struct {
	id, dir string
	name    string // of the content; "" when it is gone already
	lock    *os.File
}

// lock returns nothing if another holds it, or if it is over.
func (w *watch) lock(id string) (*claim, error) {
	dir := path.Join(claimed, id)
	f, err := w.Dir.OpenFile(path.Join(dir, ".lock"), os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, ignoreGone(err)
	}
	if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		f.Close()
		if errors.Is(err, syscall.EWOULDBLOCK) {
			return nil, nil
		}
		return nil, err
	}
	return &claim{id: id, dir: dir, lock: f}, nil
}

// adopt goes on with claims of programs that have died, and with our own whose
// content was still being written.
func (w *watch) adopt(ctx context.Context) error {
	entries, err := readDir(w.Dir, claimed)
	if err != nil {
		return err
	}
	for _, e := range entries {
		if ctx.Err() != nil {
			return nil
		}
		if !w.resting(e.Name()) {
			w.say(e.Name(), w.resume(ctx, e.Name()))
		}
	}
	return nil
}

func (w *watch) resume(ctx context.Context, id string) error {
	c, err := w.lock(id)
	if c == nil {
		return err
	}
	defer c.lock.Close()
	inside, err := readDir(w.Dir, c.dir)
	if err != nil {
		return ignoreGone(err)
	}
	for _, e := range inside {
		if !strings.HasPrefix(e.Name(), ".") {
			if c.name != "" {
				return fmt.Errorf("%s holds more than one thing: somebody has put something there", c.dir)
			}
			c.name = e.Name()
		}
	}
	if c.name == "" { // died before the content came, or after it went
		return w.Dir.RemoveAll(c.dir)
	}
	if v, ok := w.decided(c); ok {
		return w.finish(c, v)
	}
	mark, err := w.mark(path.Join(c.dir, c.name))
	if errors.Is(err, errUnfinished) {
		return nil
	}
	if err != nil {
		return err
	}
	if !w.now && w.claims[id] != mark {
		w.claims[id] = mark
		return nil // perhaps not settled: the next look tells
	}
	return w.take(ctx, c, mark)
}

// take sees a claim through, if its content still has the mark when it has been
// copied. What is taken in is a copy, because whoever had the file open when it
// was claimed can still write to it. The copy is encrypted (private). What the
// sender has dropped lies in the clear, as it was dropped, under .claimed/ until
// there is a verdict; we never write it out again.
func (w *watch) take(ctx context.Context, c *claim, mark string) error {
	a := Arrival{Folder: w.Name, Name: c.name, Who: dars.ByFolder}
	v, err := w.judge(ctx, c, mark, &a)
	var no *dars.Refusal
	switch {
	case errors.Is(err, errUnfinished):
		return nil
	case errors.As(err, &no):
		v = filled(dars.Verdict{Verdict: dars.VerdictRejected, Code: no.Rule, Reason: no.Sentence}, a)
	case err != nil:
		return err
	}
	if err := w.record(c, v); err != nil {
		return err
	}
	return w.finish(c, v)
}

func (w *watch) judge(ctx context.Context, c *claim, mark string, a *Arrival) (v dars.Verdict, err error) {
	content := path.Join(c.dir, c.name)
	info, err := w.Dir.Lstat(content)
	if err != nil {
		return v, err
	}
	a.Dir = info.IsDir()
	if err := checkName(c.name); err != nil {
		return v, err
	}
	copied := path.Join(c.dir, ".copy")
	if err := w.Dir.RemoveAll(copied); err != nil { // of a program that died
		return v, err
	}
	target := copied
	if !a.Dir {
		target = path.Join(copied, c.name)
		if err := w.Dir.Mkdir(copied, 0o700); err != nil {
			return v, err
		}
	}
	key, err := age.GenerateX25519Identity()
	if err != nil {
		return v, err
	}
	ours := &private{key: key, sizes: map[string]int64{}}
	if err := (&copying{w, ours, copied, 0}).copy(content, target, 0); err != nil {
		return v, err
	}
	if now, err := w.mark(content); err != nil || now != mark {
		w.claims[c.id] = now
		return v, cmp.Or(err, errUnfinished)
	}
	dir, err := w.Dir.OpenRoot(copied)
	if err != nil {
		return v, err
	}
	defer dir.Close()
	ours.stored = dir.FS()
	a.Files = ours
	if a.SHA256, a.Bytes, err = digest(a.Files, a.Name, a.Dir); err != nil {
		return v, err
	}
	v, err = decide(context.WithoutCancel(ctx), *a, w.Take)
	if err != nil {
		w.note(c.id, err)
		return v, fmt.Errorf("%s: %w", c.dir, err)
	}
	return v, nil
}

// record writes the verdict down beside the content. From here on Take is not
// asked again.
func (w *watch) record(c *claim, v dars.Verdict) error {
	object, sentence, err := written(v)
	if err != nil {
		return err
	}
	// The one that says that there is a verdict comes last.
	for _, file := range []struct {
		name    string
		content []byte
	}{{dars.VerdictSentence, sentence}, {dars.VerdictObject, object}} {
		if err := w.write(path.Join(c.dir, file.name), file.content); err != nil {
			return err
		}
	}
	w.Log.Info("taken in", "sha256", v.SHA256, "verdict", v.Verdict, "ref", v.Ref, "rule", v.Code)
	return nil
}

func (w *watch) decided(c *claim) (v dars.Verdict, ok bool) {
	text, err := w.Dir.ReadFile(path.Join(c.dir, dars.VerdictObject))
	if err != nil {
		return v, false
	}
	return v, json.Unmarshal(text, &v) == nil
}

// finish shows the verdict, and then lets the content go. All of it can be done
// again.
func (w *watch) finish(c *claim, v dars.Verdict) error {
	dir := accepted
	if v.Verdict == dars.VerdictRejected {
		dir = rejected
	}
	name, err := w.publish(c, dir)
	if err != nil {
		return err
	}
	content := path.Join(c.dir, c.name)
	if dir == rejected {
		err = w.Dir.Rename(content, path.Join(rejected, name))
	} else {
		err = w.Dir.RemoveAll(content)
	}
	if err != nil {
		return err
	}
	delete(w.claims, c.id)
	return errors.Join(syncDir(w.Dir, dir), w.Dir.RemoveAll(c.dir))
}

// publish links the verdict into accepted/ or rejected/ and returns the name
// that it has there: that of the file, or with a number when an earlier one of
// that name is there. A link cannot replace anything, and shows after a crash
// whether it was made.
func (w *watch) publish(c *claim, dir string) (string, error) {
	object, sentence := path.Join(c.dir, dars.VerdictObject), path.Join(c.dir, dars.VerdictSentence)
	name, err := w.published(object, dir)
	for n := 1; name == "" && err == nil; n++ {
		choice := numbered(c.name, n)
		if w.there(path.Join(dir, choice)) || w.there(path.Join(dir, choice+dars.VerdictSentence)) {
			continue
		}
		switch err = w.Dir.Link(object, path.Join(dir, choice+dars.VerdictObject)); {
		case err == nil:
			name = choice
		case errors.Is(err, fs.ErrExist):
			err = nil
		}
	}
	if err != nil {
		return "", err
	}
	if err := w.Dir.Link(sentence, path.Join(dir, name+dars.VerdictSentence)); err != nil && !errors.Is(err, fs.ErrExist) {
		return "", err
	}
	return name, syncDir(w.Dir, dir)
}

// published looks for a verdict that was linked before a crash.
func (w *watch) published(object, dir string) (string, error) {
	ours, err := w.Dir.Lstat(object)
	if err != nil {
		return "", err
	}
	if s, ok := ours.Sys().(*syscall.Stat_t); ok && s.Nlink < 2 {
		return "", nil
	}
	entries, err := readDir(w.Dir, dir)
	if err != nil {
		return "", err
	}
	for _, e := range entries {
		name, ok := strings.CutSuffix(e.Name(), dars.VerdictObject)
		if info, err := e.Info(); ok && err == nil && os.SameFile(info, ours) {
			return name, nil
		}
	}
	return "", nil
}

func (w *watch) there(name string) bool {
	_, err := w.Dir.Lstat(name)
	return err == nil
}

// write puts a file in place whole, dated by our clock.
func (w *watch) write(name string, content []byte) error {
	temp := path.Join(path.Dir(name), ".new")
	f, err := w.Dir.OpenFile(temp, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o640)
	if err != nil {
		return err
	}
	defer f.Close()
	if _, err := f.Write(content); err != nil {
		return err
	}
	if err := f.Sync(); err != nil {
		return err
	}
	if w.Now != nil {
		if err := w.Dir.Chtimes(temp, w.Now(), w.Now()); err != nil {
			return err
		}
	}
	return w.Dir.Rename(temp, name)
}

// errUnfinished says to look again later.
var errUnfinished = errors.New("not finished")

// mark tells how a thing looks, without following links: another mark, and
// somebody is at work on it. A folder that is empty, or that holds a file named
// as unfinished, has none yet.
func (w *watch) mark(name string) (string, error) {
	info, err := w.Dir.Lstat(name)
	if err != nil {
		return "", err
	}
	if !info.IsDir() {
		return stamp(info), nil
	}
	var b strings.Builder
	files := 0
	var walk func(dir string, depth int) error
	walk = func(dir string, depth int) error {
		entries, err := readDir(w.Dir, dir)
		if err != nil {
			return err
		}
		for _, e := range entries {
			info, err := e.Info()
			if err != nil {
				return errUnfinished
			}
			if dars.IsPartial(e.Name()) {
				return errUnfinished
			}
			fmt.Fprintf(&b, "%q %s\n", path.Join(strings.TrimPrefix(dir, name), e.Name()), stamp(info))
			if info.IsDir() && depth < maxDepth && files <= maxFiles {
				if err := walk(path.Join(dir, e.Name()), depth+1); err != nil {
					return err
				}
			} else if !notMeant(e.Name()) { // a file, or more than is taken in anyway
				files++
			}
		}
		return nil
	}
	switch err := walk(name, 0); {
	case errors.Is(err, fs.ErrPermission):
		return b.String(), nil // the verdict will say so
	case err != nil:
		return "", err
	case files == 0:
		return "", errUnfinished
	}
	return b.String(), nil
}

func stamp(info fs.FileInfo) string {
	if info.IsDir() {
		return info.Mode().Type().String() // its files tell all
	}
	var dev, inode uint64
	if s, ok := info.Sys().(*syscall.Stat_t); ok {
		dev, inode = uint64(s.Dev), s.Ino
	}
	return fmt.Sprint(info.Mode().Type(), dev, inode, info.Size(), info.ModTime().UnixNano())
}

// copying is one private copy being made.
type copying struct {
	*watch
	into  *private
	root  string // where its files lie
	files int
}

// copy copies a file, or a folder with all that is meant for us, and refuses
// what is neither.
func (c *copying) copy(from, to string, depth int) error {
	name := path.Base(from)
	info, err := c.Dir.Lstat(from)
	if err != nil {
		return err
	}
	if info.Mode().IsRegular() {
		if c.files++; c.files > maxFiles {
			return dars.Refuse("too-many-files", name, "there are more than %d files in it", maxFiles)
		}
		return c.copyFile(from, to, info)
	}
	if !info.IsDir() {
		return dars.Refuse("not-a-file", name, "%s is %s: send the file itself", name, kind(info.Mode()))
	}
	if depth > maxDepth {
		return dars.Refuse("too-deep", name, "its folders are nested more than %d deep", maxDepth)
	}
	if err := c.Dir.Mkdir(to, 0o700); err != nil {
		return err
	}
	entries, err := readDir(c.Dir, from)
	if err != nil {
		return unreadable(name, err)
	}
	for _, e := range entries {
		if notMeant(e.Name()) {
			continue
		}
		if err := checkName(e.Name()); err != nil {
			return err
		}
		if err := c.copy(path.Join(from, e.Name()), path.Join(to, e.Name()), depth+1); err != nil {
			return err
		}
	}
	return nil
}

func (c *copying) copyFile(from, to string, looked fs.FileInfo) error {
	// Without O_NONBLOCK a FIFO put there since would hold us for ever.
	src, err := c.Dir.OpenFile(from, os.O_RDONLY|syscall.O_NONBLOCK, 0)
	if err != nil {
		return unreadable(path.Base(from), err)
	}
	defer src.Close()
	if info, err := src.Stat(); err != nil || !os.SameFile(info, looked) {
		return cmp.Or(err, errUnfinished) // a link to something else, or another file by now
	}
	dst, err := c.Dir.OpenFile(to, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	defer dst.Close()
	if err := c.into.encrypt(dst, src, strings.TrimPrefix(to, c.root+"/")); err != nil {
		return err
	}
	return dst.Close()
}

func unreadable(name string, err error) error {
	if errors.Is(err, fs.ErrPermission) {
		return dars.Refuse("not-readable", name, "%s may not be read by the office: allow it and send it again", name)
	}
	return err
}

func kind(m fs.FileMode) string {
	switch {
	case m&fs.ModeSymlink != 0:
		return "a link to something else"
	case m&fs.ModeNamedPipe != 0:
		return "a pipe"
	case m&fs.ModeSocket != 0:
		return "a socket"
	}
	return "a device"
}

// say logs an error about one thing, once until it is another.
func (w *watch) say(about string, err error) {
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
