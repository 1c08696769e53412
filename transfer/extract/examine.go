package extract

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"slices"
	"strconv"
	"sync/atomic"

	"darsd/dars"
)

// A Leaving says how a file of a package is written, so that it can be read again.
type Leaving struct {
	Dataset dars.Dataset
	Output  Output
	Columns []dars.ColumnLeft // in the order of the file
}

// ErrEncrypted is why a file that is encrypted to its recipients cannot be read again.
var ErrEncrypted = errors.New("the files are encrypted to the recipient's own keys")

// Examine goes through a file of a package once, and says what is odd about its columns.
// It keeps nothing of any row, and its errors repeat none.
func Examine(file io.Reader, l Leaving, id dars.FileID, period string) (odd []dars.Oddity, err error) {
	rows, closer, err := l.records(file)
	if err != nil {
		return nil, err
	}
	defer closer.Close()
	looks := make([]columnLook, len(l.Columns))
	for i, c := range l.Columns {
		looks[i] = l.look(c, period)
	}
	n := int64(0)
	for ; ; n++ {
		row, err := rows.next()
		if err == io.EOF {
			break
		}
		if err != nil {
			return nil, err
		}
		for i := range min(len(looks), len(row.ends)) {
			looks[i].take(row.field(i), n == 0)
		}
	}
	if n == 0 {
		return nil, nil
	}
	say := func(i int, what string, rows int64) {
		odd = append(odd, dars.Oddity{File: id, Column: l.Columns[i].Name, What: what, Rows: rows})
	}
	for i := range looks {
		switch look := &looks[i]; {
		case look.missed == n:
			say(i, "all-missing", n)
		case !look.varied && n > 1:
			say(i, "one-value", n)
		}
		if looks[i].wrong > 0 {
			say(i, "not-of-type", looks[i].wrong)
		}
		if looks[i].unknown > 0 {
			say(i, "unknown-code", looks[i].unknown)
		}
		if looks[i].outside > 0 {
			say(i, "outside-period", looks[i].outside)
		}
	}
	return odd, nil
}

// FirstRows returns the first rows of a file of a package, masked: whatever may tell who
// somebody is, or is sensitive, is ***, and so is free text and all else that is no code
// of the catalogue. Of a date the year is shown.
func FirstRows(file io.Reader, l Leaving, n int) (all [][]string, err error) {
	rows, closer, err := l.records(file)
	if err != nil {
		return nil, err
	}
	defer closer.Close()
	for range n {
		row, err := rows.next()
		if err == io.EOF {
			break
		}
		if err != nil {
			return nil, err
		}
		var fields []string
		for i, c := range l.Columns {
			if i >= len(row.ends) {
				fields = append(fields, "")
				continue
			}
			fields = append(fields, l.masked(c, plain(row.field(i))))
		}
		all = append(all, fields)
	}
	return all, nil
}

// masked is a value as whoever checks a release may see it.
func (l Leaving) masked(c dars.ColumnLeft, value []byte) string {
	text := string(utf8Of(l.Dataset.Format.Encoding, value))
	f, _ := l.Dataset.Field(c.Field)
	known := c.Derive != "" || slices.Contains(f.Codes, text) || slices.Contains(f.Missing, text)
	switch day, isDay := readDay(value); {
	case text == "":
		return ""
	case c.Masked:
		return "***"
	case known:
		return text
	case f.Type == "date" && isDay:
		return strconv.Itoa(day.year())
	}
	return "***"
}

// records reads a file of a package behind its header.
func (l Leaving) records(file io.Reader) (*records, io.Closer, error) {
	if len(l.Output.Recipients.keys) > 0 {
		return nil, nil, ErrEncrypted
	}
	unpacked, err := unpackAs(file, map[string]string{"gzip": "gz", "zstd": "zst"}[l.Output.Compression])
	if err != nil {
		return nil, nil, err
	}
	d := (&Job{Dataset: l.Dataset, Output: l.Output}).leaving()
	rows := newRecords(unpacked, d.delimiter, d.quoted)
	if l.Dataset.Format.Header {
		if _, err := rows.next(); err != nil && err != io.EOF {
			unpacked.Close()
			return nil, nil, err
		}
	}
	return rows, unpacked, nil
}

// A columnLook is what is remembered of one column.
type columnLook struct {
	missing     [][]byte
	fits        func(value []byte) bool // nil: anything does
	codes       map[string]bool         // nil: it is none of a list
	first, last day                     // of the period, for the column that dates a row; zero: any
	value       []byte                  // of the first row
	varied      bool
	missed      int64
	wrong       int64
	unknown     int64
	outside     int64
}

// types are how a value of each type of the catalogue looks; a string is anything.
var types = map[string]func([]byte) bool{
	"integer": func(v []byte) bool { _, err := strconv.ParseInt(string(v), 10, 64); return err == nil },
	"number":  func(v []byte) bool { _, err := strconv.ParseFloat(string(v), 64); return err == nil },
	"date": func(v []byte) bool {
		if _, ok := readDay(v); ok {
			return true
		}
		_, ok := readMonth(v)
		return ok
	},
}

func (l Leaving) look(c dars.ColumnLeft, period string) columnLook {
	if c.Derive != "" {
		return columnLook{}
	}
	f, _ := l.Dataset.Field(c.Field)
	look := columnLook{missing: missing(l.Dataset, c.Field), fits: types[f.Type]}
	if len(f.Codes) > 0 {
		look.codes = map[string]bool{}
		for _, code := range f.Codes {
			look.codes[code] = true
		}
	}
	if from, to, ok := dars.PeriodDays(period); ok && c.Field == l.Dataset.Date {
		look.first, _ = readDay([]byte(from))
		look.last, _ = readDay([]byte(to))
	}
	return look
}

func (c *columnLook) take(field []byte, first bool) {
	switch {
	case first:
		c.value = bytes.Clone(field)
	case !c.varied:
		c.varied = !bytes.Equal(c.value, field)
	}
	if c.varied && c.fits == nil && c.codes == nil && c.last == 0 && len(field) > 0 && c.missed == 0 && len(c.missing) == 0 {
		return // nothing more can be odd about it: most fields of most files
	}
	value := plain(field)
	if none(value, c.missing) {
		c.missed++
		return
	}
	if c.fits != nil && !c.fits(value) {
		c.wrong++
	}
	if c.codes != nil && !c.codes[string(value)] {
		c.unknown++
	}
	if c.last > 0 {
		if on, ok := readDay(value); ok && (on < c.first || on > c.last) {
			c.outside++
		}
	}
}

// Header returns the first line of a source or an index, unpacked, with its line end.
func Header(file io.Reader) ([]byte, error) {
	s := &source{stored: &stored{Reader: file, read: new(atomic.Int64)}}
	s.Reader = s.stored
	defer s.Close()
	rows, err := s.unpackAsItBegins()
	if err != nil {
		return nil, err
	}
	line, err := bufio.NewReader(io.LimitReader(rows, maxHeader)).ReadBytes('\n')
	if err == io.EOF {
		err = nil // a file of nothing but a header
	}
	return line, err
}
