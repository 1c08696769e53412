package extract_test

import (
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/klauspost/compress/zstd"

	"darsd/dars"
	"darsd/transfer/extract"
)

// A nasty source leaves whole, or is refused with its place; nothing between.
func TestNastySources(t *testing.T) {
	row := "1," + ann + ",,x\n"
	tests := map[string]struct {
		source string
		change func(*extract.Job)
		want   string // what leaves
		says   string // of a refusal
	}{
		"a header and no rows":              {source: head, want: head},
		"a header without line end":         {source: strings.TrimSpace(head), want: strings.TrimSpace(head)},
		"an empty file":                     {says: "visits.csv): it is empty"},
		"nothing but the mark of UTF-8":     {source: "\xef\xbb\xbf", says: "visits.csv): it is empty"},
		"nothing but line ends":             {source: "\n\n", says: "the column of the person, nhs, is missing"},
		"an empty file without header":      {change: headless, want: ""},
		"the mark of UTF-8 stays":           {source: "\xef\xbb\xbf" + head + row, want: "\xef\xbb\xbf" + head + row},
		"the mark of UTF-8 twice":           {source: "\xef\xbb\xbf\xef\xbb\xbf" + head + row, change: only("nhs"), want: "\xef\xbb\xbfnhs\n" + ann + "\n"},
		"NUL bytes":                         {source: head + "1," + ann + ",,\x00\n\x00," + ann + ",,\"\x00\n\x00\"\n", want: head + "1," + ann + ",,\x00\n\x00," + ann + ",,\"\x00\n\x00\"\n"},
		"a NUL in a number is no number":    {source: head + "1,99900000\x0018,,x\n", want: head},
		"lines of CR alone":                 {source: strings.ReplaceAll(head+row, "\n", "\r"), says: "line 1: its lines end with CR alone"},
		"rows of CR alone":                  {source: head + strings.ReplaceAll(row+row, "\n", "\r"), says: "line 2, byte 17: it has 7 fields, and there are 4 columns"},
		"a quote that is never closed":      {source: head + row + "1," + ann + ",\"a\n" + row, says: "source VISITS 200199 (visits.csv): line 3, byte 46: a quoted field that begins here is never closed"},
		"a quote never closed, no header":   {source: row + "\"", change: headless, says: "source VISITS 200199 (visits.csv): line 2, byte 16: a quoted field that begins here is never closed"},
		"a field too many":                  {source: head + "1," + ann + ",,x,\n", says: "line 2, byte 17: it has 5 fields, and there are 4 columns"},
		"a field too few":                   {source: head + row + "1," + ann + "\n", says: "line 3, byte 33: it has 2 fields, and there are 4 columns"},
		"a blank line at the end":           {source: head + row + "\n", says: "line 3, byte 33: it is empty"},
		"blanks at the end":                 {source: head + row + "  ", says: "line 3, byte 33: it has 1 fields, and there are 4 columns"},
		"the byte that ended files once":    {source: head + row + "\x1a", says: "line 3, byte 33: it has 1 fields, and there are 4 columns"},
		"padding, quotes, zeros, nothing":   {source: head + "0001,\" " + ann + " \",,\"  a, \"\"b\"\"  \"\r\n,999 000 0018, ,\"\"\n", want: head + "0001,\" " + ann + " \",,\"  a, \"\"b\"\"  \"\r\n,999 000 0018, ,\"\"\n"},
		"one empty field, and no line end":  {source: head + row + "2," + ann + ",,", change: only("note"), want: "note\nx\n\n"},
		"and the last of its file withheld": {source: head + row + "2," + bob + ",,", change: only("note"), want: "note\nx\n"},
		"a value with quotes without quote": {source: head + "1," + ann + ",,\"\"\"\"\n", want: head + "1," + ann + ",,\"\"\"\"\n"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			for _, chunk := range []int{1, 2, 7, 64, 1 << 20} {
				bag, result, err := pack(t, visits(), shelf{"visits.csv": []byte(tt.source)}, func(j *extract.Job) {
					j.Pace(chunk, 2)
					if tt.change != nil {
						tt.change(j)
					}
				})
				if tt.says != "" {
					if !says(err, tt.says) || len(bag) > 1 {
						t.Errorf("in chunks of %d: %v, and not: %s", chunk, err, tt.says)
					}
					continue
				}
				if err != nil || string(bag[dataFile]) != tt.want {
					t.Fatalf("in chunks of %d: %v, %q leaves, not %q", chunk, err, bag[dataFile], tt.want)
				}
				balances(t, result)
			}
		})
	}
}

