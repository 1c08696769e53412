package main

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"darsd/dars"
	"darsd/office"
)

// importedLine is an agreement of a register among our own, as JSON.
type importedLine struct {
	ID       string              `json:"id"`
	Ref      string              `json:"ref"`
	Version  string              `json:"version"`
	Title    string              `json:"title"`
	Org      string              `json:"org"` // names
	State    dars.AgreementState `json:"state"`
	Start    dars.Day            `json:"start"`
	End      dars.Day            `json:"end"`
	Imported []string            `json:"imported"` // the editions that name it
}

func (c *call) importedLine(g *dars.ImportedAgreement) importedLine {
	return importedLine{g.ID, g.Stem, g.Version, g.Title, strings.Join(g.Orgs, "; "), g.StateOn(c.Calendar.Day(c.act.At)), g.Start, g.End, g.Editions}
}

// agreementLines are our own agreements and those of registers, each as JSON has it: all
// of them, or those that end within so many days.
func (c *call) agreementLines(days int) (lines []any, err error) {
	own, imported, err := c.agreementsEnding(days)
	for _, g := range own {
		lines = append(lines, g)
	}
	for _, g := range imported {
		lines = append(lines, c.importedLine(g))
	}
	return lines, err
}

func (c *call) agreementsEnding(days int) (own []*dars.Agreement, imported []*dars.ImportedAgreement, err error) {
	desk := office.Desk{Office: c.Office}
	if days > 0 {
		today := c.Calendar.Day(c.act.At)
		return desk.Ending(c.ctx, c.act.Who, today, today.Add(days))
	}
	if own, err = list(c, orgOfAgreement); err != nil {
		return nil, nil, err
	}
	imported, err = office.Imported[dars.ImportedAgreement](c.ctx, desk, c.act.Who)
	return own, imported, err
}

// orImported looks in the registers for what is no agreement of ours.
func (c *call) orImported(ref string, why error) error {
	err := c.showImported(ref)
	if no := (*dars.Refusal)(nil); errors.As(err, &no) && no.Rule == "not-found" {
		return why
	}
	return err
}

// showImported prints an agreement of a register: all that its editions say.
func (c *call) showImported(ref string) error {
	desk := office.Desk{Office: c.Office}
	g, err := desk.ImportedAgreement(c.ctx, c.act.Who, ref)
	if err != nil {
		return err
	}
	releases, err := office.Imported[dars.ImportedRelease](c.ctx, desk, c.act.Who, dars.By("agreement", g.ID))
	if err != nil {
		return err
	}
	l := c.importedLine(g)
	g.State = l.State
	facts := []any{"agreement", g.ID, "title", g.Title, "organisation", l.Org, "state", g.State, "superseded by", g.SupersededBy, "start", g.Start, "end", g.End, "releases", len(releases), "imported", strings.Join(g.Editions, ", ")}
	for _, said := range g.Statements {
		for _, field := range slices.Sorted(maps.Keys(said)) {
			if !slices.Contains([]string{"agreement", "title", "org", "start", "end"}, field) {
				facts = append(facts, strings.ReplaceAll(field, "_", " "), brief(said[field]))
			}
		}
	}
	for _, d := range g.Datasets {
		facts = append(facts, "dataset", strings.Join([]string{d["dataset"], d["identifiability"], d["legal_basis"]}, "; "))
	}
	for _, k := range g.Corrections {
		facts = append(facts, "corrected", fmt.Sprintf("%s by edition %s, which says another %s", k.On, k.Edition, strings.Join(k.Fields(), ", ")))
	}
	if g.ContradictedBy != "" {
		facts = append(facts, "contradicted by", "edition "+g.ContradictedBy)
	}
	if g.Settled != nil {
		facts = append(facts, "settled", fmt.Sprintf("%s by %s: %s", g.Settled.On, c.names()(g.Settled.By), g.Settled.Why))
	}
	return c.facts(struct {
		*dars.ImportedAgreement
		Org      string                  `json:"org"`
		Releases []*dars.ImportedRelease `json:"releases"`
	}{g, l.Org, append([]*dars.ImportedRelease{}, releases...)}, facts...)
}
