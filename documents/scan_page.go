package documents

import (
	"image"
	"math"

	"github.com/ledongthuc/pdf"
	"golang.org/x/image/vector"
)

// Limits of what is drawn on a page.
const (
	maxDrawn    = 500_000 // operators
	maxPictures = 200
	maxCorners  = 1_000_000 // of shapes
	maxPageSide = 5000      // dots, of a page that is put together
)

// A seenPage is what a page shows apart from its letters: pictures, and dark shapes. A
// code is either: scanned, it is in a picture; printed into a PDF again, it is drawn.
type seenPage struct {
	box      [4]float64 // left, bottom, right, top, in points
	turned   int        // degrees clockwise by which it is shown
	pictures []pictureAt
	shapes   [][]spot // dark ones
	letters  bool     // that are seen
	more     string   // what else is seen besides pictures, or whether they are
	cut      bool     // more is drawn than was followed
	resolved float64  // dots to the inch of the finest picture
}

// A pictureAt fills the unit square, taken to the page.
type pictureAt struct {
	v    pdf.Value
	on   matrix
	dark bool // the ink, if it stands for ink alone
}

// sheetOf reads a page's contents.
func sheetOf(p pdf.Page) (s *seenPage) {
	s = &seenPage{box: boxOf(p.V), turned: int(inherited(p.V, "Rotate").Int64()%360+360) % 360}
	d := &drawer{seenPage: s, state: state{on: matrix{1, 0, 0, 1, 0, 0}, dark: true}, left: maxDrawn}
	defer func() { // what was drawn before still counts
		if recover() != nil {
			s.cut = true
		}
	}()
	contents := p.V.Key("Contents")
	if contents.Kind() != pdf.Array {
		d.stream(contents, inherited(p.V, "Resources"), 0)
		return s
	}
	for i := range contents.Len() {
		d.stream(contents.Index(i), inherited(p.V, "Resources"), 0)
	}
	return s
}

// boxOf is the part of a page that is shown: A4, if it does not say.
func boxOf(page pdf.Value) [4]float64 {
	for _, name := range []string{"CropBox", "MediaBox"} {
		v := inherited(page, name)
		if v.Len() != 4 {
			continue
		}
		x0, y0, x1, y1 := v.Index(0).Float64(), v.Index(1).Float64(), v.Index(2).Float64(), v.Index(3).Float64()
		box := [4]float64{min(x0, x1), min(y0, y1), max(x0, x1), max(y0, y1)}
		if w, h := box[2]-box[0], box[3]-box[1]; w >= 1 && h >= 1 && w < 1e5 && h < 1e5 {
			return box
		}
	}
	return [4]float64{0, 0, 595, 842}
}

// inherited is what a page says, or what stands above it.
func inherited(page pdf.Value, name string) pdf.Value {
	for range maxFieldsDeep {
		if v := page.Key(name); !v.IsNull() {
			return v
		}
		page = page.Key("Parent")
	}
	return pdf.Value{}
}

// A drawer follows the operators of a page (ISO 32000-1, 8 and 9).
type drawer struct {
	*seenPage
	state
	saved   []state
	path    []spot
	outline [][]spot
	left    int // operators that may still come
	corners int
}

type state struct {
	on        matrix
	dark      bool        // what is filled
	invisible bool        // letters, as the text under a scan is
	clip      *[4]float64 // what is drawn is seen within it; nil: everywhere
}

func (d *drawer) stream(v, resources pdf.Value, depth int) {
	if v.Kind() != pdf.Stream || depth > maxForms {
		return
	}
	pdf.Interpret(v, func(stack *pdf.Stack, op string) {
		if d.left--; d.left < 0 {
			panic("too much is drawn")
		}
		args := popAll(stack)
		if op == "Do" {
			if len(args) > 0 {
				d.place(resources.Key("XObject").Key(args[0].Name()), resources, depth)
			}
			return
		}
		switch op {
		case "gs":
			if len(args) > 0 {
				d.mixed(resources.Key("ExtGState").Key(args[0].Name()))
			}
		case "BDC":
			if len(args) > 0 && args[0].Name() == "OC" {
				d.also("a part of it can be switched off")
			}
		case "BI", "EI", "sh":
			d.also("something is drawn on it")
		}
		d.operate(op, args)
	})
}

