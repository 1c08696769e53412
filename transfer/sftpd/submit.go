package sftpd

import (
	"errors"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/pkg/sftp"
)

// submit/ is a letter box that shows its own letters. Whoever put something
// there sees it, with its size and time, and may write over it, rename or remove
// it, until it is taken in: rclone, paramiko and scp all fail where they cannot.
// Nobody can read it back, but for verdicts. Each person has a tray of their
// own, so a name says nothing about what others have put.

const (
	maxUploads = 4 // being written at once on one connection
	maxDepth   = 8 // of directories in submit/
)

// An upload is a file that is being written. It is held in memory and put into
// the tray when the client closes it, so that a tray only ever has whole files.
type upload struct {
	c *conn
	w *wire

	mu       sync.Mutex
	name     string
	content  []byte
	modified time.Time // as the client set it, if it did
	base     int       // what must not be written over, when appending
	changed  bool
	broken   bool // a WRITE was refused, or the line ended before CLOSE
	removed  bool // by the client, while it was open
}

// upload opens a file in submit/ to be written.
func (c *conn) upload(w *wire, name string, flags sftp.FileOpenFlags) (_ *upload, err error) {
	t, err := c.submitted()
	if err != nil {
		return nil, err
	}
	there := t["submit/"+name]
	switch {
	case name == "" || there != nil && there.IsDir():
		return nil, errIsDirectory
	case there == nil && !flags.Creat:
		return nil, fs.ErrNotExist
	case there != nil && flags.Creat && flags.Excl:
		return nil, errExists
	}
	if there == nil {
		if err := c.roomFor(t, name); err != nil {
			return nil, err
		}
	}
	if isVerdict(name) {
		return nil, fs.ErrPermission
	}
	if err := c.hold(); err != nil {
		return nil, err
	}
	u := &upload{c: c, w: w, name: name, changed: there == nil || flags.Trunc}
	c.mu.Lock()
	full := len(c.uploads) >= maxUploads
	if !full {
		c.uploads[u] = true
	}
	c.mu.Unlock()
	if full {
		c.free()
		return nil, because(nil, fmt.Sprintf("at most %d files can be written at once", maxUploads))
	}
	if there != nil && !flags.Trunc {
		if err := u.load(); err != nil {
			u.forget()
			return nil, err
		}
	}
	if flags.Append {
		u.base = len(u.content)
	}
	return u, nil
}

// load begins with what is in the tray: the client resumes, or means to
// truncate it after opening, as scp does.
func (u *upload) load() (err error) {
	u.content, err = u.c.tray().Read(u.name)
	if errors.Is(err, fs.ErrNotExist) {
		err = nil // it is open elsewhere in this session and not in the tray yet
	}
	return err
}

// forget takes it off the list of what is open.
func (u *upload) forget() {
	u.c.mu.Lock()
	delete(u.c.uploads, u)
	u.c.mu.Unlock()
	u.c.free()
}

// WriteAt is called for each WRITE, in up to eight goroutines at once. Clients
// that append send offsets from the beginning of the file like all others; one
// that does not is stopped before it writes over what is there.
func (u *upload) WriteAt(p []byte, off int64) (n int, err error) {
	defer u.c.answer(u.w, "write", u.name, &err)
	u.mu.Lock()
	defer u.mu.Unlock()
	end := off + int64(len(p))
	switch {
	case off < 0 || end < off || end > u.c.server.maxUpload():
		u.broken = true
		return 0, u.c.tooLarge()
	case off < int64(u.base):
		return 0, because(nil, "this would write over what it was to be appended to")
	}
	if end > int64(len(u.content)) {
		u.resize(end)
	}
	u.changed = true
	return copy(u.content[off:], p), nil
}

// resize makes it longer, with zeros, or shorter.
func (u *upload) resize(size int64) {
	if size <= int64(len(u.content)) {
		u.content = u.content[:size]
		return
	}
	// What is cut off may come back: it must come back as zeros.
	clear(u.content[len(u.content):min(int64(cap(u.content)), size)])
	u.content = slices.Grow(u.content, int(size)-len(u.content))[:size]
}

