package extract_test

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"darsd/dars"
)

// TestAgreementsByDuckDB translates random agreements into SQL and compares what
// DuckDB makes of the same files, row by row in the order of the source.
//
// DuckDB differs from us by choice, and the cases keep away from it: it takes a CR
// alone for a line end, wants one kind of line end in a file, refuses text that is
// no UTF-8, and reads an empty field and one that is only quotes both as NULL.
// Spaces around a value are part of it, in both.
func TestAgreementsByDuckDB(t *testing.T) {
	modules := os.Getenv("DARSD_NODE_MODULES")
	if _, err := os.Stat(filepath.Join(modules, "@duckdb", "node-api")); err != nil || modules == "" {
		if os.Getenv("DARSD_REQUIRE_ALL") == "1" {
			t.Fatal("DARSD_NODE_MODULES does not name a folder that has the module @duckdb/node-api, and DARSD_REQUIRE_ALL=1 asks for it")
		}
		t.Skip("DARSD_NODE_MODULES does not name a folder that has the module @duckdb/node-api")
	}
	var cases []*agreedCase
	var queries []string
	dir := t.TempDir()
	for seed := range uint64(70) {
		c := anyCase(seed+10_000, false)
		in := filepath.Join(dir, fmt.Sprint(seed))
		if err := os.Mkdir(in, 0o700); err != nil {
			t.Fatal(err)
		}
		for name, text := range map[string][]byte{"source.csv": c.source, "index.csv": c.index, "list.txt": c.list, "cohort.txt": c.cohort, "table.csv": c.table} {
			if err := os.WriteFile(filepath.Join(in, name), text, 0o600); err != nil {
				t.Fatal(err)
			}
		}
		cases, queries = append(cases, c), append(queries, query{c, in}.sql())
	}

	left := 0
	for i, rows := range duckDB(t, modules, queries) {
		c := cases[i]
		if t.Failed() {
			break
		}
		got := c.outcome(t)
		c.compare(t, got, query{agreedCase: c}.outcome(rows), "DuckDB")
		left += got.out
	}
	if left < 300 {
		t.Errorf("%d rows left: too few to say", left)
	}
}

// duckDB answers all queries in one process: it takes longer to begin than to
// answer.
func duckDB(t *testing.T, modules string, queries []string) (answers [][]verdict) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, "node", "-e", `
const { DuckDBInstance } = require("@duckdb/node-api")
;(async () => {
  const db = await (await DuckDBInstance.create(":memory:", { threads: "1" })).connect()
  const [first, ...queries] = JSON.parse(require("fs").readFileSync(0, "utf8"))
  for (const macro of first.split(";\n")) await db.run(macro)
  const answers = []
  for (const query of queries) {
    try {
      answers.push((await db.runAndReadAll(query)).getRowsJson())
    } catch (err) {
      throw new Error(err.message + "\n" + query)
    }
  }
  require("fs").writeSync(1, JSON.stringify(answers))
})().catch(err => { console.error(err.message); process.exit(1) })`)
	cmd.Env = append(os.Environ(), "NODE_PATH="+modules)
	in, err := json.Marshal(append([]string{macros}, queries...))
	if err != nil {
		t.Fatal(err)
	}
	cmd.Stdin = strings.NewReader(string(in))
	var says strings.Builder
	cmd.Stderr = &says
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("DuckDB: %v\n%s", err, says.String())
	}
	if err := json.Unmarshal(out, &answers); err != nil || len(answers) != len(queries) {
		t.Fatalf("%d answers of %d: %v", len(answers), len(queries), err)
	}
	return answers
}

