package office

import (
	"bytes"
	"context"
	"fmt"
	"slices"
	"strings"

	"darsd/dars"
	"darsd/store"
)

// wind ends what stood under an agreement that has expired or was terminated:
// releases are taken back and our own copies go; a certificate of destruction is
// asked for everything of which a byte was sent. Where nothing was, the case is
// closed.
func (o *Office) wind(tx *store.Tx, a dars.Act, act string, g *dars.Agreement) error {
	if err := o.endReleases(tx, a, act, g); err != nil {
		return err
	}
	if err := o.stopClock(tx, a, act, g, fmt.Sprintf("agreement %s ended before anything was released", g.ID)); err != nil {
		return err
	}
	files, err := o.sentUnder(tx, g)
	if err != nil {
		return err
	}
	if len(files) == 0 {
		if err := g.Close(); err != nil {
			return err
		}
		if err := tx.Save(a, act, g); err != nil {
			return err
		}
		if err := closeBefore(tx, a, act, g); err != nil {
			return err
		}
		if err := o.endCohorts(tx, a, g); err != nil {
			return err
		}
		return write(tx, a, letter{To: []dars.PersonID{g.Contact},
			Subject: fmt.Sprintf("%s: agreement ended", g.ID),
			Body:    fmt.Sprintf("Agreement %s has ended. Nothing was ever collected under it, so there is nothing to destroy, and the case is closed.\n", g.ID)})
	}
	return o.certify(tx, a, act, g, files, fmt.Sprintf("Agreement %s has ended, and access under it is shut.", g.ID))
}

// certify asks for a certificate of destruction of some files, for a reason.
func (o *Office) certify(tx *store.Tx, a dars.Act, act string, g *dars.Agreement, files []dars.SentFile, why string) error {
	holders, err := holders(tx, g, files)
	if err != nil {
		return err
	}
	ref, err := number(tx, "certificate", "CERT-")
	if err != nil {
		return err
	}
	c := &dars.Certificate{ID: dars.CertificateID(ref), Agreement: g.ID, Org: g.Org, State: dars.CertIssued, Files: files, Holders: holders,
		Issued: o.today(a), Due: g.Ended.Add(o.Policy.CertificateDays), Items: []dars.Destruction{}, Steps: []dars.Step{}}
	if err := g.OweDeletion(c.ID); err != nil {
		return err
	}
	if err := tx.Save(a, act, g); err != nil {
		return err
	}
	if err := tx.Save(a, "certificate issue", c); err != nil {
		return err
	}
	for _, kind := range []string{"certificate", "certificate-form", "destruction-notice"} {
		if err := owePaper(tx, a, kind, string(c.ID)); err != nil {
			return err
		}
	}
	return write(tx, a, letter{To: append([]dars.PersonID{g.Contact}, g.Recipients...),
		Subject: fmt.Sprintf("%s: agreement ended; certificate of destruction %s due by %s", g.ID, c.ID, c.Due.Long()),
		Body: fmt.Sprintf("%s\n\nAll data that the certificate %s lists are to be destroyed by every holder: %s. Fill in papers/%s.yaml and put it into submit/ by %s.\n",
			why, c.ID, strings.Trim(fmt.Sprint(c.Holders), "[]"), c.ID, c.Due.Long())})
}

// endReleases takes back what was not published and purges what was.
func (o *Office) endReleases(tx *store.Tx, a dars.Act, act string, g *dars.Agreement) error {
	all, err := store.Find[dars.Release](tx, dars.By("agreement", g.ID))
	if err != nil {
		return err
	}
	for _, r := range all {
		switch {
		case r.Access != nil && r.State != dars.ReleaseWithdrawn:
			a.Why = "its agreement ended"
			to := append(addressees(g), r.Access.Current()...)
			if err = r.EndAccess(a, o.today(a)); err == nil {
				err = o.tellRevoked(tx, a, g, r, to)
			}
		case r.Withdrawable():
			a.Why = "its agreement ended"
			err = r.Withdraw(a)
		case r.State == dars.Published || r.State == dars.Collected:
			err = r.Purge()
		default:
			continue
		}
		if err != nil {
			return err
		}
		if err := tx.Save(a, act, r); err != nil {
			return err
		}
		if err := tx.Owe(owePurge, r.ID); err != nil {
			return err
		}
	}
	return nil
}

