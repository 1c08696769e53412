package dars_test

import (
	"errors"
	"reflect"
	"strings"
	"testing"

	"darsd/dars"
)

func TestVersionsOfACohort(t *testing.T) {
	bad := func(n int) dars.CohortCount {
		c := dars.CohortCount{Lines: 100, Numbers: 100 - n, InvalidN: n}
		for i := range n {
			c.Invalid = append(c.Invalid, dars.BadLine{Line: i + 2, Reason: "the check digit is wrong"})
		}
		return c
	}
	first := &dars.CohortList{ID: "COH-000001", Version: 1, SHA256: "one"}
	tests := map[string]struct {
		newest  *dars.CohortList
		count   dars.CohortCount
		version int
		rule    string
		says    string
	}{
		"the first":                                      {nil, bad(0), 1, "", ""},
		"the next":                                       {first, bad(0), 2, "", ""},
		"a few lines are wrong":                          {nil, bad(9), 1, "", ""},
		"many are, and it is not judged":                 {nil, bad(10), 0, "cohort-invalid", "10 of the 100 lines of the cohort for HES_APC are not valid (line 2: the check digit is wrong; line 3"},
		"and not all of them are named":                  {nil, bad(10), 0, "cohort-invalid", "line 6: the check digit is wrong; and 5 more"},
		"nobody is in it":                                {nil, bad(100), 0, "cohort-empty", "not one valid number"},
		"NHS numbers where others are asked":             {nil, dars.CohortCount{Lines: 20, Numbers: 20, NHSNumbers: 18}, 0, "cohort-kind", "18 of the 20 lines of the cohort for HES_APC are NHS numbers, and each is to be one value of HESID"},
		"identifiers of which some pass for NHS numbers": {nil, dars.CohortCount{Lines: 20, Numbers: 20, NHSNumbers: 17}, 1, "", ""},
		"two that pass by chance":                        {nil, dars.CohortCount{Lines: 2, Numbers: 2, NHSNumbers: 2}, 1, "", ""},
		"the same file":                                  {&dars.CohortList{Version: 3, SHA256: "two"}, bad(0), 0, "cohort-known", "version 3"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			c := &dars.CohortList{Dataset: "HES_APC", Kind: "value of HESID", SHA256: "two", CohortCount: tt.count}
			was := *c
			err := c.Follow(tt.newest, dars.Limits{MaxInvalid: 0.01})
			var no *dars.Refusal
			if errors.As(err, &no) != (tt.rule != "") || no != nil && (no.Rule != tt.rule || !strings.Contains(no.Sentence, tt.says)) {
				t.Fatalf("it follows: %v", err)
			}
			if err != nil && !reflect.DeepEqual(*c, was) {
				t.Errorf("a refused version left a trace: %+v", c)
			}
			if c.Version != tt.version {
				t.Errorf("it is version %d, not %d", c.Version, tt.version)
			}
		})
	}
}

func TestWhoMayHandInACohort(t *testing.T) {
	g := &dars.Agreement{Org: "RA1", Recipients: []dars.PersonID{"P-000007"}, Controllers: []dars.Signing{{Org: "RA2"}}, Processors: []dars.OrgCode{"RA3"}}
	for name, tt := range map[string]struct {
		who dars.Person
		may bool
	}{
		"of who applied":              {dars.Person{ID: "P-000001", Org: "RA1"}, true},
		"of a controller":             {dars.Person{ID: "P-000001", Org: "RA2"}, true},
		"who collects":                {dars.Person{ID: "P-000007", Org: "RA3"}, true},
		"of a processor":              {dars.Person{ID: "P-000001", Org: "RA3"}, false},
		"of another organisation":     {dars.Person{ID: "P-000001", Org: "RA4"}, false},
		"of the office, for somebody": {dars.Person{ID: "P-000001", Org: dars.TheOffice}, false},
	} {
		if g.MayHandIn(&tt.who) != tt.may {
			t.Errorf("%s: not %v", name, tt.may)
		}
	}
}

func TestWhatTheLinesOfACohortSay(t *testing.T) {
	d := dars.Dataset{Person: "NHS", Fields: []dars.Field{{Name: "KEY", Pseudonym: "person"}, {Name: "MOTHER", Holds: "nhs-number"}}}
	for want, c := range map[string]dars.Cohort{
		"one NHS number a line":                         {Field: "NHS"},
		"one value of KEY a line":                       {Field: "KEY"},
		"a header, and the NHS number in the column ID": {Field: "MOTHER", Column: "ID"},
	} {
		if got := d.CohortLines(c); got != want {
			t.Errorf("%q, not %q", got, want)
		}
	}
}
