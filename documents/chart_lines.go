package documents

import (
	"fmt"
	"slices"
	"strings"

	"darsd/dars"
)

const (
	scaleWide = 11.0 // left of a chart of lines, for the figures of its scale
	keyHigh   = 5.0  // above it, for the names of its lines
	dotWide   = 1.5
)

// Lines adds a chart of counts over time, a line for each series. The lines differ in
// colour and in how they are drawn; who cannot see them hears all figures. Where there is
// none of anything, a sentence says so.
func (d *Doc) Lines(title string, series []string, points []dars.FigurePoint) {
	any := func(p dars.FigurePoint) bool {
		return slices.ContainsFunc(p.Values, func(n int) bool { return n > 0 })
	}
	if len(points) < 2 || !slices.ContainsFunc(points, any) {
		d.Text(title + ": none.")
		return
	}
	b := block{kind: chart, text: []string{d.enteredLine(title)}}
	for _, name := range series {
		b.series = append(b.series, d.enteredLine(name))
	}
	for _, p := range points {
		b.points = append(b.points, dars.FigurePoint{Label: d.enteredLine(p.Label), Values: p.Values})
	}
	d.blocks = append(d.blocks, b)
}

// courses are lines in words: "Mar 2026: Accepted 3, Finished 1".
func (b block) courses() string {
	var all []string
	for _, p := range b.points {
		var said []string
		for i, name := range b.series {
			said = append(said, fmt.Sprintf("%s %s", name, count(int64(p.Values[i]))))
		}
		all = append(all, p.Label+": "+strings.Join(said, ", "))
	}
	return strings.Join(all, "; ")
}

// aStroke is how the line of a series is drawn.
func aStroke(series int) (c colour, dashed bool) {
	if series%2 == 1 {
		return red, true
	}
	return accent, false
}

// courses sets lines over a scale from nothing to a round figure.
func (s *sheets) courses(b block, head, foot float64) {
	most := 1
	for _, p := range b.points {
		most = max(most, slices.Max(p.Values))
	}
	step := scaleStep(most)
	top := (most + step - 1) / step * step
	label := pen{regular, chartSize, grey}
	at := func(n int) float64 { return foot - chartHigh*float64(n)/float64(top) }
	for n := 0; n <= top; n += step {
		said := count(int64(n))
		s.mark(s.tag, func(on *canvas) {
			on.rule(hair, 0.2, left+scaleWide, at(n), pageWide-right)
			on.write(label, left+scaleWide-2-label.wide(said), at(n)+1, spaced(said))
		})
	}
	slot := (wide - scaleWide) / float64(len(b.points))
	x := func(i int) float64 { return left + scaleWide + slot*(float64(i)+0.5) }
	for i, p := range b.points {
		said := label.fit(p.Label, slot-0.6)
		s.mark(s.tag, func(on *canvas) { on.write(label, x(i)-label.wide(said)/2, foot+4.4, spaced(said)) })
	}
	for j := range b.series {
		s.mark(s.tag, func(on *canvas) {
			c, dashed := aStroke(j)
			for i := 1; i < len(b.points); i++ {
				on.line(c, 0.5, dashed, x(i-1), at(b.points[i-1].Values[j]), x(i), at(b.points[i].Values[j]))
			}
			for i, p := range b.points {
				on.fill(c, x(i)-dotWide/2, at(p.Values[j])-dotWide/2, dotWide, dotWide)
			}
		})
	}
	if len(b.series) > 1 {
		s.key(b.series, label, head)
	}
}

// key names the lines of a chart, each beside a piece of it.
func (s *sheets) key(series []string, label pen, y float64) {
	x := left + scaleWide
	for j, name := range series {
		at := x
		s.mark(s.tag, func(on *canvas) {
			c, dashed := aStroke(j)
			on.line(c, 0.5, dashed, at, y-1, at+8, y-1)
			on.fill(c, at+4-dotWide/2, y-1-dotWide/2, dotWide, dotWide)
			on.write(label, at+10, y, spaced(name))
		})
		x += 10 + label.wide(name) + 8
	}
}

// scaleStep parts a scale in at most five, by 1, 2 or 5 of a power of ten.
func scaleStep(most int) int {
	for step := 1; ; step *= 10 {
		for _, by := range []int{1, 2, 5} {
			if most <= 5*by*step {
				return by * step
			}
		}
	}
}

// line draws a line between two places.
func (c *canvas) line(of colour, thick float64, dashed bool, x, y, toX, toY float64) {
	c.strokeWith(of, thick)
	if dashed {
		c.pdf.SetDashPattern([]float64{1.6, 1.1}, 0)
		defer c.pdf.SetDashPattern(nil, 0)
	}
	c.pdf.Line(x, y, toX, toY)
}
