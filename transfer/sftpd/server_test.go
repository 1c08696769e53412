package sftpd

import (
	"bytes"
	"context"
	"io"
	"io/fs"
	"net"
	"os"
	"strings"
	"testing"
	"time"

	"golang.org/x/crypto/ssh"

	"darsd/dars"
)

func TestOnlyAKeyOpensTheDoor(t *testing.T) {
	o := open(t)
	_, hers := o.key("alice", alice)
	_, unknown := o.key("carol", "P-000003")
	try := func(login string, signer ssh.Signer) error {
		nc, err := net.Dial("tcp", o.addr)
		if err != nil {
			t.Fatal(err)
		}
		client, err := o.signIn(nc, login, signer)
		if err == nil {
			client.Close()
		}
		return err
	}
	if err := try("alice", hers); err != nil {
		t.Error(err)
	}
	who, key := try("nobody", hers), try("alice", unknown)
	if who == nil || key == nil || who.Error() != key.Error() {
		t.Errorf("unknown login: %v; unknown key: %v", who, key)
	}
	nc, err := net.Dial("tcp", o.addr)
	if err != nil {
		t.Fatal(err)
	}
	_, _, _, err = ssh.NewClientConn(nc, o.addr, &ssh.ClientConfig{
		User: "alice", Auth: []ssh.AuthMethod{ssh.Password("password")}, HostKeyCallback: ssh.InsecureIgnoreHostKey(),
	})
	if err == nil || !strings.Contains(err.Error(), "unable to authenticate") {
		t.Errorf("with a password: %v", err)
	}
}

func TestAlgorithmsBySetting(t *testing.T) {
	for name, tt := range map[string]struct {
		pqOnly, legacy bool
		client         ssh.Config
		in             bool
	}{
		"post-quantum only, and the client can":    {true, false, ssh.Config{KeyExchanges: []string{ssh.KeyExchangeMLKEM768X25519}}, true},
		"post-quantum only, and the client cannot": {true, false, ssh.Config{KeyExchanges: []string{ssh.KeyExchangeCurve25519}}, false},
		"old MACs for an old client":               {false, true, ssh.Config{Ciphers: []string{ssh.CipherAES128CTR}, MACs: []string{ssh.HMACSHA256}}, true},
	} {
		t.Run(name, func(t *testing.T) {
			o := open(t)
			o.server.PQOnly, o.server.LegacyMACs = tt.pqOnly, tt.legacy
			_, signer := o.key("alice", alice)
			nc, err := net.Dial("tcp", o.addr)
			if err != nil {
				t.Fatal(err)
			}
			defer nc.Close()
			_, _, _, err = ssh.NewClientConn(nc, o.addr, &ssh.ClientConfig{
				Config: tt.client, User: "alice", Auth: []ssh.AuthMethod{ssh.PublicKeys(signer)}, HostKeyCallback: ssh.InsecureIgnoreHostKey()})
			if (err == nil) != tt.in {
				t.Errorf("%v", err)
			}
		})
	}
}

