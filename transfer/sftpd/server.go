package sftpd

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/netip"
	"runtime"
	"runtime/debug"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/crypto/ssh"

	"darsd/dars"
)

const look = 100 * time.Millisecond

// ballast is memory that a server takes and never touches, so that it costs
// nothing. The SSH library takes memory anew for each packet that comes in; a
// daemon that holds little would stop to look for garbage after every 4 MB of
// them, which is a fifth of all its work while somebody uploads. With the ballast
// it does so after 16 MiB more.
const ballast = 16 << 20

// A Server serves the endpoint, on any number of listeners.
type Server struct {
	Desk     Desk
	Ledger   Ledger
	Trays    Trays
	HostKeys []ssh.Signer // as [HostKeys] gives them; SetHostKeys changes them later

	NextHostKeys []ssh.Signer // as [NextHostKeys] gives them: clients are told of them

	Now     func() time.Time // the office's clock; time.Now if nil
	Log     *slog.Logger     // nothing is written if nil
	Limits  Limits           // on connections, and what is done in them
	Uploads Uploads          // limits on submit/
	Grace   time.Duration    // for what is going on when Serve is to end; 30 s if zero

	PQOnly     bool // only key exchanges that a quantum computer does not undo
	LegacyMACs bool // lets in libssh2 up to 1.10, such as that of curl

	spare      spare         // memory that sessions use in turn
	generation atomic.Uint64 // of what the office has said; Recheck begins a new one
	attendance attendance
	throttle   throttle
	running    sync.Map // by dars.PersonID: a place for each command that may run at once

	mu        sync.Mutex
	changed   chan struct{} // from Recheck
	conns     map[*conn]bool
	downloads map[*download]bool // not settled yet

	allowances map[dars.PersonID]*allowance // what each has of Uploads
}

// Serve serves until ctx ends. Then nobody new is let in and nothing new is
// begun; what is going on has Grace to come to its end; and when Serve returns,
// the ledger has been told of every download.
func (s *Server) Serve(ctx context.Context, ln net.Listener) error {
	if len(s.hostKeys().current) == 0 {
		return errors.New("sftp: no host key")
	}
	defer ln.Close()
	defer runtime.KeepAlive(make([]byte, ballast))
	defer context.AfterFunc(ctx, func() { ln.Close() })()

	// Connections outlive ctx by the time of grace.
	longer, end := context.WithCancel(context.WithoutCancel(ctx))
	defer end()
	var watching, open sync.WaitGroup
	watching.Go(func() { s.watchClock(longer) })
	watching.Go(func() { s.watchOffice(longer) })
	defer watching.Wait()
	defer end()

	mine := map[*conn]bool{}
	err := s.accept(ctx, ln, func(nc net.Conn, from netip.Addr, turn chan struct{}) {
		each, done := context.WithCancel(longer)
		c := &conn{
			server: s, keys: s.hostKeys(),
			net: newOutgoing(nc, &s.spare.outgoing), ctx: each, end: done, began: s.now(), from: from, address: nc.RemoteAddr().String(),
			log:   s.log().With("address", nc.RemoteAddr().String()),
			wires: map[*wire]bool{}, uploads: map[*upload]bool{}, hearing: map[ssh.Channel]bool{},
		}
		s.mu.Lock()
		if s.conns == nil {
			s.conns = map[*conn]bool{}
		}
		s.conns[c], mine[c] = true, true
		s.mu.Unlock()
		open.Go(func() {
			defer func() {
				s.mu.Lock()
				delete(s.conns, c)
				delete(mine, c)
				s.mu.Unlock()
			}()
			c.inTurn(turn)
		})
	})

	each := func(do func(*conn)) {
		s.mu.Lock()
		var left []*conn
		for c := range mine {
			left = append(left, c)
		}
		s.mu.Unlock()
		for _, c := range left {
			do(c)
		}
	}
	each((*conn).leave)
	patience := time.AfterFunc(cmp.Or(s.Grace, 30*time.Second), func() {
		each(func(c *conn) { go c.part(errClosing.Error()) })
	})
	defer patience.Stop()
	open.Wait()
	return err
}

