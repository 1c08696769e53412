package intake

import (
	"cmp"
	"errors"
	"io"
	"io/fs"
	"os"
	"path"
	"strings"
	"syscall"

	"darsd/dars"
)

// copying is one private copy being made.
type copying struct {
	*watch
	into  *private
	root  string // where its files lie
	files int
	bytes int64
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
		if c.bytes += info.Size(); c.bytes > maxBytes {
			return dars.Refuse("too-large", name, "it holds more than %d GB, which is the most that is taken in: send what the office asked for, and nothing else", maxBytes>>30)
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
	// Whoever adds to it meanwhile is waited for: it then looks otherwise than before.
	if err := c.into.encrypt(dst, io.LimitReader(src, looked.Size()), strings.TrimPrefix(to, c.root+"/")); err != nil {
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
