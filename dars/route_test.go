package dars_test

import (
	"strings"
	"testing"

	"darsd/dars"
)

// agreed is an agreement in force for anonymised data, and what was approved for it.
func agreed() *dars.Held {
	form := dars.Form{Title: "Asthma admissions", Organisation: "RA1", Controllers: []dars.OrgCode{"RA1"}, Processors: []dars.OrgCode{"RA2"},
		Locations: []dars.Location{{Address: "Leeds"}}, Territory: "UK", Start: "2026-01-01", End: "2026-12-31",
		Datasets: []dars.DatasetRequest{{Code: "HES_APC", Periods: []string{"200199"}, Identifiability: "PSEUDO_ICO", Gateway: "HSCA261_1_2BII", Fields: []string{"SEX", "AGE"}}},
		Purpose:  dars.Purpose{Serves: []dars.Aim{{Aim: "HEALTH_CARE", How: "fewer admissions"}}, Objective: "o", Processing: "p", Outputs: "o", Benefits: "b"},
		Parties:  []dars.Party{{Code: "RA1", ICO: &dars.Registration{Number: "Z1234567", Expires: "2026-12-31"}}},
		Evidence: []dars.Evidence{{Kind: "protocol", File: "protocol.pdf"}}}
	p := &dars.Application{Stem: "DARS-NIC-000001-B1C2D", Major: 1, Kind: dars.NewCase, State: dars.Approved, Form: form}
	return &dars.Held{Approved: p, Agreement: &dars.Agreement{ID: "DARS-NIC-000001-B1C2D-v1.0", Stem: p.Stem, State: dars.InForce, Start: form.Start, End: form.End, Datasets: form.Datasets}}
}

// next is the next version of the case, longer by a year.
func next() *dars.Application {
	p := &dars.Application{Stem: "DARS-NIC-000001-B1C2D", Major: 2, Kind: dars.Amendment, State: dars.Assessed, Form: agreed().Approved.Form}
	p.Form.Kind, p.Form.Previous, p.Form.End = dars.Amendment, p.Stem, "2027-12-31"
	return p
}

