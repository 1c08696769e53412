package extract

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"io"
	"slices"

	"darsd/dars"
)

// people say what may happen to a row, by the value in its person column.
type people interface {
	// of says where the person of a row stands. Persons are counted as withheld
	// or unmatched if the row counts: rows outside the agreement's dates do not.
	of(value []byte, counts bool) standing
	// withheld and unmatched count persons. Rows without any value in the
	// person column are nobody's, and count as rows only.
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
	unknown                  // to the index: nameless as well
)

// numbered are people whose column holds their NHS number.
type numbered struct {
	objections *Objections
	missing    [][]byte
	gone       numberSet
	invalid    map[string]bool
}

func (p *numbered) of(value []byte, counts bool) standing {
	n, why := number(value)
	switch {
	case none(bare(value), p.missing):
		return nameless
	case why != "":
		if v := bare(value); counts && !none(v, p.missing) && !p.invalid[string(v)] {
			p.invalid[string(v)] = true
		}
		return nameless
	case p.objections.Has(n):
		if counts {
			p.gone.add(n)
		}
		return objects
	}
	return free
}

func (p *numbered) withheld() int       { return p.gone.len }
func (p *numbered) unmatched() int      { return len(p.invalid) }
func (p *numbered) covered() (int, int) { return 0, 0 }

// indexed are people whose column holds a key, which an index file resolves.
type indexed struct {
	missing [][]byte
	keys    map[string]uint32 // into persons
	persons []person

	file           uint16 // the one being read, from 1
	inFile, listed int    // persons in it, and those of them that the index knows
	gone, unclear  int    // persons withheld and unmatched, in all files
}

type person struct {
	standing standing
	counted  bool
	file     uint16 // that named the person last
}

func (p *indexed) of(value []byte, counts bool) standing {
	key := bare(value)
	if none(key, p.missing) {
		return nameless
	}
	who := p.person(key)
	if who.file != p.file {
		who.file = p.file
		p.inFile++
		if who.standing != unknown {
			p.listed++
		}
	}
	stands := who.standing
	if stands == unknown {
		stands = nameless
	}
	if counts && !who.counted && stands != free {
		who.counted = true
		if stands == objects {
			p.gone++
		} else {
			p.unclear++
		}
	}
	return stands
}

func (p *indexed) person(key []byte) *person {
	i, ok := p.keys[string(key)]
	if !ok {
		i = uint32(len(p.persons))
		p.keys[string(key)] = i
		p.persons = append(p.persons, person{standing: unknown})
	}
	return &p.persons[i]
}

func (p *indexed) withheld() int  { return p.gone }
func (p *indexed) unmatched() int { return p.unclear }

func (p *indexed) covered() (persons, known int) {
	persons, known = p.inFile, p.listed
	p.file++
	p.inFile, p.listed = 0, 0
	return persons, known
}

// readIndex reads who the persons of a dataset are. A person may stand in
// several rows, one for each number; one that objects is enough.
func readIndex(source io.Reader, d dars.Dataset, objections *Objections) (*indexed, error) {
	refuse := func(_, sentence string, args ...any) error {
		return dars.Refuse("index-malformed", d.Code, "index of %s (%s): "+sentence, append([]any{d.Code, d.Index.File}, args...)...)
	}
	const about = 64 << 10 // no header is longer
	buffered := bufio.NewReaderSize(source, about)
	if magic, _ := buffered.Peek(2); string(magic) == "\x1f\x8b" {
		unpacked, err := gzip.NewReader(buffered)
		if err != nil {
			return nil, wrong(err, refuse)
		}
		buffered = bufio.NewReaderSize(unpacked, about)
	}
	head, _ := buffered.Peek(about) // an error comes again when the file is read
	if i := bytes.IndexByte(head, '\n'); i >= 0 {
		head = head[:i+1]
	}
	quoted := d.Format.Quoted || bytes.IndexByte(head, '"') >= 0

	var delimiter byte
	for _, c := range []byte(d.Format.Delimiter + ",|\t") {
		rec, err := newRecords(bytes.NewReader(head), c, quoted).next()
		if err == nil && column(names(rec), d.Index.Person) >= 0 && column(names(rec), d.Index.NHSNumber) >= 0 {
			delimiter = c
			break
		}
	}
	if delimiter == 0 {
		return nil, refuse("index-malformed", "its first line does not name the columns %s and %s, with a comma, a bar or a tab between them", d.Index.Person, d.Index.NHSNumber)
	}

	rows := newRecords(buffered, delimiter, quoted)
	rec, err := rows.next()
	if err != nil {
		return nil, wrong(err, refuse)
	}
	width, key, nhs := len(rec.ends), column(names(rec), d.Index.Person), column(names(rec), d.Index.NHSNumber)
	p := &indexed{keys: map[string]uint32{}, missing: missing(d, d.Person), file: 1}
	for {
		rec, err := rows.next()
		if err == io.EOF {
			return p, nil
		}
		if err != nil {
			return nil, wrong(err, refuse)
		}
		if len(rec.ends) != width {
			return nil, refuse("index-malformed", "line %d has %d fields, the header %d", rows.line, len(rec.ends), width)
		}
		name := bare(rec.field(key))
		if none(name, p.missing) {
			continue
		}
		who := p.person(name)
		n, why := number(bare(rec.field(nhs)))
		switch {
		case why == "" && objections.Has(n):
			who.standing = objects
		case why == "" && who.standing != objects:
			who.standing = free
		case who.standing == unknown:
			who.standing = nameless
		}
	}
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

// missing are the values that stand for nothing in a column.
func missing(d dars.Dataset, column string) (values [][]byte) {
	field, _ := d.Field(column)
	for _, v := range field.Missing {
		values = append(values, []byte(v))
	}
	return values
}

func none(value []byte, missing [][]byte) bool {
	return len(value) == 0 || slices.ContainsFunc(missing, func(m []byte) bool { return bytes.Equal(m, value) })
}
