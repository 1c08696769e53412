package extract

import (
	"bufio"
	"bytes"
	"cmp"
	"crypto/rand"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"io"
	"math/bits"
	"slices"
	"sync"
	"sync/atomic"

	"darsd/dars"
)

// A Cohort is the persons whom a recipient asks for. It is asked by many at once,
// and remembers whom it was asked for with success.
//
// Each identifier is kept as 96 bits of its AES-CMAC, under a key of the moment,
// with the line on which it stood: 16 bytes, whatever its length, so that ten
// million take 160 MB and two percent. That one of a billion rows is taken for
// that of a person who is not in a cohort of ten million has a probability of
// 2^-42.
type Cohort struct {
	numbers bool // they are NHS numbers
	hash    *cmac
	members []member        // sorted
	starts  []uint32        // where members of each beginning (of startBits) begin
	found   []atomic.Uint32 // a bit for each member
	rooms   sync.Pool       // of *room
}

// A room is memory for one question, so that a row allocates nothing.
type room struct{ number, sum [16]byte }

type member struct {
	high uint64
	low  uint32
	line uint32 // where it stood first
}

const (
	maxCohort   = 10_000_000 // lines
	maxCohortID = 1024       // bytes of a line; of a header, 64 times as many
	startBits   = 20
)

// A CohortReport says what was found in a recipient's file. It names lines, never
// what stands there.
type CohortReport struct {
	Given          int       `json:"given"` // lines that are not blank, without the header
	Valid          int       `json:"valid"` // distinct identifiers
	InvalidCount   int       `json:"invalid_count"`
	Invalid        []BadLine `json:"invalid"` // the first thousand
	DuplicateCount int       `json:"duplicate_count"`
	Duplicates     []BadLine `json:"duplicates"`  // likewise
	NHSNumbers     int       `json:"nhs_numbers"` // of lines with identifiers of another kind, how many could be NHS numbers
	SHA256         string    `json:"sha256"`      // of the file's bytes, hex
}

// ReadCohort reads a recipient's file: one identifier a line, or, with the name of
// a column, lines with commas, semicolons, bars or tabs between fields and a
// header. NHS numbers may be spelt in any way that [dars.ParseNHSNumber] knows,
// and a first line without a digit is a header; other identifiers are taken as
// they are, without white space and quotes around. It refuses a file that it
// cannot read, has more than ten million lines, or has no identifier at all; of the
// last the report is whole.
func ReadCohort(r io.Reader, numbers bool, column string) (*Cohort, CohortReport, error) {
	return readCohort(r, numbers, column, maxCohort)
}

func readCohort(r io.Reader, numbers bool, column string, most int) (*Cohort, CohortReport, error) {
	var key [32]byte
	rand.Read(key[:])
	hash, err := newCMAC(key[:])
	if err != nil {
		return nil, CohortReport{}, err
	}
	cohort := &Cohort{numbers: numbers, hash: hash, rooms: sync.Pool{New: func() any { return new(room) }}}
	report := CohortReport{Invalid: []BadLine{}, Duplicates: []BadLine{}}
	sum := sha256.New()
	if err := cohort.read(io.TeeReader(r, sum), column, most, &report); err != nil {
		return nil, CohortReport{}, err
	}
	cohort.sort(&report)
	report.Valid = len(cohort.members)
	report.SHA256 = hex.EncodeToString(sum.Sum(nil))
	if report.Valid == 0 {
		return nil, report, refuseCohort("cohort-empty", "there is not one valid identifier in it")
	}
	return cohort, report, nil
}

func refuseCohort(rule, sentence string, args ...any) error {
	return dars.Refuse(rule, "cohort", "the cohort: "+sentence, args...)
}