func headless(j *extract.Job) { j.Dataset.Format.Header = false }

func only(columns ...string) func(*extract.Job) {
	return func(j *extract.Job) { j.Columns = columns }
}

// says reports whether an error is a refusal with some words.
func says(err error, words string) bool {
	var no *dars.Refusal
	return errors.As(err, &no) && strings.Contains(no.Sentence, words)
}

// balances checks that every row is somewhere.
func balances(t testing.TB, result *extract.Result) {
	t.Helper()
	for _, f := range result.Files {
		if f.RowsIn != f.RowsQuarantined+f.RowsOutside+f.RowsWithheld+f.RowsUnmatched+f.RowsOut {
			t.Errorf("of %d rows some are nowhere, or twice: %+v", f.RowsIn, f)
		}
	}
}

// Packed files that are broken in the middle, cut short, followed by something
// else, or that swell, are refused; a disk that fails is another matter.
func TestDamagedPackedSources(t *testing.T) {
	text := []byte(head + strings.Repeat("1,"+ann+",2001-04-01,some text of a row\n", 5000))
	packers := map[string]func([]byte, ...zstd.EOption) []byte{
		"gzip": func(text []byte, _ ...zstd.EOption) []byte {
			var b bytes.Buffer
			z := gzip.NewWriter(&b)
			z.Write(text)
			z.Close()
			return b.Bytes()
		},
		"zstd": func(text []byte, options ...zstd.EOption) []byte {
			var b bytes.Buffer
			z, _ := zstd.NewWriter(&b, options...)
			z.Write(text)
			z.Close()
			return b.Bytes()
		},
	}
	for compression, packed := range packers {
		whole := packed(text)
		flipped := bytes.Clone(whole)
		flipped[len(flipped)/2] ^= 0x10
		swelling := packed(append([]byte(head), bytes.Repeat([]byte("a"), 80<<20)...))
		for name, tt := range map[string]struct {
			file []byte
			says string // nothing: all leaves
		}{
			"whole":                  {whole, ""},
			"two of them, one file":  {append(packed(text[:1000]), packed(text[1000:])...), ""},
			"of nothing":             {packed(nil), "it is empty"},
			"no byte":                {nil, "it is "},
			"broken in the middle":   {flipped, "it is damaged or not whole"},
			"cut in the middle":      {whole[:len(whole)/2], "it is damaged or not whole"},
			"cut by one byte":        {whole[:len(whole)-1], "it is damaged or not whole"},
			"cut in its first bytes": {whole[:3], "it is damaged or not whole"},
			"followed by text":       {append(bytes.Clone(whole), "1,2,3,4\n"...), "it is damaged or not whole"},
			"not packed":             {text, "it is damaged or not whole"},
			"swelling to one record": {swelling, "line 2, byte 17: a record of more than 64 MiB"},
		} {
			d := visits()
			d.Format.Compression = compression
			bag, _, err := pack(t, d, shelf{"visits.csv": tt.file}, nil)
			switch {
			case tt.says != "" && !says(err, tt.says):
				t.Errorf("%s, %s: %v, and not: %s", compression, name, err, tt.says)
			case tt.says == "" && (err != nil || !bytes.Equal(bag[dataFile], text)):
				t.Errorf("%s, %s: %v, and %d bytes leave", compression, name, err, len(bag[dataFile]))
			}
		}
	}
	d := visits()
	d.Format.Compression = "zstd"
	wide := packers["zstd"](bytes.Repeat(text, 40), zstd.WithWindowSize(512<<20))
	if _, _, err := pack(t, d, shelf{"visits.csv": wide}, nil); !says(err, "it is damaged or not whole") {
		t.Errorf("a file that asks for 512 MiB of memory to be unpacked: %v", err)
	}
}

