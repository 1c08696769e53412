package documents

import (
	"math"

	"github.com/ledongthuc/pdf"
)

// What makes a page look otherwise than its pictures laid on each other would: a person
// who is to say what is on it is then shown nothing rather than something else.

// also notes what is seen on a page besides its pictures, the first alone.
func (s *seenPage) also(more string) {
	if s.more == "" {
		s.more = more
	}
}

// inked notes that a shape is drawn. What is light, and lies under all pictures, is the
// paper itself.
func (d *drawer) inked() {
	if d.dark || len(d.pictures) > 0 {
		d.also("something is drawn on it")
	}
}

// mixed notes a state in which what is drawn is mixed with what lies under it.
func (d *drawer) mixed(state pdf.Value) {
	for _, name := range []string{"ca", "CA"} {
		if much := state.Key(name); !much.IsNull() && much.Float64() != 1 {
			d.also("a part of it is half seen")
		}
	}
	if mask := state.Key("SMask"); !mask.IsNull() && mask.Name() != "None" {
		d.also("a part of it is half seen")
	}
	if way := state.Key("BM"); !way.IsNull() && way.Name() != "Normal" && way.Name() != "Compatible" {
		d.also("a part of it is mixed with what lies under it")
	}
}

// veiled notes a picture or a form of which not all is seen.
func (d *drawer) veiled(v pdf.Value) {
	if !v.Key("OC").IsNull() {
		d.also("a part of it can be switched off")
	}
}

// cutTo has all that follows be seen within an outline alone: a rectangle, or else for us
// nowhere.
func (d *drawer) cutTo(outline [][]spot) {
	to := [4]float64{}
	if len(outline) == 1 && len(outline[0]) == 4 {
		a, b, c := outline[0][0], outline[0][1], outline[0][2]
		if straight := a.x == b.x && b.y == c.y || a.y == b.y && b.x == c.x; straight {
			to = [4]float64{min(a.x, c.x), min(a.y, c.y), max(a.x, c.x), max(a.y, c.y)}
		}
	}
	if d.clip != nil {
		to = [4]float64{max(to[0], d.clip[0]), max(to[1], d.clip[1]), min(to[2], d.clip[2]), min(to[3], d.clip[3])}
	}
	d.clip = &to
}

// cutOff notes that some of a picture that would be seen on the page lies outside of
// what is seen.
func (d *drawer) cutOff() {
	if d.clip == nil {
		return
	}
	x0, y0, x1, y1 := d.on.around()
	x0, y0, x1, y1 = max(x0, d.box[0]), max(y0, d.box[1]), min(x1, d.box[2]), min(y1, d.box[3])
	nearX, nearY := 0.03*(x1-x0)+1, 0.03*(y1-y0)+1
	if d.clip[0] > x0+nearX || d.clip[1] > y0+nearY || d.clip[2] < x1-nearX || d.clip[3] < y1-nearY {
		d.also("a part of its picture is cut off")
	}
}

// around is the rectangle around the unit square, taken to the page.
func (m matrix) around() (x0, y0, x1, y1 float64) {
	x0, y0 = m[4]+min(m[0], 0)+min(m[2], 0), m[5]+min(m[1], 0)+min(m[3], 0)
	return x0, y0, x0 + math.Abs(m[0]) + math.Abs(m[2]), y0 + math.Abs(m[1]) + math.Abs(m[3])
}
