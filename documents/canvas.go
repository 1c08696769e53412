package documents

import (
	"math"
	"strconv"
)

// A canvas is a page while it is drawn: the operators of its content (ISO 32000-1,
// annex A). Places are in millimetres from the left top corner. Colours, lines and
// letters stay as they were set last, and are written only when they change.
type canvas struct {
	content []byte
	letters typecase
	now     hand
}

// A hand is what the next stroke looks like.
type hand struct {
	fill, stroke colour
	thick        float64 // mm
	style        style
	size         float64 // points
}

// nothing is a hand that has not drawn yet.
var nothing = hand{fill: colour{-1}, stroke: colour{-1}, thick: -1, style: "none"}

func newCanvas(letters typecase) *canvas { return &canvas{letters: letters, now: nothing} }

// clear makes room for the next page.
func (c *canvas) clear() { c.content, c.now = c.content[:0], nothing }

// raw writes operators as they are.
func (c *canvas) raw(operators string) { c.content = append(c.content, operators...) }

// numbers writes numbers with at most three decimals, each with a space behind it.
func (c *canvas) numbers(all ...float64) {
	for _, v := range all {
		c.content = append(appendNumber(c.content, v), ' ')
	}
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

func (c *canvas) colour(of colour, operator string) {
	c.numbers(float64(of[0])/255, float64(of[1])/255, float64(of[2])/255)
	c.raw(operator)
}

func (c *canvas) fillWith(of colour) {
	if c.now.fill != of {
		c.now.fill = of
		c.colour(of, "rg\n")
	}
}

func (c *canvas) strokeWith(of colour, thick float64) {
	if c.now.stroke != of {
		c.now.stroke = of
		c.colour(of, "RG\n")
	}
	if c.now.thick != thick {
		c.now.thick = thick
		c.numbers(thick * pointsPerMM)
		c.raw("w\n")
	}
}

// write makes letters; y is their foot.
func (c *canvas) write(p pen, x, y float64, text string) {
	if text == "" {
		return
	}
	c.fillWith(p.colour)
	c.raw("BT ")
	if c.now.style != p.style || c.now.size != p.size {
		c.now.style, c.now.size = p.style, p.size
		c.raw("/F" + string(p.style) + " ")
		c.numbers(p.size)
		c.raw("Tf ")
	}
	c.numbers(x*pointsPerMM, (pageHigh-y)*pointsPerMM)
	c.raw("Td (")
	used := c.letters[p.style]
	for _, r := range text {
		n := used.number(r)
		c.content = appendByte(appendByte(c.content, byte(n>>8)), byte(n))
	}
	c.raw(") Tj ET\n")
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
	c.numbers(x*pointsPerMM, (pageHigh-y)*pointsPerMM)
	c.raw("m ")
	c.numbers(to*pointsPerMM, (pageHigh-y)*pointsPerMM)
	c.raw("l S\n")
}

// fill fills a rectangle.
func (c *canvas) fill(of colour, x, y, w, h float64) {
	c.fillWith(of)
	c.rectangle(x, y, w, h)
	c.raw("f\n")
}

// frame draws the edge of a rectangle.
func (c *canvas) frame(of colour, thick, x, y, w, h float64) {
	c.strokeWith(of, thick)
	c.rectangle(x, y, w, h)
	c.raw("S\n")
}

// rectangle adds one to the path.
func (c *canvas) rectangle(x, y, w, h float64) {
	c.numbers(x*pointsPerMM, (pageHigh-y-h)*pointsPerMM, w*pointsPerMM, h*pointsPerMM)
	c.raw("re ")
}

// turned draws with everything turned to the left around a point.
func (c *canvas) turned(degrees, x, y float64, draw func()) {
	sin, cos := math.Sincos(degrees * math.Pi / 180)
	x, y = x*pointsPerMM, (pageHigh-y)*pointsPerMM
	before := c.now
	c.raw("q ")
	c.numbers(cos, sin, -sin, cos, x-x*cos+y*sin, y-x*sin-y*cos)
	c.raw("cm\n")
	draw()
	c.raw("Q\n")
	c.now = before
}

// picture puts the logo into a rectangle.
func (c *canvas) picture(l *logo, x, y float64) {
	c.raw("q ")
	c.numbers(l.wide*pointsPerMM, 0, 0, l.high*pointsPerMM, x*pointsPerMM, (pageHigh-y-l.high)*pointsPerMM)
	c.raw("cm /Logo Do Q\n")
}
