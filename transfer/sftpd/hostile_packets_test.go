package sftpd

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"io"
	"math"
	"strings"
	"testing"

	"golang.org/x/crypto/ssh"

	"darsd/dars"
)

// What a client sends that means harm, or has gone wrong. Attacks on signing in,
// channels, commands and the tree are tried in the tests of those.

const (
	openRead   = 0x01
	openWrite  = 0x02
	openAppend = 0x04
	openCreate = 0x08
	openTrunc  = 0x10
)

// packet makes any packet of a kind, an id and what follows.
func packet(kind byte, id uint32, fields ...any) []byte {
	p := answering(kind, id)
	for _, field := range fields {
		switch f := field.(type) {
		case string:
			p = appendString(p, f)
		case uint32:
			p = binary.BigEndian.AppendUint32(p, f)
		case uint64:
			p = binary.BigEndian.AppendUint64(p, f)
		}
	}
	return measured(p)
}

// put puts bytes onto the channel as they are.
func (c *raw) put(t *testing.T, p []byte) {
	t.Helper()
	if _, err := c.ch.Write(p); err != nil {
		t.Fatal(err)
	}
}

// answer is what comes back for a packet.
func (c *raw) answer(t *testing.T, p []byte) []byte {
	t.Helper()
	c.put(t, p)
	got := c.receive(t)
	if sent, back := p[5:9], got[1:5]; p[4] != pktInit && !bytes.Equal(sent, back) {
		t.Fatalf("%q was answered by %q", p, got)
	}
	return got
}

// codeOf is the code of an answer that is a status, and 0 for another one.
func codeOf(answer []byte) uint32 {
	if answer[0] != pktStatus || len(answer) < 9 {
		return 0
	}
	return binary.BigEndian.Uint32(answer[5:])
}

func TestSessionGoesOnAfterStrangeRequests(t *testing.T) {
	o := open(t)
	const size = 200_000
	o.file("FILE0000001", size)
	c := o.raw(o.visit(alice))
	h := c.open(t, at("FILE0000001"))
	attributes := uint32(0)
	for name, tt := range map[string]struct {
		packet []byte
		status uint32
	}{
		"read at 2^64-1":                   {packet(pktRead, 7, h, uint64(math.MaxUint64), uint32(100)), statusFailure},
		"read at 2^63":                     {packet(pktRead, 7, h, uint64(1<<63), uint32(100)), statusFailure},
		"read at the end":                  {packet(pktRead, 7, h, uint64(size), uint32(100)), 1},
		"read far beyond it":               {packet(pktRead, 7, h, uint64(math.MaxInt64), uint32(math.MaxUint32)), 1},
		"read of no handle":                {packet(pktRead, 7, "", uint64(0), uint32(100)), statusFailure},
		"read of a handle of 300 bytes":    {packet(pktRead, 7, strings.Repeat("1", 300), uint64(0), uint32(100)), statusFailure},
		"write where one reads":            {packet(pktWrite, 7, h, uint64(0), "xxx"), statusFailure},
		"list where one reads":             {packet(pktReaddir, 7, h), statusFailure},
		"symbolic link":                    {packet(pktSymlink, 7, "/etc/passwd", "/submit/a"), statusUnsupported},
		"link":                             {packet(pktExtended, 7, "hardlink@openssh.com", at("FILE0000001"), "/submit/a"), statusUnsupported},
		"read a link":                      {packet(pktReadlink, 7, at("FILE0000001")), statusUnsupported},
		"an extension nobody knows":        {packet(pktExtended, 7, "copy-data", h, uint64(0), uint64(0), h, uint64(0)), statusUnsupported},
		"an extension without a name":      {packet(pktExtended, 7, ""), statusUnsupported},
		"request of type 0":                {packet(0, 7, h), statusUnsupported},
		"request of type 99":               {packet(99, 7, h), statusUnsupported},
		"an answer instead of a request":   {packet(pktData, 7, "xxx"), statusUnsupported},
		"no string where there must be":    {measured(answering(pktStat, 7)), statusBadMessage},
		"a string longer than its packet":  {measured(binary.BigEndian.AppendUint32(answering(pktStat, 7), math.MaxUint32)), statusBadMessage},
		"a read that ends early":           {packet(pktRead, 7, h, uint32(0)), statusBadMessage},
		"a path of 9,000 bytes":            {packet(pktStat, 7, strings.Repeat("/x", 4500)), 2},
		"a path with NUL":                  {packet(pktStat, 7, "/collect/\x00"), 2},
		"a path that is not UTF-8":         {packet(pktStat, 7, "/collect/\xff\xfe"), 2},
		"a path that turns the text round": {packet(pktMkdir, 7, "/submit/\u202egpj.exe", attributes), 2},
		"a path with a line in it":         {packet(pktOpen, 7, "/submit/a\nb", uint32(openWrite|openCreate), attributes), 2},
	} {
		t.Run(name, func(t *testing.T) {
			got := c.answer(t, tt.packet)
			if codeOf(got) != tt.status || bytes.Contains(got, []byte("srv")) {
				t.Errorf("answered by %q, want status %d", got, tt.status)
			}
		})
	}
	if got := c.answer(t, packet(pktRead, 8, h, uint64(0), uint32(0))); got[0] == pktData && len(got) > 9 {
		t.Errorf("a read of nothing: %d bytes", len(got)-9)
	}
	if got := c.answer(t, packet(pktRead, 9, h, uint64(1), uint32(math.MaxUint32))); got[0] != pktData || len(got)-9 > maxRead {
		t.Errorf("a read of 4 GiB: type %d, %d bytes", got[0], len(got)-9)
	}
	for range 300 {
		if got := c.answer(t, packet(pktRead, 10, h, uint64(size), uint32(32768))); codeOf(got) != 1 {
			t.Fatalf("a read past the end: %q", got)
		}
	}
	if got := c.answer(t, []byte{0, 0, 0, 5, pktInit, 0, 0, 0, 6}); got[0] != pktVersion || got[4] != 3 {
		t.Errorf("INIT in the middle: %q", got)
	}
	c.answer(t, packet(pktClose, 11, h))
	same(t, "sent", o.settlement().sent, dars.Ranges{{From: 1, To: 1 + maxRead}})
}

