package signed

import (
	"bytes"
	"encoding/hex"
	"errors"
	"strconv"
)

// What is read of an addition to a PDF. It is read by us and not by a library: one
// that is forgiving sees something else than the next one, and here the question is
// whether there can be two opinions.
type (
	// A thing is a name, a word, a text, a number, a ref, a list or a dict; nil is null.
	thing any
	name  string
	text  string
	ref   int // the number of another object
	list  []thing
	dict  map[name]thing
)

// An object is a thing with a number of its own.
type object struct {
	value  thing
	stream bool
	at     int // where it begins; of one within another, as which one
	in     int // the number of the one in which it stands, or 0
	hole   [2]int
	data   [2]int // of a stream: from where to where

	// generation is 0 of all that can be pointed to here; some programs write others,
	// and use them for nothing.
	generation int
}

// Limits of one addition.
const (
	maxNested  = 64
	maxObjects = 20_000
	maxItems   = 200_000 // of a list: the widths of a font
)

var errSyntax = errors.New("something that was added cannot be read")

// A lexer reads things, strictly: what a reader would have to guess is an error.
type lexer struct {
	pdf []byte
	pos int
	// hole is the last hexadecimal string that stood under /Contents in an object's own
	// dictionary.
	hole [2]int
}

// space skips what parts things, and comments. A comment that could be taken for an
// object by a reader that repairs files is an error.
func (l *lexer) space() error {
	for l.pos < len(l.pdf) {
		switch c := l.pdf[l.pos]; {
		case isSpace(c):
			l.pos++
		case c == '%':
			end := bytes.IndexAny(l.pdf[l.pos:], "\r\n")
			if end < 0 {
				end = len(l.pdf) - l.pos
			}
			comment := l.pdf[l.pos : l.pos+end]
			if bytes.HasPrefix(comment, []byte("%%EOF")) {
				return nil
			}
			if bytes.Contains(comment, []byte("obj")) || bytes.Contains(comment, []byte("trailer")) || bytes.Contains(comment, []byte("xref")) || len(comment) > 200 {
				return errSyntax
			}
			l.pos += end
		default:
			return nil
		}
	}
	return nil
}

func isSpace(c byte) bool {
	return c == 0 || c == '\t' || c == '\n' || c == '\f' || c == '\r' || c == ' '
}

func isDelimiter(c byte) bool { return bytes.IndexByte([]byte("()<>[]{}/%"), c) >= 0 }

// has takes a mark if it stands here, behind spaces.
func (l *lexer) has(mark string) bool {
	was := l.pos
	if l.space() == nil && bytes.HasPrefix(l.pdf[l.pos:], []byte(mark)) {
		end := l.pos + len(mark)
		last := mark[len(mark)-1]
		if isDelimiter(last) || end == len(l.pdf) || isSpace(l.pdf[end]) || isDelimiter(l.pdf[end]) {
			l.pos = end
			return true
		}
	}
	l.pos = was
	return false
}

// whole reads a number without sign or point.
func (l *lexer) whole() (int, error) {
	if err := l.space(); err != nil {
		return 0, err
	}
	from := l.pos
	for l.pos < len(l.pdf) && l.pdf[l.pos] >= '0' && l.pdf[l.pos] <= '9' {
		l.pos++
	}
	if l.pos == from || l.pos-from > 10 || l.pos < len(l.pdf) && !isSpace(l.pdf[l.pos]) && !isDelimiter(l.pdf[l.pos]) {
		return 0, errSyntax
	}
	return strconv.Atoi(string(l.pdf[from:l.pos]))
}

// thing reads one.
func (l *lexer) thing(deep int) (thing, error) {
	if err := l.space(); err != nil {
		return nil, err
	}
	if deep > maxNested || l.pos >= len(l.pdf) {
		return nil, errSyntax
	}
	switch rest := l.pdf[l.pos:]; {
	case bytes.HasPrefix(rest, []byte("<<")):
		l.pos += 2
		return l.dict(deep)
	case rest[0] == '[':
		l.pos++
		return l.list(deep)
	case rest[0] == '<':
		return l.hexadecimal()
	case rest[0] == '(':
		return l.text()
	case rest[0] == '/':
		return l.name()
	case rest[0] >= '0' && rest[0] <= '9':
		if r, ok := l.ref(); ok {
			return r, nil
		}
	}
	return l.word()
}

// ref reads "12 0 R". An object of another generation is none that we know.
func (l *lexer) ref() (ref, bool) {
	was := l.pos
	n, err := l.whole()
	if err == nil {
		generation, err := l.whole()
		if err == nil && generation == 0 && l.has("R") {
			return ref(n), true
		}
	}
	l.pos = was
	return 0, false
}

// word reads a number, true, false or null.
func (l *lexer) word() (thing, error) {
	from := l.pos
	for l.pos < len(l.pdf) && !isSpace(l.pdf[l.pos]) && !isDelimiter(l.pdf[l.pos]) && l.pos-from < 40 {
		l.pos++
	}
	switch word := string(l.pdf[from:l.pos]); word {
	case "true":
		return true, nil
	case "false":
		return false, nil
	case "null":
		return nil, nil
	default:
		for _, c := range []byte(word) {
			if bytes.IndexByte([]byte("0123456789+-."), c) < 0 {
				return nil, errSyntax
			}
		}
		n, err := strconv.ParseFloat(word, 64)
		if err != nil {
			return nil, errSyntax
		}
		return n, nil
	}
}

