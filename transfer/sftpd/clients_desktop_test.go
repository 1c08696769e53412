package sftpd

import (
	"context"
	"encoding/pem"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/crypto/ssh"

	"darsd/dars"
)

// A desktop is the machine of somebody who fetches data and sends papers: a
// folder with their key, the office's host keys and what else programs there
// want to be told. They sign in with the login "recipient".
type desktop struct {
	t          *testing.T
	dir        string
	host, port string
}

// desktop makes one for a person, who gets a key of their own for it. Where a
// line is given, everything goes over that.
func (o *office) desktop(t *testing.T, who dars.PersonID, over ...*line) *desktop {
	t.Helper()
	private, signer := o.key("recipient", who)
	block, err := ssh.MarshalPrivateKey(private, "")
	if err != nil {
		t.Fatal(err)
	}
	d := &desktop{t: t, dir: t.TempDir()}
	addr := o.addr
	for _, l := range over {
		addr = l.addr
	}
	d.host, d.port, _ = net.SplitHostPort(addr)
	var known strings.Builder
	for _, key := range hostKeys() {
		fmt.Fprintf(&known, "[%s]:%s %s", d.host, d.port, ssh.MarshalAuthorizedKey(key.PublicKey()))
	}
	d.write("known", known.String())
	d.write("key", string(pem.EncodeToMemory(block)))
	d.write("key.pub", string(ssh.MarshalAuthorizedKey(signer.PublicKey())))
	d.write("rclone.conf", fmt.Sprintf("[office]\ntype = sftp\nhost = %s\nport = %s\nuser = recipient\nkey_file = %s\nknown_hosts_file = %s\n",
		d.host, d.port, d.path("key"), d.path("known")))
	return d
}

func (d *desktop) path(name string) string { return filepath.Join(d.dir, name) }

func (d *desktop) write(name, content string) {
	d.t.Helper()
	if err := os.MkdirAll(filepath.Dir(d.path(name)), 0o700); err != nil {
		d.t.Fatal(err)
	}
	if err := os.WriteFile(d.path(name), []byte(content), 0o600); err != nil {
		d.t.Fatal(err)
	}
}

// read returns a file, or what is there of it; nothing at all if there is none.
func (d *desktop) read(name string) string {
	content, err := os.ReadFile(d.path(name))
	if err != nil && !os.IsNotExist(err) {
		d.t.Fatal(err)
	}
	return string(content)
}

// openssh are the options that every program of OpenSSH's gets.
func (d *desktop) openssh() []string {
	return []string{
		"-F", "none", "-i", "key", "-o", "IdentitiesOnly=yes", "-o", "IdentityAgent=none", "-o", "BatchMode=yes", "-o", "UserKnownHostsFile=known",
		"-o", "GlobalKnownHostsFile=none", "-o", "StrictHostKeyChecking=yes", "-o", "LogLevel=ERROR",
	}
}

// putty are the options that every program of PuTTY's gets, whose key has a
// format of its own.
func (d *desktop) putty() []string {
	if _, err := os.Stat(d.path("key.ppk")); err != nil {
		if out, err := d.program("puttygen", "key", "-O", "private", "-o", "key.ppk").CombinedOutput(); err != nil {
			d.t.Fatalf("puttygen: %v\n%s", err, out)
		}
	}
	args := []string{"-batch", "-i", "key.ppk", "-P", d.port, "-l", "recipient"}
	for _, key := range hostKeys() {
		args = append(args, "-hostkey", ssh.FingerprintSHA256(key.PublicKey()))
	}
	return args
}

// program is one that runs on the desktop. No test waits for as long as it may
// take.
func (d *desktop) program(name string, args ...string) *exec.Cmd {
	ctx, cancel := context.WithTimeout(d.t.Context(), 5*time.Minute)
	d.t.Cleanup(cancel)
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Dir = d.dir
	cmd.Env = append(os.Environ(), "HOME="+d.dir, "LC_ALL=C.UTF-8", "TZ=UTC", "SSH_AUTH_SOCK=")
	return cmd
}

// calmly runs a program until it has used ten seconds of a processor: PuTTY's
// (seen in 0.78) at times go round for ever when the line breaks under them.
const calmly = `ulimit -t 10; exec "$0" "$@"`

// A client is a program that people fetch and send files with.
type client struct {
	name   string
	needs  string // the program that must be there
	legacy bool   // the office must let in old MACs

	// does makes a command of what a person would say to the program.
	does func(d *desktop, says string) *exec.Cmd
}