// Nothing below collect/ can be opened to be written, whatever else a client
// says with it; and what it hears does not tell whether there is such a file.
func TestOpenWithAllFlags(t *testing.T) {
	o := open(t)
	o.file("FILE0000001", 1000)
	c := o.raw(o.visit(alice))
	for flags := range uint32(0x80) {
		got := c.answer(t, packet(pktOpen, 1, at("FILE0000001"), flags, uint32(0)))
		absent := c.answer(t, packet(pktOpen, 1, at("FILE0000009"), flags, uint32(0)))
		writes := flags&(openWrite|openAppend|openCreate|openTrunc) != 0
		switch {
		case writes && (codeOf(got) != statusPermissionDenied || !bytes.Equal(got, absent)):
			t.Errorf("flags %#x: %q, and for what is not there %q", flags, got, absent)
		case !writes && got[0] == pktHandle:
			name, _, _ := cutString(got[5:])
			if flags&openRead == 0 {
				t.Errorf("flags %#x: a handle", flags)
			}
			c.answer(t, packet(pktClose, 2, name))
		case !writes && flags&openRead != 0:
			t.Errorf("flags %#x: %q", flags, got)
		}
	}
}

// Two people of two organisations. What is one's is, to the other, in every
// answer the same as what is nowhere, byte for byte.
func TestWhatIsOthersIsNowhere(t *testing.T) {
	o := open(t)
	for _, who := range []dars.PersonID{alice, bob} {
		o.add(who, Entry{Path: fmt.Sprintf("collect/REL-%s/data/%s.csv", who, who), File: dars.FileID("FILE-" + who), Release: dars.ReleaseID("REL-" + who)}, []byte("1,2,3"))
		o.add(who, Entry{Path: "papers/" + string(who) + ".pdf"}, []byte("Dear"))
		o.tray(who).Put(string(who)+".pdf", []byte("mine"), o.server.now())
		o.tray(who).Put(string(who)+".pdf.verdict.txt", []byte("accepted"), o.server.now())
	}
	const nobody = "P-999999" // as long as theirs
	no := uint32(0)
	deeds := map[string]func(path string) []byte{
		"stat":          func(p string) []byte { return packet(pktStat, 1, p) },
		"lstat":         func(p string) []byte { return packet(pktLstat, 1, p) },
		"read":          func(p string) []byte { return packet(pktOpen, 1, p, uint32(openRead), no) },
		"update":        func(p string) []byte { return packet(pktOpen, 1, p, uint32(openWrite), no) },
		"list":          func(p string) []byte { return packet(pktOpendir, 1, p) },
		"setstat":       func(p string) []byte { return packet(pktSetstat, 1, p, uint32(4), uint32(0o600)) },
		"truncate":      func(p string) []byte { return packet(pktSetstat, 1, p, uint32(1), uint64(0)) },
		"remove":        func(p string) []byte { return packet(pktRemove, 1, p) },
		"rmdir":         func(p string) []byte { return packet(pktRmdir, 1, p) },
		"rename":        func(p string) []byte { return packet(pktRename, 1, p, "/submit/stolen") },
		"posix-rename":  func(p string) []byte { return packet(pktExtended, 1, "posix-rename@openssh.com", p, "/submit/stolen") },
		"read a link":   func(p string) []byte { return packet(pktReadlink, 1, p) },
		"symbolic link": func(p string) []byte { return packet(pktSymlink, 1, p, "/submit/stolen") },
		"link":          func(p string) []byte { return packet(pktExtended, 1, "hardlink@openssh.com", p, "/submit/stolen") },
		"room":          func(p string) []byte { return packet(pktExtended, 1, "statvfs@openssh.com", p) },
	}
	for who, other := range map[dars.PersonID]dars.PersonID{alice: bob, bob: alice} {
		c := o.raw(o.visit(who))
		for _, form := range []string{"/collect/REL-%[1]s", "/collect/REL-%[1]s/data/%[1]s.csv", "/collect/REL-%[1]s/data/../data/%[1]s.csv", "/papers/%[1]s.pdf", "/submit/%[1]s.pdf", "/submit/%[1]s.pdf.verdict.txt"} {
			for what, deed := range deeds {
				theirs := c.answer(t, deed(fmt.Sprintf(form, other)))
				nowhere := c.answer(t, deed(fmt.Sprintf(form, nobody)))
				if !bytes.Equal(theirs, nowhere) || theirs[0] != pktStatus && what != "room" {
					t.Errorf("%s %s: %q, and of nobody's %q", what, form, theirs, nowhere)
				}
			}
		}
		for _, dir := range []string{"/", "/collect", "/papers", "/receipts", "/submit"} {
			if got := c.list(t, dir); bytes.Contains(got, []byte(other)) {
				t.Errorf("in %s %s sees %q", dir, who, got)
			}
		}
		if got, err := o.tray(who).Read(string(who) + ".pdf"); string(got) != "mine" {
			t.Errorf("%s has lost a paper: %q, %v", who, got, err)
		}
	}
}

