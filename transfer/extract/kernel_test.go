package extract_test

import (
	"bytes"
	"context"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"

	"darsd/dars"
	"darsd/transfer/extract"
)

const head = "key,nhs,day,note\n"

// packed is what a job makes of a source: its bytes and counts, or why not.
func packed(t testing.TB, d dars.Dataset, sources shelf, change func(*extract.Job)) string {
	t.Helper()
	var aside made
	bag, result, err := pack(t, d, sources, func(j *extract.Job) {
		j.Quarantine = func() (io.WriteCloser, error) { return &aside, nil }
		aside.shelf = shelf{}
		if change != nil {
			change(j)
		}
	})
	if err != nil {
		return "refused: " + err.Error()
	}
	return fmt.Sprintf("%+v\n%q\n%q", result, bag[dataFile], aside.Bytes())
}

// However a source is cut and whoever works on it, the same leaves, the same is
// counted, and the same is refused in the same words.
func TestChunksMakeNoDifference(t *testing.T) {
	refused := 0
	for seed := range uint64(300) {
		r := rand.New(rand.NewPCG(seed, 5))
		d := visits()
		d.Unmatched = dars.ReleaseRow
		if r.IntN(2) == 0 {
			d.Malformed = dars.Quarantine
		}
		source := []byte(head)
		for n := range r.IntN(80) {
			field := func() string {
				return []string{"", "x", `"a,b"`, "\"l\nm\"", `""`, `"a""b"`, "\"\r\n\"", "long and longer and longer", "é"}[r.IntN(9)]
			}
			row := fmt.Sprintf("%d,%s,%s,%s", n, []string{ann, bob, cat, ""}[r.IntN(4)], field(), field())
			switch r.IntN(40) {
			case 0:
				row += []string{`"`, ",", `x"y`, `,"`, "\n"}[r.IntN(5)]
			case 1:
				row = "\"" + row
			}
			source = append(source, row+[]string{"\n", "\r\n"}[r.IntN(2)]...)
		}
		sources := shelf{"visits.csv": source}
		want := packed(t, d, sources, func(j *extract.Job) { j.Pace(1<<20, 1) })
		if strings.HasPrefix(want, "refused") {
			refused++
		}
		for range 6 {
			chunk, workers := 1+r.IntN(200), 1+r.IntN(5)
			if got := packed(t, d, sources, func(j *extract.Job) { j.Pace(chunk, workers) }); got != want {
				t.Fatalf("seed %d, chunks of %d, %d workers:\n%s\nat once:\n%s\nof %q", seed, chunk, workers, got, want, source)
			}
		}
	}
	if refused < 30 || refused > 250 {
		t.Errorf("%d of 300 sources were refused: too few or too many to say", refused)
	}
}

// The whole package is the same, byte for byte, packed or not.
func TestSameBytesWhoeverWorks(t *testing.T) {
	source := []byte(head)
	for n := range 40_000 {
		source = fmt.Appendf(source, "%d,%s,2001-04-01,\"row %d, of many\"\n", n, []string{ann, bob, cat}[n%3], n)
	}
	for _, compression := range []string{"none", "gzip", "zstd"} {
		var first shelf
		for _, workers := range []int{1, 2, 7} {
			bag, _, err := pack(t, visits(), shelf{"visits.csv": source}, func(j *extract.Job) {
				j.Output.Compression = compression
				j.Pace(64<<10, workers)
			})
			if err != nil {
				t.Fatal(err)
			}
			verify(t, bag)
			if first == nil {
				first = bag
			}
			if !maps.EqualFunc(bag, first, bytes.Equal) {
				t.Errorf("%s: %d workers make another package than one", compression, workers)
			}
		}
	}
}

func unpack(t testing.TB, compression string, b []byte) []byte {
	t.Helper()
	var r io.Reader = bytes.NewReader(b)
	var err error
	switch compression {
	case "gzip":
		var z *gzip.Reader
		if z, err = gzip.NewReader(r); err == nil {
			z.Multistream(false) // one member: some programs read no more
			r = z
		}
	case "zstd":
		r, err = zstd.NewReader(r)
	}
	if err != nil {
		t.Fatal(err)
	}
	text, err := io.ReadAll(r)
	if err != nil {
		t.Fatalf("%s: %v", compression, err)
	}
	return text
}

