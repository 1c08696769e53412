package register

import (
	"archive/zip"
	"bytes"
	"cmp"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"path"
	"strconv"
	"strings"
)

// A reading is a workbook while it is read: a ZIP file of XML (ECMA-376). Only
// values are read; formulas, links and macros are not looked at.
type reading struct {
	files map[string]*zip.File
	left  int64 // bytes that may still be unpacked
	budget
	shared []string
	styles []string // how each style of cells shows days; "": as numbers
}

// mostUnpacked is how many bytes of XML a workbook may unpack to.
const mostUnpacked = 256 << 20

func workbook(content []byte) (sheets []Sheet, err error) {
	z, err := zip.NewReader(bytes.NewReader(content), int64(len(content)))
	if err != nil {
		return nil, err
	}
	r := &reading{files: map[string]*zip.File{}, left: mostUnpacked}
	for _, f := range z.File {
		r.files[strings.ToLower(f.Name)] = f
	}
	var book struct {
		Properties struct {
			From1904 string `xml:"date1904,attr"`
		} `xml:"workbookPr"`
		Sheets []struct {
			Name string `xml:"name,attr"`
			Part string `xml:"http://schemas.openxmlformats.org/officeDocument/2006/relationships id,attr"`
			ISO  string `xml:"http://purl.oclc.org/ooxml/officeDocument/relationships id,attr"` // of a "strict" one (ISO/IEC 29500)
		} `xml:"sheets>sheet"`
	}
	if err := r.decode("xl/workbook.xml", &book); err != nil {
		return nil, err
	}
	if from := book.Properties.From1904; from == "1" || from == "true" {
		return nil, errors.New("its days are counted from 1904, as on old Macintoshes: save its sheets as CSV files")
	}
	var links struct {
		All []struct {
			ID     string `xml:"Id,attr"`
			Target string `xml:"Target,attr"`
		} `xml:"Relationship"`
	}
	if err := r.decode("xl/_rels/workbook.xml.rels", &links); err != nil {
		return nil, err
	}
	parts := map[string]string{}
	for _, l := range links.All {
		if parts[l.ID] = path.Join("xl", l.Target); strings.HasPrefix(l.Target, "/") {
			parts[l.ID] = strings.TrimPrefix(l.Target, "/")
		}
	}
	if err := cmp.Or(r.strings(), r.formats()); err != nil {
		return nil, err
	}
	for _, s := range book.Sheets {
		rows, err := r.rows(parts[cmp.Or(s.Part, s.ISO)])
		if err != nil {
			return nil, fmt.Errorf("sheet %s: %w", s.Name, err)
		}
		sheets = append(sheets, Sheet{s.Name, rows})
	}
	return sheets, nil
}

// open unpacks a part, as far as the workbook may still be unpacked: what the ZIP
// file says of its size is not believed.
func (r *reading) open(part string) (io.ReadCloser, error) {
	f := r.files[strings.ToLower(part)]
	if f == nil {
		return nil, fmt.Errorf("it has no part %q: it is no workbook that a spreadsheet has saved", part)
	}
	c, err := f.Open()
	if err != nil {
		return nil, err
	}
	return struct {
		io.Reader
		io.Closer
	}{&counted{c, &r.left}, c}, nil
}

type counted struct {
	from io.Reader
	left *int64
}

func (c *counted) Read(p []byte) (n int, err error) {
	n, err = c.from.Read(p)
	if *c.left -= int64(n); *c.left < 0 {
		return 0, errTooLarge
	}
	return n, err
}

func (r *reading) decode(part string, into any) error {
	f, err := r.open(part)
	if err != nil {
		return err
	}
	defer f.Close()
	return xml.NewDecoder(f).Decode(into)
}

// elements goes through a part: begin is told of each element that begins, and end
// of each that ends, with the text since.
func (r *reading) elements(part string, begin func(xml.StartElement) error, end func(name, text string) error) error {
	f, err := r.open(part)
	if err != nil {
		return err
	}
	defer f.Close()
	d := xml.NewDecoder(f)
	var text strings.Builder
	for {
		token, err := d.Token()
		switch {
		case errors.Is(err, io.EOF):
			return nil
		case err != nil:
			return err
		}
		switch e := token.(type) {
		case xml.StartElement:
			text.Reset()
			err = begin(e)
		case xml.CharData:
			text.Write(e)
		case xml.EndElement:
			err = end(e.Name.Local, text.String())
			text.Reset()
		}
		if err != nil {
			return err
		}
	}
}

