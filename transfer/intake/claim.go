package intake

import (
	"cmp"
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"strings"
	"syscall"

	"filippo.io/age"

	"darsd/dars"
)

// A claim is one thing that is ours to take in, in a folder of its own. Whoever
// holds its lock is at work on it; a program that dies lets go.
type claim struct {
	id, dir string
	name    string // of the content; "" when it is gone already
	lock    *os.File
}

// claim takes one thing out of the folder, if no other program is quicker, and has
// it seen through when a hand is free. What was found in one look is out of sight of
// the next.
func (w *watch) claim(ctx context.Context, name string, as mark) {
	w.hands.wait()
	c, err := w.own(name)
	if c == nil {
		w.hands.free()
		w.say(name, err)
		return
	}
	w.hands.work(func() {
		defer c.lock.Close()
		w.say(name, w.take(ctx, c, as.looks))
	})
}

// own moves one thing to a claim of our own.
func (w *watch) own(name string) (*claim, error) {
	id := rand.Text() // in a folder of its own: a rename replaces what is there without a word
	if err := w.Dir.Mkdir(path.Join(claimed, id), 0o700); err != nil {
		return nil, err
	}
	c, err := w.lock(id)
	if c == nil {
		return nil, err
	}
	if err := w.Dir.Rename(name, path.Join(c.dir, name)); err != nil {
		w.Dir.RemoveAll(c.dir)
		c.lock.Close()
		return nil, ignoreGone(err)
	}
	c.name = name
	return c, nil
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
		if w.isResting(e.Name()) {
			continue
		}
		w.hands.wait()
		w.hands.work(func() { w.say(e.Name(), w.resume(ctx, e.Name())) })
	}
	return nil
}

func (w *watch) isResting(id string) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.resting(id)
}

// unsettled remembers how the content of a claim looked, which may still be being
// written, and reports whether it looked otherwise before.
func (w *watch) unsettled(id string, as mark) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	before := w.claims[id]
	w.claims[id] = as
	return before != as
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
	if !w.now && w.unsettled(id, mark) {
		return nil // the next look tells
	}
	return w.take(ctx, c, mark.looks)
}

// take sees a claim through, if its content still has the mark when it has been
// copied. What is taken in is a copy, because whoever had the file open when it
// was claimed can still write to it. The copy is encrypted (private). What the
// sender has dropped lies in the clear, as it was dropped, under .claimed/ until
// there is a verdict; we never write it out again.
func (w *watch) take(ctx context.Context, c *claim, looks string) error {
	a := Arrival{Folder: w.Name, Name: c.name, Who: dars.ByFolder}
	v, err := w.judge(ctx, c, looks, &a)
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

func (w *watch) judge(ctx context.Context, c *claim, looks string, a *Arrival) (v dars.Verdict, err error) {
	content := path.Join(c.dir, c.name)
	info, err := w.Dir.Lstat(content)
	if err != nil {
		return v, err
	}
	a.Dir = info.IsDir()
	if err := checkName(c.name); err != nil {
		return v, err
	}
	before, err := w.mark(content)
	if err != nil || before.looks != looks {
		w.unsettled(c.id, before)
		return v, cmp.Or(err, errUnfinished)
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
	if err := (&copying{watch: w, into: ours, root: copied}).copy(content, target, 0); err != nil {
		return v, err
	}
	if now, err := w.mark(content); err != nil || now != before {
		w.unsettled(c.id, now)
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
		w.mu.Lock()
		w.note(c.id, err)
		w.mu.Unlock()
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
	w.mu.Lock()
	delete(w.claims, c.id)
	w.mu.Unlock()
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
