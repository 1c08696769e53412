package extract

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/klauspost/compress/zstd"

	"darsd/dars"
)

// examined is a dataset with a column for each thing that can be odd.
var examined = dars.Dataset{Code: "HES_APC", Person: "ID", Date: "ADMIDATE", Format: dars.Format{Delimiter: ",", Quoted: true, Header: true},
	Fields: []dars.Field{
		{Name: "ID", Type: "string", Identifying: true},
		{Name: "ADMIDATE", Type: "date", Missing: []string{"1800-01-01"}},
		{Name: "AGE", Type: "integer", Missing: []string{"X"}},
		{Name: "DIAG", Type: "string", Sensitive: true},
		{Name: "WARD", Type: "string"},
		{Name: "SEX", Type: "string", Codes: []string{"1", "2"}, Missing: []string{"9"}},
	}}

func leavingOf(d dars.Dataset, names ...string) Leaving {
	return Leaving{Dataset: d, Columns: dars.ColumnsLeft(d, dars.DatasetRequest{}, names)}
}

func TestWhatIsOddIsTold(t *testing.T) {
	const header = "ID,ADMIDATE,AGE,DIAG,WARD\n"
	good := "1,2014-05-01,40,J45,Birch\n2,2015-03-31,41,J46,Elm\n"
	tests := map[string]struct {
		rows string
		odd  string
	}{
		"nothing":                        {good, ""},
		"no row at all":                  {"", ""},
		"one row is no constant":         {"1,2014-05-01,40,J45,Birch\n", ""},
		"a value not known":              {good + "3,1800-01-01,X,J45,Elm\n", ""},
		"an empty column":                {"1,2014-05-01,40,,Birch\n2,2014-05-02,41,\"\",Elm\n", "DIAG all-missing 2"},
		"a column of codes for missing":  {"1,1800-01-01,40,a,Birch\n2,,41,b,Elm\n", "ADMIDATE all-missing 2"},
		"a constant column":              {"1,2014-05-01,40,J45,Elm\n2,2014-05-02,41,J46,Elm\n", "WARD one-value 2"},
		"a code that is in no list":      {good + "3,2014-06-01,NK,J45,Elm\n4,2014-06-01,-,J45,Elm\n", "AGE not-of-type 2"},
		"a date that is none":            {good + "3,soon,40,J45,Elm\n", "ADMIDATE not-of-type 1"},
		"a date before the period":       {good + "3,2014-03-31,40,J45,Elm\n", "ADMIDATE outside-period 1"},
		"a date behind it":               {good + "3,2015-04-01,40,J45,Elm\n", "ADMIDATE outside-period 1"},
		"a comma and a line end in text": {good + "3,2014-05-01,40,\"J45,\n9999\",Elm\n", ""},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			odd, err := Examine(strings.NewReader(header+tt.rows), leavingOf(examined, "ID", "ADMIDATE", "AGE", "DIAG", "WARD"), "FILE0000001", "201499")
			if err != nil {
				t.Fatal(err)
			}
			var said []string
			for _, o := range odd {
				said = append(said, fmt.Sprintf("%s %s %d", o.Column, o.What, o.Rows))
			}
			if got := strings.Join(said, ", "); got != tt.odd {
				t.Errorf("odd is %q, want %q", got, tt.odd)
			}
		})
	}
}

// What is no code of its list is counted, and nothing of it is kept.
func TestCodesThatNobodyKnows(t *testing.T) {
	odd, err := Examine(strings.NewReader("ID,SEX\n1,1\n2,2\n3,9\n4,Anna\n5,\n6,3\n"), leavingOf(examined, "ID", "SEX"), "FILE0000001", "201499")
	if err != nil {
		t.Fatal(err)
	}
	want := []dars.Oddity{{File: "FILE0000001", Column: "SEX", What: "unknown-code", Rows: 2}}
	if !slices.Equal(odd, want) {
		t.Errorf("odd is %+v", odd)
	}
}

// Whoever checks a release must see that it is right, and nobody in it.
func TestFirstRowsAreMasked(t *testing.T) {
	text := "ID,ADMIDATE,DIAG,WARD,SEX,NEW\n9990000115,2014-05-01,J45,Birch,2,who knows\n,soon,,,Anna,\n3,1800-01-01,J47,Ash,9,x\n4,2014-05-03,J47,Ash,1,x\n"
	rows, err := FirstRows(strings.NewReader(text), leavingOf(examined, "ID", "ADMIDATE", "DIAG", "WARD", "SEX", "NEW"), 3)
	if err != nil {
		t.Fatal(err)
	}
	want := [][]string{{"***", "2014", "***", "***", "2", "***"}, {"", "***", "", "", "***", ""}, {"***", "1800-01-01", "***", "***", "9", "***"}}
	if !slices.EqualFunc(rows, want, slices.Equal) {
		t.Errorf("shown are %q", rows)
	}
	derived := dars.ColumnsLeft(examined, dars.DatasetRequest{Columns: []dars.Column{{Field: "ID", Derive: "pseudonym", As: "PERSON"}, {Field: "WARD", As: "PLACE"}}}, []string{"PERSON", "PLACE"})
	if !derived[0].Masked || derived[1].Masked || derived[0].Done() != "Pseudonym of the case, from ID" || derived[1].Done() != "as WARD in the source" {
		t.Errorf("derived columns: %+v", derived)
	}
}

func TestPackedAndEncryptedFilesAreExamined(t *testing.T) {
	var packed bytes.Buffer
	z, err := zstd.NewWriter(&packed)
	if err != nil {
		t.Fatal(err)
	}
	fmt.Fprint(z, "ID|WARD\n1|Elm\n2|Elm\n")
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	l := leavingOf(examined, "ID", "WARD")
	l.Output = Output{Delimiter: "|", Compression: "zstd"}
	odd, err := Examine(&packed, l, "FILE0000001", "201499")
	if err != nil || len(odd) != 1 || odd[0].What != "one-value" || odd[0].Column != "WARD" {
		t.Errorf("odd is %+v, %v", odd, err)
	}
	if l.Output.Recipients, err = ParseRecipients([]string{"age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8p"}); err != nil {
		t.Fatal(err)
	}
	if _, err := Examine(&packed, l, "FILE0000001", "201499"); !errors.Is(err, ErrEncrypted) {
		t.Errorf("an encrypted file: %v", err)
	}
}

func BenchmarkExamine(b *testing.B) {
	text := "ID,ADMIDATE,AGE,DIAG,WARD\n" + strings.Repeat("1,2014-05-01,40,J45,Birch\n2,2015-03-31,41,J46,Elm\n", 50_000)
	l := leavingOf(examined, "ID", "ADMIDATE", "AGE", "DIAG", "WARD")
	b.SetBytes(int64(len(text)))
	for b.Loop() {
		if _, err := Examine(strings.NewReader(text), l, "FILE0000001", "201499"); err != nil {
			b.Fatal(err)
		}
	}
}

func TestHeaderOfAPackedFile(t *testing.T) {
	var packed bytes.Buffer
	z, err := zstd.NewWriter(&packed)
	if err != nil {
		t.Fatal(err)
	}
	fmt.Fprint(z, "ID,WARD\r\n1,Elm\r\n")
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	for text, want := range map[string]string{packed.String(): "ID,WARD\r\n", "ID,WARD\n1,Elm\n": "ID,WARD\n", "ID": "ID", "": ""} {
		if line, err := Header(strings.NewReader(text)); err != nil || string(line) != want {
			t.Errorf("the header is %q, %v, want %q", line, err, want)
		}
	}
}
