// Command tabulation measures the tables that tell of groups only: five typical ones
// over a generated file, objections upheld, control and attack included; the attack
// alone; and a request that is held against a thousand earlier ones.
//
//	go run ./bench/tabulation [-rows 20000000] [-dir /dev/shm] [-runs 3] [-peers DIR]
//
// DuckDB answers the same five in the same run, from its own file, which it has loaded
// before; it knows of no objections and controls nothing, so its counts are compared
// with ours before control and with nobody objecting. It is left out where it is
// missing: npm install @duckdb/node-api (in a folder; name it with -peers).
//
// It needs a hundred bytes a row, best in memory, twice that with DuckDB, and leaves
// nothing behind.
package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"time"

	"darsd/bench/figure"
	"darsd/disclosure"
	"darsd/transfer/extract"
)

func main() {
	rows := flag.Int("rows", 20_000_000, "rows of the generated file")
	dir := flag.String("dir", os.TempDir(), "where the files are made, in a folder that is removed")
	runs := flag.Int("runs", 3, "how often each table is asked for; the median counts")
	peers := flag.String("peers", ".", "the folder in which npm has installed DuckDB")
	var figures figure.File
	flag.StringVar((*string)(&figures), "figures", "", "collect figures in this file")
	flag.Parse()
	if err := measure(*rows, *dir, *runs, *peers, figures); err != nil {
		fmt.Fprintln(os.Stderr, "tabulation:", err)
		os.Exit(1)
	}
}

