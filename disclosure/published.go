package disclosure

import "strconv"

// A Sign is how an entry of a published table stands there.
type Sign uint8

// The signs.
const (
	Number     Sign = iota
	Suppressed      // "*": few persons
	Withheld        // "..": any number; it is not shown so that no suppressed one can be worked out
)

// Shown is one entry of a published table.
type Shown struct {
	As Sign
	N  int // of a Number
}

// A Published table is what leaves the office, and all that an attacker has.
type Published struct {
	Rules RuleSet
	Shape Shape
	Unit  Unit
	Shown []Shown // of each entry, totals included
}

// Suppressed lists the entries that stand as "*".
func (p *Published) Suppressed() (entries []int) {
	for entry, s := range p.Shown {
		if s.As == Suppressed {
			entries = append(entries, entry)
		}
	}
	return entries
}

// could is what each entry alone says of its count.
func (p *Published) could() []Span {
	spans := make([]Span, len(p.Shown))
	for entry, s := range p.Shown {
		spans[entry] = p.Rules.could(s, p.Unit)
	}
	return spans
}

// String is how an entry is written.
func (s Shown) String() string {
	switch s.As {
	case Suppressed:
		return "*"
	case Withheld:
		return ".."
	default:
		return strconv.Itoa(s.N)
	}
}
