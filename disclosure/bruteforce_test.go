package disclosure_test

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"testing"

	"darsd/disclosure"
)

// An intruder has the file that left and the rules, and all the time in the world: each
// value of each suppressed count is tried, by looking for one table that has it and
// agrees with all that the file says. Nothing of the attacker is used here.
type intruder struct {
	low, high []int   // what each line of the file alone says
	sums      [][]int // a total, and what it sums up
	steps     int     // that are left for one search; negative: it was given up
}

// patience is how many steps a search may take: what takes longer is taken for possible.
const patience = 600

// unbounded is more than any count of the small tables here.
const unbounded = 4000

// intrude reads a file as somebody does who knows the rules, and no more.
func intrude(t testing.TB, file []byte, r disclosure.RuleSet, of disclosure.Unit) (*intruder, []string) {
	t.Helper()
	lines, err := csv.NewReader(bytes.NewReader(file)).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	x := &intruder{}
	at := map[string]int{}
	var signs []string
	for entry, line := range lines[1:] {
		last := len(line) - 1
		at[strings.Join(line[:last], "\x00")] = entry
		low, high := 0, unbounded
		switch sign := line[last]; sign {
		case "*":
			if low, high = 1, r.Small; of == disclosure.Records {
				high = unbounded
			}
		case "..":
		case "0":
			high = 0
		default:
			n, err := strconv.Atoi(sign)
			if err != nil {
				t.Fatalf("%q is no count", sign)
			}
			for low = r.Small + 1; low < n && nearest(low, r.Nearest) != n; low++ {
			}
			for high = low; nearest(high+1, r.Nearest) == n; high++ {
			}
		}
		x.low, x.high, signs = append(x.low, low), append(x.high, high), append(signs, line[last])
	}
	x.lines(lines[1:], at)
	return x, signs
}

// nearest is a count to the nearest so many, as a child would say it.
func nearest(n, of int) int {
	best := 0
	for m := 0; m <= n+of; m += of {
		if max(m-n, n-m) <= max(best-n, n-best) {
			best = m
		}
	}
	return best
}

// lines adds each total over one dimension, of cells and of totals.
func (x *intruder) lines(lines [][]string, at map[string]int) {
	for entry, line := range lines {
		for k, value := range line[:len(line)-1] {
			if value != disclosure.Total {
				continue
			}
			of := []int{entry}
			for other, part := range lines {
				same := part[k] != disclosure.Total
				for i := range line[:len(line)-1] {
					same = same && (i == k || part[i] == line[i])
				}
				if same {
					of = append(of, other)
				}
			}
			x.sums = append(x.sums, of)
		}
	}
}

// values are those that an entry can have.
func (x *intruder) values(entry int) (can []int) {
	for n := x.low[entry]; n <= x.high[entry]; n++ {
		low, high := slices.Clone(x.low), slices.Clone(x.high)
		low[entry], high[entry] = n, n
		x.steps = patience
		if x.possible(low, high) {
			can = append(can, n)
		}
	}
	return can
}

// possible looks for one table between two bounds.
func (x *intruder) possible(low, high []int) bool {
	if x.steps--; x.steps < 0 {
		return true
	}
	for changed := true; changed; {
		changed = false
		for _, of := range x.sums {
			least, most := 0, 0
			for _, e := range of[1:] {
				least, most = least+low[e], most+high[e]
			}
			total := of[0]
			if least > low[total] {
				low[total], changed = least, true
			}
			if most < high[total] {
				high[total], changed = most, true
			}
			for _, e := range of[1:] {
				if l := low[total] - (most - high[e]); l > low[e] {
					low[e], changed = l, true
				}
				if h := high[total] - (least - low[e]); h < high[e] {
					high[e], changed = h, true
				}
			}
		}
		for e := range low {
			if low[e] > high[e] {
				return false
			}
		}
	}
	narrowest := -1
	for e := range low {
		if low[e] < high[e] && (narrowest < 0 || high[e]-low[e] < high[narrowest]-low[narrowest]) {
			narrowest = e
		}
	}
	if narrowest < 0 {
		return true
	}
	for n := low[narrowest]; n <= high[narrowest]; n++ {
		l, h := slices.Clone(low), slices.Clone(high)
		l[narrowest], h[narrowest] = n, n
		if x.possible(l, h) {
			return true
		}
	}
	return false
}

