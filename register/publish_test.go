package register_test

import (
	"bytes"
	"encoding/csv"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"darsd/dars"
	"darsd/register"
)

// The real edition of autumn 2017, taken in and published again, says in every row what
// it said.
func TestTheImportedRegisterPublishedAgain(t *testing.T) {
	dir := os.Getenv("DARSD_TESTDATA")
	if dir == "" {
		if os.Getenv("DARSD_REQUIRE_ALL") == "1" {
			t.Fatal("DARSD_TESTDATA does not say where the test data are, and DARSD_REQUIRE_ALL=1 asks for them")
		}
		t.Skip("DARSD_TESTDATA does not say where the test data are")
	}
	text, err := os.ReadFile(filepath.Join(dir, "register-2017", "sheets", "DataReleases.csv"))
	if err != nil {
		t.Fatal(err)
	}
	f, err := register.Open("DataReleases.csv", bytes.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	var rows []dars.PublicRelease
	for _, r := range register.Understand(register.NewHeaders(nil), []register.File{f}).Releases {
		r.Editions = []string{"2017-09-to-2017-11"}
		rows = append(rows, r.Public())
	}
	var out bytes.Buffer
	if err := register.WriteCSV(&out, rows); err != nil {
		t.Fatal(err)
	}
	said, err := csv.NewReader(&out).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	published := map[string][]string{}
	for _, row := range said[1:] {
		published[row[0]] = row
	}
	original := f.Sheets[0].Rows[1:]
	if len(original) != 5776 || len(published) != 5776 {
		t.Fatalf("%d rows, of which %d are published", len(original), len(published))
	}
	for _, row := range original {
		now := published[strings.TrimSpace(row.Cells[0])]
		for i, cell := range row.Cells {
			if now == nil || strings.Join(strings.Fields(cell), " ") != strings.Join(strings.Fields(now[i]), " ") {
				t.Fatalf("row %s: %q is published as %q", row.Cells[0], row.Cells, now)
			}
		}
	}
}

func TestGuardedCellsAreReadAsTheyWere(t *testing.T) {
	for name, cell := range map[string]string{
		"a formula": "=1+1", "a minus": "- to plan care", "a plus": "+44 20", "an at": "@SUM(A1)", "a tab": "\tx", "an apostrophe before a formula": "'=1", "two apostrophes": "''", "plain": "Leeds", "an apostrophe": "'t Hooft", "nothing": "",
	} {
		t.Run(name, func(t *testing.T) {
			row := dars.PublicRelease{ID: "FILE0000001", File: "FILE0000001", Org: cell}
			var out bytes.Buffer
			if err := register.WriteCSV(&out, []dars.PublicRelease{row}); err != nil {
				t.Fatal(err)
			}
			armed, err := csv.NewReader(bytes.NewReader(out.Bytes())).ReadAll()
			if err != nil || armed[1][1] != "" && strings.ContainsAny(armed[1][1][:1], "=+-@\t\r") {
				t.Errorf("a spreadsheet runs %q: %v", armed[1][1], err)
			}
			f, err := register.Open("r.csv", &out)
			if err != nil || f.Sheets[0].Rows[1].Cells[1] != cell {
				t.Errorf("%q is read as %q: %v", cell, f.Sheets[0].Rows[1].Cells[1], err)
			}
		})
	}
}
