package main

import (
	"fmt"
	"slices"
	"strings"

	"darsd/dars"
	"darsd/office"
	"darsd/transfer/extract"
)

// treatment is what release.json says was done to the rows, as the agreement has it:
// enough for a recipient to tell one package from another, and no figure of who was
// left out.
type treatment struct {
	Dates      *appliedDates       `json:"dates,omitempty"`
	Filters    []dars.RowFilter    `json:"filters"`
	Cohort     *appliedCohort      `json:"cohort,omitempty"`
	Columns    []dars.Column       `json:"columns"` // in their order; empty: all of the source, as they are, or a table, in which there is none
	Pseudonyms []appliedPseudonyms `json:"pseudonyms"`
	Output     *appliedOutput      `json:"output,omitempty"`
}

type appliedDates struct {
	Field string   `json:"field"`
	From  dars.Day `json:"from,omitempty"`
	To    dars.Day `json:"to,omitempty"`
}

type appliedCohort struct {
	Field   string        `json:"field"`
	ID      dars.CohortID `json:"id"`
	Version int           `json:"version"`
	SHA256  string        `json:"sha256"`
	Persons int           `json:"persons"` // in the recipient's file
}

// appliedPseudonyms says of a kind which columns have them, and within what equal
// values have the same. Of the key there is nothing to tell.
type appliedPseudonyms struct {
	Kind    string   `json:"kind"`
	Columns []string `json:"columns"`
	Case    string   `json:"case"`
	Letters int      `json:"letters"`
}

type appliedOutput struct {
	Delimiter   string `json:"delimiter,omitempty"`
	Compression string `json:"compression,omitempty"`
	EncryptedTo int    `json:"encrypted_to"` // so many keys of the recipient's
}

func treated(o office.Packing) treatment {
	t := o.Terms
	a := treatment{Filters: append([]dars.RowFilter{}, t.Rows...), Columns: append([]dars.Column{}, t.Columns...), Pseudonyms: []appliedPseudonyms{}}
	for _, field := range t.Fields {
		a.Columns = append(a.Columns, dars.Column{Field: field})
	}
	if t.From != "" || t.To != "" {
		a.Dates = &appliedDates{o.Dataset.Date, t.From, t.To}
	}
	if o.Cohort != nil {
		a.Cohort = &appliedCohort{t.Cohort.Field, o.Cohort.ID, o.Cohort.Version, o.Cohort.SHA256, o.Cohort.Numbers}
	}
	for _, c := range t.Columns {
		if c.Derive != "pseudonym" {
			continue
		}
		field, _ := o.Dataset.Field(c.Field)
		i := slices.IndexFunc(a.Pseudonyms, func(p appliedPseudonyms) bool { return p.Kind == field.Pseudonym })
		if i < 0 {
			i, a.Pseudonyms = len(a.Pseudonyms), append(a.Pseudonyms, appliedPseudonyms{Kind: field.Pseudonym, Case: o.Agreement.Stem, Letters: extract.PseudonymLetters})
		}
		a.Pseudonyms[i].Columns = append(a.Pseudonyms[i].Columns, c.Name())
	}
	if out := t.Output; out != nil {
		a.Output = &appliedOutput{out.Delimiter, out.Compression, len(out.EncryptTo)}
	}
	return a
}

// askedCounts is what the office keeps of what the agreement has left out, summed over
// all files. Nil: it asks for all rows and derives nothing.
func askedCounts(t dars.DatasetRequest, r *extract.Result) *dars.AskedCounts {
	if len(t.Rows) == 0 && len(t.Columns) == 0 && t.Cohort == nil && t.From == "" && t.To == "" {
		return nil
	}
	var all extract.RowCounts
	outside := int64(0)
	for _, f := range r.Files {
		all.Add(f.Asked)
		outside += f.RowsOutside
	}
	counts := &dars.AskedCounts{Dates: outside, Filters: []dars.FilterCount{}, Underived: []dars.Underived{}}
	count := func(fields []string, c extract.FilterCount) dars.FilterCount {
		counts.Dates -= c.Missing + c.Others // what is left when all are counted
		return dars.FilterCount{Fields: fields, Missing: c.Missing, Others: c.Others}
	}
	for i, f := range t.Rows {
		counts.Filters = append(counts.Filters, count(f.Fields, all.Filters[i]))
	}
	if t.Cohort != nil {
		of := count([]string{t.Cohort.Field}, all.Cohort)
		counts.Cohort = &of
	}
	for i, c := range t.Columns {
		if c.Derive != "" && c.Derive != "pseudonym" {
			counts.Underived = append(counts.Underived, dars.Underived{Column: c.Name(), Rows: all.Underived[i]})
		}
	}
	return counts
}

// askedView is that for people of the office.
type askedView struct{ *dars.AskedCounts }

func (v askedView) facts() (facts []any) {
	if v.AskedCounts == nil {
		return nil
	}
	label := "of those outside"
	line := func(said string, args ...any) {
		facts = append(facts, label, fmt.Sprintf(said, args...))
		label = ""
	}
	if v.Dates > 0 || len(v.Filters) == 0 && v.Cohort == nil {
		line("%d by their dates", v.Dates)
	}
	left := func(by string, c dars.FilterCount) {
		line("%d by %s, %s: %d say something else, %d nothing", c.Missing+c.Others, by, strings.Join(c.Fields, ", "), c.Others, c.Missing)
	}
	for i, f := range v.Filters {
		left(fmt.Sprintf("filter %d", i+1), f)
	}
	if v.Cohort != nil {
		left("the cohort", *v.Cohort)
	}
	label = "not derived"
	for _, u := range v.Underived {
		line("%s in %d rows, of whose field nothing could be made", u.Column, u.Rows)
	}
	return facts
}
