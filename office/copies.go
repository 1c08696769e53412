package office

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strings"

	"darsd/dars"
	"darsd/store"
)

// SignedCopyPaper is the kind of a paper that came back signed.
const SignedCopyPaper = "signed-copy"

// takeCopy takes in a signed copy that people are to look at: of an agreement or of a
// framework contract, as it says itself.
func (o Intake) takeCopy(ctx context.Context, a dars.Act, in Arrived, pdf []byte, v *dars.Verdict, keep func(*store.Tx) error) error {
	copy, err := o.returnedCopy(ctx, in, pdf)
	if err != nil {
		return err
	}
	if strings.HasPrefix(copy.Ref, "CON-") {
		_, err = Parties(o).take(ctx, a, in, pdf, copy, func(tx *store.Tx, c *dars.Contract) error {
			v.Verdict, v.Ref, v.MissingPages = dars.VerdictWaiting, string(c.ID), c.Copy.MissingPages
			v.Reason = waitsForTwo(string(c.ID), copy)
			return keep(tx)
		})
		return err
	}
	_, err = Agreements(o).take(ctx, a, in, pdf, copy, func(tx *store.Tx, g *dars.Agreement) error {
		v.Verdict, v.Ref, v.Version, v.MissingPages = dars.VerdictWaiting, g.Stem, g.Version, g.Copy.MissingPages
		v.Reason = waitsForTwo(string(g.ID), copy)
		return keep(tx)
	})
	return err
}

func waitsForTwo(ref string, copy dars.ReturnedCopy) string {
	if lacks := copy.Lacks(); lacks != "" {
		return "the signed copy of " + ref + " is received, and cannot be confirmed. " + lacks
	}
	return "the signed copy of " + ref + " is received; it waits for two people of the office to confirm it"
}

// returnedCopy reads which paper came back, and refuses one whose words are not those
// that the office issued.
func (o *Office) returnedCopy(ctx context.Context, in Arrived, pdf []byte) (copy dars.ReturnedCopy, err error) {
	copy, err = o.Works.Reader.Signed(ctx, pdf)
	if ctx.Err() != nil {
		return copy, ctx.Err() // which says nothing about the paper
	}
	if err != nil {
		return copy, dars.Refuse("not-readable", in.Name, "%s: %v", in.Name, err)
	}
	return copy, o.asIssued(ctx, copy)
}

