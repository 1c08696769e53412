package sftpd

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/pkg/sftp"
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
	in := &signIn{c: c, limits: c.server.limits(), logins: map[string]bool{}}
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

// turnAway says why to somebody who has signed in and finds no room. Clients
// show why a channel was refused; no other word of ours would reach them.
func (c *conn) turnAway(channels <-chan ssh.NewChannel, requests <-chan *ssh.Request, sentence string) {
	go ssh.DiscardRequests(requests)
	patience := time.AfterFunc(5*time.Second, func() { c.net.Close() })
	defer patience.Stop()
	for offered := range channels { // until the client has gone, or time is up
		offered.Reject(ssh.ResourceShortage, sentence)
	}
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

// session serves one channel: it is for one thing, SFTP or one command. It ends
// when the client has closed its side too, so that a client that never does
// keeps its place among the few it has.
func (c *conn) session(ch ssh.Channel, requests <-chan *ssh.Request) {
	ctx, cancel := context.WithCancel(c.ctx)
	var work sync.WaitGroup
	defer work.Wait()
	defer cancel()
	begun := false
	var many flood
	for r := range requests {
		if many.more(time.Now(), c.server.limits().RequestsInMinute) {
			c.log.Warn("connection reset: too many requests on a channel")
			c.reset()
			return
		}
		var do func() int
		if !begun {
			do = c.order(ctx, ch, r)
		}
		if r.WantReply {
			r.Reply(do != nil, nil)
		}
		if do == nil {
			continue
		}
		begun = true
		work.Go(func() {
			defer ch.Close()
			defer c.guard("session")
			status := struct{ Status uint32 }{uint32(do())}
			ch.SendRequest("exit-status", false, ssh.Marshal(status))
		})
	}
}

// order is what a request on a channel wants done; nil if it is refused:
// terminals, environments, forwarding and subsystems that are not SFTP.
func (c *conn) order(ctx context.Context, ch ssh.Channel, r *ssh.Request) func() int {
	// Unmarshal, never a slice of the payload: it may be shorter than it says.
	switch r.Type {
	case "subsystem":
		var m struct{ Name string }
		if ssh.Unmarshal(r.Payload, &m) == nil && m.Name == "sftp" {
			return func() int { return c.sftp(ch) }
		}
	case "exec":
		var m struct{ Line string }
		if len(r.Payload) <= maxCommand && ssh.Unmarshal(r.Payload, &m) == nil {
			return func() int { return c.command(ctx, ch, m.Line) }
		}
	case "shell":
		return func() int { return c.command(ctx, ch, "") }
	}
	return nil
}

// sftp serves one SFTP session.
func (c *conn) sftp(ch ssh.Channel) int {
	w := newWire(c, moving{ch, c})
	c.mu.Lock()
	c.wires[w] = true
	c.mu.Unlock()
	defer func() {
		w.finished()
		c.mu.Lock()
		delete(c.wires, w)
		c.mu.Unlock()
	}()
	v := &view{c, w}
	err := sftp.NewRequestServer(w, sftp.Handlers{FileGet: v, FilePut: v, FileCmd: v, FileList: v}).Serve()
	if err != nil && !errors.Is(err, io.EOF) {
		c.log.Info("sftp session ended early", "err", err)
		return 1
	}
	return 0
}

// tree is what the person may see, asked for afresh unless that was a moment ago
// on this connection: a client asks for the attributes of each file it fetches.
// A receipt that was made meanwhile changes nothing for who looks in collect/.
func (c *conn) tree(name string) (*holdings, error) {
	c.looking.Lock()
	defer c.looking.Unlock()
	generation := c.server.generation.Load()
	receipts := c.receipts && !strings.HasPrefix(name, "collect/")
	if c.seen != nil && c.seenIn == generation && time.Since(c.seenAt) < freshness && !receipts {
		return c.seen, nil
	}
	entries, err := c.server.Desk.Root(c.ctx, c.who)
	if err != nil {
		return nil, err
	}
	c.seen, c.seenAt, c.seenIn, c.receipts = arrange(entries, c.began), time.Now(), generation, false
	time.AfterFunc(freshness, c.forgetOldTree)
	return c.seen, nil
}

func (c *conn) forgetTree() {
	c.looking.Lock()
	defer c.looking.Unlock()
	c.seen = nil
}

// forgetOldTree lets go of a tree that would not be used again: of a person with
// many files it is large, and most connections are idle.
func (c *conn) forgetOldTree() {
	c.looking.Lock()
	defer c.looking.Unlock()
	if time.Since(c.seenAt) >= freshness {
		c.seen = nil
	}
}

// receipted says that there is a receipt now which was not there before.
func (c *conn) receipted() {
	c.looking.Lock()
	defer c.looking.Unlock()
	c.receipts = true
}

// another takes a place for one more channel.
func (c *conn) another() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	limits := c.server.limits()
	if c.closing || c.over != "" || c.channels >= limits.Channels || !c.server.attendance.take(c.who, channels, limits.ChannelsEach) {
		return false
	}
	c.channels++
	return true
}

