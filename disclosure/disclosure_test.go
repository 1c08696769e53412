package disclosure_test

import (
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"darsd/dars"
	"darsd/disclosure"
)

// shape divides a table into so many values each way.
func shape(sizes ...int) (s disclosure.Shape) {
	for k, n := range sizes {
		d := disclosure.Dimension{Name: string(rune('a' + k))}
		for i := range n {
			d.Values = append(d.Values, fmt.Sprint(i))
		}
		s = append(s, d)
	}
	return s
}

// counted is a table of persons, each in one cell.
func counted(s disclosure.Shape, counts ...int) *disclosure.Table {
	t := &disclosure.Table{Shape: s, Unit: disclosure.Persons, Counts: make([]disclosure.Count, s.Entries())}
	for e := range t.Counts {
		if inside(s, e) {
			t.Counts[e] = disclosure.Count{N: counts[0], Persons: counts[0]}
			counts = counts[1:]
		}
	}
	t.Sum()
	return t
}

// inside says whether an entry is no total.
func inside(s disclosure.Shape, entry int) bool {
	for k, i := range s.Place(entry) {
		if i == len(s[k].Values) {
			return false
		}
	}
	return true
}

// skewed is a table such as hospitals make: a few large places, many small ones.
func skewed(chance *rand.Rand, s disclosure.Shape, mean float64) *disclosure.Table {
	return uneven(chance, s, mean, 1)
}

// uneven is a table of groups whose sizes differ by a factor of e^spread, most of them.
func uneven(chance *rand.Rand, s disclosure.Shape, mean, spread float64) *disclosure.Table {
	effects := make([][]float64, len(s))
	for k, d := range s {
		for range d.Values {
			effects[k] = append(effects[k], math.Exp(spread*chance.NormFloat64()-spread*spread/2))
		}
	}
	var counts []int
	for e := range s.Entries() {
		if !inside(s, e) {
			continue
		}
		m := mean
		for k, i := range s.Place(e) {
			m *= effects[k][i]
		}
		counts = append(counts, poisson(chance, m))
	}
	return counted(s, counts...)
}

func poisson(chance *rand.Rand, mean float64) int {
	if mean > 60 {
		return int(max(0, math.Round(mean+math.Sqrt(mean)*chance.NormFloat64())))
	}
	limit, n, p := math.Exp(-mean), 0, 1.
	for {
		if p *= chance.Float64(); p <= limit {
			return n
		}
		n++
	}
}

func rules(t testing.TB, code string) disclosure.RuleSet {
	t.Helper()
	r, err := disclosure.RulesCalled(code)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestCountsAreShownByTheRules(t *testing.T) {
	tests := map[string]struct {
		rules      string
		n, persons int
		want       string
	}{
		"nought is nought":          {"hes-2018-09-13", 0, 0, "0"},
		"one":                       {"hes-2018-09-13", 1, 1, "*"},
		"seven":                     {"hes-2018-09-13", 7, 7, "*"},
		"eight":                     {"hes-2018-09-13", 8, 8, "10"},
		"twelve":                    {"hes-2018-09-13", 12, 12, "10"},
		"thirteen":                  {"hes-2018-09-13", 13, 13, "15"},
		"twenty-two":                {"hes-2018-09-13", 22, 22, "20"},
		"twenty-three":              {"hes-2018-09-13", 23, 23, "25"},
		"eight records of one":      {"hes-2018-09-13", 8, 1, "*"},
		"many records of eight":     {"hes-2018-09-13", 41, 8, "40"},
		"old rule, five":            {"hes-1-5", 5, 5, "*"},
		"old rule, six":             {"hes-1-5", 6, 6, "6"},
		"old rule, records of five": {"hes-1-5", 99, 5, "*"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			s := shape(1)
			unit := disclosure.Persons
			if tt.n != tt.persons {
				unit = disclosure.Records
			}
			c := disclosure.Count{N: tt.n, Persons: tt.persons}
			p, err := rules(t, tt.rules).Control(&disclosure.Table{Shape: s, Unit: unit, Counts: []disclosure.Count{c, c}})
			if err != nil {
				t.Fatal(err)
			}
			if got := p.Shown[0].String(); got != tt.want {
				t.Errorf("%d of %d persons is shown as %s, not %s", tt.n, tt.persons, got, tt.want)
			}
		})
	}
}

