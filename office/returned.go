package office

import (
	"bytes"
	"context"
	"io"

	"darsd/dars"
	"darsd/store"
)

// Print writes the paper of a certificate of destruction, or what came back. Whoever
// accepts one that was filled in on a screen looks at it: what its fields hold can
// differ from what is seen.
func (o Deletion) Print(ctx context.Context, a dars.Act, id dars.CertificateID, returned bool, to io.Writer) error {
	kind := "certificate"
	if returned {
		kind = "certificate-return"
	}
	var paper *dars.Paper
	err := o.Store.View(ctx, func(tx *store.Tx) error {
		who, err := actor(tx, a)
		if err != nil {
			return err
		}
		c, err := store.Get[dars.Certificate](tx, id)
		if err != nil {
			return err
		}
		if err := ownCase(who, c.Org, "certificate", string(id)); err != nil {
			return err
		}
		all, err := store.Find[dars.Paper](tx, dars.By("about", id), dars.By("kind", kind))
		if err == nil && len(all) == 0 {
			err = dars.Refuse("not-found", id, "there is no %s of certificate %s yet", kind, id)
		}
		if err == nil {
			paper = all[len(all)-1]
		}
		return err
	})
	if err != nil {
		return err
	}
	return o.pour(paper, to)
}

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
func asForm(content []byte, id dars.CertificateID) string {
	if !isPDF(content) {
		return ""
	}
	return "\nIt was filled in on a screen. What its fields hold can differ from what is seen: look at it before you accept it.\n\n    darsd certificate print " + string(id) + " --returned > returned.pdf\n"
}
