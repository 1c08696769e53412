package extract

import "slices"

// Union is who has objected in either of two lists. It leaves both as they are.
func Union(a, b *Objections) *Objections {
	var all gathering
	for _, o := range []*Objections{a, b} {
		if o != nil {
			all.add(slices.AppendSeq(make([]stem, 0, o.persons.len), o.persons.each))
		}
	}
	return &Objections{all.set()}
}
