package documents

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math/bits"
	"slices"
)

// outlines is a TrueType font taken apart into its tables (ISO/IEC 14496-22): what
// is needed to write a smaller one. The fonts are our own and are read once.
type outlines struct {
	name      string // for PDF
	described string // the entries of its descriptor that are its own

	head, hhea, maxp, hmtx, glyf []byte

	cmap    []byte
	at      []int // where each glyph begins in glyf, and the last one ends
	metrics int   // so many glyphs have a width of their own in hmtx
}

var errFont = errors.New("it is not a TrueType font as we embed them")

func takeApart(ttf []byte, name string) (o outlines, err error) {
	defer func() {
		if recover() != nil { // an index beyond the end
			err = errFont
		}
	}()
	tables := map[string][]byte{}
	for i := range int(be16(ttf, 4)) {
		entry := ttf[12+16*i:]
		from, long := be32(entry, 8), be32(entry, 12)
		tables[string(entry[:4])] = ttf[from : from+long]
	}
	o = outlines{name: name, head: tables["head"], hhea: tables["hhea"], maxp: tables["maxp"], hmtx: tables["hmtx"], glyf: tables["glyf"], cmap: tables["cmap"]}
	o.metrics = int(be16(o.hhea, 34))
	for i := range int(be16(o.maxp, 4)) + 1 {
		if be16(o.head, 50) == 1 {
			o.at = append(o.at, int(be32(tables["loca"], 4*i)))
		} else {
			o.at = append(o.at, 2*int(be16(tables["loca"], 2*i)))
		}
	}
	if be16(o.head, 18) != 1000 {
		return o, fmt.Errorf("%w: its letters are not drawn on squares of 1000", errFont)
	}
	signed := func(table []byte, at int) int { return int(int16(be16(table, at))) }
	o.described = fmt.Sprintf("/FontBBox [%d %d %d %d] /ItalicAngle %d /Ascent %d /Descent %d /CapHeight %d /StemV 80",
		signed(o.head, 36), signed(o.head, 38), signed(o.head, 40), signed(o.head, 42),
		signed(tables["post"], 4), signed(o.hhea, 4), signed(o.hhea, 6), signed(tables["OS/2"], 88))
	return o, nil
}

// letters tells each letter up to U+FFFF that the font has, and its glyph: the table
// for Unicode in Windows, in segments (format 4).
func (o outlines) letters(tell func(r, glyph uint16)) (err error) {
	defer func() {
		if recover() != nil {
			err = errFont
		}
	}()
	for i := range int(be16(o.cmap, 2)) {
		entry := o.cmap[4+8*i:]
		table := o.cmap[be32(entry, 4):]
		if be32(entry, 0) != 3<<16|1 || be16(table, 0) != 4 {
			continue
		}
		twice := int(be16(table, 6)) // the number of segments
		ends, begins, deltas, places := table[14:], table[16+twice:], table[16+2*twice:], table[16+3*twice:]
		for at := 0; at < twice; at += 2 {
			begin, place := int(be16(begins, at)), int(be16(places, at))
			for r := begin; r <= int(be16(ends, at)); r++ {
				glyph := uint16(r)
				if place > 0 {
					if glyph = be16(places[at:], place+2*(r-begin)); glyph == 0 {
						continue
					}
				}
				if glyph += be16(deltas, at); glyph != 0 {
					tell(uint16(r), glyph)
				}
			}
		}
		return nil
	}
	return fmt.Errorf("%w: it does not know which letter is which", errFont)
}

func be16(b []byte, at int) uint16 { return binary.BigEndian.Uint16(b[at:]) }
func be32(b []byte, at int) uint32 { return binary.BigEndian.Uint32(b[at:]) }

