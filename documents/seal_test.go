package documents

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"math/big"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

var sealedAt = time.Date(2016, 3, 1, 12, 0, 0, 0, time.UTC)

// sealOf is a seal whose key is of a kind.
func sealOf(t testing.TB, key crypto.Signer) Seal {
	t.Helper()
	der, err := SelfSigned(key, "Health and Social Care Information Centre", big.NewInt(1), sealedAt.AddDate(-1, 0, 0), sealedAt.AddDate(30, 0, 0))
	if err != nil {
		t.Fatal(err)
	}
	certificate, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	return Seal{Certificate: certificate, Key: key}
}

func elliptical(t testing.TB) crypto.Signer {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

// A sealed paper is the paper with a seal behind it, which readers of PDF and we
// ourselves find whole.
func TestSeal(t *testing.T) {
	large, err := rsa.GenerateKey(rand.Reader, 3072)
	if err != nil {
		t.Fatal(err)
	}
	pdf, err := papers(press(false))["agreement"].PDF()
	if err != nil {
		t.Fatal(err)
	}
	for name, key := range map[string]crypto.Signer{"P-256": elliptical(t), "RSA": large} {
		t.Run(name, func(t *testing.T) {
			s := sealOf(t, key)
			sealed, err := s.Put(pdf)
			if err != nil {
				t.Fatal(err)
			}
			keep(t, "sealed-"+name, sealed)
			if again, err := s.Put(pdf); err != nil || !bytes.Equal(again, sealed) {
				t.Errorf("sealed again it is another file: %v", err)
			}
			if !bytes.HasPrefix(sealed, pdf) {
				t.Error("the paper's own bytes are others")
			}
			r, err := ReadSeal(sealed)
			if err != nil || r.Added != 0 || r.At.Format(time.DateOnly) != "2016-03-15" || !r.Certificate.Equal(s.Certificate) {
				t.Errorf("it reads as %+v, %v", r, err)
			}
			if was, is := read(t, pdf), read(t, sealed); len(is.Text) != len(was.Text) {
				t.Errorf("it has %d pages to our own reader, and had %d", len(is.Text), len(was.Text))
			}
			file := filepath.Join(t.TempDir(), "paper.pdf")
			if err := os.WriteFile(file, sealed, 0o600); err != nil {
				t.Fatal(err)
			}
			if out := string(tool(t, "pdfsig", "-nocert", file)); !strings.Contains(out, "Signature is Valid.") || !strings.Contains(out, "Total document signed") || !strings.Contains(out, "ETSI.CAdES.detached") {
				t.Errorf("pdfsig says %s", out)
			}
			tool(t, "qpdf", "--check", file)
		})
	}
}

// Whatever is done to a sealed paper is seen.
func TestSealIsBroken(t *testing.T) {
	pdf, err := papers(press(false))["letter-approved"].PDF()
	if err != nil {
		t.Fatal(err)
	}
	sealed, err := sealOf(t, elliptical(t)).Put(pdf)
	if err != nil {
		t.Fatal(err)
	}
	tests := map[string]struct {
		spoil func(b []byte) []byte
		want  string
	}{
		"a paper without one":   {func([]byte) []byte { return pdf }, "no seal"},
		"no paper at all":       {func([]byte) []byte { return []byte("hello") }, "no seal"},
		"a digit altered":       {func(b []byte) []byte { b[bytes.Index(b, []byte("CreationDate (D:2"))+16] = '3'; return b }, "altered"},
		"the last byte gone":    {func(b []byte) []byte { return b[:len(b)-1] }, "is not there"},
		"the date of the seal":  {func(b []byte) []byte { b[bytes.Index(b, []byte("/M (D:2016"))+9] = '7'; return b }, "altered"},
		"it covers less":        {func(b []byte) []byte { return bytes.Replace(b, []byte("/ByteRange [0 "), []byte("/ByteRange [1 "), 1) }, "no seal"},
		"its own bytes":         {func(b []byte) []byte { b[bytes.Index(b, []byte("/Contents <30"))+400] ^= 1; return b }, "seal"},
		"junk behind its bytes": {func(b []byte) []byte { copy(b[bytes.Index(b, []byte("0000>>>\nendobj"))-100:], "abab"); return b }, "not written as the office"},
		"in capital letters": {func(b []byte) []byte {
			at := bytes.Index(b, []byte("/Contents <30")) + len("/Contents <")
			copy(b[at:], bytes.ToUpper(b[at:at+400]))
			return b
		}, "not written as the office"},
		"another's seal in its place": {func(b []byte) []byte { return b[:bytes.Index(b, []byte("/Contents <30"))+20] }, "is not there"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			_, err := ReadSeal(tt.spoil(bytes.Clone(sealed)))
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("it says %v, want something of %q", err, tt.want)
			}
		})
	}
	r, err := ReadSeal(append(bytes.Clone(sealed), "and more"...))
	if err != nil || r.Added != len("and more") {
		t.Errorf("of what was added it says %+v, %v", r, err)
	}
}

// A certificate ends, and what is sealed with it afterwards is told apart.
func TestSealOutsideValidity(t *testing.T) {
	s := sealOf(t, elliptical(t))
	for name, tt := range map[string]struct {
		at   time.Time
		want bool
	}{
		"within": {s.Certificate.NotBefore, true}, "on its first day": {s.Certificate.NotBefore.Truncate(24 * time.Hour), true},
		"before": {s.Certificate.NotBefore.AddDate(0, 0, -2), false}, "after": {s.Certificate.NotAfter.AddDate(0, 0, 1), false},
	} {
		if got := (SealRead{Certificate: s.Certificate, At: tt.at}).WithinValidity(); got != tt.want {
			t.Errorf("%s: %v, want %v", name, got, tt.want)
		}
	}
}

func FuzzReadSeal(f *testing.F) {
	pdf, err := press(false).New("Paper", "small", "CON-000001-X0X0X", "2016-03-01").PDF()
	if err != nil {
		f.Fatal(err)
	}
	sealed, err := sealOf(f, elliptical(f)).Put(pdf)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(sealed)
	f.Add(sealed[len(pdf):])
	f.Fuzz(func(t *testing.T, b []byte) {
		if r, err := ReadSeal(b); err == nil && r.Certificate == nil {
			t.Error("a seal of nobody")
		}
	})
}
