package extract

import (
	"maps"
	"math/rand/v2"
	"slices"
	"testing"
)

// Few numbers and many, in one part or in several, each twice: the same persons are
// in the set whether it is asked for one or for many, and each is told once.
func TestNumberSet(t *testing.T) {
	tests := map[string][]int{
		"nobody":                    nil,
		"one":                       {1},
		"few":                       {1000, 10},
		"many by their doubles":     {manyNumbers/2 - 1},
		"many":                      {manyNumbers},
		"many by their second part": {100, 100_000, 10},
		"many by their last part":   {manyNumbers / 4, 1, manyNumbers},
	}
	for name, sizes := range tests {
		t.Run(name, func(t *testing.T) {
			r := rand.New(rand.NewPCG(4, 9))
			in := map[stem]bool{}
			var all gathering
			for _, size := range sizes {
				var part []stem
				for range size {
					x := stem(r.Uint64N(stems))
					part = append(part, x, x)
					if r.IntN(4) == 0 { // another layer of the same place
						part = append(part, (x+foldBits)%stems)
					}
				}
				for _, x := range part {
					in[x] = true
				}
				all.add(part)
			}
			s := all.set()
			holds(t, &s, in)
			each := slices.Sorted(s.each)
			if want := slices.Sorted(maps.Keys(in)); !slices.Equal(each, want) {
				t.Errorf("it tells %d numbers, which are not the %d that were put", len(each), len(want))
			}
			if s.len != len(in) {
				t.Errorf("%d numbers are said to be in it, and %d are", s.len, len(in))
			}
		})
	}
}

// Of a set that is asked for each of its numbers nobody need be told more.
func TestNumberSetLeftEarly(t *testing.T) {
	few, many := setOf([]stem{1, 2}), setOf(make([]stem, manyNumbers))
	for _, s := range []*numberSet{&few, &many} {
		for range s.each {
			break
		}
	}
}

// holds asks for all who are in a set, and for those beside them and those that
// share their place in a fold.
func holds(t *testing.T, s *numberSet, in map[stem]bool) {
	t.Helper()
	if s.len != len(in) {
		t.Fatalf("of %d it has %d", len(in), s.len)
	}
	asked := []stem{0, 1, stems - 1}
	for x := range in {
		asked = append(asked, x, (x+1)%stems, (x+foldBits)%stems)
	}
	var is []bool
	for some := range slices.Chunk(asked, atOnce) {
		in := make([]bool, len(some))
		s.among(some, in)
		is = append(is, in...)
	}
	for place, x := range asked {
		if s.has(x) != in[x] || is[place] != in[x] {
			t.Fatalf("%d is in it: %v; asked alone: %v, among others: %v", x, in[x], s.has(x), is[place])
		}
	}
}
