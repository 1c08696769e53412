package sftpd

import (
	"bytes"
	"errors"
	"io"
	"net"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"darsd/dars"
)

// slowest is what a test waits for on a machine that is very busy. That access
// ends within a second is by construction: what waits, waits for cutOff at most.
const slowest = 20 * time.Second

func TestTheCutIsWithinASecond(t *testing.T) {
	if cutOff+look > time.Second {
		t.Errorf("it comes after %v", cutOff+look)
	}
}

func TestWholeDownloadIsSentAndConfirmed(t *testing.T) {
	for name, size := range map[string]int{"empty": 0, "one byte": 1, "some blocks": 40<<20 + 12345} {
		t.Run(name, func(t *testing.T) {
			o := open(t)
			content := o.file("FILE0000001", size)
			v := o.visit(alice)
			client, _ := v.sftp(t)
			f, err := client.Open(at("FILE0000001"))
			if err != nil {
				t.Fatal(err)
			}
			var got bytes.Buffer
			if _, err := f.WriteTo(&got); err != nil {
				t.Fatal(err)
			}
			if err := f.Close(); err != nil {
				t.Fatal(err)
			}
			if !bytes.Equal(got.Bytes(), content) {
				t.Error("other bytes came than there are")
			}
			// The answer to CLOSE waits for it, so it has happened.
			select {
			case b := <-o.settled:
				if size > 0 {
					same(t, "sent", b.sent, whole(size))
					same(t, "confirmed", b.confirmed, whole(size))
				}
				if !b.confirmed.Whole(int64(size)) || b.Who != alice || b.Release != "REL-000001" || b.Visitor.Key == "" || !strings.HasPrefix(b.Client, "SSH-2.0-") || b.Address != v.LocalAddr().String() {
					t.Errorf("settled as %+v", b)
				}
			default:
				t.Error("CLOSE was answered before the ledger was told")
			}
		})
	}
}

func TestResumedDownloadAddsUp(t *testing.T) {
	o := open(t)
	const size, half = 20 << 20, 9<<20 + 777
	content := o.file("FILE0000001", size)
	var all dars.Ranges
	for _, part := range []dars.Range{{From: 0, To: half}, {From: half, To: size}} {
		client, _ := o.visit(alice).sftp(t)
		f, err := client.Open(at("FILE0000001"))
		if err != nil {
			t.Fatal(err)
		}
		got := make([]byte, part.To-part.From)
		if _, err := f.ReadAt(got, part.From); err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(got, content[part.From:part.To]) {
			t.Error("other bytes came than there are")
		}
		f.Close()
		b := o.settlement()
		same(t, "sent", b.sent, dars.Ranges{part})
		same(t, "confirmed", b.confirmed, dars.Ranges{part})
		all = all.Add(b.confirmed...)
	}
	if !all.Whole(size) {
		t.Errorf("both together are %v", all)
	}
}

// The client closes while bytes it has asked for are still coming: they were
// sent, but it may have thrown them away.
func TestWhatComesAfterCloseIsNoReceipt(t *testing.T) {
	o := open(t)
	o.file("FILE0000001", 4<<20)
	raw := o.raw(o.visit(alice))
	h := raw.open(t, at("FILE0000001"))
	// The channel takes 2 MiB that nobody reads, headers and all: the last of
	// these waits on the server.
	const reads = 2 << 20 / maxRead
	for i := range reads {
		raw.send(t, request{kind: pktRead, id: uint32(1000 + i), name: h, offset: uint64(i) * maxRead, length: maxRead})
	}
	raw.send(t, request{kind: pktClose, id: 2000, name: h})
	o.until("the handle is closed", func() (closed bool) {
		_, downloads := o.server.open()
		for _, d := range downloads {
			d.w.mu.Lock()
			closed = d.closed
			d.w.mu.Unlock()
		}
		return closed
	})
	for range reads + 1 {
		raw.receive(t)
	}
	b := o.settlement()
	same(t, "sent", b.sent, whole(reads*maxRead))
	if b.confirmed.Bytes() >= b.sent.Bytes() {
		t.Errorf("confirmed %v of sent %v", b.confirmed, b.sent)
	}
}

