package documents

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/jung-kurt/gofpdf"
)

// The page, in millimetres: A4.
const (
	pageWide, pageHigh   = 210.0, 297.0
	left, right          = 22.0, 22.0
	top, bottom          = 29.0, 25.0
	wide                 = pageWide - left - right
	floor                = pageHigh - bottom // nothing of the text stands below
	bodySize, bodyLead   = 10.0, 4.95
	tableSize, tableLead = 8.8, 4.2
	pad                  = 1.7 // inside the cells of a table
	labelWide            = 47.0
	blankHigh            = 9.0  // a row in which something is filled in by hand
	mostLines            = 52   // of one row on one page
	maxPages             = 2000 // a paper longer than that is a mistake, or an attack
)

// A colour is red, green and blue.
type colour [3]int

var (
	ink    = colour{32, 38, 46}
	grey   = colour{98, 108, 120}
	navy   = colour{0, 48, 92}
	accent = colour{0, 114, 142}
	hair   = colour{206, 213, 220}
	tint   = colour{241, 245, 248}
	white  = colour{255, 255, 255}
	faint  = colour{236, 238, 241}
	red    = colour{170, 30, 40}
)

// A pen is how letters look.
type pen struct {
	style  style
	size   float64 // points
	colour colour
}

var (
	bodyPen    = pen{regular, bodySize, ink}
	strongPen  = pen{semibold, bodySize, ink}
	labelPen   = pen{semibold, 9.3, grey}
	smallPen   = pen{regular, 8.4, grey}
	headingPen = pen{semibold, 13, navy}
	subPen     = pen{semibold, 10.8, navy}
	headPen    = pen{semibold, tableSize, white}
	cellPen    = pen{regular, tableSize, ink}
)

// PDF draws the paper. The same Doc always gives the same bytes, so that a
// reprint can be compared with what was sent.
func (d *Doc) PDF() (pdf []byte, err error) {
	// The drawing library panics where others return an error.
	defer func() {
		if broken := recover(); broken != nil {
			pdf, err = nil, fmt.Errorf("draw %s: %v", d.ref, broken)
		}
	}()
	s := layOut(d)
	if len(s.pages) > maxPages {
		return nil, fmt.Errorf("draw %s: %d pages, and a paper has at most %d", d.ref, len(s.pages), maxPages)
	}
	return d.print(s.pages)
}

// print is the second pass: the pages are laid out, so their number is known
// when the header of the first one is drawn.
func (d *Doc) print(pages []page) ([]byte, error) {
	pdf := gofpdf.New("P", "mm", "A4", "")
	day, _ := time.Parse(time.DateOnly, string(d.date))
	pdf.SetCreationDate(day)
	pdf.SetModificationDate(day) // otherwise it is now
	pdf.SetCatalogSort(true)     // otherwise fonts come in a different order each time
	pdf.SetTitle(line(d.ref+" "+d.kind), true)
	pdf.SetSubject(d.title, true)
	pdf.SetAuthor(d.office.Name, true)
	pdf.SetCreator("darsd", true)
	pdf.SetProducer("darsd", true)
	pdf.SetAutoPageBreak(false, 0)
	for _, st := range []style{regular, semibold, italic} {
		// A copy, since the library writes into it: papers are drawn side by side.
		pdf.AddUTF8FontFromBytes("sans", string(st), slices.Clone(faces()[st].ttf))
	}
	for i, p := range pages {
		pdf.AddPage()
		if d.rehearse {
			watermark(pdf)
		}
		for _, mark := range p {
			mark(pdf)
		}
		d.furniture(pdf, i+1, len(pages))
	}
	var out bytes.Buffer
	if err := pdf.Output(&out); err != nil {
		return nil, fmt.Errorf("draw %s: %w", d.ref, err)
	}
	return out.Bytes(), nil
}

// furniture is what every page has around its text. The reference, the page and
// the number of pages are one piece of text, so that a reader finds them whole.
func (d *Doc) furniture(pdf *gofpdf.Fpdf, page, pages int) {
	which := fmt.Sprintf("%s page %d of %d", joined(" ", d.ref, d.mark), page, pages)
	strong := pen{semibold, 8.6, navy}
	at := pageWide - right - strong.wide(which)
	write(pdf, strong, at, 16.2, which)
	write(pdf, smallPen, left, 16.2, smallPen.fit(d.office.Name, at-left-6))
	rule(pdf, hair, 0.25, left, 19, pageWide-right)

	rule(pdf, hair, 0.25, left, pageHigh-17, pageWide-right)
	said := d.kind + ", " + d.date.Long()
	at = pageWide - right - smallPen.wide(said)
	write(pdf, smallPen, at, pageHigh-12.6, said)
	where := joined(" · ", d.office.Address, d.office.Email)
	write(pdf, smallPen, left, pageHigh-12.6, smallPen.fit(where, at-left-6))
	if d.rehearse {
		write(pdf, pen{semibold, 8.4, red}, left, pageHigh-8.4, rehearsalWords)
	}
}

