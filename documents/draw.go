package documents

import (
	"cmp"
	"errors"
	"fmt"
)

// The page, in millimetres: A4.
const (
	pageWide, pageHigh   = 210.0, 297.0
	left, right          = 22.0, 22.0
	top, bottom          = 29.0, 30.0
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
	black  = colour{0, 0, 0}
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
func (d *Doc) PDF() (pdf []byte, err error) { return d.pdf(d.standard()) }

// standard is what the paper is built to.
func (d *Doc) standard() standard {
	if d.isForm() {
		return fillable
	}
	return lasting
}

func (d *Doc) pdf(to standard) (pdf []byte, err error) {
	// What lays out panics over a paper without end, and the library where others
	// return an error.
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
	f, owners, err := d.print(s.pages, to)
	if err != nil {
		return nil, fmt.Errorf("draw %s: %w", d.ref, err)
	}
	return d.archive(f, s, owners, to), nil
}

// print is the second pass: the pages are laid out, so their number is known
// when the header of the first one is drawn. owners are the elements to which the
// stretches of each page belong.
func (d *Doc) print(pages []page, to standard) (f *file, owners [][]*tag, err error) {
	c, code := newCanvas(), d.code(len(pages))
	for i, p := range pages {
		c.turn()
		if d.rehearse {
			decoration(c, func() { watermark(c) })
		}
		owners = append(owners, p.tagged(c, i))
		code.Page = i + 1
		decoration(c, func() {
			d.furniture(c, i+1, len(pages))
			err = errors.Join(err, code.draw(c))
		})
	}
	if err != nil {
		return nil, nil, err
	}
	f, err = c.finish(to)
	return f, owners, err
}

// furniture is what every page has around its text, beside its code. The reference, the page and
// the number of pages are one piece of text, so that a reader finds them whole.
func (d *Doc) furniture(c *canvas, page, pages int) {
	which := fmt.Sprintf("%s page %d of %d", joined(" ", d.ref, d.mark), page, pages)
	head := d.wording.letterhead
	strong := pen{semibold, 8.6, head.strong}
	at := pageWide - right - strong.wide(which)
	c.write(strong, at, 16.2, which)
	if page > 1 { // the letterhead of the first names it
		c.write(smallPen, left, 16.2, smallPen.fit(d.office.Name, at-left-6))
	}
	c.rule(hair, 0.25, left, 19, pageWide-right)

	edge := codeLeft - codeWhite
	c.rule(hair, 0.25, left, pageHigh-17, edge)
	said := joined(", ", d.kind, d.version, d.date.Long())
	at = edge - smallPen.wide(said)
	c.write(smallPen, at, pageHigh-12.6, said)
	where := cmp.Or(line(head.Address), d.office.Address)
	c.write(smallPen, left, pageHigh-12.6, smallPen.fit(where, at-left-6))
	from, warning := left, pen{semibold, 8.4, red}
	if d.rehearse {
		c.write(warning, left, pageHigh-8.4, rehearsalWords)
		from += warning.wide(rehearsalWords) + 6
	}
	reached := joined(" · ", d.office.Telephone, d.office.Email, line(head.Footer))
	c.write(smallPen, from, pageHigh-8.4, smallPen.fit(reached, edge-from))
}

// watermark lies under the text, so that it hides no word.
func watermark(c *canvas) {
	p := pen{semibold, 104, faint}
	c.turned(52, pageWide/2, pageHigh/2, func() {
		c.write(p, pageWide/2-p.wide("REHEARSAL")/2, pageHigh/2+12, "REHEARSAL")
	})
}
