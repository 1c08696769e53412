package documents

import (
	"fmt"
	"image"
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
func (s *scanner) scan(pages []pdf.Page) (found Scan) {
	return looked(len(pages), func(n int) ([]PageCode, error) { return s.codes(pages[n]) })
}

// looked looks for the codes of pages, from 0, one after the other while there is time.
func looked(pages int, look func(n int) ([]PageCode, error)) (found Scan) {
	found.Codes, found.Unread = make([][]string, pages), make([]string, pages)
	for n := range pages {
		if used() > scanTime {
			found.Unread[n] = "there was no time left to look at it: send the paper in parts, or with fewer dots to the inch"
			continue
		}
		codes, err := look(n)
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

// used is how long the process has had a processor.
func used() time.Duration {
	var u syscall.Rusage
	if syscall.Getrusage(syscall.RUSAGE_SELF, &u) != nil {
		return maxSeconds * time.Second
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
