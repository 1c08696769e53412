package dars_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"darsd/dars"
)

var readmissions = dars.Target{What: "Fewer readmissions", By: "2027-03-31"}

// benefiting is an agreement in force.
func benefiting() *dars.Agreement {
	return &dars.Agreement{ID: "DARS-NIC-000001-B1C2D-v1.0", Stem: "DARS-NIC-000001-B1C2D", Org: "RA1", State: dars.InForce, CountersignedBy: "P-000001"}
}

// told is a report of that benefit.
func told(id dars.BenefitID, on dars.Day, outcome string, expected dars.Day) *dars.BenefitReport {
	return &dars.BenefitReport{ID: id, On: on, Benefits: []dars.Benefit{{What: readmissions.What, By: readmissions.By, Outcome: outcome, Expected: expected}}}
}

func TestWhenBenefitsAreDue(t *testing.T) {
	tests := map[string]struct {
		state, later      dars.AgreementState // of it, and of the next version of its case
		stated            []dars.Target
		released, renewed dars.Day
		reports           []*dars.BenefitReport
		want              string
	}{
		"nothing is stated or released":  {want: ""},
		"on its target date":             {stated: []dars.Target{readmissions}, want: "target 2027-03-31 "},
		"without a date":                 {stated: []dars.Target{{What: "Insight"}}, want: ""},
		"a year after the first release": {released: "2026-02-28", want: "first-release 2027-02-28 "},
		"a year after 29 February":       {released: "2024-02-29", want: "first-release 2025-02-28 "},
		"at renewal":                     {renewed: "2027-01-10", want: "renewal 2027-01-10 "},
		"each of them, in order":         {stated: []dars.Target{readmissions}, released: "2026-04-02", renewed: "2027-01-10", want: "renewal 2027-01-10 ,target 2027-03-31 ,first-release 2027-04-02 "},
		"achieved":                       {stated: []dars.Target{readmissions}, reports: []*dars.BenefitReport{told("BEN-1", "2027-01-01", "ACHIEVED", "")}, want: "target 2027-03-31 BEN-1"},
		"not achieved":                   {stated: []dars.Target{readmissions}, reports: []*dars.BenefitReport{told("BEN-1", "2027-01-01", "NOT_ACHIEVED", "")}, want: "target 2027-03-31 BEN-1"},
		"not yet":                        {stated: []dars.Target{readmissions}, reports: []*dars.BenefitReport{told("BEN-1", "2027-03-01", "NOT_YET", "2028-01-31")}, want: "target 2028-01-31 "},
		"not yet, twice": {stated: []dars.Target{readmissions}, reports: []*dars.BenefitReport{told("BEN-2", "2028-01-01", "PARTLY", "2029-01-31"), told("BEN-1", "2027-03-01", "NOT_YET", "2028-01-31")},
			want: "target 2029-01-31 "},
		"not yet, and then achieved": {stated: []dars.Target{readmissions}, reports: []*dars.BenefitReport{told("BEN-2", "2028-01-01", "ACHIEVED", ""), told("BEN-1", "2027-03-01", "NOT_YET", "2028-01-31")},
			want: "target 2028-01-31 BEN-2"},
		"of another benefit":                 {stated: []dars.Target{{What: "Shorter stays", By: "2027-03-31"}}, reports: []*dars.BenefitReport{told("BEN-1", "2027-01-01", "ACHIEVED", "")}, want: "target 2027-03-31 "},
		"a year on, and told of shortly ago": {released: "2026-03-31", reports: []*dars.BenefitReport{{ID: "BEN-1", On: "2026-12-31"}}, want: "first-release 2027-03-31 BEN-1"},
		"a year on, and told of long ago":    {released: "2026-03-31", reports: []*dars.BenefitReport{{ID: "BEN-1", On: "2026-12-30"}}, want: "first-release 2027-03-31 "},
		"of one not begun":                   {state: dars.CounterSigned, stated: []dars.Target{readmissions}, want: ""},
		"of one superseded":                  {state: dars.Superseded, later: dars.InForce, stated: []dars.Target{readmissions}, want: ""},
		"of one renewed after its end":       {state: dars.Closed, later: dars.InForce, released: "2026-02-28", want: ""},
		"of one whose renewal is to begin":   {state: dars.Closed, later: dars.CounterSigned, released: "2026-02-28", want: "first-release 2027-02-28 "},
		"of one that has ended":              {state: dars.Closed, stated: []dars.Target{readmissions}, want: "target 2027-03-31 "},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			g := benefiting()
			if tt.state != "" {
				g.State = tt.state
			}
			versions := []*dars.Agreement{g}
			if tt.later != "" {
				versions = append(versions, &dars.Agreement{ID: "DARS-NIC-000001-B1C2D-v2.0", Stem: g.Stem, State: tt.later, CountersignedBy: "P-000001"})
			}
			var got []string
			for _, d := range g.BenefitsDue(versions, tt.stated, tt.released, tt.renewed, tt.reports) {
				got = append(got, fmt.Sprintf("%s %s %s", d.Why, d.Due, d.Met))
			}
			if strings.Join(got, ",") != tt.want {
				t.Errorf("due are %q, want %q", got, tt.want)
			}
		})
	}
	terminated := benefiting()
	terminated.State, terminated.CountersignedBy = dars.Terminated, ""
	if due := terminated.BenefitsDue(nil, []dars.Target{readmissions}, "", "", nil); len(due) != 0 {
		t.Errorf("one that never began owes %v", due)
	}
}

