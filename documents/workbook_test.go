package documents

import (
	"archive/zip"
	"bytes"
	"encoding/csv"
	"encoding/xml"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"darsd/dars"
)

// hostileCells are what strangers type to have it run, or to break the file.
var hostileCells = []string{
	"=1+1", "+1", "-1", "@SUM(A1)", "\t=1+1", "\r=1+1", "\n=1+1", "=HYPERLINK(\"http://example.org\",\"x\")", "=cmd|' /C calc'!A0",
	"_x000D_=1+1", "_x003D_1", "a_xb", "<v>1</v>", "]]>&amp;", "\"'", "00012345", "1E5", "2016-03-01", "TRUE", " x ", "a\x00\x1b\xffb", "\u202egpj", "😀", "one\ntwo",
}

// hostileAsRead are the same as they are read.
var hostileAsRead = []string{
	"=1+1", "+1", "-1", "@SUM(A1)", "    =1+1", "\n=1+1", "\n=1+1", "=HYPERLINK(\"http://example.org\",\"x\")", "=cmd|' /C calc'!A0",
	"_x000D_=1+1", "_x003D_1", "a_xb", "<v>1</v>", "]]>&amp;", "\"'", "00012345", "1E5", "2016-03-01", "TRUE", " x ", "a\uFFFDb", "gpj", "😀", "one\ntwo",
}

func hostileBook(t *testing.T) []byte {
	t.Helper()
	w := press(false).NewWorkbook("Hostile & odd", "2016-03-01")
	var rows [][]any
	for _, s := range hostileCells {
		rows = append(rows, []any{s, dars.Day("2016-02-29"), 1234567, dars.Pence(-103005), true})
	}
	w.Sheet("Odd", []string{"=Text", "Day", "Number", "Money", "Yes"}, rows)
	w.Sheet("Empty", []string{"Text"}, nil)
	book, err := w.Bytes()
	if err != nil {
		t.Fatal(err)
	}
	return book
}

// A cell is what it was, of its type, and no formula.
func TestWorkbookCells(t *testing.T) {
	parts := unzipped(t, hostileBook(t))
	var sheet struct {
		Rows []struct {
			Cells []struct {
				Ref  string  `xml:"r,attr"`
				Type string  `xml:"t,attr"`
				Look int     `xml:"s,attr"`
				V    string  `xml:"v"`
				Text string  `xml:"is>t"`
				F    *string `xml:"f"`
			} `xml:"c"`
		} `xml:"sheetData>row"`
		Pane struct {
			State string `xml:"state,attr"`
			Below string `xml:"topLeftCell,attr"`
		} `xml:"sheetViews>sheetView>pane"`
		Filter struct {
			Ref string `xml:"ref,attr"`
		} `xml:"autoFilter"`
	}
	if err := xml.Unmarshal(parts["xl/worksheets/sheet1.xml"], &sheet); err != nil {
		t.Fatal(err)
	}
	if sheet.Pane.State != "frozen" || sheet.Pane.Below != "A2" || sheet.Filter.Ref != "A1:E25" || len(sheet.Rows) != len(hostileCells)+1 {
		t.Errorf("%+v, %+v, %d rows", sheet.Pane, sheet.Filter, len(sheet.Rows))
	}
	for i, row := range sheet.Rows[1:] {
		c := row.Cells
		// What the program shows: the letters that were escaped are themselves again.
		if got := strings.ReplaceAll(c[0].Text, "_x005F_", "_"); got != hostileAsRead[i] || c[0].Type != "inlineStr" || c[0].Look != textCell {
			t.Errorf("%q became %q, %+v", hostileCells[i], got, c[0])
		}
		if regexp.MustCompile(`_x[0-9A-Fa-f]{4}_`).MatchString(strings.ReplaceAll(c[0].Text, "_x005F_", "")) {
			t.Errorf("%q would be read as another letter", c[0].Text)
		}
		if c[1].V != "42429" || c[1].Look != dayCell || c[2].V != "1234567" || c[2].Look != numberCell || c[3].V != "-1030.05" || c[3].Look != moneyCell || c[4].V != "1" || c[4].Type != "b" {
			t.Errorf("row %d: %+v", i+2, c[1:])
		}
		for _, cell := range c {
			if cell.F != nil {
				t.Errorf("%s is a formula", cell.Ref)
			}
		}
	}
}

