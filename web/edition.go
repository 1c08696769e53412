package web

import (
	"cmp"
	"iter"
	"slices"
	"strings"
	"time"

	"darsd/dars"
)

// An Edition is all that is published at one moment. It is made whole and then only
// read, so that a page, the next one and the download beside it never disagree.
type Edition struct {
	At         time.Time
	Today      dars.Day
	Rows       []dars.PublicRelease // in the register's order
	Dashboard  dars.Dashboard
	Cases      []dars.PublicCase // the applications, in the order of their list
	Audits     []dars.AuditRecord
	Sanctions  []dars.SanctionRecord
	Recalls    []dars.PublicRecall
	Sums       []byte // of the rows: register.Sums
	Checkpoint []byte // signed: the log's head, and what the sums are
	Objectors  string // how many people object, as it may be published
	ListAsAt   dars.Day

	found    map[string][]int // rows, by id, release and agreement
	text     []string         // of each row, in small letters, to search
	cases    []string         // of each application
	datasets []string
	years    []string // in which something was released, the last first
	pages    pages    // whose addresses say nothing of strangers' own
	searched pages
	whole    wholes
	past     pasts
}

// How many bytes of pages an edition keeps, at most twice: strangers say which are made.
const (
	mostPages    = 32 << 20
	mostSearched = 4 << 20
)

// index makes an edition ready to be read.
func (e *Edition) index() *Edition {
	e.found, e.text, e.cases = map[string][]int{}, make([]string, len(e.Rows)), make([]string, len(e.Cases))
	e.pages.most, e.searched.most = mostPages, mostSearched
	datasets := map[string]bool{}
	for i := range e.Rows {
		r := &e.Rows[i]
		for _, key := range slices.Compact([]string{r.ID, string(r.Release), "agreement " + r.Agreement}) {
			if key != "" {
				e.found[key] = append(e.found[key], i)
			}
		}
		datasets[r.Dataset] = true
		if day := r.Released; day != "" && (len(e.years) == 0 || e.years[len(e.years)-1] != string(day[:4])) {
			e.years = append(e.years, string(day[:4]))
		}
		e.text[i] = strings.ToLower(strings.Join([]string{r.ID, r.File, string(r.Release), r.Org, r.Dataset, r.Agreement, r.Study, r.Period}, "\n"))
	}
	for i, c := range e.Cases {
		e.cases[i] = strings.ToLower(strings.Join(append(c.Cells(), c.Datasets...), "\n"))
	}
	for d := range datasets {
		e.datasets = append(e.datasets, d)
	}
	slices.Sort(e.datasets)
	return e
}

// A query is what somebody looks for in the register.
type query struct {
	Words      string
	Dataset    string
	Objections string // upheld or not-upheld
	Year       string // of release
	Agreement  string // under which; "": any
	Page       int
}

// rowsOnPage is how many rows of the register stand on one page.
const rowsOnPage = 50

// search finds the rows that a query is for; nil is all of them.
func (e *Edition) search(q query) []int {
	words := strings.Fields(strings.ToLower(q.Words))
	if len(words) == 0 && q.Dataset == "" && q.Objections == "" && q.Year == "" && q.Agreement == "" {
		return nil
	}
	some := []int{}
	for _, i := range e.under(q.Agreement) {
		r := &e.Rows[i]
		if q.Dataset != "" && r.Dataset != q.Dataset || q.Objections != "" && string(r.Objections) != q.Objections || q.Year != "" && !strings.HasPrefix(string(r.Released), q.Year) {
			continue
		}
		if !slices.ContainsFunc(words, func(w string) bool { return !strings.Contains(e.text[i], w) }) {
			some = append(some, i)
		}
	}
	return some
}

// under are the places of the rows under an agreement; "" is any.
func (e *Edition) under(agreement string) iter.Seq2[int, int] {
	if agreement != "" {
		return slices.All(e.found["agreement "+agreement])
	}
	return func(yield func(int, int) bool) {
		for i := range e.Rows {
			if !yield(i, i) {
				return
			}
		}
	}
}

// of are rows by their places; all of them for nil.
func (e *Edition) of(places []int) []dars.PublicRelease {
	if places == nil {
		return e.Rows
	}
	rows := make([]dars.PublicRelease, 0, len(places))
	for _, i := range places {
		rows = append(rows, e.Rows[i])
	}
	return rows
}

// A reasoned is how many rows did not uphold objections for what a register says.
type reasoned struct {
	Says string
	Rows int
}

// objections counts the rows by what they say of objections.
func (e *Edition) objections() []reasoned {
	n := map[string]int{}
	for i := range e.Rows {
		n[cmp.Or(e.Rows[i].OptOuts, "Not said")]++
	}
	all := []reasoned{}
	for says, rows := range n {
		all = append(all, reasoned{says, rows})
	}
	slices.SortFunc(all, func(a, b reasoned) int { return cmp.Or(cmp.Compare(b.Rows, a.Rows), cmp.Compare(a.Says, b.Says)) })
	return all
}
