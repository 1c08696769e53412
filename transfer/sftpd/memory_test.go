package sftpd

import (
	"io"
	"net"
	"net/netip"
	"os"
	"sync"
	"time"
)

// A memory is a listener without a network, so that time can be made to pass in
// a synctest bubble. Unlike net.Pipe it takes what is written before it is read,
// which SSH needs: both sides speak first.
type memory struct {
	from   netip.AddrPort
	called chan net.Conn
	closed chan struct{}
	once   sync.Once
}

func inMemory() *memory {
	return &memory{from: netip.MustParseAddrPort("192.0.2.1:1024"), called: make(chan net.Conn), closed: make(chan struct{})}
}

func (m *memory) dial() net.Conn {
	there, back := newStream(), newStream()
	addr := net.TCPAddrFromAddrPort(m.from)
	m.called <- &memoryConn{there, back, addr}
	return &memoryConn{back, there, addr}
}

func (m *memory) Accept() (net.Conn, error) {
	select {
	case nc := <-m.called:
		return nc, nil
	case <-m.closed:
		return nil, net.ErrClosed
	}
}

func (m *memory) Close() error {
	m.once.Do(func() { close(m.closed) })
	return nil
}

func (m *memory) Addr() net.Addr {
	return net.TCPAddrFromAddrPort(netip.MustParseAddrPort("192.0.2.2:22"))
}

// A memoryConn reads from one stream and writes to the other.
type memoryConn struct {
	in, out *stream
	addr    net.Addr
}

func (c *memoryConn) Read(p []byte) (int, error)  { return c.in.read(p) }
func (c *memoryConn) Write(p []byte) (int, error) { return c.out.write(p) }
func (c *memoryConn) Close() error                { c.in.end(io.ErrClosedPipe); c.out.end(io.EOF); return nil }
func (c *memoryConn) LocalAddr() net.Addr         { return c.addr }
func (c *memoryConn) RemoteAddr() net.Addr        { return c.addr }

func (c *memoryConn) SetDeadline(t time.Time) error    { c.in.deadline(t); return nil }
func (c *memoryConn) SetReadDeadline(time.Time) error  { return nil }
func (c *memoryConn) SetWriteDeadline(time.Time) error { return nil }

// A stream is one direction.
type stream struct {
	mu    sync.Mutex
	more  *sync.Cond
	lies  []byte
	over  error
	timer *time.Timer
}

func newStream() *stream {
	s := &stream{}
	s.more = sync.NewCond(&s.mu)
	return s
}

func (s *stream) read(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for len(s.lies) == 0 {
		if s.over != nil {
			return 0, s.over
		}
		s.more.Wait()
	}
	n := copy(p, s.lies)
	s.lies = s.lies[n:]
	return n, nil
}

func (s *stream) write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.over != nil {
		return 0, io.ErrClosedPipe
	}
	s.lies = append(s.lies, p...)
	s.more.Broadcast()
	return len(p), nil
}

func (s *stream) end(why error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.over == nil {
		s.over = why
	}
	s.more.Broadcast()
}

func (s *stream) deadline(t time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.timer != nil {
		s.timer.Stop()
		s.timer = nil
	}
	if !t.IsZero() {
		s.timer = time.AfterFunc(time.Until(t), func() { s.end(os.ErrDeadlineExceeded) })
	}
}
