package documents

import (
	"bytes"
	"slices"
	"testing"

	"golang.org/x/image/font/sfnt"
	"golang.org/x/image/math/fixed"
)

// A font that was cut draws each letter as the whole one does, and as wide.
func TestCutFontDrawsTheSameLetters(t *testing.T) {
	for s, ttf := range map[style][]byte{regular: regularTTF, semibold: semiboldTTF, italic: italicTTF} {
		f := faces()[s]
		whole, err := sfnt.Parse(ttf)
		if err != nil {
			t.Fatal(err)
		}
		var own sfnt.Buffer
		for r := rune(' '); r < 0xFFFE; r++ {
			if glyph, err := whole.GlyphIndex(&own, r); err != nil || f.has(r) != (glyph != 0) || uint16(glyph) != f.glyph[r] {
				t.Fatalf("%q has %U as glyph %d, want %d: %v", s, r, f.glyph[r], glyph, err)
			}
		}
		var letters []rune
		var glyphs []uint16
		for r := rune(0xFFFD); r > ' '; r-- { // accented ones before their parts
			if f.has(r) {
				letters, glyphs = append(letters, r), append(glyphs, f.glyph[r])
			}
		}
		if len(letters) < 1000 {
			t.Fatalf("%q has %d letters", s, len(letters))
		}
		few := slices.Concat(glyphs[:40], glyphs[len(glyphs)-90:])
		for name, order := range map[string][]uint16{"all": glyphs, "some": few} {
			part := parsed(t, f.cut(order), ttf)
			var a, b sfnt.Buffer
			for i, glyph := range order {
				want, err := whole.LoadGlyph(&a, sfnt.GlyphIndex(glyph), fixed.I(1000), nil)
				if err != nil {
					t.Fatal(err)
				}
				got, err := part.LoadGlyph(&b, sfnt.GlyphIndex(i+1), fixed.I(1000), nil)
				if err != nil || !slices.Equal(got, want) {
					t.Fatalf("%s of %q: letter %d of %d is drawn otherwise: %v", name, s, i+1, len(order), err)
				}
				wide, _ := whole.GlyphAdvance(&a, sfnt.GlyphIndex(glyph), fixed.I(1000), 0)
				if now, err := part.GlyphAdvance(&b, sfnt.GlyphIndex(i+1), fixed.I(1000), 0); err != nil || now != wide {
					t.Fatalf("%s of %q: letter %d is %v wide, want %v: %v", name, s, i+1, now, wide, err)
				}
			}
		}
	}
}

// parsed is a font as another library reads it, which asks for tables that a font
// in a paper does not need: they are taken from the whole one.
func parsed(t *testing.T, cut, whole []byte) *sfnt.Font {
	t.Helper()
	if sum32(cut) != 0xB1B0AFBA {
		t.Errorf("its bytes sum up to %#x", sum32(cut))
	}
	var parts []fontTable
	for _, from := range [][]byte{cut, whole} {
		for i := range int(be16(from, 4)) {
			entry := from[12+16*i:]
			name, data := string(entry[:4]), from[be32(entry, 8):][:be32(entry, 12)]
			if bytes.Equal(from, cut) || slices.Contains([]string{"OS/2", "cmap", "name"}, name) {
				parts = append(parts, fontTable{name, data})
			}
		}
	}
	parts = append(parts, fontTable{"post", append([]byte{0, 3, 0, 0}, make([]byte, 28)...)})
	slices.SortFunc(parts, func(a, b fontTable) int { return bytes.Compare([]byte(a.name), []byte(b.name)) })
	f, err := sfnt.Parse(fontOf(parts...))
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func TestNumbersInAPaper(t *testing.T) {
	for v, want := range map[float64]string{0: "0", 1: "1", -1: "-1", 0.5: "0.5", 0.25: "0.25", 0.125: "0.125", 595.276: "595.276", -0.0004: "0", 12.3456: "12.346", -7.05: "-7.05", 1e6: "1000000", 0.001: "0.001", -0.02: "-0.02"} {
		if got := string(appendNumber(nil, v)); got != want {
			t.Errorf("%v is written %s, want %s", v, got, want)
		}
	}
}

func TestOtherFontsAreRefused(t *testing.T) {
	for name, font := range map[string][]byte{"nothing": nil, "its half": bytes.Clone(regularTTF[:200_000]), "a few bytes": regularTTF[:30], "no font": make([]byte, 4000)} {
		if _, err := takeApart(font, "X"); err == nil {
			t.Errorf("%s was taken for a font", name)
		}
	}
}
