package extract

import (
	"math/rand/v2"
	"slices"
	"sync"
	"testing"

	"darsd/dars"
)

func TestNumbersThatDoNotExist(t *testing.T) {
	for _, n := range []dars.NHSNumber{0, 9, 10 * stems, 10*stems + 10, 1 << 63} {
		if x := stemOf(n); x != 0 {
			t.Errorf("%d has the stem %d", n, x)
		}
	}
}

// By one digit after the other, from the last, all are sorted.
func TestSortedBy(t *testing.T) {
	r := rand.New(rand.NewPCG(6, 6))
	numbers := []stem{0, stems - 1, 1, 1 << 10, 1<<10 - 1, 1 << 20, 1<<20 - 1, 0}
	for range 5000 {
		numbers = append(numbers, stem(r.Uint64N(stems)))
	}
	sorted := numbers
	for from := 0; from < 3*digit; from += digit {
		sorted = sortedBy(sorted, from)
	}
	slices.Sort(numbers)
	if !slices.Equal(sorted, numbers) {
		t.Error("they are not in order, or not the same")
	}
}

// Many count the same persons at once, and each is counted once.
func TestHeadcount(t *testing.T) {
	r := rand.New(rand.NewPCG(4, 9))
	in := map[stem]bool{}
	var persons []stem
	for range 3 * manyHeads {
		x := stem(1 + r.Uint64N(stems-1))
		in[x], persons = true, append(persons, x)
	}
	var h headcount
	var all sync.WaitGroup
	for range 4 {
		all.Go(func() {
			for some := range slices.Chunk(persons, 500) {
				h.add(some)
			}
		})
	}
	all.Wait()
	for range 2 { // to count changes nothing
		if n := h.count(); n != len(in) {
			t.Errorf("of %d it counts %d", len(in), n)
		}
	}
	h.add([]stem{persons[0], 0, 0})
	if h.count() != len(in)+1 {
		t.Errorf("with one more it counts %d", h.count())
	}
}
