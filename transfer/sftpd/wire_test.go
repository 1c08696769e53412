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
	"testing/synctest"
	"time"

	"github.com/pkg/sftp"
	"golang.org/x/crypto/ssh"

	"darsd/dars"
)

// A paper channel stands for an SSH channel: what the client sends is written
// down beforehand, what it gets is collected, and it answers every question.
type paperChannel struct {
	mu      sync.Mutex
	in      []byte
	pieces  *rand.Rand // how what comes in is cut up
	out     bytes.Buffer
	broken  bool // nothing can be written
	breaks  int  // after so many bytes, if not zero
	forgets bool // what is written
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
	if p.breaks > 0 && p.out.Len()+len(b) > p.breaks {
		p.out.Write(b[:p.breaks-p.out.Len()])
		p.broken = true
	}
	if p.broken {
		return 0, io.ErrClosedPipe
	}
	if p.forgets {
		return len(b), nil
	}
	return p.out.Write(b)
}

func (p *paperChannel) Close() error      { return nil }
func (p *paperChannel) CloseWrite() error { return nil }
func (p *paperChannel) SendRequest(string, bool, []byte) (bool, error) {
	return false, nil
}
func (p *paperChannel) Stderr() io.ReadWriter { return new(bytes.Buffer) }

type nopCloser struct{ *bytes.Reader }

func (nopCloser) Close() error { return nil }

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
		server: o.server, net: newOutgoing(near, &o.server.spare.outgoing), log: slog.New(slog.DiscardHandler), ctx: ctx, end: end, who: alice,
		wires: map[*wire]bool{}, uploads: map[*upload]bool{},
	}
	ch := &paperChannel{in: in, pieces: rand.New(rand.NewPCG(seed, 0))}
	var _ ssh.Channel = ch
	return newWire(c, ch), ch, o
}

// inBubble has a fuzz target wait for nothing: proof is asked for at a pace.
func inBubble(target func(t *testing.T, plan []byte, seed uint64, breaks uint8)) func(*testing.T, []byte, uint64, uint8) {
	return func(t *testing.T, plan []byte, seed uint64, breaks uint8) {
		synctest.Test(t, func(t *testing.T) { target(t, plan, seed, breaks) })
	}
}

