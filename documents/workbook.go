package documents

import (
	"archive/zip"
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"strings"
	"time"
	"unicode/utf16"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"darsd/dars"
)

// A Workbook is tables that people sort and filter, as a spreadsheet (Office Open
// XML, ISO/IEC 29500-1): a sheet for each, whose head stays in sight. Cells are of
// a type, and none is a formula: papers carry what strangers typed. The same
// tables give the same bytes.
type Workbook struct {
	title  string
	author string
	date   dars.Day
	sheets []sheet
	broken error
}

type sheet struct {
	name  string
	heads []string
	rows  [][]any
}

// What a spreadsheet holds at most.
const (
	maxSheetName = 31
	maxCell      = 32_767 // letters
	maxRows      = 1 << 20
)

// NewWorkbook begins a spreadsheet of the office.
func (p Press) NewWorkbook(title string, date dars.Day) *Workbook {
	return &Workbook{title: title, author: p.Office.Name, date: date}
}

// Sheet adds a table. A cell is a string, an int, a bool, a dars.Day or a
// dars.Pence, which is shown in pounds; an empty string or day is an empty cell.
func (w *Workbook) Sheet(name string, heads []string, rows [][]any) {
	if len(name) > maxSheetName || strings.ContainsAny(name, `[]:*?/\'`) || len(rows) >= maxRows {
		w.broken = errors.Join(w.broken, fmt.Errorf("the sheet %q of %d rows cannot be written", name, len(rows)))
		return
	}
	w.sheets = append(w.sheets, sheet{name, heads, rows})
}

// Bytes writes the spreadsheet.
func (w *Workbook) Bytes() ([]byte, error) {
	var out bytes.Buffer
	z := zip.NewWriter(&out)
	err := w.broken
	put := func(name, content string) {
		part, wrong := z.CreateHeader(&zip.FileHeader{Name: name, Method: zip.Deflate, Modified: firstZipDay})
		if wrong == nil {
			_, wrong = part.Write([]byte(xml.Header + content))
		}
		err = errors.Join(err, wrong)
	}
	put("[Content_Types].xml", w.contentTypes())
	put("_rels/.rels", relations("officeDocument", "xl/workbook.xml"))
	put("docProps/core.xml", w.properties())
	put("xl/workbook.xml", w.list())
	var parts []string
	for i := range w.sheets {
		parts = append(parts, "worksheet", fmt.Sprintf("worksheets/sheet%d.xml", i+1))
	}
	put("xl/_rels/workbook.xml.rels", relations(append(parts, "styles", "styles.xml")...))
	put("xl/styles.xml", cellStyles)
	for i, s := range w.sheets {
		content, wrong := s.content()
		err = errors.Join(err, wrong)
		put(fmt.Sprintf("xl/worksheets/sheet%d.xml", i+1), content)
	}
	if err = errors.Join(err, z.Close()); err != nil {
		return nil, fmt.Errorf("workbook %q: %w", w.title, err)
	}
	return out.Bytes(), nil
}

// firstZipDay is the time of each part. A ZIP file knows none before, and one that says
// nothing would say the day and month zero, which some programs refuse.
var firstZipDay = time.Date(1980, time.January, 1, 0, 0, 0, 0, time.UTC)

const (
	spreadsheetML = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
	relationships = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
	packageParts  = "http://schemas.openxmlformats.org/package/2006/"
	mediaType     = "application/vnd.openxmlformats-officedocument.spreadsheetml."
)

func (w *Workbook) contentTypes() string {
	var b strings.Builder
	fmt.Fprintf(&b, `<Types xmlns="%scontent-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>`, packageParts)
	fmt.Fprintf(&b, `<Override PartName="/docProps/core.xml" ContentType="application/vnd.openxmlformats-package.core-properties+xml"/>`)
	fmt.Fprintf(&b, `<Override PartName="/xl/workbook.xml" ContentType="%ssheet.main+xml"/><Override PartName="/xl/styles.xml" ContentType="%sstyles+xml"/>`, mediaType, mediaType)
	for i := range w.sheets {
		fmt.Fprintf(&b, `<Override PartName="/xl/worksheets/sheet%d.xml" ContentType="%sworksheet+xml"/>`, i+1, mediaType)
	}
	return b.String() + `</Types>`
}

