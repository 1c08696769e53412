package documents

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"errors"
	"math/big"
	"slices"
)

// The names of things in a signature (RFC 5652, RFC 5035).
var (
	oidData          = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 7, 1}
	oidSignedData    = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 7, 2}
	oidContentType   = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 9, 3}
	oidMessageDigest = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 9, 4}
	oidCertificate   = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 9, 16, 2, 47} // signing-certificate-v2
	oidSHA256        = asn1.ObjectIdentifier{2, 16, 840, 1, 101, 3, 4, 2, 1}
	oidECDSA         = asn1.ObjectIdentifier{1, 2, 840, 10045, 4, 3, 2} // with SHA-256
	oidRSA           = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 1, 1}
)

type contentInfo struct {
	Type    asn1.ObjectIdentifier
	Content asn1.RawValue
}

type signedData struct {
	Version      int
	Digests      []pkix.AlgorithmIdentifier `asn1:"set"`
	Content      struct{ Type asn1.ObjectIdentifier }
	Certificates asn1.RawValue
	Signers      []signerInfo `asn1:"set"`
}

type signerInfo struct {
	Version   int
	Who       issuerAndSerial
	Digest    pkix.AlgorithmIdentifier
	Says      asn1.RawValue // the signed attributes
	Algorithm pkix.AlgorithmIdentifier
	Signature []byte
	Stamped   asn1.RawValue `asn1:"optional"` // attributes that are not signed
}

type issuerAndSerial struct {
	Issuer asn1.RawValue
	Serial *big.Int
}

type attribute struct {
	Type  asn1.ObjectIdentifier
	Value asn1.RawValue
}

// An essCertificate names the signer's certificate by its hash, so that no other
// can be put in its place.
type essCertificate struct {
	Hash   []byte
	Issuer struct {
		Names  []asn1.RawValue
		Serial *big.Int
	}
}

// sign makes a detached signature over a SHA-256. The library that reads such ones
// writes the machine's time into those it makes, which PAdES forbids.
func (s Seal) sign(digest []byte) ([]byte, error) {
	says, err := attributes(digest, s.Certificate)
	if err != nil {
		return nil, err
	}
	text, err := asn1.Marshal(asSet(says...))
	if err != nil {
		return nil, err
	}
	hash := sha256.Sum256(text)
	signature, err := s.Key.Sign(nil, hash[:], crypto.SHA256) // without chance (RFC 6979): the same paper, the same bytes
	if err != nil {
		return nil, err
	}
	stamped, err := s.stamped(signature)
	if err != nil {
		return nil, err
	}
	algorithm, err := algorithmOf(s.Key)
	if err != nil {
		return nil, err
	}
	sha := pkix.AlgorithmIdentifier{Algorithm: oidSHA256}
	data := signedData{
		Version: 1, Digests: []pkix.AlgorithmIdentifier{sha}, Certificates: tagged(0, s.Certificate.Raw),
		Signers: []signerInfo{{
			Version: 1, Who: issuerAndSerial{asn1.RawValue{FullBytes: s.Certificate.RawIssuer}, s.Certificate.SerialNumber},
			Digest: sha, Says: tagged(0, slices.Concat(says...)), Algorithm: algorithm, Signature: signature, Stamped: stamped,
		}},
	}
	data.Content.Type = oidData
	inner, err := asn1.Marshal(data)
	if err != nil {
		return nil, err
	}
	return asn1.Marshal(contentInfo{oidSignedData, tagged(0, inner)})
}

// attributes are what is signed: that it is data, its digest, and by whom. They are
// in the order that a set has (DER).
func attributes(digest []byte, by *x509.Certificate) (all [][]byte, err error) {
	hash := sha256.Sum256(by.Raw)
	named := essCertificate{Hash: hash[:]}
	named.Issuer.Names = []asn1.RawValue{tagged(4, by.RawIssuer)}
	named.Issuer.Serial = by.SerialNumber
	for _, a := range []struct {
		name  asn1.ObjectIdentifier
		value any
	}{
		{oidContentType, oidData},
		{oidMessageDigest, digest},
		{oidCertificate, struct{ All []essCertificate }{[]essCertificate{named}}},
	} {
		value, err := asn1.Marshal(a.value)
		if err != nil {
			return nil, err
		}
		one, err := asn1.Marshal(attribute{a.name, asSet(value)})
		if err != nil {
			return nil, err
		}
		all = append(all, one)
	}
	slices.SortFunc(all, slices.Compare[[]byte])
	return all, nil
}

func algorithmOf(key crypto.Signer) (pkix.AlgorithmIdentifier, error) {
	switch key.Public().(type) {
	case *ecdsa.PublicKey:
		return pkix.AlgorithmIdentifier{Algorithm: oidECDSA}, nil
	case *rsa.PublicKey:
		return pkix.AlgorithmIdentifier{Algorithm: oidRSA, Parameters: asn1.NullRawValue}, nil
	}
	return pkix.AlgorithmIdentifier{}, errors.New("a seal's key is ECDSA P-256 or RSA")
}

func asSet(items ...[]byte) asn1.RawValue {
	return asn1.RawValue{Tag: asn1.TagSet, IsCompound: true, Bytes: slices.Concat(items...)}
}

func tagged(tag int, content []byte) asn1.RawValue {
	return asn1.RawValue{Class: asn1.ClassContextSpecific, Tag: tag, IsCompound: true, Bytes: content}
}
