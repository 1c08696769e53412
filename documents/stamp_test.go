package documents

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"math/big"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/digitorus/pkcs7"
)

// stampers makes OpenSSL an authority of the test's own, and returns what answers its
// questions.
func stampers(t *testing.T) (answer func(question []byte) []byte, certificate string) {
	t.Helper()
	dir := t.TempDir()
	in := func(name string) string { return filepath.Join(dir, name) }
	t.Setenv("STAMPS", dir)
	tool(t, "openssl", "req", "-config", "testdata/stamps.cnf", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", in("stamps.key"), "-out", in("stamps.pem"), "-days", "2")
	return func(question []byte) []byte {
		if err := os.WriteFile(in("question"), question, 0o600); err != nil {
			t.Fatal(err)
		}
		tool(t, "openssl", "ts", "-reply", "-config", "testdata/stamps.cnf", "-queryfile", in("question"), "-out", in("answer"))
		text, err := os.ReadFile(in("answer"))
		if err != nil {
			t.Fatal(err)
		}
		return text
	}, in("stamps.pem")
}

// A seal may carry somebody else's word of when it was made.
func TestSealIsStamped(t *testing.T) {
	answer, certificate := stampers(t)
	s := sealOf(t, elliptical(t))
	var stamp []byte
	s.Stamp = func(digest []byte) []byte {
		question, err := StampRequest(digest, big.NewInt(7))
		if err != nil {
			t.Fatal(err)
		}
		if stamp, err = ReadStamp(answer(question), digest, big.NewInt(7)); err != nil {
			t.Fatal(err)
		}
		return stamp
	}
	pdf, err := papers(press(false))["letter-approved"].PDF()
	if err != nil {
		t.Fatal(err)
	}
	sealed, err := s.Put(pdf)
	if err != nil {
		t.Fatal(err)
	}
	keep(t, "stamped", sealed)
	r, err := ReadSeal(sealed)
	if err != nil || r.StampedBy != "Stamps of Northshire" || time.Since(r.Stamped) > time.Hour || r.At.Format(time.DateOnly) == r.Stamped.Format(time.DateOnly) {
		t.Errorf("it reads as %+v, %v", r, err)
	}
	dir := t.TempDir()
	paper, token := filepath.Join(dir, "paper.pdf"), filepath.Join(dir, "token")
	for file, content := range map[string][]byte{paper: sealed, token: stamp} {
		if err := os.WriteFile(file, content, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if out := string(tool(t, "pdfsig", "-nocert", paper)); !strings.Contains(out, "Signature is Valid.") || !strings.Contains(out, "Total document signed") {
		t.Errorf("pdfsig says %s", out)
	}
	if out := string(tool(t, "openssl", "ts", "-verify", "-token_in", "-in", token, "-digest", hashOfSignature(t, sealed), "-CAfile", certificate)); !strings.Contains(out, "Verification: OK") {
		t.Errorf("openssl says %s", out)
	}

	// The stamp of one seal on another.
	other := s
	other.Stamp = func([]byte) []byte { return stamp }
	if sealed, err = other.Put(bytes.Replace(pdf, []byte("/CreationDate (D:2"), []byte("/CreationDate (D:1"), 1)); err != nil {
		t.Fatal(err)
	}
	if _, err := ReadSeal(sealed); err == nil || !strings.Contains(err.Error(), "of another seal") {
		t.Errorf("with another's time stamp: %v", err)
	}
}

// What an authority answers is held against what it was asked.
func TestReadStampRefuses(t *testing.T) {
	answer, _ := stampers(t)
	digest, other := sha256.Sum256([]byte("a")), sha256.Sum256([]byte("b"))
	question, err := StampRequest(digest[:], big.NewInt(7))
	if err != nil {
		t.Fatal(err)
	}
	good := answer(question)
	if _, err := ReadStamp(good, digest[:], big.NewInt(7)); err != nil {
		t.Fatal(err)
	}
	refusal := []byte{0x30, 0x05, 0x30, 0x03, 0x02, 0x01, 0x02}
	tests := map[string]struct {
		answer, digest []byte
		nonce          int64
		want           string
	}{
		"of something else":   {good, other[:], 7, "of something else"},
		"of another question": {good, digest[:], 8, "another question"},
		"altered":             {bytes.Replace(good, digest[:], other[:], 1), other[:], 7, "signature"},
		"cut short":           {good[:len(good)/2], digest[:], 7, "no time stamp"},
		"refused":             {refusal, digest[:], 7, "refused with status 2"},
		"a page of the web":   {[]byte("<html>"), digest[:], 7, "no time stamp"},
		"nothing":             {nil, digest[:], 7, "no time stamp"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			if token, err := ReadStamp(tt.answer, tt.digest, big.NewInt(tt.nonce)); err == nil || token != nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("it says %v, want something of %q", err, tt.want)
			}
		})
	}
}

func FuzzReadStamp(f *testing.F) {
	f.Add([]byte{0x30, 0x05, 0x30, 0x03, 0x02, 0x01, 0x02})
	f.Fuzz(func(t *testing.T, answer []byte) {
		if token, err := ReadStamp(answer, make([]byte, 32), big.NewInt(1)); err == nil {
			t.Errorf("%x is a time stamp of nothing", token)
		}
	})
}

// hashOfSignature is what a time stamp on a seal is of.
func hashOfSignature(t *testing.T, sealed []byte) string {
	t.Helper()
	m := ranges.FindSubmatch(sealed)
	signed := make([]byte, hex.DecodedLen(count9(m[2])-count9(m[1])-2))
	if _, err := hex.Decode(signed, sealed[count9(m[1])+1:count9(m[2])-1]); err != nil {
		t.Fatal(err)
	}
	p, err := pkcs7.Parse(trimmed(signed))
	if err != nil {
		t.Fatal(err)
	}
	sum := sha256.Sum256(p.Signers[0].EncryptedDigest)
	return hex.EncodeToString(sum[:])
}
