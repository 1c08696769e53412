package documents

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"math"
	"regexp"
	"slices"
	"strings"

	"github.com/jung-kurt/gofpdf"
)

// A drawing is a picture of filled outlines: what is read of SVG (SVG 1.1, 8.3 and
// 9). Anything that could change how it looks and is not read is refused by name,
// so that an office's logo is drawn as it is or not at all.
type drawing struct {
	left, top, wide, high float64 // the view box
	shapes                []outline
	steps                 int // of all of them
}

// An outline is filled with one colour.
type outline struct {
	fill    colour
	evenOdd bool
	path    []segment
}

// A segment is a step of an outline: M moves, L draws a line, C a curve, Z closes.
type segment struct {
	op byte
	to [3]spot
}

type spot struct{ x, y float64 }

// far reports whether a number is too large to be of a drawing.
func far(n float64) bool { return !(math.Abs(n) <= 1e6) }

const (
	maxSegments = 20_000 // of a drawing
	maxGroups   = 40     // within one another
)

// A brush is what an element has from those around it.
type brush struct {
	fill    colour
	none    bool
	apart   bool // not drawn here
	evenOdd bool
	by      matrix
}

// readSVG reads a drawing of paths and simple shapes with plain fills.
func readSVG(text []byte) (d *drawing, err error) {
	in := xml.NewDecoder(bytes.NewReader(text))
	d = &drawing{}
	around := []brush{{by: matrix{1, 0, 0, 1, 0, 0}}}
	for {
		line, _ := in.InputPos()
		token, err := in.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		if err == nil {
			switch t := token.(type) {
			case xml.StartElement:
				var b brush
				if b, err = d.element(t, around[len(around)-1], len(around) == 1); err == nil && saysNothing(t) {
					err = in.Skip()
				} else {
					around = append(around, b)
				}
			case xml.EndElement:
				around = around[:len(around)-1]
			case xml.CharData:
				if strings.TrimSpace(string(t)) != "" {
					err = errors.New("words are not drawn: make paths of them")
				}
			case xml.Directive:
				err = errors.New("a document type is not read: leave <!DOCTYPE> out")
			}
		}
		if err == nil && len(around) > maxGroups {
			err = fmt.Errorf("groups stand more than %d deep in one another", maxGroups)
		}
		if err != nil {
			return nil, fmt.Errorf("line %d: %w", line, err)
		}
	}
	switch {
	case d.wide < 0.01 || d.high < 0.01:
		return nil, errors.New("it has no viewBox, and no width and height")
	case len(d.shapes) == 0:
		return nil, errors.New("there is nothing in it")
	}
	return d, nil
}

// saysNothing reports whether an element is about the picture and no part of it.
func saysNothing(t xml.StartElement) bool {
	return slices.Contains([]string{"title", "desc", "metadata", "namedview"}, t.Name.Local)
}

// element takes in one element, and returns the brush for those in it.
func (d *drawing) element(t xml.StartElement, b brush, first bool) (brush, error) {
	if first != (t.Name.Local == "svg") {
		return b, fmt.Errorf("<%s> stands where it cannot", t.Name.Local)
	}
	if saysNothing(t) {
		return b, nil
	}
	if !slices.Contains([]string{"svg", "g", "defs", "path", "rect", "circle", "ellipse", "polygon"}, t.Name.Local) {
		return b, fmt.Errorf("<%s> is not drawn: only paths, polygons, rectangles, circles and ellipses with plain fills are", t.Name.Local)
	}
	attrs, err := attributesOf(t)
	if err == nil {
		err = b.change(attrs)
	}
	if err != nil {
		return b, fmt.Errorf("<%s>: %w", t.Name.Local, err)
	}
	if t.Name.Local == "svg" {
		return b, d.box(attrs)
	}
	if t.Name.Local == "defs" {
		b.apart = true
	}
	path, err := shape(t.Name.Local, attrs)
	if err != nil || len(path) == 0 || b.none || b.apart {
		return b, err
	}
	return b, d.add(path, b)
}

