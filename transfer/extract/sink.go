package extract

import (
	"crypto/md5"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/hex"
	"fmt"
	"hash"
	"io"
	"sync"
)

// A sink writes one file of the package and takes its digests on the way. It
// works block by block beside whoever makes the next one: four digests cost
// more than all the rest.
type sink struct {
	path   string
	below  *digested
	file   io.WriteCloser // below, or what encrypts on the way there
	blocks chan block
	done   chan struct{}
	failed error // valid once done is closed
	ended  bool
	closed bool
}

// A block is some bytes of a file, and who wants to know that they are no
// longer needed.
type block struct {
	bytes   []byte
	release func()
}

func newSink(path string, to Recipients, create func(string) (io.WriteCloser, error)) (*sink, error) {
	file, err := create(path)
	if err != nil {
		return nil, err
	}
	s := &sink{path: path, below: &digested{file: file, sums: []hash.Hash{sha512.New(), sha256.New(), sha1.New(), md5.New()}}}
	if s.file, err = to.Wrap(s.below); err != nil {
		s.below.Abort()
		return nil, err
	}
	s.start()
	return s, nil
}

// plainSink writes a file of which nobody wants digests.
func plainSink(path string, file io.WriteCloser) *sink {
	s := &sink{path: path, below: &digested{file: file}}
	s.file = s.below
	s.start()
	return s
}

func (s *sink) start() {
	s.blocks, s.done = make(chan block), make(chan struct{})
	go func() {
		defer close(s.done)
		s.failed = safely(s.work)
	}()
}

func (s *sink) work() error {
	for b := range s.blocks {
		if _, err := s.file.Write(b.bytes); err != nil {
			return fmt.Errorf("%s: %w", s.path, err)
		}
		if b.release != nil {
			b.release()
		}
	}
	return nil
}

// write hands bytes over, and returns before they are written: they must not
// change until release is called, which may be nil.
func (s *sink) write(bytes []byte, release func()) error {
	select {
	case s.blocks <- block{bytes, release}:
		return nil
	case <-s.done:
		return s.failed
	}
}

// close waits for all that was handed over and keeps the file.
func (s *sink) close() (Written, error) {
	s.end()
	if s.failed != nil {
		return Written{}, s.failed
	}
	s.closed = true
	if err := s.file.Close(); err != nil {
		return Written{}, fmt.Errorf("%s: %w", s.path, err)
	}
	return s.below.written(s.path), nil
}

// abandon gives up a file that was not closed. A writer that can drop what it
// has (Abort() error) is told to; any other is closed, and the sweep takes the
// file with the attempt.
func (s *sink) abandon() {
	s.end()
	if s.closed {
		return
	}
	s.closed = true
	s.file.(aborter).Abort()
}

func (s *sink) end() {
	if !s.ended {
		s.ended = true
		close(s.blocks)
	}
	<-s.done
}

// digested is a file of which every byte that is written is digested beside.
type digested struct {
	file     io.WriteCloser
	sums     []hash.Hash // SHA-512, SHA-256, SHA-1, MD5; nil: none are wanted
	gathered []byte
	bytes    int64
}

// gather is how many bytes are digested at a time. Five that wait for each other
// after each small block would wait longer for a processor than they work.
const gather = 1 << 20

func (d *digested) Write(b []byte) (int, error) {
	if d.sums == nil {
		n, err := d.file.Write(b)
		d.bytes += int64(n)
		return n, err
	}
	d.gathered = append(d.gathered, b...)
	if len(d.gathered) < gather {
		return len(b), nil
	}
	return len(b), d.pass()
}

// pass writes and digests what was gathered.
func (d *digested) pass() error {
	var all sync.WaitGroup
	for _, sum := range d.sums {
		all.Go(func() { sum.Write(d.gathered) })
	}
	n, err := d.file.Write(d.gathered)
	all.Wait()
	d.bytes += int64(n)
	d.gathered = d.gathered[:0]
	return err
}

func (d *digested) Close() error {
	if err := d.pass(); err != nil {
		d.Abort()
		return err
	}
	return d.file.Close()
}

// An aborter can drop what was written to it.
type aborter interface{ Abort() error }

func (d *digested) Abort() error {
	if w, ok := d.file.(aborter); ok {
		return w.Abort()
	}
	return d.file.Close()
}

func (d *digested) written(path string) Written {
	w := Written{Path: path, Bytes: d.bytes}
	for i, to := range []*string{&w.SHA512, &w.SHA256, &w.SHA1, &w.MD5} {
		if i < len(d.sums) {
			*to = hex.EncodeToString(d.sums[i].Sum(nil))
		}
	}
	return w
}
