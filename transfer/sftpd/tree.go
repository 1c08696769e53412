package sftpd

import (
	"io"
	"io/fs"
	"path"
	"time"
)

// A tree is one person's submit/, as directories and files. It is made from the
// names of what lies in the tray; there is no such tree on any disk.
type tree map[string]*node // by path; "" is the root

// A node is one file or directory. It is its own fs.FileInfo.
type node struct {
	name     string
	entry    *Entry // nil for a directory, and for what is in submit/
	size     int64
	mode     fs.FileMode
	modified time.Time
	below    []*node // of a directory
}

func (n *node) Name() string       { return n.name }
func (n *node) Size() int64        { return n.size }
func (n *node) Mode() fs.FileMode  { return n.mode }
func (n *node) ModTime() time.Time { return n.modified }
func (n *node) IsDir() bool        { return n.mode.IsDir() }
func (n *node) Sys() any           { return nil }

const (
	modeDir    = fs.ModeDir | 0o550
	modeFile   = 0o440
	modeSubmit = fs.ModeDir | 0o330 // listing works all the same
	modeUpload = 0o620
)

// Shown is what a client may look at: the office's files, or submit/.
type shown interface {
	find(path string) *node    // nil if there is none
	below(path string) []*node // of a directory
}

func (t tree) find(p string) *node    { return t[p] }
func (t tree) below(p string) []*node { return t[p].below }

// dir returns a directory, with those above it made where they are missing. If
// one of them is a file, that is returned.
func (t tree) dir(p string) *node {
	if n := t[p]; n != nil {
		return n
	}
	above := t.dir(up(p))
	if !above.IsDir() {
		return above
	}
	n := &node{name: path.Base(p), mode: modeDir}
	t[p] = n
	above.below = append(above.below, n)
	return n
}

// up is the path of the directory that a path is in.
func up(p string) string {
	if dir := path.Dir(p); dir != "." {
		return dir
	}
	return ""
}

// A listing is what the library shows of a directory, or of one file.
type listing []fs.FileInfo

func (l listing) ListAt(into []fs.FileInfo, from int64) (int, error) {
	if from < 0 || from >= int64(len(l)) {
		return 0, io.EOF
	}
	n := copy(into, l[from:])
	if n < len(into) {
		return n, io.EOF
	}
	return n, nil
}

func list(nodes []*node) listing {
	l := make(listing, len(nodes))
	for i, n := range nodes {
		l[i] = n
	}
	return l
}
