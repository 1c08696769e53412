package main

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"math"
	"math/rand/v2"
	"os"
	"runtime"
	"strconv"
	"strings"

	"darsd/dars"
	"darsd/disclosure"
	"darsd/transfer/extract/artificial"
)

var columns = strings.Fields("EPIKEY NHS AGE SEX YEAR REGION PROVIDER DIAG LOS ADMIMETH ADMISORC DISMETH DISDEST EPIDUR EPIORDER EPISTAT CLASSPAT MAINSPEF TRETSPEF ETHNOS")

const (
	country   = 5_790_000
	providers = 220
	regions   = 9
	firstYear = 2001
	years     = 10
)

// number is a person's NHS number. No two persons share one: each has ten stems, one of
// which has a check digit.
func number(who int) uint64 {
	for stem := uint64(who)*10 + 400_000_000; ; stem++ {
		if n, ok := artificial.NHSNumber(stem); ok {
			return n
		}
	}
}

// objecting is a list of one person in twenty.
func objecting() io.Reader {
	var list bytes.Buffer
	for who := 0; who < country; who += 20 {
		fmt.Fprintln(&list, number(who))
	}
	return &list
}

// generate writes the file, on all processors and always the same.
func generate(path string, rows int) error {
	file, err := os.Create(path)
	if err != nil {
		return err
	}
	defer file.Close()
	w := bufio.NewWriterSize(file, 1<<20)
	fmt.Fprintln(w, strings.Join(columns, ","))
	const block = 20_000
	parts := make(chan chan []byte, runtime.NumCPU())
	go func() {
		defer close(parts)
		for from := 0; from < rows; from += block {
			part := make(chan []byte, 1)
			parts <- part
			go func() {
				chance := rand.New(rand.NewPCG(17, uint64(from)))
				var b []byte
				for n := from; n < min(from+block, rows); n++ {
					b = row(b, chance, n)
				}
				part <- b
			}()
		}
	}()
	for part := range parts {
		w.Write(<-part)
	}
	return w.Flush()
}

// row appends a record. Who is often ill is so in the same place, at the same age.
func row(b []byte, chance *rand.Rand, n int) []byte {
	who := min(chance.IntN(country), chance.IntN(country))
	own := rand.New(rand.NewPCG(uint64(who), 4))
	age, sex, provider := own.IntN(90), 1+own.IntN(2), min(own.IntN(providers), own.IntN(providers))
	year := firstYear + chance.IntN(years)
	stay := int(chance.ExpFloat64() * float64(1+age/20))
	diag := 'A' + min(chance.IntN(22), chance.IntN(22))
	fields := []int{n, int(number(who)), age + year - firstYear, sex, year, provider % regions}
	for _, f := range fields {
		b = append(strconv.AppendInt(b, int64(f), 10), ',')
	}
	b = append(b, 'R')
	b = append(strconv.AppendInt(b, int64(100+provider), 10), ',')
	b = append(b, byte(diag))
	b = append(strconv.AppendInt(b, int64(100+chance.IntN(900)), 10), ',')
	b = strconv.AppendInt(b, int64(stay), 10)
	for range len(columns) - 9 {
		b = strconv.AppendInt(append(b, ','), int64(chance.IntN(10_000)), 10)
	}
	return append(b, '\n')
}

// episodes is the dataset in that file.
func episodes(path string) dars.Dataset {
	numbered := func(code, field string, from, to, step int) dars.Grouping {
		g := dars.Grouping{Code: code, Field: field, Rest: "not known"}
		for n := from; n < to; n += step {
			low, high := n, n+step-1
			name := strconv.Itoa(n)
			if step > 1 {
				name = fmt.Sprintf("%d-%d", low, high)
			}
			g.Groups = append(g.Groups, dars.Group{Name: name, From: &low, To: &high})
		}
		return g
	}
	lettered := func(code, field, before string, names ...string) dars.Grouping {
		g := dars.Grouping{Code: code, Field: field, Rest: "not known"}
		for _, n := range names {
			g.Groups = append(g.Groups, dars.Group{Name: n, Prefixes: []string{before + n}})
		}
		return g
	}
	var all, letters []string
	for n := range providers {
		all = append(all, strconv.Itoa(100+n))
	}
	for c := 'A'; c < 'W'; c++ {
		letters = append(letters, string(c))
	}
	return dars.Dataset{
		Code: "EPISODES", Person: "NHS", Unmatched: dars.Withhold,
		Format: dars.Format{Delimiter: ",", Header: true},
		Files:  []dars.SourceFile{{Period: "200199", Path: path}},
		Fields: []dars.Field{{Name: "LOS", Type: "integer"}, {Name: "AGE"}, {Name: "SEX"}, {Name: "YEAR"}, {Name: "REGION"}, {Name: "PROVIDER"}, {Name: "DIAG"}},
		Groupings: []dars.Grouping{
			numbered("age", "AGE", 0, 100, 5), numbered("sex", "SEX", 1, 3, 1), numbered("year", "YEAR", firstYear, firstYear+years, 1),
			numbered("region", "REGION", 0, regions, 1), lettered("provider", "PROVIDER", "R", all...), lettered("chapter", "DIAG", "", letters...),
		},
	}
}

// somebody is the population of an earlier answer.
func somebody(n int) disclosure.Population {
	chance := rand.New(rand.NewPCG(uint64(n), 5))
	p := disclosure.Population{List: "today", Dataset: "EPISODES", Periods: []string{"200199"}, Where: map[string][]string{}}
	for _, g := range episodes("").Groupings[:4] {
		if chance.IntN(2) == 0 {
			names := g.Names()
			from := chance.IntN(len(names))
			p.Where[g.Code] = names[from : from+1+chance.IntN(len(names)-from)]
		}
	}
	return p
}

// skewed is a table such as hospitals make: a few large places, many small ones.
func skewed(sizes []int, mean float64) *disclosure.Table {
	chance := rand.New(rand.NewPCG(20, 20))
	var s disclosure.Shape
	effects := make([][]float64, len(sizes))
	for k, n := range sizes {
		d := disclosure.Dimension{Name: string(rune('a' + k))}
		for i := range n {
			d.Values = append(d.Values, strconv.Itoa(i))
			effects[k] = append(effects[k], math.Exp(chance.NormFloat64()-.5))
		}
		s = append(s, d)
	}
	t := &disclosure.Table{Shape: s, Unit: disclosure.Persons, Counts: make([]disclosure.Count, s.Entries())}
	for entry := range t.Counts {
		m := mean
		for k, i := range s.Place(entry) {
			if i == sizes[k] {
				m = -1
				break
			}
			m *= effects[k][i]
		}
		if m >= 0 {
			n := int(max(0, math.Round(m+math.Sqrt(m)*chance.NormFloat64())))
			t.Counts[entry] = disclosure.Count{N: n, Persons: n}
		}
	}
	t.Sum()
	return t
}