// However the client's bytes are cut up on their way: what is admitted reaches
// the library unchanged, whole and in order, and what is refused is answered
// once, by its id.
func FuzzClient(f *testing.F) {
	f.Add([]byte("some paths and what follows them"), uint64(1), uint8(0))
	f.Add([]byte{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 200, 255}, uint64(2), uint8(0))
	f.Add(bytes.Repeat([]byte{9, 1, 8, 0, 255}, 100), uint64(3), uint8(0))
	passing := []byte{pktInit, pktLstat, pktSetstat, pktRemove, pktMkdir, pktRmdir, pktRealpath, pktStat, pktRename, pktReadlink, pktSymlink}
	f.Fuzz(inBubble(func(t *testing.T, plan []byte, seed uint64, _ uint8) {
		plan = plan[:min(len(plan), 1000)]
		random := rand.New(rand.NewPCG(seed, 1))
		var in, admitted []byte
		refused := map[uint32]byte{} // the kind of answer that each is owed
		for i, b := range plan {
			id := uint32(i)
			name := string(plan[i:min(len(plan), i+int(b))])
			var packet []byte
			switch {
			case b%16 == 15: // no request at all
				packet = measured(answering(50+b%40, id))
				refused[id] = pktStatus
			case b%16 == 14: // a handle that there is not
				packet = encode(request{kind: []byte{pktRead, pktWrite, pktClose, pktFstat, pktReaddir}[i%5], id: id, name: "no " + name})
				refused[id] = pktStatus
			case b%16 == 13: // on a file that is read
				packet = encode(request{kind: []byte{pktWrite, pktReaddir}[i%2], id: id, name: "h"})
				refused[id] = pktStatus
			case b%16 == 12:
				packet = encode(request{kind: pktExtended, id: id, name: "limits@openssh.com"})
				refused[id] = pktExtendedReply
			case b%16 == 11: // it ends early
				packet = measured(append(answering(pktStat, id), 0, 0, 1, 0, 'x'))
				refused[id] = pktStatus
			case b%16 == 10: // a READ is answered later
				packet = encode(request{kind: pktRead, id: id, name: "h", offset: uint64(b) * 500, length: uint32(b)})
				refused[id] = pktData
				if int(b)*500 >= 100_000 {
					refused[id] = pktStatus
				}
			default:
				packet = measured(append(appendString(answering(passing[int(b)%len(passing)], id), name), "attributes"...))
				admitted = append(admitted, packet...)
			}
			in = append(in, packet...)
		}
		w, ch, o := paperWire(in, seed)
		d, err := w.download(o.roots[alice][0])
		if err != nil {
			t.Fatal(err)
		}
		d.content = nopCloser{bytes.NewReader(make([]byte, 100_000))}
		d.reserved = whole(100_000)
		w.handles["h"] = &handle{serves: pktRead, d: d}
		var got []byte
		for {
			b := make([]byte, 1+random.IntN(100))
			n, err := w.Read(b)
			got = append(got, b[:n]...)
			if err != nil {
				break
			}
		}
		w.finished()
		if !bytes.Equal(got, admitted) {
			t.Errorf("admitted: %q\nout: %q", admitted, got)
		}
		for out := ch.out.Bytes(); len(out) > 0; {
			n := 4 + binary.BigEndian.Uint32(out)
			id := binary.BigEndian.Uint32(out[5:])
			if kind, owed := refused[id]; !owed || kind != out[4] {
				t.Errorf("%d, which is owed an answer of type %d (%t), got one of type %d", id, kind, owed, out[4])
			}
			delete(refused, id)
			out = out[n:]
		}
		if len(refused) > 0 {
			t.Errorf("not answered: %v", refused)
		}
	}))
}

