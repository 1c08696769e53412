package main

import (
	"cmp"
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"encoding/hex"
	"encoding/pem"
	"errors"
	"fmt"
	"io/fs"
	"math/big"
	"os"
	"time"

	"github.com/spf13/cobra"

	"darsd/documents"
	"darsd/office"
)

// sealFile holds the key and the certificate of the office's seal, in PEM. An
// office that has a certificate from somebody whom others trust gives it to darsd
// seal rotate.
const sealFile = "keys/office-seal.pem"

// sealFolder holds every certificate with which the office has sealed, by its
// SHA-256: what bears an earlier seal is still checked, and so is what bears a lost
// one.
const sealFolder = "keys/seals"

// sealYears is how long a certificate that the program makes may be used. What was
// sealed with it stays as good as it was.
const sealYears = 10

// foundSeal makes the seal of a new office. An init that was cut short has made one
// already.
func (h *house) foundSeal(now time.Time) error {
	text, err := newSeal(h.Info.Name, h.rehearsal, now)
	if err != nil {
		return err
	}
	if err := h.keepOnce(sealFile, text); err != nil {
		return err
	}
	_, err = h.seal()
	return err
}

// seal is the office's, read each time: whoever exchanges it need not stop the
// daemon. One that is gone is never made anew in silence, since nobody could tell
// that from a seal that somebody else has made.
func (h *house) seal() (documents.Seal, error) {
	text, err := h.root.ReadFile(sealFile)
	if errors.Is(err, fs.ErrNotExist) {
		return documents.Seal{}, misuse{fmt.Errorf("the office's seal is gone: no paper is issued until %s is brought back from a backup, or darsd seal rotate --reason makes another", sealFile)}
	}
	if err != nil {
		return documents.Seal{}, err
	}
	s, err := parseSeal(text)
	if err != nil {
		return s, misuse{fmt.Errorf("%s: %w", sealFile, err)}
	}
	return s, h.keepCertificate(s.Certificate)
}

// keepCertificate keeps a certificate apart from its key, once.
func (h *house) keepCertificate(c *x509.Certificate) error {
	name := sealFolder + "/" + certificateSum(c) + ".pem"
	if _, err := h.root.Stat(name); !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if err := h.root.MkdirAll(sealFolder, 0o700); err != nil {
		return err
	}
	return h.keepOnce(name, asPEM(c))
}

// sealCertificates are all with which the office has sealed, in PEM.
func (h *house) sealCertificates() (all []byte, err error) {
	names, err := fs.Glob(h.root.FS(), sealFolder+"/*.pem")
	for _, name := range names {
		text, err := h.root.ReadFile(name)
		if err != nil {
			return nil, err
		}
		all = append(all, text...)
	}
	return all, err
}

func certificateSum(c *x509.Certificate) string {
	sum := sha256.Sum256(c.Raw)
	return hex.EncodeToString(sum[:])
}

func asPEM(c *x509.Certificate) []byte {
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: c.Raw})
}

// keepOnce writes a file that nobody has written yet: whole, or not at all.
func (h *house) keepOnce(name string, content []byte) error {
	temp, err := h.besides(name, content)
	if err != nil {
		return err
	}
	defer h.root.Remove(temp)
	if err := h.root.Link(temp, name); !errors.Is(err, fs.ErrExist) {
		return err
	}
	return nil
}

// besides writes a file that is to take the place of another, and returns its name.
func (h *house) besides(name string, content []byte) (temp string, err error) {
	temp = name + "." + rand.Text() + ".tmp"
	f, err := h.root.OpenFile(temp, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return "", err
	}
	_, err = f.Write(content)
	if err = errors.Join(err, f.Sync(), f.Close()); err != nil {
		h.root.Remove(temp)
	}
	return temp, err
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

func sealCommand(s *session) *cobra.Command {
	printing := s.look("seal", "print the certificate of the seal on papers, to publish", exactly(0), func(c *call) error {
		seal, err := c.seal()
		if err != nil {
			return err
		}
		return c.printSeal(seal.Certificate)
	})
	printing.AddCommand(sealRotateCommand(s))
	return printing
}

func (c *call) printSeal(certificate *x509.Certificate) error {
	text := string(asPEM(certificate))
	return c.say(map[string]any{"certificate": text, "certificate_sha256": certificateSum(certificate), "until": certificate.NotAfter}, "%s", text)
}

func sealRotateCommand(s *session) *cobra.Command {
	var from string
	rotate := s.do("rotate", "seal with another key from now on (--from, --reason)", exactly(0), func(c *call) error {
		wing := office.Parties{Office: c.Office}
		if err := wing.MayRotateSeal(c.ctx, c.act); err != nil {
			return err
		}
		if from != "" && s.person != nil {
			return misuse{errors.New("--from names a file of the office's own machine: rotate the seal there")}
		}
		text, err := c.nextSeal(from)
		if err != nil {
			return err
		}
		next, err := parseSeal(text)
		if err != nil {
			return misuse{fmt.Errorf("%s: %w", cmp.Or(from, "the new seal"), err)}
		}
		if err := c.mayBeSeal(next); err != nil {
			return misuse{fmt.Errorf("%s: %w", cmp.Or(from, "the new seal"), err)}
		}
		// The old certificate is kept before its file goes; a lost one was kept when it
		// was made.
		if _, err := c.seal(); err != nil && !errors.As(err, new(misuse)) {
			return err
		}
		if err := c.keepCertificate(next.Certificate); err != nil {
			return err
		}
		temp, err := c.besides(sealFile, text)
		if err != nil {
			return err
		}
		if err := c.root.Rename(temp, sealFile); err != nil {
			return err
		}
		if err := wing.SealRotated(c.ctx, c.act, certificateSum(next.Certificate)); err != nil {
			return err
		}
		return c.printSeal(next.Certificate)
	})
	rotate.Flags().StringVar(&from, "from", "", "a PEM file with a key (PKCS #8) and the certificate for it, instead of new ones")
	return rotate
}

// nextSeal is what a file holds, or else a new key and a certificate that the program
// makes for it.
func (c *call) nextSeal(from string) ([]byte, error) {
	if from == "" {
		return newSeal(c.Info.Name, c.rehearsal, c.act.At)
	}
	text, err := os.ReadFile(from)
	if err != nil {
		return nil, misuse{err}
	}
	return text, nil
}
