package office

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"darsd/dars"
	"darsd/store"
)

// Signatures are what a paper that came back bears of digital signatures.
type Signatures struct {
	Borne   bool     // there are some, besides the office's own seal
	Issued  int      // bytes of the file behind which they were added
	Signers []Signer // whose they are, if they are all that was added, and good
	Fault   string   // else why not
}

// A Signer is who has signed, as a certificate that the office accepts says.
type Signer struct {
	Certificate   string // SHA-256, hex
	At            time.Time
	Organisations []dars.OrgCode // for one of which it is
	Says          []string       // the names of organisations in it
}

// takeSigned takes in an agreement or a framework contract that was signed digitally;
// any other paper it leaves to people. The file has to begin with exactly what was
// issued, of which the record holds the hash, and behind that there may be signatures
// and nothing else. They are the controllers' own, so nobody has to confirm them.
func (o Intake) takeSigned(ctx context.Context, a dars.Act, in Arrived, pdf []byte, v *dars.Verdict, keep func(*store.Tx) error) (taken bool, err error) {
	s, err := o.Works.Reader.Signatures(ctx, pdf, a.At)
	if err != nil || !s.Borne {
		return false, err
	}
	issued, err := o.issued(ctx, pdf[:s.Issued])
	switch {
	case err != nil:
		return false, err
	case issued == nil:
		return false, dars.Refuse("not-as-issued", in.Name, "%s is signed digitally, but it does not begin with a paper exactly as this office issued it: open the file that you got from us, sign that, save it and send it without printing or converting it", in.Name)
	case s.Fault != "":
		return false, dars.Refuse("bad-signature", issued.About, "%s: %s. Sign %s again in the file that you got from us, and send it as your program saves it; or print it, sign it with a pen and send a scan of all its pages", in.Name, strings.TrimSuffix(s.Fault, "."), issued.About)
	}
	for _, signer := range s.Signers {
		if o.Calendar.Day(signer.At) < issued.Day.Add(-1) { // a day, for clocks that are wrong
			return false, dars.Refuse("bad-signature", issued.About, "%s: a signature says that it was made on %s, and %s was issued on %s: set the clock of the machine right and sign it again", in.Name, o.Calendar.Day(signer.At), issued.About, issued.Day)
		}
	}
	vault := "received/" + in.SHA256
	if err := o.Works.Vault.Write("", vault, bytes.NewReader(pdf)); err != nil {
		return false, err
	}
	copy := o.copyPaper(a, in, SignedCopyPaper, issued.About, "signed-"+issued.About, pdf, vault)
	v.Ref, v.Verdict = issued.About, dars.VerdictAccepted
	if issued.Kind == "contract" {
		return true, Parties(o).TakeSigned(ctx, a, copy, s.Signers, func(tx *store.Tx, c *dars.Contract) error {
			v.Reason = fmt.Sprintf("contract %s is signed by %s", c.ID, c.Org)
			v.Signatures = []string{fmt.Sprintf("%s, certificate SHA-256 %s", c.Org, c.Certificate)}
			return keep(tx)
		})
	}
	return true, o.agreementSigned(ctx, a, copy, s.Signers, v, keep)
}

// issued is the agreement or the contract that the office issued as these bytes, or nil.
func (o Intake) issued(ctx context.Context, pdf []byte) (paper *dars.Paper, err error) {
	sum := sha256.Sum256(pdf)
	err = o.Store.View(ctx, func(tx *store.Tx) error {
		all, err := store.Find[dars.Paper](tx, dars.By("sha256", hex.EncodeToString(sum[:])))
		i := slices.IndexFunc(all, func(p *dars.Paper) bool {
			return (p.Kind == "agreement" || p.Kind == "contract") && p.From == "" && p.Bytes == int64(len(pdf))
		})
		if i >= 0 {
			paper = all[i]
		}
		return err
	})
	return paper, err
}