func TestPackedSourcesAndOutput(t *testing.T) {
	text := []byte(head)
	for n := range 3000 {
		text = fmt.Appendf(text, "%d,%s,,%d\r\n", n, []string{ann, bob}[n%2], n*n)
	}
	encoder, _ := zstd.NewWriter(nil)
	sources := map[string][]byte{"none": text, "gzip": []byte(zip(string(text))), "zstd": encoder.EncodeAll(text[5000:], encoder.EncodeAll(text[:5000], nil))}
	plain, _, err := pack(t, visits(), shelf{"visits.csv": text}, nil)
	if err != nil {
		t.Fatal(err)
	}
	for in, source := range sources {
		for _, out := range []string{"none", "gzip", "zstd"} {
			bag, _, err := pack(t, visits(), shelf{"visits.csv": source}, func(j *extract.Job) {
				j.Dataset.Format.Compression, j.Output.Compression = in, out
				j.Pace(9999, 3)
			})
			if err != nil {
				t.Fatalf("%s to %s: %v", in, out, err)
			}
			if !bytes.Equal(unpack(t, out, bag[dataFile]), plain[dataFile]) {
				t.Errorf("%s to %s: something else leaves", in, out)
			}
			if says := strings.Contains(string(bag["datapackage.json"]), `"compression": "`+map[string]string{"gzip": "gz", "zstd": "zst"}[out]); says != (out != "none") {
				t.Errorf("of %s the description says\n%s", out, bag["datapackage.json"])
			}
		}
	}
	for name, source := range map[string][]byte{"cut": sources["zstd"][:900], "altered": slices.Concat(sources["zstd"][:900], []byte("xxx"), sources["zstd"][903:]), "no zstd": text} {
		_, _, err := pack(t, visits(), shelf{"visits.csv": source}, func(j *extract.Job) { j.Dataset.Format.Compression = "zstd" })
		var no *dars.Refusal
		if !errors.As(err, &no) || no.Rule != "source-malformed" {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, _, err := pack(t, visits(), shelf{"visits.csv": sources["zstd"]}, nil); err == nil || !strings.Contains(err.Error(), "it is a zstd file") {
		t.Errorf("not announced: %v", err)
	}
	// No rows and no header: still a file of its kind.
	for _, out := range []string{"gzip", "zstd"} {
		d := visits()
		d.Format.Header = false
		bag, _, err := pack(t, d, shelf{"visits.csv": nil}, func(j *extract.Job) { j.Output.Compression = out })
		if err != nil || len(unpack(t, out, bag[dataFile])) != 0 || len(bag[dataFile]) == 0 {
			t.Errorf("of an empty file by %s: %v %q", out, err, bag[dataFile])
		}
	}
}

// With another character between the fields, the values are the same.
func TestAnotherDelimiter(t *testing.T) {
	for seed := range uint64(100) {
		r := rand.New(rand.NewPCG(seed, 7))
		quoted := r.IntN(2) == 0
		d := visits()
		d.Format.Quoted = quoted
		source := head
		var want [][]string
		for n := range r.IntN(30) {
			value := []string{"", "x", "a|b", `say "no"`, "é", "a;b", `"`, "|"}[r.IntN(8)]
			written := value
			if quoted && (r.IntN(2) == 0 || strings.Contains(value, `"`)) {
				value += []string{"", "\n", ","}[r.IntN(3)]
				written = `"` + strings.ReplaceAll(value, `"`, `""`) + `"`
			}
			source += fmt.Sprintf("%d,%s,,%s\n", n, ann, written)
			want = append(want, []string{strconv.Itoa(n), ann, "", value})
		}
		bag, _, err := pack(t, d, shelf{"visits.csv": []byte(source)}, func(j *extract.Job) { j.Output.Delimiter = "|"; j.Pace(50, 2) })
		if err != nil {
			t.Fatal(err)
		}
		c := csv.NewReader(bytes.NewReader(bag[dataFile]))
		c.Comma = '|'
		got, err := c.ReadAll()
		if err != nil || len(got) == 0 || strings.Join(got[0], ",")+"\n" != head || !slices.EqualFunc(got[1:], want, slices.Equal) {
			t.Fatalf("seed %d: %v\n%q\nnot %q", seed, err, got, want)
		}
		if text := string(bag["datapackage.json"]); !strings.Contains(text, `"delimiter": "|"`) || !strings.Contains(text, `"quoteChar": "\""`) {
			t.Errorf("%s", text)
		}
	}
}

// Rows that a filter does not want are outside, and their persons not counted.
func TestFilters(t *testing.T) {
	bag, r, err := pack(t, visits(), shelf{"visits.csv": []byte(head + "1," + ann + ",,\"x\"\r\n2," + bob + ",,y\r\n3," + bob + ",,x\n4," + cat + ",,x")}, func(j *extract.Job) {
		j.Terms.Rows = []dars.RowFilter{{Fields: []string{"note"}, Codes: []string{"x"}}, {Fields: []string{"key"}, Codes: []string{"3"}, Not: true}}
	})
	if want := head + "1," + ann + ",,\"x\"\r\n4," + cat + ",,x"; err != nil || string(bag[dataFile]) != want {
		t.Errorf("%v: %q leaves, not %q", err, bag[dataFile], want)
	}
	if f := r.Files[0]; f.RowsOutside != 2 || f.RowsWithheld != 0 || f.RowsOut != 2 || r.PersonsWithheld != 0 {
		t.Errorf("%+v", r)
	}
}

// What is made stands where it was asked for, and in quotes if it must.
func TestMadeColumns(t *testing.T) {
	d := visits()
	d.Fields[3].Holds = "area"
	d.Tables = []dars.AreaTable{{Name: "TWICE", File: "twice.csv", From: "ONCE", To: "TWICE"}}
	twice, err := extract.ReadAreas(strings.NewReader("ONCE,TWICE\nx,\"x,x\"\ny,\"y,y\"\n"), d.Tables[0])
	if err != nil {
		t.Fatal(err)
	}
	by := func(areas *extract.Areas) func(*extract.Job) {
		return func(j *extract.Job) {
			j.Tables = map[string]*extract.Areas{"TWICE": areas}
			j.Terms = dars.DatasetRequest{Identifiability: "IDENT", Columns: []dars.Column{{Field: "key"}, {Field: "note", Derive: "area", Table: "TWICE", As: "twice"}, {Field: "nhs"}}}
		}
	}
	sources := shelf{"visits.csv": []byte(head + "1," + ann + ",,x\r\n2," + bob + ",,y\r\n3," + cat + ",,\n")}
	bag, _, err := pack(t, d, sources, by(twice))
	if want := "key,twice,nhs\n1,\"x,x\"," + ann + "\r\n3,," + cat + "\n"; err != nil || string(bag[dataFile]) != want {
		t.Errorf("%v: %q leaves, not %q", err, bag[dataFile], want)
	}
	if _, _, err := pack(t, d, sources, by(extract.BrokenAreas("x"))); err == nil || !strings.Contains(err.Error(), "a fault of the program") || strings.Contains(err.Error(), ann) {
		t.Errorf("after a panic: %v", err)
	}
	d.Format.Quoted = false
	if _, _, err := pack(t, d, sources, by(twice)); err == nil || !strings.Contains(err.Error(), "line 2, byte 17: a field that was made would need quotes") {
		t.Errorf("where there are no quotes: %v", err)
	}
}

func TestFilesOfOnePeriod(t *testing.T) {
	d := visits()
	d.Files[0].More = []string{"b.csv", "c.csv"}
	sources := shelf{
		"visits.csv": []byte("\xef\xbb\xbf" + strings.ReplaceAll(head, "\n", "\r\n") + "1," + ann + ",,x"),
		"b.csv":      []byte("\"key\",nhs,day,note\n"),
		"c.csv":      []byte("\xef\xbb\xbf" + head + "2," + bob + ",,x\n3," + cat + ",,\"last\""),
	}
	const want = "\xef\xbb\xbfkey,nhs,day,note\r\n1," + ann + ",,x\r\n3," + cat + ",,\"last\""
	for _, chunk := range []int{7, 1 << 20} {
		bag, r, err := pack(t, d, sources, func(j *extract.Job) { j.Pace(chunk, 2) })
		if err != nil || string(bag[dataFile]) != want || r.Files[0].RowsIn != 3 {
			t.Errorf("%v: %q leaves, of %+v", err, bag[dataFile], r)
		}
	}
	for text, says := range map[string]string{
		"key,nhs,note,day\n":          "(c.csv): line 1: its column 3 is not that of visits.csv",
		"key,nhs,day\n":               "(c.csv): line 1: its column 4 is not that of visits.csv",
		"key,nhs,day,note,more\n":     "(c.csv): line 1: it has 5 columns, and visits.csv has 4",
		head + "1,2,3,4\n1,2\n":       "(c.csv): line 3, byte 25: it has 2 fields",
		head + "1,2,3,4\n\"\n1,2,3,4": "(c.csv): line 3, byte 25: a quoted field that begins here is never closed",
	} {
		sources["c.csv"] = []byte(text)
		if _, _, err := pack(t, d, sources, func(j *extract.Job) { j.Pace(11, 2) }); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%q: %v", text, err)
		}
	}
	delete(sources, "c.csv")
	if _, _, err := pack(t, d, sources, nil); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("a file that is not there: %v", err)
	}
}

