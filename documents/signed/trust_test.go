package signed

import (
	"crypto/x509"
	"crypto/x509/pkix"
	"slices"
	"strings"
	"testing"
	"time"
)

func TestTrust(t *testing.T) {
	root := authority(t, "Example Root")
	between := authority(t, "Example Issuer", root)
	alice := identity(t, "Alice", root)
	deep := identity(t, "Deep", between)
	deep.more = []*x509.Certificate{between.cert}
	bob := identity(t, "Bob") // by himself
	server := certified(t, &x509.Certificate{Subject: pkix.Name{CommonName: "www.example.org"}, KeyUsage: x509.KeyUsageKeyEncipherment}, root)
	signing := x509.KeyUsageDigitalSignature
	web := certified(t, &x509.Certificate{Subject: pkix.Name{CommonName: "www"}, KeyUsage: signing, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}}, root)
	card := certified(t, &x509.Certificate{Subject: pkix.Name{CommonName: "Card", Organization: []string{"University of Card"}}, KeyUsage: signing,
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth, x509.ExtKeyUsageEmailProtection}}, root)
	under, err := NewAuthority(root.pem(), "RA1", "RA2")
	if err != nil {
		t.Fatal(err)
	}
	himself, err := NewAuthority(append([]byte("Bob's own\n"), bob.pem()...), "RA3")
	if err != nil {
		t.Fatal(err)
	}
	for name, tt := range map[string]struct {
		by       *person
		at       time.Time
		received time.Time
		orgs     []string
		wrong    string
	}{
		"under an authority":         {by: alice, at: today, received: today, orgs: []string{"RA1", "RA2"}},
		"under one of its":           {by: deep, at: today, received: today, orgs: []string{"RA1", "RA2"}},
		"accepted himself":           {by: bob, at: today, received: today, orgs: []string{"RA3"}},
		"of a rehearsal":             {by: bob, at: today, orgs: []string{"RA3"}},
		"without a time":             {by: bob, received: today, orgs: []string{"RA3"}},
		"expired since":              {by: bob, at: today, received: today.AddDate(5, 0, 0), orgs: []string{"RA3"}},
		"expired, without a time":    {by: bob, received: today.AddDate(5, 0, 0), wrong: "not valid on"},
		"not valid yet":              {by: bob, at: today.AddDate(-5, 0, 0), received: today, wrong: "not valid on"},
		"signed tomorrow":            {by: bob, at: today.AddDate(0, 0, 3), received: today, wrong: "after it came here"},
		"under nobody known":         {by: identity(t, "Mallory"), at: today, received: today, wrong: "no authority"},
		"under another of that name": {by: identity(t, "Mallory", authority(t, "Example Root")), at: today, received: today, wrong: "no authority"},
		"a web server's":             {by: web, at: today, received: today, wrong: "for a server or a program"},
		"a person's card":            {by: card, at: today, received: today, orgs: []string{"RA1", "RA2"}},
		"under a person accepted":    {by: identity(t, "Eve", bob), at: today, received: today, wrong: "no authority"},
		"not for signing":            {by: server, at: today, received: today, wrong: "not for signing"},
	} {
		t.Run(name, func(t *testing.T) {
			s := Signature{At: tt.at, Chain: [][]byte{tt.by.cert.Raw}}
			for _, c := range tt.by.more {
				s.Chain = append(s.Chain, c.Raw)
			}
			who, err := Trust{under, himself}.Of(s, tt.received)
			if (err == nil) != (tt.wrong == "") || err != nil && !strings.Contains(err.Error(), tt.wrong) {
				t.Fatalf("%v, want %q", err, tt.wrong)
			}
			if err == nil && (!slices.Equal(who.Organisations, tt.orgs) || len(who.Fingerprint) != 64 || !slices.Contains(who.Says, "University of "+tt.by.cert.Subject.CommonName)) {
				t.Errorf("%+v, want %v", who, tt.orgs)
			}
		})
	}
	for name, text := range map[string]string{"nothing": "", "no PEM": "hello", "a key": "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n", "rubbish": "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"} {
		if _, err := NewAuthority([]byte(text), "RA1"); err == nil {
			t.Errorf("%s is taken for an authority", name)
		}
	}
	if _, err := (Trust{under}).Of(Signature{}, today); err == nil {
		t.Error("no certificate at all is accepted")
	}
}
