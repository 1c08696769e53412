package sftpd

import (
	"bytes"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"darsd/dars"
)

// A fetch is how a client fetches a.csv into got.csv, and goes on with what it has.
type fetch struct {
	client
	gets, resumes string
	throwsAway    bool // what it has not got whole
}

// fetching are they.
var fetching = []fetch{
	{client: opensshSFTP, gets: `get DATA/a.csv got.csv`, resumes: `reget DATA/a.csv got.csv`},
	{client: opensshSCP, gets: `office:DATA/a.csv got.csv`},
	{client: lftp, gets: `get DATA/a.csv -o got.csv`, resumes: `get -c DATA/a.csv -o got.csv`},
	{client: psftp, gets: `get DATA/a.csv got.csv`, resumes: `reget DATA/a.csv got.csv`},
	{client: pscp, gets: `office:DATA/a.csv got.csv`},
	{client: rclone, gets: `copyto office:DATA/a.csv got.csv`, throwsAway: true},
	{client: paramiko, gets: `s.get("DATA/a.csv", "got.csv")`, resumes: "f, h = s.open('DATA/a.csv'), open('got.csv', 'ab')\nf.seek(h.tell())\nh.write(f.read())\nf.close()"},
	{client: ssh2, gets: `await s.fastGet("DATA/a.csv", "got.csv")`},
	{client: curl, gets: `office:DATA/a.csv -o got.csv`, resumes: `-C - office:DATA/a.csv -o got.csv`},
}

const cutSize = 12 << 20

// partly opens an office with a file of 12 MiB.
func partly(t *testing.T, c client) (*office, string) {
	o := open(t, func(o *office) { o.server.LegacyMACs = c.legacy })
	return o, string(o.file("a.csv", cutSize))
}

func saying(says string) string { return strings.ReplaceAll(says, "DATA", release+"/data") }

// The line breaks under a download. Nothing counts as confirmed that did not
// come over it, nothing that came is missing in what was sent; and who goes on,
// from another machine with another key, has all of it in the end.
func TestCutDownloadAndItsRest(t *testing.T) {
	for _, c := range fetching {
		t.Run(c.name, func(t *testing.T) {
			c.there(t)
			for where, carried := range map[string]int64{"at 99 %": cutSize * 99 / 100, "in the middle of a packet": 5<<20 + 17, "at the beginning": 40_000} {
				t.Run(where, func(t *testing.T) {
					t.Parallel()
					o, content := partly(t, c.client)
					l := o.breaks(t, carried)
					d := o.desktop(t, alice, l)
					out, err := c.does(d, saying(c.gets)).CombinedOutput()
					// paramiko may tell of it from another thread, and still end with 0.
					if err == nil && !bytes.Contains(out, []byte("Exception in thread")) {
						t.Errorf("half a file was taken for a whole one\n%s", out)
					}
					a := o.accounts()["a.csv"]
					got := d.read("got.csv")
					o.checkCut(t, a, got, content, l.count())
					if c.resumes == "" || t.Failed() {
						return
					}
					elsewhere := o.desktop(t, alice)
					elsewhere.write("got.csv", got)
					if out, err := c.does(elsewhere, saying(c.resumes)).CombinedOutput(); err != nil {
						t.Fatalf("the rest: %v\n%s", err, out)
					}
					a = o.accounts()["a.csv"]
					if elsewhere.read("got.csv") != content {
						t.Error("other bytes came than there are")
					}
					same(t, "sent together", a.sent, whole(cutSize))
					if missing := int64(cutSize) - a.confirmed.Bytes(); missing > int64(len(got)) {
						t.Errorf("%d bytes are not confirmed, and only %d came before the cut", missing, len(got))
					}
				})
			}
		})
	}
}

// checkCut holds what the ledger knows against what the client has, of which the
// line carried so much.
func (o *office) checkCut(t *testing.T, a account, got, content string, carried int64) {
	t.Helper()
	// A client that reads out of order has holes in its file, of zeros.
	could := make([]byte, cutSize)
	for _, r := range a.sent {
		copy(could[r.From:r.To], content[r.From:])
	}
	for i := range got {
		if got[i] != 0 && got[i] != could[i] {
			t.Fatalf("the client has byte %d, of %d, and sent are %v", i, len(got), a.sent)
		}
	}
	if a.confirmed.Bytes() > carried {
		t.Errorf("%d bytes are confirmed, and only %d came over the line", a.confirmed.Bytes(), carried)
	}
	if a.confirmed.Both(a.sent).Bytes() != a.confirmed.Bytes() || a.confirmed.Whole(cutSize) {
		t.Errorf("sent %v, confirmed %v", a.sent, a.confirmed)
	}
}

