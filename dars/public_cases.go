package dars

import (
	"cmp"
	"slices"
	"strings"
)

// A PublicCase is one line of the list of applications: what was asked for, by whom, and
// how far it has come. Its page says the rest.
type PublicCase struct {
	ID        ApplicationID    `json:"id"`
	Ref       string           `json:"ref"`
	Version   string           `json:"version"`
	Title     string           `json:"title"`
	Kind      string           `json:"kind"`
	Org       string           `json:"org"`
	Datasets  []string         `json:"datasets"` // names
	State     ApplicationState `json:"state"`
	Stage     RequestStage     `json:"stage"`
	Submitted Day              `json:"submitted"`
	Accepted  Day              `json:"accepted"`
	Decided   Day              `json:"decided,omitempty"`
}

// Line is the application on the list of all, which does not say what is unsaid.
func (p *Application) Line(stage RequestStage, look Naming, unsaid Unsaid) PublicCase {
	look = look.Unsaying(unsaid)
	c := PublicCase{ID: p.ID(), Ref: p.Stem, Version: p.Version(), Title: unsaid.OutOf(p.Form.Title), Kind: Meaning(Kinds, cmp.Or(p.Kind, "new")), Org: look.Org(p.Form.Organisation),
		Datasets: []string{}, State: p.State, Stage: stage, Submitted: p.Submitted, Accepted: p.Clock.Started}
	for _, d := range p.Form.Datasets {
		c.Datasets = with(c.Datasets, look.Dataset(d.Code))
	}
	if d := p.Decided(); d != nil {
		c.Decided = d.On
	}
	return c
}

// SortCases puts the lines in the order of the list: what was accepted last stands first.
func SortCases(all []PublicCase) {
	slices.SortFunc(all, func(a, b PublicCase) int { return cmp.Or(cmp.Compare(b.Accepted, a.Accepted), cmp.Compare(b.ID, a.ID)) })
}

// CaseColumns are the columns of that list as a table.
var CaseColumns = []string{"Reference Number", "Version", "Application Title", "Kind", "Applicant Organisation", "Datasets", "State", "Stage", "Submitted", "Accepted", "Decided"}

// Cells are the line in those columns.
func (c PublicCase) Cells() []string {
	return []string{c.Ref, c.Version, c.Title, c.Kind, c.Org, strings.Join(c.Datasets, "; "), string(c.State), c.Stage.Word(), string(c.Submitted), string(c.Accepted), string(c.Decided)}
}
