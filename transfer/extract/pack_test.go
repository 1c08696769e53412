package extract_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"crypto/ed25519"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"darsd/dars"
	"darsd/transfer/extract"
)

// Numbers of the range that is never issued, with their check digits.
const (
	ann   = "9990000018"
	bob   = "9990000026"
	cat   = "9990000034"
	dan   = "9990000042"
	wrong = "9990000019"
)

var office = ed25519.NewKeyFromSeed(bytes.Repeat([]byte{7}, ed25519.SeedSize))

// visits is a small dataset whose person column holds NHS numbers.
func visits() dars.Dataset {
	return dars.Dataset{
		Code: "VISITS", Name: "Visits", IAO: "iris", Person: "nhs", Date: "day", Unmatched: dars.Withhold,
		Format: dars.Format{Delimiter: ",", Quoted: true, Header: true},
		Files:  []dars.SourceFile{{Period: "200199", Path: "visits.csv", AsAt: "2002-04-30"}},
		Fields: []dars.Field{{Name: "key"}, {Name: "nhs", Identifying: true}, {Name: "day", Type: "date", Missing: []string{"1800-01-01"}}, {Name: "note"}},
	}
}

// indexed is the same with a key for a person, and an index.
func indexed() dars.Dataset {
	d := visits()
	d.Index = &dars.Index{File: "index.csv", Person: "nhs", NHSNumber: "NUMBER", AsAt: "2002-05-01"}
	return d
}

func objections(t testing.TB, numbers ...string) *extract.Objections {
	t.Helper()
	o, _, err := extract.ReadList(strings.NewReader(strings.Join(numbers, "\n")))
	if err != nil {
		t.Fatal(err)
	}
	return o
}

// shelf holds the files that a job reads and makes.
type shelf map[string][]byte

func (s shelf) open(path string) (io.ReadCloser, error) {
	b, ok := s[path]
	if !ok {
		return nil, &fs.PathError{Op: "open", Path: path, Err: fs.ErrNotExist}
	}
	return io.NopCloser(bytes.NewReader(b)), nil
}

func (s shelf) create(name string) (io.WriteCloser, error) {
	return &made{shelf: s, name: name}, nil
}

func (s shelf) fs() fs.FS {
	files := fstest.MapFS{}
	for name, b := range s {
		files[name] = &fstest.MapFile{Data: b}
	}
	return files
}

type made struct {
	bytes.Buffer
	shelf shelf
	name  string
}

func (m *made) Close() error { m.shelf[m.name] = m.Bytes(); return nil }
func (m *made) Abort() error { return nil }

// pack makes a package of one file and returns what is in it.
func pack(t testing.TB, d dars.Dataset, sources shelf, change func(*extract.Job)) (shelf, *extract.Result, error) {
	t.Helper()
	bag := shelf{}
	job := extract.Job{
		Dataset: d, Uphold: true, Objections: objections(t, bob), IndexCoverage: 0.5,
		Files:  []extract.File{{ID: "FILE0000001", Period: "200199", Name: "FILE0000001_NIC12345_VISITS_200199.csv"}},
		Open:   sources.open,
		Create: bag.create,
		Info:   []extract.Info{{"Source-Organization", "The Office"}, {"Bagging-Date", "2026-03-31"}},
		Release: func(r *extract.Result) any {
			return map[string]any{"release": "REL-000001", "rows_out": r.Files[0].RowsOut, "objections": map[string]any{"applied": true, "list_date": "2026-03-29", "list_sha256": strings.Repeat("0", 64)}}
		},
		Note: func(*extract.Result) ([]byte, error) { return []byte("%PDF-1.7 a note"), nil },
		Key:  office,
	}
	if change != nil {
		change(&job)
	}
	result, err := extract.Pack(t.Context(), job)
	return bag, result, err
}

const dataFile = "data/FILE0000001_NIC12345_VISITS_200199.csv"