// possible lists what each entry can be: all tables are tried. It is written apart from
// what it checks, and knows neither networks nor repairs.
func possible(p *disclosure.Published) (sets []map[int]bool, ok bool) {
	var low, high, cells []int
	size, most := 1., 0
	for _, shown := range p.Shown { // no withheld cell need be more than all totals together
		most += shown.N + 7
	}
	for e, shown := range p.Shown {
		l, h := 0, 0
		switch {
		case shown.As == disclosure.Withheld:
			h = most
		case shown.As == disclosure.Suppressed:
			l, h = 1, p.Rules.Small
		case p.Rules.Nearest == 1:
			l, h = shown.N, shown.N
		case shown.N > 0:
			l, h = max(8, shown.N-2), shown.N+2
		}
		low, high = append(low, l), append(high, h)
		if inside(p.Shape, e) {
			cells = append(cells, e)
			size *= float64(h - l + 1)
		} else if shown.As == disclosure.Withheld {
			high[e] = math.MaxInt
		}
	}
	if size > 200_000 {
		return nil, false
	}
	sets = make([]map[int]bool, len(p.Shown))
	for e := range sets {
		sets[e] = map[int]bool{}
	}
	counts := make([]int, len(p.Shown))
	var try func(k int)
	try = func(k int) {
		if k < len(cells) {
			for counts[cells[k]] = low[cells[k]]; counts[cells[k]] <= high[cells[k]]; counts[cells[k]]++ {
				try(k + 1)
			}
			return
		}
		for e := range counts {
			if inside(p.Shape, e) {
				continue
			}
			counts[e] = 0
			place := p.Shape.Place(e)
			for _, cell := range cells {
				if covers(p.Shape, place, p.Shape.Place(cell)) {
					counts[e] += counts[cell]
				}
			}
			if counts[e] < low[e] || counts[e] > high[e] {
				return
			}
		}
		for e, n := range counts {
			sets[e][n] = true
		}
	}
	try(0)
	return sets, true
}

func covers(s disclosure.Shape, total, cell []int) bool {
	for k, i := range total {
		if i != len(s[k].Values) && i != cell[k] {
			return false
		}
	}
	return true
}

// naive is a table shown by the rules, before anything is withheld.
func naive(r disclosure.RuleSet, table *disclosure.Table) *disclosure.Published {
	p := &disclosure.Published{Rules: r, Shape: table.Shape, Unit: table.Unit}
	for _, c := range table.Counts {
		p.Shown = append(p.Shown, disclosure.Show(r, c))
	}
	return p
}

