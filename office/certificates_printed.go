package office

import (
	"context"
	"errors"
	"fmt"

	"darsd/dars"
	"darsd/store"
)

// certificatePrinted is the kind of a paper with which a certificate came back printed.
const certificatePrinted = "certificate-printed"

// receivePrinted takes in a certificate of which nothing can be read but which it is,
// by the codes of its pages. An officer types in what it says. unread is why it is no
// form: if it is none of ours either, that is the answer.
func (o Deletion) receivePrinted(ctx context.Context, a dars.Act, in Arrived, pdf []byte, unread error, then ...func(*store.Tx, *dars.Certificate) error) (c *dars.Certificate, err error) {
	copy, err := o.returnedCopy(ctx, in, pdf)
	switch {
	case ctx.Err() != nil:
		return nil, ctx.Err()
	case isRule(err, "not-readable"):
		return nil, unreadable(in, unread)
	case err != nil:
		return nil, err
	}
	vault, err := o.kept(in, pdf)
	if err != nil {
		return nil, err
	}
	err = o.do(ctx, a, "certificate submit", func(tx *store.Tx, who *dars.Person) error {
		if c, err = store.Get[dars.Certificate](tx, copy.Ref); err != nil {
			return err
		}
		if err := ownCase(who, c.Org, "certificate", string(c.ID)); err != nil {
			return err
		}
		if err := c.CameOnPaper(dars.SignedCopy{SHA256: in.SHA256, Received: o.today(a), MissingPages: append([]int{}, copy.Missing...)}); err != nil {
			return err
		}
		p := o.copyPaper(a, in, certificatePrinted, string(c.ID), string(c.ID)+"-printed", pdf, vault)
		if err := o.filed(tx, a, p); err != nil {
			return err
		}
		c.Printed.Paper = p.ID
		if err := keep(tx, a, "certificate submit", c, then...); err != nil {
			return err
		}
		return write(tx, a, letter{Roles: []dars.Role{dars.CaseOfficer},
			Subject: fmt.Sprintf("%s: certificate of destruction received on paper", c.ID),
			Body:    fmt.Sprintf("Certificate %s for agreement %s has come back printed (paper %s), so that nobody can read its fields. One of you is to type in what it says:\n\n%s", c.ID, c.Agreement, p.ID, typing(c.ID))})
	})
	return c, err
}

// typing are the commands with which a printed certificate is typed in.
func typing(id dars.CertificateID) string {
	return fmt.Sprintf("    darsd certificate print %s --returned --page 1 --out page.jpg\n    darsd certificate submit %s.yaml\n", id, id)
}

// isRule reports whether a rule refused.
func isRule(err error, rule string) bool {
	var no *dars.Refusal
	return errors.As(err, &no) && no.Rule == rule
}

// returnPaper is what came back last for a certificate: what it was typed from, if that
// was a print.
func returnPaper(tx *store.Tx, c *dars.Certificate) (*dars.Paper, error) {
	return latestPaper(tx, c.ID, cameAs(c))
}

// cameAs is the kind of paper that is looked at before a certificate is accepted: the
// print, and not what somebody typed in from it.
func cameAs(c *dars.Certificate) string {
	if c.Printed != nil {
		return certificatePrinted
	}
	return certificateReturn
}

// CertificateReturns are the kinds of papers with which a certificate comes back.
var CertificateReturns = []string{certificateReturn, certificatePrinted}
