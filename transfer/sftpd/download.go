package sftpd

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"sync/atomic"
	"time"

	"github.com/pkg/sftp"

	"darsd/dars"
)

const (
	block = 16 << 20 // what is reserved at a time

	// maxPieces is how many separate pieces of a file are kept apart for one
	// handle. No client reads in so many; one that means to fill our memory is
	// counted by what was reserved.
	maxPieces = 1024
)

// A download is one handle that reads a file of the tree. The library holds it
// so as to close it; it is the wire that reads.
type download struct {
	Download
	w       *wire
	entry   Entry
	content Content

	prolonged atomic.Pointer[time.Time] // until when access lasts now, if that has been asked

	// The rest belongs to the wire's mutex.
	pending   int           // READs that are not answered yet
	wanted    int           // those of them in the queue that ask for bytes there are
	asked     bool          // the ledger has been asked to reserve something
	reserved  dars.Ranges   // in the ledger, before anything of it leaves
	sent      dars.Ranges   // may have left
	leaving   bool          // some of that is just going onto the channel
	left      chan struct{} // closed when that has gone
	written   dars.Ranges   // the channel has taken it
	fresh     dars.Ranges   // of that, what the client has not been asked about
	flying    dars.Ranges   // of that, what the question on its way is about
	confirmed dars.Ranges   // of that, what the client's side has answered for in time
	closed    bool          // CLOSE was read, or the line has ended
	atClose   dars.Ranges   // what was written by then
	ended     string        // why no more may be read; "" while it may
	settling  bool          // somebody is about to settle it
	settled   bool          // nothing of it leaves any more
	calm      chan struct{} // closed when everything written is answered for
}

// download begins one, or refuses when the office is closing, or too many are open. It is on the
// server's list from here on, so that whoever takes access away finds it, even
// before the office has said that it may begin.
func (w *wire) download(e Entry) (*download, error) {
	if err := w.c.hold(); err != nil {
		return nil, err
	}
	d := &download{
		Download: Download{
			ID: rand.Text(), Who: w.c.who, Visitor: w.c.visitor, File: e.File, Release: e.Release, Size: e.Size,
			Client: w.c.client, Address: w.c.address, Opened: w.c.server.now(),
		},
		w: w, entry: e,
	}
	w.mu.Lock()
	w.downloads[d] = true
	w.mu.Unlock()
	w.c.server.watch(d)
	return d, nil
}

// drop forgets a download that never got a handle.
func (d *download) drop() {
	d.w.mu.Lock()
	d.settled = true
	delete(d.w.downloads, d)
	d.w.mu.Unlock()
	d.w.c.server.unwatch(d)
	d.w.c.free()
}

// counted reports whether the ledger wants to know of it.
func (d *download) counted() bool { return d.File != "" }

// expired reports whether the time for which access was given has passed.
func (d *download) expired() bool { return d.past(d.w.c.server.now()) }

func (d *download) past(now time.Time) bool {
	until := d.until()
	return !until.IsZero() && !now.Before(until)
}

// sentence says that it has.
func (d *download) sentence() string {
	e := d.entry
	e.Until = d.until()
	return endedAt(e) + "; this file is incomplete"
}

// refusal is what a READ hears after access has ended; that it has is in our log.
func (d *download) refusal() error {
	return &reason{code: sftp.ErrSSHFxPermissionDenied, text: d.ended, noted: true}
}

// until is when access ends; zero for an open end.
func (d *download) until() time.Time {
	if prolonged := d.prolonged.Load(); prolonged != nil {
		return *prolonged
	}
	return d.entry.Until
}

// lasts says that access lasts until another time.
func (d *download) lasts(until time.Time) { d.prolonged.Store(&until) }

func endedAt(e Entry) string {
	what := "this file"
	if e.Release != "" {
		what = "release " + string(e.Release)
	}
	return fmt.Sprintf("your access to %s ended at %s", what, e.Until.Format("15:04 MST on 2 January 2006"))
}

// ReadAt reads what a READ asks for, one after the other.
func (d *download) ReadAt(p []byte, off int64) (n int, err error) {
	defer d.w.c.answer(d.w, "read", d.entry.Path, &err)
	switch {
	case off < 0:
		return 0, errors.New("a negative offset")
	case off >= d.Size:
		return 0, io.EOF
	case len(p) == 0:
		return 0, nil
	}
	p = p[:min(int64(len(p)), d.Size-off)]
	if err := d.open(); err != nil {
		return 0, err
	}
	if d.counted() {
		if err := d.reserve(off, int64(len(p))); err != nil {
			return 0, err
		}
	}
	n, err = d.content.ReadAt(p, off)
	switch {
	case n == len(p):
		return n, nil
	case err == nil || errors.Is(err, io.EOF):
		// To the client an end of file would mean that it has all of it.
		err = io.ErrUnexpectedEOF
	}
	return 0, fmt.Errorf("bytes [%d,%d) cannot be read: %w", off, off+int64(len(p)), err)
}

// open returns an error once access has ended.
func (d *download) open() error {
	now := d.w.now()
	d.w.mu.Lock()
	defer d.w.mu.Unlock()
	if d.past(now) {
		d.w.end(d, d.sentence())
	}
	if d.ended != "" {
		return d.refusal()
	}
	return nil
}