// relations names the parts that a part stands on: kinds and targets in turn.
func relations(pairs ...string) string {
	var b strings.Builder
	fmt.Fprintf(&b, `<Relationships xmlns="%srelationships">`, packageParts)
	for i := 0; i+1 < len(pairs); i += 2 {
		fmt.Fprintf(&b, `<Relationship Id="r%d" Type="%s/%s" Target="%s"/>`, i/2+1, relationships, pairs[i], pairs[i+1])
	}
	if pairs[0] == "officeDocument" {
		fmt.Fprintf(&b, `<Relationship Id="properties" Type="%srelationships/metadata/core-properties" Target="docProps/core.xml"/>`, packageParts)
	}
	return b.String() + `</Relationships>`
}

func (w *Workbook) properties() string {
	return fmt.Sprintf(`<cp:coreProperties xmlns:cp="%smetadata/core-properties" xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:dcterms="http://purl.org/dc/terms/" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">`+
		`<dc:title>%s</dc:title><dc:creator>%s</dc:creator><dcterms:created xsi:type="dcterms:W3CDTF">%sT00:00:00Z</dcterms:created></cp:coreProperties>`,
		packageParts, cellText(w.title), cellText(w.author), w.date)
}

func (w *Workbook) list() string {
	var sheets, filters strings.Builder
	for i, s := range w.sheets {
		fmt.Fprintf(&sheets, `<sheet name="%s" sheetId="%d" r:id="r%d"/>`, cellText(s.name), i+1, i+1)
		fmt.Fprintf(&filters, `<definedName name="_xlnm._FilterDatabase" localSheetId="%d" hidden="1">'%s'!$A$1:$%s$%d</definedName>`, i, cellText(s.name), column(len(s.heads)), len(s.rows)+1)
	}
	return fmt.Sprintf(`<workbook xmlns="%s" xmlns:r="%s"><sheets>%s</sheets><definedNames>%s</definedNames></workbook>`, spreadsheetML, relationships, sheets.String(), filters.String())
}

// The looks of cells, by their places in cellStyles.
const (
	plainCell = iota
	headCell
	textCell
	numberCell
	dayCell
	moneyCell
)

// Text is marked as text twice, so that it stays text when somebody edits it: by
// its format, and by the mark that a program writes for a leading apostrophe.
const cellStyles = `<styleSheet xmlns="` + spreadsheetML + `">` +
	`<numFmts count="1"><numFmt numFmtId="164" formatCode="yyyy\-mm\-dd"/></numFmts>` +
	`<fonts count="2"><font><sz val="11"/><name val="Calibri"/></font><font><b/><sz val="11"/><color rgb="FFFFFFFF"/><name val="Calibri"/></font></fonts>` +
	`<fills count="3"><fill><patternFill patternType="none"/></fill><fill><patternFill patternType="gray125"/></fill><fill><patternFill patternType="solid"><fgColor rgb="FF00305C"/></patternFill></fill></fills>` +
	`<borders count="1"><border/></borders><cellStyleXfs count="1"><xf/></cellStyleXfs><cellXfs count="6">` +
	`<xf xfId="0"/>` +
	`<xf xfId="0" fontId="1" fillId="2" applyFont="1" applyFill="1" numFmtId="49" applyNumberFormat="1"/>` +
	`<xf xfId="0" numFmtId="49" applyNumberFormat="1" quotePrefix="1" applyAlignment="1"><alignment vertical="top" wrapText="1"/></xf>` +
	`<xf xfId="0" numFmtId="3" applyNumberFormat="1" applyAlignment="1"><alignment vertical="top"/></xf>` +
	`<xf xfId="0" numFmtId="164" applyNumberFormat="1" applyAlignment="1"><alignment vertical="top"/></xf>` +
	`<xf xfId="0" numFmtId="4" applyNumberFormat="1" applyAlignment="1"><alignment vertical="top"/></xf>` +
	`</cellXfs></styleSheet>`

