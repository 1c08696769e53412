package documents

import (
	_ "embed"
	"fmt"
	"sync"
)

// The fonts are Source Sans 3 by Adobe, unmodified, under the SIL Open Font
// Licence (fonts/LICENSE.md): a made-smaller file would have to be renamed.
var (
	//go:embed fonts/SourceSans3-Regular.ttf
	regularTTF []byte
	//go:embed fonts/SourceSans3-Semibold.ttf
	semiboldTTF []byte
	//go:embed fonts/SourceSans3-It.ttf
	italicTTF []byte
)

// A style is a face's name within a paper.
type style string

const (
	regular  style = "R"
	semibold style = "B"
	italic   style = "I"
)

// A face knows which letters a font has, how wide they are, and how they look.
type face struct {
	outlines
	width [0x10000]uint16 // in thousandths of the size, plus one; 0: no such letter
	glyph [0x10000]uint16 // which of the outlines is a letter's
}

func (f *face) has(r rune) bool { return r >= 0 && int(r) < len(f.width) && f.width[r] > 0 }

// points returns how wide a rune is at a size.
func (f *face) points(r rune, size float64) float64 {
	if !f.has(r) {
		return 0
	}
	return float64(f.width[r]-1) * size / 1000
}

// faces reads the fonts once. They are part of the program, so that one of them
// cannot be read is no error for a caller to handle.
var faces = sync.OnceValue(func() map[style]*face {
	all := map[style]*face{}
	for s, font := range map[style]struct {
		ttf  []byte
		name string
	}{
		regular: {regularTTF, "SourceSans3-Regular"}, semibold: {semiboldTTF, "SourceSans3-Semibold"}, italic: {italicTTF, "SourceSans3-It"},
	} {
		f, err := readFace(font.ttf, font.name)
		if err != nil {
			panic(fmt.Sprintf("documents: embedded font %q: %v", s, err))
		}
		all[s] = f
	}
	return all
})

func readFace(ttf []byte, name string) (f *face, err error) {
	f = &face{}
	if f.outlines, err = takeApart(ttf, name); err != nil {
		return nil, err
	}
	return f, f.letters(func(r, glyph uint16) {
		if r >= ' ' && r < 0xFFFE {
			f.width[r], f.glyph[r] = be16(f.metric(int(glyph)), 0)+1, glyph
		}
	})
}
