package sftpd

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/crypto/ssh"
)

// A keyring is a directory of host keys.
type keyring struct {
	t   *testing.T
	dir *os.Root
}

func newKeyring(t *testing.T) keyring {
	t.Helper()
	dir, err := os.OpenRoot(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { dir.Close() })
	return keyring{t, dir}
}

// must returns what the keys are known by.
func (k keyring) must(keys []ssh.Signer, err error) []string {
	k.t.Helper()
	if err != nil {
		k.t.Fatal(err)
	}
	return fingerprints(keys)
}

func fingerprints(keys []ssh.Signer) (all []string) {
	for _, key := range keys {
		all = append(all, ssh.FingerprintSHA256(key.PublicKey()))
	}
	return all
}

// asides are the keys that were put aside, of each kind; all files must be
// nobody else's.
func (k keyring) asides() (all []string) {
	k.t.Helper()
	files, err := fs.ReadDir(k.dir.FS(), ".")
	if err != nil {
		k.t.Fatal(err)
	}
	for _, f := range files {
		if info, err := f.Info(); err != nil || info.Mode() != 0o600 {
			k.t.Errorf("%s: %v, %v", f.Name(), info.Mode(), err)
		}
		if strings.HasSuffix(f.Name(), "Z") {
			text, err := k.dir.ReadFile(f.Name())
			if err != nil {
				k.t.Fatal(err)
			}
			key, err := ssh.ParsePrivateKey(text)
			if err != nil {
				k.t.Fatal(err)
			}
			all = append(all, ssh.FingerprintSHA256(key.PublicKey()))
		}
	}
	return all
}

func TestHostKeysAreSwitched(t *testing.T) {
	k := newKeyring(t)
	old := k.must(HostKeys(k.dir))
	if next := k.must(NextHostKeys(k.dir)); next != nil {
		t.Errorf("next before they are made: %v", next)
	}
	if _, err := SwitchHostKeys(k.dir, someday); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("switched to nothing: %v", err)
	}
	next := k.must(PrepareHostKeys(k.dir))
	if again := k.must(PrepareHostKeys(k.dir)); !slices.Equal(again, next) || slices.Contains(old, next[0]) || slices.Contains(old, next[1]) {
		t.Errorf("next are %v, then %v, and old are %v", next, again, old)
	}
	if loaded, current := k.must(NextHostKeys(k.dir)), k.must(HostKeys(k.dir)); !slices.Equal(loaded, next) || !slices.Equal(current, old) {
		t.Errorf("loaded are %v and %v", current, loaded)
	}
	if switched := k.must(SwitchHostKeys(k.dir, someday)); !slices.Equal(switched, next) {
		t.Errorf("switched to %v, not %v", switched, next)
	}
	if current, after := k.must(HostKeys(k.dir)), k.must(NextHostKeys(k.dir)); !slices.Equal(current, next) || after != nil {
		t.Errorf("after that %v and %v", current, after)
	}
	if asides := k.asides(); !slices.Equal(asides, old) {
		t.Errorf("aside are %v, not %v", asides, old)
	}
	if _, err := k.dir.Stat("ssh_host_ed25519_key.20260301T120000Z"); err != nil {
		t.Error(err)
	}
	if _, err := SwitchHostKeys(k.dir, someday); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("switched twice: %v", err)
	}
}

// However many programs switch, one does.
func TestHostKeysAreSwitchedOnce(t *testing.T) {
	k := newKeyring(t)
	old, next := k.must(HostKeys(k.dir)), []string(nil)
	var all sync.WaitGroup
	var mu sync.Mutex
	for range 3 {
		all.Go(func() {
			keys, err := PrepareHostKeys(k.dir)
			mu.Lock()
			defer mu.Unlock()
			if next == nil {
				next = fingerprints(keys)
			}
			if err != nil || !slices.Equal(fingerprints(keys), next) {
				t.Errorf("prepared %v, %v", keys, err)
			}
		})
	}
	all.Wait()
	won := 0
	for i := range 8 {
		all.Go(func() {
			if i%2 == 0 {
				keys, err := HostKeys(k.dir)
				if got := fingerprints(keys); err != nil || !slices.Equal(got, old) && !slices.Equal(got, next) {
					t.Errorf("meanwhile the keys are %v, %v", got, err)
				}
				return
			}
			_, err := SwitchHostKeys(k.dir, someday.Add(time.Duration(i)*time.Second))
			mu.Lock()
			defer mu.Unlock()
			if err == nil {
				won++
			} else if !errors.Is(err, fs.ErrNotExist) {
				t.Error(err)
			}
		})
	}
	all.Wait()
	if asides := k.asides(); won != 1 || !slices.Equal(asides, old) || !slices.Equal(k.must(HostKeys(k.dir)), next) {
		t.Errorf("%d switched, and aside are %v", won, asides)
	}
}

