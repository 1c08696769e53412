package disclosure

import "darsd/dars"

// A room is how much one question may keep, by all readers together: what needs more
// is refused, whatever is asked of whatever data.
type room struct {
	pairs        int64 // of a person and an entry: half a gibibyte, and as much again for what is not in order yet
	tallies      int64 // different numbers of a median: some 200 MiB, and half as much again to put them in order
	combinations int   // of groups, for the earlier answers, by each reader: some 400 MiB
	followed     int   // persons who are followed whole, by each reader: some 300 MiB
}

var wholeRoom = room{pairs: 1 << 26, tallies: 1 << 22, combinations: 1 << 21, followed: 1 << 23}

// fits refuses a table of which not all was kept, since it was too much.
func (q *Question) fits() error {
	refuse := func(sentence string, args ...any) error {
		return dars.Refuse("too-many", q.request.Dataset, sentence, args...)
	}
	switch {
	case q.held.Load() > q.room.pairs:
		return refuse("this table counts more persons than can be kept apart at once: ask for fewer periods, or for fewer groups")
	case q.tallies.Load() > q.room.tallies:
		return refuse("%s holds more different numbers than can be put in order at once: ask for the mean, for fewer periods, or for fewer groups", q.Number())
	case q.overfull.Load():
		return refuse("what was answered before is about the people of %s in too many ways to hold this table against it: ask the office for a tabulation", q.request.Dataset)
	}
	return nil
}

func (r room) differences(p *Populations, few int) *Differences {
	d := NewDifferences(p, few)
	d.most = r.combinations
	return d
}

func (r room) again(p *Populations, others []int, few int) *Again {
	a := NewAgain(p, others, few)
	a.most = r.followed
	return a
}
