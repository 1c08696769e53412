package office

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"darsd/dars"
	"darsd/store"
)

// What an officer decides of a release that objections froze, what follows from that
// decision, and in what words everybody is told.

// Resume is a case officer's decision that a frozen release is finished: it can be
// collected again.
func (o Releases) Resume(ctx context.Context, a dars.Act, id dars.ReleaseID) error {
	return o.do(ctx, a, "release resume", func(tx *store.Tx, _ *dars.Person) error {
		r, g, err := withAgreement(tx, id)
		if err != nil {
			return err
		}
		newest, err := usableList(tx)
		if err != nil {
			return err
		}
		if err := r.Resume(inName(tx, a), newest); err != nil {
			return err
		}
		if err := keep(tx, a, "release resume", r); err != nil {
			return err
		}
		body := fmt.Sprintf("Release %s under agreement %s is no longer held. What you have collected of it you may use as agreed", r.ID, g.ID)
		if r.Open(o.today(a)) {
			body += fmt.Sprintf(", and the rest can be collected until %s", r.WindowEnds.Long())
		}
		return write(tx, a, letter{To: addressees(g), Subject: fmt.Sprintf("%s: %s is no longer held", g.ID, r.ID), Body: body + ".\n"})
	})
}

// Withdraw takes a release back, at once and on open sessions too. Our own copy
// goes. What was sent of one that was frozen is asked back, and only when that is
// accounted for is it made again: old and new subtracted would name whoever objected.
func (o Releases) Withdraw(ctx context.Context, a dars.Act, id dars.ReleaseID) error {
	return o.do(ctx, a, "release withdraw", func(tx *store.Tx, _ *dars.Person) error {
		r, g, err := withAgreement(tx, id)
		if err != nil {
			return err
		}
		was, open, late := r.State, r.Open(o.today(a)), r.IsFrozen()
		if err := r.Withdraw(a); err != nil {
			return err
		}
		if err := keep(tx, a, "release withdraw", r); err != nil {
			return err
		}
		if err := tx.Owe(owePurge, r.ID); err != nil {
			return err
		}
		if !late {
			if open {
				return tellTakenBack(tx, a, g, r)
			}
			return tellMakers(tx, a, r, was)
		}
		sent, err := o.sentOf(tx, g, r.ID)
		switch {
		case err != nil:
			return err
		case !g.InForceOn(o.today(a)) && g.State != dars.Superseded:
			return nil // its own certificate asks for all that was sent under it
		case len(sent) == 0:
			return o.rebuild(tx, a, g, r)
		}
		return o.askBack(tx, a, g, r, sent)
	})
}

// askBack asks for a certificate of destruction for what was sent of a release.
func (o Releases) askBack(tx *store.Tx, a dars.Act, g *dars.Agreement, r *dars.Release, sent []dars.SentFile) error {
	holders, err := holders(tx, g, sent)
	if err != nil {
		return err
	}
	ref, err := number(tx, "certificate", "CERT-")
	if err != nil {
		return err
	}
	on := o.today(a)
	c := &dars.Certificate{ID: dars.CertificateID(ref), Agreement: g.ID, Release: r.ID, Org: g.Org, State: dars.CertIssued, Files: sent, Holders: holders,
		Issued: on, Ended: on, Due: on.Add(o.Policy.CertificateDays), Items: []dars.Destruction{}, Steps: []dars.Step{}}
	if err := tx.Save(a, "certificate issue", c); err != nil {
		return err
	}
	r.Certify(c.ID)
	if err := tx.Save(a, "release withdraw", r); err != nil {
		return err
	}
	for _, kind := range []string{"certificate", "certificate-form", "destruction-notice"} {
		if err := owePaper(tx, a, kind, string(c.ID)); err != nil {
			return err
		}
	}
	return write(tx, a, letter{To: addressees(g), Dates: append(gone(collectDate(r)), certificateDate(c)),
		Subject: fmt.Sprintf("%s: destroy %s; certificate of destruction %s due by %s", g.ID, r.ID, c.ID, c.Due.Long()),
		Body: fmt.Sprintf("Release %s under agreement %s is withdrawn %s.\n\nAll that was sent of it is to be destroyed by every holder: %s. The certificate %s lists each file. Fill in papers/%s.yaml and put it into submit/ by %s. The release is made again when the certificate is accepted.\n",
			r.ID, g.ID, because(r.Late), strings.Trim(fmt.Sprint(c.Holders), "[]"), c.ID, c.ID, c.Due.Long())})
}

// givenBack follows the acceptance of a certificate for one release. While a backup
// lives on the release is not made again.
func (o Releases) givenBack(tx *store.Tx, a dars.Act, c *dars.Certificate) error {
	r, g, err := withAgreement(tx, c.Release)
	if err != nil {
		return err
	}
	body := fmt.Sprintf("Certificate %s is accepted as interim: a backup lives until %s. Release %s is made again after that.\n", c.ID, c.BackupEnd.Long(), r.ID)
	if c.State == dars.CertAccepted {
		body = fmt.Sprintf("Certificate %s is accepted: what was sent of release %s is accounted for.\n", c.ID, r.ID)
	}
	if err := write(tx, a, letter{To: []dars.PersonID{g.Contact}, Dates: gone(certificateDate(c)), Subject: fmt.Sprintf("%s: certificate of destruction %s", c.ID, c.State), Body: body}); err != nil {
		return err
	}
	if c.State != dars.CertAccepted || !g.InForceOn(o.today(a)) {
		return nil
	}
	return o.rebuild(tx, a, g, r)
}

