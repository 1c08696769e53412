package disclosure

import (
	"fmt"
	"strconv"
)

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
	Rules    RuleSet
	Shape    Shape
	Unit     Unit
	Measure  Measure
	Shown    []Shown // of each entry, totals included
	Adds     bool    // each total is the sum of its cells: nobody is in two
	Averages []int64 // likewise, in tenths: they stand where a count is shown, and the count does not
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

// Cell is how an entry is written, by what is measured.
func (p *Published) Cell(entry int) string {
	shown := p.Shown[entry]
	switch {
	case shown.As != Number:
		return shown.String()
	case p.Measure.Kind == Percentage:
		return inTenths(tenths(int64(shown.N)*100*1000, int64(p.Shown[len(p.Shown)-1].N)))
	case p.Averages != nil && shown.N == 0:
		return nothing
	case p.Averages != nil:
		return inTenths(p.Averages[entry])
	}
	return shown.String()
}

// nothing is written where there is nothing to take a mean of.
const nothing = "-"

func inTenths(n int64) string { return fmt.Sprintf("%.1f", float64(n)/10) }

// Heading says what stands in the cells.
func (p *Published) Heading() string {
	switch p.Measure.Kind {
	case Percentage:
		return "% of " + string(p.Unit)
	case Mean, Median:
		return string(p.Measure.Kind) + " " + p.Measure.Field
	}
	return string(p.Unit)
}
