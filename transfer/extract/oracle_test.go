package extract_test

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"darsd/dars"
	"darsd/transfer/extract"
)

// TestTheLaw packages random files whose every record is known before it is
// written, and compares what leaves, byte for byte, with what must.
func TestTheLaw(t *testing.T) {
	for seed := range uint64(400) {
		r := rand.New(rand.NewPCG(seed, 11))
		made := generate(r)
		list := objections(t, made.objectors...)
		bag, result, err := pack(t, made.dataset, shelf{"visits.csv": made.source, "index.csv": made.index}, func(j *extract.Job) {
			j.Objections, j.Columns, j.IndexCoverage = list, made.approved, 0
			j.Pace(1+r.IntN(300), 1+r.IntN(4))
		})
		if err != nil {
			t.Fatalf("seed %d: %v", seed, err)
		}
		if got := bag[dataFile]; !bytes.Equal(got, made.want) {
			t.Fatalf("seed %d: of\n%q\nleaves\n%q, not\n%q", seed, made.source, got, made.want)
		}
		f := result.Files[0]
		if got := [4]int64{f.RowsIn, f.RowsWithheld, f.RowsUnmatched, f.RowsOut}; got != made.counts {
			t.Fatalf("seed %d: counted %v, not %v", seed, got, made.counts)
		}
		if result.PersonsWithheld != made.withheld {
			t.Fatalf("seed %d: %d persons withheld, not %d", seed, result.PersonsWithheld, made.withheld)
		}
		verify(t, bag)
	}
}

// generated is a source, and what must leave of it.
type generated struct {
	dataset       dars.Dataset
	source, index []byte
	objectors     []string
	approved      []string
	want          []byte
	counts        [4]int64 // rows in, withheld, unmatched, out
	withheld      int
}

func generate(r *rand.Rand) (g generated) {
	quoted, header, direct := r.IntN(4) > 0, r.IntN(3) > 0, r.IntN(2) == 0
	delimiter := string(",|\t;"[r.IntN(4)])
	width := 1 + r.IntN(12)
	place := r.IntN(width)

	d := visits()
	d.Format = dars.Format{Delimiter: delimiter, Quoted: quoted, Header: header}
	d.Date, d.Fields = "", nil
	for i := range width {
		d.Fields = append(d.Fields, dars.Field{Name: fmt.Sprintf("C%d", i)})
	}
	d.Person = d.Fields[place].Name
	if r.IntN(2) == 0 {
		d.Unmatched = dars.ReleaseRow
	}
	if !direct {
		d.Index = &dars.Index{File: "index.csv", Person: "who", NHSNumber: "number", AsAt: "2003-01-01"}
	}

	// Persons: in a direct source a person is a number, else a key with several.
	type someone struct {
		key             string
		objects, nobody bool
		seen            bool
	}
	var persons []*someone
	g.index = []byte("who,number\n")
	numbers := validNumbers(80)
	for i := range 20 {
		who := &someone{key: fmt.Sprintf("K%d", i)}
		own := numbers[i*4 : i*4+r.IntN(4)]
		if direct {
			own = numbers[i*4 : i*4+r.IntN(2)]
			who.key = strings.Join(own, "")
			if who.key == "" && r.IntN(2) == 0 {
				who.key = numbers[i*4][:9] + string('0'+('9'-numbers[i*4][9])) // most often a wrong check digit
				if _, why := dars.ParseNHSNumber(who.key); why == "" {
					who.key = "none"
				}
			}
		}
		who.nobody = len(own) == 0
		for _, n := range own {
			g.index = fmt.Appendf(g.index, "%s,%s\n", who.key, n)
			if r.IntN(4) == 0 {
				g.objectors = append(g.objectors, n)
				who.objects = true
			}
		}
		if who.nobody && r.IntN(2) == 0 {
			g.index = fmt.Appendf(g.index, "%s,\n", who.key)
		}
		persons = append(persons, who)
	}

	keep := make([]bool, width)
	for i := range keep {
		keep[i] = r.IntN(2) == 0
	}
	keep[r.IntN(width)] = true
	if r.IntN(3) > 0 {
		for i := range keep {
			if keep[i] {
				g.approved = append(g.approved, d.Fields[i].Name)
			}
		}
		r.Shuffle(len(g.approved), func(i, j int) { g.approved[i], g.approved[j] = g.approved[j], g.approved[i] })
	} else {
		for i := range keep {
			keep[i] = true
		}
	}
	row := func(fields []string, end string, stays bool) {
		g.source = append(g.source, strings.Join(fields, delimiter)+end...)
		if !stays {
			return
		}
		var kept []string
		for i, field := range fields {
			if keep[i] {
				kept = append(kept, field)
			}
		}
		if end == "" && strings.Join(kept, delimiter) == "" {
			end = "\n" // or a reader would find no row there
		}
		g.want = append(g.want, strings.Join(kept, delimiter)+end...)
	}
	quote := func(field string) string {
		if quoted && r.IntN(3) == 0 {
			return `"` + field + `"`
		}
		return field
	}

	if r.IntN(4) == 0 {
		g.source, g.want = []byte("\xef\xbb\xbf"), []byte("\xef\xbb\xbf")
	}
	if header {
		var names []string
		for _, f := range d.Fields {
			names = append(names, quote(f.Name))
		}
		row(names, "\n", true)
	}
	rows := r.IntN(60)
	for n := range rows {
		who := persons[r.IntN(len(persons))]
		fields := make([]string, width)
		for i := range fields {
			fields[i] = value(r, quoted, delimiter, numbers, persons[0].key)
		}
		key := who.key
		if direct && !who.nobody && r.IntN(4) == 0 {
			key = key[:3] + " " + key[3:6] + "-" + key[6:]
		}
		fields[place] = quote(key)
		end := []string{"\n", "\n", "\r\n"}[r.IntN(3)]
		if n == rows-1 && r.IntN(2) == 0 && strings.Join(fields, delimiter) != "" {
			end = ""
		}
		g.counts[0]++
		stays := true
		switch {
		case who.objects:
			g.counts[1]++
			stays = false
			if !who.seen {
				g.withheld++
			}
			who.seen = true
		case who.nobody:
			g.counts[2]++
			stays = d.Unmatched == dars.ReleaseRow
		}
		if stays {
			g.counts[3]++
		}
		row(fields, end, stays)
	}
	g.dataset = d
	return g
}

