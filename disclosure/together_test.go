package disclosure_test

import (
	"bytes"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"darsd/dars"
	"darsd/disclosure"
)

// wards is a dataset of three groupings of few groups.
func wards() dars.Dataset {
	grouping := func(code string, names ...string) dars.Grouping {
		g := dars.Grouping{Code: code, Field: code, Rest: "other"}
		for _, n := range names {
			g.Groups = append(g.Groups, dars.Group{Name: n, Values: []string{n}})
		}
		return g
	}
	return dars.Dataset{
		Code:  "WARDS",
		Files: []dars.SourceFile{{Period: "201499"}},
		Groupings: []dars.Grouping{
			grouping("sex", "female"), grouping("ward", "ash", "birch"), grouping("kind", "day", "night"),
		},
	}
}

// patients are records of so many persons, one of each.
func patients(chance *rand.Rand, d dars.Dataset, n int) (all []line) {
	for person := range n {
		l := line{groups: map[string]string{dars.PeriodGrouping: "201499"}, person: uint64(person) + 1}
		for _, g := range d.Groupings {
			names := g.Names()
			l.groups[g.Code] = names[min(chance.IntN(len(names)), chance.IntN(len(names)))]
		}
		all = append(all, l)
	}
	return all
}

// collector is somebody who keeps all files they were ever given, and tries them
// together. Each entry of each file counts some of the smallest groups that there are.
type collector struct {
	intruder
	smallest map[string]int
}

// collectorOf knows the smallest groups of a dataset.
func collectorOf(d dars.Dataset) *collector {
	c := &collector{smallest: map[string]int{}}
	for _, sex := range d.Groupings[0].Names() {
		for _, ward := range d.Groupings[1].Names() {
			for _, kind := range d.Groupings[2].Names() {
				c.smallest[fmt.Sprint(sex, ward, kind)] = c.count(0, unbounded)
			}
		}
	}
	return c
}

func (c *collector) count(low, high int) int {
	c.low, c.high = append(c.low, low), append(c.high, high)
	return len(c.low) - 1
}

func (c *collector) collect(t testing.TB, r disclosure.Request, d dars.Dataset, p *disclosure.Published) (suppressed []int) {
	var file bytes.Buffer
	if err := p.WriteCSV(&file); err != nil {
		t.Fatal(err)
	}
	x, signs := intrude(t, file.Bytes(), p.Rules, r.Count)
	at := make([]int, len(signs))
	for e, sign := range signs {
		at[e] = c.count(x.low[e], x.high[e])
		c.sums = append(c.sums, append([]int{at[e]}, c.whom(r, d, p.Shape, e)...))
		if sign == "*" {
			suppressed = append(suppressed, at[e])
		}
	}
	for _, of := range x.sums { // they follow, and make it quick
		var sum []int
		for _, e := range of {
			sum = append(sum, at[e])
		}
		c.sums = append(c.sums, sum)
	}
	return suppressed
}

// whom are the smallest groups that an entry counts.
func (c *collector) whom(r disclosure.Request, d dars.Dataset, s disclosure.Shape, entry int) (groups []int) {
	in := func(k int, name string) bool {
		g := d.Groupings[k]
		for n, label := range s.Label(entry) {
			if s[n].Name == g.Code && label != disclosure.Total && label != name {
				return false
			}
		}
		return r.Where[g.Code] == nil || slices.Contains(r.Where[g.Code], name)
	}
	for _, sex := range d.Groupings[0].Names() {
		for _, ward := range d.Groupings[1].Names() {
			for _, kind := range d.Groupings[2].Names() {
				if in(0, sex) && in(1, ward) && in(2, kind) {
					groups = append(groups, c.smallest[fmt.Sprint(sex, ward, kind)])
				}
			}
		}
	}
	return groups
}

// answers asks as one person does, one question after the other, and keeps what was
// answered.
func answers(t testing.TB, d dars.Dataset, rules disclosure.RuleSet, all []line, requests ...disclosure.Request) (had []disclosure.Answer, refused int) {
	t.Helper()
	for _, r := range requests {
		q := disclosure.Ask(r, d, rules, "0", nil)
		read(q, d, 0, all)
		table, err := q.Table()
		if err != nil {
			t.Fatal(err)
		}
		p, err := rules.Control(table)
		if err == nil {
			err = disclosure.Beside(disclosure.Answer{Request: r, Published: p}, had, d)
		}
		if err != nil {
			refused++
			continue
		}
		kept, err := disclosure.Had(r, d, rules, p.Signs())
		if err != nil {
			t.Fatal(err)
		}
		had = append(had, kept)
	}
	return had, refused
}

// What one table withholds no other shows: no two tables together narrow a suppressed
// count to few numbers, and three seldom do.
func TestTablesTogetherTellNoMore(t *testing.T) {
	for questions, most := range map[int]float64{2: 0, 3: .01} {
		t.Run(fmt.Sprint(questions), func(t *testing.T) {
			chance := rand.New(rand.NewPCG(22, uint64(questions)))
			d := wards()
			var looked, answered, refused, apart, narrowed int
			for k := range 80 {
				rules := disclosure.RuleSets[k%2]
				all := patients(chance, d, 20+chance.IntN(80))
				var requests []disclosure.Request
				for range questions {
					requests = append(requests, ofWards(chance, d))
				}
				had, no := answers(t, d, rules, all, requests...)
				answered, refused = answered+len(had), refused+no
				of, few := narrow(t, d, rules, had)
				looked, narrowed = looked+of, narrowed+len(few)
				var each []disclosure.Answer
				for _, r := range requests {
					one, _ := answers(t, d, rules, all, r)
					each = append(each, one...)
				}
				_, few = narrow(t, d, rules, each)
				apart += len(few)
			}
			t.Logf("%d suppressed counts; %d answered, %d refused; %d counts are narrowed, and %d if each table stands alone", looked, answered, refused, narrowed, apart)
			if float64(narrowed) > most*float64(looked) {
				t.Errorf("%d of %d suppressed counts are narrowed by tables together", narrowed, looked)
			}
			if apart < 5 || answered < 5*refused {
				t.Errorf("%d counts leak where each table stands alone, %d answered, %d refused: too few to say anything", apart, answered, refused)
			}
		})
	}
}