// The power may fail after each step of making and switching. The keys are then
// the old ones or the new ones, and it can be gone on with.
func TestHostKeysOutliveAPowerCut(t *testing.T) {
	first := newKeyring(t)
	old := first.must(HostKeys(first.dir))
	next := first.must(PrepareHostKeys(first.dir))
	const stamp = ".20260301T110000Z"
	steps := []func(dir *os.Root) error{
		func(dir *os.Root) error { return nil },
		func(dir *os.Root) error { return dir.Link(ed, ed+stamp) },
		func(dir *os.Root) error { return dir.Link(oldRSA, oldRSA+stamp) },
		func(dir *os.Root) error { return dir.Rename(ed+nextEnding, ed) },
		func(dir *os.Root) error { return dir.Rename(oldRSA+nextEnding, oldRSA) },
	}
	for n := range len(steps) {
		for name, goOn := range map[string]func(*os.Root) ([]ssh.Signer, error){
			"load":    HostKeys,
			"prepare": PrepareHostKeys,
			"switch":  func(dir *os.Root) ([]ssh.Signer, error) { return SwitchHostKeys(dir, someday) },
		} {
			k := newKeyring(t)
			for _, file := range []string{ed, oldRSA, ed + nextEnding, oldRSA + nextEnding} {
				text, err := first.dir.ReadFile(file)
				if err == nil {
					err = k.dir.WriteFile(file, text, 0o600)
				}
				if err != nil {
					t.Fatal(err)
				}
			}
			for _, step := range steps[:n+1] {
				if err := step(k.dir); err != nil {
					t.Fatal(err)
				}
			}
			// From the first rename on there is no way back, and nothing is left to switch.
			if _, err := goOn(k.dir); err != nil && !(name == "switch" && n >= 3 && errors.Is(err, fs.ErrNotExist)) {
				t.Errorf("after step %d: %s: %v", n, name, err)
			}
			want := old
			if n >= 3 || name == "switch" {
				want = next
			}
			if got := k.must(HostKeys(k.dir)); !slices.Equal(got, want) {
				t.Errorf("after step %d and %s the keys are %v, not %v", n, name, got, want)
			}
			if asides := k.asides(); (n >= 2 || name == "switch") && !slices.Equal(asides, old) {
				t.Errorf("after step %d and %s there lie aside %v, not %v", n, name, asides, old)
			}
		}
	}
	// And while the next ones were made.
	if err := first.dir.Remove(oldRSA + nextEnding); err != nil {
		t.Fatal(err)
	}
	if got := first.must(NextHostKeys(first.dir)); got != nil {
		t.Errorf("half of them are %v", got)
	}
	if got := first.must(HostKeys(first.dir)); !slices.Equal(got, old) {
		t.Errorf("the keys are %v, not %v", got, old)
	}
	if got := first.must(PrepareHostKeys(first.dir)); got[0] != next[0] || got[1] == next[1] {
		t.Errorf("next are %v, and were %v", got, next)
	}
}

// A real client learns the next keys, and after the switch finds itself at home.
func TestOpenSSHLearnsTheNextHostKeys(t *testing.T) {
	program := needs(t, "sftp")
	k := newKeyring(t)
	current, err := HostKeys(k.dir)
	if err != nil {
		t.Fatal(err)
	}
	next, err := PrepareHostKeys(k.dir)
	if err != nil {
		t.Fatal(err)
	}
	for i, kind := range []string{ssh.KeyAlgoED25519, ssh.KeyAlgoRSASHA512, ssh.KeyAlgoRSASHA256} {
		t.Run(kind, func(t *testing.T) {
			// The client knows one key only, and so asks for that.
			o := open(t, func(o *office) { o.server.HostKeys, o.server.NextHostKeys = current, next })
			c := o.openssh(program)
			host, port, _ := net.SplitHostPort(o.addr)
			line := func(key ssh.Signer) string {
				return fmt.Sprintf("[%s]:%s %s", host, port, ssh.MarshalAuthorizedKey(key.PublicKey()))
			}
			known := filepath.Join(c.dir, "known")
			if err := os.WriteFile(known, []byte(line(current[min(i, 1)])), 0o600); err != nil {
				t.Fatal(err)
			}
			c.args = slices.Insert(c.args, 1, "-o", "UpdateHostKeys=yes", "-o", "HostKeyAlgorithms="+kind+",ssh-ed25519,rsa-sha2-512")
			lines := func() string { return string(c.file(t, "known")) }
			c.learns(t, func() bool { return strings.Count(lines(), "\n") >= 4 })
			for _, key := range slices.Concat(current, next) {
				if !strings.Contains(lines(), strings.TrimSpace(line(key))) {
					t.Errorf("not learned: %s", line(key))
				}
			}
			o.server.SetHostKeys(next, nil)
			if out, err := c.do(t, "ls /"); err != nil {
				t.Errorf("after the switch: %v\n%s", err, out)
			}
			c.learns(t, func() bool { return !strings.Contains(lines(), strings.TrimSpace(line(current[0]))) })
		})
	}
}

