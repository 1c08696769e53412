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
	if err := d.reserve(0, 100); err != nil {
		t.Fatal(err)
	}
	h := &handle{serves: pktRead, d: d}
	for id := range uint32(3) {
		w.asked = append(w.asked, request{kind: pktRead, id: id, handle: h, offset: uint64(id) * 6, length: 6})
	}
	ch.broken = true
	for id := range uint32(3) {
		if _, err := w.Write(measured(appendString(answering(pktData, id), "secret"))); err == nil {
			t.Error("written onto a line that is broken")
		}
	}
	w.finished()
	same(t, "sent", o.settlement().sent, whole(6))
	if strings.Contains(log.String(), "ERROR") {
		t.Errorf("the log says\n%s", &log)
	}
}
