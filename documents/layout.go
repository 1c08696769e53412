package documents

import (
	"cmp"
	"strings"
)

// A page is marks to be made on it, in order.
type page []mark

// A mark belongs to an element of the paper, or is decoration.
type mark struct {
	of   *tag
	draw func(*canvas)
}

// sheets lays blocks out on pages: the first pass. y is where the next thing
// goes. Pages are broken here and nowhere else.
type sheets struct {
	pages  []page
	y      float64
	floor  float64 // nothing is put below
	air    float64 // of what usually stands between blocks, how much is left there
	lowest float64 // where anything was put, for the test of all this

	strong    colour // of headings and rules
	root, tag *tag   // all of the paper; what is being drawn
	shared    *tag   // the list or table that the next of the same kind joins
	kind      kind   // that kind
	bookmarks []bookmark
	fields    []field
	headed    bool // a heading has been
}

func newSheets(low, air float64) *sheets {
	return &sheets{floor: low, air: air, strong: navy, root: &tag{role: "Document"}}
}

// tone is a colour as the office's letterhead has it.
func (s *sheets) tone(c colour) colour {
	if c == navy || c == accent && s.strong != navy {
		return s.strong
	}
	return c
}

// layOut is the first pass. A paper that would end with a few lines on a page of
// their own is set a little closer, if that brings them back.
func layOut(d *Doc) *sheets {
	s := laid(d, 1)
	for _, air := range []float64{0.8, 0.65, 0.5} {
		if len(s.pages) == 1 || s.y > top+straggling(len(s.pages)) {
			break
		}
		if closer := laid(d, air); len(closer.pages) < len(s.pages) {
			return closer
		}
	}
	return s
}

// straggling is how much of a last page is too little, in mm: of two pages, what would
// do for a letter is better on one.
func straggling(pages int) float64 {
	if pages == 2 {
		return 100
	}
	return 48
}

func laid(d *Doc, air float64) *sheets {
	s := newSheets(floor, air)
	s.strong = d.wording.letterhead.strong
	s.title(d)
	for rest := d.whole(); len(rest) > 0; {
		leads, run := piece(rest)
		s.need(s.together(rest, leads, run))
		for range leads + run {
			s.block(rest[0], rest[1:])
			rest = rest[1:]
		}
	}
	return s
}

// need begins a new page unless there is room for something that high.
func (s *sheets) need(high float64) {
	if s.y+high > s.floor {
		s.turn()
	}
}

// gap leaves room between two things.
func (s *sheets) gap(mm float64) { s.y += mm * s.air }

func (s *sheets) turn() {
	s.pages = append(s.pages, nil)
	s.y = top
	if len(s.pages) > 2*maxPages {
		panic("too many pages")
	}
}

func (s *sheets) mark(of *tag, draw func(*canvas)) {
	last := len(s.pages) - 1
	s.pages[last] = append(s.pages[last], mark{of, draw})
}

func (s *sheets) write(p pen, x, y float64, text string) {
	s.lowest = max(s.lowest, y)
	p.colour = s.tone(p.colour)
	s.mark(s.tag, func(on *canvas) { on.write(p, x, y, text) })
}

func (s *sheets) rule(c colour, thick, x, y, to float64) {
	c = s.tone(c)
	s.mark(nil, func(on *canvas) { on.rule(c, thick, x, y, to) })
}

func (s *sheets) fill(c colour, x, y, w, h float64) {
	s.lowest = max(s.lowest, y+h)
	c = s.tone(c)
	s.mark(nil, func(on *canvas) { on.fill(c, x, y, w, h) })
}

func (s *sheets) frame(c colour, x, y, w, h float64) {
	s.lowest = max(s.lowest, y+h)
	s.mark(nil, func(on *canvas) { on.frame(c, 0.25, x, y, w, h) })
}

// title heads the first page.
func (s *sheets) title(d *Doc) {
	s.turn()
	s.fill(navy, 0, 0, pageWide, 4.2)
	s.fill(accent, 0, 4.2, pageWide, 1)
	s.y += 3
	beside := wide // the logo
	office := cmp.Or(line(d.wording.letterhead.Name), d.office.Name)
	if logo := d.wording.letterhead.logo; logo != nil {
		beside -= logo.wide + 6
		s.in(s.figure("Logo of "+office, pageWide-right-logo.wide, logoTop, logo.wide, logo.high), func() { s.mark(s.tag, func(on *canvas) { on.picture(logo) }) })
	}
	name := pen{semibold, 9.5, accent}
	s.in(s.root.add("P"), func() {
		s.write(name, left, s.y+3, name.fit(strings.ToUpper(office), beside))
	})
	s.y += 6.5
	s.in(s.root.add("H1"), func() { s.lines(pen{semibold, 22, navy}, left, beside, 9.6, d.kind) })
	s.y += 0.8
	if d.title != "" {
		s.in(s.root.add("P"), func() { s.lines(pen{regular, 13, grey}, left, wide, 6.2, d.title) })
	}
	s.y += 1.6
	s.in(s.root.add("P"), func() { s.lines(pen{semibold, 10.5, ink}, left, wide, 5.4, d.called()) })
	s.gap(2.6)
	s.rule(accent, 0.6, left, s.y, left+28)
	s.gap(6)
}