func (d *drawer) operate(op string, args []pdf.Value) {
	n := make([]float64, len(args))
	for i, a := range args {
		n[i] = a.Float64()
	}
	switch {
	case op == "q" && len(d.saved) < 1000:
		d.saved = append(d.saved, d.state)
	case op == "Q" && len(d.saved) > 0:
		d.state, d.saved = d.saved[len(d.saved)-1], d.saved[:len(d.saved)-1]
	case op == "cm" && len(n) == 6:
		d.on = d.on.times(matrix(n))
	case op == "Tr" && len(n) == 1:
		d.invisible = n[0] == 3 || n[0] == 7
	case op == "Tj" || op == "TJ" || op == "'" || op == `"`:
		d.letters = d.letters || !d.invisible
	case op == "g" || op == "rg" || op == "k" || op == "sc" || op == "scn" || op == "cs":
		d.dark = darkness(n)
	default:
		d.shape(op, n)
	}
}

// darkness reports whether a colour is nearer to black than to white.
func darkness(n []float64) bool {
	switch len(n) {
	case 1:
		return n[0] < 0.5
	case 3:
		return 0.3*n[0]+0.59*n[1]+0.11*n[2] < 0.5
	case 4:
		return n[3]+0.3*n[0]+0.59*n[1]+0.11*n[2] > 0.5
	}
	return true
}

// shape follows outlines. A curve is as good as a line: the dots of a code have none.
func (d *drawer) shape(op string, n []float64) {
	to := func(x, y float64) {
		if d.corners++; d.corners < maxCorners {
			d.path = append(d.path, d.on.of(spot{x, y}))
		}
	}
	switch {
	case op == "m" && len(n) == 2:
		d.lift()
		to(n[0], n[1])
	case op == "l" && len(n) == 2, op == "c" && len(n) == 6, (op == "v" || op == "y") && len(n) == 4:
		to(n[len(n)-2], n[len(n)-1])
	case op == "h":
		d.lift()
	case op == "re" && len(n) == 4:
		d.lift()
		to(n[0], n[1])
		to(n[0]+n[2], n[1])
		to(n[0]+n[2], n[1]+n[3])
		to(n[0], n[1]+n[3])
		d.lift()
	case op == "f" || op == "F" || op == "f*" || op == "B" || op == "B*" || op == "b" || op == "b*":
		d.lift()
		if d.dark {
			d.shapes = append(d.shapes, d.outline...)
		}
		d.inked()
		d.outline = nil
	case op == "W" || op == "W*":
		d.lift()
		d.cutTo(d.outline)
	case op == "n" || op == "S" || op == "s":
		if op != "n" {
			d.inked()
		}
		d.path, d.outline = nil, nil
	}
}

func (d *drawer) lift() {
	if len(d.path) > 2 {
		d.outline = append(d.outline, d.path)
	}
	d.path = nil
}

// place notes a picture, or follows a form.
func (d *drawer) place(v, around pdf.Value, depth int) {
	switch v.Key("Subtype").Name() {
	case "Image":
		if len(d.pictures) < maxPictures {
			d.pictures = append(d.pictures, pictureAt{v, d.on, d.dark})
			d.veiled(v)
			d.cutOff()
			if wide := math.Hypot(d.on[0], d.on[1]); wide > 20 { // points: no speck
				d.resolved = max(d.resolved, float64(v.Key("Width").Int64())/wide*72)
			}
		}
	case "Form":
		d.veiled(v)
		before, saved := d.state, d.saved
		d.saved = nil
		if m := v.Key("Matrix"); m.Len() == 6 {
			var form matrix
			for i := range form {
				form[i] = m.Index(i).Float64()
			}
			d.on = d.on.times(form)
		}
		if b := v.Key("BBox"); b.Len() == 4 {
			x0, y0, x1, y1 := b.Index(0).Float64(), b.Index(1).Float64(), b.Index(2).Float64(), b.Index(3).Float64()
			d.cutTo([][]spot{{d.on.of(spot{x0, y0}), d.on.of(spot{x1, y0}), d.on.of(spot{x1, y1}), d.on.of(spot{x0, y1})}})
		}
		resources := v.Key("Resources")
		if resources.IsNull() {
			resources = around
		}
		d.stream(v, resources, depth+1)
		d.state, d.saved = before, saved
	}
}

// share is how much of the page a picture covers, if it stands straight.
func (s *seenPage) share(p pictureAt) float64 {
	x0, y0 := min(p.on[4], p.on[4]+p.on[0]+p.on[2]), min(p.on[5], p.on[5]+p.on[1]+p.on[3])
	x1, y1 := max(p.on[4], p.on[4]+p.on[0]+p.on[2]), max(p.on[5], p.on[5]+p.on[1]+p.on[3])
	w, h := min(x1, s.box[2])-max(x0, s.box[0]), min(y1, s.box[3])-max(y0, s.box[1])
	return max(w, 0) * max(h, 0) / ((s.box[2] - s.box[0]) * (s.box[3] - s.box[1]))
}

