package disclosure

import (
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
)

// Table is what was counted, when all has been read; it is asked for once. Of persons
// each total is of persons too, each once: it is counted, and not summed.
func (q *Question) Table() (*Table, error) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if err := q.fits(); err != nil {
		return nil, err
	}
	var crowds []*crowd
	t := &Table{Shape: q.shape, Unit: q.request.Count, Measure: q.request.Measure, Counts: make([]Count, q.shape.Entries())}
	for _, r := range q.readers {
		if r.again != nil {
			continue
		}
		crowds = append(crowds, &r.crowd)
		for entry, n := range r.records {
			for _, project := range q.projections {
				t.Counts[project[entry]].N += n
			}
		}
	}
	for entry, n := range q.persons(crowds) {
		if t.Counts[entry].Persons = n; t.Unit == Persons {
			t.Counts[entry].N = n
		}
	}
	t.Averages = q.averages()
	return t, nil
}

// projections are, for each choice of dimensions that are summed over, the entry that
// each cell goes to; of no dimension, itself.
func (s Shape) projections() [][]uint32 {
	all := make([][]uint32, 1<<len(s))
	for over := range all {
		all[over] = make([]uint32, s.Entries())
		for entry := range s.Entries() {
			place := s.Place(entry)
			for k, d := range s {
				if over>>k&1 == 1 {
					place[k] = len(d.Values)
				}
			}
			all[over][entry] = uint32(s.Entry(place...))
		}
	}
	return all
}

// A crowd keeps who is in which entry, each once and in 256 parts: all of a person are
// in one part, so that each is small and can be put in order alone.
type crowd struct {
	parts [256]part
	held  *atomic.Int64 // pairs, by all crowds of a table
	most  int64         // of them
}

// A part of a crowd: pairs of a person and an entry. The first settled of them are in
// order, and differ.
type part struct {
	pairs   []uint64
	settled int
}

const (
	entryBits = 16      // MaxCells cells have fewer entries, with their totals
	fewPairs  = 1 << 12 // are not put in order
)

func (c *crowd) add(person uint64, entry int) {
	p := &c.parts[scattered(person)>>56]
	p.pairs = append(p.pairs, person<<entryBits|uint64(entry))
	if len(p.pairs) < max(fewPairs, 2*p.settled) {
		return
	}
	before := p.settled
	p.settle()
	if c.held.Add(int64(p.settled-before)) > c.most {
		*p = part{} // the table is refused: nobody will ask
	}
}

func (p *part) settle() {
	slices.Sort(p.pairs)
	p.pairs = slices.Compact(p.pairs)
	p.settled = len(p.pairs)
}

// persons counts the persons of each entry, and of each total. It leaves nothing of the
// crowds.
func (q *Question) persons(crowds []*crowd) []int {
	counts := make([]int, q.shape.Entries())
	var next atomic.Int32
	var mu sync.Mutex
	var all sync.WaitGroup
	for range runtime.GOMAXPROCS(0) {
		all.Go(func() {
			own := newHeads(q)
			for i := next.Add(1) - 1; i < 256; i = next.Add(1) - 1 {
				own.count(crowds, int(i))
			}
			mu.Lock()
			defer mu.Unlock()
			for entry, n := range own.counts {
				counts[entry] += n
			}
		})
	}
	all.Wait()
	return counts
}

// heads count persons, one after the other.
type heads struct {
	projections [][]uint32
	counts      []int
	last        []uint64 // the person who was counted last in each entry, and one more
}

func newHeads(q *Question) *heads {
	return &heads{q.projections, make([]int, q.shape.Entries()), make([]uint64, q.shape.Entries())}
}

// count counts the persons of one part of all crowds.
func (h *heads) count(crowds []*crowd, n int) {
	var whole part
	for _, c := range crowds {
		whole.pairs = append(whole.pairs, c.parts[n].pairs...)
		c.parts[n] = part{}
	}
	whole.settle()
	for _, pair := range whole.pairs {
		person, entry := pair>>entryBits+1, pair&(1<<entryBits-1)
		for _, project := range h.projections {
			if e := project[entry]; h.last[e] != person {
				h.last[e] = person
				h.counts[e]++
			}
		}
	}
}
