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

	readAhead = 256 << 10 // bytes read from a source at a time, one record after another
	maxRecord = 64 << 20  // bytes, with the line end; a quote that is never closed must not take in a whole file
	maxFields = 100_000   // in a record; the widest that anybody has sent had some thousands
)

// A dialect is how records are written.
type dialect struct {
	delimiter byte
	quoted    bool // fields may stand in "…"; if not, a quote is a byte like any other
}

// A record is one row of a text, valid until the next is read.
type record struct {
	text     []byte   // in which it stands, as in the source
	from, to int      // where: with its line end
	stop     int      // where its last field ends
	ends     []uint32 // where each field ends in the text: at a delimiter or at the line end; the last may be behind a CR
}

// field returns the bytes of the nth field, with its quotes.
func (r *record) field(n int) []byte {
	to := r.stop
	if n < len(r.ends)-1 {
		to = int(r.ends[n])
	}
	return r.text[r.start(n):to]
}

// start is where the nth field begins in the text.
func (r *record) start(n int) int {
	if n == 0 {
		return r.from
	}
	return int(r.ends[n-1]) + 1
}

func (r *record) bytes() []byte { return r.text[r.from:r.to] }

// lineEnd is LF, CRLF, or nothing (or a lone CR) at the end of a file.
func (r *record) lineEnd() []byte { return r.text[r.stop:r.to] }

// A fault is a place in a text that is no record, and why. It never quotes the
// text.
type fault struct {
	at  int // bytes from where the record begins
	why string

	// miscounted: its quotes are right, and only the number of its fields is not.
	// Of any other fault nobody can say where the record ends.
	miscounted bool
}

const (
	neverClosed = "a quoted field that begins here is never closed"
	strayQuote  = "a quotation mark inside a field that does not begin with one"
	afterQuote  = "a character between a closing quotation mark and the end of its field"
	tooLong     = "a record of more than 64 MiB: perhaps a quote is never closed"
	tooMany     = "more than 100,000 fields"
	cannotQuote = "a field that was made would need quotes, and the file has none"
)

// A malformed error says where a source is no delimited text, and why.
type malformed struct {
	line   int   // from 1
	offset int64 // bytes from the beginning of the file, unpacked
	why    string
}

func (m *malformed) Error() string {
	return fmt.Sprintf("line %d, byte %d: %s", m.line, m.offset, m.why)
}

// scan looks for the record with which b begins: its size with the line end,
// and where its fields end, appended to ends. The size is 0 if b does not hold
// all of it; ended says that nothing follows b. Of a malformed record the size
// is up to the end of the line that is at fault, so that one can go on behind.
func (d dialect) scan(b []byte, ended bool, ends []uint32) (size int, _ []uint32, bad *fault) {
	if len(b) == 0 {
		return 0, ends, nil
	}
	line, size := firstLine(b)
	if d.quoted && bytes.IndexByte(line, '"') >= 0 {
		return d.scanQuoted(b, ended, ends)
	}
	if len(line) == len(b) && !ended {
		return 0, ends, nil
	}
	if !d.roomFor(line, ends) {
		return size, ends, &fault{at: 0, why: tooMany}
	}
	return size, split(bytes.TrimSuffix(line, []byte("\r")), d.delimiter, 0, ends), nil
}

// firstLine returns the first line of b without its line feed, and its size
// with it.
func firstLine(b []byte) (line []byte, size int) {
	if i := bytes.IndexByte(b, '\n'); i >= 0 {
		return b[:i], i + 1
	}
	return b, len(b)
}

// roomFor keeps a hostile line of delimiters from taking eight times its size.
func (d dialect) roomFor(line []byte, ends []uint32) bool {
	return len(ends)+len(line) < maxFields || len(ends)+bytes.Count(line, []byte{d.delimiter}) < maxFields
}