func TestQuarantine(t *testing.T) {
	d := visits()
	d.Malformed = dars.Quarantine
	row := func(fields ...string) string { return `"` + strings.Join(fields, `","`) + `"` }
	source := head + row("1", ann, "", "x") + "\n" + row("2", bob, "", "x", "") + "\n\n" + row("3", cat, "a\n\"\"b") + "\r\n" + row("5", ann, "", "y") + "\n" + row("6", bob, "", "x")
	var aside made
	aside.shelf = shelf{}
	keep := func(j *extract.Job) { j.Quarantine = func() (io.WriteCloser, error) { return &aside, nil } }
	bag, r, err := pack(t, d, shelf{"visits.csv": []byte(source)}, keep)
	if err != nil {
		t.Fatal(err)
	}
	verify(t, bag)
	if want := head + row("1", ann, "", "x") + "\n" + row("5", ann, "", "y") + "\n"; string(bag[dataFile]) != want {
		t.Errorf("%q leaves", bag[dataFile])
	}
	if f := r.Files[0]; f.RowsQuarantined != 3 || f.RowsIn != 6 || f.RowsWithheld != 1 || f.RowsOut != 2 {
		t.Errorf("%+v", f)
	}
	rows, err := csv.NewReader(bytes.NewReader(aside.shelf[""])).ReadAll()
	var got []string
	for _, row := range rows {
		got = append(got, strings.Join(row[:3], " ")+" "+row[4])
	}
	want := []string{"source line byte row", "visits.csv 3 41 " + row("2", bob, "", "x", "") + "\n", "visits.csv 4 68 \n", "visits.csv 5 69 " + row("3", cat, "a\n\"\"b") + "\n"} // the reader makes CRLF LF
	if err != nil || !slices.Equal(got, want) {
		t.Errorf("%v: put aside is\n%q, not\n%q", err, got, want)
	}
	for name := range bag {
		if strings.Contains(name, "quarantine") {
			t.Errorf("%s is in the package", name)
		}
	}
	if counted, err := extract.Count(t.Context(), extract.Job{Dataset: d, Files: []extract.File{{Period: "200199", Name: "x"}}, Objections: objections(t, bob), Uphold: true,
		Open: shelf{"visits.csv": []byte(source)}.open}); err != nil || counted.Files[0].RowsQuarantined != 3 {
		t.Errorf("Count: %v %+v", err, counted)
	}

	good, bad := strings.Repeat(row("1", ann, "", "x")+"\n", 100), row("1", ann, "", "x", "")+"\n"
	for name, tt := range map[string]struct{ source, says string }{
		"ten of few":        {head + good + strings.Repeat(bad, 10), ""},
		"more than one %":   {head + good + strings.Repeat(bad, 11), "11 of its 111 rows are malformed"},
		"a thousand":        {head + strings.Repeat(good, 1200) + strings.Repeat(bad, 1000), ""},
		"more than that":    {head + strings.Repeat(good, 1200) + strings.Repeat(bad, 1001), "with it more than 1000 rows"},
		"a quote never end": {head + good + "\"1\",\"" + ann + "\",\"\",\"x\n", "never closed"},
	} {
		for _, chunk := range []int{1000, 1 << 20} {
			_, _, err := pack(t, d, shelf{"visits.csv": []byte(tt.source)}, func(j *extract.Job) { keep(j); j.Pace(chunk, 2) })
			if (err != nil) != (tt.says != "") || err != nil && !strings.Contains(err.Error(), tt.says) {
				t.Errorf("%s: %v", name, err)
			}
		}
	}
	full := errors.New("disk full")
	if _, _, err := pack(t, d, shelf{"visits.csv": []byte(source)}, func(j *extract.Job) {
		j.Quarantine = func() (io.WriteCloser, error) { return failing{full}, nil }
	}); !errors.Is(err, full) {
		t.Errorf("a quarantine that cannot be written: %v", err)
	}
	if _, _, err := pack(t, d, shelf{"visits.csv": []byte(source)}, nil); err == nil || !strings.Contains(err.Error(), "nowhere to put") {
		t.Errorf("no quarantine: %v", err)
	}
}

