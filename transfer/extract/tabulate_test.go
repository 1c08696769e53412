package extract_test

import (
	"encoding/csv"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"

	"darsd/dars"
	"darsd/transfer/extract"
)

// counted is what all counters of a tabulation were told.
type counted struct {
	mu   sync.Mutex
	rows []told
}

// told is one row: the names of its groups, whose it is, and its number.
type told struct {
	groups string
	person uint64
	number string
	in     uint64
}

// A counter of one worker.
type counter struct {
	all  *counted
	name func(k int, group uint16) string
}

func (c counter) Add(row *extract.Counted) {
	t := told{person: row.Person, number: "none", in: row.In}
	var names []string
	for k, g := range row.Groups {
		names = append(names, c.name(k, g))
	}
	t.groups = strings.Join(names, "/")
	if row.Numbered {
		t.number = fmt.Sprint(row.Number)
	}
	c.all.mu.Lock()
	defer c.all.mu.Unlock()
	c.all.rows = append(c.all.rows, t)
}

// counting is visits with two groupings.
func counting() dars.Dataset {
	d := visits()
	d.Files = append(d.Files, dars.SourceFile{Period: "200299", Path: "more.csv"})
	d.Fields = append(d.Fields, dars.Field{Name: "days", Type: "number", Missing: []string{"-99"}})
	d.Groupings = []dars.Grouping{
		{Code: "chapter", Field: "note", Rest: "other", Groups: []dars.Group{{Name: "X", Prefixes: []string{"J"}}, {Name: "quoted", Values: []string{`a "b", c`}}}},
		{Code: "year", Field: "day", Rest: "not known", Groups: []dars.Group{{Name: "2001", Prefixes: []string{"2001"}}}},
	}
	return d
}

// tabulate counts the rows of some sources by chapter, period and year.
func tabulate(t testing.TB, d dars.Dataset, sources shelf, change func(*extract.Job), earlier ...*extract.Objections) ([]told, error) {
	t.Helper()
	all := &counted{}
	of := extract.Tabulation{Groupings: []string{"chapter", dars.PeriodGrouping, "year"}, Periods: []string{"200199", "200299"}, Number: "days", Earlier: earlier}
	of.Counter = func() extract.Counter {
		return counter{all, func(k int, group uint16) string {
			if g, ok := d.Grouping(of.Groupings[k]); ok {
				return g.Names()[group]
			}
			return of.Periods[group]
		}}
	}
	job := extract.Job{Dataset: d, Uphold: true, Objections: objections(t, bob), Open: sources.open,
		Files: []extract.File{{Period: "200199", Name: "a"}}}
	if change != nil {
		change(&job)
	}
	_, err := extract.Tabulate(t.Context(), job, of)
	return all.rows, err
}

