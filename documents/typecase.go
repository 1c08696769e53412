package documents

import (
	"crypto/sha256"
	"fmt"
	"strings"
)

// A typecase holds the letters that one paper uses, of each face.
type typecase map[style]*fount

// styles are the faces in the order in which a file has them.
var styles = []style{regular, semibold, italic}

func newTypecase() typecase {
	all := typecase{}
	for _, s := range styles {
		all[s] = &fount{face: faces()[s]}
	}
	return all
}

// A fount is the letters of one face that a paper uses, numbered in the order in
// which they come. The numbers are what stands in the paper's content, and in its
// copy of the font, which has no other letters.
type fount struct {
	*face
	numbers [256]*[256]uint16 // of each letter, by its two bytes; 0: not used so far
	letters []rune            // by number, from 1
}

// number is that of a letter. All text has gone through clean: the face has it.
func (f *fount) number(r rune) uint16 {
	row := f.numbers[byte(r>>8)]
	if row == nil {
		row = new([256]uint16)
		f.numbers[byte(r>>8)] = row
	}
	n := &row[byte(r)]
	if *n == 0 {
		f.letters = append(f.letters, r)
		*n = uint16(len(f.letters))
	}
	return *n
}

// founts writes the fonts that were used into the file, and returns what its
// pages say of them.
func (f *file) founts(all typecase, to standard) string {
	var b strings.Builder
	for _, s := range styles {
		if len(all[s].letters) > 0 {
			fmt.Fprintf(&b, "/F%s %d 0 R ", s, f.fount(all[s], to))
		}
	}
	return b.String()
}

// fount writes one font (ISO 32000-1, 9.7).
func (f *file) fount(u *fount, to standard) int {
	var glyphs []uint16
	for _, r := range u.letters {
		glyphs = append(glyphs, u.glyph[r])
	}
	program := u.cut(glyphs)
	name := u.name
	if to != checked { // part 1 would want a list of the letters beside such a name
		name = partName(program) + "+" + name
	}
	stream := f.packed(fmt.Sprintf("/Length1 %d", len(program)), program)
	descriptor := f.add("<</Type /FontDescriptor /FontName /%s /Flags 4 %s /FontFile2 %d 0 R>>", name, u.described, stream)
	letters := f.add("<</Type /Font\n/Subtype /CIDFontType2 /BaseFont /%s /CIDSystemInfo <</Registry (Adobe) /Ordering (Identity) /Supplement 0>>"+
		" /FontDescriptor %d 0 R /CIDToGIDMap /Identity /W [1 [%s]]>>", name, descriptor, u.widths())
	return f.add("<</Type /Font\n/Subtype /Type0 /BaseFont /%s /Encoding /Identity-H /DescendantFonts [%d 0 R] /ToUnicode %d 0 R>>",
		name, letters, f.packed("", u.meanings()))
}

// partName says of a font that it is a part of one: six capitals, which differ
// with what is in it.
func partName(program []byte) string {
	sum := sha256.Sum256(program)
	capitals := make([]byte, 6)
	for i := range capitals {
		capitals[i] = 'A' + sum[i]%26
	}
	return string(capitals)
}

func (u *fount) widths() string {
	var b []byte
	for _, r := range u.letters {
		b = append(appendNumber(b, u.points(r, 1000)), ' ')
	}
	return string(b)
}

// meanings is the table by which the paper's words can be searched, copied and
// heard: the letter for each number (Adobe Technical Note 5411).
func (u *fount) meanings() []byte {
	var b strings.Builder
	b.WriteString("/CIDInit /ProcSet findresource begin\n12 dict begin\nbegincmap\n/CIDSystemInfo <</Registry (Adobe) /Ordering (UCS) /Supplement 0>> def\n/CMapName /Adobe-Identity-UCS def\n/CMapType 2 def\n1 begincodespacerange\n<0000> <FFFF>\nendcodespacerange\n")
	for first := 0; first < len(u.letters); first += 100 { // at most 100 in one block
		block := u.letters[first:min(first+100, len(u.letters))]
		fmt.Fprintf(&b, "%d beginbfchar\n", len(block))
		for i, r := range block {
			fmt.Fprintf(&b, "<%04X> <%04X>\n", first+i+1, r)
		}
		b.WriteString("endbfchar\n")
	}
	b.WriteString("endcmap\nCMapName currentdict /CMap defineresource pop\nend\nend")
	return []byte(b.String())
}