// What the attack says is what trying all tables says: exactly with one or two
// dimensions; with three it never calls an entry safe that is not, and seldom the
// other way round.
func TestTheAttackFindsWhatCanBeFound(t *testing.T) {
	chance := rand.New(rand.NewPCG(7, 1))
	for _, sizes := range [][]int{{3}, {5}, {2, 2}, {3, 2}, {2, 3}, {3, 3}, {2, 2, 2}} {
		t.Run(fmt.Sprint(sizes), func(t *testing.T) {
			entries, safe, alarms := 0, 0, 0
			for k := range 150 {
				r := disclosure.RuleSets[k%2]
				p := naive(r, skewed(chance, shape(sizes...), []float64{1, 3, 8}[k%3]))
				if k%5 == 0 {
					p.Shown[chance.IntN(len(p.Shown))] = disclosure.Shown{As: disclosure.Withheld}
				}
				want, ok := possible(p)
				if !ok {
					continue
				}
				known, err := p.Attack()
				if err != nil {
					t.Fatal(err)
				}
				for _, k := range known {
					entries++
					low, high := math.MaxInt, 0
					for n := range want[k.Entry] {
						low, high = min(low, n), max(high, n)
						if n < k.Span.Low || n > k.Span.High {
							t.Fatalf("%v: entry %d can be %d, and the attack says %v", p.Shown, k.Entry, n, k.Span)
						}
					}
					if len(sizes) < 3 && (k.Span != disclosure.Span{Low: low, High: high} || k.Sure != len(want[k.Entry])) {
						t.Fatalf("%v: entry %d can be %d to %d, and the attack says %+v", p.Shown, k.Entry, low, high, k)
					}
					if k.Sure > len(want[k.Entry]) {
						t.Fatalf("%v: entry %d can be %d numbers, and the attack is sure of %d", p.Shown, k.Entry, len(want[k.Entry]), k.Sure)
					}
					if len(want[k.Entry]) >= r.MinValues {
						safe++
						if k.Leaks(r.MinValues) {
							alarms++
						}
					}
				}
			}
			if entries < 50 {
				t.Errorf("only %d entries were looked at", entries)
			}
			if alarms*50 > safe {
				t.Errorf("%d of %d safe entries are called leaks: more than one in fifty", alarms, safe)
			}
			t.Logf("%d entries, %d safe, %d of them called leaks", entries, safe, alarms)
		})
	}
}

func TestNothingPublishedCanBeWorkedOut(t *testing.T) {
	chance := rand.New(rand.NewPCG(7, 2))
	for _, r := range disclosure.RuleSets {
		for _, sizes := range [][]int{{4}, {2, 2}, {3, 2}, {3, 3}, {2, 2, 2}} {
			t.Run(fmt.Sprint(r.Code, sizes), func(t *testing.T) {
				tried := 0
				for k := range 90 {
					table := skewed(chance, shape(sizes...), []float64{1, 3, 8}[k%3])
					p, err := r.Control(table)
					if err != nil {
						t.Fatalf("%v: %v", table.Counts, err)
					}
					for e, shown := range p.Shown {
						n := table.Counts[e].N
						if shown.As == disclosure.Number && n > 0 && n <= r.Small {
							t.Fatalf("%d is shown as %v", n, shown)
						}
					}
					can, ok := possible(p)
					if !ok {
						continue
					}
					tried++
					for e, shown := range p.Shown {
						if shown.As == disclosure.Suppressed && len(can[e]) < r.MinValues {
							t.Fatalf("%v is published as %v: entry %d can only be %v", table.Counts, p.Shown, e, can[e])
						}
					}
				}
				if tried < 8 {
					t.Errorf("only %d tables could be tried", tried)
				}
			})
		}
	}
}

// Larger tables than can be tried whole: what is published is attacked anew, as
// somebody would who has nothing but the table.
func TestWhatIsPublishedStandsAnAttackFromOutside(t *testing.T) {
	chance := rand.New(rand.NewPCG(7, 3))
	for _, r := range disclosure.RuleSets {
		for _, sizes := range [][]int{{30}, {12, 9}, {20, 20}, {6, 5, 4}} {
			for _, mean := range []float64{1, 10, 50} {
				t.Run(fmt.Sprint(r.Code, sizes, mean), func(t *testing.T) {
					table := skewed(chance, shape(sizes...), mean)
					p, err := r.Control(table)
					if err != nil {
						t.Fatal(err)
					}
					known, err := p.Attack()
					if err != nil {
						t.Fatal(err)
					}
					undecided := 0
					for _, k := range known {
						if n := table.Counts[k.Entry].N; n < k.Span.Low || n > k.Span.High {
							t.Errorf("entry %d is %d, and the attack says %v", k.Entry, n, k.Span)
						}
						if k.Span.Values() < r.MinValues {
							t.Errorf("entry %d is known to be in %v", k.Entry, k.Span)
						}
						if k.Leaks(r.MinValues) {
							undecided++
						}
					}
					if len(sizes) < 3 && undecided > 0 {
						t.Errorf("%d entries leak", undecided)
					}
					withheld := 0
					for _, s := range p.Shown {
						if s.As == disclosure.Withheld {
							withheld++
						}
					}
					t.Logf("%d suppressed, %d withheld of %d, %d undecided from outside", len(known), withheld, len(p.Shown), undecided)
				})
			}
		}
	}
}