// What is malformed is put aside where the catalogue says so, counted, and seen by
// staff: the recipient gets none of it.
func TestMalformedRowsNeverLeave(t *testing.T) {
	d := visits()
	d.Malformed = dars.Quarantine
	var source strings.Builder
	source.WriteString(head)
	bad := []string{`"2","` + cat + `","","SECRET","more"` + "\n", `"2","` + cat + `","SECRET"` + "\n", `"2","` + cat + "\",\"SECRET\n\"\"\"\r\n", `"SECRET"` + "\n"}
	for n := range 2000 {
		source.WriteString(`"1","` + ann + "\",\"\",\"x\"\n")
		if n%500 == 250 {
			source.WriteString(bad[n/500])
		}
	}
	for _, compression := range []string{"none", "gzip", "zstd"} {
		aside := shelf{}
		bag, result, err := pack(t, d, shelf{"visits.csv": []byte(source.String())}, func(j *extract.Job) {
			j.Output.Compression = compression
			j.Pace(1000, 2)
			j.Quarantine = func() (io.WriteCloser, error) { return aside.create("aside") }
		})
		if err != nil {
			t.Fatal(err)
		}
		balances(t, result)
		if f := result.Files[0]; f.RowsIn != 2004 || f.RowsQuarantined != 4 || f.RowsOut != 2000 {
			t.Errorf("%+v", f)
		}
		for name, text := range bag {
			if name == dataFile {
				text = []byte(unpacked(t, text, compression))
			}
			if bytes.Contains(text, []byte("SEC")) || bytes.Contains(text, []byte(cat)) {
				t.Errorf("%s holds a row that was put aside", name)
			}
		}
		if rows := plainRows(string(aside["aside"]), dars.Format{Delimiter: ",", Quoted: true}); len(rows) != 5 || rows[1][4] != bad[0] || rows[4][4] != bad[3] {
			t.Errorf("aside are %q", rows)
		}
	}
}

// An opt-out file as MESH has them, in which most numbers are invalid, as in the
// public example: the four that are valid are upheld, the others counted line by
// line, and none is repeated.
func TestListOfMostlyInvalidNumbers(t *testing.T) {
	var text, source strings.Builder
	source.WriteString(head)
	valid := []string{ann, bob, cat, dan}
	for n := range 24 {
		number := fmt.Sprintf("90009%05d", n*37) // most fail modulus 11
		if n%6 == 3 {
			number = valid[n/6]
		} else if plainNumber(number) != "" {
			number = "9000999999"
		}
		fmt.Fprintf(&text, "%s,\n", number)
		fmt.Fprintf(&source, "%d,%s,,x\n", n, number)
	}
	list, report, err := extract.ReadList(strings.NewReader(text.String()))
	if err != nil || report.Numbers != 4 || report.InvalidCount != 20 || len(report.Invalid) != 20 || report.Invalid[3] != (extract.BadLine{Line: 5, Reason: "the check digit is wrong (modulus 11)"}) {
		t.Fatalf("%v %+v", err, report)
	}
	d := visits()
	d.Unmatched = dars.ReleaseRow
	bag, result, err := pack(t, d, shelf{"visits.csv": []byte(source.String())}, func(j *extract.Job) { j.Objections, j.IndexCoverage = list, 0 })
	if err != nil {
		t.Fatal(err)
	}
	if f := result.Files[0]; f.RowsWithheld != 4 || result.PersonsWithheld != 4 || f.RowsOut != 20 || f.RowsUnmatched != 20 {
		t.Errorf("%+v", f)
	}
	for _, number := range valid {
		if bytes.Contains(bag[dataFile], []byte(number)) {
			t.Error("an objector is in the file")
		}
	}
}

