package main

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/pkg/sftp"
)

// deliver takes one dataset through the whole chain, from the application to
// Nora's collecting it over SFTP, and returns the file she has. The dataset's
// description, its source, index and list lie in the office already.
func (d *stage) deliver(t *testing.T, code, list string) []byte {
	t.Helper()
	err := d.all(append(applied("2016-02-08", demoFirst, "Acceptance", code),
		command{as: "carol", args: []string{"agreement", "print", demoFirst}, out: "people/nora/agreement.pdf"},
		pen{"people/nora/agreement.pdf", "people/nora/signed.pdf", "Nora Field"})...)
	if err != nil {
		t.Fatal(err)
	}
	if err := d.handIn("people/nora/signed.pdf", "signed-agreements"); err != nil {
		t.Fatal(err)
	}
	err = d.all(append(append(signature("2016-03-01T09", demoFirst), at("2016-03-07T09:00", "priya", "objections load", list, "--as-at", "2016-03-04")),
		released("REL-000001", "2016-03-08", demoFirst, code)...)...)
	if err != nil {
		t.Fatal(err)
	}
	d.serves(t)
	if err := d.sftp("nora", func(c *sftp.Client) error {
		return fetchAll(c, "collect/"+demoFirst+"/REL-000001", d.path("people/nora/REL-000001"))
	}); err != nil {
		t.Fatal(err)
	}
	d.ask(t, "verify", d.path("people/nora/REL-000001"))
	files := d.delivered(t, "people/nora/REL-000001/data")
	if len(files) != 1 {
		t.Fatalf("%d files were delivered, not 1", len(files))
	}
	for _, content := range files {
		return content
	}
	return nil
}

// serves runs the daemon until the test ends.
func (d *stage) serves(t *testing.T) {
	t.Helper()
	b, err := d.serve()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := b.stop(); err != nil {
			t.Errorf("serve: %v", err)
		}
	})
}