func TestWindows1252(t *testing.T) {
	d := visits()
	d.Format.Encoding = "Windows-1252"
	d.Fields[3] = dars.Field{Name: "Größe", Missing: []string{"–"}}
	const text = "key,nhs,day,Gr\xf6\xdfe\n1," + ann + ",,caf\xe9 \x80\n2,999\xa0000\xa00026,,\x96\n3,,,x\n"
	bag, r, err := pack(t, d, shelf{"visits.csv": []byte(text)}, func(j *extract.Job) { j.Columns = []string{"key", "Größe"} })
	if err != nil {
		t.Fatal(err)
	}
	if want := "key,Gr\xf6\xdfe\n1,caf\xe9 \x80\n"; string(bag[dataFile]) != want || r.Files[0].RowsWithheld != 1 || r.Columns[1] != "Größe" {
		t.Errorf("%q leaves, of %+v", bag[dataFile], r)
	}
	if says := string(bag["datapackage.json"]); !strings.Contains(says, `"encoding": "windows-1252"`) || !strings.Contains(says, `"name": "Größe"`) {
		t.Errorf("%s", says)
	}
	if _, _, err := pack(t, d, shelf{"visits.csv": []byte("\xef\xbb\xbf" + text)}, nil); err == nil || !strings.Contains(err.Error(), "the mark of UTF-8") {
		t.Errorf("with the mark of UTF-8: %v", err)
	}
}