// standsInTheWay refuses a release in the place of one that is frozen, or of which
// what was sent is not accounted for yet.
func standsInTheWay(tx *store.Tx, before *dars.Release) error {
	if before.IsFrozen() {
		return dars.Refuse("frozen", before.ID, "release %s covers the same period and is frozen %s: decide first, with darsd release resume or darsd release withdraw", before.ID, because(before.Late))
	}
	if err := answeredFor(tx, before.ID); err != nil {
		return err
	}
	c, err := certificateOf(tx, before)
	if err == nil && c != nil && c.State != dars.CertAccepted {
		err = dars.Refuse("certificate-owed", c.ID, "release %s covers the same period and was withdrawn %s: until its certificate of destruction %s is accepted nothing takes its place, or the two subtracted would name whoever objected", before.ID, because(before.Late), c.ID)
	}
	return err
}

// certificateOf is the certificate for what was sent of a release that was taken
// back, or nil.
func certificateOf(tx *store.Tx, r *dars.Release) (*dars.Certificate, error) {
	if r.Late == nil || r.Late.Certificate == "" {
		return nil, nil
	}
	return store.Get[dars.Certificate](tx, r.Late.Certificate)
}

// owedSince says why a certificate is asked for.
func owedSince(c *dars.Certificate) string {
	switch {
	case c.Cause != "":
		return fmt.Sprintf("Release %s, published on %s under agreement %s, %s", c.By, c.Issued.Long(), c.Agreement, dars.Meaning(dars.DestructionCauses, string(c.Cause)))
	case c.Release != "":
		return fmt.Sprintf("Release %s under agreement %s was withdrawn on %s", c.Release, c.Agreement, c.Ended.Long())
	}
	return fmt.Sprintf("Agreement %s ended on %s", c.Agreement, c.Ended.Long())
}

func withAgreement(tx *store.Tx, id dars.ReleaseID) (*dars.Release, *dars.Agreement, error) {
	r, err := store.Get[dars.Release](tx, id)
	if err != nil {
		return nil, nil, err
	}
	g, err := store.Get[dars.Agreement](tx, r.Agreement)
	return r, g, err
}

// addressees are whom the office writes to about what was released.
func addressees(g *dars.Agreement) []dars.PersonID {
	return append([]dars.PersonID{g.Contact}, g.Recipients...)
}

// heldWords say to a recipient why a release that was published is not there. Which
// of its sources has changed, and into what, is the office's matter.
func (o *Office) heldWords(r *dars.Release) string {
	since, why := o.Calendar.Day(r.Late.Since).Long(), because(r.Late)
	switch {
	case r.IsFrozen():
		return fmt.Sprintf("release %s is held since %s %s; keep what you have of it apart, and wait for the office's decision", r.ID, since, why)
	case r.IsTrying():
		return fmt.Sprintf("release %s is held while a new objections list is tried on it; try again in a few minutes", r.ID)
	case r.Late.RebuiltAs != "":
		return fmt.Sprintf("release %s was withdrawn on %s %s; %s takes its place and will be announced", r.ID, since, why, r.Late.RebuiltAs)
	case r.Late.Certificate != "":
		return fmt.Sprintf("release %s was withdrawn on %s %s; destroy what you still have of it, as %s asks", r.ID, since, why, r.Late.Certificate)
	}
	return fmt.Sprintf("release %s was withdrawn on %s %s", r.ID, since, why)
}

// because says to anybody for what a release is held or was withdrawn. Nobody is said
// to have objected where that could not be found out.
func because(l *dars.Late) string {
	switch {
	case l.Objected():
		return "because of objections that came after it was made"
	case l.Cause == dars.SourceChanged:
		return "because a newer objections list cannot be tried on it: what it was made from has changed"
	}
	return "because a newer objections list could not be tried on it"
}

// rebuiltBecause is the same of a release that another takes the place of.
func rebuiltBecause(r *dars.Release) string {
	if r.Late.Objected() {
		return fmt.Sprintf("objections came after %s was published", r.ID)
	}
	return fmt.Sprintf("a newer objections list could not be tried on %s", r.ID)
}

// isHeld reports whether there is something to say of it to a recipient on a day.
func isHeld(r *dars.Release, on dars.Day) bool {
	return r.IsFrozen() || r.IsTrying() && r.Open(on) || r.Late != nil && r.Late.State == dars.CalledBack && r.ReplacedBy == "" && on <= r.WindowEnds
}

