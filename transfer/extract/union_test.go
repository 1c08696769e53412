package extract_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"darsd/dars"
	"darsd/transfer/extract"
)

func TestUnion(t *testing.T) {
	none, zero := (*extract.Objections)(nil), &extract.Objections{}
	one, two := objections(t, "9434765919"), objections(t, "9434765870", "9434765919")
	tests := map[string]struct {
		a, b *extract.Objections
		len  int
	}{
		"nobody and nobody":          {none, zero, 0},
		"nobody and somebody":        {none, one, 1},
		"somebody and an empty list": {one, zero, 1},
		"who stands in both":         {one, two, 2},
		"the other way round":        {two, one, 2},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			before := []int{tt.a.Len(), tt.b.Len()}
			if got := extract.Union(tt.a, tt.b); got.Len() != tt.len {
				t.Errorf("it holds %d", got.Len())
			}
			if tt.a.Len() != before[0] || tt.b.Len() != before[1] {
				t.Error("a list was changed")
			}
		})
	}
}

// Of many numbers far apart, each is in the union if it is in one of the two.
func TestUnionOfMany(t *testing.T) {
	var lists [2]strings.Builder
	var all []dars.NHSNumber
	var in [2][]bool
	random := rand.New(rand.NewPCG(1, 2))
	for len(all) < 20000 { // more than a list has on pages
		text := fmt.Sprintf("%010d", random.Int64N(1e10))
		n, why := dars.ParseNHSNumber(text)
		if why != "" || slices.Contains(all, n) {
			continue
		}
		all = append(all, n)
		for i := range lists {
			there := random.IntN(3) == 0
			if in[i] = append(in[i], there); there {
				lists[i].WriteString(text + "\n")
			}
		}
	}
	var read [2]*extract.Objections
	for i := range lists {
		var err error
		if read[i], _, err = extract.ReadList(strings.NewReader(lists[i].String())); err != nil {
			t.Fatal(err)
		}
	}
	union, want := extract.Union(read[0], read[1]), 0
	for i, n := range all {
		if in[0][i] || in[1][i] {
			want++
		}
		if union.Has(n) != (in[0][i] || in[1][i]) {
			t.Fatalf("number %d of %d: %t", i, len(all), union.Has(n))
		}
	}
	if union.Len() != want {
		t.Errorf("it holds %d of %d", union.Len(), want)
	}
}
