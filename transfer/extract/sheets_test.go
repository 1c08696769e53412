package extract_test

import (
	"bytes"
	"crypto/ed25519"
	"strings"
	"testing"

	"darsd/transfer/extract"
)

// A package of a table is verified as one of rows is: what programs read is counted,
// what people read is only compared with its sum.
func TestPackSheets(t *testing.T) {
	const table, text = "data/FILE0000001_TABLE.csv", "data/FILE0000002_TABLE.txt"
	tests := map[string]struct {
		change func(shelf)
		kind   string // of the one problem, if any
	}{
		"as it was made": {func(shelf) {}, ""},
		"a line more":    {func(b shelf) { b[table] = append(b[table], "x,9\n"...) }, "altered"},
		"other words":    {func(b shelf) { b[text] = bytes.ToUpper(b[text]) }, "altered"},
		"a line too many is told of": {func(b shelf) {
			b["datapackage.json"] = bytes.Replace(b["datapackage.json"], []byte(`"rows": 2`), []byte(`"rows": 3`), 1)
			signedAgain(b)
		}, "malformed"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			bag := shelf{}
			result, err := extract.PackSheets(extract.Job{Dataset: visits(), Create: bag.create, Key: office}, []extract.Sheet{
				{File: extract.File{ID: "FILE0000001", Period: "200199", Name: "FILE0000001_TABLE.csv"}, Text: []byte("sex,persons\nfemale,*\n(all),25\n"), Rows: 2,
					Columns: []extract.SheetColumn{{Name: "sex", Type: "string"}, {Name: "persons", Type: "number", Missing: []string{"*", ".."}}}},
				{File: extract.File{ID: "FILE0000002", Period: "200199", Name: "FILE0000002_TABLE.txt"}, Text: []byte("SEX  PERSONS\n\"female\n")},
			})
			if err != nil {
				t.Fatal(err)
			}
			if len(result.Files) != 2 || result.Files[0].RowsOut != 2 || result.Files[1].RowsOut != 0 || result.Files[1].Path != text || strings.Join(result.Columns, " ") != "sex persons" {
				t.Errorf("the result is %+v", result)
			}
			tt.change(bag)
			report, err := extract.Verify(bag.fs(), office.Public().(ed25519.PublicKey))
			if err != nil {
				t.Fatal(err)
			}
			if report.Valid != (tt.kind == "") || report.Rows != 2 && report.Valid || !report.Valid && report.Problems[0].Kind != tt.kind {
				t.Errorf("%+v", report)
			}
		})
	}
}
