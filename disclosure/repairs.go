package disclosure

import (
	"math/bits"
	"math/rand/v2"
	"slices"
)

// Repairs attack a table of three dimensions. No network holds such a table, and what
// can be known of a count is caught between two bounds. The outer is what narrow
// leaves: nothing beyond it is possible. The inner is found by making tables: one
// count is moved by one, and what no longer adds up is repaired by moving others. Each
// table that adds up again shows that all its counts are possible.
type repairs struct {
	spans  []Span // of cells and totals
	sums   []sum
	sumsOf [][]int // of each cell, and of a total its own

	counts []int // of a table; what of it no longer adds up is being repaired
	found  []uint64
	chance *rand.Rand
}

// How long a table is repaired before it is given up, and how often one count is tried.
const (
	maxRepairs = 24
	maxTries   = 6
	maxSettle  = 20_000 // to find a first table, where nothing is thought
)

func newRepairs(spans []Span, sums []sum, thought []int) *repairs {
	r := &repairs{
		spans: spans, sums: sums, sumsOf: make([][]int, len(spans)),
		counts: make([]int, len(spans)), found: make([]uint64, len(spans)),
		chance: rand.New(rand.NewPCG(1, 2)), // the same table is attacked the same way
	}
	total := make([]bool, len(spans))
	for i, s := range sums {
		total[s.total] = true
		r.sumsOf[s.total] = []int{i}
		for _, cell := range s.cells {
			r.sumsOf[cell] = append(r.sumsOf[cell], i)
		}
	}
	for e, s := range spans {
		if total[e] {
			continue
		}
		n := s.Low + min(s.Values(), 8)/2
		if thought != nil {
			n = min(max(thought[e], s.Low), s.High)
		}
		r.counts[e] = n
		for _, i := range r.sumsOf[e] {
			r.counts[sums[i].total] += n
		}
	}
	return r
}

// attack tries each entry, downwards and upwards from the first table.
func (r *repairs) attack(entries []int, enough int) []Known {
	known := make([]Known, len(entries))
	var all []int
	for i := range r.sums {
		all = append(all, i)
	}
	sound := r.repair(all, nil, maxSettle)
	if sound {
		r.noteAll()
	}
	first := slices.Clone(r.counts)
	for i, e := range entries {
		for _, by := range []int{-1, 1} {
			for sound && r.shown(e) < min(enough, 64) && r.moved(e, by) {
			}
			copy(r.counts, first)
		}
		known[i] = Known{e, r.spans[e], r.shown(e)}
	}
	return known
}

// noteAll notes that each count of a table that adds up is possible.
func (r *repairs) noteAll() {
	for e := range r.counts {
		r.note(e)
	}
}

func (r *repairs) note(entry int) {
	if n := r.counts[entry] - r.spans[entry].Low; n < 64 {
		r.found[entry] |= 1 << n
	}
}

// shown says how many numbers have been shown to be possible.
func (r *repairs) shown(entry int) int { return bits.OnesCount64(r.found[entry]) }

// moved makes a table in which an entry is more or less by one, if it finds one.
func (r *repairs) moved(entry, by int) bool {
	if n := r.counts[entry] + by; n < r.spans[entry].Low || n > r.spans[entry].High {
		return false
	}
	for range maxTries {
		cell := entry
		if s := r.sums[r.sumsOf[entry][0]]; s.total == entry {
			cell = r.best(s.cells, by, -1)
		}
		if cell < 0 || !r.fits(cell, by) {
			return false
		}
		if r.move(cell, entry, by) {
			return true
		}
	}
	return false
}

// fits says whether a cell can be more or less by one.
func (r *repairs) fits(cell, by int) bool {
	n := r.counts[cell] + by
	return n >= r.spans[cell].Low && n <= r.spans[cell].High
}

// move moves a cell and repairs the table. What cannot be repaired, or leaves the
// entry that it is done for as it was, is taken back.
func (r *repairs) move(cell, entry, by int) bool {
	wanted := r.counts[entry] + by
	steps := []step{{cell, by}}
	r.step(steps[0])
	if r.repair(slices.Clone(r.sumsOf[cell]), &steps, maxRepairs) && r.counts[entry] == wanted {
		for _, s := range steps {
			r.note(s.cell)
			for _, i := range r.sumsOf[s.cell] {
				r.note(r.sums[i].total)
			}
		}
		return true
	}
	for _, s := range slices.Backward(steps) {
		r.step(step{s.cell, -s.by})
	}
	return false
}

// A step is that a cell is more or less by one.
type step struct{ cell, by int }

func (r *repairs) step(s step) {
	r.counts[s.cell] += s.by
	for _, i := range r.sumsOf[s.cell] {
		r.counts[r.sums[i].total] += s.by
	}
}

// repair moves cells until each of some sums, and each that is touched, is again what
// was published. The first of the steps is not undone.
func (r *repairs) repair(doubtful []int, steps *[]step, most int) bool {
	for range most {
		i := slices.IndexFunc(doubtful, func(i int) bool { return r.wrong(i, 0) != 0 })
		if i < 0 {
			return true
		}
		doubtful = doubtful[i:] // those before are right; what a step touches is added
		by := -r.wrong(doubtful[0], 0)
		kept := -1
		if steps != nil {
			kept = (*steps)[0].cell
		}
		cell := r.best(r.sums[doubtful[0]].cells, by, kept)
		if cell < 0 {
			return false
		}
		r.step(step{cell, by})
		if steps != nil {
			*steps = append(*steps, step{cell, by})
		}
		doubtful = append(doubtful, r.sumsOf[cell]...)
	}
	return !slices.ContainsFunc(doubtful, func(i int) bool { return r.wrong(i, 0) != 0 })
}

// wrong says whether a sum, with so much more, would be more (1) or less (-1) than
// what was published.
func (r *repairs) wrong(i, more int) int {
	total := r.sums[i].total
	switch n := r.counts[total] + more; {
	case n > r.spans[total].High:
		return 1
	case n < r.spans[total].Low:
		return -1
	}
	return 0
}

// best is the cell that one can move and leaves the fewest sums wrong; -1: none. It
// begins anywhere, so that another try goes another way.
func (r *repairs) best(cells []int, by, kept int) int {
	best, fewest := -1, 0
	from := r.chance.IntN(len(cells))
	for k := range cells {
		cell := cells[(from+k)%len(cells)]
		if cell == kept || !r.fits(cell, by) {
			continue
		}
		wrong := 0
		for _, i := range r.sumsOf[cell] {
			if r.wrong(i, by) != 0 {
				wrong++
			}
			if r.wrong(i, 0) != 0 {
				wrong--
			}
		}
		if wrong < 0 { // one sum is right again, and none is wrong that was not
			return cell
		}
		if best < 0 || wrong < fewest {
			best, fewest = cell, wrong
		}
	}
	return best
}
