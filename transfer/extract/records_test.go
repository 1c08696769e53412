package extract

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"errors"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/iotest"
)

// all reads a text whole: fields with their quotes, and where it went wrong.
func all(r *records) (rows [][]string, bytes []byte, lines []int, err error) {
	for {
		rec, err := r.next()
		if err == io.EOF {
			return rows, append(slices.Clone(r.mark), bytes...), lines, nil
		}
		if err != nil {
			return rows, bytes, lines, err
		}
		var row []string
		for i := range rec.ends {
			row = append(row, string(rec.field(i)))
		}
		rows, bytes, lines = append(rows, row), append(bytes, rec.bytes()...), append(lines, r.line)
	}
}

func TestRecords(t *testing.T) {
	type rows = [][]string
	tests := map[string]struct {
		text   string
		quoted bool
		want   rows
		lines  []int
		why    string
	}{
		"nothing":                   {"", true, nil, nil, ""},
		"one line":                  {"a,b\n", true, rows{{"a", "b"}}, []int{1}, ""},
		"no line end":               {"a,b\nc,d", true, rows{{"a", "b"}, {"c", "d"}}, []int{1, 2}, ""},
		"an empty last field":       {"a,", true, rows{{"a", ""}}, []int{1}, ""},
		"only a line end":           {"\n", true, rows{{""}}, []int{1}, ""},
		"only CRLF":                 {"\r\n", true, rows{{""}}, []int{1}, ""},
		"only CR":                   {"\r", true, rows{{""}}, []int{1}, ""},
		"CRLF":                      {"a,b\r\n\"c\",\"d\"\r\n", true, rows{{"a", "b"}, {`"c"`, `"d"`}}, []int{1, 2}, ""},
		"CR at the end":             {"a,\"b\"\r", true, rows{{"a", `"b"`}}, []int{1}, ""},
		"CR inside":                 {"a\rb,c\n", true, rows{{"a\rb", "c"}}, []int{1}, ""},
		"two CR":                    {"a\r\r\n", true, rows{{"a\r"}}, []int{1}, ""},
		"BOM":                       {"\xef\xbb\xbf\"a\",b\n", true, rows{{`"a"`, "b"}}, []int{1}, ""},
		"BOM alone":                 {"\xef\xbb\xbf", true, nil, nil, ""},
		"two BOM":                   {"\xef\xbb\xbf\xef\xbb\xbfa\n", true, rows{{"\xef\xbb\xbfa"}}, []int{1}, ""},
		"delimiter in quotes":       {"\"a,b\",c\n", true, rows{{`"a,b"`, "c"}}, []int{1}, ""},
		"line ends in quotes":       {"\"a\n\r\nb\",c\nd,e\n", true, rows{{"\"a\n\r\nb\"", "c"}, {"d", "e"}}, []int{1, 4}, ""},
		"quote in quotes":           {"\"a\"\"b\",\"\"\"\"\n", true, rows{{`"a""b"`, `""""`}}, []int{1}, ""},
		"nothing in quotes":         {"\"\",\"\"", true, rows{{`""`, `""`}}, []int{1}, ""},
		"not quoted":                {"\"a,b\"\n\"\n", false, rows{{`"a`, `b"`}, {`"`}}, []int{1, 2}, ""},
		"eight fields":              {"1,2,3,4,5,6,7,8\n", false, rows{{"1", "2", "3", "4", "5", "6", "7", "8"}}, []int{1}, ""},
		"never closed":              {"a\n\"b\nc", true, rows{{"a"}}, []int{1}, "line 2, byte 2: a quoted field that begins here is never closed"},
		"never closed, later":       {"\"a\nb\",\"c\n", true, nil, nil, "line 2, byte 6: a quoted field that begins here is never closed"},
		"closed at the end by two":  {"\"a\"\"", true, nil, nil, "line 1, byte 0: a quoted field that begins here is never closed"},
		"stray":                     {"a\"b\n", true, nil, nil, "line 1, byte 1: a quotation mark inside a field that does not begin with one"},
		"space before a quote":      {"a, \"b\"\n", true, nil, nil, "line 1, byte 3: a quotation mark inside a field that does not begin with one"},
		"space after a quote":       {"\"a\" ,b\n", true, nil, nil, "line 1, byte 3: a character between a closing quotation mark and the end of its field"},
		"CR after a quote":          {"\"a\"\rb\n", true, nil, nil, "line 1, byte 3: a character between a closing quotation mark and the end of its field"},
		"CR and comma after quotes": {"\"a\"\r,b\n", true, nil, nil, "line 1, byte 3: a character between a closing quotation mark and the end of its field"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			for how, source := range map[string]io.Reader{
				"whole": strings.NewReader(tt.text), "byte by byte": iotest.OneByteReader(strings.NewReader(tt.text)), "with the end": iotest.DataErrReader(strings.NewReader(tt.text)),
			} {
				r := newRecords(source, ',', tt.quoted)
				if how != "whole" {
					r.buf = make([]byte, len(bom)) // the least that a mark is seen in
				}
				got, bytes, lines, err := all(r)
				if tt.why != "" {
					var bad *malformed
					if !errors.As(err, &bad) || bad.Error() != tt.why {
						t.Errorf("%s: %v, not %s", how, err, tt.why)
					}
				} else if err != nil || string(bytes) != tt.text {
					t.Errorf("%s: %v, and the bytes are %q", how, err, bytes)
				}
				if !slices.EqualFunc(got, tt.want, slices.Equal) || !slices.Equal(lines, tt.lines) {
					t.Errorf("%s: %q on lines %v", how, got, lines)
				}
			}
		})
	}
}

