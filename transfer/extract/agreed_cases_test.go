package extract_test

import (
	"bytes"
	"fmt"
	"io"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"

	"darsd/dars"
	"darsd/transfer/extract"
)

// An agreedCase is a random source and a random agreement over it: everything that
// decides what leaves. [agreedCase.pack] has our program follow it; a plain
// reading of it and a translation into SQL say what must come out.
type agreedCase struct {
	dataset      dars.Dataset
	source       []byte
	lineEnd      string // of the source, where it has one only
	index        []byte
	indexComma   byte
	list         []byte // of objections
	upheld       bool
	request      dars.DatasetRequest
	approved     []string // where the request has no columns of its own
	from, to     dars.Day
	table        []byte // of areas
	cohort       []byte
	cohortComma  byte
	key          []byte
	output       extract.Output
	persons      []somebody
	columns      []string // of the source
	hostile      bool     // it may hold what DuckDB cannot read
	numbersSpare []string // NHS numbers that nobody in the source has
}

// somebody is a person: the key in the source, and the NHS numbers behind it.
type somebody struct {
	key     string
	numbers []string
}

// anyCase makes a case. A hostile one has what DuckDB takes for something else:
// line ends of both kinds in one file, a CR that ends no line, bytes that are no
// UTF-8.
func anyCase(seed uint64, hostile bool) *agreedCase {
	r := rand.New(rand.NewPCG(seed, 17))
	c := &agreedCase{hostile: hostile, lineEnd: []string{"\n", "\r\n"}[r.IntN(2)], upheld: r.IntN(8) > 0, key: bytes.Repeat([]byte{byte(1 + seed%250)}, 32)}
	c.catalogue(r)
	c.people(r)
	c.ask(r)
	c.rows(r)
	return c
}

func (c *agreedCase) catalogue(r *rand.Rand) {
	c.dataset = dars.Dataset{
		Code: "CASES", Name: "Cases", IAO: "iris", Person: "PERSON", Date: "DAY", Unmatched: []dars.Unmatched{dars.Withhold, dars.ReleaseRow}[r.IntN(2)],
		Format: dars.Format{Delimiter: string(",|\t;"[r.IntN(4)]), Quoted: r.IntN(4) > 0, Header: r.IntN(4) > 0},
		Files:  []dars.SourceFile{{Period: "200199", Path: "source.csv"}},
		Fields: []dars.Field{
			{Name: "ROW"},
			{Name: "PERSON", Identifying: true, Pseudonym: "person", Missing: []string{"UNKNOWN "}},
			{Name: "NOTE", Pseudonym: "note"},
			{Name: "DIAG_01", Missing: []string{"R69X  ", "-"}}, {Name: "DIAG_02", Missing: []string{"R69X  ", "-"}}, {Name: "DIAG_03"},
			{Name: "DAY", Type: "date", Missing: []string{"1799-12-31"}},
			{Name: "DOB", Type: "date", Holds: "birth-date"},
			{Name: "MYDOB", Holds: "birth-month"},
			{Name: "ALTER_JAHRE_é", Holds: "age", Missing: []string{"99"}},
			{Name: "HOMEADD", Holds: "postcode"},
			{Name: "LSOA11", Holds: "area"},
		},
		Tables: []dars.AreaTable{{Name: "LAD", File: "lad.csv", From: "code", To: "area"}},
	}
	if r.IntN(2) == 0 {
		c.dataset.Index = &dars.Index{File: "index.csv", Person: "who", NHSNumber: "number"}
	} else {
		c.dataset.Fields[1].Holds = "nhs-number"
	}
	for _, f := range c.dataset.Fields {
		c.columns = append(c.columns, f.Name)
	}
	if c.dataset.Format.Header {
		r.Shuffle(len(c.columns), func(i, j int) { c.columns[i], c.columns[j] = c.columns[j], c.columns[i] })
	}
	c.table = []byte("area,code\nNorth,E01000001\nNorth,E01000002\nSouth é,W01000001\n,E01000003\nWestminster,SW1A 1AA\nManchester,M11AE\n")
	if c.dataset.Format.Quoted {
		c.table = append(c.table, "\"Hereford, \"\"County\"\" of\",E01000004\n"...)
	}
}

