package documents

import (
	"crypto/x509"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"darsd/documents/signed"
)

// PoDoFo writes each signature twice, by its own hash and by the one that is asked for.
func TestSignedByPoDoFo(t *testing.T) {
	pdf, err := papers(press(false))["agreement"].PDF()
	if err != nil {
		t.Fatal(err)
	}
	sealed, err := sealOf(t, elliptical(t)).Put(pdf)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	issued, key, cert := filepath.Join(dir, "issued.pdf"), filepath.Join(dir, "key.pem"), filepath.Join(dir, "cert.pem")
	if err := os.WriteFile(issued, sealed, 0o600); err != nil {
		t.Fatal(err)
	}
	tool(t, "openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", key, "-out", cert, "-subj", "/O=Example University/CN=Alice", "-addext", "keyUsage=digitalSignature,nonRepudiation")
	own, err := os.ReadFile(cert)
	if err != nil {
		t.Fatal(err)
	}
	authority, err := signed.NewAuthority(own, "RA1")
	if err != nil {
		t.Fatal(err)
	}
	for _, hash := range []string{"SHA256", "SHA512"} {
		out := filepath.Join(dir, hash+".pdf")
		tool(t, "podofosign", "-in", issued, "-cert", cert, "-pkey", key, "-out", out, "-digest", hash)
		paper, err := os.ReadFile(out)
		if err != nil {
			t.Fatal(err)
		}
		a, err := reader().Signatures(t.Context(), paper)
		if err != nil || a.Fault != "" || len(a.Signatures) != 1 || a.Issued != len(sealed) {
			t.Fatalf("%s: %d signatures, fault %q, %v", hash, len(a.Signatures), a.Fault, err)
		}
		if who, err := (signed.Trust{authority}).Of(a.Signatures[0], time.Now()); err != nil || who.Says[0] != "Example University" {
			t.Errorf("%+v, %v", who, err)
		}
	}
}

// An agreement of ours, sealed, signed by a program that others use.
func TestSignedByPoppler(t *testing.T) {
	pdf, err := papers(press(false))["agreement"].PDF()
	if err != nil {
		t.Fatal(err)
	}
	sealed, err := sealOf(t, elliptical(t)).Put(pdf)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	nss, issued, once, twice := filepath.Join(dir, "nss"), filepath.Join(dir, "issued.pdf"), filepath.Join(dir, "once.pdf"), filepath.Join(dir, "twice.pdf")
	noise := filepath.Join(dir, "noise")
	for _, err := range []error{os.Mkdir(nss, 0o700), os.WriteFile(issued, sealed, 0o600), os.WriteFile(noise, []byte(strings.Repeat("noise", 20)), 0o600)} {
		if err != nil {
			t.Fatal(err)
		}
	}
	tool(t, "certutil", "-N", "-d", nss, "--empty-password")
	tool(t, "certutil", "-S", "-d", nss, "-n", "alice", "-s", "CN=Alice,O=Example University", "-x", "-t", "CTu,Cu,Cu", "-z", noise, "-v", "24", "--keyUsage", "digitalSignature,nonRepudiation")
	own := tool(t, "certutil", "-L", "-d", nss, "-n", "alice", "-a")
	tool(t, "pdfsig", "-nssdir", nss, "-add-signature", "-nick", "alice", issued, once)
	tool(t, "pdfsig", "-nssdir", nss, "-add-signature", "-nick", "alice", once, twice)
	authority, err := signed.NewAuthority(own, "RA1")
	if err != nil {
		t.Fatal(err)
	}
	for n, file := range []string{issued, once, twice} {
		paper, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		a, err := reader().Signatures(t.Context(), paper)
		if err != nil || a.Fault != "" || len(a.Signatures) != n || a.Issued != len(sealed) || a.Borne != (n > 0) {
			t.Fatalf("%s: %d signatures, fault %q, %v", file, len(a.Signatures), a.Fault, err)
		}
		for _, s := range a.Signatures {
			if who, err := (signed.Trust{authority}).Of(s, time.Now()); err != nil || who.Says[0] != "Example University" {
				t.Errorf("%+v, %v", who, err)
			}
			if _, err := (signed.Trust{}).Of(s, time.Now()); err == nil {
				t.Error("it is accepted from nobody")
			}
			if _, err := x509.ParseCertificate(s.Chain[0]); err != nil {
				t.Error(err)
			}
		}
	}
}
