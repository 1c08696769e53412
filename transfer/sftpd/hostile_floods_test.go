package sftpd

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"testing"
	"time"
)

// A client asks for a great deal and takes none of it: the server takes no more
// questions after a while, others are served meanwhile, and what was on its way
// is counted when the line ends.
func TestReadFloodThatTakesNothing(t *testing.T) {
	o := open(t)
	const size = 16 << 20
	o.file("FILE0000001", size)
	c := o.raw(o.visit(alice))
	h := c.open(t, at("FILE0000001"))
	const enough = 64 << 20 / 26 // READs, of 26 bytes: more than any buffer takes
	asked, full := 0, make(chan struct{})
	ended := make(chan error, 1)
	go func() {
		for i := range uint32(enough) {
			if _, err := c.ch.Write(packet(pktRead, i, h, uint64(i)*maxRead%size, uint32(maxRead))); err != nil {
				ended <- err
				return
			}
			if asked++; asked == 1000 {
				close(full)
			}
		}
		ended <- nil
	}()
	<-full
	other, _ := o.visit(alice).sftp(t)
	if _, err := other.ReadDir("/collect"); err != nil {
		t.Errorf("somebody else meanwhile: %v", err)
	}
	c.hangUp()
	if err := <-ended; err == nil {
		t.Errorf("%d questions were taken, and no answer was", enough)
	}
	b := o.settlement()
	// The channel's window is 2 MiB; what the client's side took of that it may
	// have answered for.
	if b.sent.Bytes() == 0 || b.sent.Bytes() > 4<<20 {
		t.Errorf("sent %d bytes", b.sent.Bytes())
	}
}

// Half a packet on every channel that one may have costs those channels and no
// more.
func TestHalfSentPackets(t *testing.T) {
	o := open(t)
	half := packet(pktWrite, 1, "handle", uint64(0), string(make([]byte, maxWrite)))[:maxWrite/2]
	for range 8 {
		v := o.visit(alice)
		for range 10 {
			o.raw(v).put(t, half)
		}
	}
	client, _ := o.visit(bob).sftp(t)
	if err := uploadAs(t, client, "/submit/a.pdf", "served"); err != nil {
		t.Error(err)
	}
}

// A release of very many files can be listed, page by page.
func TestHugeDirectory(t *testing.T) {
	o := open(t)
	const files = 20_000
	for i := range files {
		o.add(alice, Entry{Path: fmt.Sprintf("collect/REL-000001/data/%06d.csv", i), Modified: o.clock}, nil)
	}
	client, _ := o.visit(alice).sftp(t)
	infos, err := client.ReadDir("/collect/REL-000001/data")
	if err != nil || len(infos) != files {
		t.Errorf("%d of %d files are listed: %v", len(infos), files, err)
	}
}

// WinSCP, and whoever fears a line that falls silent, asks for nothing now and
// then; PuTTY says that its channel is the only one. Both go on.
func TestRequestsThatMeanNothing(t *testing.T) {
	o := open(t)
	content := o.file("FILE0000001", 100_000)
	c := o.raw(o.visit(alice))
	h := c.open(t, at("FILE0000001"))
	var got []byte
	for i := range uint32(4) {
		for _, kind := range []string{"simple@putty.projects.tartarus.org", "winadj@putty.projects.tartarus.org", "keepalive@openssh.com"} {
			if ok, err := c.ch.SendRequest(kind, true, nil); ok || err != nil {
				t.Errorf("%s: %v, %v", kind, ok, err)
			}
		}
		if ok, _, err := c.visitor.SendRequest("keepalive@openssh.com", true, nil); ok || err != nil {
			t.Errorf("keepalive: %v, %v", ok, err)
		}
		got = append(got, c.answer(t, packet(pktRead, i, h, uint64(i)*25_000, uint32(25_000)))[9:]...)
	}
	c.answer(t, packet(pktClose, 9, h))
	if !bytes.Equal(got, content) {
		t.Error("other bytes came than there are")
	}
	same(t, "confirmed", o.settlement().confirmed, whole(100_000))
}

// An upload as WinSCP does it: under a name of its own, resumed there, given its
// time and rights, and renamed to the end.
func TestUploadLikeWinSCP(t *testing.T) {
	o := open(t)
	begun, _ := o.visit(alice).sftp(t)
	if err := uploadAs(t, begun, "/submit/form.pdf.filepart", "the first half, "); err != nil {
		t.Fatal(err)
	}
	client, _ := o.visit(alice).sftp(t)
	part, err := client.Stat("/submit/form.pdf.filepart")
	if err != nil {
		t.Fatal(err)
	}
	f, err := client.OpenFile("/submit/form.pdf.filepart", os.O_WRONLY)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.WriteAt([]byte("and the second"), part.Size()); err != nil {
		t.Error(err)
	}
	past := time.Date(2019, 5, 6, 7, 8, 9, 0, time.UTC)
	if err := errors.Join(f.Close(), client.Chtimes("/submit/form.pdf.filepart", past, past), client.Chmod("/submit/form.pdf.filepart", 0o644)); err != nil {
		t.Error(err)
	}
	if err := client.Rename("/submit/form.pdf.filepart", "/submit/form.pdf"); err != nil {
		t.Error(err)
	}
	info, err := client.Stat("/submit/form.pdf")
	if err != nil || !info.ModTime().Equal(past) || o.inTray("form.pdf") != "the first half, and the second" {
		t.Errorf("%+v, %v, and there is %q", info, err, o.inTray("form.pdf"))
	}
	// It lists by the long names, as ls does.
	if got := o.raw(o.visit(alice)).list(t, "/submit"); !bytes.Contains(got, []byte("-rw--w----")) || !bytes.Contains(got, []byte("30 May 6  2019 form.pdf")) {
		t.Errorf("listed: %q", got)
	}
}
