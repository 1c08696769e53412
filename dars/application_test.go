package dars_test

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"

	"darsd/dars"
)

var catalogue = dars.Catalogue{
	{Code: "HES_APC", Person: "ENCRYPTED_HESID", Date: "ADMIDATE", Files: []dars.SourceFile{{Period: "200199"}, {Period: "200299"}},
		Fields: []dars.Field{{Name: "ENCRYPTED_HESID"}, {Name: "ADMIDATE"}, {Name: "DIAG_01"}, {Name: "NEWNHSNO", Identifying: true}}},
	{Code: "CANCER", Person: "NHS", Files: []dars.SourceFile{{Period: "2025"}}},
}

// askFor is a form with nothing wrong.
func askFor() dars.Form {
	return dars.Form{Title: "Asthma admissions", Organisation: "RA1", Contact: "rita", Controllers: []dars.OrgCode{"RA1"}, Collectors: []string{"rita"},
		Locations: []dars.Location{{Address: "Leeds", Country: "England"}}, Territory: "England and Wales", Start: "2026-04-01", End: "2027-03-31",
		Purpose:  dars.Purpose{Serves: []dars.Aim{{"HEALTH_CARE", "fewer admissions"}}, Objective: "o", Processing: "p", Outputs: "o", Benefits: "b"},
		Datasets: []dars.DatasetRequest{{Code: "HES_APC", Periods: []string{"200199"}, Identifiability: "IDENT", Gateway: "NHSA251_REG5"}}}
}

