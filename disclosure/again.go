package disclosure

// Again follows every person of some pairs of populations: of the last, and of those
// named by Differences.Close. It takes at most 63 at a time.
type Again struct {
	few         int
	populations *Populations
	others      []int
	persons     map[uint64]sides
	most        int  // persons
	full        bool // there were more persons than are followed: what was found is not all
}

// The sides of a person: a bit for each of the others that the person is in, and the
// highest bit if the person is in the last.
type sides uint64

const inLast sides = 1 << 63

// MostAgain is how many populations are followed in one reading.
const MostAgain = 63

// NewAgain follows the persons of some populations.
func NewAgain(p *Populations, others []int, few int) *Again {
	return &Again{few: few, populations: p, others: others[:min(len(others), MostAgain)], persons: map[uint64]sides{}, most: wholeRoom.followed}
}

// Add takes a record, as Differences.Add does.
func (a *Again) Add(groups []uint16, in, person uint64) {
	var is sides
	if a.populations.in[len(a.populations.in)-1].has(groups, in) {
		is = inLast
	}
	for k, other := range a.others {
		if a.populations.in[other].has(groups, in) {
			is |= 1 << k
		}
	}
	if is != 0 {
		a.note(person, is)
	}
}

func (a *Again) note(person uint64, is sides) {
	was, known := a.persons[person]
	switch {
	case !known && len(a.persons) == a.most:
		a.full = true
	case was|is != was:
		a.persons[person] = was | is
	}
}

// join takes what another has found of the same populations.
func (a *Again) join(other *Again) {
	a.full = a.full || other.full
	if len(a.persons) == 0 {
		a.persons = other.persons
		return
	}
	for person, is := range other.persons {
		a.note(person, is)
	}
}

// Close is the first of the populations that differs by few persons; -1: none.
func (a *Again) Close() int {
	differing := make([]int, len(a.others))
	for _, is := range a.persons {
		for k := range a.others {
			if (is>>k&1 == 1) != (is&inLast != 0) {
				differing[k]++
			}
		}
	}
	for k, n := range differing {
		if n > 0 && n <= a.few {
			return a.others[k]
		}
	}
	return -1
}
