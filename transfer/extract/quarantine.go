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