// However reports come, what is due of a benefit is what the last of them says: found
// here by trying each day.
func TestBenefitsDueAgainstReading(t *testing.T) {
	dice := rand.New(rand.NewPCG(12, 6))
	outcomes := []string{"ACHIEVED", "PARTLY", "NOT_YET", "NOT_ACHIEVED"}
	for range 2000 {
		var reports []*dars.BenefitReport
		day := dars.Day("2027-01-01")
		for n := range dice.IntN(5) {
			day = day.Add(1 + dice.IntN(100))
			reports = append(reports, told(dars.BenefitID(fmt.Sprint("BEN-", n)), day, outcomes[dice.IntN(4)], day.Add(1+dice.IntN(400))))
		}
		due, met := readmissions.By, dars.BenefitID("")
		for _, r := range reports {
			switch b := r.Benefits[0]; b.Outcome {
			case "ACHIEVED", "NOT_ACHIEVED":
				met = r.ID
			default:
				due, met = b.Expected, ""
			}
		}
		dice.Shuffle(len(reports), func(i, j int) { reports[i], reports[j] = reports[j], reports[i] })
		got := benefiting().BenefitsDue(nil, []dars.Target{readmissions}, "", "", reports)
		if len(got) != 1 || got[0].Due != due || got[0].Met != met {
			t.Fatalf("due is %+v, want %s met by %q, of %+v", got, due, met, reports)
		}
	}
}

// achieved is a form as it should be.
func achieved() dars.BenefitForm {
	return dars.BenefitForm{Agreement: "DARS-NIC-000001-B1C2D-v1.0",
		Outputs: []dars.PublicOutput{{Title: "Readmission after hip fracture", Kind: "PAPER", Date: "2027-01-31", Link: "https://doi.org/10.1000/1"}},
		Benefits: []dars.Benefit{{What: readmissions.What, By: readmissions.By, Outcome: "ACHIEVED", Measure: "Readmission within 30 days fell from 12.1 % to 10.9 %",
			Evidence: []string{"https://example.org/report"}}}}
}

