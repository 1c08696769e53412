package main

import (
	"bytes"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/pkg/sftp"
	"github.com/rogpeppe/go-internal/testscript"
	"golang.org/x/crypto/ssh"
)

// TestStories tells each story in testdata/script. Besides the people, they know
// these words:
//
//	office STAGE         begin with a prepared office (prepared_test.go)
//	serve, stop-serving  run the daemon, until the end of the story or now
//	kill-serving         end the daemon as kill -9 does
//	status N COMMAND     the command's exit status is N
//	refused RULE COMMAND the rule says no, in one sentence, and nothing changes
//	await FILE           wait until it is there
//	sftp WHO LINE...     a session of OpenSSH's sftp
//	taken WHO NAME       wait until what lies in submit/ is taken in, with nothing but SFTP
//	ssh WHO WORD...      a command at the desk, by OpenSSH's ssh
//	fetch WHO FILE N     read N bytes of a file over SFTP and leave; "all", and "-1" for all but one
//	hold WHO FILE N      the same, and keep the file open
//	unzip FILE           unpack a ZIP file here
//	forge FILE OFFICE    make a paper that was never issued, with the office's seal
//	fill FORM TO N=V...  fill in fields of a form, as programs do that add to a file
//	web PATH TEXT        ask the public pages until the answer holds the text, and keep it as "answer"
//	cut                  the file that is held is cut off within seconds, and is closed
func TestStories(t *testing.T) {
	t.Parallel()
	testscript.Run(t, testscript.Params{
		Dir: "testdata/script", UpdateScripts: os.Getenv("UPDATE") != "", RequireUniqueNames: true,
		Condition: func(cond string) (bool, error) {
			program, ok := strings.CutPrefix(cond, "have:")
			if !ok {
				return false, fmt.Errorf("unknown condition %q", cond)
			}
			_, err := exec.LookPath(program)
			if err != nil && os.Getenv("DARSD_REQUIRE_ALL") == "1" {
				return false, fmt.Errorf("%s is not installed, and DARSD_REQUIRE_ALL=1 asks for it", program)
			}
			return err == nil, nil
		},
		Setup: func(e *testscript.Env) error {
			e.Values[theStage{}] = &stage{dir: e.WorkDir, env: quiet()}
			e.Vars = append(e.Vars, "FIRST="+demoFirst, "SECOND="+demoSecond, "CASE="+strings.TrimSuffix(demoFirst, "-v1.0"))
			return nil
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"office": storyOffice, "serve": storyServe, "stop-serving": storyStop, "kill-serving": storyKill, "status": storyStatus, "taken": storyTaken, "refused": storyRefused,
			"await": storyAwait, "sftp": storySFTP, "ssh": storySSH, "learn": storyLearn, "estranged": storyEstranged, "rclone": storyRclone, "fetch": storyFetch, "hold": storyHold, "cut": storyCut, "unzip": storyUnzip, "somewhere": storySomewhere, "nowhere": storyNowhere, "forge": storyForge, "fill": storyFill, "scan": storyScan, "web": storyWeb, "alter": storyAlter,
		},
	})
}

// Where a story keeps what its words share.
type theStage struct{}

var daemons, heldFiles sync.Map // by story

func stageOf(ts *testscript.TestScript) *stage { return ts.Value(theStage{}).(*stage) }

// wants ends a story that uses a word wrongly.
func wants(ts *testscript.TestScript, neg, negatable bool, args []string, n int, usage string) {
	if len(args) < n || neg && !negatable {
		ts.Fatalf("usage: %s", usage)
	}
}

func storyOffice(ts *testscript.TestScript, neg bool, args []string) {
	wants(ts, neg, false, args, 1, "office STAGE")
	p := stages[args[0]]
	if p == nil {
		ts.Fatalf("there is no prepared office %q", args[0])
	}
	ts.Check(p.copyTo(stageOf(ts).dir))
}

// A daemon is darsd serve in a process of its own.
type daemon struct {
	cmd     *exec.Cmd
	address string
}