// someTable is a table with what real ones have: few large counts, many small ones, a
// group that nobody is in, and cells that cannot be.
func someTable(chance *rand.Rand, s disclosure.Shape, mean float64, of disclosure.Unit) *disclosure.Table {
	t := skewed(chance, s, mean)
	t.Unit = of
	empty, dimension := chance.IntN(3), chance.IntN(len(s))
	for e := range t.Counts {
		c := &t.Counts[e]
		if !inside(s, e) {
			continue
		}
		if chance.IntN(12) == 0 || chance.IntN(3) == 0 && s.Place(e)[dimension] == empty {
			*c = disclosure.Count{}
		}
		if of == disclosure.Records && c.N > 0 {
			c.N += chance.IntN(c.N + 1)
		}
	}
	t.Sum()
	return t
}

// No file that leaves narrows a suppressed count to few numbers, whoever tries; and
// what the attacker says of it is never wrong, and seldom an alarm about nothing.
func TestNoIntruderWorksOutWhatLeft(t *testing.T) {
	chance := rand.New(rand.NewPCG(22, 11))
	for _, sizes := range [][]int{{3}, {6}, {2, 2}, {2, 4}, {3, 3}, {4, 4}, {5, 3}, {2, 2, 2}, {3, 2, 2}} {
		for _, of := range []disclosure.Unit{disclosure.Persons, disclosure.Records} {
			t.Run(fmt.Sprint(of, sizes), func(t *testing.T) {
				looked, safe, alarms := 0, 0, 0
				for k := range 30 {
					r := disclosure.RuleSets[k%2]
					table := someTable(chance, shape(sizes...), []float64{1, 3, 8, 20}[k%4], of)
					p, err := r.Control(table)
					if err != nil {
						t.Logf("%v: %v", table.Counts, err)
						continue
					}
					var file bytes.Buffer
					if err := p.WriteCSV(&file); err != nil {
						t.Fatal(err)
					}
					x, signs := intrude(t, file.Bytes(), r, of)
					for e, c := range table.Counts {
						if c.N < x.low[e] || c.N > x.high[e] || c.Persons > 0 && c.Persons <= r.Small && signs[e] != "*" && signs[e] != ".." {
							t.Fatalf("%s: %+v is shown as %s", r.Code, c, signs[e])
						}
					}
					known, err := p.Attack()
					if err != nil {
						t.Fatal(err)
					}
					for _, a := range known {
						if signs[a.Entry] != "*" {
							t.Fatalf("entry %d, %s, is attacked", a.Entry, signs[a.Entry])
						}
						can := x.values(a.Entry)
						looked++
						if len(can) < r.MinValues {
							t.Fatalf("%s: %v left as\n%s and entry %d can only be %v", r.Code, table.Counts, file.String(), a.Entry, can)
						}
						if can[0] < a.Span.Low || can[len(can)-1] > a.Span.High && a.Span.High < unbounded/2 {
							t.Fatalf("%s: %s: entry %d can be %v, and the attacker says %+v", r.Code, file.String(), a.Entry, can, a)
						}
						if safe++; a.Leaks(r.MinValues) {
							alarms++
						}
					}
					if want := strings.Count(strings.Join(signs, " "), "*"); want != len(known) {
						t.Fatalf("%d of %d suppressed counts were attacked", len(known), want)
					}
				}
				if looked < 10 {
					t.Errorf("only %d counts were looked at", looked)
				}
				if alarms*50 > safe {
					t.Errorf("%d of %d safe counts are called leaks", alarms, safe)
				}
			})
		}
	}
}
