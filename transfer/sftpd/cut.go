package sftpd

import (
	"io"
	"slices"
	"time"
)

// tell has a sentence said on stderr, where OpenSSH's sftp shows it; it never
// shows the text of a status. Once in a session is enough.
func (w *wire) tell(sentence string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.say(sentence)
}

func (w *wire) say(sentence string) {
	if !w.said {
		w.line, w.said = sentence, true
	}
}

// farewell says a last sentence, if the line is free to take it.
func (w *wire) farewell(sentence string) {
	if !w.writing.TryLock() {
		return
	}
	defer w.writing.Unlock()
	w.mu.Lock()
	w.say(sentence)
	line := w.line
	w.line = ""
	w.mu.Unlock()
	if line != "" {
		io.WriteString(w.ch.Stderr(), "darsd: "+line+"\r\n")
	}
}

// stuck reports whether the client has left a packet lying for a long time.
func (w *wire) stuck(now time.Time) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return !w.since.IsZero() && now.Sub(w.since) > maxStall
}

// cut ends access to a file that is open.
func (w *wire) cut(d *download, sentence string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.end(d, sentence)
}

// cutAll ends access to every file that is open.
func (w *wire) cutAll(sentence string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for d := range w.downloads {
		w.end(d, sentence)
	}
	w.say(sentence)
}

// end ends access to a file. What the channel has already taken may still lie in
// buffers on a slow line; so if the client has not answered for all of it within
// a second, the connection is broken off. Called with mu held.
//
// What follows is never an end of file: sftp, scp, psftp and paramiko would take
// half a file for a whole one.
func (w *wire) end(d *download, sentence string) {
	if d.ended != "" || d.settled {
		return
	}
	d.ended = sentence
	w.say(sentence)
	w.c.log.Info("access ended on an open file", "file", d.File, "release", d.Release, "why", sentence)
	wake(w.soon)
	time.AfterFunc(cutOff, func() {
		w.mu.Lock()
		on := !d.settled && !d.resting()
		w.mu.Unlock()
		if on {
			w.c.log.Info("connection reset: it went on after access had ended", "file", d.File)
			w.c.reset()
		}
	})
}

// going reports whether bytes of some file are on their way, or may be.
func (w *wire) going() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	for d := range w.downloads {
		if !d.resting() {
			return true
		}
	}
	return false
}

// Close is called by the library, when it has had enough of the client.
func (w *wire) Close() error { return nil }

// finished ends the session: whatever was left open is settled. The library may
// still be busy with answers, which go nowhere from here on.
func (w *wire) finished() {
	w.mu.Lock()
	w.over = true
	w.turn.Broadcast()
	var left []*download
	for d := range w.downloads {
		if !d.closed {
			d.closed, d.atClose = true, slices.Clone(d.written)
		}
		if !d.settling {
			d.settling = true
			left = append(left, d)
		}
	}
	w.mu.Unlock()
	wake(w.soon)
	for _, d := range left {
		w.settling.Go(func() { w.finish(d, nil) })
	}
	w.in.end()
	patience := time.AfterFunc(holdClose, func() { close(w.done) })
	w.settling.Wait()
	if patience.Stop() {
		close(w.done)
	}
}
