package dars_test

import (
	"fmt"
	"strings"
	"testing"

	"darsd/dars"
)

// stays is a dataset of which much can be derived.
func stays() dars.Dataset {
	return dars.Dataset{Code: "STAYS", Person: "KEY", Index: &dars.Index{File: "i", Person: "KEY", NHSNumber: "N"}, Unmatched: dars.Withhold,
		Format: dars.Format{Delimiter: "|", Header: true},
		Fields: []dars.Field{{Name: "KEY", Pseudonym: "person"}, {Name: "NHS", Identifying: true, Holds: "nhs-number"}, {Name: "DOB", Type: "date", Identifying: true, Holds: "birth-date"},
			{Name: "MYDOB", Holds: "birth-month"}, {Name: "STARTAGE", Holds: "age"}, {Name: "HOMEADD", Identifying: true, Holds: "postcode"},
			{Name: "LSOA11", Holds: "area"}, {Name: "ADMIDATE", Type: "date"}, {Name: "DIAG_01"}, {Name: "DIAG_02"}, {Name: "DIAG_03"}},
		Tables: []dars.AreaTable{{Name: "LAD", File: "lad.csv", From: "LSOA11CD", To: "LAD20CD"}}}
}

func TestCheckRows(t *testing.T) {
	column := func(c dars.Column) dars.DatasetRequest { return dars.DatasetRequest{Columns: []dars.Column{c}} }
	filter := func(f dars.RowFilter) dars.DatasetRequest { return dars.DatasetRequest{Rows: []dars.RowFilter{f}} }
	tests := map[string]struct {
		ask  dars.DatasetRequest
		says string // "": nothing is wrong; else one sentence that begins with it
	}{
		"nothing":                       {dars.DatasetRequest{}, ""},
		"a field":                       {column(dars.Column{Field: "DIAG_01"}), ""},
		"a field under another name":    {column(dars.Column{Field: "DIAG_01", As: "DIAGNOSIS"}), ""},
		"no field":                      {column(dars.Column{As: "X"}), "d.columns[0].field: name a field of STAYS"},
		"a field that nobody knows":     {column(dars.Column{Field: "AGE"}), "d.columns[0].field: STAYS has no field AGE"},
		"fields and columns":            {dars.DatasetRequest{Fields: []string{"KEY"}, Columns: []dars.Column{{Field: "KEY"}}}, "d.columns: say fields or columns"},
		"a name with a bar":             {column(dars.Column{Field: "DIAG_01", As: "A|B"}), "d.columns[0].as"},
		"two names alike":               {dars.DatasetRequest{Columns: []dars.Column{{Field: "DIAG_01"}, {Field: "DIAG_02", As: "diag_01"}}}, "d.columns[1]: two columns would be called diag_01"},
		"one field twice":               {dars.DatasetRequest{Columns: []dars.Column{{Field: "DOB", Derive: "birth-year", As: "YOB"}, {Field: "DOB", Derive: "age", At: "ADMIDATE", As: "AGE"}}}, ""},
		"an identifying field":          {column(dars.Column{Field: "HOMEADD"}), "d.columns[0].field: HOMEADD tells who a person is"},
		"a district of one":             {column(dars.Column{Field: "HOMEADD", Derive: "postcode-district"}), ""},
		"a pseudonym":                   {column(dars.Column{Field: "KEY", Derive: "pseudonym"}), ""},
		"a pseudonym of no kind":        {column(dars.Column{Field: "NHS", Derive: "pseudonym"}), "d.columns[0].derive: the catalogue gives NHS no kind"},
		"what nobody derives":           {column(dars.Column{Field: "DOB", Derive: "star-sign"}), `d.columns[0].derive: "star-sign" is not one of pseudonym, age`},
		"a district of a diagnosis":     {column(dars.Column{Field: "DIAG_01", Derive: "postcode-district"}), "d.columns[0].derive: postcode-district is derived from a field that holds postcode"},
		"an age by a month of birth":    {column(dars.Column{Field: "MYDOB", Derive: "age", At: "ADMIDATE"}), "d.columns[0].derive: age is derived"},
		"a year of birth by a month":    {column(dars.Column{Field: "MYDOB", Derive: "birth-year"}), ""},
		"an age at a day":               {column(dars.Column{Field: "DOB", Derive: "age", At: "2016-03-31"}), ""},
		"an age at no day":              {column(dars.Column{Field: "DOB", Derive: "age"}), "d.columns[0].at: say at which day"},
		"an age at a day that is none":  {column(dars.Column{Field: "DOB", Derive: "age", At: "2016-02-30"}), "d.columns[0].at: \"2016-02-30\" is no day"},
		"an age at a diagnosis":         {column(dars.Column{Field: "DOB", Derive: "age", At: "DIAG_01"}), "d.columns[0].at: the catalogue does not say that DIAG_01 holds dates"},
		"an age that is there":          {column(dars.Column{Field: "STARTAGE", Derive: "age"}), ""},
		"an age that is there, at":      {column(dars.Column{Field: "STARTAGE", Derive: "age", At: "ADMIDATE"}), "d.columns[0].at: only an age that is reckoned"},
		"a band":                        {column(dars.Column{Field: "STARTAGE", Derive: "age-band", Bands: "0-4,5-89,90+"}), ""},
		"a band without bands":          {column(dars.Column{Field: "STARTAGE", Derive: "age-band"}), "d.columns[0].bands"},
		"bands of an age":               {column(dars.Column{Field: "STARTAGE", Derive: "age", Bands: "0-4"}), "d.columns[0].bands: only an age-band"},
		"an area":                       {column(dars.Column{Field: "LSOA11", Derive: "area", Table: "LAD"}), ""},
		"an area by no table":           {column(dars.Column{Field: "LSOA11", Derive: "area"}), "d.columns[0].table: STAYS has no table \"\""},
		"a table for a field as it is":  {column(dars.Column{Field: "LSOA11", Table: "LAD"}), "d.columns[0].table: only an area"},
		"diagnoses":                     {filter(dars.RowFilter{Fields: []string{"DIAG_01..DIAG_03"}, Prefixes: []string{"J45", "J46"}}), ""},
		"areas":                         {filter(dars.RowFilter{Fields: []string{"LSOA11"}, Codes: []string{"E01000001"}, Not: true}), ""},
		"no fields":                     {filter(dars.RowFilter{Prefixes: []string{"J45"}}), "d.rows[0].fields: name at least one"},
		"fields from last to first":     {filter(dars.RowFilter{Fields: []string{"DIAG_03..DIAG_01"}, Prefixes: []string{"J45"}}), "d.rows[0].fields: STAYS has no field DIAG_03..DIAG_01"},
		"nothing to look for":           {filter(dars.RowFilter{Fields: []string{"DIAG_01"}}), "d.rows[0]: say prefixes, codes or ages"},
		"an empty prefix":               {filter(dars.RowFilter{Fields: []string{"DIAG_01"}, Prefixes: []string{""}}), "d.rows[0]: \"\" is no code"},
		"codes and ages":                {filter(dars.RowFilter{Fields: []string{"STARTAGE"}, Codes: []string{"1"}, Ages: "1"}), "d.rows[0]: say codes or ages"},
		"codes at a day":                {filter(dars.RowFilter{Fields: []string{"DIAG_01"}, Codes: []string{"J45"}, At: "2016-03-31"}), "d.rows[0].at: only ages"},
		"ages":                          {filter(dars.RowFilter{Fields: []string{"DOB"}, Ages: "18-64", At: "ADMIDATE"}), ""},
		"babies":                        {filter(dars.RowFilter{Fields: []string{"STARTAGE"}, Ages: "0"}), ""},
		"ages at no day":                {filter(dars.RowFilter{Fields: []string{"DOB"}, Ages: "18-64"}), "d.rows[0].at: say at which day"},
		"ages that are none":            {filter(dars.RowFilter{Fields: []string{"STARTAGE"}, Ages: "adults"}), "d.rows[0].ages: \"adults\" is no band"},
		"ages of two fields":            {filter(dars.RowFilter{Fields: []string{"STARTAGE", "DOB"}, Ages: "18+"}), "d.rows[0].fields: one field gives the age"},
		"ages of a diagnosis":           {filter(dars.RowFilter{Fields: []string{"DIAG_01"}, Ages: "18+"}), "d.rows[0].fields: an age comes from"},
		"a cohort by person":            {dars.DatasetRequest{Cohort: &dars.Cohort{Field: "KEY"}}, ""},
		"a cohort by NHS number":        {dars.DatasetRequest{Cohort: &dars.Cohort{Field: "NHS", Column: "nhs_number"}}, ""},
		"a cohort by diagnosis":         {dars.DatasetRequest{Cohort: &dars.Cohort{Field: "DIAG_01"}}, "d.cohort.field: DIAG_01 is not the person of a row"},
		"a cohort by nothing":           {dars.DatasetRequest{Cohort: &dars.Cohort{}}, "d.cohort.field: name a field"},
		"bars, packed and encrypted":    {dars.DatasetRequest{Output: &dars.Output{Delimiter: "|", Compression: "zstd", EncryptTo: []string{"age1x", "ssh-ed25519 AAAA"}}}, ""},
		"a letter between fields":       {dars.DatasetRequest{Output: &dars.Output{Delimiter: "x"}}, "d.output.delimiter"},
		"two characters between fields": {dars.DatasetRequest{Output: &dars.Output{Delimiter: "||"}}, "d.output.delimiter"},
		"packed by nobody's method":     {dars.DatasetRequest{Output: &dars.Output{Compression: "rar"}}, "d.output.compression"},
		"encrypted to a login":          {dars.DatasetRequest{Output: &dars.Output{EncryptTo: []string{"rita"}}}, "d.output.encrypt_to[0]"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			tt.ask.Identifiability = "PSEUDO_ICO"
			wrong := tt.ask.CheckRows("d", stays())
			if tt.says == "" && len(wrong) > 0 || tt.says != "" && (len(wrong) != 1 || !strings.HasPrefix(wrong[0], tt.says)) {
				t.Errorf("it says %q", wrong)
			}
		})
	}
}

