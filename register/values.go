package register

import (
	"bytes"
	"encoding/csv"
	"errors"
	"io"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/unicode"
)

// values reads a CSV file, perhaps as a spreadsheet of another country has written it:
// with semicolons or tabs, in the letters of Windows.
func values(name string, content []byte) ([]Sheet, error) {
	if bytes.HasPrefix(content, []byte("\xd0\xcf\x11\xe0")) {
		return nil, errors.New("it is a workbook of before 2007: save it as .xlsx or .csv")
	}
	text, err := decoded(content)
	if err != nil {
		return nil, err
	}
	s, b := Sheet{Name: name}, budget{}
	for r := (records{text: text, comma: delimiter(text)}); ; {
		row, err := r.next()
		if err == io.EOF {
			return []Sheet{s}, nil
		}
		if err != nil {
			return nil, err
		}
		for i, c := range row.Cells {
			row.Cells[i] = unguarded(c)
			if err := b.take(c); err != nil {
				return nil, err
			}
		}
		if len(row.Cells) > mostColumns {
			return nil, errTooLarge
		}
		s.Rows = append(s.Rows, row)
	}
}

// decoded is a text in UTF-8, with lines that end as ours do. Spreadsheets write the
// letters of Windows (Windows-1252) or, as "Unicode text", UTF-16. A text in UTF-8 of
// which some letters were cut in two stays what it is.
func decoded(content []byte) (text string, err error) {
	switch {
	case bytes.HasPrefix(content, []byte("\xff\xfe")), bytes.HasPrefix(content, []byte("\xfe\xff")):
		content, err = unicode.UTF16(unicode.LittleEndian, unicode.ExpectBOM).NewDecoder().Bytes(content)
	case bytes.HasPrefix(content, []byte("\ufeff")), isUTF8(content):
		content = bytes.ToValidUTF8(bytes.TrimPrefix(content, []byte("\ufeff")), []byte("\ufffd"))
	default:
		content, err = charmap.Windows1252.NewDecoder().Bytes(content)
	}
	text = string(content)
	if !strings.Contains(text, "\n") {
		text = strings.ReplaceAll(text, "\r", "\n") // of an old Macintosh
	}
	return text, err
}

// isUTF8 reports whether a text has more letters of several bytes than bytes that are
// none: in the letters of Windows hardly two of those make one by chance.
func isUTF8(content []byte) bool {
	if utf8.Valid(content) {
		return true
	}
	letters, broken := 0, 0
	for len(content) > 0 {
		r, n := utf8.DecodeRune(content)
		switch content = content[n:]; {
		case r == utf8.RuneError && n == 1:
			broken++
		case n > 1:
			letters++
		}
	}
	return letters > broken
}

// delimiter is what stands between the cells: of what may, that of which the first
// lines have most, outside quotes. A title above the table has none.
func delimiter(text string) rune {
	counts, quoted, lines := map[rune]int{}, false, 0
	for _, c := range text {
		switch {
		case c == '"':
			quoted = !quoted
		case c == '\n':
			lines++
		case !quoted:
			counts[c]++
		}
		if lines == 20 {
			break
		}
	}
	best := ','
	for _, c := range ";\t|" {
		if counts[c] > counts[best] {
			best = c
		}
	}
	return best
}

// Records are the rows of a CSV file. Where the quotes of a cell do not close, the next
// line is a row again: no row takes others with it.
type records struct {
	text  string
	comma rune
	csv   *csv.Reader // reads on from begin
	begin int
	at    int // where the next row is
	row   int // the last
	width int // of the widest row
}

func (r *records) next() (row Row, err error) {
	if r.csv == nil {
		r.csv, r.begin = r.reader(r.text[r.at:], false), r.at
	}
	row.Cells, err = r.csv.Read()
	end := r.begin + int(r.csv.InputOffset())
	if errors.As(err, new(*csv.ParseError)) {
		r.csv, err = nil, nil
		row, end = r.loose()
	}
	if err != nil {
		return row, err
	}
	r.row += 1 + strings.Count(r.text[r.at:r.at+blank(r.text[r.at:])], "\n")
	r.at, r.width, row.N = end, max(r.width, len(row.Cells)), r.row
	return row, nil
}

func (r *records) reader(text string, loose bool) *csv.Reader {
	c := csv.NewReader(strings.NewReader(text))
	c.Comma, c.FieldsPerRecord, c.LazyQuotes = r.comma, -1, loose
	return c
}

// loose reads the next row although its quotes are not as they should be. Where they
// take other rows in, it is its first line alone.
func (r *records) loose() (row Row, end int) {
	c := r.reader(r.text[r.at:], true)
	row.Cells, _ = c.Read() // to a loose reader nothing is wrong with quotes
	if end = r.at + int(c.InputOffset()); r.isOne(r.text[r.at:end]) {
		return row, end
	}
	begin := r.at + blank(r.text[r.at:])
	first, _, _ := strings.Cut(r.text[begin:], "\n")
	row.Cells, _ = r.reader(first, true).Read()
	row.Flaw = "a quotation mark in it is not closed"
	return row, min(begin+len(first)+1, len(r.text))
}

// isOne reports whether some lines are one row: its quotes are closed, and no line of
// it is as wide as a row of its own.
func (r *records) isOne(lines string) bool {
	c := r.reader(lines+"\n.", true)
	c.Read()
	if _, err := c.Read(); err == io.EOF {
		return false // the dot is in the row
	}
	_, more, _ := strings.Cut(lines[blank(lines):], "\n")
	for line := range strings.Lines(more) {
		if cells, _ := r.reader(line, true).Read(); len(cells) >= max(2, r.width) {
			return false
		}
	}
	return true
}

// blank is how long the empty lines are with which a text begins.
func blank(text string) int { return len(text) - len(strings.TrimLeft(text, "\r\n")) }
