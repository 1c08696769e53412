package documents

import (
	"bytes"
	"errors"
	"fmt"
	"image"
	"image/jpeg"
	"image/png"
	"math"

	"github.com/ledongthuc/pdf"
)

// shownSide is how many dots the picture of a page has along its longer side, at most,
// when a person looks at it: 300 to the inch of A4.
const shownSide = 3600

// page is the picture of one page for a person, as the page is to be shown. It shows what
// any other program shows of it, or nothing: what two people confirm is what the file
// holds. A page that is more than pictures is for a viewer.
func (s *scanner) page(p pdf.Page) (out []byte, err error) {
	defer func() {
		if broken := recover(); broken != nil {
			err = fmt.Errorf("%v", broken)
		}
	}()
	page := sheetOf(p)
	switch {
	case page.cut:
		return nil, errors.New("more is drawn on it than is looked at")
	case len(page.pictures) == 0:
		return nil, errDrawn
	case page.more != "" || page.letters:
		return nil, fmt.Errorf("its picture is not all that is seen on it: %s", page.besides())
	case annotated(p.V):
		return nil, errors.New("its picture is not all that is seen on it: a note, a stamp or a signature lies on it")
	}
	if the, ok := page.only(); ok {
		picture, err := s.picture(the.v)
		if err != nil {
			return nil, err
		}
		return forEyes(picture)
	}
	picture, err := s.painted(page)
	if err != nil {
		return nil, err
	}
	return forEyes(quarter(picture, page.turned/90))
}

// errDrawn is said of a page that is no picture.
var errDrawn = errors.New("it is drawn, and no picture")

// besides says what is seen on a page besides its pictures.
func (s *seenPage) besides() string {
	if s.more != "" {
		return s.more
	}
	return "letters are drawn on it"
}

// only is the picture that is all of a page, as it stands in the file: it can be shown
// with all its dots.
func (s *seenPage) only() (the pictureAt, ok bool) {
	if len(s.pictures) != 1 || s.turned != 0 {
		return the, false
	}
	the = s.pictures[0]
	const near = 0.03 // of the page's sides
	wide, high := s.box[2]-s.box[0], s.box[3]-s.box[1]
	inside := the.on[4] > s.box[0]-near*wide && the.on[4]+the.on[0] < s.box[2]+near*wide &&
		the.on[5] > s.box[1]-near*high && the.on[5]+the.on[3] < s.box[3]+near*high
	upright := the.on[1] == 0 && the.on[2] == 0 && the.on[0] > 0 && the.on[3] > 0
	return the, upright && inside && s.share(the) > 0.6 && the.whole()
}

// whole reports whether a picture is seen everywhere in its place.
func (p pictureAt) whole() bool {
	return p.v.Key("SMask").IsNull() && p.v.Key("Mask").IsNull() && !p.v.Key("ImageMask").Bool()
}

// painted puts a page together as a viewer does: each picture over those before it, where
// it is seen. (For codes the darkest counts: [seenPage.together].)
func (s *scanner) painted(page *seenPage) (*image.Gray, error) {
	s.wrong = nil
	paper, down := page.empty()
	for _, p := range page.pictures {
		from, cover := s.read(p.v), s.cover(p)
		if s.wrong != nil {
			return nil, s.wrong
		}
		if p.v.Key("ImageMask").Bool() { // ink of one colour
			from = image.NewGray(cover.Rect)
			if !p.dark {
				for i := range from.Pix {
					from.Pix[i] = 255
				}
			}
		}
		paint(paper, from, cover, down.times(p.on))
	}
	return paper, nil
}

// cover is where a picture is seen, or nil: everywhere (ISO 32000-1, 8.9.6). A stencil is
// read as black where it lets ink through.
func (s *scanner) cover(p pictureAt) *image.Gray {
	stencil := p.v.Key("Mask")
	if p.v.Key("ImageMask").Bool() {
		stencil = p.v
	}
	switch {
	case p.v.Key("SMask").Kind() == pdf.Stream:
		return s.read(p.v.Key("SMask"))
	case stencil.Kind() == pdf.Stream:
		through := s.read(stencil)
		if through == nil {
			return nil
		}
		cover := image.NewGray(through.Rect)
		for y := range cover.Rect.Dy() {
			for x := range cover.Rect.Dx() {
				cover.Pix[y*cover.Stride+x] = 255 - through.Pix[y*through.Stride+x]
			}
		}
		return cover
	case !stencil.IsNull():
		s.wrong = errors.New("some of its colours are not to be seen")
	}
	return nil
}

// paint lays a picture onto a page, over what is there.
func paint(page, from, cover *image.Gray, on matrix) {
	cast(page, from, on, func(at *uint8, u, v float64, light uint8) {
		if cover == nil {
			*at = light
			return
		}
		seen := uint(cover.Pix[int(v*float64(cover.Rect.Dy()))*cover.Stride+int(u*float64(cover.Rect.Dx()))])
		*at = uint8((uint(*at)*(255-seen) + uint(light)*seen) / 255)
	})
}

// annotated reports whether something lies on a page that is no part of its drawing: a
// note, a stamp, a line drawn with a finger, a signature. Links are not seen.
func annotated(page pdf.Value) bool {
	all := page.Key("Annots")
	for i := range min(all.Len(), maxFields) {
		a := all.Index(i)
		kind := a.Key("Subtype").Name()
		if kind == "Link" || kind == "Popup" || a.Key("F").Int64()&(flagHidden|flagNoView) != 0 || nowhere(a.Key("Rect")) {
			continue
		}
		return true
	}
	return false
}

// nowhere reports whether a place has no size.
func nowhere(rect pdf.Value) bool {
	return rect.Len() == 4 && math.Abs(rect.Index(0).Float64()-rect.Index(2).Float64()) < 0.01 && math.Abs(rect.Index(1).Float64()-rect.Index(3).Float64()) < 0.01
}

// forEyes writes a picture: in one bit, where that is all that it has, or else as a
// photograph.
func forEyes(picture image.Image) ([]byte, error) {
	var b bytes.Buffer
	g, isGrey := picture.(*image.Gray)
	if max(picture.Bounds().Dx(), picture.Bounds().Dy()) > shownSide {
		g, isGrey = reduced(greyOf(picture), shownSide), true
		picture = g
	}
	if isGrey && bilevel(g) {
		err := png.Encode(&b, g)
		return b.Bytes(), err
	}
	err := jpeg.Encode(&b, picture, &jpeg.Options{Quality: 85})
	return b.Bytes(), err
}

func bilevel(g *image.Gray) bool {
	for _, v := range g.Pix {
		if v != 0 && v != 255 {
			return false
		}
	}
	return true
}

// quarter turns a picture clockwise by quarters.
func quarter(g *image.Gray, times int) *image.Gray {
	for range times {
		w, h := g.Rect.Dx(), g.Rect.Dy()
		out := image.NewGray(image.Rect(0, 0, h, w))
		for y := range h {
			for x := range w {
				out.Pix[x*out.Stride+h-1-y] = g.Pix[y*g.Stride+x]
			}
		}
		g = out
	}
	return g
}