// serve starts the daemon of an office and waits until it says where it serves.
func (d *stage) serve() (*daemon, error) { return d.serveWith() }

// serveWith is serve with further options.
func (d *stage) serveWith(options ...string) (*daemon, error) {
	self, err := exec.LookPath("darsd")
	if err != nil {
		return nil, err
	}
	logs, err := os.OpenFile(d.path("serve.log"), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return nil, err
	}
	defer logs.Close()
	b := &daemon{cmd: exec.Command(self, append([]string{"--data", d.path("office"), "serve"}, options...)...)}
	b.cmd.Stderr = logs
	if err := b.cmd.Start(); err != nil {
		return nil, err
	}
	err = until(d.path("office/serve.json"), func() bool {
		var said struct{ SFTP string }
		text, _ := os.ReadFile(d.path("office/serve.json"))
		if json.Unmarshal(text, &said) != nil {
			return false
		}
		b.address = said.SFTP
		return b.address != ""
	})
	if err == nil {
		d.address = b.address
		d.host, err = d.hostKey()
	}
	if err != nil {
		text, _ := os.ReadFile(d.path("serve.log"))
		return nil, errors.Join(err, b.stop(), errors.New(string(text)))
	}
	return b, nil
}

// stop ends the daemon as an operator does.
func (b *daemon) stop() error {
	if b.cmd.ProcessState != nil {
		return nil
	}
	return errors.Join(b.cmd.Process.Signal(syscall.SIGTERM), b.cmd.Wait())
}

// until waits for something that another process does; the interval only says
// how soon it is noticed. Under the race detector, on a busy machine, reading the
// pages of a paper takes a minute.
func until(what string, there func() bool) error {
	for end := time.Now().Add(5 * time.Minute); !there(); time.Sleep(20 * time.Millisecond) {
		if time.Now().After(end) {
			return fmt.Errorf("%s did not come", what)
		}
	}
	return nil
}

func storyServe(ts *testscript.TestScript, neg bool, args []string) {
	wants(ts, neg, false, args, 0, "serve")
	d := stageOf(ts)
	b, err := d.serve()
	ts.Check(err)
	ts.Defer(func() { ts.Check(b.stop()) })
	daemons.Store(ts, b)
	ts.Check(os.WriteFile(d.path("known_hosts"), []byte("* "+string(ssh.MarshalAuthorizedKey(d.host))), 0o600))
}

func storyStop(ts *testscript.TestScript, neg bool, args []string) {
	wants(ts, neg, false, args, 0, "stop-serving")
	b, ok := daemons.Load(ts)
	if !ok {
		ts.Fatalf("nothing serves")
	}
	ts.Check(b.(*daemon).stop())
}

// storyKill ends the daemon as a power cut would end its process: it writes nothing more.
func storyKill(ts *testscript.TestScript, neg bool, args []string) {
	wants(ts, neg, false, args, 0, "kill-serving")
	b, ok := daemons.Load(ts)
	if !ok {
		ts.Fatalf("nothing serves")
	}
	cmd := b.(*daemon).cmd
	ts.Check(cmd.Process.Kill())
	cmd.Wait() // says that it was killed
}

// exits runs a command and returns its exit status.
func exits(ts *testscript.TestScript, args []string) int {
	err := ts.Exec(args[0], args[1:]...)
	var left *exec.ExitError
	if errors.As(err, &left) {
		return left.ExitCode()
	}
	ts.Check(err)
	return 0
}

func storyStatus(ts *testscript.TestScript, neg bool, args []string) {
	wants(ts, neg, false, args, 2, "status N COMMAND...")
	if got := exits(ts, args[1:]); strconv.Itoa(got) != args[0] {
		ts.Fatalf("exit status %d, not %s", got, args[0])
	}
}

