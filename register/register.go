// Package register reads what an office has published of its releases: workbooks and
// CSV files, of its own or of those before it, whatever headers they have.
//
//	Open          a file ──▶ sheets of rows
//	Understand    sheets ──▶ releases, agreements, counts of tracing
//
// Nothing is lost. What could not be understood is named with its sheet, its row and
// the reason, and goes along as it stands. Outsiders may have written the file: how
// much of it is unpacked and kept is bounded.
package register

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode"
)

// A Sheet is a table, or some prose, of a file.
type Sheet struct {
	Name string
	Rows []Row
}

// A Row has the number that a spreadsheet shows beside it.
type Row struct {
	N     int
	Cells []string
	Flaw  string // why it may not be what was written; "": nothing is wrong
}

// A File is one that was opened.
type File struct {
	Name   string
	SHA256 string
	Sheets []Sheet
}

// What is read of one file at most. The whole register of 2026 has a tenth of it.
const (
	mostFile    = 128 << 20 // bytes, as it lies there
	mostText    = 256 << 20 // bytes of all cells
	mostCells   = 5_000_000
	mostColumns = 256
)

// errTooLarge is what a file is refused with that would fill the memory.
var errTooLarge = errors.New("it holds more than a register can: is it another file?")

// Open reads a file, told by its first bytes: a workbook (.xlsx), or else a CSV file,
// which is one sheet of its name.
func Open(name string, from io.Reader) (File, error) {
	content, err := io.ReadAll(io.LimitReader(from, mostFile+1))
	if err == nil && len(content) > mostFile {
		err = errTooLarge
	}
	f := File{Name: path.Base(name)}
	if err == nil {
		sum := sha256.Sum256(content)
		f.SHA256 = hex.EncodeToString(sum[:])
		if bytes.HasPrefix(content, []byte("PK\x03\x04")) {
			f.Sheets, err = workbook(content)
		} else {
			f.Sheets, err = values(strings.TrimSuffix(f.Name, path.Ext(f.Name)), content)
		}
	}
	if err != nil {
		return f, fmt.Errorf("%s: %w", f.Name, err)
	}
	return f, nil
}

// A budget is what has been read of a file.
type budget struct{ cells, text int }

func (b *budget) take(text string) error {
	if b.cells, b.text = b.cells+1, b.text+len(text); b.cells > mostCells || b.text > mostText {
		return errTooLarge
	}
	return nil
}

var escaped = regexp.MustCompile(`_x([0-9A-Fa-f]{4})_`)

// clean is a cell as it is understood: without the escapes of workbooks (_x000D_),
// without signs that nobody sees, and without blanks around it.
func clean(cell string) string {
	if strings.Contains(cell, "_x") {
		cell = escaped.ReplaceAllStringFunc(cell, func(e string) string {
			n, _ := strconv.ParseUint(e[2:6], 16, 16) // four digits of sixteen
			return string(rune(n))
		})
	}
	cell = strings.ReplaceAll(strings.ReplaceAll(strings.ToValidUTF8(cell, "\ufffd"), "\r\n", "\n"), "\r", "\n")
	cell = strings.Map(func(r rune) rune {
		if r != '\n' && r != '\t' && (unicode.IsControl(r) || unicode.Is(unicode.Cf, r)) {
			return -1
		}
		return r
	}, cell)
	return strings.TrimSpace(cell)
}

// plain is a header or an answer to compare: its words in small letters.
func plain(text string) string {
	return strings.Join(strings.FieldsFunc(strings.ToLower(clean(text)), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) }), " ")
}

// SumOf names the bytes of some files, in whatever order they are given.
func SumOf(files []File) string {
	var sums []string
	for _, f := range files {
		sums = append(sums, f.SHA256)
	}
	if len(sums) == 1 {
		return sums[0]
	}
	slices.Sort(sums)
	all := sha256.Sum256([]byte(strings.Join(sums, "\n")))
	return hex.EncodeToString(all[:])
}