// holding is an office that holds one dataset, of the stories' people.
func holding(t *testing.T, dataset string) *stage {
	t.Helper()
	d := begin(t, "founded")
	text, err := os.ReadFile(d.path("office/darsd.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	head, _, _ := strings.Cut(string(text), "datasets:")
	if err := os.WriteFile(d.path("office/darsd.yaml"), []byte(head+"datasets:\n"+dataset), 0o600); err != nil {
		t.Fatal(err)
	}
	return d
}

func (d *stage) write(t *testing.T, name string, content []byte) {
	t.Helper()
	if err := os.WriteFile(d.path(name), content, 0o600); err != nil {
		t.Fatal(err)
	}
}

// counts holds what a release says of itself against what the naive check found.
func (s sifted) counts(t *testing.T, d *stage) {
	t.Helper()
	var r struct {
		In        int `json:"rows_in"`
		Withheld  int `json:"rows_withheld"`
		Unmatched int `json:"rows_unmatched"`
		Out       int `json:"rows_out"`
		Persons   int `json:"persons_withheld"`
	}
	d.into(t, &r, "--as", "priya", "release", "show", "REL-000001")
	if r.In != s.in || r.Withheld != s.withheld || r.Unmatched != s.unmatched || r.Out != s.out || r.Persons != len(s.objectors) {
		t.Errorf("the release says %+v, and it is %d in, %d withheld of %d persons, %d unmatched, %d out", r, s.in, s.withheld, len(s.objectors), s.unmatched, s.out)
	}
}

// madeUp is the nth number of the range that is never issued.
func madeUp(n int) string {
	for nine := 999_000_000 + 11*n; ; nine++ { // of eleven in a row at least nine have a check digit
		text := fmt.Sprint(nine)
		if c := checkDigit(text); c != '?' {
			return text + string(c)
		}
	}
}

// spellings are the ways in which people and programs write a number.
var spellings = []struct {
	name  string
	write func(n string) string
}{
	{"plain", func(n string) string { return n }},
	{"spaces", func(n string) string { return n[:3] + " " + n[3:6] + " " + n[6:] }},
	{"hyphens", func(n string) string { return n[:3] + "-" + n[3:6] + "-" + n[6:] }},
	{"trailing comma", func(n string) string { return n + "," }},
	{"quotes", func(n string) string { return `"` + n + `"` }},
	{"quotes and spaces", func(n string) string { return ` "` + n[:3] + " " + n[3:6] + " " + n[6:] + `" ` }},
	{"tabs around", func(n string) string { return "\t" + n + "\t" }},
	{"a number of a spreadsheet", func(n string) string { return n + ".0" }},
	{"a text of a spreadsheet", func(n string) string { return "'" + n }},
	{"unicode hyphens", func(n string) string { return n[:3] + "\u2010" + n[3:6] + "\u2011" + n[6:] }},
	{"dashes", func(n string) string { return n[:3] + "\u2013" + n[3:6] + "\u2212" + n[6:] }},
	{"unicode spaces", func(n string) string { return n[:3] + "\u00a0" + n[3:6] + "\u2009" + n[6:] + "\u3000" }},
	{"zero width", func(n string) string { return "\u200b" + n + "\ufeff" }},
	{"full width", func(n string) string {
		return strings.Map(func(r rune) rune { return r - '0' + '\uff10' }, n)
	}},
}

// spelled writes a list in every spelling, with a BOM, a header, blank lines and
// all three line ends.
func spelled(numbers []string) []byte {
	var b bytes.Buffer
	b.WriteString("\ufeffNHS_NUMBER\r\n\r\n")
	for i, n := range numbers {
		b.WriteString(spellings[i%len(spellings)].write(n))
		b.WriteString([]string{"\n", "\r\n", "\n\n", "\r"}[i/len(spellings)%4])
	}
	return b.Bytes()
}

// The artificial sample of the real hospital episodes: one year, 193 columns. Its
// index and its list are made here.
func TestRealSampleIsDelivered(t *testing.T) {
	t.Parallel()
	root := os.Getenv("DARSD_TESTDATA")
	if root == "" {
		t.Skip("DARSD_TESTDATA does not say where the artificial hospital episodes are")
	}
	sample := filepath.Join(root, "hes-artificial", "artificial_hes_apc_0102_truncated.csv")
	source, err := os.ReadFile(sample)
	if err != nil {
		t.Fatal(err)
	}
	columns := strings.Split(strings.TrimRight(strings.SplitN(string(source), "\n", 2)[0], "\r"), ",")
	n := naive{delimiter: ',', quoted: true, header: true, person: slices.Index(columns, "PSEUDO_HESID"), index: map[string][]string{}, objecting: map[string]bool{}}
	if len(columns) != 193 || n.person < 0 {
		t.Fatalf("the sample has %d columns, and the person is column %d", len(columns), n.person)
	}

	var index bytes.Buffer
	index.WriteString("\"PSEUDO_HESID\",\"NHS_NUMBER\"\n")
	var objecting []string
	persons := 0
	for i, record := range n.records(source)[1:] {
		who := n.field(t, record)
		if _, ok := n.index[who]; ok {
			continue
		}
		persons++
		numbers := []string{madeUp(4 * i)}
		switch {
		case i%25 == 3: // the index does not know this one
			n.index[who] = nil
			continue
		case i%25 == 7: // no number
			numbers[0] = ""
		case i%25 == 11: // one that fails the check
			numbers[0] = numbers[0][:9] + string('0'+(numbers[0][9]-'0'+1)%10)
		case i%10 == 5:
			numbers = append(numbers, madeUp(4*i+1))
		}
		n.index[who] = numbers
		for j, number := range numbers {
			if number != "" && (i+j)%3 == 1 {
				number = spellings[(i+j)%3].write(number)
			}
			fmt.Fprintf(&index, "%s,\"%s\"\n", who, number)
		}
		if last := numbers[len(numbers)-1]; i%13 == 2 && tenDigits(last) != "" {
			objecting = append(objecting, last)
			n.objecting[last] = true
		}
	}
	if persons < 900 || len(objecting) < 2*len(spellings) {
		t.Fatalf("%d persons, %d objecting: the test would show little", persons, len(objecting))
	}

	var fields strings.Builder
	for _, c := range columns {
		fmt.Fprintf(&fields, "      - { name: %s, type: string }\n", c)
	}
	d := holding(t, fmt.Sprintf(`  - code: HES_APC
    name: Hospital Episode Statistics, Admitted Patient Care
    iao: iris
    person: PSEUDO_HESID
    index: { file: sources/index.csv, person: PSEUDO_HESID, nhs_number: NHS_NUMBER, as_at: "2016-01-31" }
    date: ADMIDATE
    unmatched: withhold
    format: { delimiter: ",", quoted: true, header: true }
    files:
      - { period: "201499", path: %q, as_at: "2015-11-30" }
    fields:
%s`, sample, &fields))
	d.write(t, "office/sources/index.csv", index.Bytes())
	d.write(t, "list.txt", spelled(objecting))

	delivered := d.deliver(t, "HES_APC", "$D/list.txt")
	s := n.sift(t, source)
	s.holds(t, delivered)
	s.counts(t, d)
	var lists struct {
		Items []struct {
			Numbers int
			Invalid []any
		}
	}
	d.into(t, &lists, "--as", "priya", "objections", "list")
	if l := lists.Items[0]; l.Numbers != len(objecting) || len(l.Invalid) != 0 {
		t.Errorf("the list holds %d numbers and %d bad lines; it was written with %d and none", l.Numbers, len(l.Invalid), len(objecting))
	}
}

// A dataset of another shape: seven columns with bars between, no quotes though
// some values have quotation marks in them, no header, no end to the last line;
// the person is the NHS number itself, however it is written.
func TestAnotherShapeIsDelivered(t *testing.T) {
	t.Parallel()
	for _, unmatched := range []string{"withhold", "release"} {
		t.Run("unmatched "+unmatched, func(t *testing.T) {
			t.Parallel()
			n := naive{delimiter: '|', person: 3, index: map[string][]string{}, objecting: map[string]bool{}, releaseNameless: unmatched == "release"}
			var source bytes.Buffer
			var objecting []string
			for i := range 700 {
				number := madeUp(i / 2)
				value := spellings[i%len(spellings)].write(number)
				switch i % 50 {
				case 9:
					value, number = "", ""
				case 19:
					value, number = "not known", ""
				case 29:
					value, number = number[:9]+string('0'+(number[9]-'0'+1)%10), ""
				case 39:
					value, number = "1111111111", ""
				}
				key := strings.TrimSpace(value)
				n.index[key] = []string{number}
				if i/2%9 == 4 && number != "" && !n.objecting[number] {
					n.objecting[number] = true
					objecting = append(objecting, number)
				}
				end := "\n"
				if i%3 == 0 {
					end = "\r\n"
				}
				if i == 699 {
					end = ""
				}
				fmt.Fprintf(&source, "%06d|%d|%d|%s|2014-%02d-01|6\" by 4\" dressing|%s%s", i, i%3, i%97, value, i%12+1, strings.Repeat("x", i%5), end)
			}
			d := holding(t, `  - code: DRESSINGS
    name: Dressings dispensed
    iao: iris
    person: PATIENT
    unmatched: `+unmatched+`
    format: { delimiter: "|", quoted: false, header: false }
    files:
      - { period: "201499", path: sources/dressings.txt, as_at: "2015-11-30" }
    fields:
      - { name: ITEM }
      - { name: KIND }
      - { name: AGE }
      - { name: PATIENT, identifying: true }
      - { name: DAY, type: date }
      - { name: PRODUCT }
      - { name: NOTE }
`)
			d.write(t, "office/sources/dressings.txt", source.Bytes())
			d.write(t, "list.txt", spelled(objecting))
			delivered := d.deliver(t, "DRESSINGS", "$D/list.txt")
			s := n.sift(t, source.Bytes())
			if unmatched == "release" == (len(regexp.MustCompile(`(?m)^\d+\|\d+\|\d+\|not known\|`).FindAll(delivered, -1)) == 0) {
				t.Errorf("unmatched: %s has no effect", unmatched)
			}
			s.objectors = persons(s.objectors, n.index)
			s.holds(t, delivered)
			s.counts(t, d)
		})
	}
}

// persons are the numbers behind some values: one person may be written in
// several ways.
func persons(values map[string]bool, index map[string][]string) map[string]bool {
	all := map[string]bool{}
	for v := range values {
		all[index[v][0]] = true
	}
	return all
}
