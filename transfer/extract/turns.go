package extract

import (
	"iter"
	"slices"
	"sync"
)

// turns lets workers take the next chunk one after another. Whoever takes it
// reads it, so that it lies in the cache of the processor that works on it.
type turns struct {
	mu   sync.Mutex
	take func() (*chunk, bool)
	end  func()
}

func newTurns(chunks iter.Seq[*chunk]) *turns {
	take, end := iter.Pull(chunks)
	return &turns{take: take, end: end}
}

// next returns nil after the last.
func (t *turns) next() *chunk {
	t.mu.Lock()
	defer t.mu.Unlock()
	c, _ := t.take()
	return c
}

func (t *turns) stop() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.end()
}

// A shelf keeps memory for other chunks. What was put there last is taken first:
// it may still lie in a processor's cache.
type shelf struct {
	mu   sync.Mutex
	kept [][]byte
}

// take returns an empty slice with room for size bytes.
func (s *shelf) take(size int) []byte {
	s.mu.Lock()
	defer s.mu.Unlock()
	n := len(s.kept)
	if n == 0 {
		return make([]byte, 0, size)
	}
	b := s.kept[n-1]
	s.kept = s.kept[:n-1]
	return slices.Grow(b[:0], size)
}

// put gives memory back, unless it is more than most.
func (s *shelf) put(b []byte, most int) {
	if cap(b) == 0 || cap(b) > most {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.kept = append(s.kept, b)
}