// scanQuoted is scan for a record that may hold quotes. A quote opens a field
// at its first byte and closes it at its last; inside it is written twice.
func (d dialect) scanQuoted(b []byte, ended bool, ends []uint32) (size int, _ []uint32, bad *fault) {
	wrong := func(at int, why string) (int, []uint32, *fault) {
		line, size := firstLine(b[at:])
		if len(line) == size && !ended {
			return 0, ends, &fault{at: at, why: why} // the line goes on
		}
		return at + size, ends, &fault{at: at, why: why}
	}
	for i := 0; ; { // a field begins at i
		if i < len(b) && b[i] == '"' {
			end := closing(b, i)
			if end < 0 && ended {
				return len(b), ends, &fault{at: i, why: neverClosed}
			}
			if end < 0 {
				return 0, ends, nil
			}
			if i = end; i < len(b) && b[i] == '\r' { // of the line end, or it has no business here
				i++
			}
			switch {
			case i == len(b) && !ended: // a second quote or the line end may follow
				return 0, ends, nil
			case i == len(b) || b[i] == '\n':
				return min(i+1, len(b)), append(ends, uint32(end)), nil
			case i > end || b[i] != d.delimiter:
				return wrong(end, afterQuote)
			case len(ends) >= maxFields:
				return wrong(end, tooMany)
			}
			ends = append(ends, uint32(end))
			i++
			continue
		}

		// Fields without quotes, up to the line end or to the next that has some.
		line, size := firstLine(b[i:])
		plain := bytes.TrimSuffix(line, []byte("\r"))
		quote := bytes.IndexByte(line, '"')
		switch {
		case quote > 0 && line[quote-1] == d.delimiter:
			plain = line[:quote-1]
		case quote > 0:
			return wrong(i+quote, strayQuote)
		case len(line) == size && !ended:
			return 0, ends, nil
		}
		if !d.roomFor(plain, ends) {
			return wrong(i, tooMany)
		}
		ends = split(plain, d.delimiter, i, ends)
		if quote <= 0 {
			return i + size, ends, nil
		}
		i += quote
	}
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

// split appends to ends where each field of a line ends, counted from base
// before it. It looks at eight bytes at a time: rows have hundreds of short
// fields.
func split(line []byte, delimiter byte, base int, ends []uint32) []uint32 {
	const low7, ones = 0x7f7f7f7f7f7f7f7f, 0x0101010101010101
	i := 0
	for pattern := uint64(delimiter) * ones; i+8 <= len(line); i += 8 {
		x := binary.LittleEndian.Uint64(line[i:]) ^ pattern
		// The top bit of each byte that is a delimiter. The sum does not carry
		// from byte to byte, so there are no false hits.
		for hits := ^((x&low7 + low7) | x | low7); hits != 0; hits &= hits - 1 {
			ends = append(ends, uint32(base+i+bits.TrailingZeros64(hits)/8))
		}
	}
	for ; i < len(line); i++ {
		if line[i] == delimiter {
			ends = append(ends, uint32(base+i))
		}
	}
	return append(ends, uint32(base+len(line)))
}

// lines counts the line ends of whole records: the last of a file may have none.
func lines(text []byte) int {
	n := bytes.Count(text, []byte("\n"))
	if len(text) > 0 && text[len(text)-1] != '\n' {
		n++
	}
	return n
}

// records reads delimited text record by record and loses no byte of it: the
// mark at the file's start, if it has one, and all records together are the
// file. encoding/csv is no use here: it turns CRLF inside quotes into LF, drops
// blank lines and does not say which quotes were there.
type records struct {
	source io.Reader
	dialect

	mark   []byte // the byte order mark, once begin has read it
	line   int    // where the record that next returned begins, from 1
	offset int64  // likewise, in bytes from 0

	buf      []byte
	from, to int // buf[from:to] is read and not yet given out
	started  bool
	ended    bool  // the source is
	lines    int   // given out
	given    int64 // bytes given out
	ends     []uint32
}

func newRecords(source io.Reader, delimiter byte, quoted bool) *records {
	return &records{source: source, dialect: dialect{delimiter, quoted}, buf: make([]byte, readAhead)}
}

// next returns the next record, or io.EOF after the last, or a *malformed, or
// the source's own error.
func (r *records) next() (rec record, err error) {
	if err := r.begin(); err != nil {
		return record{}, err
	}
	r.line, r.offset = r.lines+1, r.given
	for {
		b := r.buf[r.from:r.to]
		var size int
		var bad *fault
		size, r.ends, bad = r.scan(b, r.ended, r.ends[:0])
		switch {
		case bad != nil:
			return record{}, &malformed{r.line + bytes.Count(b[:bad.at], []byte("\n")), r.offset + int64(bad.at), bad.why}
		case size > 0:
			rec = record{text: b, to: size, stop: int(r.ends[len(r.ends)-1]), ends: r.ends}
			r.from += size
			r.given += int64(size)
			r.lines += lines(rec.bytes())
			return rec, nil
		case r.ended:
			return record{}, io.EOF // scan finds a last record whole, so nothing is left
		case len(b) >= maxRecord:
			return record{}, &malformed{r.line, r.offset, tooLong}
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
		r.mark, r.from, r.given = []byte(bom), len(bom), int64(len(bom))
	}
	return nil
}

// fill reads until the buffer is full or the source ends. A record that fills
// the buffer gets one of twice the size.
func (r *records) fill() error {
	if r.from > 0 {
		r.to = copy(r.buf, r.buf[r.from:r.to])
		r.from = 0
	} else if r.to == len(r.buf) {
		r.buf = append(r.buf, make([]byte, min(len(r.buf), maxRecord-len(r.buf)))...)
	}
	n, ended, err := fill(r.source, r.buf[r.to:])
	r.to += n
	r.ended = ended
	return err
}