// macros are what values mean, in SQL. DuckDB writes a macro out wherever it stands,
// so what is asked for often is bound to a name first: by a lambda, or in a table.
const macros = `
CREATE MACRO bare(x) AS trim(coalesce(x, ''), E' \t\r\n' || chr(160));
CREATE MACRO said(x, missing) AS CASE WHEN bare(x) = '' OR list_contains(missing, bare(x)) THEN NULL ELSE bare(x) END;
CREATE MACRO ten(x) AS regexp_replace(regexp_replace(bare(x), '[ ,"-]', '', 'g'), '\.0$', '');
CREATE MACRO digit(d, i) AS ascii(d[i]) - 48;
CREATE MACRO passes(d) AS (10*digit(d,1) + 9*digit(d,2) + 8*digit(d,3) + 7*digit(d,4) + 6*digit(d,5) + 5*digit(d,6) + 4*digit(d,7) + 3*digit(d,8) + 2*digit(d,9) + digit(d,10)) % 11 = 0;
CREATE MACRO nhs(x) AS list_transform([ten(x)], lambda d: CASE WHEN regexp_full_match(d, '[0-9]{10}') AND passes(d) AND (repeat(d[1], 10) <> d OR d = '9999999999') THEN d END)[1];
CREATE MACRO a_day(d) AS CASE WHEN strftime(d, '%Y%m%d') NOT IN ('15821015', '16000101', '18000101', '18010101') THEN d END;
CREATE MACRO day_of(v) AS a_day(CASE
	WHEN regexp_full_match(v, '(?s)[0-9]{4}-[0-9]{2}-[0-9]{2}([T ].*)?') THEN TRY_CAST(v[1:10] AS DATE)
	WHEN regexp_full_match(v, '(?s)[0-9]{2}[A-Za-z]{3}[0-9]{4}(:.*)?') THEN CAST(try_strptime(v[1:9], '%d%b%Y') AS DATE) END);
CREATE MACRO possible(age) AS CASE WHEN age BETWEEN 0 AND 130 THEN age END;
CREATE MACRO age_on(birth, d) AS possible(year(d) - year(birth) - CAST(strftime(d, '%m%d') < strftime(birth, '%m%d') AS INT));
CREATE MACRO age_of(v) AS CASE WHEN v BETWEEN '7001' AND '7007' AND length(v) = 4 THEN 0
	WHEN regexp_full_match(v, '[0-9]+(\.[0-9]+)?') THEN possible(TRY_CAST(split_part(v, '.', 1) AS INT)) END;
CREATE MACRO month_of(v) AS a_day(CASE WHEN regexp_full_match(v, '[0-9]{6}') THEN TRY_CAST(v[3:6] || '-' || v[1:2] || '-01' AS DATE) END);
CREATE MACRO district(v) AS CASE
	WHEN regexp_full_match(v, 'GIR *0AA', 'i') THEN 'GIR'
	WHEN regexp_full_match(v, '[A-PR-UWYZ][A-HK-Y]?[0-9][0-9A-Z]? *[0-9][ABD-HJLNP-UW-Z]{2}', 'i') THEN upper(rtrim(v[1:length(v)-3])) END;
CREATE MACRO area_code(v) AS upper(replace(v, ' ', ''));
CREATE MACRO numbers(file) AS TABLE SELECT DISTINCT nhs(line) AS number FROM (SELECT unnest(regexp_split_to_array(content, '\r\n|\r|\n')) AS line FROM read_text(file)) WHERE nhs(line) IS NOT NULL`

// A query is a case in SQL, with its files in a folder.
type query struct {
	*agreedCase
	in string
}

func literal(text string) string { return "'" + strings.ReplaceAll(text, "'", "''") + "'" }

func (q query) file(name string) string { return literal(filepath.Join(q.in, name)) }

// column is a column of the source as it stands there.
func (q query) column(name string) string {
	return fmt.Sprintf("s.c%d", slices.Index(q.columns, name))
}

// said is what it says, or NULL.
func (q query) said(name string) string {
	return fmt.Sprintf("s.v%d", slices.Index(q.columns, name))
}

// says makes said of all columns.
func (q query) says() string {
	var all []string
	for i, name := range q.columns {
		field, _ := q.dataset.Field(name)
		codes := []string{}
		for _, m := range field.Missing {
			codes = append(codes, literal(strings.TrimSpace(m)))
		}
		all = append(all, fmt.Sprintf("said(c%d, [%s]::VARCHAR[]) AS v%[1]d", i, strings.Join(codes, ", ")))
	}
	return strings.Join(all, ", ")
}

