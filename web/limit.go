package web

import (
	"net/http"
	"net/netip"
	"strings"
	"sync"
	"time"
)

// A limiter lets each address ask so often: some requests at once, and then so many a
// second.
type limiter struct {
	perSecond, atOnce float64
	now               func() time.Time

	mu   sync.Mutex
	left map[netip.Addr]bucket
}

type bucket struct {
	left float64
	at   time.Time
}

// mostBuckets is how many addresses are remembered; then all begin anew.
const mostBuckets = 100_000

// allows takes one request of an address, if it has one left.
func (l *limiter) allows(who netip.Addr) bool {
	if who.Is6() && !who.Is4In6() { // one subscriber has a whole network
		prefix, _ := who.Prefix(64) // of six, which it is
		who = prefix.Addr()
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.left == nil || len(l.left) >= mostBuckets {
		l.left = map[netip.Addr]bucket{}
	}
	now := l.now()
	b, known := l.left[who]
	if !known {
		b = bucket{l.atOnce, now}
	}
	b.left, b.at = min(l.atOnce, b.left+now.Sub(b.at).Seconds()*l.perSecond), now
	may := b.left >= 1
	if may {
		b.left--
	}
	l.left[who] = b
	return may
}

// asker is the address that a request is counted by. What comes from this machine is a
// proxy's, and the last address that it has added counts; without one nobody's does.
func asker(r *http.Request) (who netip.Addr, counted bool) {
	peer, err := netip.ParseAddrPort(r.RemoteAddr)
	if err != nil {
		return who, false
	}
	if !peer.Addr().IsLoopback() {
		return peer.Addr().Unmap(), true
	}
	said := strings.Split(strings.Join(r.Header.Values("X-Forwarded-For"), ","), ",")
	who, err = netip.ParseAddr(strings.TrimSpace(said[len(said)-1]))
	return who.Unmap(), err == nil
}
