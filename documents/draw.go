package documents

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"slices"
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
func (d *Doc) PDF() (pdf []byte, err error) { return d.pdf(lasting) }

func (d *Doc) pdf(to standard) (pdf []byte, err error) {
	// The drawing library panics where others return an error.
	defer func() {
		if broken := recover(); broken != nil {
			pdf, err = nil, fmt.Errorf("draw %s: %v", d.ref, broken)
		}
	}()
	if err := errors.Join(d.wording.broken, d.broken); err != nil {
		return nil, fmt.Errorf("draw %s: %w", d.ref, err)
	}
	s := layOut(d)
	if len(s.pages) > maxPages {
		return nil, fmt.Errorf("draw %s: %d pages, and a paper has at most %d", d.ref, len(s.pages), maxPages)
	}
	drawn, owners, err := d.print(s.pages)
	if err == nil {
		pdf, err = d.archive(drawn, s, owners, to)
	}
	if err != nil {
		return nil, fmt.Errorf("draw %s: %w", d.ref, err)
	}
	return pdf, nil
}

// print is the second pass: the pages are laid out, so their number is known
// when the header of the first one is drawn. owners are the elements to which the
// stretches of each page belong.
func (d *Doc) print(pages []page) (drawn []byte, owners [][]*tag, err error) {
	pdf := gofpdf.New("P", "mm", "A4", "")
	day, _ := time.Parse(time.DateOnly, string(d.date))
	pdf.SetCreationDate(day)
	pdf.SetModificationDate(day) // otherwise it is now
	pdf.SetCatalogSort(true)     // otherwise fonts come in a different order each time
	pdf.SetAutoPageBreak(false, 0)
	for _, st := range []style{regular, semibold, italic} {
		// A copy, since the library writes into it: papers are drawn side by side.
		pdf.AddUTF8FontFromBytes("sans", string(st), slices.Clone(faces()[st].ttf))
	}
	for i, p := range pages {
		pdf.AddPage()
		if d.rehearse {
			decoration(pdf, func() { watermark(pdf) })
		}
		owners = append(owners, p.tagged(pdf, i))
		decoration(pdf, func() { d.furniture(pdf, i+1, len(pages)) })
	}
	var out bytes.Buffer
	err = pdf.Output(&out)
	return out.Bytes(), owners, err
}

// furniture is what every page has around its text. The reference, the page and
// the number of pages are one piece of text, so that a reader finds them whole.
func (d *Doc) furniture(pdf *gofpdf.Fpdf, page, pages int) {
	which := fmt.Sprintf("%s page %d of %d", joined(" ", d.ref, d.mark), page, pages)
	head := d.wording.letterhead
	strong := pen{semibold, 8.6, head.strong}
	at := pageWide - right - strong.wide(which)
	write(pdf, strong, at, 16.2, which)
	if page > 1 { // the letterhead of the first names it
		write(pdf, smallPen, left, 16.2, smallPen.fit(d.office.Name, at-left-6))
	}
	rule(pdf, hair, 0.25, left, 19, pageWide-right)

	rule(pdf, hair, 0.25, left, pageHigh-17, pageWide-right)
	said := d.kind + ", " + d.date.Long()
	at = pageWide - right - smallPen.wide(said)
	write(pdf, smallPen, at, pageHigh-12.6, said)
	where := cmp.Or(line(head.Address), d.office.Address)
	write(pdf, smallPen, left, pageHigh-12.6, smallPen.fit(where, at-left-6))
	from, warning := left, pen{semibold, 8.4, red}
	if d.rehearse {
		write(pdf, warning, left, pageHigh-8.4, rehearsalWords)
		from += warning.wide(rehearsalWords) + 6
	}
	reached := joined(" · ", d.office.Telephone, d.office.Email, line(head.Footer))
	write(pdf, smallPen, from, pageHigh-8.4, smallPen.fit(reached, pageWide-right-from))
}

// watermark lies under the text, so that it hides no word.
func watermark(pdf *gofpdf.Fpdf) {
	p := pen{semibold, 104, faint}
	pdf.TransformBegin()
	pdf.TransformRotate(52, pageWide/2, pageHigh/2)
	write(pdf, p, pageWide/2-p.wide("REHEARSAL")/2, pageHigh/2+12, "REHEARSAL")
	pdf.TransformEnd()
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