func storyRefused(ts *testscript.TestScript, neg bool, args []string) {
	wants(ts, neg, false, args, 2, "refused RULE COMMAND...")
	d := stageOf(ts)
	// A daemon does things of its own accord meanwhile: two dozen papers for the
	// public, one after the other. But not for ever, and a refusal that leaves a
	// trace leaves one each time.
	for try := 1; ; try++ {
		before := d.everything(ts)
		refusal(ts, args[0], args[1:])
		after := d.everything(ts)
		if after == before {
			return
		}
		if try == 40 {
			ts.Fatalf("a refusal left a trace:\ngone: %s\nnew: %s", only(before, after), only(after, before))
		}
	}
}

// refusal runs a command that a rule is to refuse, in one sentence.
func refusal(ts *testscript.TestScript, rule string, args []string) {
	if status := exits(ts, append(args, "--json")); status != refused {
		ts.Fatalf("exit status %d, not %d", status, refused)
	}
	var said struct{ Refused, Rule, Ref string }
	if err := json.Unmarshal([]byte(ts.ReadFile("stdout")), &said); err != nil {
		ts.Fatalf("what it prints is no JSON: %v", err)
	}
	if said.Rule != rule || said.Refused == "" {
		ts.Fatalf("it is refused by the rule %q, not %q", said.Rule, rule)
	}
	if sentence := ts.ReadFile("stderr"); sentence != "darsd: "+said.Refused+"\n" || strings.Count(sentence, "\n") != 1 {
		ts.Fatalf("the refusal is not one sentence, the same for people and programs:\n%s", sentence)
	}
}

// only lists the lines that are in one text and not in the other.
func only(in, not string) (lines []string) {
	other := strings.Split(not, "\n")
	for line := range strings.SplitSeq(in, "\n") {
		if !slices.Contains(other, line) {
			lines = append(lines, line)
		}
	}
	return lines
}

// everything is all that a refusal must not change: the database, letters,
// reports, what lies in the vault. But not its received/: what was handed in is
// kept there, under its hash, before the act that may refuse it.
func (d *stage) everything(ts *testscript.TestScript) string {
	var b strings.Builder
	db, err := sql.Open("sqlite3", "file:"+d.path("office/darsd.db")+"?mode=ro&_busy_timeout=10000")
	ts.Check(err)
	defer db.Close()
	for _, q := range []string{
		`SELECT 'noun', kind, ref, state, body FROM nouns ORDER BY kind, ref`, `SELECT 'key', kind, ref, name, value FROM keys ORDER BY 2, 3, 4, 5`,
		`SELECT 'event', seq, leaf, coalesce(change, ''), coalesce(salt, '') FROM events ORDER BY seq`, `SELECT 'owed', id, what, body, coalesce(done_at, '') FROM owed ORDER BY id`,
	} {
		rows, err := db.Query(q)
		ts.Check(err)
		for rows.Next() {
			var cells [5]string
			ts.Check(rows.Scan(&cells[0], &cells[1], &cells[2], &cells[3], &cells[4]))
			fmt.Fprintln(&b, cells)
		}
		ts.Check(errors.Join(rows.Err(), rows.Close()))
	}
	for _, dir := range []string{"vault", "outgoing-mail", "reports"} {
		err := filepath.WalkDir(d.path("office/"+dir), func(file string, e fs.DirEntry, err error) error {
			if err == nil && !e.IsDir() && !strings.Contains(file, "vault/received/") {
				fmt.Fprintln(&b, file)
			}
			return err
		})
		ts.Check(err)
	}
	return b.String()
}

func storyAwait(ts *testscript.TestScript, neg bool, args []string) {
	wants(ts, neg, false, args, 1, "await FILE")
	ts.Check(until(args[0], func() bool {
		_, err := os.Stat(ts.MkAbs(args[0]))
		return err == nil
	}))
}

// options are how a person calls OpenSSH: with one key, one host key that is
// known, and nothing of whoever runs the tests.
func (d *stage) options(login string) []string {
	return []string{"-F", "none", "-i", d.path("people/" + login + "/id_ed25519"), "-o", "IdentitiesOnly=yes", "-o", "IdentityAgent=none", "-o", "BatchMode=yes",
		"-o", "UserKnownHostsFile=" + d.path("known_hosts"), "-o", "GlobalKnownHostsFile=none", "-o", "StrictHostKeyChecking=yes", "-o", "LogLevel=ERROR"}
}

