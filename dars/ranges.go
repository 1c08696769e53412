package dars

import (
	"cmp"
	"slices"
)

// A Range is bytes [From, To) of a file.
type Range struct {
	From int64 `json:"from"`
	To   int64 `json:"to"`
}

// Ranges is a set of bytes: in order, apart, none empty.
type Ranges []Range

// Add returns the union with another set.
func (r Ranges) Add(more ...Range) Ranges {
	all := slices.Concat(r, more)
	slices.SortFunc(all, func(a, b Range) int { return cmp.Compare(a.From, b.From) })
	union := Ranges{}
	for _, x := range all {
		if x.From >= x.To {
			continue
		}
		if n := len(union); n > 0 && x.From <= union[n-1].To {
			union[n-1].To = max(union[n-1].To, x.To)
		} else {
			union = append(union, x)
		}
	}
	return union
}

// Both returns the bytes that are in both sets.
func (r Ranges) Both(o Ranges) Ranges {
	common := Ranges{}
	for i, j := 0, 0; i < len(r) && j < len(o); {
		if x := (Range{max(r[i].From, o[j].From), min(r[i].To, o[j].To)}); x.From < x.To {
			common = append(common, x)
		}
		if r[i].To < o[j].To {
			i++
		} else {
			j++
		}
	}
	return common
}

// Bytes counts them.
func (r Ranges) Bytes() (n int64) {
	for _, x := range r {
		n += x.To - x.From
	}
	return n
}

// Whole reports whether they are all of a file of that size.
func (r Ranges) Whole(size int64) bool {
	return size == 0 || len(r) == 1 && r[0].From <= 0 && r[0].To >= size
}
