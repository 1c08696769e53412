package office

import (
	"fmt"
	"slices"

	"darsd/dars"
	"darsd/store"
)

// What a certificate of destruction may list as kept: files that a later version of
// the case lets its parties hold. They are accounted for at the end of that one.

// holdings are the files of a certificate that later versions of the case, in force
// today, let their parties keep. What was withdrawn is kept by nobody.
func (o *Office) holdings(tx *store.Tx, c *dars.Certificate, on dars.Day) (all []dars.Holding, err error) {
	if c.Under() {
		return nil, nil
	}
	ended, err := store.Get[dars.Agreement](tx, c.Agreement)
	if err != nil {
		return nil, err
	}
	versions, err := store.Find[dars.Agreement](tx, dars.By("case", ended.Stem), dars.By("state", dars.InForce))
	if err != nil {
		return nil, err
	}
	for _, g := range versions {
		if !g.Later(ended) || !g.InForceOn(on) {
			continue
		}
		outside, err := notCovered(tx, g, c.Files)
		if err != nil {
			return nil, err
		}
		releases, err := store.Find[dars.Release](tx, dars.By("agreement", g.ID))
		if err != nil {
			return nil, err
		}
		for _, f := range c.Files {
			if slices.ContainsFunc(outside, func(o dars.SentFile) bool { return o.File == f.File }) {
				continue
			}
			same, err := sameData(tx, f, releases)
			if err != nil {
				return nil, err
			}
			all = append(all, dars.Holding{File: f.File, Under: g.ID, Releases: same, Holders: append(parties(g), g.Org)})
		}
	}
	return all, nil
}

// mayKeep says of a certificate that is still to come what of its files a later version
// lets its parties keep on a day, and how they say so; "" if none does.
func (o *Office) mayKeep(tx *store.Tx, c *dars.Certificate, on dars.Day) (string, error) {
	held, err := o.holdings(tx, c, on)
	return dars.MayKeep(held), err
}

// tellKept tells who is asked to destroy what was sent under earlier versions of a case
// that an agreement which has come into force since lets its parties keep it.
func (o *Office) tellKept(tx *store.Tx, a dars.Act, g *dars.Agreement) error {
	versions, err := store.Find[dars.Agreement](tx, dars.By("case", g.Stem))
	if err != nil {
		return err
	}
	for _, before := range versions {
		if !g.Later(before) {
			continue
		}
		open, err := openCertificates(tx, before)
		if err != nil {
			return err
		}
		for _, c := range open {
			kept, err := o.mayKeep(tx, c, o.today(a))
			if err != nil {
				return err
			}
			if kept == "" || !c.Outstanding() {
				continue
			}
			err = write(tx, a, letter{To: addressees(before), Subject: fmt.Sprintf("%s: what %s covers may be kept", c.ID, g.ID),
				Body: fmt.Sprintf("Agreement %s is in force since %s, and the certificate of destruction %s asks for what was sent under %s. %s\n\nWhatever else the certificate lists is to be destroyed. It is due by %s, as before: fill in papers/%s.yaml and put it into submit/.\n",
					g.ID, g.InForceFrom().Long(), c.ID, before.ID, kept, c.Due.Long(), c.ID)})
			if err != nil {
				return err
			}
		}
	}
	return nil
}

// sameData are those of some releases that were published and hold the same dataset
// and period as a file that was sent.
func sameData(tx *store.Tx, f dars.SentFile, releases []*dars.Release) (same []dars.ReleaseID, err error) {
	was, err := store.Get[dars.Release](tx, f.Release)
	if err != nil {
		return nil, err
	}
	i := slices.IndexFunc(was.Files, func(one dars.ReleaseFile) bool { return one.ID == f.File })
	for _, r := range releases {
		if i >= 0 && r.Dataset == was.Dataset && r.Published != "" && r.State != dars.ReleaseWithdrawn && slices.Contains(r.Periods, was.Files[i].Period) {
			same = append(same, r.ID)
		}
	}
	return same, nil
}

// keptUnder are the files that accepted certificates of earlier versions list as
// kept under an agreement, and for which no certificate was asked since.
func keptUnder(tx *store.Tx, g *dars.Agreement) (files []dars.SentFile, err error) {
	versions, err := store.Find[dars.Agreement](tx, dars.By("case", g.Stem))
	if err != nil {
		return nil, err
	}
	for _, before := range versions {
		if !g.Later(before) {
			continue
		}
		certificates, err := store.Find[dars.Certificate](tx, dars.By("agreement", before.ID))
		if err != nil {
			return nil, err
		}
		for _, c := range certificates {
			for _, f := range c.KeptUnder(g.ID) {
				asked, err := askedWhole(tx, f.File)
				if err != nil {
					return nil, err
				}
				if !slices.ContainsFunc(asked, func(later *dars.Certificate) bool { return later.ID > c.ID }) {
					files = append(files, f)
				}
			}
		}
	}
	return files, nil
}
