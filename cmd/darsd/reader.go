package main

import (
	"bytes"
	"context"
	"errors"
	"io"
	"time"

	"darsd/dars"
	"darsd/documents"
	"darsd/documents/signed"
	"darsd/office"
	"darsd/transfer/extract"
)

// reader reads what came in.
type reader struct {
	pdf       documents.Reader
	rehearsal bool
	trust     func() (all signed.Trust, wrong []error) // whose digital signatures are accepted
}

func (r reader) Application(yaml []byte) dars.Draft { return documents.ReadApplication(yaml) }

func (r reader) Certificate(ctx context.Context, content []byte) (dars.CertificateForm, error) {
	if form := dars.CopyFormOf(content); !bytes.HasPrefix(content, []byte("%PDF-")) && !form.IsPicture() && form != dars.CopyBundle {
		return documents.ReadCertificate(content)
	}
	reading, err := r.pdf.Read(ctx, content)
	if err != nil {
		return dars.CertificateForm{}, err
	}
	return reading.Certificate()
}

func (r reader) Benefits(yaml []byte) (dars.BenefitForm, error) {
	return documents.ReadBenefits(yaml)
}

func (r reader) Signed(ctx context.Context, pdf []byte) (dars.ReturnedCopy, error) {
	reading, err := r.pdf.Read(ctx, pdf)
	if err != nil {
		return dars.ReturnedCopy{}, err
	}
	seen, err := reading.Reference()
	if err != nil {
		return dars.ReturnedCopy{}, err
	}
	if seen.Rehearsal != r.rehearsal {
		return dars.ReturnedCopy{}, dars.Refuse("rehearsal", seen.Paper(), "%s is a paper of a rehearsal, or this is a rehearsal and it is not", seen.Paper())
	}
	return dars.ReturnedCopy{Ref: seen.Paper(), Pages: seen.Said, Missing: seen.Missing(), Words: seen.Words, Unseen: seen.Unseen}, nil
}

func (r reader) Page(ctx context.Context, pdf []byte, page int) ([]byte, error) {
	return r.pdf.Page(ctx, pdf, page)
}

// Signatures are those on a returned paper, if each of them is by somebody whom the
// office accepts. A rehearsal's clock is not that of those who sign.
func (r reader) Signatures(ctx context.Context, pdf []byte, received time.Time) (s office.Signatures, err error) {
	found, err := r.pdf.Signatures(ctx, pdf)
	if err != nil {
		return s, err
	}
	if r.rehearsal {
		received = time.Time{}
	}
	s = office.Signatures{Borne: found.Borne, Issued: found.Issued, Fault: found.Fault}
	trust, _ := r.trust()
	for _, one := range found.Signatures {
		if one.Stamp || s.Fault != "" {
			continue
		}
		who, err := trust.Of(one, received)
		if errors.Is(err, signed.ErrNotKnown) {
			return s, err // ours to mend: the paper waits
		}
		if err != nil {
			s.Fault = err.Error()
			continue
		}
		signer := office.Signer{Certificate: who.Fingerprint, At: who.At, Says: who.Says}
		for _, org := range who.Organisations {
			signer.Organisations = append(signer.Organisations, dars.OrgCode(org))
		}
		s.Signers = append(s.Signers, signer)
	}
	return s, nil
}

func (r reader) List(in io.Reader) (numbers int, invalid []dars.BadLine, invalidN int, sha256 string, err error) {
	_, report, err := extract.ReadList(in)
	for _, b := range report.Invalid {
		invalid = append(invalid, dars.BadLine(b))
	}
	return report.Numbers, invalid, report.InvalidCount, report.SHA256, err
}
