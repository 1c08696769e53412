package extract

import (
	"bytes"
	"cmp"
	"context"
	"hash/maphash"
	"io"
	"math/bits"
	"sync"
	"sync/atomic"

	"darsd/dars"
)

// readIndex reads who the persons of a dataset are. A person may stand in
// several rows, one for each number; one that objects is enough. The file is
// read twice: once to count its lines, so that the memory for ten million
// persons is taken once and not in pieces that double.
func (job *Job) readIndex(ctx context.Context, objections *Objections) (*indexed, error) {
	d := job.Dataset
	refuse := func(rule, sentence string, args ...any) error {
		if rule == "source-malformed" { // as whoever reads it calls it
			rule = "index-malformed"
		}
		return dars.Refuse(rule, d.Code, "index of %s (%s): "+sentence, append([]any{d.Code, d.Index.File}, args...)...)
	}
	most, err := job.countLines(ctx, refuse)
	if err != nil {
		return nil, wrong(err, refuse)
	}
	file, head, err := job.openIndex(d.Index.File)
	if err != nil {
		return nil, wrong(err, refuse)
	}
	defer file.Close()
	format, err := indexFormat(d, head, refuse)
	if err != nil {
		return nil, err
	}

	encoding := cmp.Or(d.Index.Encoding, d.Format.Encoding, "utf-8")
	rows := newRecords(file, format.delimiter, format.quoted)
	rec, err := rows.next()
	switch {
	case err != nil:
		return nil, wrong(err, refuse)
	case isLatin(encoding) && len(rows.mark) > 0:
		return nil, refuse("index-malformed", "it begins with the mark of UTF-8, and the catalogue says windows-1252: say index.encoding: utf-8")
	}
	width, key, nhs := len(rec.ends), column(names(rec), d.Index.Person), column(names(rec), d.Index.NHSNumber)
	p, earlier := newIndexed(d, most), job.earlier()
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
		if rows.line%4096 == 0 {
			if job.tell(); ctx.Err() != nil {
				return nil, context.Cause(ctx)
			}
		}
		if !validIn(encoding, rec.field(key)) || !validIn(encoding, rec.field(nhs)) {
			return nil, refuse("index-malformed", "line %d: its person or number is not written in %s: say what it is under index.encoding (utf-8 or windows-1252)", rows.line, encoding)
		}
		name := keyIn(encoding, rec.field(key)) // a quote in it is written twice in one file, and once in another
		if none(name, p.missing) {
			continue
		}
		stands := nameless
		n, why := numberIn(encoding, bare(rec.field(nhs)))
		if why == "" {
			stands = free
			if objections.Has(n) {
				stands = earlier.standing(n)
			}
		}
		if !p.persons.add(name, stands) {
			return nil, refuse("index-malformed", "it has grown while it was read: package again when it is complete")
		}
		if why == "" && earlier != nil && earlier.changed.has(stemOf(n)) {
			p.change(name, earlier.of(stemOf(n)))
		}
		if why != "" && len(keyIn(encoding, rec.field(nhs))) > 0 {
			p.persons.note(name, unreadable)
		}
		if why == "" && job.asksByNumber() && job.Cohort.HasNumber(n) {
			p.persons.note(name, asked)
		}
	}
}

// change notes that one number of a person stands otherwise in some earlier list.
func (p *indexed) change(name []byte, in uint64) {
	slot, _ := p.persons.find(p.persons.hash(name))
	who := uint64(slot) + 1
	before, known := p.changed[who]
	if !known {
		before = allLists
	}
	p.changed[who] = before & in
}

// maxIndex is in lines: four times a large country. A small file that unpacks to
// billions must not take the memory for as many persons.
const maxIndex = 250_000_000

func (job *Job) countLines(ctx context.Context, refuse refusing) (n int, err error) {
	file, _, err := job.openIndex(job.Dataset.Index.File)
	if err != nil {
		return 0, err
	}
	defer file.Close()
	block := make([]byte, readAhead)
	for n = 1; ; { // the last may have no end
		size, ended, err := fill(file, block)
		if n += bytes.Count(block[:size], []byte("\n")); ended || err != nil {
			return n, err
		}
		if n > maxIndex {
			return n, refuse("index-malformed", "it has more than %d lines", maxIndex)
		}
		if job.tell(); ctx.Err() != nil {
			return 0, context.Cause(ctx)
		}
	}
}

// indexFormat says how an index is written, by its first line.
func indexFormat(d dars.Dataset, head []byte, refuse refusing) (dialect, error) {
	quoted := d.Format.Quoted || bytes.IndexByte(head, '"') >= 0
	for _, c := range []byte(d.Format.Delimiter + ",|\t") {
		rec, err := newRecords(bytes.NewReader(head), c, quoted).next()
		if err != nil {
			continue
		}
		all := names(rec)
		if column(all, d.Index.Person) < 0 || column(all, d.Index.NHSNumber) < 0 {
			continue
		}
		for _, name := range []string{d.Index.Person, d.Index.NHSNumber} {
			first := column(all, name)
			if second := column(all[first+1:], name); second >= 0 {
				return dialect{}, refuse("column-twice", "line 1: columns %d and %d have the same name, %s", first+1, first+second+2, name)
			}
		}
		return dialect{c, quoted}, nil
	}
	return dialect{}, refuse("index-malformed", "its first line does not name the columns %s and %s, with a comma, a bar or a tab between them", d.Index.Person, d.Index.NHSNumber)
}

