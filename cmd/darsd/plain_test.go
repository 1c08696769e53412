package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/pkg/sftp"
	"golang.org/x/crypto/ssh"
)

// No plain copy ever touches the disk. A daemon takes in a signed agreement and a
// list of objections from watched folders, packages a release, serves an upload
// and the release, and is watched from two sides meanwhile: strace writes down
// every file that it or a child of it opens for writing, and every byte that they
// write to a file; and all files of the data directory, database, its WAL and
// log among them, are read through again and again. Rows of the source and NHS
// numbers may be met where their senders have put them, and nowhere else.
func TestNoPlainCopyTouchesTheDisk(t *testing.T) {
	t.Parallel()
	needs(t, "strace")
	if said, err := exec.Command("strace", "-f", "-o", os.DevNull, "true").CombinedOutput(); err != nil {
		if os.Getenv("DARSD_REQUIRE_ALL") == "1" {
			t.Fatalf("strace may trace nothing here, and DARSD_REQUIRE_ALL=1 asks for it: %v: %s", err, said)
		}
		t.Skipf("strace may trace nothing here: %v: %s", err, said)
	}
	d := begin(t, "issued")
	secrets := writeSecretSources(t, d)
	settings := bytes.Replace(d.readIn(t, "office/darsd.yaml"), []byte("listen: 127.0.0.1:0"), []byte("listen: 127.0.0.1:0\n  quiet: 300ms"), 1)
	d.write(t, "office/darsd.yaml", settings)
	w := &watchman{office: d.path("office"), secrets: secrets}

	for _, dir := range []string{"traces", "tmp"} {
		if err := os.Mkdir(d.path(dir), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	daemon := d.serveTraced(t)
	looking, stop := context.WithCancel(t.Context())
	looked := make(chan struct{})
	go func() {
		defer close(looked)
		for looking.Err() == nil {
			w.look()
		}
	}()

	// A signed agreement comes by folder.
	signed := d.readIn(t, "people/nora/signed.pdf")
	if secrets.in(signed) != secrets.stroke {
		t.Fatal("the signed agreement would not be found")
	}
	d.write(t, "signed.pdf", signed)
	d.hand(t, "signed.pdf", "signed-agreements", "accepted")
	for _, said := range signature("2016-03-01T09", demoFirst) {
		d.apart(t, said.(command))
	}
	// So does a list of objections, and something that is none.
	const list = "objections-2016-03-01.txt"
	d.write(t, list, secrets.objections)
	d.hand(t, list, "objections", "accepted")
	d.write(t, "marked.txt", []byte(secrets.marker+"\n"+secrets.numbers[1]+"\n"))
	d.hand(t, "marked.txt", "objections", "rejected")

	// The daemon packages and publishes.
	for _, line := range []string{
		"carol release plan " + demoFirst + " --dataset ADMISSIONS", "priya release produce REL-000001", "chen release check REL-000001",
		"signe release sign-off REL-000001", "priya release publish REL-000001",
	} {
		d.desk(t, line)
	}

	// Nora sends something, in pieces, and collects.
	client, hangUp, err := d.session("nora")
	if err != nil {
		t.Fatal(err)
	}
	defer hangUp()
	upload(t, client, "submit/cohort.csv", secrets)
	err = until("the verdict on the upload", func() bool {
		_, err := client.Stat("submit/cohort.csv.verdict.json")
		return err == nil
	})
	if err != nil {
		t.Error(err)
	}
	delivered := d.path("delivered")
	if err := fetchAll(client, "collect/"+demoFirst+"/REL-000001", delivered); err != nil {
		t.Fatal(err)
	}
	if err := hangUp(); err != nil {
		t.Error(err)
	}

	daemon.stop(t)
	stop()
	<-looked
	w.look()
	w.report(t)

	// What was watched did happen.
	if got := secrets.in(readAll(t, delivered)); got == "" {
		t.Error("no row was delivered: the test shows nothing")
	}
	for name, content := range map[string][]byte{"log": d.readIn(t, "serve.log"), "tmp": readAll(t, d.path("tmp"))} {
		if found := secrets.in(content); found != "" {
			t.Errorf("%s tells %q", name, found)
		}
	}
	if left, err := os.ReadDir(d.path("tmp")); err != nil || len(left) > 0 {
		t.Errorf("in the directory for temporary files lie %v", left)
	}
	readTraces(t, d, secrets)
}

// secrets are what must not be found.
type secrets struct {
	marker     string   // in each row of the source
	stroke     string   // of the pen on the signed agreement
	numbers    []string // NHS numbers, ten digits
	objections []byte   // a list of some of them
}

// in returns the first of the secrets that a text tells, in any spelling of a
// number.
func (s *secrets) in(text []byte) string {
	for _, words := range []string{s.marker, s.stroke} {
		if bytes.Contains(text, []byte(words)) {
			return words
		}
	}
	digits := bytes.ReplaceAll(bytes.ReplaceAll(text, []byte(" "), nil), []byte("-"), nil)
	for _, n := range s.numbers {
		if bytes.Contains(digits, []byte(n)) {
			return n
		}
	}
	return ""
}

// writeSecretSources puts other people into the office's sources: enough rows for
// several buffers.
func writeSecretSources(t *testing.T, d *stage) *secrets {
	s := &secrets{marker: "ZEBRAFINCH", stroke: "BT /Pen 20 Tf"}
	source, index, list := bytes.NewBufferString("PERSON,ADMITTED,WARD,NOTE\n"), bytes.NewBufferString("PERSON,NHS_NUMBER\n"), bytes.NewBufferString("NHS number\n")
	for n := 0; len(s.numbers) < 200; n++ {
		nine := fmt.Sprintf("999%06d", 500_000+n*37)
		check := checkDigit(nine)
		if check == '?' {
			continue
		}
		number, person := nine+string(check), fmt.Sprintf("PERSON%04d", n)
		s.numbers = append(s.numbers, number)
		fmt.Fprintf(index, "%s,%s\n", person, number)
		for row := range 20 {
			fmt.Fprintf(source, "%s,2014-05-%02d,Birch,%s %d of %s\n", person, row+1, s.marker, row, person)
		}
		if len(s.numbers)%40 == 0 {
			fmt.Fprintf(list, "%s %s %s\n", number[:3], number[3:6], number[6:])
		}
	}
	s.objections = list.Bytes()
	d.write(t, "office/sources/admissions.csv", source.Bytes())
	d.write(t, "office/sources/people.csv", index.Bytes())
	if s.in(source.Bytes()) == "" || s.in(index.Bytes()) == "" || s.in(s.objections) == "" {
		t.Fatal("the secrets would not be found if they were told")
	}
	return s
}

// hand drops a file into a watched folder as its sender does, and waits for the
// verdict.
func (d *stage) hand(t *testing.T, name, folder, verdict string) {
	t.Helper()
	to := d.path("office/folders/" + folder + "/" + name)
	if err := os.MkdirAll(filepath.Dir(to), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := copyAll(d.path(name), to); err != nil {
		t.Fatal(err)
	}
	at := d.path("office/folders/" + folder + "/" + verdict + "/" + name + ".verdict.txt")
	if err := awaitFile(t.Context(), at); err != nil {
		t.Fatalf("%v; the log says:\n%s", err, d.readIn(t, "serve.log"))
	}
}

// apart says a command in a process of its own. In this one, looking at the
// database's files would take away the locks of whoever writes to it.
func (d *stage) apart(t *testing.T, c command) {
	t.Helper()
	if out, err := exec.CommandContext(t.Context(), "darsd", c.argv(d.path("office"))...).CombinedOutput(); err != nil {
		t.Fatalf("darsd %s: %v: %s", strings.Join(c.args, " "), err, out)
	}
}

// desk says a line over SSH.
func (d *stage) desk(t *testing.T, line string) {
	t.Helper()
	login, line, _ := strings.Cut(line, " ")
	key, err := ssh.ParsePrivateKey(d.readIn(t, "people/"+login+"/id_ed25519"))
	if err != nil {
		t.Fatal(err)
	}
	c, err := ssh.Dial("tcp", d.address, &ssh.ClientConfig{User: login, Auth: []ssh.AuthMethod{ssh.PublicKeys(key)},
		HostKeyCallback: ssh.FixedHostKey(d.host), HostKeyAlgorithms: []string{d.host.Type()}, Timeout: 10 * time.Second})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	s, err := c.NewSession()
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if out, err := s.CombinedOutput(line); err != nil {
		t.Fatalf("%s, %s: %v: %s", login, line, err, out)
	}
}

// upload writes a file piece by piece, each long enough on its way to be met.
func upload(t *testing.T, client *sftp.Client, name string, s *secrets) {
	t.Helper()
	f, err := client.Create(name)
	if err != nil {
		t.Fatal(err)
	}
	for range 5 {
		if _, err := f.Write([]byte(strings.Repeat(s.marker+","+s.numbers[2]+"\n", 1000))); err != nil {
			t.Fatal(err)
		}
		time.Sleep(50 * time.Millisecond) // so that whoever looks sees it half done
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
}

// A watchman reads all files of an office, again and again.
type watchman struct {
	office  string
	secrets *secrets
	looks   int
	files   map[string]bool
	told    map[string]string
}

func (w *watchman) look() {
	if w.looks++; w.files == nil {
		w.files, w.told = map[string]bool{}, map[string]string{}
	}
	filepath.WalkDir(w.office, func(file string, e fs.DirEntry, err error) error {
		if err != nil {
			return nil // gone meanwhile
		}
		name, _ := filepath.Rel(w.office, file)
		if name == "sources" || theirs(name) {
			if e.IsDir() {
				return fs.SkipDir
			}
			return nil
		}
		if e.Type().IsRegular() {
			text, err := os.ReadFile(file)
			if err == nil {
				w.files[strings.SplitN(name, "/", 2)[0]] = true
			}
			if found := w.secrets.in(text); found != "" {
				w.told[name] = found
			}
		}
		return nil
	})
}

// theirs are the files that others have put there in the clear: what was dropped
// into a watched folder lies there under its name, then under .claimed/ID/, and
// then, if it was rejected, in rejected/.
func theirs(name string) bool {
	parts := strings.Split(name, "/")
	if len(parts) < 3 || parts[0] != "folders" {
		return false
	}
	own := strings.HasPrefix(parts[len(parts)-1], ".")
	switch parts[2] {
	case "rejected":
		return true
	case ".claimed":
		return len(parts) == 5 && !own && !strings.HasSuffix(name, ".verdict.json") && !strings.HasSuffix(name, ".verdict.txt")
	case "accepted":
		return false
	}
	return len(parts) == 3 && !own
}

func (w *watchman) report(t *testing.T) {
	t.Helper()
	for name, found := range w.told {
		t.Errorf("%s told %q", name, found)
	}
	for _, where := range []string{"vault", "keys", "darsd.db", "darsd.db-wal", "folders"} {
		if !w.files[where] {
			t.Errorf("in %d looks nothing of %s was seen", w.looks, where)
		}
	}
	if w.looks < 20 {
		t.Errorf("only %d looks", w.looks)
	}
}

// A tracedDaemon is a daemon under strace.
type tracedDaemon struct{ strace *exec.Cmd }

// serveTraced starts the daemon with a trace for each of its threads, so that no
// call is torn in two by another.
func (d *stage) serveTraced(t *testing.T) *tracedDaemon {
	t.Helper()
	self, err := exec.LookPath("darsd")
	if err != nil {
		t.Fatal(err)
	}
	logs, err := os.OpenFile(d.path("serve.log"), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		t.Fatal(err)
	}
	defer logs.Close()
	c := exec.Command("strace", "-ff", "-qq", "-y", "-s", "4000000", "-e", "signal=none",
		"-e", "trace="+strings.Join(slices.Concat(openings, mappings, writings, copyings), ","), "-o", d.path("traces/t"),
		self, "--data", d.path("office"), "serve")
	c.Env = append(os.Environ(), "TMPDIR="+d.path("tmp"), "SQLITE_TMPDIR="+d.path("tmp"))
	c.Stderr = logs
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	daemon := &tracedDaemon{c}
	t.Cleanup(func() {
		if c.ProcessState == nil {
			c.Process.Kill() // and what it traces goes on: so that first
			c.Wait()
		}
	})
	err = until(d.path("office/serve.json"), func() bool {
		pid, address := d.serving()
		d.address = address
		return pid > 0
	})
	if err == nil {
		d.host, err = d.hostKey()
	}
	if err != nil {
		t.Fatalf("%v; the log says:\n%s", err, d.readIn(t, "serve.log"))
	}
	pid, _ := d.serving()
	t.Cleanup(func() {
		if c.ProcessState == nil {
			syscall.Kill(pid, syscall.SIGKILL)
		}
	})
	return daemon
}

func (d *stage) serving() (pid int, address string) {
	var said struct {
		PID  int
		SFTP string
	}
	text, _ := os.ReadFile(d.path("office/serve.json"))
	json.Unmarshal(text, &said)
	return said.PID, said.SFTP
}

// stop ends the daemon; strace ends with it.
func (b *tracedDaemon) stop(t *testing.T) {
	t.Helper()
	children, err := os.ReadFile(fmt.Sprintf("/proc/%d/task/%[1]d/children", b.strace.Process.Pid))
	if err != nil {
		t.Fatal(err)
	}
	for field := range strings.FieldsSeq(string(children)) {
		var pid int
		fmt.Sscan(field, &pid)
		if err := syscall.Kill(pid, syscall.SIGTERM); err != nil {
			t.Error(err)
		}
	}
	if err := b.strace.Wait(); err != nil {
		t.Errorf("the daemon ended with %v", err)
	}
}

// The calls of the system by which a byte can come to a disk.
var (
	openings = []string{"open", "openat", "openat2", "creat", "memfd_create"}
	mappings = []string{"mmap"}
	writings = []string{"write", "pwrite64", "writev", "pwritev", "pwritev2"}
	copyings = []string{"copy_file_range", "sendfile", "splice", "vmsplice"} // without passing by us
)

// traced is a line of strace: its name, what it was called with, and how it ended.
var traced = regexp.MustCompile(`^(\w+)\((.*)\)\s+= (-?\d+)(?:<([^>]*)>)?`)

// target is the file that a descriptor stands for.
var target = regexp.MustCompile(`^\d+<(/[^>]*)>`)

// forWriting matches how a file is opened that is to be written.
var forWriting = regexp.MustCompile(`\bO_(WRONLY|RDWR|CREAT|TRUNC|TMPFILE)\b`)

// readTraces looks at every call of the daemon and of its children.
func readTraces(t *testing.T, d *stage, s *secrets) {
	t.Helper()
	office, err := filepath.EvalSymlinks(d.path("office"))
	if err != nil {
		t.Fatal(err)
	}
	traces, err := filepath.Glob(d.path("traces/t.*"))
	if err != nil || len(traces) == 0 {
		t.Fatal("there is no trace", err)
	}
	opened, wrote := map[string]int{}, map[string]int{}
	for _, trace := range traces {
		f, err := os.Open(trace)
		if err != nil {
			t.Fatal(err)
		}
		lines := bufio.NewScanner(f)
		lines.Buffer(nil, 64<<20)
		for lines.Scan() {
			m := traced.FindStringSubmatch(lines.Text())
			if m == nil || strings.HasPrefix(m[3], "-") {
				continue
			}
			name, args, result := m[1], m[2], m[4]
			switch to := target.FindStringSubmatch(args); {
			case name == "memfd_create":
				t.Errorf("a file in memory was made, which may be swapped out: %s", args)
			case slices.Contains(openings, name):
				if name == "creat" || forWriting.MatchString(args) {
					opened[kindOfPlace(t, office, d, result)]++
				}
			case slices.Contains(mappings, name):
				// What is written there by the way of memory is not seen here. SQLite has
				// its index of the WAL there: numbers of pages.
				if strings.Contains(args, "PROT_WRITE") && strings.Contains(args, "MAP_SHARED") && strings.Contains(args, "</") && !strings.Contains(args, "/darsd.db-shm>") {
					t.Errorf("a file was mapped into memory to be written: %s", args)
				}
			case slices.Contains(copyings, name):
				if strings.Count(args, "</") > 1 {
					t.Errorf("a file was copied into another as it was: %s(%s)", name, args)
				}
			case to != nil && (!strings.HasPrefix(to[1], "/dev/") || strings.HasPrefix(to[1], "/dev/shm/")):
				wrote[kindOfPlace(t, office, d, to[1])]++
				if found := s.in([]byte(args)); found != "" {
					t.Errorf("%q was written to %s", found, to[1])
				}
			}
		}
		if err := errors.Join(lines.Err(), f.Close()); err != nil {
			t.Fatal(err)
		}
	}
	t.Logf("opened for writing: %v; written to: %v", opened, wrote)
	for _, place := range []string{"vault/releases", "vault/objections", "vault/received", "vault/trays", "vault/rejected", "darsd.db", "darsd.db-wal", "folders"} {
		if opened[place] == 0 {
			t.Errorf("nothing was opened for writing in %s: the trace shows nothing", place)
		}
	}
	if wrote["vault/releases"] < 5 || wrote["darsd.db-wal"] == 0 || wrote["log"] == 0 {
		t.Errorf("too little was written for all that was done: %v", wrote)
	}
}

// kindOfPlace names the part of the office where a file lies. Anywhere else the
// daemon has nothing to write.
func kindOfPlace(t *testing.T, office string, d *stage, file string) string {
	t.Helper()
	file = strings.TrimSuffix(file, " (deleted)")
	if file == os.DevNull {
		return file
	}
	if strings.HasSuffix(file, "/serve.log") {
		return "log"
	}
	name, below := strings.CutPrefix(file, office+"/")
	parts := strings.Split(name, "/")
	switch place := parts[0]; {
	case !below:
	case place == "vault" && len(parts) > 2:
		return place + "/" + parts[1]
	case slices.Contains([]string{"vault", "keys", "folders", "checkpoints", "outgoing-mail", "reports", "publications", "serve.json", "refused.log",
		"darsd.db", "darsd.db-wal", "darsd.db-shm", "darsd.db-journal"}, place):
		return place
	}
	t.Errorf("opened for writing: %s", strings.Replace(file, d.dir, "…", 1))
	return "elsewhere"
}

func (d *stage) readIn(t *testing.T, name string) []byte {
	t.Helper()
	text, err := os.ReadFile(d.path(name))
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// readAll is all that lies in a directory, one after the other.
func readAll(t *testing.T, dir string) (all []byte) {
	t.Helper()
	err := filepath.WalkDir(dir, func(file string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		text, err := os.ReadFile(file)
		all = append(append(all, file...), text...)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}