func TestBrokenDownloadIsSettled(t *testing.T) {
	o := open(t)
	const size = 64 << 20
	o.file("FILE0000001", size)
	v := o.visit(alice, func(nc net.Conn) net.Conn { return &brittle{Conn: nc, left: 10 << 20} })
	client, _ := v.sftp(t)
	f, err := client.Open(at("FILE0000001"))
	if err != nil {
		t.Fatal(err)
	}
	var got counter
	if _, err := io.Copy(&got, f); err == nil {
		t.Fatal("the line broke, and the client was told that all is well")
	}
	b := o.settlement()
	if b.sent.Bytes() < got.n.Load() || b.sent.Bytes() >= size {
		t.Errorf("the client got %d bytes, and sent are %v", got.n.Load(), b.sent)
	}
	// What the client's SSH layer took in may be more than what the client wrote.
	if b.confirmed.Bytes() > 10<<20 {
		t.Errorf("%d bytes are confirmed, and only %d came over the line", b.confirmed.Bytes(), 10<<20)
	}
}

// A brittle line breaks after some bytes.
type brittle struct {
	net.Conn
	left int
}

func (b *brittle) Read(p []byte) (int, error) {
	if b.left <= 0 {
		b.Close()
		return 0, errors.New("the line broke")
	}
	n, err := b.Conn.Read(p[:min(len(p), b.left)])
	b.left -= n
	return n, err
}

type counter struct{ n atomic.Int64 }

func (c *counter) Write(p []byte) (int, error) {
	c.n.Add(int64(len(p)))
	return len(p), nil
}

func TestHandlesAtTheSameTimeAreCountedApart(t *testing.T) {
	o := open(t)
	const size = 3 << 20
	content := o.file("FILE0000001", size)
	client, _ := o.visit(alice).sftp(t)
	var all sync.WaitGroup
	for i := range 8 {
		all.Go(func() {
			f, err := client.Open(at("FILE0000001"))
			if err != nil {
				t.Error(err)
				return
			}
			defer f.Close()
			from := int64(i) * size / 8
			got := make([]byte, size/8)
			if _, err := f.ReadAt(got, from); err != nil || !bytes.Equal(got, content[from:from+size/8]) {
				t.Errorf("part %d: %v", i, err)
			}
		})
	}
	all.Wait()
	var sent dars.Ranges
	for range 8 {
		b := o.settlement()
		if b.sent.Bytes() != size/8 || b.confirmed.Bytes() != size/8 {
			t.Errorf("one handle: sent %v, confirmed %v", b.sent, b.confirmed)
		}
		sent = sent.Add(b.sent...)
	}
	same(t, "together", sent, whole(size))
}

func TestNothingLeavesThatCannotBeReserved(t *testing.T) {
	o := open(t, func(o *office) { o.unready = errors.New("database /srv/secret/darsd.db is gone") })
	o.file("FILE0000001", 1<<20)
	client, _ := o.visit(alice).sftp(t)
	f, err := client.Open(at("FILE0000001"))
	if err != nil {
		t.Fatal(err)
	}
	n, err := f.Read(make([]byte, 100))
	if n != 0 || code(err) != statusFailure || !strings.Contains(err.Error(), "cannot write down") || strings.Contains(err.Error(), "secret") {
		t.Errorf("%d bytes, %v", n, err)
	}
	f.Close()
	if b := o.settlement(); b.sent.Bytes() != 0 {
		t.Errorf("sent %v", b.sent)
	}
}

func TestPapersAreNotCounted(t *testing.T) {
	o := open(t)
	o.add(alice, Entry{Path: "papers/letter.pdf"}, []byte("Dear Alice"))
	client, _ := o.visit(alice).sftp(t)
	f, err := client.Open("/papers/letter.pdf")
	if err != nil {
		t.Fatal(err)
	}
	got, err := io.ReadAll(f)
	f.Close()
	if err != nil || string(got) != "Dear Alice" {
		t.Errorf("read %q, %v", got, err)
	}
	select {
	case b := <-o.settled:
		t.Errorf("settled %+v", b)
	default:
	}
}

