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

// A mark is how a thing looks: another mark, and somebody is at work on it.
type mark struct {
	looks   string
	changed string // when, as the file system has it: who writes cannot set it, and a claim does
}

// mark tells how a thing looks, without following links. A folder that is empty, or
// that holds a file named as unfinished, has none yet.
func (w *watch) mark(name string) (m mark, err error) {
	info, err := w.Dir.Lstat(name)
	if err != nil {
		return m, err
	}
	if !info.IsDir() {
		return mark{stamp(info), changed(info)}, nil
	}
	var b, times strings.Builder
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
			times.WriteString(changed(info))
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
		return mark{looks: b.String()}, nil // the verdict will say so
	case err != nil:
		return m, err
	case files == 0:
		return m, errUnfinished
	}
	return mark{b.String(), times.String()}, nil
}

// changed is when a file was last written or renamed, or nothing of a folder.
func changed(info fs.FileInfo) string {
	if s, ok := info.Sys().(*syscall.Stat_t); ok && !info.IsDir() {
		return fmt.Sprintf("%d.%09d\n", s.Ctim.Sec, s.Ctim.Nsec)
	}
	return ""
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