// called is a paper's reference, and of one for the public its version and its day.
func (d *Doc) called() string {
	if d.version == "" {
		return d.ref
	}
	return joined(", ", d.ref, d.version, d.date.Long())
}

// block lays out one block. What follows is told, for the room between the two.
func (s *sheets) block(b block, after []block) {
	if b.kind != s.kind {
		s.kind, s.shared = b.kind, nil
	}
	switch b.kind {
	case heading:
		s.heading(b)
	case subheading:
		s.gap(1.6)
		s.need(8)
		level, role := 1, "H3"
		if !s.headed {
			level, role = 0, "H2" // no level is skipped
		}
		s.bookmark(b.text[0], level)
		s.in(s.root.add(role), func() { s.lines(subPen, left, wide, 5.4, b.text[0]) })
		s.gap(1.2)
	case para:
		s.in(s.root.add("P"), func() { s.lines(bodyPen, left, wide, bodyLead, b.text[0]) })
		s.gap(2.6)
	case clause:
		p := s.root.add("P")
		s.item(p, labelPen, b.text[0], p, 11, b.text[1])
		s.gap(1.9)
	case bullet:
		if lastButOne(b, after) {
			s.need(bulletHigh(b) + bulletHigh(after[0]))
		}
		item := s.within("L").add("LI")
		s.item(item.add("Lbl"), pen{semibold, bodySize, accent}, "•", item.add("LBody"), bulletIndent, b.text[0])
		s.gap(1.1)
		if len(after) > 0 && after[0].kind != bullet {
			s.gap(1.6)
		}
	case notice:
		s.notice(b.text[0])
	case fact:
		s.fact(b.text[0], b.text[1])
		if len(after) > 0 && after[0].kind != fact {
			s.gap(4)
		}
	case entry:
		s.entry(b)
		if len(after) > 0 && after[0].kind != entry {
			s.gap(4)
		}
	case tick:
		s.tick(b)
	case table:
		s.table(b)
	case chart:
		s.chart(b)
	case signature:
		s.signature(b.sign)
	case closing:
		s.closing(b.text[0], b.text[1])
	}
}

func (s *sheets) heading(b block) {
	s.headed = true
	if s.y > top {
		s.gap(4.2)
	}
	x := left
	if b.text[1] != "" {
		x += 11
	}
	s.need(6.2 * float64(inseparable(len(headingPen.wrap(b.text[0], wide-(x-left))))))
	if s.y == top {
		s.y += 1
	}
	s.bookmark(joined(" ", b.text[1], b.text[0]), 0)
	s.in(s.root.add("H2"), func() {
		s.write(headingPen, left, s.y+4.6, spaced(b.text[1]))
		s.lines(headingPen, x, wide-(x-left), 6.2, b.text[0])
	})
	s.gap(2.2)
}

// bookmark notes that a heading begins here.
func (s *sheets) bookmark(title string, deep int) {
	s.bookmarks = append(s.bookmarks, bookmark{title, deep, len(s.pages) - 1, s.y})
}

// lines sets text, broken into lines, from page to page. No first or last line
// of a paragraph stands alone on a page.
func (s *sheets) lines(p pen, x, w, lead float64, text string) {
	all := p.set(text, w)
	for i, l := range all {
		switch {
		case i == 0:
			s.need(float64(inseparable(len(all))) * lead)
		case len(all) > 3 && i == len(all)-2:
			s.need(2 * lead)
		default:
			s.need(lead)
		}
		s.write(p, x, s.y+lead*0.74, l)
		s.y += lead
	}
}

// spaced ends a label with a space, which parts it from what it stands before.
func spaced(label string) string {
	if label == "" {
		return ""
	}
	return label + " "
}

// inseparable is how many of the first lines of a paragraph stay together.
func inseparable(lines int) int {
	if lines > 3 {
		return 2
	}
	return lines
}

// item is a paragraph with something before it: a number or a dot.
func (s *sheets) item(label *tag, p pen, mark string, body *tag, indent float64, text string) {
	s.need(float64(inseparable(len(bodyPen.wrap(text, wide-indent)))) * bodyLead)
	s.in(label, func() { s.write(p, left, s.y+bodyLead*0.74, spaced(mark)) })
	s.in(body, func() { s.lines(bodyPen, left+indent, wide-indent, bodyLead, text) })
}

const bulletIndent = 5.0

// lastButOne reports whether an item is the last but one of its list: the last does
// not stand alone on a page.
func lastButOne(b block, after []block) bool {
	return b.kind == bullet && len(after) > 0 && after[0].kind == bullet && (len(after) == 1 || after[1].kind != bullet)
}

