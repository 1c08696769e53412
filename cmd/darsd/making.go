package main

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"syscall"

	"darsd/dars"
)

// A making is a folder that is being made beside its name, and gets it when all of it is
// there and on the disk: whatever a program that was killed has left can be told from a
// whole one by its name. The next that makes one there takes it away.
type making struct {
	to    string
	temp  string
	root  *os.Root // of temp
	lock  *os.File // held as long as it is made
	files []madeFile
}

// A madeFile is a file of a making, by its path there.
type madeFile struct {
	Path   string `json:"path"`
	Bytes  int64  `json:"bytes"`
	SHA256 string `json:"sha256"`
}

const unfinished = ".darsd-unfinished"

// beginFolder begins a folder that is not there yet, or is empty.
func beginFolder(to string) (m *making, err error) {
	if to, err = filepath.Abs(to); err != nil {
		return nil, err
	}
	switch lies, err := os.ReadDir(to); {
	case err == nil && len(lies) > 0:
		return nil, dars.Refuse("not-empty", to, "%s is not empty: name a folder that is not there yet", to)
	case err != nil && !errors.Is(err, fs.ErrNotExist):
		return nil, misuse{err}
	}
	parent := filepath.Dir(to)
	if err := os.MkdirAll(parent, 0o700); err != nil {
		return nil, err
	}
	if err := clearUnfinished(parent); err != nil {
		return nil, err
	}
	m = &making{to: to, temp: to + unfinished}
	if err := os.Mkdir(m.temp, 0o700); errors.Is(err, fs.ErrExist) {
		return nil, dars.Refuse("being-made", to, "another program is making %s at this moment", to)
	} else if err != nil {
		return nil, err
	}
	if m.lock, err = lockFolder(m.temp); err == nil {
		m.root, err = os.OpenRoot(m.temp)
	}
	if err != nil {
		m.giveUp()
		return nil, err
	}
	return m, nil
}

// clearUnfinished removes what programs that were killed have left in a folder.
func clearUnfinished(parent string) error {
	lies, err := os.ReadDir(parent)
	if err != nil {
		return err
	}
	for _, e := range lies {
		if filepath.Ext(e.Name()) != unfinished || !e.IsDir() {
			continue
		}
		left := filepath.Join(parent, e.Name())
		lock, err := lockFolder(left)
		if err != nil {
			continue // somebody is at it
		}
		err = os.RemoveAll(left)
		lock.Close()
		if err != nil {
			return err
		}
	}
	return nil
}

// lockFolder locks a folder for as long as the file is open.
func lockFolder(name string) (*os.File, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		f.Close()
		return nil, err
	}
	return f, nil
}

// put writes a file of it.
func (m *making) put(ctx context.Context, name string, from io.Reader) error {
	made, err := putInto(ctx, m.root, name, from)
	if err == nil {
		m.files = append(m.files, made)
	}
	return err
}

// putInto writes a new file, and all folders above it, to the disk.
func putInto(ctx context.Context, root *os.Root, name string, from io.Reader) (made madeFile, err error) {
	if err := root.MkdirAll(path.Dir(name), 0o700); err != nil {
		return made, err
	}
	f, err := root.OpenFile(name, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return made, err
	}
	sum := sha256.New()
	n, err := io.Copy(io.MultiWriter(f, sum), patient{ctx, from})
	if err = errors.Join(err, f.Sync(), f.Close()); err != nil {
		return made, fmt.Errorf("write %s: %w", name, err)
	}
	return madeFile{name, n, hex.EncodeToString(sum.Sum(nil))}, nil
}

// patient reads until somebody interrupts it.
type patient struct {
	ctx context.Context
	io.Reader
}

func (p patient) Read(b []byte) (int, error) {
	if err := p.ctx.Err(); err != nil {
		return 0, err
	}
	return p.Reader.Read(b)
}

// finish gives the folder its name. When it returns, it survives a loss of power.
func (m *making) finish() error {
	if err := syncFolders(m.root); err != nil {
		return err
	}
	if err := os.Rename(m.temp, m.to); err != nil {
		return err
	}
	m.temp = ""
	m.giveUp()
	return syncFolder(filepath.Dir(m.to))
}

// giveUp removes what was made; after finish there is nothing, so that it can be
// deferred.
func (m *making) giveUp() {
	if m.temp != "" {
		os.RemoveAll(m.temp)
	}
	if m.root != nil {
		m.root.Close()
	}
	if m.lock != nil {
		m.lock.Close()
	}
}

func syncFolders(root *os.Root) error {
	return fs.WalkDir(root.FS(), ".", func(name string, e fs.DirEntry, err error) error {
		if err != nil || !e.IsDir() {
			return err
		}
		dir, err := root.Open(name)
		if err != nil {
			return err
		}
		return errors.Join(syncOpen(dir), dir.Close())
	})
}

func syncFolder(name string) error {
	dir, err := os.Open(name)
	if err != nil {
		return err
	}
	return errors.Join(syncOpen(dir), dir.Close())
}

// syncOpen syncs a folder; some shared file systems cannot, and say so.
func syncOpen(dir *os.File) error {
	if err := dir.Sync(); err != nil && !errors.Is(err, syscall.EINVAL) {
		return err
	}
	return nil
}

// roomFor refuses what a disk has no room for. A folder that is not there is on the disk
// of the one above.
func roomFor(dir string, bytes int64) error {
	var s syscall.Statfs_t
	err := syscall.Statfs(dir, &s)
	for errors.Is(err, fs.ErrNotExist) && dir != filepath.Dir(dir) {
		dir = filepath.Dir(dir)
		err = syscall.Statfs(dir, &s)
	}
	if err != nil {
		return fmt.Errorf("ask how much is free in %s: %w", dir, err)
	}
	if free := int64(s.Bavail) * int64(s.Bsize); free < bytes {
		return dars.Refuse("no-room", dir, "%d MB are wanted and %d MB are free on the disk of %s: make room, or name another", bytes>>20+1, free>>20, dir)
	}
	return nil
}