func TestWhichRowsLeave(t *testing.T) {
	const head = "key,nhs,day,note\n"
	const index = "nhs,NUMBER\nA," + ann + "\nB," + bob + "\nC," + cat + "\nD,\nE," + wrong + "\nF," + ann + "\nF," + bob + "\nG," + wrong + "\nG," + cat + "\n"
	tests := map[string]struct {
		dataset dars.Dataset
		source  string
		index   string
		change  func(*extract.Job)
		want    string // the file that leaves
		counts  string // rows in, outside, withheld, unmatched, out; persons withheld, unmatched
	}{
		"nobody objects": {
			dataset: visits(), source: head + "1," + ann + ",,x\n",
			want: head + "1," + ann + ",,x\n", counts: "1 0 0 0 1 0 0",
		},
		"whoever objects is left out": {
			dataset: visits(), source: head + "1," + ann + ",,x\n2," + bob + ",,x\n3," + bob + ",,x\n4," + cat + ",,x\n",
			want: head + "1," + ann + ",,x\n4," + cat + ",,x\n", counts: "4 0 2 0 2 1 0",
		},
		"in any spelling": {
			dataset: visits(), source: head + "1,999 000 0026,,x\n2,\"999-000-0026\",,x\n3, \"9990000026\" ,,x\n",
			change: func(j *extract.Job) { j.Dataset.Format.Quoted = false },
			want:   head, counts: "3 0 3 0 0 1 0",
		},
		"without a valid number it is nobody's": {
			dataset: visits(), source: head + "1,,,x\n2," + wrong + ",,x\n3,1111111111,,x\n4," + wrong + ",,x\n",
			want: head, counts: "4 0 0 4 0 0 2",
		},
		"and may be released": {
			dataset: visits(), source: head + "1,,,x\n2," + wrong + ",,x\n3," + bob + ",,x\n",
			change: func(j *extract.Job) { j.Dataset.Unmatched = dars.ReleaseRow },
			want:   head + "1,,,x\n2," + wrong + ",,x\n", counts: "3 0 1 2 2 1 1",
		},
		"where objections are not upheld all leave and are counted": {
			dataset: visits(), source: head + "1,,,x\n2," + bob + ",,x\n",
			change: func(j *extract.Job) { j.Uphold = false },
			want:   head + "1,,,x\n2," + bob + ",,x\n", counts: "2 0 0 1 2 0 0",
		},
		"only the dates asked for": {
			dataset: visits(), source: head + "1," + ann + ",2001-03-31,x\n2," + ann + ",2001-04-01,x\n3," + ann + ",2001-04-30,x\n4," + ann + ",2001-05-01,x\n" +
				"5," + ann + ",,x\n6," + ann + ",1800-01-01,x\n7," + ann + ",04/2001 now,x\n8," + bob + ",2001-04-02,x\n9," + bob + ",2001-05-02,x\n10," + cat + ",2001-04-02 11:00,x\n",
			change: func(j *extract.Job) { j.From, j.To = "2001-04-01", "2001-04-30" },
			want:   head + "2," + ann + ",2001-04-01,x\n3," + ann + ",2001-04-30,x\n10," + cat + ",2001-04-02 11:00,x\n", counts: "10 6 1 0 3 1 0",
		},
		"a value for not known is no date": {
			dataset: visits(), source: head + "1," + ann + ",1800-01-01,x\n2," + ann + ",1799-01-01,x\n",
			change: func(j *extract.Job) { j.To = "2001-04-30" },
			want:   head + "2," + ann + ",1799-01-01,x\n", counts: "2 1 0 0 1 0 0",
		},
		"through an index": {
			dataset: indexed(), index: index, source: head + "1,A,,x\n2,B,,x\n3,C,,x\n",
			want: head + "1,A,,x\n3,C,,x\n", counts: "3 0 1 0 2 1 0",
		},
		"of several numbers one objects": {
			dataset: indexed(), index: index, source: head + "1,F,,x\n2,F,,x\n3,A,,x\n",
			want: head + "3,A,,x\n", counts: "3 0 2 0 1 1 0",
		},
		"of several numbers one is valid": {
			dataset: indexed(), index: index, source: head + "1,G,,x\n2,D,,x\n3,E,,x\n4,nobody,,x\n5,,,x\n",
			change: func(j *extract.Job) { j.IndexCoverage = 0.5 },
			want:   head + "1,G,,x\n", counts: "5 0 0 4 1 0 3",
		},
		"keys in quotes and spaces": {
			dataset: indexed(), index: "\xef\xbb\xbf\"NUMBER\"|\"nhs\"\r\n\"999 000 0026\"|\" B \"\r\n", source: head + "1,\"B\",,x\n2, B ,,x\n",
			want: head, counts: "2 0 2 0 0 1 0",
		},
		"keys with a quote, written twice in the index and once in the source": {
			dataset: indexed(), index: "\"nhs\",NUMBER\n\"a\"\"b\"," + bob + "\nc," + ann + "\n", source: head + "1,a\"b,,x\n2,c,,x\n",
			change: func(j *extract.Job) { j.Dataset.Format.Quoted, j.Dataset.Unmatched = false, dars.ReleaseRow },
			want:   head + "2,c,,x\n", counts: "2 0 1 0 1 1 0",
		},
		"numbers with the spaces of Windows-1252, in the index": {
			dataset: indexed(), index: "nhs,NUMBER\nA,999\xa0000\xa00026\n", source: head + "1,A,,x\n",
			change: func(j *extract.Job) { j.Dataset.Format.Encoding, j.Dataset.Unmatched = "windows-1252", dars.ReleaseRow },
			want:   head, counts: "1 0 1 0 0 1 0",
		},
		"an index with tabs": {
			dataset: indexed(), index: "other\tnhs\tNUMBER\n\tB\t" + bob, source: head + "1,B,,x\n",
			want: head, counts: "1 0 1 0 0 1 0",
		},
		"approved columns in the source's order": {
			dataset: visits(), source: head + "1," + ann + ",2001-04-01,\"a \"\"b\"\", c\"\r\n2," + bob + ",,\n\"3\"," + cat + ",,last",
			change: func(j *extract.Job) { j.Columns = []string{"note", "key"} },
			want:   "key,note\n1,\"a \"\"b\"\", c\"\r\n\"3\",last", counts: "3 0 1 0 2 1 0",
		},
		"approved neighbours": {
			dataset: visits(), source: "\xef\xbb\xbf" + head + "1," + ann + ",d,x\n",
			change: func(j *extract.Job) { j.Columns = []string{"day", "note", "nhs"} },
			want:   "\xef\xbb\xbfnhs,day,note\n" + ann + ",d,x\n", counts: "1 0 0 0 1 0 0",
		},
		"without a header": {
			dataset: visits(), source: "1|" + ann + "|\"|x\n2|" + bob + "||x\n3|" + cat + "||x\r\n",
			change: func(j *extract.Job) { j.Dataset.Format = dars.Format{Delimiter: "|"} },
			want:   "1|" + ann + "|\"|x\n3|" + cat + "||x\r\n", counts: "3 0 1 0 2 1 0",
		},
		"a row of an objector inside a quoted field is text": {
			dataset: visits(), source: head + "1," + ann + ",,\"x\n2," + bob + ",,y\n\"\n3," + bob + ",,\"x\n4," + ann + ",,y\"\n",
			want: head + "1," + ann + ",,\"x\n2," + bob + ",,y\n\"\n", counts: "2 0 1 0 1 1 0",
		},
		"a source with nothing but a header": {
			dataset: visits(), source: head, want: head, counts: "0 0 0 0 0 0 0",
		},
		"a header that does not end": {
			dataset: visits(), source: strings.TrimSpace(head), want: strings.TrimSpace(head), counts: "0 0 0 0 0 0 0",
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			bag, r, err := pack(t, tt.dataset, shelf{"visits.csv": []byte(tt.source), "index.csv": []byte(tt.index)}, tt.change)
			if err != nil {
				t.Fatal(err)
			}
			if got := string(bag[dataFile]); got != tt.want {
				t.Errorf("what leaves is\n%q, not\n%q", got, tt.want)
			}
			f := r.Files[0]
			if got := fmt.Sprint(f.RowsIn, f.RowsOutside, f.RowsWithheld, f.RowsUnmatched, f.RowsOut, r.PersonsWithheld, r.PersonsUnmatched); got != tt.counts {
				t.Errorf("counted %s, not %s", got, tt.counts)
			}
			verify(t, bag)
		})
	}
}

