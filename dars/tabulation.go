package dars

import (
	"encoding/json"
	"fmt"
	"strings"
)

// A Tabulation is the table that leaves with a release of that kind. What is asked for
// is fixed when it is planned: the checker and the signer answer for just that.
type Tabulation struct {
	Request    json.RawMessage `json:"request"`        // as it was understood
	Says       string          `json:"says"`           // the same in words
	Population json.RawMessage `json:"population"`     // whom it is about, but for the list of objections; never persons
	Made       *TableMade      `json:"made,omitempty"` // once it is produced
}

// Tabulate makes a planned release one of a table: as CSV, and the same for people to
// read. first is the number of its first file.
func (r *Release) Tabulate(t Tabulation, stem string, first int) {
	periods := strings.Join(r.Periods, ", ")
	id := func(n int) FileID { return FileID(fmt.Sprintf("FILE%07d", first+n)) }
	file := func(id FileID, f Format) ReleaseFile {
		return ReleaseFile{ID: id, Period: periods, PackageFile: PackageFile{Path: "data/" + FileName(id, stem, r.Dataset, "TABLE", f)}}
	}
	r.Tabulation = &t
	r.Files = []ReleaseFile{file(id(0), Format{Delimiter: ","}), file(id(1), Format{})}
	r.Files[1].Repeats = id(0)
}

// ToRead is the file that a checker looks at: the first, or what says the same for
// people to read.
func (r *Release) ToRead() ReleaseFile {
	for _, f := range r.Files {
		if f.Repeats != "" {
			return f
		}
	}
	return r.Files[0]
}

// Blanked says what of a table is not shown.
func (t TableMade) Blanked() string {
	return fmt.Sprintf("of %d counts and totals %d are suppressed (*) and %d withheld (..)", t.Cells, t.Suppressed, t.Withheld)
}

// ByRules refuses a table that was made by other rules than those of the day.
func (r *Release) ByRules(rules string) error {
	if r.Tabulation == nil || r.Tabulation.Made == nil || r.Tabulation.Made.Rules == rules {
		return nil
	}
	return Refuse("rules-changed", r.ID, "release %s was made by the rules %s, and by today's (%s) more or other numbers are suppressed: withdraw it and plan it again", r.ID, r.Tabulation.Made.Rules, rules)
}
