package documents

import "image"

// A shade is a picture with how light it is around each dot: paper under a lamp is
// lighter on one side, and a photograph has shadows. Black is what is darker than its
// surroundings.
type shade struct {
	grey *image.Gray
	wide int
	high int
	sums []uint32 // of all dots above and to the left, row by row, one row and one dot more
	near int      // half the width of what counts as around a dot

	tries int // to read a code from it
}

// nearness is what part of a picture's longer side counts as around a dot: 6 mm of an
// A4 page, which is eight dots of a code to each side.
const nearness = 50

func newShade(g *image.Gray) *shade {
	s := &shade{grey: g, wide: g.Rect.Dx(), high: g.Rect.Dy()}
	s.near = max(max(s.wide, s.high)/nearness, 8)
	s.sums = make([]uint32, (s.wide+1)*(s.high+1))
	for y := range s.high {
		row := g.Pix[y*g.Stride : y*g.Stride+s.wide]
		above, here := s.sums[y*(s.wide+1):], s.sums[(y+1)*(s.wide+1):]
		var sum uint32
		for x, v := range row {
			sum += uint32(v)
			here[x+1] = above[x+1] + sum
		}
	}
	return s
}

// level is what divides black from white at a dot: a little below the mean around it,
// so that white paper is white. Sums may overflow; their differences do not.
func (s *shade) level(x, y int) float32 {
	x0, x1 := max(x-s.near, 0), min(x+s.near+1, s.wide)
	y0, y1 := max(y-s.near, 0), min(y+s.near+1, s.high)
	w := s.wide + 1
	sum := s.sums[y1*w+x1] - s.sums[y0*w+x1] - s.sums[y1*w+x0] + s.sums[y0*w+x0]
	return float32(sum) / float32((x1-x0)*(y1-y0)) * 0.94
}

// at is how light the picture is between four dots; outside it is white.
func (s *shade) at(x, y float64) float64 {
	x, y = x-0.5, y-0.5
	ix, iy := int(x), int(y)
	if x < 0 || y < 0 || ix+1 >= s.wide || iy+1 >= s.high {
		return 255
	}
	fx, fy := x-float64(ix), y-float64(iy)
	i := iy*s.grey.Stride + ix
	p := s.grey.Pix
	upper := float64(p[i])*(1-fx) + float64(p[i+1])*fx
	lower := float64(p[i+s.grey.Stride])*(1-fx) + float64(p[i+s.grey.Stride+1])*fx
	return upper*(1-fy) + lower*fy
}

// reduced is a picture in fewer dots: each is the mean of a square of the old ones.
func reduced(g *image.Gray, side int) *image.Gray {
	n := (max(g.Rect.Dx(), g.Rect.Dy()) + side - 1) / side
	if n <= 1 {
		return upright(g)
	}
	return shrunk(g, n)
}

func shrunk(g *image.Gray, n int) *image.Gray {
	out := image.NewGray(image.Rect(0, 0, g.Rect.Dx()/n, g.Rect.Dy()/n))
	sums := make([]uint32, out.Rect.Dx())
	for y := range out.Rect.Dy() {
		clear(sums)
		for k := range n {
			row := g.Pix[(y*n+k)*g.Stride:]
			for x := range sums {
				for _, v := range row[x*n : x*n+n] {
					sums[x] += uint32(v)
				}
			}
		}
		to := out.Pix[y*out.Stride:]
		for x, sum := range sums {
			to[x] = uint8(sum / uint32(n*n))
		}
	}
	return out
}

// upright is a picture whose first dot is at 0, 0.
func upright(g *image.Gray) *image.Gray {
	return &image.Gray{Pix: g.Pix, Stride: g.Stride, Rect: image.Rect(0, 0, g.Rect.Dx(), g.Rect.Dy())}
}

// smoothed takes off noise: each dot is the mean of nine, those next to it counting
// more.
func smoothed(g *image.Gray) *image.Gray {
	w, h := g.Rect.Dx(), g.Rect.Dy()
	out := image.NewGray(image.Rect(0, 0, w, h))
	for y := range h {
		a, b, c := g.Pix[max(y-1, 0)*g.Stride:], g.Pix[y*g.Stride:], g.Pix[min(y+1, h-1)*g.Stride:]
		a, b, c = a[:w], b[:w], c[:w]
		to := out.Pix[y*out.Stride : y*out.Stride+w]
		left := uint(a[0]) + 2*uint(b[0]) + uint(c[0])
		mid := left
		for x := range to {
			right := mid
			if x+1 < w {
				right = uint(a[x+1]) + 2*uint(b[x+1]) + uint(c[x+1])
			}
			to[x] = uint8((left + 2*mid + right) / 16)
			left, mid = mid, right
		}
	}
	return out
}

// sharpened takes off blur: each dot is moved away from the mean of those around it,
// by twice as much as it differs.
func sharpened(g *image.Gray) *image.Gray {
	around := smoothed(smoothed(smoothed(g)))
	out := image.NewGray(image.Rect(0, 0, g.Rect.Dx(), g.Rect.Dy()))
	for y := range out.Rect.Dy() {
		for x := range out.Rect.Dx() {
			v := int(g.Pix[y*g.Stride+x])
			out.Pix[y*out.Stride+x] = uint8(min(max(3*v-2*int(around.Pix[y*around.Stride+x]), 0), 255))
		}
	}
	return out
}

// doubled is a picture at twice its size.
func doubled(g *image.Gray) *image.Gray {
	w, h := g.Rect.Dx(), g.Rect.Dy()
	out := image.NewGray(image.Rect(0, 0, 2*w, 2*h))
	for y := range 2 * h {
		near, far := y/2, min(max(y/2-1+2*(y%2), 0), h-1)
		a, b := g.Pix[near*g.Stride:], g.Pix[far*g.Stride:]
		to := out.Pix[y*out.Stride : y*out.Stride+2*w]
		for x := range to {
			n, f := x/2, min(max(x/2-1+2*(x%2), 0), w-1)
			to[x] = uint8((9*uint(a[n]) + 3*uint(a[f]) + 3*uint(b[n]) + uint(b[f])) / 16)
		}
	}
	return out
}
