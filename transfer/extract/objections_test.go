package extract_test

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/iotest"

	"darsd/dars"
	"darsd/transfer/extract"
)

func TestReadList(t *testing.T) {
	tests := map[string]struct {
		text                                string
		lines, numbers, duplicates, invalid int
		bad                                 string // the first bad line
	}{
		"empty":                  {"", 0, 0, 0, 0, ""},
		"one":                    {ann, 1, 1, 0, 0, ""},
		"header":                 {"NHS_NUMBER\n" + ann + "\n", 2, 1, 0, 0, ""},
		"header with a digit":    {"NHS2\n" + ann + "\n", 2, 1, 0, 1, "1: a character that is no digit"},
		"header after blanks":    {"\n \nNHS number,\n" + ann + "\n", 4, 1, 0, 0, ""},
		"second header":          {"NHS\nNHS\n" + ann, 3, 1, 0, 1, "2: a character that is no digit"},
		"spellings":              {"999 000 0018\n999-000-0026\n\"9990000034\"\n'999 000 0042',\n\t9990000018 ,\r\n", 5, 4, 1, 0, ""},
		"as MESH sends it":       {ann + ",\n" + bob + ",\n", 2, 2, 0, 0, ""},
		"BOM":                    {"\xef\xbb\xbf" + ann + "\n", 1, 1, 0, 0, ""},
		"BOM and header":         {"\xef\xbb\xbfnhs\r\n" + ann, 2, 1, 0, 0, ""},
		"CRLF":                   {ann + "\r\n\r\n" + bob + "\r\n", 3, 2, 0, 0, ""},
		"CR alone":               {"nhs\r" + ann + "\r" + bob + "\r\r" + cat, 5, 3, 0, 0, ""},
		"the same again":         {ann + "\n999 000 0018\n", 2, 1, 1, 0, ""},
		"check digit":            {ann + "\n" + wrong, 2, 1, 0, 1, "2: the check digit is wrong (modulus 11)"},
		"equal digits":           {"1111111111\n", 1, 0, 0, 1, "1: ten equal digits"},
		"zeros":                  {"0000000000\n", 1, 0, 0, 1, "1: ten equal digits"},
		"nine digits":            {ann + "\n999000001\n", 2, 1, 0, 1, "2: fewer than ten digits"},
		"eleven digits":          {"99900000180\n", 1, 0, 0, 1, "1: more than ten digits"},
		"two columns":            {ann + ",Smith\n", 1, 0, 0, 1, "1: a character that is no digit"},
		"a comma":                {ann + "\n,\n", 2, 1, 0, 1, "2: empty"},
		"a long line":            {ann + "\n" + strings.Repeat("9", 1<<20) + "\n" + bob, 3, 2, 0, 1, "2: longer than 1,024 bytes"},
		"a long line of blanks":  {ann + "\n" + strings.Repeat(" ", 1<<20) + "\n" + bob, 3, 2, 0, 1, "2: longer than 1,024 bytes"},
		"a long first line":      {strings.Repeat("x", 1<<20) + "\n" + bob, 2, 1, 0, 1, "1: longer than 1,024 bytes"},
		"bytes":                  {"\x00\xff\x80\n" + ann + "\n\x00", 3, 1, 0, 1, "3: a character that is no digit"},
		"only a header":          {"nhs", 1, 0, 0, 0, ""},
		"thousands of bad lines": {strings.Repeat("1\n", 5000), 5000, 0, 0, 5000, "1: fewer than ten digits"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			for how, r := range map[string]io.Reader{"whole": strings.NewReader(tt.text), "in pieces": iotest.HalfReader(strings.NewReader(tt.text))} {
				o, report, err := extract.ReadList(r)
				if err != nil {
					t.Fatal(err)
				}
				if got, want := fmt.Sprint(report.Lines, report.Numbers, report.Duplicates, report.InvalidCount), fmt.Sprint(tt.lines, tt.numbers, tt.duplicates, tt.invalid); got != want {
					t.Errorf("%s: lines, numbers, duplicates, invalid are %s, not %s", how, got, want)
				}
				if o.Len() != tt.numbers {
					t.Errorf("the set holds %d", o.Len())
				}
				if len(report.Invalid) > 1000 || len(report.Invalid) != min(1000, tt.invalid) {
					t.Errorf("%d bad lines are kept", len(report.Invalid))
				}
				if tt.bad != "" && fmt.Sprintf("%d: %s", report.Invalid[0].Line, report.Invalid[0].Reason) != tt.bad {
					t.Errorf("the first bad line is %+v, not %s", report.Invalid[0], tt.bad)
				}
				if report.SHA256 != fmt.Sprintf("%x", sha256.Sum256([]byte(tt.text))) {
					t.Error("the digest is not that of the list's bytes")
				}
			}
		})
	}
}

