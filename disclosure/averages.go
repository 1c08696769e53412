package disclosure

import (
	"cmp"
	"slices"
)

// A value is a number in an entry, in thousandths.
type value struct {
	entry  int32
	number int64
}

// measure takes the number of a record that is counted in an entry.
func (r *Reader) measure(entry int, number int64) {
	switch r.question.request.Measure.Kind {
	case Mean:
		r.sums[entry] += number
	case Median:
		v := value{int32(entry), number}
		if _, known := r.values[v]; !known && r.question.tallies.Add(1) > r.question.room.tallies {
			return // the table is refused
		}
		r.values[v]++
	}
}

// averages are those of each entry and total, in tenths; nil: none are asked for.
func (q *Question) averages() []int64 {
	switch q.request.Measure.Kind {
	case Mean:
		return q.means()
	case Median:
		return q.medians()
	}
	return nil
}

// means are those of each entry and total.
func (q *Question) means() []int64 {
	sums, records := make([]int64, q.shape.Entries()), make([]int64, q.shape.Entries())
	for _, r := range q.readers {
		for entry, sum := range r.sums {
			for _, project := range q.projections {
				sums[project[entry]] += sum
				records[project[entry]] += int64(r.records[entry])
			}
		}
	}
	for entry, n := range records {
		if n > 0 {
			sums[entry] = tenths(sums[entry], n)
		}
	}
	return sums
}

// tenths is so many thousandths divided by a number, in tenths, a half away from
// nought.
func tenths(thousandths, by int64) int64 {
	by *= 100
	if thousandths < 0 {
		return -((-thousandths + by/2) / by)
	}
	return (thousandths + by/2) / by
}

// A tally is how often a number stands in an entry.
type tally struct {
	value
	times int
}

// medians are those of each entry and total: of an even number, the middle between the
// two in the middle. Each way to sum up is gone through by itself, so that no more is
// kept than what was read.
func (q *Question) medians() []int64 {
	var all []tally
	for _, r := range q.readers {
		for v, n := range r.values {
			all = append(all, tally{v, n})
		}
		r.values = nil
	}
	medians := make([]int64, q.shape.Entries())
	for _, project := range q.projections {
		slices.SortFunc(all, func(a, b tally) int {
			return cmp.Or(cmp.Compare(project[a.entry], project[b.entry]), cmp.Compare(a.number, b.number))
		})
		for from := 0; from < len(all); {
			entry, to := project[all[from].entry], from
			for to < len(all) && project[all[to].entry] == entry {
				to++
			}
			medians[entry] = median(all[from:to])
			from = to
		}
	}
	return medians
}

// median is the middle of numbers in order.
func median(of []tally) int64 {
	total := 0
	for _, t := range of {
		total += t.times
	}
	at := func(place int) int64 {
		for _, t := range of {
			if place -= t.times; place < 0 {
				return t.number
			}
		}
		return 0
	}
	return tenths(at((total-1)/2)+at(total/2), 2)
}
