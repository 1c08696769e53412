package extract

import (
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
