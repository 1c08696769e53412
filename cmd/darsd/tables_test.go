package main

import (
	"encoding/json"
	"errors"
	"testing"

	"darsd/dars"
	"darsd/office"
)

// Of two tables of other rows nobody can say by whom they differ, so one is not made
// beside the other.
func TestTablesOfOtherRowsAreNotCompared(t *testing.T) {
	from := rowsCovered(dars.DatasetRequest{From: "2014-05-01"})
	tests := map[string]struct {
		earlier, now string
		rule         string
	}{
		"all rows, and all":      {"", "", ""},
		"some, and the same":     {from, from, ""},
		"all, and some":          {"", from, "other-rows"},
		"some, and all":          {from, "", "other-rows"},
		"some, and a day longer": {from, rowsCovered(dars.DatasetRequest{From: "2014-04-30"}), "other-rows"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			population, err := json.Marshal(map[string]any{"dataset": "ADMISSIONS", "periods": []string{"201499"}, "rows": tt.earlier})
			if err != nil {
				t.Fatal(err)
			}
			c := tableCount{dataset: dars.Dataset{Code: "ADMISSIONS", Files: []dars.SourceFile{{Period: "201499"}}}, lists: map[string]*dars.List{}}
			all, _, err := c.earlier([]office.EarlierTable{{Ref: "QRY-000001", Population: population, List: &dars.List{ID: "OBJ-000001"}}}, tt.now)
			var no *dars.Refusal
			if errors.As(err, &no) != (tt.rule != "") || no != nil && no.Rule != tt.rule {
				t.Fatalf("it says %v", err)
			}
			if err == nil && (len(all) != 1 || all[0].Rows != tt.earlier || all[0].List != "OBJ-000001") {
				t.Errorf("the populations are %+v", all)
			}
		})
	}
}

// What may divide a table are the columns that leave as they are: from what is derived
// of the others nothing more is to be had.
func TestOnlyColumnsThatLeaveAsTheyAreDivideATable(t *testing.T) {
	d := dars.Dataset{Fields: []dars.Field{{Name: "WARD"}, {Name: "BORN"}, {Name: "SEX"}}}
	tests := map[string]struct {
		terms dars.DatasetRequest
		want  string
	}{
		"all fields":       {dars.DatasetRequest{}, `["WARD","BORN","SEX"]`},
		"some fields":      {dars.DatasetRequest{Fields: []string{"SEX"}}, `["SEX"]`},
		"columns":          {dars.DatasetRequest{Columns: []dars.Column{{Field: "WARD"}, {Field: "BORN", Derive: "age-band"}}}, `["WARD"]`},
		"derived, and all": {dars.DatasetRequest{Columns: []dars.Column{{Field: "BORN", Derive: "age-band"}}}, `null`},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			got, err := json.Marshal(approved(d, tt.terms))
			if err != nil || string(got) != tt.want {
				t.Errorf("got %s (%v), want %s", got, err, tt.want)
			}
		})
	}
}