// A form is checked for them too, and columns are as good as fields where some
// fields tell who a person is.
func TestFormsAskForRows(t *testing.T) {
	f := askFor()
	f.Datasets[0].Identifiability, f.Datasets[0].Columns = "PSEUDO_ICO", []dars.Column{{Field: "DIAG_01"}}
	if wrong := f.Check(catalogue); len(wrong) > 0 {
		t.Error(wrong)
	}
	f.Datasets[0].Columns[0].Field = "DIAG_99"
	if wrong := fmt.Sprint(f.Check(catalogue)); wrong != "[datasets[0].columns[0].field: HES_APC has no field DIAG_99 in the catalogue]" {
		t.Error(wrong)
	}
}

func TestNameOfAFileAsAgreed(t *testing.T) {
	for want, o := range map[string]*dars.Output{
		"FILE0000001_NIC012345_STAYS_200199.txt":        nil,
		"FILE0000001_NIC012345_STAYS_200199.txt.zst":    {Compression: "zstd"},
		"FILE0000001_NIC012345_STAYS_200199.csv":        {Delimiter: ",", Compression: "none"},
		"FILE0000001_NIC012345_STAYS_200199.csv.gz.age": {Delimiter: ",", Compression: "gzip", EncryptTo: []string{"age1x"}},
	} {
		r := dars.DatasetRequest{Code: "STAYS", Output: o}
		if got := r.FileName("FILE0000001", "DARS-NIC-012345-B1C2D", "200199", stays().Format); got != want {
			t.Errorf("%s, not %s", got, want)
		}
	}
}

