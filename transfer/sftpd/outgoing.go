package sftpd

import (
	"net"
	"sync"
	"time"
)

const (
	// outgoingSize is what may wait to be handed to the kernel, and outgoingLess
	// what may in a crowd.
	outgoingSize = 64 << 10
	outgoingLess = 16 << 10

	// lastWords is how long what still waits may take to go out when the
	// connection is closed in good order.
	lastWords = 200 * time.Millisecond
)

// An outgoing connection hands many small writes to the kernel as few large
// ones. The SSH layer makes three of each packet of data, and two threads are
// better than one: while one packet is on its way, the next is being encrypted.
//
// Nothing is ever held back for more to come. What is written goes out at once,
// and what is written meanwhile goes out right after it. So a packet waits only
// while the kernel takes others, and at most outgoingSize wait.
type outgoing struct {
	net.Conn
	buffers *stock // those that write nothing have none

	mu      sync.Mutex
	changed sync.Cond // something was taken, or all of it, or an error came
	waiting *[]byte   // nil when nothing waits
	sending bool      // somebody hands over what waits
	err     error     // of the first write that failed
}

// unsent is how much the kernel may hold of a connection that it has not sent
// yet: what lies there goes before anything that we have to say, and cannot be
// taken back.
const unsent = 128 << 10

func newOutgoing(nc net.Conn, buffers *stock) *outgoing {
	if tcp, ok := nc.(*net.TCPConn); ok {
		if raw, err := tcp.SyscallConn(); err == nil {
			raw.Control(func(fd uintptr) { holdLittle(int(fd)) })
		}
	}
	o := &outgoing{Conn: nc, buffers: buffers}
	o.changed.L = &o.mu
	return o
}

// Write returns when all of p waits to be sent. An error may be that of an
// earlier one.
func (o *outgoing) Write(p []byte) (n int, err error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	for len(p) > 0 {
		if o.err != nil {
			return n, o.err
		}
		if o.waiting == nil {
			o.waiting = o.buffers.take(outgoingSize, outgoingLess)
		}
		free := cap(*o.waiting) - len(*o.waiting)
		if free == 0 {
			o.changed.Wait()
			continue
		}
		took := min(free, len(p))
		*o.waiting = append(*o.waiting, p[:took]...)
		n, p = n+took, p[took:]
		if !o.sending {
			o.sending = true
			go o.send()
		}
	}
	return n, nil
}

// send hands over what waits, until nothing does.
func (o *outgoing) send() {
	o.mu.Lock()
	defer o.mu.Unlock()
	for o.waiting != nil && o.err == nil {
		now := o.waiting
		o.waiting = nil
		o.changed.Broadcast()
		o.mu.Unlock()
		_, err := o.Conn.Write(*now)
		o.buffers.put(now, outgoingLess)
		o.mu.Lock()
		o.err = err
	}
	o.sending = false
	o.changed.Broadcast()
}

// Close sends what waits, if the other end takes it, and closes the connection.
func (o *outgoing) Close() error {
	o.Conn.SetWriteDeadline(time.Now().Add(lastWords))
	o.mu.Lock()
	for o.sending {
		o.changed.Wait()
	}
	if o.err == nil {
		o.err = net.ErrClosed
	}
	o.mu.Unlock()
	return o.Conn.Close()
}

// reset breaks the connection off, with all that lies in buffers, ours and the
// kernel's.
func (o *outgoing) reset() {
	if tcp, ok := o.Conn.(interface{ SetLinger(int) error }); ok {
		tcp.SetLinger(0)
	}
	o.Conn.Close()
}
