package extract

import "darsd/dars"

// MostEarlier is how many earlier lists can be held against today's.
const MostEarlier = 63

const allLists = ^uint64(0)

// earlier knows who stands in some earlier lists otherwise than in today's. They are
// few, and all others stand as they stand today.
type earlier struct {
	lists   []*Objections // today's first
	changed numberSet
}

func newEarlier(today *Objections, lists []*Objections) *earlier {
	if len(lists) == 0 {
		return nil
	}
	e := &earlier{lists: append([]*Objections{today}, lists...)}
	var differing []stem
	for _, list := range lists {
		differing = append(differing, today.without(list)...)
		differing = append(differing, list.without(today)...)
	}
	e.changed = setOf(differing)
	return e
}

// of says in which lists somebody may be counted who has changed.
func (e *earlier) of(x stem) (in uint64) {
	in = allLists
	for k, list := range e.lists {
		if list != nil && list.persons.has(x) {
			in &^= 1 << k
		}
	}
	return in
}

// without are those of a list who are not in another.
func (o *Objections) without(other *Objections) (persons []stem) {
	if o == nil {
		return nil
	}
	for x := range o.persons.each {
		if other == nil || !other.persons.has(x) {
			persons = append(persons, x)
		}
	}
	return persons
}

// in says in which lists a person's rows may be counted.
func (p *numbered) in(who uint64, stands standing) uint64 {
	if p.earlier != nil && who != Nobody && p.earlier.changed.has(stem(who)) {
		return p.earlier.of(stem(who))
	}
	return inToday(stands)
}

// in asks for all numbers of a person together: the person may be counted in a list in
// which none of them objects.
func (p *indexed) in(who uint64, stands standing) uint64 {
	in, changed := p.changed[who]
	if !changed {
		return inToday(stands)
	}
	if standing(p.persons.state(int(who-1))&standingBits) == lasting {
		return 0
	}
	return in
}

// standing is that of a number which objects today.
func (e *earlier) standing(n dars.NHSNumber) standing {
	if e == nil || e.changed.has(stemOf(n)) {
		return objects
	}
	return lasting
}

func inToday(stands standing) uint64 {
	if stands == objects {
		return 0
	}
	return allLists
}