// accept lets connections in until ctx ends. An error of one, or running out of
// files, does not end it. Nothing can be said to those that are not let in: SSH
// has no word for that before the keys are exchanged.
func (s *Server) accept(ctx context.Context, ln net.Listener, in func(nc net.Conn, from netip.Addr, turn chan struct{})) error {
	pause := time.Duration(0)
	for {
		nc, err := ln.Accept()
		switch {
		case ctx.Err() != nil:
			if err == nil {
				nc.Close()
			}
			return nil
		case errors.Is(err, net.ErrClosed):
			return fmt.Errorf("sftp: %w", err)
		case err != nil:
			pause = min(max(2*pause, 5*time.Millisecond), time.Second)
			s.log().Error("no connection accepted", "err", err, "pause", pause)
			select {
			case <-ctx.Done():
			case <-time.After(pause):
			}
			continue
		}
		pause = 0
		from := comesFrom(nc)
		switch {
		case s.throttle.putOff(from, time.Now()):
			s.log().Debug("connection refused: the address is put off", "address", nc.RemoteAddr().String())
			nc.Close()
		default:
			turn := s.attendance.knock(address(from), s.limits())
			if turn == nil {
				s.log().Warn("connection refused: too many have not signed in", "address", nc.RemoteAddr().String())
				nc.Close()
				continue
			}
			in(nc, from, turn)
		}
	}
}

// comesFrom is the address of who is at the other end, if it has one.
func comesFrom(nc net.Conn) netip.Addr {
	from, _ := netip.ParseAddrPort(nc.RemoteAddr().String())
	return from.Addr().Unmap()
}

// SetHostKeys changes the host keys while the server serves: connections that
// are made from now on see the current ones, and are told of the next.
func (s *Server) SetHostKeys(current, next []ssh.Signer) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.HostKeys, s.NextHostKeys = current, next
}

func (s *Server) hostKeys() identity {
	s.mu.Lock()
	defer s.mu.Unlock()
	return identity{s.HostKeys, s.NextHostKeys}
}

func brief(text string) string { return strings.ToValidUTF8(text[:min(len(text), 64)], "?") }

// Recheck says that something has changed that may concern what people are
// doing: it is asked again, for each open file and each person. Recheck returns
// at once; access that has ended is cut off within a second.
func (s *Server) Recheck() {
	s.generation.Add(1)
	wake(s.changes())
}

// changes carries the news from Recheck to Serve.
func (s *Server) changes() chan struct{} {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.changed == nil {
		s.changed = make(chan struct{}, 1)
	}
	return s.changed
}

// watchOffice asks again whenever something has changed.
func (s *Server) watchOffice(ctx context.Context) {
	changed := s.changes()
	for {
		select {
		case <-ctx.Done():
			return
		case <-changed:
			s.recheck()
		}
	}
}

func (s *Server) recheck() {
	defer s.guard("recheck")
	unknown := false
	defer func() {
		if unknown {
			time.AfterFunc(time.Second, func() { wake(s.changes()) })
		}
	}()
	conns, downloads := s.open()
	// Each question is asked once, for however many connections and files. What is
	// no refusal is a fault of ours: it is not known that access has ended, so it is
	// asked again. The ledger will let no further block leave if the fault is there
	// too.
	signedIn := map[question]answerOf{}
	for _, c := range conns {
		c.mu.Lock()
		in := c.signedIn
		c.mu.Unlock()
		if !in {
			continue
		}
		q := questionOf(c, "")
		a, asked := signedIn[q]
		if !asked {
			a.who, a.err = s.Desk.SignIn(c.ctx, c.visitor)
			signedIn[q] = a
		}
		var refusal *dars.Refusal
		switch {
		case errors.As(a.err, &refusal):
			c.banish(plain(refusal.Sentence))
		case a.err != nil:
			unknown = true
			c.log.Error("not known whether the key is still good", "err", a.err)
		case a.who != c.who:
			c.banish("your key is somebody else's now")
		}
	}
	may := map[question]error{}
	for _, d := range downloads {
		c := d.w.c
		q := questionOf(c, cmp.Or(string(d.Release), d.entry.Path))
		err, asked := may[q]
		if !asked {
			err = s.Desk.May(c.ctx, c.who, c.visitor, d.entry)
			may[q] = err
		}
		var refusal *dars.Refusal
		switch {
		case errors.As(err, &refusal):
			d.w.cut(d, plain(refusal.Sentence))
		case err != nil:
			unknown = true
			c.log.Error("not known whether access goes on", "file", d.File, "err", err)
		}
	}
	s.renew(downloads)
}

