package extract

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"sync"
	"testing"

	"darsd/dars"
)

// stays is a dataset of which much can be derived.
func stays() dars.Dataset {
	return dars.Dataset{Code: "STAYS", Person: "KEY", Index: &dars.Index{File: "i", Person: "KEY", NHSNumber: "N"}, Unmatched: dars.Withhold,
		Format: dars.Format{Delimiter: ",", Quoted: true, Header: true},
		Fields: []dars.Field{{Name: "KEY", Pseudonym: "person", Missing: []string{"0000"}}, {Name: "NHS", Identifying: true, Holds: "nhs-number", Pseudonym: "number"},
			{Name: "DOB", Type: "date", Identifying: true, Holds: "birth-date"}, {Name: "MYDOB", Holds: "birth-month"}, {Name: "STARTAGE", Holds: "age", Missing: []string{"999"}},
			{Name: "HOMEADD", Identifying: true, Holds: "postcode"}, {Name: "LSOA11", Holds: "area", Missing: []string{"Z99999999"}}, {Name: "ADMIDATE", Type: "date"},
			{Name: "DIAG_01", Missing: []string{"R69X"}}, {Name: "DIAG_02", Missing: []string{"R69X", "-   "}}, {Name: "NOTE"}},
		Tables: []dars.AreaTable{{Name: "LAD", File: "lad.csv", From: "LSOA11CD", To: "LAD20NM"}}}
}

func areas(t testing.TB) map[string]*Areas {
	t.Helper()
	a, err := ReadAreas(strings.NewReader("LSOA11CD,LAD20NM\nE01000001,City of London\nE01000002,\"Herefordshire, County of\"\n"), stays().Tables[0])
	if err != nil {
		t.Fatal(err)
	}
	return map[string]*Areas{"LAD": a}
}

// carried is what terms make of a source, with all the rows that they ask for. What
// is made stands in no quotes: to put it there is for whoever writes it.
func carried(d dars.Dataset, r dars.DatasetRequest, with parts, source string) (out string, counts RowCounts, err error) {
	r.Identifiability = "PSEUDO_ICO"
	rows := newRecords(strings.NewReader(source), d.Format.Delimiter[0], d.Format.Quoted)
	first, err := rows.next()
	if err != nil {
		return "", counts, err
	}
	terms, err := newTerms(r, d, names(first), with)
	if err != nil {
		return "", counts, err
	}
	var text []byte
	for i, c := range terms.columns {
		if i > 0 {
			text = append(text, d.Format.Delimiter...)
		}
		text = append(text, c.Name()...)
	}
	text = append(text, '\n')
	for {
		row, err := rows.next()
		if err == io.EOF {
			return string(text), terms.counts(), nil
		}
		if err != nil {
			return "", counts, err
		}
		if terms.wants(&row) {
			text = terms.write(text, &row)
		}
	}
}

func (t *terms) wants(row *record) bool {
	for _, says := range t.where {
		if !says(row) {
			return false
		}
	}
	return true
}

func (t *terms) write(dst []byte, row *record) []byte {
	for i, c := range t.columns {
		if i > 0 {
			dst = append(dst, t.dataset.Format.Delimiter...)
		}
		if c.make == nil {
			dst = append(dst, row.field(c.from)...)
		} else {
			dst = c.make(dst, row)
		}
	}
	return append(dst, row.lineEnd()...)
}

const head = "KEY,NHS,DOB,MYDOB,STARTAGE,HOMEADD,LSOA11,ADMIDATE,DIAG_01,DIAG_02,NOTE\n"

