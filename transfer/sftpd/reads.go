package sftpd

import (
	"encoding/binary"
	"errors"
	"io"
	"slices"
	"sync"
	"time"

	"github.com/pkg/sftp"

	"darsd/dars"
)

// READs of the tree's files never reach the library: the wire answers them. The
// library would read each in a goroutine of its own, into memory taken anew, hand
// it over in two pieces, and put all of them in order again. One goroutine that
// reads and sends does without all that; the vault decrypts ahead of it, and the
// connection sends behind it.

const (
	// maxWaiting is how many READs of one session may wait for their answers.
	// Those of a client that asks for a whole file at once, as paramiko does, wait
	// for their turn in the channel, where they count against its window.
	maxWaiting = 256

	// maxTogether is how many answers of the usual length are sent at once. The
	// frame around the bytes makes one answer a little too long for a packet of SSH,
	// so that each alone would need a second packet for the rest.
	maxTogether = 4

	// dataHead is what stands before the bytes in an answer: its length, kind, id,
	// and how many bytes follow.
	dataHead = 13

	// hurry is how old the office's time may be when it decides whether bytes
	// still leave. Asking for it may take a while.
	hurry = 100 * time.Millisecond
)

// A reading is one READ, and its answer as that comes about.
type reading struct {
	id     uint32
	offset uint64
	length uint32
	d      *download
	bytes  dars.Range // that the answer brings, if any
}

// within reports whether it asks for bytes that there are.
func (r reading) within() bool { return r.offset < uint64(r.d.Size) }

// room is what the answer needs.
func (r reading) room() int { return dataHead + int(min(r.length, maxRead)) }

// ask has a READ answered. It waits while too many do. Called, and returns, with
// mu held.
func (w *wire) ask(r reading) {
	for len(w.reads) >= maxWaiting && !w.over {
		w.turn.Wait()
	}
	w.reads = append(w.reads, r)
	r.d.pending++
	if r.within() {
		r.d.wanted++
	}
	if !w.reading {
		w.reading = true
		go w.answerReads()
	}
}

// allRead waits until all READs of a file, or of all files if d is nil, have
// their answers. Called, and returns, with mu held.
func (w *wire) allRead(d *download) {
	for !w.over && (d != nil && d.pending > 0 || d == nil && w.reading) {
		w.turn.Wait()
	}
}

// answerReads answers what waits, and ends when nothing does: so a session in
// which nobody reads costs nothing.
func (w *wire) answerReads() {
	defer w.c.guard("read")
	whole := false
	defer func() {
		if !whole {
			w.giveUp() // a panic: nobody would answer any more
		}
	}()
	buffer := w.c.server.spare.frames()
	defer w.c.server.spare.takeFrames(buffer)
	var some []reading
	for {
		if some = w.nextReads(some[:0], cap(*buffer)); len(some) == 0 {
			whole = true
			return
		}
		if !some[0].within() {
			w.last(some[0].d)
		}
		// When the line is broken the rest is not even read.
		if err := w.data(some, w.read(some, (*buffer)[:0])); err != nil {
			w.dropReads()
		}
		w.haveRead(some)
	}
}

// giveUp ends the session without a word.
func (w *wire) giveUp() {
	w.mu.Lock()
	w.over = true
	w.turn.Broadcast()
	w.mu.Unlock()
	w.c.reset()
}

// nextReads takes READs of one file from the queue, as many as there is room to
// answer and at least one, all of them within the file or none.
func (w *wire) nextReads(some []reading, room int) []reading {
	w.mu.Lock()
	defer w.mu.Unlock()
	for len(some) < len(w.reads) {
		r := w.reads[len(some)]
		if room -= r.room(); len(some) > 0 && (r.d != some[0].d || r.within() != some[0].within() || room < 0) {
			break
		}
		if r.within() {
			r.d.wanted--
		}
		some = append(some, r)
	}
	w.reads = slices.Delete(w.reads, 0, len(some))
	if len(some) == 0 {
		w.reading = false
		w.reads = nil
	}
	w.turn.Broadcast()
	return some
}

// haveRead says that some READs have their answers.
func (w *wire) haveRead(some []reading) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, r := range some {
		r.d.pending--
	}
	w.turn.Broadcast()
}

// dropReads empties the queue: nothing can be answered any more.
func (w *wire) dropReads() {
	w.mu.Lock()
	left := w.reads
	w.reads = nil
	w.mu.Unlock()
	w.haveRead(left)
}