// learns has the client stay until something has come about. Sessions of a few
// milliseconds end before the keys are proved.
func (c *opensshClient) learns(t *testing.T, it func() bool) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	run := exec.CommandContext(ctx, c.args[0], c.args[1:]...)
	run.Dir = c.dir
	var errs bytes.Buffer
	run.Stderr = &errs
	in, err := run.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := run.StdoutPipe()
	if err == nil {
		err = run.Start()
	}
	if err != nil {
		t.Fatal(err)
	}
	said := bufio.NewScanner(out)
	for !it() && ctx.Err() == nil {
		io.WriteString(in, "pwd\n")
		for said.Scan() && !strings.HasPrefix(said.Text(), "Remote working directory") {
		}
	}
	in.Close()
	if err := run.Wait(); err != nil || !it() {
		t.Fatalf("the client has not learned: %v\n%s", err, errs.String())
	}
}

// Only what was announced is proved, to whoever asks.
func TestHostKeysAreProved(t *testing.T) {
	o := open(t, func(o *office) { o.server.NextHostKeys = []ssh.Signer{newED25519(t)} })
	v := o.visit(alice)
	var blobs []byte
	keys := slices.Concat(o.server.HostKeys, o.server.NextHostKeys)
	for _, key := range keys {
		blobs = appendString(blobs, string(key.PublicKey().Marshal()))
	}
	ok, answer, err := v.SendRequest("hostkeys-prove-00@openssh.com", true, blobs)
	if !ok || err != nil {
		t.Fatal(ok, err)
	}
	for _, key := range keys {
		var blob string
		if blob, answer, err = cutString(answer); err != nil {
			t.Fatal(err)
		}
		var signature ssh.Signature
		if err := ssh.Unmarshal([]byte(blob), &signature); err != nil || signature.Format == ssh.KeyAlgoRSA {
			t.Errorf("signed with %s, %v", signature.Format, err)
		}
		text := appendString(nil, "hostkeys-prove-00@openssh.com")
		text = appendString(text, string(v.SessionID()))
		text = appendString(text, string(key.PublicKey().Marshal()))
		if err := key.PublicKey().Verify(text, &signature); err != nil {
			t.Error(err)
		}
	}
	other := appendString(nil, string(newED25519(t).PublicKey().Marshal()))
	for _, wrong := range [][]byte{nil, other, slices.Concat(blobs, other), blobs[:len(blobs)-1], bytes.Repeat([]byte{0xff}, 100)} {
		if ok, answer, err := v.SendRequest("hostkeys-prove-00@openssh.com", true, wrong); ok || len(answer) > 0 || err != nil {
			t.Errorf("%.10x: %v, %x, %v", wrong, ok, answer, err)
		}
	}
}

// ssh-audit finds nothing that fails. It warns of the key exchanges that a
// quantum computer undoes, which are there for clients that know no other; and
// Debian's of two names that it is too old to know.
func TestSSHAudit(t *testing.T) {
	program := needs(t, "ssh-audit")
	for name, tt := range map[string]struct {
		set     func(*Server)
		allowed []string
	}{
		"default":     {func(*Server) {}, nil},
		"pq_only":     {func(s *Server) { s.PQOnly = true }, nil},
		"legacy_macs": {func(s *Server) { s.LegacyMACs = true }, []string{"using encrypt-and-MAC mode"}},
	} {
		t.Run(name, func(t *testing.T) {
			o := open(t, func(o *office) { tt.set(o.server) })
			_, port, _ := net.SplitHostPort(o.addr)
			out, err := exec.CommandContext(t.Context(), program, "-n", "-p", port, "127.0.0.1").CombinedOutput()
			text := string(out)
			if !strings.Contains(text, "(kex) mlkem768x25519-sha256") || !strings.Contains(text, "(kex) kex-strict-s-v00@openssh.com") || !strings.Contains(text, "(key) ssh-ed25519") || !strings.Contains(text, "(key) rsa-sha2-512") {
				t.Fatalf("%v\n%s", err, text)
			}
			for line := range strings.SplitSeq(text, "\n") {
				allowed := slices.ContainsFunc(append(tt.allowed, "post-quantum"), func(s string) bool { return strings.Contains(line, s) }) ||
					strings.Contains(line, "unknown algorithm") && (strings.Contains(line, "mlkem768x25519-sha256") || strings.Contains(line, "kex-strict-s-v00@openssh.com"))
				if strings.Contains(line, "[fail]") || strings.Contains(line, "[warn]") && !allowed {
					t.Error(line)
				}
			}
			// As it is found, so it stays usable.
			o.visit(alice).sftp(t)
		})
	}
}
