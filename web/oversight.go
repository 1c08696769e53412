package web

import (
	"context"
	"encoding/json"
	"io"
	"net/http"

	"darsd/dars"
)

// What came of looking after the data: who was audited, what was found, what followed,
// and what the office itself had to call back.

func (v views) audits(e *Edition, _ *http.Request) (view, error) {
	return view{template: "audits", title: "Audits", shows: e.Audits}, nil
}

// A foundClass is what audits have found of one class, and where.
type foundClass struct {
	dars.FindingSum
	Audits []dars.AuditRecord // that found some of it
}

// findings is every class of finding, the gravest first.
func (v views) findings(e *Edition, _ *http.Request) (view, error) {
	all := []foundClass{}
	for _, class := range dars.FindingClasses {
		one := foundClass{FindingSum: dars.FindingSum{Class: class.Code, Means: class.Means}}
		for _, a := range e.Audits {
			if n := a.Found(class.Code); n > 0 {
				one.Count, one.Audits = one.Count+n, append(one.Audits, a)
			}
		}
		all = append(all, one)
	}
	return view{template: "findings", title: "What audits have found", shows: all}, nil
}

func (v views) sanctions(e *Edition, _ *http.Request) (view, error) {
	return view{template: "sanctions", title: "Sanctions", shows: e.Sanctions}, nil
}

func (v views) recalls(e *Edition, _ *http.Request) (view, error) {
	return view{template: "recalls", title: "Recalls of data", shows: e.Recalls}, nil
}

// An oversight is all of it for programs.
type oversight struct {
	AsAt      dars.Day              `json:"as_at"`
	Audits    []dars.AuditRecord    `json:"audits"`
	Sanctions []dars.SanctionRecord `json:"sanctions"`
	Recalls   []dars.PublicRecall   `json:"recalls"`
}

func (v views) oversightJSON(_ context.Context, e *Edition) (*page, error) {
	return newPage(kindJSON, func(w io.Writer) error {
		return json.NewEncoder(w).Encode(oversight{e.Today, append([]dars.AuditRecord{}, e.Audits...), append([]dars.SanctionRecord{}, e.Sanctions...), append([]dars.PublicRecall{}, e.Recalls...)})
	})
}
