package disclosure_test

import (
	"fmt"
	"slices"
	"testing"

	"darsd/dars"
	"darsd/disclosure"
)

// Of an earlier answer it must be known today whom it was about, or nothing more is
// answered beside it.
func TestOfAnEarlierAnswerItIsKnownWhomItWasAbout(t *testing.T) {
	asked := disclosure.Request{
		Dataset: "HES_APC", Periods: []string{"201314"}, By: []string{"chapter"},
		Where: map[string][]string{"age-5": {"0-4", "5-9"}},
	}
	grouping := func(d *dars.Dataset, code string) *dars.Grouping {
		return &d.Groupings[slices.IndexFunc(d.Groupings, func(g dars.Grouping) bool { return g.Code == code })]
	}
	tests := map[string]struct {
		change  func(*dars.Dataset)
		holds   bool // whom it was about is known
		divided bool // its counts can be compared with
	}{
		"nothing has changed":            {func(*dars.Dataset) {}, true, true},
		"a title":                        {func(d *dars.Dataset) { grouping(d, "age-5").Title = "Ages" }, true, true},
		"a band of the same name":        {func(d *dars.Dataset) { grouping(d, "age-5").Groups[0].To = number(5) }, false, true},
		"a band has another name":        {func(d *dars.Dataset) { grouping(d, "age-5").Groups[0].Name = "infants" }, false, true},
		"what divides it":                {func(d *dars.Dataset) { grouping(d, "chapter").Groups[0].Prefixes = []string{"A"} }, true, false},
		"what has nothing to do with it": {func(d *dars.Dataset) { grouping(d, "sex").Groups[0].Values = []string{"M"} }, true, true},
		"the grouping is gone":           {func(d *dars.Dataset) { d.Groupings = d.Groupings[1:] }, false, true},
		"the period is gone":             {func(d *dars.Dataset) { d.Files = d.Files[1:] }, false, true},
		"another period is gone":         {func(d *dars.Dataset) { d.Files = d.Files[:1] }, true, true},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			p := asked.Population("1").Drawn(episodes(), asked.By)
			d := episodes()
			tt.change(&d)
			if err := p.Holds(d); (err == nil) != tt.holds {
				t.Errorf("whom it was about: %v", err)
			}
			if got := p.Divided(asked.By, d); got != tt.divided {
				t.Errorf("how it was divided is the same: %v", got)
			}
		})
	}
}

// However few the rules of the day suppress, nobody is told of seven: the answer beside
// may be by the rules of another day.
func TestSevenPersonsAreFewByAnyRules(t *testing.T) {
	d := wards()
	d.Groupings = d.Groupings[1:2] // the ward
	all := func(r disclosure.Request) disclosure.Request {
		r.Dataset, r.Periods, r.Count, r.By = d.Code, []string{"201499"}, disclosure.Persons, []string{"ward"}
		return r
	}
	without := all(disclosure.Request{Where: map[string][]string{"ward": {"ash", "birch"}}})
	for n, answered := range map[int]bool{0: true, 1: false, 7: false, 8: true} {
		var records []line
		for person := range 60 + n {
			ward := []string{"ash", "birch"}[person%2]
			if person >= 60 {
				ward = "other"
			}
			records = append(records, line{person: uint64(person) + 1, groups: map[string]string{dars.PeriodGrouping: "201499", "ward": ward}})
		}
		for _, rules := range disclosure.RuleSets {
			q := disclosure.Ask(all(disclosure.Request{}), d, rules, "0", []disclosure.Population{without.Population("0")})
			read(q, d, 0, records)
			found, more := q.Close()
			for more {
				read(q, d, 0, records)
				found, more = q.Close()
			}
			if (found < 0) != answered {
				t.Errorf("%s: beside an answer about all but %d persons: %s", rules.Code, n, fmt.Sprint(found))
			}
		}
	}
}