func TestWhatIsAnException(t *testing.T) {
	const on = dars.Day("2026-06-01")
	data := func(p *dars.Application, change func(*dars.DatasetRequest)) {
		d := p.Form.Datasets[0]
		change(&d)
		p.Form.Datasets = []dars.DatasetRequest{d}
	}
	tests := map[string]struct {
		change func(p *dars.Application, held *dars.Held)
		route  string
		says   string // in why
	}{
		"a later end": {func(*dars.Application, *dars.Held) {}, "exception", "so the director decides without DAAG"},
		"more periods": {func(p *dars.Application, _ *dars.Held) {
			data(p, func(d *dars.DatasetRequest) { d.Periods = []string{"200199", "200299"} })
		}, "exception", ""},
		"fewer fields": {func(p *dars.Application, _ *dars.Held) {
			data(p, func(d *dars.DatasetRequest) { d.Fields = []string{"SEX"} })
		}, "exception", ""},
		"wider dates":     {func(p *dars.Application, _ *dars.Held) { data(p, func(d *dars.DatasetRequest) { d.To = "2015-03-31" }) }, "exception", ""},
		"new papers":      {func(p *dars.Application, _ *dars.Held) { p.Form.Evidence = nil }, "exception", ""},
		"benefits so far": {func(p *dars.Application, _ *dars.Held) { p.Form.Purpose.Yielded = "Two papers." }, "exception", ""},
		"a renewal": {func(p *dars.Application, _ *dars.Held) {
			p.Kind, p.Form.Kind, p.Form.Start = dars.Renewal, dars.Renewal, "2027-01-01"
		}, "exception", ""},
		"a renewed registration": {func(p *dars.Application, _ *dars.Held) {
			p.Form.Parties = []dars.Party{{Code: "RA1", ICO: &dars.Registration{Number: "Z1234567", Expires: "2027-12-31"}}}
		}, "exception", ""},

		"another collector": {func(p *dars.Application, _ *dars.Held) { p.Form.Recipients = []dars.PersonID{"P-000003"} }, "exception", ""},
		"held again as before": {func(p *dars.Application, held *dars.Held) {
			held.Approved.Form.Kind, p.Form.Kind = dars.RetentionOnly, dars.RetentionOnly
			p.Kind = dars.RetentionOnly
		}, "exception", ""},

		"what is only held": {func(_ *dars.Application, held *dars.Held) { held.Approved.Form.Kind = dars.RetentionOnly }, "committee", "the data are only held"},
		"an earlier start":  {func(p *dars.Application, _ *dars.Held) { p.Form.Start = "2025-06-01" }, "committee", "begins before 2026-01-01"},
		"a column that is something else by now": {func(p *dars.Application, held *dars.Held) {
			data(p, func(d *dars.DatasetRequest) { d.Columns = []dars.Column{{Field: "DOB", As: "BORN"}} })
			agreed := held.Agreement.Datasets[0]
			agreed.Columns = []dars.Column{{Field: "DOB", As: "BORN", Derive: "year"}}
			held.Agreement.Datasets = []dars.DatasetRequest{agreed}
		}, "committee", "the column BORN was not agreed"},
		"a new case": {func(p *dars.Application, _ *dars.Held) { p.Kind = dars.NewCase }, "committee", "asked for as Anonymised"},
		"a gap":      {func(p *dars.Application, _ *dars.Held) { p.Form.Start = "2027-01-02" }, "committee", "held by no right"},
		"one more field": {func(p *dars.Application, _ *dars.Held) {
			data(p, func(d *dars.DatasetRequest) { d.Fields = []string{"SEX", "AGE", "LSOA01"} })
		}, "committee", "LSOA01: not agreed"},
		"all fields": {func(p *dars.Application, _ *dars.Held) { data(p, func(d *dars.DatasetRequest) { d.Fields = nil }) }, "committee", "all fields leave"},
		"derived columns": {func(p *dars.Application, _ *dars.Held) {
			data(p, func(d *dars.DatasetRequest) { d.Columns = []dars.Column{{Field: "SEX"}} })
		}, "committee", "cannot be compared"},
		"other people": {func(p *dars.Application, _ *dars.Held) {
			data(p, func(d *dars.DatasetRequest) { d.Rows = []dars.RowFilter{{Fields: []string{"SEX"}}} })
		}, "committee", "datasets[HES_APC].rows"},
		"now sensitive": {func(p *dars.Application, _ *dars.Held) { data(p, func(d *dars.DatasetRequest) { d.Sensitive = true }) }, "committee", "sensitive"},
		"now identifiable": {func(p *dars.Application, _ *dars.Held) {
			data(p, func(d *dars.DatasetRequest) { d.Identifiability = "IDENT" })
		}, "committee", "Identifiable"},
		"another dataset": {func(p *dars.Application, _ *dars.Held) {
			p.Form.Datasets = append(p.Form.Datasets[:1:1], dars.DatasetRequest{Code: "HES_AE", Periods: []string{"200199"}, Identifiability: "PSEUDO_ICO"})
		}, "committee", "the dataset was not agreed"},
		"the dataset twice": {func(p *dars.Application, _ *dars.Held) {
			p.Form.Datasets = append(p.Form.Datasets[:1:1], p.Form.Datasets[0])
		}, "committee", "datasets[HES_APC, 2]"},
		"another processor":  {func(p *dars.Application, _ *dars.Held) { p.Form.Processors = []dars.OrgCode{"RA3"} }, "committee", "processors"},
		"another controller": {func(p *dars.Application, _ *dars.Held) { p.Form.Controllers = []dars.OrgCode{"RA1", "RA3"} }, "committee", "controllers"},
		"another place":      {func(p *dars.Application, _ *dars.Held) { p.Form.Locations = []dars.Location{{Address: "York"}} }, "committee", "locations"},
		"another territory":  {func(p *dars.Application, _ *dars.Held) { p.Form.Territory = "WORLDWIDE" }, "committee", "territory"},
		"another purpose":    {func(p *dars.Application, _ *dars.Held) { p.Form.Purpose.Objective = "x" }, "committee", "purpose.objective"},
		"now commercial":     {func(p *dars.Application, _ *dars.Held) { p.Form.Purpose.Commercial = true }, "committee", "purpose.commercial"},
		"passed on":          {func(p *dars.Application, _ *dars.Held) { p.Form.Sublicensing = "to clients" }, "committee", "sublicensing"},
		"another funder":     {func(p *dars.Application, _ *dars.Held) { p.Form.Funder = &dars.Backer{Name: "A firm"} }, "committee", "funder"},
		"nothing at all": {func(p *dars.Application, held *dars.Held) {
			held.Agreement.End, p.Form.Kind, p.Form.Previous = p.Form.End, "", ""
		}, "committee", "nothing that is not agreed"},
		"no agreement":       {func(_ *dars.Application, held *dars.Held) { held.Agreement.State = dars.Terminated }, "committee", "is terminated"},
		"an agreement's end": {func(_ *dars.Application, held *dars.Held) { held.Agreement.End = "2026-05-31" }, "committee", "is expired"},
		"small numbers": {func(p *dars.Application, held *dars.Held) {
			data(p, func(d *dars.DatasetRequest) { d.Identifiability = "AGG_UNSUPPRESSED" })
			held.Agreement.Datasets = p.Form.Datasets
		}, "committee", "not suppressed"},
		"agreed for less": {func(p *dars.Application, held *dars.Held) {
			held.Agreement.Datasets = []dars.DatasetRequest{{Code: "HES_AE"}}
		}, "committee", "the dataset was not agreed"},
		"only tabulations": {func(p *dars.Application, _ *dars.Held) {
			data(p, func(d *dars.DatasetRequest) { d.Identifiability = "AGG_SUPPRESSED" })
		}, "aggregate", ""},
		"a label that lies": {func(p *dars.Application, _ *dars.Held) {
			p.Form.Locations = []dars.Location{{Address: "evidence[x].file"}}
		}, "committee", "locations"},
		"a missing agreement": {nil, "committee", "DAAG advises"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			p, held := next(), agreed()
			if tt.change == nil {
				held = nil
			} else {
				tt.change(p, held)
			}
			r := p.Compare(held, on)
			if r.Name != tt.route || !strings.Contains(r.Why, tt.says) {
				t.Fatalf("the route is %s: %s", r.Name, r.Why)
			}
			for _, d := range r.Differences {
				if d.Why == "" || !d.Within && r.Name == "exception" {
					t.Errorf("%+v", d)
				}
			}
			if route, why := p.Route(); route != r.Name || why != r.Why {
				t.Errorf("it is %s (%s) afterwards", route, why)
			}
		})
	}
}

