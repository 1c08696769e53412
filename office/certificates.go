package office

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"darsd/dars"
	"darsd/store"
)

// How a certificate of destruction comes back:
//
//	received ──▶ all as it should be: compliance accepts it, or asks
//	    └──▶ something is wrong: queried by the program, with every point at once

// Receive takes in a certificate that came back. One that is not as it should be is
// queried at once, with exactly the points that are wrong.
func (o Deletion) Receive(ctx context.Context, a dars.Act, in Arrived, text []byte, then ...func(*store.Tx, *dars.Certificate) error) (c *dars.Certificate, err error) {
	form, err := o.Works.Reader.Certificate(ctx, text)
	if isRule(err, "no-answers") {
		return o.receivePrinted(ctx, a, in, text, err, then...)
	}
	if err != nil {
		return nil, unreadable(in, err)
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
		switch {
		case !who.Inside():
			c.Printed = nil // what is sent now counts instead
		case a.Who != dars.ByFolder:
			if err := c.Typed(); err != nil {
				return err
			}
		}
		held, err := o.holdings(tx, c, o.today(a))
		if err != nil {
			return err
		}
		if err := c.Receive(a, form, o.today(a), held); err != nil {
			return err
		}
		if err := keep(tx, a, "certificate submit", c); err != nil {
			return err
		}
		name := string(c.ID) + ".yaml"
		if isPDF(text) {
			name = string(c.ID) + "-returned.pdf"
		}
		p := &dars.Paper{Kind: certificateReturn, About: string(c.ID), Name: name, SHA256: in.SHA256, Bytes: int64(len(text)), Day: o.today(a), From: a.Who, Vault: vault}
		if err := o.filed(tx, a, p); err != nil {
			return err
		}
		if err := o.judged(tx, a, c, asForm(text, c.ID, form.Doubts)); err != nil {
			return err
		}
		for _, do := range then {
			if err := do(tx, c); err != nil {
				return err
			}
		}
		return nil
	})
	return c, err
}

// unreadable is the refusal of a form that cannot be read, with every mistake in it.
func unreadable(in Arrived, err error) error {
	var no *dars.Refusal
	if errors.As(err, &no) && len(no.Mistakes) > 0 {
		return dars.RefuseMistakes(in.Name, in.Name, no.Mistakes)
	}
	return dars.Refuse("bad-form", in.Name, "%s: %v", in.Name, err)
}

// judged passes a certificate that came back on to compliance, or sends it back with
// the points in which it is wrong. That is the program's own step: it decides
// nothing, and says what a person would have to say. look is what compliance must look
// at besides.
func (o Deletion) judged(tx *store.Tx, a dars.Act, c *dars.Certificate, look string) error {
	if len(c.Points) == 0 {
		return write(tx, a, letter{Routine: "certificate submit", Roles: []dars.Role{dars.Compliance},
			Subject: fmt.Sprintf("%s: certificate of destruction received", c.ID),
			Body:    fmt.Sprintf("Certificate %s for agreement %s has come back. Missing: %s.\n\n    darsd certificate show %s\n    darsd certificate accept %s\n", c.ID, c.Agreement, orNone(c.Missing()), c.ID, c.ID) + look})
	}
	if err := c.QueryPoints(); err != nil {
		return err
	}
	clock := dars.Act{Who: dars.ByClock, At: a.At, Via: dars.Clock}
	if err := tx.Save(clock, "certificate query", c); err != nil {
		return err
	}
	said := fmt.Sprintf("%d points of it are not as they should be:", len(c.Points))
	if len(c.Points) == 1 {
		said = "one point of it is not as it should be:"
	}
	for _, p := range c.Points {
		said += "\n  - " + p.String()
	}
	return o.sentBack(tx, clock, c, "queried", said)
}

func orNone(list []string) string {
	if len(list) == 0 {
		return "nothing"
	}
	return strings.Join(list, ", ")
}

// Accept is compliance's word that all is accounted for. It closes the case,
// unless a backup lives on or another certificate is open.
func (o Deletion) Accept(ctx context.Context, a dars.Act, id dars.CertificateID) error {
	opened, err := o.opened(ctx, a, id)
	if err != nil {
		return err
	}
	return o.do(ctx, a, "certificate accept", func(tx *store.Tx, _ *dars.Person) error {
		c, err := store.Get[dars.Certificate](tx, id)
		if err != nil {
			return err
		}
		held, err := o.holdings(tx, c, o.today(a))
		if err != nil {
			return err
		}
		if err := c.Accept(inName(tx, a), o.today(a), held); err != nil {
			return err
		}
		if err := mustHaveOpened(tx, c, opened); err != nil {
			return err
		}
		return keep(tx, a, "certificate accept", c, func(tx *store.Tx, c *dars.Certificate) error { return o.settled(tx, a, c) })
	})
}

