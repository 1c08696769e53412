package sftpd

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"testing"

	"github.com/pkg/sftp"

	"darsd/dars"
)

// writeOf is the packet of a WRITE.
func writeOf(id uint32, handle string, off int, data []byte) []byte {
	p := binary.BigEndian.AppendUint64(appendString(answering(pktWrite, id), handle), uint64(off))
	return measured(appendString(p, string(data)))
}

// resizeOf is the packet of an FSETSTAT that sets a size.
func resizeOf(id uint32, handle string, size uint64) []byte {
	p := appendString(answering(pktFsetstat, id), handle)
	return measured(binary.BigEndian.AppendUint64(append(p, 0, 0, 0, 1), size))
}

// However WRITEs are cut up on their way and whatever comes between them: all
// arrive, and each is answered once, in order.
func TestWritesComeWhole(t *testing.T) {
	for seed := range uint64(20) {
		random := rand.New(rand.NewPCG(seed, 9))
		content := make([]byte, 1<<20)
		rand.NewChaCha8([32]byte{byte(seed)}).Read(content)
		var in []byte
		var ids []uint32
		for off := 0; off < len(content); {
			id := uint32(len(ids))
			ids = append(ids, id)
			if random.IntN(10) == 0 {
				in = append(in, encode(request{kind: pktExtended, id: id, name: "limits@openssh.com"})...)
				continue
			}
			n := min(1+random.IntN([]int{10, 5000, 2 * maxWrite}[random.IntN(3)]), len(content)-off)
			in = append(in, writeOf(id, "h", off, content[off:off+n])...)
			off += n
		}
		w, ch, o := paperWire(in, seed)
		u, err := (&view{w.c, w}).upload("a", sftp.FileOpenFlags{Write: true, Creat: true})
		if err != nil {
			t.Fatal(err)
		}
		w.handles["h"] = &handle{serves: pktWrite, to: u}
		if _, err := w.Read(make([]byte, 100)); err != io.EOF {
			t.Fatal(err)
		}
		if err := u.Close(); err != nil {
			t.Fatal(err)
		}
		if got := o.tray(alice).files["a"].content; !bytes.Equal(got, content) {
			t.Fatalf("seed %d: what arrived is not what was sent", seed)
		}
		for out := ch.out.Bytes(); len(out) > 0; {
			if id := binary.BigEndian.Uint32(out[5:]); len(ids) == 0 || id != ids[0] {
				t.Fatalf("seed %d: an answer to %d, and %v are waiting for theirs", seed, id, ids)
			}
			ids, out = ids[1:], out[4+binary.BigEndian.Uint32(out):]
		}
		if len(ids) > 0 {
			t.Fatalf("seed %d: %d are not answered", seed, len(ids))
		}
		w.finished()
	}
}

// A WRITE is answered at once when no other has come whole: a client may wait
// for it.
func TestNoAnswerWaitsForMoreToCome(t *testing.T) {
	o := open(t)
	c := o.raw(o.visit(alice))
	opened := c.asked(t, 1, measured(append(appendString(answering(pktOpen, 1), "/submit/a"), 0, 0, 0, 0x1a, 0, 0, 0, 0)))
	h, _, _ := cutString(opened[5:])
	first, second := writeOf(2, h, 0, make([]byte, maxWrite)), writeOf(3, h, maxWrite, make([]byte, maxWrite))
	c.asked(t, 2, append(first, second[:maxWrite/2]...))
	c.asked(t, 3, second[maxWrite/2:])
}

// A WRITE does not overtake the FSETSTAT before it, which the library carries out
// in its own time.
func TestWriteComesAfterTheChangeBeforeIt(t *testing.T) {
	o := open(t)
	c := o.raw(o.visit(alice))
	for i := range 50 {
		name := fmt.Sprint("file ", i)
		opened := c.asked(t, 1, measured(append(appendString(answering(pktOpen, 1), "/submit/"+name), 0, 0, 0, 0x1a, 0, 0, 0, 0)))
		h, _, _ := cutString(opened[5:])
		together := append(resizeOf(2, h, 2), writeOf(3, h, 0, []byte("abc"))...)
		together = append(together, encode(request{kind: pktClose, id: 4, name: h})...)
		if _, err := c.ch.Write(together); err != nil {
			t.Fatal(err)
		}
		for range 3 {
			if got := c.receive(t); got[0] != pktStatus || binary.BigEndian.Uint32(got[5:]) != statusOK {
				t.Fatalf("%q", got)
			}
		}
		if got, err := o.tray(alice).Read(name); string(got) != "abc" || err != nil {
			t.Fatalf("%s is %q, %v", name, got, err)
		}
	}
}

// A fire in the ledger is a fault of ours: the client's CLOSE is answered all the
// same, and the session goes on.
type burningLedger struct{ Ledger }

func (burningLedger) Settle(context.Context, Download, dars.Ranges, dars.Ranges) error {
	panic("the ledger is on fire")
}

// A ledger that is away for a moment hears of a download when it is back, and who has
// closed the file does not wait for it.
type awayLedger struct {
	Ledger
	back chan struct{} // closed when it is back
}

func (l awayLedger) Settle(ctx context.Context, d Download, sent, confirmed dars.Ranges) error {
	select {
	case <-l.back:
	default:
		return errors.New("no database")
	}
	return l.Ledger.Settle(ctx, d, sent, confirmed)
}

func TestALedgerThatWasAwayIsToldAgain(t *testing.T) {
	o := open(t)
	o.file("FILE0000001", 1000)
	l := awayLedger{o, make(chan struct{})}
	o.server.Ledger = l
	c := o.raw(o.visit(alice))
	h := c.open(t, at("FILE0000001"))
	c.ask(t, request{kind: pktRead, id: 2, name: h, length: 1000})
	if got := c.ask(t, request{kind: pktClose, id: 3, name: h}); got[0] != pktStatus || binary.BigEndian.Uint32(got[5:]) != statusOK {
		t.Errorf("CLOSE was answered by %q", got)
	}
	close(l.back)
	if b := o.settlement(); b.sent.Bytes() != 1000 {
		t.Errorf("%d bytes are settled", b.sent.Bytes())
	}
}

func TestPanicInTheLedgerLeavesNothingUnanswered(t *testing.T) {
	o := open(t)
	o.file("FILE0000001", 1000)
	o.server.Ledger = burningLedger{o}
	c := o.raw(o.visit(alice))
	for range 2 {
		h := c.open(t, at("FILE0000001"))
		c.ask(t, request{kind: pktRead, id: 2, name: h, length: 1000})
		if got := c.ask(t, request{kind: pktClose, id: 3, name: h}); got[0] != pktStatus || binary.BigEndian.Uint32(got[5:]) != statusOK {
			t.Errorf("CLOSE was answered by %q", got)
		}
	}
}
