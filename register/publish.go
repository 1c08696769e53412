package register

import (
	"bytes"
	"crypto/sha256"
	"encoding/csv"
	"encoding/hex"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"darsd/dars"
)

// WriteCSV writes rows of the register in the national layout: commas, quotes where they
// are needed, and lines that end as spreadsheets end them.
func WriteCSV(to io.Writer, rows []dars.PublicRelease) error {
	w := csv.NewWriter(to)
	w.UseCRLF = true
	w.Write(Heads())
	for i := range rows {
		w.Write(Guarded(rows[i].Cells()))
	}
	w.Flush()
	return w.Error()
}

// Heads are the headers of the national layout.
func Heads() (all []string) {
	for _, c := range dars.RegisterColumns {
		all = append(all, c.Header)
	}
	return all
}

// guards are with what a spreadsheet would take a cell for a formula, and run it; the
// wide ones are those of keyboards of East Asia.
const guards = "=+-@\t\r\n＝＋－＠"

// guarded reports whether a text begins with one of them.
func guarded(text string) bool {
	first, _ := utf8.DecodeRuneInString(text)
	return text != "" && strings.ContainsRune(guards, first)
}

// Guarded are cells that no spreadsheet runs: before one that begins as a formula does
// stands an apostrophe, which spreadsheets take for "what follows is text". Open takes
// it away again, so that no text is changed by being published and read.
func Guarded(cells []string) []string {
	for i, c := range cells {
		c = lineEnds.Replace(c)
		cells[i] = c
		if rest, quoted := strings.CutPrefix(c, "'"); guarded(c) || quoted && (guarded(rest) || strings.HasPrefix(rest, "'")) {
			cells[i] = "'" + c
		}
	}
	return cells
}

// unguarded is a cell without that apostrophe, or without the formula ="…" in which
// some put a text for the same reason.
func unguarded(cell string) string {
	if text, ok := strings.CutPrefix(cell, `="`); ok && strings.HasSuffix(text, `"`) && strings.Count(text, `"`) == 1 {
		return strings.TrimSuffix(text, `"`)
	}
	if rest, quoted := strings.CutPrefix(cell, "'"); quoted && (guarded(rest) || strings.HasPrefix(rest, "'")) {
		return rest
	}
	return cell
}

// Sums are the rows of a register, each with the SHA-256 by which it is known: what a
// publication signs. A row's id has no line end in it.
func Sums(rows []dars.PublicRelease) []byte {
	var b bytes.Buffer
	for i := range rows {
		cells := rows[i].Cells()
		fmt.Fprintf(&b, "%s  %s\n", sumOf(cells), plainID(cells[0]))
	}
	return b.Bytes()
}

// sumOf is the SHA-256 by which a row is known.
func sumOf(cells []string) string {
	all := make([]string, len(cells))
	for i, c := range cells {
		all[i] = seen(c)
	}
	return dars.CellsSum(all)
}

// seen is a cell as it looks. Spreadsheets write a letter with its accent as one sign,
// leave out what nobody sees, and escape what looks like an escape: that makes no other
// row of it.
func seen(cell string) string {
	for {
		was := cell
		if cell = clean(cell); cell == was { // each escape that is undone makes it shorter
			return norm.NFC.String(cell)
		}
	}
}

// lineEnds are all written one way: a CSV file has no room for more.
var lineEnds = strings.NewReplacer("\r\n", "\n", "\r", "\n")

// SumOfSums names some sums in a signed word.
func SumOfSums(sums []byte) string {
	sum := sha256.Sum256(sums)
	return hex.EncodeToString(sum[:])
}

func plainID(id string) string { return strings.Join(strings.Fields(seen(id)), " ") }

// A Held is what came of holding a file against what was published.
type Held struct {
	Rows    int      `json:"rows"`
	Differs []string `json:"differs"` // rows that say something else than was published, or were never
	Missing []string `json:"missing"` // rows that were published and are not in the file
	Twice   []string `json:"twice"`   // rows that stand in it more often than they were published
}

// Good reports whether the file is what was published.
func (h Held) Good() bool { return len(h.Differs)+len(h.Missing)+len(h.Twice) == 0 }

// Against holds the cells of a file in the national layout against some sums, whatever
// the order of its rows and columns.
func Against(f File, sums []byte) (h Held, err error) {
	h = Held{Differs: []string{}, Missing: []string{}, Twice: []string{}}
	published, order := map[string]map[string]int{}, []string{} // times, by id and sum
	for line := range strings.Lines(string(sums)) {
		sum, id, ok := strings.Cut(strings.TrimSuffix(line, "\n"), "  ")
		if !ok {
			return h, fmt.Errorf("these are no sums of a register: %.60q", line)
		}
		if published[id] == nil {
			published[id] = map[string]int{}
			order = append(order, id)
		}
		published[id][sum]++
	}
	rows, err := national(f)
	if err != nil {
		return h, err
	}
	for _, cells := range rows {
		id, sum := plainID(cells[0]), sumOf(cells)
		h.Rows++
		left, known := published[id][sum]
		switch {
		case known && left > 0:
			published[id][sum]--
		case known:
			h.Twice = append(h.Twice, id)
		default:
			h.Differs = append(h.Differs, id)
			published[id] = nil // it is said once
		}
	}
	for _, id := range order {
		for _, n := range published[id] {
			for range n {
				h.Missing = append(h.Missing, id)
			}
		}
	}
	return h, nil
}

// national are the rows of a file by the columns of the national layout.
func national(f File) (rows [][]string, err error) {
	heads := Heads()
	for _, s := range f.Sheets {
		if len(s.Rows) == 0 {
			continue
		}
		at := make([]int, len(heads))
		found := 0
		for i, head := range heads {
			at[i] = -1
			for j, cell := range s.Rows[0].Cells {
				if plain(cell) == plain(head) && at[i] < 0 {
					at[i], found = j, found+1
				}
			}
		}
		if found < len(heads) {
			continue // another sheet
		}
		if rows == nil {
			rows = [][]string{} // of a register that has no release yet
		}
		for _, row := range s.Rows[1:] {
			cells := make([]string, len(heads))
			for i, j := range at {
				if j < len(row.Cells) {
					cells[i] = row.Cells[j]
				}
			}
			if strings.Join(cells, "") != "" {
				rows = append(rows, cells)
			}
		}
	}
	if rows == nil {
		return nil, fmt.Errorf("%s has no sheet with the columns of the published register: %s", f.Name, strings.Join(heads, ", "))
	}
	return rows, nil
}