func TestCheckOfAForm(t *testing.T) {
	tests := map[string]struct {
		spoil func(*dars.Form)
		says  []string // each in a sentence of its own, and no more sentences
	}{
		"nothing is wrong": {func(*dars.Form) {}, nil},
		"two periods and two datasets": {func(f *dars.Form) {
			f.Datasets = append(f.Datasets, dars.DatasetRequest{Code: "CANCER", Periods: []string{"2025"}, Identifiability: "PSEUDO_ICO", Gateway: "HSCA261_4"})
		}, nil},
		"fields, none of them identifying": {func(f *dars.Form) {
			f.Datasets[0].Identifiability, f.Datasets[0].Fields = "PSEUDO_ICO", []string{"DIAG_01", "ADMIDATE"}
		}, nil},
		"rows between two days": {func(f *dars.Form) { f.Datasets[0].From, f.Datasets[0].To = "2001-05-01", "2001-05-01" }, nil},
		"a term of one day":     {func(f *dars.Form) { f.End = f.Start }, nil},
		"evidence that lasts": {func(f *dars.Form) {
			f.Evidence = []dars.Evidence{{Kind: "cag", File: "cag.pdf", Expires: "2027-03-31"}}
		}, nil},
		"no title":                   {func(f *dars.Form) { f.Title = " " }, []string{"title: is empty"}},
		"no purpose at all":          {func(f *dars.Form) { f.Purpose = dars.Purpose{} }, []string{"purpose.objective", "purpose.processing", "purpose.outputs", "purpose.benefits", "purpose.serves"}},
		"no controller":              {func(f *dars.Form) { f.Controllers = nil }, []string{"controllers"}},
		"a controller twice":         {func(f *dars.Form) { f.Controllers = []dars.OrgCode{"RA1", "RA1"} }, []string{"controllers: RA1 is named twice"}},
		"a processor twice":          {func(f *dars.Form) { f.Processors = []dars.OrgCode{"RA2", "RA2"} }, []string{"processors: RA2 is named twice"}},
		"nobody to collect":          {func(f *dars.Form) { f.Collectors = nil }, []string{"collectors"}},
		"somebody to collect twice":  {func(f *dars.Form) { f.Collectors = []string{"rita", "rita"} }, []string{"collectors: rita is named twice"}},
		"a start that is no date":    {func(f *dars.Form) { f.Start = "1 April 2026" }, []string{"start"}},
		"no end":                     {func(f *dars.Form) { f.End = "" }, []string{"end: is empty: write a date"}},
		"an end before its start":    {func(f *dars.Form) { f.End = "2026-03-31" }, []string{"end: is before start"}},
		"an end that is no day":      {func(f *dars.Form) { f.End = "2026-02-30" }, []string{`end: "2026-02-30" is not a date`}},
		"no organisation":            {func(f *dars.Form) { f.Organisation = "" }, []string{"organisation: is empty: write the ODS code of the organisation that applies"}},
		"no dataset":                 {func(f *dars.Form) { f.Datasets = nil }, []string{"datasets: name at least one: what is asked for"}},
		"a dataset that nobody has":  {func(f *dars.Form) { f.Datasets[0].Code = "HES_XX" }, []string{"datasets[0].code"}},
		"a dataset twice":            {func(f *dars.Form) { f.Datasets = append(f.Datasets, f.Datasets[0]) }, []string{"datasets[1].code: HES_APC is asked for twice"}},
		"no period":                  {func(f *dars.Form) { f.Datasets[0].Periods = nil }, []string{"datasets[0].periods"}},
		"a period that is not there": {func(f *dars.Form) { f.Datasets[0].Periods = []string{"199999"} }, []string{"datasets[0].periods: HES_APC has no period 199999; it has 200199, 200299"}},
		"a period like no other":     {func(f *dars.Form) { f.Datasets[0].Periods = []string{"next winter"} }, []string{"datasets[0].periods: HES_APC has no period next winter; it has 200199"}},
		"a period twice":             {func(f *dars.Form) { f.Datasets[0].Periods = []string{"200199", "200199"} }, []string{"datasets[0].periods: 200199 is named twice"}},
		"a kind of data that is none": {func(f *dars.Form) {
			f.Datasets[0].Identifiability, f.Datasets[0].Fields = "Identifiable", []string{"DIAG_01"}
		}, []string{"datasets[0].identifiability"}},
		"a gateway that is none":    {func(f *dars.Form) { f.Datasets[0].Gateway = "s251" }, []string{"datasets[0].gateway"}},
		"a field that is not there": {func(f *dars.Form) { f.Datasets[0].Fields = []string{"DIAG_99"} }, []string{"datasets[0].fields: HES_APC has no field DIAG_99"}},
		"who a person is, in anonymised data": {func(f *dars.Form) {
			f.Datasets[0].Identifiability, f.Datasets[0].Fields = "PSEUDO_ICO", []string{"NEWNHSNO"}
		}, []string{"NEWNHSNO tells who a person is"}},
		"all fields, in anonymised data": {func(f *dars.Form) { f.Datasets[0].Identifiability = "PSEUDO_ICO" }, []string{"list them"}},
		"rows by date, of what has none": {func(f *dars.Form) {
			f.Datasets[0] = dars.DatasetRequest{Code: "CANCER", Periods: []string{"2025"}, Identifiability: "IDENT", Gateway: "HSCA261_4", From: "2025-01-01"}
		}, []string{"no date column"}},
		"rows from what is no date":       {func(f *dars.Form) { f.Datasets[0].From = "01/05/2001" }, []string{"datasets[0].from"}},
		"rows to what is no date":         {func(f *dars.Form) { f.Datasets[0].To = "2001-5-1" }, []string{"datasets[0].to"}},
		"rows to a day before they begin": {func(f *dars.Form) { f.Datasets[0].From, f.Datasets[0].To = "2001-05-02", "2001-05-01" }, []string{"datasets[0].to: is before from"}},
		"evidence that ends before the term": {func(f *dars.Form) {
			f.Evidence = []dars.Evidence{{Kind: "cag", File: "cag.pdf", Expires: "2027-03-30"}}
		}, []string{"evidence[0]"}},
		"evidence of two days that are none": {func(f *dars.Form) {
			f.Evidence = []dars.Evidence{{Kind: "cag", File: "cag.pdf", Approved: "soon", Expires: "2026-13-01"}}
		}, []string{"evidence[0].approved", "evidence[0].expires"}},
		"security that assures nobody": {func(f *dars.Form) {
			f.Parties = []dars.Party{{Code: f.Organisation, Security: []dars.Assurance{{Kind: "DSPT", Code: f.Organisation, Outcome: "NOT_MET"}}}}
		}, []string{"organisations[0].security[0].outcome: Standards Not Met assures nobody"}},
		"the same, beside what does": {func(f *dars.Form) {
			f.Parties = []dars.Party{{Code: f.Organisation, Security: []dars.Assurance{{Kind: "DSPT", Code: f.Organisation, Outcome: "NOT_MET"}, {Kind: "SLSP", Reviewed: "2026-01-01"}}}}
		}, nil},
		"an assurance of no kind": {func(f *dars.Form) {
			f.Parties = []dars.Party{{Code: f.Organisation, Security: []dars.Assurance{{Kind: "FOO"}}}}
		}, []string{"organisations[0].security[0].kind: "}},
		"evidence that ends on no date": {func(f *dars.Form) { f.Evidence = []dars.Evidence{{Kind: "cag", File: "cag.pdf", Expires: "next year"}} }, []string{"evidence[0].expires"}},
		"everything at once":            {func(f *dars.Form) { *f = dars.Form{} }, []string{"title", "organisation", "contact", "controllers", "collectors", "locations", "territory", "start", "end", "datasets", "purpose.objective", "purpose.processing", "purpose.outputs", "purpose.benefits", "purpose.serves"}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			f := askFor()
			tt.spoil(&f)
			wrong := f.Check(catalogue)
			if len(wrong) != len(tt.says) {
				t.Fatalf("it says %d things, want %d:\n%s", len(wrong), len(tt.says), fmt.Sprint(wrong))
			}
			for i, want := range tt.says {
				if !strings.Contains(wrong[i].String(), want) {
					t.Errorf("%q does not say %q", wrong[i], want)
				}
			}
		})
	}
}

