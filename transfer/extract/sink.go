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
	written Written
	file    io.WriteCloser
	sums    []hash.Hash // SHA-512, SHA-256, SHA-1, MD5
	blocks  chan block
	done    chan struct{}
	failed  error // valid once done is closed
	ended   bool
	closed  bool
}

// A block is some bytes of a file, and who wants to know that they are no
// longer needed.
type block struct {
	bytes   []byte
	release func()
}

func newSink(path string, create func(string) (io.WriteCloser, error)) (*sink, error) {
	file, err := create(path)
	if err != nil {
		return nil, err
	}
	return startSink(path, file, sha512.New(), sha256.New(), sha1.New(), md5.New()), nil
}

func startSink(path string, file io.WriteCloser, sums ...hash.Hash) *sink {
	s := &sink{written: Written{Path: path}, file: file, sums: sums, blocks: make(chan block), done: make(chan struct{})}
	go func() {
		defer close(s.done)
		s.failed = safely(s.work)
	}()
	return s
}

func (s *sink) work() error {
	for b := range s.blocks {
		var all sync.WaitGroup
		for _, sum := range s.sums {
			all.Go(func() { sum.Write(b.bytes) })
		}
		_, err := s.file.Write(b.bytes)
		all.Wait()
		if err != nil {
			return fmt.Errorf("%s: %w", s.written.Path, err)
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
	s.written.Bytes += int64(len(bytes))
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
		return Written{}, fmt.Errorf("%s: %w", s.written.Path, err)
	}
	for i, to := range []*string{&s.written.SHA512, &s.written.SHA256, &s.written.SHA1, &s.written.MD5} {
		if i < len(s.sums) {
			*to = hex.EncodeToString(s.sums[i].Sum(nil))
		}
	}
	return s.written, nil
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
	if w, ok := s.file.(interface{ Abort() error }); ok {
		w.Abort()
		return
	}
	s.file.Close()
}

func (s *sink) end() {
	if !s.ended {
		s.ended = true
		close(s.blocks)
	}
	<-s.done
}
