package extract

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"io"
	"math/bits"
)

const (
	bom = "\xef\xbb\xbf"

	readAhead = 256 << 10 // bytes read from a source at a time
	maxRecord = 16 << 20  // bytes; a quote that is never closed must not take in a whole file
)

// records reads delimited text record by record and loses no byte of it: the
// mark at the file's start, if it has one, and all records together are the
// file. encoding/csv is no use here: it turns CRLF inside quotes into LF, drops
// blank lines and does not say which quotes were there.
type records struct {
	source    io.Reader
	delimiter byte
	quoted    bool // fields may stand in "…"; if not, a quote is a byte like any other

	mark []byte // the byte order mark, once begin has read it
	line int    // where the record that next returned begins, from 1

	buf      []byte
	from, to int // buf[from:to] is read and not yet given out
	quote    int // the first quote in buf[from:to], or to; valid if >= from
	started  bool
	ended    bool // the source is
	lines    int  // line ends given out
	ends     []int
}

func newRecords(source io.Reader, delimiter byte, quoted bool) *records {
	return &records{source: source, delimiter: delimiter, quoted: quoted, buf: make([]byte, readAhead), quote: -1}
}

// A record is one row, valid until the next is read.
type record struct {
	bytes []byte // as in the source, with its line end
	ends  []int  // where each field ends: at a delimiter or at the line end
}

// field returns the bytes of the nth field, with its quotes.
func (r record) field(n int) []byte { return r.bytes[r.start(n):r.ends[n]] }

func (r record) start(n int) int {
	if n == 0 {
		return 0
	}
	return r.ends[n-1] + 1
}

// lineEnd is LF, CRLF, or nothing (or a lone CR) at the end of a file.
func (r record) lineEnd() []byte { return r.bytes[r.ends[len(r.ends)-1]:] }

// A malformed error says where a source is no delimited text, and why. It never
// quotes the source.
type malformed struct {
	line int
	why  string
}

func (m *malformed) Error() string { return fmt.Sprintf("line %d: %s", m.line, m.why) }

// next returns the next record, or io.EOF after the last, or a *malformed, or
// the source's own error.
func (r *records) next() (record, error) {
	if err := r.begin(); err != nil {
		return record{}, err
	}
	for {
		r.line = r.lines + 1
		size, whole, err := r.scan(r.buf[r.from:r.to])
		if err != nil {
			return record{}, err
		}
		if whole {
			rec := record{r.buf[r.from : r.from+size], r.ends}
			r.from += size
			return rec, nil
		}
		if r.ended {
			return record{}, io.EOF // scan finds a last record whole, so nothing is left
		}
		if err := r.fill(); err != nil {
			return record{}, err
		}
	}
}

// begin reads the mark, if there is one. Only the first call does anything.
func (r *records) begin() error {
	if r.started {
		return nil
	}
	r.started = true
	if err := r.fill(); err != nil {
		return err
	}
	if bytes.HasPrefix(r.buf[:r.to], []byte(bom)) {
		r.mark, r.from = []byte(bom), len(bom)
	}
	return nil
}

// fill reads until the buffer is full or the source ends. A record that fills
// the buffer gets one of twice the size.
func (r *records) fill() error {
	switch {
	case r.from > 0:
		r.to = copy(r.buf, r.buf[r.from:r.to])
		r.from = 0
	case r.to == len(r.buf) && len(r.buf) >= maxRecord:
		return &malformed{r.line, "a record of more than 16 MiB: perhaps a quote is never closed"}
	case r.to == len(r.buf):
		r.buf = append(r.buf, make([]byte, len(r.buf))...)
	}
	r.quote = -1
	n, ended, err := fill(r.source, r.buf[r.to:])
	r.to += n
	r.ended = ended
	return err
}

// scan looks for the record with which b begins. It returns its size with the
// line end and leaves where its fields end in r.ends; whole is false if b does
// not hold all of it.
func (r *records) scan(b []byte) (size int, whole bool, err error) {
	if len(b) == 0 {
		return 0, false, nil
	}
	size = bytes.IndexByte(b, '\n') + 1
	end := size - 1
	if size == 0 {
		size, end = len(b), len(b)
	}
	if r.quoted && r.firstQuote() < end {
		return r.scanQuoted(b)
	}
	if b[size-1] != '\n' && !r.ended {
		return 0, false, nil
	}
	if end > 0 && b[end-1] == '\r' {
		end--
	}
	r.ends = split(b[:end], r.delimiter, 0, r.ends[:0])
	r.lines++
	return size, true, nil
}

