package documents

import (
	"fmt"
	"strings"
	"testing"

	"darsd/dars"
)

// checkFacts are of a refresh with much that is odd.
func checkFacts() dars.CheckFacts {
	n := noteFacts()
	r := n.Release
	r.Seen = &dars.Examination{Columns: []dars.ColumnLeft{
		{Name: "PERSON", Field: "ENCRYPTED_HESID", Derive: "pseudonym", Masked: true}, {Name: "ADMIDATE", Field: "ADMIDATE"}, {Name: "DIAG", Field: "DIAG_01", Masked: true}, {Name: "SEX", Field: "SEX"},
	}, Odd: []dars.Oddity{
		{File: "FILE0000001", Column: "ADMIDATE", What: "outside-period", Rows: 41_017}, {File: "FILE0000001", Column: "SEX", What: "not-of-type", Rows: 3}, {File: "FILE0000001", Column: "DIAG", What: "all-missing", Rows: 40_961},
	}}
	before := &dars.Release{ID: "REL-000000", Periods: []string{"200112"}, Counts: dars.ReleaseCounts{RowsIn: 40_100, RowsOut: 40_040, RowsWithheld: 60, PersonsWithheld: 58}}
	f := dars.CheckFacts{Release: r, Agreement: n.Agreement, Dataset: n.Dataset, Refresh: r.Against(before, 0.05), On: "2016-04-25"}
	f.Share = r.Share(&dars.List{Numbers: 1_203_417}, 57_000_000)
	return f
}

// However much is odd, and however many columns there are, it is one page.
func TestCheckersPageIsOnePage(t *testing.T) {
	f := checkFacts()
	for i := range 200 {
		f.Release.Seen.Columns = append(f.Release.Seen.Columns, dars.ColumnLeft{Name: fmt.Sprintf("DIAG_%03d", i), Field: fmt.Sprintf("DIAG_%03d", i)})
		f.Release.Seen.Odd = append(f.Release.Seen.Odd, dars.Oddity{File: "FILE0000001", Column: fmt.Sprintf("DIAG_%03d", i), What: "not-of-type", Rows: 1})
	}
	d := press(false).checkersPage(f)
	if text := d.WriteText(); !strings.Contains(text, "and 195 more columns") || !strings.Contains(text, "202 columns as in the source") {
		t.Errorf("it does not sum up:\n%s", text)
	}
	pdf, err := d.PDF()
	if err != nil {
		t.Fatal(err)
	}
	keep(t, "checkers-page-long", pdf)
	if n := strings.Count(string(pdf), "/Type /Page\n"); n != 1 {
		t.Errorf("it has %d pages", n)
	}
}

func TestObjectionsOfPatientsOnPaper(t *testing.T) {
	f := agreementFacts()
	f.Policy.Uphold = dars.UpholdByMatrix
	f.Agreement.Treat(dars.ObjectionsTerm{Dataset: f.Agreement.Datasets[0].Code, Treatment: dars.NotUpheld, Reason: "N_CONSENT", By: "matrix"})
	text := press(false).agreement(f).WriteText()
	for _, want := range []string{"objections are not applied", "Every patient in the data has consented to this use (N_CONSENT)", "the difference would name who has objected"} {
		if !strings.Contains(strings.Join(strings.Fields(text), " "), want) {
			t.Errorf("the agreement does not say %q", want)
		}
	}
	n := noteFacts()
	n.Release.Objections = dars.Upheld{Treatment: dars.NotUpheld, Reason: "N_CONSENT", ListDate: "2016-04-20", ListSHA256: "9f86d081"}
	note := press(false).note(n).WriteText()
	if !strings.Contains(note, "Not applied. Reason: Every patient in the data has consented to this use (N_CONSENT).") || strings.Contains(note, "9f86d081") {
		t.Errorf("the note says:\n%s", note)
	}
}