// sql gives for each row whether it is wanted, its person, whether the person
// objects and is known, and the values that would leave.
func (q query) sql() string {
	who := q.said("PERSON")
	persons := "s.number IN (SELECT number FROM list), s.number IS NOT NULL"
	person := fmt.Sprintf("coalesce(s.number, %s)", who)
	if q.dataset.Index != nil {
		persons = fmt.Sprintf("%s IN (SELECT who FROM persons WHERE objects), %[1]s IN (SELECT who FROM persons WHERE known)", who)
		person = who
	}
	var values []string
	for _, c := range q.leave() {
		values = append(values, "coalesce(CAST("+q.derive(c)+" AS VARCHAR), '')")
	}
	return fmt.Sprintf(`WITH list AS (SELECT number FROM numbers(%s)),
persons AS (SELECT bare(who) AS who, bool_or(coalesce(nhs(number) IN (SELECT number FROM list), false)) AS objects, bool_or(nhs(number) IS NOT NULL) AS known
	FROM read_csv(%s, header = true, auto_detect = false, columns = {'other': 'VARCHAR', 'number': 'VARCHAR', 'who': 'VARCHAR'}, delim = %s, quote = '"', escape = '"', new_line = '\n') GROUP BY ALL),
areas AS (SELECT area_code(code) AS code, area FROM read_csv(%s, header = true, auto_detect = false, columns = {'area': 'VARCHAR', 'code': 'VARCHAR'}, delim = ',', quote = '"', escape = '"', new_line = '\n')),
s AS MATERIALIZED (SELECT *, nhs(v%d) AS number, day_of(v%d) AS day, day_of(v%d) AS birth FROM (SELECT row_number() OVER () AS nth, *, %s FROM %s))
SELECT %s, %s, %s, %s FROM s ORDER BY nth`,
		q.file("list.txt"), q.file("index.csv"), literal(string(q.indexComma)), q.file("table.csv"),
		slices.Index(q.columns, "PERSON"), slices.Index(q.columns, "DAY"), slices.Index(q.columns, "DOB"), q.says(), q.source(), q.wanted(), person, persons, strings.Join(values, ", "))
}

func (q query) source() string {
	var columns []string
	for i := range q.columns {
		columns = append(columns, fmt.Sprintf("'c%d': 'VARCHAR'", i))
	}
	quote, f := "", q.dataset.Format
	if f.Quoted {
		quote = `"`
	}
	return fmt.Sprintf(`read_csv(%s, header = %v, auto_detect = false, columns = {%s}, delim = %s, quote = '%s', escape = '%[5]s', new_line = %s)`,
		q.file("source.csv"), f.Header, strings.Join(columns, ", "), literal(f.Delimiter), quote, literal(map[string]string{"\n": `\n`, "\r\n": `\r\n`}[q.lineEnd]))
}

func (q query) wanted() string {
	all := []string{"true"}
	day := "bare(" + q.column("DAY") + ")"
	if q.from != "" || q.to != "" {
		all = append(all, fmt.Sprintf(`regexp_full_match(%s, '(?s)[0-9]{4}-[0-9]{2}-[0-9]{2}([T ].*)?') AND %[1]s <> '1799-12-31'`, day))
	}
	if q.from != "" {
		all = append(all, day+"[1:10] >= "+literal(string(q.from)))
	}
	if q.to != "" {
		all = append(all, day+"[1:10] <= "+literal(string(q.to)))
	}
	for _, f := range q.request.Rows {
		all = append(all, q.filter(f))
	}
	if q.request.Cohort != nil {
		all = append(all, q.inCohort())
	}
	return "coalesce(" + strings.Join(all, " AND ") + ", false)"
}

// filter is NULL where the fields say nothing.
func (q query) filter(f dars.RowFilter) string {
	says := ""
	if f.Ages != "" {
		says = "(" + q.inBands(q.age(f.Fields[0], f.At), f.Ages, func(string) string { return "true" }, "false") + ")"
	} else {
		var match, said []string
		for _, text := range f.Fields {
			for _, name := range dars.Span([]string{"DIAG_01", "DIAG_02", "DIAG_03", "LSOA11", "NOTE"}, text) {
				value := "bare(" + q.column(name) + ")"
				for _, p := range f.Prefixes {
					match = append(match, fmt.Sprintf("starts_with(%s, %s)", value, literal(p)))
				}
				for _, c := range f.Codes {
					match = append(match, value+" = "+literal(c))
				}
				said = append(said, q.said(name)+" IS NOT NULL")
			}
		}
		says = fmt.Sprintf("(CASE WHEN %s THEN true WHEN %s THEN false END)", strings.Join(match, " OR "), strings.Join(said, " OR "))
	}
	if f.Not {
		return "NOT " + says
	}
	return says
}

func (q query) inCohort() string {
	line := "bare(line)"
	if q.cohortComma != 0 {
		line = fmt.Sprintf("bare(split_part(line, %s, 2))", literal(string(q.cohortComma)))
	}
	key := q.said("PERSON")
	if q.dataset.Index == nil {
		line, key = "nhs("+line+")", "s.number"
	}
	return fmt.Sprintf(`%s IN (SELECT %s FROM (SELECT unnest(regexp_split_to_array(content, '\r\n|\n')) AS line FROM read_text(%s)) WHERE %[2]s IS NOT NULL AND line <> %s)`,
		key, line, q.file("cohort.txt"), literal("n"+string(max(q.cohortComma, 1))+"id"))
}

