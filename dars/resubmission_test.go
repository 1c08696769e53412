package dars_test

import (
	"slices"
	"strings"
	"testing"

	"darsd/dars"
)

// What was said of one request does not count for another.
func TestAResubmissionIsLookedAtAgain(t *testing.T) {
	tests := map[string]struct {
		mend func(*dars.Form, *dars.EvidenceFile)
		says string // of the evidence that it needs
	}{
		"the same":       {func(*dars.Form, *dars.EvidenceFile) {}, ""},
		"another title":  {func(f *dars.Form, _ *dars.EvidenceFile) { f.Title = "Readmissions" }, ""},
		"other periods":  {func(f *dars.Form, _ *dars.EvidenceFile) { f.Datasets[0].Periods = []string{"1999"} }, "for an earlier version"},
		"other purpose":  {func(f *dars.Form, _ *dars.EvidenceFile) { f.Purpose.Objective = "Another one." }, "for an earlier version"},
		"one more party": {func(f *dars.Form, _ *dars.EvidenceFile) { f.Processors = []dars.OrgCode{"RA9"} }, "for an earlier version"},
		"another kind":   {func(_ *dars.Form, e *dars.EvidenceFile) { e.Kind = "OTHER" }, "there is none"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			p, paper := shown(t, cag), cag
			p.State = dars.ReferredBack
			was, is := p.Form, p.Form
			is.Datasets = slices.Clone(was.Datasets)
			tt.mend(&is, &paper)
			ruled(t, p.Resubmit(by("P-000005"), is, "2026-03-03"), "")
			p.TakeEvidence(by("P-000005"), []dars.EvidenceFile{paper}, "2026-03-03")
			p.Received(by("P-000005"), nil, "2026-03-03")
			p.Mended(by("P-000005"), &was, &is, "2026-03-03")
			got := strings.Join(p.EvidenceWanting(is.Datasets, "2026-03-03"), "; ")
			if (got == "") != (tt.says == "") || !strings.Contains(got, tt.says) {
				t.Errorf("wanting is %q, not %q", got, tt.says)
			}
		})
	}
}

func TestAnotherServiceLevelIsForWhatWasAskedThen(t *testing.T) {
	p := shown(t, cag)
	ruled(t, p.SetClass(by("P-000001"), london(t), 14, "2026-03-02"), "")
	p.State = dars.ReferredBack
	form := p.Form
	form.Datasets = slices.Clone(form.Datasets)
	form.Datasets[0].Identifiability = "AGG_SUPPRESSED"
	ruled(t, p.Resubmit(by("P-000005"), form, "2026-03-03"), "")
	if p.Clock.Class != 0 {
		t.Errorf("the service level is still %d working days", p.Clock.Class)
	}
}

func TestWhatIdentifiesPeopleLeavesByItsOwnGateways(t *testing.T) {
	for gateway, refused := range map[string]bool{"HSCA261_1_2BII": true, "HSCA261_2A": true, "HSCA261_OTHER": true, "HSCA261_4": false, "NHSA251_REG5": false} {
		form := askFor()
		form.Datasets = slices.Clone(form.Datasets)
		form.Datasets[0].Identifiability, form.Datasets[0].Gateway = "IDENT", gateway
		if slices.ContainsFunc(form.Check(nil), func(m dars.Mistake) bool { return m.Rule == "gateway-not-for-identifiable" }) != refused {
			t.Errorf("%s refused: want %t", gateway, refused)
		}
	}
}

func TestALineIsOnlyGivenWhereOneIs(t *testing.T) {
	d := dars.Draft{Lines: map[string]int{"": 1, "title": 4}}
	got := d.Placed([]dars.Mistake{{Field: "purpose.objective"}, {Field: "title"}})
	if got[0].Line != 4 || got[1].Line != 0 {
		t.Errorf("placed as %v", got)
	}
}

func TestAHowHasWords(t *testing.T) {
	for how, refused := range map[string]bool{".": true, "--- 1": true, "It shortens stays.": false} {
		form := askFor()
		form.Purpose.Serves = []dars.Aim{{Aim: "HEALTH_CARE", How: how}}
		if slices.ContainsFunc(form.Check(nil), func(m dars.Mistake) bool { return m.Field == "purpose.serves[0].how" }) != refused {
			t.Errorf("%q refused: want %t", how, refused)
		}
	}
}

func TestALapseNamesTheNumberThatLapsed(t *testing.T) {
	form := dars.Form{Parties: []dars.Party{{Code: "RA1", ICO: &dars.Registration{Number: "Z7654321", Expires: "2015-01-01"}}}}
	ended := form.Standing(&dars.Organisation{Code: "RA1", ICO: "Z1111111"}).Ended("RA1", "2026-04-01", dars.Outside)
	if len(ended) != 1 || !strings.Contains(ended[0].Says, "(Z7654321)") {
		t.Errorf("it says %v", ended)
	}
}