// agreementSigned notes whose signatures an agreement bears. Where controllers are
// missing the applicant is waited for.
func (o Intake) agreementSigned(ctx context.Context, a dars.Act, paper *dars.Paper, signers []Signer, v *dars.Verdict, keepIt func(*store.Tx) error) error {
	return o.do(ctx, a, "agreement copy", func(tx *store.Tx, who *dars.Person) error {
		g, err := store.Get[dars.Agreement](tx, paper.About)
		if err != nil {
			return err
		}
		if err := ownCase(who, g.Org, "agreement", string(g.ID)); err != nil {
			return err
		}
		var parties []dars.OrgCode
		for _, c := range g.Controllers {
			parties = append(parties, c.Org)
		}
		by, err := signatories(tx, string(g.ID), parties, signers)
		if err != nil {
			return err
		}
		if err := g.SignedDigitally(dars.SignedCopy{SHA256: paper.SHA256, Received: o.today(a), MissingPages: []int{}}, by...); err != nil {
			return err
		}
		if err := o.filed(tx, a, paper); err != nil {
			return err
		}
		g.Copy.Paper = paper.ID
		v.Ref, v.Version = g.Stem, g.Version
		v.Reason = fmt.Sprintf("agreement %s is signed by %s", g.ID, signersOf(by))
		if missing := g.Unsigned(); len(missing) > 0 {
			v.Reason += ", and waits for the signature of " + orgList(missing)
		}
		v.Signatures = attested(by)
		if err := keep(tx, a, "agreement copy", g, func(tx *store.Tx, _ *dars.Agreement) error { return keepIt(tx) }); err != nil {
			return err
		}
		if err := o.signatureCame(tx, a, "agreement copy", g); err != nil {
			return err
		}
		if len(g.Unsigned()) > 0 {
			return o.awaitSignature(tx, a, "agreement copy", g)
		}
		return write(tx, a, letter{Roles: []dars.Role{dars.Signatory},
			Subject: fmt.Sprintf("%s: signed by all controllers", g.ID),
			Body:    fmt.Sprintf("Agreement %s has come back signed digitally by %s (paper %s). It waits for the office's own signature:\n\n    darsd agreement print %s --copy > copy.pdf\n    darsd agreement countersign %s\n", g.ID, signersOf(by), paper.ID, g.ID, g.ID)})
	})
}

// TakeSigned notes the digital signature of an organisation on its framework contract.
func (o Parties) TakeSigned(ctx context.Context, a dars.Act, paper *dars.Paper, signers []Signer, then ...func(*store.Tx, *dars.Contract) error) error {
	return o.do(ctx, a, "contract copy", func(tx *store.Tx, who *dars.Person) error {
		c, err := store.Get[dars.Contract](tx, paper.About)
		if err != nil {
			return err
		}
		if err := ownCase(who, c.Org, "contract", string(c.ID)); err != nil {
			return err
		}
		by, err := signatories(tx, string(c.ID), []dars.OrgCode{c.Org}, signers)
		if err != nil {
			return err
		}
		if err := c.SignedDigitally(by[0]); err != nil {
			return err
		}
		if err := o.filed(tx, a, paper); err != nil {
			return err
		}
		if err := keep(tx, a, "contract copy", c, then...); err != nil {
			return err
		}
		return write(tx, a, letter{Roles: []dars.Role{dars.Signatory},
			Subject: fmt.Sprintf("%s: signed by %s", c.ID, c.Org),
			Body:    fmt.Sprintf("Framework contract %s has come back signed digitally by %s (paper %s). It waits for the office's own signature:\n\n    darsd contract countersign %s\n", c.ID, c.Org, paper.ID, c.ID)})
	})
}

// signatories finds for which of some organisations each of the signers has signed. An
// authority that stands for several says in its certificates for which.
func signatories(tx *store.Tx, ref string, parties []dars.OrgCode, signers []Signer) (by []dars.DigitalSignature, err error) {
	for _, s := range signers {
		org, err := organisationOf(tx, s)
		if err != nil {
			return nil, err
		}
		switch {
		case org == "":
			return nil, dars.Refuse("bad-signature", ref, "%s: a signature is good, but its certificate (SHA-256 %.16s…) does not say for which organisation: sign with one that names it, by its name or its code", ref, s.Certificate)
		case !slices.Contains(parties, org):
			return nil, dars.Refuse("not-a-party", ref, "%s: a signature is of %s, which is none of those who are to sign it", ref, org)
		}
		by = append(by, dars.DigitalSignature{Org: org, Certificate: s.Certificate})
	}
	return by, nil
}

func organisationOf(tx *store.Tx, s Signer) (dars.OrgCode, error) {
	if all := slices.Compact(slices.Sorted(slices.Values(s.Organisations))); len(all) == 1 {
		return all[0], nil
	}
	for _, code := range s.Organisations {
		org, err := store.Get[dars.Organisation](tx, code)
		var no *dars.Refusal
		if errors.As(err, &no) {
			continue // accepted before it was known here
		}
		if err != nil {
			return "", err
		}
		if slices.ContainsFunc(s.Says, func(said string) bool {
			return strings.EqualFold(strings.TrimSpace(said), org.Name) || strings.EqualFold(strings.TrimSpace(said), string(code))
		}) {
			return code, nil
		}
	}
	return "", nil
}

// signersOf lists who has signed.
func signersOf(by []dars.DigitalSignature) string {
	var orgs []dars.OrgCode
	for _, s := range by {
		orgs = append(orgs, s.Org)
	}
	return orgList(slices.Compact(orgs))
}

func orgList(orgs []dars.OrgCode) string {
	words := make([]string, len(orgs))
	for i, org := range orgs {
		words[i] = string(org)
	}
	return strings.Join(words, " and ")
}

// attested are signatures as a verdict names them. Who the person is, stands in the
// file, and not in the record.
func attested(by []dars.DigitalSignature) (all []string) {
	for _, s := range by {
		all = append(all, fmt.Sprintf("%s, certificate SHA-256 %s", s.Org, s.Certificate))
	}
	return all
}
