package main

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"filippo.io/age"
	"github.com/pkg/sftp"
)

const visits = `  - code: VISITS
    name: Visits
    iao: iris
    person: NHS
    date: SEEN
    unmatched: withhold
    malformed: quarantine
    format: { delimiter: ",", quoted: true, header: true }
    files:
      - { period: "201499", path: sources/visits.csv, as_at: "2015-11-30" }
    fields:
      - { name: NHS, type: string, identifying: true, holds: nhs-number, pseudonym: person }
      - { name: BORN, type: date, identifying: true, holds: birth-date }
      - { name: SEEN, type: date }
      - { name: DIAG, type: string }
      - { name: AREA, type: string, holds: area }
    tables:
      - { name: LAD, file: sources/lad.csv, from: CODE, to: DISTRICT }
`

// asksOfVisits is what nora asks to be done to the rows of VISITS.
const asksOfVisits = `    identifiability: PSEUDO_ICO
    columns:
      - { field: DIAG }
      - { field: NHS, derive: pseudonym, as: PERSON }
      - { field: BORN, derive: age, at: SEEN, as: AGE }
      - { field: AREA, derive: area, table: LAD, as: DISTRICT }
    rows:
      - { fields: [DIAG], prefixes: [J45] }
    output: { delimiter: "|", compression: gzip }
`

