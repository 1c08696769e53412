package signed

import (
	"bytes"

	"github.com/ledongthuc/pdf"
)

// A box is a part of a page, in points from its lower left.
type box struct{ left, low, right, high float64 }

func (b box) meets(o box) bool {
	return b.left < o.right && o.left < b.right && b.low < o.high && o.low < b.high
}

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

// words are where the words of a page of ours stand. A signature with a picture that
// lies on them could make them say something else. It reads the paper as it was
// issued, and nothing that was added.
func (g *growth) words(page int) (all []box) {
	paper := g.pdf[:g.issued]
	file, err := pdf.NewReader(bytes.NewReader(paper), int64(len(paper)))
	if err != nil {
		return everything
	}
	defer func() {
		if recover() != nil { // so does the library say that it cannot read
			all = everything
		}
	}()
	for n, number := range g.pageNumbers() {
		if number == page {
			all = wordsOn(file.Page(n + 1).V.Key("Contents"))
		}
	}
	return all
}

// everything is where words stand on a page that could not be read.
var everything = []box{{-1e9, -1e9, 1e9, 1e9}}

func wordsOn(contents pdf.Value) (all []box) {
	var x, y, size float64
	pdf.Interpret(contents, func(stack *pdf.Stack, op string) {
		args := make([]pdf.Value, stack.Len())
		for i := len(args) - 1; i >= 0; i-- {
			args[i] = stack.Pop()
		}
		switch {
		case op == "BT":
			x, y = 0, 0
		case op == "Tf" && len(args) == 2:
			size = args[1].Float64()
		case op == "Td" && len(args) == 2:
			x, y = x+args[0].Float64(), y+args[1].Float64()
		case op == "Tj" && len(args) == 1:
			letters := float64(len(args[0].RawString())) / 2 // two bytes each in our fonts
			all = append(all, box{x, y - size/5, x + letters*size*wide, y + size*3/4})
		}
	})
	return all
}
