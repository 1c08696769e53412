package sftpd

import (
	"bytes"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/binary"
	"io"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/crypto/ssh"

	"darsd/dars"
)

// try signs in with some keys, and returns what was said before it was known
// whether they are good.
func (o *office) try(login string, keys ...ssh.Signer) (*ssh.Client, string, error) {
	var said strings.Builder
	nc := o.dial()
	c, channels, requests, err := ssh.NewClientConn(nc, o.addr, &ssh.ClientConfig{
		User: login, Auth: []ssh.AuthMethod{ssh.PublicKeys(keys...)}, HostKeyCallback: ssh.InsecureIgnoreHostKey(),
		BannerCallback: func(text string) error { said.WriteString(text); return nil },
	})
	if err != nil {
		nc.Close()
		return nil, said.String(), err
	}
	return ssh.NewClient(c, channels, requests), said.String(), nil
}

func signer(t *testing.T, key any) ssh.Signer {
	t.Helper()
	s, err := ssh.NewSignerFromKey(key)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func newED25519(t *testing.T) ssh.Signer {
	t.Helper()
	_, key, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return signer(t, key)
}

func newRSA(t *testing.T, bits int) ssh.Signer {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, bits)
	if err != nil {
		t.Fatal(err)
	}
	return signer(t, key)
}

// as has a signer use one algorithm.
func as(t *testing.T, s ssh.Signer, algorithm string) ssh.Signer {
	t.Helper()
	only, err := ssh.NewSignerWithAlgorithms(s.(ssh.AlgorithmSigner), []string{algorithm})
	if err != nil {
		t.Fatal(err)
	}
	return only
}

