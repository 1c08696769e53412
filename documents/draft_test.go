package documents

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"darsd/dars"
)

var office = dars.Catalogue{{Code: "HES_APC", Person: "KEY", Files: []dars.SourceFile{{Period: "200199"}},
	Fields: []dars.Field{{Name: "KEY"}, {Name: "ADMIDATE"}, {Name: "DIAG_01"}}}}

// Whatever is wrong is told at once, in the order of the lines, with the field
// and what would be right.
func TestEveryMistakeIsToldWithItsLine(t *testing.T) {
	text := `title:
titel: Asthma
organisation: RA1
contact: amira
controllers: RA1
collectors: [amira]
locations:
  - { address: 1 High Street, country: France }
  - Leeds
territory: ENGLAND_WALE
start: 2026-02-30
end: 2026-03-01
datasets:
  - code: HES_ACP
    periods: [0102]
    identifiability: IDENTIFIABLE
    gateway: NHSA251_REG5

  - code: HES_APC
    periods: ["200199"]
    identifiability: IDENT
    gateway: NHSA251_REG5
    fields: [KEY, DIAG_1]
    frequency: ONGOING
purpose:
  serves:
    - aim: HEALTH
  objective: |
    To find out.

  processing: [a]
  outputs: x
  benefits: x
  commercial: perhaps
`
	read := ReadApplication([]byte(text))
	var said []string
	for _, m := range read.Check(office) {
		said = append(said, m.String())
	}
	want := []string{
		"line 1: title: is empty",
		"line 2: titel: there is no such field; did you mean title?",
		`line 5: controllers: "RA1" stands where a list belongs`,
		"line 10: territory: \"ENGLAND_WALE\" is not one of ENGLAND_WALES, UK, EEA, WORLDWIDE, OTHER; did you mean ENGLAND_WALES?",
		`line 11: start: "2026-02-30" is not a date such as 2026-03-31`,
		"line 14: datasets[0].code: there is no dataset HES_ACP in the catalogue; did you mean HES_APC?",
		`line 15: datasets[0].periods[0]: write "0102" in quotes`,
		`line 16: datasets[0].identifiability: "IDENTIFIABLE" is not one of IDENT, PSEUDO_ICO`,
		"line 23: datasets[1].fields: HES_APC has no field DIAG_1; did you mean DIAG_01?",
		"line 19: datasets[1].interval: is empty: an ONGOING release comes MONTHLY, QUARTERLY or ANNUAL",
		`line 27: purpose.serves[0].aim: "HEALTH" is not one of HEALTH_CARE, SOCIAL_CARE, HEALTH_PROMOTION`,
		"line 27: purpose.serves[0].how: is empty",
		"line 31: purpose.processing: a list stands where a single value belongs",
		`line 34: purpose.commercial: "perhaps" is neither true nor false`,
	}
	for _, w := range want {
		found := false
		for _, s := range said {
			found = found || strings.HasPrefix(s, w)
		}
		if !found {
			t.Errorf("it does not say %q", w)
		}
	}
	if len(said) != len(want) {
		t.Errorf("it says %d things, want %d:\n%s", len(said), len(want), strings.Join(said, "\n"))
	}
}