func (o Releases) tellFrozen(tx *store.Tx, a dars.Act, g *dars.Agreement, r *dars.Release) error {
	if err := write(tx, a, letter{To: addressees(g), Subject: fmt.Sprintf("%s: %s is held", g.ID, r.ID), Body: sentence(o.heldWords(r))}); err != nil {
		return err
	}
	return write(tx, a, letter{Roles: []dars.Role{dars.CaseOfficer},
		Subject: fmt.Sprintf("%s is frozen: decide", r.ID),
		Body: fmt.Sprintf("Release %s under agreement %s is frozen: %s. Some of it was sent. Either it is finished all the same, or it is withdrawn, what was sent is destroyed, and it is then made again.\n\n    darsd release resume %s --reason \"…\"\n    darsd release withdraw %s --reason \"…\"\n",
			r.ID, g.ID, WhyLate(r.Late), r.ID, r.ID)})
}

// tellWithdrawn tells recipients of a release that was taken back and, where the rules allow
// it, is made again. Who was sent some of it and has accounted for that knew the first.
func (o Releases) tellWithdrawn(tx *store.Tx, a dars.Act, g *dars.Agreement, r *dars.Release) error {
	switch {
	case r.Late.Certificate != "" && r.Late.RebuiltAs == "":
		return nil
	case r.Late.Certificate != "":
		return write(tx, a, letter{To: addressees(g), Subject: fmt.Sprintf("%s: %s is made again", g.ID, r.ID), Body: sentence(o.heldWords(r))})
	}
	return write(tx, a, letter{To: addressees(g), Dates: gone(collectDate(r)), Subject: fmt.Sprintf("%s: %s is withdrawn", g.ID, r.ID), Body: sentence(o.heldWords(r)) + "Nothing of it had been sent to you.\n"})
}

// tellTakenBack tells recipients that a release which lay ready for them is withdrawn. Why
// is the office's matter: whoever was sent some of it is asked for what follows apart.
func tellTakenBack(tx *store.Tx, a dars.Act, g *dars.Agreement, r *dars.Release) error {
	return write(tx, a, letter{To: addressees(g), Dates: gone(collectDate(r)), Subject: fmt.Sprintf("%s: %s is withdrawn", g.ID, r.ID),
		Body: fmt.Sprintf("Release %s under agreement %s, which was to be had until %s, is withdrawn: it cannot be collected any more. What you have collected of it stays under the agreement, unless we write to you of it.\n", r.ID, g.ID, r.WindowEnds.Long())})
}

// tellMakers tells who has made a release, or is to, that it is withdrawn before it has
// left: nobody need go on with it. was is what it has been until now.
func tellMakers(tx *store.Tx, a dars.Act, r *dars.Release, was dars.ReleaseState) error {
	l := letter{Subject: fmt.Sprintf("%s: withdrawn before it has left", r.ID),
		Body: fmt.Sprintf("Release %s of %s under agreement %s was %s and is withdrawn: nobody need go on with it.\n\n%s\n\n    darsd release show %s\n", r.ID, r.Dataset, r.Agreement, was, quoted(r.Because), r.ID)}
	for _, h := range r.Hands {
		if h.By != a.Who {
			l.To = append(l.To, h.By)
		}
	}
	switch {
	case was == dars.Planned:
		l.Roles = []dars.Role{dars.Producer}
	case len(l.To) == 0:
		return nil // who withdraws it has made it
	}
	return write(tx, a, l)
}

// sentence makes one of a refusal's words.
func sentence(words string) string { return strings.ToUpper(words[:1]) + words[1:] + ".\n" }

// WhyLate says to the office why a release counts as fallen under a list.
func WhyLate(l *dars.Late) string {
	switch l.Cause {
	case dars.RowsFall:
		what := fmt.Sprintf("%d rows that were", l.Rows)
		if l.Rows == 1 {
			what = "one row that was"
		}
		return fmt.Sprintf("objections list version %d would withhold %s let out", l.Tried, what)
	case dars.SourceChanged:
		return fmt.Sprintf("objections list version %d cannot be tried on it, and nobody can say whether it would withhold rows: %s", l.Tried, l.Why)
	}
	return fmt.Sprintf("objections list version %d could not be tried: %s", l.Tried, l.Why)
}

// frozen are the releases that wait for an officer's decision.
func (l *waiting) frozen() error {
	if !l.who.Inside() || l.who.May("release resume") != nil {
		return nil
	}
	all, err := store.Find[dars.Release](l.tx, dars.By("late", dars.Frozen))
	for _, r := range all {
		g, err := store.Get[dars.Agreement](l.tx, r.Agreement)
		if err != nil {
			return err
		}
		if !g.InForceOn(l.on) {
			continue // what was sent under it is asked back anyway
		}
		since, what := l.desk.Calendar.Day(r.Late.Since), "objections came late"
		if !r.Late.Objected() {
			what = "a newer objections list could not be tried"
		}
		if !slices.ContainsFunc(r.Hands, func(h dars.Hand) bool { return h.By == l.who.ID }) {
			l.all = append(l.all, Todo{"release", string(r.ID), what + ": darsd release resume " + string(r.ID), since, ""})
		}
		l.all = append(l.all, Todo{"release", string(r.ID), what + ": darsd release withdraw " + string(r.ID), since, ""})
	}
	return err
}
