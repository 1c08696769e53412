package signed

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"encoding/hex"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"time"

	"github.com/digitorus/pkcs7"
)

// The names of things in a signature (RFC 5652, RFC 5035).
var (
	oidData            = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 7, 1}
	oidContentType     = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 9, 3}
	oidMessageDigest   = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 9, 4}
	oidSigningTime     = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 9, 5}
	oidCertificate     = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 9, 16, 2, 47}                              // signing-certificate-v2
	hashes             = []string{"2.16.840.1.101.3.4.2.1", "2.16.840.1.101.3.4.2.2", "2.16.840.1.101.3.4.2.3"} // SHA-256, 384, 512
	leastRSA, leastECC = 2048, 256                                                                              // bits
)

// A Signature is one that somebody has put on a paper, and that is right: it is of
// this file, by the key of this certificate. Whose the certificate is, and whether
// that is enough, is another question (see [Trust]).
type Signature struct {
	Chain [][]byte  `json:"chain"`           // certificates, DER: the signer's, and others that came with it
	At    time.Time `json:"at"`              // when, as the signer says; or zero
	Stamp bool      `json:"stamp,omitempty"` // it is of an authority, which says no more than when
}

// verify checks the structure of a signature over some content.
func verify(content, der []byte) (s Signature, err error) {
	p, err := pkcs7.Parse(der)
	if err != nil {
		return s, errors.New("the signature cannot be read")
	}
	// PoDoFo 0.9 has everybody sign twice, by two hashes: the first is judged.
	for len(p.Signers) > 1 && reflect.DeepEqual(p.Signers[0].IssuerAndSerialNumber, p.Signers[len(p.Signers)-1].IssuerAndSerialNumber) {
		p.Signers = p.Signers[:len(p.Signers)-1]
	}
	if len(p.Signers) != 1 || len(p.Content) != 0 {
		return s, errors.New("the signature is not by one person, or is of something else")
	}
	p.Content = content
	by := p.GetOnlySigner()
	if by == nil {
		return s, errors.New("the signature comes without the certificate of its signer")
	}
	if err := strong(by, p.Signers[0].DigestAlgorithm.Algorithm.String(), p.Signers[0].DigestEncryptionAlgorithm.Algorithm.String()); err != nil {
		return s, err
	}
	if s.At, err = attributesOf(p, by); err != nil {
		return s, err
	}
	if err := p.Verify(); err != nil {
		return s, errors.New("the signature is not of this paper, or its certificate was not valid when it was signed")
	}
	s.Chain = [][]byte{by.Raw}
	for _, other := range p.Certificates {
		if !other.Equal(by) && len(s.Chain) < maxChain {
			s.Chain = append(s.Chain, other.Raw)
		}
	}
	return s, nil
}

// verifyStamp checks the time stamp of an authority over some content (RFC 3161). It
// changes nothing on the paper, and nothing rests on it but that what stands before it
// was there when it was made; so it does not matter whose it is.
func verifyStamp(content, der []byte) (s Signature, err error) {
	p, err := pkcs7.Parse(der)
	if err != nil || len(p.Signers) != 1 || p.Verify() != nil {
		return s, errors.New("a time stamp on the paper is not right")
	}
	var info struct {
		Version int
		Policy  asn1.ObjectIdentifier
		Imprint struct {
			Algorithm pkix.AlgorithmIdentifier
			Hash      []byte
		}
	}
	sum := sha256.Sum256(content)
	if _, err := asn1.Unmarshal(p.Content, &info); err != nil || info.Imprint.Algorithm.Algorithm.String() != hashes[0] || !bytes.Equal(info.Imprint.Hash, sum[:]) {
		return s, errors.New("a time stamp on the paper is of something else")
	}
	return Signature{Stamp: true}, nil
}

// maxChain is how many certificates are kept of a signature.
const maxChain = 10

// Ways to sign that name a hash of their own, or are not read.
const (
	ecdsaSHA1 = "1.2.840.10045.4.1"
	rsaPSS    = "1.2.840.113549.1.1.10"
)