// The client is killed while the line stands still, with all that is in its
// buffers.
func TestKilledClient(t *testing.T) {
	c := opensshSFTP
	c.there(t)
	o, content := partly(t, c)
	l := o.halts(t, 7<<20)
	d := o.desktop(t, alice, l)
	cmd := c.does(d, saying(fetching[0].gets))
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	<-l.reached
	cmd.Process.Kill()
	cmd.Wait()
	l.cut() // its ssh lives on for a moment
	o.checkCut(t, o.accounts()["a.csv"], d.read("got.csv"), content, l.count())
}

// The line is so slow that nothing moves on it when access is taken away. The
// office cannot take back what the line has carried; beyond that nothing comes,
// even when the line carries again.
func TestNothingMoreComesAfterTheHold(t *testing.T) {
	for _, c := range fetching {
		t.Run(c.name, func(t *testing.T) {
			nothingMore(t, c, func(o *office) { o.denied[release[1:]+"/data/a.csv"] = "organisation 8J222 is on hold" })
		})
	}
	// Then the whole connection is closed, and to do so in order would send first
	// what lies in buffers.
	t.Run("the key is revoked", func(t *testing.T) {
		nothingMore(t, fetching[0], func(o *office) { o.gone[alice] = "the key you signed in with is no longer good" })
	})
}

func nothingMore(t *testing.T, c fetch, end func(*office)) {
	c.there(t)
	t.Parallel()
	o, content := partly(t, c.client)
	l := o.halts(t, 5<<20)
	d := o.desktop(t, alice, l)
	cmd := c.does(d, saying(c.gets))
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	<-l.reached
	o.set(func() { end(o) })
	o.server.Recheck()
	b := o.settlement() // the office has broken it off by itself
	before := l.count()
	l.carryOn()
	if err := <-ended; err == nil {
		t.Error("half a file was taken for a whole one")
	}
	o.checkCut(t, account{b.sent, b.confirmed}, d.read("got.csv"), content, before)
	for file, a := range o.accounts() {
		if a.sent.Bytes() > b.sent.Bytes() {
			t.Errorf("%s: sent after the hold: %v, and before %v", file, a.sent, b.sent)
		}
	}
	// What the line had in its own hands when the office let go of it.
	if more := l.count() - before; more > 256<<10 {
		t.Errorf("%d bytes came afterwards", more)
	}
	if got := d.read("got.csv"); c.throwsAway && got != "" {
		t.Errorf("%d bytes were kept", len(got))
	}
}