// What is large, or holds every byte there is.
func TestExtremes(t *testing.T) {
	t.Run("1,000 columns", func(t *testing.T) {
		d := visits()
		d.Fields = nil
		names, row := []string{"nhs"}, []string{ann}
		for n := range 999 {
			names, row = append(names, fmt.Sprintf("C%d", n)), append(row, fmt.Sprintf("v%d", n))
		}
		d.Date = ""
		text := strings.Join(names, ",") + "\n" + strings.Repeat(strings.Join(row, ",")+"\n", 300)
		bag, _, err := pack(t, d, shelf{"visits.csv": []byte(text)}, func(j *extract.Job) { j.Columns = []string{"C998", "C0"} })
		if want := "C0,C998\n" + strings.Repeat("v0,v998\n", 300); err != nil || string(bag[dataFile]) != want {
			t.Errorf("%v: %.100q leaves", err, bag[dataFile])
		}
	})
	t.Run("a row of 64 MiB", func(t *testing.T) {
		row := "1," + ann + ",,\"" + strings.Repeat("a,\n", 22<<20)
		row = row[:64<<20-2] + "\"\n"
		text := head + "0," + ann + ",,\n" + row + "2," + ann + ",,\n"
		bag, _, err := pack(t, visits(), shelf{"visits.csv": []byte(text)}, nil)
		if err != nil || string(bag[dataFile]) != text {
			t.Errorf("%v: %d bytes leave of %d", err, len(bag[dataFile]), len(text))
		}
		_, _, err = pack(t, visits(), shelf{"visits.csv": []byte(strings.Replace(text, "a,", "aa,", 1))}, nil)
		if err == nil || !strings.Contains(err.Error(), "line 3, byte 32: a record of more than 64 MiB") {
			t.Errorf("one byte more: %v", err)
		}
	})
	t.Run("a row of delimiters", func(t *testing.T) {
		text := head + strings.Repeat(",", 8<<20) + "\n"
		if _, _, err := pack(t, visits(), shelf{"visits.csv": []byte(text)}, nil); err == nil || !strings.Contains(err.Error(), "line 2, byte 17: more than 100,000 fields") {
			t.Errorf("%v", err)
		}
	})
	t.Run("every byte", func(t *testing.T) {
		var all []byte
		for c := range 256 {
			if c != '"' {
				all = append(all, byte(c))
			}
		}
		text := fmt.Sprintf("%s1,%s,,\"%s\"\n", head, ann, bytes.Repeat(all, 5))
		bag, _, err := pack(t, visits(), shelf{"visits.csv": []byte(text)}, nil)
		if err != nil || string(bag[dataFile]) != text {
			t.Errorf("%v: %q leaves", err, bag[dataFile])
		}
		if strings.Contains(string(bag["datapackage.json"]), "utf-8") {
			t.Error("the description calls it UTF-8")
		}
	})
}