// add takes in an outline.
func (d *drawing) add(path []segment, b brush) error {
	for i := range path {
		for j, p := range path[i].to {
			p = b.by.of(p)
			if far(p.x) || far(p.y) {
				return errors.New("it reaches too far")
			}
			path[i].to[j] = p
		}
	}
	d.shapes = append(d.shapes, outline{b.fill, b.evenOdd, path})
	if d.steps += len(path); d.steps > maxSegments {
		return fmt.Errorf("it has more than %d steps: take a simpler one", maxSegments)
	}
	return nil
}

// harmlessAttrs change nothing of what is seen where nothing is stroked.
var harmlessAttrs = regexp.MustCompile(`^(id|role|version|baseProfile|focusable|preserveAspectRatio|enable-background|display|visibility|stroke-.*|aria-.*|data-.*)$`)

// knownAttrs are what is read.
var knownAttrs = []string{"fill", "fill-rule", "transform", "stroke", "opacity", "fill-opacity", "d", "points", "viewBox", "x", "y", "width", "height", "rx", "ry", "cx", "cy", "r"}

// attributesOf are those of an element by name; of style, each of its own.
func attributesOf(t xml.StartElement) (map[string]string, error) {
	all := map[string]string{}
	for _, a := range t.Attr {
		name, value := a.Name.Local, strings.TrimSpace(a.Value)
		if a.Name.Space != "" || name == "xmlns" {
			continue // another program's, or the name of one
		}
		if name != "style" {
			all[name] = value
			continue
		}
		for one := range strings.SplitSeq(value, ";") {
			if key, what, ok := strings.Cut(one, ":"); ok {
				all[strings.TrimSpace(key)] = strings.TrimSpace(what)
			}
		}
	}
	for name, value := range all {
		hidden := (name == "display" && value != "inline") || (name == "visibility" && value != "visible")
		if hidden || !harmlessAttrs.MatchString(name) && !slices.Contains(knownAttrs, name) {
			return nil, fmt.Errorf("%s=%q is not drawn", name, short(value))
		}
	}
	return all, nil
}

// change makes a brush what an element's attributes say.
func (b *brush) change(attrs map[string]string) (err error) {
	for _, name := range []string{"opacity", "fill-opacity"} {
		if v := attrs[name]; v != "" && v != "1" {
			return fmt.Errorf("%s=%q: nothing on a paper that is to last can be seen through", name, short(v))
		}
	}
	if v := attrs["stroke"]; v != "" && v != "none" {
		return fmt.Errorf("stroke=%q is not drawn: make outlines of strokes", short(v))
	}
	if v, ok := attrs["fill"]; ok {
		if b.none = v == "none"; !b.none {
			if b.fill, err = svgColour(v); err != nil {
				return err
			}
		}
	}
	if v, ok := attrs["fill-rule"]; ok {
		b.evenOdd = v == "evenodd"
	}
	if v := attrs["transform"]; v != "" {
		m, err := transforms(v)
		if err != nil {
			return err
		}
		b.by = b.by.times(m)
	}
	return nil
}

// svgColour reads "#036", "#003366", black or white.
func svgColour(s string) (c colour, err error) {
	if len(s) == 4 && s[0] == '#' {
		s = string([]byte{'#', s[1], s[1], s[2], s[2], s[3], s[3]})
	}
	switch {
	case s == "black":
		return colour{}, nil
	case s == "white":
		return white, nil
	case !sixDigits.MatchString(s):
		return c, fmt.Errorf(`fill=%q is not drawn: take a plain colour such as "#00305c"`, short(s))
	}
	return digits(s), nil
}

