package sftpd

import (
	"bytes"
	"errors"
	"io"
	"math/rand/v2"
	"net"
	"sync"
	"testing"
	"testing/synctest"
)

// A sink stands for the kernel: it takes a write when it is told to.
type sink struct {
	net.Conn
	gate chan struct{} // each write waits for one; closed, none does

	mu     sync.Mutex
	writes [][]byte
	err    error
}

func (s *sink) Write(p []byte) (int, error) {
	<-s.gate
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.err != nil {
		return 0, s.err
	}
	s.writes = append(s.writes, bytes.Clone(p))
	return len(p), nil
}

func newSink() *sink {
	near, _ := net.Pipe()
	return &sink{Conn: near, gate: make(chan struct{})}
}

func TestOutgoingPassesAllInOrder(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newSink()
		o := newOutgoing(s, new(stock))
		random := rand.NewChaCha8([32]byte{1})
		want := make([]byte, 1<<20)
		random.Read(want)
		go func() {
			for range 1000 {
				s.gate <- struct{}{}
			}
		}()
		for rest := want; len(rest) > 0; {
			n := min(len(rest), 1+int(random.Uint64()%100_000))
			if took, err := o.Write(rest[:n]); took != n || err != nil {
				t.Fatal(took, err)
			}
			rest = rest[n:]
		}
		synctest.Wait()
		if got := bytes.Join(s.writes, nil); !bytes.Equal(got, want) {
			t.Errorf("%d bytes came out, not those that went in", len(got))
		}
		for range 1000 - len(s.writes) {
			<-s.gate
		}
	})
}

// Small packets that come while the kernel is busy go together; the first does
// not wait for them.
func TestOutgoingGathersWhileTheKernelIsBusy(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newSink()
		o := newOutgoing(s, new(stock))
		o.Write([]byte("a"))
		synctest.Wait() // it is on its way
		for range 100 {
			o.Write([]byte("bc"))
		}
		close(s.gate)
		synctest.Wait()
		if len(s.writes) != 2 || string(s.writes[0]) != "a" || len(s.writes[1]) != 200 {
			t.Errorf("%d writes: %q", len(s.writes), s.writes)
		}
	})
}

// A cut must not be followed by much.
func TestOutgoingHoldsLittle(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newSink()
		o := newOutgoing(s, new(stock))
		taken, broken := 0, error(nil)
		go func() {
			for broken == nil {
				var n int
				n, broken = o.Write(make([]byte, 1000))
				taken += n
			}
		}()
		synctest.Wait()
		if taken > 2*outgoingSize {
			t.Errorf("%d bytes were taken that the kernel has not", taken)
		}
		s.err = errors.New("the line broke")
		close(s.gate)
		synctest.Wait()
		if broken != s.err || len(s.writes) > 0 {
			t.Errorf("%v, and %d writes after it", broken, len(s.writes))
		}
	})
}

func TestOutgoingSendsLastWords(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		near, far := net.Pipe()
		o := newOutgoing(near, new(stock))
		o.Write([]byte("good"))
		o.Write([]byte("bye"))
		go o.Close()
		if got, err := io.ReadAll(far); string(got) != "goodbye" || err != nil {
			t.Errorf("%q, %v", got, err)
		}
		if _, err := o.Write([]byte("more")); err == nil {
			t.Error("written after Close")
		}

		// Nor does it wait for ever for somebody who takes nothing.
		near, _ = net.Pipe()
		o = newOutgoing(near, new(stock))
		o.Write([]byte("goodbye"))
		o.Close()
	})
}
