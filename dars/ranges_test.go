package dars_test

import (
	"math/rand/v2"
	"slices"
	"testing"

	"darsd/dars"
)

// sea is how many bytes the random files of these tests have.
const sea = 64

// naive is a set of bytes that nobody could get wrong.
type naive [sea]bool

func (n *naive) add(rs ...dars.Range) {
	for _, r := range rs {
		for i := r.From; i < r.To; i++ {
			n[i] = true
		}
	}
}

func (n *naive) ranges() dars.Ranges {
	all := dars.Ranges{}
	for i, in := range n {
		if !in {
			continue
		}
		if last := len(all) - 1; last >= 0 && all[last].To == int64(i) {
			all[last].To++
		} else {
			all = append(all, dars.Range{From: int64(i), To: int64(i) + 1})
		}
	}
	return all
}

// some are random ranges in no order: many touch, lie in one another, or are
// empty or the wrong way round.
func some(rnd *rand.Rand) (all []dars.Range) {
	for range rnd.IntN(8) {
		all = append(all, dars.Range{From: rnd.Int64N(sea), To: rnd.Int64N(sea + 1)})
	}
	return all
}

func TestRangesAreSetsOfBytes(t *testing.T) {
	for seed := range uint64(5000) {
		rnd := rand.New(rand.NewPCG(seed, 0))
		var a, b, both naive
		first, second := some(rnd), some(rnd)
		a.add(first...)
		b.add(second...)
		for i := range both {
			both[i] = a[i] && b[i]
		}
		x, y := dars.Ranges(nil).Add(first...), dars.Ranges(nil).Add(second...)
		if !slices.Equal(x, a.ranges()) {
			t.Fatalf("seed %d: %v make %v", seed, first, x)
		}
		before := slices.Clone(x)
		if got := x.Both(y); !slices.Equal(got, both.ranges()) {
			t.Fatalf("seed %d: in %v and in %v are %v, want %v", seed, x, y, got, both.ranges())
		}
		if !slices.Equal(x.Both(y), y.Both(x)) || !slices.Equal(x.Add(y...), y.Add(x...)) {
			t.Fatalf("seed %d: the order of %v and %v matters", seed, x, y)
		}
		b.add(first...)
		union := x.Add(second...)
		if !slices.Equal(union, b.ranges()) {
			t.Fatalf("seed %d: %v and %v are %v", seed, x, second, union)
		}
		if !slices.Equal(x, before) {
			t.Fatalf("seed %d: adding to %v changed it to %v", seed, before, x)
		}
		n := int64(0)
		for _, in := range b {
			if in {
				n++
			}
		}
		if union.Bytes() != n || union.Whole(sea) != (n == sea) {
			t.Fatalf("seed %d: %v are %d bytes, whole: %t", seed, union, union.Bytes(), union.Whole(sea))
		}
	}
}

func TestWhole(t *testing.T) {
	tests := map[string]struct {
		have dars.Ranges
		size int64
		want bool
	}{
		"all of it":               {dars.Ranges{{0, 10}}, 10, true},
		"without the first byte":  {dars.Ranges{{1, 10}}, 10, false},
		"without the last byte":   {dars.Ranges{{0, 9}}, 10, false},
		"without one in between":  {dars.Ranges{{0, 5}, {6, 10}}, 10, false},
		"two parts that touch":    {dars.Ranges{{0, 5}}.Add(dars.Range{From: 5, To: 10}), 10, true},
		"nothing of something":    {nil, 10, false},
		"nothing of an empty one": {nil, 0, true},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			if got := tt.have.Whole(tt.size); got != tt.want {
				t.Errorf("%v of %d bytes: %t", tt.have, tt.size, got)
			}
		})
	}
}
