package extract

import (
	"bytes"
	"fmt"
	"io"
)

// Rows that cannot be read are an oddity up to here: beyond either limit
// something is wrong with the source and not with its rows.
const (
	mostOdd      = 1000
	mostOddShare = 0.01 // of a period's rows, where more than fewOdd are
	fewOdd       = 10
)

// Which rows may be put aside at all. A row with a field too many or too few has
// perhaps lost its end: of a note with a line end in it that nobody put into
// quotes, the rest stands on lines of its own, and one of them may look like a
// neighbour's row. The note of somebody who objects would leave as the
// neighbour's. So it is with a quotation mark where none may be, and with an empty
// line. Nobody can prove where the next row begins, so the run stops.
//
// One thing is certain: where every field of every row of a file stands in quotes,
// so does a line end that belongs to a field. There a row of which only the number
// of fields is wrong ends where it ends, and is put aside.

// oddities are what was odd in a file so far.
type oddities struct {
	first *malformed // that was put aside
	loose bool       // some field stands without quotes
}

// putAside writes the malformed rows of a chunk into the quarantine, or refuses
// the source for the first that cannot be put aside; line is how many are before
// the chunk.
func (p *pass) putAside(c *chunk, line int, file *oddities, packed *Packed) error {
	const unsure = "%v; it is not put aside, because not every field of the file stands in quotes: nobody can say where its row ends, and the rest of it could leave as another person's"
	file.loose = file.loose || c.loose
	if file.first != nil && file.loose {
		return c.file.refuse("source-malformed", unsure, file.first)
	}
	for _, odd := range c.odd {
		at := odd.at + odd.fault.at
		bad := &malformed{line + 1 + bytes.Count(c.text[:at], []byte("\n")), c.offset + int64(at), odd.fault.why}
		switch {
		case p.aside == nil || !odd.fault.miscounted:
			return c.file.refuse("source-malformed", "%v", bad)
		case file.loose || !p.layout.cutter.in.quoted:
			return c.file.refuse("source-malformed", unsure, bad)
		}
		if file.first == nil {
			file.first = bad
		}
		packed.RowsIn++
		if packed.RowsQuarantined++; packed.RowsQuarantined > mostOdd {
			return c.file.refuse("source-malformed", "%v; with it more than %d rows are malformed, and that is no longer an oddity", bad, mostOdd)
		}
		if err := p.aside.add(c.file.path, bad, c.text[odd.at:odd.at+odd.size]); err != nil {
			return err
		}
	}
	return nil
}

// A quarantine keeps the rows that could not be read, for staff to look at: a
// CSV file with the row as it was, in quotes, behind where it stood and what is
// wrong with it. It is made when the first row comes.
type quarantine struct {
	create func() (io.WriteCloser, error) // nil: only count
	file   io.WriteCloser
}

func (q *quarantine) add(path string, bad *malformed, row []byte) error {
	if q.create == nil {
		return nil
	}
	if q.file == nil {
		file, err := q.create()
		if err != nil {
			return fmt.Errorf("quarantine: %w", err)
		}
		q.file = file
		if _, err := io.WriteString(file, "source,line,byte,reason,row\n"); err != nil {
			return fmt.Errorf("quarantine: %w", err)
		}
	}
	line := fmt.Appendf(nil, "%s,%d,%d,%s,%s\n", inQuotes([]byte(path)), bad.line, bad.offset, inQuotes([]byte(bad.why)), inQuotes(row))
	if _, err := q.file.Write(line); err != nil {
		return fmt.Errorf("quarantine: %w", err)
	}
	return nil
}

// close keeps what was put aside, also of a run that was stopped by it.
func (q *quarantine) close() error {
	if q == nil || q.file == nil {
		return nil
	}
	if err := q.file.Close(); err != nil {
		return fmt.Errorf("quarantine: %w", err)
	}
	return nil
}

func inQuotes(value []byte) []byte {
	return fmt.Appendf(nil, `"%s"`, bytes.ReplaceAll(value, []byte(`"`), []byte(`""`)))
}
