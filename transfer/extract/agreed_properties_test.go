package extract_test

import (
	"bytes"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"darsd/dars"
	"darsd/transfer/extract"
)

// Packaged again from the same inputs, by as many hands as there happen to be, a
// release is the same bag byte for byte.
func TestPackagedAgainItIsTheSame(t *testing.T) {
	for seed := range uint64(40) {
		c := anyCase(seed+20_000, true)
		want, result := c.pack(t, func(j *extract.Job) { j.Pace(0, 1) })
		accounted(t, c, result)
		for _, hands := range []int{2, 5} {
			if got, _ := c.pack(t, func(j *extract.Job) { j.Pace(0, hands) }); !maps.EqualFunc(got, want, bytes.Equal) {
				t.Fatalf("seed %d: %d hands make another package\n%s", seed, hands, c)
			}
		}
	}
}

// accounted is balances where unmatched rows may be released, and of what the
// agreement leaves out.
func accounted(t *testing.T, c *agreedCase, result *extract.Result) {
	t.Helper()
	f := result.Files[0]
	kept := f.RowsOutside + f.RowsWithheld + f.RowsOut
	if c.upheld && c.dataset.Unmatched == dars.Withhold {
		kept += f.RowsUnmatched
	}
	if f.RowsIn != kept || len(f.Asked.Filters) != len(c.request.Rows) {
		t.Errorf("of %d rows some are nowhere, or twice: %+v", f.RowsIn, f)
	}
	asked := f.Asked.Cohort.Missing + f.Asked.Cohort.Others
	for _, filter := range f.Asked.Filters {
		asked += filter.Missing + filter.Others
	}
	if asked > f.RowsOutside || c.from == "" && c.to == "" && asked != f.RowsOutside {
		t.Errorf("%d rows are outside, and filters left out %d", f.RowsOutside, asked)
	}
}

// Wherever a source is cut into blocks, the same leaves. (Blocks smaller than a
// quarter of a row are few: the program takes such a row for a very large one, and
// tidies up its memory.)
func TestCutAtAnyPoint(t *testing.T) {
	cuts := 0
	for seed := uint64(30_000); cuts < 400; seed++ {
		c := anyCase(seed, true)
		c.output.Compression = "" // the pieces of a packed file are its blocks
		if len(c.source) > 2500 {
			continue
		}
		want, _ := c.pack(t, func(j *extract.Job) { j.Pace(1<<20, 1) })
		sizes := []int{1, 5, 19}
		for size := 40; size <= len(c.source); size += 7 {
			sizes = append(sizes, size)
		}
		for _, size := range append(sizes, len(c.source)) {
			if size == 0 {
				continue
			}
			cuts++
			if got, _ := c.pack(t, func(j *extract.Job) { j.Pace(size, 2) }); !bytes.Equal(got["data/x.csv"], want["data/x.csv"]) || !bytes.Equal(got["datapackage.json"], want["datapackage.json"]) {
				t.Fatalf("seed %d, in blocks of %d another file leaves\n%s", seed, size, c)
			}
		}
	}
}