// reserve has the ledger write down the blocks that some bytes lie in, where it
// has not yet.
func (d *download) reserve(off, n int64) error {
	for from := off / block * block; from < off+n; from += block {
		r := dars.Range{From: from, To: min(from+block, d.Size)}
		d.w.mu.Lock()
		have := covers(d.reserved, r)
		d.asked = true
		so := d.Download
		so.Confirmed = d.confirmed.Add()
		d.w.mu.Unlock()
		if have {
			continue
		}
		if err := d.w.c.server.Ledger.Reserve(d.w.c.ctx, so, r); err != nil {
			return because(fmt.Errorf("reserve [%d,%d) of %s: %w", r.From, r.To, d.File, err), "the office cannot write down what leaves just now, so nothing does; try again later")
		}
		d.w.late() // that may have taken a while
		d.w.mu.Lock()
		d.reserved = d.reserved.Add(r)
		d.w.mu.Unlock()
	}
	return nil
}

// Close is called by the library when it has answered the client's CLOSE, which
// is not yet when the answer has left: settling is for the wire.
func (d *download) Close() (err error) {
	defer d.w.c.answer(d.w, "close", d.entry.Path, &err)
	return d.content.Close()
}

// wrote notes what the channel has taken. Called with the wire's mu held.
func (d *download) wrote(r dars.Range) {
	if len(d.written) < maxPieces { // else it counts as sent, but will not be confirmed
		d.written = extend(d.written, r)
	}
	// It is on its way all the same. With the gaps between them taken for bytes too,
	// what is asked about stays one piece; only what was written is confirmed.
	if d.fresh = extend(d.fresh, r); len(d.fresh) > maxPieces {
		d.fresh = dars.Ranges{{From: d.fresh[0].From, To: d.fresh[len(d.fresh)-1].To}}
	}
}

// resting reports whether nothing of it is on its way. Called with the wire's mu
// held.
func (d *download) resting() bool { return !d.leaving && len(d.fresh) == 0 && len(d.flying) == 0 }

// finish comes when the library has answered CLOSE, or the session has ended.
// The answer waits until the client's side has answered for the last bytes, so
// that it does not leave before; for a second at most. And it waits for the
// ledger, so that who has closed a file and asks for the receipt finds it.
func (w *wire) finish(d *download, answer []byte) {
	defer w.c.guard("close")
	calm := w.calm(d)
	reply := func() {
		if answer != nil {
			w.put(answer)
			answer = nil
		}
	}
	patience := time.NewTimer(holdClose)
	defer patience.Stop()
	select {
	case <-calm:
	case <-w.done:
	case <-patience.C:
		if answer == nil {
			break
		}
		reply()
		patience.Reset(holdSettle)
		select {
		case <-calm:
		case <-w.done:
		case <-patience.C:
		}
	}
	w.settle(d, reply)
	reply()
}

// last waits, before a client hears that a file has come to its end, until its
// side has answered for what it got of it. lftp hears it, says CLOSE and is gone
// the same moment, with its ssh.
func (w *wire) last(d *download) {
	patience := time.NewTimer(holdClose)
	defer patience.Stop()
	calm := w.calm(d)
	wake(w.soon)
	wake(w.left)
	select {
	case <-calm:
	case <-w.done:
	case <-patience.C:
	}
}

// calm returns a channel that is closed when nothing of d is on its way, or no
// word of it will come any more.
func (w *wire) calm(d *download) <-chan struct{} {
	w.mu.Lock()
	defer w.mu.Unlock()
	calm := make(chan struct{})
	d.calm = calm
	w.rested(d)
	return calm
}

// rested tells who waits for it that nothing of d is on its way. Called with mu
// held.
func (w *wire) rested(d *download) {
	if d.calm != nil && (d.resting() || w.deaf) {
		close(d.calm)
		d.calm = nil
	}
}

// settle tells the ledger what went out. The connection may be gone by now, and
// the server about to stop: the ledger is told all the same. One that cannot hear it,
// such as a database that is away, is told again for a while; meanwhile late lets the
// client go on.
func (w *wire) settle(d *download, late func()) {
	defer w.c.guard("settle")
	w.mu.Lock()
	d.settled = true
	delete(w.downloads, d)
	tell := d.counted() && (d.asked || d.Size == 0)
	sent, confirmed := d.sent.Add(), d.confirmed.Both(d.atClose)
	w.mu.Unlock()
	w.c.server.unwatch(d)
	defer w.c.free()
	if !tell {
		return
	}
	log := w.c.log.With("file", d.File, "release", d.Release, "sent", sent.Bytes(), "confirmed", confirmed.Bytes(), "of", d.Size)
	d.Closed = w.c.server.now()
	ctx, cancel := context.WithTimeout(context.WithoutCancel(w.c.ctx), holdSettle)
	defer cancel()
	err := w.c.server.Ledger.Settle(ctx, d.Download, sent, confirmed)
	for err != nil && !refused(err) && rest(ctx, settleAgain) {
		late()
		err = w.c.server.Ledger.Settle(ctx, d.Download, sent, confirmed)
	}
	if err != nil {
		log.Error("not settled, so the reservation stands", "err", err)
		return
	}
	w.c.receipted()
	log.Info("sent")
}

// refused reports whether an error is the office's word, and no fault.
func refused(err error) bool {
	var refusal *dars.Refusal
	return errors.As(err, &refusal)
}

// rest lets a while pass, and reports whether ctx has not ended with it.
func rest(ctx context.Context, while time.Duration) bool {
	select {
	case <-ctx.Done():
		return false
	case <-time.After(while):
		return ctx.Err() == nil
	}
}