// people makes persons, an index of them, a list of objections and a cohort.
func (c *agreedCase) people(r *rand.Rand) {
	numbers := validNumbers(80)
	direct := c.dataset.Index == nil
	var objectors []string
	for i := range 16 {
		who := somebody{key: []string{"K%d", "K%d ", "Zoë %d", "000%d", "%d"}[r.IntN(5)]}
		who.key = strings.TrimSpace(fmt.Sprintf(who.key, i))
		who.numbers = numbers[4*i : 4*i+r.IntN(4)]
		if direct {
			who.numbers = who.numbers[:min(1, len(who.numbers))]
			who.key = strings.Join(who.numbers, "")
		}
		if who.key == "" {
			who.key = []string{"", "UNKNOWN", wrong, "1111111111", "none", "999000001"}[r.IntN(6)]
		}
		for _, n := range who.numbers {
			if r.IntN(4) == 0 {
				objectors = append(objectors, n)
			}
		}
		c.persons = append(c.persons, who)
	}
	c.numbersSpare = numbers[70:]

	c.indexComma = ",|\t"[r.IntN(3)]
	line := func(fields ...string) {
		for i, f := range fields {
			if r.IntN(4) == 0 {
				f = " " + f + " "
			}
			if r.IntN(3) == 0 {
				f = `"` + f + `"`
			}
			fields[i] = f
		}
		c.index = append(c.index, strings.Join(fields, string(c.indexComma))+"\n"...)
	}
	c.index = []byte(`"other"` + string(c.indexComma) + "number" + string(c.indexComma) + "who\n")
	for _, who := range c.persons {
		for _, n := range who.numbers {
			line("x", spelling(r, n), who.key)
		}
		if r.IntN(4) == 0 {
			line("", []string{"", wrong, "nothing"}[r.IntN(3)], who.key)
		}
	}
	line("", numbers[79], "a person of another file")

	c.list = []byte([]string{"", "NHS_NUMBER\n", "\xef\xbb\xbfnhs\r\n"}[r.IntN(3)])
	for _, n := range append(objectors, c.numbersSpare[:2]...) {
		c.list = append(c.list, spelling(r, n)+[]string{"\n", "\r\n", ",\n"}[r.IntN(3)]...)
	}
	c.list = append(c.list, wrong+"\n12\n\n"...)
}

// spelling writes an NHS number as somebody may.
func spelling(r *rand.Rand, n string) string {
	switch r.IntN(8) {
	case 0:
		return n[:3] + " " + n[3:6] + " " + n[6:]
	case 1:
		return n[:3] + "-" + n[3:6] + "-" + n[6:]
	case 2:
		return " " + n + " "
	case 3:
		return n + ".0"
	}
	return n
}

// ask makes an agreement.
func (c *agreedCase) ask(r *rand.Rand) {
	c.request = dars.DatasetRequest{Code: c.dataset.Code, Identifiability: "IDENT"}
	if r.IntN(3) == 0 {
		c.from = dars.Day(fmt.Sprintf("2001-%02d-10", 1+r.IntN(6)))
	}
	if r.IntN(3) == 0 {
		c.to = dars.Day(fmt.Sprintf("2001-%02d-20", 6+r.IntN(7)))
	}
	filters := []dars.RowFilter{
		{Fields: []string{"DIAG_01..DIAG_03"}, Prefixes: []string{"I", "J4"}, Codes: []string{"E119", "R69X"}},
		{Fields: []string{"DIAG_02", "NOTE"}, Codes: []string{"I10", "a \"b\" c"}},
		{Fields: []string{"LSOA11"}, Prefixes: []string{"E01", "W"}},
		{Fields: []string{"ALTER_JAHRE_é"}, Ages: "0-17,65+"},
		{Fields: []string{"DOB"}, Ages: "0-4,18-64,90+", At: "DAY"},
		{Fields: []string{"DOB"}, Ages: "10+", At: "2001-02-28"},
	}
	r.Shuffle(len(filters), func(i, j int) { filters[i], filters[j] = filters[j], filters[i] })
	for _, f := range filters[:max(0, r.IntN(6)-2)] {
		f.Not = r.IntN(3) == 0
		c.request.Rows = append(c.request.Rows, f)
	}
	if r.IntN(4) == 0 {
		c.askCohort(r)
	}
	c.askColumns(r)
	if r.IntN(3) == 0 {
		c.output.Delimiter = string(",|\t;"[r.IntN(4)])
	}
	c.output.Compression = []string{"", "none", "gzip", "zstd"}[r.IntN(4)]
}