func TestWhatLeaves(t *testing.T) {
	ann := "T1,9990000018,1968-04-30,041968,47,LS1 4AP,E01000001,2016-04-29,J459,I10,\"a, \"\"b\"\"\"\r\n"
	bob := "\"T2\",999 000 0026,\"29FEB2000:00:00:00\",022000,7003,sw1a1aa,E01000002,2001-03-01,R69X,,x|y\n"
	nobody := "0000,,1800-01-01,011800,999,ZZ99 3VZ,Z99999999,1801-01-01,,,"
	col := func(all ...dars.Column) dars.DatasetRequest { return dars.DatasetRequest{Columns: all} }
	key := aKey(1)
	tests := map[string]struct {
		ask       dars.DatasetRequest
		want      string
		underived string
	}{
		"all, as they are": {dars.DatasetRequest{}, head + ann + bob + nobody, "[]"},
		"fields, in the source's order": {dars.DatasetRequest{Fields: []string{"NOTE", "MYDOB", "KEY"}},
			"KEY,MYDOB,NOTE\nT1,041968,\"a, \"\"b\"\"\"\r\n\"T2\",022000,x|y\n0000,011800,", "[]"},
		"columns, in the agreement's": {col(dars.Column{Field: "NOTE"}, dars.Column{Field: "MYDOB", As: "BORN"}, dars.Column{Field: "KEY"}),
			"NOTE,BORN,KEY\n\"a, \"\"b\"\"\",041968,T1\r\nx|y,022000,\"T2\"\n,011800,0000", "[0 0 0]"},
		"neighbours, and one twice": {col(dars.Column{Field: "DIAG_01"}, dars.Column{Field: "DIAG_02"}, dars.Column{Field: "DIAG_02", As: "AGAIN"}),
			"DIAG_01,DIAG_02,AGAIN\nJ459,I10,I10\r\nR69X,,\n,,", "[0 0 0]"},
		"a neighbour that is derived": {col(dars.Column{Field: "STARTAGE"}, dars.Column{Field: "HOMEADD", Derive: "postcode-district"}), "STARTAGE,HOMEADD\n47,LS1\r\n7003,SW1A\n999,", "[0 1]"},
		"ages": {col(dars.Column{Field: "DOB", Derive: "age", At: "ADMIDATE", As: "AGE"}, dars.Column{Field: "DOB", Derive: "age", At: "2016-04-30", As: "AT"}, dars.Column{Field: "STARTAGE", Derive: "age"}),
			"AGE,AT,STARTAGE\n47,48,47\r\n1,16,0\n,,", "[1 1 0]"},
		"bands": {col(dars.Column{Field: "DOB", Derive: "age-band", At: "ADMIDATE", Bands: "0-4,5-9"}, dars.Column{Field: "STARTAGE", Derive: "age-band", Bands: "0,1+"}),
			"DOB,STARTAGE\n,1+\r\n0-4,0\n,", "[2 0]"},
		"months and years of birth": {col(dars.Column{Field: "DOB", Derive: "birth-month", As: "MY"}, dars.Column{Field: "DOB", Derive: "birth-year", As: "Y"}, dars.Column{Field: "MYDOB", Derive: "birth-year"}),
			"MY,Y,MYDOB\n041968,1968,1968\r\n022000,2000,2000\n,,", "[1 1 1]"},
		"districts": {col(dars.Column{Field: "HOMEADD", Derive: "postcode-district", As: "POSTDIST"}), "POSTDIST\nLS1\r\nSW1A\n", "[1]"},
		"areas": {col(dars.Column{Field: "LSOA11", Derive: "area", Table: "LAD", As: "LAD"}),
			"LAD\nCity of London\r\nHerefordshire, County of\n", "[0]"},
		"pseudonyms": {col(dars.Column{Field: "KEY", Derive: "pseudonym"}, dars.Column{Field: "NHS", Derive: "pseudonym", As: "PERSON"}),
			"KEY,PERSON\n" + name(t, key, "person", "T1") + "," + name(t, key, "number", "9990000018") + "\r\n" +
				name(t, key, "person", "T2") + "," + name(t, key, "number", "9990000026") + "\n0000,", "[0 0]"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			got, counts, err := carried(stays(), tt.ask, parts{key: key, tables: areas(t)}, head+ann+bob+nobody)
			if err != nil || got != tt.want || fmt.Sprint(counts.Underived) != tt.underived {
				t.Errorf("%v %v\n%s\nnot\n%s", err, counts.Underived, got, tt.want)
			}
		})
	}
}

func name(t *testing.T, key []byte, kind, value string) string {
	t.Helper()
	p, err := NewPseudonyms(key, kind)
	if err != nil {
		t.Fatal(err)
	}
	return string(p.Append(nil, []byte(value)))
}

