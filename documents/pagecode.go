package documents

import (
	"crypto/sha256"
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"rsc.io/qr"
)

// A PageCode is what the square code at the foot of each page says: which paper
// this is, which page of it, and that its words are these. A copy that was signed
// by hand and scanned is a picture, and is known by it.
//
// It is written in the letters that such codes hold in the least room, and mostly
// fits into 47 of them, which is version 3 of ISO/IEC 18004 at level Q:
//
//	DARS-NIC-000001-B1C2D-V1.0 3/12 9F86D081
//	DARS-NIC-000001-B1C2D-V1.0 LETTER 1/2 60303AE2 R
type PageCode struct {
	Ref       string // "DARS-NIC-000001-B1C2D", "CON-000001-X0X0X" or "CERT-000001"
	Version   string // "v1.0", or "" for a paper that has none
	Mark      string // "letter": a paper about what has this reference; "": that itself
	Page      int    // from 1
	Pages     int
	Words     string // the first eight digits of the SHA-256 of the paper's words, in hex
	Rehearsal bool   // it is the paper of a rehearsal, and has no effect
}

// String is what the code says.
func (c PageCode) String() string {
	s := named(c.Ref, c.Version)
	if c.Mark != "" {
		s += " " + c.Mark
	}
	s += fmt.Sprintf(" %d/%d %s", c.Page, c.Pages, c.Words)
	if c.Rehearsal {
		s += " R"
	}
	return strings.ToUpper(s)
}

var (
	pageCode    = regexp.MustCompile(`^([0-9A-Z]+(?:-[0-9A-Z.]+)*)(?: ([A-Z]{2,16}))? ([1-9]\d{0,3})/([1-9]\d{0,3}) ([0-9A-F]{8})( R)?$`)
	codeVersion = regexp.MustCompile(`-V(\d{1,2}\.\d{1,2})$`)
)

// maxPageCode is how long what a code says may be.
const maxPageCode = 80

// ParsePageCode reads what a code says. A code that somebody else has put on a
// paper is an error.
func ParsePageCode(s string) (c PageCode, err error) {
	m := pageCode.FindStringSubmatch(s)
	if m == nil || len(s) > maxPageCode {
		return c, fmt.Errorf("%q is not what the code of a page of ours says", short(line(s)))
	}
	c = PageCode{Ref: m[1], Mark: strings.ToLower(m[2]), Words: strings.ToLower(m[5]), Rehearsal: m[6] != ""}
	c.Page, _ = strconv.Atoi(m[3]) // four digits
	c.Pages, _ = strconv.Atoi(m[4])
	if c.Page > c.Pages {
		return PageCode{}, fmt.Errorf("%q speaks of page %d of %d", s, c.Page, c.Pages)
	}
	c.Ref, c.Version = parted(c.Ref)
	return c, nil
}

// parted takes the version off a reference.
func parted(ref string) (bare, version string) {
	if m := codeVersion.FindStringSubmatch(ref); m != nil {
		return strings.TrimSuffix(ref, m[0]), "v" + m[1]
	}
	return ref, ""
}

// code is that of the paper's first page.
func (d *Doc) code(pages int) PageCode {
	sum := sha256.Sum256([]byte(d.WriteText()))
	ref, version := parted(strings.ToUpper(d.ref))
	return PageCode{Ref: ref, Version: version, Mark: d.mark, Page: 1, Pages: pages, Words: fmt.Sprintf("%x", sum[:4]), Rehearsal: d.rehearse}
}

// Where the code stands: in the right bottom corner, with the white around it that
// such codes need, and as far from the edge as printers reach. At this size a dot
// is 0.6 to 0.7 mm wide, which is read from any scan with 150 dots to the inch.
const (
	codeSize  = 20.0 // mm
	codeEdge  = 7.0
	codeWhite = 2.8
	codeLeft  = pageWide - codeEdge - codeSize
	codeTop   = pageHigh - codeEdge - codeSize
)

// draw draws the code as one shape, so that no viewer shows seams within it.
func (c PageCode) draw(on *canvas) error {
	dots, err := c.dots()
	if err != nil {
		return err
	}
	on.fillWith(black)
	on.raw(string(dots))
	return nil
}

// dots are the operators of that shape: behind the first, one dot is 1 wide, and y
// counts down from the code's top.
func (c PageCode) dots() ([]byte, error) {
	square, err := qr.Encode(c.String(), qr.Q)
	if err != nil {
		return nil, fmt.Errorf("the code of page %d: %w", c.Page, err)
	}
	dot := codeSize / float64(square.Size) * pointsPerMM
	b := append(numbers([]byte("q "), dot, 0, 0, -dot, codeLeft*pointsPerMM, (pageHigh-codeTop)*pointsPerMM), "cm\n"...)
	for y := range square.Size {
		for x := 0; x < square.Size; x++ {
			from := x
			for x < square.Size && square.Black(x, y) {
				x++
			}
			if x > from {
				b = append(numbers(b, float64(from), float64(y), float64(x-from), 1), "re\n"...)
			}
		}
	}
	return append(b, "f Q"...), nil
}
