package disclosure

import (
	"slices"
	"sync"
	"sync/atomic"

	"darsd/dars"
)

// A Question is a request while it is answered. The records of its dataset are read
// once, by several readers: they count its table, and hold whom it is about against
// whom earlier answers were about.
type Question struct {
	request     Request
	few         int // persons that no two answers may tell apart
	room        room
	shape       Shape
	populations *Populations // of the earlier answers, and its own at the end
	groupings   []string     // of which each record's group is to be told; those of populations come first
	ways        []way
	limits      []limit
	projections [][]uint32 // of each choice of dimensions to sum over: the entry that an entry goes to

	held     atomic.Int64 // pairs of a person and an entry that are kept
	tallies  atomic.Int64 // different numbers of entries that are kept
	overfull atomic.Bool  // what is needed to hold it against earlier answers was too much to keep
	mu       sync.Mutex
	readers  []*Reader
	again    []int // the earlier answers that are looked at once more; nil: this is the first reading
}

// A way is a dimension of the table: where among the groupings it stands, and what of
// an entry's number each of its groups makes. A group that is not counted has a
// negative one.
type way struct {
	at     int
	places []int
}

// A limit is a grouping that limits the table and does not divide it.
type limit struct {
	at int
	in []bool
}

// apart is how many persons two answers may never differ by, whatever the rules of the
// day suppress: the earlier answer may be of other rules than the later.
const apart = 7

// Ask makes a request that was checked ready to be answered by a list of objections,
// beside the populations of earlier answers of the same dataset.
func Ask(r Request, d dars.Dataset, rules RuleSet, list string, earlier []Population) *Question {
	q := &Question{
		request: r, few: max(rules.Small, apart), room: wholeRoom, shape: r.Shape(d),
		populations: Compare(d, append(slices.Clone(earlier), r.Population(list))),
	}
	q.groupings = slices.Clone(q.populations.Groupings)
	for _, code := range r.By {
		if !slices.Contains(q.groupings, code) {
			q.groupings = append(q.groupings, code)
		}
	}
	stride := q.shape.Entries()
	for _, dimension := range q.shape {
		stride /= len(dimension.Values) + 1
		w := way{at: slices.Index(q.groupings, dimension.Name)}
		for _, group := range q.groups(d, dimension.Name) {
			place := slices.Index(dimension.Values, group)
			w.places = append(w.places, max(place*stride, -1))
		}
		q.ways = append(q.ways, w)
	}
	own := q.populations.in[len(q.populations.in)-1]
	for at, code := range q.populations.Groupings {
		if !slices.Contains(r.By, code) {
			q.limits = append(q.limits, limit{at, own.groups[at]})
		}
	}
	q.projections = q.shape.projections()
	return q
}

// groups are the names of the groups of a grouping, as records are told by them.
func (q *Question) groups(d dars.Dataset, code string) []string {
	if code == dars.PeriodGrouping {
		return q.Periods()
	}
	g, _ := d.Grouping(code)
	return g.Names()
}

// Groupings are those of which each record's group must be told, in this order.
func (q *Question) Groupings() []string { return q.groupings }

// Periods are the groups of dars.PeriodGrouping, in order.
func (q *Question) Periods() []string { return q.populations.groups[0] }

// Read are the periods whose records are to be read: those of the request, and those of
// earlier answers that are held against it.
func (q *Question) Read() (periods []string) {
	for i, p := range q.Periods() {
		if slices.ContainsFunc(q.populations.in, func(m membership) bool { return m.groups[0][i] }) {
			periods = append(periods, p)
		}
	}
	return periods
}

// Earlier are the lists by which earlier answers were given, beside its own.
func (q *Question) Earlier() []string { return q.populations.Lists[1:] }

// Number is the column whose value must be told of each record; empty: none.
func (q *Question) Number() string { return q.request.Measure.Field }

// entry is where a record is counted; negative: nowhere.
func (q *Question) entry(groups []uint16) (entry int) {
	for _, l := range q.limits {
		if !l.in[groups[l.at]] {
			return -1
		}
	}
	for _, w := range q.ways {
		place := w.places[groups[w.at]]
		if place < 0 {
			return -1
		}
		entry += place
	}
	return entry
}

// A Reader is told of records by one at a time; any number of readers may be told at
// once.
type Reader struct {
	question    *Question
	differences *Differences
	again       *Again

	records []int // of each entry that is no total
	sums    []int64
	values  map[value]int // of a median: how often each number stands in an entry
	crowd   crowd
}

// Reader makes a reader more.
func (q *Question) Reader() *Reader {
	q.mu.Lock()
	defer q.mu.Unlock()
	r := &Reader{question: q, crowd: crowd{held: &q.held, most: q.room.pairs}}
	if q.again != nil {
		r.again = q.room.again(q.populations, q.again, q.few)
	} else {
		r.differences = q.room.differences(q.populations, q.few)
		r.records, r.sums, r.values = make([]int, q.shape.Entries()), make([]int64, q.shape.Entries()), map[value]int{}
	}
	q.readers = append(q.readers, r)
	return r
}

// A Record is what a reader is told of one.
type Record struct {
	Groups   []uint16 // of each grouping
	Person   uint64   // a number that is the person's own
	Number   int64    // that stands in it, in thousandths
	Numbered bool     // there is one
	In       uint64   // bit 0: the question's list of objections lets it be counted; bit k: the k-th of Earlier did
}

// Add takes a record. One without a number is not counted where numbers are asked for.
func (r *Reader) Add(row *Record) {
	q := r.question
	if known := row.Groups[:len(q.populations.Groupings)]; r.again != nil {
		r.again.Add(known, row.In, row.Person)
		return
	} else if len(q.populations.in) > 1 {
		r.differences.Add(known, row.In, row.Person)
	}
	if row.In&1 == 0 || q.Number() != "" && !row.Numbered {
		return
	}
	entry := q.entry(row.Groups)
	if entry < 0 {
		return
	}
	r.records[entry]++
	r.crowd.add(row.Person, entry)
	r.measure(entry, row.Number)
}

// Close is the first earlier answer that this one, subtracted, would turn into one
// about few persons; -1: none. If it cannot tell yet, more is true: the records must be
// read once more, by new readers.
func (q *Question) Close() (found int, more bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	readers := q.readers
	if q.again == nil {
		all := q.room.differences(q.populations, q.few)
		for _, r := range readers {
			all.join(r.differences)
		}
		if all.full {
			q.overfull.Store(true)
		}
		if found, q.again = all.Close(); found >= 0 {
			return found, false
		}
	} else {
		all := q.room.again(q.populations, q.again, q.few)
		for _, r := range readers {
			if r.again != nil {
				all.join(r.again)
			}
		}
		if all.full {
			q.overfull.Store(true)
		}
		if found := all.Close(); found >= 0 {
			return found, false
		}
		q.again = q.again[len(all.others):]
	}
	if len(q.again) == 0 {
		return -1, false
	}
	q.readers = slices.DeleteFunc(readers, func(r *Reader) bool { return r.again != nil })
	return -1, true
}
