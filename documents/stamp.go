package documents

import (
	"bytes"
	"crypto/sha256"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"errors"
	"fmt"
	"math/big"
	"slices"
	"time"

	"github.com/digitorus/pkcs7"
)

// oidStampToken names the attribute of a signature that is its time stamp (RFC 3161,
// appendix A).
var oidStampToken = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 9, 16, 2, 14}

// maxStamp is how many bytes of a seal's room a time stamp may take.
const maxStamp = 8 << 10

type stampRequest struct {
	Version int
	Imprint imprint
	Nonce   *big.Int
	Whole   bool // with the certificate of who stamps
}

type imprint struct {
	Algorithm pkix.AlgorithmIdentifier
	Hash      []byte
}

type stampResponse struct {
	Status struct {
		Status int
		Says   []asn1.RawValue `asn1:"optional"`
		Failed asn1.BitString  `asn1:"optional"`
	}
	Token asn1.RawValue `asn1:"optional"`
}

type stampInfo struct {
	Version  int
	Policy   asn1.ObjectIdentifier
	Imprint  imprint
	Serial   *big.Int
	At       time.Time `asn1:"generalized"`
	Accuracy struct {
		Seconds int `asn1:"optional"`
		Millis  int `asn1:"optional,tag:0"`
		Micros  int `asn1:"optional,tag:1"`
	} `asn1:"optional"`
	Ordering bool          `asn1:"optional"`
	Nonce    *big.Int      `asn1:"optional"`
	Who      asn1.RawValue `asn1:"optional,explicit,tag:0"`
	More     asn1.RawValue `asn1:"optional,tag:1"`
}

// StampRequest asks an authority to say when a content was there, by its SHA-256. The
// nonce makes sure that the answer is to this question.
func StampRequest(digest []byte, nonce *big.Int) ([]byte, error) {
	null := asn1.NullRawValue // as older authorities want it
	return asn1.Marshal(stampRequest{1, imprint{pkix.AlgorithmIdentifier{Algorithm: oidSHA256, Parameters: null}, digest}, nonce, true})
}

// ReadStamp takes the time stamp out of an authority's answer to such a request. Who
// the authority is, is settled by whom one asks.
func ReadStamp(answer, digest []byte, nonce *big.Int) (token []byte, err error) {
	var said stampResponse
	if _, err := asn1.Unmarshal(answer, &said); err != nil {
		return nil, errors.New("the answer is no time stamp")
	}
	if said.Status.Status > 1 { // granted, or with changes
		return nil, fmt.Errorf("it was refused with status %d", said.Status.Status)
	}
	info, _, err := readToken(said.Token.FullBytes)
	switch {
	case err != nil:
		return nil, err
	case !bytes.Equal(info.Imprint.Hash, digest):
		return nil, errors.New("the time stamp is of something else")
	case info.Nonce == nil || info.Nonce.Cmp(nonce) != 0:
		return nil, errors.New("the time stamp answers another question")
	case len(said.Token.FullBytes) > maxStamp:
		return nil, fmt.Errorf("the time stamp takes %d bytes, and there is room for %d", len(said.Token.FullBytes), maxStamp)
	}
	return said.Token.FullBytes, nil
}

// readToken checks that a time stamp is whole, and signed by somebody whose
// certificate is for that.
func readToken(token []byte) (info stampInfo, by *x509.Certificate, err error) {
	defer func() {
		if recover() != nil { // of a parser that outsiders write for
			err = errors.New("the time stamp cannot be read")
		}
	}()
	p, err := pkcs7.Parse(token)
	if err != nil {
		return info, nil, errors.New("the time stamp cannot be read")
	}
	if err := p.Verify(); err != nil {
		return info, nil, errors.New("the signature of the time stamp is wrong")
	}
	if by = p.GetOnlySigner(); by == nil || !slices.Contains(by.ExtKeyUsage, x509.ExtKeyUsageTimeStamping) {
		return info, nil, errors.New("the time stamp is signed by nobody who may")
	}
	if rest, err := asn1.Unmarshal(p.Content, &info); err != nil || len(rest) > 0 {
		return info, nil, errors.New("the time stamp cannot be read")
	}
	if !info.Imprint.Algorithm.Algorithm.Equal(oidSHA256) {
		return info, nil, errors.New("the time stamp is of another kind of hash")
	}
	return info, by, nil
}

// stampOf is when a seal was stamped, and by whom; the zero time if it was not. A stamp
// of something else is an error.
func stampOf(p *pkcs7.PKCS7) (at time.Time, by string, err error) {
	for _, a := range p.Signers[0].UnauthenticatedAttributes {
		if !a.Type.Equal(oidStampToken) {
			continue
		}
		info, who, err := readToken(a.Value.Bytes)
		if err != nil {
			return at, "", err
		}
		if sum := sha256.Sum256(p.Signers[0].EncryptedDigest); !bytes.Equal(sum[:], info.Imprint.Hash) {
			return at, "", errors.New("the time stamp is of another seal")
		}
		return info.At.UTC(), who.Subject.CommonName, nil
	}
	return at, "", nil
}

// stamped is the attribute that carries the time stamp of a signature, unsigned; nothing
// if there is none.
func (s Seal) stamped(signature []byte) (none asn1.RawValue, err error) {
	if s.Stamp == nil {
		return none, nil
	}
	sum := sha256.Sum256(signature)
	token := s.Stamp(sum[:])
	if token == nil {
		return none, nil
	}
	one, err := asn1.Marshal(attribute{oidStampToken, asSet(token)})
	return tagged(1, one), err
}