func verify(t testing.TB, bag shelf) {
	t.Helper()
	report, err := extract.Verify(bag.fs(), office.Public().(ed25519.PublicKey))
	if err != nil || !report.Valid || !report.Signed {
		t.Errorf("a package as it was made: %v %+v", err, report)
	}
}

// What cannot be read as it was meant is not packaged, and the refusal says
// where and why without a word of the source.
func TestRefused(t *testing.T) {
	const head = "key,nhs,day,note\n"
	const secret = "SECRET"
	row := "1," + ann + ",," + secret + "\n"
	tests := map[string]struct {
		dataset dars.Dataset
		source  string
		index   string
		change  func(*extract.Job)
		rule    string
		says    string
	}{
		"no list":             {source: head, change: func(j *extract.Job) { j.Objections = nil }, rule: "no-list", says: "load one"},
		"no period":           {source: head, change: func(j *extract.Job) { j.Files[0].Period = "200299" }, rule: "no-period", says: "200299"},
		"no file":             {source: head, change: func(j *extract.Job) { j.Files = nil }, rule: "no-files"},
		"no column":           {source: head, change: func(j *extract.Job) { j.Columns = []string{} }, rule: "no-columns"},
		"unmatched left open": {source: head, change: func(j *extract.Job) { j.Dataset.Unmatched = "" }, rule: "catalogue", says: "unmatched"},
		"a name with a path":  {source: head, change: func(j *extract.Job) { j.Files[0].Name = "../x" }, rule: "file-name"},
		"two files of a name": {source: head, change: func(j *extract.Job) {
			j.Files = []extract.File{{Period: "200199", Name: "a"}, {Period: "200199", Name: "A"}}
		}, rule: "file-name"},
		"a quote as delimiter":  {source: head, change: func(j *extract.Job) { j.Dataset.Format.Delimiter = `"` }, rule: "catalogue"},
		"a delimiter of 2":      {source: head, change: func(j *extract.Job) { j.Dataset.Format.Delimiter = "¦" }, rule: "catalogue"},
		"another encoding":      {source: head, change: func(j *extract.Job) { j.Dataset.Format.Encoding = "utf-16" }, rule: "catalogue", says: "utf-8"},
		"dates without column":  {source: head, change: func(j *extract.Job) { j.Dataset.Date, j.From = "", "2001-01-01" }, rule: "no-date"},
		"dates the wrong way":   {source: head, change: func(j *extract.Job) { j.From, j.To = "2001-01-02", "2001-01-01" }, rule: "dates"},
		"empty":                 {source: "", rule: "source-malformed", says: "empty"},
		"no person column":      {source: "key,day,note\n", rule: "no-column", says: "nhs"},
		"an unannounced column": {source: "key,nhs,day,note,SECRET\n", rule: "column-unknown", says: "column 5 is not described"},
		"for data of nobody":    {source: "key,nhs,a,b,SECRET\n", change: func(j *extract.Job) { j.Nameless, j.Dataset.Fields = true, j.Dataset.Fields[:2] }, rule: "column-unknown", says: "column 3, column 4, column 5"},
		"a column of nobody":    {source: head + strings.Repeat("1,SECRET,,x\n", 100), rule: "nobody-known", says: "is nhs the column"},
		"no date column":        {source: "key,nhs,note\n", change: func(j *extract.Job) { j.From = "2001-01-01" }, rule: "no-column", says: "day"},
		"no approved column":    {source: "key,nhs,day\n", change: func(j *extract.Job) { j.Columns = []string{"key", "note"} }, rule: "no-column", says: "note"},
		"a column twice":        {source: "key,nhs,SECRET,SECRET\n", rule: "column-twice", says: "columns 3 and 4"},
		"a field too many":      {source: head + "1," + ann + ",,x\n2," + ann + ",,SECRET,\n", rule: "source-malformed", says: "line 3"},
		"a field too few":       {source: head + "1," + ann + ",SECRET\n", rule: "source-malformed", says: "line 2, byte 17: it has 3 fields, and there are 4 columns"},
		"a blank line":          {source: head + row + "\n" + row, rule: "source-malformed", says: "line 3, byte 38: it is empty"},
		"an open quote":         {source: head + row + "1," + ann + ",\"a\nb\",\"SECRET\n" + row, rule: "source-malformed", says: "line 4, byte 57: a quoted field that begins here is never closed"},
		"a stray quote":         {source: head + "1," + ann + ",,SEC\"RET\n", rule: "source-malformed", says: "line 2, byte 34: a quotation mark inside"},
		"text after a quote":    {source: head + "1," + ann + ",,\"SECRET\"x\n", rule: "source-malformed", says: "line 2, byte 39: a character between"},
		"CR after a quote":      {source: head + "1," + ann + ",,\"SECRET\"\rx\n", rule: "source-malformed", says: "line 2, byte 39: a character between"},
		"lines of CR":           {source: "key,nhs,day,note\r1," + ann + ",,SECRET\r", rule: "source-malformed", says: "CR alone"},
		"UTF-16":                {source: "\xff\xfek\x00e\x00", rule: "source-malformed", says: "UTF-16"},
		"gzip unannounced":      {source: zip(head + row), rule: "source-malformed", says: "gzip"},
		"gzip announced":        {source: head + row, change: gzipped, rule: "source-malformed", says: "gzip"},
		"gzip cut":              {source: zip(head + row)[:40], change: gzipped, rule: "source-malformed", says: "not whole"},
		"gzip altered":          {source: zip(head + row)[:len(zip(head+row))-8] + "altered!", change: gzipped, rule: "source-malformed"},
		"gzip and more":         {source: zip(head+row) + "more and more and more", change: gzipped, rule: "source-malformed"},
		"a record without end":  {source: head + "1," + ann + ",,\"" + strings.Repeat(secret, 12<<20), rule: "source-malformed", says: "line 2, byte 17: a record of more than 64 MiB"},
		"an index of yesterday": {dataset: indexed(), source: head, index: "nhs,NUMBER\n", change: func(j *extract.Job) { j.Dataset.Index.AsAt = "2002-04-29" }, rule: "index-old", says: "30 April 2002"},
		"an index of no date":   {dataset: indexed(), source: head, index: "nhs,NUMBER\n", change: func(j *extract.Job) { j.Dataset.Index.AsAt = "" }, rule: "index-old", says: "index.as_at, 30 April 2002"},
		"an index of few":       {dataset: indexed(), source: head + "1,A,,\n2,B,,\n3,C,,\n", index: "nhs,NUMBER\nA," + ann + "\nX," + ann + "\nY," + ann, rule: "index-coverage", says: "33.3 %"},
		"an index of others":    {dataset: indexed(), source: head, index: "NHS;NUMBER\n", rule: "index-malformed", says: "nhs and NUMBER"},
		"an index, ragged":      {dataset: indexed(), source: head, index: "nhs,NUMBER\nSECRET\n", rule: "index-malformed", says: "line 2"},
		"an index, empty":       {dataset: indexed(), source: head, index: "", rule: "index-malformed"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			if tt.dataset.Code == "" {
				tt.dataset = visits()
			}
			bag, _, err := pack(t, tt.dataset, shelf{"visits.csv": []byte(tt.source), "index.csv": []byte(tt.index)}, tt.change)
			var no *dars.Refusal
			if !errors.As(err, &no) || no.Rule != tt.rule || no.Ref != "VISITS" || !strings.Contains(no.Sentence, tt.says) {
				t.Fatalf("refused by %+v (%v), not by %s (%s)", no, err, tt.rule, tt.says)
			}
			for _, word := range []string{secret, ann, "SEC"} {
				if strings.Contains(err.Error(), word) {
					t.Errorf("the refusal repeats the source: %v", err)
				}
			}
			if len(bag) > 0 {
				t.Errorf("a refused package has %d files", len(bag))
			}
		})
	}
}