// cut writes the font with only some glyphs, in a new order behind the first,
// which is drawn for what is missing. Their hints for coarse screens are left out:
// they take a third of the room, and paper needs none.
func (o outlines) cut(glyphs []uint16) []byte {
	order := append([]uint16{0}, glyphs...)
	var glyf, loca, hmtx []byte
	loca = binary.BigEndian.AppendUint32(loca, 0)
	for i := 0; i < len(order); i++ { // the parts of what is put together come behind all others
		var one []byte
		one, order = o.unhinted(order[i], order)
		glyf = append(glyf, one...)
		glyf = append(glyf, make([]byte, -len(glyf)&3)...)
		loca = binary.BigEndian.AppendUint32(loca, uint32(len(glyf)))
		hmtx = append(hmtx, o.metric(int(order[i]))...)
	}
	head, hhea, maxp := slices.Clone(o.head), slices.Clone(o.hhea), slices.Clone(o.maxp)
	binary.BigEndian.PutUint32(head[8:], 0)  // the sum of all, until it is known
	binary.BigEndian.PutUint16(head[50:], 1) // loca has four bytes for each
	binary.BigEndian.PutUint16(hhea[34:], uint16(len(order)))
	binary.BigEndian.PutUint16(maxp[4:], uint16(len(order)))
	return fontOf(fontTable{"glyf", glyf}, fontTable{"head", head}, fontTable{"hhea", hhea}, fontTable{"hmtx", hmtx}, fontTable{"loca", loca}, fontTable{"maxp", maxp})
}

// metric is the width of a glyph and what is left free before it.
func (o outlines) metric(glyph int) []byte {
	if glyph < o.metrics {
		return o.hmtx[4*glyph : 4*glyph+4]
	}
	free := 4*o.metrics + 2*(glyph-o.metrics)
	return slices.Concat(o.hmtx[4*o.metrics-4:4*o.metrics-2], o.hmtx[free:free+2])
}

// The flags of a part of a glyph that is put together.
const (
	wordArguments = 0x0001
	oneScale      = 0x0008
	moreParts     = 0x0020
	twoScales     = 0x0040
	fourScales    = 0x0080
	hasHints      = 0x0100
)

// unhinted is a glyph without its hints. If it is put together of others, they
// come into the order, and it names them by their places there.
func (o outlines) unhinted(glyph uint16, order []uint16) ([]byte, []uint16) {
	g := o.glyf[o.at[glyph]:o.at[glyph+1]]
	if len(g) == 0 {
		return nil, order
	}
	if contours := int(int16(be16(g, 0))); contours >= 0 {
		hints := 10 + 2*contours
		rest := hints + 2 + int(be16(g, hints))
		return slices.Concat(g[:hints], []byte{0, 0}, g[rest:]), order
	}
	g = slices.Clone(g)
	for at := 10; ; {
		flags, other := be16(g, at), be16(g, at+2)
		i := slices.Index(order, other)
		if i < 0 {
			i, order = len(order), append(order, other)
		}
		binary.BigEndian.PutUint16(g[at:], flags&^hasHints)
		binary.BigEndian.PutUint16(g[at+2:], uint16(i))
		at += 6
		for flag, more := range map[uint16]int{wordArguments: 2, oneScale: 2, twoScales: 4, fourScales: 8} {
			if flags&flag != 0 {
				at += more
			}
		}
		if flags&moreParts == 0 {
			return g[:at], order
		}
	}
}

// A fontTable is one of the tables of a font.
type fontTable struct {
	name string
	data []byte
}

// fontOf writes a font of tables, which come in order of name.
func fontOf(parts ...fontTable) []byte {
	n := len(parts)
	power := 1 << (bits.Len(uint(n)) - 1) // for who searches the list by halves
	out := []byte{0, 1, 0, 0}
	for _, v := range []int{n, 16 * power, bits.Len(uint(power)) - 1, 16 * (n - power)} {
		out = binary.BigEndian.AppendUint16(out, uint16(v))
	}
	at, head := len(out)+16*n, 0
	for _, p := range parts {
		if p.name == "head" {
			head = at
		}
		out = append(out, p.name...)
		for _, v := range []uint32{sum32(p.data), uint32(at), uint32(len(p.data))} {
			out = binary.BigEndian.AppendUint32(out, v)
		}
		at += (len(p.data) + 3) &^ 3
	}
	for _, p := range parts {
		out = append(out, p.data...)
		out = append(out, make([]byte, -len(out)&3)...)
	}
	binary.BigEndian.PutUint32(out[head+8:], 0xB1B0AFBA-sum32(out))
	return out
}

func sum32(b []byte) (sum uint32) {
	for ; len(b) >= 4; b = b[4:] {
		sum += be32(b, 0)
	}
	var last [4]byte
	copy(last[:], b)
	return sum + be32(last[:], 0)
}