// A text of 33,000 characters, the longest there has been, comes through to the
// letter: in a block, in quotes, from Windows, from JSON.
func TestALongTextSurvives(t *testing.T) {
	odd := "The aim:\n\n~ one\ttabbed\n• two – “quoted”, ‘single’ and it's\n- three: with a colon # and no remark\n   indented\n\"\"\" ''' \\n %s & * ! |\n"
	long := strings.Repeat(odd, 33_000/len([]rune(odd))+1)
	block := "    " + strings.ReplaceAll(strings.TrimRight(long, "\n"), "\n", "\n    ")
	quoted, err := json.Marshal(strings.ReplaceAll(long, "\n", "\r\n"))
	if err != nil {
		t.Fatal(err)
	}
	form := func(objective string) string {
		return strings.Replace(application1, "  objective: |\n    The aim: to find out.\n\n    ~ one\n    ~ two\n", objective, 1)
	}
	tests := map[string]struct{ text, want string }{
		"in a block":           {form("  objective: |\n" + block + "\n"), long},
		"in a block, Windows":  {strings.ReplaceAll(form("  objective: |\n"+block+"\n"), "\n", "\r\n"), long},
		"in quotes, with CRLF": {form("  objective: " + string(quoted) + "\n"), strings.ReplaceAll(long, "\n", "\r\n")},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			read := ReadApplication([]byte(tt.text))
			if len(read.Wrong) > 0 {
				t.Fatal(read.Wrong)
			}
			if got := read.Form.Purpose.Objective; got != tt.want {
				t.Errorf("%d bytes of %d came through; they differ at %d", len(got), len(tt.want), differ(got, tt.want))
			}
			if read.Form.Purpose.Processing != "None is made." || read.Lines["purpose.processing"] < 19 {
				t.Errorf("what follows is read as %q on line %d", read.Form.Purpose.Processing, read.Lines["purpose.processing"])
			}
		})
	}
}

func differ(a, b string) int {
	for i := range min(len(a), len(b)) {
		if a[i] != b[i] {
			return i
		}
	}
	return min(len(a), len(b))
}

// A short form of what may be longer, and of what needs no quotes.
func TestShortForms(t *testing.T) {
	read := ReadApplication([]byte("title: 12\nlocations:\n- Leeds\n- {address: York, country: England, use: STORAGE}\nethics:\nprocessors:\nuses: ~\n"))
	f := read.Form
	if len(read.Wrong) > 0 || f.Title != "12" || f.Locations[0] != (dars.Location{Address: "Leeds"}) || f.Locations[1].String() != "York, England (storage only)" || f.Ethics != nil {
		t.Errorf("%v %+v", read.Wrong, f)
	}
}

// What is enormous or hostile is told in a sentence, whatever it is.
func TestHostileForms(t *testing.T) {
	tests := map[string]struct{ text, want string }{
		"a tab before a field": {"purpose:\n\tobjective: x\n", "line 2: a line begins with a tab: indent with blanks"},
		"an enormous list":     {"title: x\ncollectors: [" + strings.Repeat("a,", 5000) + "b]\n", "line 2: collectors: there are 5001 items in this list, and at most 1000 are read"},
		"a form of many wrong names": {"title: x\n" + strings.Repeat("x", 40) + ": 1\n",
			"there is no such field; there are kind, previous"},
		"a list of wrong codes": {"uses: [" + strings.Repeat("RESERCH,", 900) + "A]\n", "did you mean RESEARCH?"},
		"a group for a text":    {"title: {a: b}\n", "line 1: title: a group of fields stands where a single value belongs"},
		"a text alone":          {"please send data\n", "line 1: \"please send data\" stands where a group of fields belongs"},
		"hexadecimal":           {"title: 0x1F\n", `write "0x1F" in quotes`},
		"a truth for a day":     {"title: x\nstart: true\n", "line 2: start: \"true\" is not a date such as 2026-03-31"},
		"a list of fields":      {"- title\n- start\n", "line 1: a list stands where a group of fields belongs with title, organisation"},
		"a truth for a text":    {"title: true\n", `write "true" in quotes`},
		"not a number":          {"title: .nan\n", `write ".nan" in quotes`},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			read := ReadApplication([]byte(tt.text))
			wrong := read.Check(nil)
			told := func(m dars.Mistake) bool {
				return strings.Contains(m.String(), tt.want) && !strings.Contains(m.String(), "\n")
			}
			if !slices.ContainsFunc(wrong, told) {
				t.Errorf("%.400v, want one with %q", wrong, tt.want)
			}
			if err := dars.RefuseMistakes("x", dars.TheForm, wrong); len(err.Error()) > 2000 {
				t.Errorf("the sentence has %d bytes", len(err.Error()))
			}
		})
	}
}
