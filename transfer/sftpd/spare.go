package sftpd

import (
	"bufio"
	"io"
	"sync"
	"sync/atomic"
)

// The spare memory of a server goes from session to session: those in which
// nothing moves have none.
type spare struct {
	outgoing stock     // what waits for the kernel, see outgoing
	answers  stock     // to READs, see answerReads
	incoming sync.Pool // of *bufio.Reader, see incoming
}

// oneAnswer is the room that an answer of the ordinary length takes.
const oneAnswer = dataHead + ordinary

// frames is memory for answers to READs.
func (s *spare) frames() *[]byte { return s.answers.take(maxTogether*oneAnswer, oneAnswer) }

func (s *spare) takeFrames(b *[]byte) { s.answers.put(b, oneAnswer) }

// crowd is how many pieces of a stock may be wide: 16 MiB of answers, and 8 MiB of
// what waits for the kernel. Whoever comes then makes do with narrow ones, so that
// a thousand who fetch something at once have room.
const crowd = 128

// A stock is memory of two sizes, used again and again: wide while few need some,
// and narrow in a crowd.
type stock struct {
	out          atomic.Int32
	wide, narrow sync.Pool // of *[]byte
}

// take returns memory in which nothing lies.
func (s *stock) take(wide, narrow int) *[]byte {
	room, pool := wide, &s.wide
	if s.out.Add(1) > crowd {
		room, pool = narrow, &s.narrow
	}
	if b, ok := pool.Get().(*[]byte); ok {
		*b = (*b)[:0]
		return b
	}
	b := make([]byte, 0, room)
	return &b
}

// put takes it back.
func (s *stock) put(b *[]byte, narrow int) {
	s.out.Add(-1)
	if cap(*b) > narrow {
		s.wide.Put(b)
	} else {
		s.narrow.Put(b)
	}
}

// reader is a wide buffer for what comes in.
func (s *spare) reader(from io.Reader) *bufio.Reader {
	if r, ok := s.incoming.Get().(*bufio.Reader); ok {
		r.Reset(from)
		return r
	}
	return bufio.NewReaderSize(from, wide)
}

func (s *spare) takeReader(r *bufio.Reader) {
	r.Reset(nil)
	s.incoming.Put(r)
}
