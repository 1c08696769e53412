package sftpd

import (
	"bufio"
	"encoding/binary"
	"io"
	"testing"

	"golang.org/x/crypto/ssh"
)

// A raw client speaks SFTP packet by packet, as no library would.
type raw struct {
	visitor *visitor
	ch      ssh.Channel
	in      *bufio.Reader
	deaf    bool // answers no channel request
}

func (o *office) raw(v *visitor) *raw {
	o.t.Helper()
	ch, requests, err := v.OpenChannel("session", nil)
	if err != nil {
		o.t.Fatal(err)
	}
	c := &raw{visitor: v, ch: ch, in: bufio.NewReader(ch)}
	if ok, err := ch.SendRequest("subsystem", true, ssh.Marshal(struct{ Name string }{"sftp"})); !ok || err != nil {
		o.t.Fatal("no sftp:", err)
	}
	go func() {
		for r := range requests {
			if !c.deaf {
				r.Reply(false, nil)
			}
		}
	}()
	if _, err := ch.Write([]byte{0, 0, 0, 5, pktInit, 0, 0, 0, 3}); err != nil {
		o.t.Fatal(err)
	}
	if got := c.receive(o.t); got[0] != pktVersion {
		o.t.Fatalf("answer of type %d to INIT", got[0])
	}
	return c
}

// encode makes a packet of a request: what parse reads, and what else belongs to
// it.
func encode(r request) []byte {
	p := appendString(answering(r.kind, r.id), r.name)
	switch r.kind {
	case pktOpen:
		p = append(p, 0, 0, 0, 1, 0, 0, 0, 0)
	case pktRead:
		p = binary.BigEndian.AppendUint64(p, r.offset)
		p = binary.BigEndian.AppendUint32(p, r.length)
	case pktWrite:
		p = binary.BigEndian.AppendUint64(p, r.offset)
		p = appendString(p, "xxx")
	}
	return measured(p)
}

func (c *raw) send(t *testing.T, r request) {
	t.Helper()
	if _, err := c.ch.Write(encode(r)); err != nil {
		t.Fatal(err)
	}
}

func (c *raw) receive(t *testing.T) []byte {
	t.Helper()
	packet, err := receive(c.in)
	if err != nil {
		t.Fatal(err)
	}
	return packet
}

func receive(from io.Reader) ([]byte, error) {
	var length [4]byte
	if _, err := io.ReadFull(from, length[:]); err != nil {
		return nil, err
	}
	packet := make([]byte, binary.BigEndian.Uint32(length[:]))
	_, err := io.ReadFull(from, packet)
	return packet, err
}

func (c *raw) ask(t *testing.T, r request) []byte {
	t.Helper()
	c.send(t, r)
	got := c.receive(t)
	if id := binary.BigEndian.Uint32(got[1:]); id != r.id {
		t.Fatalf("an answer to %d, and %d was asked", id, r.id)
	}
	return got
}

func (c *raw) open(t *testing.T, path string) string {
	t.Helper()
	got := c.ask(t, request{kind: pktOpen, id: 1, name: path})
	if got[0] != pktHandle {
		t.Fatalf("open %s: %q", path, got)
	}
	name, _, _ := cutString(got[5:])
	return name
}

func (c *raw) hangUp() { c.visitor.net.Close() }
