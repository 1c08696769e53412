package signed

import (
	"bytes"
	"compress/zlib"
	"io"
)

// A box is a part of a page, in points from its lower left.
type box struct{ left, low, right, high float64 }

func (b box) meets(o box) bool {
	return b.left < o.right && o.left < b.right && b.low < o.high && o.low < b.high
}

func (b box) size() float64 { return (b.right - b.left) * (b.high - b.low) }

// boxOf reads a rectangle, whichever of its corners are given.
func boxOf(l list) (b box, ok bool) {
	var n [4]float64
	if len(l) != len(n) {
		return b, false
	}
	for i, t := range l {
		if n[i], ok = t.(float64); !ok {
			return b, false
		}
	}
	return box{min(n[0], n[2]), min(n[1], n[3]), max(n[0], n[2]), max(n[1], n[3])}, true
}

// wide is how wide a letter is taken to be, by its height: most are less.
const wide = 0.62

// maxDrawn is how many bytes of drawing a page of ours has at most.
const maxDrawn = 8 << 20

// words are where the words of a page of ours stand. A signature with a picture that
// lies on them could make them say something else. It reads the paper as it was
// issued, and nothing that was added; of what it cannot read, words are everywhere.
func (g *growth) words(page int) (all []box) {
	d := view{g, 0}.dict(ref(page))
	drawn, ok := d["Contents"].(ref)
	if !ok {
		return everywhere
	}
	o := g.base[int(drawn)]
	content := g.pdf[o.data[0]:o.data[1]]
	if head, _ := o.value.(dict); head["Filter"] == name("FlateDecode") {
		z, err := zlib.NewReader(bytes.NewReader(content))
		if err != nil {
			return everywhere
		}
		if content, err = io.ReadAll(io.LimitReader(z, maxDrawn+1)); err != nil || len(content) > maxDrawn {
			return everywhere
		}
	}
	return wordsIn(content)
}

var everywhere = []box{{-1e9, -1e9, 1e9, 1e9}}

// wordsIn reads a drawing as the office's papers have them: each piece of words is set
// at a place of its own.
func wordsIn(drawing []byte) (all []box) {
	var args list
	var x, y, size float64
	l := &lexer{pdf: drawing}
	for l.space() == nil && l.pos < len(drawing) {
		c := drawing[l.pos]
		if isDelimiter(c) || c >= '0' && c <= '9' || c == '-' || c == '.' {
			t, err := l.thing(0)
			if err != nil {
				return everywhere
			}
			args = append(args, t)
			continue
		}
		from := l.pos
		for l.pos < len(drawing) && !isSpace(drawing[l.pos]) && !isDelimiter(drawing[l.pos]) {
			l.pos++
		}
		switch op := string(drawing[from:l.pos]); op {
		case "BT":
			x, y = 0, 0
		case "Tf":
			size, _ = operand(args, 1).(float64)
		case "Td":
			right, _ := operand(args, 2).(float64)
			up, _ := operand(args, 1).(float64)
			x, y = x+right, y+up
		case "Tj":
			letters, _ := operand(args, 1).(text)
			all = append(all, box{x, y - size/5, x + float64(len(letters))/2*size*wide, y + size*3/4}) // two bytes each in our fonts
		case "Tm", "TJ", "T*", "'", "\"", "TD":
			return everywhere
		}
		args = nil
	}
	return all
}

// operand is the nth before an operator, from its end.
func operand(args list, n int) thing {
	if n > len(args) {
		return nil
	}
	return args[len(args)-n]
}