var (
	opensshSFTP = client{name: "sftp", needs: "sftp", does: func(d *desktop, says string) *exec.Cmd {
		cmd := d.program("sftp", append(d.openssh(), "-P", d.port, "-b", "-", "recipient@"+d.host)...)
		cmd.Stdin = strings.NewReader(says + "\n")
		return cmd
	}}

	opensshSCP = client{name: "scp", needs: "scp", does: func(d *desktop, says string) *exec.Cmd {
		says = strings.ReplaceAll(says, "office:", "recipient@"+d.host+":")
		return d.program("scp", append(append(d.openssh(), "-P", d.port), strings.Fields(says)...)...)
	}}

	lftp = client{name: "lftp", needs: "lftp", does: func(d *desktop, says string) *exec.Cmd {
		ssh := "ssh -a -x " + strings.Join(d.openssh(), " ")
		return d.program("lftp", "--norc", "-c", fmt.Sprintf(
			"set cmd:fail-exit yes; set net:max-retries 1; set net:reconnect-interval-base 1; set net:reconnect-interval-multiplier 1; set sftp:connect-program '%s'; open -u recipient, -p %s sftp://%s; %s", ssh, d.port, d.host, says))
	}}

	psftp = client{name: "psftp", needs: "psftp", does: func(d *desktop, says string) *exec.Cmd {
		d.write("said", says+"\n")
		return d.program("sh", append([]string{"-c", calmly, "psftp"}, append(d.putty(), "-b", "said", d.host)...)...)
	}}

	pscp = client{name: "pscp", needs: "pscp", does: func(d *desktop, says string) *exec.Cmd {
		says = strings.ReplaceAll(says, "office:", "recipient@"+d.host+":")
		return d.program("sh", append([]string{"-c", calmly, "pscp"}, append(append(d.putty(), "-sftp", "-q"), strings.Fields(says)...)...)...)
	}}

	rclone = client{name: "rclone", needs: "rclone", does: func(d *desktop, says string) *exec.Cmd {
		args := []string{"--config", d.path("rclone.conf"), "--cache-dir", d.path("cache"), "--retries", "1", "--low-level-retries", "1"}
		return d.program("rclone", append(args, strings.Fields(says)...)...)
	}}

	// curl's library knows only the old MACs, and has no way to be told of a known
	// host but a file in the home directory.
	curl = client{name: "curl", needs: "curl", legacy: true, does: func(d *desktop, says string) *exec.Cmd {
		says = strings.ReplaceAll(says, "office:", "sftp://"+net.JoinHostPort(d.host, d.port))
		args := []string{"-sS", "-k", "-u", "recipient:", "--key", "key", "--pubkey", "key.pub"}
		for i, word := range strings.Split(says, "'") { // every second one is quoted
			if i%2 == 1 {
				args = append(args, word)
			} else {
				args = append(args, strings.Fields(word)...)
			}
		}
		return d.program("curl", args...)
	}}

	paramiko = client{name: "paramiko", needs: "/usr/bin/python3", does: func(d *desktop, says string) *exec.Cmd {
		return d.program("/usr/bin/python3", "-W", "ignore", "-c", fmt.Sprintf(`
import paramiko, os, stat, sys
c = paramiko.SSHClient()
c.load_host_keys("known")
c.connect(%q, %s, "recipient", key_filename="key", look_for_keys=False, allow_agent=False)
s = c.open_sftp()
def tree(there, here):
    os.mkdir(here)
    for f in s.listdir_attr(there):
        get = tree if stat.S_ISDIR(f.st_mode) else s.get
        get(there + "/" + f.filename, here + "/" + f.filename)
%s
s.close()
c.close()
`, d.host, d.port, says))
	}}

	// What is said is the body of an async function; s has all of SFTP's methods
	// as promises.
	ssh2 = client{name: "ssh2", needs: "node", does: func(d *desktop, says string) *exec.Cmd {
		cmd := d.program("node", "-e", fmt.Sprintf(`
const fs = require("fs"), { Client } = require("ssh2")
const c = new Client()
let done = false // without this a script ends well when the line breaks under it
c.on("error", fail).on("close", () => done || fail(new Error("the line broke"))).on("ready", () => c.sftp((err, sftp) => {
  if (err) fail(err)
  const s = new Proxy({}, { get: (_, name) => (...args) => new Promise((yes, no) =>
    sftp[name](...args, (err, result) => err ? no(err) : yes(result))) })
  const pipe = (from, to) => require("stream/promises").pipeline(from, to)
  ;(async () => { %s })().then(() => { done = true; c.end() }, fail)
}))
c.connect({ host: %q, port: %s, username: "recipient", privateKey: fs.readFileSync("key"),
  hostVerifier: key => fs.readFileSync("known", "utf8").includes(key.toString("base64")) })
function fail(err) { console.error(err.message); process.exit(1) }
`, says, d.host, d.port))
		cmd.Env = append(cmd.Env, "NODE_PATH="+os.Getenv("DARSD_NODE_MODULES"))
		return cmd
	}}
)

// there skips the test where a client's program is missing, but not where
// everything is to be tested.
func (c client) there(t *testing.T) {
	t.Helper()
	needs(t, c.needs)
	missing := ""
	switch c.name {
	case "paramiko":
		if exec.Command(c.needs, "-c", "import paramiko").Run() != nil {
			missing = "the Python module paramiko is not installed"
		}
	case "ssh2":
		if _, err := os.Stat(filepath.Join(os.Getenv("DARSD_NODE_MODULES"), "ssh2")); err != nil {
			missing = "DARSD_NODE_MODULES does not name a folder that has the module ssh2"
		}
	}
	switch {
	case missing == "":
	case os.Getenv("DARSD_REQUIRE_ALL") == "1":
		t.Fatalf("%s, and DARSD_REQUIRE_ALL=1 asks for it", missing)
	default:
		t.Skip(missing)
	}
}

// An account is what the ledger knows of one file, over all handles.
type account struct{ sent, confirmed dars.Ranges }

// accounts waits until everybody has left, so that all is settled, and adds up.
func (o *office) accounts() map[dars.FileID]account {
	o.t.Helper()
	for began := time.Now(); ; time.Sleep(time.Millisecond) {
		if here, _ := o.server.open(); len(here) == 0 {
			break
		}
		if time.Since(began) > time.Minute {
			o.t.Fatal("somebody is still here")
		}
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	all := map[dars.FileID]account{}
	for _, b := range o.books {
		if !b.settled {
			o.t.Errorf("a download of %s was never settled", b.File)
		}
		a := all[b.File]
		all[b.File] = account{a.sent.Add(b.sent...), a.confirmed.Add(b.confirmed...)}
	}
	return all
}
