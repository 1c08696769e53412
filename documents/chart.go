package documents

import (
	"fmt"
	"slices"
	"strings"
)

// A Bar is one of a chart: how many of what.
type Bar struct {
	Label string
	Value int
	Alarm bool // something is wrong with these
}

const (
	chartHigh = 34.0 // of the longest bar, in mm
	chartHead = 7.0  // between its title and the longest bar
	chartFoot = 7.0  // for the labels below
	chartSize = 8.2
)

// Bars adds a chart of counts. Each bar carries its figure, and who cannot see it
// hears all of them. Where there is none of anything, a sentence says so.
func (d *Doc) Bars(title string, bars []Bar) {
	if len(bars) == 0 || !slices.ContainsFunc(bars, func(b Bar) bool { return b.Value > 0 }) {
		d.Text(nothingIn(title, bars))
		return
	}
	b := block{kind: chart, text: []string{d.enteredLine(title)}}
	for _, bar := range bars {
		b.bars = append(b.bars, Bar{d.enteredLine(bar.Label), max(bar.Value, 0), bar.Alarm})
	}
	d.blocks = append(d.blocks, b)
}

// nothingIn says of which things there are none: "Certificates due: none (overdue, in
// time)".
func nothingIn(title string, bars []Bar) string {
	var labels []string
	for _, bar := range bars {
		labels = append(labels, bar.Label)
	}
	if len(labels) == 0 {
		return title + ": none."
	}
	return title + ": none (" + strings.Join(labels, ", ") + ")."
}

// figures are a chart in words.
func (b block) figures() string {
	if b.series != nil {
		return b.courses()
	}
	var all []string
	for _, bar := range b.bars {
		all = append(all, fmt.Sprintf("%s: %s", bar.Label, count(int64(bar.Value))))
	}
	return strings.Join(all, "; ")
}

// chart sets bars side by side over one line, as high as they are many; or lines over a
// scale.
func (s *sheets) chart(b block) {
	head := chartHead
	if b.series != nil {
		head += keyHigh
	}
	s.need(chartNeed + head - chartHead)
	s.in(s.root.add("P"), func() { s.lines(pen{semibold, 9.3, accent}, left, wide, bodyLead, b.text[0]) })
	s.y += head
	foot := s.y + chartHigh
	picture := s.figure(b.text[0]+". "+b.figures()+".", left, s.y-head, wide, head+chartHigh+chartFoot)
	s.in(picture, func() {
		if b.series != nil {
			s.courses(b, s.y-keyHigh+1, foot)
		} else {
			s.bars(b.bars, foot)
		}
	})
	s.lowest = max(s.lowest, foot+chartFoot)
	s.y = foot + chartFoot
	s.gap(4)
}

// chartNeed is the room that a chart needs: it is never broken.
const chartNeed = bodyLead + chartHead + chartHigh + chartFoot

func (s *sheets) bars(bars []Bar, foot float64) {
	most := 1
	for _, bar := range bars {
		most = max(most, bar.Value)
	}
	label, figure := pen{regular, chartSize, grey}, pen{semibold, chartSize, ink}
	slot := wide / float64(max(len(bars), 1))
	for i, bar := range bars {
		middle, high := left+slot*(float64(i)+0.5), chartHigh*float64(bar.Value)/float64(most)
		said, value := label.fit(bar.Label, slot-1), count(int64(bar.Value))
		s.mark(s.tag, func(on *canvas) {
			colour := accent
			if bar.Alarm {
				colour = red
			}
			on.fill(colour, middle-min(slot*0.32, 12), foot-high, min(slot*0.64, 24), high)
			on.write(figure, middle-figure.wide(value)/2, foot-high-1.4, spaced(value))
			on.write(label, middle-label.wide(said)/2, foot+4.4, spaced(said))
		})
	}
	s.mark(s.tag, func(on *canvas) { on.rule(grey, 0.3, left, foot, pageWide-right) })
}