func TestTheGate(t *testing.T) {
	all := dars.Review{LegalBasis: true, Security: true, Feasibility: true, Purpose: true}
	tests := map[string]struct {
		spoil func(*dars.Review)
		rule  string
	}{
		"all four pass":                 {func(*dars.Review) {}, ""},
		"no legal basis":                {func(r *dars.Review) { r.LegalBasis = false }, "not-reviewed"},
		"not secure":                    {func(r *dars.Review) { r.Security = false }, "not-reviewed"},
		"it cannot be done":             {func(r *dars.Review) { r.Feasibility = false }, "not-reviewed"},
		"not for health or social care": {func(r *dars.Review) { r.Purpose = false }, "not-reviewed"},
		"nobody has looked":             {func(r *dars.Review) { *r = dars.Review{} }, "not-reviewed"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			p := &dars.Application{Stem: "DARS-NIC-000001-B1C2D", Major: 1, State: dars.Submitted, Form: askFor()}
			p.TakeEvidence(by("P-000005"), []dars.EvidenceFile{{Kind: "S251_APPROVAL", File: "cag.pdf"}}, "2016-03-23")
			ruled(t, p.Look(by("P-000001"), 1, dars.EvidenceSeen, dars.Reading{}, "2016-03-23"), "")
			r := all
			tt.spoil(&r)
			ruled(t, p.Reviewed(by("P-000001"), r, "2026-03-02"), "")
			was := facts(t, p)
			ruled(t, p.Accept(by("P-000001"), london(t), "2016-03-24"), tt.rule)
			if tt.rule != "" && facts(t, p) != was {
				t.Errorf("a refusal left a trace: %s", facts(t, p))
			}
			if want := (dars.SLA{Class: 60, Reason: "identifiable data: 60 working days", Started: "2016-03-24", Due: "2016-06-22", Table: "England 2011-2028"}); tt.rule == "" && !reflect.DeepEqual(p.Clock, want) {
				t.Errorf("the clock says %+v", p.Clock)
			}
			if tt.rule == "" {
				ruled(t, p.Reviewed(by("P-000001"), all, "2026-03-02"), "wrong-step")
			}
		})
	}
}

