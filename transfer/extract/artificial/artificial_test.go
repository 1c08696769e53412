package artificial_test

import (
	"bytes"
	"encoding/csv"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"darsd/dars"
	"darsd/transfer/extract"
	"darsd/transfer/extract/artificial"
)

var episodes = artificial.Episodes{Seed: 1, Persons: 500, Year: 2001}

func written(t *testing.T, write func(io.Writer) error) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := write(&b); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func rows(n int, e artificial.Episodes) func(io.Writer) error {
	return func(w io.Writer) error { return e.Write(w, n) }
}

// The header is that of the published artificial sample.
func TestHeader(t *testing.T) {
	dir := os.Getenv("DARSD_TESTDATA")
	if dir == "" {
		t.Skip("DARSD_TESTDATA is not set: it names the folder of the test data")
	}
	sample, err := os.ReadFile(filepath.Join(dir, "hes-artificial", "artificial_hes_apc_0102_truncated.csv"))
	if err != nil {
		t.Fatal(err)
	}
	want, _, _ := strings.Cut(string(sample), "\n")
	if got := strings.Join(episodes.Columns(), ","); got != want {
		t.Errorf("the columns are\n%s\nnot\n%s", got, want)
	}
}

func TestFields(t *testing.T) {
	identifiable := episodes
	identifiable.Identifiable = true
	for name, tt := range map[string]struct {
		fields  []dars.Field
		columns int
		naming  []string
	}{
		"episodes":      {episodes.Fields(), 193, nil},
		"identifiable":  {identifiable.Fields(), 196, []string{"NEWNHSNO", "DOB", "HOMEADD"}},
		"prescriptions": {artificial.Prescriptions{}.Fields(), 7, []string{"PATIENT"}},
	} {
		t.Run(name, func(t *testing.T) {
			if len(tt.fields) != tt.columns {
				t.Errorf("%d columns, not %d", len(tt.fields), tt.columns)
			}
			var naming []string
			seen := map[string]bool{}
			for _, f := range tt.fields {
				if f.Name == "" || f.Title == "" || !slices.Contains([]string{"string", "integer", "number", "date"}, f.Type) || seen[f.Name] || strings.Contains(f.Title, "%") {
					t.Errorf("%+v", f)
				}
				seen[f.Name] = true
				if f.Identifying {
					naming = append(naming, f.Name)
				}
			}
			if !slices.Equal(naming, tt.naming) {
				t.Errorf("identifying are %v, not %v", naming, tt.naming)
			}
		})
	}
	i := slices.IndexFunc(episodes.Fields(), func(f dars.Field) bool { return f.Name == "OPERTN_4_24" })
	if f := episodes.Fields()[i]; f.Title != "Procedure 24, OPCS-4, 4 characters" || !slices.Contains(f.Missing, "-   ") {
		t.Errorf("%+v", f)
	}
}

func TestSameSeedSameBytes(t *testing.T) {
	for name, write := range map[string]func(io.Writer) error{
		"episodes": rows(200, episodes),
		"index":    episodes.WriteIndex,
		"prescriptions": func(w io.Writer) error {
			return artificial.Prescriptions{Seed: 1, Persons: 500, Year: 2001}.Write(w, 200)
		},
		"objections": func(w io.Writer) error { return episodes.WriteObjections(w, 0.1, artificial.Mixed) },
	} {
		if a, b := written(t, write), written(t, write); !bytes.Equal(a, b) || len(a) == 0 {
			t.Errorf("%s: the same seed gave other bytes", name)
		}
	}
	other := episodes
	other.Seed = 2
	if bytes.Equal(written(t, rows(20, episodes)), written(t, rows(20, other))) {
		t.Error("another seed gave the same bytes")
	}
}

// column returns the distinct values of a column.
func column(t *testing.T, text []byte, name string) map[string]int {
	t.Helper()
	all, err := csv.NewReader(bytes.NewReader(text)).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	i := slices.Index(all[0], name)
	values := map[string]int{}
	for _, row := range all[1:] {
		values[row[i]]++
	}
	return values
}

// Persons stay the same over the years, and most have several episodes.
func TestPersonsStay(t *testing.T) {
	later := episodes
	later.Year = 2002
	first, second := column(t, written(t, rows(3000, episodes)), "PSEUDO_HESID"), column(t, written(t, rows(3000, later)), "PSEUDO_HESID")
	both := 0
	for p := range first {
		if second[p] > 0 {
			both++
		}
	}
	if len(first) < 400 || both < 350 {
		t.Errorf("of %d persons %d are there the year after", len(first), both)
	}
}

