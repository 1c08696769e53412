package register

import (
	"maps"
	"slices"
	"strings"
	"unicode/utf8"

	"darsd/dars"
)

// Headers say which fact stands under which header.
type Headers struct {
	fields  map[string]string // by plain header
	begins  map[string]bool   // words with which they begin
	longest int               // of them, in words
}

// NewHeaders are those that are known, and more of an office's own.
func NewHeaders(more map[string][]string) Headers {
	h := Headers{fields: map[string]string{}, begins: map[string]bool{}}
	for _, known := range []map[string][]string{dars.RegisterHeaders, more} {
		for field, headers := range known {
			for _, header := range headers {
				text := plain(header)
				first, _, _ := strings.Cut(text, " ")
				h.fields[text], h.begins[first], h.longest = field, true, max(h.longest, len(strings.Fields(text)))
			}
		}
	}
	return h
}

// mostHeader is how many bytes of a cell are looked at to see whether it is a header.
const mostHeader = 500

// field is the fact that stands under a header, or "": the longest that is known and
// that the header is, or begins with if it has at least three words.
func (h Headers) field(header string) string {
	if !h.may(header) {
		return ""
	}
	words := strings.Fields(plain(header[:min(len(header), mostHeader)]))
	for n := min(len(words), h.longest); n > 0; n-- {
		if field, ok := h.fields[strings.Join(words[:n], " ")]; ok && (n == len(words) || n >= 3) {
			return field
		}
	}
	return ""
}

// may reports whether a cell can be a header, by its first word: most cells of a large
// register can not.
func (h Headers) may(header string) bool {
	var first [32]byte
	n := 0
	for i := range len(header) {
		c := header[i]
		switch {
		case c >= utf8.RuneSelf, c == '_', c < ' ', n == len(first):
			return true // to be looked at with care
		case 'A' <= c && c <= 'Z':
			c += 'a' - 'A'
			fallthrough
		case 'a' <= c && c <= 'z', '0' <= c && c <= '9':
			first[n], n = c, n+1
		case n > 0:
			return h.begins[string(first[:n])]
		}
	}
	return h.begins[string(first[:n])]
}

// Columns are the facts of a sheet, by field or, where a header is not known, by the
// header itself; the first column of a fact has it.
type columns []string

func (h Headers) columns(row Row) columns {
	var all columns
	for i, cell := range row.Cells {
		name := h.field(cell)
		if name == "" || slices.Contains(all, name) {
			name = strings.Join(strings.Fields(clean(cell)), " ")
		}
		for name != "" && slices.Contains(all, name) {
			name += " (again)"
		}
		if name == "" && i > 0 {
			name = "column " + letters(i)
		}
		all = append(all, name)
	}
	return all
}

// known counts the columns of which the header is known.
func (c columns) known() (n int) {
	for _, name := range c {
		if dars.RegisterHeaders[name] != nil {
			n++
		}
	}
	return n
}

func (c columns) has(field ...string) bool {
	return slices.ContainsFunc(field, func(f string) bool { return slices.Contains(c, f) })
}

// facts are what a row says, by column, without what is empty.
func (c columns) facts(row Row) map[string]string {
	said := map[string]string{}
	for i, cell := range row.Cells {
		text := clean(cell)
		switch {
		case text == "":
		case i < len(c) && c[i] != "":
			said[c[i]] = text
		default:
			said["column "+letters(i)] = text
		}
	}
	return said
}

// fields are the known facts that the columns are about, in order of name.
func (c columns) fields() (all []string) {
	for _, field := range dars.RegisterFields() {
		if slices.Contains(c, field) {
			all = append(all, field)
		}
	}
	return all
}

// letters name a column as a spreadsheet does: 0 is A.
func letters(i int) string {
	if i < 26 {
		return string(rune('A' + i))
	}
	return letters(i/26-1) + letters(i%26)
}

// sorted are the names that a map has, in order.
func sorted[V any](all map[string]V) []string { return slices.Sorted(maps.Keys(all)) }
