package office

import (
	"bytes"
	"context"
	"io"
	"strings"

	"darsd/dars"
	"darsd/store"
)

// Print writes the paper of a certificate of destruction, or what came back. Whoever
// accepts one that was filled in on a screen looks at it: what its fields hold can
// differ from what is seen. note is told before anything is written what is looked at,
// for the access log.
func (o Deletion) Print(ctx context.Context, a dars.Act, id dars.CertificateID, returned bool, to io.Writer, note func(look string) error) error {
	kinds, what := []string{"certificate"}, "certificate"
	if returned {
		what = certificateReturn
		kinds = nil // as it came last
	}
	paper, _, err := o.paperOf(ctx, a, id, kinds...)
	if err == nil && paper == nil {
		err = dars.Refuse("not-found", id, "there is no %s of certificate %s yet", what, id)
	}
	if err != nil {
		return err
	}
	if err := note(Look(paper)); err != nil {
		return err
	}
	return o.pour(paper, to)
}

// certificateReturn is the kind of a paper with which a certificate came back.
const certificateReturn = "certificate-return"

// Look is what the access log says of a look at a paper that came back, or at a
// certificate's. Of what came back it names the content: what comes later has not been looked at.
func Look(p *dars.Paper) string {
	switch p.Kind {
	case certificateReturn, certificatePrinted:
		return "returned certificate " + p.About + " sha256:" + p.SHA256
	case SignedCopyPaper:
		return "signed copy of " + p.About + " sha256:" + p.SHA256
	}
	return "paper of certificate " + p.About
}

// paperOf is the latest paper of some kinds about a certificate, if there is one, and who
// asks for it.
func (o Deletion) paperOf(ctx context.Context, a dars.Act, id dars.CertificateID, kinds ...string) (paper *dars.Paper, who *dars.Person, err error) {
	err = o.Store.View(ctx, func(tx *store.Tx) error {
		if who, err = actor(tx, a); err != nil {
			return err
		}
		c, err := store.Get[dars.Certificate](tx, id)
		if err != nil {
			return err
		}
		if kinds == nil {
			kinds = []string{cameAs(c)}
		}
		if err := ownCase(who, c.Org, "certificate", string(id)); err != nil {
			return err
		}
		for _, kind := range kinds {
			p, err := latestPaper(tx, id, kind)
			if err != nil {
				return err
			}
			if p != nil && (paper == nil || p.ID > paper.ID) {
				paper = p
			}
		}
		return nil
	})
	return paper, who, err
}

func latestPaper(tx *store.Tx, id dars.CertificateID, kind string) (*dars.Paper, error) {
	all, err := store.Find[dars.Paper](tx, dars.By("about", id), dars.By("kind", kind))
	if err != nil || len(all) == 0 {
		return nil, err
	}
	return all[len(all)-1], nil
}

// Returned is what a certificate says that came back, read from the paper again: names
// and words stand there, and not in the log. It is nil for those outside, and where
// nothing has come.
func (o Deletion) Returned(ctx context.Context, a dars.Act, id dars.CertificateID) (*dars.CertificateForm, error) {
	paper, who, err := o.paperOf(ctx, a, id, certificateReturn)
	if err != nil || paper == nil || !who.Inside() {
		return nil, err
	}
	var content bytes.Buffer
	if err := o.pour(paper, &content); err != nil {
		return nil, err
	}
	form, err := o.Works.Reader.Certificate(ctx, content.Bytes())
	return &form, err
}

// opened is what came back for a certificate, if it is a form in a PDF which whoever
// acts has opened. It reads the access log, which may be long: no act waits for that.
func (o Deletion) opened(ctx context.Context, a dars.Act, id dars.CertificateID) (sha256 string, err error) {
	var paper *dars.Paper
	err = o.Store.View(ctx, func(tx *store.Tx) error {
		c, err := store.Get[dars.Certificate](tx, id)
		if err == nil {
			paper, err = returnPaper(tx, c)
		}
		return err
	})
	if err != nil || paper == nil || !toLookAt(paper) || o.Works.Opened == nil {
		return "", err
	}
	if seen, err := o.Works.Opened(a.Who, Look(paper)); err != nil || !seen {
		return "", err
	}
	return paper.SHA256, nil
}

// mustHaveOpened refuses whoever accepts a form in a PDF without having opened the one
// that came last. One in text shows all that it holds.
func mustHaveOpened(tx *store.Tx, c *dars.Certificate, opened string) error {
	paper, err := returnPaper(tx, c)
	if err != nil || paper == nil || !toLookAt(paper) || paper.SHA256 == opened {
		return err
	}
	if c.Printed != nil {
		return dars.Refuse("not-looked", c.ID, "certificate %s came back on paper and was typed in here, and you have not opened the paper: look at it with darsd certificate print %s --returned, beside darsd certificate show %s", c.ID, c.ID, c.ID)
	}
	return dars.Refuse("not-looked", c.ID, "certificate %s came back as a form in a PDF that you have not opened, and what is seen there can differ from what it holds: look at it with darsd certificate print %s --returned", c.ID, c.ID)
}

// toLookAt reports whether what came back shows more than a text does.
func toLookAt(p *dars.Paper) bool { return !strings.HasSuffix(p.Name, ".yaml") }

// pour writes a paper as it lies in the vault.
func (o *Office) pour(p *dars.Paper, to io.Writer) error {
	f, err := o.Works.Vault.Read("", p.Vault)
	if err != nil {
		return err
	}
	defer f.Close()
	_, err = io.Copy(to, f)
	return err
}

// isPDF tells a form that was filled in on a screen from a text.
func isPDF(content []byte) bool { return bytes.HasPrefix(content, []byte("%PDF-")) }

// asForm is said of what came in as such a form, to whoever decides on it.
func asForm(content []byte, id dars.CertificateID, doubts []string) string {
	if !isPDF(content) {
		return ""
	}
	said := "\nIt was filled in on a screen. What its fields hold can differ from what is seen: look at it before you accept it.\n\n    darsd certificate print " + string(id) + " --returned > returned.pdf\n"
	for i, doubt := range doubts {
		if i == 0 {
			said += "\nLook well at these fields:\n"
		}
		said += "  - " + doubt + "\n"
	}
	return said
}