// Reads that are no download of a whole file: what is counted is what was read,
// and a little ahead where the client reads ahead.
func TestPartsThatClientsRead(t *testing.T) {
	last := dars.Range{From: cutSize - 1, To: cutSize}
	for name, tt := range map[string]struct {
		client
		says  string
		gets  func(content string) string // what the client must have printed or kept in got.csv
		exact dars.Ranges                 // sent and confirmed, where nothing is read ahead
		least dars.Ranges                 // sent
	}{
		"the last byte, paramiko":            {client: paramiko, says: "f = s.open('DATA/a.csv')\nf.seek(-1, 2)\nopen('got.csv', 'wb').write(f.read(1))\nf.close()", gets: lastByte, exact: dars.Ranges{last}},
		"the last byte, ssh2":                {client: ssh2, says: `await pipe(sftp.createReadStream("DATA/a.csv", { start: 12582911 }), fs.createWriteStream("got.csv"))`, gets: lastByte, exact: dars.Ranges{last}},
		"the last byte, curl":                {client: curl, says: `-r -1 office:DATA/a.csv -o got.csv`, gets: lastByte, exact: dars.Ranges{last}},
		"a thousand bytes, paramiko":         {client: paramiko, says: "open('got.csv', 'wb').write(s.open('DATA/a.csv').read(1000))", gets: firstBytes, least: whole(1000)},
		"asked for all, closed early":        {client: paramiko, says: "f = s.open('DATA/a.csv')\nf.prefetch()\nopen('got.csv', 'wb').write(f.read(1000))\nf.close()", gets: firstBytes, least: whole(1000)},
		"a thousand bytes, rclone":           {client: rclone, says: `cat --head 1000 office:DATA/a.csv`, least: whole(1000)},
		"the last thousand bytes, rclone":    {client: rclone, says: `cat --tail 1000 office:DATA/a.csv`, least: dars.Ranges{{From: cutSize - 1000, To: cutSize}}},
		"from the last piece to the first":   {client: paramiko, says: "f = s.open('DATA/a.csv')\nw = open('got.csv', 'wb')\nfor i in reversed(range(0, 12582912, 1 << 20)):\n    f.seek(i); w.seek(i); w.write(f.read(1 << 20))\nf.close()", gets: all, exact: whole(cutSize)},
		"many pieces at the same time, ssh2": {client: ssh2, says: inPieces, gets: all, exact: whole(cutSize)},
	} {
		t.Run(name, func(t *testing.T) {
			tt.there(t)
			t.Parallel()
			o, content := partly(t, tt.client)
			d := o.desktop(t, alice)
			out, err := tt.does(d, saying(tt.says)).CombinedOutput()
			if err != nil {
				t.Fatalf("%v\n%s", err, out)
			}
			a := o.accounts()["a.csv"]
			if tt.gets != nil && d.read("got.csv") != tt.gets(content) {
				t.Errorf("other bytes came than there are: %d", len(d.read("got.csv")))
			}
			if tt.exact != nil {
				same(t, "sent", a.sent, tt.exact)
				same(t, "confirmed", a.confirmed, tt.exact)
			}
			if a.sent.Both(tt.least).Bytes() != tt.least.Bytes() || tt.least != nil && a.confirmed.Whole(cutSize) {
				t.Errorf("sent %v, confirmed %v", a.sent, a.confirmed)
			}
		})
	}
}

func lastByte(content string) string   { return content[len(content)-1:] }
func firstBytes(content string) string { return content[:1000] }
func all(content string) string        { return content }

// inPieces reads on twelve handles at the same time.
const inPieces = `const w = fs.openSync("got.csv", "w")
await Promise.all(Array.from({ length: 12 }, async (_, i) => {
  const h = await s.open("DATA/a.csv", "r"), end = (i + 1) << 20
  for (let at = i << 20; at < end; at += 32768)
    fs.writeSync(w, await new Promise((yes, no) => { const b = Buffer.alloc(32768)
      sftp.read(h, b, 0, 32768, at, (err, n) => err ? no(err) : yes(b.subarray(0, n))) }), 0, 32768, at)
  await s.close(h)
}))`

// rclone serves the office's files as a file system, to programs that know
// nothing of SFTP.
func TestMounted(t *testing.T) {
	rclone.there(t)
	umount := needs(t, "fusermount3")
	if fuse, err := os.OpenFile("/dev/fuse", os.O_RDWR, 0); err != nil {
		t.Skip("no file system of a program's can be mounted here:", err)
	} else {
		fuse.Close()
	}
	o, content := partly(t, rclone)
	d := o.desktop(t, alice)
	d.write("mounted/nothing", "") // hidden by what is mounted on it
	mount := rclone.does(d, "mount --read-only --allow-non-empty office: "+d.path("mounted"))
	if err := mount.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- mount.Wait() }()
	for d.there("mounted/nothing") {
		select {
		case err := <-ended:
			t.Fatalf("not mounted: %v", err)
		case <-time.After(time.Millisecond):
		}
	}
	if d.read("mounted"+release+"/data/a.csv") != content {
		t.Error("other bytes came than there are")
	}
	if out, err := exec.Command(umount, "-u", d.path("mounted")).CombinedOutput(); err != nil {
		t.Errorf("unmount: %v\n%s", err, out)
	}
	<-ended
	a := o.accounts()["a.csv"]
	same(t, "sent", a.sent, whole(cutSize))
	same(t, "confirmed", a.confirmed, whole(cutSize))
}

func (d *desktop) there(name string) bool {
	_, err := os.Stat(d.path(name))
	return err == nil
}