// A question is what the office is asked about connections that are alike.
type question struct {
	who                    dars.PersonID
	login, key, cert, what string
	from                   netip.Addr
}

type answerOf struct {
	who dars.PersonID
	err error
}

func questionOf(c *conn, what string) question {
	return question{c.who, c.visitor.Login, c.visitor.Key, c.visitor.Certificate.String(), what, c.visitor.From}
}

// renew gives open files the time that they have now, where it ends soon: it may
// have been moved.
func (s *Server) renew(downloads []*download) {
	now := s.now()
	roots := map[dars.PersonID]map[string]time.Time{}
	for _, d := range downloads {
		c := d.w.c
		if until := d.until(); until.IsZero() || until.Sub(now) > soonOver {
			continue
		}
		if roots[c.who] == nil {
			entries, err := s.Desk.Root(c.ctx, c.who)
			if err != nil {
				c.log.Error("not known until when access lasts", "err", err)
				continue
			}
			roots[c.who] = map[string]time.Time{}
			for _, e := range entries {
				roots[c.who][e.Path] = e.Until
			}
		}
		if until, there := roots[c.who][d.entry.Path]; there {
			d.lasts(until)
		}
	}
}

// soonOver is how long before its end it is worth asking whether access has been
// prolonged.
const soonOver = 48 * time.Hour

// turns has a place for each command of a person that may run at once: what they
// send along is held in memory.
func (s *Server) turns(who dars.PersonID) chan struct{} {
	turns, _ := s.running.LoadOrStore(who, make(chan struct{}, s.limits().CommandsEach))
	return turns.(chan struct{})
}

func (s *Server) guard(doing string) {
	if fault := recover(); fault != nil {
		s.log().Error("panic", "act", doing, "panic", fault, "stack", string(debug.Stack()))
	}
}

// open lists who is here, and what is being read.
func (s *Server) open() (conns []*conn, downloads []*download) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for c := range s.conns {
		conns = append(conns, c)
	}
	for d := range s.downloads {
		downloads = append(downloads, d)
	}
	return conns, downloads
}

func (s *Server) watch(d *download) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.downloads == nil {
		s.downloads = map[*download]bool{}
	}
	s.downloads[d] = true
}

func (s *Server) unwatch(d *download) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.downloads, d)
}

// watchClock ends access whose time has passed, also where nobody reads just
// now, and connections that have had their time. It looks often enough that a
// file is closed to its reader within the second.
func (s *Server) watchClock(ctx context.Context) {
	tick := time.NewTicker(look)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			s.look()
		}
	}
}

func (s *Server) look() {
	defer s.guard("look at the clock")
	conns, downloads := s.open()
	today := s.now()
	for _, d := range downloads {
		if d.past(today) {
			d.w.cut(d, d.sentence())
		}
	}
	for _, c := range conns {
		c.look(time.Now())
	}
}

func (s *Server) now() time.Time {
	if s.Now == nil {
		return time.Now()
	}
	return s.Now()
}

func (s *Server) log() *slog.Logger {
	if s.Log == nil {
		return slog.New(slog.DiscardHandler)
	}
	return s.Log
}

func (s *Server) limits() Limits { return s.Limits.orDefault() }