// The people of a form that is kept stand in it by number: whoever else is to collect
// is among the differences.
func TestAnotherCollectorIsADifference(t *testing.T) {
	p := next()
	p.Form.ContactID, p.Form.Recipients = "P-000002", []dars.PersonID{"P-000002", "P-000003"}
	said := map[string]string{}
	for _, d := range p.Compare(agreed(), "2026-06-01").Differences {
		said[d.Field] = d.Is
	}
	if said["contact"] != "P-000002" || said["collectors"] != "P-000002, P-000003" {
		t.Errorf("the differences are %v", said)
	}
	was, is := p.Form, p.Form
	is.Contact, is.Collectors = "nora", []string{"nora"} // as it was read
	for _, d := range dars.Differences(&was, &is) {
		t.Errorf("%+v, of the same form", d)
	}
}

// The way by which something was decided stands, whatever is held later.
func TestTheRouteOfWhatIsDecidedStands(t *testing.T) {
	p := next()
	p.Compare(agreed(), "2026-06-01")
	ruled(t, p.Director(by("P-000009"), true, "2026-06-01"), "")
	if r := p.Compare(nil, "2026-06-02"); r.Name != dars.ExceptionRoute || p.State != dars.Approved {
		t.Errorf("it is %s, %s", r.Name, p.State)
	}
}

// Each route has its own last decision, and nobody decides on their own work.
func TestWhoDecides(t *testing.T) {
	const on = dars.Day("2026-06-01")
	tests := map[string]struct {
		state          dars.ApplicationState
		held           *dars.Held
		who            dars.PersonID
		director, siro string // rules
	}{
		"an exception":                     {dars.Assessed, agreed(), "P-000009", "", "wrong-route"},
		"the committee's":                  {dars.Assessed, nil, "P-000009", "wrong-route", "wrong-step"},
		"the committee's, reviewed":        {dars.PreReviewed, nil, "P-000009", "wrong-step", "wrong-route"},
		"recommended":                      {dars.Recommended, nil, "P-000009", "wrong-step", ""},
		"by who assessed it":               {dars.Assessed, agreed(), "P-000003", "same-person", "wrong-route"},
		"by who submitted it":              {dars.Assessed, agreed(), "P-000001", "same-person", "wrong-route"},
		"recommended, by who reviewed it":  {dars.Recommended, nil, "P-000002", "wrong-step", "same-person"},
		"recommended, by who presented it": {dars.Recommended, nil, "P-000004", "wrong-step", "same-person"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			fresh := func() *dars.Application {
				p := next()
				p.State, p.By, p.Review.By, p.AssessedBy = tt.state, "P-000001", "P-000002", []dars.PersonID{"P-000003"}
				p.Decisions = []dars.Decision{{Step: "presented", By: "P-000004"}}
				p.Compare(tt.held, on)
				return p
			}
			for rule, decide := range map[string]func(*dars.Application) error{
				"director " + tt.director: func(p *dars.Application) error { return p.Director(by(tt.who), true, on) },
				"siro " + tt.siro:         func(p *dars.Application) error { return p.SIRO(by(tt.who), true, on) },
			} {
				p := fresh()
				was := facts(t, p)
				_, want, _ := strings.Cut(rule, " ")
				err := decide(p)
				ruled(t, err, want)
				if err != nil && facts(t, p) != was {
					t.Errorf("%s left a trace", rule)
				}
			}
		})
	}
}