// read makes the answers, one behind the other. Where there is less room than
// one READ asks for, the answer is short, and the client asks for the rest.
func (w *wire) read(some []reading, frames []byte) []byte {
	longest := uint32(min(maxRead, cap(frames)-dataHead))
	for i := range some {
		r := &some[i]
		from, most := len(frames), int(min(r.length, longest))
		frames = slices.Grow(frames, dataHead+most)
		room := frames[from+dataHead : from+dataHead+most]
		n, err := r.d.ReadAt(room, int64(r.offset))
		if err != nil && (err != io.EOF || n == 0) {
			frames = append(frames, statusOf(r.id, err)...)
			continue
		}
		r.bytes = dars.Range{From: int64(r.offset), To: int64(r.offset) + int64(n)}
		frames = frames[:from+dataHead+n]
		head := append(frames[from:from:from+dataHead], 0, 0, 0, 0, pktData)
		head = binary.BigEndian.AppendUint32(head, r.id)
		binary.BigEndian.AppendUint32(head, uint32(n))
		measured(frames[from:])
	}
	return frames
}

// data passes bytes of a file on, if they may leave. They are counted as sent
// before they do: when the line breaks, nobody can say how far it came.
func (w *wire) data(some []reading, frames []byte) error {
	d := some[0].d
	now := w.now()
	w.writing.Lock()
	defer w.writing.Unlock()

	bytes, err := w.release(some, now)
	switch {
	case errors.Is(err, io.ErrClosedPipe):
		return err
	case err != nil:
		frames = frames[:0]
		for _, r := range some {
			frames = append(frames, statusOf(r.id, err)...)
		}
	}
	err = w.send(frames)

	w.mu.Lock()
	defer w.mu.Unlock()
	if d.leaving {
		d.leaving = false
		close(d.left)
	}
	if err == nil && bytes {
		for _, r := range some {
			d.wrote(r.bytes)
		}
		wake(w.fresh)
		if d.wanted == 0 {
			wake(w.soon) // the client has all that it asked for, and may be about to leave
			if some[len(some)-1].bytes.To == d.Size {
				wake(w.left) // there is no more to ask for
			}
		}
		w.asking.Do(func() { go w.prove() })
	}
	w.rested(d)
	return err
}

// release counts the bytes of some answers as sent, and reports whether there
// are any; or it says why they must not leave.
func (w *wire) release(some []reading, now time.Time) (bytes bool, err error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	d := some[0].d
	if d.past(now) {
		w.end(d, d.sentence())
	}
	switch {
	case w.over || w.broken || d.settled:
		return false, io.ErrClosedPipe
	case d.ended != "":
		return false, d.refusal()
	}
	for _, r := range some {
		if d.counted() && !covers(d.reserved, r.bytes) {
			w.c.log.Error("bytes were about to leave that are not reserved", "file", d.File, "from", r.bytes.From, "to", r.bytes.To)
			return false, sftp.ErrSSHFxFailure
		}
	}
	for _, r := range some {
		if r.bytes.From < r.bytes.To {
			d.sent = extend(d.sent, r.bytes)
			bytes = true
		}
	}
	if len(d.sent) > maxPieces {
		d.sent = d.sent.Add(d.reserved...)
	}
	if bytes {
		d.leaving, d.left = true, make(chan struct{})
	}
	return bytes, nil
}

// A glance is the office's time as it was a moment ago. It has a mutex of its
// own, under which nothing else waits: asking may take a while.
type glance struct {
	mu    sync.Mutex
	time  time.Time
	taken time.Time // zero if it must be taken again
}

// now is the office's time, a moment old at most.
func (w *wire) now() time.Time {
	g := &w.clock
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.taken.IsZero() || time.Since(g.taken) >= hurry {
		g.time, g.taken = w.c.server.now(), time.Now()
	}
	return g.time
}

// late has the office's time asked for again the next time.
func (w *wire) late() {
	w.clock.mu.Lock()
	defer w.clock.mu.Unlock()
	w.clock.taken = time.Time{}
}

// statusOf is how the library would tell a client of an error.
func statusOf(id uint32, err error) []byte {
	code := uint32(statusFailure)
	switch {
	case err == nil:
		return status(id, statusOK, "")
	case err == io.EOF:
		code = statusEOF
	case errors.Is(err, sftp.ErrSSHFxPermissionDenied):
		code = statusPermissionDenied
	case errors.Is(err, sftp.ErrSSHFxNoSuchFile):
		code = statusNoSuchFile
	case errors.Is(err, sftp.ErrSSHFxOpUnsupported):
		code = statusUnsupported
	}
	return status(id, code, err.Error())
}

// extend is set.Add(r), but in place where r goes on where the set ends, as it
// does all the time.
func extend(set dars.Ranges, r dars.Range) dars.Ranges {
	if n := len(set); n > 0 && set[n-1].From <= r.From && r.From <= set[n-1].To {
		set[n-1].To = max(set[n-1].To, r.To)
		return set
	}
	return set.Add(r)
}