func TestFilters(t *testing.T) {
	source := "KEY,DIAG_01,DIAG_02,STARTAGE,DOB,ADMIDATE,LSOA11\n" +
		"1,J459,,47,1968-04-30,2016-04-29,E01000001\n" +
		"2,I10,\"J45\",17,1998-04-30,2016-04-29,E01000002\n" +
		"3,I10,J4,7003,2016-01-01,2016-04-29,Z99999999\n" +
		"4,R69X,-   ,999,1800-01-01,2016-04-29,\n" +
		"5,R69X,I10,18,1998-04-29,2016-04-29,e01000001\n" +
		"6,, J46 ,120,1896-04-30,,E010000011\n"
	type f = dars.RowFilter
	diag := []string{"DIAG_01..DIAG_02"}
	for name, tt := range map[string]struct {
		filters []f
		keys    string
		counts  string // missing and others of each
	}{
		"none":                        {nil, "1 2 3 4 5 6", "[]"},
		"prefixes, in any column":     {[]f{{Fields: diag, Prefixes: []string{"J45", "J46"}}}, "1 2 6", "[{1 2}]"},
		"not these":                   {[]f{{Fields: diag, Prefixes: []string{"J45", "J46"}, Not: true}}, "3 5", "[{1 3}]"},
		"whole codes":                 {[]f{{Fields: diag, Codes: []string{"J45", "I10"}}}, "2 3 5", "[{1 2}]"},
		"prefixes of many lengths":    {[]f{{Fields: []string{"DIAG_01"}, Prefixes: []string{"J", "I1", "J4599"}}}, "1 2 3", "[{3 0}]"},
		"what stands for nothing":     {[]f{{Fields: []string{"DIAG_01"}, Codes: []string{"R69X"}}}, "4 5", "[{1 3}]"},
		"areas":                       {[]f{{Fields: []string{"LSOA11"}, Codes: []string{"E01000001", "E01000009"}}}, "1", "[{2 3}]"},
		"ages that are there":         {[]f{{Fields: []string{"STARTAGE"}, Ages: "18+"}}, "1 5 6", "[{1 2}]"},
		"babies and the old":          {[]f{{Fields: []string{"STARTAGE"}, Ages: "0,100+"}}, "3 6", "[{1 3}]"},
		"not of these ages":           {[]f{{Fields: []string{"STARTAGE"}, Ages: "18+", Not: true}}, "2 3", "[{1 3}]"},
		"ages on the day":             {[]f{{Fields: []string{"DOB"}, Ages: "18-64", At: "ADMIDATE"}}, "1 5", "[{2 2}]"},
		"ages on a day":               {[]f{{Fields: []string{"DOB"}, Ages: "18-64", At: "2016-04-30"}}, "1 2 5", "[{1 2}]"},
		"two filters, first is asked": {[]f{{Fields: []string{"STARTAGE"}, Ages: "18+"}, {Fields: diag, Prefixes: []string{"J"}}}, "1 6", "[{1 2} {0 1}]"},
	} {
		t.Run(name, func(t *testing.T) {
			got, counts, err := carried(stays(), dars.DatasetRequest{Columns: []dars.Column{{Field: "KEY"}}, Rows: tt.filters}, parts{}, source)
			keys := strings.Join(strings.Fields(got)[min(1, len(got)):], " ")
			if err != nil || keys != tt.keys || fmt.Sprint(counts.Filters) != tt.counts {
				t.Errorf("%v: %s %v, not %s %s", err, keys, counts.Filters, tt.keys, tt.counts)
			}
		})
	}
}

func TestCohortOfTerms(t *testing.T) {
	source := "KEY,NHS\nT1,9990000018\n\"T2\",999 000 0026\nT3,not known\n0000,\nT1,9990000034\n"
	keys, _ := cohort(t, "T1\nT9\n", false, "")
	numbers, _ := cohort(t, "9990000026\n9990000042\n", true, "")
	for _, tt := range []struct {
		field string
		of    *Cohort
		want  string
		count FilterCount
	}{{"KEY", keys, "KEY T1 T1", FilterCount{1, 2}}, {"NHS", numbers, "KEY \"T2\"", FilterCount{1, 3}}} {
		got, counts, err := carried(stays(), dars.DatasetRequest{Columns: []dars.Column{{Field: "KEY"}}, Cohort: &dars.Cohort{Field: tt.field}}, parts{cohort: tt.of}, source)
		if got = strings.Join(strings.Fields(got), " "); err != nil || got != tt.want || counts.Cohort != tt.count {
			t.Errorf("by %s: %v %s %v", tt.field, err, got, counts.Cohort)
		}
		if tt.of.Found() != 1 {
			t.Errorf("by %s %d are found", tt.field, tt.of.Found())
		}
	}
}

