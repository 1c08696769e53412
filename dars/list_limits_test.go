package dars_test

import (
	"testing"

	"darsd/dars"
)

// A list that shrinks, grows or spoils beyond a limit is kept, and not used until a
// second person has confirmed it; of fewer than ten numbers nobody is asked.
func TestAListBeyondALimitWaits(t *testing.T) {
	limits := dars.Limits{MaxShrink: 0.01, MaxGrowth: 0.25, MaxInvalid: 0.01}
	before := &dars.List{Version: 1, Numbers: 10_000}
	for name, tt := range map[string]struct {
		before           *dars.List
		numbers, invalid int
		usable           bool
	}{
		"as many":                    {before, 10_000, 0, true},
		"a few fewer":                {before, 9_900, 0, true},
		"one fewer than may be":      {before, 9_899, 0, false},
		"a quarter more":             {before, 12_500, 0, true},
		"one more than that":         {before, 12_501, 0, false},
		"a hundredth is no number":   {before, 9_900, 100, true},
		"more than that":             {before, 9_900, 101, false},
		"the first, and it is whole": {nil, 10, 0, true},
		"the first, and half of it":  {nil, 20, 20, false},
		"nine bad lines of a few":    {nil, 11, 9, true},
		"nine of a few are gone":     {&dars.List{Version: 1, Numbers: 20}, 11, 0, true},
		"ten of a few are gone":      {&dars.List{Version: 1, Numbers: 20}, 10, 0, false},
	} {
		l := &dars.List{ID: "OBJ-000002", Version: 2, Numbers: tt.numbers, InvalidN: tt.invalid}
		l.Judge(tt.before, limits)
		if l.Usable != tt.usable || l.Usable == (l.WhyNot != "") {
			t.Errorf("%s: usable %t, %q", name, l.Usable, l.WhyNot)
		}
	}
}
