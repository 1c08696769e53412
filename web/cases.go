package web

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"darsd/dars"
)

// A caseQuery is what somebody looks for among the applications.
type caseQuery struct {
	Words string
	State string
	Page  int
}

// A caseResults is a page of the list of applications.
type caseResults struct {
	caseQuery
	Rows   []dars.PublicCase
	Found  int
	Of     int
	Pages  int
	States []string
}

// Address is that of another page of the same search.
func (r caseResults) Address(page int) string {
	all := url.Values{}
	for name, value := range map[string]string{"q": r.Words, "state": r.State} {
		if value != "" {
			all.Set(name, value)
		}
	}
	if page > 1 {
		all.Set("page", strconv.Itoa(page))
	}
	if len(all) == 0 {
		return "/applications"
	}
	return "/applications?" + all.Encode()
}

// applications is the list of all that were ever accepted.
func (v views) applications(e *Edition, r *http.Request) (view, error) {
	said := r.URL.Query()
	q := caseQuery{heardOf(said, "q"), heardOf(said, "state"), pageOf(said)}
	found := e.searchCases(q)
	pages := max(1, (len(found)+rowsOnPage-1)/rowsOnPage)
	if q.Page > pages {
		return view{}, notFound("applications")
	}
	shows := caseResults{caseQuery: q, Found: len(found), Of: len(e.Cases), Pages: pages, States: e.caseStates()}
	shows.Rows = found[(q.Page-1)*rowsOnPage : min(len(found), q.Page*rowsOnPage)]
	return view{template: "applications", title: "Applications for data", shows: shows}, nil
}

func (e *Edition) searchCases(q caseQuery) (some []dars.PublicCase) {
	words := strings.Fields(strings.ToLower(q.Words))
	for i, c := range e.Cases {
		lacks := func(w string) bool { return !strings.Contains(e.cases[i], w) }
		if (q.State == "" || string(c.State) == q.State) && !slices.ContainsFunc(words, lacks) {
			some = append(some, c)
		}
	}
	return some
}

// caseStates are those in which some application is.
func (e *Edition) caseStates() (all []string) {
	for _, c := range e.Cases {
		all = append(all, string(c.State))
	}
	return slices.Compact(sorted(all))
}

func (v views) application(_ *Edition, r *http.Request) (view, error) {
	a, err := v.Office.Application(r.Context(), r.PathValue("ref"))
	return view{template: "application", title: "Application " + string(a.ID), shows: a}, err
}

func (v views) applicationsCSV(_ context.Context, e *Edition) (*page, error) {
	return csvPage(e, "applications", dars.CaseColumns, func(row func([]string) error) error {
		for _, c := range e.Cases {
			if err := row(c.Cells()); err != nil {
				return err
			}
		}
		return nil
	})
}

func (v views) applicationsJSON(_ context.Context, e *Edition) (*page, error) {
	return jsonPage(e, "applications", func(item func(any) error) error {
		for _, c := range e.Cases {
			if err := item(c); err != nil {
				return err
			}
		}
		return nil
	})
}