func TestReadListThatCannotBeRead(t *testing.T) {
	for name, r := range map[string]io.Reader{
		"fails":      io.MultiReader(strings.NewReader(ann+"\n"), iotest.ErrReader(errors.New("disk on fire"))),
		"breaks off": io.MultiReader(strings.NewReader(ann+"\n"), iotest.ErrReader(io.ErrUnexpectedEOF)),
		"UTF-16":     strings.NewReader("\xff\xfe9\x009\x00"),
	} {
		if o, _, err := extract.ReadList(r); err == nil || o != nil {
			t.Errorf("%s: %v, %v", name, o, err)
		}
	}
}

// The set is exact: neighbours of a number in it are not.
func TestObjectionsAreExact(t *testing.T) {
	o := objections(t, ann, "4010232137", "9434765919", "6541003238")
	in := map[string]bool{ann: true, "4010232137": true, "9434765919": true, "6541003238": true}
	for _, n := range []string{ann, bob, cat, dan, "4010232137", "9434765919", "6541003238", "9876543210"} {
		number, why := dars.ParseNHSNumber(n)
		if why != "" {
			t.Fatal(why)
		}
		if o.Has(number) != in[n] {
			t.Errorf("Has(%s) is %v", n, !in[n])
		}
	}
	if o.Has(0) || (*extract.Objections)(nil).Has(9990000018) || (&extract.Objections{}).Has(9990000018) {
		t.Error("nobody is on an empty list")
	}
}

func TestNumbersOfTheStandard(t *testing.T) {
	dir := os.Getenv("DARSD_TESTDATA")
	if dir == "" {
		t.Skip("DARSD_TESTDATA is not set: it names the folder of the test data")
	}
	text, err := os.ReadFile(filepath.Join(dir, "nhs-number", "testdata-9-valid-nhs-numbers.csv"))
	if err != nil {
		t.Fatal(err)
	}
	_, report, err := extract.ReadList(bytes.NewReader(text))
	t.Logf("%+v", report)
	if err != nil || report.Numbers == 0 || report.InvalidCount > 0 {
		t.Errorf("%v %+v", err, report)
	}
}

// FuzzReadList: never a panic, every line is accounted for, and whatever is
// counted as a number is one.
func FuzzReadList(f *testing.F) {
	for _, text := range []string{"", ann, "nhs\r\n" + ann + ",\r\n\r\n" + wrong, "\xef\xbb\xbf\r\r\n\n", "\"999 000 0018\"\r9990000026"} {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		o, report, err := extract.ReadList(bytes.NewReader(text))
		if err != nil {
			return
		}
		lines := strings.Split(strings.NewReplacer("\r\n", "\n", "\r", "\n").Replace(strings.TrimPrefix(string(text), "\xef\xbb\xbf")), "\n")
		if last := len(lines) - 1; lines[last] == "" {
			lines = lines[:last]
		}
		if report.Lines != len(lines) {
			t.Fatalf("%d lines, not %d", report.Lines, len(lines))
		}
		numbers, valid, invalid, begun := map[dars.NHSNumber]bool{}, 0, 0, false
		for _, line := range lines {
			if len(line) <= 1024 && strings.TrimSpace(line) == "" {
				continue
			}
			n, why := dars.ParseNHSNumber(line)
			switch {
			case len(line) > 1024:
				invalid++
			case why == "":
				numbers[n] = true
				valid++
				if !o.Has(n) {
					t.Fatal("a number is lost")
				}
			case begun || strings.ContainsAny(line, "0123456789"):
				invalid++
			}
			begun = true
		}
		if report.Numbers != len(numbers) || report.Duplicates != valid-len(numbers) || report.InvalidCount != invalid {
			t.Fatalf("%+v: %d numbers on %d lines and %d invalid lines", report, len(numbers), valid, invalid)
		}
	})
}
