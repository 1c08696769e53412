package sftpd

import (
	"bytes"
	"encoding/binary"
	"io"
	"math"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"darsd/dars"
)

// A shut content is read by nobody until it is opened.
type shut struct {
	nopCloser
	opened chan struct{}
}

func (s shut) ReadAt(p []byte, off int64) (int, error) {
	<-s.opened
	return s.nopCloser.ReadAt(p, off)
}

// readingWire is a wire with one file of 100,000 bytes open.
func readingWire(t testing.TB, in []byte) (*wire, *paperChannel, *office, *download) {
	t.Helper()
	w, ch, o := paperWire(in, 1)
	d, err := w.download(o.roots[alice][0])
	if err != nil {
		t.Fatal(err)
	}
	d.content = nopCloser{bytes.NewReader(make([]byte, 100_000))}
	w.handles["h"] = &handle{serves: pktRead, d: d}
	return w, ch, o, d
}

func manyReads(n int) (in []byte) {
	for i := range n {
		in = append(in, encode(request{kind: pktRead, id: uint32(i), name: "h", offset: uint64(i), length: 1})...)
	}
	return in
}

// paramiko asks for all of a file at once. What is not answered yet must wait in
// the channel; and all of it is answered in the end.
func TestReadsWaitInTheChannel(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const reads = 5000
		w, ch, _, d := readingWire(t, manyReads(reads))
		opened := make(chan struct{})
		d.content = shut{d.content.(nopCloser), opened}
		ended := make(chan error)
		go func() {
			_, err := w.Read(make([]byte, 100))
			ended <- err
		}()
		synctest.Wait()
		w.mu.Lock()
		waiting := len(w.reads)
		w.mu.Unlock()
		if waiting == 0 || waiting > maxWaiting || len(ch.in) < len(manyReads(reads))/2 {
			t.Errorf("%d READs wait in memory, and %d bytes in the channel", waiting, len(ch.in))
		}
		close(opened)
		if err := <-ended; err != io.EOF {
			t.Error(err)
		}
		if got := ch.out.Len(); got != reads*(dataHead+1) {
			t.Errorf("%d bytes of answers", got)
		}
		w.finished()
	})
}

// What is answered to one READ is as much as goes out at once; and little, where
// many read at the same time.
func TestLongReads(t *testing.T) {
	const size = 400_000
	for name, tt := range map[string]struct {
		offset  uint64
		length  uint32
		reading int32 // sessions beside this one
		want    int
	}{
		"the usual length":                {0, ordinary, 0, ordinary},
		"as long as may be":               {0, maxRead, 0, maxRead},
		"longer":                          {0, maxRead + 1, 0, maxRead},
		"as long as can be asked":         {1, math.MaxUint32, 0, maxRead},
		"up to the end":                   {size - 100, maxRead, 0, 100},
		"as long as may be, in a crowd":   {0, maxRead, crowd, ordinary},
		"the usual length, in a crowd":    {0, ordinary, crowd, ordinary},
		"as long as may be, before it is": {0, maxRead, crowd - 1, maxRead},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				ask := encode(request{kind: pktRead, id: 1, name: "h", offset: tt.offset, length: tt.length})
				w, ch, _, d := readingWire(t, append(ask, ask...))
				w.c.server.spare.answers.out.Store(tt.reading)
				d.Size, d.content = size, nopCloser{bytes.NewReader(make([]byte, size))}
				if _, err := w.Read(make([]byte, 100)); err != io.EOF {
					t.Error(err)
				}
				for range 2 {
					answer := ch.out.Next(dataHead + tt.want)
					if len(answer) != dataHead+tt.want || int(binary.BigEndian.Uint32(answer[9:])) != tt.want {
						t.Errorf("%d bytes of an answer: %x", len(answer), answer[:min(len(answer), dataHead)])
					}
				}
				if ch.out.Len() > 0 {
					t.Errorf("and %d bytes more", ch.out.Len())
				}
				w.finished()
				if left := w.c.server.spare.answers.out.Load(); left != tt.reading {
					t.Errorf("%d sessions are taken for reading", left)
				}
			})
		})
	}
}

