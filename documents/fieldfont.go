package documents

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"slices"
	"strings"
	"sync"

	"golang.org/x/image/font"
	"golang.org/x/image/font/sfnt"
	"golang.org/x/image/math/fixed"
)

// A fieldFont is the font with which fields are filled in: all its letters, since
// nobody knows which will be typed, while the drawing library puts into a paper only
// those that it used. Letters are written by the number of their glyph, which is how
// programs that fill in forms write them too.
type fieldFont struct {
	file     []byte // packed
	length   int    // of the file unpacked
	letters  []byte // packed: which letter each glyph is
	widths   string
	glyphs   map[rune]sfnt.GlyphIndex
	box      fixed.Rectangle26_6
	up, down int // thousandths of the size
	capitals int
}

// fieldFace is read once: it is the same in each form.
var fieldFace = sync.OnceValue(func() *fieldFont {
	f, err := readFieldFont(regularTTF)
	if err != nil {
		panic(fmt.Sprintf("documents: the font of fields: %v", err)) // it is part of the program
	}
	return f
})

func readFieldFont(ttf []byte) (*fieldFont, error) {
	parsed, err := sfnt.Parse(ttf)
	if err != nil {
		return nil, err
	}
	var buf sfnt.Buffer
	size := fixed.I(1000)
	f := &fieldFont{glyphs: map[rune]sfnt.GlyphIndex{}}
	if f.box, err = parsed.Bounds(&buf, size, font.HintingNone); err != nil {
		return nil, err
	}
	metrics, err := parsed.Metrics(&buf, size, font.HintingNone)
	if err != nil {
		return nil, err
	}
	f.up, f.down, f.capitals = metrics.Ascent.Round(), metrics.Descent.Round(), metrics.CapHeight.Round()
	var widths []string
	for g := range parsed.NumGlyphs() {
		wide, err := parsed.GlyphAdvance(&buf, sfnt.GlyphIndex(g), size, font.HintingNone)
		if err != nil {
			return nil, err
		}
		widths = append(widths, fmt.Sprint(wide.Round()))
	}
	f.widths = strings.Join(widths, " ")
	letter := map[sfnt.GlyphIndex]rune{}
	for r := rune(0x20); r < 0xFFFE; r++ {
		if g, err := parsed.GlyphIndex(&buf, r); err == nil && g > 0 {
			f.glyphs[r] = g
			if _, known := letter[g]; !known {
				letter[g] = r
			}
		}
	}
	f.letters = deflate(lettersOf(letter))
	plain, err := drawingTables(ttf)
	f.file, f.length = deflate(plain), len(plain)
	return f, err
}

// lettersOf is a font's table of what each glyph means.
func lettersOf(letter map[sfnt.GlyphIndex]rune) []byte {
	var glyphs []sfnt.GlyphIndex
	for g := range letter {
		glyphs = append(glyphs, g)
	}
	slices.Sort(glyphs)
	var b bytes.Buffer
	b.WriteString("/CIDInit /ProcSet findresource begin\n12 dict begin\nbegincmap\n/CIDSystemInfo <</Registry (Adobe) /Ordering (UCS) /Supplement 0>> def\n/CMapName /Adobe-Identity-UCS def\n/CMapType 2 def\n1 begincodespacerange\n<0000> <FFFF>\nendcodespacerange\n")
	for block := range slices.Chunk(glyphs, 100) { // at most 100 in one
		fmt.Fprintf(&b, "%d beginbfchar\n", len(block))
		for _, g := range block {
			fmt.Fprintf(&b, "<%04X> <%04X>\n", g, letter[g])
		}
		b.WriteString("endbfchar\n")
	}
	b.WriteString("endcmap\nCMapName currentdict /CMap defineresource pop\nend\nend")
	return b.Bytes()
}

// needed are the tables of a font that draw it, and that say which letter is which
// glyph. Those for setting type finely are a third of it, and no form uses them.
var needed = []string{"OS/2", "cmap", "cvt ", "fpgm", "glyf", "head", "hhea", "hmtx", "loca", "maxp", "name", "prep"}

// drawingTables is a font file with those tables alone.
func drawingTables(ttf []byte) ([]byte, error) {
	type part struct {
		head []byte
		data []byte
	}
	var parts []part
	for i := range int(binary.BigEndian.Uint16(ttf[4:])) {
		head := ttf[12+16*i : 28+16*i]
		from, n := binary.BigEndian.Uint32(head[8:]), binary.BigEndian.Uint32(head[12:])
		if slices.Contains(needed, string(head[:4])) {
			parts = append(parts, part{slices.Clone(head), ttf[from : from+n]})
		}
	}
	if len(parts) != len(needed) {
		return nil, fmt.Errorf("of the tables %v it has %d", needed, len(parts))
	}
	power := 1
	for power*2 <= len(parts) {
		power *= 2
	}
	var out bytes.Buffer
	out.Write(ttf[:4])
	binary.Write(&out, binary.BigEndian, []uint16{uint16(len(parts)), uint16(16 * power), uint16(log2(power)), uint16(16 * (len(parts) - power))})
	at := 12 + 16*len(parts)
	for _, p := range parts {
		binary.BigEndian.PutUint32(p.head[8:], uint32(at))
		out.Write(p.head)
		at += (len(p.data) + 3) &^ 3
	}
	for _, p := range parts {
		out.Write(p.data)
		out.Write(make([]byte, -len(p.data)&3))
	}
	return out.Bytes(), nil
}

func log2(power int) (n int) {
	for ; power > 1; power /= 2 {
		n++
	}
	return n
}

// addTo writes the font into a file, and returns its object.
func (f *fieldFont) addTo(to *file) int {
	body := to.stream(fmt.Sprintf("/Filter /FlateDecode /Length1 %d", f.length), f.file)
	described := to.add("<</Type /FontDescriptor /FontName /SourceSans3-Regular /Flags 32 /FontBBox [%d %d %d %d] /ItalicAngle 0 /Ascent %d /Descent %d /CapHeight %d /StemV 80 /FontFile2 %d 0 R>>",
		f.box.Min.X.Floor(), -f.box.Max.Y.Ceil(), f.box.Max.X.Ceil(), -f.box.Min.Y.Floor(), f.up, -f.down, f.capitals, body)
	glyphs := to.add("<</Type /Font /Subtype /CIDFontType2 /BaseFont /SourceSans3-Regular /CIDSystemInfo <</Registry (Adobe) /Ordering (Identity) /Supplement 0>> /FontDescriptor %d 0 R /DW 500 /W [0 [%s]] /CIDToGIDMap /Identity>>",
		described, f.widths)
	letters := to.stream("/Filter /FlateDecode", f.letters)
	return to.add("<</Type /Font /Subtype /Type0 /BaseFont /SourceSans3-Regular /Encoding /Identity-H /DescendantFonts [%d 0 R] /ToUnicode %d 0 R>>", glyphs, letters)
}

// encode writes a text for this font.
func (f *fieldFont) encode(s string) string {
	var b strings.Builder
	for _, r := range s {
		fmt.Fprintf(&b, "%04X", f.glyphs[r])
	}
	return "<" + b.String() + ">"
}
