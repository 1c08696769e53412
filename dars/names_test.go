package dars_test

import (
	"regexp"
	"testing"

	"darsd/dars"
)

func TestReferencesToCases(t *testing.T) {
	tests := map[string]struct {
		ref                string
		stem, major, minor string // "" where it is none
	}{
		"a stem":                             {"DARS-NIC-000001-B1C2D", "DARS-NIC-000001-B1C2D", "", ""},
		"a major version":                    {"DARS-NIC-000001-B1C2D-v1", "DARS-NIC-000001-B1C2D", "1", ""},
		"a whole version":                    {"DARS-NIC-12345-B1C2D-v12.10", "DARS-NIC-12345-B1C2D", "12", "10"},
		"version nought, as in the register": {"DARS-NIC-12345-B1C2D-v0.1", "DARS-NIC-12345-B1C2D", "0", "1"},
		"the older kind, without DARS":       {"NIC-12345-B1C2D", "DARS-NIC-12345-B1C2D", "", ""},
		"a legacy suffix":                    {"NIC-00574-BB9BB", "DARS-NIC-00574-BB9BB", "", ""},
		"a legacy suffix of digits first":    {"DARS-NIC-1234567-999BB-v2.0", "DARS-NIC-1234567-999BB", "2", "0"},
		"four digits":                        {"NIC-1234-B1C2D", "DARS-NIC-1234-B1C2D", "", ""},
		"three digits":                       {"NIC-123-B1C2D", "", "", ""},
		"eight digits":                       {"NIC-12345678-B1C2D", "", "", ""},
		"a vowel in the suffix":              {"DARS-NIC-000001-A1C2D", "", "", ""},
		"four characters":                    {"DARS-NIC-000001-B1C2", "", "", ""},
		"six characters":                     {"DARS-NIC-000001-B1C2DD", "", "", ""},
		"small letters":                      {"dars-nic-000001-b1c2d-v1.0", "DARS-NIC-000001-B1C2D", "1", "0"},
		"blanks around it":                   {" DARS-NIC-000001-B1C2D ", "DARS-NIC-000001-B1C2D", "", ""},
		"a version without v":                {"DARS-NIC-000001-B1C2D-1.0", "", "", ""},
		"a version of three digits":          {"DARS-NIC-000001-B1C2D-v100", "", "", ""},
		"a version that ends in a point":     {"DARS-NIC-000001-B1C2D-v1.", "", "", ""},
		"a line end behind":                  {"DARS-NIC-000001-B1C2D\n", "DARS-NIC-000001-B1C2D", "", ""},
		"another line behind":                {"DARS-NIC-000001-B1C2D\nx", "", "", ""},
		"a path behind":                      {"DARS-NIC-000001-B1C2D/../x", "", "", ""},
		"nothing":                            {"", "", "", ""},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			stem, major, minor, err := dars.ParseCase(tt.ref)
			if stem != tt.stem || major != tt.major || minor != tt.minor || (err == nil) != (tt.stem != "") {
				t.Errorf("%q is %q %q %q, %v", tt.ref, stem, major, minor, err)
			}
		})
	}
}

// The names that the office gives are of the form that the field writes, and no
// two are the same.
func TestTheOfficesOwnReferences(t *testing.T) {
	shape := regexp.MustCompile(`^(DARS-NIC|CON)-\d{6}-[B-DF-HJ-NP-TV-Z]\d[B-DF-HJ-NP-TV-Z]\d[B-DF-HJ-NP-TV-Z]$`)
	suffixes := map[string]bool{}
	for n := 1; n <= 2000; n++ {
		stem := dars.CaseStem(n)
		if got, _, _, err := dars.ParseCase(stem); got != stem || err != nil {
			t.Fatalf("%s is read as %q, %v", stem, got, err)
		}
		if c := string(dars.ContractName(n)); !shape.MatchString(stem) || !shape.MatchString(c) {
			t.Fatalf("%s and %s are not of the form", stem, c)
		}
		if dars.CaseStem(n) != stem {
			t.Fatal("a case has two names")
		}
		suffixes[stem[len(stem)-5:]] = true
	}
	if len(suffixes) < 1990 {
		t.Errorf("2000 numbers have only %d suffixes: a mistyped number would pass", len(suffixes))
	}
	if got := dars.FileName("FILE0000001", "DARS-NIC-012345-B1C2D", "HES_APC", "200199", dars.Format{Delimiter: ","}); got != "FILE0000001_NIC012345_HES_APC_200199.csv" {
		t.Error(got)
	}
	if got := dars.FileName("FILE0000001", "DARS-NIC-012345-B1C2D", "HES_APC", "200199", dars.Format{Delimiter: "|"}); got != "FILE0000001_NIC012345_HES_APC_200199.txt" {
		t.Error(got)
	}
}