// A register holds the standing of millions of persons, by their keys. It keeps
// 96 bits of a key's hash and not the key: thirteen bytes a person and a
// quarter more, 160 MB for ten million, whatever their keys are. The seeds are
// new in each run; that two of ten million keys are taken for one happens once
// in 10^15 runs, more rarely than a disk gives back a wrong byte.
type register struct {
	seeds  [2]maphash.Seed
	first  []uint64 // of the hash
	second []uint32
	states []uint32 // four to a word
	len    int
}

// A state is one byte for each slot: the standing, and what has been seen.
const (
	standingBits = 3      // of a standing
	unreadable   = 1 << 2 // there stands a number that is none, and not nothing
	met          = 1 << 3 // counted as withheld or unmatched in the file that is being read
	asked        = 1 << 4 // for, by the recipient's cohort
	counted      = 1 << 5 // as withheld or unmatched in any file
	seen         = 1 << 6 // in the file that is being read
	there        = 1 << 7 // else the slot is empty
)

func newRegister(most int) *register {
	slots := most + most/4 + 1
	return &register{
		seeds: [2]maphash.Seed{maphash.MakeSeed(), maphash.MakeSeed()},
		first: make([]uint64, slots), second: make([]uint32, slots), states: make([]uint32, slots/4+1),
	}
}

func (r *register) hash(key []byte) (first uint64, second uint32) {
	return maphash.Bytes(r.seeds[0], key), uint32(maphash.Bytes(r.seeds[1], key))
}

// find returns the slot of a hash, or the empty one where it would be.
func (r *register) find(first uint64, second uint32) (slot int, found bool) {
	high, _ := bits.Mul64(first, uint64(len(r.first)))
	for slot = int(high); ; slot = (slot + 1) % len(r.first) {
		switch {
		case r.state(slot)&there == 0:
			return slot, false
		case r.first[slot] == first && r.second[slot] == second:
			return slot, true
		}
	}
}

// add says one thing more of a person: one number that objects is enough, and
// one that is valid makes a person known. It reports false if there is no room.
func (r *register) add(key []byte, stands standing) bool {
	first, second := r.hash(key)
	slot, found := r.find(first, second)
	if !found {
		if r.len++; r.len == len(r.first) {
			return false
		}
		r.first[slot], r.second[slot] = first, second
		r.mark(slot, there|uint8(stands))
		return true
	}
	was := standing(r.state(slot) & standingBits)
	if weight[stands] > weight[was] {
		word, shift := slot/4, slot%4*8
		r.states[word] = r.states[word]&^(standingBits<<shift) | uint32(stands)<<shift
	}
	return true
}

// note sets bits of somebody's state.
func (r *register) note(key []byte, bits uint8) {
	if slot, found := r.find(r.hash(key)); found {
		r.mark(slot, bits)
	}
}

// asks reports whether it does.
func (r *register) asks(key []byte) bool {
	slot, found := r.find(r.hash(key))
	return found && r.state(slot)&asked != 0
}

// state may be asked for while others mark.
func (r *register) state(slot int) uint8 {
	return uint8(atomic.LoadUint32(&r.states[slot/4]) >> (slot % 4 * 8))
}

// mark sets bits of a slot's state, and returns what it was before.
func (r *register) mark(slot int, bits uint8) (was uint8) {
	shift := slot % 4 * 8
	return uint8(atomic.OrUint32(&r.states[slot/4], uint32(bits)<<shift) >> shift)
}

// unsee forgets who was seen, for the next file.
func (r *register) unsee() {
	for i := range r.states {
		r.states[i] &^= (seen | met) * 0x01010101
	}
}

// strangers are distinct values that nobody knows, counted up to a limit: a
// source of rubbish must not fill the memory. Many may add at once.
type strangers struct {
	mu     sync.Mutex
	seed   maphash.Seed
	hashes map[uint64]struct{} // the last bit of each says whether a row of it counts
	count  int                 // of those
}

// maxStrangers takes 100 MB of memory at most. An index to which so many are
// unknown would have to name 80 million others to be complete enough.
const maxStrangers = 1 << 22

func newStrangers() *strangers {
	return &strangers{seed: maphash.MakeSeed(), hashes: map[uint64]struct{}{}}
}

// add notes a value, and whether its row counts; one that does is enough.
func (s *strangers) add(value []byte, counts bool) {
	without := maphash.Bytes(s.seed, value) &^ 1
	with := without | 1
	s.mu.Lock()
	defer s.mu.Unlock()
	if _, known := s.hashes[with]; known {
		return
	}
	if _, known := s.hashes[without]; known && !counts || !known && len(s.hashes) >= maxStrangers {
		return
	}
	if !counts {
		s.hashes[without] = struct{}{}
		return
	}
	delete(s.hashes, without)
	s.hashes[with] = struct{}{}
	s.count++
}

func (s *strangers) len() int { return len(s.hashes) }
