package web

import (
	"context"
	"crypto/sha256"
	"fmt"

	"darsd/dars"
	"darsd/register"
)

// A tab is one sheet of a spreadsheet.
type tab struct {
	name  string
	heads []string
	rows  [][]any
}

func (t *tab) row(cells []string) {
	row := make([]any, len(cells))
	for i, c := range cells {
		row[i] = c
	}
	t.rows = append(t.rows, row)
}

// workbook is the whole register as a spreadsheet of three sheets, as the national one
// is: releases, agreements, and the datasets of each.
func (v views) workbook(ctx context.Context, e *Edition) (*page, error) {
	releases, agreements, datasets := tab{name: "DataReleases", heads: register.Heads()}, tab{name: "Agreements", heads: agreementHeads()}, tab{name: "Datasets", heads: datasetHeads()}
	for i := range e.Rows {
		releases.row(e.Rows[i].Cells())
	}
	err := v.Office.Agreements(ctx, e.At, func(a dars.PublicAgreement) error {
		agreements.row(a.Cells())
		for _, cells := range a.DatasetCells() {
			datasets.row(cells)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return v.filled(e, "register", "Register of releases", releases, agreements, datasets)
}

// dataUsesWorkbook is the Data Use Register as the spreadsheet that the Health Data
// Research Gateway takes in.
func (v views) dataUsesWorkbook(ctx context.Context, e *Edition) (*page, error) {
	uses := tab{name: "Data Uses", heads: dataUseHeads()}
	err := v.Office.Agreements(ctx, e.At, func(a dars.PublicAgreement) error { uses.row(e.use(a).Cells()); return nil })
	if err != nil {
		return nil, err
	}
	return v.filled(e, "data-uses", "Data Use Register", uses)
}

// filled is a spreadsheet with some sheets. It has the day on which it was made in it, which
// is nothing that it says.
func (v views) filled(e *Edition, name, title string, tabs ...tab) (*page, error) {
	book, sum := v.Press.NewWorkbook(title, e.Today), sha256.New()
	for _, t := range tabs {
		book.Sheet(t.name, t.heads, t.rows)
		fmt.Fprintf(sum, "%q%q%q", t.name, t.heads, t.rows)
	}
	content, err := book.Bytes()
	return &page{kind: kindXLSX, name: name + "-" + string(e.Today) + ".xlsx", tag: tagOf(sum), passes: true, size: len(content), packed: content, itself: true}, err
}
