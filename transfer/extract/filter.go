package extract

import (
	"bytes"
	"slices"
	"sync/atomic"

	"darsd/dars"
)

// A FilterCount is what one filter of the agreement has left out, and why.
type FilterCount struct {
	Missing int64 `json:"missing"` // rows: its fields say nothing, or nothing that can be read
	Others  int64 `json:"others"`  // rows: they say something else
}

func (c *FilterCount) add(more FilterCount) {
	c.Missing += more.Missing
	c.Others += more.Others
}

// A tally is a [FilterCount] while many count at once.
type tally struct{ missing, others atomic.Int64 }

func (t *tally) count() FilterCount { return FilterCount{t.missing.Load(), t.others.Load()} }

// A spot is a column of the source, as filters and derivations read it.
type spot struct {
	column  int
	missing [][]byte // values that stand for nothing
}

// value is what stands there, without white space and quotes around, or nil for
// nothing.
func (p spot) value(row *record) []byte {
	value := plain(row.field(p.column))
	if none(value, p.missing) {
		return nil
	}
	return value
}

// plain is a field without white space and quotes around; a quote inside that is
// written twice stands there once.
func plain(field []byte) []byte {
	value := bare(field)
	if len(field) > len(value) && bytes.Contains(value, []byte(`""`)) && bytes.HasPrefix(bytes.TrimSpace(field), []byte(`"`)) {
		return bytes.ReplaceAll(value, []byte(`""`), []byte(`"`))
	}
	return value
}

// A verdict is what a row says to a filter.
type verdict uint8

const (
	unclear verdict = iota // nothing
	other
	match
)

// compileFilter makes a filter ready for many to ask at once.
func compileFilter(f dars.RowFilter, spots []spot, at func(row *record) (day, bool), holdsAge bool) (func(row *record) verdict, error) {
	if f.Ages == "" {
		return byCodes(spots, newCodes(f.Prefixes, f.Codes)), nil
	}
	bands, err := newBands(f.Ages)
	if err != nil {
		return nil, err
	}
	age := agesOf(spots[0], at, holdsAge)
	return func(row *record) verdict {
		years, ok := age(row)
		switch {
		case !ok:
			return unclear
		case bands.of[years] >= 0:
			return match
		}
		return other
	}, nil
}

// byCodes looks for a code in any of some columns.
func byCodes(spots []spot, codes *codes) func(*record) verdict {
	return func(row *record) verdict {
		v := unclear
		for _, p := range spots {
			// A code that is looked for is one, even if it may stand for nothing.
			if codes.has(spot{column: p.column}.value(row)) {
				return match
			}
			if v == unclear && p.value(row) != nil {
				v = other
			}
		}
		return v
	}
}

// keeping asks a filter, and counts what it leaves out.
func keeping(says func(*record) verdict, not bool, out *tally) func(*record) bool {
	return func(row *record) bool {
		switch v := says(row); {
		case v == unclear:
			out.missing.Add(1)
			return false
		case (v == match) == not:
			out.others.Add(1)
			return false
		}
		return true
	}
}

// codes are whole codes and beginnings of some. There may be thousands of them;
// a value is compared with none.
type codes struct {
	first    [256]bool // bytes with which any begins
	whole    map[string]bool
	prefixes map[string]bool
	lengths  []int // of prefixes
}

func newCodes(prefixes, whole []string) *codes {
	c := &codes{whole: map[string]bool{}, prefixes: map[string]bool{}}
	for _, code := range whole {
		c.first[code[0]], c.whole[code] = true, true
	}
	for _, code := range prefixes {
		c.first[code[0]], c.prefixes[code] = true, true
		if !slices.Contains(c.lengths, len(code)) {
			c.lengths = append(c.lengths, len(code))
		}
	}
	return c
}

func (c *codes) has(value []byte) bool {
	if len(value) == 0 || !c.first[value[0]] {
		return false
	}
	for _, n := range c.lengths {
		if n <= len(value) && c.prefixes[string(value[:n])] {
			return true
		}
	}
	return c.whole[string(value)]
}

// agesOf gives the age of a row's person in whole years: as it stands there, or
// from a date of birth.
func agesOf(p spot, at func(row *record) (day, bool), holdsAge bool) func(*record) (years int, ok bool) {
	if holdsAge {
		return func(row *record) (int, bool) { return readAge(p.value(row)) }
	}
	return func(row *record) (int, bool) {
		birth, ok := readDay(p.value(row))
		if !ok {
			return 0, false
		}
		on, ok := at(row)
		if !ok {
			return 0, false
		}
		return ageAt(birth, on)
	}
}
