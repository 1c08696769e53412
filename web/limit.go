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

// allows takes so many requests of an address, if it has them left.
func (l *limiter) allows(who netip.Addr, weight float64) bool {
	who = subscriber(who)
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
	may := b.left >= weight
	if may {
		b.left -= weight
	}
	l.left[who] = b
	return may
}

// weight is for how many requests one counts. What lies ready counts once; what is made
// for who asks alone counts as much more as it takes.
func weight(r *http.Request) float64 {
	switch {
	case r.URL.RawQuery == "":
		return 1
	case strings.HasPrefix(r.URL.Path, "/register.") || r.URL.Path == "/" || strings.HasPrefix(r.URL.Path, "/dashboard."):
		return 20
	case strings.Contains(r.URL.RawQuery, "q="):
		return 5
	}
	return 2
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
	last := strings.TrimSpace(said[len(said)-1])
	if from, err := netip.ParseAddrPort(last); err == nil { // some proxies say the port as well
		return from.Addr().Unmap(), true
	}
	who, err = netip.ParseAddr(strings.Trim(last, "[]"))
	return who.Unmap(), err == nil
}