// ofWards is some request for persons.
func ofWards(chance *rand.Rand, d dars.Dataset) disclosure.Request {
	r := disclosure.Request{Dataset: d.Code, Periods: []string{"201499"}, Count: disclosure.Persons, Measure: disclosure.Measure{Kind: disclosure.Counts}}
	codes := []string{"sex", "ward", "kind"}
	chance.Shuffle(len(codes), func(i, j int) { codes[i], codes[j] = codes[j], codes[i] })
	if r.By = codes[:1+chance.IntN(2)]; chance.IntN(3) == 0 {
		g, _ := d.Grouping(codes[2])
		names := g.Names()
		r.Where = map[string][]string{g.Code: names[:1+chance.IntN(len(names)-1)]}
	}
	return r
}

// narrow counts the suppressed counts of some answers, and those that can be worked out
// from all of them.
func narrow(t testing.TB, d dars.Dataset, rules disclosure.RuleSet, had []disclosure.Answer) (suppressed int, narrowed []string) {
	c := collectorOf(d)
	var counts []int
	for _, h := range had {
		counts = append(counts, c.collect(t, h.Request, d, h.Published)...)
	}
	for _, n := range counts {
		if can := c.values(n); len(can) < rules.MinValues {
			narrowed = append(narrowed, fmt.Sprintf("by %s one can only be %v", rules.Code, can))
		}
	}
	return len(counts), narrowed
}

// A total that was withheld is not to be had by asking for it, nor a small count by
// asking for all and for all others.
func TestWhatWasWithheldIsNotToBeHad(t *testing.T) {
	d, rules := wards(), disclosure.RuleSets[0]
	var all []line
	for k, n := range []int{4, 8, 20, 30, 40, 25} { // female and other of each ward
		for i := range n {
			kind := "day"
			if k == 1 && i < 3 {
				kind = "night"
			}
			all = append(all, line{person: uint64(len(all) + 1), groups: map[string]string{
				dars.PeriodGrouping: "201499", "kind": kind, "sex": []string{"female", "other"}[k%2], "ward": []string{"ash", "birch", "other"}[k/2]}})
		}
	}
	by := func(codes ...string) disclosure.Request {
		return disclosure.Request{Dataset: d.Code, Periods: []string{"201499"}, Count: disclosure.Persons, Measure: disclosure.Measure{Kind: disclosure.Counts}, By: codes}
	}
	byDay := by("ward")
	byDay.Where = map[string][]string{"kind": {"day"}}
	percentages := by("ward")
	percentages.Measure.Kind = disclosure.Percentage
	tests := map[string]struct {
		asked   []disclosure.Request
		refused int
	}{
		"totals afterwards":           {[]disclosure.Request{by("ward", "sex"), by("ward"), by("sex")}, 0},
		"totals before":               {[]disclosure.Request{by("ward"), by("sex"), by("ward", "sex")}, 1},
		"the same again":              {[]disclosure.Request{by("ward", "sex"), by("ward", "sex"), by("sex", "ward")}, 0},
		"totals as percentages":       {[]disclosure.Request{by("ward", "sex"), percentages}, 1},
		"all, and all but few":        {[]disclosure.Request{by("ward"), byDay}, 1},
		"all but few, and all":        {[]disclosure.Request{byDay, by("ward")}, 1},
		"others in the ward of a few": {[]disclosure.Request{by("ward", "kind"), byDay}, 0},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			had, refused := answers(t, d, rules, all, tt.asked...)
			if refused != tt.refused {
				t.Errorf("%d were refused, not %d", refused, tt.refused)
			}
			if _, few := narrow(t, d, rules, had); few != nil {
				t.Errorf("of the suppressed counts %s", few)
			}
		})
	}
}

// A thousand answers about the same people, each limited and divided in its own way.
func BenchmarkBeside(b *testing.B) {
	chance := rand.New(rand.NewPCG(22, 1))
	d, rules := episodes(), disclosure.RuleSets[1]
	all := lines(chance, d, 600)
	var had []disclosure.Answer
	for len(had) < 1001 {
		r := someRequest(chance, d)
		r.Measure, r.Count = disclosure.Measure{Kind: disclosure.Counts}, disclosure.Records
		q := disclosure.Ask(r, d, rules, "0", nil)
		read(q, d, 0, all)
		table, err := q.Table()
		if err != nil {
			b.Fatal(err)
		}
		if p, err := rules.Control(table); err == nil {
			had = append(had, disclosure.Answer{Request: r, Published: p})
		}
	}
	last := had[1000]
	for b.Loop() {
		p := *last.Published
		p.Shown = slices.Clone(p.Shown)
		err := disclosure.Beside(disclosure.Answer{Request: last.Request, Published: &p}, had[:1000], d)
		if no := new(dars.Refusal); err != nil && !errors.As(err, &no) {
			b.Fatal(err)
		}
	}
}
