package sftpd

import (
	"context"
	"fmt"
	"log/slog"
	"net"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/crypto/ssh"

	"darsd/dars"
)

const (
	maxStall  = 5 * time.Minute // that a client may leave a packet lying
	freshness = time.Second     // of the tree, within one connection
)

// A conn is one connection, and after signing in one person with one key.
type conn struct {
	server  *Server
	keys    identity
	net     *outgoing
	log     *slog.Logger
	ctx     context.Context // ends with the connection: the library's handlers have no other
	end     context.CancelFunc
	began   time.Time
	from    netip.Addr
	address string // the same, with the port

	// Known after signing in.
	who     dars.PersonID
	visitor dars.Visitor
	client  string
	asked   uint64 // the server's generation when the desk was asked

	heardAt atomic.Int64 // when the client's side last sent anything at all; Unix nanoseconds
	movedAt atomic.Int64 // when the client last did anything

	mu       sync.Mutex
	signedIn bool
	channels int
	commands int // running
	wires    map[*wire]bool
	hearing  map[ssh.Channel]bool // on which a command runs
	uploads  map[*upload]bool
	busy     int    // files open and commands running
	closing  bool   // the office closes when nothing is busy any more
	over     string // why nothing may begin any more, and the connection is about to be closed; "" while it may

	running sync.WaitGroup // commands

	looking  sync.Mutex // at the tree
	seen     *holdings
	seenAt   time.Time
	seenIn   uint64 // generation
	receipts bool   // there are more of them now
}

// inTurn serves when it is the stranger's turn, if that comes in the time there
// is for signing in.
func (c *conn) inTurn(turn chan struct{}) {
	from, all := address(c.from), &c.server.attendance
	patience := time.NewTimer(c.server.limits().SignIn)
	defer patience.Stop()
	select {
	case <-turn:
	case <-c.ctx.Done():
	case <-patience.C:
	}
	if all.step(from, turn) {
		c.log.Warn("connection closed: its turn to sign in did not come")
		c.net.Close()
		c.end()
		return
	}
	c.serve(func() { all.known(from) })
}

// serve lives as long as the connection. It calls known when it is known who
// somebody is, or that nobody will be.
func (c *conn) serve(known func()) {
	defer c.net.Close()
	defer c.guard("connection")
	defer c.end()
	known = sync.OnceFunc(known)
	defer known()
	connection, channels, requests := c.signIn()
	if connection == nil {
		return
	}
	defer connection.Close()
	if err := c.server.attendance.enter(c.who, c.server.limits()); err != nil {
		c.log.Warn("connection refused after signing in", "why", err)
		c.turnAway(channels, requests, err.Error())
		return
	}
	defer c.server.attendance.leave(c.who)
	known()
	c.mu.Lock()
	c.signedIn = true
	closing := c.closing
	c.mu.Unlock()
	if closing {
		return
	}
	if c.server.generation.Load() != c.asked {
		wake(c.server.changes()) // and nobody has looked whether it concerns this connection
	}
	c.log.Info("signed in", "login", plain(brief(c.visitor.Login)), "key", c.visitor.Key, "certificate", c.visitor.Certificate.String(), "client", c.client)
	defer c.log.Info("signed out")

	var work sync.WaitGroup
	defer c.running.Wait()
	defer work.Wait()
	defer c.end()
	work.Go(func() {
		defer c.guard("requests")
		c.answerRequests(connection, requests)
	})
	work.Go(func() {
		defer c.guard("keepalive")
		c.keepAlive(connection)
	})
	c.keys.announce(connection.Conn)
	for offered := range channels {
		c.move()
		if offered.ChannelType() != "session" {
			offered.Reject(ssh.Prohibited, "only sftp and the office's commands are served here")
			continue
		}
		if !c.another() {
			offered.Reject(ssh.ResourceShortage, "too many channels, or the office is restarting")
			continue
		}
		ch, requests, err := offered.Accept()
		if err != nil {
			c.fewer()
			continue
		}
		work.Go(func() {
			defer c.fewer()
			defer c.guard("channel")
			c.session(ch, requests)
		})
	}
}