// The public collection of hard cases, through the whole of packaging.
func TestCSVSpectrumLeavesAsItIs(t *testing.T) {
	dir := os.Getenv("DARSD_TESTDATA")
	if dir == "" {
		t.Skip("DARSD_TESTDATA is not set: it names the folder of the test data")
	}
	files, _ := filepath.Glob(filepath.Join(dir, "csv-spectrum", "csvs", "*.csv"))
	if len(files) < 12 {
		t.Fatalf("there are %d files in the collection", len(files))
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		answer, err := os.ReadFile(filepath.Join(dir, "csv-spectrum", "json", strings.TrimSuffix(filepath.Base(file), "csv")+"json"))
		if err != nil {
			t.Fatal(err)
		}
		var rows []json.RawMessage
		if json.Unmarshal(answer, &rows) != nil {
			rows = make([]json.RawMessage, 1) // one of them is not in a list
		}
		first, _, _ := strings.Cut(string(text), "\n")
		name, _, _ := strings.Cut(strings.TrimSpace(first), ",")
		d := visits()
		d.Date, d.Fields, d.Unmatched = "", nil, dars.ReleaseRow
		d.Person = strings.Trim(name, `"`)
		d.Format.Quoted = !strings.HasPrefix(filepath.Base(file), "location_coordinates")
		for _, chunk := range []int{5, 1 << 20} {
			bag, r, err := pack(t, d, shelf{"visits.csv": text}, func(j *extract.Job) { j.Pace(chunk, 2) })
			if err != nil || !bytes.Equal(bag[dataFile], text) || r.Files[0].RowsOut != int64(len(rows)) {
				t.Errorf("%s: %v, %+v\n%q leaves, not\n%q", filepath.Base(file), err, r, bag[dataFile], text)
			}
		}
	}
}

func TestProgress(t *testing.T) {
	source := []byte(head + strings.Repeat("1,"+ann+",,x\n", 1<<20))
	calls, last := 0, int64(0)
	_, _, err := pack(t, visits(), shelf{"visits.csv": source}, func(j *extract.Job) {
		j.Pace(64<<10, 2) // so that reading is never far ahead of what is told
		j.Size = func(string) int64 { return int64(len(source)) }
		j.Progress = func(p extract.Progress) {
			if p.Read <= last || p.Read > p.Total || p.Total != int64(len(source)) || p.Rows <= 0 || p.Rows > 1<<20 {
				t.Errorf("%+v, after %d bytes", p, last)
			}
			calls, last = calls+1, p.Read
		}
	})
	if err != nil || calls < 2 || calls > 10 {
		t.Errorf("%v: told %d times", err, calls)
	}
}

// Of an endless source the job ends when it is asked to, and nothing goes on
// behind it.
func TestStopsInTheMiddle(t *testing.T) {
	ctx, stop := context.WithCancelCause(t.Context())
	enough := errors.New("enough")
	var rows atomic.Int64
	_, err := extract.Count(ctx, extract.Job{Dataset: visits(), Files: []extract.File{{Period: "200199", Name: "x"}}, Objections: &extract.Objections{}, Uphold: true,
		Open: func(string) (io.ReadCloser, error) {
			return io.NopCloser(io.MultiReader(strings.NewReader(head), reading(func(b []byte) (int, error) {
				if rows.Add(1) == 1000 {
					stop(enough)
				}
				return copy(b, "1,"+ann+",,x\n"), nil
			}))), nil
		}})
	if !errors.Is(err, enough) {
		t.Errorf("%v", err)
	}
	at := rows.Load()
	runtime.Gosched()
	if rows.Load() != at {
		t.Error("it is still read")
	}
}