// A register of another country and shape: no header, no quotes, bars, gzip, two
// files for a year, Windows-1252, persons by a civil number that an index resolves,
// dates with a time, columns that HES does not have.
func TestRegisterOfAnotherCountry(t *testing.T) {
	d := dars.Dataset{Code: "KREBS", Name: "Krebsregister", IAO: "iris", Person: "PersNr", Date: "Diagnosetag", Unmatched: dars.Withhold,
		Format: dars.Format{Delimiter: "|", Encoding: "windows-1252", Compression: "gzip"},
		Index:  &dars.Index{File: "index.csv", Person: "PersNr", NHSNumber: "NHS"},
		Files:  []dars.SourceFile{{Period: "200199", Path: "a.txt.gz", More: []string{"b.txt.gz"}}},
		Fields: []dars.Field{{Name: "PersNr", Identifying: true, Pseudonym: "person"}, {Name: "Diagnosetag", Type: "date"}, {Name: "Größe", Missing: []string{"–"}}, {Name: "Ort"}, {Name: "Notiz"}},
	}
	sources := shelf{
		"a.txt.gz":  []byte(zip("19121212-1212|2001-04-01T08:00:00|\x96|K\xf6ln|\"so\"\r\n19500101-0002|2001-04-02T08:00:00|180|Lund|\r\n19121212-1212|2000-04-02|1|x|y")),
		"b.txt.gz":  []byte(zip("19700707-0707|2001-12-31T23:59:59|171|Malm\xf6|'a'\r\n?|2001-05-05|1|x|y\r\n")),
		"index.csv": []byte("PersNr\tNHS\n19121212-1212\t" + ann + "\n19500101-0002\t" + dan + "\n19500101-0002\t" + bob + "\n19700707-0707\t" + cat + "\n"),
	}
	key := bytes.Repeat([]byte{5}, 32)
	bag, result, err := pack(t, d, sources, func(j *extract.Job) {
		j.From, j.To, j.Nameless, j.Pseudonyms, j.IndexCoverage = "2001-01-01", "2001-12-31", true, key, 0.5
		j.Terms = dars.DatasetRequest{Code: d.Code, Identifiability: "PSEUDO_ICO", Columns: []dars.Column{{Field: "Ort"}, {Field: "PersNr", Derive: "pseudonym", As: "Person"}, {Field: "Größe"}, {Field: "Notiz"}}}
	})
	if err != nil {
		t.Fatal(err)
	}
	want := "K\xf6ln|" + plainPseudonym(key, "person", "19121212-1212") + "|\x96|\"so\"\r\n" + "Malm\xf6|" + plainPseudonym(key, "person", "19700707-0707") + "|171|'a'\r\n"
	if string(bag[dataFile]) != want {
		t.Errorf("%q leaves, not %q", bag[dataFile], want)
	}
	if f := result.Files[0]; f.RowsIn != 5 || f.RowsOutside != 1 || f.RowsWithheld != 1 || f.RowsUnmatched != 1 || f.RowsOut != 2 {
		t.Errorf("%+v", f)
	}
	verify(t, bag)
}

// An index that unpacks to lines without end is refused before memory is taken for
// the persons in it.
func TestIndexWithoutEnd(t *testing.T) {
	lines := bytes.Repeat([]byte("\n"), 1<<20)
	_, err := extract.Count(t.Context(), extract.Job{Dataset: indexed(), Files: []extract.File{{Period: "200199", Name: "x"}}, Objections: objections(t, bob), Uphold: true,
		Open: func(string) (io.ReadCloser, error) {
			return io.NopCloser(reading(func(b []byte) (int, error) { return copy(b, lines), nil })), nil
		}})
	if !says(err, "index of VISITS (index.csv): it has more than 250000000 lines") {
		t.Error(err)
	}
}
