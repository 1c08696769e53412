package extract

import (
	"math/bits"
	"slices"
)

// A numberSet holds NHS numbers exactly, and does not change: many may ask at
// once. A short one is a sorted list, and one of thousands lies folded.
type numberSet struct {
	few    []stem // if it is not folded
	folded *folded
	len    int
}

// manyNumbers is from how many on a set is folded.
const manyNumbers = 4096

// A folded set is a sheet with a place for every stem, laid over itself, so that
// some thirty stems share a place: one of each layer. Which places are taken is
// 4 MiB, and lies in a processor's cache. Of a country's objections this alone
// answers for eight persons in nine: they are not on the list. Only for the others
// it is asked which layers of the place are meant. How the numbers are spread decides
// no more than how often that is.
type folded struct {
	taken  [foldBits / 64]uint64 // a bit for each place
	before [foldBits / 64]uint32 // how many places are taken before the word's
	layers []uint32              // of each place that is taken, in their order: a bit for each layer
}

const foldBits = 1 << 25

// place is the word of a stem's place and its bit there; layer is the bit of its
// layer.
func (x stem) place() (word stem, bit uint64) { return x % foldBits / 64, 1 << (x % 64) }
func (x stem) layer() uint32                  { return 1 << (x / foldBits) }

// at is where the layers of a place that is taken are.
func (f *folded) at(word stem, bit uint64) uint32 {
	return f.before[word] + uint32(bits.OnesCount64(f.taken[word]&(bit-1)))
}

func (s *numberSet) has(x stem) bool {
	f := s.folded
	if f == nil {
		_, found := slices.BinarySearch(s.few, x)
		return found
	}
	word, bit := x.place()
	return f.taken[word]&bit != 0 && f.layers[f.at(word, bit)]&x.layer() != 0
}

// atOnce is how many numbers are looked up together.
const atOnce = 512

// among says of each number whether it is in the set. It answers for at most atOnce.
func (s *numberSet) among(asked []stem, in []bool) {
	if s.folded != nil {
		s.folded.among(asked, in)
		return
	}
	for i, x := range asked {
		in[i] = s.has(x)
	}
}

// among goes without branches that hang on what comes from far away in memory, and
// writes to no place that does: so a processor fetches for many at a time.
func (f *folded) among(asked []stem, in []bool) {
	in = in[:len(asked)]
	for i, x := range asked {
		in[i] = f.taken[x%foldBits/64]>>(x%64)&1 == 1
	}
	var perhaps [atOnce]uint16
	n := 0
	for i, taken := range in {
		perhaps[n%atOnce] = uint16(i)
		n += int(bit(taken))
	}
	for _, i := range perhaps[:n] {
		x := asked[i]
		in[i] = f.layers[f.at(x.place())]&x.layer() != 0
	}
}

// each yields the numbers of a set, in no order that means anything.
func (s *numberSet) each(yield func(stem) bool) {
	for _, x := range s.few {
		if !yield(x) {
			return
		}
	}
	if s.folded == nil {
		return
	}
	n := 0
	for i, word := range s.folded.taken {
		for ; word != 0; word &= word - 1 {
			place := stem(i*64 + bits.TrailingZeros64(word))
			for layers := s.folded.layers[n]; layers != 0; layers &= layers - 1 {
				if !yield(stem(bits.TrailingZeros32(layers))*foldBits + place) {
					return
				}
			}
			n++
		}
	}
}

// A gathering is of numbers that will be a set. The zero value is empty.
type gathering struct {
	parts  [][]stem // each roughly in the order of places: neighbours meet in a processor's cache
	len    int
	folded *folded // if they are many: their places are taken, and no more is known yet
}

// add takes some numbers, which may come twice and stay the caller's.
func (g *gathering) add(numbers []stem) {
	const from = 15 // the highest bits of a place: the others are 4 KiB of those that are taken
	part := sortedBy(numbers, from)
	g.parts, g.len = append(g.parts, part), g.len+len(part)
	if g.len < manyNumbers {
		return
	}
	if g.folded == nil {
		g.folded = new(folded)
		part = slices.Concat(g.parts...)
	}
	for _, x := range part {
		word, bit := x.place()
		g.folded.taken[word] |= bit
	}
}

// set makes the set, once.
func (g *gathering) set() numberSet {
	f := g.folded
	if f == nil {
		few := slices.Concat(g.parts...)
		slices.Sort(few)
		few = slices.Compact(few)
		return numberSet{few: few, len: len(few)}
	}
	places := 0
	for i, word := range f.taken {
		f.before[i] = uint32(places)
		places += bits.OnesCount64(word)
	}
	f.layers = make([]uint32, places)
	distinct := 0
	for _, part := range g.parts {
		for _, x := range part {
			layers, layer := &f.layers[f.at(x.place())], x.layer()
			distinct += int(bit(*layers&layer == 0))
			*layers |= layer
		}
	}
	return numberSet{folded: f, len: distinct}
}

// setOf is the set of some numbers.
func setOf(numbers []stem) numberSet {
	var all gathering
	all.add(numbers)
	return all.set()
}
