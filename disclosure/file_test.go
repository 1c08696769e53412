package disclosure_test

import (
	"bytes"
	"errors"
	"fmt"
	"math/rand/v2"
	"reflect"
	"strings"
	"testing"

	"darsd/dars"
	"darsd/disclosure"
)

func TestATableIsReadAsItWasWritten(t *testing.T) {
	chance := rand.New(rand.NewPCG(7, 6))
	for _, sizes := range [][]int{{4}, {3, 5}, {2, 3, 4}} {
		want, err := rules(t, "hes-2018-09-13").Control(skewed(chance, shape(sizes...), 5))
		if err != nil {
			t.Fatal(err)
		}
		var text bytes.Buffer
		if err := want.WriteCSV(&text); err != nil {
			t.Fatal(err)
		}
		got, err := disclosure.ReadCSV(&text, "table.csv", want.Rules)
		if err != nil {
			t.Fatal(err)
		}
		if !reflect.DeepEqual(got, want) {
			t.Errorf("%v: %+v was written, and read as %+v", sizes, want, got)
		}
	}
}

func TestATableThatIsNone(t *testing.T) {
	tests := map[string]struct{ text, says string }{
		"empty":                        {"", "line 1: there is no header"},
		"no unit":                      {"age,sex\n", "call it persons or records"},
		"not divided":                  {"persons\n5\n", "by one to 3"},
		"four ways":                    {"a,b,c,d,persons\n", "by one to 3"},
		"a count that the rules hide":  {"age,persons\n1,3\n", "line 2: 3 cannot be shown"},
		"a count that is not rounded":  {"age,persons\n1,21\n", "line 2: 21 cannot be shown by the rules hes-2018-09-13; if the table was made by others, name them: --rules hes-1-5"},
		"less than nothing":            {"age,persons\n1,-5\n", "line 2:"},
		"no count":                     {"age,persons\n1,=2+3\n", "line 2:"},
		"one entry twice":              {"age,persons\n1,20\n2,*\n1,25\n", "line 4: is about the same as line 2"},
		"a column short":               {"age,sex,persons\n1,20\n", "line 2"},
		"nothing but totals":           {"age,persons\n(all),20\n", "no value but its total"},
		"one that fills the memory":    {"age,persons\n" + manyLines(90_000), "at most"},
		"a line that fills it":         {"age,persons\n1," + strings.Repeat("9", 17<<20), "longer than 16 MiB"},
		"a quote that does not end":    {"age,persons\n\"1,20\n", "line 2"},
		"a number too large to be one": {"age,persons\n1,99999999999999999999\n", "line 2"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			_, err := disclosure.ReadCSV(strings.NewReader(tt.text), "table.csv", rules(t, "hes-2018-09-13"))
			var no *dars.Refusal
			if !errors.As(err, &no) || !strings.Contains(no.Sentence, tt.says) {
				t.Errorf("the answer is %v, and not %q", err, tt.says)
			}
		})
	}
}

func manyLines(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, "%d,10\n", i)
	}
	return b.String()
}

// Whatever is read as a table can be attacked, and ends.
func FuzzReadCSV(f *testing.F) {
	f.Add("age,sex,persons\n0-4,f,*\n0-4,m,20\n0-4,(all),25\n")
	f.Add("a,b,c,records\n1,1,1,10\n(all),(all),(all),*\n")
	f.Fuzz(func(t *testing.T, text string) {
		if len(text) > 2000 {
			return
		}
		p, err := disclosure.ReadCSV(strings.NewReader(text), "t", rules(t, "hes-2018-09-13"))
		if err != nil {
			return
		}
		if p.Shape.Entries() > 300 {
			return
		}
		p.Attack()
	})
}
