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
	outgoing  sync.Pool    // of *[]byte, see outgoing
	answers   sync.Pool    // of *[]byte with room for maxTogether ordinary answers, see answerReads
	answer    sync.Pool    // of *[]byte with room for one
	answering atomic.Int32 // sessions that have one or the other
	incoming  sync.Pool    // of *bufio.Reader, see incoming
}

// crowd is how many sessions may answer several READs at once, or a long one:
// 16 MiB. Beyond, each answers one of the ordinary length at a time.
const crowd = 128

// oneAnswer is the room that an ordinary answer takes.
const oneAnswer = dataHead + ordinary

// frames is memory for answers to READs.
func (s *spare) frames() *[]byte {
	room, pool := maxTogether*oneAnswer, &s.answers
	if s.answering.Add(1) > crowd {
		room, pool = oneAnswer, &s.answer
	}
	if b, ok := pool.Get().(*[]byte); ok {
		return b
	}
	b := make([]byte, 0, room)
	return &b
}

func (s *spare) takeFrames(b *[]byte) {
	s.answering.Add(-1)
	if cap(*b) > oneAnswer {
		s.answers.Put(b)
	} else {
		s.answer.Put(b)
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