func (d *stage) port() string { return d.address[strings.LastIndex(d.address, ":")+1:] }

func storySFTP(ts *testscript.TestScript, neg bool, args []string) {
	wants(ts, neg, true, args, 2, "sftp WHO LINE...")
	d := stageOf(ts)
	batch := filepath.Join(d.dir, ".batch")
	ts.Check(os.WriteFile(batch, []byte(strings.Join(args[1:], "\n")+"\n"), 0o600))
	status := exits(ts, append(append([]string{"sftp", "-q", "-b", batch, "-P", d.port()}, d.options(args[0])...), args[0]+"@127.0.0.1"))
	if (status != 0) != neg {
		ts.Fatalf("sftp ended with status %d", status)
	}
}

func storySSH(ts *testscript.TestScript, neg bool, args []string) {
	wants(ts, neg, true, args, 1, "ssh WHO [WORD...]")
	d := stageOf(ts)
	line := append(append([]string{"ssh", "-p", d.port()}, d.options(args[0])...), args[0]+"@127.0.0.1")
	for _, word := range args[1:] {
		line = append(line, quote(word))
	}
	if status := exits(ts, line); (status != 0) != neg {
		ts.Fatalf("ssh ended with status %d", status)
	}
}

// storyLearn is ssh by somebody whose client learns host keys, as it does where
// nothing else is said; the known hosts as they were are kept beside. A very short
// session may end before it has.
func storyLearn(ts *testscript.TestScript, neg bool, args []string) {
	wants(ts, neg, false, args, 2, "learn WHO WORD...")
	d := stageOf(ts)
	was, err := os.ReadFile(d.path("known_hosts"))
	ts.Check(err)
	was = bytes.Replace(was, []byte("* "), []byte("[127.0.0.1]:"+d.port()+" "), 1) // which OpenSSH does not add to
	ts.Check(errors.Join(os.WriteFile(d.path("known_hosts"), was, 0o600), os.WriteFile(d.path("known_hosts.old"), was, 0o600)))
	ts.Check(until("a client that has learned the next host keys", func() bool {
		exits(ts, append(append([]string{"ssh", "-o", "UpdateHostKeys=yes", "-p", d.port()}, d.options(args[0])...), append([]string{args[0] + "@127.0.0.1"}, args[1:]...)...))
		now, err := os.ReadFile(d.path("known_hosts"))
		return err == nil && bytes.Count(now, []byte("ssh-ed25519")) > 1
	}))
}

// storyEstranged waits until somebody's client does not know the host any more:
// the daemon takes its keys up a moment after they are changed.
func storyEstranged(ts *testscript.TestScript, neg bool, args []string) {
	wants(ts, neg, false, args, 2, "estranged WHO WORD...")
	d := stageOf(ts)
	ts.Check(until("a host that is unknown", func() bool {
		return exits(ts, append(append([]string{"ssh", "-p", d.port()}, d.options(args[0])...), append([]string{args[0] + "@127.0.0.1"}, args[1:]...)...)) == 255
	}))
}

// storyRclone runs rclone with the endpoint as its remote darsd:.
func storyRclone(ts *testscript.TestScript, neg bool, args []string) {
	wants(ts, neg, true, args, 2, "rclone WHO WORD...")
	d := stageOf(ts)
	config := filepath.Join(d.dir, "rclone-"+args[0]+".conf")
	ts.Check(os.WriteFile(config, fmt.Appendf(nil, "[darsd]\ntype = sftp\nhost = 127.0.0.1\nport = %s\nuser = %s\nkey_file = %s\n",
		d.port(), args[0], d.path("people/"+args[0]+"/id_ed25519")), 0o600))
	if status := exits(ts, append([]string{"rclone", "--config", config}, args[1:]...)); (status != 0) != neg {
		ts.Fatalf("rclone ended with status %d", status)
	}
}

