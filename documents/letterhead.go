package documents

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	"image/draw"
	_ "image/jpeg" // logos may be
	"image/png"
	"io/fs"
	"path"
	"regexp"
	"strconv"
	"strings"

	"github.com/goccy/go-yaml"
	"github.com/jung-kurt/gofpdf"
)

// A Letterhead is how an office's papers begin and end on each page. What it
// leaves open is as it always is.
type Letterhead struct {
	Name    string `yaml:"name"`    // above the title; the office's name, if not given
	Address string `yaml:"address"` // at the foot of each page
	Footer  string `yaml:"footer"`  // a line below that
	Colour  string `yaml:"colour"`  // of headings and rules, such as "#00305c"
	Logo    string `yaml:"logo"`    // a PNG, JPEG or SVG beside the file

	strong colour // what Colour says
	logo   *logo
}

const letterheadFile = "letterhead.yaml"

func plainHead() Letterhead { return Letterhead{strong: navy} }

// read fills in what an office says of its letterhead.
func (l *Letterhead) read(folder fs.FS, text []byte) (wrong []error) {
	if err := yaml.NewDecoder(bytes.NewReader(text), yaml.Strict()).Decode(l); err != nil {
		return []error{fmt.Errorf("%s: %w", letterheadFile, parserSays(err))}
	}
	if l.Colour != "" {
		strong, err := parseColour(l.Colour)
		if err != nil {
			wrong = append(wrong, fmt.Errorf("%s: colour: %w", letterheadFile, err))
		}
		l.strong = strong
	}
	if l.Logo != "" {
		logo, err := readLogo(folder, l.Logo)
		if err != nil {
			wrong = append(wrong, fmt.Errorf("%s: logo: %w", letterheadFile, err))
		}
		l.logo = logo
	}
	return wrong
}

var sixDigits = regexp.MustCompile(`^#[0-9a-fA-F]{6}$`)

// parseColour reads "#00305c". Headings are read on white, so what is too light
// for that is refused: the contrast is 4.5 to 1 (WCAG 2.1, 1.4.3).
func parseColour(s string) (c colour, err error) {
	if !sixDigits.MatchString(s) {
		return navy, fmt.Errorf(`%q is not a colour such as "#00305c"`, s)
	}
	c = digits(s)
	if 1.05/(c.light()+0.05) < 4.5 {
		return navy, fmt.Errorf("%s is too light to be read on white: take a darker one", s)
	}
	return c, nil
}

// digits is a colour of six digits.
func digits(s string) colour {
	n, _ := strconv.ParseUint(s[1:], 16, 32)
	return colour{int(n >> 16), int(n >> 8 & 255), int(n & 255)}
}

// light is the relative luminance of a colour, from 0 to 1.
func (c colour) light() float64 {
	return 0.2126*linear(c[0]) + 0.7152*linear(c[1]) + 0.0722*linear(c[2])
}

// A logo is a picture as papers take it: without any transparency, which the
// standard for papers that are to last does not know. It is one of pixels or one of
// outlines.
type logo struct {
	png        []byte
	drawing    *drawing
	wide, high float64 // on the page, in mm
}

const (
	logoWide, logoHigh = 52.0, 16.0 // at most, in mm
	maxLogo            = 2000       // pixels, each way
)

// readLogo decodes a picture and encodes it anew, so that nothing but what is seen of
// it comes into a paper.
func readLogo(folder fs.FS, name string) (*logo, error) {
	file, err := readSmall(folder, name)
	if err != nil {
		return nil, err
	}
	if strings.EqualFold(path.Ext(name), ".svg") {
		drawn, err := readSVG(file)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		return sized(&logo{drawing: drawn}, drawn.wide, drawn.high), nil
	}
	size, kind, err := image.DecodeConfig(bytes.NewReader(file))
	if err == nil && kind != "png" && kind != "jpeg" {
		err = fmt.Errorf("it is %s", kind)
	}
	if err != nil {
		return nil, fmt.Errorf("%s is no PNG, JPEG or SVG: %w", name, err)
	}
	if size.Width > maxLogo || size.Height > maxLogo || size.Width < 1 || size.Height < 1 {
		return nil, fmt.Errorf("%s has %d by %d pixels: take one of at most %d each way", name, size.Width, size.Height, maxLogo)
	}
	picture, _, err := image.Decode(bytes.NewReader(file))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	flat := opaque{image.NewRGBA(picture.Bounds())}
	draw.Draw(flat.RGBA, flat.Rect, image.White, image.Point{}, draw.Src)
	draw.Draw(flat.RGBA, flat.Rect, picture, picture.Bounds().Min, draw.Over)
	var out bytes.Buffer
	if err := png.Encode(&out, flat); err != nil {
		return nil, err
	}
	return sized(&logo{png: out.Bytes()}, float64(size.Width), float64(size.Height)), nil
}

// sized gives a logo its size on the page.
func sized(l *logo, wide, high float64) *logo {
	scale := min(logoWide/wide, logoHigh/high)
	l.wide, l.high = wide*scale, high*scale
	return l
}

// opaque is a picture that says so, and is then written in three colours.
type opaque struct{ *image.RGBA }

func (o opaque) Opaque() bool            { return true }
func (o opaque) ColorModel() color.Model { return color.RGBAModel }

const logoTop = top - 4

// draw puts the logo into the right top corner. What the library cannot draw it
// tells when the file is written.
func (l *logo) draw(pdf *gofpdf.Fpdf) {
	if l.drawing != nil {
		l.drawing.draw(pdf, pageWide-right-l.wide, logoTop, l.wide, l.high)
		return
	}
	options := gofpdf.ImageOptions{ImageType: "PNG"}
	pdf.RegisterImageOptionsReader("logo", options, bytes.NewReader(l.png))
	pdf.ImageOptions("logo", pageWide-right-l.wide, logoTop, l.wide, l.high, false, options, 0, "")
}
