package main

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"

	"darsd/dars"
	"darsd/store"
)

// An earlier backup on the same disk lends those files of the vault that have not changed
// since: the two have one copy of each between them. A vault grows by files that are
// written once, so what a night's backup costs is what the day has added.
type earlier struct {
	dir   string
	files map[string]madeFile // by path
}

// earlierBackup opens a backup of this office to borrow from; there is none where dir is
// "".
func (h *house) earlierBackup(ctx context.Context, dir string) (*earlier, error) {
	e := &earlier{dir: dir, files: map[string]madeFile{}}
	if dir == "" {
		return e, nil
	}
	m, err := readManifest(dir)
	if err != nil {
		return nil, err
	}
	err = h.Store.View(ctx, func(tx *store.Tx) error {
		newest, err := tx.Head()
		if err != nil {
			return err
		}
		if newest >= m.Events {
			was, err := tx.TreeAt(m.Events)
			if err != nil || was.Hash.String() == m.Head {
				return err
			}
		}
		return dars.Refuse("other-office", dir, "%s is a backup of another office, or of days that this one does not know: leave --link out", dir)
	})
	for _, f := range m.Files {
		e.files[f.Path] = f
	}
	return e, err
}

// lends reports whether a file is still as it was then: as long, and not written since it
// was copied.
func (e *earlier) lends(name string, is fs.FileInfo) (f madeFile, ok bool) {
	f, ok = e.files[name]
	if !ok || f.Bytes != is.Size() {
		return f, false
	}
	was, err := os.Lstat(filepath.Join(e.dir, filepath.FromSlash(name)))
	return f, err == nil && was.Mode().IsRegular() && was.Size() == f.Bytes && !is.ModTime().After(was.ModTime())
}

// borrow gives a making a file of an earlier backup, and reports whether it has it.
func (m *making) borrow(e *earlier, f madeFile) (bool, error) {
	if err := m.root.MkdirAll(filepath.Dir(f.Path), 0o700); err != nil {
		return false, err
	}
	err := os.Link(filepath.Join(e.dir, filepath.FromSlash(f.Path)), filepath.Join(m.temp, filepath.FromSlash(f.Path)))
	if errors.Is(err, syscall.EXDEV) {
		return false, dars.Refuse("other-disk", e.dir, "%s is not on the disk of %s, and files cannot be shared between two: leave --link out", e.dir, m.to)
	}
	if err != nil { // it has as many names as it can have, or the file system knows of none
		return false, nil
	}
	m.files = append(m.files, f)
	return true, nil
}
