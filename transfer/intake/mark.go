package intake

import (
	"errors"
	"fmt"
	"io/fs"
	"path"
	"strings"
	"syscall"

	"darsd/dars"
)

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
