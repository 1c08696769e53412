package documents

import (
	"cmp"
	"fmt"
	"strings"
)

// What a field's flags say (ISO 32000-1, 12.7.3.1 and 12.7.4).
const (
	readOnly  = 1 << 0
	manyLines = 1 << 12
	combo     = 1 << 17
	alsoOther = 1 << 18
)

// form writes the fields, each with how it looks, so that no viewer has to draw it
// before it can be seen. It notes them with their pages, and returns what the
// catalogue says of the form (ISO 32000-1, 12.7).
func (f *file) form(fields []field) string {
	font := fieldFace().addTo(f)
	lists := map[string]int{}
	at := make([][]string, len(f.pages))
	var all []string
	for i := range fields {
		b := &fields[i]
		b.of.widget, b.of.page = f.widget(b, len(f.pages)+i, font, lists), b.page
		ref := fmt.Sprintf("%d 0 R", b.of.widget)
		all, at[b.page] = append(all, ref), append(at[b.page], ref)
	}
	for i, refs := range at {
		if len(refs) > 0 {
			f.objects[f.pages[i]] = withEntry(f.objects[f.pages[i]], "/Annots ["+strings.Join(refs, " ")+"]")
		}
	}
	return fmt.Sprintf(" /AcroForm <</Fields [%s] /SigFlags 1 /DR <</Font <</Sans %d 0 R>>>> /DA (%s)>>", strings.Join(all, " "), font, fieldPen(tableSize))
}

// widget writes one field, and returns its object. parent is its place among the
// parents of what is tagged.
func (f *file) widget(b *field, parent, font int, lists map[string]int) int {
	x, y, w, h := b.x*pointsPerMM, (pageHigh-b.y-b.h)*pointsPerMM, b.w*pointsPerMM, b.h*pointsPerMM
	said := fmt.Sprintf("<</Type /Annot /Subtype /Widget /T %s /TU %s /F 4 /Rect [%.2f %.2f %.2f %.2f] /P %d 0 R /StructParent %d",
		text(b.Name), text(line(b.Says)), x, y, x+w, y+h, f.pages[b.page], parent)
	flags := 0
	if b.Fixed {
		flags = readOnly
	}
	look := func(drawn string) int {
		return f.stream(fmt.Sprintf("/Type /XObject /Subtype /Form /BBox [0 0 %.2f %.2f] /Resources <</Font <</Sans %d 0 R>>>>", w, h, font), []byte(drawn))
	}
	switch b.Kind {
	case Tick:
		said += fmt.Sprintf(" /FT /Btn /V /Off /AS /Off /AP <</N <</Yes %d 0 R /Off %d 0 R>>>>", look(ticked(w, h)), look(""))
		return f.add("%s>>", said)
	case Signed:
		said += fmt.Sprintf(" /FT /Sig /AP <</N %d 0 R>>", look(""))
		return f.add("%s>>", said)
	case Choice, Free:
		if flags |= combo; b.Kind == Free {
			flags |= alsoOther
		}
		said += fmt.Sprintf(" /FT /Ch /Opt %d 0 R", f.list(b.Choices, lists))
	case Lines:
		flags |= manyLines
		fallthrough
	default:
		said += fmt.Sprintf(" /FT /Tx /MaxLen %d", b.Kind.longest())
	}
	if b.Value != "" {
		said += " /V " + text(b.Value)
	}
	size := b.letterSize()
	return f.add("%s /Ff %d /DA (%s) /AP <</N %d 0 R>>>>", said, flags, fieldPen(size), look(b.shown(size, h)))
}

// list writes answers to choose from; fields with the same ones share them.
func (f *file) list(choices []string, lists map[string]int) int {
	var all []string
	for _, c := range choices {
		all = append(all, text(line(c)))
	}
	said := strings.Join(all, " ")
	if lists[said] == 0 {
		lists[said] = f.add("[%s]", said)
	}
	return lists[said]
}

// letterSize is that of a table's letters, or smaller if the longest answer to choose
// would not fit.
func (b *field) letterSize() float64 {
	size := tableSize
	for _, c := range b.Choices {
		p := pen{regular, tableSize, ink}
		size = min(size, tableSize*(b.w-arrowWide)/p.wide(c))
	}
	return max(size, 7)
}

// arrowWide is what viewers take for the arrow of a list, and for the edges, in mm.
const arrowWide = 4.0

// fieldPen is how letters look in a field.
func fieldPen(size float64) string {
	return fmt.Sprintf("/Sans %.1f Tf %.3f %.3f %.3f rg", size, float64(ink[0])/255, float64(ink[1])/255, float64(ink[2])/255)
}

// shown draws the value of a field, on its first line.
func (b *field) shown(size, high float64) string {
	if b.Value == "" {
		return "/Tx BMC EMC"
	}
	foot := (high-size)/2 + size*0.24
	return fmt.Sprintf("/Tx BMC q BT %s 2 %.2f Td %s Tj ET Q EMC", fieldPen(size), foot, fieldFace().encode(cmp.Or(line(b.Value), " ")))
}

// ticked draws a tick: a font with one would have to be in each viewer.
func ticked(w, h float64) string {
	return fmt.Sprintf("q 0 0.188 0.361 RG 1.6 w 1 J 1 j %.2f %.2f m %.2f %.2f l %.2f %.2f l S Q", w*0.2, h*0.52, w*0.42, h*0.25, w*0.82, h*0.8)
}
