package web

import (
	"net"
	"net/netip"
	"sync"
)

// How many connections may be open: in all, and from one address. Who opens more and
// says nothing, or reads slowly, keeps nobody else out.
const (
	mostOpen     = 4096
	mostOpenFrom = 128
)

// A door is a listener that keeps few connections open for each address. What comes from
// this machine is a proxy's, for many.
type door struct {
	net.Listener
	most, mostFrom int

	mu   sync.Mutex
	all  int
	from map[netip.Addr]int
}

// Accept waits for the next connection that may stay; others are closed at once.
func (d *door) Accept() (net.Conn, error) {
	for {
		c, err := d.Listener.Accept()
		if err != nil {
			return nil, err
		}
		who, err := netip.ParseAddrPort(c.RemoteAddr().String())
		if err != nil {
			c.Close() // not from a network
			continue
		}
		if from := subscriber(who.Addr()); d.enters(from) {
			return &guest{Conn: c, leave: func() { d.leaves(from) }}, nil
		}
		c.Close()
	}
}

func (d *door) enters(who netip.Addr) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.all >= d.most || d.from[who] >= d.mostFrom && !who.IsLoopback() {
		return false
	}
	if d.from == nil {
		d.from = map[netip.Addr]int{}
	}
	d.all++
	d.from[who]++
	return true
}

func (d *door) leaves(who netip.Addr) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.all--
	if d.from[who]--; d.from[who] == 0 {
		delete(d.from, who)
	}
}

// A guest is a connection that the door counts.
type guest struct {
	net.Conn
	once  sync.Once
	leave func()
}

func (g *guest) Close() error {
	g.once.Do(g.leave)
	return g.Conn.Close()
}

// subscriber is the address that somebody is known by: of six, a whole network is one
// subscriber's.
func subscriber(who netip.Addr) netip.Addr {
	if who = who.Unmap(); who.Is6() && !who.IsLoopback() {
		prefix, _ := who.Prefix(64) // of six, which it is
		who = prefix.Addr()
	}
	return who
}