func TestFormOfBenefits(t *testing.T) {
	benefit := func(spoil func(*dars.Benefit)) func(*dars.BenefitForm) {
		return func(f *dars.BenefitForm) { spoil(&f.Benefits[0]) }
	}
	tests := map[string]struct {
		spoil func(*dars.BenefitForm)
		want  string
	}{
		"as it should be": {func(*dars.BenefitForm) {}, ""},
		"none yet":        {func(f *dars.BenefitForm) { f.Outputs, f.Benefits, f.NoneYet = nil, nil, "The analysis goes on." }, ""},
		"not yet": {benefit(func(b *dars.Benefit) {
			*b = dars.Benefit{What: b.What, By: b.By, Outcome: "NOT_YET", Why: "late", Expected: "2027-06-30"}
		}), ""},
		"one that nobody foresaw":          {benefit(func(b *dars.Benefit) { b.What, b.By = "A new pathway", "" }), ""},
		"nothing at all":                   {func(f *dars.BenefitForm) { f.Outputs, f.Benefits = nil, nil }, "none_yet"},
		"one that was not stated":          {benefit(func(b *dars.Benefit) { b.What = "A new pathway" }), "benefits[0].by"},
		"an outcome that is none":          {benefit(func(b *dars.Benefit) { b.Outcome = "ACHEIVED" }), "benefits[0].outcome"},
		"achieved, and nothing measured":   {benefit(func(b *dars.Benefit) { b.Measure = " " }), "benefits[0].measure"},
		"achieved, and nothing to show":    {benefit(func(b *dars.Benefit) { b.Evidence = nil }), "benefits[0].evidence"},
		"achieved, and expected":           {benefit(func(b *dars.Benefit) { b.Expected = "2028-01-01" }), "benefits[0].expected"},
		"not achieved, and no reason":      {benefit(func(b *dars.Benefit) { b.Outcome = "NOT_ACHIEVED" }), "benefits[0].why"},
		"not yet, and no day":              {benefit(func(b *dars.Benefit) { b.Outcome, b.Why = "NOT_YET", "late" }), "benefits[0].expected"},
		"not yet, by a day that is past":   {benefit(func(b *dars.Benefit) { b.Outcome, b.Why, b.Expected = "NOT_YET", "late", "2027-04-01" }), "benefits[0].expected"},
		"evidence that is no address":      {benefit(func(b *dars.Benefit) { b.Evidence[0] = "javascript:alert(1)" }), "benefits[0].evidence[0]"},
		"evidence with a password":         {benefit(func(b *dars.Benefit) { b.Evidence[0] = "https://a:b@example.org" }), "benefits[0].evidence[0]"},
		"a patient's number":               {benefit(func(b *dars.Benefit) { b.Measure = "It helped 999 123 4217." }), "benefits[0].measure"},
		"a text as long as a book":         {benefit(func(b *dars.Benefit) { b.Measure = strings.Repeat("x", 5000) }), "benefits[0].measure"},
		"an output to come":                {func(f *dars.BenefitForm) { f.Outputs[0].Date = "2027-04-02" }, "outputs[0].date"},
		"an output of no kind":             {func(f *dars.BenefitForm) { f.Outputs[0].Kind = "BOOK" }, "outputs[0].kind"},
		"an output without a title":        {func(f *dars.BenefitForm) { f.Outputs[0].Title = "" }, "outputs[0].title"},
		"an output at no address":          {func(f *dars.BenefitForm) { f.Outputs[0].Link = "ftp://example.org" }, "outputs[0].link"},
		"two things at once, and in order": {func(f *dars.BenefitForm) { f.Outputs[0].Kind, f.Benefits[0].Measure = "BOOK", "" }, "outputs[0].kind,benefits[0].measure"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			form := achieved()
			tt.spoil(&form)
			r, err := form.Report(by("P-000005"), benefiting(), []dars.Target{readmissions}, "2027-04-01")
			var fields []string
			var no *dars.Refusal
			if errors.As(err, &no) {
				for _, m := range no.Mistakes {
					fields = append(fields, m.Field)
				}
			}
			fields = slices.Compact(fields)
			if strings.Join(fields, ",") != tt.want || (err == nil) != (tt.want == "") {
				t.Fatalf("wrong are %v: %v", fields, err)
			}
			if err == nil && (r.From != "P-000005" || r.On != "2027-04-01" || !r.Same(r)) {
				t.Errorf("the report is %+v", r)
			}
		})
	}
	form := achieved()
	form.Agreement = "DARS-NIC-000002-B1C2D-v1.0"
	_, err := form.Report(by("P-000005"), benefiting(), nil, "2027-04-01")
	ruled(t, err, "benefits-wrong")
}