func gzipped(j *extract.Job) { j.Dataset.Format.Compression = "gzip" }

func zip(text string) string {
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	io.WriteString(w, text)
	w.Close()
	return b.String()
}

func TestGzipSourceAndIndex(t *testing.T) {
	bag, _, err := pack(t, indexed(), shelf{
		"visits.csv": []byte(zip("key,nhs,day,note\n1,A,,x\n") + zip("2,B,,x\n")), // two members, as logrotate and bgzip write them
		"index.csv":  []byte(zip("nhs,NUMBER\nA," + ann + "\nB," + bob + "\n")),
	}, gzipped)
	if err != nil {
		t.Fatal(err)
	}
	if got := string(bag[dataFile]); got != "key,nhs,day,note\n1,A,,x\n" {
		t.Errorf("%q leaves", got)
	}
}

// A source that breaks off must not pass for one that ends.
func TestSourceThatFails(t *testing.T) {
	for _, broken := range []error{io.ErrUnexpectedEOF, errors.New("disk on fire")} {
		_, _, err := pack(t, visits(), nil, func(j *extract.Job) {
			j.Open = func(string) (io.ReadCloser, error) {
				return io.NopCloser(io.MultiReader(strings.NewReader("key,nhs,day,note\n1,"+ann+",,x\n"), failing{broken})), nil
			}
		})
		if err == nil {
			t.Errorf("packaged what ends with %v", broken)
		}
	}
	if _, _, err := pack(t, visits(), shelf{}, nil); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a source that is not there: %v", err)
	}
}

