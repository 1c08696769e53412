package extract

import (
	"fmt"
	"strings"
	"testing"

	"darsd/dars"
)

func TestDescribeColumns(t *testing.T) {
	d := stays()
	d.Fields[1].Title = "NHS number"
	d.Fields[3].Sensitive = true
	for want, c := range map[string]dars.Column{
		"{NOTE  string  []}":                  {Field: "NOTE"},
		"{N  string In the source: NOTE. []}": {Field: "NOTE", As: "N"},
		"{AGE Age in whole years integer In whole years, one more from the birthday on; from DOB at ADMIDATE. Empty where nothing":     {Field: "DOB", Derive: "age", At: "ADMIDATE", As: "AGE"},
		"{STARTAGE Age band string In whole years, one more from the birthday on; from STARTAGE, where 7001 to 7007 are babies. Empty": {Field: "STARTAGE", Derive: "age-band", Bands: "0+"},
		"{MYDOB Year of birth integer YYYY, from MYDOB. Empty where nothing follows from the value. Sensitive. []}":                    {Field: "MYDOB", Derive: "birth-year"},
		"{DOB Month and year of birth string MMYYYY, from DOB. Empty":                                                                  {Field: "DOB", Derive: "birth-month"},
		"{HOMEADD Postcode district string The part":                                                                                   {Field: "HOMEADD", Derive: "postcode-district"},
		"{LAD Area, by a table of the office string From LSOA11, by the table LAD of the office. Empty":                                {Field: "LSOA11", Derive: "area", Table: "LAD", As: "LAD"},
		"{NHS NHS number, as a pseudonym string 32 letters in the place":                                                               {Field: "NHS", Derive: "pseudonym"},
	} {
		if got := fmt.Sprint(describeColumn(d, c)); !strings.HasPrefix(got, want) {
			t.Errorf("%s\nnot\n%s", got, want)
		}
	}
	if f := describeColumn(d, dars.Column{Field: "KEY", Derive: "pseudonym"}); fmt.Sprintf("%q", f.MissingValues) != `["" "0000"]` {
		t.Errorf("what stands for nothing leaves as it is: %q", f.MissingValues)
	}

	terms, err := newTerms(dars.DatasetRequest{Identifiability: "PSEUDO_ICO", Columns: []dars.Column{{Field: "MYDOB", Derive: "birth-year", As: "Y"}, {Field: "NOTE"}}},
		d, []string{"NOTE", "MYDOB"}, parts{})
	if err != nil {
		t.Fatal(err)
	}
	if all := terms.describe(); len(all) != 2 || all[0].Name != "Y" || all[1].Name != "NOTE" {
		t.Error(all)
	}
}