// content writes a sheet.
func (s sheet) content() (string, error) {
	var b strings.Builder
	all := fmt.Sprintf("A1:%s%d", column(len(s.heads)), len(s.rows)+1)
	fmt.Fprintf(&b, `<worksheet xmlns="%s"><sheetPr><pageSetUpPr fitToPage="1"/></sheetPr><dimension ref="%s"/>`, spreadsheetML, all)
	b.WriteString(`<sheetViews><sheetView workbookViewId="0"><pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"/></sheetView></sheetViews><cols>`)
	for i, wide := range s.widths() {
		fmt.Fprintf(&b, `<col min="%d" max="%d" width="%d" customWidth="1"/>`, i+1, i+1, wide)
	}
	b.WriteString(`</cols><sheetData><row r="1">`)
	for i, head := range s.heads {
		writeText(&b, column(i+1)+"1", headCell, head)
	}
	b.WriteString(`</row>`)
	for i, row := range s.rows {
		fmt.Fprintf(&b, `<row r="%d">`, i+2)
		for j, cell := range row[:min(len(row), len(s.heads))] {
			if err := writeCell(&b, fmt.Sprintf("%s%d", column(j+1), i+2), cell); err != nil {
				return "", fmt.Errorf("sheet %q: %w", s.name, err)
			}
		}
		b.WriteString(`</row>`)
	}
	fmt.Fprintf(&b, `</sheetData><autoFilter ref="%s"/><pageSetup paperSize="9" orientation="landscape" fitToHeight="0"/></worksheet>`, all)
	return b.String(), nil
}

// writeCell writes a cell of the type of its value.
func writeCell(b *strings.Builder, at string, cell any) error {
	switch v := cell.(type) {
	case string:
		writeText(b, at, textCell, v)
	case int:
		fmt.Fprintf(b, `<c r="%s" s="%d"><v>%d</v></c>`, at, numberCell, v)
	case bool:
		n := 0
		if v {
			n = 1
		}
		fmt.Fprintf(b, `<c r="%s" s="%d" t="b"><v>%d</v></c>`, at, plainCell, n)
	case dars.Day:
		if n := v.Since(dayZero); n > 60 {
			fmt.Fprintf(b, `<c r="%s" s="%d"><v>%d</v></c>`, at, dayCell, n)
		} else {
			writeText(b, at, textCell, string(v)) // nothing, or no day that they know
		}
	case dars.Pence:
		sign, n := "", int64(v)
		if n < 0 {
			sign, n = "-", -n
		}
		fmt.Fprintf(b, `<c r="%s" s="%d"><v>%s%d.%02d</v></c>`, at, moneyCell, sign, n/100, n%100)
	default:
		return fmt.Errorf("the cell %s is a %T", at, cell)
	}
	return nil
}

// dayZero is from where spreadsheets count. Before 1 March 1900, day 61, they are
// wrong by one.
const dayZero dars.Day = "1899-12-30"

func writeText(b *strings.Builder, at string, style int, s string) {
	if s = cellText(s); s != "" {
		fmt.Fprintf(b, `<c r="%s" s="%d" t="inlineStr"><is><t xml:space="preserve">%s</t></is></c>`, at, style, s)
	}
}

// cellText is the door through which all text enters a spreadsheet: without what
// shows nothing or moves what stands around it, and short enough for a cell.
func cellText(s string) string {
	s = strings.Map(func(r rune) rune {
		if r != '\n' && invisible(r) || r == 0xFFFE || r == 0xFFFF {
			return -1
		}
		return r
	}, norm.NFC.String(lineEnds.Replace(strings.ToValidUTF8(s, "\uFFFD"))))
	return xmlText(escapedLetter.Replace(shortened(s)))
}

// shortened is a text that a cell takes in. Letters beyond U+FFFF count twice.
func shortened(s string) string {
	if len(s) <= maxCell { // there are no more letters than bytes
		return s
	}
	letters, end := 0, 0 // end: where a dot for the rest has room
	for i, r := range s {
		if letters < maxCell {
			end = i
		}
		if letters += utf16.RuneLen(r); letters > maxCell {
			return s[:end] + "…"
		}
	}
	return s
}

// escapedLetter keeps "_x000D_" what somebody typed: in a spreadsheet it would be
// read as the letter with that number (ISO/IEC 29500-1, 22.9.2.19).
var escapedLetter = strings.NewReplacer("_x", "_x005F_x")

// widths are how many letters wide the columns are.
func (s sheet) widths() []int {
	all := make([]int, len(s.heads))
	for _, row := range append([][]any{anyOf(s.heads)}, s.rows...) {
		for i, cell := range row[:min(len(row), len(all))] {
			for line := range strings.SplitSeq(fmt.Sprint(cell), "\n") {
				all[i] = max(all[i], min(utf8.RuneCountInString(line)+3, 60)) // room for the filter's button
			}
		}
	}
	return all
}

func anyOf(texts []string) (all []any) {
	for _, t := range texts {
		all = append(all, t)
	}
	return all
}

// column is the letters of a column, from 1.
func column(n int) (letters string) {
	for ; n > 0; n = (n - 1) / 26 {
		letters = string(rune('A'+(n-1)%26)) + letters
	}
	return letters
}
