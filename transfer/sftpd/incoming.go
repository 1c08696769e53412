package sftpd

import (
	"bufio"
	"encoding/binary"
	"io"
	"slices"
)

const (
	narrow = 4 << 10   // takes any request but a WRITE
	wide   = 256 << 10 // takes seven of these
)

// Incoming packets come one after the other. A client that writes sends many
// WRITEs of 32 KiB without waiting for their answers; so while it does, as many
// are taken from the channel at once as have come.
type incoming struct {
	narrow *bufio.Reader
	wide   *bufio.Reader // takes its place while something is written; else nil
	spare  *spare
	took   int    // by the last packet, of what lies there
	large  []byte // holds a packet that has no room there
}

func newIncoming(from io.Reader, spare *spare) *incoming {
	return &incoming{narrow: bufio.NewReaderSize(from, narrow), spare: spare}
}

// packet takes the next packet, which lies in memory that is used again for the
// one after it.
func (in *incoming) packet(writes bool) ([]byte, error) {
	in.reader().Discard(in.took)
	in.took = 0
	in.adapt(writes)
	r := in.reader()
	head, err := r.Peek(4)
	if err != nil {
		return nil, early(head, err)
	}
	length := binary.BigEndian.Uint32(head)
	if length == 0 || length > maxPacket {
		return nil, errLongPacket
	}
	whole := int(4 + length)
	if whole <= r.Size() {
		packet, err := r.Peek(whole)
		in.took = len(packet)
		return packet, early(packet, err)
	}
	in.large = slices.Grow(in.large[:0], whole)[:whole]
	n, err := io.ReadFull(r, in.large)
	return in.large, early(in.large[:n], err)
}

// early tells an end within a packet from one between two.
func early(part []byte, err error) error {
	if err == io.EOF && len(part) > 0 {
		return io.ErrUnexpectedEOF
	}
	return err
}

// another reports whether the whole of a WRITE has come behind the last packet.
func (in *incoming) another() bool {
	r := in.reader()
	lies, _ := r.Peek(r.Buffered())
	lies = lies[in.took:]
	return len(lies) > 4 && len(lies)-4 >= int(binary.BigEndian.Uint32(lies)) && lies[4] == pktWrite
}

func (in *incoming) reader() *bufio.Reader {
	if in.wide != nil {
		return in.wide
	}
	return in.narrow
}

// adapt takes a wide buffer when something is being written, and lets go of it
// when nothing is any more.
func (in *incoming) adapt(writes bool) {
	switch {
	case writes && in.wide == nil:
		// What lies in the narrow one comes first. When it is empty it is passed by.
		in.wide = in.spare.reader(in.narrow)
	case !writes && in.wide != nil && in.wide.Buffered() == 0:
		in.end()
	}
}

// end lets go of the wide buffer.
func (in *incoming) end() {
	if in.wide != nil {
		in.spare.takeReader(in.wide)
		in.wide = nil
	}
}
