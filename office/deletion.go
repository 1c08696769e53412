package office

import (
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
	files, asked, err := unasked(tx, g, files)
	switch {
	case err != nil:
		return err
	case len(files) == 0 && asked != nil:
		return o.stillOwed(tx, a, act, g, asked)
	case len(files) == 0:
		if err := g.Close(); err != nil {
			return err
		}
		dates, err := o.redated(tx, g)
		if err != nil {
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
		return write(tx, a, letter{To: []dars.PersonID{g.Contact}, Dates: dates,
			Subject: fmt.Sprintf("%s: agreement ended", g.ID),
			Body:    fmt.Sprintf("Agreement %s has ended. Nothing was collected under it that is to be destroyed, and the case is closed.\n", g.ID)})
	}
	return o.certify(tx, a, act, g, files, fmt.Sprintf("Agreement %s has ended, and access under it is shut.", g.ID))
}

// stillOwed has an agreement that ended wait for a certificate that asks for all
// that was sent under it already.
func (o *Office) stillOwed(tx *store.Tx, a dars.Act, act string, g *dars.Agreement, c *dars.Certificate) error {
	if err := g.OweDeletion(c.ID); err != nil {
		return err
	}
	dates, err := o.redated(tx, g)
	if err != nil {
		return err
	}
	if err := tx.Save(a, act, g); err != nil {
		return err
	}
	return write(tx, a, letter{To: addressees(g), Dates: dates,
		Subject: fmt.Sprintf("%s: agreement ended; certificate of destruction %s due by %s", g.ID, c.ID, c.Due.Long()),
		Body:    fmt.Sprintf("Agreement %s has ended, and access under it is shut. The certificate of destruction %s, which you have already, lists all that was sent under it: the case is closed when that is accepted.\n", g.ID, c.ID)})
}

// unasked are those of some files for which no certificate of the agreement is open,
// and the newest of those that are.
func unasked(tx *store.Tx, g *dars.Agreement, files []dars.SentFile) (left []dars.SentFile, asked *dars.Certificate, err error) {
	open, err := openCertificates(tx, g)
	for _, f := range files {
		i := slices.IndexFunc(open, func(c *dars.Certificate) bool { return c.Lists(f.File) })
		if i < 0 {
			left = append(left, f)
		} else if asked == nil || open[i].ID > asked.ID {
			asked = open[i]
		}
	}
	return left, asked, err
}

// askedWhole are the certificates that ask, or have asked, for a whole file.
func askedWhole(tx *store.Tx, f dars.FileID) ([]*dars.Certificate, error) {
	all, err := store.Find[dars.Certificate](tx, dars.By("file", f))
	return slices.DeleteFunc(all, (*dars.Certificate).InPart), err
}

// openCertificates are those of an agreement that are not finally accepted.
func openCertificates(tx *store.Tx, g *dars.Agreement) ([]*dars.Certificate, error) {
	all, err := store.Find[dars.Certificate](tx, dars.By("agreement", g.ID))
	return slices.DeleteFunc(all, func(c *dars.Certificate) bool { return c.State == dars.CertAccepted }), err
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
		Issued: o.today(a), Ended: g.Ended, Items: []dars.Destruction{}, Steps: []dars.Step{}}
	c.Due = c.Counts().Add(o.Policy.CertificateDays)
	if err := g.OweDeletion(c.ID); err != nil {
		return err
	}
	dates, err := o.redated(tx, g)
	if err != nil {
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
	return write(tx, a, letter{To: addressees(g), Dates: append(dates, certificateDate(c)),
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
	if a.Why = "its agreement ended"; g.SupersededBy != "" {
		a.Why = fmt.Sprintf("%s is in force in the place of its agreement", g.SupersededBy)
	}
	var open []*dars.Release
	for _, r := range all {
		if r.Open(o.today(a)) {
			open = append(open, r)
		}
		switch {
		case r.Access != nil && r.State != dars.ReleaseWithdrawn:
			to := append(addressees(g), r.Access.Current()...)
			if err = r.EndAccess(a, o.today(a)); err == nil {
				err = o.tellRevoked(tx, a, g, r, to)
			}
		case r.Withdrawable():
			was := r.State
			if err = r.Withdraw(a); err == nil {
				err = tellMakers(tx, a, r, was)
			}
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
	return tellShut(tx, a, g, open)
}

// tellShut tells that releases which were to be had for longer end with their agreement.
func tellShut(tx *store.Tx, a dars.Act, g *dars.Agreement, open []*dars.Release) error {
	if len(open) == 0 {
		return nil
	}
	body, then := fmt.Sprintf("Agreement %s has ended", g.ID), ""
	if g.SupersededBy != "" {
		body += fmt.Sprintf(", since %s is in force in its place", g.SupersededBy)
		then = fmt.Sprintf("\nIf you still need it, ask us to release it under %s.\n", g.SupersededBy)
	}
	body += ". What lay ready under it cannot be collected any more:\n\n"
	var dates []dars.Date
	for _, r := range open {
		body += fmt.Sprintf("    %s, which was to be had until %s\n", r.ID, r.WindowEnds.Long())
		dates = append(dates, gone(collectDate(r))...)
	}
	return write(tx, a, letter{To: addressees(g), Dates: dates, Subject: fmt.Sprintf("%s: what cannot be collected any more", g.ID), Body: body + then})
}

// sentUnder lists the files of which at least one byte left under an agreement, or
// that versions before have handed on to it, or that certificates of theirs list as
// kept under it; and for whom.
func (o *Office) sentUnder(tx *store.Tx, g *dars.Agreement) ([]dars.SentFile, error) {
	before, err := o.handedOn(tx, g)
	if err != nil {
		return nil, err
	}
	kept, err := keptUnder(tx, g)
	if err != nil {
		return nil, err
	}
	files, err := o.sentUnderItself(tx, g)
	return slices.Concat(before, kept, files), err
}

// sentUnderItself are those that left under the agreement, may not be kept for good, and
// that no accepted certificate accounts for.
func (o *Office) sentUnderItself(tx *store.Tx, g *dars.Agreement) (files []dars.SentFile, err error) {
	pages, err := store.Find[dars.Collection](tx, dars.By("agreement", g.ID))
	if err != nil {
		return nil, err
	}
	releases, err := store.Find[dars.Release](tx, dars.By("agreement", g.ID))
	if err != nil {
		return nil, err
	}
	accepted, err := store.Find[dars.Certificate](tx, dars.By("agreement", g.ID), dars.By("state", dars.CertAccepted))
	if err != nil {
		return nil, err
	}
	for _, r := range releases {
		if !r.Rules().Returned {
			continue
		}
		for _, f := range r.Files {
			if slices.ContainsFunc(accepted, func(c *dars.Certificate) bool { return c.Lists(f.ID) }) {
				continue
			}
			sent := dars.SentFile{File: f.ID, Release: r.ID, Path: f.Path, Size: f.Bytes, Made: r.Given()}
			for _, c := range pages {
				n := c.Sent().Bytes()
				if c.File != f.ID || n == 0 {
					continue
				}
				who, err := store.Get[dars.Person](tx, c.Person)
				if err != nil {
					return nil, err
				}
				sent.Sent = append(sent.Sent, dars.SentTo{Person: c.Person, Org: who.Org, Bytes: n, Last: o.Calendar.Day(c.Last)})
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
