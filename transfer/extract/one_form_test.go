package extract_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"darsd/dars"
	"darsd/transfer/extract"
)

func refusedAs(err error, rule, says string) bool {
	var no *dars.Refusal
	return errors.As(err, &no) && no.Rule == rule && strings.Contains(no.Sentence, says)
}

// Which of two columns is meant is nobody's to guess.
func TestColumnsNamedTwice(t *testing.T) {
	for header, says := range map[string]string{
		"nhs,NUMBER,NUMBER\nA," + bob + "," + ann + "\n": "line 1: columns 2 and 3 have the same name, NUMBER",
		"nhs,nhs,NUMBER\nA,B," + ann + "\n":              "line 1: columns 1 and 2 have the same name, nhs",
	} {
		_, _, err := pack(t, indexed(), shelf{"visits.csv": []byte(head + "1,A,,x\n"), "index.csv": []byte(header)}, nil)
		if !refusedAs(err, "column-twice", says) {
			t.Errorf("%q: %v", header, err)
		}
	}
	if _, _, err := extract.ReadCohort(strings.NewReader("nhs,nhs\n"+ann+","+bob+"\n"), true, "nhs"); !refusedAs(err, "column-twice", "columns 1 and 2") {
		t.Errorf("a cohort: %v", err)
	}
}

// A space of Windows-1252 in or behind a number makes nobody another person.
func TestNumbersInWindows1252(t *testing.T) {
	d := visits()
	d.Format.Encoding = "windows-1252"
	for i := range d.Fields {
		if d.Fields[i].Name == "nhs" {
			d.Fields[i].Holds, d.Fields[i].Pseudonym = "nhs-number", "person"
		}
	}
	source := head + "1," + ann + ",,x\n2," + ann + "\xa0,,x\n3," + ann[:3] + "\xa0" + ann[3:6] + "\xa0" + ann[6:] + ",,x\n4," + cat + "\xa0,,x\n5," + bob + "\xa0,,x\n"
	members, _, err := extract.ReadCohort(strings.NewReader(ann+"\n"+bob+"\n"), true, "")
	if err != nil {
		t.Fatal(err)
	}
	bag, r, err := pack(t, d, shelf{"visits.csv": []byte(source)}, func(j *extract.Job) {
		j.Terms = dars.DatasetRequest{Identifiability: "PSEUDO_ICO", Cohort: &dars.Cohort{Field: "nhs"}, Columns: []dars.Column{{Field: "nhs", Derive: "pseudonym", As: "P"}}}
		j.Pseudonyms, j.Cohort = []byte(strings.Repeat("k", 32)), members
	})
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSpace(string(bag[dataFile])), "\n")
	if len(lines) != 4 || lines[1] != lines[2] || lines[2] != lines[3] || r.Files[0].RowsWithheld != 1 || members.Found() != 2 {
		t.Errorf("%q, %+v", lines, r.Files[0])
	}
}

// A person is known whose number is: one that a spreadsheet has spoilt is none.
func TestCoverageIsOfValidNumbers(t *testing.T) {
	var index, source, direct strings.Builder
	index.WriteString("nhs,NUMBER\nP0," + ann + "\n")
	source.WriteString(head + "0,P0,,x\n")
	direct.WriteString(head)
	for n := range 1000 {
		fmt.Fprintf(&index, "P%d,9.99E+09\n", n+1)
		fmt.Fprintf(&source, "%d,P%d,,x\n", n+1, n+1)
		number := ann
		if n%3 == 0 {
			number = "9.99E+09"
		}
		fmt.Fprintf(&direct, "%d,%s,,x\n", n+1, number)
	}
	strict := func(j *extract.Job) { j.IndexCoverage = 0.95 }
	for _, unmatched := range []dars.Unmatched{dars.Withhold, dars.ReleaseRow} {
		d := indexed()
		d.Unmatched = unmatched
		_, _, err := pack(t, d, shelf{"visits.csv": []byte(source.String()), "index.csv": []byte(index.String())}, strict)
		if !refusedAs(err, "number-coverage", "or says that there is none, for 0.1 %") {
			t.Errorf("%s: %v", unmatched, err)
		}
		d = visits()
		d.Unmatched = unmatched
		_, _, err = pack(t, d, shelf{"visits.csv": []byte(direct.String())}, strict)
		if !refusedAs(err, "number-coverage", "66.6 % of its rows that name a person have a valid NHS number") {
			t.Errorf("%s: %v", unmatched, err)
		}
	}
	// Rows without any value name nobody, and ten may be wrong whatever their share.
	few := head + strings.Repeat("1,,,x\n", 50) + strings.Repeat("1,12,,x\n", 10) + "1," + ann + ",,x\n"
	if _, _, err := pack(t, visits(), shelf{"visits.csv": []byte(few)}, strict); err != nil {
		t.Error(err)
	}
}

