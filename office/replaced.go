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
// those it is told.

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
func (o *Office) askFor(tx *store.Tx, a dars.Act, g *dars.Agreement, r *dars.Release, cause dars.DestructionCause, files []dars.SentFile) error {
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
	c := &dars.Certificate{ID: dars.CertificateID(ref), Agreement: g.ID, Cause: cause, By: r.ID, Org: g.Org, State: dars.CertIssued, Files: files, Holders: holders,
		Issued: on, Ended: due.Add(-o.Policy.CertificateDays), Due: due, Items: []dars.Destruction{}, Steps: []dars.Step{}}
	if err := tx.Save(a, "certificate issue", c); err != nil {
		return err
	}
	for _, kind := range []string{"certificate", "certificate-form", "destruction-notice"} {
		if err := owePaper(tx, a, kind, string(c.ID)); err != nil {
			return err
		}
	}
	return write(tx, a, letter{To: addressees(g), Dates: []dars.Date{certificateDate(c)},
		Subject: fmt.Sprintf("%s: destroy what %s ends; certificate of destruction %s due by %s", g.ID, r.ID, c.ID, c.Due.Long()),
		Body: fmt.Sprintf("%s.\n\nThe files that the certificate %s lists are to be destroyed by every holder: %s. Load the new ones first. Then fill in papers/%s.yaml and put it into submit/ by %s. From the day after, nothing new is released to you until it is here.\n",
			owedSince(c), c.ID, strings.Trim(fmt.Sprint(c.Holders), "[]"), c.ID, c.Due.Long())})
}

// tellLeft tells recipients that persons have left their cohort since releases that they
// may keep were made: what these hold of them is to be destroyed. How many they are is
// said, unless they are few, and never who: the recipient has its own list.
func (o *Office) tellLeft(tx *store.Tx, a dars.Act, g *dars.Agreement, r *dars.Release) error {
	if r.Cohort == nil {
		return nil
	}
	var lines []string
	for _, left := range r.Cohort.Left {
		held, err := heldFiles(tx, left.Releases)
		if err != nil {
			return err
		}
		if left.Persons > 0 && len(held) > 0 {
			lines = append(lines, fmt.Sprintf("    %s of version %d, in %s", left.Many(), left.Version, strings.Join(held, ", ")))
		}
	}
	if len(lines) == 0 {
		return nil
	}
	due := o.today(a).Add(dars.ReplacedDays)
	return write(tx, a, letter{To: addressees(g),
		Dates:   []dars.Date{{ID: "cohort-" + string(r.ID), Summary: fmt.Sprintf("Destroy what you hold of persons who left the cohort of %s", g.ID), On: due}},
		Subject: fmt.Sprintf("%s: persons have left your cohort; destroy what you hold of them by %s", g.ID, due.Long()),
		Body: fmt.Sprintf("Release %s is made for version %d of your cohort for %s. Persons of earlier versions are not in it any more:\n\n%s\n\nFind them by your own lists, and destroy what these files hold of them, at every holder, by %s. The rest of the files you may keep as agreed.\n",
			r.ID, r.Cohort.Version, r.Dataset, strings.Join(lines, "\n"), due.Long())})
}

// heldFiles name the files of some releases of which a byte was sent, but for those
// that were replaced.
func heldFiles(tx *store.Tx, releases []dars.ReleaseID) (held []string, err error) {
	for _, id := range releases {
		r, err := store.Get[dars.Release](tx, id)
		if err != nil {
			return nil, err
		}
		pages, err := store.Find[dars.Collection](tx, dars.By("release", id))
		if err != nil {
			return nil, err
		}
		for _, f := range r.Files {
			sent := slices.ContainsFunc(pages, func(c *dars.Collection) bool { return c.File == f.ID && c.Sent().Bytes() > 0 })
			if sent && r.ReplacedBy == "" {
				held = append(held, fmt.Sprintf("%s of %s", f.ID, id))
			}
		}
	}
	return held, nil
}
