package sftpd

import (
	"io"
	"net"
	"sync"
	"testing"
)

// A line lies between clients and the office, and counts what it carries to the
// clients. After so many bytes it breaks, or stands still as one does that is
// slower than anybody's patience.
type line struct {
	addr    string
	reached chan struct{} // closed when it has carried so many

	still bool
	on    chan struct{} // closed to let a line that stands still carry on

	mu      sync.Mutex
	left    int64 // that it carries until then
	carried int64
	ends    []net.Conn
	gone    bool // it has broken: nobody gets through any more
}

func (o *office) breaks(t *testing.T, after int64) *line { return o.line(t, &line{left: after}) }
func (o *office) halts(t *testing.T, after int64) *line {
	return o.line(t, &line{left: after, still: true})
}

func (o *office) line(t *testing.T, l *line) *line {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	l.addr, l.reached, l.on = ln.Addr().String(), make(chan struct{}), make(chan struct{})
	var work sync.WaitGroup
	work.Go(func() {
		for {
			client, err := ln.Accept()
			if err != nil {
				return
			}
			office, err := net.Dial("tcp", o.addr)
			if err != nil {
				client.Close()
				continue
			}
			l.through(client, office)
			office.(*net.TCPConn).SetReadBuffer(64 << 10) // it has little in its own hands
			work.Go(func() { l.carry(client, office) })
			work.Go(func() {
				io.Copy(office, client)
				office.Close()
			})
		}
	})
	t.Cleanup(func() {
		ln.Close()
		l.cut()
		work.Wait()
	})
	return l
}

// through lets somebody in, unless it has broken.
func (l *line) through(ends ...net.Conn) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.ends = append(l.ends, ends...)
	if l.gone {
		for _, end := range ends {
			end.Close()
		}
	}
}

// carry takes to one client what the office says.
func (l *line) carry(client, office net.Conn) {
	defer client.Close()
	piece := make([]byte, 16<<10)
	for {
		n, err := office.Read(piece)
		if err != nil {
			return
		}
		some := l.allowed(n)
		client.Write(piece[:some])
		if some == n {
			continue
		}
		if !l.still {
			l.cut()
			return
		}
		<-l.on
		client.Write(piece[some:n])
	}
}

// allowed says how many of some bytes are carried.
func (l *line) allowed(n int) int {
	l.mu.Lock()
	defer l.mu.Unlock()
	select {
	case <-l.on:
		l.left = int64(n)
	default:
	}
	some := min(l.left, int64(n))
	if l.left -= some; some < int64(n) {
		l.reach()
	}
	l.carried += some
	return int(some)
}

// reach says that it carries no more for now. Called with mu held.
func (l *line) reach() {
	select {
	case <-l.reached:
	default:
		close(l.reached)
	}
}

// carryOn lets a line that stands still carry all that comes.
func (l *line) carryOn() {
	l.mu.Lock()
	defer l.mu.Unlock()
	select {
	case <-l.on:
	default:
		close(l.on)
	}
}

// cut breaks it: what has not been carried never is.
func (l *line) cut() {
	l.mu.Lock()
	l.reach()
	l.gone = true
	for _, end := range l.ends {
		end.Close()
	}
	l.mu.Unlock()
	l.carryOn()
}

// count says how many bytes have been carried to clients.
func (l *line) count() int64 {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.carried
}
