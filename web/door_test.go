package web

import (
	"io"
	"net"
	"net/netip"
	"testing"
)

// caller is a connection from some address.
type caller struct {
	net.Conn
	from   string
	closed *int
}

func (c caller) RemoteAddr() net.Addr {
	return net.TCPAddrFromAddrPort(netip.MustParseAddrPort(c.from))
}

func (c caller) Close() error { *c.closed++; return nil }

// callers come one after the other.
type callers struct {
	net.Listener
	all []net.Conn
}

func (c *callers) Accept() (net.Conn, error) {
	if len(c.all) == 0 {
		return nil, io.EOF
	}
	one := c.all[0]
	c.all = c.all[1:]
	return one, nil
}

// Few connections of one address stay open, and a subscriber's whole network is one
// address; a proxy on this machine speaks for many. Who leaves makes room, once.
func TestDoor(t *testing.T) {
	for name, tt := range map[string]struct {
		from          []string
		stay, leaving int // leaving: how often the first leaves before the others come
	}{
		"few":                      {[]string{"203.0.113.1:1", "203.0.113.1:2"}, 2, 0},
		"too many of one":          {[]string{"203.0.113.1:1", "203.0.113.1:2", "203.0.113.1:3"}, 2, 0},
		"of two":                   {[]string{"203.0.113.1:1", "203.0.113.1:2", "203.0.113.2:3", "203.0.113.2:4"}, 4, 0},
		"a network of six":         {[]string{"[2001:db8::1]:1", "[2001:db8::2]:1", "[2001:db8::3]:1"}, 2, 0},
		"one address in two ways":  {[]string{"203.0.113.1:1", "[::ffff:203.0.113.1]:2", "203.0.113.1:3"}, 2, 0},
		"a proxy here":             {[]string{"127.0.0.1:1", "127.0.0.1:2", "127.0.0.1:3", "[::1]:4"}, 4, 0},
		"too many in all":          {[]string{"127.0.0.1:1", "127.0.0.1:2", "127.0.0.1:3", "127.0.0.1:4", "127.0.0.1:5", "127.0.0.1:6"}, 5, 0},
		"one has left":             {[]string{"203.0.113.1:1", "203.0.113.1:2", "203.0.113.1:3"}, 3, 1},
		"one has left, said twice": {[]string{"203.0.113.1:1", "203.0.113.1:2", "203.0.113.1:3", "203.0.113.1:4"}, 3, 2},
	} {
		t.Run(name, func(t *testing.T) {
			closed, from := 0, &callers{}
			for _, address := range tt.from {
				from.all = append(from.all, caller{from: address, closed: &closed})
			}
			d := &door{Listener: from, most: 5, mostFrom: 2}
			stay := 0
			for {
				c, err := d.Accept()
				if err != nil {
					break
				}
				if stay++; stay == 1 {
					for range tt.leaving {
						c.Close()
					}
				}
			}
			if stay != tt.stay || closed != len(tt.from)-stay+tt.leaving {
				t.Errorf("%d of %d stay, and %d were closed", stay, len(tt.from), closed)
			}
		})
	}
}
