package extract

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"darsd/dars"
	"darsd/transfer/extract/artificial"
)

// The same rows by the terms and by plain means: encoding/csv, package time and
// regular expressions, value by value.
func TestTermsAgainstPlainMeans(t *testing.T) {
	e := artificial.Episodes{Seed: 7, Persons: 900, Year: 2001, Identifiable: true}
	var source bytes.Buffer
	if err := e.Write(&source, 4000); err != nil {
		t.Fatal(err)
	}
	d := dars.Dataset{Code: "HES_APC", Person: "PSEUDO_HESID", Index: &dars.Index{File: "i", Person: "PSEUDO_HESID", NHSNumber: "N"}, Unmatched: dars.Withhold,
		Format: dars.Format{Delimiter: ",", Quoted: true, Header: true}, Fields: slices.Clone(e.Fields()),
		Tables: []dars.AreaTable{{Name: "LAD", File: "lad.csv", From: "LSOA11", To: "LAD"}}}
	holds := map[string]string{"MYDOB": "birth-month", "STARTAGE": "age", "DOB": "birth-date", "HOMEADD": "postcode", "LSOA11": "area"}
	for i := range d.Fields {
		f := &d.Fields[i]
		f.Holds = holds[f.Name]
		if f.Name == "PSEUDO_HESID" {
			f.Pseudonym = "person"
		}
	}
	ask := dars.DatasetRequest{Code: "HES_APC", Identifiability: "PSEUDO_ICO",
		Columns: []dars.Column{{Field: "PSEUDO_HESID", Derive: "pseudonym"}, {Field: "DOB", Derive: "age", At: "EPISTART", As: "AGE"}, {Field: "STARTAGE", Derive: "age-band", Bands: "0-4,5-17,18-64,65+", As: "BAND"},
			{Field: "MYDOB", Derive: "birth-year", As: "YOB"}, {Field: "DOB", Derive: "birth-month", As: "MOB"}, {Field: "HOMEADD", Derive: "postcode-district", As: "POSTDIST"},
			{Field: "LSOA11", Derive: "area", Table: "LAD", As: "LAD"}, {Field: "DIAG_4_CONCAT"}, {Field: "DIAG_4_01"}, {Field: "ADMIDATE"}},
		Rows: []dars.RowFilter{{Fields: []string{"DIAG_4_01..DIAG_4_20"}, Prefixes: []string{"I", "J4"}, Codes: []string{"E119"}, Not: true}, {Fields: []string{"STARTAGE"}, Ages: "0-89"}}}

	rows, err := csv.NewReader(bytes.NewReader(source.Bytes())).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	at := map[string]int{}
	for i, name := range rows[0] {
		at[name] = i
	}
	table := "LSOA11,LAD\n"
	lads := map[string]string{}
	for i, row := range rows[1:] {
		if code := strings.TrimSpace(row[at["LSOA11"]]); i%3 > 0 && lads[code] == "" && code != "" {
			lads[code] = fmt.Sprintf("Area %d of %d", i%7, i%3)
			table += fmt.Sprintf("%s,\"%s\"\n", code, lads[code])
		}
	}
	read, err := ReadAreas(strings.NewReader(table), d.Tables[0])
	if err != nil {
		t.Fatal(err)
	}
	out, counts, err := carried(d, ask, parts{key: aKey(1), tables: map[string]*Areas{"LAD": read}}, source.String())
	if err != nil {
		t.Fatal(err)
	}
	reader := csv.NewReader(strings.NewReader(out))
	got, err := reader.ReadAll()
	if err != nil {
		t.Fatal(err)
	}

	names, _ := NewPseudonyms(aKey(1), "person")
	missing := func(name, value string) bool {
		f, _ := d.Field(name)
		return value == "" || slices.ContainsFunc(f.Missing, func(m string) bool { return strings.TrimSpace(m) == value })
	}
	var filtered int64
	n := 1
	for line, row := range rows[1:] {
		value := func(name string) string { return strings.TrimSpace(row[at[name]]) }
		known := func(name string) string {
			if v := value(name); !missing(name, v) {
				return v
			}
			return ""
		}
		hit, said := false, false
		for i := 1; i <= 20; i++ {
			name := fmt.Sprintf("DIAG_4_%02d", i)
			hit = hit || regexp.MustCompile("^(I|J4|E119$)").MatchString(value(name))
			said = said || known(name) != ""
		}
		age, err := strconv.Atoi(known("STARTAGE"))
		if err == nil && age > 7000 {
			age = 0
		}
		if hit || !said || err != nil || age > 89 {
			filtered++
			continue
		}
		want := []string{value("PSEUDO_HESID"), "", "", "", "", "", "", row[at["DIAG_4_CONCAT"]], row[at["DIAG_4_01"]], row[at["ADMIDATE"]]}
		if v := known("PSEUDO_HESID"); v != "" {
			want[0] = string(names.Append(nil, []byte(v)))
		}
		born, noBirth := time.Parse(time.DateOnly, known("DOB"))
		began, noStart := time.Parse(time.DateOnly, known("EPISTART"))
		if noBirth == nil {
			want[4] = born.Format("012006")
		}
		if noBirth == nil && noStart == nil && !began.Before(born) {
			years := 0
			for !time.Date(born.Year()+years+1, born.Month(), born.Day(), 0, 0, 0, 0, time.UTC).After(began) {
				years++
			}
			want[1] = fmt.Sprint(years)
		}
		want[2] = []string{"0-4", "5-17", "18-64", "65+"}[slices.IndexFunc([]int{4, 17, 64, 130}, func(last int) bool { return age <= last })]
		if m := known("MYDOB"); len(m) == 6 && m[2:] != "1800" && m[2:] != "1801" && m[2:] != "1600" {
			want[3] = m[2:]
		}
		if m := regexp.MustCompile(`^([A-Z]{1,2}[0-9][A-Z0-9]?) *[0-9][A-Z]{2}$`).FindStringSubmatch(strings.ToUpper(known("HOMEADD"))); m != nil && m[1] != "ZZ99" {
			want[5] = m[1]
		}
		want[6] = lads[known("LSOA11")]
		if n == len(got) || !slices.Equal(got[n], want) {
			t.Fatalf("row %d of the source leaves as\n%q\nnot\n%q", line+2, got[min(n, len(got)-1)], want)
		}
		n++
	}
	left := counts.Filters[0].Missing + counts.Filters[0].Others + counts.Filters[1].Missing + counts.Filters[1].Others
	if n != len(got) || left != filtered || n < 400 || filtered < 400 {
		t.Errorf("%d rows left, %d should; %d are filtered, %d should be", len(got), n, left, filtered)
	}
}
