package documents

import (
	"cmp"
	"math"
	"slices"
)

// A cornerMark is one of the three squares within squares in the corners of a code
// (ISO/IEC 18004, 6.3.3). Any line through its middle is black, white, black, white and
// black for 1, 1, 3, 1 and 1 dots of the code, however it is turned.
type cornerMark struct {
	x, y   float64
	across float64 // one dot of the code along the row, in dots of the picture
	along  float64 // and along the column
	seen   int     // rows that showed it
}

// maxMarks is how many marks of a picture are looked at: those seen most.
const maxMarks = 36

// marks finds what may be one, best first. Where black becomes white is reckoned
// between the dots of the picture: at 100 dots to the inch one of a code has only two
// or three of them.
func (s *shade) marks() (all []cornerMark) {
	step := 1
	if max(s.wide, s.high) > smallSide {
		step = 2
	}
	edges := make([]float32, 0, 256)
	for y := 0; y < s.high; y += step {
		edges = s.edges(edges[:0], y)
		for i := 0; i+5 < len(edges); i += 2 {
			e := edges[i : i+6]
			if !markLike(e[1]-e[0], e[2]-e[1], e[3]-e[2], e[4]-e[3], e[5]-e[4]) {
				continue
			}
			if m, ok := s.confirm(float64(e[2]+e[3])/2, float64(y)+0.5, float64(e[5]-e[0])/7); ok {
				all = gathered(all, m)
			}
		}
	}
	all = slices.DeleteFunc(all, func(m cornerMark) bool { return float64(m.seen*step) < 0.8*m.along })
	slices.SortStableFunc(all, func(a, b cornerMark) int { return cmp.Compare(b.seen, a.seen) })
	return all[:min(len(all), maxMarks)]
}

// edges are where a row goes from white to black, and back, in turn.
func (s *shade) edges(edges []float32, y int) []float32 {
	row := s.grey.Pix[y*s.grey.Stride : y*s.grey.Stride+s.wide]
	w := s.wide + 1
	y0, y1 := max(y-s.near, 0), min(y+s.near+1, s.high)
	upper, lower := s.sums[y0*w:y0*w+w], s.sums[y1*w:y1*w+w]
	black := false
	var before float32 // how much lighter than the level the dot before was
	for x, v := range row {
		x0, x1 := max(x-s.near, 0), min(x+s.near+1, s.wide)
		mean := float32(lower[x1]-upper[x1]-lower[x0]+upper[x0]) / float32((x1-x0)*(y1-y0))
		over := float32(v) - mean*0.94
		if x == 0 {
			before = max(over, 1)
		}
		if black != (over < 0) {
			edges = append(edges, float32(x)-0.5+before/(before-over)) // middles of dots stand at halves
			black = !black
		}
		before = over
	}
	if black {
		edges = append(edges, float32(s.wide))
	}
	return edges
}

// markLike reports whether five widths are as 1, 1, 3, 1 and 1. Scanners and printers
// make black wider or thinner at the cost of white.
func markLike(a, b, c, d, e float32) bool {
	one := (a + b + c + d + e) / 7
	if one < 1 || one > 60 {
		return false
	}
	near := func(width, dots float32) bool {
		off := width/one - dots
		return off < 0.75 && off > -0.75
	}
	return near(a, 1) && near(e, 1) && near(b, 1) && near(d, 1) && c > 1.9*one && c < 4.1*one &&
		near((a+b+d+e)/4, 1) && a < 3*e && e < 3*a && b < 3*d && d < 3*b
}

// confirm looks at the column through the middle of what a row showed, and at the row
// through its middle again.
func (s *shade) confirm(x, y, one float64) (cornerMark, bool) {
	_, top, bottom, ok := s.through(x, y, 0, 1, one)
	if !ok {
		return cornerMark{}, false
	}
	y += (top + bottom) / 2
	across, left, right, ok := s.through(x, y, 1, 0, one)
	if !ok {
		return cornerMark{}, false
	}
	x += (left + right) / 2
	along, top, bottom, ok := s.through(x, y, 0, 1, one)
	if !ok || along > 2.2*across || across > 2.2*along {
		return cornerMark{}, false
	}
	return cornerMark{x: x, y: y + (top+bottom)/2, across: across, along: along, seen: 1}, true
}