func (q query) age(field, at string) string {
	if field != "DOB" {
		return "age_of(" + q.said(field) + ")"
	}
	on := "DATE " + literal(at)
	if at == "DAY" {
		on = "s.day"
	}
	return fmt.Sprintf("age_on(s.birth, %s)", on)
}

// inBands is NULL where there is no age.
func (q query) inBands(age, bands string, then func(band string) string, otherwise string) string {
	text := "CASE WHEN " + age + " IS NULL THEN NULL"
	for band := range strings.SplitSeq(bands, ",") {
		from, to, isRange := strings.Cut(band, "-")
		switch {
		case strings.HasSuffix(band, "+"):
			from, to = strings.TrimSuffix(band, "+"), "130"
		case !isRange:
			to = from
		}
		text += fmt.Sprintf(" WHEN %s BETWEEN %s AND %s THEN %s", age, from, to, then(band))
	}
	return text + " ELSE " + otherwise + " END"
}

// leave is every column that leaves.
func (q query) leave() []dars.Column {
	if q.request.Columns != nil {
		return q.request.Columns
	}
	var all []dars.Column
	for _, name := range q.columns {
		if q.approved == nil || slices.Contains(q.approved, name) {
			all = append(all, dars.Column{Field: name})
		}
	}
	return all
}

// pseudonymous stands before a value of which [plainPseudonym] is to be made, with
// its kind.
const pseudonymous = "\x01pseudonym of "

func (q query) derive(c dars.Column) string {
	value := q.said(c.Field)
	switch c.Derive {
	case "pseudonym":
		named := value
		if c.Field == "PERSON" && q.dataset.Index == nil {
			named = fmt.Sprintf("coalesce(s.number, %s)", value)
		}
		field, _ := q.dataset.Field(c.Field)
		return fmt.Sprintf("CASE WHEN %s IS NULL THEN %s ELSE %s || %s END", value, q.column(c.Field), literal(pseudonymous+field.Pseudonym+"\x01"), named)
	case "age":
		return q.age(c.Field, c.At)
	case "age-band":
		return q.inBands(q.age(c.Field, c.At), c.Bands, literal, "NULL")
	case "birth-month":
		return "strftime(s.birth, '%m%Y')"
	case "birth-year":
		if c.Field == "MYDOB" {
			return "strftime(month_of(" + value + "), '%Y')"
		}
		return "strftime(s.birth, '%Y')"
	case "postcode-district":
		return "district(" + value + ")"
	case "area":
		return "(SELECT area FROM areas WHERE areas.code = area_code(" + value + "))"
	}
	return q.column(c.Field)
}

// outcome adds up what DuckDB says of each row.
func (q query) outcome(rows []verdict) (o outcome) {
	if q.dataset.Format.Header {
		var names []string
		for _, c := range q.leave() {
			names = append(names, c.Name())
		}
		o.rows = append(o.rows, names)
	}
	gone, nobody := map[string]bool{}, map[string]bool{}
	for _, row := range rows {
		o.in++
		switch {
		case !row.wanted:
			o.outside++
			continue
		case row.objects && q.upheld:
			o.withheld++
			gone[row.person] = true
			continue
		case !row.known:
			o.unmatched++
			if row.person != "" {
				nobody[row.person] = true
			}
			if q.upheld && q.dataset.Unmatched == dars.Withhold {
				continue
			}
		}
		o.out++
		for i, value := range row.values {
			if kind, value, ok := strings.Cut(strings.TrimPrefix(value, pseudonymous), "\x01"); ok && strings.HasPrefix(row.values[i], pseudonymous) {
				row.values[i] = plainPseudonym(q.key, kind, value)
			}
		}
		o.rows = append(o.rows, row.values)
	}
	o.personsWithheld, o.personsNotMatching = len(gone), len(nobody)
	return o
}

// A verdict is what DuckDB says of one row.
type verdict struct {
	wanted, objects, known bool
	person                 string
	values                 []string
}

// UnmarshalJSON reads a row as the query has it.
func (v *verdict) UnmarshalJSON(text []byte) error {
	var cells []any
	if err := json.Unmarshal(text, &cells); err != nil {
		return err
	}
	v.wanted = cells[0] == true
	v.person, _ = cells[1].(string)
	v.objects, v.known = cells[2] == true, cells[3] == true
	for _, cell := range cells[4:] {
		v.values = append(v.values, cell.(string))
	}
	return nil
}
