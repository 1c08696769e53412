package disclosure_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"reflect"
	"strings"
	"testing"

	"darsd/dars"
	"darsd/disclosure"
)

func number(n int) *int { return &n }

// episodes is a dataset that may be counted by age, sex and chapter.
func episodes() dars.Dataset {
	ages := dars.Grouping{Code: "age-5", Title: "Age in bands of five years", Field: "AGE", Rest: "not known"}
	for from := 0; from < 90; from += 5 {
		ages.Groups = append(ages.Groups, dars.Group{Name: fmt.Sprintf("%d-%d", from, from+4), From: number(from), To: number(from + 4)})
	}
	return dars.Dataset{
		Code: "HES_APC", Person: "HESID", Unmatched: dars.Withhold,
		Format: dars.Format{Delimiter: "|", Header: true},
		Files:  []dars.SourceFile{{Period: "201314"}, {Period: "201415"}},
		Fields: []dars.Field{{Name: "AGE", Type: "integer"}, {Name: "SEX"}, {Name: "DIAG"}, {Name: "LOS", Type: "integer"}, {Name: "CLASS", Type: "integer"}, {Name: "SECRET"}},
		Groupings: []dars.Grouping{
			ages,
			{Code: "sex", Title: "Sex", Field: "SEX", Rest: "not known", Groups: []dars.Group{{Name: "male", Values: []string{"1"}}, {Name: "female", Values: []string{"2"}}}},
			{Code: "chapter", Title: "Chapter", Field: "DIAG", Rest: "other", Groups: []dars.Group{{Name: "I", Prefixes: []string{"A", "B"}}, {Name: "II", Prefixes: []string{"C"}}}},
			{Code: "class", Title: "Class", Field: "CLASS", Rest: "other", Groups: []dars.Group{{Name: "day case", Values: []string{"2"}}}},
			{Code: "secret", Title: "Not approved", Field: "SECRET", Rest: "other"},
		},
	}
}

func TestWhatMayBeAsked(t *testing.T) {
	good := disclosure.Request{
		Dataset: "HES_APC", Periods: []string{"201415"}, Count: disclosure.Persons,
		Measure: disclosure.Measure{Kind: disclosure.Counts}, By: []string{"age-5", "sex"},
		Where: map[string][]string{"chapter": {"I"}},
	}
	tests := map[string]struct {
		change func(*disclosure.Request)
		says   string // nothing: it may be asked
	}{
		"as it is":                              {func(*disclosure.Request) {}, ""},
		"by period":                             {func(r *disclosure.Request) { r.By = []string{"period"} }, ""},
		"the mean of a number":                  {func(r *disclosure.Request) { r.Measure = disclosure.Measure{Kind: disclosure.Mean, Field: "LOS"} }, ""},
		"no period":                             {func(r *disclosure.Request) { r.Periods = nil }, "name at least one period"},
		"a period that is not there":            {func(r *disclosure.Request) { r.Periods = []string{"209900"} }, `no period "209900"`},
		"a period twice":                        {func(r *disclosure.Request) { r.Periods = []string{"201415", "201415"} }, "named twice"},
		"by a column":                           {func(r *disclosure.Request) { r.By = []string{"AGE"} }, `no grouping "AGE"`},
		"by SQL":                                {func(r *disclosure.Request) { r.By = []string{"1; DROP TABLE x"} }, "no grouping"},
		"four ways":                             {func(r *disclosure.Request) { r.By = []string{"age-5", "sex", "chapter", "period"} }, "one to 3"},
		"not divided":                           {func(r *disclosure.Request) { r.By = nil }, "one to 3"},
		"twice by one":                          {func(r *disclosure.Request) { r.By = []string{"sex", "sex"} }, "twice"},
		"limited to an age":                     {func(r *disclosure.Request) { r.Where = map[string][]string{"age-5": {"65"}} }, `no group "65"`},
		"limited to nobody":                     {func(r *disclosure.Request) { r.Where = map[string][]string{"sex": {}} }, "nobody would be counted"},
		"limited to one group twice":            {func(r *disclosure.Request) { r.Where = map[string][]string{"sex": {"male", "male"}} }, "named twice"},
		"limited by period":                     {func(r *disclosure.Request) { r.Where = map[string][]string{"period": {"201415"}} }, "under periods"},
		"by what was not approved":              {func(r *disclosure.Request) { r.By = []string{"secret"} }, "does not include the column SECRET"},
		"limited by it":                         {func(r *disclosure.Request) { r.Where = map[string][]string{"secret": {"other"}} }, "does not include the column SECRET"},
		"the mean of a code":                    {func(r *disclosure.Request) { r.Measure = disclosure.Measure{Kind: disclosure.Mean, Field: "SEX"} }, "a column of numbers"},
		"the count of a column":                 {func(r *disclosure.Request) { r.Measure.Field = "LOS" }, "leave LOS out"},
		"the largest":                           {func(r *disclosure.Request) { r.Measure.Kind = "max" }, `not "max"`},
		"the median of a code that is a number": {func(r *disclosure.Request) { r.Measure = disclosure.Measure{Kind: disclosure.Median, Field: "CLASS"} }, "holds codes"},
		"a name without end":                    {func(r *disclosure.Request) { r.By = []string{strings.Repeat("x", 70)} }, `no grouping "` + strings.Repeat("x", 60) + `…"`},
		"rows":                                  {func(r *disclosure.Request) { r.Count = "rows" }, `not "rows"`},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			r := good
			tt.change(&r)
			err := r.Check(episodes(), []string{"AGE", "SEX", "DIAG", "LOS", "CLASS"})
			var no *dars.Refusal
			switch {
			case tt.says == "" && err != nil:
				t.Errorf("refused: %v", err)
			case tt.says != "" && (!errors.As(err, &no) || !strings.Contains(no.Sentence, tt.says)):
				t.Errorf("the answer is %v, and not %q", err, tt.says)
			}
		})
	}
}

