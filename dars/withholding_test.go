package dars_test

import (
	"errors"
	"strings"
	"testing"

	"darsd/dars"
)

// What is withheld is left out of a text wherever it stands, and the text says on which
// ground. Nobody else can make a text say so.
func TestWhatIsUnsaid(t *testing.T) {
	const commercial, personal = "[withheld: commercial interests, section 43]", dars.NameWithheld
	priced := &dars.Withholding{ID: "WHD-000001", Words: "costs 40 pounds\na record", Ground: "COMMERCIAL", State: dars.WordsWithheld}
	short := &dars.Withholding{ID: "WHD-000002", Words: "40 pounds", Ground: "IN_CONFIDENCE", State: dars.WordsWithheld}
	told := &dars.Withholding{ID: "WHD-000003", Words: "the plan", Ground: "COMMERCIAL", State: dars.WordsDisclosed}
	for text, want := range map[string]string{
		"It costs  40 pounds a\u00a0record, or Costs 40 Pounds A Record.": "It " + commercial + ", or " + commercial + ".",
		"It costs 40 pounds a recording":                                  "It costs [withheld: information given in confidence, section 41] a recording",
		"Ada Lovelace says that it costs 40 pounds a record":              personal + " says that it " + commercial,
		"The plan is known": "The plan is known",
		"Costs 40 pounds a re\u0301cord, ｃｏｓｔｓ ４０ pounds a re\u00adcord": commercial + ", " + commercial,
		"an applicant's own [withheld: personal data, section 40]":       "an applicant's own (withheld: personal data, section 40]",
	} {
		unsaid := dars.Unsaid{Names: []string{"Ada Lovelace"}, Words: []*dars.Withholding{short, told, priced}}
		dars.SortWithheld(unsaid.Words)
		if got := unsaid.OutOf(text); got != want {
			t.Errorf("%q becomes %q, not %q", text, got, want)
		}
	}
}

func TestAWithholdingHasItsGround(t *testing.T) {
	good := dars.Withholding{Case: "DARS-NIC-000001-X0X0X", Words: "a price", Ground: "COMMERCIAL", Why: "they would be outbid"}
	for name, tt := range map[string]struct {
		change func(*dars.Withholding)
		rule   string
	}{
		"as it should be": {func(*dars.Withholding) {}, ""},
		"no ground":       {func(w *dars.Withholding) { w.Ground = "EMBARRASSING" }, "no-ground"},
		"a word of two":   {func(w *dars.Withholding) { w.Words = " a. " }, "too-short"},
		"no reason":       {func(w *dars.Withholding) { w.Why = " " }, "no-reason"},
		"hostile reason":  {func(w *dars.Withholding) { w.Why = "\x1b[2J" }, "bad-text"},
	} {
		t.Run(name, func(t *testing.T) {
			w := good
			tt.change(&w)
			var no *dars.Refusal
			if err := w.Check(); errors.As(err, &no) != (tt.rule != "") || no != nil && no.Rule != tt.rule {
				t.Errorf("%v", err)
			}
		})
	}
	w := good
	w.State = dars.WordsWithheld
	if err := w.Disclose(dars.Act{Who: "P-000001"}, "2026-03-01"); err == nil || w.State != dars.WordsWithheld {
		t.Errorf("without a reason: %v", err)
	}
	if err := w.Disclose(dars.Act{Who: "P-000001", Why: "the contract ended"}, "2026-03-01"); err != nil || w.State != dars.WordsDisclosed {
		t.Errorf("with one: %v", err)
	}
	if err := w.Disclose(dars.Act{Who: "P-000001", Why: "again"}, "2026-03-01"); err == nil {
		t.Error("twice")
	}
}

// A row that is published otherwise than before leaves a correction for each act, with
// what it was and is; one that is published as it was leaves none.
func TestARowLeavesCorrections(t *testing.T) {
	row := dars.PublicRelease{ID: "FILE0000001", Release: "REL-000001", Org: "A Trust", Dataset: "Admissions", OptOuts: "Y", Sensitivity: "Sensitive", State: dars.RowReleased}
	acts := map[string]string{"release": "release withdraw", "organisation": "org add", "agreement": "agreement objections"}
	cause := func(c dars.RegisterColumn) string { return acts[c.From] }
	e := &dars.RegisterEntry{Release: "REL-000001"}
	if e.Tells([]dars.PublicRelease{row}) {
		t.Error("an entry of nothing tells a row")
	}
	e.Publish([]dars.PublicRelease{row}, "2026-01-01", cause)
	if !e.Tells([]dars.PublicRelease{row}) || len(e.Corrections[row.ID]) != 0 {
		t.Errorf("the first time it is %+v", e)
	}
	row.Org, row.OptOuts, row.State, row.Dataset, row.Sensitivity = "B Trust", "N - consent", dars.RowWithdrawn, "Admitted Patients", ""
	e.Publish([]dars.PublicRelease{row}, "2026-01-05", cause)
	e.Publish([]dars.PublicRelease{row}, "2026-01-06", cause)
	var says []string
	for _, k := range e.Corrections[row.ID] {
		for _, f := range k.Fields() {
			says = append(says, string(k.On)+" "+k.Act+": "+f+" "+k.Was[f]+" > "+k.Is[f])
		}
	}
	want := `2026-01-05 org add: org A Trust > B Trust
2026-01-05 : dataset Admissions > Admitted Patients
2026-01-05 agreement objections: sensitivity Sensitive > 
2026-01-05 release withdraw: opt_outs Y > N - consent
2026-01-05 release withdraw: state released > withdrawn`
	if got := strings.Join(says, "\n"); got != want {
		t.Errorf("the corrections are\n%s\nnot\n%s", got, want)
	}
}

// What a corrected edition no longer says under a column that it has is gone, with a
// correction; what it has no column for stays. A row that comes back is corrected, too. To
// rules the answer that was given stays.
func TestAnEmptiedCellIsACorrection(t *testing.T) {
	r := &dars.ImportedRelease{ID: "FILE0000001", Row: "FILE0000001", Objections: dars.Uphold, Said: map[string]string{"opt_outs": "Y", "purpose": "audit", "month": "Jul-19"}, Editions: []string{"2019"}}
	says := &dars.ImportedRelease{Said: map[string]string{"month": "Aug-19"}, Columns: []string{"month", "opt_outs"}}
	if !r.Learn(says, "2019", "2026-01-05") || r.Objections != dars.Uphold || r.Said["purpose"] != "audit" || r.Public().OptOuts != "" {
		t.Errorf("it is %+v", r)
	}
	if k := r.Corrections[0]; k.Was["opt_outs"] != "Y" || k.Is["month"] != "Aug-19" || len(k.Was) != 2 {
		t.Errorf("the correction is %+v", k)
	}
	if r.Learn(says, "2019", "2026-01-06") {
		t.Errorf("the same again corrects %+v", r.Corrections)
	}
	r.Leave("2019", "2026-02-01")
	if !r.Learn(says, "2019", "2026-03-01") || r.Corrections[2].Was["state"] != dars.RowGone {
		t.Errorf("it came back: %+v", r.Corrections)
	}
}
