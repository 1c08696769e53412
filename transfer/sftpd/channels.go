package sftpd

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"sync"
	"time"

	"github.com/pkg/sftp"
	"golang.org/x/crypto/ssh"
)

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
