package sftpd

import (
	"hash/maphash"
	"net/netip"
	"slices"
	"sync"
	"time"
)

// A throttle remembers who failed to sign in, for as long as that matters.
//
// It counts against the address a connection comes from: an address that fails
// too often is put off, as sshd does it (PerSourcePenalties in sshd_config(5)).
// Nothing is ever counted against a login so that it could not sign in: anybody
// could then lock somebody out. A login of many failures is only answered more
// slowly when a key is wrong, and it makes no difference whether there is such a
// login.
//
// Time is the machine's here, and not the office's clock.
type throttle struct {
	mu        sync.Mutex
	seed      maphash.Seed
	addresses map[netip.Prefix]*record
	logins    map[uint64]*record
	swept     time.Time // when what is out of date was last removed
}

// What a failure weighs. A connection on which nobody even said a login is
// mostly a scanner, or a machine that looks whether the port answers. One whose
// key was proved to belong to somebody known, who may not come in now, is no
// guess.
const (
	failure = 50
	trifle  = 1

	// neighbours is how many times more an address's neighbours may fail
	// together: the rest of its /24, or of the /48 in IPv6.
	neighbours = 10

	// blames is how many logins' failures are kept apart for one address, so
	// that those of a login can be forgiven. The rest cannot.
	blames = 4
)

// A record is what is remembered of one address, its neighbourhood, or a login.
type record struct {
	since  time.Time // the first of what is counted
	points int       // failures, by weight
	blames []blame   // of the points, those of the first few logins
	until  time.Time // put off
	times  int       // it has been, in short order
}

type blame struct {
	login  uint64
	points int
}

// address is what counts as one address: a customer of IPv6 has a whole /64.
func address(from netip.Addr) netip.Prefix {
	bits := 64
	if from.Is4() {
		bits = 32
	}
	p, _ := from.WithZone("").Prefix(bits)
	return p
}

// neighbourhood is what it lies in.
func neighbourhood(from netip.Addr) netip.Prefix {
	bits := 48
	if from.Is4() {
		bits = 24
	}
	p, _ := from.WithZone("").Prefix(bits)
	return p
}

// putOff reports whether nobody from an address is to be heard now.
func (t *throttle) putOff(from netip.Addr, now time.Time) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, p := range []netip.Prefix{address(from), neighbourhood(from)} {
		if r := t.addresses[p]; r != nil && now.Before(r.until) {
			return true
		}
	}
	return false
}

// failed counts a connection on which nobody signed in, under the logins that
// were tried on it. It reports whether the address is put off now.
func (t *throttle) failed(from netip.Addr, logins []string, weight int, now time.Time, l Limits) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.begin(now, l)
	first := uint64(0)
	for i, login := range logins {
		h := t.hash(login)
		if i == 0 {
			first = h
		}
		r := entry(t.logins, h, l.MaxRemember)
		r.turn(now, l)
		r.points++
	}
	near := entry(t.addresses, address(from), l.MaxRemember)
	far := entry(t.addresses, neighbourhood(from), l.MaxRemember)
	near.count(first, weight, l.Failures*failure, now, l)
	far.count(first, weight, l.Failures*failure*neighbours, now, l)
	return now.Before(near.until) || now.Before(far.until)
}

// forgive takes back what was counted against an address for a login that has
// now signed in from it: an agent offers key after key until one fits.
func (t *throttle) forgive(from netip.Addr, login string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	h := t.hash(login)
	for _, p := range []netip.Prefix{address(from), neighbourhood(from)} {
		r := t.addresses[p]
		if r == nil {
			continue
		}
		if i := slices.IndexFunc(r.blames, func(b blame) bool { return b.login == h }); i >= 0 {
			r.points -= r.blames[i].points
			r.blames = slices.Delete(r.blames, i, i+1)
		}
	}
}

// slowed is how long a wrong key for a login is left waiting: not at all after
// the first few, then twice as long after each.
func (t *throttle) slowed(login string, now time.Time, l Limits) time.Duration {
	t.mu.Lock()
	defer t.mu.Unlock()
	r := t.logins[t.hash(login)]
	if r == nil || now.Sub(r.since) >= l.FailuresIn || r.points < 3 {
		return 0
	}
	return min(50*time.Millisecond<<min(r.points-3, 20), l.MaxSlowed)
}

func (t *throttle) hash(login string) uint64 {
	if t.seed == (maphash.Seed{}) {
		t.seed = maphash.MakeSeed()
	}
	return maphash.String(t.seed, login)
}

// begin makes the maps, and now and then removes what does not matter any more.
func (t *throttle) begin(now time.Time, l Limits) {
	if t.addresses == nil {
		t.addresses, t.logins = map[netip.Prefix]*record{}, map[uint64]*record{}
	}
	if now.Sub(t.swept) < time.Minute {
		return
	}
	t.swept = now
	for p, r := range t.addresses {
		if r.over(now, l) {
			delete(t.addresses, p)
		}
	}
	for h, r := range t.logins {
		if r.over(now, l) {
			delete(t.logins, h)
		}
	}
}

// entry finds a record or makes it. Where there are too many, because somebody
// comes from very many addresses, the mildest of a few is forgotten for it.
func entry[K comparable](all map[K]*record, key K, most int) *record {
	if r := all[key]; r != nil {
		return r
	}
	if len(all) >= most {
		var mildest K
		var least *record
		looked := 0
		for k, r := range all { // in no order
			if least == nil || r.milder(least) {
				mildest, least = k, r
			}
			if looked++; looked == 16 {
				break
			}
		}
		delete(all, mildest)
	}
	r := &record{}
	all[key] = r
	return r
}

// turn begins to count anew when what was counted is long ago.
func (r *record) turn(now time.Time, l Limits) {
	if now.Sub(r.since) >= l.FailuresIn {
		r.since, r.points, r.blames = now, 0, nil
	}
	if !r.until.IsZero() && now.Sub(r.until) >= l.MaxPutOff {
		r.until, r.times = time.Time{}, 0
	}
}

// count adds to what was counted, and puts off when it comes to too much.
func (r *record) count(login uint64, weight, most int, now time.Time, l Limits) {
	if now.Before(r.until) {
		return // it was let in before
	}
	r.turn(now, l)
	r.points += weight
	i := slices.IndexFunc(r.blames, func(b blame) bool { return b.login == login })
	switch {
	case i >= 0:
		r.blames[i].points += weight
	case len(r.blames) < blames:
		r.blames = append(r.blames, blame{login, weight})
	}
	if r.points < most {
		return
	}
	r.until = now.Add(min(l.PutOff<<min(r.times, 20), l.MaxPutOff))
	r.times++
	r.points, r.blames = 0, nil
}

// over reports whether a record says nothing any more.
func (r *record) over(now time.Time, l Limits) bool {
	return now.Sub(r.since) >= l.FailuresIn && (r.until.IsZero() || now.Sub(r.until) >= l.MaxPutOff)
}

// milder reports whether less is lost with r than with o.
func (r *record) milder(o *record) bool {
	if !r.until.Equal(o.until) {
		return r.until.Before(o.until)
	}
	return r.points < o.points
}
