package disclosure

import (
	"iter"
	"slices"
	"strings"

	"darsd/dars"
)

// labels say of which records each entry of an answer is: the groups of each grouping
// that it is limited to, "sex=female", in the order of the catalogue. Entries of the
// same records have the same label.
func labels(a Answer, d dars.Dataset) iter.Seq2[int, string] {
	shape := a.Published.Shape
	codes := codesOf(d)
	parts := make([][]string, len(codes)) // of each grouping: of each place of its dimension, or one
	ways := make([]int, len(codes))       // its dimension; -1: none
	for k, code := range codes {
		ways[k] = slices.IndexFunc(shape, func(dimension Dimension) bool { return dimension.Name == code })
		if ways[k] >= 0 {
			for _, name := range shape[ways[k]].Values {
				parts[k] = append(parts[k], within(code, name))
			}
		}
		parts[k] = append(parts[k], limitedTo(a.Request, d, code))
	}
	return func(yield func(int, string) bool) {
		var label []byte
		for e := range shape.Entries() {
			label = label[:0]
			place := shape.Place(e)
			for k, way := range ways {
				at := 0
				if way >= 0 {
					at = place[way]
				}
				label = append(label, parts[k][at]...)
			}
			if !yield(e, string(label)) {
				return
			}
		}
	}
}

func codesOf(d dars.Dataset) []string {
	codes := []string{dars.PeriodGrouping}
	for _, g := range d.Groupings {
		codes = append(codes, g.Code)
	}
	return codes
}

// limitedTo says to which groups of a grouping a request is limited; nothing: to none.
func limitedTo(r Request, d dars.Dataset, code string) string {
	names := r.Where[code]
	if code == dars.PeriodGrouping {
		names = r.Periods
	}
	if g, ok := d.Grouping(code); len(names) == 0 || ok && len(names) == len(g.Names()) {
		return ""
	}
	return within(code, slices.Sorted(slices.Values(names))...)
}

// What ends a name, and a part of a label.
const (
	endOfName = "\x00"
	endOfPart = "\x01"
)

func within(code string, names ...string) string {
	return code + "=" + strings.Join(names, endOfName) + endOfPart
}