// certified is a key in a certificate of alice's for the day of the office,
// changed before and after it is signed.
func certified(t *testing.T, o *office, key, authority ssh.Signer, before, after func(*ssh.Certificate)) ssh.Signer {
	t.Helper()
	now := o.server.now()
	cert := &ssh.Certificate{
		Key: key.PublicKey(), Serial: 7, CertType: ssh.UserCert, KeyId: "alice's\nlaptop", ValidPrincipals: []string{"else", "alice"},
		ValidAfter: uint64(now.Add(-time.Hour).Unix()), ValidBefore: uint64(now.Add(time.Hour).Unix()),
	}
	if before != nil {
		before(cert)
	}
	if err := cert.SignCert(rand.Reader, authority); err != nil {
		t.Fatal(err)
	}
	if after != nil {
		after(cert)
	}
	s, err := ssh.NewCertSigner(cert, key)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestCertificates(t *testing.T) {
	o := open(t, func(o *office) { o.server.Limits = Limits{Failures: 1000} })
	key, authority, rsaAuthority := newED25519(t), newED25519(t), newRSA(t, 2048)
	for _, a := range []ssh.Signer{authority, rsaAuthority} {
		o.set(func() { o.keys["alice "+ssh.FingerprintSHA256(a.PublicKey())] = alice })
	}
	options := func(name, value string) func(*ssh.Certificate) {
		return func(c *ssh.Certificate) { c.CriticalOptions = map[string]string{name: value} }
	}
	for name, tt := range map[string]struct {
		authority     ssh.Signer
		key           ssh.Signer
		before, after func(*ssh.Certificate)
		in            bool
		told          string
	}{
		"good":                    {in: true},
		"good, of RSA":            {authority: as(t, rsaAuthority, ssh.KeyAlgoRSASHA256), in: true},
		"good, for RSA":           {key: newRSA(t, 2048), in: true},
		"good from here":          {before: options("source-address", "10.0.0.0/8,127.0.0.0/8"), in: true},
		"not from here":           {before: options("source-address", "10.0.0.0/8")},
		"not from anywhere":       {before: options("source-address", "")},
		"force-command":           {before: options("force-command", "ls"), told: "force-command"},
		"verify-required":         {before: options("verify-required", ""), told: "verify-required"},
		"for nobody":              {before: func(c *ssh.Certificate) { c.ValidPrincipals = nil }, told: "names no login"},
		"for somebody else":       {before: func(c *ssh.Certificate) { c.ValidPrincipals = []string{"bob", "Alice", "*"} }, told: "not for this login"},
		"for a host":              {before: func(c *ssh.Certificate) { c.CertType = ssh.HostCert }, told: "not for people"},
		"without an end":          {before: func(c *ssh.Certificate) { c.ValidBefore = ssh.CertTimeInfinity }, told: "has no end"},
		"as good as without":      {before: func(c *ssh.Certificate) { c.ValidBefore = 1<<63 + 1 }, told: "has no end"},
		"ended":                   {before: func(c *ssh.Certificate) { c.ValidBefore = uint64(o.clock.Unix()) }, told: "your certificate ended at 12:00 UTC on 1 March 2026"},
		"not begun":               {before: func(c *ssh.Certificate) { c.ValidAfter = uint64(o.clock.Unix()) + 1 }, told: "not yet"},
		"signed with SHA-1":       {authority: as(t, rsaAuthority, ssh.KeyAlgoRSA), told: "signed with ssh-rsa"},
		"of a short RSA key":      {key: newRSA(t, 1024), told: "fewer than 2048 bits"},
		"changed after signing":   {after: func(c *ssh.Certificate) { c.Serial = 8 }, told: "not valid"},
		"of an unknown authority": {authority: newED25519(t)},
	} {
		t.Run(name, func(t *testing.T) {
			if tt.authority == nil {
				tt.authority = authority
			}
			if tt.key == nil {
				tt.key = key
			}
			client, said, err := o.try("alice", certified(t, o, tt.key, tt.authority, tt.before, tt.after))
			if err == nil {
				client.Close()
			}
			if (err == nil) != tt.in || !strings.Contains(said, tt.told) || tt.told == "" && said != "" {
				t.Errorf("%v, and was told %q", err, said)
			}
		})
	}
	// A key is not good because a certificate of it is.
	if _, said, err := o.try("alice", key); err == nil || said != "" {
		t.Errorf("the bare key: %v, %q", err, said)
	}
}

func TestTheDeskSeesWhoComes(t *testing.T) {
	o := open(t)
	o.file("FILE0000001", 1000)
	key, authority := newED25519(t), newED25519(t)
	o.set(func() { o.keys["alice "+ssh.FingerprintSHA256(authority.PublicKey())] = alice })
	client, _, err := o.try("alice", certified(t, o, key, authority, nil, nil))
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	want := dars.Visitor{
		Login: "alice", Key: ssh.FingerprintSHA256(key.PublicKey()), From: home,
		Certificate: &dars.KeyCertificate{
			Authority: ssh.FingerprintSHA256(authority.PublicKey()), ID: "alice's\nlaptop", Serial: 7, Principals: []string{"else", "alice"},
			From: time.Unix(o.clock.Add(-time.Hour).Unix(), 0), Until: time.Unix(o.clock.Add(time.Hour).Unix(), 0),
		},
	}
	want.From = want.From.Unmap()
	o.set(func() {
		want.From = o.visitors[0].From
		if !reflect.DeepEqual(o.visitors[0], want) || want.From.String() != "127.0.0.1" {
			t.Errorf("%+v, want %+v", o.visitors[0], want)
		}
		o.visitors = nil
	})
	o.server.Recheck()
	o.until("the desk is asked again", func() bool {
		o.mu.Lock()
		defer o.mu.Unlock()
		return len(o.visitors) > 0 && reflect.DeepEqual(o.visitors[0], want)
	})
	sftp, _ := (&visitor{Client: client}).sftp(t)
	f, err := sftp.Open(at("FILE0000001"))
	if err != nil {
		t.Fatal(err)
	}
	io.Copy(io.Discard, f)
	f.Close()
	if b := o.settlement(); b.Visitor.Key != want.Key || b.Visitor.Certificate.String() != want.Certificate.String() {
		t.Errorf("the ledger has key %q and certificate %q", b.Visitor.Key, b.Visitor.Certificate)
	}
}

// A certificate's end is the session's, whatever is going on.
func TestTheSessionEndsWithItsCertificate(t *testing.T) {
	o := open(t)
	o.file("FILE0000001", 3<<20)
	key, authority := newED25519(t), newED25519(t)
	o.set(func() { o.keys["alice "+ssh.FingerprintSHA256(authority.PublicKey())] = alice })
	client, _, err := o.try("alice", certified(t, o, key, authority, nil, nil))
	if err != nil {
		t.Fatal(err)
	}
	v := &visitor{Client: client}
	ended := make(chan error, 1)
	go func() { ended <- client.Wait() }()
	sftp, said := v.sftp(t)
	f, err := sftp.Open(at("FILE0000001"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.Read(make([]byte, 1000)); err != nil {
		t.Fatal(err)
	}
	o.later(time.Hour)
	for err == nil {
		_, err = f.Seek(0, io.SeekStart)
		if err == nil {
			_, err = f.Read(make([]byte, 1000))
		}
	}
	if code(err) != statusPermissionDenied {
		t.Errorf("reading ended with %v", err)
	}
	if text := said.wait(t); !strings.Contains(text, "your certificate ended at 13:00 UTC on 1 March 2026") {
		t.Errorf("said: %q", text)
	}
	if _, err := sftp.Open(at("FILE0000001")); err == nil {
		t.Error("another file was opened")
	}
	select {
	case <-ended:
	case <-time.After(time.Minute):
		t.Error("she is still here")
	}
	if _, said, err := o.try("alice", certified(t, o, key, authority, func(c *ssh.Certificate) { c.ValidBefore -= 3600 }, nil)); err == nil || !strings.Contains(said, "ended at 13:00") {
		t.Errorf("she came back: %v, %q", err, said)
	}
}

// A fido is a security key, in software.
type fido struct {
	key   ed25519.PrivateKey
	flags byte // 1: it was touched
}

const skED25519 = "sk-ssh-ed25519@openssh.com"

func (f fido) PublicKey() ssh.PublicKey {
	blob := appendString(nil, skED25519)
	blob = appendString(blob, string(f.key.Public().(ed25519.PublicKey)))
	key, err := ssh.ParsePublicKey(appendString(blob, "ssh:"))
	if err != nil {
		panic(err)
	}
	return key
}

func (f fido) Sign(_ io.Reader, data []byte) (*ssh.Signature, error) {
	application, message := sha256.Sum256([]byte("ssh:")), sha256.Sum256(data)
	rest := binary.BigEndian.AppendUint32([]byte{f.flags}, 1)
	return &ssh.Signature{Format: skED25519, Blob: ed25519.Sign(f.key, slices.Concat(application[:], rest, message[:])), Rest: rest}, nil
}

func TestASecurityKeyMustBeTouched(t *testing.T) {
	o := open(t)
	_, key, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	authority := newED25519(t)
	o.set(func() {
		o.keys["alice "+ssh.FingerprintSHA256(fido{key, 0}.PublicKey())] = alice
		o.keys["alice "+ssh.FingerprintSHA256(authority.PublicKey())] = alice
	})
	for flags, in := range map[byte]bool{0: false, 1: true, 4: false, 5: true} {
		bare, inCertificate := ssh.Signer(fido{key, flags}), certified(t, o, fido{key, flags}, authority, nil, nil)
		for _, s := range []ssh.Signer{bare, inCertificate} {
			client, _, err := o.try("alice", s)
			if (err == nil) != in {
				t.Errorf("%s with flags %d: %v", s.PublicKey().Type(), flags, err)
			}
			if err == nil {
				client.Close()
			}
		}
	}
}

func TestOldSignaturesAreNotBelieved(t *testing.T) {
	o := open(t)
	long, short := newRSA(t, 2048), newRSA(t, 1024)
	o.set(func() {
		o.keys["alice "+ssh.FingerprintSHA256(long.PublicKey())] = alice
		o.keys["alice "+ssh.FingerprintSHA256(short.PublicKey())] = alice
	})
	for _, tt := range []struct {
		key  ssh.Signer
		in   bool
		told string
	}{
		{as(t, long, ssh.KeyAlgoRSASHA512), true, ""},
		{as(t, long, ssh.KeyAlgoRSASHA256), true, ""},
		{as(t, long, ssh.KeyAlgoRSA), false, ""},
		{as(t, short, ssh.KeyAlgoRSASHA512), false, "fewer than 2048 bits"},
	} {
		client, said, err := o.try("alice", tt.key)
		if (err == nil) != tt.in || !strings.Contains(said, tt.told) {
			t.Errorf("%v: %v, %q", tt.key.(ssh.MultiAlgorithmSigner).Algorithms(), err, said)
		}
		if err == nil {
			client.Close()
		}
	}
}

// A thief has somebody's public key, and no more.
type thief struct {
	ssh.Signer
	of ssh.PublicKey
}

func (t thief) PublicKey() ssh.PublicKey { return t.of }

func TestWhyIsToldToTheOwnerOfTheKeyOnly(t *testing.T) {
	o := open(t)
	_, hers := o.key("alice", alice)
	_, other := o.key("carol", "P-000003")
	o.set(func() { o.gone[alice] = "your access ended on 1 March\x1b[2J 2026" })
	if _, said, err := o.try("alice", hers); err == nil || said != "darsd: your access ended on 1 March [2J 2026\r\n" {
		t.Errorf("she: %v, %q", err, said)
	}
	for name, try := range map[string]struct {
		login string
		key   ssh.Signer
	}{
		"her public key":             {"alice", thief{newED25519(t), hers.PublicKey()}},
		"another key":                {"alice", other},
		"her key with another login": {"carol", hers},
		"a login that is not there":  {"dave", hers},
	} {
		if _, said, err := o.try(try.login, try.key); err == nil || said != "" {
			t.Errorf("%s: %v, %q", name, err, said)
		}
	}
	// Somebody turned away with one key may have another.
	_, second := o.key("alice", bob)
	client, said, err := o.try("alice", hers, second)
	if err != nil || said == "" {
		t.Fatalf("with another key: %v, %q", err, said)
	}
	client.Close()
}

func TestTooManyKeysGetAHint(t *testing.T) {
	o := open(t)
	var keys []ssh.Signer
	for range 12 {
		keys = append(keys, newED25519(t))
	}
	if _, said, err := o.try("alice", keys...); err == nil || !strings.Contains(said, "IdentitiesOnly yes") || strings.Count(said, "\n") != 1 {
		t.Errorf("%v, %q", err, said)
	}
	if _, said, err := o.try("alice", keys[:9]...); err == nil || said != "" {
		t.Errorf("nine keys: %v, %q", err, said)
	}
	if n := len(o.visitors); n != 10+9 {
		t.Errorf("the desk was asked about %d keys", n)
	}
}

// Access that ends between the offer of a key and the first channel is noticed:
// nobody else would ask again.
func TestAccessThatEndsDuringSignIn(t *testing.T) {
	o := open(t)
	_, hers := o.key("alice", alice)
	o.asked = func() {
		o.gone[alice] = "revoked"
		o.server.generation.Add(1)
	}
	client, _, err := o.try("alice", hers)
	if err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- client.Wait() }()
	select {
	case <-ended:
	case <-time.After(time.Minute):
		t.Error("she is in")
	}
}

func TestCertificateInOneLine(t *testing.T) {
	var none *dars.KeyCertificate
	if none.String() != "" {
		t.Errorf("none: %q", none)
	}
	c := &dars.KeyCertificate{ID: strings.Repeat("é", 100) + "\n", Serial: 1, Authority: "SHA256:x"}
	if got := c.String(); !strings.HasSuffix(got, ", serial 1, of SHA256:x") || len(got) > 100 || bytes.ContainsAny([]byte(got), "\n\x1b") {
		t.Errorf("%q", got)
	}
}

// A connection is one person's: the keys of the others whom somebody names on it are not
// even looked at, so that a good key is no licence to guess at others, and what is tried
// counts against the login that was said first.
func TestOneLoginOnAConnection(t *testing.T) {
	o := open(t)
	_, hers := o.key("alice", alice)
	_, his := o.key("bob", bob)
	in := &signIn{c: &conn{server: o.server, ctx: t.Context(), log: o.server.Log, from: here}, limits: o.server.limits()}
	offer := func(login string, key ssh.Signer) error {
		_, err := in.offered(someone{login: login}, key.PublicKey())
		return err
	}
	if err := offer("bob", newED25519(t)); err != errNobody {
		t.Errorf("a wrong key: %v", err)
	}
	o.set(func() { o.visitors = nil })
	if err := offer("alice", hers); err != errNobody {
		t.Errorf("the key of another login: %v", err)
	}
	if len(o.visitors) > 0 {
		t.Errorf("the desk was asked about %+v", o.visitors)
	}
	if err := offer("bob", his); err != nil {
		t.Errorf("the key of the first: %v", err)
	}
	in.failed()
	th := &o.server.throttle
	if r := th.addresses[address(here)]; r == nil || r.points != failure || len(th.logins) != 1 || th.logins[th.hash("bob")] == nil {
		t.Errorf("counted are %+v, of %d logins", r, len(th.logins))
	}
}

// Somebody who says a login.
type someone struct {
	ssh.ConnMetadata
	login string
}

func (s someone) User() string { return s.login }
