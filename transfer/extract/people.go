package extract

import (
	"bytes"
	"slices"
	"sync/atomic"

	"darsd/dars"
)

// people say what may happen to a row, by the value in its person column. Many
// workers ask at once; the counts are taken when all have ended.
type people interface {
	// stand says where the persons of some rows stand, by their values. Persons
	// are counted as withheld or unmatched if their row counts: rows outside the
	// agreement's dates do not. Many rows are asked for at once because each is a
	// place in memory of its own: what is looked up one after another is waited
	// for one after another.
	stand(values [][]byte, counts []bool, stands []standing)
	// withheld and unmatched count persons; of the unmatched, not more than
	// maxStrangers. Rows without any value in the person column are nobody's, and
	// count as rows only.
	withheld() int
	unmatched() int
	// covered ends a file, and says how many persons were in it and how many of
	// them the index knows.
	covered() (persons, known int)
}

// A standing is what decides over a row.
type standing uint8

const (
	free     standing = iota // has a number, and it has not objected
	objects                  // at least one of the person's numbers has objected
	nameless                 // no valid number, so no objection could ever match
)

// numbered are people whose column holds their NHS number.
type numbered struct {
	dataset    dars.Dataset
	objections *Objections
	missing    [][]byte
	gone       numberSet
	invalid    *strangers
}

// atOnce is how many persons are looked up together.
const atOnce = 512

func (p *numbered) stand(values [][]byte, counts []bool, stands []standing) {
	for len(values) > atOnce {
		p.stand(values[:atOnce], counts[:atOnce], stands[:atOnce])
		values, counts, stands = values[atOnce:], counts[atOnce:], stands[atOnce:]
	}
	var numbers, met [atOnce]dars.NHSNumber // zero if there is none; of rows withheld
	for i, value := range values {
		numbers[i] = p.number(value, counts[i])
	}
	n := 0
	for i, number := range numbers[:len(values)] { // no branch hangs on what comes from far
		listed := p.objections.bit(number) // nobody has the number zero
		stands[i] = standing(listed) * objects
		met[n] = number
		n += int(listed & bit(counts[i]))
	}
	first := 0 // how many of them are met for the first time: few
	for _, number := range met[:n] {
		seen := p.gone.bit(number)
		met[first] = number
		first += int(1 &^ seen)
	}
	for _, number := range met[:first] {
		p.gone.add(number)
	}
	for i, number := range numbers[:len(values)] {
		if number == 0 {
			stands[i] = nameless
		}
	}
}

// number reads a person's number, and counts those that are none.
func (p *numbered) number(value []byte, counts bool) dars.NHSNumber {
	n, why := number(value)
	if why == "" && len(p.missing) == 0 {
		return n
	}
	if why != "" && latin(p.dataset) {
		n, why = number(utf8Of(p.dataset, value))
	}
	switch {
	case none(bare(value), p.missing):
		return 0
	case why != "" && counts:
		p.invalid.add(bare(value))
	}
	return n
}

func (p *numbered) withheld() int       { return p.gone.size() }
func (p *numbered) unmatched() int      { return p.invalid.len() }
func (p *numbered) covered() (int, int) { return 0, 0 }

// indexed are people whose column holds a key, which an index file resolves.
type indexed struct {
	missing [][]byte
	persons *register

	known, gone, nobody atomic.Int64 // persons in the file that is being read; withheld, and unmatched, in all files
	here, unknown       *strangers   // keys that are not in the index: in this file, and in all files of rows that count
}

func (p *indexed) stand(values [][]byte, counts []bool, stands []standing) {
	for len(values) > atOnce {
		p.stand(values[:atOnce], counts[:atOnce], stands[:atOnce])
		values, counts, stands = values[atOnce:], counts[atOnce:], stands[atOnce:]
	}
	type hash struct {
		first  uint64
		second uint32
	}
	var hashes [atOnce]hash
	var slots [atOnce]int // negative: not in the index
	for i, value := range values {
		hashes[i].first, hashes[i].second = p.persons.hash(plain(value))
	}
	for i, h := range hashes[:len(values)] {
		slot, found := p.persons.find(h.first, h.second)
		if slots[i] = slot; !found {
			slots[i] = -1
		}
	}
	for i, slot := range slots[:len(values)] {
		key := plain(values[i])
		switch {
		case none(key, p.missing):
			stands[i] = nameless
		case slot < 0:
			stands[i] = nameless
			p.here.add(key)
			if counts[i] {
				p.unknown.add(key)
			}
		default:
			stands[i] = p.listed(slot, counts[i])
		}
	}
}

// listed says where a person of the index stands, and counts the person once.
func (p *indexed) listed(slot int, counts bool) standing {
	state := p.persons.state(slot)
	if state&seen == 0 && p.persons.mark(slot, seen)&seen == 0 {
		p.known.Add(1)
	}
	stands := standing(state & standingBits)
	if counts && stands != free && state&counted == 0 && p.persons.mark(slot, counted)&counted == 0 {
		if stands == objects {
			p.gone.Add(1)
		} else {
			p.nobody.Add(1)
		}
	}
	return stands
}

// asks reports whether the recipient asks for a person, by a number of the index.
func (p *indexed) asks(value []byte) bool { return p.persons.asks(plain(value)) }

func (p *indexed) withheld() int  { return int(p.gone.Load()) }
func (p *indexed) unmatched() int { return int(p.nobody.Load()) + p.unknown.len() }

func (p *indexed) covered() (persons, known int) {
	known = int(p.known.Swap(0))
	persons = known + p.here.len()
	p.here = newStrangers()
	p.persons.unsee()
	return persons, known
}

// bare is a value without white space and one pair of quotes around it.
func bare(field []byte) []byte {
	field = bytes.TrimSpace(field)
	if n := len(field); n >= 2 && (field[0] == '"' || field[0] == '\'') && field[n-1] == field[0] {
		field = bytes.TrimSpace(field[1 : n-1])
	}
	return field
}

// names are the bare fields of a header.
func names(header record) (all []string) {
	for i := range header.ends {
		all = append(all, string(bytes.ReplaceAll(bare(header.field(i)), []byte(`""`), []byte(`"`))))
	}
	return all
}

// column returns the place of a column, or a negative number.
func column(names []string, name string) int { return slices.Index(names, name) }

// missing are the values that stand for nothing in a column, bare as what they
// are compared with: some are padded, as the fields are.
func missing(d dars.Dataset, column string) (values [][]byte) {
	field, _ := d.Field(column)
	for _, v := range field.Missing {
		values = append(values, bytes.TrimSpace(asWritten(d, v)))
	}
	return values
}

func none(value []byte, missing [][]byte) bool {
	return len(value) == 0 || slices.ContainsFunc(missing, func(m []byte) bool { return bytes.Equal(m, value) })
}