func (l *lexer) list(deep int) (thing, error) {
	all := list{}
	for !l.has("]") {
		one, err := l.thing(deep + 1)
		if err != nil {
			return nil, err
		}
		if all = append(all, one); len(all) > maxItems {
			return nil, errSyntax
		}
	}
	return all, nil
}

func (l *lexer) dict(deep int) (thing, error) {
	all := dict{}
	for !l.has(">>") {
		if err := l.space(); err != nil {
			return nil, err
		}
		key, err := l.name()
		if err != nil {
			return nil, err
		}
		if _, twice := all[key]; twice {
			return nil, errSyntax // readers differ about which one counts
		}
		if err := l.space(); err != nil {
			return nil, err
		}
		from := l.pos
		value, err := l.thing(deep + 1)
		if err != nil {
			return nil, err
		}
		if key == "Contents" && deep == 0 && l.pdf[from] == '<' {
			l.hole = [2]int{from, l.pos}
		}
		all[key] = value
	}
	return all, nil
}

func (l *lexer) name() (name, error) {
	if l.pos >= len(l.pdf) || l.pdf[l.pos] != '/' {
		return "", errSyntax
	}
	l.pos++
	var said []byte
	for l.pos < len(l.pdf) && !isSpace(l.pdf[l.pos]) && !isDelimiter(l.pdf[l.pos]) {
		c := l.pdf[l.pos]
		if l.pos++; c == '#' {
			var one [1]byte
			if l.pos+2 > len(l.pdf) {
				return "", errSyntax
			}
			if _, err := hex.Decode(one[:], l.pdf[l.pos:l.pos+2]); err != nil {
				return "", errSyntax
			}
			c, l.pos = one[0], l.pos+2
		}
		said = append(said, c)
	}
	return name(said), nil
}

func (l *lexer) hexadecimal() (thing, error) {
	end := bytes.IndexByte(l.pdf[l.pos:], '>')
	if end < 0 {
		return nil, errSyntax
	}
	digits := bytes.Map(func(r rune) rune {
		if r < 128 && isSpace(byte(r)) {
			return -1
		}
		return r
	}, l.pdf[l.pos+1:l.pos+end])
	if len(digits)%2 == 1 {
		digits = append(bytes.Clone(digits), '0')
	}
	said := make([]byte, len(digits)/2)
	if _, err := hex.Decode(said, digits); err != nil {
		return nil, errSyntax
	}
	l.pos += end + 1
	return text(said), nil
}

// text reads a text in brackets.
func (l *lexer) text() (thing, error) {
	said, open := []byte{}, 0
	for ; l.pos < len(l.pdf); l.pos++ {
		c := l.pdf[l.pos]
		switch c {
		case '\\':
			l.pos++
			said = l.escape(said)
			continue
		case '(':
			if open++; open == 1 {
				continue
			}
		case ')':
			if open--; open == 0 {
				l.pos++
				return text(said), nil
			}
		}
		said = append(said, c)
	}
	return nil, errSyntax
}

// escape reads what stands behind a backslash, up to its last byte.
func (l *lexer) escape(said []byte) []byte {
	if l.pos >= len(l.pdf) {
		return said
	}
	c := l.pdf[l.pos]
	if i := bytes.IndexByte([]byte("nrtbf"), c); i >= 0 {
		return append(said, "\n\r\t\b\f"[i])
	}
	if c == '\n' || c == '\r' { // a line that goes on
		if bytes.HasPrefix(l.pdf[l.pos:], []byte("\r\n")) {
			l.pos++
		}
		return said
	}
	if c < '0' || c > '7' {
		return append(said, c)
	}
	n, digits := 0, 0
	for ; digits < 3 && l.pos+digits < len(l.pdf) && l.pdf[l.pos+digits] >= '0' && l.pdf[l.pos+digits] <= '7'; digits++ {
		n = 8*n + int(l.pdf[l.pos+digits]-'0')
	}
	l.pos += digits - 1
	return append(said, byte(n))
}

// object reads "12 0 obj … endobj".
func (l *lexer) object() (number int, o object, err error) {
	if err := l.space(); err != nil {
		return 0, o, err
	}
	o.at = l.pos
	if number, err = l.whole(); err != nil {
		return 0, o, err
	}
	if o.generation, err = l.whole(); err != nil || !l.has("obj") {
		return 0, o, errSyntax
	}
	l.hole = [2]int{}
	if o.value, err = l.thing(0); err != nil {
		return 0, o, err
	}
	o.hole = l.hole
	if l.has("stream") {
		o.stream = true
		if o.data, err = l.data(o.value); err != nil {
			return 0, o, err
		}
	}
	if !l.has("endobj") {
		return 0, o, errSyntax
	}
	if o.generation != 0 {
		o.value = nil // whoever points to this number finds nothing
	}
	return number, o, nil
}

// data passes what a stream holds, and says where it is. Its length stands beside it: one that stands
// elsewhere could be changed there.
func (l *lexer) data(of thing) (where [2]int, err error) {
	d, _ := of.(dict)
	length, ok := d["Length"].(float64)
	switch {
	case bytes.HasPrefix(l.pdf[l.pos:], []byte("\r\n")):
		l.pos += 2
	case bytes.HasPrefix(l.pdf[l.pos:], []byte("\n")):
		l.pos++
	default:
		return where, errSyntax
	}
	if !ok || length < 0 || length != float64(int(length)) || int(length) > len(l.pdf)-l.pos {
		return where, errSyntax
	}
	where = [2]int{l.pos, l.pos + int(length)}
	l.pos += int(length)
	if !l.has("endstream") {
		return where, errSyntax
	}
	return where, nil
}
