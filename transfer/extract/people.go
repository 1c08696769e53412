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
	// stand says where the persons of some rows stand, by their fields in a text. Persons
	// are counted as withheld or unmatched if their row counts: rows outside the
	// agreement's dates do not. Many rows are asked for at once because each is a
	// place in memory of its own: what is looked up one after another is waited
	// for one after another. Each row gets a number of its person's own as well, or
	// Nobody.
	stand(text []byte, whose []span, counts []bool, stands []standing, who []uint64)
	// in says in which lists, of today and of earlier answers, a row is that is somebody's.
	in(who uint64, stands standing) uint64
	// withheld and unmatched count persons; of the unmatched, not more than
	// maxStrangers. Rows without any value in the person column are nobody's, and
	// count as rows only.
	withheld() int
	unmatched() int
	// ended ends a file, and says who was in it.
	ended() inFile
}

// inFile counts the persons of one file.
type inFile struct {
	persons, named, known int // all of them; those whom the index names; of whom a valid number is known, or that they have none

	withheld, unmatched int  // of rows that count
	counted             bool // or the two are known of all files together only
}

// A standing is what decides over a row.
type standing uint8

const (
	free     standing = iota // has a number, and it has not objected
	objects                  // at least one of the person's numbers has objected
	nameless                 // no valid number, so no objection could ever match
	lasting                  // objects, and did in each earlier list; only an index keeps it apart
)

// weight says which of two numbers of a person decides: the one that weighs more.
var weight = [...]uint8{nameless: 0, free: 1, objects: 2, lasting: 3}

// numbered are people whose column holds their NHS number.
type numbered struct {
	encoding   string
	objections *Objections
	earlier    *earlier
	missing    [][]byte
	gone       headcount
	invalid    *strangers

	known, wrong atomic.Int64 // rows of the file that is being read: with a valid number, and with something else
}

func (p *numbered) stand(text []byte, whose []span, counts []bool, stands []standing, who []uint64) {
	for len(whose) > atOnce {
		p.stand(text, whose[:atOnce], counts[:atOnce], stands[:atOnce], who[:atOnce])
		whose, counts, stands, who = whose[atOnce:], counts[atOnce:], stands[atOnce:], who[atOnce:]
	}
	var asked, met [atOnce]stem // zero if there is no number; of rows withheld that count
	known := 0
	for i, field := range whose {
		asked[i], stands[i] = p.stem(field.of(text), counts[i]), free
		who[i] = uint64(asked[i])
		if asked[i] == 0 {
			stands[i] = nameless
			continue
		}
		known++
	}
	p.known.Add(int64(known))
	var gone [atOnce]bool
	p.objections.among(asked[:len(whose)], gone[:])
	n := 0
	for i, gone := range gone[:len(whose)] {
		if gone {
			stands[i] = objects
			met[n] = asked[i]
			n += int(bit(counts[i]))
		}
	}
	p.gone.add(met[:n])
}

// stem reads a person's number, and counts those that are none.
func (p *numbered) stem(value []byte, counts bool) stem {
	n := fromDigits(value)
	if n != 0 && len(p.missing) == 0 {
		return stemOf(n)
	}
	key, why := value, ""
	if n == 0 { // or the digits are the key
		n, why = numberIn(p.encoding, value)
		key = keyIn(p.encoding, value)
	}
	if none(key, p.missing) {
		return 0
	}
	if why != "" {
		p.wrong.Add(1)
		if counts {
			p.invalid.add(key, true)
		}
	}
	return stemOf(n)
}

func (p *numbered) withheld() int  { return p.gone.count() }
func (p *numbered) unmatched() int { return p.invalid.len() }

// ended counts rows for persons: to tell who has come before would take a set of all
// who come. Rows without any value are nobody's. As many as in a list of objections
// may be wrong whatever their share.
func (p *numbered) ended() inFile {
	known, wrong := int(p.known.Swap(0)), int(p.wrong.Swap(0))
	if wrong <= fewOdd {
		wrong = 0
	}
	return inFile{persons: known + wrong, named: known + wrong, known: known}
}

