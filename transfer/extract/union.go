package extract

import "math/bits"

// Union is who has objected in either of two lists. It leaves both as they are.
func Union(a, b *Objections) *Objections {
	all := &Objections{}
	for _, o := range []*Objections{a, b} {
		if o != nil {
			all.persons.addAll(&o.persons)
		}
	}
	return all
}

// addAll adds another set, page by page, while nobody else adds to either.
func (s *numberSet) addAll(o *numberSet) {
	pages := o.pages.Load()
	if pages == nil {
		return
	}
	for i := range pages {
		from := pages[i].Load()
		if from == nil {
			continue
		}
		to := &s.all()[i]
		if to.Load() == nil {
			to.Store(new(page))
		}
		s.len.Add(to.Load().or(from))
	}
}

// or sets another page's bits, and returns how many were new.
func (p *page) or(o *page) (added int64) {
	for i, word := range o {
		added += int64(bits.OnesCount64(word &^ p[i]))
		p[i] |= word
	}
	return added
}