// A held file is open in a session of its own.
type held struct {
	*sftp.File
	close func() error
}

// hold opens a file over SFTP and reads some of it.
func (d *stage) hold(login, name, some string) (*held, error) {
	client, hangUp, err := d.session(login)
	if err != nil {
		return nil, err
	}
	f, err := client.Open(name)
	if err != nil {
		return nil, errors.Join(err, hangUp())
	}
	h := &held{f, func() error { return errors.Join(f.Close(), hangUp()) }}
	info, err := f.Stat()
	if err != nil {
		return nil, errors.Join(err, h.close())
	}
	n := info.Size()
	if some != "all" {
		m, err := strconv.ParseInt(some, 10, 64)
		if err != nil {
			return nil, errors.Join(err, h.close())
		}
		if n = m; m < 0 {
			n = info.Size() + m
		}
	}
	_, err = io.ReadFull(f, make([]byte, n))
	if err != nil {
		return nil, errors.Join(err, h.close())
	}
	return h, nil
}

// session signs in with a person's key.
func (d *stage) session(login string) (client *sftp.Client, hangUp func() error, err error) {
	text, err := os.ReadFile(d.path("people/" + login + "/id_ed25519"))
	if err != nil {
		return nil, nil, err
	}
	key, err := ssh.ParsePrivateKey(text)
	if err != nil {
		return nil, nil, err
	}
	c, err := ssh.Dial("tcp", d.address, &ssh.ClientConfig{User: login, Auth: []ssh.AuthMethod{ssh.PublicKeys(key)},
		HostKeyCallback: ssh.FixedHostKey(d.host), HostKeyAlgorithms: []string{d.host.Type()}, Timeout: 10 * time.Second})
	if err != nil {
		return nil, nil, err
	}
	client, err = sftp.NewClient(c)
	if err != nil {
		return nil, nil, errors.Join(err, c.Close())
	}
	return client, func() error {
		client.Close()
		c.Close()
		return nil
	}, nil
}

// storyTaken waits, as somebody does who has nothing but SFTP, until what they put into
// submit/ is gone and a verdict lies there in its place.
func storyTaken(ts *testscript.TestScript, neg bool, args []string) {
	wants(ts, neg, false, args, 2, "taken WHO NAME")
	client, hangUp, err := stageOf(ts).session(args[0])
	ts.Check(err)
	defer hangUp()
	ts.Check(until("a verdict on "+args[1], func() bool {
		_, there := client.Stat("submit/" + args[1])
		_, verdict := client.Stat("submit/" + args[1] + ".verdict.json")
		return errors.Is(there, os.ErrNotExist) && verdict == nil
	}))
}

func storyFetch(ts *testscript.TestScript, neg bool, args []string) {
	wants(ts, neg, true, args, 3, "fetch WHO FILE N")
	h, err := stageOf(ts).hold(args[0], args[1], args[2])
	if err == nil {
		err = h.close()
	}
	if (err != nil) != neg {
		ts.Fatalf("fetch: %v", err)
	}
}

func storyHold(ts *testscript.TestScript, neg bool, args []string) {
	wants(ts, neg, false, args, 3, "hold WHO FILE N")
	h, err := stageOf(ts).hold(args[0], args[1], args[2])
	ts.Check(err)
	ts.Defer(func() { h.close() })
	heldFiles.Store(ts, h)
}

func storyCut(ts *testscript.TestScript, neg bool, args []string) {
	wants(ts, neg, false, args, 0, "cut")
	h, ok := heldFiles.Load(ts)
	if !ok {
		ts.Fatalf("no file is held")
	}
	err := until("the end of the download", func() bool {
		_, err := h.(*held).ReadAt(make([]byte, 1), 0)
		return err != nil
	})
	ts.Check(err)
	h.(*held).close() // what is cut may have lost its line too
}
