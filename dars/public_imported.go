package dars

import (
	"cmp"
	"strings"
)

// Page is an agreement of a register, as it stands there on a day.
func (g *ImportedAgreement) Page(on Day, unsaid Unsaid) PublicAgreement {
	g = unsaid.outOfImported(g)
	a := PublicAgreement{
		ID: AgreementID(g.ID), Ref: g.Stem, Version: g.Version, Title: g.Title, Org: strings.Join(g.Orgs, "; "), Controllers: []string{}, Processors: []string{}, PassedTo: []string{}, State: g.StateOn(on), Start: g.Start, End: g.End,
		Replaced: AgreementID(g.SupersededBy), Datasets: []PublicDataset{}, Conditions: []string{}, Benefits: PublicBenefits{AgreementID(g.ID), []PublicAccount{}, []PublicReport{}}, Audits: []PublicAudit{},
		Editions: g.Editions, Corrections: append([]Correction{}, g.Corrections...),
	}
	a.Purpose.Serves, a.Backing = []string{}, PublicBacking{[]string{}, []string{}, []string{}, []string{}}
	for _, d := range g.Datasets {
		a.Datasets = append(a.Datasets, PublicDataset{Name: d["dataset"], Periods: []string{}, Fields: []string{}, Data: d["identifiability"], Sensitivity: d["sensitivity"], LegalBasis: d["legal_basis"], Duty: d["duty"], Frequency: d["frequency"]})
	}
	for _, s := range g.Statements {
		a.OrgType, a.Sublicenses = cmp.Or(a.OrgType, s["org_type"]), cmp.Or(a.Sublicenses, s["sublicensing"])
		if c := s["controllers"]; c != "" {
			a.Controllers = append(a.Controllers, c)
		}
		p := &a.Purpose
		p.Objective, p.Processing, p.Outputs = joinedText(p.Objective, cmp.Or(s["objective"], s["purpose"])), joinedText(p.Processing, s["processing"]), joinedText(p.Outputs, s["outputs"])
		p.Benefits, p.Yielded, p.Commercial = joinedText(p.Benefits, s["benefits"]), joinedText(p.Yielded, s["yielded"]), cmp.Or(p.Commercial, s["commercial"])
	}
	return a
}

// Brief is the version as the pages of the others name it.
func (g *ImportedAgreement) Brief(on Day) PublicVersion {
	return PublicVersion{AgreementID(g.ID), g.Version, g.StateOn(on), g.Start, g.End}
}

// joinedText is what several statements say, once each.
func joinedText(before, more string) string {
	switch {
	case before == "" || more == "" || before == more:
		return cmp.Or(before, more)
	}
	return before + "\n\n" + more
}
