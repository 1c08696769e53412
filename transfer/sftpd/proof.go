package sftpd

import (
	"time"

	"darsd/dars"
)

const (
	proofPace  = 20 * time.Millisecond // between questions, while bytes flow
	proofFloor = 2 * time.Millisecond  // between questions, when the client waits for one
	proofBytes = 256 << 10             // that are worth a question before then
)

// prove asks the client's side, again and again, whether it has taken what was
// written. The question is a channel request that no client knows and all of
// them answer; it is the one by which sshd asks whether a client is alive. SSH
// keeps everything in order, so the answer proves that whatever was written
// before the question has been decrypted at the other end. That a write
// succeeded proves nothing: up to two megabytes lie in buffers.
//
// One question is out at a time. It waits a little for more bytes to be about,
// less when the client has all that it asked for, since it may be about to leave;
// and not at all when the end of a file was written or a CLOSE was read, whose
// answer waits for it.
func (w *wire) prove() {
	defer w.silence()
	defer w.c.guard("proof of receipt")
	var last time.Time
	for {
		select {
		case <-w.done:
			return
		case <-w.fresh:
		}
		if !w.pause(time.Until(last.Add(proofPace)), w.soon) {
			return
		}
		if w.unasked() < proofBytes && !w.pause(time.Until(last.Add(proofFloor)), w.left) {
			return
		}
		last = time.Now()
		if !w.launch() {
			continue
		}
		if _, err := w.ch.SendRequest("keepalive@openssh.com", true, nil); err != nil {
			return
		}
		w.land()
	}
}

// pause waits, unless it is cut short. It reports whether the session goes on.
func (w *wire) pause(d time.Duration, short <-chan struct{}) bool {
	if d <= 0 {
		return true
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-w.done:
		return false
	case <-short:
	case <-timer.C:
	}
	return true
}

// unasked counts the bytes that no question has been about.
func (w *wire) unasked() (n int64) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for d := range w.downloads {
		n += d.fresh.Bytes()
	}
	return n
}

// launch makes everything written so far the subject of the next question.
func (w *wire) launch() (any bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for d := range w.downloads {
		d.flying, d.fresh = d.fresh, dars.Ranges{}
		any = any || len(d.flying) > 0
	}
	return any
}

// land takes the answer. After access has ended it says only that nothing is on
// its way any more.
func (w *wire) land() {
	now := w.now()
	w.mu.Lock()
	defer w.mu.Unlock()
	for d := range w.downloads {
		if d.ended == "" && !d.past(now) {
			d.confirmed = d.confirmed.Add(d.flying.Both(d.written)...)
		}
		d.flying = nil
		w.rested(d)
	}
}

// silence says that no answer will come any more.
func (w *wire) silence() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.deaf = true
	for d := range w.downloads {
		w.rested(d)
	}
}