// What comes in again is looked at again.
func TestAResubmissionIsTheNextMinorVersion(t *testing.T) {
	p := &dars.Application{Stem: "DARS-NIC-000001-B1C2D", Major: 1, State: dars.Submitted, Form: askFor()}
	ruled(t, p.Reviewed(by("P-000001"), dars.Review{LegalBasis: true, Security: true, Feasibility: true, Purpose: true}, "2026-03-02"), "")
	ruled(t, p.ReferBack(dars.Act{Who: "P-000001"}, "2026-03-02"), "no-reason")
	ruled(t, p.ReferBack(by("P-000001"), "2026-03-02"), "")
	form := askFor()
	form.Title = "Asthma admissions, mended"
	ruled(t, p.Resubmit(by("P-000005"), form, "2026-03-03"), "")
	if p.Version() != "v1.1" || p.ID() != "DARS-NIC-000001-B1C2D-v1" || p.Review.Passed() || p.Form.Title != form.Title {
		t.Errorf("it is %+v", p)
	}
}

func TestRoutesAndClasses(t *testing.T) {
	tests := map[string]struct {
		asks  []string // identifiability of each dataset
		route string
		class int
	}{
		"one identifiable":                       {[]string{"IDENT"}, "committee", 60},
		"several, one of them identifiable":      {[]string{"PSEUDO_ICO", "IDENT"}, "committee", 60},
		"anonymised":                             {[]string{"PSEUDO_ICO"}, "committee", 14},
		"a suppressed tabulation":                {[]string{"AGG_SUPPRESSED"}, "aggregate", 30},
		"a tabulation that is not suppressed":    {[]string{"AGG_UNSUPPRESSED"}, "committee", 30},
		"a suppressed tabulation and anonymised": {[]string{"AGG_SUPPRESSED", "PSEUDO_ICO"}, "committee", 30},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			p := &dars.Application{}
			for _, i := range tt.asks {
				p.Form.Datasets = append(p.Form.Datasets, dars.DatasetRequest{Code: "HES_APC", Identifiability: i})
			}
			route, why := p.Route()
			class, reason := p.Class()
			if route != tt.route || class != tt.class || why == "" || reason == "" {
				t.Errorf("the route is %s (%s), the class %d (%s)", route, why, class, reason)
			}
		})
	}
}

func TestAnOutcomeIsOneOfFive(t *testing.T) {
	for _, outcome := range []dars.ApplicationState{"", "approved", "Recommended", dars.AtDAAG, dars.TakenBack} {
		p := &dars.Application{Stem: "DARS-NIC-000001-B1C2D", Major: 1, State: dars.AtDAAG}
		was := facts(t, p)
		ruled(t, p.Outcome(by("P-000001"), outcome, "2026-03-02"), "no-outcome")
		if facts(t, p) != was {
			t.Errorf("%q left a trace: %s", outcome, facts(t, p))
		}
	}
}

func TestCodesMeanSomethingOnPaper(t *testing.T) {
	for _, list := range [][]dars.Code{dars.Identifiabilities, dars.Gateways, dars.Methods} {
		codes := dars.Codes(list)
		for i, c := range codes {
			if slices.Contains(codes[:i], c) || dars.Meaning(list, c) == "" || dars.Meaning(list, c) == c {
				t.Errorf("the code %s stands twice, or for nothing", c)
			}
		}
	}
	if got := dars.Meaning(dars.Methods, "UNKNOWN"); got != "UNKNOWN" {
		t.Error(got)
	}
}
