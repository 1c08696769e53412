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

const blockSize = 512 << 10

// A sink writes one file of the package and takes its digests on the way. It
// works block by block beside whoever fills the next one: four digests cost
// more than all the rest.
type sink struct {
	block []byte // to be appended to, and flushed when it is full

	written Written
	file    io.WriteCloser
	sums    [4]hash.Hash // SHA-512, SHA-256, SHA-1, MD5
	full    chan []byte
	free    chan []byte
	done    chan struct{}
	failed  error // valid once done is closed
	ended   bool
	closed  bool
}

func newSink(path string, create func(string) (io.WriteCloser, error)) (*sink, error) {
	file, err := create(path)
	if err != nil {
		return nil, err
	}
	s := &sink{
		written: Written{Path: path},
		file:    file,
		sums:    [4]hash.Hash{sha512.New(), sha256.New(), sha1.New(), md5.New()},
		full:    make(chan []byte),
		free:    make(chan []byte, 2),
		done:    make(chan struct{}),
	}
	s.free <- nil
	go s.work()
	return s, nil
}

func (s *sink) work() {
	defer close(s.done)
	for block := range s.full {
		var all sync.WaitGroup
		for _, sum := range s.sums {
			all.Go(func() { sum.Write(block) })
		}
		_, err := s.file.Write(block)
		all.Wait()
		if err != nil {
			s.failed = fmt.Errorf("%s: %w", s.written.Path, err)
			return
		}
		s.free <- block[:0]
	}
}

// flush hands a block over and leaves an empty one.
func (s *sink) flush() error {
	s.written.Bytes += int64(len(s.block))
	select {
	case s.full <- s.block:
	case <-s.done:
		return s.failed
	}
	select {
	case s.block = <-s.free:
	case <-s.done:
		return s.failed
	}
	return nil
}

// close writes the rest and keeps the file.
func (s *sink) close() (Written, error) {
	if err := s.flush(); err != nil {
		return Written{}, err
	}
	s.end()
	if s.failed != nil {
		return Written{}, s.failed
	}
	s.closed = true
	if err := s.file.Close(); err != nil {
		return Written{}, fmt.Errorf("%s: %w", s.written.Path, err)
	}
	for i, to := range []*string{&s.written.SHA512, &s.written.SHA256, &s.written.SHA1, &s.written.MD5} {
		*to = hex.EncodeToString(s.sums[i].Sum(nil))
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
		close(s.full)
	}
	<-s.done
}