func TestTermsThatAreRefused(t *testing.T) {
	for name, tt := range map[string]struct {
		ask  dars.DatasetRequest
		rule string
		says string
	}{
		"a field that nobody knows":   {dars.DatasetRequest{Columns: []dars.Column{{Field: "X"}}}, "request", "STAYS.columns[0].field: STAYS has no field X"},
		"two things at once":          {dars.DatasetRequest{Columns: []dars.Column{{Field: "X"}, {Field: "DIAG_01", Derive: "age"}}}, "request", "STAYS.columns[1].derive"},
		"a column that is missing":    {dars.DatasetRequest{Columns: []dars.Column{{Field: "NOTE"}}}, "no-column", "the column NOTE, which"},
		"a field that is missing":     {dars.DatasetRequest{Fields: []string{"KEY", "NOTE"}}, "no-column", "the column NOTE, which"},
		"a day that is missing":       {dars.DatasetRequest{Columns: []dars.Column{{Field: "DOB", Derive: "age", At: "ADMIDATE"}}}, "no-column", "the column ADMIDATE"},
		"a filter's that is missing":  {dars.DatasetRequest{Rows: []dars.RowFilter{{Fields: []string{"DIAG_01..DIAG_02"}, Codes: []string{"A"}}}}, "no-column", "the column DIAG_02"},
		"the cohort's column missing": {dars.DatasetRequest{Cohort: &dars.Cohort{Field: "NHS"}}, "no-cohort", "submit/"},
		"a table that was not read":   {dars.DatasetRequest{Columns: []dars.Column{{Field: "LSOA11", Derive: "area", Table: "LAD"}}}, "no-table", "LAD"},
	} {
		_, _, err := carried(stays(), tt.ask, parts{}, "KEY,DOB,DIAG_01,LSOA11\n")
		var no *dars.Refusal
		if !errors.As(err, &no) || no.Rule != tt.rule || !strings.Contains(no.Sentence, tt.says) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, _, err := carried(stays(), dars.DatasetRequest{Columns: []dars.Column{{Field: "KEY", Derive: "pseudonym"}}}, parts{}, "KEY\n"); err == nil {
		t.Error("pseudonyms without a key")
	}
}

// Many use terms at once, and what they write and count is what one does.
func TestTermsForMany(t *testing.T) {
	var source strings.Builder
	source.WriteString(head)
	for i := range 400 {
		fmt.Fprintf(&source, "T%d,99900000%02d,19%02d-04-30,041968,%d,LS%d 4AP,E0100000%d,2016-04-29,J4%d,,n%d\n", i, i%100, i%100, i%120, i%30, i%3, i%10, i)
	}
	members, _ := cohort(t, "T1\nT2\nT3\nT5\nT8\nT13\nT21\nT34\nT55\nT89\nT144\nT233\n", false, "")
	ask := dars.DatasetRequest{Identifiability: "PSEUDO_ICO", Cohort: &dars.Cohort{Field: "KEY"}, Rows: []dars.RowFilter{{Fields: []string{"STARTAGE"}, Ages: "5-99"}},
		Columns: []dars.Column{{Field: "KEY", Derive: "pseudonym"}, {Field: "NHS", Derive: "pseudonym", As: "N"}, {Field: "DOB", Derive: "age", At: "ADMIDATE"}, {Field: "LSOA11", Derive: "area", Table: "LAD"}, {Field: "NOTE"}}}
	with := parts{key: aKey(1), tables: areas(t), cohort: members}
	want, counts, err := carried(stays(), ask, with, source.String())
	if err != nil || strings.Count(want, "\n") < 5 {
		t.Fatal(err, want)
	}

	rows := newRecords(strings.NewReader(source.String()), ',', true)
	first, err := rows.next()
	if err != nil {
		t.Fatal(err)
	}
	many, err := newTerms(ask, stays(), names(first), with)
	if err != nil {
		t.Fatal(err)
	}
	var all []record
	for {
		row, err := rows.next()
		if err == io.EOF {
			break
		}
		row.text, row.ends = bytes.Clone(row.text), slices.Clone(row.ends)
		all = append(all, row)
	}
	written := make([]string, len(all))
	start := make(chan struct{})
	var work sync.WaitGroup
	for w := range 4 {
		work.Go(func() {
			<-start
			for i := w; i < len(all); i += 4 {
				if many.wants(&all[i]) {
					written[i] = string(many.write(nil, &all[i]))
				}
			}
		})
	}
	close(start)
	work.Wait()
	_, want, _ = strings.Cut(want, "\n")
	if got := strings.Join(written, ""); got != want {
		t.Errorf("many write\n%s\none\n%s", got, want)
	}
	if fmt.Sprint(many.counts()) != fmt.Sprint(counts) {
		t.Errorf("many count %v, one %v", many.counts(), counts)
	}
	sum := many.counts()
	sum.Add(counts)
	if f, one := sum.Filters[0], counts.Filters[0]; f.Others != 2*one.Others || f.Others == 0 || sum.Cohort.Others != 2*counts.Cohort.Others || len(sum.Underived) != 5 ||
		sum.Underived[3] != 2*counts.Underived[3] || sum.Underived[3] == 0 {
		t.Errorf("twice %v is %v", counts, sum)
	}
}

func TestRowsAllocateNothing(t *testing.T) {
	members, _ := cohort(t, "T1\n", false, "")
	ask := dars.DatasetRequest{Identifiability: "PSEUDO_ICO", Cohort: &dars.Cohort{Field: "KEY"},
		Rows: []dars.RowFilter{{Fields: []string{"DIAG_01..DIAG_02"}, Prefixes: []string{"J45"}, Codes: []string{"X"}}, {Fields: []string{"DOB"}, Ages: "5-99", At: "ADMIDATE"}},
		Columns: []dars.Column{{Field: "KEY", Derive: "pseudonym"}, {Field: "NHS", Derive: "pseudonym", As: "N"}, {Field: "DOB", Derive: "age", At: "ADMIDATE"}, {Field: "DOB", Derive: "birth-month", As: "M"},
			{Field: "HOMEADD", Derive: "postcode-district"}, {Field: "STARTAGE", Derive: "age-band", Bands: "0-9,10+"}, {Field: "LSOA11", Derive: "area", Table: "LAD"}, {Field: "NOTE"}}}
	rows := newRecords(strings.NewReader(head+"T1,999 000 0018,1968-04-30,041968,47,LS1 4AP,E01000001,2016-04-29,J459,I10,\"a\"\n"), ',', true)
	first, _ := rows.next()
	terms, err := newTerms(ask, stays(), names(first), parts{key: aKey(1), tables: areas(t), cohort: members})
	if err != nil {
		t.Fatal(err)
	}
	row, err := rows.next()
	if err != nil {
		t.Fatal(err)
	}
	dst := make([]byte, 0, 1024)
	ok := true
	if n := testing.AllocsPerRun(1000, func() {
		ok = ok && terms.wants(&row)
		dst = terms.write(dst[:0], &row)
	}); n > 1 { // a number in an unusual spelling is read as text
		t.Errorf("%v times a row", n)
	}
	if !ok || !strings.HasSuffix(string(dst), ",47,041968,LS1,10+,City of London,\"a\"\n") {
		t.Errorf("%q", dst)
	}
}

func BenchmarkTerms(b *testing.B) {
	rows := newRecords(strings.NewReader(head+"TEST0000000000000000000000000001,9990000018,1968-04-30,041968,47,LS1 4AP,E01000001,2016-04-29,J459,I10,\"a\"\n"), ',', true)
	first, _ := rows.next()
	columns := names(first)
	row, err := rows.next()
	if err != nil {
		b.Fatal(err)
	}
	for _, tt := range []struct {
		name string
		ask  dars.DatasetRequest
	}{
		{"copy", dars.DatasetRequest{Columns: []dars.Column{{Field: "KEY"}, {Field: "DIAG_01"}, {Field: "DIAG_02"}}}},
		{"pseudonym", dars.DatasetRequest{Columns: []dars.Column{{Field: "KEY", Derive: "pseudonym"}, {Field: "DIAG_01"}, {Field: "DIAG_02"}}}},
		{"age", dars.DatasetRequest{Columns: []dars.Column{{Field: "DOB", Derive: "age", At: "ADMIDATE"}, {Field: "DIAG_01"}, {Field: "DIAG_02"}}}},
		{"filter", dars.DatasetRequest{Columns: []dars.Column{{Field: "DIAG_01"}}, Rows: []dars.RowFilter{{Fields: []string{"DIAG_01..DIAG_02"}, Prefixes: []string{"J45", "J46"}, Codes: []string{"I10"}}}}},
	} {
		b.Run(tt.name, func(b *testing.B) {
			tt.ask.Identifiability = "PSEUDO_ICO"
			terms, err := newTerms(tt.ask, stays(), columns, parts{key: aKey(1)})
			if err != nil {
				b.Fatal(err)
			}
			dst := make([]byte, 0, 1024)
			b.ReportAllocs()
			for b.Loop() {
				if terms.wants(&row) {
					dst = terms.write(dst[:0], &row)
				}
			}
		})
	}
}
