package sftpd

import (
	"bytes"
	"context"
	"crypto/md5"
	"crypto/rand"
	"crypto/sha1"
	"fmt"
	"hash"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"darsd/dars"
)

// A deed is what a person does with a client, and what must have come of it.
// Each client is told in its own words, in which RELEASE stands for the folder
// of a release and office: for where it is.
//
// The release holds data/a.csv (of 5 MiB and a little), data/b.csv, an empty
// data/none.csv, and bagit.txt, which is no data and is not counted. On the
// desktop lie half.csv (the first part of a.csv), up.pdf and
// folder/application.yaml.
type deed struct {
	name  string
	needs string         // an extension; a client that finds it not announced must fail
	fails bool           // the client must end as one that has failed
	start func(s *stage) // what is to be there before
	ends  func(s *stage) // what must be there after
	says  map[string]string
}

var deeds = []deed{
	{name: "list", ends: (*stage).listed, says: map[string]string{
		"sftp":     `ls -l RELEASE/data`,
		"lftp":     `cls -l RELEASE/data/`,
		"psftp":    `ls RELEASE/data`,
		"pscp":     `-ls office:RELEASE/data`,
		"rclone":   `lsl office:RELEASE/data`,
		"curl":     `office:RELEASE/data/`,
		"paramiko": `for f in s.listdir_attr("RELEASE/data"): print(f)`,
		"ssh2":     `for (const f of await s.readdir("RELEASE/data")) console.log(f.longname)`,
	}},
	{name: "download a file", ends: (*stage).gotWhole, says: map[string]string{
		"sftp":     `get RELEASE/data/a.csv got.csv`,
		"scp":      `office:RELEASE/data/a.csv got.csv`,
		"lftp":     `get RELEASE/data/a.csv -o got.csv`,
		"psftp":    `get RELEASE/data/a.csv got.csv`,
		"pscp":     `office:RELEASE/data/a.csv got.csv`,
		"rclone":   `copyto office:RELEASE/data/a.csv got.csv`,
		"curl":     `office:RELEASE/data/a.csv -o got.csv`,
		"paramiko": `s.get("RELEASE/data/a.csv", "got.csv")`,
		"ssh2":     `await pipe(sftp.createReadStream("RELEASE/data/a.csv"), fs.createWriteStream("got.csv"))`,
	}},
	{name: "download a file in several streams", ends: (*stage).gotStreams, says: map[string]string{
		"lftp":     `pget -n 4 RELEASE/data/a.csv -o got.csv`,
		"rclone":   `copyto --multi-thread-streams 4 --multi-thread-cutoff 1M office:RELEASE/data/a.csv got.csv`,
		"paramiko": "f = s.open('RELEASE/data/a.csv')\nopen('got.csv', 'wb').write(b''.join(f.readv([(i, 65536) for i in range(0, f.stat().st_size, 65536)])))\nf.close()",
		"ssh2":     `await s.fastGet("RELEASE/data/a.csv", "got.csv", { concurrency: 64 })`,
	}},
	{name: "download a tree", ends: (*stage).gotTree, says: map[string]string{
		"sftp":     `get -r RELEASE tree`,
		"scp":      `-r office:RELEASE tree`,
		"lftp":     `mirror --parallel=2 RELEASE tree`,
		"psftp":    `get -r RELEASE tree`,
		"pscp":     `-r office:RELEASE tree`,
		"rclone":   `copy office:RELEASE tree`,
		"paramiko": `tree("RELEASE", "tree")`,
	}},
	{name: "resume a download", ends: (*stage).gotRest, says: map[string]string{
		"sftp":     `reget RELEASE/data/a.csv half.csv`,
		"lftp":     `get -c RELEASE/data/a.csv -o half.csv`,
		"psftp":    `reget RELEASE/data/a.csv half.csv`,
		"curl":     `-C - office:RELEASE/data/a.csv -o half.csv`,
		"paramiko": "f, h = s.open('RELEASE/data/a.csv'), open('half.csv', 'ab')\nf.seek(h.tell())\nh.write(f.read())\nf.close()",
		"ssh2":     `await pipe(sftp.createReadStream("RELEASE/data/a.csv", { start: fs.statSync("half.csv").size }), fs.createWriteStream("half.csv", { flags: "a" }))`,
	}},
	{name: "put", ends: (*stage).hasPaper, says: putting},
	{name: "put over another", start: func(s *stage) { s.lies("up.pdf", make([]byte, 2*len(s.up))) }, ends: (*stage).hasPaper, says: putting},
	{name: "put with its times", ends: func(s *stage) { s.hasPaper(); s.dated() }, says: map[string]string{
		"sftp":     `put -p up.pdf /submit/up.pdf`,
		"scp":      `-p up.pdf office:/submit/up.pdf`,
		"lftp":     `put up.pdf -o /submit/up.pdf`,
		"pscp":     `-p up.pdf office:/submit/up.pdf`,
		"rclone":   `copyto up.pdf office:/submit/up.pdf`,
		"paramiko": "s.put('up.pdf', '/submit/up.pdf')\ns.utime('/submit/up.pdf', (1577934245, 1577934245))\ns.chmod('/submit/up.pdf', 0o600)",
		"ssh2":     `await s.fastPut("up.pdf", "/submit/up.pdf"); await s.utimes("/submit/up.pdf", 1577934245, 1577934245)`,
	}},
	{name: "resume a put", start: func(s *stage) { s.lies("up.pdf", s.up[:100_000]) }, ends: (*stage).hasPaper, says: map[string]string{
		"sftp":     `reput up.pdf /submit/up.pdf`,
		"lftp":     `put -c up.pdf -o /submit/up.pdf`,
		"psftp":    `reput up.pdf /submit/up.pdf`,
		"curl":     `-C - -T up.pdf office:/submit/up.pdf`,
		"paramiko": "f = s.open('/submit/up.pdf', 'a')\nf.write(open('up.pdf', 'rb').read()[100000:])\nf.close()",
		"ssh2": `const w = sftp.createWriteStream("/submit/up.pdf", { flags: "r+", start: 100000 }), closed = new Promise(yes => w.on("close", yes))
			await pipe(fs.createReadStream("up.pdf", { start: 100000 }), w); await closed`,
	}},
	{name: "put a folder", ends: func(s *stage) { s.holds("renewal/application.yaml", "kind: renewal\n") }, says: map[string]string{
		"sftp":     `put -r folder /submit/renewal`,
		"scp":      `-r folder office:/submit/renewal`,
		"lftp":     `mirror -R folder /submit/renewal`,
		"psftp":    `put -r folder /submit/renewal`,
		"rclone":   `copy folder office:/submit/renewal`,
		"curl":     `--ftp-create-dirs -T folder/application.yaml office:/submit/renewal/application.yaml`,
		"paramiko": "s.mkdir('/submit/renewal')\ns.put('folder/application.yaml', '/submit/renewal/application.yaml')",
	}},
	{name: "rename", start: paperLies, ends: func(s *stage) { s.holds("new.pdf", string(s.up)); s.lacks("up.pdf") }, says: map[string]string{
		"sftp":     `rename /submit/up.pdf /submit/new.pdf`,
		"lftp":     `mv /submit/up.pdf /submit/new.pdf`,
		"psftp":    `mv /submit/up.pdf /submit/new.pdf`,
		"rclone":   `moveto office:/submit/up.pdf office:/submit/new.pdf`,
		"curl":     `-Q '-rename /submit/up.pdf /submit/new.pdf' office:/submit/`,
		"paramiko": `s.rename("/submit/up.pdf", "/submit/new.pdf")`,
		"ssh2":     `await s.rename("/submit/up.pdf", "/submit/new.pdf")`,
	}},
	{name: "rename over another", needs: "posix-rename@openssh.com", start: func(s *stage) { paperLies(s); s.lies("new.pdf", []byte("old")) },
		ends: func(s *stage) { s.holds("new.pdf", string(s.up)); s.lacks("up.pdf") }, says: map[string]string{
			"sftp":     `rename /submit/up.pdf /submit/new.pdf`,
			"paramiko": `s.posix_rename("/submit/up.pdf", "/submit/new.pdf")`,
			"ssh2":     `await s.ext_openssh_rename("/submit/up.pdf", "/submit/new.pdf")`,
		}},
	{name: "make a folder", ends: (*stage).hasFolder, says: map[string]string{
		"sftp":     `mkdir /submit/renewal`,
		"lftp":     `mkdir /submit/renewal`,
		"psftp":    `mkdir /submit/renewal`,
		"rclone":   `mkdir office:/submit/renewal`,
		"curl":     `-Q '-mkdir /submit/renewal' office:/submit/`,
		"paramiko": `s.mkdir("/submit/renewal")`,
		"ssh2":     `await s.mkdir("/submit/renewal")`,
	}},
	{name: "remove", start: paperLies, ends: func(s *stage) { s.lacks("up.pdf") }, says: map[string]string{
		"sftp":     `rm /submit/up.pdf`,
		"lftp":     `rm /submit/up.pdf`,
		"psftp":    `rm /submit/up.pdf`,
		"rclone":   `deletefile office:/submit/up.pdf`,
		"curl":     `-Q '-rm /submit/up.pdf' office:/submit/`,
		"paramiko": `s.remove("/submit/up.pdf")`,
		"ssh2":     `await s.unlink("/submit/up.pdf")`,
	}},
	{name: "ask how much room there is", needs: "statvfs@openssh.com", says: map[string]string{
		"sftp":   `df /submit`,
		"rclone": `about office:/submit`,
		"curl":   `-Q 'statvfs /submit' office:/submit/`,
		"ssh2":   `await s.ext_openssh_statvfs("/submit")`,
	}},
	{name: "put and have it written to disk", needs: "fsync@openssh.com", ends: (*stage).hasPaper, says: map[string]string{
		"ssh2": `const h = await s.open("/submit/up.pdf", "w"); const b = fs.readFileSync("up.pdf")
			for (let i = 0; i < b.length; i += 32768) await s.write(h, b, i, Math.min(32768, b.length - i), i)
			await s.ext_openssh_fsync(h); await s.close(h)`,
	}},
	{name: "compare by hash", start: copied, ends: (*stage).sentNothing, says: map[string]string{
		"rclone": `check office:RELEASE/data copy`,
	}},
	{name: "compare by hash with a copy that differs", fails: true, start: func(s *stage) {
		copied(s)
		s.write("copy/b.csv", strings.Repeat("x", len(s.b)))
	}, ends: (*stage).sentNothing, says: map[string]string{
		"rclone": `check office:RELEASE/data copy`,
	}},
	{name: "compare byte by byte", start: copied, ends: (*stage).gaveAll, says: map[string]string{
		"rclone": `check --download office:RELEASE/data copy`,
	}},
	{name: "download what is not there", fails: true, ends: (*stage).sentNothing, says: map[string]string{
		"sftp":     `get RELEASE/data/z.csv got.csv`,
		"scp":      `office:RELEASE/data/z.csv got.csv`,
		"lftp":     `get RELEASE/data/z.csv -o got.csv`,
		"psftp":    `get RELEASE/data/z.csv got.csv`,
		"pscp":     `office:RELEASE/data/z.csv got.csv`,
		"rclone":   `copyto office:RELEASE/data/z.csv got.csv`,
		"curl":     `office:RELEASE/data/z.csv -o got.csv`,
		"paramiko": `s.get("RELEASE/data/z.csv", "got.csv")`,
		"ssh2":     `await s.fastGet("RELEASE/data/z.csv", "got.csv")`,
	}},
	{name: "put where one can only read", fails: true, ends: (*stage).sentNothing, says: map[string]string{
		"sftp":     `put up.pdf RELEASE/data/a.csv`,
		"scp":      `up.pdf office:RELEASE/data/a.csv`,
		"lftp":     `put up.pdf -o RELEASE/data/a.csv`,
		"psftp":    `put up.pdf RELEASE/data/a.csv`,
		"pscp":     `up.pdf office:RELEASE/data/a.csv`,
		"rclone":   `copyto up.pdf office:RELEASE/data/a.csv`,
		"curl":     `-T up.pdf office:RELEASE/data/a.csv`,
		"paramiko": `s.put("up.pdf", "RELEASE/data/a.csv")`,
		"ssh2":     `await s.fastPut("up.pdf", "RELEASE/data/a.csv")`,
	}},
	{name: "copy in the way of before SFTP", fails: true, ends: (*stage).toldWhy, says: map[string]string{
		"scp":  `-O office:RELEASE/data/a.csv got.csv`,
		"pscp": `-scp office:RELEASE/data/a.csv got.csv`,
	}},
}