type failing struct{ err error }

func (f failing) Read([]byte) (int, error)  { return 0, f.err }
func (f failing) Write([]byte) (int, error) { return 0, f.err }
func (f failing) Close() error              { return nil }

// A package that cannot be written is an error whenever the disk says so.
func TestDiskThatFails(t *testing.T) {
	full := errors.New("disk full")
	big := "key,nhs,day,note\n" + strings.Repeat("1,"+ann+",,x\n", 200_000)
	for name, create := range map[string]func(string) (io.WriteCloser, error){
		"create": func(string) (io.WriteCloser, error) { return nil, full },
		"write":  func(string) (io.WriteCloser, error) { return failing{full}, nil },
		"tags": func(name string) (io.WriteCloser, error) {
			if strings.HasPrefix(name, "tagmanifest") {
				return failing{full}, nil
			}
			return shelf{}.create(name)
		},
	} {
		t.Run(name, func(t *testing.T) {
			_, _, err := pack(t, visits(), shelf{"visits.csv": []byte(big)}, func(j *extract.Job) { j.Create = create })
			if !errors.Is(err, full) {
				t.Errorf("%v", err)
			}
		})
	}
}

func TestStopsWhenAsked(t *testing.T) {
	ctx, stop := context.WithCancel(t.Context())
	stop()
	rows := strings.Repeat("1,"+ann+",,x\n", 10_000)
	_, err := extract.Count(ctx, extract.Job{Dataset: visits(), Files: []extract.File{{Period: "200199", Name: "x"}}, Objections: &extract.Objections{}, Uphold: true,
		Open: shelf{"visits.csv": []byte("key,nhs,day,note\n" + rows)}.open})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("%v", err)
	}
}

