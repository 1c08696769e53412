package sftpd

import (
	"cmp"
	"io/fs"
	"path"
	"slices"
	"sort"
	"strings"
	"time"
)

// Holdings are what one person may see, but what is in submit/: the office's
// entries, in order of their paths. Directories and nodes are made when they are
// asked for, and not before: a thousand people may be here at once, each with a
// thousand files of which they fetch one.
type holdings struct {
	entries []Entry
	order   []int32 // of entries, those that are shown
	began   time.Time
}

// fixed directories are always there.
var fixed = []string{"collect", "papers", "receipts", "submit"}

// arrange puts entries in order. Directories of which nothing says when they
// changed are dated from the beginning of the session.
func arrange(entries []Entry, began time.Time) *holdings {
	h := &holdings{entries: entries, began: began}
	order := make([]int32, 0, len(entries))
	for i, e := range entries {
		if fs.ValidPath(e.Path) && e.Path != "." && !slices.Contains(fixed, e.Path) && !strings.HasPrefix(e.Path, "submit/") {
			order = append(order, int32(i))
		}
	}
	slices.SortStableFunc(order, func(a, b int32) int { return cmp.Compare(entries[a].Path, entries[b].Path) })
	// Of two with one path the first counts, and nothing lies in a file.
	dir, inFile := "", false
	for i, at := range order {
		p := entries[at].Path
		if i > 0 && p == entries[order[i-1]].Path {
			continue
		}
		if up(p) != dir {
			dir = up(p)
			inFile = h.withinFile(dir)
		}
		if !inFile {
			h.order = append(h.order, at)
		}
	}
	return h
}

// withinFile reports whether a path, or one above it, is a file.
func (h *holdings) withinFile(p string) bool {
	for ; p != ""; p = up(p) {
		if h.file(p) != nil {
			return true
		}
	}
	return false
}

func (h *holdings) at(i int) *Entry { return &h.entries[h.order[i]] }

// from is where paths begin that are not before p.
func (h *holdings) from(p string) int {
	return sort.Search(len(h.order), func(i int) bool { return h.at(i).Path >= p })
}

func (h *holdings) file(p string) *Entry {
	if i := h.from(p); i < len(h.order) && h.at(i).Path == p {
		return h.at(i)
	}
	return nil
}

// find returns what has a path, or nil.
func (h *holdings) find(p string) *node {
	if p == "" {
		return &node{name: "/", mode: modeDir, modified: h.began}
	}
	if e := h.file(p); e != nil {
		return h.leaf(e)
	}
	dir, there := h.dir(p), slices.Contains(fixed, p)
	for i := h.from(p + "/"); i < len(h.order) && strings.HasPrefix(h.at(i).Path, p+"/"); i++ {
		dir.changed(h.at(i).Modified)
		there = true
	}
	if !there {
		return nil
	}
	return h.dated(dir)
}

// below lists a directory.
func (h *holdings) below(p string) (all []*node) {
	if p != "" {
		p += "/"
	}
	var dirs []*node
	for i := h.from(p); i < len(h.order) && strings.HasPrefix(h.at(i).Path, p); i++ {
		e := h.at(i)
		name, _, deeper := strings.Cut(e.Path[len(p):], "/")
		if !deeper {
			all = append(all, h.leaf(e))
			continue
		}
		if len(dirs) == 0 || dirs[len(dirs)-1].name != name { // what is in one comes together
			dirs = append(dirs, h.dir(p+name))
		}
		dirs[len(dirs)-1].changed(e.Modified)
	}
	for _, name := range fixed {
		if p == "" && !slices.ContainsFunc(dirs, func(d *node) bool { return d.name == name }) {
			dirs = append(dirs, h.dir(name))
		}
	}
	for _, d := range dirs {
		all = append(all, h.dated(d))
	}
	slices.SortFunc(all, func(a, b *node) int { return cmp.Compare(a.name, b.name) })
	return all
}

func (h *holdings) leaf(e *Entry) *node {
	return &node{name: path.Base(e.Path), entry: e, size: e.Size, mode: modeFile, modified: e.Modified}
}

func (h *holdings) dir(p string) *node {
	d := &node{name: path.Base(p), mode: modeDir}
	if p == "submit" {
		d.mode = modeSubmit
	}
	return d
}

// changed dates a directory by the newest of what is in it.
func (n *node) changed(at time.Time) {
	if n.modified.Before(at) {
		n.modified = at
	}
}

func (h *holdings) dated(n *node) *node {
	if n.modified.IsZero() {
		n.modified = h.began
	}
	return n
}
