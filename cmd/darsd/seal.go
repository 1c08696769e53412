package main

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"io/fs"
	"math/big"
	"os"
	"time"

	"github.com/spf13/cobra"

	"darsd/dars"
	"darsd/documents"
)

// sealFile holds the key and the certificate of the office's seal, in PEM. An
// office that has a certificate from somebody whom others trust puts it here.
const sealFile = "keys/office-seal.pem"

// sealYears is how long a certificate that the program makes may be used. What was
// sealed with it stays as good as it was.
const sealYears = 10

// readSeal takes up the office's seal, and makes one where there is none.
func (h *house) readSeal(now time.Time) (err error) {
	text, err := h.root.ReadFile(sealFile)
	if errors.Is(err, fs.ErrNotExist) {
		if text, err = newSeal(h.Info.Name, h.rehearsal, now); err != nil {
			return err
		}
		if err := h.keepOnce(sealFile, text); err != nil {
			return err
		}
		text, err = h.root.ReadFile(sealFile) // ours, or that of a program that was quicker
	}
	if err != nil {
		return err
	}
	if h.seal, err = parseSeal(text); err != nil {
		return misuse{fmt.Errorf("%s: %w", sealFile, err)}
	}
	return nil
}

// keepOnce writes a file that nobody has written yet: whole, or not at all.
func (h *house) keepOnce(name string, content []byte) error {
	temp := name + "." + rand.Text() + ".tmp"
	f, err := h.root.OpenFile(temp, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	defer h.root.Remove(temp)
	_, err = f.Write(content)
	if err = errors.Join(err, f.Sync(), f.Close()); err != nil {
		return err
	}
	if err := h.root.Link(temp, name); !errors.Is(err, fs.ErrExist) {
		return err
	}
	return nil
}

func newSeal(office string, rehearsal bool, now time.Time) ([]byte, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, err
	}
	serial, err := rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 127))
	if err != nil {
		return nil, err
	}
	if rehearsal {
		office += " (rehearsal)"
	}
	certificate, err := documents.SelfSigned(key, office, serial, now.AddDate(0, 0, -1), now.AddDate(sealYears, 0, 0))
	if err != nil {
		return nil, err
	}
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return nil, err
	}
	return append(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}),
		pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: certificate})...), nil
}

// parseSeal reads a key and the certificate for it. What it says of what is wrong
// has nothing of the key.
func parseSeal(text []byte) (s documents.Seal, err error) {
	for block, rest := pem.Decode(text); block != nil; block, rest = pem.Decode(rest) {
		switch {
		case block.Type == "CERTIFICATE" && s.Certificate == nil:
			if s.Certificate, err = x509.ParseCertificate(block.Bytes); err != nil {
				return s, errors.New("its certificate cannot be read")
			}
		case block.Type == "PRIVATE KEY":
			key, err := x509.ParsePKCS8PrivateKey(block.Bytes)
			signer, ok := key.(crypto.Signer)
			if err != nil || !ok {
				return s, errors.New("its key cannot be read: PKCS #8, without a password")
			}
			s.Key = signer
		}
	}
	if s.Certificate == nil || s.Key == nil {
		return s, errors.New("it holds a PRIVATE KEY and a CERTIFICATE, in PEM")
	}
	public, ok := s.Key.Public().(interface{ Equal(crypto.PublicKey) bool })
	if !ok || !public.Equal(s.Certificate.PublicKey) {
		return s, errors.New("the certificate is not for the key")
	}
	return s, nil
}

// sealed puts the office's seal on a paper that was drawn.
func (p press) sealed(pdf []byte, err error) ([]byte, error) {
	if err != nil {
		return nil, err
	}
	return p.seal.Put(pdf)
}

// verifyPaper checks a paper with the office's seal. certificates are those that
// the office has published; without them the paper's own is believed, and said so.
func (c *call) verifyPaper(file string, pdf []byte, certificates []byte) error {
	r, err := documents.ReadSeal(pdf)
	if err != nil {
		return dars.Refuse("not-sealed", file, "%s is no paper as the office issued it: %v", file, err)
	}
	whose := "the certificate is the paper's own: it was not checked against the office's (--key FILE)"
	if certificates != nil {
		if block, _ := pem.Decode(certificates); block == nil {
			return misuse{errors.New("a paper is checked against the certificate that darsd seal prints, in PEM, and --key names none")}
		}
		if whose = "the certificate is one that you gave"; !among(certificates, r.Certificate) {
			return dars.Refuse("other-seal", file, "%s bears a seal, but not with a certificate that you gave: it is of %s, %s", file, r.Certificate.Subject.CommonName, r.Fingerprint)
		}
	}
	if r.Added > 0 {
		return dars.Refuse("added-to", file, "%s begins with a paper as the office sealed it, and %d bytes were added behind it: signatures, or something that changes what is seen; look at what the seal covers in a PDF reader, or verify the paper as you got it from the office", file, r.Added)
	}
	facts := map[string]any{"sealed": r.At, "by": r.Certificate.Subject.CommonName, "certificate_sha256": r.Fingerprint}
	return c.say(facts, "%s is as the office sealed it, dated %s; nothing was added since\nsealed by %s, %s: %s", file, r.At.Format("2 January 2006"), r.Certificate.Subject.CommonName, r.Fingerprint, whose)
}

func among(certificates []byte, one *x509.Certificate) bool {
	for block, rest := pem.Decode(certificates); block != nil; block, rest = pem.Decode(rest) {
		if block.Type == "CERTIFICATE" && string(block.Bytes) == string(one.Raw) {
			return true
		}
	}
	return false
}

func sealCommand(s *session) *cobra.Command {
	return s.look("seal", "print the certificate of the office's seal, to publish", exactly(0), func(c *call) error {
		text := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: c.seal.Certificate.Raw})
		return c.say(map[string]any{"certificate": string(text), "until": c.seal.Certificate.NotAfter}, "%s", text)
	})
}
