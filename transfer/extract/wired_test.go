package extract_test

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"io"
	"strings"
	"testing"

	"filippo.io/age"

	"darsd/dars"
	"darsd/transfer/extract"
)

// A package as an agreement asks for it, from its pseudonyms to its cohort: the
// same again, and with nothing in common under another case's key.
func TestPackageAsAgreed(t *testing.T) {
	d := visits()
	d.Fields[1].Pseudonym, d.Fields[1].Holds = "person", "nhs-number"
	d.Fields = append(d.Fields, dars.Field{Name: "dob", Type: "date", Identifying: true, Holds: "birth-date"}, dars.Field{Name: "area", Holds: "area"})
	d.Tables = []dars.AreaTable{{Name: "LAD", File: "lad.csv", From: "code", To: "name"}}
	table, err := extract.ReadAreas(strings.NewReader("code,name\nE1,\"Herefordshire, County of\"\n"), d.Tables[0])
	if err != nil {
		t.Fatal(err)
	}
	members, _, err := extract.ReadCohort(strings.NewReader(strings.Join([]string{ann, bob, cat}, "\n")), true, "")
	if err != nil {
		t.Fatal(err)
	}
	source := "key,nhs,day,note,dob,area\n" +
		"1," + ann + ",2001-04-01,\"J45, x\",1968-04-01,E1\n" + // leaves
		"2," + bob + ",2001-04-01,J45,1968-04-02,E1\n" + // objects
		"3," + cat + ",2001-04-01,I10,1968-04-02,E2\n" + // another diagnosis
		"4," + dan + ",2001-04-01,J45,1968-04-02,E2\n" + // nobody's cohort
		"5,999 000 0018,2001-04-01,J459,1800-01-01,E2\n" // leaves
	made := func(key byte) (string, *extract.Result) {
		bag, result, err := pack(t, d, shelf{"visits.csv": []byte(source)}, func(j *extract.Job) {
			j.Objections, j.Nameless = objections(t, bob), true
			j.Terms = dars.DatasetRequest{Code: d.Code, Identifiability: "PSEUDO_ICO", Cohort: &dars.Cohort{Field: "nhs"}, Rows: []dars.RowFilter{{Fields: []string{"note"}, Prefixes: []string{"J45"}}},
				Columns: []dars.Column{{Field: "note", As: "DIAGNOSIS"}, {Field: "nhs", Derive: "pseudonym", As: "PERSON"}, {Field: "dob", Derive: "age", At: "day", As: "AGE"}, {Field: "area", Derive: "area", Table: "LAD", As: "LAD"}}}
			j.Pseudonyms, j.Tables, j.Cohort = bytes.Repeat([]byte{key}, 32), map[string]*extract.Areas{"LAD": table}, members
		})
		if err != nil {
			t.Fatal(err)
		}
		verify(t, bag)
		if !bytes.Contains(bag["datapackage.json"], []byte("32 letters in the place of a value")) {
			t.Error("the package does not describe what is derived")
		}
		return string(bag[dataFile]), result
	}
	got, result := made(1)
	people := extract.FindPseudonyms([]byte(got))
	if len(people) != 1 {
		t.Fatalf("%d persons in %q", len(people), got)
	}
	if want := "DIAGNOSIS,PERSON,AGE,LAD\n\"J45, x\"," + people[0] + ",33,\"Herefordshire, County of\"\nJ459," + people[0] + ",,\n"; got != want {
		t.Errorf("%s\nnot\n%s", got, want)
	}
	f := result.Files[0]
	if counts := fmt.Sprint(f.RowsIn, f.RowsOutside, f.RowsWithheld, f.RowsOut, f.Asked); counts != "5 2 1 2 {[{0 1}] {0 1} [0 0 1 1]}" {
		t.Error(counts)
	}
	if again, _ := made(1); again != got {
		t.Error("a refresh is another file")
	}
	if other, _ := made(2); strings.Contains(other, people[0]) {
		t.Error("two cases share a person")
	}
}

