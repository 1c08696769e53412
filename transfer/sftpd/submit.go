package sftpd

import (
	"errors"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/pkg/sftp"

	"darsd/dars"
)

// submit/ is a letter box that shows its own letters. Whoever put something
// there sees it, with its size and time, and may write over it, rename or remove
// it, until it is taken in: rclone, paramiko and scp all fail where they cannot.
// Nobody can read it back, but for verdicts. Each person has a tray of their
// own, so a name says nothing about what others have put.

const maxDepth = 8 // of directories in submit/

// verdict reads one, the only thing in submit/ that can be read.
func (v *view) verdict(name string) ([]byte, error) {
	t, err := v.submitted()
	if err != nil {
		return nil, err
	}
	n := t["submit/"+name]
	switch {
	case name == "" || n != nil && n.IsDir():
		return nil, errIsDirectory
	case n == nil:
		return nil, fs.ErrNotExist
	case !dars.IsVerdict(name):
		return nil, fs.ErrPermission
	}
	return v.c.tray().Read(name)
}

// submitted is submit/ as its owner sees it, with what this session is writing.
func (v *view) submitted() (tree, error) {
	uploads, err := v.c.tray().List()
	if err != nil {
		return nil, err
	}
	began := v.c.began
	t := tree{"": {name: "/", mode: modeDir, modified: began}}
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
		if dars.IsVerdict(u.Name) {
			mode = modeFile
		}
		t.put(name, &node{size: u.Size, mode: mode, modified: u.Modified})
	}
	for _, u := range v.writing() {
		u.mu.Lock()
		n := &node{size: u.size, mode: modeUpload, modified: u.modified}
		name, removed := "submit/"+u.name, u.removed
		u.mu.Unlock()
		if n.modified.IsZero() {
			n.modified = v.c.server.now()
		}
		if !removed {
			t.put(name, n)
		}
	}
	for _, n := range t {
		if n.modified.IsZero() {
			n.modified = began
		}
	}
	return t, nil
}

// put sets a file into the tree, in place of one that is there.
func (t tree) put(name string, n *node) {
	n.name = path.Base(name)
	above := t.dir(up(name))
	if old := t[name]; old != nil {
		above.below = slices.DeleteFunc(above.below, func(b *node) bool { return b == old })
	}
	above.below = append(above.below, n)
	t[name] = n
}

// writing lists what this session has open to be written.
func (v *view) writing() []*upload {
	v.c.mu.Lock()
	defer v.c.mu.Unlock()
	var all []*upload
	for u := range v.c.uploads {
		if u.w == v.w {
			all = append(all, u)
		}
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
func (v *view) change(name string, to change) error {
	if to.size > v.c.allowance().limits.FileBytes {
		return v.c.tooLarge()
	}
	if open, err := v.changeOpen(name, to); open || name == "" {
		return err
	}
	t, err := v.submitted()
	if err != nil {
		return err
	}
	n := t["submit/"+name]
	switch {
	case n == nil:
		return fs.ErrNotExist
	case n.IsDir() || dars.IsVerdict(name):
		return nil
	case to.size >= 0 && to.size != n.size:
		if to.modified.IsZero() {
			to.modified = n.modified
		}
		return v.truncate(name, to)
	case to.modified.IsZero():
		return nil
	}
	return v.c.tray().Touch(name, to.modified)
}

// changeOpen changes what is open under a name. The library tells a change of a
// handle by the name that it was opened with; that may not be its name any more.
func (v *view) changeOpen(name string, to change) (open bool, err error) {
	for _, u := range v.writing() {
		u.mu.Lock()
		is := !u.removed && (u.name == name || u.opened == name)
		if is && !to.modified.IsZero() {
			u.modified, u.changed = to.modified, true
		}
		u.mu.Unlock()
		if !is {
			continue
		}
		open = true
		if to.size >= 0 {
			err = errors.Join(err, u.resize(to.size))
		}
	}
	return open, err
}

// truncate changes the size of a file that nobody has open.
func (v *view) truncate(name string, to change) error {
	u, err := v.upload(name, sftp.FileOpenFlags{Write: true})
	if err != nil {
		return err
	}
	defer u.forget()
	if err := u.resize(to.size); err != nil {
		return err
	}
	u.mu.Lock()
	defer u.mu.Unlock()
	u.modified = to.modified
	return u.keep()
}

// rename moves a file or directory within submit/.
func (v *view) rename(from, to string, over bool) error {
	t, err := v.submitted()
	if err != nil {
		return err
	}
	n, there := t["submit/"+from], t["submit/"+to]
	switch {
	case from == "" || to == "" || dars.IsVerdict(from) || dars.IsVerdict(to):
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
	if err := roomFor(t, to); err != nil {
		return err
	}
	// What is still being written takes its new name with it. It may not be in
	// the tray yet.
	open := false
	for _, u := range v.writing() {
		u.mu.Lock()
		if u.name == from {
			u.name, u.changed, open = to, true, true
		} else if rest, in := strings.CutPrefix(u.name, from+"/"); in {
			u.name = to + "/" + rest
		}
		u.mu.Unlock()
	}
	err = v.c.tray().Rename(from, to)
	if open && errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}

// remove removes a file.
func (v *view) remove(name string) error {
	t, err := v.submitted()
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
	for _, u := range v.writing() {
		u.mu.Lock()
		if u.name == name {
			u.removed, open = true, true
		}
		u.mu.Unlock()
	}
	err = v.c.tray().Remove(name)
	if open && errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}

func (v *view) mkdir(name string) error {
	t, err := v.submitted()
	if err != nil {
		return err
	}
	if name == "" || t["submit/"+name] != nil {
		return errExists
	}
	if err := roomFor(t, name); err != nil {
		return err
	}
	tray := v.c.tray()
	return v.c.allowance().folder(tray, v.c.server.now(), func() error { return tray.Mkdir(name) })
}

func (v *view) rmdir(name string) error {
	t, err := v.submitted()
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
	return v.c.tray().Rmdir(name)
}

// roomFor checks that something may be made under a name.
func roomFor(t tree, name string) error {
	if strings.Count(name, "/") >= maxDepth {
		return because(nil, fmt.Sprintf("directories in submit may be %d deep", maxDepth))
	}
	if above := t[up("submit/"+name)]; above == nil || !above.IsDir() {
		return fs.ErrNotExist
	}
	return nil
}

func (c *conn) tray() Tray            { return c.server.Trays.Tray(c.who) }
func (c *conn) allowance() *allowance { return c.server.allowance(c.who) }

// told is what a client hears of a limit, or of a disk that is full: the reason,
// with a status on which some try again later. OpenSSH's sftp never shows the text
// of a status, so it is said on stderr as well.
func told(w *wire, err error) error {
	var met *limit
	switch {
	case errors.As(err, &met):
		w.tell(met.sentence)
		return because(nil, met.sentence)
	case errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EDQUOT):
		w.c.log.Error("the disk is full, and nothing can be uploaded", "err", unnamed(err))
		const sentence = "the office's disk is full: nothing of this is kept; try again later"
		w.tell(sentence)
		return because(err, sentence)
	}
	return err
}

func (v *view) told(err error) error { return told(v.w, err) }
