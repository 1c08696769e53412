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

// cols shares the width by what stands in the columns: each has room for its longest
// word, and what is left goes to those whose texts are longer.
func (t Listed) cols() (cols []Col) {
	texts := t.texts()
	least, longer := make([]float64, len(t.Columns)), make([]float64, len(t.Columns))
	room, wanted := wide, 0.0
	for i, name := range t.Columns {
		col := Col{Name: name, Figures: len(t.Rows) > 0}
		least[i] = longestWord(headPen, name)
		most := headPen.wide(line(name))
		for j, row := range texts {
			least[i] = max(least[i], longestWord(cellPen, row[i]))
			most = max(most, min(cellPen.wide(line(row[i])), wholeText))
			switch t.Rows[j][i].(type) {
			case int, dars.Pence:
			case dars.Day:
				least[i], col.Figures = max(least[i], cellPen.wide(row[i])), false // on one line
			default:
				col.Figures = false
			}
		}
		least[i] += 2*pad + figuresInset
		longer[i] = max(0, most+2*pad+figuresInset-least[i])
		room, wanted = room-least[i], wanted+longer[i]
		cols = append(cols, col)
	}
	for i := range cols {
		mm := least[i]
		if room > 0 && wanted > 0 {
			mm += longer[i] * min(1, room/wanted)
		}
		cols[i].Share = int(100 * mm)
	}
	return cols
}

// wholeText is for how wide a text a column is made wider, in mm: a longer one takes
// lines. unbrokenWord is how long a word is, in letters, that no line is broken in.
const (
	wholeText    = 140.0
	unbrokenWord = 30
)

// longestWord is how wide the longest word of a text is that is not to be broken, in mm.
func longestWord(p pen, text string) (most float64) {
	for _, word := range strings.Fields(line(text)) {
		if utf8.RuneCountInString(word) <= unbrokenWord {
			most = max(most, p.wide(word))
		}
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