func (c *conn) fewer() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.channels--
	c.server.attendance.put(c.who, channels)
}

// hold says that a file is about to be opened, which should be allowed to come
// to its end. An error says why it may not begin.
func (c *conn) hold() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	switch {
	case c.over != "":
		return denied(c.over)
	case c.closing:
		return errClosing
	case !c.server.attendance.take(c.who, files, c.server.limits().FilesEach):
		return because(nil, "too many open files")
	}
	c.busy++
	return nil
}

// free ends what hold began.
func (c *conn) free() {
	c.server.attendance.put(c.who, files)
	c.mu.Lock()
	defer c.mu.Unlock()
	c.rest()
}

// begin says that a command is about to run, as hold does of a file.
func (c *conn) begin() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	switch {
	case c.over != "":
		return denied(c.over)
	case c.closing:
		return errClosing
	case c.commands >= c.server.limits().Commands:
		return because(nil, fmt.Sprintf("%d commands are running on this connection already; wait for one to end", c.commands))
	}
	c.commands++
	c.busy++
	return nil
}

// finish ends what begin began.
func (c *conn) finish() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.commands--
	c.rest()
}

// rest says that one thing fewer is going on. Called with mu held.
func (c *conn) rest() {
	c.move()
	if c.busy--; c.closing && c.busy == 0 {
		c.partSoon()
	}
}

// leave lets what is going on come to its end, nothing begin, and then closes
// the connection: clients resume by themselves after that, as they do not after
// an error.
func (c *conn) leave() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closing = true; c.busy == 0 {
		c.partSoon()
	}
}

// partSoon leaves a moment for the last answer to go out.
func (c *conn) partSoon() { time.AfterFunc(50*time.Millisecond, func() { c.net.Close() }) }

// part says why on each session, and closes the connection.
func (c *conn) part(sentence string) {
	c.farewell(sentence)
	c.net.Close()
}

// farewell says why on each session, if the line takes it.
func (c *conn) farewell(sentence string) {
	said := make(chan struct{})
	go func() {
		defer close(said)
		defer c.guard("farewell")
		for _, w := range c.sessions() {
			w.farewell(sentence)
		}
	}()
	select {
	case <-said:
	case <-time.After(200 * time.Millisecond): // it does not take even that
	}
}

// reset breaks the connection off, with all that lies in buffers: nothing else
// stops what is on a slow line.
func (c *conn) reset() { c.net.reset() }

// sessions lists the SFTP sessions on this connection.
func (c *conn) sessions() []*wire {
	c.mu.Lock()
	defer c.mu.Unlock()
	var all []*wire
	for w := range c.wires {
		all = append(all, w)
	}
	return all
}

// banish ends everything that a person is doing here: their key has been
// revoked, their certificate has ended, or they have left. All of it is over
// within a second.
func (c *conn) banish(sentence string) {
	c.mu.Lock()
	already := c.over != ""
	c.over = cmp.Or(c.over, sentence)
	c.mu.Unlock()
	if already {
		return
	}
	c.log.Info("signed out by the office", "why", sentence)
	for _, w := range c.sessions() {
		w.cutAll(sentence)
	}
	time.AfterFunc(cutOff-2*look, func() { c.farewell(sentence) })
	time.AfterFunc(cutOff, func() {
		// To close in order would let all that lies in buffers go out first.
		if slices.ContainsFunc(c.sessions(), (*wire).going) {
			c.reset()
			return
		}
		c.net.Close()
	})
}