// What makes real data hard is there.
func TestOddities(t *testing.T) {
	text := string(written(t, rows(5000, episodes)))
	for name, part := range map[string]string{
		"padding of 3":   ",-  ,",
		"padding of 4":   ",-   ,",
		"quoted commas":  `,"-   ,`,
		"decimal counts": ",2.0,",
		"null date":      ",1800-01-01,",
		"invalid date":   ",1801-01-01,",
		"quote":          `"Ward ""7"", `,
		"tab":            "\t02\"",
		"line end":       "01\n\"",
		"CRLF":           "\"\r\nsee note",
		"empty columns":  ",,,,,,,,,",
	} {
		if !strings.Contains(text, part) {
			t.Errorf("%s: there is no %q", name, part)
		}
	}
}

func TestIndex(t *testing.T) {
	for name, e := range map[string]artificial.Episodes{"few": episodes, "most": {Seed: 5, Persons: artificial.MaxPersons, Year: 2001}} {
		t.Run(name, func(t *testing.T) {
			persons, numbers := map[string]int{}, map[string]bool{}
			var none, invalid int
			for _, line := range strings.Split(strings.TrimSpace(string(written(t, e.WriteIndex))), "\n")[1:] {
				who, number, _ := strings.Cut(line, ",")
				persons[who]++
				switch _, why := dars.ParseNHSNumber(number); {
				case number == "":
					none++
				case !strings.HasPrefix(number, "999"):
					t.Fatal("a number that may be issued")
				case why != "":
					invalid++
				case numbers[number]:
					t.Fatal("two persons share a number")
				default:
					numbers[number] = true
				}
			}
			two := 0
			for _, n := range persons {
				if n == 2 {
					two++
				}
			}
			if none == 0 || invalid == 0 || two == 0 || len(persons) == e.Persons || len(persons) < e.Persons*97/100 {
				t.Errorf("%d persons, %d without a number, %d invalid, %d with two", len(persons), none, invalid, two)
			}
		})
	}
}

// The list is understood whole, in either spelling, and its persons are in the
// data: packaging leaves rows out.
func TestObjections(t *testing.T) {
	list := func(share float64, spelling artificial.Spelling) *extract.Objections {
		text := written(t, func(w io.Writer) error { return episodes.WriteObjections(w, share, spelling) })
		o, report, err := extract.ReadList(bytes.NewReader(text))
		if err != nil || report.InvalidCount > 0 || report.Duplicates > 0 {
			t.Fatalf("%v %+v", err, report)
		}
		return o
	}
	plain, mixed, more := list(0.1, artificial.Plain), list(0.1, artificial.Mixed), list(0.2, artificial.Mixed)
	if plain.Len() < 20 || plain.Len() != mixed.Len() || more.Len() <= mixed.Len() {
		t.Errorf("%d plain, %d mixed, %d at twice the share", plain.Len(), mixed.Len(), more.Len())
	}

	identifiable := episodes
	identifiable.Identifiable = true
	files := map[string][]byte{
		"apc.csv":   written(t, rows(2000, episodes)),
		"named.csv": written(t, rows(2000, identifiable)),
		"index.csv": written(t, episodes.WriteIndex),
		"rx.txt": written(t, func(w io.Writer) error {
			return artificial.Prescriptions{Seed: 1, Persons: 500, Year: 2001}.Write(w, 2000)
		}),
	}
	comma := dars.Format{Delimiter: ",", Quoted: true, Header: true}
	for name, d := range map[string]dars.Dataset{
		"episodes": {Person: "PSEUDO_HESID", Format: comma, Fields: episodes.Fields(), Files: []dars.SourceFile{{Period: "200199", Path: "apc.csv"}},
			Index: &dars.Index{File: "index.csv", Person: artificial.IndexPerson, NHSNumber: artificial.IndexNumber}},
		"identifiable": {Person: "NEWNHSNO", Format: comma, Fields: identifiable.Fields(), Files: []dars.SourceFile{{Period: "200199", Path: "named.csv"}}},
		"prescriptions": {Person: "PATIENT", Format: dars.Format{Delimiter: "|"}, Fields: artificial.Prescriptions{}.Fields(),
			Files: []dars.SourceFile{{Period: "200199", Path: "rx.txt"}}},
	} {
		t.Run(name, func(t *testing.T) {
			d.Code, d.Unmatched = "X", dars.Withhold
			r, err := extract.Count(t.Context(), extract.Job{Dataset: d, Files: []extract.File{{Period: "200199", Name: "x"}}, Objections: plain, Uphold: true, IndexCoverage: 0.95,
				Open: func(path string) (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(files[path])), nil }})
			if err != nil {
				t.Fatal(err)
			}
			f := r.Files[0]
			if f.RowsIn != 2000 || f.RowsWithheld < 20 || f.RowsUnmatched < 20 || f.RowsOut < 1500 || len(r.Undescribed) > 0 {
				t.Errorf("%+v", r)
			}
		})
	}
}

func TestTooManyPersons(t *testing.T) {
	for _, n := range []int{-1, 0, artificial.MaxPersons + 1} {
		if err := (artificial.Episodes{Persons: n}).Write(io.Discard, 1); err == nil {
			t.Errorf("%d persons were made", n)
		}
	}
}
