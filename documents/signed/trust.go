package signed

import (
	"crypto/sha256"
	"crypto/x509"
	"encoding/hex"
	"encoding/pem"
	"errors"
	"fmt"
	"slices"
	"time"
)

// A Trust is whose signatures the office accepts: those under the certificates of some
// authorities, or of some people themselves.
type Trust []Authority

// An Authority is a file of certificates, and for whom those under them may sign.
type Authority struct {
	Organisations []string
	certificates  []*x509.Certificate
	roots         *x509.CertPool
	asked         bool // whether what is under it was revoked
	lists         []*x509.RevocationList
}

// NewAuthority reads certificates, in PEM.
func NewAuthority(text []byte, organisations ...string) (Authority, error) {
	a := Authority{Organisations: organisations, roots: x509.NewCertPool()}
	found := false
	for {
		var block *pem.Block
		if block, text = pem.Decode(text); block == nil {
			break
		}
		c, err := x509.ParseCertificate(block.Bytes)
		if block.Type != "CERTIFICATE" || err != nil {
			return a, errors.New("it holds something that is no certificate")
		}
		found = true
		a.roots.AddCert(c)
		a.certificates = append(a.certificates, c)
	}
	if !found {
		return a, errors.New("it holds no certificate in PEM")
	}
	return a, nil
}

// A Signer is who has signed, as far as a certificate says.
type Signer struct {
	Fingerprint   string    // of the certificate: SHA-256, hex
	At            time.Time // as the signer says, or when it was received
	Organisations []string  // for one of which this may be
	Says          []string  // names of an organisation that stand in the certificate
}

// slack is how far the clock of a signer may be wrong.
const slack = 24 * time.Hour

// Of is who made a signature, if that is somebody whom the office accepts. The
// certificate has to be valid at the time that the signer gives, or without one when
// the paper was received (the zero time is no limit). That an authority has revoked it
// is known where its lists are asked (revoked.go); else who may sign no more is taken off
// the office's list.
func (t Trust) Of(s Signature, received time.Time) (who Signer, err error) {
	defer func() {
		if recover() != nil { // of a parser that outsiders write for
			err = errors.New("the certificate of the signature cannot be read")
		}
	}()
	if len(s.Chain) == 0 {
		return who, errors.New("the signature comes without a certificate")
	}
	by, err := x509.ParseCertificate(s.Chain[0])
	if err != nil {
		return who, errors.New("the certificate of the signature cannot be read")
	}
	sum := sha256.Sum256(by.Raw)
	who = Signer{Fingerprint: hex.EncodeToString(sum[:]), At: s.At, Says: append(by.Subject.Organization, by.Subject.OrganizationalUnit...)}
	switch {
	case s.At.IsZero():
		who.At = received
	case !received.IsZero() && s.At.After(received.Add(slack)):
		return who, fmt.Errorf("the signature says that it was made on %s, after it came here", s.At.Format(time.DateOnly))
	}
	if by.KeyUsage != 0 && by.KeyUsage&(x509.KeyUsageDigitalSignature|x509.KeyUsageContentCommitment) == 0 {
		return who, fmt.Errorf("the certificate of %s is not for signing papers", subject(by))
	}
	if onlyForMachines(by) {
		return who, fmt.Errorf("the certificate of %s is for a server or a program, and not for a person who signs", subject(by))
	}
	if !who.At.IsZero() && (who.At.Before(by.NotBefore) || who.At.After(by.NotAfter)) {
		return who, fmt.Errorf("the certificate of %s was not valid on %s, when it signed: it is from %s until %s", subject(by), who.At.Format(time.DateOnly), by.NotBefore.Format(time.DateOnly), by.NotAfter.Format(time.DateOnly))
	}
	return who, t.accept(&who, by, s.Chain[1:], received)
}

// notPeoples are the uses of certificates that no person's has alone (RFC 5280, 4.2.1.12).
var notPeoples = []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageCodeSigning, x509.ExtKeyUsageTimeStamping, x509.ExtKeyUsageOCSPSigning}

// onlyForMachines reports whether a certificate says that it is for such uses, and for no
// other: an organisation's own authority certifies its web servers as well.
func onlyForMachines(c *x509.Certificate) bool {
	return len(c.ExtKeyUsage) > 0 && len(c.UnknownExtKeyUsage) == 0 &&
		!slices.ContainsFunc(c.ExtKeyUsage, func(use x509.ExtKeyUsage) bool { return !slices.Contains(notPeoples, use) })
}

// accept finds the authorities under which a certificate stands.
func (t Trust) accept(who *Signer, by *x509.Certificate, others [][]byte, received time.Time) error {
	between := x509.NewCertPool()
	for _, der := range others {
		if c, err := x509.ParseCertificate(der); err == nil {
			between.AddCert(c)
		}
	}
	found := false
	var unknown error
	for _, a := range t {
		chains, err := by.Verify(x509.VerifyOptions{Roots: a.roots, Intermediates: between, CurrentTime: who.At, KeyUsages: []x509.ExtKeyUsage{x509.ExtKeyUsageAny}})
		if err != nil {
			continue
		}
		good := false
		for _, chain := range chains {
			switch err := a.revoked(chain, received); {
			case err == nil:
				good = true
			case errors.Is(err, ErrNotKnown):
				unknown = err
			default:
				return err
			}
		}
		if good {
			found = true
			who.Organisations = append(who.Organisations, a.Organisations...)
		}
	}
	switch {
	case !found && unknown != nil:
		return unknown
	case !found:
		return fmt.Errorf("it is signed with the certificate of %s, under no authority whose signatures this office accepts", subject(by))
	}
	return nil
}

// subject is whose a certificate is, in a few words.
func subject(c *x509.Certificate) string {
	name := c.Subject.CommonName
	if name == "" {
		name = c.Subject.String()
	}
	return fmt.Sprintf("%q", short(name))
}
