package disclosure_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strconv"
	"sync"
	"testing"

	"darsd/dars"
	"darsd/disclosure"
)

// A line is a record of the dataset of episodes, with its group of each grouping by
// code.
type line struct {
	groups   map[string]string
	person   uint64
	number   int64
	numbered bool
	objects  uint64 // a bit for each list
}

// mostLists is how many lists of objections there are.
const mostLists = 4

// lines are random records of a few persons, some of whom object by some lists.
func lines(chance *rand.Rand, d dars.Dataset, persons int) (all []line) {
	objects := make([]uint64, persons+1)
	for i := range objects {
		if chance.IntN(10) == 0 {
			objects[i] = chance.Uint64N(1 << mostLists)
		}
	}
	for range 5 * persons {
		l := line{groups: map[string]string{}, person: 1 + chance.Uint64N(uint64(persons)), numbered: chance.IntN(10) > 0, number: 1000 * chance.Int64N(9)}
		for _, g := range d.Groupings {
			names := g.Names()
			l.groups[g.Code] = names[min(chance.IntN(len(names)), chance.IntN(len(names)))]
		}
		l.objects = objects[l.person]
		l.groups[dars.PeriodGrouping] = d.Files[chance.IntN(len(d.Files))].Period
		all = append(all, l)
	}
	return all
}

// read lets three readers read records at once.
func read(q *disclosure.Question, d dars.Dataset, list int, all []line) {
	var done sync.WaitGroup
	for n := range 3 {
		r := q.Reader()
		done.Go(func() {
			for i := n; i < len(all); i += 3 {
				var groups []uint16
				for _, code := range q.Groupings() {
					names := q.Periods()
					if g, ok := d.Grouping(code); ok {
						names = g.Names()
					}
					groups = append(groups, uint16(slices.Index(names, all[i].groups[code])))
				}
				r.Add(&disclosure.Record{Groups: groups, Person: all[i].person, Number: all[i].number, Numbered: all[i].numbered, In: in(q, fmt.Sprint(list), all[i])})
			}
		})
	}
	done.Wait()
}

// in says in which lists of a question a record is: its own, and those before. Lists
// are called by their numbers.
func in(q *disclosure.Question, own string, l line) (in uint64) {
	for k, list := range append([]string{own}, q.Earlier()...) {
		n, _ := strconv.Atoi(list)
		in |= (^l.objects >> n & 1) << k
	}
	return in
}

// about says whether a record is one of those that a request counts.
func about(r disclosure.Request, list int, l line) bool {
	if l.objects>>list&1 == 1 {
		return false
	}
	for code, names := range r.Where {
		if !slices.Contains(names, l.groups[code]) {
			return false
		}
	}
	return slices.Contains(r.Periods, l.groups[dars.PeriodGrouping])
}

// someRequest asks for anything that may be asked.
func someRequest(chance *rand.Rand, d dars.Dataset) disclosure.Request {
	r := disclosure.Request{Dataset: d.Code, Count: disclosure.Persons, Where: map[string][]string{}}
	if chance.IntN(2) == 0 {
		r.Count = disclosure.Records
	}
	r.Measure.Kind = []disclosure.Kind{disclosure.Counts, disclosure.Percentage, disclosure.Mean, disclosure.Median}[chance.IntN(4)]
	if r.Measure.Kind == disclosure.Mean || r.Measure.Kind == disclosure.Median {
		r.Measure.Field = "LOS"
	}
	for _, f := range d.Files {
		if len(r.Periods) == 0 || chance.IntN(2) == 0 {
			r.Periods = append(r.Periods, f.Period)
		}
	}
	codes := []string{dars.PeriodGrouping}
	for _, g := range d.Groupings {
		codes = append(codes, g.Code)
		if names := g.Names(); chance.IntN(3) == 0 {
			r.Where[g.Code] = names[:1+chance.IntN(len(names))]
		}
	}
	chance.Shuffle(len(codes), func(i, j int) { codes[i], codes[j] = codes[j], codes[i] })
	r.By = codes[:1+chance.IntN(disclosure.MaxDimensions)]
	return r
}

// Whatever is asked, a table is what a count of each entry alone gives.
func TestATableIsWhatIsCountedByHand(t *testing.T) {
	chance := rand.New(rand.NewPCG(17, 2))
	d := episodes()
	for range 60 {
		r := someRequest(chance, d)
		all := lines(chance, d, 1+chance.IntN(400))
		q := disclosure.Ask(r, d, disclosure.RuleSets[1], "2", nil)
		read(q, d, 2, all)
		got, err := q.Table()
		if err != nil {
			t.Fatal(err)
		}
		for entry, count := range got.Counts {
			want, average := byHand(r, got.Shape, entry, all)
			if count != want {
				t.Fatalf("%+v: entry %v counts %+v, and by hand %+v", r, got.Shape.Label(entry), count, want)
			}
			if got.Averages != nil && want.N > 0 && got.Averages[entry] != average {
				t.Fatalf("%+v: entry %v has %d tenths, and by hand %d", r, got.Shape.Label(entry), got.Averages[entry], average)
			}
		}
	}
}

// byHand counts one entry.
func byHand(r disclosure.Request, s disclosure.Shape, entry int, all []line) (disclosure.Count, int64) {
	label := s.Label(entry)
	persons := map[uint64]bool{}
	var numbers []int64
	for _, l := range all {
		in := about(r, 2, l) && (r.Measure.Field == "" || l.numbered)
		for k, d := range s {
			in = in && (label[k] == disclosure.Total || label[k] == l.groups[d.Name])
		}
		if in {
			persons[l.person] = true
			numbers = append(numbers, l.number)
		}
	}
	c := disclosure.Count{N: len(numbers), Persons: len(persons)}
	if r.Count == disclosure.Persons {
		c.N = len(persons)
	}
	if len(numbers) == 0 {
		return c, 0
	}
	slices.Sort(numbers)
	average := float64(numbers[(len(numbers)-1)/2]+numbers[len(numbers)/2]) / 2
	if r.Measure.Kind == disclosure.Mean {
		average = 0
		for _, n := range numbers {
			average += float64(n) / float64(len(numbers))
		}
	}
	return c, int64(math.Floor(average/100 + .5 + 1e-9))
}

