package register_test

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"darsd/dars"
	"darsd/register"
)

// An oddWorkbook is drawn by chance as people make them: titles above the headers, rows
// and cells without a place, empty rows, texts inline, shared, or in pieces of several
// fonts, formulas that came to a text, merged cells, numbers where words could be.
type oddWorkbook struct {
	rnd    *rand.Rand
	shared []string
	rows   strings.Builder
	n      int // rows so far
	places bool
}

func (o *oddWorkbook) one(of ...string) string { return of[o.rnd.IntN(len(of))] }

// cell writes a text in one of the ways in which a workbook can hold it.
func (o *oddWorkbook) cell(column int, text string) string {
	at := ""
	if o.places {
		at = fmt.Sprintf(` r="%c%d"`, 'A'+column, o.n)
	}
	cut := o.rnd.IntN(len(text) + 1)
	front, back := escaped(text[:cut]), escaped(text[cut:])
	switch o.rnd.IntN(5) {
	case 0:
		return fmt.Sprintf(`<c%s t="inlineStr"><is><t>%s</t></is></c>`, at, escaped(text))
	case 1:
		return fmt.Sprintf(`<c%s t="inlineStr"><is><r><rPr><b/></rPr><t xml:space="preserve">%s</t></r><r><t xml:space="preserve">%s</t></r></is></c>`, at, front, back)
	case 2:
		return fmt.Sprintf(`<c%s t="str"><f>CONCATENATE("a","b")</f><v>%s</v></c>`, at, escaped(text))
	case 3:
		o.shared = append(o.shared, fmt.Sprintf(`<si><r><t xml:space="preserve">%s</t></r><r><rPr><i/></rPr><t xml:space="preserve">%s</t></r></si>`, front, back))
	default:
		o.shared = append(o.shared, "<si><t>"+escaped(text)+"</t></si>")
	}
	return fmt.Sprintf(`<c%s t="s"><v>%d</v></c>`, at, len(o.shared)-1)
}

func escaped(text string) string { return strings.NewReplacer("&", "&amp;", "<", "&lt;").Replace(text) }

func (o *oddWorkbook) row(cells ...string) {
	o.n++
	at := ""
	if o.places {
		at = fmt.Sprintf(` r="%d"`, o.n)
	}
	o.rows.WriteString("<row" + at + ">")
	for i, text := range cells {
		if text != "" || !o.places {
			o.rows.WriteString(o.cell(i, text))
		}
	}
	o.rows.WriteString("</row>")
}

// file is the workbook as a file.
func (o *oddWorkbook) file(t *testing.T) []byte {
	t.Helper()
	merged := ""
	if o.rnd.IntN(2) == 0 {
		merged = `<mergeCells count="1"><mergeCell ref="A1:E1"/></mergeCells>`
	}
	return workbook(t, map[string]string{
		"xl/worksheets/sheet1.xml": `<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><cols><col min="1" max="9"/></cols><sheetData>` + o.rows.String() + `</sheetData>` + merged + `</worksheet>`,
		"xl/sharedStrings.xml":     "<sst>" + strings.Join(o.shared, "") + "</sst>",
	})
}

// However a workbook holds them, each row says what was written into it, once.
func TestOddWorkbooksSayWhatWasWritten(t *testing.T) {
	for seed := range uint64(200) {
		o := &oddWorkbook{rnd: rand.New(rand.NewPCG(seed, 5)), places: seed%3 > 0}
		for range o.rnd.IntN(4) {
			o.row(o.one("Data release register", "Published by the office, in full", "September to November 2017"))
			if o.places && o.rnd.IntN(2) == 0 {
				o.n++ // a row that is left out
			}
		}
		o.row("RowID", "Organisation Name", "Dataset", "NIC Number", "Opt-Outs applied")
		type row struct{ id, org, dataset, agreement, said string }
		var want []row
		for i := range 20 {
			r := row{fmt.Sprintf("FILE%07d", 10*i+int(seed)), o.one("A TRUST", "UNIVERSITY OF B", "C & D LTD"), o.one("HES", "ONS", "42736"), fmt.Sprintf("DARS-NIC-1234%d-B1C2D-v1.%d", i%5, i%3), o.one("Y", "N")}
			want = append(want, r)
			o.row(r.id, r.org, r.dataset, r.agreement, r.said)
			if o.rnd.IntN(6) == 0 {
				o.row()
			}
		}
		f, err := register.Open("releases.xlsx", bytes.NewReader(o.file(t)))
		if err != nil {
			t.Fatalf("workbook %d: %v", seed, err)
		}
		got := register.Understand(register.NewHeaders(nil), []register.File{f})
		if len(got.Releases) != len(want) || got.RowsRead != len(want) {
			t.Fatalf("workbook %d: of %d rows %d are read as %d releases; not understood: %+v", seed, len(want), got.RowsRead, len(got.Releases), got.Unread)
		}
		for i, r := range got.Releases {
			w := want[i]
			treatment := map[string]dars.Treatment{"Y": dars.Uphold, "N": dars.NotUpheld}[w.said]
			if r.Row != w.id || r.Org != w.org || r.Dataset != w.dataset || r.Agreement != w.agreement || r.Objections != treatment {
				t.Errorf("workbook %d: row %+v is read as %+v", seed, w, r)
			}
		}
	}
}
