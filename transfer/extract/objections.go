package extract

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"io"
	"sync"

	"darsd/dars"
)

// Objections are the persons who have objected, exactly. The zero value and nil hold
// nobody.
type Objections struct{ persons numberSet }

// Has reports whether the person of a number has objected.
func (o *Objections) Has(n dars.NHSNumber) bool { return o != nil && o.persons.has(stemOf(n)) }

// among says of each number whether the person has objected, as [numberSet.among].
func (o *Objections) among(asked []stem, in []bool) {
	if o == nil {
		clear(in[:len(asked)])
		return
	}
	o.persons.among(asked, in)
}

// Len counts the persons.
func (o *Objections) Len() int {
	if o == nil {
		return 0
	}
	return o.persons.len
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
	list := list{putter: newPutter(), report: ListReport{Invalid: []BadLine{}}}
	defer list.putter.stop() // also of a list that cannot be read
	sum := sha256.New()
	chunk := make([]byte, readAhead)
	for first := true; ; first = false {
		n, ended, err := fill(r, chunk)
		if err != nil {
			return nil, ListReport{}, err
		}
		text := chunk[:n]
		if first {
			if bytes.HasPrefix(text, []byte("\xff\xfe")) || bytes.HasPrefix(text, []byte("\xfe\xff")) {
				return nil, ListReport{}, dars.Refuse("list-encoding", "", "the list is written in UTF-16: save it as plain text (UTF-8) and load it again")
			}
			text = bytes.TrimPrefix(text, []byte(bom))
		}
		var beside sync.WaitGroup
		beside.Go(func() { sum.Write(chunk[:n]) })
		list.read(text)
		beside.Wait()
		if ended {
			break
		}
	}
	if list.open {
		list.end()
	}
	all := list.putter.stop()
	objections := &Objections{all.set()}
	list.report.Numbers = objections.persons.len
	list.report.Duplicates = all.len - objections.persons.len
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
			if n := fromDigits(text[i : i+digits]); n != 0 {
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

// A putter gathers numbers beside whoever reads them, very many at once.
type putter struct {
	waiting    []stem
	full, free chan []stem
	done       chan struct{}
	stopped    bool
	all        gathering // valid once done is closed
}

// listAtOnce is how many numbers of a list are gathered at once: 4 MB.
const listAtOnce = 1 << 20

func newPutter() *putter {
	p := &putter{full: make(chan []stem), free: make(chan []stem, 2), done: make(chan struct{})}
	p.free <- nil // it grows with the list
	go func() {
		defer close(p.done)
		for numbers := range p.full {
			p.all.add(numbers)
			p.free <- numbers[:0]
		}
	}()
	return p
}

func (p *putter) put(n dars.NHSNumber) {
	if len(p.waiting) == cap(p.waiting) {
		p.room()
	}
	p.waiting = append(p.waiting, stemOf(n))
}

// room makes room for one number more, and hands over those that wait if they are
// enough.
func (p *putter) room() {
	if len(p.waiting) < listAtOnce {
		p.waiting = append(make([]stem, 0, min(8*len(p.waiting)+1024, listAtOnce)), p.waiting...)
		return
	}
	p.full <- p.waiting
	p.waiting = <-p.free
}

// stop gathers the rest, and returns all.
func (p *putter) stop() *gathering {
	if !p.stopped {
		p.stopped = true
		p.full <- p.waiting
		close(p.full)
	}
	<-p.done
	return &p.all
}

// number is [dars.ParseNHSNumber], with a short way for ten plain digits, as
// nearly all are written.
func number(text []byte) (dars.NHSNumber, string) {
	if n := fromDigits(text); n != 0 {
		return n, ""
	}
	return dars.ParseNHSNumber(string(text))
}

// fromDigits reads a number that is written as ten plain digits: the first eight
// are read at once. It returns 0 for any other text.
func fromDigits(text []byte) dars.NHSNumber {
	if len(text) != 10 {
		return 0
	}
	const zeros, high, even = 0x3030303030303030, 0xf0f0f0f0f0f0f0f0, 0x00ff00ff00ff00ff
	eight := binary.LittleEndian.Uint64(text)
	ninth, check := uint64(text[8])-'0', uint64(text[9])-'0'
	if eight&high != zeros || (eight+0x0606060606060606)&high != zeros || ninth > 9 || check > 9 {
		return 0
	}
	digits := eight - zeros // one to a byte, the first in the lowest

	// The sum of modulus 11: the weights meet their digits in the top sixteen bits.
	sum := digits&even*(10<<48|8<<32|6<<16|4)>>48 + digits>>8&even*(9<<48|7<<32|5<<16|3)>>48 + 2*ninth + check

	pairs := digits * (10<<8 | 1) >> 8 & even
	fours := pairs * (100<<16 | 1) >> 16 & 0x0000ffff0000ffff
	n := fours*(10000<<32|1)>>32*100 + ninth*10 + check
	if sum%11 != 0 || n%1111111111 == 0 {
		return 0
	}
	return dars.NHSNumber(n)
}
