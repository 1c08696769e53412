package extract

import (
	"math/bits"
	"runtime"
)

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

// addAll adds another set, while nobody else adds to either.
func (s *numberSet) addAll(o *numberSet) {
	if o.size() >= manyNumbers && s.plane.Load() == nil {
		s.widen()
	}
	o.words(func(stem, word uint64) {
		to := s.word(stem)
		s.len.Add(int64(bits.OnesCount64(word &^ *to)))
		*to |= word
	})
	runtime.KeepAlive(s) // and its plane with it
}

// words yields the 64 stems from each on of which some are in the set, as bits.
func (s *numberSet) words(yield func(stem, word uint64)) {
	defer runtime.KeepAlive(s)
	if wide := s.plane.Load(); wide != nil {
		some(wide[:], 0, yield)
		return
	}
	if pages := s.pages.Load(); pages != nil {
		for i := range pages {
			if p := pages[i].Load(); p != nil {
				some(p[:], uint64(i)*pageBits, yield)
			}
		}
	}
}

// some yields those words that are not empty.
func some(words []uint64, from uint64, yield func(stem, word uint64)) {
	for i, word := range words {
		if word != 0 {
			yield(from+uint64(i)*64, word)
		}
	}
}
