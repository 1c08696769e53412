package disclosure

import (
	"fmt"
	"slices"

	"darsd/dars"
)

// What a table may have at most. A table of more cells tells of persons, whatever is
// suppressed in it, and nobody reads it.
const (
	MaxDimensions = 3
	MaxCells      = 10_000 // without totals
)

// A Unit is what a table counts.
type Unit string

// The units.
const (
	Persons Unit = "persons"
	Records Unit = "records" // of persons: a count of records is small when its persons are few
)

// A Dimension is what divides a table one way.
type Dimension struct {
	Name   string   `json:"name"`
	Values []string `json:"values"`
}

// A Shape is how a table is divided. Each way has one place more than it has values:
// the last is its total.
//
// Entries of a table are numbered, the last dimension running fastest.
type Shape []Dimension

// Entries says how many counts a table of this shape has, with its totals.
func (s Shape) Entries() int {
	n := 1
	for _, d := range s {
		n *= len(d.Values) + 1
	}
	return n
}

// cells says how many of them are no totals.
func (s Shape) cells() int {
	n := 1
	for _, d := range s {
		n *= len(d.Values)
	}
	return n
}

// Place says where an entry stands: one index for each dimension, len(Values) for its
// total.
func (s Shape) Place(entry int) []int {
	place := make([]int, len(s))
	for k := len(s) - 1; k >= 0; k-- {
		n := len(s[k].Values) + 1
		place[k] = entry % n
		entry /= n
	}
	return place
}

// Entry is the number of the entry at a place.
func (s Shape) Entry(place ...int) int {
	entry := 0
	for k, d := range s {
		entry = entry*(len(d.Values)+1) + place[k]
	}
	return entry
}

// total says whether the entry at a place sums up others.
func (s Shape) total(place []int) bool {
	for k, d := range s {
		if place[k] == len(d.Values) {
			return true
		}
	}
	return false
}

// meet says whether two entries stand in one line: they differ in one place at most.
func (s Shape) meet(a, b int) bool {
	differ := 0
	at := s.Place(b)
	for k, i := range s.Place(a) {
		if i != at[k] {
			differ++
		}
	}
	return differ < 2
}

// covers says whether a total sums up another entry, which may be a total too.
func (s Shape) covers(total, entry int) bool {
	at := s.Place(entry)
	for k, i := range s.Place(total) {
		if i != at[k] && i != len(s[k].Values) {
			return false
		}
	}
	return total != entry
}

// A sum is a total and the cells that it sums up.
type sum struct {
	total int
	cells []int
}

// sums lists the totals of a table.
func (s Shape) sums() []sum {
	cells := make([][]int, s.Entries()) // of each total
	at := make([]int, len(s))
	for cell := range s.Entries() {
		place := s.Place(cell)
		if s.total(place) {
			continue
		}
		for over := 1; over < 1<<len(s); over++ { // each choice of dimensions that are summed over
			copy(at, place)
			for k, d := range s {
				if over>>k&1 == 1 {
					at[k] = len(d.Values)
				}
			}
			total := s.Entry(at...)
			cells[total] = append(cells[total], cell)
		}
	}
	var sums []sum
	for total, of := range cells {
		if len(of) > 0 {
			sums = append(sums, sum{total, of})
		}
	}
	return sums
}

// check says what is wrong with a shape.
func (s Shape) check() error {
	if len(s) < 1 || len(s) > MaxDimensions {
		return dars.Refuse("dimensions", "", "a table is divided by one to %d things, and this one by %d: ask for several tables", MaxDimensions, len(s))
	}
	if n := s.cells(); n > MaxCells {
		return dars.Refuse("cells", "", "this table would have %d cells, and %d is the most: choose fewer values, or wider bands", n, MaxCells)
	}
	for i, d := range s {
		if len(d.Values) == 0 {
			return dars.Refuse("dimensions", d.Name, "%s divides the table and has no value", d.Name)
		}
		if slices.ContainsFunc(s[:i], func(other Dimension) bool { return other.Name == d.Name }) {
			return dars.Refuse("dimensions", d.Name, "%s divides the table twice", d.Name)
		}
		if n := slices.Index(d.Values, Total); n >= 0 {
			return dars.Refuse("dimensions", d.Name, "%s has a value that is written like a total", d.Name)
		}
	}
	return nil
}

// Total is how the place of a total is written.
const Total = "(all)"

// A Table is what was counted. It never leaves the office.
type Table struct {
	Shape    Shape
	Unit     Unit
	Measure  Measure
	Counts   []Count // of each entry, totals included
	Averages []int64 // likewise, in tenths, if the measure is one
}

// A Count is of one entry. Where persons are counted, N is Persons.
type Count struct {
	N, Persons int
}

// Sum writes the totals of a table from its cells. It holds where nobody is in two
// cells; where somebody can be, totals of persons are counted, not summed.
func (t *Table) Sum() {
	for _, s := range t.Shape.sums() {
		var all Count
		for _, cell := range s.cells {
			all.N += t.Counts[cell].N
			all.Persons += t.Counts[cell].Persons
		}
		t.Counts[s.total] = all
	}
}

// additive says whether each total is the sum of its cells. A person who is in two
// cells is once in their total.
func (t *Table) additive() bool {
	for _, s := range t.Shape.sums() {
		all := 0
		for _, cell := range s.cells {
			all += t.Counts[cell].N
		}
		if all != t.Counts[s.total].N {
			return false
		}
	}
	return true
}

// check says what is wrong with a table that was counted: each is a fault of ours.
func (t *Table) check() error {
	if err := t.Shape.check(); err != nil {
		return err
	}
	if len(t.Counts) != t.Shape.Entries() {
		return fmt.Errorf("a table of %d entries was counted in %d", t.Shape.Entries(), len(t.Counts))
	}
	for entry, c := range t.Counts {
		if c.N < c.Persons || c.Persons < 0 || (c.N > 0) != (c.Persons > 0) || t.Unit == Persons && c.N != c.Persons {
			return fmt.Errorf("entry %d of a table counts %d %s", entry, c.N, t.Unit)
		}
	}
	return nil
}

// Label says in words where an entry stands.
func (s Shape) Label(entry int) []string {
	var words []string
	for k, i := range s.Place(entry) {
		words = append(words, s[k].label(i))
	}
	return words
}
