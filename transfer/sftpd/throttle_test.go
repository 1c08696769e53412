package sftpd

import (
	"fmt"
	"io"
	"net/netip"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/crypto/ssh"
)

var (
	someday = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	home    = netip.MustParseAddr("192.0.2.1")
	here    = netip.MustParseAddr("127.0.0.1")
	usual   = Limits{}.orDefault()
)

func TestAnAddressThatFailsIsPutOffLongerEachTime(t *testing.T) {
	var th throttle
	now := someday
	for i, want := range []time.Duration{1, 2, 4, 8, 16, 32, 60, 60} {
		want *= time.Minute
		for n := range usual.Failures {
			if th.putOff(home, now) {
				t.Fatalf("put off after %d failures", n)
			}
			if off := th.failed(home, []string{"alice"}, failure, now, usual); off != (n == usual.Failures-1) {
				t.Errorf("after %d failures: %v", n+1, off)
			}
		}
		if !th.putOff(home, now.Add(want-time.Nanosecond)) || th.putOff(home, now.Add(want)) {
			t.Errorf("the %d. time is not %v", i+1, want)
		}
		now = now.Add(want)
	}
	// Who behaves for an hour begins again.
	now = now.Add(usual.MaxPutOff)
	for range usual.Failures {
		th.failed(home, nil, failure, now, usual)
	}
	if !th.putOff(home, now) || th.putOff(home, now.Add(usual.PutOff)) {
		t.Error("it was not forgotten")
	}
}

func TestFailuresFarApartDoNotCountTogether(t *testing.T) {
	var th throttle
	now := someday
	for range 100 {
		th.failed(home, []string{"alice"}, failure, now, usual)
		now = now.Add(usual.FailuresIn / time.Duration(usual.Failures-2))
		if th.putOff(home, now) {
			t.Fatal("put off")
		}
	}
}

// A machine that looks every two seconds whether the port answers is no attack.
func TestWhoSaysNothingCountsLittle(t *testing.T) {
	var th throttle
	now := someday
	for range 1000 {
		if th.failed(home, nil, trifle, now, usual) {
			t.Fatal("put off")
		}
		now = now.Add(2 * time.Second)
	}
	for range usual.Failures * failure {
		th.failed(home, nil, trifle, now, usual)
	}
	if !th.putOff(home, now) {
		t.Error("any number of them is let in")
	}
}

func TestNeighboursCountTogetherButLess(t *testing.T) {
	for _, tt := range []struct{ one, same, near, far string }{
		{"192.0.2.1", "192.0.2.1", "192.0.2.77", "192.0.3.1"},
		{"2001:db8:1:2::1", "2001:db8:1:2:ffff::9", "2001:db8:1:3::1", "2001:db8:2::1"},
	} {
		var th throttle
		one, same, near, far := netip.MustParseAddr(tt.one), netip.MustParseAddr(tt.same), netip.MustParseAddr(tt.near), netip.MustParseAddr(tt.far)
		for range usual.Failures {
			th.failed(one, nil, failure, someday, usual)
		}
		if !th.putOff(same, someday) || th.putOff(near, someday) {
			t.Errorf("%s: %v, %s: %v", same, th.putOff(same, someday), near, th.putOff(near, someday))
		}
		th = throttle{}
		for i := range usual.Failures * neighbours {
			if th.putOff(near, someday) {
				t.Fatalf("the neighbourhood of %s is put off after %d", near, i)
			}
			a := one.As16()
			if one.Is4() {
				a[15] = byte(i)
			} else {
				a[7] = byte(i)
			}
			th.failed(netip.AddrFrom16(a).Unmap(), nil, failure, someday, usual)
		}
		if !th.putOff(near, someday) || th.putOff(far, someday) {
			t.Errorf("%s: %v, %s: %v", near, th.putOff(near, someday), far, th.putOff(far, someday))
		}
	}
}

// Who signs in with their tenth key did nothing wrong with the nine before. That
// does not clear them of guesses at others.
func TestSigningInForgivesItsOwnFailures(t *testing.T) {
	var th throttle
	for range 50 {
		th.failed(home, []string{"alice"}, failure, someday, usual)
		th.forgive(home, "alice")
	}
	if th.putOff(home, someday) {
		t.Error("she is put off")
	}
	for range usual.Failures {
		th.failed(home, []string{"bob"}, failure, someday, usual)
		th.forgive(home, "alice")
	}
	if !th.putOff(home, someday) {
		t.Error("a good login is a licence to guess at others")
	}
}

// However many fail under a login, it is only answered more slowly; and nobody
// can tell from it whether there is such a login, for nothing here knows.
func TestALoginIsSlowedAndNeverLocked(t *testing.T) {
	var th throttle
	last := time.Duration(0)
	for i := range 1000 {
		slow := th.slowed("alice", someday, usual)
		if i < 3 && slow != 0 || slow < last || slow > usual.MaxSlowed {
			t.Errorf("after %d failures: %v, and %v before", i, slow, last)
		}
		last = slow
		th.failed(netip.AddrFrom4([4]byte{10, 1, byte(i / 4), byte(i)}), []string{"alice"}, failure, someday, usual)
	}
	if last != usual.MaxSlowed {
		t.Errorf("at last %v", last)
	}
	if slow := th.slowed("bob", someday, usual); slow != 0 {
		t.Errorf("another: %v", slow)
	}
	if slow := th.slowed("alice", someday.Add(usual.FailuresIn), usual); slow != 0 {
		t.Errorf("later: %v", slow)
	}
}