// TransferError is how the library says that the line ended before CLOSE.
func (u *upload) TransferError(error) {
	u.mu.Lock()
	defer u.mu.Unlock()
	u.broken = true
}

// Close puts it into the tray. What was broken off is kept as NAME.filepart: the
// client can go on with it, and it is never taken for the whole.
func (u *upload) Close() (err error) {
	defer u.c.answer(u.w, "close", u.name, &err)
	defer u.forget()
	u.mu.Lock()
	defer u.mu.Unlock()
	name := u.name
	if u.broken && !unfinished(name) {
		name += ".filepart"
	}
	if u.removed || !u.changed || u.broken && len(u.content) == 0 {
		return nil
	}
	if u.modified.IsZero() {
		u.modified = u.c.server.now()
	}
	if err := u.c.tray().Put(name, u.content, u.modified); err != nil {
		return err
	}
	u.c.log.Info("uploaded", "bytes", len(u.content), "broken", u.broken)
	return nil
}

// unfinished reports whether a name is one that clients give to a file they have
// not written to its end.
func unfinished(name string) bool {
	return slices.Contains([]string{".filepart", ".partial", ".tmp"}, path.Ext(name))
}

// isVerdict reports whether a name is that of an answer of ours.
func isVerdict(name string) bool {
	return strings.HasSuffix(name, ".verdict.json") || strings.HasSuffix(name, ".verdict.txt")
}

// verdict reads one, the only thing in submit/ that can be read.
func (c *conn) verdict(name string) ([]byte, error) {
	t, err := c.submitted()
	if err != nil {
		return nil, err
	}
	n := t["submit/"+name]
	switch {
	case name == "" || n != nil && n.IsDir():
		return nil, errIsDirectory
	case n == nil:
		return nil, fs.ErrNotExist
	case !isVerdict(name):
		return nil, fs.ErrPermission
	}
	return c.tray().Read(name)
}

// submitted is submit/ as its owner sees it, with what is just being written.
func (c *conn) submitted() (tree, error) {
	uploads, err := c.tray().List()
	if err != nil {
		return nil, err
	}
	t := tree{"": {name: "/", mode: modeDir, modified: c.began}}
	t.dir("submit").mode = modeSubmit
	for _, u := range uploads {
		if !fs.ValidPath(u.Name) || u.Name == "." {
			continue
		}
		name := "submit/" + u.Name
		if u.Dir {
			n := t.dir(name)
			n.mode, n.modified = modeSubmit, u.Modified
			continue
		}
		mode := fs.FileMode(modeUpload)
		if isVerdict(u.Name) {
			mode = modeFile
		}
		t.put(name, &node{size: u.Size, mode: mode, modified: u.Modified})
	}
	for _, u := range c.writing() {
		u.mu.Lock()
		n := &node{size: int64(len(u.content)), mode: modeUpload, modified: u.modified}
		name, removed := "submit/"+u.name, u.removed
		u.mu.Unlock()
		if n.modified.IsZero() {
			n.modified = c.server.now()
		}
		if !removed {
			t.put(name, n)
		}
	}
	for _, n := range t {
		if n.modified.IsZero() {
			n.modified = c.began
		}
	}
	return t, nil
}

// put sets a file into the tree, in place of one that is there.
func (t tree) put(name string, n *node) {
	n.name = path.Base(name)
	above := t.dir(up(name))
	above.below = slices.DeleteFunc(above.below, func(b *node) bool { return b.name == n.name })
	above.below = append(above.below, n)
	t[name] = n
}

// writing lists what is open to be written on this connection.
func (c *conn) writing() []*upload {
	c.mu.Lock()
	defer c.mu.Unlock()
	var all []*upload
	for u := range c.uploads {
		all = append(all, u)
	}
	return all
}

// A change is what SETSTAT asks for and we do: modes and owners mean nothing
// here, and are accepted all the same.
type change struct {
	size     int64     // -1 for none
	modified time.Time // zero for none
}

