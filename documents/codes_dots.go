package documents

import (
	"math"
	"slices"

	"github.com/makiuchi-d/gozxing"
	qrcode "github.com/makiuchi-d/gozxing/qrcode/decoder"
)

// The sizes of codes that are looked for, in dots: versions 2 to 6 of ISO/IEC 18004.
// What a page of ours says fits into 3 or 4.
var codeSizes = []int{29, 33, 25, 37, 41}

// read returns what a code says, if there is one between three marks.
func (s *shade) read(c, r, b cornerMark) string {
	dot := (c.dot(r.x-c.x, r.y-c.y) + r.dot(r.x-c.x, r.y-c.y) + b.dot(b.x-c.x, b.y-c.y)) / 3
	wide := (math.Hypot(r.x-c.x, r.y-c.y)+math.Hypot(b.x-c.x, b.y-c.y))/2/dot + 7
	sizes := slices.Clone(codeSizes)
	slices.SortStableFunc(sizes, func(a, b int) int {
		return int(math.Abs(float64(a)-wide)*10) - int(math.Abs(float64(b)-wide)*10)
	})
	for _, n := range sizes[:3] {
		if !s.timed(c, r, b, n) {
			continue
		}
		if s.tries == maxTries {
			return ""
		}
		s.tries++
		for _, fourth := range s.fourths(c, r, b, n) {
			frame, ok := framed(n, c, r, b, fourth)
			if !ok {
				continue
			}
			if says := decoded(s.dots(frame, n)); says != "" {
				return says
			}
		}
	}
	return ""
}

// maxTries is how often one look at a picture tries to read a code. A page of ours has
// one, a sheet of them a few; noise has corner marks without end.
const maxTries = 2 * maxCodesAPage

// timed reports whether black and white dots take turns between the corner marks, as
// they do in every code (ISO/IEC 18004, 6.3.5). It costs little, and is so in one of
// many chance marks.
func (s *shade) timed(c, r, b cornerMark, n int) bool {
	span := float64(n - 7)
	rx, ry, bx, by := (r.x-c.x)/span, (r.y-c.y)/span, (b.x-c.x)/span, (b.y-c.y)/span
	turns, right := 0, 0
	for _, way := range [2][4]float64{{rx, ry, bx, by}, {bx, by, rx, ry}} {
		var before float64
		for i := 4; i < n-10; i++ { // in dots from the middle of the corner mark, along and across
			var light float64
			for _, d := range [5][2]float64{{0, 0}, {0.2, 0}, {-0.2, 0}, {0, 0.2}, {0, -0.2}} {
				along, across := float64(i)+d[0], 3+d[1]
				light += s.at(c.x+along*way[0]+across*way[2], c.y+along*way[1]+across*way[3])
			}
			if i > 4 {
				turns++
				if (light > before) == (i%2 == 0) {
					right++
				}
			}
			before = light
		}
	}
	return 10*right >= 7*turns
}

// fourths are where the small square may be that stands before the corner without a
// mark: the two likeliest places, and where it would be if nothing were slanted.
func (s *shade) fourths(c, r, b cornerMark, n int) []spot {
	// In units of the code's dots, the marks are 3.5 from its edges and the small square
	// is 6.5 from the two far ones.
	span := float64(n - 7)
	rx, ry, bx, by := (r.x-c.x)/span, (r.y-c.y)/span, (b.x-c.x)/span, (b.y-c.y)/span
	plain := spot{c.x + (rx+bx)*(span-3), c.y + (ry+by)*(span-3)}
	type place struct {
		spot
		fits float64
	}
	var all []place
	const far, step = 5, 0.5
	for u := -far; u <= far*1; u++ {
		for v := -far; v <= far; v++ {
			for _, half := range [][2]float64{{0, 0}, {step, 0}, {0, step}, {step, step}} {
				du, dv := float64(u)+half[0], float64(v)+half[1]
				p := spot{plain.x + du*rx + dv*bx, plain.y + du*ry + dv*by}
				all = append(all, place{p, s.smallSquare(p, rx, ry, bx, by) - 2*math.Hypot(du, dv)})
			}
		}
	}
	slices.SortStableFunc(all, func(a, b place) int { return int(b.fits*16) - int(a.fits*16) })
	best := s.settled(all[0].spot, rx, ry, bx, by)
	return []spot{best, plain, s.settled(all[1].spot, rx, ry, bx, by), all[0].spot}
}

// settled moves to the middle of the small square by less than a dot's half.
func (s *shade) settled(p spot, rx, ry, bx, by float64) spot {
	best, fits := p, s.smallSquare(p, rx, ry, bx, by)
	for _, du := range []float64{-0.3, -0.15, 0, 0.15, 0.3} {
		for _, dv := range []float64{-0.3, -0.15, 0, 0.15, 0.3} {
			q := spot{p.x + du*rx + dv*bx, p.y + du*ry + dv*by}
			if f := s.smallSquare(q, rx, ry, bx, by); f > fits {
				best, fits = q, f
			}
		}
	}
	return best
}

