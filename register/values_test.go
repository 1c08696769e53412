package register_test

import (
	"strings"
	"testing"

	"golang.org/x/text/encoding/unicode"

	"darsd/dars"
)

const columnsOfThree = "RowID,Organisation Name,Dataset,NIC Number,Opt-Outs applied,Purpose\r\n"

// three are the rows of a small register, each with a name of letters of several bytes.
const three = columnsOfThree +
	"FILE0000001,CAFÉ “A” LTD,HES,DARS-NIC-12345-B1C2D-v1.0,Y,one\r\n" +
	"FILE0000002,CAFÉ “B” LTD,HES,DARS-NIC-12345-B1C2D-v1.0,N,two\r\n" +
	"FILE0000003,CAFÉ “C” LTD,HES,DARS-NIC-12345-B1C2D-v1.0,Y,three\r\n"

// However people and their spreadsheets write a CSV file, each of its rows is a release
// or is named, with the number that a spreadsheet shows beside it.
func TestOddValues(t *testing.T) {
	utf16, err := unicode.UTF16(unicode.LittleEndian, unicode.UseBOM).NewEncoder().String(strings.ReplaceAll(three, ",", "\t"))
	if err != nil {
		t.Fatal(err)
	}
	all := []string{"CAFÉ “A” LTD", "CAFÉ “B” LTD", "CAFÉ “C” LTD"}
	tests := map[string]struct {
		text   string
		orgs   []string
		reason string // part of why a row was not understood
		row    int    // its number
	}{
		"as it should be":                  {text: three, orgs: all},
		"in two bytes each":                {text: utf16, orgs: all},
		"a letter cut in two":              {text: strings.Replace(three, "É “B”", "\xc3 “B”", 1), orgs: []string{all[0], "CAF\ufffd “B” LTD", all[2]}, reason: "letters that cannot be read", row: 3},
		"lines of an old Macintosh":        {text: strings.ReplaceAll(three, "\r\n", "\r"), orgs: all},
		"bars, and a title with commas":    {text: "All, in full, for you, and more\n" + strings.ReplaceAll(three, ",", "|"), orgs: all},
		"empty lines count":                {text: "\r\n" + strings.Replace(three, "\r\nFILE0000002,CAFÉ “B” LTD,HES", "\r\n\r\n\r\nFILE0000002,CAFÉ “B” LTD,", 1), orgs: []string{all[0], all[2]}, reason: "does not say the dataset", row: 6},
		"a cell of three lines is one row": {text: strings.Replace(strings.Replace(three, ",one", ",\"o\nn\ne\"", 1), "B” LTD,HES", "B” LTD,", 1), orgs: []string{all[0], all[2]}, reason: "does not say the dataset", row: 3},
		"quotes within an open cell":       {text: strings.Replace(three, ",one", ",so \"called\" data", 1), orgs: all},
		"quotes within a cell of lines":    {text: strings.Replace(three, ",one", ",\"so \"called\" data,\nand more\"", 1), orgs: all},
		"the last cell is not closed":      {text: strings.Replace(three, ",two", ",\"two", 1), orgs: []string{all[0], all[2]}, reason: "quotation mark", row: 3},
		"a name is not closed, and the next one opens": {text: strings.Replace(strings.Replace(three, "CAFÉ “A” LTD", "\"CAFÉ, A", 1), "CAFÉ “B” LTD", "\"CAFÉ, B\"", 1),
			orgs: []string{"CAFÉ, B", all[2]}, reason: "quotation mark", row: 2},
		"a text in a formula, to keep its noughts": {text: strings.Replace(three, "FILE0000001", "\"=\"\"FILE0000001\"\"\"", 1), orgs: all},
		"the headers again, on the next page":      {text: strings.Replace(three, "FILE0000003", columnsOfThree+"FILE0000003", 1), orgs: all},
		"another table below":                      {text: three + "\r\nNIC Number,Organisation Name,RowID,Dataset,Opt-Outs applied\r\nDARS-NIC-12345-B1C2D-v1.0,D,FILE0000004,HES,Y\r\n", orgs: append(all[:3:3], "D")},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			got := read(t, nil, "releases.csv", tt.text)
			var orgs []string
			for _, r := range got.Releases {
				orgs = append(orgs, r.Org)
				if len(r.Said["purpose"]) > 30 {
					t.Errorf("row %s has taken in another: %q", r.Row, r.Said["purpose"])
				}
			}
			if strings.Join(orgs, "|") != strings.Join(tt.orgs, "|") {
				t.Errorf("the releases are to %q", orgs)
			}
			var named []dars.UnreadRow
			for _, r := range got.Unread {
				if r.Reason != "" {
					named = append(named, r)
				}
			}
			switch {
			case tt.reason == "" && len(named) > 0:
				t.Errorf("not understood: %+v", named)
			case tt.reason != "" && (len(named) != 1 || !strings.Contains(named[0].Reason, tt.reason) || named[0].Row != tt.row):
				t.Errorf("not understood: %+v, want row %d: %s", named, tt.row, tt.reason)
			}
		})
	}
}

// What is no answer is not taken for one.
func TestAnswers(t *testing.T) {
	for text, want := range map[string]dars.Treatment{
		"Y": dars.Uphold, "Yes - upheld": dars.Uphold, "TRUE": dars.Uphold, "Applied": dars.Uphold, "Yes, no objections were held back": dars.Uphold,
		"n": dars.NotUpheld, "No: data are anonymised": dars.NotUpheld, "Not applied": dars.NotUpheld, "N/A": dars.NotUpheld, "No data provided": "",
		"Y/N": "", "Yes or no": "", "N / Y": "", "Not known": "", "Not yet determined": "", "no information": "", "Identifiable": "", "Nobody": "", "?": "",
	} {
		got := read(t, nil, "releases.csv", releases(map[string]string{"Patient Opt-Outs Applied": text}))
		if len(got.Releases) != 1 || got.Releases[0].Objections != want || (want == "") != (len(reasonsOf(got)) == 1) {
			t.Errorf("%q is read as %+v, %q", text, got.Releases, reasonsOf(got))
		}
	}
}

// A cell of a million words among the first rows is no header, and holds nothing up.
func TestALongCellIsNoHeader(t *testing.T) {
	got := read(t, nil, "releases.csv", releases(map[string]string{"Purpose": strings.Repeat("word ", 1<<20)}))
	if len(got.Releases) != 1 || len(reasonsOf(got)) != 1 {
		t.Errorf("it is read as %d releases, %q", len(got.Releases), reasonsOf(got))
	}
}