func TestOldAlgorithmsAreNotSpoken(t *testing.T) {
	o := open(t)
	_, signer := o.key("alice", alice)
	for name, config := range map[string]ssh.Config{
		"NIST curve": {KeyExchanges: []string{ssh.KeyExchangeECDHP256}},
		"group 14":   {KeyExchanges: []string{ssh.KeyExchangeDH14SHA256}},
		"chacha20":   {Ciphers: []string{ssh.CipherChaCha20Poly1305}},
		"plain MAC":  {Ciphers: []string{ssh.CipherAES128CTR}, MACs: []string{ssh.HMACSHA256}},
	} {
		nc, err := net.Dial("tcp", o.addr)
		if err != nil {
			t.Fatal(err)
		}
		if _, _, _, err := ssh.NewClientConn(nc, o.addr, &ssh.ClientConfig{
			Config: config, User: "alice", Auth: []ssh.AuthMethod{ssh.PublicKeys(signer)}, HostKeyCallback: ssh.InsecureIgnoreHostKey(),
		}); err == nil || !strings.Contains(err.Error(), "no common algorithm") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// Who has been shut out is out at once, whatever they are doing.
func TestRevokedKeyEndsTheSession(t *testing.T) {
	o := open(t)
	hers, his := o.visit(alice), o.visit(bob)
	hers.sftp(t)
	o.set(func() { o.gone[alice] = "this key was revoked" })
	o.server.Recheck()
	ended := make(chan error, 1)
	go func() { ended <- hers.Wait() }()
	select {
	case <-ended:
	case <-time.After(time.Minute):
		t.Error("she is still here")
	}
	if _, err := his.NewSession(); err != nil {
		t.Errorf("he is not: %v", err)
	}
}

// Who is in the middle of a command then is told why, and not only that the line was closed.
func TestRevokedKeyIsToldToWhoRunsACommand(t *testing.T) {
	runs := make(chan bool)
	o := open(t, func(o *office) {
		o.run = func(ctx context.Context, _ dars.PersonID, _ []string, _ io.Reader, _, _ io.Writer) int {
			close(runs)
			<-ctx.Done()
			return 3
		}
	})
	session, err := o.visit(alice).NewSession()
	if err != nil {
		t.Fatal(err)
	}
	var said bytes.Buffer
	session.Stderr = &said
	if err := session.Start("todo"); err != nil {
		t.Fatal(err)
	}
	<-runs
	o.set(func() { o.gone[alice] = "this key was revoked" })
	o.server.Recheck()
	session.Wait()
	if said.String() != "darsd: this key was revoked\r\n" {
		t.Errorf("she is told %q", said.String())
	}
}

func TestServeEndsInPeace(t *testing.T) {
	o := open(t)
	content := o.file("FILE0000001", 3<<20)
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	served := make(chan error, 1)
	go func() { served <- o.server.Serve(ctx, ln) }()
	o.addr = ln.Addr().String()

	idle := o.visit(alice)
	busy := o.visit(alice)
	client, _ := busy.sftp(t)
	f, err := client.Open(at("FILE0000001"))
	if err != nil {
		t.Fatal(err)
	}
	stop()
	idle.Wait() // nothing is going on there: it is closed at once
	if _, err := client.Open(at("FILE0000001")); code(err) != statusFailure || !strings.Contains(err.Error(), "restarting") {
		t.Errorf("opened when closing: %v", err)
	}
	if nc, err := net.Dial("tcp", o.addr); err == nil {
		nc.Close()
		t.Error("somebody new was let in")
	}
	got, err := io.ReadAll(f)
	if err != nil || !bytes.Equal(got, content) {
		t.Errorf("what was going on did not come to its end: %d bytes, %v", len(got), err)
	}
	f.Close()
	if err := <-served; err != nil {
		t.Error(err)
	}
	same(t, "sent", o.settlement().sent, whole(3<<20))
}

func TestServeDoesNotWaitForEver(t *testing.T) {
	o := open(t, func(o *office) { o.server.Grace = 100 * time.Millisecond })
	o.file("FILE0000001", 3<<20)
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	served := make(chan error, 1)
	go func() { served <- o.server.Serve(ctx, ln) }()
	o.addr = ln.Addr().String()
	client, said := o.visit(alice).sftp(t)
	f, err := client.Open(at("FILE0000001"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.Read(make([]byte, 1000)); err != nil {
		t.Fatal(err)
	}
	stop()
	select {
	case err := <-served:
		if err != nil {
			t.Error(err)
		}
	case <-time.After(time.Minute):
		t.Fatal("it waits")
	}
	if b := o.settlement(); b.sent.Bytes() < 1000 {
		t.Errorf("sent %v", b.sent)
	}
	if text := said.wait(t); !strings.Contains(text, "restarting") {
		t.Errorf("said: %q", text)
	}
}

// Somebody who says nothing, and somebody who speaks another language.
func TestStrangersAreNoTrouble(t *testing.T) {
	o := open(t)
	for _, say := range []string{"", "GET / HTTP/1.1\r\n\r\n", "SSH-2.0-x\r\n\xff\xff\xff\xff\xff\xff\xff\xff"} {
		nc, err := net.Dial("tcp", o.addr)
		if err != nil {
			t.Fatal(err)
		}
		defer nc.Close()
		io.WriteString(nc, say)
	}
	o.visit(alice).sftp(t)
}

func TestHostKeysAreMadeOnce(t *testing.T) {
	dir := t.TempDir()
	root, err := os.OpenRoot(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer root.Close()
	var first []ssh.Signer
	made := make(chan []ssh.Signer)
	for range 2 { // two programs that start together
		go func() {
			keys, err := HostKeys(root)
			if err != nil {
				t.Error(err)
			}
			made <- keys
		}()
	}
	first = <-made
	for _, again := range [][]ssh.Signer{<-made} {
		for i := range again {
			if !bytes.Equal(first[i].PublicKey().Marshal(), again[i].PublicKey().Marshal()) {
				t.Errorf("key %d differs", i)
			}
		}
	}
	files, err := fs.ReadDir(root.FS(), ".")
	if err != nil || len(files) != 2 {
		t.Errorf("there are %v, %v", files, err)
	}
	for _, f := range files {
		info, err := f.Info()
		if err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("%s: %v, %v", f.Name(), info.Mode(), err)
		}
	}
	if err := root.Chmod("ssh_host_rsa_key", 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := HostKeys(root); err == nil || !strings.Contains(err.Error(), "chmod 600") {
		t.Errorf("a key that all can read: %v", err)
	}
}