// strings reads the texts that cells share. How a text is pronounced (rPh) stands
// between its pieces and is left out.
func (r *reading) strings() error {
	const part = "xl/sharedStrings.xml"
	if r.files[strings.ToLower(part)] == nil {
		return nil // a workbook of numbers has none
	}
	var whole strings.Builder
	spoken := false
	return r.elements(part, func(e xml.StartElement) error {
		spoken = spoken || e.Name.Local == "rPh"
		return nil
	}, func(name, text string) error {
		switch {
		case name == "rPh":
			spoken = false
		case name == "t" && !spoken:
			whole.WriteString(text)
		case name == "si":
			r.shared = append(r.shared, whole.String())
			whole.Reset()
			if len(r.shared) > mostCells {
				return errTooLarge
			}
		}
		return nil
	})
}

// rows reads the rows of a sheet. A row or a cell that does not say where it stands
// follows the one before.
func (r *reading) rows(part string) (all []Row, err error) {
	var row Row
	var kind, style, value, formula string
	var merged []string
	column := -1
	spoken := false
	err = r.elements(part, func(e xml.StartElement) error {
		switch e.Name.Local {
		case "row":
			n, err := strconv.Atoi(attr(e, "r"))
			if err != nil {
				n = row.N + 1
			}
			row, column = Row{N: n}, -1
		case "c":
			kind, style, value, formula = attr(e, "t"), attr(e, "s"), "", ""
			column = columnOf(attr(e, "r"), column+1)
		case "mergeCell":
			merged = append(merged, attr(e, "ref"))
		case "rPh":
			spoken = true
		}
		return nil
	}, func(name, text string) error {
		switch name {
		case "v":
			value = text
		case "t":
			if !spoken {
				value += text // of a text that stands in the cell itself
			}
		case "f":
			formula = text
		case "rPh":
			spoken = false
		case "c":
			text, err := r.cell(kind, style, value, formula)
			switch {
			case err != nil:
				return err
			case text == "", column < 0: // it is coloured, perhaps, or of no row
				return nil
			case column >= mostColumns:
				return fmt.Errorf("it has more than %d columns", mostColumns)
			}
			for len(row.Cells) <= column {
				if err := r.take(""); err != nil {
					return err
				}
				row.Cells = append(row.Cells, "")
			}
			row.Cells[column] = text
		case "row":
			all = append(all, row)
			if len(all) > mostCells {
				return errTooLarge
			}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return all, r.spread(all, merged)
}

// spread lets cells that are merged down some rows say in each of these rows what they
// say in the first.
func (r *reading) spread(all []Row, merged []string) error {
	at := map[int]int{} // by number
	for i, row := range all {
		at[row.N] = i
	}
	for _, ref := range merged {
		first, last, _ := strings.Cut(ref, ":")
		column, from, to := columnOf(first, -1), rowOf(first), rowOf(last)
		top, ok := at[from]
		if !ok || column < 0 || column >= len(all[top].Cells) {
			continue
		}
		for n := from + 1; n <= to && n <= all[len(all)-1].N; n++ {
			i, ok := at[n]
			if !ok {
				continue
			}
			row := &all[i]
			for len(row.Cells) <= column {
				row.Cells = append(row.Cells, "")
			}
			if row.Cells[column] == "" {
				row.Cells[column] = all[top].Cells[column]
			}
			if err := r.take(row.Cells[column]); err != nil {
				return err
			}
		}
	}
	return nil
}

// cell is what a cell says: of a formula, what it came to when the workbook was saved.
func (r *reading) cell(kind, style, value, formula string) (string, error) {
	switch {
	case kind == "s":
		n, err := strconv.Atoi(value)
		if err != nil || n < 0 || n >= len(r.shared) {
			return "", fmt.Errorf("a cell names the text %q, which is not there", value)
		}
		value = r.shared[n]
	case kind == "b" && value != "":
		value = strings.ToUpper(strconv.FormatBool(value != "0"))
	case value == "" && formula != "":
		value = "=" + formula
	case kind == "", kind == "n":
		value = r.shown(style, value)
	}
	return value, r.take(value)
}

// columnOf is the column of a cell such as "AB12", from 0; otherwise if it does not say.
func columnOf(ref string, otherwise int) int {
	n := 0
	for _, c := range ref {
		if c < 'A' || c > 'Z' || n > mostColumns {
			break
		}
		n = n*26 + int(c-'A') + 1
	}
	if n == 0 {
		return otherwise
	}
	return n - 1
}

// rowOf is the number of the row of a cell such as "AB12"; 0 if it does not say.
func rowOf(ref string) int {
	n, _ := strconv.Atoi(strings.TrimLeft(ref, "ABCDEFGHIJKLMNOPQRSTUVWXYZ"))
	return n
}

func attr(e xml.StartElement, name string) string {
	for _, a := range e.Attr {
		if a.Name.Local == name {
			return a.Value
		}
	}
	return ""
}
