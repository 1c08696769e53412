package sftpd

import (
	"bytes"
	"log/slog"
	"strings"
	"testing"
)

// A line that breaks is nothing to wake an operator for, and what the library
// still tries to write after that has not left.
func TestBrokenLineIsNoFault(t *testing.T) {
	w, ch, o := paperWire(nil, 1)
	o.t = t
	var log bytes.Buffer
	w.c.log = slog.New(slog.NewTextHandler(&log, nil))
	d, err := w.download(o.roots[alice][0])
	if err != nil {
		t.Fatal(err)
	}
	d.content = nopCloser{bytes.NewReader(make([]byte, 100_000))}
	if err := d.reserve(0, 100); err != nil {
		t.Fatal(err)
	}
	stat := func(id uint32) {
		w.asked = append(w.asked, request{kind: pktStat, id: id})
		if _, err := w.Write(status(id, statusFailure, "no")); err == nil {
			t.Error("written onto a line that is broken")
		}
	}
	read := func(id uint32, from uint64) {
		w.mu.Lock()
		defer w.mu.Unlock()
		w.ask(reading{id: id, d: d, offset: from, length: 6})
		w.allRead(d)
	}
	ch.broken = true
	read(1, 0)
	stat(2)
	stat(3)
	read(4, 6)
	stat(5)
	w.finished()
	same(t, "sent", o.settlement().sent, whole(6))
	if strings.Contains(log.String(), "ERROR") {
		t.Errorf("the log says\n%s", &log)
	}
}
