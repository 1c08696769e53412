package office

import (
	"strings"

	"darsd/dars"
	"darsd/store"
)

// Releases of a register that was taken in count for the guard as those of the office
// do. A register names organisations and datasets in words; those are held against
// the names of organisations and the titles of datasets here, in capitals or not.

// importedAll are all releases of registers, as the guard knows them.
func importedAll(tx *store.Tx) (all []dars.Disclosure, err error) {
	some, err := store.Find[dars.ImportedRelease](tx, dars.By("state", "released"))
	for _, r := range some {
		all = append(all, r.Disclosed())
	}
	return all, err
}

// importedTo are those of a dataset to one of some organisations.
func (o *Office) importedTo(tx *store.Tx, orgs []dars.OrgCode, dataset string) (all []dars.Disclosure, err error) {
	named, err := organisations(tx, orgs...)
	if err != nil {
		return nil, err
	}
	asked := map[string]bool{}
	for _, org := range named {
		for _, name := range []string{org.Name, strings.ToUpper(org.Name)} {
			if asked[name] {
				continue
			}
			asked[name] = true
			some, err := store.Find[dars.ImportedRelease](tx, dars.By("org", name), dars.By("state", "released"))
			if err != nil {
				return nil, err
			}
			for _, r := range some {
				if o.isDataset(r.Dataset, dataset) {
					d := r.Disclosed()
					d.Orgs, d.Dataset = []dars.OrgCode{org.Code}, dataset
					all = append(all, d)
				}
			}
		}
	}
	return all, nil
}

// isDataset reports whether a register's words are for a dataset of the catalogue.
func (o *Office) isDataset(words, code string) bool {
	if strings.EqualFold(words, code) {
		return true
	}
	known, err := o.Catalogue.Dataset(code)
	return err == nil && strings.EqualFold(words, known.Name)
}
