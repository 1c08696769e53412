package extract

import "bytes"

// A plan says which rows leave and what of each: the one place where an
// agreement's filters, derivations and pseudonyms are put to work. Its
// functions are called by several workers at once, so they keep nothing
// between rows, and what they are given is theirs only until they return.
type plan struct {
	where   []func(row record) bool // asked in order, before the person is; the first that says no ends it
	columns []planned               // in the order in which they leave
	terms   *terms                  // what they were made from
}

// A planned column is a field of every row that leaves.
type planned struct {
	name string
	copy int // the place of the source's column, of which every byte stays

	// make, if there is one, appends the field instead: as it would stand in the
	// source, in quotes or without. What needs quotes and has none gets them.
	make func(dst []byte, row record) []byte
}

func (p plan) names() (names []string) {
	for _, c := range p.columns {
		names = append(names, c.name)
	}
	return names
}

// A cutter writes what a plan keeps of a row.
type cutter struct {
	plan
	in, out dialect
	width   int   // columns of the source
	runs    []run // if fields leave as they are written; else nil
	makes   bool  // some of the runs are made
	all     bool  // the whole row is copied
}

// A run is neighbours in the source that leave together: they are copied at
// once, with the delimiters between them. Or it is one field that is made.
type run struct {
	first, last int
	make        func(dst []byte, row record) []byte
}

func newCutter(p plan, in, out dialect, width int) *cutter {
	c := &cutter{plan: p, in: in, out: out, width: width}
	if in != out {
		return c
	}
	for _, col := range p.columns {
		n := len(c.runs)
		switch {
		case col.make != nil:
			c.runs = append(c.runs, run{make: col.make})
			c.makes = true
		case n > 0 && c.runs[n-1].make == nil && c.runs[n-1].last == col.copy-1:
			c.runs[n-1].last = col.copy
		default:
			c.runs = append(c.runs, run{first: col.copy, last: col.copy})
		}
	}
	c.all = !c.makes && len(c.runs) == 1 && c.runs[0].first == 0 && c.runs[0].last == width-1
	return c
}

// A place is where a row is in a text, and its fields.
type place struct {
	from, lineEnd, to int
	ends              []uint32 // of fields, from the beginning of the text; the last may be behind a CR
}

// field returns the bytes of a column.
func (p *place) field(text []byte, n int) []byte {
	from, to := p.from, p.lineEnd
	if n > 0 {
		from = int(p.ends[n-1]) + 1
	}
	if n < len(p.ends)-1 {
		to = int(p.ends[n])
	}
	return text[from:to]
}

// record is the row for those who look at all of it; ends is memory to use.
func (p *place) record(text []byte, ends []int) record {
	ends = ends[:0]
	for _, end := range p.ends {
		ends = append(ends, int(end)-p.from)
	}
	ends[len(ends)-1] = p.lineEnd - p.from
	return record{text[p.from:p.to], ends}
}

// copyRuns appends a row of which most is copied. The text has [slack] bytes of
// memory behind it: most runs are short, and to move 32 bytes always is quicker
// than to count them. It reports false as write does. The row need not be filled
// in if nothing is made.
func (c *cutter) copyRuns(dst, text []byte, p *place, row record) (_ []byte, ok bool) {
	size := p.to - p.from + slack // nothing that is copied is longer
	dst = withRoom(dst, size)
	if c.all {
		return append(dst, text[p.from:p.to]...), true
	}
	n := len(dst)
	dst, text = dst[:cap(dst)], text[:len(text)+slack]
	for i := range c.runs {
		r := &c.runs[i]
		if i > 0 {
			dst[n] = c.out.delimiter
			n++
		}
		if r.make != nil {
			if dst, ok = c.out.enclose(r.make(dst[:n], row), n, c.in.quoted); !ok {
				return dst, false
			}
			n = len(dst)
			dst = withRoom(dst, size)
			dst = dst[:cap(dst)]
			continue
		}
		from, to := p.from, p.lineEnd
		if r.first > 0 {
			from = int(p.ends[r.first-1]) + 1
		}
		if r.last < c.width-1 {
			to = int(p.ends[r.last])
		}
		to32, from32 := (*[32]byte)(dst[n:]), (*[32]byte)(text[from:]) // in halves, or it is a call
		*(*[16]byte)(to32[:]) = *(*[16]byte)(from32[:])
		*(*[16]byte)(to32[16:]) = *(*[16]byte)(from32[16:])
		if to-from > 32 {
			copy(dst[n+32:], text[from+32:to])
		}
		n += to - from
	}
	for _, c := range text[p.lineEnd:p.to] { // one or two
		dst[n] = c
		n++
	}
	return dst[:n], true
}

// withRoom makes room for size bytes more.
func withRoom(dst []byte, size int) []byte {
	if most := len(dst) + size; most > cap(dst) {
		return append(make([]byte, 0, most+min(most/2, chunkSize)), dst...)
	}
	return dst
}

// write appends a row field by field. It reports false if a field that was made
// cannot be written, because there are no quotes to put it in.
func (c *cutter) write(dst []byte, row record) (_ []byte, ok bool) {
	for i, col := range c.columns {
		if i > 0 {
			dst = append(dst, c.out.delimiter)
		}
		from := len(dst)
		if col.make != nil {
			dst = col.make(dst, row)
		} else {
			dst = append(dst, row.field(col.copy)...)
		}
		if col.make == nil && c.in == c.out {
			continue
		}
		if dst, ok = c.out.enclose(dst, from, c.in.quoted); !ok {
			return dst, false
		}
	}
	return append(dst, row.lineEnd()...), true
}

// enclose puts dst[from:] into quotes if it is a field that needs them, and
// does not have them: where quoted is false a quote is a byte of its value.
func (d dialect) enclose(dst []byte, from int, quoted bool) (_ []byte, ok bool) {
	field := dst[from:]
	if quoted && d.quoted && enclosed(field) {
		return dst, true
	}
	special := bytes.IndexByte(field, d.delimiter) >= 0 || bytes.ContainsAny(field, "\r\n")
	if !d.quoted {
		return dst, !special
	}
	if !special && bytes.IndexByte(field, '"') < 0 {
		return dst, true
	}
	value := bytes.Clone(field) // rare
	dst = append(dst[:from], '"')
	dst = append(dst, bytes.ReplaceAll(value, []byte(`"`), []byte(`""`))...)
	return append(dst, '"'), true
}

// enclosed reports whether a field stands in quotes, with every quote inside
// written twice.
func enclosed(field []byte) bool {
	return len(field) >= 2 && field[0] == '"' && closing(field, 0) == len(field)
}

// header appends the first record as it leaves: a column that is copied keeps its
// name as the source writes it.
func (c *cutter) header(first record) (line []byte) {
	for i, col := range c.columns {
		if i > 0 {
			line = append(line, c.out.delimiter)
		}
		from := len(line)
		if col.make != nil {
			line = append(line, col.name...)
		} else {
			line = append(line, first.field(col.copy)...)
		}
		if col.make != nil || c.in != c.out {
			line, _ = c.out.enclose(line, from, c.in.quoted)
		}
	}
	return append(line, first.lineEnd()...)
}