// Nothing of a person who objects leaves, in whatever order the columns stand and
// whatever of them is asked for: each field of a row says whose it is.
func TestNothingOfObjectorsLeaves(t *testing.T) {
	rest := 0
	for seed := range uint64(120) {
		r := rand.New(rand.NewPCG(seed, 23))
		c := anyCase(seed+40_000, false)
		c.dataset.Format.Quoted, c.dataset.Format.Header, c.upheld = true, true, true
		c.request.Rows, c.request.Cohort, c.from, c.to = nil, nil, "", ""
		c.output = extract.Output{}
		r.Shuffle(len(c.columns), func(i, j int) { c.columns[i], c.columns[j] = c.columns[j], c.columns[i] })

		delimiter := c.dataset.Format.Delimiter
		c.source = []byte(strings.Join(c.columns, delimiter) + "\n")
		for range 60 {
			i := r.IntN(len(c.persons))
			fields := make([]string, len(c.columns))
			for k, name := range c.columns {
				fields[k] = []string{"<%d>", "\"<%d>\n\"", "\"\"\"<%d>\"\"\"", "\"" + delimiter + "<%d>\""}[r.IntN(4)]
				fields[k] = fmt.Sprintf(fields[k], i)
				if name == "PERSON" {
					fields[k] = c.persons[i].key
				}
			}
			c.source = append(c.source, strings.Join(fields, delimiter)+"\n"...)
		}

		plain := plainReading{agreedCase: c, objectors: map[string]bool{}}
		for line := range strings.Lines(string(c.list)) {
			plain.objectors[plainNumber(line)] = true
		}
		for _, cut := range []int{70, 333, 2000} {
			bag, _ := c.pack(t, func(j *extract.Job) { j.Pace(cut, 3) })
			for i, who := range c.persons {
				gone := slices.ContainsFunc(who.numbers, func(n string) bool { return plain.objectors[n] })
				there := bytes.Contains(bag["data/x.csv"], fmt.Appendf(nil, "<%d>", i))
				if gone && there {
					t.Fatalf("seed %d: person %d objects, and leaves\n%s", seed, i, c)
				}
				if there {
					rest++
				}
			}
		}
	}
	if rest < 500 {
		t.Errorf("%d persons were left: too few to say", rest)
	}
}

// In two refreshes of one agreement a person has one pseudonym, in two agreements
// two; and one row of either tells which it was.
func TestPseudonymsOfRefreshesAndAgreements(t *testing.T) {
	keys := map[string][]byte{}
	for i := range 50 {
		keys[fmt.Sprintf("DARS-NIC-%05d-AAAAA", i)] = slices.Concat([]byte{byte(i), 1}, make([]byte, 30))
	}
	const one, other = "DARS-NIC-00007-AAAAA", "DARS-NIC-00033-AAAAA"
	for seed := range uint64(25) {
		c := anyCase(seed+50_000, false)
		c.request = dars.DatasetRequest{Code: c.dataset.Code, Identifiability: "PSEUDO_ICO", Columns: []dars.Column{{Field: "PERSON", Derive: "pseudonym", As: "p"}, {Field: "NOTE"}}}
		c.from, c.to, c.upheld, c.dataset.Format.Quoted, c.dataset.Format.Header, c.output = "", "", false, true, true, extract.Output{}
		source := func(order []int) []byte {
			text := []byte(strings.Join(c.columns, c.dataset.Format.Delimiter) + "\n")
			for _, i := range order {
				fields := make([]string, len(c.columns))
				for k, name := range c.columns {
					fields[k] = map[string]string{"PERSON": c.persons[i].key, "NOTE": fmt.Sprint(i)}[name]
				}
				text = append(text, strings.Join(fields, c.dataset.Format.Delimiter)+"\n"...)
			}
			return text
		}
		everybody := make([]int, len(c.persons))
		for i := range everybody {
			everybody[i] = i
		}
		names := func(stem string, order []int) map[string]string {
			c.key, c.source = keys[stem], source(order)
			bag, _ := c.pack(t, nil)
			of := map[string]string{}
			for _, row := range plainRows(string(bag["data/x.csv"]), c.leaving())[1:] {
				if len(row[0]) == 32 {
					of[row[1]] = row[0]
				}
			}
			return of
		}
		first := names(one, everybody)
		slices.Reverse(everybody)
		refresh, elsewhere := names(one, everybody[:10]), names(other, everybody)
		if len(refresh) < 3 {
			t.Fatalf("seed %d: %d persons have pseudonyms", seed, len(refresh))
		}
		for i, name := range refresh {
			if first[i] != name {
				t.Fatalf("seed %d: person %s has two pseudonyms in one agreement", seed, i)
			}
		}
		all := slices.Collect(maps.Values(first))
		for i, name := range elsewhere {
			if slices.Contains(all, name) {
				t.Fatalf("seed %d: two agreements share a pseudonym", seed)
			}
			found, err := extract.TracePseudonyms([]byte(i+c.dataset.Format.Delimiter+name+"\n"), keys, []string{"episode", "person", "note"})
			if err != nil || len(found) != 1 || found[0].Stem != other || found[0].Kind != "person" {
				t.Fatalf("seed %d: of one row the trace says %v %v", seed, found, err)
			}
		}
	}
}
