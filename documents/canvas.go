package documents

import (
	"bytes"
	"fmt"
	"math"
	"strconv"

	"github.com/jung-kurt/gofpdf"
)

// A canvas is a paper while it is drawn. The library makes its pages, lines, shapes
// and pictures. Letters are put into its pages by us, with fonts that are read once
// and not anew for each paper (see typecase). Places are in millimetres from the left
// top corner. Colours and lines stay as they were set last on a page, and are said
// only when they change.
type canvas struct {
	pdf     *gofpdf.Fpdf
	letters typecase
	now     hand
	said    []byte // operators that are being put together
}

// A hand is what the next stroke looks like.
type hand struct {
	fill, stroke colour
	thick        float64 // mm
}

// nothing is a hand that has not drawn yet.
var nothing = hand{fill: colour{-1}, stroke: colour{-1}, thick: -1}

func newCanvas() *canvas {
	c := &canvas{pdf: gofpdf.New("P", "mm", "A4", ""), letters: newTypecase()}
	c.pdf.SetCatalogSort(true) // else pictures come in another order each time
	c.pdf.SetAutoPageBreak(false, 0)
	c.pdf.SetCompression(false) // it would make a packer of a megabyte for each page
	return c
}

// turn goes on to the next page.
func (c *canvas) turn() {
	c.pdf.AddPage()
	c.now = nothing
}

// finish is the drawn paper as its objects, with the fonts that it uses.
func (c *canvas) finish(to standard) (*file, error) {
	var out bytes.Buffer
	if err := c.pdf.Output(&out); err != nil {
		return nil, err
	}
	f, err := apart(out.Bytes())
	if err != nil {
		return nil, err
	}
	if err := f.packPages(); err != nil {
		return nil, err
	}
	return f, f.useFonts(f.founts(c.letters, to))
}

// raw writes operators as they are.
func (c *canvas) raw(operators string) { c.pdf.RawWriteStr(operators) }

// numbers appends numbers with at most three decimals, each with a space behind it.
func numbers(b []byte, all ...float64) []byte {
	for _, v := range all {
		b = append(appendNumber(b, v), ' ')
	}
	return b
}

// appendNumber writes thousandths as short as they are: PDF knows no exponents.
func appendNumber(b []byte, v float64) []byte {
	n := int64(math.Round(v * 1000))
	if n < 0 {
		b, n = append(b, '-'), -n
	}
	b = strconv.AppendInt(b, n/1000, 10)
	if n %= 1000; n > 0 {
		b = append(b, '.', byte('0'+n/100), byte('0'+n/10%10), byte('0'+n%10))
		for b[len(b)-1] == '0' {
			b = b[:len(b)-1]
		}
	}
	return b
}

func (c *canvas) fillWith(of colour) {
	if c.now.fill != of {
		c.now.fill = of
		c.pdf.SetFillColor(of[0], of[1], of[2])
	}
}

func (c *canvas) strokeWith(of colour, thick float64) {
	if c.now.stroke != of {
		c.now.stroke = of
		c.pdf.SetDrawColor(of[0], of[1], of[2])
	}
	if c.now.thick != thick {
		c.now.thick = thick
		c.pdf.SetLineWidth(thick)
	}
}

// write makes letters; y is their foot.
func (c *canvas) write(p pen, x, y float64, text string) {
	if text == "" {
		return
	}
	c.fillWith(p.colour)
	b := fmt.Appendf(c.said[:0], "BT /F%s ", p.style)
	b = append(numbers(b, p.size), "Tf "...)
	b = append(numbers(b, x*pointsPerMM, (pageHigh-y)*pointsPerMM), "Td ("...)
	used := c.letters[p.style]
	for _, r := range text {
		n := used.number(r)
		b = appendByte(appendByte(b, byte(n>>8)), byte(n))
	}
	c.said = append(b, ") Tj ET"...)
	c.raw(string(c.said))
}

// appendByte writes a byte within the brackets of a string.
func appendByte(b []byte, c byte) []byte {
	switch c {
	case '(', ')', '\\':
		return append(b, '\\', c)
	case '\r':
		return append(b, '\\', 'r') // as it is, it would be read as a line feed
	}
	return append(b, c)
}

// rule draws a level line.
func (c *canvas) rule(of colour, thick, x, y, to float64) {
	c.strokeWith(of, thick)
	c.pdf.Line(x, y, to, y)
}

// fill fills a rectangle.
func (c *canvas) fill(of colour, x, y, w, h float64) {
	c.fillWith(of)
	c.pdf.Rect(x, y, w, h, "F")
}

// frame draws the edge of a rectangle.
func (c *canvas) frame(of colour, thick, x, y, w, h float64) {
	c.strokeWith(of, thick)
	c.pdf.Rect(x, y, w, h, "D")
}

// turned draws with everything turned to the left around a point.
func (c *canvas) turned(degrees, x, y float64, draw func()) {
	before := c.now
	c.pdf.TransformBegin()
	c.pdf.TransformRotate(degrees, x, y)
	draw()
	c.pdf.TransformEnd()
	c.now = before
}

// picture draws the letterhead's logo.
func (c *canvas) picture(l *logo) {
	l.draw(c.pdf)
	c.now = nothing
}