func TestWhatATabulationIsTold(t *testing.T) {
	const head = "key,nhs,day,note,days\n"
	tests := map[string]struct {
		rows   string
		change func(*extract.Job)
		want   []string // groups, whose, and the number of each row
	}{
		"a row":                              {"1," + ann + ",2001-04-01,J45,3\n", nil, []string{"X/200199/2001 ann 3000"}},
		"two rows of a person":               {"1," + ann + ",2001-04-01,J45,3\n2," + ann + ",,I10,\n", nil, []string{"X/200199/2001 ann 3000", "other/200199/not known ann none"}},
		"who objects is not counted":         {"1," + bob + ",2001-04-01,J45,3\n", nil, nil},
		"quotes are no part of a value":      {"1," + `"` + ann + `","2001-04-01","a ""b"", c","3.25"` + "\n", nil, []string{"quoted/200199/2001 ann 3250"}},
		"a number that stands for nothing":   {"1," + ann + ",2001-04-01,J45,-99\n", nil, []string{"X/200199/2001 ann none"}},
		"a number below nought":              {"1," + ann + ",2001-04-01,J45,-2.5\n", nil, []string{"X/200199/2001 ann -2500"}},
		"a number to the nearest thousandth": {"1," + ann + ",2001-04-01,J45,0.12355\n", nil, []string{"X/200199/2001 ann 124"}},
		"what is no number":                  {"1," + ann + ",2001-04-01,J45,3d\n", nil, []string{"X/200199/2001 ann none"}},
		"lines that end with CR too":         {"1," + ann + ",2001-04-01,J45,3\r\n", nil, []string{"X/200199/2001 ann 3000"}},
		"of nobody known, withheld":          {"1," + wrong + ",2001-04-01,J45,3\n2," + ann + ",,,\n", nil, []string{"other/200199/not known ann none"}},
		"of nobody known, counted": {"1," + wrong + ",2001-04-01,J45,3\n2,,2001-04-01,J45,4\n3," + ann + ",,,\n",
			func(j *extract.Job) { j.Dataset.Unmatched = dars.ReleaseRow },
			[]string{"X/200199/2001 nobody 3000", "X/200199/2001 nobody 4000", "other/200199/not known ann none"}},
		"outside the dates": {"1," + ann + ",2001-04-01,J45,3\n2," + ann + ",2003-04-01,J45,3\n",
			func(j *extract.Job) { j.From, j.To = "2001-01-01", "2001-12-31" }, []string{"X/200199/2001 ann 3000"}},
		"two periods": {"1," + ann + ",2001-04-01,J45,3\n",
			func(j *extract.Job) { j.Files = append(j.Files, extract.File{Period: "200299", Name: "b"}) },
			[]string{"X/200199/2001 ann 3000", "other/200299/not known cat 5000"}},
	}
	names := map[uint64]string{999000001: "ann", 999000003: "cat", extract.Nobody: "nobody"}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			sources := shelf{"visits.csv": []byte(head + tt.rows), "more.csv": []byte(head + "9," + cat + ",,x,5\n")}
			rows, err := tabulate(t, counting(), sources, tt.change)
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, r := range rows {
				got = append(got, r.groups+" "+names[r.person]+" "+r.number)
			}
			if slices.Sort(got); !slices.Equal(got, tt.want) {
				t.Errorf("told of %q, not of %q", got, tt.want)
			}
		})
	}
}

// A person with two numbers is one, and is not counted if either has objected.
func TestATabulationKnowsPersonsByTheirIndex(t *testing.T) {
	d := counting()
	d.Index = &dars.Index{File: "index.csv", Person: "nhs", NHSNumber: "NUMBER", AsAt: "2002-05-01"}
	d.Unmatched = dars.ReleaseRow
	sources := shelf{
		"index.csv":  []byte("nhs,NUMBER\nk1," + ann + "\nk1," + cat + "\nk2," + bob + "\nk2," + dan + "\nk3,\n"),
		"visits.csv": []byte("key,nhs,day,note,days\n1,k1,,J,1\n2,k2,,J,2\n3,k1,,J,3\n4,k3,,J,4\n5,k9,,J,5\n6,k3,,J,6\n"),
	}
	rows, err := tabulate(t, d, sources, func(j *extract.Job) { j.IndexCoverage = .5 })
	if err != nil {
		t.Fatal(err)
	}
	whose := map[string]uint64{}
	for _, r := range rows {
		whose[r.number] = r.person
	}
	switch _, counted := whose["2000"]; {
	case len(rows) != 5 || counted:
		t.Errorf("told of %+v", rows)
	case whose["1000"] != whose["3000"], whose["4000"] != whose["6000"]:
		t.Errorf("one person is two: %v", whose)
	case whose["1000"] == whose["4000"], whose["5000"] != extract.Nobody, whose["4000"] == extract.Nobody:
		t.Errorf("two persons are one: %v", whose)
	}
}

