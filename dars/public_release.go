package dars

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strings"
)

// A PublicRelease is one row of the register that the office publishes: a file that
// left, or the access of named people to a dataset. It follows from what the office
// holds, and nobody types it. It says nothing of how many people are in the data.
type PublicRelease struct {
	ID          string       `json:"id"`      // of the row, for good: the file's, or the release's where no file leaves
	File        string       `json:"file"`    // "FILE0000001"; of a register, its row id as it stands
	Release     ReleaseID    `json:"release"` // "" of a register's
	Org         string       `json:"org"`     // its name
	Dataset     string       `json:"dataset"` // its name
	Data        string       `json:"data"`    // how plainly it tells who people are
	Sensitivity string       `json:"sensitivity"`
	LegalBasis  string       `json:"legal_basis"`
	Duty        string       `json:"duty"` // the common law duty of confidentiality
	Purpose     string       `json:"purpose"`
	Frequency   string       `json:"frequency"`
	Agreement   string       `json:"agreement"`
	Study       string       `json:"study"`    // a number of the Medical Research service
	OptOuts     string       `json:"opt_outs"` // as registers say it: Y, or N and why
	Objections  Treatment    `json:"objections"`
	Reason      string       `json:"reason"` // a code of ObjectionReasons
	Period      string       `json:"period"`
	Released    Day          `json:"released"` // "" of a register's
	Month       string       `json:"month"`    // "Jul-19", or as a register says it
	State       string       `json:"state"`    // released, withdrawn, or gone from its register
	Replaces    []ReleaseID  `json:"replaces"`
	ReplacedBy  ReleaseID    `json:"replaced_by,omitempty"`
	Editions    []string     `json:"editions"` // of registers that were imported
	Corrections []Correction `json:"corrections"`
}

// States of a row of the register.
const (
	RowReleased  = "released"
	RowWithdrawn = "withdrawn" // after it was released
	RowGone      = "gone"      // a register has it no more
)

// A ReleasedUnder is what a row says besides the release itself.
type ReleasedUnder struct {
	Agreement *Agreement
	Org       string // the name of who applied
	Dataset   string // the name of the dataset
}

// Public is the release as the register has it: nothing until it was published, and
// then for good, also when it was withdrawn since. Each file is a row, but for what
// repeats another; system access is one.
func (r *Release) Public(under ReleasedUnder) (rows []PublicRelease) {
	given := r.Given()
	if given == "" {
		return nil
	}
	row := PublicRelease{
		Release: r.ID, Org: under.Org, Dataset: under.Dataset, Agreement: string(r.Agreement),
		Objections: r.Treated(), Reason: cmp.Or(r.Objections.Reason, "Y_UPHELD"), Released: given, Month: given.utc().Format("Jan-06"),
		State: RowReleased, Replaces: append([]ReleaseID{}, r.Replaces...), ReplacedBy: r.ReplacedBy, Editions: []string{}, Corrections: []Correction{},
	}
	if row.OptOuts = "Y"; row.Objections == NotUpheld {
		row.OptOuts = "N - " + Meaning(ObjectionReasons, row.Reason)
	}
	if r.State == ReleaseWithdrawn {
		row.State = RowWithdrawn
	}
	if terms, err := under.Agreement.Dataset(r.Dataset); err == nil {
		row.Data, row.LegalBasis = Meaning(Identifiabilities, terms.Identifiability), Meaning(Gateways, terms.Gateway)
		row.Frequency, row.Sensitivity = Meaning(Frequencies, terms.Frequency), sensitivity(terms.Sensitive)
		if terms.CommonLaw != "" {
			row.Duty = Meaning(CommonLaws, terms.CommonLaw)
		}
	}
	if r.Access != nil {
		row.ID, row.Frequency = string(r.ID), Meaning(Frequencies, "SYSTEM_ACCESS")
		return []PublicRelease{row}
	}
	for _, f := range r.Files {
		if f.Repeats != "" {
			continue // one table, one row
		}
		one := row
		one.ID, one.File, one.Period = string(f.ID), string(f.ID), f.Period
		rows = append(rows, one)
	}
	return rows
}