// From what an application asks to the file that nora has: pseudonyms that stay the
// same in a refresh and differ in another case, what is derived, the rows of a
// filter, the file encrypted to a key of nora's. A row that cannot be read is for staff alone.
func TestDeliveredAsAgreed(t *testing.T) {
	t.Parallel()
	d := holding(t, visits)
	ann, bob, cat := madeUp(1), madeUp(2), madeUp(3)
	d.write(t, "office/sources/lad.csv", []byte("CODE,DISTRICT\nE1,\"Herefordshire, County of\"\nE2,Leeds|North\n"))
	d.write(t, "office/sources/visits.csv", fmt.Appendf(nil, "NHS,BORN,SEEN,DIAG,AREA\n"+
		"\"%[1]s\",\"1968-04-01\",\"2014-04-01\",\"J45, x\",\"E1\"\n"+ // leaves
		"\"%[2]s\",\"1968-04-02\",\"2014-04-01\",\"J45\",\"E1\"\n"+ // has objected
		"\"%[1]s\",\"1968-04-01\",\"2014-04-01\",\"I10\",\"E1\"\n"+ // another diagnosis
		"\"%[3]s\",\"1968-04-02\",\"2014-04-01\",\"J45\",\"E1\",\"one too many\"\n"+ // cannot be read
		"\"%[3]s\",\"1968-04-02\",\"2014-04-01\",\"J459\",\"E2\"\n"+ // leaves
		"\"%[4]s\",\"1968-04-01\",\"2014-03-31\",\"J450\",\"E3\"\n", // leaves: the first one again
		ann, bob, cat, ann[:3]+" "+ann[3:6]+" "+ann[6:]))
	d.write(t, "list.txt", []byte(bob+"\n"))
	form := strings.Replace(demoForm("Asthma", "8D101", "nora", "VISITS", `"201499"`, "HSCA261_1_2BII", "2016-03-01", "2017-02-28"),
		"    identifiability: IDENT\n    sensitive: true\n", asksOfVisits, 1)

	agree := func(day, agreement, form string) {
		t.Helper()
		name := "people/nora/signed-" + agreement + ".pdf"
		if err := d.all(append(appliedWith(day, agreement, form),
			command{as: "carol", args: []string{"agreement", "print", agreement}, out: "people/nora/agreement.pdf"},
			pen{"people/nora/agreement.pdf", name, "Nora Field"})...); err != nil {
			t.Fatal(err)
		}
		if err := d.handIn(name, "signed-agreements"); err != nil {
			t.Fatal(err)
		}
	}
	agree("2016-02-08", demoFirst, form)
	mine, err := age.GenerateX25519Identity()
	if err != nil {
		t.Fatal(err)
	}
	agree("2016-02-09", demoSecond, strings.Replace(form, "compression: gzip", "compression: gzip, encrypt_to: ["+mine.Recipient().String()+"]", 1))
	err = d.all(append(append(signature("2016-03-01T09", demoFirst), signature("2016-03-01T10", demoSecond)...),
		at("2016-03-07T09:00", "priya", "objections load", "$D/list.txt", "--as-at", "2016-03-04"))...)
	if err != nil {
		t.Fatal(err)
	}
	d.serves(t)
	collect := func(agreement, release, path string) string {
		t.Helper()
		if err := d.sftp("nora", func(c *sftp.Client) error {
			return fetchAll(c, "collect/"+agreement+"/"+release, d.path("people/nora/"+release))
		}); err != nil {
			t.Fatal(err)
		}
		d.ask(t, "verify", d.path("people/nora/"+release))
		files := d.delivered(t, "people/nora/"+release+"/data")
		if aside, _ := filepath.Glob(d.path("people/nora/" + release + "/*quarantine*")); len(files) != 1 || len(aside) > 0 {
			t.Errorf("%d files of data and %v were delivered", len(files), aside)
		}
		var r io.Reader = bytes.NewReader(files[path])
		if strings.HasSuffix(path, ".age") {
			if r, err = age.Decrypt(r, mine); err != nil {
				t.Fatal(err)
			}
		}
		z, err := gzip.NewReader(r)
		if err != nil {
			t.Fatalf("%s: %v", path, err)
		}
		text, err := io.ReadAll(z)
		if err != nil {
			t.Fatal(err)
		}
		return string(text)
	}
	release := func(id, day, agreement string) {
		t.Helper()
		if err := d.all(released(id, day, agreement, "VISITS")...); err != nil {
			t.Fatal(err)
		}
	}

	release("REL-000001", "2016-03-08", demoFirst)
	got := collect(demoFirst, "REL-000001", "FILE0000001_NIC000001_VISITS_201499.txt.gz")
	names := regexp.MustCompile(`\|([A-Z]{32})\|`).FindAllStringSubmatch(got, -1)
	if len(names) != 3 {
		t.Fatalf("three rows leave, with a pseudonym each: %s", got)
	}
	want := fmt.Sprintf("DIAG|PERSON|AGE|DISTRICT\n\"J45, x\"|%[1]s|46|Herefordshire, County of\n\"J459\"|%[2]s|45|\"Leeds|North\"\n\"J450\"|%[1]s|45|\n", names[0][1], names[1][1])
	if got != want || names[0][1] == names[1][1] {
		t.Errorf("delivered was\n%s\nnot\n%s", got, want)
	}
	if out := strings.Join(strings.Fields(d.ask(t, "--as", "chen", "release", "show", "REL-000001")), " "); !strings.Contains(out, "6 in, 1 outside what was agreed, 1 withheld, 0 of nobody known, 3 out") || !strings.Contains(out, "1 that could not be read") {
		t.Errorf("release show says %s", out)
	}
	if out := d.ask(t, "--as", "chen", "release", "quarantine", "REL-000001"); !strings.Contains(out, "one too many") || strings.Contains(out, "J459") {
		t.Errorf("put aside were %s", out)
	}
	for _, login := range []string{"nora", "carol"} {
		if _, errs, status := asked(t.Context(), "--data", d.path("office"), "--as", login, "release", "quarantine", "REL-000001"); status != refused || !strings.Contains(errs, "release quarantine needs the role") {
			t.Errorf("%s asks for what was put aside: exit status %d: %s", login, status, errs)
		}
	}

	// A refresh has the same pseudonyms, and another case none of them.
	release("REL-000002", "2016-03-09", demoFirst)
	if again := collect(demoFirst, "REL-000002", "FILE0000002_NIC000001_VISITS_201499.txt.gz"); again != got {
		t.Errorf("a refresh is\n%s\nnot\n%s", again, got)
	}
	release("REL-000003", "2016-03-10", demoSecond)
	other := collect(demoSecond, "REL-000003", "FILE0000003_NIC000002_VISITS_201499.txt.gz.age")
	if strings.Contains(other, names[0][1]) || strings.Contains(other, names[1][1]) || len(other) != len(got) {
		t.Errorf("another case has\n%s\nafter\n%s", other, got)
	}

	// One row of a file that was found says whose it was, and of whom it says nothing.
	d.write(t, "found.txt", []byte("x,"+strings.ToLower(names[1][1])+"\n"))
	if out := strings.Fields(d.ask(t, "--as", "cora", "release", "trace", d.path("found.txt"))); strings.Join(out, " ") != "CASE KIND PSEUDONYMS "+strings.TrimSuffix(demoFirst, "-v1.0")+" person 1" {
		t.Errorf("it was traced to %v", out)
	}
	// The access log says who looked, and at which file.
	if seen, err := os.ReadFile(d.path("office/access.log")); err != nil || !strings.Contains(string(seen), `"read":"release quarantine REL-000001"`) ||
		!strings.Contains(string(seen), `"read":"release trace sha256:`+hexSHA256([]byte("x,"+strings.ToLower(names[1][1])+"\n"))+`"`) || strings.Contains(strings.ToUpper(string(seen)), names[1][1]) {
		t.Errorf("%v: the access log says %s", err, seen)
	}
	if _, errs, status := asked(t.Context(), "--data", d.path("office"), "--as", "nora", "release", "trace", d.path("found.txt")); status != refused {
		t.Errorf("nora traces: exit status %d: %s", status, errs)
	}

	// Without the key that was used nothing is made: other names would go unnoticed.
	if err := os.Remove(d.path("office/keys/pseudonyms/" + strings.TrimSuffix(demoFirst, "-v1.0") + ".key")); err != nil {
		t.Fatal(err)
	}
	d.ask(t, "--as", "carol", "--at", "2016-03-11T09:00", "release", "plan", demoFirst, "--dataset", "VISITS")
	if _, errs, status := asked(t.Context(), "--data", d.path("office"), "--as", "priya", "--at", "2016-03-11T09:00", "release", "produce", "REL-000004"); status != refused || !strings.Contains(errs, "bring it back from a backup") {
		t.Errorf("without the key: exit status %d: %s", status, errs)
	}
}