type reading func([]byte) (int, error)

func (r reading) Read(b []byte) (int, error) { return r(b) }

// Rows are those of Pack, without a package around them.
func TestRows(t *testing.T) {
	sources := shelf{"visits.csv": []byte(head + "1," + ann + ",,x\n2," + bob + ",,x\n")}
	bag := shelf{}
	var want shelf
	_, _, err := pack(t, visits(), sources, func(j *extract.Job) {
		alone := *j
		alone.Create, alone.Key = bag.create, nil
		if r, err := extract.Rows(t.Context(), alone); err != nil || r.Files[0].RowsWithheld != 1 || r.Files[0].SHA512 != "" {
			t.Errorf("%v %+v", err, r)
		}
	})
	want, _, _ = pack(t, visits(), sources, nil)
	if err != nil || len(bag) != 1 || !bytes.Equal(bag[dataFile], want[dataFile]) {
		t.Errorf("%v: %q", err, bag)
	}
}

// FuzzChunks: however a source is cut, the same leaves and the same is refused.
func FuzzChunks(f *testing.F) {
	f.Add([]byte("1,"+ann+",,\"a\n\"\"b\"\r\n2,"+bob+",,x\n"), 7, true, false)
	f.Add([]byte("1,,,\"\n2,,,\"x\n\"\n3,,,\n4,\"\",,\n"), 3, true, true)
	f.Add([]byte("1,,,\"\r\r\n"), 64, false, true)
	f.Fuzz(func(t *testing.T, rows []byte, chunk int, quoted, aside bool) {
		d := visits()
		d.Format.Quoted, d.Unmatched = quoted, dars.ReleaseRow
		if aside {
			d.Malformed = dars.Quarantine
		}
		sources := shelf{"visits.csv": append([]byte(head), rows...)}
		want := packed(t, d, sources, func(j *extract.Job) { j.Pace(1<<20, 1) })
		if got := packed(t, d, sources, func(j *extract.Job) { j.Pace(max(1, min(chunk, 5000)), 2) }); got != want {
			t.Fatalf("in chunks of %d\n%s\nat once\n%s", chunk, got, want)
		}
	})
}

// FuzzFilesFromOutside: an index, and files that are packed, may hold anything.
func FuzzFilesFromOutside(f *testing.F) {
	encoder, _ := zstd.NewWriter(nil)
	f.Add([]byte(zip(head+"1,A,,x\n")), []byte("nhs,NUMBER\nA,"+ann+"\n"), "gzip")
	f.Add(encoder.EncodeAll([]byte(head+"1,A,,x\n"), nil), encoder.EncodeAll([]byte("nhs|NUMBER\n\"A\"|"+bob), nil), "zstd")
	f.Add([]byte(head), []byte(zip("nhs,NUMBER\n")), "none")
	f.Fuzz(func(t *testing.T, source, index []byte, compression string) {
		if compression != "gzip" && compression != "zstd" {
			compression = "none"
		}
		d := indexed()
		d.Format.Compression = compression
		bag, _, err := pack(t, d, shelf{"visits.csv": source, "index.csv": index}, nil)
		var no *dars.Refusal
		if err != nil && !errors.As(err, &no) {
			t.Fatalf("what is wrong with a file is no fault of the office: %v", err)
		}
		if err == nil {
			verify(t, bag)
		}
	})
}

// An index takes its time, and the job still ends when it is asked to.
func TestStopsInTheIndex(t *testing.T) {
	ctx, stop := context.WithCancelCause(t.Context())
	enough := errors.New("enough")
	rows := 0
	_, err := extract.Count(ctx, extract.Job{Dataset: indexed(), Files: []extract.File{{Period: "200199", Name: "x"}}, Objections: &extract.Objections{}, Uphold: true,
		Open: func(string) (io.ReadCloser, error) {
			return io.NopCloser(io.MultiReader(strings.NewReader("nhs,NUMBER\n"), reading(func(b []byte) (int, error) {
				if rows++; rows == 1000 {
					stop(enough)
				}
				return copy(b, "A,"+ann+"\n"), nil
			}))), nil
		}})
	if !errors.Is(err, enough) {
		t.Errorf("%v", err)
	}
}
