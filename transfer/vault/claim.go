package vault

import (
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"path"
	"slices"
	"strings"
	"sync"
	"time"

	"darsd/dars"
)

// This file is how a tray looks to whoever takes in what lies there (package
// intake): something is claimed, which takes it out of the person's sight in
// one step, read as a file system, and dropped.

// Hold waits until nobody else takes in from this tray. While it is held, every
// claim that one did not make oneself is of a program that has died.
func (t *Tray) Hold() (release func(), err error) {
	if err := t.make(); err != nil {
		return nil, err
	}
	return t.lock("taking")
}

// Marks returns what lies at the top of the tray, and each application in the folder
// of applications: each name with a mark that is another after any change to it, or
// to anything in it.
func (t *Tray) Marks() (map[string]string, error) {
	x, err := t.read()
	if err != nil {
		return nil, err
	}
	return x.marks(), nil
}

func (x *index) marks() map[string]string {
	said := map[string]*strings.Builder{}
	for _, name := range slices.Sorted(maps.Keys(x.Entries)) {
		if name == dars.ApplicationsTray && x.Entries[name].Dir {
			continue
		}
		top := dars.Arriving(name)
		if said[top] == nil {
			said[top] = &strings.Builder{}
		}
		fmt.Fprintf(said[top], "%q %s %t\n", name, x.Entries[name].ID, x.Entries[name].Dir)
	}
	marks := map[string]string{}
	for top, text := range said {
		marks[top] = text.String()
	}
	return marks
}

// Claim takes something that has a mark out of the person's sight, if it still has that mark.
// The person may put another of that name at once.
func (t *Tray) Claim(name, mark string) (id string, err error) {
	id = rand.Text()
	err = t.change(func(x *index) error {
		if _, ok := x.Entries[name]; !ok || x.marks()[name] != mark {
			return pathError(name, fs.ErrNotExist)
		}
		c := claim{name, map[string]entry{}}
		for _, n := range append(x.under(name), name) {
			c.Entries[n] = x.Entries[n]
			delete(x.Entries, n)
		}
		x.Claims[id] = c
		return nil
	})
	return id, err
}

// Claims returns the name of each claim that was not dropped.
func (t *Tray) Claims() (map[string]string, error) {
	x, err := t.read()
	if err != nil {
		return nil, err
	}
	names := map[string]string{}
	for id, c := range x.Claims {
		names[id] = c.Name
	}
	return names, nil
}

// Claimed returns what was claimed, under the name that it had.
func (t *Tray) Claimed(id string) (fs.FS, error) {
	x, err := t.read()
	if err != nil {
		return nil, err
	}
	c, ok := x.Claims[id]
	if !ok {
		return nil, pathError(id, fs.ErrNotExist)
	}
	return newView(t, c.Entries), nil
}

// Drop deletes what was claimed.
func (t *Tray) Drop(id string) error {
	err := t.change(func(x *index) error {
		delete(x.Claims, id)
		return nil
	})
	if err != nil {
		return err
	}
	return t.change(t.sweep)
}

// Sweep deletes what programs that died have left in the tray.
func (t *Tray) Sweep() error { return t.change(t.sweep) }

// sweep deletes contents that no index speaks of: their program died after it
// had written them and before the index.
func (t *Tray) sweep(x *index) error {
	listed, err := t.vault.List(t.dir())
	if err != nil {
		return err
	}
	known := x.contents()
	for _, e := range listed {
		if !known[e.Name] && e.Name != "index" && e.Name != "lock" && e.Name != "taking" {
			if err := ignoreGone(t.vault.files.Remove(t.path(e.Name))); err != nil {
				return err
			}
		}
	}
	return nil
}

// FS is the tray as it is now, for reading.
func (t *Tray) FS() (fs.FS, error) {
	x, err := t.read()
	if err != nil {
		return nil, err
	}
	return newView(t, x.Entries), nil
}

// A view is some files of a tray as a file system.
type view struct {
	tray    *Tray
	entries map[string]entry
	within  func() map[string][]fs.DirEntry // what is in each directory, in order
}

func newView(t *Tray, entries map[string]entry) *view {
	v := &view{tray: t, entries: entries}
	v.within = sync.OnceValue(func() map[string][]fs.DirEntry {
		within := map[string][]fs.DirEntry{}
		for _, name := range slices.Sorted(maps.Keys(entries)) {
			dir := path.Dir(name)
			within[dir] = append(within[dir], fs.FileInfoToDirEntry(uploadInfo{path.Base(name), entries[name]}))
		}
		return within
	})
	return v
}

func (v *view) Open(name string) (fs.File, error) {
	e, ok := v.entries[name]
	switch {
	case !fs.ValidPath(name):
		return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrInvalid}
	case name == ".":
		e.Dir = true
	case !ok:
		return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrNotExist}
	}
	info := uploadInfo{path.Base(name), e}
	if e.Dir {
		return &openDir{info: info, list: v.within()[name]}, nil
	}
	f, err := v.tray.vault.Open(Office, v.tray.path(e.ID))
	if err != nil {
		return nil, err
	}
	return &openUpload{f.Reader(), f, info}, nil
}

type uploadInfo struct {
	name string
	e    entry
}

func (i uploadInfo) Name() string       { return i.name }
func (i uploadInfo) Size() int64        { return i.e.Size }
func (i uploadInfo) ModTime() time.Time { return i.e.Modified }
func (i uploadInfo) IsDir() bool        { return i.e.Dir }
func (i uploadInfo) Sys() any           { return nil }
func (i uploadInfo) Mode() fs.FileMode {
	if i.e.Dir {
		return fs.ModeDir | 0o700
	}
	return 0o600
}

type openUpload struct {
	*io.SectionReader
	file *File
	info uploadInfo
}

func (u *openUpload) Stat() (fs.FileInfo, error) { return u.info, nil }
func (u *openUpload) Close() error               { return u.file.Close() }

type openDir struct {
	info uploadInfo
	list []fs.DirEntry
}

func (d *openDir) Stat() (fs.FileInfo, error) { return d.info, nil }
func (d *openDir) Close() error               { return nil }
func (d *openDir) Read([]byte) (int, error) {
	return 0, &fs.PathError{Op: "read", Path: d.info.name, Err: errors.New("is a directory")}
}

func (d *openDir) ReadDir(n int) ([]fs.DirEntry, error) {
	if n <= 0 {
		n = len(d.list)
	} else if len(d.list) == 0 {
		return nil, io.EOF
	}
	n = min(n, len(d.list))
	part := d.list[:n]
	d.list = d.list[n:]
	return part, nil
}
