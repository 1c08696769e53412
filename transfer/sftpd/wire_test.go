package sftpd

import (
	"bytes"
	"context"
	"encoding/binary"
	"io"
	"log/slog"
	"math/rand/v2"
	"net"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/pkg/sftp"
	"golang.org/x/crypto/ssh"

	"darsd/dars"
)

// A paper channel stands for an SSH channel: what the client sends is written
// down beforehand, what it gets is collected, and it answers every question.
type paperChannel struct {
	mu     sync.Mutex
	in     []byte
	pieces *rand.Rand // how what comes in is cut up
	out    bytes.Buffer
	broken bool // nothing can be written
}

func (p *paperChannel) Read(b []byte) (int, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.in) == 0 {
		return 0, io.EOF
	}
	n := copy(b, p.in[:1+p.pieces.IntN(len(p.in))])
	p.in = p.in[n:]
	return n, nil
}

func (p *paperChannel) Write(b []byte) (int, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.broken {
		return 0, io.ErrClosedPipe
	}
	return p.out.Write(b)
}

func (p *paperChannel) Close() error      { return nil }
func (p *paperChannel) CloseWrite() error { return nil }
func (p *paperChannel) SendRequest(string, bool, []byte) (bool, error) {
	return false, nil
}
func (p *paperChannel) Stderr() io.ReadWriter { return new(bytes.Buffer) }

// paperWire is a wire without a network, in an office with one file.
func paperWire(in []byte, seed uint64) (*wire, *paperChannel, *office) {
	o := &office{
		clock: time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC), roots: map[dars.PersonID][]Entry{}, contents: map[string][]byte{},
		books: map[string]*book{}, trays: map[dars.PersonID]*memoryTray{}, settled: make(chan *book, 1000),
	}
	o.server = &Server{Desk: o, Ledger: o, Trays: o}
	o.add(alice, Entry{Path: "a", File: "FILE0000001"}, make([]byte, 100_000))
	near, _ := net.Pipe()
	ctx, end := context.WithCancel(context.Background())
	c := &conn{
		server: o.server, net: near, log: slog.New(slog.DiscardHandler), ctx: ctx, end: end, who: alice,
		wires: map[*wire]bool{}, uploads: map[*upload]bool{},
	}
	ch := &paperChannel{in: in, pieces: rand.New(rand.NewPCG(seed, 0))}
	var _ ssh.Channel = ch
	return newWire(c, ch), ch, o
}

// However the client's bytes are cut up on their way, the library gets those
// packets, whole and in order.
func FuzzRequestsPassUnchanged(f *testing.F) {
	f.Add([]byte("some paths and what follows them"), uint64(1))
	f.Fuzz(func(t *testing.T, text []byte, seed uint64) {
		text = text[:min(len(text), 4096)]
		random := rand.New(rand.NewPCG(seed, 1))
		passing := []byte{pktInit, pktLstat, pktSetstat, pktRemove, pktMkdir, pktRmdir, pktRealpath, pktStat, pktRename, pktReadlink, pktSymlink}
		var in []byte
		for id := uint32(0); len(text) > 0; id++ {
			n := 1 + random.IntN(len(text))
			r := request{kind: passing[random.IntN(len(passing))], id: id, name: string(text[:n])}
			text = text[n:]
			in = append(in, measured(append(appendString(answering(r.kind, r.id), r.name), "attributes"...))...)
		}
		w, _, _ := paperWire(bytes.Clone(in), seed)
		var got []byte
		for {
			b := make([]byte, 1+random.IntN(100))
			n, err := w.Read(b)
			got = append(got, b[:n]...)
			if err != nil {
				break
			}
		}
		if !bytes.Equal(got, in) {
			t.Errorf("in: %q\nout: %q", in, got)
		}
	})
}

// However the library's answers are cut up, the client gets them unchanged, and
// of the file what was answered is what is counted.
func FuzzAnswersPassUnchanged(f *testing.F) {
	f.Add([]byte{0, 10, 200, 3}, uint64(1))
	f.Fuzz(func(t *testing.T, plan []byte, seed uint64) {
		plan = plan[:min(len(plan), 300)]
		random := rand.New(rand.NewPCG(seed, 2))
		w, ch, o := paperWire(nil, seed)
		d, err := w.download(o.roots[alice][0])
		if err != nil {
			t.Fatal(err)
		}
		d.reserved = whole(100_000)
		w.handles["h"] = &handle{serves: pktRead, d: d}
		var want []byte
		var answered dars.Ranges
		for i, b := range plan {
			r := request{kind: pktRead, id: uint32(b % 4), name: "h", offset: uint64(random.IntN(100_000)), length: uint32(random.IntN(1000))}
			if got := w.admit(encode(r)[4:]); got != nil {
				t.Fatalf("READ was answered: %q", got)
			}
			var frame []byte
			if b%5 == 0 {
				frame = status(r.id, 1, "EOF")
			} else {
				n := min(int64(r.length), 100_000-int64(r.offset))
				frame = measured(appendString(answering(pktData, r.id), string(make([]byte, n))))
				answered = answered.Add(dars.Range{From: int64(r.offset), To: int64(r.offset) + n})
			}
			want = append(want, frame...)
			for len(frame) > 0 {
				n := 1 + random.IntN(len(frame))
				if _, err := w.Write(frame[:n]); err != nil {
					t.Fatalf("answer %d: %v", i, err)
				}
				frame = frame[n:]
			}
		}
		w.finished()
		if !bytes.Equal(ch.out.Bytes(), want) {
			t.Error("other bytes came out than went in")
		}
		if !slices.Equal(d.sent, answered) && len(answered) > 0 {
			t.Errorf("counted %v, and answered were %v", d.sent, answered)
		}
	})
}

