package office

import (
	"cmp"
	"slices"
	"strings"

	"darsd/dars"
	"darsd/store"
)

// Releases of a register that was taken in count for the guard as those of the office
// do. A register names organisations and datasets in words; those are held against
// the names and codes of organisations (see [dars.PartyNames]) and the titles of
// datasets here, in capitals or not.

// importedAll are all releases of registers, as the guard knows them. Of what is named
// here the party is our organisation and the dataset ours; spellings of an organisation
// that is not here are one party, named as it is spelt first.
func (o *Office) importedAll(tx *store.Tx) (all []dars.Disclosure, err error) {
	parties, err := partiesByName(tx)
	if err != nil {
		return nil, err
	}
	datasets := map[string]string{}
	for _, d := range o.Catalogue {
		datasets[strings.ToLower(d.Code)], datasets[strings.ToLower(d.Name)] = d.Code, d.Code
	}
	err = store.Each(tx, func(r *dars.ImportedRelease) error {
		d := r.Disclosed()
		forms := dars.PartyNames(r.Org)
		i := slices.IndexFunc(forms, func(form string) bool { return parties[form] != "" })
		if i < 0 {
			i = len(forms) - 1
			parties[forms[i]] = dars.OrgCode(r.Org)
		}
		d.Orgs = []dars.OrgCode{parties[forms[i]]}
		d.Dataset = cmp.Or(datasets[strings.ToLower(d.Dataset)], d.Dataset)
		all = append(all, d)
		return nil
	}, dars.By("state", "released"))
	return all, err
}

// partiesByName are our organisations by the forms that registers may name them by.
func partiesByName(tx *store.Tx) (map[string]dars.OrgCode, error) {
	parties := map[string]dars.OrgCode{}
	err := store.Each(tx, func(org *dars.Organisation) error {
		for _, form := range org.PartyNames() {
			parties[form] = org.Code
		}
		return nil
	})
	return parties, err
}

// importedTo are those of a dataset to one of some organisations.
func (o *Office) importedTo(tx *store.Tx, orgs []dars.OrgCode, dataset string) (all []dars.Disclosure, err error) {
	named, err := organisations(tx, orgs...)
	if err != nil {
		return nil, err
	}
	for _, org := range named {
		known := map[string]bool{} // by name and by code
		for _, form := range org.PartyNames() {
			some, err := store.Find[dars.ImportedRelease](tx, dars.By("party", form), dars.By("state", "released"))
			if err != nil {
				return nil, err
			}
			for _, r := range some {
				if o.isDataset(r.Dataset, dataset) && !known[r.ID] {
					known[r.ID] = true
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