// alone is the picture that is the page, as in most scans: nothing else of any size
// stands on it.
func (s *seenPage) alone() (the pictureAt, ok bool) {
	n := 0
	for _, p := range s.pictures {
		if share := s.share(p); share > 0.02 {
			n++
			the, ok = p, share > 0.6 && p.v.Key("SMask").IsNull() && p.v.Key("Mask").Kind() != pdf.Stream
		}
	}
	return the, ok && n == 1
}

// empty is a page with nothing on it, and how what lies on it comes to it.
func (s *seenPage) empty() (*image.Gray, matrix) {
	w, h := s.box[2]-s.box[0], s.box[3]-s.box[1]
	scale := min(max(s.resolved, 150), 300) / 72
	scale = min(scale, maxPageSide/max(w, h))
	page := image.NewGray(image.Rect(0, 0, max(int(w*scale), 1), max(int(h*scale), 1)))
	for i := range page.Pix {
		page.Pix[i] = 255
	}
	return page, matrix{scale, 0, 0, -scale, -s.box[0] * scale, s.box[3] * scale}
}

// together puts a page together from its pictures and shapes, as it lies in the file.
// decode reads a picture; what it cannot read stays white.
func (s *seenPage) together(decode func(pdf.Value) *image.Gray) *image.Gray {
	page, down := s.empty()
	for _, p := range s.pictures {
		if from := decode(p.v); from != nil {
			layOn(page, from, decode(p.v.Key("SMask")), down.times(p.on))
		}
	}
	if len(s.shapes) > 0 {
		s.ink(page, down)
	}
	return page
}

// ink draws the shapes.
func (s *seenPage) ink(page *image.Gray, down matrix) {
	w, h := page.Rect.Dx(), page.Rect.Dy()
	pen := vector.NewRasterizer(w, h)
	for _, path := range s.shapes {
		for i, p := range path {
			p = down.of(p)
			x, y := float32(min(max(p.x, 0), float64(w))), float32(min(max(p.y, 0), float64(h)))
			if i == 0 {
				pen.MoveTo(x, y)
			} else {
				pen.LineTo(x, y)
			}
		}
		pen.ClosePath()
	}
	cover := image.NewAlpha(page.Rect)
	pen.Draw(cover, cover.Rect, image.Opaque, image.Point{})
	for i, a := range cover.Pix {
		page.Pix[i] = min(page.Pix[i], 255-a)
	}
}

// layOn lays a picture onto a page: where several lie on each other the darkest is
// seen, as ink is on paper. cover is where it is seen, or nil: everywhere.
func layOn(page, from, cover *image.Gray, on matrix) {
	cast(page, from, on, func(at *uint8, u, v float64, light uint8) {
		if cover != nil {
			seen := uint(cover.Pix[int(v*float64(cover.Rect.Dy()))*cover.Stride+int(u*float64(cover.Rect.Dx()))])
			light = uint8(255 - (255-uint(light))*seen/255)
		}
		*at = min(*at, light)
	})
}

// cast takes each dot of a page on which a picture lies to the picture: u and v count from
// its left and its top, to 1.
func cast(page, from *image.Gray, on matrix, lay func(at *uint8, u, v float64, light uint8)) {
	det := on[0]*on[3] - on[1]*on[2]
	if math.Abs(det) < 1 {
		return
	}
	// A finer picture is made coarser first, so that no dot of it is left out.
	if n := int(float64(from.Rect.Dx()) / math.Hypot(on[0], on[1])); n >= 2 && from.Rect.Dx() >= n && from.Rect.Dy() >= n {
		from = shrunk(from, n)
	}
	x0, x1 := min(on[4], on[4]+on[0], on[4]+on[2], on[4]+on[0]+on[2]), max(on[4], on[4]+on[0], on[4]+on[2], on[4]+on[0]+on[2])
	y0, y1 := min(on[5], on[5]+on[1], on[5]+on[3], on[5]+on[1]+on[3]), max(on[5], on[5]+on[1], on[5]+on[3], on[5]+on[1]+on[3])
	w, h := float64(from.Rect.Dx()), float64(from.Rect.Dy())
	for y := max(int(y0), 0); y < min(int(y1)+1, page.Rect.Dy()); y++ {
		for x := max(int(x0), 0); x < min(int(x1)+1, page.Rect.Dx()); x++ {
			dx, dy := float64(x)+0.5-on[4], float64(y)+0.5-on[5]
			u, v := (on[3]*dx-on[2]*dy)/det, 1-(on[0]*dy-on[1]*dx)/det // the unit square counts up
			if u < 0 || v < 0 || u >= 1 || v >= 1 {
				continue
			}
			lay(&page.Pix[y*page.Stride+x], u, v, from.Pix[int(v*h)*from.Stride+int(u*w)])
		}
	}
}