func (c *agreedCase) askCohort(r *rand.Rand) {
	c.request.Cohort = &dars.Cohort{Field: "PERSON"}
	var lines []string
	for _, who := range c.persons {
		if r.IntN(3) > 0 && who.key != "" {
			lines = append(lines, who.key)
		}
	}
	lines = append(lines, c.numbersSpare[3], c.numbersSpare[3])
	if c.cohortComma = 0; r.IntN(2) == 0 {
		c.cohortComma = ",;|\t"[r.IntN(4)]
		c.request.Cohort.Column = "id"
		for i, line := range lines {
			lines[i] = fmt.Sprint(i) + string(c.cohortComma) + line
		}
		lines = slices.Insert(lines, 0, "n"+string(c.cohortComma)+"id")
	}
	c.cohort = []byte(strings.Join(lines, []string{"\n", "\r\n"}[r.IntN(2)]))
}

func (c *agreedCase) askColumns(r *rand.Rand) {
	switch r.IntN(6) {
	case 0: // all, in the order of the source
	case 1: // some, in the order of the source
		c.approved = slices.Clone(c.columns)
		r.Shuffle(len(c.approved), func(i, j int) { c.approved[i], c.approved[j] = c.approved[j], c.approved[i] })
		c.approved = c.approved[:1+r.IntN(len(c.approved))]
	default: // some, in an order of the agreement's own, and what is made of them
		all := []dars.Column{
			{Field: "ROW"}, {Field: "NOTE"}, {Field: "DIAG_02", As: "second"}, {Field: "DAY"}, {Field: "PERSON", As: "Person é"},
			{Field: "PERSON", Derive: "pseudonym", As: "p"}, {Field: "NOTE", Derive: "pseudonym", As: "q"},
			{Field: "DOB", Derive: "age", At: "DAY", As: "age"}, {Field: "ALTER_JAHRE_é", Derive: "age", As: "age2"},
			{Field: "DOB", Derive: "age-band", At: "2001-02-28", Bands: "0-4,5-17,18-89,90+", As: "band"}, {Field: "ALTER_JAHRE_é", Derive: "age-band", Bands: "0,1-64,70-79", As: "band2"},
			{Field: "DOB", Derive: "birth-month", As: "mob"}, {Field: "DOB", Derive: "birth-year", As: "yob"}, {Field: "MYDOB", Derive: "birth-year", As: "yob2"},
			{Field: "HOMEADD", Derive: "postcode-district", As: "pcd"}, {Field: "HOMEADD", Derive: "area", Table: "LAD", As: "lad"}, {Field: "LSOA11", Derive: "area", Table: "LAD", As: "lad2"},
		}
		r.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
		c.request.Columns = all[:2+r.IntN(len(all)-1)]
	}
}

// rows writes the source.
func (c *agreedCase) rows(r *rand.Rand) {
	quoted := c.dataset.Format.Quoted
	line := func(fields []string, end string) {
		for i, f := range fields {
			special := strings.ContainsAny(f, c.dataset.Format.Delimiter+"\"\n")
			if strings.Contains(f, "\r") && (!c.hostile || strings.HasSuffix(f, "\r")) {
				special = true
			}
			if quoted && (special || r.IntN(5) == 0) {
				f = `"` + strings.ReplaceAll(f, `"`, `""`) + `"`
			}
			fields[i] = f
		}
		c.source = append(c.source, strings.Join(fields, c.dataset.Format.Delimiter)+end...)
	}
	if r.IntN(4) == 0 {
		c.source = []byte("\xef\xbb\xbf")
	}
	if c.dataset.Format.Header {
		line(slices.Clone(c.columns), c.lineEnd)
	}
	rows := r.IntN(70)
	for n := range rows {
		fields := make([]string, len(c.columns))
		for i, name := range c.columns {
			fields[i] = c.cell(r, name, n)
		}
		end := c.lineEnd
		if c.hostile {
			end = []string{"\n", "\r\n"}[r.IntN(2)]
		}
		if n == rows-1 && r.IntN(2) == 0 {
			end = ""
		}
		line(fields, end)
	}
}