func TestATableHasAtMostTenThousandCells(t *testing.T) {
	d := episodes()
	for i := range 600 {
		d.Groupings[2].Groups = append(d.Groupings[2].Groups, dars.Group{Name: fmt.Sprint("x", i), Prefixes: []string{fmt.Sprint("X", 1000+i)}})
	}
	r := disclosure.Request{
		Dataset: "HES_APC", Periods: []string{"201415"}, Count: disclosure.Persons,
		Measure: disclosure.Measure{Kind: disclosure.Counts}, By: []string{"age-5", "chapter"},
	}
	var no *dars.Refusal
	if err := r.Check(d, []string{"AGE", "DIAG"}); !errors.As(err, &no) || no.Rule != "cells" {
		t.Errorf("the answer is %v", err)
	}
}

func TestTwoThatAskTheSameAreTheSame(t *testing.T) {
	a := disclosure.Request{Periods: []string{"b", "a"}, Where: map[string][]string{"sex": {"male", "female"}}}
	b := disclosure.Request{Periods: []string{"a", "b"}, Where: map[string][]string{"sex": {"female", "male"}}}
	if !reflect.DeepEqual(a.Canonical(), b.Canonical()) || !reflect.DeepEqual(a.Population("x"), b.Population("x")) {
		t.Errorf("%+v and %+v differ", a.Canonical(), b.Canonical())
	}
}

// A record of one person, as the sequences of questions below need it.
type record struct {
	groups []uint16 // period, age, sex
	person uint64
}

// Which of two populations few persons tell apart, against sets of persons.
func TestWhomTwoAnswersWouldTellOf(t *testing.T) {
	const few = 7
	chance := rand.New(rand.NewPCG(17, 1))
	d := episodes()
	var close, apart, again int
	for range 60 {
		var populations []disclosure.Population
		for range 6 {
			populations = append(populations, asked(chance, d))
		}
		compared := disclosure.Compare(d, populations)
		var records []record
		for range 200 + chance.IntN(2000) {
			r := record{person: uint64(chance.IntN(400)) | 1<<20}
			for _, code := range compared.Groupings {
				n := 2
				if g, ok := d.Grouping(code); ok {
					n = len(g.Names())
				}
				r.groups = append(r.groups, uint16(chance.IntN(n)))
			}
			records = append(records, r)
		}
		found, unsure := told(compared, records, few)
		want := tellOf(d, populations, compared.Groupings, records, few)
		if found != want {
			t.Fatalf("%+v: population %d is said to be close, and it is %d", populations, found, want)
		}
		again += unsure
		if want < 0 {
			apart++
		} else {
			close++
		}
	}
	if close < 8 || apart < 8 || again == 0 {
		t.Errorf("%d sequences have close answers, %d have none, %d were read again: too few to tell", close, apart, again)
	}
}

