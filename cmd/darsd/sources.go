package main

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"hash"
	"io"
	"slices"

	"darsd/dars"
)

// sources are the files that one package is made from, digested while they are read:
// the evidence of what it was made from, and how one that was exchanged is known.
// SHA-256 is what anybody can check with a tool of their own; with the instructions
// that processors have for it, it costs less than unpacking does.
type sources struct {
	ctx   context.Context
	whole bool // one that is refused is read to its end, to know which it was
	seen  []dars.Source
	err   error
}

// open is source, and notes what is read. Files are read one after the other.
func (s *sources) open(name string) (io.ReadCloser, error) {
	f, err := source(name)
	if err != nil {
		s.note(dars.Source{Path: name})
		return nil, err
	}
	return &digesting{file: f, to: s, path: name, sum: sha256.New()}, nil
}

// note keeps what was read of a file. One that is read twice, as an index is, must be
// the same each time.
func (s *sources) note(now dars.Source) {
	i := slices.IndexFunc(s.seen, func(was dars.Source) bool { return was.Path == now.Path })
	if i < 0 {
		s.seen = append(s.seen, now)
		return
	}
	if s.seen[i] != now && s.err == nil {
		s.err = fmt.Errorf("%s changed while it was read", now.Path)
	}
}

// index is the sum of what was read to know whose rows are whose, if that is a file of its
// own.
func (s *sources) index(d dars.Dataset) string {
	if d.Index == nil {
		return ""
	}
	for _, was := range s.seen {
		if was.Path == d.Index.File {
			return was.SHA256
		}
	}
	return ""
}

// digesting is a file that is digested as it passes.
type digesting struct {
	file          io.ReadCloser
	to            *sources
	path          string
	sum           hash.Hash
	bytes         int64
	ended, closed bool
}

func (d *digesting) Read(b []byte) (int, error) {
	n, err := d.file.Read(b)
	d.sum.Write(b[:n])
	d.bytes += int64(n)
	d.ended = d.ended || err == io.EOF
	return n, err
}

// Close notes what the file was, if it was read to its end.
func (d *digesting) Close() error {
	if d.closed {
		return nil
	}
	d.closed = true
	for buf := make([]byte, 1<<20); d.to.whole && !d.ended && d.to.ctx.Err() == nil; {
		if _, err := d.Read(buf); err != nil {
			break // io.EOF, or it cannot be read and is not known
		}
	}
	read := dars.Source{Path: d.path, Bytes: d.bytes}
	if d.ended {
		read.SHA256 = hex.EncodeToString(d.sum.Sum(nil))
	}
	d.to.note(read)
	return d.file.Close()
}