// settled follows the acceptance of a certificate, and says so.
func (o *Office) settled(tx *store.Tx, a dars.Act, c *dars.Certificate) error {
	closed, err := o.closeSettled(tx, a, c)
	if err != nil {
		return err
	}
	if c.Release != "" {
		return Releases{o}.givenBack(tx, a, c)
	}
	g, err := store.Get[dars.Agreement](tx, c.Agreement)
	if err != nil {
		return err
	}
	body := fmt.Sprintf("Certificate %s is accepted. The case %s is closed when its other certificates are.\n", c.ID, g.ID)
	switch {
	case c.State == dars.CertInterim:
		body = fmt.Sprintf("Certificate %s is accepted as interim: a backup lives until %s.\n", c.ID, c.BackupEnd.Long())
	case c.Cause != "" && !closed:
		body = fmt.Sprintf("Certificate %s is accepted: what release %s has ended is accounted for.\n", c.ID, c.By)
	case closed:
		body = fmt.Sprintf("Certificate %s is accepted. The case %s is closed.\n", c.ID, g.ID)
	}
	return write(tx, a, letter{To: []dars.PersonID{g.Contact}, Dates: gone(certificateDate(c)), Subject: fmt.Sprintf("%s: certificate of destruction %s", c.ID, c.State), Body: body})
}

// closeSettled closes the agreement of a certificate that is finally accepted, if it
// has ended and no other certificate of it is open.
func (o *Office) closeSettled(tx *store.Tx, a dars.Act, c *dars.Certificate) (closed bool, err error) {
	g, err := store.Get[dars.Agreement](tx, c.Agreement)
	if err != nil || c.State != dars.CertAccepted {
		return false, err
	}
	open, err := openCertificates(tx, g)
	if err != nil || len(open) > 0 {
		return false, err
	}
	switch next, err := store.Get[dars.Agreement](tx, g.SupersededBy); {
	case g.State == dars.DeletionDue:
	case g.State != dars.Superseded: // it is in force
		return false, nil
	case err != nil:
		return false, err
	case next.State != dars.Closed: // which covers what this one handed on
		return false, nil
	}
	if err := g.Close(); err != nil {
		return false, err
	}
	if err := tx.Save(a, "agreement close", g); err != nil {
		return false, err
	}
	if g.SupersededBy == "" { // or else the later version still covers what they handed on
		if err := closeBefore(tx, a, "agreement close", g); err != nil {
			return false, err
		}
	}
	return true, o.endCohorts(tx, a, g)
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
	return func(tx *store.Tx, c *dars.Certificate) error { return o.sentBack(tx, a, c, word, a.Why) }
}

// sentBack tells the sender, in a letter and on paper, why a certificate comes back.
func (o Deletion) sentBack(tx *store.Tx, a dars.Act, c *dars.Certificate, word, why string) error {
	g, err := store.Get[dars.Agreement](tx, c.Agreement)
	if err != nil {
		return err
	}
	to := []dars.PersonID{g.Contact}
	if !slices.Contains([]dars.PersonID{"", dars.ByFolder, g.Contact}, c.From) {
		to = append(to, c.From)
	}
	if err := owePaper(tx, a, "certificate-query", string(c.ID)); err != nil {
		return err
	}
	return write(tx, a, letter{Step: "certificate " + word, To: to, Subject: fmt.Sprintf("%s: certificate of destruction %s", c.ID, word),
		Body: fmt.Sprintf("Certificate %s for agreement %s is %s:\n\n%s\n\nMend the file that you sent, or papers/%s.yaml, and put it into submit/ again.\n", c.ID, c.Agreement, word, quoted(why), c.ID)})
}

// Overdue are the certificates that were due before a day and have not come, the
// longest overdue first. It is public who owes one.
func (o Desk) Overdue(ctx context.Context, at time.Time) (all []*dars.Certificate, err error) {
	on := o.Calendar.Day(at)
	err = o.Store.View(ctx, func(tx *store.Tx) error {
		all, err = store.Find[dars.Certificate](tx)
		return err
	})
	all = slices.DeleteFunc(all, func(c *dars.Certificate) bool { return !c.Overdue(on) })
	slices.SortStableFunc(all, func(a, b *dars.Certificate) int { return strings.Compare(string(a.Due), string(b.Due)) })
	return all, err
}