var putting = map[string]string{
	"sftp":     `put up.pdf /submit/up.pdf`,
	"scp":      `up.pdf office:/submit/up.pdf`,
	"lftp":     `put up.pdf -o /submit/up.pdf`,
	"psftp":    `put up.pdf /submit/up.pdf`,
	"pscp":     `up.pdf office:/submit/up.pdf`,
	"rclone":   `copyto up.pdf office:/submit/up.pdf`,
	"curl":     `-T up.pdf office:/submit/up.pdf`,
	"paramiko": `s.put("up.pdf", "/submit/up.pdf")`,
	"ssh2":     `await s.fastPut("up.pdf", "/submit/up.pdf")`,
}

// Clients that real people use need no special settings, but curl.
func TestClients(t *testing.T) {
	for _, c := range []client{opensshSFTP, opensshSCP, lftp, psftp, pscp, rclone, curl, paramiko, ssh2} {
		t.Run(c.name, func(t *testing.T) {
			c.there(t)
			for _, d := range deeds {
				if d.says[c.name] == "" {
					continue
				}
				t.Run(d.name, func(t *testing.T) {
					t.Parallel()
					play(t, c, d)
				})
			}
		})
	}
}

// play has one client do one deed.
func play(t *testing.T, c client, d deed) {
	s := newStage(t, c)
	if d.start != nil {
		d.start(s)
	}
	out, err := c.does(s.desktop, strings.ReplaceAll(d.says[c.name], "RELEASE", release)).CombinedOutput()
	s.out = string(out)
	refused := d.needs != "" && !bytes.Contains(version(), []byte(d.needs))
	if (err != nil) != (d.fails || refused) {
		t.Fatalf("%v\n%s", err, out)
	}
	if d.ends != nil && !refused {
		d.ends(s)
	}
}

