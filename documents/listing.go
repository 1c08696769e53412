package documents

import (
	"cmp"
	"fmt"
	"strings"
	"unicode/utf8"

	"darsd/dars"
)

// A Listing is a report for compliance: what it says in figures, charts, and tables of
// named columns. One function draws every kind; another makes its spreadsheet.
type Listing struct {
	Kind       string // of ListingKinds: "expiry-outlook"
	Ref        string // "RPT-000012"
	From, AsAt dars.Day
	Data       string // from which version of the data: "event 4,120 of 31 March 2026"
	Checkpoint string // of the log, if one covers it
	Figures    []Figure
	Charts     []Chart
	Tables     []Listed
	On         dars.Day // of the paper
}

// A Figure is a label and what it is, in words.
type Figure struct{ Label, Says string }

// A Chart is counts under a title.
type Chart struct {
	Title string
	Bars  []Bar
}

// Listed is a table of named columns. A cell is a string, an int, a bool, a dars.Day or
// a dars.Pence.
type Listed struct {
	Title   string
	Columns []string
	Rows    [][]any
}

// ListingKinds are the reports that there are, by their titles.
var ListingKinds = []dars.Code{
	{Code: "expiry-outlook", Meaning: "Expiry outlook"},
	{Code: "overdue-certificates", Meaning: "Overdue certificates of destruction"},
	{Code: "who-holds-what", Meaning: "Who holds what"},
	{Code: "objections-upheld", Meaning: "Objections upheld"},
	{Code: "audit-findings", Meaning: "Audit findings and actions"},
	{Code: "service-levels", Meaning: "Performance against service levels"},
	{Code: "sanctions", Meaning: "Sanctions"},
	{Code: "console-use", Meaning: "Use of a local shell"},
	{Code: "refused-acts", Meaning: "Refused acts"},
}

// Listing draws such a report. A kind that there is none of is an error.
func (p Press) Listing(l Listing) ([]byte, error) {
	if err := l.check(); err != nil {
		return nil, err
	}
	return p.listing(l).PDF()
}

func (l Listing) check() error {
	title := dars.Meaning(ListingKinds, l.Kind)
	if title == l.Kind {
		return fmt.Errorf("there is no report %q; there are %s", l.Kind, strings.Join(dars.Codes(ListingKinds), ", "))
	}
	for _, t := range l.Tables {
		for i, row := range t.Rows {
			if len(row) != len(t.Columns) {
				return fmt.Errorf("report %s: row %d of %q has %d cells, and there are %d columns", l.Kind, i+1, t.Title, len(row), len(t.Columns))
			}
		}
	}
	return nil
}

func (p Press) listing(l Listing) *Doc {
	d := p.New(dars.Meaning(ListingKinds, l.Kind), "As at "+l.AsAt.Long(), l.Ref, l.On)
	d.Worded("listing", listingWords{l.From, l.AsAt})

	d.Paras("about: " + l.Kind)
	d.Section("At a glance")
	d.Fact("As at", "%s", l.AsAt.Long())
	if l.From != "" {
		d.Fact("Period", "%s", period(l.From, l.AsAt))
	}
	d.Fact("From the data of", "%s", l.Data)
	d.Fact("Checkpoint of the log", "%s", l.Checkpoint)
	for _, f := range l.Figures {
		d.Fact(f.Label, "%s", f.Says)
	}
	for _, c := range l.Charts {
		d.Bars(c.Title, c.Bars)
	}
	for _, t := range l.Tables {
		d.Section(t.Title)
		d.Table(t.cols(), t.texts())
	}
	return d
}

// listingWords are what the words of these reports may name.
type listingWords struct{ From, AsAt dars.Day }

// texts are the cells of a table as papers write them.
func (t Listed) texts() (rows [][]string) {
	for _, row := range t.Rows {
		var cells []string
		for _, cell := range row {
			cells = append(cells, cellSaid(cell))
		}
		rows = append(rows, cells)
	}
	return rows
}

func cellSaid(cell any) string {
	switch v := cell.(type) {
	case string:
		return v
	case int:
		return count(int64(v))
	case bool:
		return yesNo(v)
	case dars.Day:
		return longDay(v)
	}
	return fmt.Sprint(cell)
}

// How many letters wide a column counts as at least and at most, when the width is
// shared: a long text takes lines, and not the width of the others.
const leastShare, mostShare = 8, 34

// cols shares the width by what stands in the columns: nothing that cannot be broken
// is broken while there is room.
func (t Listed) cols() (cols []Col) {
	texts := t.texts()
	for i, name := range t.Columns {
		widest, figures := longestWord(name), len(t.Rows) > 0
		for j, row := range texts {
			widest = max(widest, longestWord(row[i]), min(utf8.RuneCountInString(row[i]), mostShare))
			switch t.Rows[j][i].(type) {
			case int, dars.Pence:
			default:
				figures = false
			}
		}
		cols = append(cols, Col{Name: name, Share: min(max(widest, leastShare), mostShare), Figures: figures})
	}
	return cols
}

// longestWord is how many letters the longest word of a text has, as far as a line is
// not broken in it.
func longestWord(text string) (most int) {
	for _, word := range strings.FieldsFunc(text, func(r rune) bool { return r == ' ' || r == '\n' || isSeam(r) }) {
		most = max(most, utf8.RuneCountInString(word))
	}
	return most
}

// ListingSheets is the same report to sort and filter: a sheet for each of its tables.
func (p Press) ListingSheets(l Listing) ([]byte, error) {
	if err := l.check(); err != nil {
		return nil, err
	}
	title := dars.Meaning(ListingKinds, l.Kind)
	w := p.NewWorkbook(joined(" ", title, l.Ref), l.On)
	about := [][]any{{"Report", joined(" ", title, l.Ref)}, {"Office", p.Office.Name}, {"As at", l.AsAt}, {"Since", l.From}, {"From the data of", l.Data}, {"Checkpoint of the log", l.Checkpoint}}
	for _, f := range l.Figures {
		about = append(about, []any{f.Label, f.Says})
	}
	for _, c := range l.Charts {
		for _, bar := range c.Bars {
			about = append(about, []any{c.Title + ": " + bar.Label, bar.Value})
		}
	}
	if p.Rehearsal {
		about = append(about, []any{"Rehearsal", rehearsalWords})
	}
	w.Sheet("Report", []string{"What", "Value"}, about)
	for i, t := range l.Tables {
		w.Sheet(sheetName(t.Title, i), t.Columns, t.Rows)
	}
	return w.Bytes()
}

// sheetName is a title as a spreadsheet takes it: without some signs, and short.
func sheetName(title string, n int) string {
	name := strings.TrimSpace(strings.Map(func(r rune) rune {
		if strings.ContainsRune(`[]:*?/\'`, r) || r > '~' {
			return -1
		}
		return r
	}, title))
	name = fmt.Sprintf("%d %s", n+1, cmp.Or(name, "Table")) // no two are alike
	return strings.TrimSpace(name[:min(len(name), maxSheetName)])
}
