package documents

import (
	"image"
	"slices"
)

// What is looked at for one picture, at most.
const (
	workingSide   = 2600 // dots along its longer side: an A4 page has 1754 at 150 to the inch, 2339 at 200
	smallSide     = 1500 // below it, codes are so small that the picture is enlarged
	maxCodesAPage = 8    // of a sheet that shows several pages
)

// codesIn returns what the page codes in a picture say, each once. It goes from what
// is cheap and nearly always enough to what rescues a bad scan: as it is, without its
// noise, enlarged, enlarged and sharpened, and in all the dots that it has. A picture with one code in it may
// have more that were not found; pages that nobody has seen are named anyway.
func codesIn(picture *image.Gray) []PageCode {
	page := reduced(picture, workingSide)
	if onlyGrain(page) {
		return nil
	}
	small := max(page.Rect.Dx(), page.Rect.Dy()) < smallSide
	for _, look := range []func() *image.Gray{
		func() *image.Gray { return page },
		func() *image.Gray { return smoothed(page) },
		func() *image.Gray {
			if small {
				return smoothed(doubled(page))
			}
			return smoothed(smoothed(page))
		},
		func() *image.Gray {
			if small {
				return sharpened(sharpened(smoothed(doubled(page))))
			}
			return reduced(picture, 2*workingSide)
		},
	} {
		if found := newShade(look()).codes(); len(found) > 0 {
			return found
		}
	}
	return nil
}

// codes looks once: for the three corner marks of each code, and then at the dots
// between them.
func (s *shade) codes() (found []PageCode) {
	marks := s.marks()
	used := make([]bool, len(marks))
	for _, c := range triples(marks) {
		if used[c.corner] || used[c.right] || used[c.below] || len(found) == maxCodesAPage {
			continue
		}
		says := s.read(marks[c.corner], marks[c.right], marks[c.below])
		code, err := ParsePageCode(says)
		if err != nil {
			continue
		}
		used[c.corner], used[c.right], used[c.below] = true, true, true
		if !slices.Contains(found, code) {
			found = append(found, code)
		}
	}
	return found
}