// strong refuses keys and hashes with which others could have signed.
func strong(by *x509.Certificate, hash, way string) error {
	switch key := by.PublicKey.(type) {
	case *rsa.PublicKey:
		if key.N.BitLen() < leastRSA {
			return fmt.Errorf("the key of the signature has %d bits; it needs %d", key.N.BitLen(), leastRSA)
		}
	case *ecdsa.PublicKey:
		if key.Params().BitSize < leastECC {
			return fmt.Errorf("the key of the signature has %d bits; it needs %d", key.Params().BitSize, leastECC)
		}
	default:
		return errors.New("the key of the signature is neither RSA nor ECDSA")
	}
	if way == rsaPSS {
		return errors.New("the signature is made with RSA-PSS, which is not read: sign with RSA as PKCS #1 has it, or with ECDSA")
	}
	if !slices.Contains(hashes, hash) || way == ecdsaSHA1 {
		return errors.New("the signature is made with a hash that is none of SHA-256, SHA-384 and SHA-512")
	}
	return nil
}

// attributesOf checks what is signed beside the content's hash, and returns the time.
// Without these attributes a signature over others could be passed off as one over a
// file.
func attributesOf(p *pkcs7.PKCS7, by *x509.Certificate) (at time.Time, err error) {
	count := map[string]int{}
	for _, a := range p.Signers[0].AuthenticatedAttributes {
		count[a.Type.String()]++
	}
	var kind asn1.ObjectIdentifier
	if count[oidContentType.String()] != 1 || count[oidMessageDigest.String()] != 1 || count[oidSigningTime.String()] > 1 || count[oidCertificate.String()] > 1 ||
		p.UnmarshalSignedAttribute(oidContentType, &kind) != nil || !kind.Equal(oidData) {
		return at, errors.New("the signature does not say that it is of a paper")
	}
	if count[oidSigningTime.String()] == 1 {
		if err := p.UnmarshalSignedAttribute(oidSigningTime, &at); err != nil {
			return at, errors.New("the signature does not say when it was made")
		}
	}
	if count[oidCertificate.String()] == 0 {
		return at, nil
	}
	var names struct {
		All []asn1.RawValue
	}
	if p.UnmarshalSignedAttribute(oidCertificate, &names) != nil || len(names.All) == 0 || !named(names.All[0], by) {
		return at, errors.New("the signature names another certificate than the one it comes with")
	}
	return at, nil
}

// named reports whether an ESSCertIDv2 is of a certificate. One with another hash
// than SHA-256 says so first, and is not compared.
func named(id asn1.RawValue, by *x509.Certificate) bool {
	var first asn1.RawValue
	if _, err := asn1.Unmarshal(id.Bytes, &first); err != nil {
		return false
	}
	if first.Tag != asn1.TagOctetString {
		return true
	}
	sum := sha256.Sum256(by.Raw)
	return bytes.Equal(first.Bytes, sum[:])
}

// whole reads a signature out of its hole, where nothing may stand behind it.
func whole(hole []byte) ([]byte, error) {
	digits, ok := bytes.CutPrefix(hole, []byte("<"))
	digits, closed := bytes.CutSuffix(digits, []byte(">"))
	room := make([]byte, hex.DecodedLen(len(digits)))
	if _, err := hex.Decode(room, digits); err != nil || !ok || !closed {
		return nil, errors.New("the signature cannot be read")
	}
	n, err := length(room, 0)
	if err != nil || len(bytes.Trim(room[n:], "\x00")) > 0 {
		return nil, errors.New("the signature cannot be read, or something stands behind it")
	}
	return room[:n], nil
}

// length is how long the value at the beginning of some bytes is, with what says so
// (X.690, 8.1.3). Some programs do not say it, and mark the end.
func length(b []byte, deep int) (int, error) {
	if len(b) < 2 || deep > maxNested || b[0]&0x1f == 0x1f {
		return 0, errSyntax
	}
	if b[1] != 0x80 {
		n, at := int(b[1]), 2
		if n > 0x80 {
			for n, at = 0, 2; at < 2+int(b[1]&0x7f); at++ {
				if at >= len(b) || at > 5 {
					return 0, errSyntax
				}
				n = n<<8 | int(b[at])
			}
		}
		if n > len(b)-at {
			return 0, errSyntax
		}
		return at + n, nil
	}
	for at := 2; ; {
		if bytes.HasPrefix(b[at:], []byte{0, 0}) {
			return at + 2, nil
		}
		n, err := length(b[at:], deep+1)
		if err != nil {
			return 0, err
		}
		at += n
	}
}
