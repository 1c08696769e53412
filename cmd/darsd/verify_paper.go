package main

import (
	"cmp"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"darsd/dars"
	"darsd/documents"
	"darsd/office"
)

// verifyPaper checks a paper with the office's seal, without the office. certificates
// are those that the office has published; without them only the
// paper's own is there, which shows that nothing was altered, and not by whom it was sealed.
func (c *call) verifyPaper(file string, pdf, certificates []byte) error {
	r, err := documents.ReadSeal(pdf)
	if err != nil {
		return unsealed(file, err)
	}
	if certificates != nil {
		if block, _ := pem.Decode(certificates); block == nil {
			return misuse{errors.New("a paper is checked against the certificate that darsd seal prints, in PEM, and --key names none")}
		}
		if !among(certificates, r.Certificate) {
			return dars.Refuse("other-seal", file, "%s bears a seal, but not with a certificate that you gave: it is of %s, %s", file, r.Certificate.Subject.CommonName, r.Fingerprint)
		}
	}
	if r.Added > 0 {
		return addedTo(file, "a paper as it was sealed", r)
	}
	facts := sealFacts(r)
	facts["certificate_checked"] = certificates != nil
	day, who := r.At.Format("2 January 2006"), r.Certificate.Subject.CommonName+", "+r.Fingerprint
	if certificates == nil {
		return c.say(facts, "%s is as it was sealed, dated %s; nothing was added since\nnot shown: that the seal is the office's. The certificate is the paper's own, %s: it was not checked against the office's (--key FILE)%s%s", file, day, who, validitySaid(r), stampSaid(r))
	}
	return c.say(facts, "%s is as the office sealed it, dated %s; nothing was added since\nsealed by %s: the certificate is one that you gave%s%s", file, day, who, validitySaid(r), stampSaid(r))
}

// verifyRecorded checks a paper at the office, against its own record: a seal says that
// a paper is ours, and the record says which.
func (c *call) verifyRecorded(file string, pdf []byte) error {
	issued, err := c.issued(pdf)
	if err != nil {
		return err
	}
	r, sealing := documents.ReadSeal(pdf)
	if issued != "" && errors.Is(sealing, documents.ErrNoSeal) {
		return c.say(map[string]any{"issued": issued}, "%s is %s\nit bears no seal: it is a form", file, issued)
	}
	if sealing != nil {
		return unsealed(file, sealing)
	}
	ours, err := c.sealCertificates()
	if err != nil {
		return err
	}
	switch {
	case !among(ours, r.Certificate):
		return dars.Refuse("other-seal", file, "%s bears a seal that is none of this office's: it is of %s, %s", file, r.Certificate.Subject.CommonName, r.Fingerprint)
	case issued != "":
		facts := sealFacts(r)
		facts["issued"] = issued
		return c.say(facts, "%s is %s\nsealed by %s, %s%s%s", file, issued, r.Certificate.Subject.CommonName, r.Fingerprint, validitySaid(r), stampSaid(r))
	}
	was, err := c.issued(pdf[:len(pdf)-r.Added])
	if err != nil {
		return err
	}
	if was != "" {
		return addedTo(file, was, r)
	}
	same, err := office.Desk{Office: c.Office}.IssuedLike(c.ctx, int64(len(pdf)-r.Added), func(content []byte) bool {
		kept, err := documents.ReadSeal(content)
		return err == nil && kept.Covers == r.Covers
	})
	if err != nil {
		return err
	}
	if same != nil {
		return dars.Refuse("seal-altered", file, "%s says what %s says, %s of %s, as the office issued it on %s, but its seal was changed since: verify the paper as you got it from the office", file, same.Name, same.Kind, same.About, same.Day.Long())
	}
	return dars.Refuse("no-record", file, "%s is sealed by the office's key, but the office has no record of it: do not rely on it, and find out who could use the key %s", file, sealFile)
}

// issued says as what the office has issued a file; "" if it has not.
func (c *call) issued(pdf []byte) (string, error) {
	p, err := office.Desk{Office: c.Office}.Issued(c.ctx, hexSHA256(pdf))
	if err != nil {
		return "", err
	}
	if p != nil && p.From == "" {
		return fmt.Sprintf("%s, %s of %s, as the office issued it on %s", p.Name, p.Kind, p.About, p.Day.Long()), nil
	}
	return "", nil
}

func unsealed(file string, err error) error {
	return dars.Refuse("not-sealed", file, "%s is no paper as the office issued it: %v", file, err)
}

func addedTo(file, what string, r documents.SealRead) error {
	return dars.Refuse("added-to", file, "%s begins with %s, and %d bytes were added behind it: signatures, or something that changes what is seen; look at what the seal covers in a PDF reader, or verify the paper as you got it from the office", file, what, r.Added)
}

func sealFacts(r documents.SealRead) map[string]any {
	facts := map[string]any{"sealed": r.At, "within_validity": r.WithinValidity(), "by": r.Certificate.Subject.CommonName, "certificate_sha256": r.Fingerprint}
	if !r.Stamped.IsZero() {
		facts["stamped"], facts["stamped_by"] = r.Stamped, r.StampedBy
	}
	return facts
}

// validitySaid is a line on a seal whose certificate was not valid on the paper's day.
func validitySaid(r documents.SealRead) string {
	if r.WithinValidity() {
		return ""
	}
	return fmt.Sprintf("\nthe paper is dated outside the time for which the certificate of its seal is valid: %s to %s", r.Certificate.NotBefore.Format("2 January 2006"), r.Certificate.NotAfter.Format("2 January 2006"))
}

// stampSaid is a line on the time stamp, if there is one. Whose it is nobody has
// checked, and the line does not say so of anybody.
func stampSaid(r documents.SealRead) string {
	if r.Stamped.IsZero() {
		return ""
	}
	return fmt.Sprintf("\nit was there on %s, says the time stamp of %s", r.Stamped.Format("2 January 2006, 15:04:05 UTC"), r.StampedBy)
}

// hasOffice reports whether there is an office where the command looks for one.
func (s *session) hasOffice() bool {
	_, err := os.Stat(cmp.Or(s.config, filepath.Join(s.data, "darsd.yaml")))
	return err == nil
}

func among(certificates []byte, one *x509.Certificate) bool {
	for block, rest := pem.Decode(certificates); block != nil; block, rest = pem.Decode(rest) {
		if block.Type == "CERTIFICATE" && string(block.Bytes) == string(one.Raw) {
			return true
		}
	}
	return false
}
