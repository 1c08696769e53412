package extract

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"io"
	"runtime"
	"sync/atomic"

	"darsd/dars"
)

// Objections are the persons who have objected, exactly: one bit for each
// number. The zero value and nil hold nobody.
type Objections struct{ persons numberSet }

// Has reports whether the person of a number has objected.
func (o *Objections) Has(n dars.NHSNumber) bool { return o.bit(n) == 1 }

// bit is 1 for a person who has objected.
func (o *Objections) bit(n dars.NHSNumber) uint64 {
	if o == nil {
		return 0
	}
	return o.persons.bit(n)
}

// Len counts the persons.
func (o *Objections) Len() int {
	if o == nil {
		return 0
	}
	return o.persons.size()
}

// A ListReport says what was found in a list of objections.
type ListReport struct {
	Lines        int       `json:"lines"`      // as an editor counts them, header and blank ones too
	Numbers      int       `json:"numbers"`    // distinct
	Duplicates   int       `json:"duplicates"` // lines whose number stood before
	Invalid      []BadLine `json:"invalid"`    // the first thousand
	InvalidCount int       `json:"invalid_count"`
	SHA256       string    `json:"sha256"` // of the list's bytes, hex
}

// A BadLine is a line that is no NHS number, and why. It does not repeat the
// line: what is no number may still name a person.
type BadLine struct {
	Line   int    `json:"line"`
	Reason string `json:"reason"`
}

const (
	maxBadLines = 1000
	maxListLine = 1024 // bytes; an NHS number in any spelling is far shorter
)

// ReadList reads a list of objections: one NHS number a line in any spelling
// that [dars.ParseNHSNumber] knows; lines end with LF, CRLF or CR. The first
// line that is not blank is a header if it holds no digit; any other line that
// is no number is counted and reported. It fails if r does, and refuses a text
// in UTF-16, in which every line would be bad.
func ReadList(r io.Reader) (*Objections, ListReport, error) {
	objections := &Objections{}
	list := list{putter: newPutter(&objections.persons), report: ListReport{Invalid: []BadLine{}}}
	defer list.putter.stop() // also of a list that cannot be read
	sum := sha256.New()
	chunk := make([]byte, 64<<10)
	for first := true; ; first = false {
		n, ended, err := fill(r, chunk)
		if err != nil {
			return nil, ListReport{}, err
		}
		sum.Write(chunk[:n])
		text := chunk[:n]
		if first {
			if bytes.HasPrefix(text, []byte("\xff\xfe")) || bytes.HasPrefix(text, []byte("\xfe\xff")) {
				return nil, ListReport{}, dars.Refuse("list-encoding", "", "the list is written in UTF-16: save it as plain text (UTF-8) and load it again")
			}
			text = bytes.TrimPrefix(text, []byte(bom))
		}
		list.read(text)
		if ended {
			break
		}
	}
	if list.open {
		list.end()
	}
	list.report.Duplicates = list.putter.stop()
	list.report.Numbers = objections.persons.size()
	list.report.SHA256 = hex.EncodeToString(sum.Sum(nil))
	return objections, list.report, nil
}

// list is a list of objections while it is read.
type list struct {
	putter *putter
	report ListReport

	line    []byte // so far, and no longer than maxListLine
	long    bool   // the rest of it was longer
	open    bool   // there are bytes after the last line end
	afterCR bool   // a line feed now belongs to the line end before
	begun   bool   // a line that is not blank has been read
}

func (l *list) read(text []byte) {
	for i := 0; i < len(text); i++ {
		// Nearly all lines are ten digits, and taken whole.
		const digits = 10
		if !l.open && i+digits < len(text) && text[i+digits] == '\n' {
			if n, why := number(text[i : i+digits]); why == "" {
				l.putter.put(n)
				l.report.Lines++
				l.begun, l.afterCR = true, false
				i += digits
				continue
			}
		}
		switch c := text[i]; {
		case c == '\n' && l.afterCR:
			l.afterCR = false
		case c == '\n' || c == '\r':
			l.end()
			l.afterCR = c == '\r'
		default:
			l.open, l.afterCR = true, false
			if len(l.line) < maxListLine {
				l.line = append(l.line, c)
			} else {
				l.long = true
			}
		}
	}
}

// end takes a line whole.
func (l *list) end() {
	line, long, begun := l.line, l.long, l.begun
	l.line, l.long, l.open = l.line[:0], false, false
	l.report.Lines++
	if !long && len(bytes.TrimSpace(line)) == 0 {
		return
	}
	l.begun = true
	n, why := number(line)
	if long {
		why = "longer than 1,024 bytes"
	}
	switch {
	case why == "":
		l.putter.put(n)
	case !begun && !long && !bytes.ContainsAny(line, "0123456789"): // the header
	default:
		l.report.InvalidCount++
		if len(l.report.Invalid) < maxBadLines {
			l.report.Invalid = append(l.report.Invalid, BadLine{l.report.Lines, why})
		}
	}
}

// A putter puts numbers into a set beside whoever reads them, and many at once:
// each is a place in memory of its own, and what is put one by one is waited
// for one by one.
type putter struct {
	waiting    []dars.NHSNumber
	full, free chan []dars.NHSNumber
	done       chan struct{}
	stopped    bool
	duplicates int // valid once done is closed
}

func newPutter(into *numberSet) *putter {
	p := &putter{full: make(chan []dars.NHSNumber), free: make(chan []dars.NHSNumber, 2), done: make(chan struct{})}
	p.waiting = make([]dars.NHSNumber, 0, manyNumbers)
	p.free <- make([]dars.NHSNumber, 0, manyNumbers)
	go func() {
		defer close(p.done)
		for numbers := range p.full {
			p.duplicates += len(numbers) - into.put(numbers)
			p.free <- numbers[:0]
		}
	}()
	return p
}

