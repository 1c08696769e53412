package dars_test

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode"

	"darsd/dars"
)

func TestNHSNumbers(t *testing.T) {
	tests := map[string]struct {
		text string
		want dars.NHSNumber // 0 where there is none
	}{
		"ten digits":                                       {"9434765919", 9434765919},
		"another":                                          {"4010232137", 4010232137},
		"a third":                                          {"6541003238", 6541003238},
		"the check digit 0 stands for 11":                  {"9876543210", 9876543210},
		"of the range for tests":                           {"9990000018", 9990000018},
		"and its next":                                     {"9990000026", 9990000026},
		"ten nines are of that range too":                  {"9999999999", 9999999999},
		"a Scottish one begins with 0":                     {"0101011113", 101011113},
		"as it is shown, 3-3-4":                            {"943 476 5919", 9434765919},
		"with hyphens":                                     {"943-476-5919", 9434765919},
		"with en dashes":                                   {"943\u2013476\u20135919", 9434765919},
		"with points":                                      {"943.476.5919", 9434765919},
		"with spaces that do not break":                    {"943\u00a0476\u202f5919", 9434765919},
		"white space around":                               {"\t 9434765919 \r\n", 9434765919},
		"a comma behind, as MESH wants":                    {"9434765919,", 9434765919},
		"in quotation marks":                               {`"9434765919"`, 9434765919},
		"in quotation marks and with a comma":              {`"943 476 5919",`, 9434765919},
		"in curly quotation marks":                         {"\u201c9434765919\u201d", 9434765919},
		"with a spreadsheet's apostrophe":                  {"'9434765919", 9434765919},
		"as a spreadsheet's formula":                       {`="9434765919"`, 9434765919},
		"as a spreadsheet's number":                        {"9434765919.0", 9434765919},
		"as a spreadsheet's longer number":                 {"9434765919.000", 9434765919},
		"behind a byte order mark":                         {"\ufeff9434765919", 9434765919},
		"with an invisible space":                          {"943\u200b4765919", 9434765919},
		"in full-width digits":                             {"９４３４７６５９１９", 9434765919},
		"in Arabic-Indic digits":                           {"٩٤٣٤٧٦٥٩١٩", 9434765919},
		"in Devanagari digits":                             {"९४३४७६५९१९", 9434765919},
		"the check digit is one off":                       {"9434765918", 0},
		"two digits changed places":                        {"9437465919", 0},
		"a published number that is none":                  {"9000543664", 0},
		"another that is none":                             {"9000956406", 0},
		"ten noughts pass the sum and are nobody":          {"0000000000", 0},
		"ten ones pass the sum and are nobody":             {"1111111111", 0},
		"ten equal digits in groups":                       {"111 111 1111", 0},
		"nothing":                                          {"", 0},
		"only white space":                                 {"  \t", 0},
		"only separators":                                  {`"",`, 0},
		"nine digits":                                      {"943476591", 0},
		"eleven digits":                                    {"94347659190", 0},
		"two numbers":                                      {"943 476 5919 401 023 2137", 0},
		"a fraction that is not nought":                    {"9434765919.5", 0},
		"a letter for a digit":                             {"943476591O", 0},
		"a letter behind":                                  {"9434765919X", 0},
		"as a spreadsheet's power of ten":                  {"9.434765919E+9", 0},
		"superscript digits are no digits":                 {"943476591⁹", 0},
		"bytes that are no text":                           {"943476\xff5919", 0},
		"a word":                                           {"NHS_NUMBER", 0},
		"the second set of mathematical digits is refused": {"𝟡𝟜𝟛𝟜𝟟𝟞𝟝𝟡𝟙𝟡", 0},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			got, why := dars.ParseNHSNumber(tt.text)
			if got != tt.want || (why == "") != (tt.want != 0) {
				t.Errorf("%q is %d (%s), want %d", tt.text, got, why, tt.want)
			}
			if why != "" && tt.text != "" && strings.Contains(why, strings.TrimSpace(tt.text)) && strings.TrimSpace(tt.text) != "" {
				t.Errorf("the reason %q repeats the text", why)
			}
		})
	}
}

func TestAStemThatGivesTenIsNeverIssued(t *testing.T) {
	for _, stem := range []string{"999000000", "000000006"} {
		for d := range 10 {
			text := fmt.Sprint(stem, d)
			if n, why := dars.ParseNHSNumber(text); why == "" {
				t.Errorf("%s passed as %d", text, n)
			}
		}
	}
}

