package signed

import (
	"bytes"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"slices"
	"time"
)

// ErrNotKnown is that an office which asks whether certificates were revoked cannot tell.
// That is no fault of who has signed: the paper waits until there is a newer list.
var ErrNotKnown = errors.New("it is not known whether the certificate of a signature was revoked")

// WithRevoked has an authority's lists of what it has revoked be asked (RFC 5280, 5): one
// in DER, or any number in PEM. Each is signed by a certificate of the authority's file.
// Of an authority whose lists cannot be read nothing is known.
func (a Authority) WithRevoked(text []byte) (Authority, error) {
	a.asked, a.lists = true, nil
	for _, der := range listsIn(text) {
		l, err := x509.ParseRevocationList(der)
		if err != nil {
			return a, errors.New("it holds something that is no list of revoked certificates")
		}
		for _, e := range l.Extensions {
			if e.Critical {
				return a, fmt.Errorf("the list of %s is one of several, and not of all that it has revoked", l.Issuer.CommonName)
			}
		}
		if !slices.ContainsFunc(a.certificates, func(c *x509.Certificate) bool { return l.CheckSignatureFrom(c) == nil }) {
			return a, fmt.Errorf("the list of %q is signed by none of the certificates", l.Issuer.CommonName)
		}
		a.lists = append(a.lists, l)
	}
	if len(a.lists) == 0 {
		return a, errors.New("it holds no list of revoked certificates")
	}
	return a, nil
}

func listsIn(text []byte) (all [][]byte) {
	if !bytes.Contains(text, []byte("-----BEGIN")) {
		return [][]byte{text}
	}
	for {
		var block *pem.Block
		if block, text = pem.Decode(text); block == nil {
			return all
		}
		all = append(all, block.Bytes)
	}
}

// Current says which of an authority's lists, if they are asked, is no longer good at a
// time.
func (a Authority) Current(at time.Time) error {
	for _, l := range a.lists {
		if a.newest(l.RawIssuer).stale(at) {
			return fmt.Errorf("the list of what %q has revoked was good until %s: fetch a newer one", l.Issuer.CommonName, l.NextUpdate.Format(time.DateOnly))
		}
	}
	return nil
}

// revocations are one list, or none.
type revocations struct{ *x509.RevocationList }

// newest is the newest list of an issuer.
func (a Authority) newest(issuer []byte) (found revocations) {
	for _, l := range a.lists {
		if bytes.Equal(l.RawIssuer, issuer) && (found.RevocationList == nil || l.ThisUpdate.After(found.ThisUpdate)) {
			found = revocations{l}
		}
	}
	return found
}

// stale reports whether a list says nothing at a time. A rehearsal's clock is not that of
// lists, and gives none.
func (l revocations) stale(at time.Time) bool {
	return l.RevocationList == nil || !at.IsZero() && (at.After(l.NextUpdate) || at.Add(slack).Before(l.ThisUpdate))
}

// revoked refuses a chain of which a certificate was revoked, whenever the signer says
// that it signed: who has stolen a key can say what they like.
func (a Authority) revoked(chain []*x509.Certificate, at time.Time) error {
	if !a.asked {
		return nil
	}
	unknown := error(nil)
	for i, c := range chain[:len(chain)-1] {
		l := a.newest(c.RawIssuer)
		if l.stale(at) || l.CheckSignatureFrom(chain[i+1]) != nil {
			unknown = fmt.Errorf("%w: there is no list of %q that is good now", ErrNotKnown, c.Issuer.CommonName)
			continue
		}
		for _, one := range l.RevokedCertificateEntries {
			if one.SerialNumber.Cmp(c.SerialNumber) == 0 {
				return fmt.Errorf("the certificate of %s was revoked on %s by who issued it: sign with another", subject(c), one.RevocationTime.Format(time.DateOnly))
			}
		}
	}
	return unknown
}
