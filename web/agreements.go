package web

import (
	"context"
	"net/http"

	"darsd/dars"
)

// A case of the public: the agreement and what was released under it.
type agreed struct {
	dars.PublicAgreement
	Releases []dars.PublicRelease
	Under    int // releases in all
}

// mostListed is how many releases stand on the page of their agreement: the register has
// pages of the others.
const mostListed = 20

func (v views) agreement(e *Edition, r *http.Request) (view, error) {
	a, err := v.Office.Agreement(r.Context(), r.PathValue("ref"), e.At)
	if err != nil {
		return view{}, err
	}
	places := e.found["agreement "+string(a.ID)]
	listed := places[:min(len(places), mostListed)]
	shows := agreed{PublicAgreement: a, Under: len(places)}
	if len(listed) > 0 {
		shows.Releases = e.of(listed)
	}
	return view{template: "agreement", title: "Agreement " + string(a.ID), shows: shows}, nil
}

// use is an agreement as an entry of a Data Use Register. Where a register from before
// does not say its datasets, they are those that were released under it.
func (e *Edition) use(a dars.PublicAgreement) dars.DataUse {
	u, silent := dars.DataUse{PublicAgreement: &a}, len(a.Datasets) == 0
	known := map[string]bool{}
	for _, i := range e.found["agreement "+string(a.ID)] {
		r := &e.Rows[i]
		if r.Released != "" && (u.Released == "" || r.Released < u.Released) {
			u.Released = r.Released
		}
		if silent && !known[r.Dataset] {
			known[r.Dataset] = true
			a.Datasets = append(a.Datasets, dars.PublicDataset{Name: r.Dataset, Data: r.Data, Sensitivity: r.Sensitivity, LegalBasis: r.LegalBasis, Duty: r.Duty, Frequency: r.Frequency})
		}
	}
	return u
}

// Every agreement in the layout of the national Agreements sheet, and for programs.

func (v views) agreementsCSV(ctx context.Context, e *Edition) (*page, error) {
	return csvPage(e, "agreements", agreementHeads(), func(row func([]string) error) error {
		return v.Office.Agreements(ctx, e.At, func(a dars.PublicAgreement) error { return row(a.Cells()) })
	})
}

func (v views) agreementsJSON(ctx context.Context, e *Edition) (*page, error) {
	return jsonPage(e, "agreements", func(item func(any) error) error {
		return v.Office.Agreements(ctx, e.At, func(a dars.PublicAgreement) error { return item(a) })
	})
}

// datasetsCSV is every dataset of every agreement, as the national Datasets sheet has it.
func (v views) datasetsCSV(ctx context.Context, e *Edition) (*page, error) {
	return csvPage(e, "datasets", datasetHeads(), func(row func([]string) error) error {
		return v.Office.Agreements(ctx, e.At, func(a dars.PublicAgreement) error {
			for _, cells := range a.DatasetCells() {
				if err := row(cells); err != nil {
					return err
				}
			}
			return nil
		})
	})
}

// Every agreement as an entry of a Data Use Register.

func (v views) dataUsesCSV(ctx context.Context, e *Edition) (*page, error) {
	return csvPage(e, "data-uses", dataUseHeads(), func(row func([]string) error) error {
		return v.Office.Agreements(ctx, e.At, func(a dars.PublicAgreement) error { return row(e.use(a).Cells()) })
	})
}

func (v views) dataUsesJSON(ctx context.Context, e *Edition) (*page, error) {
	return jsonPage(e, "data-uses", func(item func(any) error) error {
		return v.Office.Agreements(ctx, e.At, func(a dars.PublicAgreement) error { return item(e.use(a).Fields()) })
	})
}

func dataUseHeads() (all []string) {
	for _, c := range dars.DataUseColumns {
		all = append(all, c.Header)
	}
	return all
}

func agreementHeads() (all []string) {
	for _, c := range dars.AgreementColumns {
		all = append(all, c.Header)
	}
	return all
}

func datasetHeads() (all []string) {
	for _, c := range dars.DatasetColumns {
		all = append(all, c.Header)
	}
	return all
}