// bulletHigh is how high the lines of an item are of which no more than the first
// ones must stand together.
func bulletHigh(b block) float64 {
	return float64(inseparable(len(bodyPen.wrap(b.text[0], wide-bulletIndent))))*bodyLead + 1.1
}

func (s *sheets) notice(text string) {
	p := pen{regular, 10, navy}
	all := p.set(text, wide-10)
	high := float64(len(all))*bodyLead + 6
	if high > floor-top {
		s.in(s.root.add("P"), func() { s.lines(p, left, wide, bodyLead, text) }) // too long for a box
		return
	}
	s.need(high)
	s.fill(tint, left, s.y, wide, high)
	s.fill(accent, left, s.y, 1.1, high)
	s.in(s.root.add("P"), func() {
		for i, l := range all {
			s.write(p, left+5, s.y+3+bodyLead*(float64(i)+0.74), l)
		}
	})
	s.y += high
	s.gap(4)
}

func (s *sheets) fact(label, value string) {
	labels := labelPen.set(label, labelWide-4)
	values := bodyPen.wrap(value, wide-labelWide)
	high := float64(max(len(labels), min(len(values), 6))) * bodyLead
	s.need(high + 2.2)
	head, cell := s.pair()
	s.in(head, func() {
		for i, l := range labels {
			s.write(labelPen, left, s.y+1+bodyLead*(float64(i)+0.74), l)
		}
	})
	s.y += 1
	under := s.y + float64(len(labels))*bodyLead
	s.in(cell, func() { s.lines(bodyPen, left+labelWide, wide-labelWide, bodyLead, value) })
	if len(values) < len(labels) {
		s.y = under
	}
	s.y += 1.2
	s.rule(hair, 0.2, left, s.y, pageWide-right)
}

// pair is a row of a label and what it heads: facts and entries are tables of
// two columns to who hears them.
func (s *sheets) pair() (head, cell *tag) {
	row := s.within("Table").add("TR")
	head = row.add("TH")
	head.attr = headsRow
	return head, row.add("TD")
}

const entryHigh = 9.5

func (s *sheets) entry(b block) {
	high := b.entryHigh()
	s.need(high)
	labels := labelPen.set(b.text[0], labelWide-4)
	from := s.y + (entryHigh-4*float64(len(labels)))/2 // in the middle of the first line
	head, cell := s.pair()
	s.in(head, func() {
		for i, l := range labels {
			s.write(labelPen, left, from+4*(float64(i)+0.74), l)
		}
	})
	s.frame(hair, left+labelWide, s.y+0.8, wide-labelWide, high-1.6)
	s.in(cell, func() { s.blank(b.blank, left+labelWide+0.4, s.y+1.2, wide-labelWide-0.8, high-2.4) })
	s.y += high
}

// The box of a signature, from the name of the party down.
const (
	signHigh  = 29.3
	mostParty = 14 // lines of its name
	signLead  = 5.2
	signGap   = 3.6
)

// signature is a box that is never broken over two pages. The party's name is a
// legal one, and stands there whole.
func (s *sheets) signature(sign Signature) {
	p := pen{semibold, 10.5, navy}
	party := p.set("Signed for "+sign.For, wide-10)
	high := signHigh + signLead*float64(min(len(party), mostParty))
	s.need(high + signGap)
	s.frame(hair, left, s.y, wide, high)
	s.fill(navy, left, s.y, 1.1, high)
	box := s.root.add("Sect")
	s.in(box.add("P"), func() {
		for i, l := range party[:min(len(party), mostParty)] {
			s.write(p, left+5, s.y+6.6+signLead*float64(i), l)
		}
	})
	half, under := wide/2, s.y+high-signHigh
	for i, f := range [][2]string{{"Signature", ""}, {"Name", sign.Name}, {"Role", sign.Role}, {"Date", sign.Date}} {
		x := left + 5 + float64(i%2)*half
		y := under + 12 + float64(i/2)*11.5
		s.rule(grey, 0.2, x, y, x+half-10)
		s.in(box.add("P"), func() {
			s.write(smallPen, x, y+3.6, spaced(f[0]))
			s.write(bodyPen, x+0.5, y-1.2, bodyPen.fit(f[1], half-11))
			s.blank(sign.field(strings.ToLower(f[0])), x, y-6.4, half-10, 6.2)
		})
	}
	s.y += high
	s.gap(signGap)
}

// closing stands under a letter, with what it ends.
func (s *sheets) closing(office, role string) {
	s.need(closingHigh)
	s.gap(1.5)
	s.in(s.root.add("P"), func() { s.lines(strongPen, left, wide, bodyLead, office) })
	if role != "" {
		s.in(s.root.add("P"), func() { s.lines(bodyPen, left, wide, bodyLead, role) })
	}
}

const closingHigh = 1.5 + 2*bodyLead