func measure(rows int, dir string, runs int, peers string, figures figure.File) error {
	dir, err := os.MkdirTemp(dir, "darsd-bench-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	b := &bench{source: filepath.Join(dir, "episodes.csv"), runs: runs, rules: disclosure.RuleSets[1]}
	if err := generate(b.source, rows); err != nil {
		return err
	}
	fmt.Printf("%d rows of %d columns\n\n", rows, len(columns))

	b.everybody = &extract.Objections{}
	counts, _, err := b.tables("with nobody objecting", b.everybody)
	if err != nil {
		return err
	}
	theirs, err := b.duckdb(peers, dir, counts)
	if err != nil {
		return err
	}
	objections, _, err := extract.ReadList(objecting())
	if err != nil {
		return err
	}
	_, took, err := b.tables("with objections upheld", objections)
	if err != nil {
		return err
	}
	for i, t := range took {
		one := figure.Figure{Key: fmt.Sprintf("tabulation/%d", i+1), Ours: t.Seconds(), Missing: []string{"duckdb"}}
		if theirs != nil {
			one.Peer, one.Theirs, one.Missing = "duckdb, loaded before", theirs[i], nil
		}
		if err := figures.Add(one); err != nil {
			return err
		}
	}
	if err := b.earlier(objections, figures); err != nil {
		return err
	}
	return attacks(b.rules, figures)
}

// A bench asks for tables.
type bench struct {
	source    string
	runs      int
	rules     disclosure.RuleSet
	everybody *extract.Objections
}

// tables asks for each of the five and says what they took. It returns what was counted,
// and how long each took.
func (b *bench) tables(how string, objections *extract.Objections) (counts [][]disclosure.Count, took []time.Duration, err error) {
	fmt.Printf("Tables, %s; median of %d, s:\n\n%-44s %8s %8s %8s %9s\n", how, b.runs, "", "all", "counted", "control", "withheld")
	for _, a := range asked {
		var whole, counting, controlling []time.Duration
		var table *disclosure.Table
		var shown *disclosure.Published
		for range b.runs {
			begun := time.Now()
			if table, err = b.count(a.request, objections, nil); err != nil {
				return nil, nil, err
			}
			counted := time.Now()
			if shown, err = b.rules.Control(table); err != nil {
				return nil, nil, fmt.Errorf("%s: %w", a.name, err)
			}
			whole, counting, controlling = append(whole, time.Since(begun)), append(counting, counted.Sub(begun)), append(controlling, time.Since(counted))
		}
		counts, took = append(counts, table.Counts), append(took, median(whole))
		withheld := 0
		for _, s := range shown.Shown {
			if s.As == disclosure.Withheld {
				withheld++
			}
		}
		fmt.Printf("%-44s %8.2f %8.2f %8.2f %9s\n", a.name, median(whole).Seconds(), median(counting).Seconds(), median(controlling).Seconds(),
			fmt.Sprintf("%d of %d", withheld, len(shown.Shown)))
	}
	fmt.Println()
	return counts, took, nil
}

// count reads all records once, or twice if the earlier answers want it.
func (b *bench) count(r disclosure.Request, objections *extract.Objections, earlier []disclosure.Population) (*disclosure.Table, error) {
	q := disclosure.Ask(r, episodes(b.source), b.rules, "today", earlier)
	for {
		job := extract.Job{
			Dataset: episodes(b.source), Objections: objections, Uphold: true,
			Open: func(path string) (io.ReadCloser, error) { return os.Open(path) },
		}
		for _, p := range q.Read() {
			job.Files = append(job.Files, extract.File{Period: p, Name: p})
		}
		if _, err := extract.Tabulate(context.Background(), job, extract.Tabulation{
			Groupings: q.Groupings(), Periods: q.Periods(), Number: q.Number(),
			Counter: func() extract.Counter { return reader{q.Reader()} },
		}); err != nil {
			return nil, err
		}
		found, more := q.Close()
		if found >= 0 {
			return nil, fmt.Errorf("the request differs by few persons from earlier answer %d: another seed is needed", found)
		}
		if !more {
			return q.Table()
		}
	}
}

// A reader is told of rows as records.
type reader struct{ *disclosure.Reader }

func (r reader) Add(row *extract.Counted) { r.Reader.Add((*disclosure.Record)(row)) }

// earlier asks for one table more after a thousand.
func (b *bench) earlier(objections *extract.Objections, figures figure.File) error {
	var earlier []disclosure.Population
	for n := range 1000 {
		earlier = append(earlier, somebody(n))
	}
	var took []time.Duration
	for range b.runs {
		begun := time.Now()
		if _, err := b.count(asked[0].request, objections, earlier); err != nil {
			return err
		}
		took = append(took, time.Since(begun))
	}
	fmt.Printf("%s, held against %d earlier answers: %.2f s\n\n", asked[0].name, len(earlier), median(took).Seconds())
	return figures.Add(figure.Figure{Key: "tabulation/earlier", Ours: median(took).Seconds()})
}

func median(of []time.Duration) time.Duration {
	sorted := slices.Sorted(slices.Values(of))
	return sorted[len(sorted)/2]
}

// attacks times the attack on tables that were controlled.
func attacks(rules disclosure.RuleSet, figures figure.File) error {
	fmt.Println("The attack on what is published, ms:")
	for _, one := range []struct {
		key   string
		sizes []int
	}{{"20x20", []int{20, 20}}, {"100x50", []int{100, 50}}, {"20x20x10", []int{20, 20, 10}}} {
		p, err := rules.Control(skewed(one.sizes, 10))
		if err != nil {
			return err
		}
		begun := time.Now()
		if _, err := p.Attack(); err != nil {
			return err
		}
		took := 1000 * time.Since(begun).Seconds()
		fmt.Printf("    %v: %.1f, of %d suppressed\n", one.sizes, took, len(p.Suppressed()))
		if err := figures.Add(figure.Figure{Key: "tabulation/attack-" + one.key, Ours: took}); err != nil {
			return err
		}
	}
	return nil
}

// A question of the five, and how DuckDB is asked.
type question struct {
	name    string
	request disclosure.Request
	sql     string // of each cell without totals: its values by name, records, persons
}

func count(of disclosure.Unit, where map[string][]string, by ...string) disclosure.Request {
	return disclosure.Request{Dataset: "EPISODES", Periods: []string{"200199"}, Count: of, Measure: disclosure.Measure{Kind: disclosure.Counts}, By: by, Where: where}
}

func average(kind disclosure.Kind, by ...string) disclosure.Request {
	r := count(disclosure.Records, nil, by...)
	r.Measure = disclosure.Measure{Kind: kind, Field: "LOS"}
	return r
}

var asked = []question{
	{"persons by age of five years and sex, one year", count(disclosure.Persons, map[string][]string{"year": {"2007"}}, "age", "sex"),
		"SELECT AGE // 5, SEX, count(*), count(DISTINCT NHS) FROM e WHERE YEAR = 2007 GROUP BY CUBE (1, 2)"},
	{"records by chapter, region and year", count(disclosure.Records, nil, "chapter", "region", "year"),
		"SELECT substr(DIAG, 1, 1), REGION, YEAR, count(*), count(DISTINCT NHS) FROM e GROUP BY 1, 2, 3"},
	{"mean stay by provider", average(disclosure.Mean, "provider"), "SELECT PROVIDER, avg(LOS), count(*) FROM e GROUP BY 1"},
	{"median stay by provider", average(disclosure.Median, "provider"), "SELECT PROVIDER, median(LOS), count(*) FROM e GROUP BY 1"},
	{"persons of three chapters by age and region", count(disclosure.Persons, map[string][]string{"chapter": {"A", "B", "C"}}, "age", "region"),
		"SELECT AGE // 5, REGION, count(*), count(DISTINCT NHS) FROM e WHERE substr(DIAG, 1, 1) IN ('A', 'B', 'C') GROUP BY CUBE (1, 2)"},
}
