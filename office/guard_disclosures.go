package office

import (
	"encoding/json"
	"slices"
	"strings"

	"darsd/dars"
	"darsd/store"
)

// What the guard lays beside one another: a release, as it is or would be, and all
// that its recipients have.

// beside is all that the recipients of a release have and that should not stand
// beside it.
func (o *Office) beside(tx *store.Tx, g *dars.Agreement, r *dars.Release) (pairs []dars.GuardPair, err error) {
	d, err := o.disclosure(tx, g, r)
	if err != nil {
		return nil, err
	}
	if d.Orgs, err = sameParties(tx, d.Orgs); err != nil {
		return nil, err
	}
	others, err := sharing(tx, d.Orgs)
	if err != nil {
		return nil, err
	}
	had, err := o.importedTo(tx, d.Orgs, r.Dataset)
	if err != nil {
		return nil, err
	}
	for _, other := range others {
		some, err := o.disclosed(tx, other, r.Dataset)
		if err != nil {
			return nil, err
		}
		had = append(had, some...)
	}
	for _, h := range had {
		if f := d.Against(h); f.Blocks() {
			pairs = append(pairs, dars.GuardPair{Disclosure: d, Finding: f})
		}
	}
	return pairs, nil
}

// sharing are the agreements to which one of some organisations is a party.
func sharing(tx *store.Tx, orgs []dars.OrgCode) (all []*dars.Agreement, err error) {
	for _, org := range orgs {
		for _, as := range dars.PartyKeys {
			some, err := store.Find[dars.Agreement](tx, dars.By(as, org))
			if err != nil {
				return nil, err
			}
			for _, g := range some {
				if !slices.ContainsFunc(all, func(o *dars.Agreement) bool { return o.ID == g.ID }) {
					all = append(all, g)
				}
			}
		}
	}
	return all, nil
}

// disclosed is what was released under an agreement, of a dataset or of all, and is
// out there.
func (o *Office) disclosed(tx *store.Tx, g *dars.Agreement, dataset string) (all []dars.Disclosure, err error) {
	keys := []dars.Key{dars.By("agreement", g.ID)}
	if dataset != "" {
		keys = append(keys, dars.By("dataset", dataset))
	}
	releases, err := store.Find[dars.Release](tx, keys...)
	if err != nil {
		return nil, err
	}
	h := o.holding(tx, g)
	for _, r := range releases {
		there, err := h.has(r)
		if err != nil {
			return nil, err
		}
		if !there {
			continue
		}
		d, err := o.disclosure(tx, g, r)
		if err != nil {
			return nil, err
		}
		all = append(all, d)
	}
	return all, nil
}

// disclosure is what the guard knows of a release of the office's own. Before it is
// produced it counts as made with the newest list.
func (o *Office) disclosure(tx *store.Tx, g *dars.Agreement, r *dars.Release) (d dars.Disclosure, err error) {
	terms, err := g.Dataset(r.Dataset)
	if err != nil {
		return d, err
	}
	d = dars.Disclosure{Ref: string(r.ID), Agreement: g.ID, Orgs: append(parties(g), g.Org), Dataset: r.Dataset, Periods: append([]string{}, r.Periods...), Treatment: r.Treated(), Index: r.Index, Live: r.Access != nil}
	if d.Rows, err = asked(terms); err != nil {
		return d, err
	}
	if r.Cohort != nil {
		d.Cohort = r.Cohort.SHA256
	}
	if known, err := o.Catalogue.Dataset(r.Dataset); err == nil { // else nobody knows any more what identifies
		d.Columns, d.Identifiers, d.Key = terms.Disclosed(known, g.Stem)
	}
	if r.Tabulation != nil { // in a table nobody is found again
		d.Rows, d.Columns, d.Identifiers, d.Key = "table "+d.Rows, []string{}, []string{}, ""
	}
	if d.Treatment == dars.Uphold && !d.Live {
		if d.List, err = listOf(tx, r); err != nil {
			return d, err
		}
	}
	if r.IsFrozen() {
		d.Owed = true
		return d, nil
	}
	c, err := certificateOf(tx, r)
	d.Owed = c != nil && c.State != dars.CertAccepted
	return d, err
}

// listOf names the list that was upheld in a release, or would be.
func listOf(tx *store.Tx, r *dars.Release) (l dars.ListSeen, err error) {
	var list *dars.List
	if r.Objections.List != "" {
		list, err = store.Get[dars.List](tx, r.Objections.List)
	} else {
		list, err = usableList(tx)
	}
	if err != nil || list == nil {
		return l, err
	}
	return dars.ListSeen{Version: list.Version, Date: list.AsAt, SHA256: list.SHA256}, nil
}

// asked is a code for which rows an agreement asks for.
func asked(terms dars.DatasetRequest) (string, error) {
	text, err := json.Marshal([]any{terms.From, terms.To, terms.Rows, terms.Cohort != nil})
	return string(text), err
}

// wouldBe is a release as it would be planned.
func (o *Office) wouldBe(tx *store.Tx, agreement dars.AgreementID, dataset string, periods []string) (*dars.Agreement, *dars.Release, error) {
	g, err := store.Get[dars.Agreement](tx, agreement)
	if err != nil {
		return nil, nil, err
	}
	terms, err := g.Dataset(dataset)
	if err != nil {
		return nil, nil, err
	}
	if len(periods) == 0 {
		periods = terms.Periods
	}
	for _, period := range periods {
		if !g.Agrees(terms, period) {
			return nil, nil, dars.Refuse("not-agreed", g.ID, "agreement %s covers %s for %s; %s is not to be released", g.ID, dataset, strings.Join(terms.Periods, ", "), period)
		}
	}
	treated := g.Treats(o.Policy.Uphold, dataset)
	index, err := madeWith(tx, g.ID, dataset, periods)
	if err != nil {
		return nil, nil, err
	}
	r := &dars.Release{Index: index, Agreement: g.ID, Dataset: dataset, Periods: periods, Objections: dars.Upheld{Treatment: treated.Treatment, Reason: treated.Reason}}
	switch {
	case terms.SystemAccess(g.ID, true) == nil:
		r.Access = &dars.Access{}
		return g, r, nil
	case terms.AsKind(g.ID, dars.KindTabulation) == nil:
		r.Tabulation, r.Objections = &dars.Tabulation{}, dars.Upheld{Treatment: dars.Uphold, Reason: "Y_UPHELD"}
		return g, r, nil
	}
	if terms.Cohort != nil {
		newest, err := newestCohort(tx, g.ID, dataset)
		if err != nil {
			return nil, nil, err
		}
		if newest != nil {
			r.Cohort = newest.Used()
		}
	}
	return g, r, nil
}

// madeWith is the index of a release that is made already and has not left, as it is known
// then; "" if there is none.
func madeWith(tx *store.Tx, agreement dars.AgreementID, dataset string, periods []string) (index string, err error) {
	releases, err := store.Find[dars.Release](tx, dars.By("agreement", agreement), dars.By("dataset", dataset))
	for _, r := range releases {
		if r.Ready() && slices.Equal(r.Periods, periods) {
			index = r.Index
		}
	}
	return index, err
}
