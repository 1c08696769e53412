package dars

import (
	"cmp"
	"strings"
)

// An AgreementColumn is one column of the Agreements sheet of the national layout
// (domain 11.1).
type AgreementColumn struct {
	Header string
	Of     func(*PublicAgreement) string
}

// AgreementColumns are all, in order. What stands in registers from before, and what
// this office has agreed, is told in the same words.
var AgreementColumns = []AgreementColumn{
	{"Reference Number", func(a *PublicAgreement) string { return string(a.ID) }},
	{"Application Title", func(a *PublicAgreement) string { return a.Title }},
	{"Applicant Organisation", func(a *PublicAgreement) string { return a.Org }},
	{"Applicant Organisation Type", func(a *PublicAgreement) string { return a.OrgType }},
	{"Data Controller(s)", func(a *PublicAgreement) string { return strings.Join(a.Controllers, "; ") }},
	{"Sole/Joint Data Controller", (*PublicAgreement).controllerBasis},
	{"DSA Start Date", func(a *PublicAgreement) string { return string(a.Start) }},
	{"DSA End Date", func(a *PublicAgreement) string { return string(a.End) }},
	{"Does Sublicensing Apply", func(a *PublicAgreement) string { return a.Sublicenses }},
	{"For Commercial Purposes", func(a *PublicAgreement) string { return a.Purpose.Commercial }},
	{"Objective for Processing", func(a *PublicAgreement) string { return a.Purpose.Objective }},
	{"Processing Activities", func(a *PublicAgreement) string { return a.Purpose.Processing }},
	{"Expected Output", func(a *PublicAgreement) string { return a.Purpose.Outputs }},
	{"Expected Measurable Benefits", func(a *PublicAgreement) string { return a.Purpose.Benefits }},
	{"Yielded Benefits", (*PublicAgreement).yielded},
	{"State", func(a *PublicAgreement) string { return string(a.State) }},
}

func (a *PublicAgreement) controllerBasis() string {
	switch {
	case len(a.Controllers) == 0:
		return ""
	case a.Joint || len(a.Controllers) > 1:
		return Meaning(ControllerBases, "JOINT")
	}
	return Meaning(ControllerBases, "SOLE")
}

// yielded is what the application said had been gained, and what was reported since.
func (a *PublicAgreement) yielded() string {
	said := []string{}
	if a.Purpose.Yielded != "" {
		said = append(said, a.Purpose.Yielded)
	}
	for _, r := range a.Benefits.Reported {
		for _, b := range r.Benefits {
			said = append(said, b.What+": "+strings.ToLower(Meaning(Outcomes, b.Outcome)))
		}
	}
	return strings.Join(said, "\n")
}

// Cells are the agreement in the national layout.
func (a *PublicAgreement) Cells() []string {
	cells := make([]string, len(AgreementColumns))
	for i, c := range AgreementColumns {
		cells[i] = c.Of(a)
	}
	return cells
}

// A DatasetColumn is one column of the Datasets sheet of the national layout.
type DatasetColumn struct {
	Header string
	Of     func(*PublicAgreement, PublicDataset) string
}

// DatasetColumns are all, in order; objections stand last, where the national sheet has
// none.
var DatasetColumns = []DatasetColumn{
	{"Reference Number", func(a *PublicAgreement, _ PublicDataset) string { return string(a.ID) }},
	{"Dataset", func(_ *PublicAgreement, d PublicDataset) string { return cmp.Or(d.Name, d.Code) }},
	{"Type of Data", func(_ *PublicAgreement, d PublicDataset) string { return d.Data }},
	{"Sensitive or Non-Sensitive", func(_ *PublicAgreement, d PublicDataset) string { return d.Sensitivity }},
	{"Frequency", func(_ *PublicAgreement, d PublicDataset) string { return d.Frequency }},
	{"Legal Basis for Provision of Data", func(_ *PublicAgreement, d PublicDataset) string { return d.LegalBasis }},
	{"Common Law Duty of Confidentiality", func(_ *PublicAgreement, d PublicDataset) string { return d.Duty }},
	{"Patient Opt-Outs Applied", func(_ *PublicAgreement, d PublicDataset) string { return d.Objections }},
}

// DatasetCells are the datasets of the agreement in the national layout, one row each.
func (a *PublicAgreement) DatasetCells() (rows [][]string) {
	for _, d := range a.Datasets {
		cells := make([]string, len(DatasetColumns))
		for i, c := range DatasetColumns {
			cells[i] = c.Of(a, d)
		}
		rows = append(rows, cells)
	}
	return rows
}