func (p *putter) put(n dars.NHSNumber) {
	if p.waiting = append(p.waiting, n); len(p.waiting) == cap(p.waiting) {
		p.full <- p.waiting
		p.waiting = <-p.free
	}
}

// stop puts the rest, and returns how many numbers were there before.
func (p *putter) stop() (duplicates int) {
	if !p.stopped {
		p.stopped = true
		p.full <- p.waiting
		close(p.full)
	}
	<-p.done
	return p.duplicates
}

// number is [dars.ParseNHSNumber], with a short way for ten plain digits, as
// nearly all are written: the first eight are read at once.
func number(text []byte) (dars.NHSNumber, string) {
	if len(text) != 10 {
		return dars.ParseNHSNumber(string(text))
	}
	const zeros, high, even = 0x3030303030303030, 0xf0f0f0f0f0f0f0f0, 0x00ff00ff00ff00ff
	eight := binary.LittleEndian.Uint64(text)
	ninth, check := uint64(text[8])-'0', uint64(text[9])-'0'
	if eight&high != zeros || (eight+0x0606060606060606)&high != zeros || ninth > 9 || check > 9 {
		return dars.ParseNHSNumber(string(text))
	}
	digits := eight - zeros // one to a byte, the first in the lowest

	// The sum of modulus 11: the weights meet their digits in the top sixteen bits.
	sum := digits&even*(10<<48|8<<32|6<<16|4)>>48 + digits>>8&even*(9<<48|7<<32|5<<16|3)>>48 + 2*ninth + check

	pairs := digits * (10<<8 | 1) >> 8 & even
	fours := pairs * (100<<16 | 1) >> 16 & 0x0000ffff0000ffff
	n := fours*(10000<<32|1)>>32*100 + ninth*10 + check
	if sum%11 != 0 || n%1111111111 == 0 {
		return dars.ParseNHSNumber(string(text))
	}
	return dars.NHSNumber(n), ""
}

// A numberSet holds NHS numbers exactly: one bit for each nine significant
// digits (the tenth follows from them). A short set lies on pages of 8 KiB that
// exist once they are needed, and takes next to nothing; one of thousands lies on
// a plane, and takes 40 to 125 MB. Many may add and ask at once.
type numberSet struct {
	plane atomic.Pointer[plane] // if there is one, pages are of no more use
	pages atomic.Pointer[[pageCount]atomic.Pointer[page]]
	len   atomic.Int64
}

const (
	stems       = 1_000_000_000
	pageBits    = 1 << 16
	pageCount   = stems/pageBits + 1
	manyNumbers = 4096 // put at once
)

type (
	page  [pageBits / 64]uint64
	plane [stems/64 + 1]uint64
)

// bit is 1 for a number that is in the set: many are asked for in a row, and a
// branch after each would wait for its place in memory.
func (s *numberSet) bit(n dars.NHSNumber) uint64 {
	stem := uint64(n) / 10
	if stem >= stems {
		return 0
	}
	if wide := s.plane.Load(); wide != nil {
		is := atomic.LoadUint64(&wide[stem/64]) >> (stem % 64) & 1
		runtime.KeepAlive(s) // and the plane with it
		return is
	}
	pages := s.pages.Load()
	if pages == nil {
		return 0
	}
	p := pages[stem/pageBits].Load()
	if p == nil {
		return 0
	}
	return atomic.LoadUint64(&p[stem%pageBits/64]) >> (stem % 64) & 1
}

// word is where the bit of a stem is.
func (s *numberSet) word(stem uint64) *uint64 {
	if wide := s.plane.Load(); wide != nil {
		return &wide[stem/64]
	}
	if s.pages.Load() == nil {
		s.pages.CompareAndSwap(nil, new([pageCount]atomic.Pointer[page]))
	}
	at := &s.pages.Load()[stem/pageBits]
	if at.Load() == nil {
		at.CompareAndSwap(nil, new(page))
	}
	return &at.Load()[stem%pageBits/64]
}

// put is add for many while nobody else adds, and returns how many are new. A
// list is read by one, and its numbers lie far apart: with a lock for each, or a
// count in memory after each, the processor would wait for one before it goes
// for the next.
func (s *numberSet) put(numbers []dars.NHSNumber) (added int) {
	if len(numbers) >= manyNumbers && s.plane.Load() == nil {
		s.widen()
	}
	for _, n := range numbers {
		stem := uint64(n) / 10
		word, bit := s.word(stem), stem%64
		was := *word
		*word = was | 1<<bit
		added += int(^was >> bit & 1)
	}
	s.len.Add(int64(added))
	return added
}

// add reports whether the number is new.
func (s *numberSet) add(n dars.NHSNumber) bool {
	stem := uint64(n) / 10
	bit := uint64(1) << (stem % 64)
	is := atomic.OrUint64(s.word(stem), bit)&bit != 0
	runtime.KeepAlive(s) // and the plane with it
	if is {
		return false
	}
	s.len.Add(1)
	return true
}

// spread moves what is on pages onto a plane, while nobody else adds.
func (s *numberSet) spread(to *plane) {
	if pages := s.pages.Load(); pages != nil {
		for i := range pages {
			if p := pages[i].Load(); p != nil {
				copy(to[i*len(p):], p[:])
			}
		}
	}
	s.plane.Store(to)
	s.pages.Store(nil)
}

func (s *numberSet) size() int { return int(s.len.Load()) }