// value is a field that means harm: what looks like a record of somebody else.
func value(r *rand.Rand, quoted bool, delimiter string, numbers []string, key string) string {
	if !quoted {
		return []string{"", "x", `"`, `a "b" c`, " ", "é", numbers[r.IntN(len(numbers))], "'", "a\rb"}[r.IntN(9)]
	}
	switch r.IntN(4) {
	case 0:
		return ""
	case 1:
		return []string{"x", "a long value that is longer than eight bytes", " ", "é", "'", "a\rb"}[r.IntN(6)]
	}
	var b strings.Builder
	b.WriteByte('"')
	for range r.IntN(8) {
		b.WriteString([]string{delimiter, `""`, "\n", "\r\n", "\r", "x", numbers[r.IntN(len(numbers))], key, "\n1" + delimiter + numbers[0] + delimiter, "é", "\t"}[r.IntN(11)])
	}
	b.WriteByte('"')
	return b.String()
}

// validNumbers are the first of the range that is never issued.
func validNumbers(n int) (numbers []string) {
	for stem := 9990000000; len(numbers) < n; stem += 10 {
		for digit := range 10 {
			if s := fmt.Sprint(stem + digit); valid(s) {
				numbers = append(numbers, s)
			}
		}
	}
	return numbers
}

func valid(number string) bool { _, why := dars.ParseNHSNumber(number); return why == "" }

