package sftpd

import (
	"cmp"
	"io"
	"maps"
	"slices"
	"time"

	"golang.org/x/crypto/ssh"
)

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
		for _, ch := range c.listeners() {
			io.WriteString(ch.Stderr(), "darsd: "+sentence+"\r\n")
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

// listeners are the channels on which a command runs.
func (c *conn) listeners() []ssh.Channel {
	c.mu.Lock()
	defer c.mu.Unlock()
	return slices.Collect(maps.Keys(c.hearing))
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