// The 2018 rule needed no secondary suppression, its authors said.
func TestTheRuleOf2018LeaksByItself(t *testing.T) {
	r := rules(t, "hes-2018-09-13")
	tests := map[string]struct {
		mean    float64
		atLeast int // of sixty tables
	}{
		"a mean of 1":  {1, 50},
		"a mean of 10": {10, 15},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			chance := rand.New(rand.NewPCG(7, 4))
			leaking := 0
			for range 60 {
				known, err := naive(r, uneven(chance, shape(20, 20), tt.mean, 1.2)).Attack()
				if err != nil {
					t.Fatal(err)
				}
				if slices.ContainsFunc(known, func(k disclosure.Known) bool { return k.Leaks(r.MinValues) }) {
					leaking++
				}
			}
			if t.Logf("%d of sixty tables leak", leaking); leaking < tt.atLeast {
				t.Errorf("only %d of sixty tables leak", leaking)
			}
		})
	}
}

func TestPersonsInTwoCellsHaveNoTotals(t *testing.T) {
	table := counted(shape(2), 30, 20)
	table.Counts[2] = disclosure.Count{N: 44, Persons: 44} // six are in both
	p, err := rules(t, "hes-2018-09-13").Control(table)
	if err != nil {
		t.Fatal(err)
	}
	if p.Shown[2].As != disclosure.Withheld {
		t.Errorf("a total that is no sum is shown as %v", p.Shown[2])
	}
}

func TestATableThatNobodyCanHaveCounted(t *testing.T) {
	tests := map[string]struct {
		sizes []int
		shown []int // as published: -1 is "*"
	}{
		"two in a row are more than their total": {[]int{2}, []int{20, 20, 10}},
		"rows and columns differ":                {[]int{2, 2}, []int{20, 20, 40, 20, 20, 40, 40, 40, 100}},
		"a suppressed one is too large":          {[]int{2}, []int{-1, 10, 40}},
		"three ways":                             {[]int{1, 1, 1}, []int{20, 20, 20, 20, 20, 20, 20, 40}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			p := &disclosure.Published{Rules: rules(t, "hes-2018-09-13"), Shape: shape(tt.sizes...), Unit: disclosure.Persons}
			for _, n := range tt.shown {
				s := disclosure.Shown{N: n}
				if n < 0 {
					s = disclosure.Shown{As: disclosure.Suppressed}
				}
				p.Shown = append(p.Shown, s)
			}
			_, err := p.Attack()
			var no *dars.Refusal
			if !errors.As(err, &no) || no.Rule != "impossible-table" {
				t.Errorf("the attack says %v", err)
			}
		})
	}
}

func BenchmarkControl(b *testing.B) {
	for _, sizes := range [][]int{{20, 20}, {100, 50}, {20, 20, 10}} {
		b.Run(fmt.Sprint(sizes), func(b *testing.B) {
			table := skewed(rand.New(rand.NewPCG(7, 5)), shape(sizes...), 6)
			for b.Loop() {
				if _, err := rules(b, "hes-2018-09-13").Control(table); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkAttack(b *testing.B) {
	for _, sizes := range [][]int{{20, 20}, {100, 50}, {20, 20, 10}} {
		b.Run(fmt.Sprint(sizes), func(b *testing.B) {
			p := naive(rules(b, "hes-2018-09-13"), skewed(rand.New(rand.NewPCG(7, 5)), shape(sizes...), 6))
			b.Logf("%d suppressed", len(p.Suppressed()))
			for b.Loop() {
				if _, err := p.Attack(); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