// read takes the lines in.
func (c *Cohort) read(r io.Reader, column string, most int, report *CohortReport) error {
	lines := bufio.NewReaderSize(r, 64*maxCohortID)
	bad := func(line int, why string) {
		report.InvalidCount++
		if len(report.Invalid) < maxBadLines {
			report.Invalid = append(report.Invalid, BadLine{line, why})
		}
	}
	var form csvForm
	var room room
	begun, ended := false, false
	for n := 1; !ended; n++ {
		line, err := lines.ReadSlice('\n')
		long := err == bufio.ErrBufferFull
		ended = err == io.EOF
		if err != nil && !long && !ended {
			return err
		}
		if n == 1 {
			if bytes.HasPrefix(line, []byte("\xff\xfe")) || bytes.HasPrefix(line, []byte("\xfe\xff")) {
				return refuseCohort("cohort-malformed", "it is written in UTF-16: save it as plain text (UTF-8)")
			}
			line = bytes.TrimPrefix(line, []byte(bom))
		}
		line = bytes.TrimRight(line, "\r\n")
		if bytes.IndexByte(line, '\r') >= 0 {
			return refuseCohort("cohort-malformed", "line %d: its lines end with CR alone: write them with LF or CRLF", n)
		}
		blank := len(bytes.TrimSpace(line)) == 0 && !long
		first := !begun && !blank
		begun = begun || first
		switch {
		case blank:
		case first && column != "":
			var wrong error
			if form, wrong = newCSVForm(line, column); wrong != nil {
				return wrong
			}
		case first && c.numbers && !long && !bytes.ContainsAny(line, "0123456789"): // the header
		case report.Given == most:
			return refuseCohort("cohort-too-long", "it has more than %d lines: hand it in in parts, under requests of their own", most)
		default:
			report.Given++
			value, why := line, ""
			switch {
			case len(line) > maxCohortID:
				why = "longer than 1,024 bytes"
			case column != "":
				value, why = form.field(line)
			}
			value = plain(value)
			if why == "" && len(value) == 0 {
				why = "empty"
			}
			if why == "" && c.numbers {
				var n dars.NHSNumber
				n, why = number(value)
				value = tenDigits(&room.number, n)
			}
			if why != "" {
				bad(n, why)
				break
			}
			if !c.numbers {
				if _, odd := number(value); odd == "" {
					report.NHSNumbers++
				}
			}
			high, low := c.print(value, &room.sum)
			c.add(member{high, low, uint32(n)})
		}
		for err == bufio.ErrBufferFull { // the rest of a long line counts for nothing
			_, err = lines.ReadSlice('\n')
			ended = err == io.EOF
			if err != nil && err != bufio.ErrBufferFull && !ended {
				return err
			}
		}
	}
	if column != "" && !begun {
		return refuseCohort("cohort-malformed", "it is empty, without so much as a header that names the column %s", column)
	}
	return nil
}

// add makes room by doubling, up to a million, and then at once for all that may
// come: room that is not used costs no memory, and a copy of ten million would for
// a moment cost twice as much.
func (c *Cohort) add(m member) {
	if n := len(c.members); n == cap(c.members) {
		room := 2 * max(n, 512)
		if n >= 1_000_000 {
			room = maxCohort
		}
		c.members = append(make([]member, 0, room), c.members...)
	}
	c.members = append(c.members, m)
}

// tenDigits is how a number is kept, however it was spelt.
func tenDigits(to *[16]byte, n dars.NHSNumber) []byte {
	for i := 9; i >= 0; i-- {
		to[i], n = byte('0'+n%10), n/10
	}
	return to[:10]
}

// print is what is kept of an identifier. The sum is made where the caller says,
// so that a row allocates nothing.
func (c *Cohort) print(value []byte, sum *[16]byte) (high uint64, low uint32) {
	c.hash.sum(sum[:], value)
	return binary.BigEndian.Uint64(sum[:]), binary.BigEndian.Uint32(sum[8:])
}

// sort makes members ready to be found, and tells duplicates.
func (c *Cohort) sort(report *CohortReport) {
	slices.SortFunc(c.members, func(a, b member) int {
		return cmp.Or(cmp.Compare(a.high, b.high), cmp.Compare(a.low, b.low), cmp.Compare(a.line, b.line))
	})
	kept := c.members[:0]
	for _, m := range c.members {
		if n := len(kept); n > 0 && kept[n-1].high == m.high && kept[n-1].low == m.low {
			report.DuplicateCount++
			report.Duplicates = append(report.Duplicates, BadLine{int(m.line), fmt.Sprintf("the same as line %d", kept[n-1].line)})
			if len(report.Duplicates) == 2*maxBadLines {
				report.Duplicates = firstLines(report.Duplicates)
			}
			continue
		}
		kept = append(kept, m)
	}
	report.Duplicates = firstLines(report.Duplicates)
	c.members = kept
	if len(kept) < cap(kept)/2 {
		c.members = slices.Clone(kept)
	}
	c.starts = make([]uint32, 1<<startBits+1)
	at := 0
	for i := range c.starts {
		for at < len(c.members) && c.members[at].high>>(64-startBits) < uint64(i) {
			at++
		}
		c.starts[i] = uint32(at)
	}
	c.found = make([]atomic.Uint32, (len(c.members)+31)/32)
}