// through follows a line from the middle of a mark to both sides, and returns how wide
// one dot is on it and where its innermost square ends.
func (s *shade) through(x, y, dx, dy, one float64) (dot, before, behind float64, ok bool) {
	a, okA := s.outwards(x, y, -dx, -dy, 6*one)
	b, okB := s.outwards(x, y, dx, dy, 6*one)
	if !okA || !okB || !markLike(float32(a[2]-a[1]), float32(a[1]-a[0]), float32(a[0]+b[0]), float32(b[1]-b[0]), float32(b[2]-b[1])) {
		return 0, 0, 0, false
	}
	// The outer edge is nearer to the next code's dots than to the middle: the mean of
	// all three edges is steadier than any.
	middle := ((b[0] - a[0]) + (b[1] - a[1]) + (b[2] - a[2])) / 6
	return (a[2] + b[2]) / 7, middle - (a[0]+b[0])/2, middle + (a[0]+b[0])/2, true
}

// outwards is how far from a black spot a line becomes white, black, and white again.
func (s *shade) outwards(x, y, dx, dy, far float64) (edges [3]float64, ok bool) {
	const stride = 0.5
	n := 0
	before := 0.0
	for d := 0.0; d < far && n < 3; d += stride {
		px, py := x+d*dx, y+d*dy
		if px < 0 || py < 0 || px >= float64(s.wide) || py >= float64(s.high) {
			return edges, false
		}
		over := s.at(px, py) - float64(s.level(int(px), int(py)))
		if d == 0 && over >= 0 {
			return edges, false
		}
		if white := n%2 == 0; (over >= 0) == white && d > 0 {
			edges[n] = d - stride*over/(over-before)
			n++
		}
		before = over
	}
	return edges, n == 3
}

// gathered adds a mark to those that were found, unless it is one of them.
func gathered(all []cornerMark, m cornerMark) []cornerMark {
	for i := range all {
		o := &all[i]
		if math.Abs(o.x-m.x) < 1.5*o.across && math.Abs(o.y-m.y) < 1.5*o.along {
			n := float64(o.seen)
			o.x, o.y = (o.x*n+m.x)/(n+1), (o.y*n+m.y)/(n+1)
			o.across, o.along = (o.across*n+m.across)/(n+1), (o.along*n+m.along)/(n+1)
			o.seen++
			return all
		}
	}
	if len(all) == 4*maxMarks {
		return all
	}
	return append(all, m)
}

// A triple is three marks, by their numbers, that may be those of one code: the one at
// its corner, and the two next to it, clockwise.
type triple struct {
	corner, right, below int
	off                  float64 // how far it is from square
}

// triples are the triples that may be a code, squarest first.
func triples(marks []cornerMark) (all []triple) {
	for c := range marks {
		for r := range marks {
			for b := range marks {
				if c == r || c == b || r == b {
					continue
				}
				if off, ok := squareness(marks[c], marks[r], marks[b]); ok {
					all = append(all, triple{c, r, b, off})
				}
			}
		}
	}
	slices.SortStableFunc(all, func(a, b triple) int { return cmp.Compare(a.off, b.off) })
	return all[:min(len(all), 4*maxMarks)]
}

// squareness refuses three marks that cannot be a code's, even in a photograph.
func squareness(c, r, b cornerMark) (off float64, ok bool) {
	rx, ry, bx, by := r.x-c.x, r.y-c.y, b.x-c.x, b.y-c.y
	right, below := math.Hypot(rx, ry), math.Hypot(bx, by)
	if turn := rx*by - ry*bx; turn <= 0 { // y counts down: clockwise
		return 0, false
	}
	slant := math.Abs(rx*bx+ry*by) / (right * below)
	uneven := math.Abs(math.Log(right / below))
	sizes := max(c.dot(rx, ry), r.dot(rx, ry), b.dot(rx, ry)) / min(c.dot(rx, ry), r.dot(rx, ry), b.dot(rx, ry))
	if slant > 0.45 || uneven > 0.45 || sizes > 1.7 {
		return 0, false
	}
	if dots := right / c.dot(rx, ry); dots < 10 || dots > 50 {
		return 0, false
	}
	return slant + uneven + sizes - 1, true
}

// dot is how wide one dot of the code is, if its rows run in a direction: a row of the
// picture crosses a turned mark aslant.
func (m cornerMark) dot(dx, dy float64) float64 {
	far := math.Hypot(dx, dy)
	return (m.across + m.along) / 2 * max(math.Abs(dx), math.Abs(dy)) / far
}