// cell is a value of a column: mostly plain, and now and then what people, years
// and programs have left there.
func (c *agreedCase) cell(r *rand.Rand, name string, row int) string {
	pick := func(values ...string) string { return values[r.IntN(len(values))] }
	day := func(from, years int) string {
		return fmt.Sprintf("%d-%02d-%02d", from+r.IntN(years), 1+r.IntN(12), 1+r.IntN(28))
	}
	switch strings.TrimRight(name, "0123") {
	case "ROW":
		return fmt.Sprint(row)
	case "PERSON":
		who := c.persons[r.IntN(len(c.persons))]
		if c.dataset.Index == nil && len(who.numbers) > 0 {
			return spelling(r, who.key)
		}
		return pick(who.key, who.key, who.key, " "+who.key+"  ", "stranger", "")
	case "DIAG_":
		return pick("I10 ", "I10", "J459", "J4", "J5", "E119", "E11", "R69X", "R69X  ", "", "   ", "-", "i10", " I25")
	case "DAY":
		return pick(day(2001, 1), day(2001, 1), day(2001, 1), "", "1799-12-31", "1800-01-01", "2001-02-30", "2001-06-15 10:00", "2001-06-15T10:00:00", "2001-06-15x", "15/06/2001", " 2001-06-15 ", "2001-6-15")
	case "DOB":
		return pick(day(1900, 101), day(1990, 12), day(1930, 60), "30APR1968", "01jan2001:00:00:00", "29FEB2000", "2000-02-29", "1996-02-29", "30FEB1999", "1800-01-01", "1582-10-15", "2000-02-30", "", "unknown", "2030-01-01", "1860-01-01", "1968-04-30 00:00", "31XYZ1999")
	case "MYDOB":
		return pick("041968", "121999", "131968", "", "000000", "011800", "4 1968", "0419680", "01200")
	case "ALTER_JAHRE_é":
		return pick("0", "7", "34", "64", "65", "89", "90", "99", "130", "131", "7001", "7007", "7008", "7001.5", "34.25", "17.9", "", "-1", "x", "034", "34.", "1e1")
	case "HOMEADD":
		return pick("SW1A 1AA", "sw1a1aa", "M1 1AE", "M11AE", "GIR 0AA", "GIR 1AA", "ZZ99 3VZ", "B33 8TH ", "CR2 6XH", "DN551PT", "EC1A  1BB", "XX", "", "Q1 1AA", "W1A 0AX", "SW1A1A", "AI1 1AA", "M1 1AC", "M1-1AE", "M111 1AE")
	case "LSOA":
		return pick("E01000001", "e01000002", " E01000002", "E01000003", "E01000004", "W01000001", "W01000009", "", "E01 000001")
	}
	values := []string{"", "x", " two  words ", "é ü 漢字 \u00a0", "I10", "0012.50", "-", "a\x00b", `12" wide`, `a "b" c`, "'s", "UNKNOWN", "9990000026", "a very long value that is longer than any block of sixty-four bytes, is it not?"}
	if c.dataset.Format.Quoted {
		values = append(values, "a,b|c\td;e", "line\nline", "line\r\nline\r\n", "\n", `"`, `""`, "\"\n\"", ",\n1,9990000026,\n", "\r")
	}
	if c.hostile {
		values = append(values, "a\rb", "\xff\xfe", "caf\xe9")
	}
	return strings.NewReplacer(unlessQuoted(c.dataset.Format)...).Replace(pick(values...))
}

// unlessQuoted is what no field can hold where fields have no quotes, and what
// stands there instead.
func unlessQuoted(f dars.Format) []string {
	if f.Quoted {
		return nil
	}
	return []string{f.Delimiter, "/"}
}

