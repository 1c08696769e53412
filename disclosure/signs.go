package disclosure

import (
	"bytes"
	"fmt"
	"slices"
	"strings"

	"darsd/dars"
)

// Signs are how the entries of a table were shown, a line for each: what is kept of an
// answer for those that come later. It holds no more than was published, but for
// percentages, whose counts it holds. The first line says whether the totals are sums.
func (p *Published) Signs() []byte {
	var b bytes.Buffer
	fmt.Fprintln(&b, p.adding())
	for _, s := range p.Shown {
		fmt.Fprintln(&b, s)
	}
	return b.Bytes()
}

// What the first line says.
const (
	totalsAdd     = "totals are sums"
	totalsOverlap = "totals are no sums"
)

func (p *Published) adding() string {
	if p.Adds {
		return totalsAdd
	}
	return totalsOverlap
}

// Had is an answer that was given before, by its signs.
func Had(r Request, d dars.Dataset, rules RuleSet, signs []byte) (Answer, error) {
	p := &Published{Rules: rules, Shape: r.Shape(d), Unit: r.Count, Measure: r.Measure}
	lines := slices.Collect(strings.Lines(string(signs)))
	if len(lines) != p.Shape.Entries()+1 {
		return Answer{}, fmt.Errorf("an answer of %d entries is kept in %d lines", p.Shape.Entries(), len(lines))
	}
	p.Adds = strings.TrimSpace(lines[0]) == totalsAdd
	for _, line := range lines[1:] {
		shown, err := rules.read(strings.TrimSpace(line))
		if err != nil {
			return Answer{}, err
		}
		p.Shown = append(p.Shown, shown)
	}
	if r.Measure.Kind == Mean || r.Measure.Kind == Median {
		p.Averages = make([]int64, len(p.Shown))
	}
	return Answer{r, p}, nil
}
