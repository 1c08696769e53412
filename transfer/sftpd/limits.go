package sftpd

import (
	"cmp"
	"fmt"
	"net/netip"
	"slices"
	"sync"
	"time"

	"darsd/dars"
)

// Limits are what the endpoint puts up with. A zero stands for the default.
type Limits struct {
	Strangers     int           // connections on which nobody has signed in yet; 500
	StrangersEach int           // of those, from one address; 20
	Line          int           // more of them that may wait for their turn; 2000
	LineEach      int           // of those, from one address; 1000
	SignIn        time.Duration // for saying who one is; 30 s
	Offers        int           // wrong keys after which a connection is closed; 10

	Failures    int           // of one address, each a connection on which nobody signed in, before it is put off; 10
	FailuresIn  time.Duration // in how long; 10 min
	PutOff      time.Duration // for how long at first, then each time twice as long; 1 min
	MaxPutOff   time.Duration // and never longer than this; 1 h
	MaxSlowed   time.Duration // how long at most a wrong key is left waiting when its login has seen many; 3 s
	MaxRemember int           // addresses and logins kept in memory, of each; 65,536

	Connections      int           // that have signed in; 4000
	ConnectionsEach  int           // of those, of one person; 1024
	Channels         int           // of one connection; 10 (rclone uses two)
	ChannelsEach     int           // of one person, over all their connections; 1200
	CommandsEach     int           // running at once for one person; the others wait for their turn; 16
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
		Line:          cmp.Or(l.Line, 2000),
		LineEach:      cmp.Or(l.LineEach, 1000),
		SignIn:        cmp.Or(l.SignIn, 30*time.Second),
		Offers:        cmp.Or(l.Offers, 10),

		Failures:    cmp.Or(l.Failures, 10),
		FailuresIn:  cmp.Or(l.FailuresIn, 10*time.Minute),
		PutOff:      cmp.Or(l.PutOff, time.Minute),
		MaxPutOff:   cmp.Or(l.MaxPutOff, time.Hour),
		MaxSlowed:   cmp.Or(l.MaxSlowed, 3*time.Second),
		MaxRemember: cmp.Or(l.MaxRemember, 1<<16),

		Connections:      cmp.Or(l.Connections, 4000),
		ConnectionsEach:  cmp.Or(l.ConnectionsEach, 1024),
		Channels:         cmp.Or(l.Channels, 10),
		ChannelsEach:     cmp.Or(l.ChannelsEach, 1200),
		CommandsEach:     cmp.Or(l.CommandsEach, 16),
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
	lines     map[netip.Prefix][]chan struct{} // of those who wait for their turn to be strangers
	waiting   int                              // strangers of them all
	inLine    int                              // of them all
	people    map[dars.PersonID]*presence
	inside    int // connections of them all
}

// A presence is what one person has here.
type presence struct{ connections, channels, files int }

// knock lets a stranger in to say who they are: at once, or when turn is closed,
// which is when others from the same address have. It is nil if there is no room
// to wait either.
func (a *attendance) knock(from netip.Prefix, l Limits) (turn chan struct{}) {
	a.mu.Lock()
	defer a.mu.Unlock()
	inLine := a.strangers[from] >= l.StrangersEach
	if inLine && (a.inLine >= l.Line || len(a.lines[from]) >= l.LineEach) || !inLine && a.waiting >= l.Strangers {
		return nil
	}
	if a.strangers == nil {
		a.strangers, a.lines = map[netip.Prefix]int{}, map[netip.Prefix][]chan struct{}{}
	}
	turn = make(chan struct{})
	if inLine {
		a.inLine++
		a.lines[from] = append(a.lines[from], turn)
		return turn
	}
	a.waiting++
	a.strangers[from]++
	close(turn)
	return turn
}

// known ends what knock began: the stranger has signed in, or has gone. Whoever
// is first in line has their turn.
func (a *attendance) known(from netip.Prefix) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if line := a.lines[from]; len(line) > 0 {
		close(line[0])
		a.inLine--
		a.line(from, line[1:])
		return
	}
	a.waiting--
	if a.strangers[from]--; a.strangers[from] == 0 {
		delete(a.strangers, from)
	}
}

// step is out of line, if the turn has not come meanwhile. It reports whether it
// had not.
func (a *attendance) step(from netip.Prefix, turn chan struct{}) bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	i := slices.Index(a.lines[from], turn)
	if i < 0 {
		return false
	}
	a.line(from, slices.Delete(a.lines[from], i, i+1))
	a.inLine--
	return true
}

func (a *attendance) line(from netip.Prefix, line []chan struct{}) {
	if a.lines[from] = line; len(line) == 0 {
		delete(a.lines, from)
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

// take counts one thing more that a person has open. It reports whether they may
// have it: at most so many.
func (a *attendance) take(who dars.PersonID, of func(*presence) *int, most int) bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	n := of(a.presence(who))
	if *n >= most {
		return false
	}
	*n++
	return true
}

// put ends what take began. It may come after leave: the last thing that a
// connection does is to settle what was open.
func (a *attendance) put(who dars.PersonID, of func(*presence) *int) {
	a.mu.Lock()
	defer a.mu.Unlock()
	p := a.people[who]
	*of(p)--
	a.forget(who, p)
}

func files(p *presence) *int    { return &p.files }
func channels(p *presence) *int { return &p.channels }

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
