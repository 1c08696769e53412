package dars_test

import (
	"errors"
	"strings"
	"testing"

	"darsd/dars"
)

func TestAValueIsCountedOnce(t *testing.T) {
	four, five, nine := 4, 5, 9
	g := dars.Grouping{Rest: "other", Groups: []dars.Group{
		{Name: "young", From: new(int), To: &four}, {Name: "old", From: &five, To: &nine},
		{Name: "letters", Prefixes: []string{"C", "D0"}}, {Name: "two", Values: []string{"X1", "X2"}},
	}}
	for value, want := range map[string]string{
		"0": "young", "4": "young", " 5 ": "old", "09": "old", "10": "other", "": "other",
		"C34": "letters", "D05": "letters", "D1": "other", "X2": "two", "X22": "other",
	} {
		if got := g.Names()[g.Of(value)]; got != want {
			t.Errorf("%q is counted under %s, not %s", value, got, want)
		}
	}
}

func TestGroupingsThatCannotCount(t *testing.T) {
	one, three, five := 1, 3, 5
	tests := map[string]struct {
		grouping dars.Grouping
		says     string // nothing: it is right
	}{
		"as it should be": {dars.Grouping{Code: "age", Field: "AGE", Rest: "other", Groups: []dars.Group{{Name: "1-3", From: &one, To: &three}}}, ""},
		"numbers in two groups": {dars.Grouping{Code: "age", Field: "AGE", Rest: "other", Groups: []dars.Group{
			{Name: "1-3", From: &one, To: &three}, {Name: "3-5", From: &three, To: &five}}}, "share values"},
		"a number that is a value too": {dars.Grouping{Code: "age", Field: "AGE", Rest: "other", Groups: []dars.Group{
			{Name: "1-3", From: &one, To: &three}, {Name: "two", Values: []string{"2"}}}}, "share values"},
		"one prefix in another": {dars.Grouping{Code: "age", Field: "AGE", Rest: "other", Groups: []dars.Group{
			{Name: "C", Prefixes: []string{"C"}}, {Name: "C3", Prefixes: []string{"C3"}}}}, "share values"},
		"no rest":           {dars.Grouping{Code: "age", Field: "AGE"}, "every other value"},
		"no such column":    {dars.Grouping{Code: "age", Field: "AGES", Rest: "other"}, "not one of fields"},
		"the code is taken": {dars.Grouping{Code: "period", Field: "AGE", Rest: "other"}, "code of its own"},
		"half a range": {dars.Grouping{Code: "age", Field: "AGE", Rest: "other", Groups: []dars.Group{
			{Name: "1-", From: &one}}}, "must say one of"},
		"two ways at once": {dars.Grouping{Code: "age", Field: "AGE", Rest: "other", Groups: []dars.Group{
			{Name: "C", Prefixes: []string{"C"}, Values: []string{"X"}}}}, "must say one of"},
		"everything begins with nothing": {dars.Grouping{Code: "age", Field: "AGE", Rest: "other", Groups: []dars.Group{
			{Name: "C", Prefixes: []string{""}}}}, "must say one of"},
		"one name for two": {dars.Grouping{Code: "age", Field: "AGE", Rest: "C", Groups: []dars.Group{
			{Name: "C", Prefixes: []string{"C"}}}}, "name of its own"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			d := dars.Dataset{
				Code: "X", Person: "P", Unmatched: dars.Withhold, Format: dars.Format{Delimiter: ",", Header: true},
				Fields: []dars.Field{{Name: "AGE"}}, Groupings: []dars.Grouping{tt.grouping},
			}
			err := errors.Join(d.Check()...)
			if (err == nil) != (tt.says == "") || err != nil && !strings.Contains(err.Error(), tt.says) {
				t.Errorf("the check says %v, and not %q", err, tt.says)
			}
		})
	}
}
