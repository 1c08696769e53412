package extract

import (
	"math/rand/v2"
	"slices"
	"testing"
)

// Whatever columns leave, in whatever order, made or copied, once or twice: a row
// that is written step by step is that which is written field by field.
func TestWalk(t *testing.T) {
	r := rand.New(rand.NewPCG(2, 8))
	made := func(dst []byte, row *record) []byte { return append(append(dst, "made of "...), row.field(0)...) }
	d := dialect{',', true}
	for range 500 {
		text := make([]byte, r.IntN(3), 4096) // of a row before
		row := record{from: len(text)}
		width := 1 + r.IntN(9)
		for range width {
			for range []int{0, r.IntN(9), 40}[r.IntN(3)] {
				text = append(text, byte('a'+r.IntN(26)))
			}
			row.ends, text = append(row.ends, uint32(len(text))), append(text, ',')
		}
		row.stop = len(text) - 1
		text = append(text[:row.stop], []string{"\n", "\r\n", ""}[r.IntN(3)]...)
		if row.text, row.to = text, len(text); row.to-row.stop == 2 {
			row.ends[width-1]++ // the line feed
		}
		var p plan
		for range 1 + r.IntN(2*width) {
			c := planned{copy: r.IntN(width)}
			if n := len(p.columns); n > 0 && r.IntN(2) == 0 {
				c.copy = (p.columns[n-1].copy + 1) % width
			}
			if r.IntN(6) == 0 {
				c.make = made
			}
			p.columns = append(p.columns, c)
		}
		cut := newCutter(p, d, d, width)
		before := []byte("before;")
		want, _ := cut.write(slices.Clone(before), &row)
		if got, ok := cut.walk(slices.Clone(before), &row); !ok || string(got) != string(want) {
			t.Fatalf("of %q, %+v: %q, not %q", text, p.columns, got, want)
		}
	}
}
