package sftpd

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"strings"
	"sync"
	"time"

	"github.com/pkg/sftp"
	"golang.org/x/crypto/ssh"

	"darsd/dars"
)

const (
	maxChannels = 10 // of one connection; rclone uses two
	signIn      = 30 * time.Second
	maxStall    = 5 * time.Minute // that a client may leave a packet lying
	freshness   = time.Second     // of the tree, within one connection
)

// A conn is one connection, and after signing in one person with one key.
type conn struct {
	server *Server
	net    *outgoing
	log    *slog.Logger
	ctx    context.Context // ends with the connection: the library's handlers have no other
	end    context.CancelFunc
	began  time.Time

	// Known after signing in.
	who     dars.PersonID
	login   string
	key     string
	client  string
	address string

	mu       sync.Mutex
	signedIn bool
	channels int
	wires    map[*wire]bool
	uploads  map[*upload]bool
	busy     int  // handles open and commands running
	closing  bool // the office closes when nothing is busy any more

	looking  sync.Mutex // at the tree
	seen     tree
	seenAt   time.Time
	seenIn   uint64 // generation
	receipts bool   // there are more of them now
}

// serve lives as long as the connection.
func (c *conn) serve(config *ssh.ServerConfig, signedIn func()) {
	defer c.net.Close()
	defer c.guard("connection")
	defer c.end()
	signedIn = sync.OnceFunc(signedIn)
	defer signedIn()
	// The library sets no limit to how long somebody may take to say who they are.
	c.net.SetDeadline(time.Now().Add(signIn))
	connection, channels, requests, err := ssh.NewServerConn(c.net, config)
	if err != nil {
		c.log.Info("nobody signed in", "err", err)
		return
	}
	c.net.SetDeadline(time.Time{})
	defer connection.Close()
	who, ok := connection.Permissions.ExtraData[personKey{}].(person)
	if !ok {
		c.log.Error("signed in, but as nobody")
		return
	}
	c.mu.Lock()
	c.who, c.login, c.key, c.client = who.id, connection.User(), who.key, plain(string(connection.ClientVersion()))
	c.log = c.log.With("person", c.who)
	c.signedIn = true
	closing := c.closing
	c.mu.Unlock()
	signedIn()
	if closing {
		return
	}
	c.log.Info("signed in", "key", c.key, "client", c.client)
	defer c.log.Info("signed out")

	var work sync.WaitGroup
	defer work.Wait()
	defer c.end()
	work.Go(func() {
		defer c.guard("requests")
		ssh.DiscardRequests(requests) // port forwarding is asked for here, and refused
	})
	for offered := range channels {
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

// session serves one channel: it is for one thing, SFTP or one command. It ends
// when the client has closed its side too, so that a client that never does
// keeps its place among the few it has.
func (c *conn) session(ch ssh.Channel, requests <-chan *ssh.Request) {
	ctx, cancel := context.WithCancel(c.ctx)
	var work sync.WaitGroup
	defer work.Wait()
	defer cancel()
	begun := false
	for r := range requests {
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
	w := newWire(c, ch)
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
func (c *conn) tree(name string) (tree, error) {
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
	c.seen, c.seenAt, c.seenIn, c.receipts = grow(entries, c.began), time.Now(), generation, false
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
	if c.closing || c.channels >= maxChannels {
		return false
	}
	c.channels++
	return true
}

func (c *conn) fewer() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.channels--
}

// hold says that something begins which should be allowed to end. It reports
// whether it may begin.
func (c *conn) hold() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.closing {
		c.busy++
	}
	return !c.closing
}

func (c *conn) free() {
	c.mu.Lock()
	defer c.mu.Unlock()
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
	c.net.Close()
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
// revoked, or they have left.
func (c *conn) banish(sentence string) {
	c.log.Info("signed out by the office", "why", sentence)
	for _, w := range c.sessions() {
		w.cutAll(sentence)
	}
	time.AfterFunc(cutOff, func() { c.part(sentence) })
}
