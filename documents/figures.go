package documents

import (
	"strconv"

	"darsd/dars"
)

// FigureSheets is one question of compliance and its answer, to sort and filter.
func (p Press) FigureSheets(f dars.Figures) ([]byte, error) {
	w := p.NewWorkbook("Report on "+f.Kind, f.AsAt)
	about := [][]any{{"Report", f.Means}, {"Office", p.Office.Name}, {"As at the end of", f.AsAt}, {"Events in the log then", strconv.FormatInt(f.Log.Events, 10)}, {"Hash of the log then", f.Log.Hash}}
	if p.Rehearsal {
		about = append(about, []any{"Rehearsal", rehearsalWords})
	}
	w.Sheet("Report", []string{"What", "Value"}, about)
	w.Sheet(f.Kind, f.Heads, f.Rows)
	return w.Bytes()
}
