package disclosure_test

import (
	"bytes"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
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
			grouping("sex", "female"), grouping("ward", "ash", "birch"), grouping("kind", "day"),
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
// together. What several files count the same way is one count to them.
type collector struct {
	intruder
	counts map[string]int
}

func (c *collector) collect(t testing.TB, r disclosure.Request, d dars.Dataset, p *disclosure.Published) (suppressed []int) {
	var file bytes.Buffer
	if err := p.WriteCSV(&file); err != nil {
		t.Fatal(err)
	}
	x, signs := intrude(t, file.Bytes(), p.Rules, r.Count)
	at := make([]int, len(signs))
	for e := range signs {
		who := whom(r, d, p.Shape, e)
		n, known := c.counts[who]
		if !known {
			n = len(c.low)
			c.counts[who] = n
			c.low, c.high = append(c.low, 0), append(c.high, unbounded)
		}
		c.low[n], c.high[n] = max(c.low[n], x.low[e]), min(c.high[n], x.high[e])
		if at[e] = n; signs[e] == "*" {
			suppressed = append(suppressed, n)
		}
	}
	for _, of := range x.sums {
		var sum []int
		for _, e := range of {
			sum = append(sum, at[e])
		}
		if len(sum) > 2 || sum[0] != sum[1] {
			c.sums = append(c.sums, sum)
		}
	}
	return suppressed
}

// whom says in words who is counted in an entry.
func whom(r disclosure.Request, d dars.Dataset, s disclosure.Shape, entry int) string {
	in := map[string][]string{}
	for _, g := range d.Groupings {
		if in[g.Code] = g.Names(); r.Where[g.Code] != nil {
			in[g.Code] = slices.Sorted(slices.Values(r.Where[g.Code]))
		}
		slices.Sort(in[g.Code])
	}
	for k, name := range s.Label(entry) {
		if name != disclosure.Total {
			in[s[k].Name] = []string{name}
		}
	}
	return fmt.Sprint(in)
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

// What one table withholds no other shows, and no two tables together narrow a
// suppressed count to few numbers.
func TestTablesTogetherTellNoMore(t *testing.T) {
	chance := rand.New(rand.NewPCG(22, 17))
	d := wards()
	var looked, answered, refused, withoutUs, narrowed int
	for k := range 400 {
		rules := disclosure.RuleSets[k%2]
		all := patients(chance, d, 20+chance.IntN(80))
		var requests []disclosure.Request
		for range 3 {
			r := disclosure.Request{Dataset: d.Code, Periods: []string{"201499"}, Count: disclosure.Persons, Measure: disclosure.Measure{Kind: disclosure.Counts}}
			codes := []string{"sex", "ward", "kind"}
			chance.Shuffle(len(codes), func(i, j int) { codes[i], codes[j] = codes[j], codes[i] })
			if r.By = codes[:1+chance.IntN(2)]; chance.IntN(4) == 0 {
				r.Where = map[string][]string{codes[2]: {d.Groupings[slices.IndexFunc(d.Groupings, func(g dars.Grouping) bool { return g.Code == codes[2] })].Names()[0]}}
			}
			requests = append(requests, r)
		}
		had, no := answers(t, d, rules, all, requests...)
		answered, refused = answered+len(had), refused+no
		c := collector{counts: map[string]int{}}
		suppressed := map[int]bool{}
		for _, h := range had {
			for _, n := range c.collect(t, h.Request, d, h.Published) {
				suppressed[n] = true
			}
		}
		for _, n := range slices.Sorted(maps.Keys(suppressed)) {
			looked++
			if can := c.values(n); len(can) < rules.MinValues {
				narrowed++
				t.Logf("%s: %+v: a suppressed count can only be %v", rules.Code, requests, can)
			}
		}
		withoutUs += alone(t, d, rules, all, requests)
	}
	t.Logf("%d suppressed counts; %d answered, %d refused; %d are narrowed, and %d if each table stands alone", looked, answered, refused, narrowed, withoutUs)
	if narrowed > 0 {
		t.Errorf("%d of %d suppressed counts are narrowed by tables together", narrowed, looked)
	}
	if withoutUs < 10 || answered < refused {
		t.Errorf("%d counts leak where each table stands alone, %d answered, %d refused: too few to say anything", withoutUs, answered, refused)
	}
}

// alone counts what leaks if each table is controlled by itself.
func alone(t testing.TB, d dars.Dataset, rules disclosure.RuleSet, all []line, requests []disclosure.Request) (leaks int) {
	c := collector{counts: map[string]int{}}
	suppressed := map[int]bool{}
	for _, r := range requests {
		had, _ := answers(t, d, rules, all, r)
		for _, h := range had {
			for _, n := range c.collect(t, r, d, h.Published) {
				suppressed[n] = true
			}
		}
	}
	for n := range suppressed {
		if len(c.values(n)) < rules.MinValues {
			leaks++
		}
	}
	return leaks
}

// A total that was withheld is not to be had by asking for it.
func TestAWithheldTotalIsNotToBeHad(t *testing.T) {
	d, rules := wards(), disclosure.RuleSets[0]
	var all []line
	for k, n := range []int{4, 8, 20, 30, 40, 25} { // female and other of each ward
		for range n {
			all = append(all, line{person: uint64(len(all) + 1), groups: map[string]string{
				dars.PeriodGrouping: "201499", "kind": "day", "sex": []string{"female", "other"}[k%2], "ward": []string{"ash", "birch", "other"}[k/2]}})
		}
	}
	by := func(codes ...string) disclosure.Request {
		return disclosure.Request{Dataset: d.Code, Periods: []string{"201499"}, Count: disclosure.Persons, Measure: disclosure.Measure{Kind: disclosure.Counts}, By: codes}
	}
	for _, order := range [][]disclosure.Request{{by("ward", "sex"), by("ward"), by("sex")}, {by("ward"), by("sex"), by("ward", "sex")}} {
		had, _ := answers(t, d, rules, all, order...)
		c := collector{counts: map[string]int{}}
		var suppressed []int
		for _, h := range had {
			suppressed = append(suppressed, c.collect(t, h.Request, d, h.Published)...)
		}
		for _, n := range suppressed {
			if can := c.values(n); len(can) < rules.MinValues {
				t.Errorf("%v: a suppressed count can only be %v", strings.Join(order[0].By, " by "), can)
			}
		}
	}
}