// What the office writes is well formed, named by its list, and the same twice.
func TestComplianceSheets(t *testing.T) {
	book, err := press(true).ComplianceSheets(report())
	if err != nil {
		t.Fatal(err)
	}
	if again, _ := press(true).ComplianceSheets(report()); !bytes.Equal(book, again) {
		t.Error("two books of one report differ")
	}
	if dir := os.Getenv("DARSD_KEEP_PAPERS"); dir != "" {
		if err := os.WriteFile(filepath.Join(dir, "compliance.xlsx"), book, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	parts := unzipped(t, book)
	types := string(parts["[Content_Types].xml"])
	for name := range parts {
		if strings.HasPrefix(name, "xl/w") && !strings.Contains(types, `"/`+name+`"`) && !strings.HasSuffix(name, ".rels") {
			t.Errorf("%s is not among the types", name)
		}
	}
	if all := string(parts["xl/workbook.xml"]); strings.Count(all, "<sheet ") != 8 {
		t.Errorf("the list is %s", all)
	}
	for _, a := range report().Facts.Agreements {
		if !strings.Contains(string(parts["xl/worksheets/sheet2.xml"]), string(a.Agreement)) {
			t.Errorf("%s is not in it", a.Agreement)
		}
	}
	if !strings.Contains(string(parts["xl/worksheets/sheet1.xml"]), rehearsalWords) {
		t.Error("it does not say that it is of a rehearsal")
	}
}

func TestWhatNoSpreadsheetHoldsIsRefused(t *testing.T) {
	for name, add := range map[string]func(*Workbook){
		"a name with a bracket": func(w *Workbook) { w.Sheet("a[1]", []string{"A"}, nil) },
		"a long name":           func(w *Workbook) { w.Sheet(strings.Repeat("x", 32), []string{"A"}, nil) },
		"a cell of no type":     func(w *Workbook) { w.Sheet("A", []string{"A"}, [][]any{{3.5}}) },
		"too many rows":         func(w *Workbook) { w.Sheet("A", []string{"A"}, make([][]any, 1<<20)) },
	} {
		w := press(false).NewWorkbook("A", "2016-03-01")
		add(w)
		if _, err := w.Bytes(); err == nil {
			t.Errorf("%s was written", name)
		}
	}
}

func TestColumns(t *testing.T) {
	for n, want := range map[int]string{1: "A", 26: "Z", 27: "AA", 52: "AZ", 53: "BA", 702: "ZZ", 703: "AAA"} {
		if got := column(n); got != want {
			t.Errorf("column %d is %s, want %s", n, got, want)
		}
	}
}

// A program that people use reads the same. It is not installed where nobody
// looks at spreadsheets, so this test is for those who have it.
func TestWorkbookInLibreOffice(t *testing.T) {
	program, err := exec.LookPath("soffice")
	if err != nil {
		t.Skip("LibreOffice is not installed (libreoffice-calc)")
	}
	t.Parallel()
	dir := t.TempDir()
	book := filepath.Join(dir, "odd.xlsx")
	if err := os.WriteFile(book, hostileBook(t), 0o600); err != nil {
		t.Fatal(err)
	}
	if out, err := exec.CommandContext(t.Context(), program, "-env:UserInstallation=file://"+dir+"/profile", "--headless", "--convert-to", "csv:Text - txt - csv (StarCalc):44,34,76,1,,2057", "--outdir", dir, book).CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	text, err := os.ReadFile(filepath.Join(dir, "odd.csv"))
	if err != nil {
		t.Fatal(err)
	}
	rows, err := csv.NewReader(bytes.NewReader(text)).ReadAll()
	if err != nil || len(rows) != len(hostileAsRead)+1 {
		t.Fatalf("%d rows: %v", len(rows), err)
	}
	for i, row := range rows[1:] {
		if want := []string{hostileAsRead[i], "2016-02-29", "1,234,567", "-1,030.05", "TRUE"}; !slices.Equal(row, want) {
			t.Errorf("read %q, want %q", row, want)
		}
	}
}

// Each part is dated by a day that there is: some programs refuse a month of zero.
func TestPartsHaveALegalDay(t *testing.T) {
	book := hostileBook(t)
	z, err := zip.NewReader(bytes.NewReader(book), int64(len(book)))
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range z.File {
		if at := f.Modified; at.Year() != 1980 || at.Month() != time.January || at.Day() != 1 {
			t.Errorf("%s is of %s", f.Name, at)
		}
	}
	const local, day, month = "PK\x03\x04", 0x1f, 0x1e0
	for head := range strings.SplitSeq(string(book), local) {
		if len(head) < 10 {
			continue
		}
		if date := int(head[8]) | int(head[9])<<8; date&day == 0 || date&month == 0 {
			t.Errorf("a part is of the day %#x as MS-DOS writes it", date)
		}
	}
}

// unzipped is each part of a book, all of them well formed.
func unzipped(t *testing.T, book []byte) map[string][]byte {
	t.Helper()
	z, err := zip.NewReader(bytes.NewReader(book), int64(len(book)))
	if err != nil {
		t.Fatal(err)
	}
	parts := map[string][]byte{}
	for _, f := range z.File {
		r, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		if parts[f.Name], err = io.ReadAll(r); err != nil {
			t.Fatal(err)
		}
		if err := xml.Unmarshal(parts[f.Name], new(struct{})); err != nil {
			t.Errorf("%s: %v", f.Name, err)
		}
	}
	return parts
}