// However a source is cut, and whoever counts, what would leave is counted, and nothing
// else.
func TestATabulationCountsWhatWouldLeave(t *testing.T) {
	for seed := range uint64(60) {
		r := rand.New(rand.NewPCG(seed, 9))
		d := counting()
		d.Unmatched = []dars.Unmatched{dars.Withhold, dars.ReleaseRow}[r.IntN(2)]
		source := "key,nhs,day,note,days\n"
		for n := range 50 + r.IntN(300) {
			field := func(of ...string) string { return of[r.IntN(len(of))] }
			source += fmt.Sprintf("%d,%s,%s,%s,%s\n", n, field(ann, bob, cat, dan, "", wrong), field("2001-05-01", "2002-05-01", ""),
				field("J45", "I10", `"J,1"`, `"a ""b"", c"`, ""), field("1", "2.5", "", "-99"))
		}
		sources := shelf{"visits.csv": []byte(source)}
		rows, err := tabulate(t, d, sources, func(j *extract.Job) { j.Pace(1+r.IntN(200), 1+r.IntN(4)) })
		if err != nil {
			t.Fatal(err)
		}
		bag, _, err := pack(t, d, sources, func(j *extract.Job) { j.Columns = []string{"day", "note", "days"} })
		if err != nil {
			t.Fatal(err)
		}
		left, err := csv.NewReader(strings.NewReader(string(bag[dataFile]))).ReadAll()
		if err != nil {
			t.Fatal(err)
		}
		want := map[string]int{}
		for _, row := range left[1:] {
			chapter, _ := d.Grouping("chapter")
			year, _ := d.Grouping("year")
			want[chapter.Names()[chapter.Of(row[1])]+"/200199/"+year.Names()[year.Of(row[0])]]++
		}
		got := map[string]int{}
		for _, row := range rows {
			got[row.groups]++
		}
		if !maps.Equal(got, want) {
			t.Fatalf("seed %d: told of %v, and %v would leave", seed, got, want)
		}
	}
}

// A row is told with the lists in which it may be counted: today's, and those of
// earlier answers. Who objects in all of them is never told of.
func TestATabulationKnowsEarlierLists(t *testing.T) {
	const head, bare = "key,nhs,day,note,days\n", 0b111
	direct := shelf{"visits.csv": []byte(head + "1," + ann + ",,J,1\n2," + bob + ",,J,2\n3," + cat + ",,J,3\n4," + dan + ",,J,4\n5," + wrong + ",,J,5\n")}
	index := shelf{
		"index.csv":  []byte("nhs,NUMBER\nk1," + ann + "\nk2," + bob + "\nk3," + cat + "\nk4," + dan + "\nk5,\nk6," + dan + "\nk6," + bob + "\nk7," + ann + "\nk7," + dan + "\n"),
		"visits.csv": []byte(head + "1,k1,,J,1\n2,k2,,J,2\n3,k3,,J,3\n4,k4,,J,4\n5,k5,,J,5\n6,k6,,J,6\n7,k7,,J,7\n"),
	}
	// Today bob and dan object; before bob and cat; before that bob alone.
	lists := []*extract.Objections{objections(t, bob, cat), objections(t, bob)}
	with := counting()
	with.Index = &dars.Index{File: "index.csv", Person: "nhs", NHSNumber: "NUMBER", AsAt: "2002-05-01"}
	tests := map[string]struct {
		dataset dars.Dataset
		sources shelf
		want    map[string]uint64
	}{
		"by number":         {counting(), direct, map[string]uint64{"1000": 0b111, "3000": 0b101, "4000": 0b110, "5000": 0b111}},
		"through the index": {with, index, map[string]uint64{"1000": 0b111, "3000": 0b101, "4000": 0b110, "5000": 0b111, "7000": 0b110}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			rows, err := tabulate(t, tt.dataset, tt.sources, func(j *extract.Job) {
				j.Objections, j.IndexCoverage, j.Dataset.Unmatched = objections(t, bob, dan), .5, dars.ReleaseRow
			}, lists...)
			if err != nil {
				t.Fatal(err)
			}
			got := map[string]uint64{}
			for _, r := range rows {
				got[r.number] = r.in & bare
			}
			if !maps.Equal(got, tt.want) {
				t.Errorf("told of %v, not of %v", got, tt.want)
			}
		})
	}
}
