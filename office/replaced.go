package office

import (
	"fmt"
	"slices"
	"strings"

	"darsd/dars"
	"darsd/store"
)

// What a publication has its recipients destroy: the files that it replaces, and those
// whose year it puts out of the years that they may hold.
//
//	published ──▶ replaced, no byte sent: our copy goes, and nobody owes anything
//	     └──▶ replaced, a byte sent: certificate, due in 42 days; while one is
//	          overdue nothing new is released
//
// Who has left the recipient's own cohort is in files that it may keep otherwise: of
// those a certificate asks for what they hold of these persons.

// askReplaced asks for a certificate of destruction of what a publication ends: one for
// each cause.
func (o *Office) askReplaced(tx *store.Tx, a dars.Act, g *dars.Agreement, r *dars.Release) error {
	sent, err := o.sentUnder(tx, g)
	if err != nil {
		return err
	}
	sent, _, err = unasked(tx, g, sent)
	if err != nil {
		return err
	}
	terms, err := g.Dataset(r.Dataset)
	if err != nil {
		return err
	}
	ended := map[dars.DestructionCause][]dars.SentFile{}
	for _, f := range sent {
		before, err := store.Get[dars.Release](tx, f.Release)
		if err != nil {
			return err
		}
		cause := r.Ends(before, f.File, terms)
		ended[cause] = append(ended[cause], f)
	}
	for _, cause := range []dars.DestructionCause{dars.CauseReplaced, dars.CauseYearDropped} {
		if files := ended[cause]; len(files) > 0 {
			if err := o.askFor(tx, a, g, r, cause, files); err != nil {
				return err
			}
		}
	}
	return nil
}

// askFor asks for the certificate of some files that a publication ends.
func (o *Office) askFor(tx *store.Tx, a dars.Act, g *dars.Agreement, r *dars.Release, cause dars.DestructionCause, files []dars.SentFile, scope ...string) error {
	holders, err := holders(tx, g, files)
	if err != nil {
		return err
	}
	ref, err := number(tx, "certificate", "CERT-")
	if err != nil {
		return err
	}
	on := o.today(a)
	due := on.Add(dars.ReplacedDays)
	c := &dars.Certificate{ID: dars.CertificateID(ref), Agreement: g.ID, Cause: cause, By: r.ID, Org: g.Org, State: dars.CertIssued, Scope: scope, Files: files, Holders: holders,
		Issued: on, Ended: due.Add(-o.Policy.CertificateDays), Due: due, Items: []dars.Destruction{}, Steps: []dars.Step{}}
	if err := tx.Save(a, "certificate issue", c); err != nil {
		return err
	}
	for _, kind := range []string{"certificate", "certificate-form", "destruction-notice"} {
		if err := owePaper(tx, a, kind, string(c.ID)); err != nil {
			return err
		}
	}
	return write(tx, a, endedLetter(g, c))
}

// endedLetter tells recipients what a publication has ended, and what they owe for it.
func endedLetter(g *dars.Agreement, c *dars.Certificate) letter {
	holders := strings.Trim(fmt.Sprint(c.Holders), "[]")
	l := letter{To: addressees(g), Dates: []dars.Date{certificateDate(c)},
		Subject: fmt.Sprintf("%s: destroy what %s ends; certificate of destruction %s due by %s", g.ID, c.By, c.ID, c.Due.Long()),
		Body:    fmt.Sprintf("%s.\n\nThe files that the certificate %s lists are to be destroyed by every holder: %s. Load the new ones first.", owedSince(c), c.ID, holders)}
	if c.InPart() {
		l.Subject = fmt.Sprintf("%s: persons have left your cohort; certificate of destruction %s due by %s", g.ID, c.ID, c.Due.Long())
		l.Body = fmt.Sprintf("%s:\n\n    %s\n\nFind them by your own lists, and destroy what these files hold of them, at every holder: %s. The rest of the files you may keep as agreed.",
			owedSince(c), strings.Join(c.Scope, "\n    "), holders)
	}
	l.Body += fmt.Sprintf(" Then fill in papers/%s.yaml and put it into submit/ by %s. From the day after, nothing new is released to you until it is here.\n", c.ID, c.Due.Long())
	return l
}

// askLeft asks for the destruction of what recipients hold of persons who have left
// their cohort since releases that they may keep were made: one certificate for all the
// files. How many they are is said, unless they are few, and never who: the recipient
// has its own list.
func (o *Office) askLeft(tx *store.Tx, a dars.Act, g *dars.Agreement, r *dars.Release) error {
	if r.Cohort == nil {
		return nil
	}
	var scope []string
	var files []dars.SentFile
	for _, left := range r.Cohort.Left {
		held, err := o.heldFiles(tx, g, left.Releases)
		if err != nil {
			return err
		}
		if left.Persons == 0 || len(held) == 0 {
			continue
		}
		names := make([]string, len(held))
		for i, f := range held {
			names[i] = fmt.Sprintf("%s of %s", f.File, f.Release)
		}
		scope = append(scope, fmt.Sprintf("%s of version %d, in %s", left.Many(), left.Version, strings.Join(names, ", ")))
		files = append(files, held...)
	}
	if len(files) == 0 {
		return nil
	}
	return o.askFor(tx, a, g, r, dars.CauseCohortLeft, files, scope...)
}

// heldFiles are the files of some releases of which a byte was sent, but for those that
// were replaced and those that are to be destroyed anyway.
func (o *Office) heldFiles(tx *store.Tx, g *dars.Agreement, releases []dars.ReleaseID) (held []dars.SentFile, err error) {
	sent, err := o.sentUnder(tx, g)
	if err != nil {
		return nil, err
	}
	sent, _, err = unasked(tx, g, sent)
	for _, f := range sent {
		if err != nil {
			return nil, err
		}
		var r *dars.Release
		if r, err = store.Get[dars.Release](tx, f.Release); err == nil && slices.Contains(releases, r.ID) && r.ReplacedBy == "" {
			held = append(held, f)
		}
	}
	return held, err
}