// Where an index says who is who, a recipient may know its persons by any of their
// numbers. Who objects by another number is withheld as ever.
func TestCohortByNumberThroughTheIndex(t *testing.T) {
	const other = "9990000077"
	d := visits()
	d.Person, d.Index = "key", &dars.Index{File: "index.csv", Person: "key", NHSNumber: "nhs", AsAt: "2020-01-01"}
	files := shelf{
		"visits.csv": []byte("key,nhs,day,note\nA,,2001-04-01,one\n\"B\",,2001-04-01,two\nC,,2001-04-01,three\nD,,2001-04-01,four\nE,,2001-04-01,five\n"),
		"index.csv":  []byte("key,nhs\nA," + ann + "\nA," + other + "\nB," + bob + "\nC," + cat + "\nC," + dan + "\nD,\n"),
	}
	members, _, err := extract.ReadCohort(strings.NewReader(strings.Join([]string{other, bob, dan}, "\n")), true, "")
	if err != nil {
		t.Fatal(err)
	}
	bag, result, err := pack(t, d, files, func(j *extract.Job) {
		j.Objections, j.Columns, j.IndexCoverage = objections(t, cat), []string{"note"}, 0
		j.Terms = dars.DatasetRequest{Code: d.Code, Identifiability: "IDENT", Cohort: &dars.Cohort{Field: "key", NHSNumbers: true}}
		j.Cohort = members
	})
	if err != nil {
		t.Fatal(err)
	}
	verify(t, bag)
	if got := string(bag[dataFile]); got != "note\none\ntwo\n" {
		t.Errorf("it holds %q", got)
	}
	if f := result.Files[0]; f.RowsWithheld != 1 || f.RowsOutside != 2 || members.Found() != 3 {
		t.Errorf("%+v, %d found", f, members.Found())
	}
}

// Encrypted to its recipient a data file holds the same, the bag is whole for
// whoever cannot read it, and what its manifest names is what lies there.
func TestPackageEncryptedToItsRecipient(t *testing.T) {
	mine, err := age.GenerateX25519Identity()
	if err != nil {
		t.Fatal(err)
	}
	to, err := extract.ParseRecipients([]string{mine.Recipient().String()})
	if err != nil {
		t.Fatal(err)
	}
	source := []byte(head + strings.Repeat("1,"+ann+",2001-04-01,x\n2,"+bob+",2001-04-01,y\n", 20_000)) // some chunks
	made := func(to extract.Recipients) (shelf, *extract.Result) {
		bag, result, err := pack(t, visits(), shelf{"visits.csv": source}, func(j *extract.Job) {
			j.Objections, j.Output = objections(t, bob), extract.Output{Compression: "zstd", Recipients: to}
		})
		if err != nil {
			t.Fatal(err)
		}
		verify(t, bag)
		return bag, result
	}
	plain, _ := made(extract.Recipients{})
	sealed, result := made(to)
	if f := result.Files[0]; f.Bytes != int64(len(sealed[dataFile])) || f.SHA256 != fmt.Sprintf("%x", sha256.Sum256(sealed[dataFile])) {
		t.Errorf("of %d bytes the result says %+v", len(sealed[dataFile]), f.Written)
	}
	r, err := age.Decrypt(bytes.NewReader(sealed[dataFile]), mine)
	if err != nil {
		t.Fatal(err)
	}
	if got, err := io.ReadAll(r); err != nil || !bytes.Equal(got, plain[dataFile]) {
		t.Errorf("decrypted it is %d bytes, and was %d: %v", len(got), len(plain[dataFile]), err)
	}
	if !bytes.Contains(sealed["datapackage.json"], []byte(`"encryption": "age"`)) || bytes.Contains(plain["datapackage.json"], []byte("encryption")) {
		t.Error("datapackage.json does not say what is encrypted")
	}
}
