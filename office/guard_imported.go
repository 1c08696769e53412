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
// datasets here, in capitals or not. Who controls an agreement of a register has what
// was released under it.

// importedAll are all releases of registers, as the guard knows them. Of what is named
// here the party is our organisation and the dataset ours; spellings of an organisation
// that is not here are one party, named as it is spelt first.
func (o *Office) importedAll(tx *store.Tx, parties dars.PartiesByForm) (all []dars.Disclosure, err error) {
	datasets := map[string]string{}
	for _, d := range o.Catalogue {
		datasets[strings.ToLower(d.Code)], datasets[strings.ToLower(d.Name)] = d.Code, d.Code
	}
	controlled := map[dars.AgreementID][]string{}
	err = store.Each(tx, func(g *dars.ImportedAgreement) error {
		controlled[dars.AgreementID(g.ID)] = g.Controllers()
		return nil
	})
	if err != nil {
		return nil, err
	}
	err = store.Each(tx, func(r *dars.ImportedRelease) error {
		d := r.Disclosed()
		d.Orgs = []dars.OrgCode{parties.Of(r.Org)}
		for _, name := range controlled[d.Agreement] {
			d.Orgs = append(d.Orgs, parties.OfController(name)...)
		}
		slices.Sort(d.Orgs)
		d.Orgs = slices.Compact(d.Orgs)
		d.Dataset = cmp.Or(datasets[strings.ToLower(d.Dataset)], d.Dataset)
		all = append(all, d)
		return nil
	}, dars.By("state", "released"))
	return all, err
}

// importedTo are those of a dataset to one of some organisations, or under an agreement
// that one of them controls.
func (o *Office) importedTo(tx *store.Tx, orgs []dars.OrgCode, dataset string) (all []dars.Disclosure, err error) {
	named, err := organisations(tx, orgs...)
	if err != nil {
		return nil, err
	}
	known := map[string]bool{} // by name and by code, under several agreements
	for _, code := range orgs {
		had, err := importedOf(tx, named[code])
		if err != nil {
			return nil, err
		}
		for _, r := range had {
			if o.isDataset(r.Dataset, dataset) && !known[r.ID] {
				known[r.ID] = true
				d := r.Disclosed()
				d.Orgs, d.Dataset = []dars.OrgCode{code}, dataset
				all = append(all, d)
			}
		}
	}
	return all, nil
}

// importedOf are the releases of registers that an organisation has.
func importedOf(tx *store.Tx, org *dars.Organisation) (all []*dars.ImportedRelease, err error) {
	forms, err := formsOfOrg(tx, org)
	if err != nil {
		return nil, err
	}
	for _, form := range forms {
		some, err := store.Find[dars.ImportedRelease](tx, dars.By("party", form), dars.By("state", "released"))
		if err != nil {
			return nil, err
		}
		all = append(all, some...)
		controls, err := store.Find[dars.ImportedAgreement](tx, dars.By("controls", form))
		if err != nil {
			return nil, err
		}
		for _, g := range controls {
			some, err := store.Find[dars.ImportedRelease](tx, dars.By("agreement", g.ID), dars.By("state", "released"))
			if err != nil {
				return nil, err
			}
			all = append(all, some...)
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
