package office

import (
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
