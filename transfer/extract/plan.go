package extract

import (
	"bytes"
	"slices"
)

// A plan says which rows leave and what of each: the one place where an
// agreement's filters, derivations and pseudonyms are put to work. Its
// functions are called by several workers at once, so they keep nothing
// between rows, and what they are given is theirs only until they return.
type plan struct {
	where   []func(row *record) bool // asked in order, before the person is; the first that says no ends it
	columns []planned                // in the order in which they leave
	terms   *terms                   // what they were made from
}

// A planned column is a field of every row that leaves.
type planned struct {
	name string
	copy int // the place of the source's column, of which every byte stays

	// make, if there is one, appends the field instead: as it would stand in the
	// source, in quotes or without. What needs quotes and has none gets them.
	make func(dst []byte, row *record) []byte
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
	width   int    // columns of the source
	steps   []step // if fields leave as they are written; else nil
	all     bool   // the whole row is copied
}

// A step writes some fields of a row, each with a delimiter behind it: one that is
// made; or runs that end at a delimiter; or the run that ends with the row.
type step struct {
	make  func(dst []byte, row *record) []byte
	runs  []run
	first int // of the run that ends with the row
}

// A run is neighbours in the source that leave together: they are copied at
// once, with the delimiters between them and the one behind. It begins after the
// delimiter that ends the column before; the first column has none before.
type run struct{ before, last int32 }

const rowBegins = -1 // before a run

// takes reports whether a run may follow those of a step. No column comes twice in
// one, so that what a step copies is never longer than the row.
func (s *step) takes(next run) bool {
	return s.runs != nil && !slices.ContainsFunc(s.runs, func(r run) bool { return r.before < next.last && next.before < r.last })
}

func newCutter(p plan, in, out dialect, width int) *cutter {
	c := &cutter{plan: p, in: in, out: out, width: width}
	if in != out {
		return c
	}
	for i := 0; i < len(p.columns); i++ {
		first := p.columns[i]
		if first.make != nil {
			c.steps = append(c.steps, step{make: first.make})
			continue
		}
		last := first.copy
		for i+1 < len(p.columns) && p.columns[i+1].make == nil && p.columns[i+1].copy == last+1 {
			i++
			last++
		}
		if last == width-1 {
			c.steps = append(c.steps, step{first: first.copy})
			continue
		}
		next := run{int32(first.copy - 1), int32(last)}
		if n := len(c.steps); n == 0 || !c.steps[n-1].takes(next) {
			c.steps = append(c.steps, step{})
		}
		at := &c.steps[len(c.steps)-1]
		at.runs = append(at.runs, next)
	}
	c.all = len(c.steps) == 1 && c.steps[0].make == nil && c.steps[0].runs == nil && c.steps[0].first == 0
	return c
}

// walk appends a row step by step. The row's text has [slack] bytes of memory
// behind it. It reports false as write does.
func (c *cutter) walk(dst []byte, row *record) (_ []byte, ok bool) {
	if c.all {
		return append(dst, row.bytes()...), true
	}
	for i := range c.steps {
		switch s := &c.steps[i]; {
		case s.make != nil:
			n := len(dst)
			if dst, ok = c.out.enclose(s.make(dst, row), n, c.in.quoted); !ok {
				return dst, false
			}
			dst = append(dst, c.out.delimiter)
		case s.runs != nil:
			dst = withRoom(dst, row.to-row.from+slack) // no step copies more
			n := copyRuns(dst[len(dst):cap(dst)], row.text, row.from, row.ends, s.runs)
			dst = dst[:len(dst)+n]
		default:
			dst = append(append(dst, row.text[row.start(s.first):row.stop]...), c.out.delimiter)
		}
	}
	dst = dst[:len(dst)-1] // the last delimiter gives way
	if end := row.lineEnd(); len(end) != 1 {
		return append(dst, end...), true
	}
	return append(dst, row.text[row.stop]), true // nearly always
}

// plainCopyRuns does what copyRuns does, on any processor. Most runs are short: to
// move 32 bytes always is quicker than to count them.
func plainCopyRuns(dst, text []byte, from int, ends []uint32, runs []run) (n int) {
	text = text[:len(text)+slack]
	for _, r := range runs {
		begins := from
		if r.before != rowBegins {
			begins = int(ends[r.before]) + 1
		}
		size := int(ends[r.last]) + 1 - begins
		to32, from32 := (*[32]byte)(dst[n:]), (*[32]byte)(text[begins:]) // in halves, or it is a call
		*(*[16]byte)(to32[:]) = *(*[16]byte)(from32[:])
		*(*[16]byte)(to32[16:]) = *(*[16]byte)(from32[16:])
		if size > 32 {
			copy(dst[n+32:], text[begins+32:begins+size])
		}
		n += size
	}
	return n
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
func (c *cutter) write(dst []byte, row *record) (_ []byte, ok bool) {
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
	has := func(c byte) bool { return bytes.IndexByte(field, c) >= 0 }
	special := has(d.delimiter) || has('\r') || has('\n')
	if !d.quoted {
		return dst, !special
	}
	if !special && !has('"') {
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