// list reads a directory to its end.
func (c *raw) list(t *testing.T, dir string) (all []byte) {
	t.Helper()
	got := c.answer(t, packet(pktOpendir, 1, dir))
	if got[0] != pktHandle {
		t.Fatalf("list %s: %q", dir, got)
	}
	h, _, _ := cutString(got[5:])
	for {
		got := c.answer(t, packet(pktReaddir, 2, h))
		if got[0] == pktStatus {
			c.answer(t, packet(pktClose, 3, h))
			return all
		}
		all = append(all, got...)
	}
}

// One id for several requests that are under way: each is answered, in order,
// and counted for what it asked.
func TestIdsUsedTwice(t *testing.T) {
	o := open(t)
	content := o.file("FILE0000001", 100_000)
	c := o.raw(o.visit(alice))
	h := c.open(t, at("FILE0000001"))
	offsets := []uint64{50_000, 0, 99_999, 200_000, 10}
	for _, offset := range offsets {
		c.put(t, packet(pktRead, 42, h, offset, uint32(1)))
	}
	for _, offset := range offsets {
		got := c.receive(t)
		if offset >= 100_000 && codeOf(got) != 1 || offset < 100_000 && !bytes.Equal(got, packet(pktData, 42, string(content[offset:offset+1]))[4:]) {
			t.Errorf("byte %d: %q", offset, got)
		}
	}
	c.answer(t, packet(pktClose, 42, h))
	same(t, "sent", o.settlement().sent, dars.Ranges{{From: 0, To: 1}, {From: 10, To: 11}, {From: 50_000, To: 50_001}, {From: 99_999, To: 100_000}})
}

// What ends a session ends no more than that, and leaves nothing unsettled.
func TestPacketsThatEndTheSession(t *testing.T) {
	o := open(t)
	o.file("FILE0000001", 100_000)
	v := o.visit(alice)
	for name, last := range map[string][]byte{
		"nothing more":                      {},
		"the line ends within a length":     {0, 0},
		"the line ends within a packet":     packet(pktStat, 1, "/collect")[:10],
		"a packet of 4 GiB":                 {0xff, 0xff, 0xff, 0xff, pktRead},
		"a packet just too long":            binary.BigEndian.AppendUint32(nil, maxPacket+1),
		"a packet of no length":             {0, 0, 0, 0},
		"an open that ends after its path":  packet(pktOpen, 1, "/submit/a"),
		"a rename that ends after its path": packet(pktRename, 1, "/submit/a"),
	} {
		t.Run(name, func(t *testing.T) {
			c := o.raw(v)
			h := c.open(t, at("FILE0000001"))
			c.answer(t, packet(pktRead, 2, h, uint64(0), uint32(1000)))
			c.put(t, last)
			c.ch.CloseWrite()
			io.Copy(io.Discard, c.in) // until the session ends
			same(t, "sent", o.settlement().sent, whole(1000))
		})
	}
	if got := o.raw(v).list(t, "/"); !bytes.Contains(got, []byte("collect")) {
		t.Errorf("another session on that connection: %q", got)
	}
}

func TestOtherVersionsAreAnsweredByThree(t *testing.T) {
	o := open(t)
	v := o.visit(alice)
	for _, says := range []uint32{0, 1, 2, 4, 6, math.MaxUint32} {
		ch, requests, err := v.OpenChannel("session", nil)
		if err != nil {
			t.Fatal(err)
		}
		go ssh.DiscardRequests(requests)
		if ok, err := ch.SendRequest("subsystem", true, ssh.Marshal(struct{ Name string }{"sftp"})); !ok || err != nil {
			t.Fatal("no sftp:", err)
		}
		ch.Write(measured(answering(pktInit, says)))
		if got, err := receive(ch); err != nil || got[0] != pktVersion || binary.BigEndian.Uint32(got[1:]) != 3 {
			t.Errorf("version %d: %q, %v", says, got, err)
		}
		ch.Close()
	}
}
