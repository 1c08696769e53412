package sftpd

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"sync"
	"time"

	"golang.org/x/crypto/ssh"

	"darsd/dars"
)

const (
	maxLater    = 1 << 10                // bytes of answers that may wait for others
	maxHandles  = 256                    // open at once in one SFTP session
	holdRead    = 250 * time.Millisecond // how long a CLOSE may wait to be looked at
	holdClose   = time.Second            // how long the answer to CLOSE may wait for the last proof
	holdSettle  = 30 * time.Second       // how long the ledger waits for it, if the client is still there
	settleAgain = 500 * time.Millisecond // how soon a ledger that could not hear it is told again
	cutOff      = 650 * time.Millisecond // with what it takes to hear of it, less than a second
)

// A wire lies between one SSH channel and the library that speaks SFTP, and
// reads every packet in both directions:
//
//	client ──▶ Read  ──▶ library    which handle is asked for what
//	client ◀── Write ◀── library    which bytes of which file leave
//
// It answers some requests itself: READs of the tree's files, of which no byte
// leaves that is not reserved, or whose reader's access has ended; and WRITEs, in
// the order in which they come.
//
// The library answers in the order in which it was asked, so the oldest request
// that is not answered is the one that an answer belongs to. Ids are not enough:
// PuTTY uses one again as soon as it is free, and a client that means harm may
// use one twice.
type wire struct {
	c  *conn
	ch ssh.Channel

	in    *incoming
	rest  []byte // of the packet that is being handed to the library
	later []byte // answers that wait, as WRITEs come faster than one by one

	part []byte // what the library has written so far of its next packet

	clock glance

	writing sync.Mutex // held while a packet goes onto the channel

	mu        sync.Mutex
	turn      sync.Cond // READs or changes were answered, or nothing will be any more
	reads     []reading // that wait
	reading   bool      // somebody answers them
	asked     []request // handed to the library and not answered yet, in order
	opened    []*handle // made by the handlers, whose HANDLE has not passed yet
	handles   map[string]*handle
	writes    bool               // one of them is being written to
	downloads map[*download]bool // not settled yet
	over      bool               // nothing leaves any more
	broken    bool               // nor can it: writing has failed
	deaf      bool               // no proof of receipt will come any more
	since     time.Time          // when the packet now going onto the channel was begun; else zero
	line      string             // to be said on stderr before the next packet
	said      bool               // that has been done, which is enough for a session

	asking   sync.Once     // starts prove
	fresh    chan struct{} // something was written that is not confirmed
	soon     chan struct{} // ask for proof without waiting for more
	left     chan struct{} // nothing more will come before the proof: ask at once
	done     chan struct{} // the session has ended
	settling sync.WaitGroup
}

// A handle is what the client has open.
type handle struct {
	serves byte      // READ, WRITE or READDIR: nothing else is allowed on it
	d      *download // what a READ is counted for; nil if it is not
	to     *upload   // where a WRITE goes
}

func newWire(c *conn, ch ssh.Channel) *wire {
	w := &wire{
		c: c, ch: ch, in: newIncoming(ch, &c.server.spare),
		handles:   map[string]*handle{},
		downloads: map[*download]bool{},
		fresh:     make(chan struct{}, 1),
		soon:      make(chan struct{}, 1),
		left:      make(chan struct{}, 1),
		done:      make(chan struct{}),
	}
	w.turn.L = &w.mu
	return w
}

// Read hands the client's packets to the library, but those that the wire
// answers itself. A client may end its side as soon as it has asked: what it has
// asked for is answered first.
func (w *wire) Read(p []byte) (int, error) {
	for len(w.rest) == 0 {
		packet, err := w.in.packet(w.writes)
		if err != nil {
			w.mu.Lock()
			defer w.mu.Unlock()
			w.allRead(nil)
			return 0, err
		}
		pass, answer := w.admit(packet[4:])
		if err := w.reply(answer); err != nil {
			return 0, err
		}
		if pass {
			w.rest = packet
		}
	}
	n := copy(p, w.rest)
	w.rest = w.rest[n:]
	return n, nil
}

// reply sends an answer of our own. While another WRITE has come already it
// waits for the answer to that: one of thirty bytes costs both sides nearly as
// much as a long one.
func (w *wire) reply(answer []byte) error {
	w.later = append(w.later, answer...)
	if len(w.later) == 0 || len(w.later) < maxLater && w.in.another() {
		return nil
	}
	err := w.put(w.later)
	w.later = w.later[:0]
	return err
}

