package documents

import "image"

// Whatever a scanner makes of a dark lid or a carpet is grain, in which there are corner
// marks without end by chance. To look for codes in it takes far longer than in a page, and
// there are none: grain that is looked at from further away becomes even, and a code does
// not.
const (
	grainSide   = 600 // squares along the longer side: each is smaller than a dot of a code
	grainAround = 15  // parts of the longer side: in one of those a code is seen
	grainUneven = 6.0 // how much less even than grain a part is that may hold a code; grain has 3 at most, and pages 24 at least
)

// onlyGrain reports whether there can be no code in a picture. Of squares that are grain
// the means vary as much less than the dots within as a square has dots.
func onlyGrain(g *image.Gray) bool {
	n := max(max(g.Rect.Dx(), g.Rect.Dy())/grainSide, 2)
	wide, high := g.Rect.Dx()/n, g.Rect.Dy()/n
	part := max(wide, high) / grainAround
	if part < 4 || part > min(wide, high) {
		return false
	}
	squares := make([]square, wide*high)
	for i := range squares {
		squares[i] = squareAt(g, i%wide*n, i/wide*n, n)
	}
	for y := 0; y+part <= high; y += part / 2 {
		for x := 0; x+part <= wide; x += part / 2 {
			if uneven(squares[y*wide+x:], wide, part, n) > grainUneven {
				return false
			}
		}
	}
	return true
}

// A square is a few dots: how light they are, and how much they vary.
type square struct{ mean, varies float32 }

func squareAt(g *image.Gray, x, y, n int) square {
	var sum, squared int
	for k := range n {
		for _, v := range g.Pix[(y+k)*g.Stride+x:][:n] {
			sum += int(v)
			squared += int(v) * int(v)
		}
	}
	dots := float32(n * n)
	mean := float32(sum) / dots
	return square{mean, float32(squared)/dots - mean*mean}
}

// uneven is how much more the squares of a part vary than if they were grain.
func uneven(squares []square, wide, part, n int) float32 {
	var sum, squared, within float32
	for y := range part {
		for _, s := range squares[y*wide:][:part] {
			sum += s.mean
			squared += s.mean * s.mean
			within += s.varies
		}
	}
	all := float32(part * part)
	mean := sum / all
	return (squared/all - mean*mean) / (within/all/float32(n*n) + 1)
}
