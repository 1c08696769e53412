package documents

import (
	"fmt"
	"strings"
)

// A tag is an element of a paper's structure: what a screen reader reads, in
// which order, and as what. An element has others in it, or stretches of pages.
type tag struct {
	role string // a standard structure type (ISO 32000-1, 14.8.4): "H1", "P", "TD"
	attr string // attributes, as the file has them
	alt  string // what a picture says, in words
	kids []*tag
	runs []run

	widget int // the object of a field, if it is one
	page   int // on which that is
}

// A run is a stretch of one page that belongs to an element.
type run struct{ page, id int }

// The attributes of cells that head others, and of one across a whole table.
const (
	headsColumn = "/A <</O /Table /Scope /Column>>"
	headsRow    = "/A <</O /Table /Scope /Row>>"
)

func (t *tag) add(role string) *tag {
	kid := &tag{role: role}
	t.kids = append(t.kids, kid)
	return kid
}

// in makes what is drawn meanwhile part of an element; of none, and it is
// decoration, which is not read out.
func (s *sheets) in(t *tag, draw func()) {
	outer := s.tag
	s.tag = t
	draw()
	s.tag = outer
}

// within is the list or the table that neighbours of one kind share.
func (s *sheets) within(role string) *tag {
	if s.shared == nil {
		s.shared = s.root.add(role)
	}
	return s.shared
}

// figure is a picture at a place on the page, in mm, with what it says in words.
func (s *sheets) figure(says string, x, y, wide, high float64) *tag {
	t := s.root.add("Figure")
	t.alt = says
	t.attr = fmt.Sprintf("/A <</O /Layout /Placement /Block /BBox [%.1f %.1f %.1f %.1f]>>",
		x*pointsPerMM, (pageHigh-y-high)*pointsPerMM, (x+wide)*pointsPerMM, (pageHigh-y)*pointsPerMM)
	return t
}

// tagged draws the marks of one page, each stretch as the content of its
// element. It returns those elements, by the number of the stretch.
func (p page) tagged(c *canvas, number int) (owners []*tag) {
	for len(p) > 0 {
		of, n := p[0].of, 1
		for n < len(p) && p[n].of == of {
			n++
		}
		if of == nil {
			c.raw("/Artifact BMC")
		} else {
			c.raw(fmt.Sprintf("/%s <</MCID %d>> BDC", of.role, len(owners)))
			of.runs = append(of.runs, run{number, len(owners)})
			owners = append(owners, of)
		}
		for _, m := range p[:n] {
			m.draw(c)
		}
		c.raw("EMC")
		p = p[n:]
	}
	return owners
}

// decoration draws what stands on each page around its text.
func decoration(c *canvas, draw func()) {
	c.raw("/Artifact <</Type /Pagination>> BDC")
	draw()
	c.raw("EMC")
}

// structure writes the elements into the file, and returns the root of their
// tree (ISO 32000-1, 14.7). owners are those of each page; fields come after them.
func (f *file) structure(root *tag, owners [][]*tag, fields []field) int {
	at := map[*tag]int{}
	tree := f.add("")
	f.number(root, at)
	f.element(root, tree, at)
	var pages strings.Builder
	for i, of := range owners {
		fmt.Fprintf(&pages, "%d [", i)
		for _, t := range of {
			fmt.Fprintf(&pages, "%d 0 R ", at[t])
		}
		pages.WriteString("] ")
	}
	for i, field := range fields {
		fmt.Fprintf(&pages, "%d %d 0 R ", len(owners)+i, at[field.of])
	}
	f.set(tree, "<</Type /StructTreeRoot /K [%d 0 R] /ParentTree <</Nums [%s]>> /ParentTreeNextKey %d>>", at[root], pages.String(), len(owners)+len(fields))
	return tree
}

func (f *file) number(t *tag, at map[*tag]int) {
	at[t] = f.add("")
	for _, kid := range t.kids {
		f.number(kid, at)
	}
}

func (f *file) element(t *tag, parent int, at map[*tag]int) {
	var b strings.Builder
	fmt.Fprintf(&b, "<</Type /StructElem /S /%s /P %d 0 R", t.role, parent)
	if len(t.runs) > 0 {
		fmt.Fprintf(&b, " /Pg %d 0 R", f.pages[t.runs[0].page])
	}
	if t.attr != "" {
		b.WriteString(" " + t.attr)
	}
	if t.alt != "" {
		b.WriteString(" /Alt " + text(t.alt))
	}
	b.WriteString(" /K [")
	for _, r := range t.runs {
		fmt.Fprintf(&b, "<</Type /MCR /Pg %d 0 R /MCID %d>> ", f.pages[r.page], r.id)
	}
	if t.widget > 0 {
		fmt.Fprintf(&b, "<</Type /OBJR /Pg %d 0 R /Obj %d 0 R>>", f.pages[t.page], t.widget)
	}
	for _, kid := range t.kids {
		fmt.Fprintf(&b, "%d 0 R ", at[kid])
	}
	f.set(at[t], "%s]>>", b.String())
	for _, kid := range t.kids {
		f.element(kid, at[t], at)
	}
}
