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
	all.persons.foldUp()
	return all
}

// addAll adds another set, while nobody else adds to either.
func (s *numberSet) addAll(o *numberSet) {
	if o.len >= manyNumbers && s.plane == nil {
		s.widen()
	}
	o.words(func(x, word uint64) {
		to := s.word(stem(x))
		s.len += bits.OnesCount64(word &^ *to)
		*to |= word
	})
	runtime.KeepAlive(s) // and its plane with it
}

// words yields the 64 stems from each on of which some are in the set, as bits.
func (s *numberSet) words(yield func(from, word uint64)) {
	defer runtime.KeepAlive(s)
	if s.plane != nil {
		some(s.plane[:], 0, yield)
		return
	}
	if s.pages != nil {
		for i, p := range s.pages {
			if p != nil {
				some(p[:], uint64(i)*pageBits, yield)
			}
		}
	}
}

// some yields those words that are not empty.
func some(words []uint64, from uint64, yield func(from, word uint64)) {
	for i, word := range words {
		if word != 0 {
			yield(from+uint64(i)*64, word)
		}
	}
}