func sensitivity(sensitive bool) string {
	if sensitive {
		return "Sensitive"
	}
	return "Non Sensitive"
}

// Public is a row of a register that was imported, as it stands there.
func (r *ImportedRelease) Public() PublicRelease {
	row := PublicRelease{
		ID: r.ID, File: r.Row, Org: r.Org, Dataset: cmp.Or(r.Said["dataset"], r.Dataset), Data: r.Said["identifiability"], Sensitivity: r.Said["sensitivity"],
		LegalBasis: r.Said["legal_basis"], Duty: r.Said["duty"], Purpose: r.Said["purpose"], Frequency: r.Said["frequency"],
		Agreement: cmp.Or(r.Said["agreement"], r.Agreement), Study: r.Said["study"], OptOuts: r.Said["opt_outs"], Objections: r.Objections, Month: r.Said["month"],
		State: RowReleased, Replaces: []ReleaseID{}, Editions: r.Editions, Corrections: r.Corrections,
	}
	if len(r.Editions) == 0 {
		row.State = RowGone
	}
	return row
}

// A RegisterColumn is one column of the register in the layout of the national one
// (domain 11.1).
type RegisterColumn struct {
	Header string
	Field  string // of RegisterHeaders, or "state"
	From   string // the kind of noun that says it; "": the catalogue in the configuration
	Of     func(*PublicRelease) string
}

// RegisterColumns are the columns of the national release sheet, in its order, and
// after them what later editions have added.
var RegisterColumns = []RegisterColumn{
	{"RowID", "row", "release", func(r *PublicRelease) string { return cmp.Or(r.File, r.ID) }},
	{"Organisation Name", "org", "organisation", func(r *PublicRelease) string { return r.Org }},
	{"Dataset", "dataset", "", func(r *PublicRelease) string { return r.Dataset }},
	{"Data provided to customer", "identifiability", "agreement", func(r *PublicRelease) string { return r.Data }},
	{"Sensitive or Non-Sensitive", "sensitivity", "agreement", func(r *PublicRelease) string { return r.Sensitivity }},
	{"Legal Basis for Provision of Data", "legal_basis", "agreement", func(r *PublicRelease) string { return r.LegalBasis }},
	{"Purpose", "purpose", "agreement", func(r *PublicRelease) string { return r.Purpose }},
	{"One off release or Ongoing releases", "frequency", "agreement", func(r *PublicRelease) string { return r.Frequency }},
	{"NIC Number", "agreement", "release", func(r *PublicRelease) string { return r.Agreement }},
	{"MR Number (where relevant)", "study", "release", func(r *PublicRelease) string { return r.Study }},
	{"Patient Opt-Outs applied", "opt_outs", "release", func(r *PublicRelease) string { return r.OptOuts }},
	{"Common Law Duty of Confidentiality", "duty", "agreement", func(r *PublicRelease) string { return r.Duty }},
	{"Month File Released", "month", "release", func(r *PublicRelease) string { return r.Month }},
	{"State", "state", "release", func(r *PublicRelease) string { return r.State }},
}

// Cells are the row in the national layout.
func (r *PublicRelease) Cells() []string {
	cells := make([]string, len(RegisterColumns))
	for i, c := range RegisterColumns {
		cells[i] = c.Of(r)
	}
	return cells
}

// CellsSum is the SHA-256, in hex, by which a row of the national layout is known: of
// its cells, each ended by a byte that no text has. Blanks around a cell do not count.
func CellsSum(cells []string) string {
	sum := sha256.New()
	for _, c := range cells {
		sum.Write([]byte(strings.Join(strings.Fields(c), " ")))
		sum.Write([]byte{0x1f})
	}
	return hex.EncodeToString(sum.Sum(nil))
}

// SortPublic puts rows in the order of the register: what left last stands first, and
// imported rows by their editions.
func SortPublic(rows []PublicRelease) {
	slices.SortFunc(rows, func(a, b PublicRelease) int {
		return cmp.Or(cmp.Compare(b.Released, a.Released), cmp.Compare(last(b.Editions), last(a.Editions)), cmp.Compare(b.ID, a.ID))
	})
}

func last(all []string) string {
	if len(all) == 0 {
		return ""
	}
	return slices.Max(all)
}
