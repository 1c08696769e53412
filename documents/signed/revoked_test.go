package signed

import (
	"bytes"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"math/big"
	"strings"
	"testing"
	"time"
)

// revokes is an authority that may write lists of what it has revoked.
func revokes(t *testing.T, name string, by ...*person) *person {
	return certified(t, &x509.Certificate{Subject: pkix.Name{CommonName: name}, IsCA: true, KeyUsage: x509.KeyUsageCertSign | x509.KeyUsageCRLSign}, by...)
}

// listOf is what an authority has revoked, good for a week from a day, in DER.
func listOf(t *testing.T, by *person, from time.Time, more []pkix.Extension, revoked ...*person) []byte {
	t.Helper()
	l := &x509.RevocationList{Number: big.NewInt(from.Unix()), ThisUpdate: from, NextUpdate: from.AddDate(0, 0, 7), ExtraExtensions: more}
	for _, p := range revoked {
		l.RevokedCertificateEntries = append(l.RevokedCertificateEntries, x509.RevocationListEntry{SerialNumber: p.cert.SerialNumber, RevocationTime: from.AddDate(0, 0, -1)})
	}
	der, err := x509.CreateRevocationList(rand.Reader, l, by.cert, by.key)
	if err != nil {
		t.Fatal(err)
	}
	return der
}

func inPEM(lists ...[]byte) (all []byte) {
	for _, der := range lists {
		all = append(all, pem.EncodeToMemory(&pem.Block{Type: "X509 CRL", Bytes: der})...)
	}
	return all
}

// Who was revoked signs nothing any more, whenever they say that they did; and without a
// list that is good, nobody does.
func TestRevoked(t *testing.T) {
	root := revokes(t, "Example Root")
	between := revokes(t, "Example Issuer", root)
	alice, mallory, deep := identity(t, "Alice", root), identity(t, "Mallory", root), identity(t, "Deep", between)
	deep.more = []*x509.Certificate{between.cert}
	bob := identity(t, "Bob")
	under := append(append(root.pem(), between.pem()...), bob.pem()...)
	week := today.AddDate(0, 0, -1)
	old := listOf(t, root, today.AddDate(0, -1, 0), nil)
	for name, tt := range map[string]struct {
		by      *person
		lists   []byte
		at      time.Time // zero is today
		wrong   string
		unknown bool
	}{
		"not on it":               {by: alice, lists: listOf(t, root, week, nil, mallory)},
		"on it":                   {by: mallory, lists: listOf(t, root, week, nil, mallory), wrong: "was revoked on"},
		"signed long before":      {by: mallory, lists: listOf(t, root, week, nil, mallory), at: today.AddDate(0, -6, 0), wrong: "was revoked on"},
		"of an authority between": {by: deep, lists: inPEM(listOf(t, root, week, nil), listOf(t, between, week, nil, deep)), wrong: "was revoked on"},
		"and that one itself":     {by: deep, lists: inPEM(listOf(t, root, week, nil, between), listOf(t, between, week, nil)), wrong: "was revoked on"},
		"neither":                 {by: deep, lists: inPEM(listOf(t, root, week, nil), listOf(t, between, week, nil))},
		"no list of one of them":  {by: deep, lists: listOf(t, root, week, nil), unknown: true},
		"a list that has ended":   {by: alice, lists: old, unknown: true},
		"a newer one as well":     {by: mallory, lists: inPEM(old, listOf(t, root, week, nil, mallory)), wrong: "was revoked on"},
		"the newer one first":     {by: mallory, lists: inPEM(listOf(t, root, week, nil, mallory), old), wrong: "was revoked on"},
		"a list of next week":     {by: alice, lists: listOf(t, root, today.AddDate(0, 0, 7), nil), unknown: true},
		"accepted himself":        {by: bob, lists: listOf(t, root, week, nil)},
	} {
		t.Run(name, func(t *testing.T) {
			a, err := NewAuthority(under, "RA1")
			if err == nil {
				a, err = a.WithRevoked(tt.lists)
			}
			if err != nil {
				t.Fatal(err)
			}
			s := Signature{At: today, Chain: [][]byte{tt.by.cert.Raw}}
			if !tt.at.IsZero() {
				s.At = tt.at
			}
			for _, c := range tt.by.more {
				s.Chain = append(s.Chain, c.Raw)
			}
			_, err = Trust{a}.Of(s, today)
			if errors.Is(err, ErrNotKnown) != tt.unknown || !tt.unknown && (err == nil) != (tt.wrong == "") || tt.wrong != "" && !strings.Contains(err.Error(), tt.wrong) {
				t.Errorf("%v, want %q", err, tt.wrong)
			}
		})
	}
	a, _ := NewAuthority(under, "RA1")
	for name, lists := range map[string][]byte{
		"nothing":             nil,
		"no list":             []byte("hello"),
		"a certificate":       root.pem(),
		"somebody else's":     listOf(t, revokes(t, "Example Root"), week, nil),
		"one of several":      listOf(t, root, week, []pkix.Extension{{Id: []int{2, 5, 29, 28}, Critical: true, Value: []byte{0x30, 0}}}),
		"one that is altered": bytes.Replace(listOf(t, root, week, nil, mallory), mallory.cert.SerialNumber.Bytes(), alice.cert.SerialNumber.Bytes(), 1),
	} {
		broken, err := a.WithRevoked(lists)
		if err == nil {
			t.Errorf("%s is taken for a list", name)
		}
		if _, err := (Trust{broken}).Of(Signature{At: today, Chain: [][]byte{alice.cert.Raw}}, today); !errors.Is(err, ErrNotKnown) {
			t.Errorf("%s: %v, want nobody to be accepted", name, err)
		}
	}
	a, _ = a.WithRevoked(old)
	if err := a.Current(today); err == nil || !strings.Contains(err.Error(), `of what "Example Root" has revoked was good until`) {
		t.Errorf("of a list that has ended: %v", err)
	}
	if err := a.Current(today.AddDate(0, -1, 1)); err != nil {
		t.Error(err)
	}
}
