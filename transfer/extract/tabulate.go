package extract

import (
	"bytes"
	"context"
	"encoding/binary"
	"slices"
	"sync"

	"darsd/dars"
)

// A Tabulation is what is wanted of each row that is counted and does not leave: its
// group of each grouping, whose it is, and perhaps a number that stands in it.
type Tabulation struct {
	Groupings []string // codes of the dataset's, and dars.PeriodGrouping
	Periods   []string // which are the groups of dars.PeriodGrouping
	Number    string   // a column of numbers; empty: none is wanted

	// Earlier are lists of objections by which earlier answers were given. Rows are told
	// that are of any of them, and of which.
	Earlier []*Objections

	// Counter is asked for once for each that counts: as many as there are processors.
	Counter func() Counter
}

// A Counter is told of rows, by one at a time.
type Counter interface {
	// Add takes a row, which is valid until it returns.
	Add(row *Counted)
}

// Counted is a row as a counter is told of it.
type Counted struct {
	Groups   []uint16 // of each grouping
	Person   uint64   // a number that is the person's own, or Nobody
	Number   int64    // that stands in it, in thousandths
	Numbered bool     // there is one
	In       uint64   // bit 0: today's list of objections lets it be counted; bit k: the k-th of Earlier did
}

// Nobody is the person of all rows of which nobody knows whose they are, together:
// whoever looks for few persons never takes them for many.
const Nobody uint64 = 0

// Tabulate reads the rows that a package of all columns would hold, objections upheld,
// and hands them to counters. Nothing is written.
func Tabulate(ctx context.Context, job Job, of Tabulation) (*Result, error) {
	job.Columns = of.columns(job.Dataset)
	if err := job.check(); err != nil {
		return nil, err
	}
	if len(of.Earlier) > MostEarlier {
		return nil, dars.Refuse("too-many-lists", job.Dataset.Code, "tabulating %s: earlier answers were given by %d lists of objections, and %d is the most that can be held against today's", job.Dataset.Code, len(of.Earlier), MostEarlier)
	}
	job.counts = &counts{Tabulation: of}
	return job.run(ctx, nil)
}

// earlier are the lists of earlier answers, beside today's; nil: there are none.
func (job *Job) earlier() *earlier {
	if job.counts == nil {
		return nil
	}
	return newEarlier(job.Objections, job.counts.Earlier)
}

// columns are those that are looked at.
func (t Tabulation) columns(d dars.Dataset) (names []string) {
	for _, code := range t.Groupings {
		if g, ok := d.Grouping(code); ok && !slices.Contains(names, g.Field) {
			names = append(names, g.Field)
		}
	}
	if t.Number != "" && !slices.Contains(names, t.Number) {
		names = append(names, t.Number)
	}
	if len(names) == 0 { // by period alone
		names = append(names, d.Person)
	}
	return names
}

// counts are the counters of a tabulation, while several periods are read after each
// other.
type counts struct {
	Tabulation
	mu   sync.Mutex
	free []Counter
}

// take returns a counter that nobody uses.
func (c *counts) take() Counter {
	c.mu.Lock()
	defer c.mu.Unlock()
	if n := len(c.free); n > 0 {
		counter := c.free[n-1]
		c.free = c.free[:n-1]
		return counter
	}
	return c.Counter()
}

func (c *counts) put(counter Counter) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.free = append(c.free, counter)
}

// A teller tells a counter of the rows of one period. It belongs to one worker.
type teller struct {
	counter Counter
	sorts   []sorting // for each grouping
	row     Counted
	number  spot
	wanted  bool // the number is
}

// A sorting finds the group of a row. What a column holds comes again and again, so
// what was found for it is kept.
type sorting struct {
	encoding string
	column   int // negative: the period, which is the same for each row
	grouping dars.Grouping
	period   uint16
	known    map[string]uint16
	short    [1 << shortBits]found // of the fields of a few bytes, those that came last
}

// A found is the group of a short field.
type found struct {
	field uint64 // its bytes and its length; zero: none
	group uint16
}

const (
	shortBits = 13
	mostShort = 7       // bytes of a short field
	mostKnown = 1 << 16 // values of a column are kept with their groups; of more, each is looked up anew
)

// teller makes what one worker needs to count the rows of a period.
func (c *counts) teller(d dars.Dataset, names []string, period string) *teller {
	t := &teller{counter: c.take(), row: Counted{Groups: make([]uint16, len(c.Groupings))}, wanted: c.Number != ""}
	for _, code := range c.Groupings {
		if code == dars.PeriodGrouping {
			t.sorts = append(t.sorts, sorting{column: -1, period: uint16(slices.Index(c.Periods, period))})
			continue
		}
		g, _ := d.Grouping(code)
		t.sorts = append(t.sorts, sorting{encoding: d.Format.Encoding, column: column(names, g.Field), grouping: g, known: map[string]uint16{}})
	}
	if t.wanted {
		t.number = spot{column(names, c.Number), missing(d, c.Number)}
	}
	return t
}

// tell counts a row.
func (t *teller) tell(row *record, person uint64, in uint64) {
	for i := range t.sorts {
		t.row.Groups[i] = t.sorts[i].of(row)
	}
	if t.wanted {
		t.row.Number, t.row.Numbered = thousandths(t.number.value(row))
	}
	t.row.Person, t.row.In = person, in
	t.counter.Add(&t.row)
}

func (s *sorting) of(row *record) uint16 {
	if s.column < 0 {
		return s.period
	}
	field := row.field(s.column)
	if len(field) > mostShort || cap(field) <= mostShort {
		return s.lookUp(field)
	}
	key := binary.LittleEndian.Uint64(field[:8])&(1<<(8*len(field))-1) | uint64(len(field)+1)<<56
	at := &s.short[key*0x9e3779b97f4a7c15>>(64-shortBits)]
	if at.field != key {
		*at = found{key, s.lookUp(field)}
	}
	return at.group
}

func (s *sorting) lookUp(field []byte) uint16 {
	group, known := s.known[string(field)]
	if !known {
		group = uint16(s.grouping.Of(string(keyIn(s.encoding, field))))
		if len(s.known) < mostKnown {
			s.known[string(field)] = group
		}
	}
	return group
}

// thousandths reads a number of up to nine digits before its point, to the nearest
// thousandth.
func thousandths(value []byte) (n int64, ok bool) {
	digits, negative := bytes.CutPrefix(value, []byte("-"))
	whole, part, pointed := bytes.Cut(digits, []byte("."))
	if len(whole) == 0 || len(whole) > 9 || pointed && len(part) == 0 {
		return 0, false
	}
	for _, c := range append(whole[:len(whole):len(whole)], part...) {
		if c < '0' || c > '9' {
			return 0, false
		}
	}
	for _, c := range whole {
		n = 10*n + int64(c-'0')
	}
	for i := range 3 {
		n *= 10
		if i < len(part) {
			n += int64(part[i] - '0')
		}
	}
	if len(part) > 3 && part[3] >= '5' {
		n++
	}
	if negative {
		n = -n
	}
	return n, true
}
