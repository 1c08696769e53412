package sftpd

import (
	"cmp"
	"fmt"
	"net/netip"
	"sync"
	"time"

	"darsd/dars"
)

// Limits are what the endpoint puts up with. A zero stands for the default.
type Limits struct {
	Strangers     int           // connections on which nobody has signed in yet; 500
	StrangersEach int           // of those, from one address; 20
	SignIn        time.Duration // for saying who one is; 30 s
	Offers        int           // wrong keys after which a connection is closed; 10

	Failures    int           // of one address, each a connection on which nobody signed in, before it is put off; 10
	FailuresIn  time.Duration // in how long; 10 min
	PutOff      time.Duration // for how long at first, then each time twice as long; 1 min
	MaxPutOff   time.Duration // and never longer than this; 1 h
	MaxSlowed   time.Duration // how long at most a wrong key is left waiting when its login has seen many; 3 s
	MaxRemember int           // addresses and logins kept in memory, of each; 65,536

	Connections      int           // that have signed in; 2000
	ConnectionsEach  int           // of those, of one person; 32
	Channels         int           // of one connection; 10 (rclone uses two)
	FilesEach        int           // open at once for one person, over all their connections; 1024
	Commands         int           // running at once on one connection; 4
	CommandTime      time.Duration // for one command; 10 min
	RequestsInMinute int           // that are no SFTP, on one connection or one channel, before it is closed; 100

	Idle      time.Duration // with no file open and no command running, before the connection is closed; 30 min
	KeepAlive time.Duration // of silence before a client is asked whether it is there; the third time without an answer it is taken for dead; 2 min
}

// orDefault fills in what is not set.
func (l Limits) orDefault() Limits {
	return Limits{
		Strangers:     cmp.Or(l.Strangers, 500),
		StrangersEach: cmp.Or(l.StrangersEach, 20),
		SignIn:        cmp.Or(l.SignIn, 30*time.Second),
		Offers:        cmp.Or(l.Offers, 10),

		Failures:    cmp.Or(l.Failures, 10),
		FailuresIn:  cmp.Or(l.FailuresIn, 10*time.Minute),
		PutOff:      cmp.Or(l.PutOff, time.Minute),
		MaxPutOff:   cmp.Or(l.MaxPutOff, time.Hour),
		MaxSlowed:   cmp.Or(l.MaxSlowed, 3*time.Second),
		MaxRemember: cmp.Or(l.MaxRemember, 1<<16),

		Connections:      cmp.Or(l.Connections, 2000),
		ConnectionsEach:  cmp.Or(l.ConnectionsEach, 32),
		Channels:         cmp.Or(l.Channels, 10),
		FilesEach:        cmp.Or(l.FilesEach, 1024),
		Commands:         cmp.Or(l.Commands, 4),
		CommandTime:      cmp.Or(l.CommandTime, 10*time.Minute),
		RequestsInMinute: cmp.Or(l.RequestsInMinute, 100),

		Idle:      cmp.Or(l.Idle, 30*time.Minute),
		KeepAlive: cmp.Or(l.KeepAlive, 2*time.Minute),
	}
}

// An attendance counts who is here.
type attendance struct {
	mu        sync.Mutex
	strangers map[netip.Prefix]int
	waiting   int // of them all
	people    map[dars.PersonID]*presence
	inside    int // connections of them all
}

// A presence is what one person has here.
type presence struct{ connections, files int }

// knock lets a stranger in to say who they are, if there is room.
func (a *attendance) knock(from netip.Prefix, l Limits) bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.waiting >= l.Strangers || a.strangers[from] >= l.StrangersEach {
		return false
	}
	if a.strangers == nil {
		a.strangers = map[netip.Prefix]int{}
	}
	a.strangers[from]++
	a.waiting++
	return true
}

// known ends what knock began: the stranger has signed in, or has gone.
func (a *attendance) known(from netip.Prefix) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.waiting--
	if a.strangers[from]--; a.strangers[from] == 0 {
		delete(a.strangers, from)
	}
}

// enter counts a connection of a person's, or returns an error that says why
// there is no room for it.
func (a *attendance) enter(who dars.PersonID, l Limits) error {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.inside >= l.Connections {
		return because(nil, "the office is full just now; try again later")
	}
	p := a.presence(who)
	if p.connections >= l.ConnectionsEach {
		return because(nil, fmt.Sprintf("at most %d connections at once for one person; close one of yours", l.ConnectionsEach))
	}
	p.connections++
	a.inside++
	return nil
}

// leave ends what enter began.
func (a *attendance) leave(who dars.PersonID) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.inside--
	p := a.people[who]
	p.connections--
	a.forget(who, p)
}

// take counts a file that a person is about to open. It reports whether they may.
func (a *attendance) take(who dars.PersonID, l Limits) bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	p := a.presence(who)
	if p.files >= l.FilesEach {
		return false
	}
	p.files++
	return true
}

// put ends what take began. It may come after leave: the last thing that a
// connection does is to settle what was open.
func (a *attendance) put(who dars.PersonID) {
	a.mu.Lock()
	defer a.mu.Unlock()
	p := a.people[who]
	p.files--
	a.forget(who, p)
}

func (a *attendance) presence(who dars.PersonID) *presence {
	if a.people == nil {
		a.people = map[dars.PersonID]*presence{}
	}
	p := a.people[who]
	if p == nil {
		p = &presence{}
		a.people[who] = p
	}
	return p
}

func (a *attendance) forget(who dars.PersonID, p *presence) {
	if *p == (presence{}) {
		delete(a.people, who)
	}
}

// A flood tells when somebody asks for too much: more than so many things in a
// minute.
type flood struct {
	began time.Time
	n     int
}

// more counts one, and reports whether it is too many.
func (f *flood) more(now time.Time, most int) bool {
	if now.Sub(f.began) >= time.Minute {
		f.began, f.n = now, 0
	}
	f.n++
	return f.n > most
}