func TestKindsOfPseudonyms(t *testing.T) {
	twice := dars.Dataset{Fields: []dars.Field{{Name: "A", Pseudonym: "person"}, {Name: "B", Pseudonym: "episode"}}}
	if got := fmt.Sprint(dars.Catalogue{stays(), twice}.Kinds()); got != "[person episode]" {
		t.Error(got)
	}
}

func TestParseBands(t *testing.T) {
	for text, want := range map[string]string{
		"0-4,5-9,90+":   "[{0 4 0-4} {5 9 5-9} {90 130 90+}]",
		"0, 1-17 , 18+": "[{0 0 0} {1 17 1-17} {18 130 18+}]",
		"0-130":         "[{0 130 0-130}]",
		"16-64":         "[{16 64 16-64}]",
		"":              "", ",": "", "a": "", "-": "", "+": "", "-5": "", "5-": "", "5-4": "", "0-4,4-9": "", "5-9,0-4": "", "90+,95+": "", "0-131": "",
		"131": "", "0-+4": "", "5+-9": "", "0.5": "", "１": "", "0-4;5-9": "", "+5": "",
	} {
		bands, err := dars.ParseBands(text)
		if got := fmt.Sprint(bands); (err == nil) != (want != "") || err == nil && got != want {
			t.Errorf("%q: %s %v", text, got, err)
		}
	}
}

func TestWhatACatalogueMarks(t *testing.T) {
	if wrong := stays().Check(); len(wrong) > 0 {
		t.Error(wrong)
	}
	for says, spoil := range map[string]func(*dars.Dataset){
		`fields KEY: holds: "soul" is not one of nhs-number`: func(d *dars.Dataset) { d.Fields[0].Holds = "soul" },
		"fields KEY: pseudonym: write the kind":              func(d *dars.Dataset) { d.Fields[0].Pseudonym = " person" },
		"tables: name, file, from and to":                    func(d *dars.Dataset) { d.Tables[0].To = "" },
		"tables: LAD is listed twice":                        func(d *dars.Dataset) { d.Tables = append(d.Tables, d.Tables[0]) },
	} {
		d := stays()
		spoil(&d)
		if wrong := d.Check(); len(wrong) != 1 || !strings.Contains(wrong[0].Error(), says) {
			t.Errorf("%q does not say %q", wrong, says)
		}
	}
}