// Several periods: persons are counted once, each file by itself against the
// index, and each with the columns that it has.
func TestSeveralFiles(t *testing.T) {
	d := indexed()
	d.Files = append(d.Files, dars.SourceFile{Period: "200299", Path: "later.csv", AsAt: "2002-05-01"})
	d.Fields = d.Fields[:1] // no dictionary of all columns
	sources := shelf{
		"visits.csv": []byte("key,nhs,day,note\n1,A,,x\n2,B,,x\n"),
		"later.csv":  []byte("key,nhs,note,extra\n1,B,,x\n2,A,,x\n"),
		"index.csv":  []byte("nhs,NUMBER\nA," + ann + "\nB," + bob + "\n"),
	}
	two := func(j *extract.Job) {
		j.IndexCoverage = 1
		j.Files = append(j.Files, extract.File{ID: "FILE0000002", Period: "200299", Name: "later.csv"})
	}
	bag, r, err := pack(t, d, sources, two)
	if err != nil {
		t.Fatal(err)
	}
	verify(t, bag)
	if r.PersonsWithheld != 1 || r.Files[0].RowsWithheld != 1 || r.Files[1].RowsWithheld != 1 {
		t.Errorf("%+v", r)
	}
	if want := []string{"key", "nhs", "day", "note", "extra"}; !slices.Equal(r.Columns, want) || !slices.Equal(r.Undescribed, []string{"nhs", "day", "note", "extra"}) {
		t.Errorf("columns %v, of which not described %v", r.Columns, r.Undescribed)
	}
	sources["later.csv"] = []byte("key,nhs,note\n1,B,\n2,new,\n")
	if _, _, err := pack(t, d, sources, two); err == nil || !strings.Contains(err.Error(), "50.0 %") {
		t.Errorf("the second file's persons are half unknown: %v", err)
	}
}

