package extract

import (
	"runtime"
	"slices"
	"sync"

	"darsd/dars"
)

// A stem is the nine significant digits of an NHS number; the tenth follows from
// them. Nobody has the stem zero.
type stem uint32

const stems = 1_000_000_000

// stemOf returns zero for what is too long to be a number.
func stemOf(n dars.NHSNumber) stem {
	if n >= 10*stems {
		return 0
	}
	return stem(n / 10)
}

// A numberSet holds NHS numbers exactly: one bit for each stem. A short set lies
// on pages of 8 KiB that exist once they are needed, and takes next to nothing;
// one of thousands lies on a plane, and takes 40 to 125 MB. One at a time may
// put; when all are put, many may ask at once.
type numberSet struct {
	plane *plane // if there is one, pages are of no more use
	pages *[pageCount]*page
	fold  *fold
	len   int
}

const (
	pageBits    = 1 << 16
	pageCount   = stems/pageBits + 1
	foldBits    = 1 << 25
	manyNumbers = 4096 // put at once
)

type (
	page  [pageBits / 64]uint64
	plane [stems/64 + 1]uint64
)

// A fold is a plane laid over itself, so that a bit stands for some thirty stems.
// It takes 4 MiB and lies in a processor's cache, where a plane does not; of a
// country's objections it alone answers for eight persons in nine: they are not
// on the list. How the numbers are spread decides only how often it does.
type fold [foldBits / 64]uint64

// foldUp makes the fold of a set that is whole, if it is large.
func (s *numberSet) foldUp() {
	if s.plane == nil {
		return
	}
	s.fold = new(fold)
	for from := 0; from < len(s.plane); from += len(s.fold) {
		for i, word := range s.plane[from:min(from+len(s.fold), len(s.plane))] {
			s.fold[i] |= word
		}
	}
	runtime.KeepAlive(s) // and the plane with it
}

func (s *numberSet) has(x stem) bool {
	defer runtime.KeepAlive(s)
	switch {
	case s.plane != nil:
		return s.plane[x/64]>>(x%64)&1 == 1
	case s.pages == nil || s.pages[x/pageBits] == nil:
		return false
	}
	return s.pages[x/pageBits][x%pageBits/64]>>(x%64)&1 == 1
}

// among returns the places of those who are in the set, in order. It writes them
// into places, which is as long as what is asked. No branch hangs on what comes
// from far away in memory: the processor fetches many at a time.
func (s *numberSet) among(asked []stem, places []int) []int {
	if s.fold == nil {
		return s.amongFew(asked, places)
	}
	places = places[:len(asked)]
	perhaps := 0
	for i, x := range asked {
		places[perhaps] = i
		perhaps += int(s.fold[x%foldBits/64] >> (x % 64) & 1)
	}
	in := 0
	for _, i := range places[:perhaps] {
		x := asked[i]
		places[in] = i
		in += int(s.plane[x/64] >> (x % 64) & 1)
	}
	runtime.KeepAlive(s)
	return places[:in]
}

func (s *numberSet) amongFew(asked []stem, places []int) []int {
	places = places[:0]
	for i, x := range asked {
		if s.has(x) {
			places = append(places, i)
		}
	}
	return places
}

// put adds numbers, and returns how many of them are new.
func (s *numberSet) put(numbers []stem) (added int) {
	if len(numbers) >= manyNumbers {
		if s.plane == nil {
			s.widen()
		}
		numbers = sortedBy(numbers, 20) // those of a million beside each other: their words lie in a processor's cache
	}
	for _, x := range numbers {
		word, bit := s.word(x), x%64
		was := *word
		*word = was | 1<<bit
		added += int(^was >> bit & 1)
	}
	runtime.KeepAlive(s)
	s.len += added
	return added
}

// word is where the bit of a stem is.
func (s *numberSet) word(x stem) *uint64 {
	if s.plane != nil {
		return &s.plane[x/64]
	}
	return s.onPage(x)
}

// onPage is where a stem is, on a page that is made if there is none.
func (s *numberSet) onPage(x stem) *uint64 {
	if s.pages == nil {
		s.pages = new([pageCount]*page)
	}
	at := &s.pages[x/pageBits]
	if *at == nil {
		*at = new(page)
	}
	return &(*at)[x%pageBits/64]
}

// spread moves what is on pages onto a plane.
func (s *numberSet) spread(to *plane) {
	if s.pages != nil {
		for i, p := range s.pages {
			if p != nil {
				copy(to[i*len(p):], p[:])
			}
		}
	}
	s.plane, s.pages = to, nil
}

// digit is so many bits of a stem; three of them are all.
const digit = 10

// sortedBy returns the same stems, sorted by one digit, which begins at a bit;
// those that have the same stay in their order.
func sortedBy(numbers []stem, from int) []stem {
	of := func(x stem) stem { return x >> from & (1<<digit - 1) }
	var ends [1<<digit + 1]int // of those with each digit, and behind it
	for _, x := range numbers {
		ends[of(x)+1]++
	}
	for i := 1; i < len(ends); i++ {
		ends[i] += ends[i-1]
	}
	sorted := make([]stem, len(numbers))
	for _, x := range numbers {
		to := &ends[of(x)]
		sorted[*to] = x
		*to++
	}
	return sorted
}

// A headcount counts persons, each once, however often they come. It takes eight
// bytes for each, and is put in order now and then: to look for each that comes
// would be to wait for a place in memory each time. Many may add at once.
type headcount struct {
	mu       sync.Mutex
	heads    []stem
	distinct int // of them in the beginning
}

const manyHeads = 1 << 16

func (h *headcount) add(persons []stem) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.heads = append(h.heads, persons...); len(h.heads) >= max(manyHeads, 2*h.distinct) {
		h.settle()
	}
}

func (h *headcount) count() int {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.settle()
	return h.distinct
}

func (h *headcount) settle() {
	for from := 0; from < 3*digit; from += digit {
		h.heads = sortedBy(h.heads, from)
	}
	h.heads = slices.Compact(h.heads)
	h.distinct = len(h.heads)
}
