package main

import (
	"cmp"
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"math/big"
	"strings"
	"testing"
	"time"

	"crypto/x509"

	"darsd/dars"
	"darsd/documents"
	"darsd/office"
)

// A seal that nobody should rely on is refused before it is the office's.
func TestWhichKeysMaySeal(t *testing.T) {
	now := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	curve := func(c elliptic.Curve) crypto.Signer { k, _ := ecdsa.GenerateKey(c, rand.Reader); return k }
	_, edwards, _ := ed25519.GenerateKey(rand.Reader)
	long, _ := rsa.GenerateKey(rand.Reader, 2048)
	t.Setenv("GODEBUG", "rsa1024min=0")
	weak, err := rsa.GenerateKey(rand.Reader, 1024)
	if err != nil {
		t.Fatal(err)
	}
	for name, tt := range map[string]struct {
		key  crypto.Signer
		days int // from now until the certificate ends
		want string
	}{
		"P-256":           {curve(elliptic.P256()), 365, ""},
		"RSA":             {long, 365, ""},
		"P-384":           {curve(elliptic.P384()), 365, "neither ECDSA P-256 nor RSA"},
		"Ed25519":         {edwards, 365, "neither ECDSA P-256 nor RSA"},
		"RSA, short":      {weak, 365, "1024 bits"},
		"has ended":       {curve(elliptic.P256()), -1, "its certificate is valid from"},
		"begins too late": {curve(elliptic.P256()), 5000, "its certificate is valid from"},
	} {
		t.Run(name, func(t *testing.T) {
			from := now.AddDate(0, 0, min(tt.days-400, -2))
			if tt.days > 4000 {
				from = now.AddDate(1, 0, 0)
			}
			der, err := documents.SelfSigned(tt.key, "an office", big.NewInt(7), from, now.AddDate(0, 0, tt.days))
			if err != nil {
				t.Fatal(err)
			}
			certificate, err := x509.ParseCertificate(der)
			if err != nil {
				t.Fatal(err)
			}
			c := &call{house: &house{Office: &office.Office{Info: dars.Office{Name: "an office"}, Calendar: dars.Calendar{Zone: time.UTC}}}, act: dars.Act{At: now}}
			err = c.mayBeSeal(documents.Seal{Key: tt.key, Certificate: certificate})
			if (err == nil) != (tt.want == "") || err != nil && !strings.Contains(err.Error(), tt.want) {
				t.Errorf("it says %v, want something of %q", err, tt.want)
			}
		})
	}
}

// The operator is told half a year before.
func TestSealEnds(t *testing.T) {
	until := time.Date(2026, 9, 1, 0, 0, 0, 0, time.UTC)
	s := documents.Seal{Certificate: &x509.Certificate{NotAfter: until}}
	for days, want := range map[int]string{endsSoon + 1: "", endsSoon - 1: "ends on 1 September 2026", -1: "ended on 1 September 2026"} {
		if got := sealEnds(s, until.AddDate(0, 0, -days)); got != want && !strings.Contains(got, cmp.Or(want, "?")) {
			t.Errorf("%d days before it says %q", days, got)
		}
	}
}
