package extract

import (
	"bytes"
	"math/rand/v2"
	"slices"
	"testing"
)

// nasty is a text of what makes trouble, mostly but not always well formed.
func nasty(r *rand.Rand, size int, delimiter byte, width int) []byte {
	var text []byte
	for len(text) < size {
		for i := range width {
			if i > 0 {
				text = append(text, delimiter)
			}
			switch r.IntN(12) {
			case 0, 1, 2:
				text = append(text, '"')
				for range r.IntN(6) {
					text = append(text, []string{"\n", "\r\n", string(delimiter), `""`, "x", "\r", "é", "\x00"}[r.IntN(8)]...)
				}
				text = append(text, '"')
			case 3:
				text = append(text, bytes.Repeat([]byte("long "), r.IntN(30))...)
			case 4:
				if r.IntN(300) == 0 { // a stray one
					text = append(text, []string{`"`, `a"`, `"a"b`, "\n", "\r", string(delimiter)}[r.IntN(6)]...)
				}
			default:
				text = append(text, "value\x00\xff"[:r.IntN(8)]...)
			}
		}
		text = append(text, []string{"\n", "\n", "\r\n"}[r.IntN(3)]...)
	}
	if r.IntN(3) == 0 {
		text = bytes.TrimRight(text, "\r\n")
	}
	return text
}

// byTheLetter finds fields record by record.
func byTheLetter(text []byte, d dialect, width int) (ends []uint32, regular bool) {
	var fields []uint32
	for at := 0; at < len(text); {
		size, f, bad := d.scan(text[at:], true, fields[:0])
		if bad != nil || len(f) != width {
			return nil, false
		}
		for _, end := range f {
			ends = append(ends, uint32(at)+end)
		}
		ends[len(ends)-1] = uint32(at + size)
		if text[at+size-1] == '\n' {
			ends[len(ends)-1]--
		}
		fields, at = f, at+size
	}
	return ends, true
}

func compareTokens(t *testing.T, text []byte, d dialect, width int) (regular bool) {
	t.Helper()
	want, regular := byTheLetter(text, d, width)
	tokens := tokens{dialect: d}
	got, ascii, ok := tokens.fields(text, width)
	if ok != regular || ok && !slices.Equal(got, want) {
		t.Fatalf("of %q, %d columns, %+v: %v %v, by the letter %v %v", text, width, d, got, ok, want, regular)
	}
	if notASCII := bytes.ContainsFunc(text, func(c rune) bool { return c >= 0x80 }); ascii == notASCII {
		t.Fatalf("%q: all ASCII is %v", text, ascii)
	}
	if tokens.lines != lines(text) {
		t.Fatalf("%q has %d lines, and not %d", text, lines(text), tokens.lines)
	}
	return regular
}

func TestTokens(t *testing.T) {
	good, bad := 0, 0
	for seed := range uint64(4000) {
		r := rand.New(rand.NewPCG(seed, 3))
		d := dialect{",|\t;\x00"[r.IntN(5)], r.IntN(4) > 0}
		width := 1 + r.IntN(9)
		if compareTokens(t, nasty(r, r.IntN(1500), d.delimiter, width), d, width) {
			good++
		} else {
			bad++
		}
	}
	if good < 500 || bad < 500 {
		t.Errorf("%d texts were regular and %d were not: too few to say", good, bad)
	}
}

// Quotes, delimiters and line ends on both sides of a border of 64 bytes, wherever
// they fall.
func TestTokensAtBorders(t *testing.T) {
	for _, end := range []string{`"` + "\n", `"` + "\r\n", `""` + `"` + "\n", `"` + "\r", `",` + "\n", `"x` + "\n", `"` + "\rx\n", "\"\r,\n", `"`} {
		for before := range 140 {
			text := append([]byte(`"`), bytes.Repeat([]byte("y"), before)...)
			text = append(text, end...)
			compareTokens(t, text, dialect{',', true}, 1)
			compareTokens(t, append(text, "a\n"...), dialect{',', true}, 1)
		}
	}
	for _, odd := range []string{`"a,b"`, `"a` + "\n" + `b"`, `"a""b"`, `""`, `""""`, `"` + "\r\n" + `"`, `","`, `"x"y`, `x"y"`, `"x" `, ` "x"`} {
		for before := range 140 {
			plain := bytes.Repeat([]byte("y"), before)
			for _, text := range []string{odd + ",z\n", "z," + odd + "\n", "z," + odd + "\r\n", "z," + odd} {
				compareTokens(t, append(slices.Clone(plain), ",w,"+text...), dialect{',', true}, 4)
				compareTokens(t, append(slices.Clone(plain), ",w\n"+text...), dialect{',', true}, 2)
			}
		}
	}
}

func FuzzTokens(f *testing.F) {
	f.Add([]byte("a,b\n\"c\",\"d\"\"\"\r\n"), byte(','), true, 2)
	f.Add(bytes.Repeat([]byte("\"\"\n"), 30), byte('|'), true, 1)
	f.Add([]byte("\"a\"\r"), byte(0), false, 1)
	f.Fuzz(func(t *testing.T, text []byte, delimiter byte, quoted bool, width int) {
		if delimiter == '"' || delimiter == '\n' || delimiter == '\r' || width < 1 || width > 100 {
			return
		}
		compareTokens(t, text, dialect{delimiter, quoted}, width)
	})
}

// On a processor that can look at 32 bytes at once the same is seen.
func TestBlockMasks(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for range 200 {
		text := make([]byte, 64*r.IntN(9))
		for i := range text {
			text[i] = "\n\",x\xc3\x00\x80\x8a\xa2\xac"[r.IntN(9+r.IntN(2))]
		}
		blocks := len(text) / 64
		var a, b [3][8]uint64
		all := blockMasks(text, ',', a[0][:], a[1][:], a[2][:])
		plain := plainMasks(text, ',', b[0][:], b[1][:], b[2][:])
		if a != b || all != plain {
			t.Fatalf("of %d blocks %x is seen, and %x: %+v %+v", blocks, a, b, all, plain)
		}
	}
}