// The library must not close a file that is being read, and what was asked for
// before CLOSE is answered.
func TestCloseIsPassedOnWhenAllIsRead(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w, ch, _, d := readingWire(t, append(manyReads(3), encode(request{kind: pktClose, id: 3, name: "h"})...))
		opened := make(chan struct{})
		d.content = shut{d.content.(nopCloser), opened}
		passed := make(chan byte)
		go func() {
			p := make([]byte, 100)
			w.Read(p)
			passed <- p[4]
		}()
		synctest.Wait()
		select {
		case <-passed:
			t.Error("CLOSE was passed on while the file is read")
		default:
		}
		w.mu.Lock()
		if !d.closed {
			t.Error("that a CLOSE was read is not noted: what follows would count as received")
		}
		w.mu.Unlock()
		close(opened)
		if kind := <-passed; kind != pktClose || ch.out.Len() != 3*(dataHead+1) {
			t.Errorf("passed on %d; %d bytes of answers", kind, ch.out.Len())
		}
		w.finished()
	})
}

// In a rehearsal the office's clock is a look into the database.
func TestOfficeIsNotAskedTheTimeForEachRead(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w, _, o, _ := readingWire(t, manyReads(1000))
		var mu sync.Mutex
		asked := 0
		began := time.Now()
		o.server.Now = func() time.Time {
			mu.Lock()
			defer mu.Unlock()
			asked++
			return o.clock
		}
		w.Read(make([]byte, 100))
		w.finished()
		// Once more after each block that is reserved, and for when it was closed.
		if most := 5 + int(time.Since(began)/hurry); asked > most {
			t.Errorf("asked %d times in %v", asked, time.Since(began))
		}
	})
}

// A panic while reading ends that session, and nothing waits for it.
func TestPanicWhileReadingEndsTheSession(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w, _, _, d := readingWire(t, manyReads(10))
		d.w = nil // what is not guarded by the download itself
		w.Read(make([]byte, 100))
		if !w.over {
			t.Error("the session goes on")
		}
	})
}

// sftp's put -f asks for it, before CLOSE.
func TestFsync(t *testing.T) {
	o := open(t)
	o.file("FILE0000001", 1000)
	raw := o.raw(o.visit(alice))
	opened := raw.asked(t, 1, measured(append(appendString(answering(pktOpen, 1), "/submit/a.txt"), 0, 0, 0, 0x1a, 0, 0, 0, 0)))
	writing, _, err := cutString(opened[5:])
	if opened[0] != pktHandle || err != nil {
		t.Fatalf("%q", opened)
	}
	reading := raw.open(t, at("FILE0000001"))
	for handle, want := range map[string]uint32{writing: statusOK, reading: statusFailure, "none": statusFailure} {
		got := raw.asked(t, 9, measured(appendString(appendString(answering(pktExtended, 9), "fsync@openssh.com"), handle)))
		if got[0] != pktStatus || binary.BigEndian.Uint32(got[5:]) != want {
			t.Errorf("fsync of %q: %q", handle, got)
		}
	}
}

// asked sends a packet and returns the answer.
func (c *raw) asked(t *testing.T, id uint32, packet []byte) []byte {
	t.Helper()
	if _, err := c.ch.Write(packet); err != nil {
		t.Fatal(err)
	}
	got := c.receive(t)
	if binary.BigEndian.Uint32(got[1:]) != id {
		t.Fatalf("an answer to another than %d: %q", id, got)
	}
	return got
}

func TestExtendIsAdd(t *testing.T) {
	var set, want dars.Ranges
	for _, r := range []dars.Range{{From: 0, To: 5}, {From: 5, To: 10}, {From: 20, To: 30}, {From: 25, To: 28}, {From: 10, To: 12}, {From: 30, To: 30}, {From: 2, To: 40}, {From: 40, To: 41}} {
		set, want = extend(set, r), want.Add(r)
		same(t, "extended", set, want)
	}
}

// What the wire costs where nothing else does: no cipher, no line, no disk.
func BenchmarkReads(b *testing.B) {
	w, ch, _, d := readingWire(b, nil)
	ch.forgets = true
	d.content = nopCloser{bytes.NewReader(make([]byte, 16<<20))}
	d.Size, d.reserved = 16<<20, whole(16<<20)
	const together = 64 // as many as OpenSSH's sftp asks for
	var asks [][]byte
	for i := range uint64(16 << 20 / maxRead) {
		asks = append(asks, encode(request{kind: pktRead, id: uint32(i), name: "h", offset: i * maxRead, length: maxRead})[4:])
	}
	b.SetBytes(together * maxRead)
	b.ReportAllocs()
	next := 0
	for b.Loop() {
		for range together {
			w.admit(asks[next])
			next = (next + 1) % len(asks)
		}
		w.mu.Lock()
		w.allRead(nil)
		w.mu.Unlock()
	}
	w.finished()
}