// watermark lies under the text, so that it hides no word.
func watermark(pdf *gofpdf.Fpdf) {
	p := pen{semibold, 104, faint}
	pdf.TransformBegin()
	pdf.TransformRotate(52, pageWide/2, pageHigh/2)
	write(pdf, p, pageWide/2-p.wide("REHEARSAL")/2, pageHigh/2+12, "REHEARSAL")
	pdf.TransformEnd()
}

// A page is marks to be made on it, in order.
type page []func(*gofpdf.Fpdf)

// sheets lays blocks out on pages: the first pass. y is where the next thing
// goes. Pages are broken here and nowhere else.
type sheets struct {
	pages  []page
	y      float64
	floor  float64 // nothing is put below
	lowest float64 // where anything was put, for the test of all this
}

// layOut is the first pass.
func layOut(d *Doc) *sheets {
	s := &sheets{floor: floor}
	s.title(d)
	for rest := d.blocks; len(rest) > 0; {
		leads, run := piece(rest)
		s.need(together(rest, leads, run))
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

func (s *sheets) turn() {
	s.pages = append(s.pages, nil)
	s.y = top
	if len(s.pages) > 2*maxPages {
		panic("too many pages")
	}
}

func (s *sheets) mark(m func(*gofpdf.Fpdf)) {
	last := len(s.pages) - 1
	s.pages[last] = append(s.pages[last], m)
}

func (s *sheets) write(p pen, x, y float64, text string) {
	s.lowest = max(s.lowest, y)
	s.mark(func(pdf *gofpdf.Fpdf) { write(pdf, p, x, y, text) })
}

func (s *sheets) rule(c colour, thick, x, y, to float64) {
	s.mark(func(pdf *gofpdf.Fpdf) { rule(pdf, c, thick, x, y, to) })
}

func (s *sheets) fill(c colour, x, y, w, h float64) {
	s.lowest = max(s.lowest, y+h)
	s.mark(func(pdf *gofpdf.Fpdf) {
		pdf.SetFillColor(c[0], c[1], c[2])
		pdf.Rect(x, y, w, h, "F")
	})
}

func (s *sheets) frame(c colour, x, y, w, h float64) {
	s.lowest = max(s.lowest, y+h)
	s.mark(func(pdf *gofpdf.Fpdf) {
		pdf.SetDrawColor(c[0], c[1], c[2])
		pdf.SetLineWidth(0.25)
		pdf.Rect(x, y, w, h, "D")
	})
}

// title heads the first page.
func (s *sheets) title(d *Doc) {
	s.turn()
	s.fill(navy, 0, 0, pageWide, 4.2)
	s.fill(accent, 0, 4.2, pageWide, 1)
	s.y += 3
	s.write(pen{semibold, 9.5, accent}, left, s.y+3, strings.ToUpper(d.office.Name))
	s.y += 6.5
	s.lines(pen{semibold, 22, navy}, left, wide, 9.6, d.kind)
	s.y += 0.8
	if d.title != "" {
		s.lines(pen{regular, 13, grey}, left, wide, 6.2, d.title)
	}
	s.y += 1.6
	s.lines(pen{semibold, 10.5, ink}, left, wide, 5.4, d.ref)
	s.y += 2.6
	s.rule(accent, 0.6, left, s.y, left+28)
	s.y += 6
}

// block lays out one block. What follows is told, for the room between the two.
func (s *sheets) block(b block, after []block) {
	switch b.kind {
	case heading:
		s.heading(b)
	case subheading:
		s.y += 1.6
		s.need(8)
		s.lines(subPen, left, wide, 5.4, b.text[0])
		s.y += 1.2
	case para:
		s.lines(bodyPen, left, wide, bodyLead, b.text[0])
		s.y += 2.6
	case clause:
		s.item(labelPen, b.text[0], 11, b.text[1])
		s.y += 1.9
	case bullet:
		s.item(pen{semibold, bodySize, accent}, "•", 5, b.text[0])
		s.y += 1.1
		if len(after) > 0 && after[0].kind != bullet {
			s.y += 1.6
		}
	case notice:
		s.notice(b.text[0])
	case fact:
		s.fact(b.text[0], b.text[1])
		if len(after) > 0 && after[0].kind != fact {
			s.y += 4
		}
	case entry:
		s.entry(b.text[0])
		if len(after) > 0 && after[0].kind != entry {
			s.y += 4
		}
	case table:
		s.table(b)
	case signature:
		s.signature(b.sign)
	}
}

func (s *sheets) heading(b block) {
	if s.y > top {
		s.y += 4.2
	}
	x := left
	if b.text[1] != "" {
		x += 11
	}
	s.need(6.2 * float64(inseparable(len(headingPen.wrap(b.text[0], wide-(x-left))))))
	if s.y == top {
		s.y += 1
	}
	s.write(headingPen, left, s.y+4.6, b.text[1])
	s.lines(headingPen, x, wide-(x-left), 6.2, b.text[0])
	s.y += 2.2
}

// lines sets text, broken into lines, from page to page. No first or last line
// of a paragraph stands alone on a page.
func (s *sheets) lines(p pen, x, w, lead float64, text string) {
	all := p.wrap(text, w)
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

// inseparable is how many of the first lines of a paragraph stay together.
func inseparable(lines int) int {
	if lines > 3 {
		return 2
	}
	return lines
}

// item is a paragraph with something before it: a number or a dot.
func (s *sheets) item(p pen, mark string, indent float64, text string) {
	s.need(float64(inseparable(len(bodyPen.wrap(text, wide-indent)))) * bodyLead)
	s.write(p, left, s.y+bodyLead*0.74, mark)
	s.lines(bodyPen, left+indent, wide-indent, bodyLead, text)
}

func (s *sheets) notice(text string) {
	p := pen{regular, 10, navy}
	all := p.wrap(text, wide-10)
	high := float64(len(all))*bodyLead + 6
	if high > floor-top {
		s.lines(p, left, wide, bodyLead, text) // too long for a box
		return
	}
	s.need(high)
	s.fill(tint, left, s.y, wide, high)
	s.fill(accent, left, s.y, 1.1, high)
	for i, l := range all {
		s.write(p, left+5, s.y+3+bodyLead*(float64(i)+0.74), l)
	}
	s.y += high + 4
}

func (s *sheets) fact(label, value string) {
	labels := labelPen.wrap(label, labelWide-4)
	values := bodyPen.wrap(value, wide-labelWide)
	high := float64(max(len(labels), min(len(values), 6))) * bodyLead
	s.need(high + 2.2)
	for i, l := range labels {
		s.write(labelPen, left, s.y+1+bodyLead*(float64(i)+0.74), l)
	}
	s.y += 1
	under := s.y + float64(len(labels))*bodyLead
	s.lines(bodyPen, left+labelWide, wide-labelWide, bodyLead, value)
	if len(values) < len(labels) {
		s.y = under
	}
	s.y += 1.2
	s.rule(hair, 0.2, left, s.y, pageWide-right)
}

const entryHigh = 9.5

func (s *sheets) entry(label string) {
	s.need(entryHigh)
	labels := labelPen.wrap(label, labelWide-4)
	from := s.y + (entryHigh-4*float64(len(labels)))/2 // in the middle
	for i, l := range labels {
		s.write(labelPen, left, from+4*(float64(i)+0.74), l)
	}
	s.frame(hair, left+labelWide, s.y+0.8, wide-labelWide, entryHigh-1.6)
	s.y += entryHigh
}

// table sets a table whose header row is repeated on each page. Rows are
// measured before they are drawn; one that is higher than a page is cut.
func (s *sheets) table(b block) {
	edges := edges(b.cols)
	head := names(b.cols)
	header := func() {
		texts, n := cells(headPen, head, edges)
		high := cellHigh(n)
		s.fill(navy, left, s.y, wide, high)
		s.row(headPen, texts, edges)
		s.y += high
	}
	s.need(min(firstRow(b), floor-top))
	header()
	if len(b.rows) == 0 {
		s.write(pen{italic, tableSize, grey}, left+pad, s.y+pad+tableLead*0.74, "None.")
		s.y += tableLead + 2*pad
	}
	for i, texts := range b.rows {
		lines, n := cells(cellPen, texts, edges)
		for n > 0 {
			part, now := cut(lines, mostLines), min(n, mostLines)
			lines, n = rest(lines, mostLines), n-now
			high := cellHigh(now)
			if hasBlank(b.cols, texts) {
				high = max(high, blankHigh)
			}
			if s.y+high > s.floor {
				s.rule(navy, 0.35, left, s.y, pageWide-right)
				s.turn()
				header()
			}
			if i%2 == 1 {
				s.fill(tint, left, s.y, wide, high)
			}
			s.row(cellPen, part, edges)
			for _, x := range edges[1 : len(edges)-1] {
				if hasBlank(b.cols, texts) {
					s.fill(hair, x, s.y, 0.2, high)
				}
			}
			s.y += high
			s.rule(hair, 0.2, left, s.y, pageWide-right)
		}
	}
	s.rule(navy, 0.35, left, s.y, pageWide-right)
	s.y += 5
}

// cells breaks the texts of a row into lines, and says how many the highest has.
func cells(p pen, texts []string, edges []float64) (lines [][]string, most int) {
	for i, text := range texts {
		lines = append(lines, p.wrap(text, edges[i+1]-edges[i]-2*pad))
		most = max(most, len(lines[i]))
	}
	return lines, max(most, 1)
}

// cellHigh is how high a row of so many lines is.
func cellHigh(lines int) float64 { return float64(lines)*tableLead + 2*pad }

// firstRow is how high a table is as far as its first row.
func firstRow(b block) float64 {
	edges := edges(b.cols)
	_, high := cells(headPen, names(b.cols), edges)
	if len(b.rows) == 0 {
		return cellHigh(high) + cellHigh(1)
	}
	_, n := cells(cellPen, b.rows[0], edges)
	first := cellHigh(min(n, mostLines))
	if hasBlank(b.cols, b.rows[0]) {
		first = max(first, blankHigh)
	}
	return cellHigh(high) + first
}

func names(cols []Col) (all []string) {
	for _, c := range cols {
		all = append(all, line(c.Name))
	}
	return all
}

func (s *sheets) row(p pen, cells [][]string, edges []float64) {
	for i, lines := range cells {
		for j, l := range lines {
			s.write(p, edges[i]+pad, s.y+pad+tableLead*(float64(j)+0.74), l)
		}
	}
}

func cut(cells [][]string, n int) (part [][]string) {
	for _, c := range cells {
		part = append(part, c[:min(n, len(c))])
	}
	return part
}

func rest(cells [][]string, n int) (part [][]string) {
	for _, c := range cells {
		part = append(part, c[min(n, len(c)):])
	}
	return part
}

// hasBlank reports whether a row has a cell to be filled in by hand.
func hasBlank(cols []Col, texts []string) bool {
	for i, c := range cols {
		if c.Fill && texts[i] == "" {
			return true
		}
	}
	return false
}

// edges shares the width among columns.
func edges(cols []Col) []float64 {
	all := 0
	for _, c := range cols {
		all += max(c.Share, 1)
	}
	xs, sum := []float64{left}, 0
	for _, c := range cols {
		sum += max(c.Share, 1)
		xs = append(xs, left+wide*float64(sum)/float64(all))
	}
	return xs
}

const signHigh = 38.0

// signature is a box that is never broken over two pages.
func (s *sheets) signature(sign Signature) {
	s.need(signHigh)
	s.frame(hair, left, s.y, wide, signHigh-4)
	s.fill(navy, left, s.y, 1.1, signHigh-4)
	s.write(pen{semibold, 10.5, navy}, left+5, s.y+6.6, strongPen.fit("Signed for "+sign.For, wide-10))
	half := wide / 2
	for i, f := range [][2]string{{"Signature", ""}, {"Name", sign.Name}, {"Role", sign.Role}, {"Date", sign.Date}} {
		x := left + 5 + float64(i%2)*half
		y := s.y + 17 + float64(i/2)*12
		s.rule(grey, 0.2, x, y, x+half-10)
		s.write(smallPen, x, y+3.6, f[0])
		s.write(bodyPen, x+0.5, y-1.2, bodyPen.fit(f[1], half-11))
	}
	s.y += signHigh
}

// write makes letters on the page; y is their foot.
func write(pdf *gofpdf.Fpdf, p pen, x, y float64, text string) {
	if text == "" {
		return
	}
	pdf.SetFont("sans", string(p.style), p.size)
	pdf.SetTextColor(p.colour[0], p.colour[1], p.colour[2])
	pdf.Text(x, y, text)
}

func rule(pdf *gofpdf.Fpdf, c colour, thick, x, y, to float64) {
	pdf.SetDrawColor(c[0], c[1], c[2])
	pdf.SetLineWidth(thick)
	pdf.Line(x, y, to, y)
}