// firstQuote says how far from r.from the next quote is. It is looked for once,
// not once for each record before it.
func (r *records) firstQuote() int {
	if r.quote < r.from {
		r.quote = r.to
		if i := bytes.IndexByte(r.buf[r.from:r.to], '"'); i >= 0 {
			r.quote = r.from + i
		}
	}
	return r.quote - r.from
}

// split appends to ends where each field of a line ends, counted from base
// before it. It looks at eight bytes at a time: rows have hundreds of short
// fields.
func split(line []byte, delimiter byte, base int, ends []int) []int {
	const low7, ones = 0x7f7f7f7f7f7f7f7f, 0x0101010101010101
	i := 0
	for pattern := uint64(delimiter) * ones; i+8 <= len(line); i += 8 {
		x := binary.LittleEndian.Uint64(line[i:]) ^ pattern
		// The top bit of each byte that is a delimiter. The sum does not carry
		// from byte to byte, so there are no false hits.
		for hits := ^((x&low7 + low7) | x | low7); hits != 0; hits &= hits - 1 {
			ends = append(ends, base+i+bits.TrailingZeros64(hits)/8)
		}
	}
	for ; i < len(line); i++ {
		if line[i] == delimiter {
			ends = append(ends, base+i)
		}
	}
	return append(ends, base+len(line))
}

// scanQuoted is scan for a record that may hold quotes. A quote opens a field
// at its first byte and closes it at its last; inside it is written twice.
func (r *records) scanQuoted(b []byte) (size int, whole bool, err error) {
	r.ends = r.ends[:0]
	for i := 0; ; { // a field begins at i
		if i < len(b) && b[i] == '"' {
			end := closing(b, i)
			if end < 0 && r.ended {
				return 0, false, r.bad(b[:i], "a quoted field that begins here is never closed")
			}
			if end < 0 {
				return 0, false, nil
			}
			if i = end; i < len(b) && b[i] == '\r' { // of the line end, or it has no business here
				i++
			}
			switch {
			case i == len(b) && !r.ended: // a second quote or the line end may follow
				return 0, false, nil
			case i == len(b) || b[i] == '\n':
				r.ends = append(r.ends, end)
				return r.took(b, i)
			case i > end || b[i] != r.delimiter:
				return 0, false, r.bad(b[:end], "a character between a closing quotation mark and the end of its field")
			}
			r.ends = append(r.ends, end)
			i++
			continue
		}

		// Fields without quotes, up to the line end or to the next that has some.
		line := b[i:]
		lineEnd := bytes.IndexByte(line, '\n')
		if lineEnd >= 0 {
			line = line[:lineEnd]
		}
		switch quote := bytes.IndexByte(line, '"'); {
		case quote > 0 && line[quote-1] == r.delimiter:
			r.ends = split(line[:quote-1], r.delimiter, i, r.ends)
			i += quote
		case quote > 0:
			return 0, false, r.bad(b[:i], "a quotation mark inside a field that does not begin with one")
		case lineEnd < 0 && !r.ended:
			return 0, false, nil
		default:
			r.ends = split(bytes.TrimSuffix(line, []byte("\r")), r.delimiter, i, r.ends)
			return r.took(b, i+len(line))
		}
	}
}

// took takes the record whose line end is at end.
func (r *records) took(b []byte, end int) (size int, whole bool, err error) {
	size = min(end+1, len(b))
	r.lines += max(1, bytes.Count(b[:size], []byte("\n")))
	return size, true, nil
}

// closing returns the place after the quote that closes the field at open, or a
// negative number. At the end of b it cannot tell a closing quote from the
// first of two.
func closing(b []byte, open int) int {
	for i := open + 1; ; i += 2 {
		quote := bytes.IndexByte(b[i:], '"')
		if quote < 0 {
			return -1
		}
		if i += quote; i+1 == len(b) || b[i+1] != '"' {
			return i + 1
		}
	}
}

func (r *records) bad(before []byte, why string) error {
	return &malformed{r.line + bytes.Count(before, []byte("\n")), why}
}