// However the library's answers are cut up, what leaves is what it wrote. What
// is counted was answered, and what was answered is counted as sent.
func FuzzAnswers(f *testing.F) {
	f.Add([]byte{0, 10, 200, 3}, uint64(1), uint8(255))
	f.Add(bytes.Repeat([]byte{1, 2, 3, 4, 5, 6, 7}, 40), uint64(2), uint8(255))
	f.Add(bytes.Repeat([]byte{1, 2, 3, 4, 5, 6, 7}, 40), uint64(3), uint8(20))
	const size = 100_000
	content := make([]byte, size)
	rand.NewChaCha8([32]byte{}).Read(content)
	f.Fuzz(inBubble(func(t *testing.T, plan []byte, seed uint64, breaks uint8) {
		plan = plan[:min(len(plan), 300)]
		random := rand.New(rand.NewPCG(seed, 2))
		w, ch, o := paperWire(nil, seed)
		o.t = t
		if breaks < 255 {
			ch.breaks = int(breaks) * 1000
		}
		d, err := w.download(o.roots[alice][0])
		if err != nil {
			t.Fatal(err)
		}
		d.content = nopCloser{bytes.NewReader(content)}
		w.handles["h"] = &handle{serves: pktRead, d: d}
		var want []byte // of what the library answers
		wanted := map[uint32]dars.Range{}
		var asked dars.Ranges
		for i, b := range plan {
			id := uint32(i)
			if b%2 == 0 {
				r := request{kind: pktRead, id: id, name: "h", offset: uint64(random.IntN(size)), length: uint32(1 + random.IntN(1000))}
				if pass, answer := w.admit(encode(r)[4:]); pass || answer != nil {
					t.Fatalf("READ was passed on (%t) or answered: %q", pass, answer)
				}
				wanted[id] = dars.Range{From: int64(r.offset), To: min(int64(r.offset)+int64(r.length), size)}
				asked = asked.Add(wanted[id])
				continue
			}
			if pass, answer := w.admit(encode(request{kind: pktStat, id: id, name: "/a"})[4:]); !pass || answer != nil {
				t.Fatalf("STAT was not passed on: %q", answer)
			}
			frame := status(id, uint32(b), string(plan[:i]))
			want = append(want, frame...)
			for len(frame) > 0 {
				n := 1 + random.IntN(len(frame))
				if _, err := w.Write(frame[:n]); err != nil && breaks == 255 {
					t.Fatalf("answer %d: %v", i, err)
				}
				frame = frame[n:]
			}
		}
		w.mu.Lock()
		w.allRead(nil)
		w.mu.Unlock()
		w.finished()

		var passed []byte
		var answered dars.Ranges
		out := ch.out.Bytes()
		for len(out) >= 4 && len(out) >= 4+int(binary.BigEndian.Uint32(out)) {
			frame := out[:4+binary.BigEndian.Uint32(out)]
			out = out[len(frame):]
			r, read := wanted[binary.BigEndian.Uint32(frame[5:])]
			switch {
			case !read:
				passed = append(passed, frame...)
			case frame[4] != pktData || !bytes.Equal(frame[dataHead:], content[r.From:r.To]):
				t.Errorf("READ of %v was answered wrongly: %q", r, frame)
			default:
				answered = answered.Add(r)
				delete(wanted, binary.BigEndian.Uint32(frame[5:]))
			}
		}
		within := func(what string, part, of dars.Ranges) {
			if part.Both(of).Bytes() != part.Bytes() {
				t.Errorf("%s: %v in %v", what, part, of)
			}
		}
		within("answered counts as sent", answered, d.sent)
		within("confirmed was answered", d.confirmed, answered)
		within("sent was asked for", d.sent, asked)
		if !bytes.HasPrefix(want, passed) {
			t.Error("other bytes came out than went in")
		}
		if breaks == 255 && (len(passed) != len(want) || len(out) > 0 || len(wanted) > 0 || !slices.Equal(d.sent.Add(), asked.Add())) {
			t.Errorf("not answered: %v; sent %v, asked %v", wanted, d.sent, asked)
		}
	}))
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
	for i := range int64(2 * maxPieces) {
		w.data([]reading{{id: 1, d: d, bytes: dars.Range{From: 2 * i, To: 2*i + 1}}}, measured(appendString(answering(pktData, 1), "x")))
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
		"expired":      func(_ *wire, d *download, o *office) { d.lasts(o.clock) },
		"not reserved": func(_ *wire, d *download, _ *office) { d.reserved = nil },
	} {
		w, ch, o := paperWire(nil, 1)
		d, err := w.download(o.roots[alice][0])
		if err != nil {
			t.Fatal(err)
		}
		d.reserved = whole(100_000)
		end(w, d, o)
		q := []reading{{id: 1, d: d, bytes: dars.Range{From: 0, To: 6}}}
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
	q := []reading{{id: 1, d: d, bytes: dars.Range{From: 0, To: 6}}}
	w.data(q, measured(appendString(answering(pktData, 1), "secret")))
	o.t = t
	w.finished()
	b := o.settlement()
	same(t, "sent", b.sent, whole(6))
	same(t, "confirmed", b.confirmed, dars.Ranges{})
}

func TestVersionAndLimits(t *testing.T) {
	want := "\x00\x00\x00\x77\x02\x00\x00\x00\x03" +
		"\x00\x00\x00\x18posix-rename@openssh.com\x00\x00\x00\x011" + "\x00\x00\x00\x13statvfs@openssh.com\x00\x00\x00\x012" +
		"\x00\x00\x00\x11fsync@openssh.com\x00\x00\x00\x011" + "\x00\x00\x00\x12limits@openssh.com\x00\x00\x00\x011"
	if got := version(); string(got) != want {
		t.Errorf("%q", got)
	}
	p := limits(7)[9:]
	for _, want := range []uint64{maxPacket, maxRead, maxWrite, maxHandles} {
		if got := binary.BigEndian.Uint64(p); got != want {
			t.Errorf("%d, want %d", got, want)
		}
		p = p[8:]
	}
}