// sentUnder lists the files of which at least one byte left under an agreement, or
// that versions before have handed on to it, and for whom.
func (o *Office) sentUnder(tx *store.Tx, g *dars.Agreement) ([]dars.SentFile, error) {
	before, err := o.handedOn(tx, g)
	if err != nil {
		return nil, err
	}
	files, err := o.sentUnderItself(tx, g)
	return append(before, files...), err
}

func (o *Office) sentUnderItself(tx *store.Tx, g *dars.Agreement) (files []dars.SentFile, err error) {
	pages, err := store.Find[dars.Collection](tx, dars.By("agreement", g.ID))
	if err != nil {
		return nil, err
	}
	releases, err := store.Find[dars.Release](tx, dars.By("agreement", g.ID))
	if err != nil {
		return nil, err
	}
	for _, r := range releases {
		if c, err := certificateOf(tx, r); err != nil || c != nil && c.State == dars.CertAccepted {
			if err != nil {
				return nil, err
			}
			continue // accounted for
		}
		for _, f := range r.Files {
			sent := dars.SentFile{File: f.ID, Release: r.ID, Path: f.Path, Size: f.Bytes}
			for _, c := range pages {
				if n := c.Sent().Bytes(); c.File == f.ID && n > 0 {
					sent.Sent = append(sent.Sent, dars.SentTo{Person: c.Person, Bytes: n, Last: o.Calendar.Day(c.Last)})
				}
			}
			if len(sent.Sent) > 0 {
				files = append(files, sent)
			}
		}
	}
	return files, nil
}

// holders are all who may have what was sent under an agreement: its parties, those
// of the version under which it was sent, and the organisations of those to whom.
func holders(tx *store.Tx, g *dars.Agreement, files []dars.SentFile) ([]dars.OrgCode, error) {
	all := parties(g)
	add := func(codes ...dars.OrgCode) {
		for _, code := range codes {
			if !slices.Contains(all, code) {
				all = append(all, code)
			}
		}
	}
	for _, f := range files {
		r, err := store.Get[dars.Release](tx, f.Release)
		if err != nil {
			return nil, err
		}
		version, err := store.Get[dars.Agreement](tx, r.Agreement)
		if err != nil {
			return nil, err
		}
		add(parties(version)...)
		for _, s := range f.Sent {
			p, err := store.Get[dars.Person](tx, s.Person)
			if err != nil {
				return nil, err
			}
			add(p.Org)
		}
	}
	return all, nil
}

// Receive takes in a certificate that came back.
func (o Deletion) Receive(ctx context.Context, a dars.Act, in Arrived, text []byte, then ...func(*store.Tx, *dars.Certificate) error) (c *dars.Certificate, err error) {
	form, err := o.Works.Reader.Certificate(text)
	if err != nil {
		return nil, dars.Refuse("bad-form", in.Name, "%s: %v", in.Name, err)
	}
	vault := "received/" + in.SHA256
	if err := o.Works.Vault.Write("", vault, bytes.NewReader(text)); err != nil {
		return nil, err
	}
	err = o.do(ctx, a, "certificate submit", func(tx *store.Tx, who *dars.Person) error {
		if c, err = store.Get[dars.Certificate](tx, form.Certificate); err != nil {
			return err
		}
		if err := ownCase(who, c.Org, "certificate", string(c.ID)); err != nil {
			return err
		}
		if err := c.Receive(a, form, o.today(a)); err != nil {
			return err
		}
		if err := keep(tx, a, "certificate submit", c, then...); err != nil {
			return err
		}
		p := &dars.Paper{Kind: "certificate-return", About: string(c.ID), Name: string(c.ID) + ".yaml", SHA256: in.SHA256, Bytes: int64(len(text)), Day: o.today(a), From: a.Who, Vault: vault}
		if err := o.filed(tx, a, p); err != nil {
			return err
		}
		return write(tx, a, letter{Roles: []dars.Role{dars.Compliance},
			Subject: fmt.Sprintf("%s: certificate of destruction received", c.ID),
			Body:    fmt.Sprintf("Certificate %s for agreement %s has come back. Missing: %s.\n\n    darsd certificate show %s\n    darsd certificate accept %s\n", c.ID, c.Agreement, orNone(c.Missing()), c.ID, c.ID)})
	})
	return c, err
}

func orNone(list []string) string {
	if len(list) == 0 {
		return "nothing"
	}
	return strings.Join(list, ", ")
}