// indexed are people whose column holds a key, which an index file resolves.
type indexed struct {
	encoding string // of the source
	missing  [][]byte
	persons  *register
	changed  map[uint64]uint64 // of those who stand otherwise in some earlier list, by their numbers

	known, numberless       atomic.Int64 // persons in the file that is being read, with a valid number or none, and with one that cannot be read
	goneHere, nobodyHere    atomic.Int64 // those of it who are withheld, and unmatched
	gone, nobody            atomic.Int64 // likewise of all files
	unknownHere, unknownAll *strangers   // keys that are not in the index: in this file, and in all files of rows that count
}

func newIndexed(d dars.Dataset, most int) *indexed {
	return &indexed{encoding: d.Format.Encoding, missing: absent(d), persons: newRegister(most), changed: map[uint64]uint64{}, unknownHere: newStrangers(), unknownAll: newStrangers()}
}

// absent are the words that stand for nobody in the column of the person.
func absent(d dars.Dataset) (words [][]byte) {
	field, _ := d.Field(d.Person)
	for _, v := range field.Missing {
		words = append(words, bytes.TrimSpace([]byte(v)))
	}
	return words
}

func (p *indexed) stand(text []byte, whose []span, counts []bool, stands []standing, who []uint64) {
	for len(whose) > atOnce {
		p.stand(text, whose[:atOnce], counts[:atOnce], stands[:atOnce], who[:atOnce])
		whose, counts, stands, who = whose[atOnce:], counts[atOnce:], stands[atOnce:], who[atOnce:]
	}
	type hash struct {
		first  uint64
		second uint32
	}
	var hashes [atOnce]hash
	var slots [atOnce]int // negative: not in the index
	for i, field := range whose {
		hashes[i].first, hashes[i].second = p.persons.hash(keyIn(p.encoding, field.of(text)))
	}
	for i, h := range hashes[:len(whose)] {
		slot, found := p.persons.find(h.first, h.second)
		if slots[i] = slot; !found {
			slots[i] = -1
		}
	}
	for i, slot := range slots[:len(whose)] {
		key := keyIn(p.encoding, whose[i].of(text))
		who[i] = Nobody
		switch {
		case none(key, p.missing):
			stands[i] = nameless
		case slot < 0:
			stands[i] = nameless
			p.unknownHere.add(key, counts[i])
			if counts[i] {
				p.unknownAll.add(key, true)
			}
		default:
			stands[i], who[i] = p.listed(slot, counts[i]), uint64(slot)+1
		}
	}
}

// one counts one more of either.
func one(either bool, a, b *atomic.Int64) {
	if either {
		a.Add(1)
	} else {
		b.Add(1)
	}
}

// listed says where a person of the index stands, and counts the person once.
func (p *indexed) listed(slot int, counts bool) standing {
	state := p.persons.state(slot)
	stands := standing(state & standingBits)
	if stands == lasting {
		stands = objects
	}
	first := func(bit uint8) bool { return state&bit == 0 && p.persons.mark(slot, bit)&bit == 0 }
	if first(seen) {
		one(stands == nameless && state&unreadable != 0, &p.numberless, &p.known)
	}
	if !counts || stands == free {
		return stands
	}
	if first(met) {
		one(stands == objects, &p.goneHere, &p.nobodyHere)
	}
	if first(counted) {
		one(stands == objects, &p.gone, &p.nobody)
	}
	return stands
}

// asks reports whether the recipient asks for a person, by a number of the index.
// The value is plain already.
func (p *indexed) asks(value []byte) bool {
	return p.persons.asks(bytes.TrimSpace(utf8Of(p.encoding, value)))
}

func (p *indexed) withheld() int  { return int(p.gone.Load()) }
func (p *indexed) unmatched() int { return int(p.nobody.Load()) + p.unknownAll.len() }

func (p *indexed) ended() inFile {
	take := func(n *atomic.Int64) int { return int(n.Swap(0)) }
	in := inFile{known: take(&p.known), withheld: take(&p.goneHere), unmatched: take(&p.nobodyHere) + p.unknownHere.count, counted: true}
	in.named = in.known + take(&p.numberless)
	in.persons = in.named + p.unknownHere.len()
	p.unknownHere = newStrangers()
	p.persons.unsee()
	return in
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
