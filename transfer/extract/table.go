package extract

// A table is rows of a text that follow one another, each with as many fields as
// there are columns. Any field is found from its number alone: it begins behind the
// one before, be that of the same row or the last of the row before.
type table struct {
	text  []byte
	from  int      // where the first row begins
	ends  []uint32 // where each field ends, row by row
	width int      // columns
}

// A span is a part of a text. It is no pointer, so that a thousand of them cost the
// collector nothing.
type span struct{ from, to uint32 }

func (s span) size() int             { return int(s.to - s.from) }
func (s span) of(text []byte) []byte { return text[s.from:s.to] }

func (t *table) rows() int { return len(t.ends) / t.width }

// begins is where the nth field of all begins.
func (t *table) begins(n int) int {
	if n == 0 {
		return t.from
	}
	return int(t.ends[n-1]) + 1
}

// field is where the field of a row is, with its quotes.
func (t *table) field(row, column int) span {
	n := row*t.width + column
	from, to := t.begins(n), int(t.ends[n])
	if column == t.width-1 {
		to = t.withoutCR(from, to)
	}
	return span{uint32(from), uint32(to)}
}

// withoutCR is where the last field of a row ends: before a CR, which belongs to the
// line end.
func (t *table) withoutCR(from, to int) int {
	if to > from && t.text[to-1] == '\r' {
		return to - 1
	}
	return to
}

// place makes a record of a row. It is filled in, and not returned: that would cost
// more than to find it.
func (t *table) place(row int, r *record) {
	first, last := row*t.width, (row+1)*t.width-1
	end := int(t.ends[last])
	r.text, r.ends = t.text, t.ends[first:last+1]
	r.from, r.to = t.begins(first), min(end+1, len(t.text))
	r.stop = t.withoutCR(t.begins(last), end)
}