// Accept is compliance's word that all is accounted for. It closes the case,
// unless a backup lives on.
func (o Deletion) Accept(ctx context.Context, a dars.Act, id dars.CertificateID) error {
	return one(ctx, o.Office, a, "certificate accept", id,
		func(a dars.Act, c *dars.Certificate) error { return c.Accept(a, o.today(a)) },
		func(tx *store.Tx, c *dars.Certificate) error { return o.settled(tx, a, c) })
}

// settled closes the agreement of a certificate that is accepted, and says so.
func (o *Office) settled(tx *store.Tx, a dars.Act, c *dars.Certificate) error {
	if c.Release != "" {
		return Releases{o}.givenBack(tx, a, c)
	}
	g, err := store.Get[dars.Agreement](tx, c.Agreement)
	if err != nil {
		return err
	}
	body := fmt.Sprintf("Certificate %s is accepted as interim: a backup lives until %s.\n", c.ID, c.BackupEnd.Long())
	if c.State == dars.CertAccepted {
		body = fmt.Sprintf("Certificate %s is accepted. The case %s is closed.\n", c.ID, g.ID)
		if err := g.Close(); err != nil {
			return err
		}
		if err := tx.Save(a, "agreement close", g); err != nil {
			return err
		}
		if g.SupersededBy == "" { // or else the later version still covers what they handed on
			if err := closeBefore(tx, a, "agreement close", g); err != nil {
				return err
			}
		}
		if err := o.endCohorts(tx, a, g); err != nil {
			return err
		}
	}
	return write(tx, a, letter{To: []dars.PersonID{g.Contact}, Subject: fmt.Sprintf("%s: certificate of destruction %s", c.ID, c.State), Body: body})
}

// Query asks the sender about a certificate.
func (o Deletion) Query(ctx context.Context, a dars.Act, id dars.CertificateID) error {
	return one(ctx, o.Office, a, "certificate query", id, func(a dars.Act, c *dars.Certificate) error { return c.Query(a) }, o.returned(a, "queried"))
}

// Reject sends a certificate back.
func (o Deletion) Reject(ctx context.Context, a dars.Act, id dars.CertificateID) error {
	return one(ctx, o.Office, a, "certificate reject", id, func(a dars.Act, c *dars.Certificate) error { return c.Reject(a) }, o.returned(a, "rejected"))
}

func (o Deletion) returned(a dars.Act, word string) func(*store.Tx, *dars.Certificate) error {
	return func(tx *store.Tx, c *dars.Certificate) error {
		g, err := store.Get[dars.Agreement](tx, c.Agreement)
		if err != nil {
			return err
		}
		to := []dars.PersonID{g.Contact}
		if !slices.Contains([]dars.PersonID{"", dars.ByFolder, g.Contact}, c.From) {
			to = append(to, c.From)
		}
		return write(tx, a, letter{To: to, Subject: fmt.Sprintf("%s: certificate of destruction %s", c.ID, word),
			Body: fmt.Sprintf("Certificate %s for agreement %s is %s:\n\n%s\n\nMend papers/%s.yaml and put it into submit/ again.\n", c.ID, c.Agreement, word, a.Why, c.ID)})
	}
}

// Open triggers an audit.
func (o Audits) Open(ctx context.Context, a dars.Act, org dars.OrgCode, agreement dars.AgreementID, trigger string) (id dars.AuditID, err error) {
	err = o.do(ctx, a, "audit open", func(tx *store.Tx, _ *dars.Person) error {
		if _, err := store.Get[dars.Organisation](tx, org); err != nil {
			return err
		}
		id, err = o.trigger(tx, a, org, agreement, trigger, a.Why)
		return err
	})
	return id, err
}

// trigger opens an audit and tells the auditors.
func (o *Office) trigger(tx *store.Tx, a dars.Act, org dars.OrgCode, agreement dars.AgreementID, trigger, reason string) (dars.AuditID, error) {
	ref, err := number(tx, "audit", "AUD-")
	if err != nil {
		return "", err
	}
	u := &dars.Audit{ID: dars.AuditID(ref), Org: org, Agreement: agreement, Trigger: trigger, Reason: reason, Triggered: o.today(a), State: dars.Triggered}
	if err := tx.Save(a, "audit open", u); err != nil {
		return "", err
	}
	return u.ID, write(tx, a, letter{Roles: []dars.Role{dars.Auditor, dars.Compliance},
		Subject: fmt.Sprintf("%s: audit of %s triggered", u.ID, org),
		Body:    fmt.Sprintf("Audit %s of %s under agreement %s is triggered: %s.\n", u.ID, org, agreement, reason)})
}