// signIn has a client say who it is, and notes it; nil if it is nobody.
func (c *conn) signIn() (*ssh.ServerConn, <-chan ssh.NewChannel, <-chan *ssh.Request) {
	in := &signIn{c: c, limits: c.server.limits()}
	// The library sets no limit to how long somebody may take to say who they are.
	c.net.SetDeadline(time.Now().Add(in.limits.SignIn))
	connection, channels, requests, err := ssh.NewServerConn(listening{c.net, &c.heardAt}, in.config())
	if err != nil {
		c.log.Info("nobody signed in", "err", plain(err.Error()))
		in.failed()
		return nil, nil, nil
	}
	c.net.SetDeadline(time.Time{})
	g, ok := connection.Permissions.ExtraData[guestKey{}].(guest)
	if !ok || g.no != "" || g.who == "" {
		c.log.Error("signed in, but as nobody")
		connection.Close()
		return nil, nil, nil
	}
	c.server.throttle.forgive(c.from, strings.Clone(brief(g.Login)))
	c.who, c.visitor, c.asked = g.who, g.Visitor, g.generation
	c.client = plain(string(connection.ClientVersion()))
	c.log = c.log.With("person", c.who)
	c.move()
	return connection, channels, requests
}

// A listening connection notes when it last heard anything.
type listening struct {
	net.Conn
	heard *atomic.Int64
}

func (l listening) Read(p []byte) (int, error) {
	n, err := l.Conn.Read(p)
	if n > 0 {
		l.heard.Store(time.Now().UnixNano())
	}
	return n, err
}

// move notes that the client does something.
func (c *conn) move() { c.movedAt.Store(time.Now().UnixNano()) }

// A moving channel notes when the client does something on it.
type moving struct {
	ssh.Channel
	c *conn
}

func (m moving) Read(p []byte) (int, error) {
	n, err := m.Channel.Read(p)
	m.c.move()
	return n, err
}

// answerRequests serves what is asked outside of any channel. It is also where
// port forwarding is asked for, and refused.
func (c *conn) answerRequests(connection *ssh.ServerConn, requests <-chan *ssh.Request) {
	var many flood
	for r := range requests {
		if many.more(time.Now(), c.server.limits().RequestsInMinute) {
			c.log.Warn("connection reset: too many requests")
			c.reset()
			return
		}
		if r.Type == "hostkeys-prove-00@openssh.com" {
			answer, err := c.keys.prove(connection.Conn, r.Payload)
			if err != nil {
				c.log.Info("host keys not proved", "err", err)
			}
			r.Reply(err == nil, answer)
			continue
		}
		r.Reply(false, nil)
	}
}

// keepAlive finds out when the other end is there no more, which a connection
// through which nothing passes does not tell. A client that is asked the same
// three times and has not said anything at all is taken for dead, as by sshd
// (ClientAliveCountMax in sshd_config(5)); the library sends the next question
// only after an answer, so once has to do, and three times the time.
func (c *conn) keepAlive(connection *ssh.ServerConn) {
	tick := time.NewTicker(c.server.limits().KeepAlive)
	defer tick.Stop()
	answered := make(chan error, 1)
	asked := time.Time{} // zero when no question is out
	for {
		select {
		case <-c.ctx.Done():
			return
		case err := <-answered:
			if asked = (time.Time{}); err != nil {
				return
			}
		case now := <-tick.C:
			heard := time.Unix(0, c.heardAt.Load())
			switch {
			case asked.IsZero() && now.Sub(heard) < c.server.limits().KeepAlive:
			case asked.IsZero():
				asked = now
				go func() {
					defer c.guard("keepalive")
					_, _, err := connection.SendRequest("keepalive@openssh.com", true, nil)
					answered <- err
				}()
			case now.Sub(latest(asked, heard)) >= 3*c.server.limits().KeepAlive:
				c.log.Info("connection reset: the client is there no more")
				c.reset()
				return
			}
		}
	}
}

func latest(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

// look is asked ten times a second whether a connection has had its time. What
// counts as something being done is what a client does in a channel, or opening
// one; not that it says it is still there, as sshd has it too (ChannelTimeout in
// sshd_config(5)).
func (c *conn) look(now time.Time) {
	c.mu.Lock()
	if !c.signedIn || c.over != "" {
		c.mu.Unlock()
		return
	}
	idle := c.busy == 0 && now.Sub(time.Unix(0, c.movedAt.Load())) >= c.server.limits().Idle
	farewell := fmt.Sprintf("nothing has been done here for %s; come again when you need to", c.server.limits().Idle)
	if idle {
		c.over = farewell
	}
	c.mu.Unlock()
	cert := c.visitor.Certificate
	switch {
	case idle:
		c.log.Info("connection closed: nothing was done on it")
		go c.part(farewell)
	case cert != nil && !c.server.now().Before(cert.Until):
		c.banish(ended(cert, c.server.now()))
	case slices.ContainsFunc(c.sessions(), func(w *wire) bool { return w.stuck(now) }):
		c.log.Info("connection reset: the client takes nothing any more")
		c.reset()
	}
}

// receipted says that there is a receipt now which was not there before.
func (c *conn) receipted() {
	c.looking.Lock()
	defer c.looking.Unlock()
	c.receipts = true
}