// told asks as the engine does: once, and again where that is needed.
func told(p *disclosure.Populations, records []record, few int) (close, unsure int) {
	first := disclosure.NewDifferences(p, few)
	for _, r := range records {
		first.Add(r.groups, 1, r.person)
	}
	close, others := first.Close()
	if close >= 0 || len(others) == 0 {
		return close, 0
	}
	second := disclosure.NewAgain(p, others, few)
	for _, r := range records {
		second.Add(r.groups, 1, r.person)
	}
	return second.Close(), 1
}

// asked is a population as somebody would choose it who tries to come close.
func asked(chance *rand.Rand, d dars.Dataset) disclosure.Population {
	p := disclosure.Population{Dataset: d.Code, Periods: []string{"201314", "201415"}[:1+chance.IntN(2)], Where: map[string][]string{}}
	ages, _ := d.Grouping("age-5")
	if names := ages.Names(); chance.IntN(3) > 0 {
		p.Where["age-5"] = names[:len(names)-chance.IntN(3)]
	}
	if chance.IntN(3) == 0 {
		p.Where["sex"] = []string{"male", "female"}[:1+chance.IntN(2)]
	}
	return p
}

// tellOf knows all persons: the first earlier population from which the last differs by
// few persons with a record, or, if there is none, by few persons.
func tellOf(d dars.Dataset, populations []disclosure.Population, groupings []string, records []record, few int) int {
	names := func(code string) []string {
		if g, ok := d.Grouping(code); ok {
			return g.Names()
		}
		return []string{"201314", "201415"}
	}
	in := func(p disclosure.Population, r record) bool {
		for k, code := range groupings {
			only, limited := p.Where[code]
			if code == "period" {
				only, limited = p.Periods, true
			}
			if limited && !strings.Contains("|"+strings.Join(only, "|")+"|", "|"+names(code)[r.groups[k]]+"|") {
				return false
			}
		}
		return true
	}
	last := populations[len(populations)-1]
	byPersons := -1
	for i, p := range populations[:len(populations)-1] {
		records1, persons1, persons2 := map[uint64]bool{}, map[uint64]bool{}, map[uint64]bool{}
		for _, r := range records {
			if in(p, r) != in(last, r) {
				records1[r.person] = true
			}
			if in(p, r) {
				persons1[r.person] = true
			}
			if in(last, r) {
				persons2[r.person] = true
			}
		}
		if n := len(records1); n > 0 && n <= few {
			return i
		}
		n := 0
		for person := range records1 {
			if persons1[person] != persons2[person] {
				n++
			}
		}
		if n > 0 && n <= few && byPersons < 0 {
			byPersons = i
		}
	}
	return byPersons
}

// A thousand earlier answers, held against a new one over what a year may combine to.
func BenchmarkDifferences(b *testing.B) {
	chance := rand.New(rand.NewPCG(17, 2))
	d := episodes()
	var populations []disclosure.Population
	for range 1001 {
		p := asked(chance, d)
		ages, _ := d.Grouping("age-5")
		names := ages.Names()
		p.Where["age-5"] = names[chance.IntN(4) : len(names)-chance.IntN(4)]
		populations = append(populations, p)
	}
	compared := disclosure.Compare(d, populations)
	differences := disclosure.NewDifferences(compared, 7)
	for range 1_000_000 {
		groups := make([]uint16, len(compared.Groupings))
		for k, code := range compared.Groupings {
			n := 2
			if g, ok := d.Grouping(code); ok {
				n = len(g.Names())
			}
			groups[k] = uint16(chance.IntN(n))
		}
		differences.Add(groups, 1, chance.Uint64N(300_000))
	}
	for b.Loop() {
		differences.Close()
	}
}
