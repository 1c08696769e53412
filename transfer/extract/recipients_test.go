package extract

import (
	"bytes"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/rsa"
	"errors"
	"io"
	"strings"
	"testing"

	"filippo.io/age"
	"filippo.io/age/agessh"
	"golang.org/x/crypto/ssh"

	"darsd/dars"
)

// parcel is a file that is kept or dropped.
type parcel struct {
	bytes.Buffer
	full          error
	kept, dropped int
}

func (p *parcel) Write(b []byte) (int, error) {
	if p.full != nil {
		return 0, p.full
	}
	return p.Buffer.Write(b)
}

func (p *parcel) Close() error { p.kept++; return nil }
func (p *parcel) Abort() error { p.dropped++; return nil }

func TestEncryptedToRecipients(t *testing.T) {
	one, err := age.GenerateX25519Identity()
	if err != nil {
		t.Fatal(err)
	}
	edPublic, edPrivate, _ := ed25519.GenerateKey(nil)
	edID, err := agessh.NewEd25519Identity(edPrivate)
	if err != nil {
		t.Fatal(err)
	}
	rsaPrivate, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	rsaID, err := agessh.NewRSAIdentity(rsaPrivate)
	if err != nil {
		t.Fatal(err)
	}
	to, err := ParseRecipients([]string{" " + one.Recipient().String() + "\n", authorized(t, edPublic), authorized(t, &rsaPrivate.PublicKey) + " rita@lab"})
	if err != nil {
		t.Fatal(err)
	}
	if name := to.Name("FILE0000001.csv"); name != "FILE0000001.csv.age" {
		t.Error(name)
	}
	for _, size := range []int{0, 1, 200_000} {
		var file parcel
		text := bytes.Repeat([]byte("a"), size)
		w, err := to.Wrap(&file)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write(text); err != nil {
			t.Fatal(err)
		}
		if err := w.Close(); err != nil || file.kept != 1 || file.dropped != 0 {
			t.Fatalf("kept %d times, dropped %d times: %v", file.kept, file.dropped, err)
		}
		for _, id := range []age.Identity{one, edID, rsaID} {
			plain, err := age.Decrypt(bytes.NewReader(file.Bytes()), id)
			if err != nil {
				t.Fatal(err)
			}
			if got, err := io.ReadAll(plain); err != nil || !bytes.Equal(got, text) {
				t.Errorf("%d bytes come back as %d: %v", size, len(got), err)
			}
		}
	}
}

// What is given up is dropped, and cannot be taken for whole.
func TestEncryptionGivenUp(t *testing.T) {
	id, _ := age.GenerateX25519Identity()
	to, err := ParseRecipients([]string{id.Recipient().String()})
	if err != nil {
		t.Fatal(err)
	}
	var file parcel
	w, _ := to.Wrap(&file)
	w.Write(bytes.Repeat([]byte("row\n"), 100_000))
	w.(interface{ Abort() error }).Abort()
	if file.kept != 0 || file.dropped != 1 {
		t.Errorf("kept %d times, dropped %d times", file.kept, file.dropped)
	}
	plain, err := age.Decrypt(bytes.NewReader(file.Bytes()), id)
	if err == nil {
		_, err = io.ReadAll(plain)
	}
	if err == nil {
		t.Error("it can be read to an end")
	}

	full := errors.New("the disk is full")
	file = parcel{}
	w, _ = to.Wrap(&file)
	w.Write([]byte("row\n"))
	file.full = full
	if err := w.Close(); !errors.Is(err, full) || file.kept != 0 || file.dropped != 1 {
		t.Errorf("kept %d times, dropped %d times: %v", file.kept, file.dropped, err)
	}
	if _, err := to.Wrap(&parcel{full: full}); !errors.Is(err, full) {
		t.Errorf("begun on a full disk: %v", err)
	}
}

func TestNoRecipients(t *testing.T) {
	to, err := ParseRecipients(nil)
	if err != nil || to.Any() || to.Name("a.csv") != "a.csv" {
		t.Error(err)
	}
	var file parcel
	if w, err := to.Wrap(&file); err != nil || w != &file {
		t.Errorf("%v", err)
	}
}

func TestKeysThatAreRefused(t *testing.T) {
	id, _ := age.GenerateX25519Identity()
	hybrid, err := age.GenerateHybridIdentity()
	if err != nil {
		t.Fatal(err)
	}
	small, err := rsa.GenerateKey(rand.Reader, 1024)
	if err != nil {
		t.Fatal(err)
	}
	edPublic, _, _ := ed25519.GenerateKey(nil)
	ed := authorized(t, edPublic)
	if _, err := ParseRecipients([]string{hybrid.Recipient().String()}); err != nil {
		t.Errorf("a hybrid key by itself: %v", err)
	}
	for name, tt := range map[string]struct {
		says string
		keys []string
	}{
		"an age key's private half": {"key 1 to encrypt to: it is a private key", []string{id.String()}},
		"an SSH private key":        {"it is a private key", []string{"-----BEGIN OPENSSH PRIVATE KEY-----\nb3Bl"}},
		"a letter wrong":            {"it is damaged", []string{strings.Replace(id.Recipient().String(), "age1", "age1q", 1)}},
		"half a key":                {"key 2 to encrypt to: it is damaged", []string{ed, ed[:40]}},
		"two in one":                {"more than one line", []string{ed + "\n" + ed}},
		"an ECDSA key":              {"cannot be encrypted to this kind", []string{"ecdsa-sha2-nistp256 AAAA"}},
		"a key on a token":          {"cannot be encrypted to this kind", []string{"sk-ssh-ed25519@openssh.com AAAA"}},
		"a small RSA key":           {"less than 2048 bits", []string{authorized(t, &small.PublicKey)}},
		"a login":                   {"no public key", []string{"rita"}},
		"nothing":                   {"no public key", []string{""}},
		"a hybrid key and another":  {"stand by themselves", []string{hybrid.Recipient().String(), ed}},
	} {
		to, err := ParseRecipients(tt.keys)
		var no *dars.Refusal
		if !errors.As(err, &no) || no.Rule != "recipient-key" || !strings.Contains(no.Sentence, tt.says) || to.Any() {
			t.Errorf("%s: %v", name, err)
			continue
		}
		for _, key := range tt.keys {
			if len(key) > 20 && strings.Contains(no.Sentence, key[:20]) {
				t.Errorf("%s: the key is repeated: %v", name, err)
			}
		}
	}
}

func authorized(t *testing.T, public any) string {
	t.Helper()
	key, err := ssh.NewPublicKey(public)
	if err != nil {
		t.Fatal(err)
	}
	return strings.TrimSpace(string(ssh.MarshalAuthorizedKey(key)))
}