func (d *drawing) box(attrs map[string]string) error {
	if v := attrs["viewBox"]; v != "" {
		all, err := decimals(v)
		if err != nil || len(all) != 4 {
			return fmt.Errorf("viewBox=%q is no view box", short(v))
		}
		d.left, d.top, d.wide, d.high = all[0], all[1], all[2], all[3]
		return nil
	}
	for name, into := range map[string]*float64{"width": &d.wide, "height": &d.high} {
		all, err := decimals(strings.TrimSuffix(attrs[name], "px"))
		if err != nil || len(all) > 1 {
			return fmt.Errorf("%s=%q is no number", name, short(attrs[name]))
		}
		if len(all) == 1 {
			*into = all[0]
		}
	}
	return nil
}

// draw fills the outlines within a place on the page, and nothing outside it.
func (d *drawing) draw(pdf *gofpdf.Fpdf, x, y, wide, high float64) {
	on := func(p spot) (float64, float64) {
		return x + (p.x-d.left)*wide/d.wide, y + (p.y-d.top)*high/d.high
	}
	pdf.ClipRect(x, y, wide, high, false)
	for _, s := range d.shapes {
		pdf.SetFillColor(s.fill[0], s.fill[1], s.fill[2])
		for _, step := range s.path {
			switch x, y := on(step.to[0]); step.op {
			case 'M':
				pdf.MoveTo(x, y)
			case 'L':
				pdf.LineTo(x, y)
			case 'C':
				x1, y1 := on(step.to[1])
				x2, y2 := on(step.to[2])
				pdf.CurveBezierCubicTo(x, y, x1, y1, x2, y2)
			case 'Z':
				pdf.ClosePath()
			}
		}
		if s.evenOdd {
			pdf.DrawPath("f*")
		} else {
			pdf.DrawPath("f")
		}
	}
	pdf.ClipEnd()
	pdf.SetFillColor(0, 0, 0) // the library does not know that the clip's end forgets colours
}

// A matrix is a transformation (SVG 1.1, 7.4).
type matrix [6]float64

func (m matrix) of(p spot) spot {
	return spot{m[0]*p.x + m[2]*p.y + m[4], m[1]*p.x + m[3]*p.y + m[5]}
}

// times is m after n.
func (m matrix) times(n matrix) matrix {
	return matrix{
		m[0]*n[0] + m[2]*n[1], m[1]*n[0] + m[3]*n[1],
		m[0]*n[2] + m[2]*n[3], m[1]*n[2] + m[3]*n[3],
		m[0]*n[4] + m[2]*n[5] + m[4], m[1]*n[4] + m[3]*n[5] + m[5],
	}
}

var transformStep = regexp.MustCompile(`^\s*,?\s*([a-zA-Z]+)\s*\(([^)]*)\)`)

func transforms(s string) (matrix, error) {
	m := matrix{1, 0, 0, 1, 0, 0}
	for rest := s; strings.TrimSpace(rest) != ""; {
		found := transformStep.FindStringSubmatch(rest)
		if found == nil {
			return m, fmt.Errorf("transform=%q is not read", short(s))
		}
		rest = rest[len(found[0]):]
		a, err := decimals(found[2])
		if err != nil {
			return m, err
		}
		switch name := found[1]; {
		case name == "matrix" && len(a) == 6:
			m = m.times(matrix(a))
		case name == "translate" && len(a) == 1:
			m = m.times(matrix{1, 0, 0, 1, a[0], 0})
		case name == "translate" && len(a) == 2:
			m = m.times(matrix{1, 0, 0, 1, a[0], a[1]})
		case name == "scale" && len(a) == 1:
			m = m.times(matrix{a[0], 0, 0, a[0], 0, 0})
		case name == "scale" && len(a) == 2:
			m = m.times(matrix{a[0], 0, 0, a[1], 0, 0})
		case name == "rotate" && (len(a) == 1 || len(a) == 3):
			a = append(a, 0, 0)
			sin, cos := math.Sincos(a[0] * math.Pi / 180)
			m = m.times(matrix{1, 0, 0, 1, a[1], a[2]}).times(matrix{cos, sin, -sin, cos, 0, 0}).times(matrix{1, 0, 0, 1, -a[1], -a[2]})
		default:
			return m, fmt.Errorf("transform=%q is not read", short(s))
		}
	}
	return m, nil
}