// Of any sequence of questions, no two that are answered are about populations that
// differ by few persons, and no question is refused without such a one.
func TestNoTwoAnswersTellOfFewPersons(t *testing.T) {
	chance := rand.New(rand.NewPCG(17, 3))
	d := episodes()
	d.Groupings[0].Groups = d.Groupings[0].Groups[:4]
	rules := disclosure.RuleSets[1]
	var refused, answeredAll int
	for range 25 {
		all := lines(chance, d, 40+chance.IntN(300))
		var answered []answer
		var populations []disclosure.Population
		for n := range 12 {
			r, list := someRequest(chance, d), n*mostLists/12
			if len(answered) > 0 && chance.IntN(4) == 0 {
				r = answered[chance.IntN(len(answered))].Request // the same again, by another list perhaps
			}
			q := disclosure.Ask(r, d, rules, fmt.Sprint(list), populations)
			read(q, d, list, all)
			found, more := q.Close()
			for more {
				read(q, d, list, all)
				found, more = q.Close()
			}
			asked := answer{r, list}
			near := slices.IndexFunc(answered, func(before answer) bool {
				few, _ := tellApart(before, asked, all, rules.Small)
				return few
			})
			if (found >= 0) != (near >= 0) {
				t.Fatalf("%+v after %+v: refused for %d, and by sets of persons for %d", r, answered, found, near)
			}
			if found >= 0 {
				if few, how := tellApart(answered[found], asked, all, rules.Small); !few {
					t.Fatalf("%+v is named, from which %+v differs by %s", answered[found], r, how)
				}
				refused++
				continue
			}
			answered, populations = append(answered, asked), append(populations, r.Population(fmt.Sprint(list)))
			answeredAll++
		}
	}
	if refused < 20 || answeredAll < 20 {
		t.Errorf("%d refused and %d answered: too few of one to say anything", refused, answeredAll)
	}
}

// An answer is a request and the list by which it was answered.
type answer struct {
	disclosure.Request
	list int
}

// tellApart says whether few persons are in one of two populations alone, or have a
// record in one alone.
func tellApart(a, b answer, all []line, few int) (bool, string) {
	inA, inB, one := map[uint64]bool{}, map[uint64]bool{}, map[uint64]bool{}
	for _, l := range all {
		isA, isB := about(a.Request, a.list, l), about(b.Request, b.list, l)
		inA[l.person] = inA[l.person] || isA
		inB[l.person] = inB[l.person] || isB
		if isA != isB {
			one[l.person] = true
		}
	}
	persons := 0
	for p := range inA {
		if inA[p] != inB[p] {
			persons++
		}
	}
	is := func(n int) bool { return n > 0 && n <= few }
	return is(len(one)) || is(persons), fmt.Sprintf("%d by records, %d by persons", len(one), persons)
}

// What stands in a table of averages or percentages is nobody's.
func TestWhatIsMeasuredOfFewIsNotShown(t *testing.T) {
	few := disclosure.Count{N: 3, Persons: 3}
	many := disclosure.Count{N: 40, Persons: 40}
	table := func(kind disclosure.Kind, counts ...disclosure.Count) *disclosure.Table {
		all := disclosure.Count{}
		for _, c := range counts {
			all.N, all.Persons = all.N+c.N, all.Persons+c.Persons
		}
		return &disclosure.Table{
			Shape: shape(len(counts)), Unit: disclosure.Records, Measure: disclosure.Measure{Kind: kind, Field: "LOS"},
			Counts: append(counts, all), Averages: slices.Repeat([]int64{37}, len(counts)+1),
		}
	}
	tests := map[string]struct {
		table *disclosure.Table
		want  []string // nothing: refused
	}{
		"a mean":                              {table(disclosure.Mean, many, many), []string{"3.7", "3.7", "3.7"}},
		"a mean of few":                       {table(disclosure.Mean, few, many), []string{"*", "3.7", ".."}},
		"a mean of nobody":                    {table(disclosure.Mean, disclosure.Count{}, many), []string{"-", "3.7", "3.7"}},
		"a median of few":                     {table(disclosure.Median, few, many), []string{"*", "3.7", ".."}},
		"percentages":                         {table(disclosure.Percentage, many, many), []string{"50.0", "50.0", "100.0"}},
		"percentages of a total not shown":    {table(disclosure.Percentage, few, few), nil},
		"percentages of nobody":               {table(disclosure.Percentage, disclosure.Count{}), nil},
		"percentages of rounded numbers (42)": {table(disclosure.Percentage, disclosure.Count{N: 42, Persons: 42}, many), []string{"50.0", "50.0", "100.0"}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			if tt.table.Measure.Kind == disclosure.Percentage {
				tt.table.Averages = nil
			}
			p, err := disclosure.RuleSets[1].Control(tt.table)
			if tt.want == nil {
				if err == nil {
					t.Fatalf("it is shown: %v", p.Shown)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			for entry, want := range tt.want {
				if got := p.Cell(entry); got != want {
					t.Errorf("entry %d is shown as %s, not %s", entry, got, want)
				}
				if p.Averages != nil && p.Shown[entry].As != disclosure.Number && p.Averages[entry] != 0 {
					t.Errorf("entry %d is not shown, and its average is still there", entry)
				}
			}
		})
	}
}
