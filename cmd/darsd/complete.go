package main

import (
	"crypto/sha256"
	"io/fs"
	"sync"

	"darsd/dars"
	"darsd/documents"
)

// A completeness says whether a folder holds every file that its form names. It
// is asked at each look, and remembers what it has read: the same form is not
// parsed again while its papers are on their way.
type completeness struct {
	mu   sync.Mutex
	read map[[sha256.Size]byte]named
}

// named are the files that a form names, if it could be read.
type named struct {
	files []string
	wrong bool
}

// remembered is how many forms a completeness remembers, at most.
const remembered = 100

func newCompleteness() *completeness {
	return &completeness{read: map[[sha256.Size]byte]named{}}
}

// whole reports whether a folder is there as a whole. One without a form may
// still get it; a form that is none is complete enough to be told so.
func (c *completeness) whole(files fs.FS) bool {
	info, err := fs.Stat(files, dars.TheForm)
	if err != nil {
		return false
	}
	if info.Size() > documents.MaxForm {
		return true
	}
	text, err := fs.ReadFile(files, dars.TheForm)
	if err != nil {
		return false
	}
	form := c.named(text)
	if form.wrong {
		return true
	}
	for _, file := range form.files {
		if !fs.ValidPath(file) {
			return true
		}
		if _, err := fs.Stat(files, file); err != nil {
			return false
		}
	}
	return true
}

func (c *completeness) named(text []byte) named {
	sum := sha256.Sum256(text)
	c.mu.Lock()
	defer c.mu.Unlock()
	if form, ok := c.read[sum]; ok {
		return form
	}
	draft := documents.ReadApplication(text)
	form := named{wrong: len(draft.Wrong) > 0}
	for _, e := range draft.Form.Evidence {
		form.files = append(form.files, e.File)
	}
	if len(c.read) >= remembered {
		clear(c.read)
	}
	c.read[sum] = form
	return form
}
