package documents

import (
	"cmp"
	"fmt"
	"strings"
	"unicode/utf8"

	"darsd/dars"
)

// Figures is a report for compliance as a paper: what matters, charts with the figures
// behind each, and tables. One function draws every kind. It bears no seal: it is the
// same whenever it is made, and names the log by which it can be made again.
func (p Press) Figures(f dars.Figures) ([]byte, error) {
	if err := checkFigures(f); err != nil {
		return nil, err
	}
	return p.figures(f).PDF()
}

func checkFigures(f dars.Figures) error {
	for _, t := range f.Tables {
		for i, row := range t.Rows {
			if len(row) != len(t.Columns) {
				return fmt.Errorf("report %s: row %d of %q has %d cells, and there are %d columns", f.Kind, i+1, t.Title, len(row), len(t.Columns))
			}
		}
	}
	for _, c := range f.Charts {
		for _, point := range c.Points {
			if len(point.Values) != len(c.Series) {
				return fmt.Errorf("report %s: %q of the chart %q has %d values, and there are %d series", f.Kind, point.Label, c.Title, len(point.Values), len(c.Series))
			}
		}
	}
	return nil
}

func (p Press) figures(f dars.Figures) *Doc {
	d := p.New(f.Title, "As at the end of "+f.AsAt.Long(), fmt.Sprintf("%s-as-at-%s", f.Kind, f.AsAt), f.AsAt)
	d.Worded("listing", listingWords{f.From, f.AsAt})

	d.Paras("about: " + f.Kind)
	d.Section("At a glance")
	for _, x := range f.Facts {
		d.Fact(x.Label, "%s", x.Says)
	}
	for _, c := range f.Charts {
		if c.Lines {
			d.Lines(c.Title, c.Series, c.Points)
		} else {
			d.Bars(c.Title, barsOf(c))
		}
	}
	for _, t := range f.Tables {
		d.Section(t.Title)
		d.Table(colsOf(t), textsOf(t))
	}
	d.Section("The figures behind the charts")
	for _, c := range f.Charts {
		t := c.Table()
		d.Subheading(t.Title)
		d.Table(colsOf(t), textsOf(t))
	}
	d.Section("What this rests on")
	d.Fact("As at the end of", "%s", f.AsAt.Long())
	if f.From != "" {
		d.Fact("Period", "%s", period(f.From, f.AsAt))
	}
	d.Fact("Events in the log then", "%s", count(f.Log.Events))
	d.Fact("Hash of the log then", "%s", f.Log.Hash)
	d.Fact("Besides the log", "%s", f.Data)
	return d
}

// barsOf are the points of a chart of one series.
func barsOf(c dars.FigureChart) (bars []Bar) {
	for _, p := range c.Points {
		bars = append(bars, Bar{p.Label, p.Values[0], p.Alarm})
	}
	return bars
}

// listingWords are what the words of these reports may name.
type listingWords struct{ From, AsAt dars.Day }

// textsOf are the cells of a table as papers write them.
func textsOf(t dars.FigureTable) (rows [][]string) {
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

// colsOf shares the width by what stands in the columns: each has room for its longest
// word, and what is left goes to those whose texts are longer. Where the words have no
// room, references are broken at their hyphens.
func colsOf(t dars.FigureTable) []Col {
	cols, room := colsBy(t, longestWord)
	if room < 0 {
		cols, _ = colsBy(t, func(p pen, text string) float64 { return longestWord(p, strings.ReplaceAll(text, "-", "- ")) })
	}
	return cols
}

// colsBy is colsOf by how wide a text is that must not be broken, and what room it leaves.
func colsBy(t dars.FigureTable, unbroken func(pen, string) float64) (cols []Col, spare float64) {
	texts := textsOf(t)
	least, longer := make([]float64, len(t.Columns)), make([]float64, len(t.Columns))
	room, wanted := wide, 0.0
	for i, name := range t.Columns {
		col := Col{Name: name, Figures: len(t.Rows) > 0}
		least[i] = unbroken(headPen, name)
		most := headPen.wide(line(name))
		for j, row := range texts {
			least[i] = max(least[i], unbroken(cellPen, row[i]))
			most = max(most, min(cellPen.wide(line(row[i])), wholeText))
			switch t.Rows[j][i].(type) {
			case int:
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
	return cols, room
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

// FigureSheets is the same report to sort and filter: a sheet for each of its tables, and
// one for the figures behind each chart.
func (p Press) FigureSheets(f dars.Figures) ([]byte, error) {
	if err := checkFigures(f); err != nil {
		return nil, err
	}
	w := p.NewWorkbook(f.Title, f.AsAt)
	about := [][]any{{"Report", f.Title}, {"Office", p.Office.Name}, {"As at the end of", f.AsAt}, {"Since", f.From},
		{"Events in the log then", int(f.Log.Events)}, {"Hash of the log then", f.Log.Hash}, {"Besides the log", f.Data}}
	for _, x := range f.Facts {
		about = append(about, []any{x.Label, x.Says})
	}
	if p.Rehearsal {
		about = append(about, []any{"Rehearsal", rehearsalWords})
	}
	w.Sheet("Report", []string{"What", "Value"}, about)
	tables := f.Tables
	for _, c := range f.Charts {
		tables = append(tables[:len(tables):len(tables)], c.Table())
	}
	for i, t := range tables {
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