// A source and its index may be written in two encodings: a key is one.
func TestKeysInTwoEncodings(t *testing.T) {
	latin, utf := func(s string) string { return string(encoded(s)) }, func(s string) string { return s }
	index := "nhs,NUMBER\nÉmile\u00a0," + bob + "\nZoë," + ann + "\u00a0\n"
	source := head + "1,Émile,,x\n2,Zoë\u00a0,,x\n3,\"Émile\u00a0\",,x\n"
	for name, tt := range map[string]struct {
		source, index     func(string) string
		ofSource, ofIndex string
		says              string
	}{
		"both in UTF-8":                  {utf, utf, "", "", ""},
		"both in Windows-1252":           {latin, latin, "windows-1252", "", ""},
		"an index in UTF-8":              {latin, utf, "windows-1252", "utf-8", ""},
		"an index in Windows-1252":       {utf, latin, "utf-8", "windows-1252", ""},
		"an index that is not so":        {utf, latin, "utf-8", "", "line 2: its person or number is not written in utf-8: say what it is under index.encoding"},
		"an index with the mark of it":   {latin, func(s string) string { return "\xef\xbb\xbf" + s }, "windows-1252", "", "it begins with the mark of UTF-8"},
		"a byte that stands for nothing": {utf, func(string) string { return "nhs,NUMBER\n\x81," + ann + "\n" }, "utf-8", "windows-1252", "line 2: its person or number is not written in windows-1252"},
	} {
		t.Run(name, func(t *testing.T) {
			d := indexed()
			d.Format.Encoding, d.Unmatched, d.Index.Encoding = tt.ofSource, dars.ReleaseRow, tt.ofIndex
			bag, r, err := pack(t, d, shelf{"visits.csv": []byte(tt.source(source)), "index.csv": []byte(tt.index(index))}, func(j *extract.Job) { j.IndexCoverage = 1 })
			if tt.says != "" {
				if !refusedAs(err, "index-malformed", tt.says) {
					t.Error(err)
				}
				return
			}
			if err != nil || r.Files[0].RowsWithheld != 2 || string(bag[dataFile]) != tt.source(head+"2,Zoë\u00a0,,x\n") {
				t.Errorf("%v %+v: %q", err, r, bag[dataFile])
			}
		})
	}
}

// encoded is a text in Windows-1252.
func encoded(text string) (b []byte) {
	for _, c := range text {
		b = append(b, byte(c)) // of these letters the code is the same
	}
	return b
}

// Who is withheld is counted for each file, and once for all.
func TestPersonsOfEachFile(t *testing.T) {
	const index = "nhs,NUMBER\nA," + ann + "\nB," + bob + "\nC," + bob + "\nD,\n"
	d := indexed()
	d.Files = append(d.Files, dars.SourceFile{Period: "200299", Path: "more.csv", AsAt: d.Files[0].AsAt})
	sources := shelf{"index.csv": []byte(index), "visits.csv": []byte(head + "1,B,,x\n2,B,,x\n3,C,,x\n4,D,,x\n5,x,,x\n6,x,,x\n7,A,,x\n"), "more.csv": []byte(head + "1,B,,x\n2,D,,x\n3,A,,x\n4,y,,x\n5,x,,x\n")}
	two := func(j *extract.Job) {
		j.IndexCoverage = 0
		j.Files = append(j.Files, extract.File{ID: "FILE0000002", Period: "200299", Name: "more.csv"})
	}
	_, r, err := pack(t, d, sources, two)
	if err != nil {
		t.Fatal(err)
	}
	counts := func(f extract.Packed) string {
		return fmt.Sprint(f.PersonsWithheld, f.PersonsUnmatched, f.PersonsCounted)
	}
	if a, b := counts(r.Files[0]), counts(r.Files[1]); a != "2 2 true" || b != "1 3 true" || r.PersonsWithheld != 2 || r.PersonsUnmatched != 3 {
		t.Errorf("%s and %s; in all %d and %d", a, b, r.PersonsWithheld, r.PersonsUnmatched)
	}
	numbers := visits()
	numbers.Files = d.Files
	text := []byte(head + "1," + bob + ",,x\n2,12,,x\n3," + ann + ",,x\n")
	if _, r, err = pack(t, numbers, shelf{"visits.csv": text, "more.csv": text}, two); err != nil || counts(r.Files[0]) != "0 0 false" {
		t.Errorf("numbers in several files: %v %+v", err, r)
	}
	if _, r, err = pack(t, numbers, shelf{"visits.csv": text}, nil); err != nil || counts(r.Files[0]) != "1 1 true" {
		t.Errorf("numbers in one file: %v %+v", err, r)
	}
}

// Tapes fill their last block with zero bytes.
func TestGzipWithPadding(t *testing.T) {
	d := visits()
	d.Format.Compression = "gzip"
	half := zip(head + "1," + ann + ",,x\n")
	rest := zip("2," + ann + ",,y\n")
	for name, tt := range map[string]struct{ text, says string }{
		"two members":               {half + rest, ""},
		"zero bytes behind":         {half + rest + strings.Repeat("\x00", 10240), ""},
		"one of them":               {half + rest + "\x00", ""},
		"zero bytes, and something": {half + strings.Repeat("\x00", 512) + rest, "it is damaged or not whole, or no gzip file where format.compression says so (there is something else behind the zero bytes at its end)"},
		"something":                 {half + rest + "x", "it is damaged or not whole"},
		"half a member":             {half + rest[:len(rest)-5], "it is damaged or not whole"},
	} {
		bag, _, err := pack(t, d, shelf{"visits.csv": []byte(tt.text)}, nil)
		if (err != nil) != (tt.says != "") || err != nil && !strings.Contains(err.Error(), tt.says) {
			t.Errorf("%s: %v", name, err)
		}
		if want := head + "1," + ann + ",,x\n2," + ann + ",,y\n"; err == nil && string(bag[dataFile]) != want {
			t.Errorf("%s: %q leaves", name, bag[dataFile])
		}
	}
}