// A stage is one office and one desktop of alice's, for one deed.
type stage struct {
	*office
	*desktop
	t        *testing.T
	client   client
	a, b, up []byte
	out      string // what the client printed
}

const (
	release = "/collect/DARS-NIC-000001-X0X0X-v1.0/REL-000001"
	had     = 2<<20 + 123 // bytes of a.csv that are in half.csv
)

var paperDate = time.Date(2020, 1, 2, 3, 4, 5, 0, time.UTC)

func newStage(t *testing.T, c client) *stage {
	o := open(t, func(o *office) {
		o.server.LegacyMACs = c.legacy
		o.run = o.hashes
	})
	s := &stage{client: c, office: o, desktop: o.desktop(t, alice), t: t, up: make([]byte, 1<<20+77)}
	s.a, s.b = o.file("a.csv", 5<<20+3), o.file("b.csv", 40_000)
	o.file("none.csv", 0)
	o.add(alice, Entry{Path: release[1:] + "/bagit.txt"}, []byte("BagIt-Version: 1.0\n"))
	rand.Read(s.up)
	s.write("half.csv", string(s.a[:had]))
	s.write("up.pdf", string(s.up))
	s.write("folder/application.yaml", "kind: renewal\n")
	if err := os.Chtimes(s.path("up.pdf"), paperDate, paperDate); err != nil {
		t.Fatal(err)
	}
	return s
}