// Whatever a client sends, the program lives, and nothing is counted wrongly:
// the office in memory checks that.
func FuzzSession(f *testing.F) {
	init := []byte{0, 0, 0, 5, pktInit, 0, 0, 0, 3}
	session := bytes.Clone(init)
	for _, r := range []request{
		{kind: pktOpen, id: 1, name: "/a"}, {kind: pktOpendir, id: 2, name: "/"}, {kind: pktRead, id: 3, name: "1", length: 70000},
		{kind: pktWrite, id: 4, name: "1"}, {kind: pktReaddir, id: 5, name: "2"}, {kind: pktFstat, id: 6, name: "1"}, {kind: pktClose, id: 7, name: "1"},
		{kind: pktMkdir, id: 8, name: "/submit/x"}, {kind: pktExtended, id: 9, name: "limits@openssh.com"}, {kind: 99, id: 10, name: "?"},
	} {
		session = append(session, encode(r)...)
	}
	f.Add(session, uint64(1))
	f.Add(init, uint64(1))
	f.Add([]byte{0xff, 0xff, 0xff, 0xff}, uint64(1))
	f.Fuzz(func(t *testing.T, in []byte, seed uint64) {
		w, ch, o := paperWire(bytes.Clone(in[:min(len(in), 8192)]), seed)
		o.t = t
		v := &view{w.c, w}
		sftp.NewRequestServer(w, sftp.Handlers{FileGet: v, FilePut: v, FileCmd: v, FileList: v}).Serve()
		w.finished()
		ch.mu.Lock()
		defer ch.mu.Unlock()
		out := ch.out.Bytes()
		for len(out) > 0 {
			if len(out) < 4 || len(out) < 4+int(binary.BigEndian.Uint32(out)) {
				t.Fatalf("half a packet came out: %q", out)
			}
			out = out[4+binary.BigEndian.Uint32(out):]
		}
	})
}

// A client that reads crumbs costs us no more than a few of them.
func TestCrumbsAreCountedByTheBlock(t *testing.T) {
	w, _, o := paperWire(nil, 1)
	d, err := w.download(o.roots[alice][0])
	if err != nil {
		t.Fatal(err)
	}
	d.reserved = whole(100_000)
	h := &handle{serves: pktRead, d: d}
	for i := range uint64(2 * maxPieces) {
		w.data(request{kind: pktRead, id: 1, handle: h, offset: 2 * i, length: 1}, measured(appendString(answering(pktData, 1), "x")))
	}
	w.finished()
	same(t, "sent", d.sent, whole(100_000))
	if len(d.written) > maxPieces || len(d.confirmed) > maxPieces {
		t.Errorf("%d pieces are kept", len(d.written))
	}
}

// Bytes that were read from the file before access ended, and wait to leave.
func TestQueuedBytesDoNotLeaveAfterTheEnd(t *testing.T) {
	for name, end := range map[string]func(w *wire, d *download, o *office){
		"cut":          func(w *wire, d *download, _ *office) { w.cut(d, "it was withdrawn") },
		"expired":      func(_ *wire, d *download, o *office) { d.entry.Until = o.clock },
		"not reserved": func(_ *wire, d *download, _ *office) { d.reserved = nil },
	} {
		w, ch, o := paperWire(nil, 1)
		d, err := w.download(o.roots[alice][0])
		if err != nil {
			t.Fatal(err)
		}
		d.reserved = whole(100_000)
		end(w, d, o)
		q := request{kind: pktRead, id: 1, handle: &handle{serves: pktRead, d: d}, length: 6}
		if err := w.data(q, measured(appendString(answering(pktData, 1), "secret"))); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if out := ch.out.Bytes(); len(out) < 5 || out[4] != pktStatus || bytes.Contains(out, []byte("secret")) || len(d.sent) > 0 {
			t.Errorf("%s: what left is %q, and sent %v", name, out, d.sent)
		}
		w.finished()
	}
}

// When a write fails nobody can say how much of it left.
func TestBytesCountAsSentWhenTheLineBreaksUnderThem(t *testing.T) {
	w, ch, o := paperWire(nil, 1)
	d, err := w.download(o.roots[alice][0])
	if err != nil {
		t.Fatal(err)
	}
	if err := d.reserve(0, 6); err != nil {
		t.Fatal(err)
	}
	ch.broken = true
	q := request{kind: pktRead, id: 1, handle: &handle{serves: pktRead, d: d}, length: 6}
	w.data(q, measured(appendString(answering(pktData, 1), "secret")))
	o.t = t
	w.finished()
	b := o.settlement()
	same(t, "sent", b.sent, whole(6))
	same(t, "confirmed", b.confirmed, dars.Ranges{})
}

func TestVersionAndLimits(t *testing.T) {
	want := []byte{0, 0, 0, 65, pktVersion, 0, 0, 0, 3, 0, 0, 0, 24}
	if got := version(); !bytes.HasPrefix(got, want) {
		t.Errorf("%q", got)
	}
	p := limits(7)[9:]
	for _, want := range []uint64{maxPacket, maxRead, maxRead, maxHandles} {
		if got := binary.BigEndian.Uint64(p); got != want {
			t.Errorf("%d, want %d", got, want)
		}
		p = p[8:]
	}
}
