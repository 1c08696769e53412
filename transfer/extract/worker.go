package extract

import (
	"bytes"
	"fmt"
	"slices"
	"unicode/utf8"

	"darsd/dars"
)

// A worker finds the rows of chunks, one chunk at a time.
type worker struct {
	*pass
	tokens tokens
	writes bool
	packer packer
	teller *teller // if rows are counted

	whose  []span // the person's field of each row
	inside []bool // whether the plan's filters want the row
	stands []standing
	who    []uint64
	row    record   // that is looked at
	fields []uint32 // of one row
	ends   []uint32 // of rows that were found letter by letter
}

// read fills in what becomes of a chunk.
func (w *worker) read(c *chunk) {
	if w.writes {
		c.out = w.outs.take(w.chunk)
	}
	ends, ascii, regular := w.tokens.fields(c.text, w.layout.cutter.width)
	if regular && !c.endless {
		w.rows(c, &table{c.text, 0, ends, w.layout.cutter.width})
	} else {
		w.letterByLetter(c)
	}
	c.lines = w.tokens.lines
	c.counts.unclear = !ascii && !utf8.Valid(c.out)
	if len(c.odd) == 0 { // nobody looks at it again
		w.texts.put(c.text, w.large())
		c.text = nil
	}
	if w.packer != nil && len(c.out) > 0 {
		c.packed, c.failed = w.packer.pack(w.outs.take(w.chunk), c.out)
	}
}

// letterByLetter reads a chunk in which something is odd, and says what. Rows
// between oddities are read as any others.
func (w *worker) letterByLetter(c *chunk) {
	width := w.layout.cutter.width
	begun := 0 // where the rows begin whose ends are in w.ends
	w.ends = w.ends[:0]
	for at := 0; at < len(c.text); {
		size, ends, bad := w.layout.cutter.in.scan(c.text[at:], c.last, w.fields[:0])
		w.fields = ends
		switch {
		case bad == nil && size == 0:
			size, bad = len(c.text)-at, &fault{why: tooLong}
		case bad == nil && len(ends) != width:
			bad = &fault{why: w.miscounted(c.text[at:at+size], len(ends)), miscounted: true}
		}
		if bad == nil {
			for _, end := range ends {
				w.ends = append(w.ends, uint32(at)+end)
			}
			if w.ends[len(w.ends)-1] = uint32(at + size); c.text[at+size-1] == '\n' {
				w.ends[len(w.ends)-1]--
			}
			at += size
			continue
		}
		w.rows(c, &table{c.text, begun, w.ends, width})
		w.ends = w.ends[:0]
		c.odd = append(c.odd, oddity{at, size, *bad})
		if w.aside == nil || !bad.miscounted || len(c.odd) > mostOdd {
			return // the run ends here
		}
		at += size
		begun = at
	}
	w.rows(c, &table{c.text, begun, w.ends, width})
}

// miscounted says how a row differs from the layout.
func (w *worker) miscounted(row []byte, fields int) string {
	if len(bytes.TrimRight(row, "\r\n")) == 0 {
		return "it is empty"
	}
	return fmt.Sprintf("it has %d fields, and there are %d columns", fields, w.layout.cutter.width)
}

// rows takes rows that follow one another. It goes over them twice: for whose they
// are, and for what leaves of them.
func (w *worker) rows(c *chunk, t *table) {
	rows := t.rows()
	w.whose, w.inside, w.stands, w.who = sized(w.whose, rows), sized(w.inside, rows), sized(w.stands, rows), sized(w.who, rows)
	for i := range rows {
		w.whose[i] = t.field(i, w.layout.person)
		w.inside[i] = w.wanted(t, i)
	}
	w.people.stand(t.text, w.whose, w.inside, w.stands, w.who)

	keepsNameless := !w.job.Uphold || w.job.Dataset.Unmatched == dars.ReleaseRow
	n := &c.counts
	for i := range rows {
		switch {
		case !w.inside[i]:
			n.RowsOutside++
			continue
		case w.stands[i] == objects:
			n.RowsWithheld++
			w.tell(t, i)
			continue
		case w.stands[i] == nameless:
			if n.RowsUnmatched++; !keepsNameless {
				continue
			}
		}
		n.RowsOut++
		if w.writes {
			t.place(i, &w.row)
			w.write(c, &w.row)
		}
		w.tell(t, i)
	}
	n.RowsIn += int64(rows)
	c.loose = c.loose || w.aside != nil && w.anyLoose(t)
}

// wanted asks the plan's filters about a row.
func (w *worker) wanted(t *table, i int) bool {
	where := w.layout.plan.where
	if len(where) == 0 {
		return true
	}
	t.place(i, &w.row)
	return !slices.ContainsFunc(where, func(wants func(*record) bool) bool { return !wants(&w.row) })
}

// tell tells whoever counts rows of one that is in today's list or in an earlier one.
func (w *worker) tell(t *table, i int) {
	if w.teller == nil {
		return
	}
	if in := w.people.in(w.who[i], w.stands[i]); in != 0 {
		t.place(i, &w.row)
		w.teller.tell(&w.row, w.who[i], in)
	}
}

// anyLoose reports whether some field of rows stands without quotes.
func (w *worker) anyLoose(t *table) bool {
	if !w.layout.cutter.in.quoted {
		return len(t.ends) > 0
	}
	for i := range t.rows() {
		for n := range t.width {
			if field := t.field(i, n); field.size() == 0 || t.text[field.from] != '"' {
				return true
			}
		}
	}
	return false
}

// write appends a row to what leaves.
func (w *worker) write(c *chunk, row *record) {
	cut, from, ok := w.layout.cutter, len(c.out), false
	if cut.steps != nil {
		c.out, ok = cut.walk(c.out, row)
	} else {
		c.out, ok = cut.write(c.out, row)
	}
	if !ok {
		c.odd = append(c.odd, oddity{row.from, row.to - row.from, fault{why: cannotQuote}})
	}
	// Or the next file's first row would be part of this one, and a row of nothing none.
	if unended := c.last && row.to == len(c.text) && c.text[row.to-1] != '\n'; unended && (c.more || len(c.out) == from) {
		c.out = append(c.out, w.layout.lineEnd...)
	}
}
