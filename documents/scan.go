package documents

import (
	"bytes"
	"errors"
	"fmt"
	"image"
	"image/jpeg"
	"image/png"
	"syscall"
	"time"

	"github.com/ledongthuc/pdf"
)

// A Scan is what the pictures of a paper show. A copy that was signed by hand and
// scanned has no letters, and is known by the codes at the foot of its pages.
type Scan struct {
	Codes   [][]string `json:"codes,omitempty"`   // what they say, page by page
	Unread  []string   `json:"unread,omitempty"`  // why the picture of a page cannot be read, page by page; "": it can
	Picture []byte     `json:"picture,omitempty"` // of the page that was asked for, as PNG or JPEG
}

// scanTime is how much of a processor is spent on looking for codes. It ends before
// the limit of the process does, so that a long scan still says what was seen.
const scanTime = maxSeconds * time.Second * 2 / 3

// A scanner looks at the pictures of one paper.
type scanner struct {
	paper     []byte
	encrypted bool
	wrong     error // why a picture of this page cannot be read
}

// scan looks for the codes of all pages.
func (s *scanner) scan(file *pdf.Reader, pages int) (found Scan) {
	found.Codes, found.Unread = make([][]string, pages), make([]string, pages)
	for n := range pages {
		if used() > scanTime {
			found.Unread[n] = "there was no time left to look at it: send the paper in parts, or with fewer dots to the inch"
			continue
		}
		codes, err := s.codes(file.Page(n + 1))
		for _, c := range codes {
			found.Codes[n] = append(found.Codes[n], c.String())
		}
		if err != nil && len(codes) == 0 {
			found.Unread[n] = firstWords(err.Error())
		}
	}
	return found
}

// codes are those of one page. A picture in an odd form must not spoil the rest.
func (s *scanner) codes(p pdf.Page) (found []PageCode, err error) {
	defer func() {
		if broken := recover(); broken != nil {
			err = fmt.Errorf("%v", broken)
		}
	}()
	s.wrong = nil
	page := sheetOf(p)
	the, single := page.alone()
	if single {
		if picture := s.read(the.v); picture != nil {
			found = codesIn(picture)
		}
		if len(found) > 0 || len(page.pictures) == 1 && len(page.shapes) == 0 {
			return found, s.wrong
		}
	}
	if len(page.pictures) == 0 && len(page.shapes) == 0 {
		return nil, nil
	}
	return codesIn(page.together(s.read)), s.wrong
}

// read is one picture without its colours, or nil with the reason kept.
func (s *scanner) read(v pdf.Value) *image.Gray {
	if v.IsNull() {
		return nil
	}
	picture, err := s.picture(v)
	if err != nil {
		s.wrong = err
		return nil
	}
	return greyOf(picture)
}

// shownSide is how many dots the picture of a page has along its longer side, at most,
// when a person looks at it: 300 to the inch of A4.
const shownSide = 3600

// page is the picture of one page for a person, as the page is to be shown.
func (s *scanner) page(p pdf.Page) (out []byte, err error) {
	defer func() {
		if broken := recover(); broken != nil {
			err = fmt.Errorf("%v", broken)
		}
	}()
	page := sheetOf(p)
	the, single := page.alone()
	upright := the.on[1] == 0 && the.on[2] == 0 && the.on[0] > 0 && the.on[3] > 0
	switch {
	case single && upright && page.turned == 0:
		picture, err := s.picture(the.v)
		if err != nil {
			return nil, err
		}
		return forEyes(picture)
	case len(page.pictures) == 0, page.letters && !single:
		return nil, errDrawn
	}
	picture := page.together(s.read)
	if s.wrong != nil {
		return nil, s.wrong
	}
	return forEyes(quarter(picture, page.turned/90))
}

// errDrawn is said of a page that is no picture.
var errDrawn = errors.New("it is drawn, and no picture")

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

// used is how long the process has had a processor.
func used() time.Duration {
	var u syscall.Rusage
	if syscall.Getrusage(syscall.RUSAGE_SELF, &u) != nil {
		return maxSeconds * time.Second
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