// smallSquare is how much lighter the white ring of a small square around a point is
// than what is black of it.
func (s *shade) smallSquare(p spot, rx, ry, bx, by float64) float64 {
	var black, white float64
	for u := -2; u <= 2; u++ {
		for v := -2; v <= 2; v++ {
			light := s.at(p.x+float64(u)*rx+float64(v)*bx, p.y+float64(u)*ry+float64(v)*by)
			if max(u, -u, v, -v) == 1 {
				white += light
			} else {
				black += light
			}
		}
	}
	return white/8 - black/17
}

// A frame takes a place in a code to the picture, as a camera would see it.
type frame [8]float64

func (f frame) at(u, v float64) (x, y float64) {
	w := f[6]*u + f[7]*v + 1
	return (f[0]*u + f[1]*v + f[2]) / w, (f[3]*u + f[4]*v + f[5]) / w
}

// framed solves the eight equations of four points.
func framed(n int, c, r, b cornerMark, fourth spot) (f frame, ok bool) {
	far, small := float64(n)-3.5, float64(n)-6.5
	var m [8][9]float64
	for i, p := range [4][4]float64{{3.5, 3.5, c.x, c.y}, {far, 3.5, r.x, r.y}, {3.5, far, b.x, b.y}, {small, small, fourth.x, fourth.y}} {
		u, v, x, y := p[0], p[1], p[2], p[3]
		m[2*i] = [9]float64{u, v, 1, 0, 0, 0, -u * x, -v * x, x}
		m[2*i+1] = [9]float64{0, 0, 0, u, v, 1, -u * y, -v * y, y}
	}
	for i := range m {
		best := i
		for k := i + 1; k < len(m); k++ {
			if math.Abs(m[k][i]) > math.Abs(m[best][i]) {
				best = k
			}
		}
		m[i], m[best] = m[best], m[i]
		if math.Abs(m[i][i]) < 1e-9 {
			return f, false
		}
		for k := range m {
			if k == i {
				continue
			}
			by := m[k][i] / m[i][i]
			for j := i; j < 9; j++ {
				m[k][j] -= by * m[i][j]
			}
		}
	}
	for i := range f {
		f[i] = m[i][8] / m[i][i]
	}
	return f, true
}

// dots is how light each dot of a code is.
func (s *shade) dots(f frame, n int) [][]float64 {
	all := make([][]float64, n)
	for v := range all {
		all[v] = make([]float64, n)
		for u := range all[v] {
			var sum float64
			for _, du := range []float64{0.3, 0.5, 0.7} {
				for _, dv := range []float64{0.3, 0.5, 0.7} {
					sum += s.at(f.at(float64(u)+du, float64(v)+dv))
				}
			}
			all[v][u] = sum / 9
		}
	}
	return all
}

// decoded returns what dots say. They are black below the middle of all, or of those
// around them where the light is uneven.
func decoded(light [][]float64) string {
	for _, level := range []func([][]float64, int, int) float64{middle(light), around} {
		bits, err := gozxing.NewSquareBitMatrix(len(light))
		if err != nil {
			return ""
		}
		for v, row := range light {
			for u := range row {
				if row[u] < level(light, u, v) {
					bits.Set(u, v)
				}
			}
		}
		if says := decodedBits(bits); says != "" {
			return says
		}
	}
	return ""
}

func decodedBits(bits *gozxing.BitMatrix) (says string) {
	defer func() {
		if recover() != nil {
			says = ""
		}
	}()
	result, err := qrcode.NewDecoder().DecodeWithoutHint(bits)
	if err != nil {
		return ""
	}
	return result.GetText()
}

// middle is the level that divides all dots best into dark ones and light ones, by
// Otsu's method.
func middle(light [][]float64) func([][]float64, int, int) float64 {
	var count [256]float64
	var sum, n float64
	for _, row := range light {
		for _, v := range row {
			count[int(v)]++
			sum += float64(int(v))
			n++
		}
	}
	var best, level, below, dark float64
	for t, c := range count {
		dark += c
		below += float64(t) * c
		if dark == 0 || dark == n {
			continue
		}
		apart := below/dark - (sum-below)/(n-dark)
		if spread := dark * (n - dark) * apart * apart; spread > best {
			best, level = spread, float64(t)+0.5
		}
	}
	return func([][]float64, int, int) float64 { return level }
}

// around is the mean of the darkest and the lightest dot near a dot.
func around(light [][]float64, u, v int) float64 {
	darkest, lightest := 255.0, 0.0
	for y := max(v-4, 0); y <= min(v+4, len(light)-1); y++ {
		for x := max(u-4, 0); x <= min(u+4, len(light)-1); x++ {
			darkest, lightest = min(darkest, light[y][x]), max(lightest, light[y][x])
		}
	}
	return (darkest + lightest) / 2
}
