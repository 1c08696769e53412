package sftpd

import (
	"encoding/binary"
	"errors"
)

// The packets of SFTP version 3 (draft-ietf-secsh-filexfer-02), as far as the
// wire has to know them.
const (
	pktInit          = 1
	pktVersion       = 2
	pktOpen          = 3
	pktClose         = 4
	pktRead          = 5
	pktWrite         = 6
	pktLstat         = 7
	pktFstat         = 8
	pktSetstat       = 9
	pktFsetstat      = 10
	pktOpendir       = 11
	pktReaddir       = 12
	pktRemove        = 13
	pktMkdir         = 14
	pktRmdir         = 15
	pktRealpath      = 16
	pktStat          = 17
	pktRename        = 18
	pktReadlink      = 19
	pktSymlink       = 20
	pktStatus        = 101
	pktHandle        = 102
	pktData          = 103
	pktExtended      = 200
	pktExtendedReply = 201
)

const (
	statusOK               = 0
	statusEOF              = 1
	statusNoSuchFile       = 2
	statusPermissionDenied = 3
	statusFailure          = 4
	statusBadMessage       = 5
	statusUnsupported      = 8
)

const (
	// maxRead is what one READ is answered with at most, if there is room. It is as
	// much as goes out at once in any case, so it does not widen the gap between
	// what was sent and what was confirmed; and OpenSSH's sftp, which asks for as
	// much as it is told that it may, has a quarter of the packets to deal with.
	maxRead = maxTogether * ordinary

	// maxWrite is the longest WRITE that is announced.
	maxWrite = ordinary

	// maxPacket is the longest packet, a client's or ours: four times the longest
	// WRITE of any client we know, and of what is announced to them.
	maxPacket = maxRead + 1024

	// ordinary is what clients read and write at a time that have not asked what they
	// may.
	ordinary = 32 << 10
)

var (
	errLongPacket = errors.New("a packet that is too long, or has no length")
	errShort      = errors.New("a packet that ends early")
)

// A request is one packet from the client.
type request struct {
	kind   byte
	id     uint32  // INIT has none
	name   string  // of the handle, or the extension; else the path
	offset uint64  // of a READ or WRITE
	length uint32  // of a READ
	data   []byte  // of a WRITE, or the handle that an extension is about: part of the packet
	handle *handle // that name stands for, once the wire has looked it up
}

// parse reads what the wire must know of a packet, which comes without its
// length. If it ends early what could be read is returned with the error, so that
// it can be answered.
func parse(packet []byte) (r request, err error) {
	if len(packet) == 0 {
		return r, errShort
	}
	r.kind = packet[0]
	rest := packet[1:]
	if r.kind == pktInit {
		_, _, err = cutUint32(rest)
		return r, err
	}
	if r.id, rest, err = cutUint32(rest); err != nil {
		return r, err
	}
	if r.name, rest, err = cutString(rest); err != nil {
		return r, err
	}
	switch {
	case (r.kind == pktRead || r.kind == pktWrite) && len(rest) < 12:
		return r, errShort
	case r.kind == pktRead:
		r.offset = binary.BigEndian.Uint64(rest)
		r.length = binary.BigEndian.Uint32(rest[8:])
	case r.kind == pktWrite:
		r.offset = binary.BigEndian.Uint64(rest)
		r.data, _, err = cutBytes(rest[8:])
	case r.kind == pktExtended && r.name == "fsync@openssh.com":
		r.data, _, err = cutBytes(rest)
	}
	return r, err
}

// known reports whether the library knows a kind of request. It ends the whole
// session at one that it does not.
func known(kind byte) bool {
	return kind == pktInit || kind >= pktOpen && kind <= pktSymlink || kind == pktExtended
}

func cutUint32(b []byte) (uint32, []byte, error) {
	if len(b) < 4 {
		return 0, nil, errShort
	}
	return binary.BigEndian.Uint32(b), b[4:], nil
}

func cutString(b []byte) (string, []byte, error) {
	s, rest, err := cutBytes(b)
	return string(s), rest, err
}

func cutBytes(b []byte) (s, rest []byte, err error) {
	n, b, err := cutUint32(b)
	if err != nil || uint64(n) > uint64(len(b)) {
		return nil, nil, errShort
	}
	return b[:n], b[n:], nil
}

// What follows makes answers, each with its length in front, ready to be sent.

// status says how a request went.
func status(id, code uint32, text string) []byte {
	p := answering(pktStatus, id)
	p = binary.BigEndian.AppendUint32(p, code)
	p = appendString(p, text)
	return measured(appendString(p, "en"))
}

// version answers INIT. The library would announce three extensions, of which
// it serves two; which ones can only be set for the whole process. Their versions
// are those of OpenSSH's PROTOCOL.
func version() []byte {
	p := answering(pktVersion, 3)
	for _, extension := range [][2]string{
		{"posix-rename@openssh.com", "1"}, {"statvfs@openssh.com", "2"}, {"fsync@openssh.com", "1"}, {"limits@openssh.com", "1"},
	} {
		p = appendString(p, extension[0])
		p = appendString(p, extension[1])
	}
	return measured(p)
}

// limits answers limits@openssh.com.
func limits(id uint32) []byte {
	p := answering(pktExtendedReply, id)
	for _, limit := range []uint64{maxPacket, maxRead, maxWrite, maxHandles} {
		p = binary.BigEndian.AppendUint64(p, limit)
	}
	return measured(p)
}

func answering(kind byte, id uint32) []byte {
	return binary.BigEndian.AppendUint32([]byte{0, 0, 0, 0, kind}, id)
}

func measured(p []byte) []byte {
	binary.BigEndian.PutUint32(p, uint32(len(p)-4))
	return p
}

func appendString(b []byte, s string) []byte {
	return append(binary.BigEndian.AppendUint32(b, uint32(len(s))), s...)
}
