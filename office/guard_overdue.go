package office

import (
	"fmt"
	"slices"

	"darsd/dars"
	"darsd/store"
)

// overdue are the files that the parties to an agreement were to destroy, because later
// ones took their place or for another cause, and of which nobody has certified in time
// that they did: while there are some, nothing more is released to them (see mayReceive).
func overdue(tx *store.Tx, g *dars.Agreement, dataset string, on dars.Day) (answers []GuardAnswer, err error) {
	told := map[dars.CertificateID]bool{}
	for _, org := range append(parties(g), g.Org) {
		certs, err := store.Find[dars.Certificate](tx, dars.By("holder", org))
		if err != nil {
			return nil, err
		}
		for _, c := range certs {
			if !c.Blocks(on) || told[c.ID] {
				continue
			}
			told[c.ID] = true
			item := dars.GuardItem{Org: org, Dataset: dataset, Agreements: []dars.AgreementID{c.Agreement}, Releases: []string{}, Case: dars.Differs, Why: []dars.GuardWhy{dars.DestructionOverdue},
				Within: []dars.AgreementID{}, People: dars.UncountedPeople, Overrides: []dars.GuardID{}}
			for _, f := range c.Files {
				item.Releases = append(item.Releases, string(f.Release))
			}
			slices.Sort(item.Releases)
			item.Releases = slices.Compact(item.Releases)
			answers = append(answers, GuardAnswer{item, fmt.Sprintf("what %s lists was to be destroyed and certified by %s: until it is, nothing more is released, and no override lets it", c.ID, c.Due)})
		}
	}
	return answers, nil
}
