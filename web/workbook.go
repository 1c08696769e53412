package web

import (
	"context"

	"darsd/dars"
	"darsd/register"
)

// workbook is the whole register as a spreadsheet of three sheets, as the national one
// is: releases, agreements, and the datasets of each.
func (v views) workbook(ctx context.Context, e *Edition) (*page, error) {
	book := v.Press.NewWorkbook("Register of releases", e.Today)
	releases := make([][]any, len(e.Rows))
	for i := range e.Rows {
		releases[i] = anyCells(e.Rows[i].Cells())
	}
	var agreements, datasets [][]any
	err := v.Office.Agreements(ctx, e.At, func(a dars.PublicAgreement) error {
		agreements = append(agreements, anyCells(a.Cells()))
		for _, cells := range a.DatasetCells() {
			datasets = append(datasets, anyCells(cells))
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	book.Sheet("DataReleases", register.Heads(), releases)
	book.Sheet("Agreements", agreementHeads(), agreements)
	book.Sheet("Datasets", datasetHeads(), datasets)
	content, err := book.Bytes()
	return filePage(kindXLSX, "register-"+string(e.Today)+".xlsx", content), err
}

// anyCells are cells of a spreadsheet.
func anyCells(cells []string) (all []any) {
	for _, c := range cells {
		all = append(all, c)
	}
	return all
}