// hashes answers the commands by which rclone compares; of others the office
// knows nothing.
func (o *office) hashes(_ context.Context, who dars.PersonID, argv []string, in io.Reader, out, errw io.Writer) int {
	sums := map[string]func() hash.Hash{"md5sum": md5.New, "sha1sum": sha1.New}
	if len(argv) == 0 || sums[argv[0]] == nil {
		fmt.Fprintln(errw, "darsd: no such command")
		return 127
	}
	sum := sums[argv[0]]()
	if len(argv) == 1 {
		io.Copy(sum, in)
		fmt.Fprintf(out, "%x  -\n", sum.Sum(nil))
		return 0
	}
	name := strings.TrimPrefix(argv[1], "/")
	content, err := o.tray(who).Read(strings.TrimPrefix(name, "submit/"))
	if err != nil {
		o.mu.Lock()
		content = o.contents[name]
		o.mu.Unlock()
	}
	sum.Write(content)
	fmt.Fprintf(out, "%x  %s\n", sum.Sum(nil), argv[1])
	return 0
}

// What is there before.

func paperLies(s *stage) { s.lies("up.pdf", s.up) }

func (s *stage) lies(name string, content []byte) {
	if err := s.tray(alice).Put(name, content, s.server.now()); err != nil {
		s.t.Fatal(err)
	}
}

func copied(s *stage) {
	s.write("copy/a.csv", string(s.a))
	s.write("copy/b.csv", string(s.b))
	s.write("copy/none.csv", "")
}

// What is there after.