func TestDamageNeverLooksLikeTheEndOfTheFile(t *testing.T) {
	o := open(t)
	o.file("FILE0000001", 1<<20)
	o.set(func() { o.contents[at("FILE0000001")[1:]] = make([]byte, 1000) })
	client, _ := o.visit(alice).sftp(t)
	f, err := client.Open(at("FILE0000001"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if _, err := io.ReadAll(f); code(err) != statusFailure || err.Error() != `sftp: "failure" (SSH_FX_FAILURE)` {
		t.Errorf("a file that is shorter than it should be reads as %v", err)
	}
}

func TestAccessEndsOnAnOpenFile(t *testing.T) {
	tests := map[string]func(o *office){
		"its time passes": func(o *office) { o.later(time.Hour) },
		"it is withdrawn": func(o *office) {
			o.set(func() { o.denied[at("FILE0000001")[1:]] = "release REL-000001 was withdrawn" })
			o.server.Recheck()
		},
		"the key is revoked": func(o *office) {
			o.set(func() { o.gone[alice] = "this key was revoked" })
			o.server.Recheck()
		},
	}
	sentences := map[string]string{
		"its time passes":    "your access to release REL-000001 ended at 12:30 UTC on 1 March 2026",
		"it is withdrawn":    "release REL-000001 was withdrawn",
		"the key is revoked": "this key was revoked",
	}
	for name, end := range tests {
		t.Run(name, func(t *testing.T) {
			o := open(t)
			content := make([]byte, 8<<20)
			o.add(alice, Entry{
				Path: at("FILE0000001")[1:], File: "FILE0000001", Release: "REL-000001",
				Until: time.Date(2026, 3, 1, 12, 30, 0, 0, time.UTC),
			}, content)
			client, said := o.visit(alice).sftp(t)
			f, err := client.Open(at("FILE0000001"))
			if err != nil {
				t.Fatal(err)
			}
			const got = 1 << 20
			if _, err := io.ReadFull(f, make([]byte, got)); err != nil {
				t.Fatal(err)
			}
			end(o)
			began := time.Now()
			for {
				n, err := f.ReadAt(make([]byte, 100), 2<<20)
				if err == nil && time.Since(began) < time.Minute {
					continue
				}
				if n != 0 || code(err) != statusPermissionDenied {
					t.Fatalf("read %d bytes, %v", n, err)
				}
				break
			}
			if took := time.Since(began); took > slowest {
				t.Errorf("it took %v", took)
			}
			if text := said.wait(t); text != "darsd: "+strings.TrimPrefix(text, "darsd: ") || !strings.Contains(text, sentences[name]) || strings.Count(text, "\n") != 1 {
				t.Errorf("said on stderr: %q", text)
			}
			if _, err := io.Copy(io.Discard, f); err == nil {
				t.Error("the rest of the file was taken for its end")
			}
			f.Close()
			b := o.settlement()
			if b.sent.Bytes() < got || b.sent.Bytes() >= 8<<20 {
				t.Errorf("sent %v", b.sent)
			}
			if name == "the key is revoked" {
				return
			}
			// The session goes on, but that file stays closed.
			if _, err := client.Open(at("FILE0000001")); code(err) != statusPermissionDenied {
				t.Errorf("opened again: %v", err)
			}
		})
	}
}

// Who does not read just now is cut off as well, so that nothing in buffers goes
// on.
func TestAccessEndsOnAFileThatNobodyReads(t *testing.T) {
	o := open(t)
	o.add(alice, Entry{Path: "a", File: "FILE0000001", Until: o.server.now().Add(time.Minute)}, make([]byte, 1000))
	client, _ := o.visit(alice).sftp(t)
	if _, err := client.Open("/a"); err != nil {
		t.Fatal(err)
	}
	o.later(time.Hour)
	for began := time.Now(); ; time.Sleep(time.Millisecond) {
		_, downloads := o.server.open()
		for _, d := range downloads {
			d.w.mu.Lock()
			ended := d.ended
			d.w.mu.Unlock()
			if ended != "" {
				return
			}
		}
		if time.Since(began) > slowest {
			t.Fatal("it goes on")
		}
	}
}

// The client of the tests above keeps the sentence to itself.
func TestWhyAccessEndedIsInTheAnswer(t *testing.T) {
	o := open(t)
	o.file("FILE0000001", 1000)
	raw := o.raw(o.visit(alice))
	h := raw.open(t, at("FILE0000001"))
	o.set(func() { o.denied[at("FILE0000001")[1:]] = "release REL-000001 was withdrawn" })
	want := status(9, statusPermissionDenied, "release REL-000001 was withdrawn")[4:]
	if got := raw.ask(t, request{kind: pktOpen, id: 9, name: at("FILE0000001")}); !bytes.HasPrefix(got, want[:len(want)-6]) {
		t.Errorf("OPEN: %q", got)
	}
	o.server.Recheck()
	for began := time.Now(); ; {
		got := raw.ask(t, request{kind: pktRead, id: 9, name: h, length: 10})
		if bytes.HasPrefix(got, want[:len(want)-6]) {
			break
		}
		if time.Since(began) > slowest {
			t.Fatalf("READ, a second later: %q", got)
		}
	}
	raw.ask(t, request{kind: pktClose, id: 9, name: h})
}

// A client that takes nothing more off the line still has megabytes in buffers.
func TestSlowLineIsBrokenOffWhenAccessEnds(t *testing.T) {
	o := open(t)
	o.add(alice, Entry{
		Path: at("FILE0000001")[1:], File: "FILE0000001", Release: "REL-000001",
		Until: time.Date(2026, 3, 1, 12, 30, 0, 0, time.UTC),
	}, make([]byte, 64<<20))
	pause := make(chan struct{})
	resume := sync.OnceFunc(func() { close(pause) })
	defer resume()
	line := &slow{stop: pause, stopped: make(chan struct{}), after: 5 << 20}
	v := o.visit(alice, func(nc net.Conn) net.Conn { line.Conn = nc; return line })
	client, _ := v.sftp(t)
	f, err := client.Open(at("FILE0000001"))
	if err != nil {
		t.Fatal(err)
	}
	copied := make(chan error, 1)
	go func() {
		_, err := io.Copy(io.Discard, f)
		copied <- err
	}()
	<-line.stopped
	o.later(time.Hour)
	began := time.Now()
	b := o.settlement()
	if took := time.Since(began); took > slowest {
		t.Errorf("broken off after %v", took)
	}
	if b.confirmed.Bytes() > b.sent.Bytes() || b.sent.Bytes() < 4<<20 {
		t.Errorf("sent %v, confirmed %v", b.sent, b.confirmed)
	}
	resume()
	if err := <-copied; err == nil {
		t.Error("half a file was taken for a whole one")
	}
}

// A slow line passes nothing on after some bytes, until it may.
type slow struct {
	net.Conn
	after   int
	stop    chan struct{}
	stopped chan struct{}
	once    sync.Once
}

func (s *slow) Read(p []byte) (int, error) {
	if s.after <= 0 {
		s.once.Do(func() { close(s.stopped) })
		<-s.stop
	}
	n, err := s.Conn.Read(p)
	s.after -= n
	return n, err
}

// The library would answer these with the file's bytes.
func TestOnlyReadsReadAndOnlyWritesWrite(t *testing.T) {
	o := open(t)
	o.file("FILE0000001", 1000)
	raw := o.raw(o.visit(alice))
	reading := raw.open(t, at("FILE0000001"))
	for _, kind := range []byte{pktWrite, pktReaddir} {
		r := request{kind: kind, id: 77, name: reading}
		if got := raw.ask(t, r); got[0] != pktStatus {
			t.Errorf("a request of type %d on a file that is read: answer of type %d", kind, got[0])
		}
	}
	if got := raw.ask(t, request{kind: pktRead, id: 78, name: reading, offset: 1 << 63, length: 10}); got[0] != pktStatus || bytes.Contains(got, []byte("FILE")) {
		t.Errorf("a READ before the beginning: %q", got)
	}
	raw.ask(t, request{kind: pktClose, id: 79, name: reading})
	for _, kind := range []byte{pktRead, pktClose} {
		if got := raw.ask(t, request{kind: kind, id: 80, name: reading, length: 10}); got[0] != pktStatus {
			t.Errorf("a request of type %d on a closed file: answer of type %d", kind, got[0])
		}
	}
}

func TestHandlesAreLimited(t *testing.T) {
	o := open(t)
	o.file("FILE0000001", 1000)
	client, _ := o.visit(alice).sftp(t)
	for range maxHandles {
		if _, err := client.Open(at("FILE0000001")); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := client.Open(at("FILE0000001")); code(err) != statusFailure || !strings.Contains(err.Error(), "too many open files") {
		t.Errorf("one more: %v", err)
	}
}

// A client that answers no ping gets its answer to CLOSE all the same.
func TestClientThatAnswersNothingHasNothingConfirmed(t *testing.T) {
	o := open(t)
	o.file("FILE0000001", 100_000)
	raw := o.raw(o.visit(alice))
	raw.deaf = true
	h := raw.open(t, at("FILE0000001"))
	raw.ask(t, request{kind: pktRead, id: 5, name: h, length: 1000})
	began := time.Now()
	raw.ask(t, request{kind: pktClose, id: 6, name: h})
	if took := time.Since(began); took < holdClose/2 || took > slowest {
		t.Errorf("CLOSE was answered after %v", took)
	}
	raw.hangUp()
	b := o.settlement()
	same(t, "sent", b.sent, whole(1000))
	same(t, "confirmed", b.confirmed, dars.Ranges{})
}

// What is made when it is opened may be another than when it was listed: it is
// read to its own end.
func TestWhatIsMadeWhenItIsRead(t *testing.T) {
	for name, now := range map[string]string{"grown": `{"todo":["sign the agreement"]}`, "shrunk": `{}`} {
		t.Run(name, func(t *testing.T) {
			o := open(t)
			o.add(alice, Entry{Path: "status.json"}, []byte(`{"todo":[]}`))
			client, _ := o.visit(alice).sftp(t)
			if _, err := client.Stat("/status.json"); err != nil {
				t.Fatal(err)
			}
			o.set(func() { o.contents["status.json"] = []byte(now) })
			f, err := client.Open("/status.json")
			if err != nil {
				t.Fatal(err)
			}
			if all, err := io.ReadAll(f); err != nil || string(all) != now {
				t.Errorf("read %q, %v", all, err)
			}
		})
	}
}

// Whoever reads in more pieces than are kept apart is not confirmed all of them,
// and the office knows all the same that bytes are on their way.
func TestManyPiecesAreOnTheirWay(t *testing.T) {
	w, _, o := paperWire(nil, 1)
	o.t = t
	d, err := w.download(o.roots[alice][0])
	if err != nil {
		t.Fatal(err)
	}
	w.mu.Lock()
	for i := range int64(maxPieces + 100) {
		d.wrote(dars.Range{From: 2 * i, To: 2*i + 1})
	}
	d.flying, d.fresh = d.fresh, dars.Ranges{}
	w.mu.Unlock()
	w.land()
	w.mu.Lock()
	defer w.mu.Unlock()
	d.wrote(dars.Range{From: 50_000, To: 60_000})
	if d.resting() {
		t.Error("what was written last is taken for answered")
	}
	if got := d.confirmed.Both(d.written); len(got) != maxPieces {
		t.Errorf("%d pieces are confirmed", len(got))
	}
}

// Access that is prolonged is so for files that are open too.
func TestAccessIsProlonged(t *testing.T) {
	o := open(t)
	entry := Entry{Path: at("FILE0000001")[1:], File: "FILE0000001", Release: "REL-000001", Until: time.Date(2026, 3, 1, 12, 30, 0, 0, time.UTC)}
	o.add(alice, entry, make([]byte, 1<<20))
	client, _ := o.visit(alice).sftp(t)
	f, err := client.Open(at("FILE0000001"))
	if err != nil {
		t.Fatal(err)
	}
	o.set(func() { o.roots[alice][0].Until = entry.Until.Add(24 * time.Hour) })
	o.server.Recheck()
	o.until("the file lasts longer", func() bool {
		_, downloads := o.server.open()
		return len(downloads) == 1 && downloads[0].until().Equal(entry.Until.Add(24*time.Hour))
	})
	o.later(time.Hour)
	if n, err := f.ReadAt(make([]byte, 100), 0); n != 100 || err != nil {
		t.Errorf("read %d bytes, %v", n, err)
	}
	f.Close()
}