// asIssued compares a copy with what the office issued, which lies in the vault and is
// read in the same way. Papers of old have no codes; people look at the words then.
func (o *Office) asIssued(ctx context.Context, copy dars.ReturnedCopy) error {
	if copy.Words == "" {
		return nil
	}
	var paper *dars.Paper
	err := o.Store.View(ctx, func(tx *store.Tx) (err error) {
		for _, kind := range []string{"agreement", "contract", "certificate"} {
			if paper, err = latestPaper(tx, dars.CertificateID(copy.Ref), kind); paper != nil || err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil || paper == nil {
		return err
	}
	var content bytes.Buffer
	if err := o.pour(paper, &content); err != nil {
		return err
	}
	issued, err := o.Works.Reader.Signed(ctx, content.Bytes())
	if err != nil {
		return fmt.Errorf("read %s as it was issued: %w", copy.Ref, errors.New(err.Error())) // ours, and no refusal of theirs
	}
	return copy.MustBe(issued)
}

// kept puts what came in into the vault, before the record says so.
func (o *Office) kept(in Arrived, content []byte) (vault string, err error) {
	vault = "received/" + in.SHA256
	return vault, o.Works.Vault.Write("", vault, bytes.NewReader(content))
}

// TakeCopy takes in a signed copy of a framework contract. The copy says itself of
// which; people then confirm what it shows.
func (o Parties) TakeCopy(ctx context.Context, a dars.Act, in Arrived, pdf []byte, then ...func(*store.Tx, *dars.Contract) error) (*dars.Contract, error) {
	copy, err := o.returnedCopy(ctx, in, pdf)
	if err != nil {
		return nil, err
	}
	return o.take(ctx, a, in, pdf, copy, then...)
}

// take is TakeCopy of one that has been read.
func (o Parties) take(ctx context.Context, a dars.Act, in Arrived, pdf []byte, copy dars.ReturnedCopy, then ...func(*store.Tx, *dars.Contract) error) (c *dars.Contract, err error) {
	vault, err := o.kept(in, pdf)
	if err != nil {
		return nil, err
	}
	err = o.do(ctx, a, "contract copy", func(tx *store.Tx, who *dars.Person) error {
		c, err = store.Get[dars.Contract](tx, copy.Ref)
		if err == nil {
			err = ownCase(who, c.Org, "contract", copy.Ref)
		}
		var no *dars.Refusal
		if errors.As(err, &no) {
			return dars.Refuse("no-contract", copy.Ref, "%s says it is contract %s, which this office has not issued to its sender", in.Name, copy.Ref)
		}
		if err != nil {
			return err
		}
		if c.State == dars.ContractIssued && c.Copy.Is(in.SHA256) {
			return also(tx, c, then) // by another door as well
		}
		p := o.copyPaper(a, in, SignedCopyPaper, copy.Ref, "signed-"+copy.Ref, pdf, vault)
		if err := c.CopyReceived(dars.SignedCopy{SHA256: in.SHA256, Received: o.today(a), MissingPages: append([]int{}, copy.Missing...)}); err != nil {
			return err
		}
		if err := o.filed(tx, a, p); err != nil {
			return err
		}
		c.Copy.Paper = p.ID
		if err := keep(tx, a, "contract copy", c, then...); err != nil {
			return err
		}
		return write(tx, a, letter{Roles: []dars.Role{dars.CaseOfficer},
			Subject: fmt.Sprintf("%s: signed copy received", c.ID),
			Body:    fmt.Sprintf("A signed copy of contract %s has come in (paper %s). %s\n", c.ID, p.ID, contractCopy(c))})
	})
	return c, err
}

// contractCopy says to officers what to do with the signed copy of a contract.
func contractCopy(c *dars.Contract) string {
	if !c.Copy.Whole() {
		return fmt.Sprintf("It cannot be confirmed, since %s: ask for the whole of it.", c.Copy.Lacks())
	}
	return fmt.Sprintf("Two of you are to look at it and confirm it:\n\n    darsd contract confirm %s --page 1 --out page.jpg\n    darsd contract confirm %[1]s", c.ID)
}

// Returned is what came back last about an agreement, a contract or a certificate.
func (o Desk) Returned(ctx context.Context, a dars.Act, ref string, kinds ...string) (paper *dars.Paper, err error) {
	err = o.Store.View(ctx, func(tx *store.Tx) error {
		who, err := actor(tx, a)
		if err != nil {
			return err
		}
		if !who.Inside() {
			return dars.Refuse("not-found", ref, "there is no returned copy of %s", ref)
		}
		if c, err := store.Get[dars.Certificate](tx, ref); err == nil {
			kinds = []string{cameAs(c)} // and not what an officer typed in from it
		}
		for _, kind := range kinds {
			p, err := latestPaper(tx, dars.CertificateID(ref), kind)
			if err != nil {
				return err
			}
			if p != nil && (paper == nil || p.ID > paper.ID) {
				paper = p
			}
		}
		if paper == nil {
			return dars.Refuse("not-found", ref, "no copy of %s has come back yet", ref)
		}
		if paper.Kind == SignedCopyPaper {
			paper, err = copyThatCounts(tx, ref, paper)
		}
		return err
	})
	return paper, err
}

// copyThatCounts is the paper of the signed copy of an agreement or a contract that is to
// be confirmed, or was: not always the newest that was filed, since the same copy may come
// again after another, and is filed once.
func copyThatCounts(tx *store.Tx, ref string, newest *dars.Paper) (*dars.Paper, error) {
	var counts *dars.SignedCopy
	if g, err := store.Get[dars.Agreement](tx, ref); err == nil {
		counts = g.Copy
	} else if c, err := store.Get[dars.Contract](tx, ref); err == nil {
		counts = c.Copy
	}
	if counts == nil || counts.Paper == "" {
		return newest, nil
	}
	return store.Get[dars.Paper](tx, counts.Paper)
}

// Page is the picture of one page, from 1, of a paper that came back: PNG or JPEG. It
// is for the office alone.
func (o Desk) Page(ctx context.Context, paper *dars.Paper, page int) ([]byte, error) {
	var content bytes.Buffer
	if err := o.pour(paper, &content); err != nil {
		return nil, err
	}
	return o.Works.Reader.Page(ctx, content.Bytes(), page)
}