func (s *stage) listed() {
	for _, want := range []string{"a.csv", "b.csv", "none.csv", fmt.Sprint(len(s.a)), fmt.Sprint(len(s.b))} {
		if !strings.Contains(s.out, want) {
			s.t.Errorf("listed without %s:\n%s", want, s.out)
		}
	}
	s.sentNothing()
}

func (s *stage) gotWhole() {
	if s.desktop.read("got.csv") != string(s.a) {
		s.t.Error("other bytes came than there are")
	}
	a := s.accounts()["a.csv"]
	same(s.t, "sent", a.sent, whole(len(s.a)))
	same(s.t, "confirmed", a.confirmed, whole(len(s.a)))
}

// gotStreams is gotWhole, but that lftp leaves the streams of all parts but the
// last without a CLOSE, and kills their ssh: of the end of each nobody knows
// whether it arrived.
func (s *stage) gotStreams() {
	if s.client.name != "lftp" {
		s.gotWhole()
		return
	}
	a := s.accounts()["a.csv"]
	same(s.t, "sent", a.sent, whole(len(s.a)))
	if s.desktop.read("got.csv") != string(s.a) {
		s.t.Error("other bytes came than there are")
	}
	if missing := int64(len(s.a)) - a.confirmed.Bytes(); missing > 3*16*ordinary {
		s.t.Errorf("%d bytes are not confirmed", missing)
	}
}

func (s *stage) gotRest() {
	if s.desktop.read("half.csv") != string(s.a) {
		s.t.Error("other bytes came than there are")
	}
	a, rest := s.accounts()["a.csv"], dars.Ranges{{From: had, To: int64(len(s.a))}}
	same(s.t, "sent", a.sent, rest)
	same(s.t, "confirmed", a.confirmed, rest)
}

func (s *stage) gotTree() {
	got := map[string]string{}
	err := filepath.WalkDir(s.path("tree"), func(path string, f fs.DirEntry, err error) error {
		if err == nil && !f.IsDir() {
			name, _ := filepath.Rel(s.path("tree"), path)
			content, _ := os.ReadFile(path)
			got[name] = string(content)
		}
		return err
	})
	if err != nil {
		s.t.Fatal(err)
	}
	for name, want := range map[string]string{"data/a.csv": string(s.a), "data/b.csv": string(s.b), "data/none.csv": "", "bagit.txt": "BagIt-Version: 1.0\n"} {
		if there, ok := got[name]; !ok || there != want {
			s.t.Errorf("%s: there %v, and other bytes came than there are", name, ok)
		}
	}
	s.gaveAll()
}

func (s *stage) gaveAll() {
	all := s.accounts()
	for file, size := range map[dars.FileID]int{"a.csv": len(s.a), "b.csv": len(s.b), "none.csv": 0} {
		a, ok := all[file]
		if !ok || !a.sent.Whole(int64(size)) || !a.confirmed.Whole(int64(size)) {
			s.t.Errorf("%s: sent %v, confirmed %v", file, a.sent, a.confirmed)
		}
	}
}

func (s *stage) sentNothing() {
	for file, a := range s.accounts() {
		if a.sent.Bytes() > 0 {
			s.t.Errorf("%s: sent %v", file, a.sent)
		}
	}
}

func (s *stage) toldWhy() {
	if !strings.Contains(s.out, "files are copied by SFTP here: scp without -O, pscp with -sftp") {
		s.t.Errorf("told\n%s", s.out)
	}
	s.sentNothing()
}

func (s *stage) hasPaper() { s.holds("up.pdf", string(s.up)) }

func (s *stage) holds(name, content string) {
	s.accounts() // when everybody has left, all that was put is there
	if s.inTray(name) != content {
		s.t.Errorf("%s did not come as it was sent\n%s", name, s.out)
	}
}

func (s *stage) lacks(name string) {
	if _, err := s.tray(alice).Read(name); err == nil {
		s.t.Errorf("%s is still there", name)
	}
}

func (s *stage) uploads() []Upload {
	uploads, err := s.tray(alice).List()
	if err != nil {
		s.t.Fatal(err)
	}
	return uploads
}

func (s *stage) dated() {
	for _, u := range s.uploads() {
		if u.Name == "up.pdf" && !u.Modified.Equal(paperDate) {
			s.t.Errorf("dated %v, want %v", u.Modified, paperDate)
		}
	}
}

func (s *stage) hasFolder() {
	s.accounts()
	if all := s.uploads(); len(all) != 1 || all[0].Name != "renewal" || !all[0].Dir {
		s.t.Errorf("there is %+v", all)
	}
}