// admit looks at a request. It is passed to the library, or answered now, or
// the answer comes later.
func (w *wire) admit(packet []byte) (pass bool, answer []byte) {
	r, err := parse(packet)
	switch {
	case err != nil:
		return false, status(r.id, statusBadMessage, "bad message")
	case !known(r.kind):
		return false, status(r.id, statusUnsupported, "operation unsupported")
	case r.kind == pktExtended && r.name == "limits@openssh.com":
		return false, limits(r.id)
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	switch r.kind {
	case pktOpen, pktOpendir:
		opening := 0
		for _, a := range w.asked {
			if a.kind == pktOpen || a.kind == pktOpendir {
				opening++
			}
		}
		if len(w.handles)+opening >= maxHandles {
			return false, status(r.id, statusFailure, "too many open files")
		}
	case pktRead, pktWrite, pktReaddir, pktFstat, pktFsetstat, pktClose:
		if pass, answer := w.onHandle(&r); !pass {
			return false, answer
		}
	case pktExtended:
		if r.name == "fsync@openssh.com" {
			return false, w.sync(r)
		}
	}
	w.asked = append(w.asked, r)
	return true, nil
}

// onHandle is admit for a request that names a handle. Called, and returns, with
// mu held.
func (w *wire) onHandle(r *request) (pass bool, answer []byte) {
	h := w.handles[r.name]
	if h == nil {
		return false, status(r.id, statusFailure, "no such handle")
	}
	r.handle = h
	switch r.kind {
	case pktRead, pktWrite, pktReaddir:
		// The library answers a WRITE on a handle that reads with the file's bytes,
		// and a READ on one that writes by writing zeros.
		if r.kind != h.serves {
			return false, status(r.id, statusFailure, "not on this handle")
		}
	case pktClose:
		w.closing(r.name, h)
	}
	switch {
	case r.kind == pktRead && h.d != nil:
		w.ask(reading{id: r.id, offset: r.offset, length: r.length, d: h.d})
		return false, nil
	case r.kind == pktWrite && h.to != nil:
		w.writes = true
		w.changed(h)
		w.mu.Unlock()
		defer w.mu.Lock()
		_, err := h.to.WriteAt(r.data, int64(r.offset))
		return false, statusOf(r.id, err)
	}
	return true, nil
}

// changed waits until the library has answered those who set the size or time of
// a file before they wrote to it: it does so in its own time. Called, and returns,
// with mu held.
func (w *wire) changed(h *handle) {
	changes := func(r request) bool {
		return r.kind == pktFsetstat && r.handle == h || r.kind == pktSetstat
	}
	for !w.over && slices.ContainsFunc(w.asked, changes) {
		w.turn.Wait()
	}
}

// closing notes that a CLOSE was read. The library is to have it when nothing is
// read from the file any more. Called, and returns, with mu held.
func (w *wire) closing(name string, h *handle) {
	delete(w.handles, name)
	if h.to != nil {
		w.writes = slices.ContainsFunc(slices.Collect(maps.Values(w.handles)), func(h *handle) bool { return h.to != nil })
	}
	if h.d == nil {
		return
	}
	w.catchUp(h.d)
	// What goes out from here on answers READs that the client no longer waits
	// for: it was sent, and proves nothing.
	h.d.closed, h.d.atClose = true, slices.Clone(h.d.written)
	wake(w.soon)
	wake(w.left)
	w.allRead(h.d)
}

// sync answers fsync@openssh.com, which sftp sends before CLOSE if asked to: what
// has come so far is safe then. Called, and returns, with mu held.
func (w *wire) sync(r request) []byte {
	h := w.handles[string(r.data)]
	if h == nil || h.to == nil {
		return status(r.id, statusFailure, "no such handle")
	}
	w.mu.Unlock()
	defer w.mu.Lock()
	return statusOf(r.id, h.to.Sync())
}

// catchUp lets the other direction note what it has written. A client may close
// as soon as it has the last bytes, which is before our own Write of them has
// returned. Called, and returns, with mu held.
func (w *wire) catchUp(d *download) {
	if !d.leaving {
		return
	}
	left := d.left
	w.mu.Unlock()
	defer w.mu.Lock()
	patience := time.NewTimer(holdRead) // the line may be full: then it has not got them
	defer patience.Stop()
	select {
	case <-left:
	case <-patience.C:
	}
}

// Write takes the library's answers, which come in one or two pieces each.
func (w *wire) Write(p []byte) (int, error) {
	w.part = append(w.part, p...)
	for len(w.part) >= 4 {
		length := 4 + int(binary.BigEndian.Uint32(w.part))
		if len(w.part) < length {
			break
		}
		err := w.answer(w.part[:length])
		w.part = append(w.part[:0], w.part[length:]...) // it was answered, though the line may be broken
		if err != nil {
			return 0, err
		}
	}
	return len(p), nil
}

// answer passes one answer on to the client.
func (w *wire) answer(frame []byte) error {
	packet := frame[4:]
	q, err := w.answered(packet)
	if err != nil {
		w.c.log.Error("the sftp library lost count of its requests", "err", err)
		w.c.reset()
		return err
	}
	switch {
	case packet[0] == pktVersion:
		frame = version()
	case q.kind == pktClose && q.handle.d != nil:
		return w.close(q.handle.d, slices.Clone(frame))
	}
	return w.put(frame)
}

// close has a download settled, and the answer to its CLOSE sent after that.
// Meanwhile the session goes on.
func (w *wire) close(d *download, answer []byte) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.over || d.settling {
		return io.ErrClosedPipe
	}
	d.settling = true
	w.settling.Go(func() { w.finish(d, answer) })
	return nil
}

