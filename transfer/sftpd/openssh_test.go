package sftpd

import (
	"bytes"
	"context"
	"encoding/pem"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"golang.org/x/crypto/ssh"

	"darsd/dars"
)

// needs finds a program, or skips the test: but not where everything is to be
// tested.
func needs(t *testing.T, program string) string {
	t.Helper()
	path, err := exec.LookPath(program)
	if err != nil {
		if os.Getenv("DARSD_REQUIRE_ALL") == "1" {
			t.Fatalf("%s is not installed, and DARSD_REQUIRE_ALL=1 asks for it", program)
		}
		t.Skipf("%s is not installed", program)
	}
	return path
}

// An opensshClient is the program sftp with a key of alice's.
type opensshClient struct {
	dir  string
	args []string
}

func (o *office) openssh(program string) *opensshClient {
	t := o.t
	t.Helper()
	private, _ := o.key("alice", alice)
	block, err := ssh.MarshalPrivateKey(private, "")
	if err != nil {
		t.Fatal(err)
	}
	c := &opensshClient{dir: t.TempDir()}
	host, port, _ := net.SplitHostPort(o.addr)
	known := ""
	for _, key := range hostKeys() {
		known += fmt.Sprintf("[%s]:%s %s", host, port, ssh.MarshalAuthorizedKey(key.PublicKey()))
	}
	for name, text := range map[string]string{"key": string(pem.EncodeToMemory(block)), "known": known} {
		if err := os.WriteFile(filepath.Join(c.dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	c.args = []string{
		program, "-F", "none", "-i", "key", "-o", "IdentitiesOnly=yes", "-o", "IdentityAgent=none", "-o", "BatchMode=yes", "-o", "UserKnownHostsFile=known",
		"-o", "GlobalKnownHostsFile=none", "-o", "StrictHostKeyChecking=yes", "-o", "LogLevel=ERROR", "-P", port, "-b", "-", "alice@" + host,
	}
	return c
}

// do runs commands of sftp's.
func (c *opensshClient) do(t *testing.T, commands ...string) (string, error) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	run := exec.CommandContext(ctx, c.args[0], c.args[1:]...)
	run.Dir = c.dir
	run.Stdin = strings.NewReader(strings.Join(commands, "\n") + "\n")
	out, err := run.CombinedOutput()
	return string(out), err
}

func (c *opensshClient) file(t *testing.T, name string) []byte {
	t.Helper()
	content, err := os.ReadFile(filepath.Join(c.dir, name))
	if err != nil {
		t.Fatal(err)
	}
	return content
}

func TestOpenSSH(t *testing.T) {
	program := needs(t, "sftp")
	o := open(t)
	const size = 20<<20 + 3
	content := o.file("FILE0000001", size)
	c := o.openssh(program)

	out, err := c.do(t, "ls -l "+at(""), "get "+at("FILE0000001")+" whole")
	if err != nil || !regexp.MustCompile(`-r--r----- .* 20971523 Mar +1 .*FILE0000001`).MatchString(out) {
		t.Errorf("ls and get: %v\n%s", err, out)
	}
	if !bytes.Equal(c.file(t, "whole"), content) {
		t.Error("other bytes came than there are")
	}
	b := o.settlement()
	same(t, "sent", b.sent, whole(size))
	same(t, "confirmed", b.confirmed, whole(size))

	// It had a part already.
	const had = 7<<20 + 1
	if err := os.WriteFile(filepath.Join(c.dir, "part"), content[:had], 0o600); err != nil {
		t.Fatal(err)
	}
	if out, err := c.do(t, "reget "+at("FILE0000001")+" part"); err != nil {
		t.Errorf("reget: %v\n%s", err, out)
	}
	if !bytes.Equal(c.file(t, "part"), content) {
		t.Error("other bytes came than there are")
	}
	b = o.settlement()
	same(t, "the rest confirmed", b.confirmed, dars.Ranges{{From: had, To: size}})

	// Upload, with times, resumed, renamed.
	if err := os.WriteFile(filepath.Join(c.dir, "a.pdf"), content[:1<<20], 0o600); err != nil {
		t.Fatal(err)
	}
	if out, err := c.do(t, "put -p a.pdf /submit/a.pdf", "mkdir /submit/dir", "rename /submit/a.pdf /submit/dir/b.pdf", "ls -l /submit/dir", "put whole /submit/whole"); err != nil || !strings.Contains(out, "1048576") {
		t.Errorf("put: %v\n%s", err, out)
	}
	if o.inTray("dir/b.pdf") != string(content[:1<<20]) || o.inTray("whole") != string(content) {
		t.Error("other bytes arrived than were sent")
	}
	if err := o.tray(alice).Put("whole", content[:1000], o.server.now()); err != nil {
		t.Fatal(err)
	}
	if out, err := c.do(t, "reput whole /submit/whole"); err != nil || o.inTray("whole") != string(content) {
		t.Errorf("reput: %v\n%s", err, out)
	}
	if out, err := c.do(t, "get /submit/whole back"); err == nil {
		t.Errorf("an upload can be fetched back\n%s", out)
	}
	if out, err := c.do(t, "put a.pdf /collect/a.pdf"); err == nil || !strings.Contains(out, "ermission denied") {
		t.Errorf("put into collect: %v\n%s", err, out)
	}
}

// Access ends while sftp fetches: it must say so, and must fail.
func TestOpenSSHIsToldThatAccessEnded(t *testing.T) {
	program := needs(t, "sftp")
	o := open(t)
	o.file("FILE0000001", 64<<20)
	c := o.openssh(program)
	// The clock passes Until when a part has gone.
	path := at("FILE0000001")[1:]
	o.set(func() {
		e := &o.roots[alice][0]
		e.Until = o.clock.Add(time.Minute)
	})
	o.reserved = func(r int64) {
		if r >= 32<<20 {
			o.clock = o.clock.Add(time.Hour)
		}
	}
	out, err := c.do(t, "get "+"/"+path+" part")
	if err == nil || !strings.Contains(out, "darsd: your access to release REL-000001 ended at 12:01 UTC on 1 March 2026; this file is incomplete") || !strings.Contains(out, "ermission denied") {
		t.Errorf("%v\n%s", err, out)
	}
	b := o.settlement()
	got := int64(len(c.file(t, "part")))
	if got == 0 || got > b.sent.Bytes() || b.sent.Bytes() > 32<<20 {
		t.Errorf("%d bytes arrived, and sent are %v", got, b.sent)
	}
}
