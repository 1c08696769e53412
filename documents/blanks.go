package documents

import (
	"fmt"
)

// A Blank is a place to be filled in. On a screen it is a field of a form, on paper
// there is room for a pen.
type Blank struct {
	Name    string // of the field, for programs; "" is no field
	Says    string // what belongs there, to who hears the paper and does not see it
	Kind    blankKind
	Choices []string // of Choice
	Value   string   // that stands there already
	Fixed   bool     // and cannot be changed
}

type blankKind int

const (
	Words  blankKind = iota // on one line
	Lines                   // on more than one
	Date                    // 2026-03-31
	Choice                  // one of some
	Free                    // one of some, or other words
	Tick
	Signed // by a digital signature, or a pen
)

// longest is how many characters an answer may have.
func (k blankKind) longest() int {
	switch k {
	case Date:
		return len("2026-03-31")
	case Words:
		return 200
	case Lines:
		return 2000
	}
	return 0
}

// Ask is an Entry that is a field.
func (d *Doc) Ask(label string, b Blank) {
	b.Value = line(b.Value)
	d.blocks = append(d.blocks, block{kind: entry, text: []string{line(label)}, blank: b})
}

// Tick adds a box to be ticked by whoever means what stands beside it.
func (d *Doc) Tick(name, words string) {
	d.blocks = append(d.blocks, block{kind: tick, text: []string{line(words)}, blank: Blank{Name: name, Says: line(words), Kind: Tick}})
}

// Fields makes fields of the cells of the table that was added last. There is a
// Blank for each of its cells.
func (d *Doc) Fields(cells [][]Blank) { d.blocks[len(d.blocks)-1].cells = cells }

// isForm reports whether the paper has fields.
func (d *Doc) isForm() bool {
	for _, b := range d.blocks {
		if b.blank.Name != "" || b.cells != nil || b.sign.Fields != "" {
			return true
		}
	}
	return false
}

// A field is a blank where it stands: on which page, and there in millimetres from
// its left top corner.
type field struct {
	Blank
	page       int
	x, y, w, h float64
	of         *tag
}

// blank puts a field into what is being drawn.
func (s *sheets) blank(b Blank, x, y, w, h float64) {
	if b.Name == "" {
		return
	}
	s.fields = append(s.fields, field{b, len(s.pages) - 1, x, y, w, h, s.tag.add("Form")})
}

// entryHigh is how high an entry is; one of several lines is as high as three.
func (b block) entryHigh() float64 {
	if b.blank.Kind == Lines {
		return 3*entryHigh - 8
	}
	return entryHigh
}

const boxSize = 4.4 // of what is ticked, in mm

// tick is a box, and its words beside it.
func (s *sheets) tick(b block) {
	s.need(float64(inseparable(len(bodyPen.wrap(b.text[0], wide-8)))) * bodyLead)
	p := s.root.add("P")
	s.frame(grey, left+0.3, s.y+0.3, boxSize, boxSize)
	s.in(p, func() {
		s.blank(b.blank, left+0.3, s.y+0.3, boxSize, boxSize)
		s.lines(bodyPen, left+8, wide-8, bodyLead, b.text[0])
	})
	s.y += 2.6
}

// signedFields are the places of a signature, by name.
func (sign Signature) field(label string) Blank {
	if sign.Fields == "" {
		return Blank{}
	}
	b := Blank{Name: sign.Fields + " " + label, Says: fmt.Sprintf("%s: %s", sign.For, label)}
	switch label {
	case "signature":
		b.Kind = Signed
	case "date":
		b.Kind, b.Says = Date, b.Says+", as 2026-03-31"
	}
	return b
}