// Another's decimal digits mean themselves, or the text is refused: never another
// number.
func TestDigitsOfEveryScriptMeanThemselvesOrAreRefused(t *testing.T) {
	read := 0
	for _, block := range unicode.Nd.R16 {
		// The ten of a script stand in a row from a nought at a round place.
		if block.Stride != 1 || block.Hi-block.Lo != 9 {
			continue
		}
		read++
		text := strings.Map(func(c rune) rune { return rune(block.Lo) + c - '0' }, "9434765919")
		if n, why := dars.ParseNHSNumber(text); n != 9434765919 {
			t.Errorf("%q is %d (%s)", text, n, why)
		}
	}
	if read < 20 {
		t.Errorf("only %d scripts were tried", read)
	}
}

func TestNHSNumbersOfOthersTests(t *testing.T) {
	dir := os.Getenv("DARSD_TESTDATA")
	if dir == "" {
		if os.Getenv("DARSD_REQUIRE_ALL") != "" {
			t.Fatal("DARSD_TESTDATA is not set")
		}
		t.Skip("DARSD_TESTDATA is not set: it names the folder of the test data")
	}
	text, err := os.ReadFile(filepath.Join(dir, "nhs-number", "nhs_number_cases.json"))
	if err != nil {
		t.Fatal(err)
	}
	var cases struct {
		Checksums []struct {
			Identifier string `json:"identifier"`
			Checksum   *int   `json:"checksum"`
		} `json:"calculate_checksum"`
		Valid []struct {
			Input string `json:"input"`
			Valid bool   `json:"valid"`
		} `json:"is_valid"`
	}
	if err := json.Unmarshal(text, &cases); err != nil {
		t.Fatal(err)
	}
	if len(cases.Checksums) == 0 || len(cases.Valid) == 0 {
		t.Fatal("there are no cases")
	}
	for _, c := range cases.Checksums {
		for d := range 10 {
			_, why := dars.ParseNHSNumber(fmt.Sprint(c.Identifier, d))
			if want := c.Checksum != nil && *c.Checksum == d; (why == "") != want {
				t.Errorf("%s with the check digit %d: %q, want %t", c.Identifier, d, why, want)
			}
		}
	}
	for _, c := range cases.Valid {
		// Theirs goes by the sum and, in Scotland, by the date of birth.
		want := c.Valid && c.Input != "0000000000" || c.Input == "0113011113"
		if _, why := dars.ParseNHSNumber(c.Input); (why == "") != want {
			t.Errorf("%q: %q, want %t", c.Input, why, want)
		}
	}
	text, err = os.ReadFile(filepath.Join(dir, "nhs-number", "testdata-9-valid-nhs-numbers.csv"))
	if err != nil {
		t.Fatal(err)
	}
	rows, err := csv.NewReader(bytes.NewReader(text)).ReadAll()
	if err != nil || len(rows) == 0 {
		t.Fatal(len(rows), err)
	}
	for _, row := range rows { // the first with its byte order mark
		if _, why := dars.ParseNHSNumber(row[0]); why != "" {
			t.Errorf("%q: %s", row[0], why)
		}
	}
}

// What is read is a number that passes the check, whatever it was written as, and
// is read again from how it is printed.
func FuzzParseNHSNumber(f *testing.F) {
	for _, text := range []string{"9434765919", "943 476 5919", `="9434765919"`, "9434765919.0", "٩٤٣٤٧٦٥٩١٩", "", "x", "\xff", "1111111111"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		n, why := dars.ParseNHSNumber(text)
		if (n == 0) != (why != "") {
			t.Fatalf("%q is %d and %q", text, n, why)
		}
		if why != "" {
			return
		}
		digits := fmt.Sprintf("%010d", n)
		sum := 0
		for i := range 10 {
			sum += int(digits[i]-'0') * (10 - i)
		}
		// The tenth digit has the weight 1: with it the whole comes out even.
		if len(digits) != 10 || sum%11 != 0 {
			t.Errorf("%q was read as %s, which fails modulus 11", text, digits)
		}
		if again, why := dars.ParseNHSNumber(digits); again != n || why != "" {
			t.Errorf("%q was read as %s, and that as %d (%s)", text, digits, again, why)
		}
	})
}