// The published artificial sample, with an index and objectors of our own,
// against encoding/csv and line numbers: the sample has no line end in quotes,
// so its rows are its lines.
func TestArtificialHES(t *testing.T) {
	dir := os.Getenv("DARSD_TESTDATA")
	if dir == "" {
		t.Skip("DARSD_TESTDATA is not set: it names the folder of the test data")
	}
	text, err := os.ReadFile(filepath.Join(dir, "hes-artificial", "artificial_hes_apc_0102_truncated.csv"))
	if err != nil {
		t.Fatal(err)
	}
	rows, err := csv.NewReader(bytes.NewReader(text)).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	person := slices.Index(rows[0], "PSEUDO_HESID")
	numbers, index, gone := map[string]string{}, []byte("PSEUDO_HESID|NHS\n"), map[string]bool{}
	unused := validNumbers(2000)
	var list []string
	for _, row := range rows[1:] {
		if who := row[person]; numbers[who] == "" {
			numbers[who] = unused[len(numbers)]
			index = fmt.Appendf(index, "%s|%s\n", who, numbers[who])
			if len(numbers)%9 == 0 {
				gone[who] = true
				list = append(list, numbers[who])
			}
		}
	}
	var want []byte
	withheld := int64(0)
	for i, line := range bytes.SplitAfter(text, []byte("\n"))[:len(rows)] {
		if i > 0 && gone[rows[i][person]] {
			withheld++
			continue
		}
		want = append(want, line...)
	}

	d := visits()
	d.Person, d.Date, d.Fields = "PSEUDO_HESID", "EPISTART", nil
	d.Index = &dars.Index{File: "index.csv", Person: "PSEUDO_HESID", NHSNumber: "NHS", AsAt: "2003-01-01"}
	sources := shelf{"visits.csv": text, "index.csv": index}
	bag, result, err := pack(t, d, sources, func(j *extract.Job) { j.Objections, j.IndexCoverage = objections(t, list...), 1 })
	if err != nil {
		t.Fatal(err)
	}
	if f := result.Files[0]; !bytes.Equal(bag[dataFile], want) || f.RowsWithheld != withheld || withheld < 100 || result.PersonsWithheld != len(gone) {
		t.Errorf("%+v: %d bytes leave, not %d", result, len(bag[dataFile]), len(want))
	}
	verify(t, bag)

	// And of approved columns, cell by cell.
	approved := []string{"FYEAR", "PSEUDO_HESID", "DIAG_4_CONCAT", "OPERTN_4_01", "NER_TREATMENT"}
	bag, _, err = pack(t, d, sources, func(j *extract.Job) {
		j.Objections, j.Columns = objections(t, list...), approved
	})
	if err != nil {
		t.Fatal(err)
	}
	got, err := csv.NewReader(bytes.NewReader(bag[dataFile])).ReadAll()
	if err != nil || !slices.Equal(got[0], approved) {
		t.Fatalf("%v: %v", err, got[0])
	}
	n := 0
	for _, row := range rows {
		if gone[row[person]] {
			continue
		}
		for i, name := range approved {
			if row[slices.Index(rows[0], name)] != got[n][i] {
				t.Fatalf("row %d, %s: %q", n, name, got[n][i])
			}
		}
		n++
	}
	if n != len(got) {
		t.Errorf("%d rows leave, not %d", len(got), n)
	}
}

// FuzzPack: whatever the source, no panic; the rows are accounted for; nothing
// of an objector leaves, as encoding/csv reads it.
func FuzzPack(f *testing.F) {
	f.Add([]byte("key,nhs,day,note\n1,"+ann+",,\"a\n\"\"b\"\r\n2,"+bob+",,x\n"), true)
	f.Add([]byte("\xef\xbb\xbfkey,nhs,day,note\r\n1,,,\n2,"+bob+",\",x"), false)
	f.Add([]byte(" nhs,0\xff"), false)
	list := objections(f, bob)
	f.Fuzz(func(t *testing.T, source []byte, quoted bool) {
		d := visits()
		d.Format.Quoted = quoted
		bag := shelf{}
		result, err := extract.Pack(t.Context(), extract.Job{
			Dataset: d, Uphold: true, Objections: list, Files: []extract.File{{ID: "FILE0000001", Period: "200199", Name: "x.csv"}},
			Open: func(string) (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(source)), nil }, Create: bag.create, Key: office,
			Release: func(*extract.Result) any {
				return map[string]any{"objections": map[string]any{"applied": true, "list_date": "2026-03-29", "list_sha256": strings.Repeat("0", 64)}}
			},
		})
		if err != nil {
			return
		}
		c := result.Files[0]
		if c.RowsIn != c.RowsWithheld+c.RowsUnmatched+c.RowsOut {
			t.Fatalf("%+v", c)
		}
		verify(t, bag)
		if !quoted {
			return
		}
		rows, err := csv.NewReader(bytes.NewReader(bytes.TrimPrefix(bag["data/x.csv"], []byte("\xef\xbb\xbf")))).ReadAll()
		if err != nil || int64(len(rows)) != c.RowsOut+1 {
			t.Fatalf("%v, %d rows of %+v in %q", err, len(rows), c, bag["data/x.csv"])
		}
		nhs := slices.IndexFunc(rows[0], func(name string) bool { return strings.TrimSpace(strings.Trim(name, `'"`)) == "nhs" })
		for _, row := range rows[1:] {
			if n, why := dars.ParseNHSNumber(row[max(nhs, 0)]); why == "" && list.Has(n) {
				t.Fatalf("an objector's row leaves: %q", bag["data/x.csv"])
			}
		}
	})
}
