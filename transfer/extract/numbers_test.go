package extract

import (
	"math/rand/v2"
	"slices"
	"sync"
	"testing"

	"darsd/dars"
)

// A list that grows long is moved while it is read, and loses nobody: the same
// persons are in it whether it is asked for one or for many, before it is folded
// and after.
func TestNumbersThatGrowMany(t *testing.T) {
	var s numberSet
	r := rand.New(rand.NewPCG(4, 9))
	in := map[stem]bool{}
	for _, size := range []int{1, manyNumbers / 4, manyNumbers / 2, 100_000, 10} {
		var batch []stem
		added := 0
		for range size {
			x := stem(r.Uint64N(stems))
			batch = append(batch, x, x) // each twice
			if !in[x] {
				added++
			}
			in[x] = true
		}
		if got := s.put(batch); got != added {
			t.Fatalf("%d of a batch are new, and it says %d", added, got)
		}
		holds(t, &s, in)
	}
	s.foldUp() // where there is a plane
	holds(t, &s, in)
}

// holds asks for all who are in a set, and for those beside them and those that
// share their place in a fold.
func holds(t *testing.T, s *numberSet, in map[stem]bool) {
	t.Helper()
	if s.len != len(in) {
		t.Fatalf("of %d it has %d", len(in), s.len)
	}
	asked := []stem{0, 1, stems - 1}
	for x := range in {
		asked = append(asked, x, (x+1)%stems, (x+foldBits)%stems)
	}
	found := s.among(asked, make([]int, len(asked)))
	if !slices.IsSorted(found) {
		t.Fatal("they are not in order")
	}
	is := map[int]bool{}
	for _, place := range found {
		is[place] = true
	}
	for place, x := range asked {
		if s.has(x) != in[x] || is[place] != in[x] {
			t.Fatalf("%d is in it: %v; asked alone: %v, among others: %v", x, in[x], s.has(x), is[place])
		}
	}
}

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