// job is the case for our program.
func (c *agreedCase) job(t testing.TB, into shelf) extract.Job {
	t.Helper()
	list, _, err := extract.ReadList(bytes.NewReader(c.list))
	if err != nil {
		t.Fatal(err)
	}
	areas, err := extract.ReadAreas(bytes.NewReader(c.table), c.dataset.Tables[0])
	if err != nil {
		t.Fatal(err)
	}
	sources := shelf{"source.csv": c.source, "index.csv": c.index}
	job := extract.Job{
		Dataset: c.dataset, Uphold: c.upheld, Objections: list, From: c.from, To: c.to, Columns: c.approved,
		Terms: c.request, Pseudonyms: c.key, Tables: map[string]*extract.Areas{"LAD": areas}, Output: c.output,
		Files: []extract.File{{ID: "FILE0000001", Period: "200199", Name: "x.csv"}}, Open: sources.open, Create: into.create, Key: office,
		Release: func(*extract.Result) any {
			return map[string]any{"objections": map[string]any{"applied": c.upheld, "reason": "consent", "list_date": "2026-03-29", "list_sha256": strings.Repeat("0", 64)}}
		},
	}
	if c.request.Cohort != nil {
		if job.Cohort, _, err = extract.ReadCohort(bytes.NewReader(c.cohort), c.dataset.Index == nil, c.request.Cohort.Column); err != nil {
			t.Fatal(err)
		}
	}
	return job
}

// pack has our program do it.
func (c *agreedCase) pack(t testing.TB, change func(*extract.Job)) (shelf, *extract.Result) {
	t.Helper()
	bag := shelf{}
	job := c.job(t, bag)
	if change != nil {
		change(&job)
	}
	result, err := extract.Pack(t.Context(), job)
	if err != nil {
		t.Fatalf("%v\n%s", err, c)
	}
	return bag, result
}

// An outcome is what comes of a case: the values that leave, in order, below their
// names, and where the rows went.
type outcome struct {
	rows               [][]string
	in, outside        int
	withheld           int
	unmatched, out     int
	personsWithheld    int
	personsNotMatching int
}

// outcome reads what our program has made.
func (c *agreedCase) outcome(t testing.TB) outcome {
	t.Helper()
	bag, result := c.pack(t, nil)
	verify(t, bag)
	f := result.Files[0]
	return outcome{
		rows: plainRows(unpacked(t, bag["data/x.csv"], c.output.Compression), c.leaving()),
		in:   int(f.RowsIn), outside: int(f.RowsOutside), withheld: int(f.RowsWithheld), unmatched: int(f.RowsUnmatched), out: int(f.RowsOut),
		personsWithheld: result.PersonsWithheld, personsNotMatching: result.PersonsUnmatched,
	}
}

// leaving is how the file is written that leaves.
func (c *agreedCase) leaving() dars.Format {
	f := c.dataset.Format
	if to := c.output.Delimiter; to != "" && to != f.Delimiter {
		f.Delimiter, f.Quoted = to, true
	}
	return f
}

func unpacked(t testing.TB, text []byte, compression string) string {
	t.Helper()
	var r io.Reader = bytes.NewReader(text)
	var err error
	switch compression {
	case "gzip":
		r, err = gzip.NewReader(r)
	case "zstd":
		var z *zstd.Decoder
		z, err = zstd.NewReader(r)
		defer z.Close()
		r = z
	}
	if err != nil {
		t.Fatal(err)
	}
	plain, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	return string(plain)
}

// compare says where two outcomes differ.
func (c *agreedCase) compare(t *testing.T, got, want outcome, by string) {
	t.Helper()
	gotRows, wantRows := got.rows, want.rows
	got.rows, want.rows = nil, nil
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("counted %+v, and by %s %+v\n%s", got, by, want, c)
	}
	for i := range max(len(gotRows), len(wantRows)) {
		if i >= len(gotRows) || i >= len(wantRows) || !slices.Equal(gotRows[i], wantRows[i]) {
			t.Fatalf("line %d of %d leaves as %q, and by %s, of %d, as %q\n%s", i, len(gotRows), at(gotRows, i), by, len(wantRows), at(wantRows, i), c)
		}
	}
}

func at(rows [][]string, i int) []string {
	if i < len(rows) {
		return rows[i]
	}
	return nil
}

// String is for whoever reads a failed test.
func (c *agreedCase) String() string {
	return fmt.Sprintf("format %+v, unmatched %s, upheld %v, %s to %s, approved %q\nrequest %+v\noutput %+v\nindex %q\nlist %q\ncohort %q\nsource %q",
		c.dataset.Format, c.dataset.Unmatched, c.upheld, c.from, c.to, c.approved, c.request, c.output, c.index, c.list, c.cohort, c.source)
}