// Count sees what Pack would, and makes nothing.
func TestCount(t *testing.T) {
	sources := shelf{"visits.csv": []byte("key,nhs,day,note\n1," + ann + ",,x\n2," + bob + ",,x\n")}
	var counted *extract.Result
	_, packed, err := pack(t, visits(), sources, func(j *extract.Job) {
		dry := *j
		dry.Create, dry.Key = nil, nil
		var err error
		if counted, err = extract.Count(t.Context(), dry); err != nil {
			t.Fatal(err)
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	a, b := counted.Files[0], packed.Files[0]
	if a.RowsIn != 2 || a.RowsIn != b.RowsIn || a.RowsWithheld != b.RowsWithheld || a.RowsOut != b.RowsOut || counted.PersonsWithheld != 1 {
		t.Errorf("counted %+v, packed %+v", a, b)
	}
}

// The package on disk satisfies the tool that recipients have.
func TestSha512sum(t *testing.T) {
	tool, err := exec.LookPath("sha512sum")
	if err != nil {
		t.Skip("there is no sha512sum here")
	}
	bag, _, err := pack(t, visits(), shelf{"visits.csv": []byte("key,nhs,day,note\n1," + ann + ",,x\n")}, nil)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	if err := os.CopyFS(dir, bag.fs()); err != nil {
		t.Fatal(err)
	}
	for _, manifest := range []string{"manifest-sha512.txt", "tagmanifest-sha512.txt"} {
		cmd := exec.Command(tool, "--strict", "-c", manifest)
		cmd.Dir = dir
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Errorf("sha512sum -c %s: %v\n%s", manifest, err, out)
		}
	}
	if report, err := extract.Verify(os.DirFS(dir), nil); err != nil || !report.Valid || !strings.Contains(report.Key, "not checked") {
		t.Errorf("%v %+v", err, report)
	}
	if err := os.Symlink("/etc/passwd", filepath.Join(dir, "data", "link")); err != nil {
		t.Fatal(err)
	}
	if report, err := extract.Verify(os.DirFS(dir), nil); err != nil || report.Valid {
		t.Errorf("a link in a package: %v %+v", err, report)
	}
}
