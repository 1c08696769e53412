package extract

import (
	"math/rand/v2"
	"slices"
	"sync"
	"sync/atomic"
	"testing"

	"darsd/dars"
)

// A list that grows long is moved while it is read, and loses nobody. Others are
// then added by many at once, each once.
func TestNumbersThatGrowMany(t *testing.T) {
	var s numberSet
	r := rand.New(rand.NewPCG(4, 9))
	in := map[dars.NHSNumber]bool{}
	for _, size := range []int{1, manyNumbers / 4, manyNumbers / 2, 100_000, 10} {
		var batch []dars.NHSNumber
		added := 0
		for range size {
			n := dars.NHSNumber(r.Uint64N(stems) * 10)
			batch = append(batch, n, n) // each twice
			if !in[n] {
				added++
			}
			in[n] = true
		}
		if got := s.put(batch); got != added {
			t.Fatalf("%d of a batch are new, and it says %d", added, got)
		}
	}
	check := func() {
		t.Helper()
		if s.size() != len(in) {
			t.Fatalf("of %d it has %d", len(in), s.size())
		}
		for n := range in {
			for _, beside := range []dars.NHSNumber{n - 10, n, n + 10} {
				if (s.bit(beside) == 1) != in[beside] {
					t.Fatalf("%d is in it: %v", beside, !in[beside])
				}
			}
		}
	}
	check()

	var others []dars.NHSNumber
	for range 10_000 {
		others = append(others, dars.NHSNumber(r.Uint64N(stems)*10))
	}
	slices.Sort(others)
	others = slices.Compact(others)
	fresh := 0
	for _, n := range others {
		if !in[n] {
			fresh++
		}
		in[n] = true
	}
	var added atomic.Int64
	var all sync.WaitGroup
	for range 4 {
		all.Go(func() {
			for _, n := range others {
				if s.add(n) {
					added.Add(1)
				}
			}
		})
	}
	all.Wait()
	if int(added.Load()) != fresh {
		t.Errorf("of %d new ones %d were added", fresh, added.Load())
	}
	check()
	if s.bit(10*stems) != 0 || s.bit(1<<63) != 0 {
		t.Error("it has numbers that do not exist")
	}
}
