package disclosure

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// String is a request in words, as those read it who answer for its table:
//
//	persons by age-5 and sex, of HES_APC 201499, of those alone whose chapter is I or II
func (r Request) String() string {
	says := string(r.Count)
	switch r.Measure.Kind {
	case Percentage:
		says = "percentages of " + says
	case Mean, Median:
		says = fmt.Sprintf("the %s of %s", r.Measure.Kind, r.Measure.Field)
	}
	says += fmt.Sprintf(" by %s, of %s %s", listed("and", r.By), r.Dataset, listed("and", r.Periods))
	for i, code := range slices.Sorted(maps.Keys(r.Where)) {
		joins := ", of those alone whose"
		if i > 0 {
			joins = " and whose"
		}
		says += fmt.Sprintf("%s %s is %s", joins, code, listed("or", r.Where[code]))
	}
	return says
}

// listed is "a, b and c".
func listed(last string, words []string) string {
	if n := len(words) - 1; n > 0 {
		return strings.Join(words[:n], ", ") + " " + last + " " + words[n]
	}
	return strings.Join(words, "")
}