// answered takes the request that an answer belongs to from the queue. This and
// a new handle's name are settled before the answer leaves: the next request
// that uses either may be here before Write returns.
func (w *wire) answered(packet []byte) (q request, err error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if len(packet) == 0 || len(w.asked) == 0 {
		return q, errors.New("an answer that nobody asked for")
	}
	q = w.asked[0]
	w.asked = append(w.asked[:0], w.asked[1:]...)
	if q.kind == pktFsetstat || q.kind == pktSetstat {
		w.turn.Broadcast()
	}
	if (q.kind == pktInit) != (packet[0] == pktVersion) || q.kind != pktInit && (len(packet) < 5 || binary.BigEndian.Uint32(packet[1:]) != q.id) {
		return q, fmt.Errorf("an answer of type %d to a request of type %d", packet[0], q.kind)
	}
	if packet[0] == pktData && (q.kind != pktRead || q.handle.d != nil) {
		return q, fmt.Errorf("data for a request of type %d", q.kind)
	}
	if packet[0] == pktHandle {
		name, _, err := cutString(packet[5:])
		if err != nil {
			return q, err
		}
		h := &handle{serves: pktReaddir}
		if q.kind == pktOpen {
			if len(w.opened) == 0 {
				return q, errors.New("a handle that nobody opened")
			}
			h = w.opened[0]
			w.opened = w.opened[1:]
		}
		w.handles[name] = h
	}
	return q, nil
}

// open says what the answer to an OPEN will be a handle on. The handlers call it
// in the order of the requests, one at a time.
func (w *wire) open(h *handle) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.opened = append(w.opened, h)
}

// put sends one packet that is no data of a file that is counted.
func (w *wire) put(frame []byte) error {
	w.writing.Lock()
	defer w.writing.Unlock()
	return w.send(frame)
}

// send puts packets onto the channel, and before them what is to be said on
// stderr. Called with writing held.
func (w *wire) send(frames []byte) error {
	w.mu.Lock()
	line, over := w.line, w.over || w.broken
	w.line, w.since = "", time.Now()
	w.mu.Unlock()
	var err error
	defer func() {
		w.mu.Lock()
		w.since = time.Time{}
		w.broken = w.broken || err != nil
		w.mu.Unlock()
	}()
	if over {
		return io.ErrClosedPipe
	}
	if line != "" {
		if _, err = io.WriteString(w.ch.Stderr(), "darsd: "+line+"\r\n"); err != nil {
			return err
		}
	}
	_, err = w.ch.Write(frames)
	return err
}

func wake(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}

// covers reports whether a set has all of a range.
func covers(set dars.Ranges, r dars.Range) bool {
	return slices.ContainsFunc(set, func(s dars.Range) bool { return s.From <= r.From && r.To <= s.To }) || r.From >= r.To
}
