package main

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rsa"
	"errors"
	"fmt"
	"time"

	"darsd/documents"
)

// leastRSA is how many bits an RSA key of a seal has at least (ETSI TS 119 312, for
// use beyond 2025 it recommends 3000).
const leastRSA = 2048

// endsSoon is how many days before its certificate ends the operator is told: a
// certificate from somebody else takes weeks to get.
const endsSoon = 180

// mayBeSeal refuses a key and a certificate with which no paper should be sealed, and
// tries them on a sample.
func (c *call) mayBeSeal(s documents.Seal) error {
	if err := strong(s); err != nil {
		return err
	}
	if now := c.act.At; now.Before(s.Certificate.NotBefore) || now.After(s.Certificate.NotAfter) {
		return fmt.Errorf("its certificate is valid from %s to %s, and today is %s", s.Certificate.NotBefore.Format(time.DateOnly), s.Certificate.NotAfter.Format(time.DateOnly), now.Format(time.DateOnly))
	}
	sample, err := documents.Press{Office: c.Info}.New("Sample", "of the seal", "SEAL-000000", c.Calendar.Day(c.act.At)).PDF()
	if err != nil {
		return err
	}
	sealed, err := s.Put(sample)
	if err != nil {
		return err
	}
	if r, err := documents.ReadSeal(sealed); err != nil || !r.Certificate.Equal(s.Certificate) {
		return fmt.Errorf("a sample that was sealed with it cannot be verified: %w", err)
	}
	return nil
}

// strong refuses keys that others may come to guess, and those that readers of PDF
// do not know.
func strong(s documents.Seal) error {
	switch key := s.Key.Public().(type) {
	case *ecdsa.PublicKey:
		if key.Curve == elliptic.P256() {
			return nil
		}
	case *rsa.PublicKey:
		if key.N.BitLen() >= leastRSA {
			return nil
		}
		return fmt.Errorf("its RSA key has %d bits: a seal needs %d at least", key.N.BitLen(), leastRSA)
	}
	return errors.New("its key is neither ECDSA P-256 nor RSA: readers of PDF would not know the seal")
}

// sealEnds says what the operator should know of the end of the seal's certificate,
// or nothing.
func sealEnds(s documents.Seal, now time.Time) string {
	until := s.Certificate.NotAfter
	switch {
	case now.After(until):
		return fmt.Sprintf("the certificate of the office's seal ended on %s: exchange it with darsd seal rotate", until.Format("2 January 2006"))
	case now.AddDate(0, 0, endsSoon).After(until):
		return fmt.Sprintf("the certificate of the office's seal ends on %s: exchange it before with darsd seal rotate", until.Format("2 January 2006"))
	}
	return ""
}