// An attacker with any number of addresses fills no memory, and does not get the
// worst of them forgotten by it.
func TestTheMemoryOfFailuresIsBounded(t *testing.T) {
	var th throttle
	l := usual
	l.MaxRemember = 1000
	for range l.Failures {
		th.failed(home, nil, failure, someday, l)
	}
	for i := range 20 * l.MaxRemember {
		th.failed(netip.AddrFrom4([4]byte{10, byte(i >> 16), byte(i >> 8), byte(i)}), []string{fmt.Sprint(i)}, failure, someday, l)
	}
	if len(th.addresses) > l.MaxRemember || len(th.logins) > l.MaxRemember {
		t.Errorf("%d addresses and %d logins are remembered", len(th.addresses), len(th.logins))
	}
	if !th.putOff(home, someday) {
		t.Error("who was put off is let in again")
	}
	th.failed(home, nil, failure, someday.Add(24*time.Hour), l)
	if len(th.addresses) > 2 || len(th.logins) > 0 {
		t.Errorf("a day later %d addresses and %d logins are remembered", len(th.addresses), len(th.logins))
	}
}

func TestManyFailAtOnce(t *testing.T) {
	var th throttle
	var all sync.WaitGroup
	for range 100 {
		all.Go(func() {
			th.failed(home, []string{"alice"}, failure, someday, usual)
			th.forgive(home, "bob")
			th.putOff(home, someday)
			th.slowed("alice", someday, usual)
		})
	}
	all.Wait()
	if r := th.addresses[address(home)]; r.times != 1 || !th.putOff(home, someday) {
		t.Errorf("put off %d times", r.times)
	}
}

// turnedAway reports whether a connection is closed before anything is said.
func (o *office) turnedAway() bool {
	nc := o.dial()
	defer nc.Close()
	nc.SetDeadline(time.Now().Add(time.Minute))
	n, err := io.ReadFull(nc, make([]byte, 4))
	return n == 0 && err != nil
}

func TestAStrangerWhoFailsIsPutOff(t *testing.T) {
	o := open(t, func(o *office) { o.server.Limits = Limits{Failures: 3, PutOff: time.Hour} })
	v := o.visit(alice)
	_, wrong := o.key("carol", "P-000003")
	for range 3 {
		if o.turnedAway() { // which says nothing, and counts little
			t.Fatal("turned away too early")
		}
		if _, err := o.signIn(o.dial(), "login", wrong); err == nil {
			t.Fatal("carol signed in as somebody else")
		}
	}
	o.until("the address is put off", o.turnedAway)
	if _, err := v.NewSession(); err != nil {
		t.Errorf("who was in before is out: %v", err)
	}
}

// until waits for something that happens soon after.
func (o *office) until(what string, is func() bool) {
	o.t.Helper()
	for end := time.Now().Add(time.Minute); !is(); {
		if time.Now().After(end) {
			o.t.Fatal("it does not come about that " + what)
		}
	}
}

// A desk that cannot say who somebody is must not have everybody put off, and whoever
// comes is told, once, that it is no fault of theirs.
func TestAFaultOfOursIsNobodysFailure(t *testing.T) {
	o := open(t, func(o *office) { o.server.Limits = Limits{Failures: 1, PutOff: time.Hour} })
	_, hers := o.key("alice", alice)
	o.set(func() { o.unknown = io.ErrUnexpectedEOF })
	for range 5 {
		_, said, err := o.try("alice", newED25519(t), hers)
		if err == nil {
			t.Fatal("signed in")
		}
		if strings.Count(said, "a fault of its own") != 1 || strings.Contains(said, "EOF") {
			t.Errorf("it is told %q", said)
		}
	}
	o.set(func() { o.unknown = nil })
	if _, err := o.signIn(o.dial(), "alice", hers); err != nil {
		t.Error(err)
	}
}

// Nine keys of which the tenth is good are one visit, and no failure.
func TestAnAgentFullOfKeysGetsIn(t *testing.T) {
	o := open(t, func(o *office) { o.server.Limits = Limits{Failures: 1, PutOff: time.Hour} })
	var keys []ssh.Signer
	for range 9 {
		_, other := o.key("somebody else", bob)
		keys = append(keys, other)
	}
	_, hers := o.key("alice", alice)
	for range 3 {
		client, _, err := o.try("alice", append(keys, hers)...)
		if err != nil {
			t.Fatal(err)
		}
		client.Close()
	}
}

// Who tried with the wrong key first and then signs in begins again.
func TestSigningInClearsTheAddress(t *testing.T) {
	o := open(t, func(o *office) { o.server.Limits = Limits{Failures: 2, PutOff: time.Hour} })
	_, hers := o.key("alice", alice)
	counted := func(points int) func() bool {
		return func() bool {
			th := &o.server.throttle
			th.mu.Lock()
			defer th.mu.Unlock()
			r := th.addresses[address(here)]
			return r != nil && r.points == points
		}
	}
	for range 4 {
		if _, _, err := o.try("alice", newED25519(t)); err == nil {
			t.Fatal("signed in with a key that nobody knows")
		}
		o.until("the failure is counted", counted(failure))
		client, _, err := o.try("alice", hers)
		if err != nil {
			t.Fatal(err)
		}
		o.until("it is forgiven", counted(0))
		client.Close()
	}
}
