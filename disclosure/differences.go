package disclosure

import (
	"encoding/binary"
	"slices"
)

// Differences finds answers already given that a new one, subtracted, would turn into
// an answer about few persons. Records are read once, as a table is counted, and held
// against all earlier populations together:
//
//   - by records: the persons with a record in the one population and not in the other.
//     All records of one combination of groups and lists are in the same populations,
//     and of each combination no more persons are kept than are few: where there are
//     more, that combination is no few.
//   - by persons: those who are in the one population and not in the other. A person
//     with other records in both is in neither, so this can be few where the records
//     are many. One person in 64 is followed whole: if enough of those differ, enough
//     do. Of the rest nothing is known, and they are read again (Again).
//
// No person is kept longer than the comparison.
type Differences struct {
	few          int // from one to this many persons tell of a person
	populations  *Populations
	sizes        []int          // how many groups each grouping has
	near         []int32        // the place, and one, of each combination that is in all lists; nil if there can be too many
	places       map[string]int // of the others
	combinations []combination
	followed     map[uint64][]int // the combinations in which a person has a record
	most         int              // combinations
	full         bool             // there were more combinations than are kept: what was found is not all
}

// A combination is the records of one group of each grouping that are in some lists.
type combination struct {
	groups  []uint16
	in      uint64
	persons []uint64 // at most one more than are few
}

// mostNear is how many combinations there may be for each to have a place kept.
const mostNear = 1 << 20

// NewDifferences is to find what differs from the last of the populations.
func NewDifferences(p *Populations, few int) *Differences {
	d := &Differences{few: few, populations: p, most: wholeRoom.combinations, followed: map[uint64][]int{}}
	possible := 1
	for _, groups := range p.groups {
		d.sizes = append(d.sizes, len(groups))
		possible = min(possible*len(groups), mostNear+1)
	}
	if possible <= mostNear {
		d.near = make([]int32, possible)
	}
	d.places = map[string]int{}
	return d
}

// Add takes a record of a person, with its group of each of Populations.Groupings, and
// a bit for each of Populations.Lists that it is in. A person is any number that is the
// person's own.
func (d *Differences) Add(groups []uint16, in, person uint64) {
	i := d.place(groups, in)
	if i < 0 {
		return
	}
	if c := &d.combinations[i]; len(c.persons) <= d.few {
		c.meet(person)
	}
	if scattered(person)%64 == 0 && !slices.Contains(d.followed[person], i) {
		d.followed[person] = append(d.followed[person], i)
	}
}

func (c *combination) meet(person uint64) {
	if !slices.Contains(c.persons, person) {
		c.persons = append(c.persons, person)
	}
}

// place is where a combination is, which may be a new one; negative: nowhere, since
// there are too many.
func (d *Differences) place(groups []uint16, in uint64) int {
	if all := uint64(1)<<len(d.populations.Lists) - 1; d.near == nil || in&all != all {
		return d.far(groups, in&all)
	}
	at := 0
	for k, g := range groups {
		at = at*d.sizes[k] + int(g)
	}
	if d.near[at] == 0 {
		d.near[at] = int32(d.another(groups, in)) + 1
	}
	return int(d.near[at]) - 1
}

// another begins one combination more.
func (d *Differences) another(groups []uint16, in uint64) int {
	if len(d.combinations) == d.most {
		d.full = true
		return -1
	}
	d.combinations = append(d.combinations, combination{groups: slices.Clone(groups), in: in})
	return len(d.combinations) - 1
}

func (d *Differences) far(groups []uint16, in uint64) int {
	key := binary.LittleEndian.AppendUint64(make([]byte, 0, 40), in)
	for _, g := range groups {
		key = append(key, byte(g), byte(g>>8))
	}
	i, ok := d.places[string(key)]
	if !ok {
		if i = d.another(groups, in); i >= 0 {
			d.places[string(key)] = i
		}
	}
	return i
}

// join takes what another has found of the same populations.
func (d *Differences) join(other *Differences) {
	d.full = d.full || other.full
	places := make([]int, len(other.combinations))
	for i, c := range other.combinations {
		if places[i] = d.place(c.groups, c.in); places[i] < 0 {
			continue
		}
		to := &d.combinations[places[i]]
		for _, person := range c.persons {
			if len(to.persons) <= d.few {
				to.meet(person)
			}
		}
	}
	for person, in := range other.followed {
		for _, i := range in {
			if places[i] >= 0 && !slices.Contains(d.followed[person], places[i]) {
				d.followed[person] = append(d.followed[person], places[i])
			}
		}
	}
}

// scattered makes neighbouring numbers differ everywhere (Steele and others, 2014).
func scattered(n uint64) uint64 {
	n = (n ^ n>>30) * 0xbf58476d1ce4e5b9
	n = (n ^ n>>27) * 0x94d049bb133111eb
	return n ^ n>>31
}

// Close is the first earlier population that differs by few persons; -1: none. Of
// those that are named again, only reading the records once more can tell.
func (d *Differences) Close() (found int, again []int) {
	last := len(d.populations.in) - 1
	in := d.members(last)
	for other := range last {
		by := d.members(other)
		if n := d.byRecords(in, by); n > 0 && n <= d.few {
			return other, nil
		} else if n > 0 && d.byPersons(in, by) <= d.few {
			again = append(again, other)
		}
	}
	return -1, again
}

// members says which combinations are in a population.
func (d *Differences) members(population int) []bool {
	in := make([]bool, len(d.combinations))
	for i, c := range d.combinations {
		in[i] = d.populations.in[population].has(c.groups, c.in)
	}
	return in
}

// byRecords counts the persons with a record in one of two populations, as far as one
// more than are few.
func (d *Differences) byRecords(a, b []bool) int {
	differing := make([]uint64, 0, 2*d.few)
	for i, c := range d.combinations {
		if a[i] == b[i] {
			continue
		}
		for _, person := range c.persons {
			if !slices.Contains(differing, person) {
				differing = append(differing, person)
			}
		}
		if len(differing) > d.few {
			break
		}
	}
	return len(differing)
}

// byPersons counts those who were followed and are in one of two populations, as far
// as one more than are few.
func (d *Differences) byPersons(a, b []bool) (differing int) {
	for _, combinations := range d.followed {
		inA := slices.ContainsFunc(combinations, func(i int) bool { return a[i] })
		inB := slices.ContainsFunc(combinations, func(i int) bool { return b[i] })
		if inA != inB {
			differing++
		}
		if differing > d.few {
			break
		}
	}
	return differing
}