// firstLines keeps the first thousand, in order of line.
func firstLines(lines []BadLine) []BadLine {
	slices.SortFunc(lines, func(a, b BadLine) int { return cmp.Compare(a.Line, b.Line) })
	return lines[:min(len(lines), maxBadLines)]
}

// Has reports whether an identifier is of the cohort, and remembers that it was
// found. It is bare, without white space and quotes around, and in UTF-8.
func (c *Cohort) Has(value []byte) bool {
	if c.numbers {
		n, why := number(value)
		return why == "" && c.HasNumber(n)
	}
	room := c.rooms.Get().(*room)
	defer c.rooms.Put(room)
	return c.finds(value, room)
}

// HasNumber is Has for a person's NHS number, where an index and not the row says
// it. Who is in the index counts as found.
func (c *Cohort) HasNumber(n dars.NHSNumber) bool {
	if !c.numbers {
		return false
	}
	room := c.rooms.Get().(*room)
	defer c.rooms.Put(room)
	return c.finds(tenDigits(&room.number, n), room)
}

func (c *Cohort) finds(value []byte, room *room) bool {
	i, ok := c.at(c.print(value, &room.sum))
	if !ok {
		return false
	}
	word, bit := &c.found[i/32], uint32(1)<<(i%32)
	if word.Load()&bit == 0 { // most are found again and again
		word.Or(bit)
	}
	return true
}

// at finds a member's place.
func (c *Cohort) at(high uint64, low uint32) (i uint32, ok bool) {
	begin := high >> (64 - startBits)
	for i := c.starts[begin]; i < c.starts[begin+1]; i++ {
		if m := &c.members[i]; m.high == high && m.low == low {
			return i, true
		}
	}
	return 0, false
}

// Left counts the persons of another file of the recipient, such as an earlier one,
// who are not in the cohort. The file is read as [ReadCohort] does.
func (c *Cohort) Left(r io.Reader, column string) (n int, err error) {
	other := &Cohort{numbers: c.numbers, hash: c.hash}
	var report CohortReport
	if err := other.read(r, column, maxCohort, &report); err != nil {
		return 0, err
	}
	other.sort(&report)
	for _, m := range other.members {
		if _, ok := c.at(m.high, m.low); !ok {
			n++
		}
	}
	return n, nil
}

// Found counts the members that were found so far, those who object among them. It
// is the office's evidence and never leaves it: a recipient who were told that more
// of its persons were found than it is sent would know who objects.
func (c *Cohort) Found() (n int) {
	for i := range c.found {
		n += bits.OnesCount32(c.found[i].Load())
	}
	return n
}

// A csvForm says where in a line the identifiers are.
type csvForm struct {
	delimiter byte
	place     int
}

func newCSVForm(header []byte, column string) (csvForm, error) {
	for _, delimiter := range []byte(",;|\t") {
		var places []int
		for form := (csvForm{delimiter: delimiter}); ; form.place++ {
			name, why := form.field(header)
			if why != "" {
				break
			}
			if string(bare(name)) == column {
				places = append(places, form.place)
			}
		}
		switch {
		case len(places) > 1:
			return csvForm{}, refuseCohort("column-twice", "its first line names the column %s twice (columns %d and %d): hand it in with one of them", column, places[0]+1, places[1]+1)
		case len(places) == 1:
			return csvForm{delimiter, places[0]}, nil
		}
	}
	return csvForm{}, refuseCohort("cohort-malformed", "its first line does not name the column %s, with a comma, a semicolon, a bar or a tab between names", column)
}

// field returns the field of a line, or why there is none. Quotes may stand around
// it; no line end does.
func (f csvForm) field(line []byte) (field []byte, why string) {
	rest := line
	for n := 0; ; n++ {
		end := bytes.IndexByte(rest, f.delimiter)
		if len(rest) > 0 && rest[0] == '"' {
			closed := closing(rest, 0)
			if closed < 0 || closed < len(rest) && rest[closed] != f.delimiter {
				return nil, "a quotation mark that is not closed at the end of its field"
			}
			if end = closed; end == len(rest) {
				end = -1
			}
		}
		switch {
		case n == f.place && end < 0:
			return rest, ""
		case n == f.place:
			return rest[:end], ""
		case end < 0:
			return nil, "fewer fields than the header"
		}
		rest = rest[end+1:]
	}
}