func TestNoRecordWithoutEnd(t *testing.T) {
	r := newRecords(io.MultiReader(strings.NewReader("a\n\""), endless{}), ',', true)
	_, _, _, err := all(r)
	if err == nil || !strings.Contains(err.Error(), "line 2, byte 2: a record of more than 64 MiB") || len(r.buf) > maxRecord {
		t.Errorf("%v, with %d bytes of memory", err, len(r.buf))
	}
}

type endless struct{}

func (endless) Read(b []byte) (int, error) { return copy(b, strings.Repeat("x", len(b))), nil }

// FuzzRecords: no byte is lost, the size of the pieces makes no difference, and
// what encoding/csv understands is understood alike.
func FuzzRecords(f *testing.F) {
	for _, text := range []string{"", "a,b\n1,2\n", "\"a\"\"b\",\"\r\n\"\r\n,\r\n", "\xef\xbb\xbf\"a\"", "a|b|\"c\n", "\"a\"\r", "a,b,c,d,e,f,g,h,i,j\n\n", "x\r\r\n\"\"\n"} {
		f.Add([]byte(text), byte(','), true, 3)
		f.Add([]byte(text), byte('|'), false, 64)
	}
	f.Fuzz(func(t *testing.T, text []byte, delimiter byte, quoted bool, size int) {
		if delimiter == '"' || delimiter == '\n' || delimiter == '\r' {
			return
		}
		got, kept, lines, err := all(newRecords(bytes.NewReader(text), delimiter, quoted))
		small := newRecords(iotest.HalfReader(bytes.NewReader(text)), delimiter, quoted)
		small.buf = make([]byte, max(len(bom), min(size, 100)))
		again, _, linesAgain, errAgain := all(small)
		if !slices.EqualFunc(got, again, slices.Equal) || !slices.Equal(lines, linesAgain) || (err == nil) != (errAgain == nil) || err != nil && err.Error() != errAgain.Error() {
			t.Fatalf("in small pieces: %q (%v), whole: %q (%v)", again, errAgain, got, err)
		}
		if err == nil && !bytes.Equal(kept, text) {
			t.Fatalf("kept %q of %q", kept, text)
		}
		if !quoted && err != nil {
			t.Fatalf("without quotes there is nothing to refuse: %v", err)
		}
		if !quoted || delimiter >= 0x80 || delimiter == 0 || bytes.HasPrefix(text, []byte(bom)) || bytes.HasSuffix(text, []byte("\r")) {
			return // encoding/csv has no unquoted format, takes runes, keeps a mark, and drops a CR at the end even from inside quotes
		}
		c := csv.NewReader(bytes.NewReader(text))
		c.Comma, c.FieldsPerRecord = rune(delimiter), -1
		want, csvErr := c.ReadAll()
		if (err == nil) != (csvErr == nil) {
			t.Fatalf("%q: %v, and encoding/csv says %v", text, err, csvErr)
		}
		if err != nil {
			return
		}
		// What it does to bytes: CRLF inside quotes becomes LF, blank lines go.
		var plain [][]string
		for _, row := range got {
			if len(row) == 1 && row[0] == "" {
				continue
			}
			for i, field := range row {
				if strings.HasPrefix(field, `"`) {
					field = strings.ReplaceAll(strings.ReplaceAll(field[1:len(field)-1], `""`, `"`), "\r\n", "\n")
				}
				row[i] = field
			}
			plain = append(plain, row)
		}
		if !slices.EqualFunc(plain, want, slices.Equal) {
			t.Fatalf("%q is %q, and encoding/csv says %q", text, plain, want)
		}
	})
}

// The public collection of hard cases, with what they mean.
func TestCSVSpectrum(t *testing.T) {
	dir := os.Getenv("DARSD_TESTDATA")
	if dir == "" {
		t.Skip("DARSD_TESTDATA is not set: it names the folder of the test data")
	}
	files, _ := filepath.Glob(filepath.Join(dir, "csv-spectrum", "csvs", "*.csv"))
	if len(files) < 12 {
		t.Fatalf("there are %d files in the collection", len(files))
	}
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			answer, err := os.ReadFile(filepath.Join(dir, "csv-spectrum", "json", strings.TrimSuffix(filepath.Base(file), "csv")+"json"))
			if err != nil {
				t.Fatal(err)
			}
			if !bytes.HasPrefix(answer, []byte("[")) { // one of them is not in a list
				answer = slices.Concat([]byte("["), answer, []byte("]"))
			}
			var want []map[string]string
			if err := json.Unmarshal(answer, &want); err != nil {
				t.Fatal(err)
			}
			// One holds seconds of arc, written as quotes in fields without quotes.
			quoted := !strings.HasPrefix(filepath.Base(file), "location_coordinates")
			if _, _, _, err := all(newRecords(bytes.NewReader(text), ',', true)); (err == nil) != quoted {
				t.Errorf("with quotes: %v", err)
			}
			rows, kept, _, err := all(newRecords(bytes.NewReader(text), ',', quoted))
			if err != nil || !bytes.Equal(kept, text) || len(rows) != len(want)+1 {
				t.Fatalf("%v, %d rows: %q", err, len(rows)-1, kept)
			}
			if !quoted {
				return // and its answer is of another edition
			}
			for n, row := range rows[1:] {
				for i, field := range row {
					if strings.HasPrefix(field, `"`) {
						field = strings.ReplaceAll(field[1:len(field)-1], `""`, `"`)
					}
					// Two answers were written on another system.
					if name := rows[0][i]; strings.ReplaceAll(field, "\r\n", "\n") != strings.ReplaceAll(want[n][name], "\r\n", "\n") {
						t.Errorf("row %d, %s is %q, not %q", n+1, name, field, want[n][name])
					}
				}
			}
		})
	}
}