// change changes a file's size or time.
func (c *conn) change(name string, to change) error {
	if to.size > c.server.maxUpload() {
		return c.tooLarge()
	}
	open := false
	for _, u := range c.writing() {
		u.mu.Lock()
		if u.name == name && !u.removed {
			open = true
			if to.size >= 0 {
				u.resize(to.size)
				u.changed = true
			}
			if !to.modified.IsZero() {
				u.modified, u.changed = to.modified, true
			}
		}
		u.mu.Unlock()
	}
	if open || name == "" {
		return nil
	}
	t, err := c.submitted()
	if err != nil {
		return err
	}
	n := t["submit/"+name]
	switch {
	case n == nil:
		return fs.ErrNotExist
	case n.IsDir() || isVerdict(name):
		return nil
	case to.size < 0 || to.size == n.size:
		if to.modified.IsZero() || to.modified.Equal(n.modified) {
			return nil
		}
	}
	tray := c.tray()
	if t, can := tray.(interface {
		Touch(name string, modified time.Time) error
	}); can && (to.size < 0 || to.size == n.size) {
		return t.Touch(name, to.modified)
	}
	content, err := tray.Read(name)
	if err != nil {
		return err
	}
	u := &upload{content: content}
	if to.size >= 0 {
		u.resize(to.size)
	}
	if to.modified.IsZero() {
		to.modified = n.modified
	}
	return tray.Put(name, u.content, to.modified)
}

// rename moves a file or directory within submit/.
func (c *conn) rename(from, to string, over bool) error {
	t, err := c.submitted()
	if err != nil {
		return err
	}
	n, there := t["submit/"+from], t["submit/"+to]
	switch {
	case from == "" || to == "" || isVerdict(from) || isVerdict(to):
		return fs.ErrPermission
	case n == nil:
		return fs.ErrNotExist
	case from == to:
		return nil
	case strings.HasPrefix(to, from+"/"):
		return because(nil, "a directory cannot be moved into itself")
	case there != nil && (!over || there.IsDir() || n.IsDir()):
		return errExists
	}
	if err := c.roomFor(t, to); err != nil {
		return err
	}
	// What is still being written takes its new name with it. It may not be in
	// the tray yet.
	open := false
	for _, u := range c.writing() {
		u.mu.Lock()
		if u.name == from {
			u.name, u.changed, open = to, true, true
		} else if rest, in := strings.CutPrefix(u.name, from+"/"); in {
			u.name = to + "/" + rest
		}
		u.mu.Unlock()
	}
	err = c.tray().Rename(from, to)
	if open && errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}

// remove removes a file.
func (c *conn) remove(name string) error {
	t, err := c.submitted()
	if err != nil {
		return err
	}
	n := t["submit/"+name]
	switch {
	case n == nil:
		return fs.ErrNotExist
	case n.IsDir():
		return errIsDirectory
	}
	open := false
	for _, u := range c.writing() {
		u.mu.Lock()
		if u.name == name {
			u.removed, open = true, true
		}
		u.mu.Unlock()
	}
	err = c.tray().Remove(name)
	if open && errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}

func (c *conn) mkdir(name string) error {
	t, err := c.submitted()
	if err != nil {
		return err
	}
	if name == "" || t["submit/"+name] != nil {
		return errExists
	}
	if err := c.roomFor(t, name); err != nil {
		return err
	}
	return c.tray().Mkdir(name)
}

func (c *conn) rmdir(name string) error {
	t, err := c.submitted()
	if err != nil {
		return err
	}
	n := t["submit/"+name]
	switch {
	case name == "":
		return fs.ErrPermission
	case n == nil:
		return fs.ErrNotExist
	case !n.IsDir():
		return because(nil, "this is no directory")
	case len(n.below) > 0:
		return because(nil, "this directory is not empty")
	}
	return c.tray().Rmdir(name)
}

// roomFor checks that something may be made under a name.
func (c *conn) roomFor(t tree, name string) error {
	if strings.Count(name, "/") >= maxDepth {
		return because(nil, fmt.Sprintf("directories in submit may be %d deep", maxDepth))
	}
	if above := t[up("submit/"+name)]; above == nil || !above.IsDir() {
		return fs.ErrNotExist
	}
	return nil
}

func (c *conn) tray() Tray { return c.server.Trays.Tray(c.who) }

func (c *conn) tooLarge() error {
	return because(nil, fmt.Sprintf("a file in submit may have at most %d bytes", c.server.maxUpload()))
}
