package dars_test

import (
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"

	"darsd/dars"
)

func TestSectionsOfAForm(t *testing.T) {
	party := func(a dars.Assurance) func(*dars.Form) {
		return func(f *dars.Form) { f.Parties = []dars.Party{{Code: "RA1", Security: []dars.Assurance{a}}} }
	}
	tests := map[string]struct {
		spoil func(*dars.Form)
		says  string // "": nothing is wrong; else the one thing that is
	}{
		"all that is optional": {func(f *dars.Form) {
			f.Basis, f.Processors, f.Hosts = "SOLE", []dars.OrgCode{"RA2"}, []dars.OrgCode{"RA2"}
			f.Parties = []dars.Party{{Code: "RA2", Type: "SUPPLIER", ICO: &dars.Registration{Number: "ZA123456", Expires: "2027-12-31"},
				Security: []dars.Assurance{{Kind: "DSPT", Code: "RA2", Outcome: "MET"}, {Kind: "IGT", Code: "RA2", Version: "14.1", Score: 82}, {Kind: "ISO27001", Certificate: "1", Body: "BSI", Expires: "2027-12-31"}, {Kind: "SLSP", Reviewed: "2026-01-01"}}}}
			f.GDPR = &dars.GDPR{Article6: []string{"6(1)(e)"}, Article9: []string{"9(2)(j)"}}
			f.Ethics, f.Sponsor, f.Funder = &dars.Ethics{Needed: true, Reference: "14/LO/1234"}, &dars.Backer{Same: true}, &dars.Backer{Name: "NIHR"}
			f.Related = []string{"NIC-12345", "NIC-00574-C0C2D", "DARS-NIC-123456-X9Z9V-v1"}
			f.Datasets[0].Frequency, f.Datasets[0].Interval, f.Datasets[0].CommonLaw = "ONGOING", "MONTHLY", "CONSENT+S251"
		}, ""},
		"a frequency as registers write it": {func(f *dars.Form) { f.Datasets[0].Frequency = "One-Off" }, ""},
		"a frequency that is none":          {func(f *dars.Form) { f.Datasets[0].Frequency = "WEEKLY" }, `datasets[0].frequency: "WEEKLY" is not one of ONE_OFF`},
		"ongoing, nobody knows how often":   {func(f *dars.Form) { f.Datasets[0].Frequency = "ONGOING" }, "datasets[0].interval: is empty"},
		"once a month":                      {func(f *dars.Form) { f.Datasets[0].Frequency, f.Datasets[0].Interval = "ONE_OFF", "MONTHLY" }, "datasets[0].interval: only an ONGOING"},
		"a kind that is none":               {func(f *dars.Form) { f.Kind = "renewel" }, `kind: "renewel" is not one of new`},
		"a new one of a case":               {func(f *dars.Form) { f.Previous = "NIC-12345" }, "kind: say amendment"},
		"an amendment of nothing":           {func(f *dars.Form) { f.Kind = "amendment" }, "previous: is empty: name the case of which this is an amendment"},
		"an amendment of no reference":      {func(f *dars.Form) { f.Kind, f.Previous = "amendment", "the last one" }, `previous: "the last one" is not a reference`},
		"a renewal that yielded nothing":    {func(f *dars.Form) { f.Kind, f.Previous = "renewal", "NIC-12345" }, "purpose.yielded: is empty: a renewal says"},
		"an extension that yielded nothing": {func(f *dars.Form) { f.Kind, f.Previous = "extension", "NIC-12345" }, "purpose.yielded: is empty: an extension says"},
		"an amendment yields nothing yet":   {func(f *dars.Form) { f.Kind, f.Previous = "amendment", "NIC-12345" }, ""},
		"a vowel in a reference":            {func(f *dars.Form) { f.Related = []string{"NIC-12345-A1B2O"} }, "related[0]: \"NIC-12345-A1B2O\" is no reference: the five characters"},
		"a host that is no processor":       {func(f *dars.Form) { f.Hosts = []dars.OrgCode{"RA9"} }, "hosts[0]: RA9 is not one of processors"},
		"sole, and two":                     {func(f *dars.Form) { f.Basis, f.Controllers = "SOLE", []dars.OrgCode{"RA1", "RA2"} }, "controller_basis: a SOLE controller"},
		"joint, and one":                    {func(f *dars.Form) { f.Basis = "JOINT" }, "controller_basis: JOINT controllers"},
		"who has no part in it":             {func(f *dars.Form) { f.Parties = []dars.Party{{Code: "RA9"}} }, "organisations[0].code: RA9 is neither"},
		"one twice":                         {func(f *dars.Form) { f.Parties = []dars.Party{{Code: "RA1"}, {Code: "RA1"}} }, "organisations[1].code: RA1 is described twice"},
		"a type that is none":               {func(f *dars.Form) { f.Parties = []dars.Party{{Code: "RA1", Type: "SHOP"}} }, `organisations[0].type: "SHOP" is not one of CCG`},
		"a registration that is none": {func(f *dars.Form) {
			f.Parties = []dars.Party{{Code: "RA1", ICO: &dars.Registration{Number: "A123", Expires: "2027-01-01"}}}
		}, `organisations[0].ico.number: "A123" is not written as it should be. Z and seven`},
		"a toolkit without outcome":         {party(dars.Assurance{Kind: "DSPT", Code: "RA1"}), "organisations[0].security[0].outcome: is empty: DSPT has one"},
		"a toolkit of before without score": {party(dars.Assurance{Kind: "IGT", Code: "RA1", Version: "14"}), "organisations[0].security[0].score: is empty: IGT has one"},
		"more than all of a toolkit":        {party(dars.Assurance{Kind: "IGT", Code: "RA1", Version: "14", Score: 101}), "organisations[0].security[0].score: 101 is no share"},
		"a certificate without end":         {party(dars.Assurance{Kind: "ISO27001", Certificate: "1", Body: "BSI"}), "organisations[0].security[0].expires: is empty: ISO27001 has one"},
		"a policy that nobody reviewed":     {party(dars.Assurance{Kind: "SLSP"}), "organisations[0].security[0].reviewed: is empty: SLSP has one"},
		"a sponsor without name":            {func(f *dars.Form) { f.Sponsor = &dars.Backer{} }, "sponsor.name: is empty"},
		"a place of nobody":                 {func(f *dars.Form) { f.Locations[0].Organisation = "RA9" }, "locations[0].organisation: RA9 is neither"},
		"a store outside the territory": {func(f *dars.Form) {
			f.Locations = append(f.Locations, dars.Location{Address: "Quay", Country: "Scotland", Use: "STORAGE"})
		}, "locations[1].country: Scotland is not in the territory"},
		"somewhere in the kingdom": {func(f *dars.Form) { f.Locations[0].Country = "UK" }, "if it is in England or Wales, say which"},
		"a territory in words": {func(f *dars.Form) {
			f.Territory, f.TerritoryText, f.Locations[0].Country = "OTHER", "England and Jersey", "Jersey"
		}, ""},
		"another territory without words":      {func(f *dars.Form) { f.Territory = "OTHER" }, "territory_text: is empty"},
		"a misspelt territory":                 {func(f *dars.Form) { f.Territory = "WORLD_WIDE" }, "did you mean WORLDWIDE?"},
		"an ethics reference that is none":     {func(f *dars.Form) { f.Ethics = &dars.Ethics{Reference: "LO/14"} }, "ethics.reference: \"LO/14\" is not written as it should be"},
		"what shows a gateway nobody uses":     {func(f *dars.Form) { f.Bases = []dars.LegalBasis{{Gateway: "COPI_REG3"}} }, "gateways[0].gateway: no dataset is asked for under COPI_REG3"},
		"what shows it, in no file":            {func(f *dars.Form) { f.Bases = []dars.LegalBasis{{Gateway: "NHSA251_REG5", Evidence: "x.pdf"}} }, "gateways[0].evidence: x.pdf does not stand under evidence"},
		"an approval that ends before":         {func(f *dars.Form) { f.Bases = []dars.LegalBasis{{Gateway: "NHSA251_REG5", Expires: "2027-03-30"}} }, "gateways[0].expires: it ends on 2027-03-30, before the agreement"},
		"an output on no day":                  {func(f *dars.Form) { f.Purpose.OutputsDue = []dars.Target{{What: "a paper", By: "soon"}} }, `purpose.outputs_due[0].by: "soon" is not a date`},
		"a benefit without a date":             {func(f *dars.Form) { f.Purpose.BenefitsDue = []dars.Target{{What: "fewer"}} }, "purpose.benefits_due[0].by: is empty: write a date"},
		"a purpose that serves nothing":        {func(f *dars.Form) { f.Purpose.Serves = nil }, "purpose.serves: name at least one of HEALTH_CARE, SOCIAL_CARE, HEALTH_PROMOTION under aim, and under how"},
		"a purpose that does not say how":      {func(f *dars.Form) { f.Purpose.Serves[0].How = " " }, "purpose.serves[0].how: is empty"},
		"solely commercial":                    {func(f *dars.Form) { f.Purpose.Solely = true }, "purpose.solely_commercial: data are not released for a purpose that is solely commercial"},
		"commercial, nobody knows for whom":    {func(f *dars.Form) { f.Purpose.Commercial = true }, "purpose.commercial_detail: is empty"},
		"reasons of all":                       {reasoned([]string{"DIAG_01", "ADMIDATE"}, dars.Reason{Fields: []string{"ADMIDATE..DIAG_01"}, For: "HEALTH_CARE", Why: "w"}), ""},
		"a field nobody has a reason for":      {reasoned([]string{"DIAG_01", "ADMIDATE"}, dars.Reason{Fields: []string{"DIAG_01"}, Why: "w"}), "datasets[0].reasons: nothing says what these are needed for: ADMIDATE"},
		"a reason for what is not asked for":   {reasoned([]string{"DIAG_01"}, dars.Reason{Fields: []string{"DIAG_01", "ADMIDATE"}, Why: "w"}), "datasets[0].reasons[0].fields[1]: ADMIDATE is not asked for"},
		"a reason for what nobody has":         {reasoned([]string{"DIAG_01"}, dars.Reason{Fields: []string{"DIAG_01", "DIAG_O1"}, Why: "w"}), "datasets[0].reasons[0].fields[1]: HES_APC has no field DIAG_O1; did you mean DIAG_01?"},
		"a reason for another purpose":         {reasoned([]string{"DIAG_01"}, dars.Reason{Fields: []string{"DIAG_01"}, For: "SOCIAL_CARE", Why: "w"}), "datasets[0].reasons[0].for: SOCIAL_CARE is not among the aims"},
		"a reason that is none":                {reasoned([]string{"DIAG_01"}, dars.Reason{Fields: []string{"DIAG_01"}}), "datasets[0].reasons[0].why: is empty"},
		"a common law basis that is none":      {func(f *dars.Form) { f.Datasets[0].CommonLaw = "S251+CONSENT" }, "datasets[0].common_law"},
		"an article that is none":              {func(f *dars.Form) { f.GDPR = &dars.GDPR{Article6: []string{"6(1)(g)"}} }, "gdpr.article_6[0]"},
		"a gateway of the rarer ones":          {func(f *dars.Form) { f.Datasets[0].Gateway = "NAA1983" }, ""},
		"a dataset that is nearly one we have": {func(f *dars.Form) { f.Datasets[0].Code = "HES_ACP" }, "did you mean HES_APC?"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			f := askFor()
			tt.spoil(&f)
			wrong := f.Check(catalogue)
			if tt.says == "" && len(wrong) > 0 || tt.says != "" && (len(wrong) != 1 || !strings.Contains(wrong[0].String(), tt.says)) {
				t.Errorf("it says %v, want %q", wrong, tt.says)
			}
		})
	}
}

func reasoned(fields []string, r dars.Reason) func(*dars.Form) {
	return func(f *dars.Form) { f.Datasets[0].Fields, f.Datasets[0].Reasons = fields, []dars.Reason{r} }
}

// Each rule that a script may ask for has its own code.
func TestRulesOfMistakes(t *testing.T) {
	f := askFor()
	f.Purpose.Serves, f.Purpose.Solely, f.Kind, f.Previous = nil, true, "renewal", "NIC-12345"
	var rules []string
	for _, m := range f.Check(catalogue) {
		rules = append(rules, m.Rule)
	}
	if want := []string{"no-aim", "solely-commercial", "no-yielded-benefits"}; !slices.Equal(rules, want) {
		t.Errorf("the rules are %v, want %v", rules, want)
	}
	ruled(t, dars.RefuseMistakes("x", "f", f.Check(catalogue)), "bad-form")
	ruled(t, dars.RefuseMistakes("x", "f", f.Check(catalogue)[:1]), "no-aim")
	ruled(t, dars.RefuseMistakes("x", "f", nil), "")
}

// Forms were stored with places of one line once.
func TestPlacesAsTheyWereStored(t *testing.T) {
	var f dars.Form
	if err := json.Unmarshal([]byte(`{"locations": ["Leeds", {"address": "York", "country": "England"}]}`), &f); err != nil {
		t.Fatal(err)
	}
	if want := []dars.Location{{Address: "Leeds"}, {Address: "York", Country: "England"}}; !slices.Equal(f.Locations, want) {
		t.Errorf("%+v", f.Locations)
	}
}

func TestTerritories(t *testing.T) {
	tests := map[string]struct {
		territory string
		in, out   []string
	}{
		"england and wales": {"ENGLAND_WALES", []string{"England", "wales"}, []string{"Scotland", "UK", "France", "India", "Narnia"}},
		"in words":          {"England and Wales", []string{"England"}, []string{"Scotland"}},
		"the kingdom":       {"UK", []string{"England", "Scotland", "Northern Ireland", "UK"}, []string{"Ireland", "Jersey"}},
		"the area":          {"EEA", []string{"UK", "France", "Norway"}, []string{"Switzerland", "United States"}},
		"the world":         {"WORLDWIDE", []string{"India", "England"}, nil},
		"words of its own":  {"England and the Isle of Man", []string{"Isle of Man", "France"}, nil},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			for _, country := range append(slices.Clone(tt.in), tt.out...) {
				f := askFor()
				f.Territory, f.Locations = tt.territory, []dars.Location{{Address: "x", Country: country}}
				if wrong := f.Check(catalogue); (len(wrong) == 0) != slices.Contains(tt.in, country) {
					t.Errorf("%s: %v", country, wrong)
				}
			}
		})
	}
}

// What shows a legal basis only after the first day is asked about, unless something
// else shows it until then, or a later version keeps the beginning of the one before.
func TestABasisThatIsShownLater(t *testing.T) {
	later := dars.LegalBasis{Gateway: "NHSA251_REG5", Reference: "16/CAG/0001", Approved: askFor().Start.Add(1)}
	before := dars.LegalBasis{Gateway: "NHSA251_REG5", Reference: "15/CAG/0001", Approved: askFor().Start}
	tests := map[string]struct {
		kind  string
		bases []dars.LegalBasis
		warns bool
	}{
		"from the first day":        {"new", []dars.LegalBasis{before}, false},
		"from the day after":        {"new", []dars.LegalBasis{later}, true},
		"one after the other":       {"new", []dars.LegalBasis{before, later}, false},
		"a renewal, newly approved": {"renewal", []dars.LegalBasis{later}, false},
		"on a day that is none":     {"new", []dars.LegalBasis{{Gateway: "NHSA251_REG5", Approved: "soon"}}, false},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			f := askFor()
			f.Kind, f.Bases = tt.kind, tt.bases
			warns := slices.ContainsFunc(f.Warnings(catalogue), func(m dars.Mistake) bool {
				return m.Rule == "basis-later" && m.Field == "gateways[0].approved"
			})
			if warns != tt.warns {
				t.Errorf("it warns: %v, want %v: %v", warns, tt.warns, f.Warnings(catalogue))
			}
		})
	}
}

// Commercial conditions are attached where there is a commercial purpose.
func TestConditionsAttach(t *testing.T) {
	f := askFor()
	if got := f.Attached(); len(got) != 0 {
		t.Errorf("attached: %v", got)
	}
	f.Purpose.Commercial, f.Kind = true, dars.RetentionOnly
	if got := f.Attached(); len(got) != len(dars.CommercialConditions)+1 || got[0].Code != "not-solely-commercial" {
		t.Errorf("attached: %v", got)
	}
}

func TestWarningsOfCombinations(t *testing.T) {
	people := dars.Catalogue{{Code: "P", Index: &dars.Index{}, Person: "KEY", Files: []dars.SourceFile{{Period: "1"}}, Fields: []dars.Field{
		{Name: "KEY"}, {Name: "DOB", Holds: "birth-date"}, {Name: "MYDOB", Holds: "birth-month"}, {Name: "HOMEADD", Holds: "postcode"}, {Name: "LSOA11", Holds: "area"},
		{Name: "SEX"}, {Name: "STARTAGE", Holds: "age"}, {Name: "RESLADST"}, {Name: "DOD"}, {Name: "DIAG"}, {Name: "LANGUAGE"}}}}
	tests := map[string]struct {
		ask  dars.DatasetRequest
		says string // "" is no warning
	}{
		"date of birth, postcode, sex":    {dars.DatasetRequest{Fields: []string{"SEX", "DOB", "HOMEADD"}}, "DOB + HOMEADD + SEX: a full date of birth"},
		"date of birth, small area, sex":  {dars.DatasetRequest{Fields: []string{"SEX", "DOB", "LSOA11"}}, "DOB + LSOA11 + SEX"},
		"date of birth and small area":    {dars.DatasetRequest{Fields: []string{"DOB", "LSOA11"}}, "DOB + LSOA11: a full date"},
		"month of birth, small area, sex": {dars.DatasetRequest{Fields: []string{"MYDOB", "LSOA11", "SEX"}}, "where few live"},
		"age, postcode, sex":              {dars.DatasetRequest{Fields: []string{"STARTAGE", "HOMEADD", "SEX"}}, "a district may do"},
		"date of death and district":      {dars.DatasetRequest{Fields: []string{"DOD", "RESLADST"}}, "looked up in public"},
		"date of birth and sex":           {dars.DatasetRequest{Fields: []string{"DOB", "SEX", "DIAG"}}, ""},
		"age, district, sex":              {dars.DatasetRequest{Fields: []string{"STARTAGE", "RESLADST", "SEX"}}, ""},
		"a language is no age":            {dars.DatasetRequest{Fields: []string{"LANGUAGE", "LSOA11", "SEX"}}, ""},
		"all fields":                      {dars.DatasetRequest{}, "DOB + HOMEADD + SEX"},
		"derived to what tells less":      {dars.DatasetRequest{Columns: []dars.Column{{Field: "DOB", Derive: "birth-year"}, {Field: "HOMEADD", Derive: "postcode-district"}, {Field: "SEX"}}}, ""},
		"derived to what still tells":     {dars.DatasetRequest{Columns: []dars.Column{{Field: "DOB", Derive: "birth-month"}, {Field: "HOMEADD"}, {Field: "SEX"}}}, "DOB + HOMEADD + SEX"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			f := askFor()
			tt.ask.Code, tt.ask.Identifiability, tt.ask.Periods = "P", "IDENT", []string{"1"}
			f.Datasets = []dars.DatasetRequest{tt.ask}
			var said []string
			for _, m := range f.Warnings(people) {
				if m.Rule == "identifying" {
					said = append(said, m.Says)
				}
			}
			if tt.says == "" && len(said) > 0 || tt.says != "" && !strings.Contains(strings.Join(said, ""), tt.says) {
				t.Errorf("it warns %q, want %q", said, tt.says)
			}
		})
	}
}

func TestOtherWarnings(t *testing.T) {
	rules := func(change func(*dars.Form)) (all []string) {
		f := askFor()
		change(&f)
		for _, m := range f.Warnings(catalogue) {
			all = append(all, fmt.Sprintf("%s %s", m.Rule, m.Field))
		}
		return all
	}
	tests := map[string]struct {
		change func(*dars.Form)
		want   []string
	}{
		"as little as there is": {func(*dars.Form) {}, []string{"minimisation datasets[0].fields", "minimisation datasets[0].reasons", "minimisation datasets[0].minimised"}},
		"with reasons and evidence": {func(f *dars.Form) {
			f.Datasets[0].Fields, f.Datasets[0].Reasons, f.Datasets[0].Minimised = []string{"DIAG_01"}, []dars.Reason{{Fields: []string{"DIAG_01"}, Why: "w"}}, "because"
			f.Evidence = []dars.Evidence{{Kind: "cag", File: "cag.pdf"}}
		}, nil},
		"long, commercial, nowhere": {func(f *dars.Form) {
			f.Datasets = nil
			f.Purpose.Commercial, f.End, f.Locations[0].Country = true, "2027-04-01", ""
		}, []string{"no-country locations[0]", "long-term end"}},
		"a return of others, another short of the standard": {func(f *dars.Form) {
			f.Datasets = nil
			f.Parties = []dars.Party{{Code: "RA1", Security: []dars.Assurance{{Kind: "DSPT", Code: "RB1", Outcome: "MET"}, {Kind: "DSPT", Code: "ra1", Outcome: "NOT_MET"}}},
				{Code: "RA2", Security: []dars.Assurance{{Kind: "DSPT", Code: "RA2", Outcome: "NOT_MET_PLAN"}}}, {Code: "RA3", Security: []dars.Assurance{{Kind: "DSPT", Code: "RA3", Outcome: "BASELINE"}}}}
		}, []string{"assurance organisations[0].security[0].code", "assurance organisations[0].security[1].outcome", "assurance organisations[1].security[0].outcome", "assurance organisations[2].security[0].outcome"}},
		"ethics approval to come": {func(f *dars.Form) { f.Datasets, f.Ethics = nil, &dars.Ethics{Needed: true} }, []string{"no-ethics ethics.reference"}},
		"three years":             {func(f *dars.Form) { f.Datasets, f.End = nil, "2029-03-31" }, nil},
		"a day more than three":   {func(f *dars.Form) { f.Datasets, f.End = nil, "2029-04-01" }, []string{"long-term end"}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			if got := rules(tt.change); !slices.Equal(got, tt.want) {
				t.Errorf("it warns of %q, want %q", got, tt.want)
			}
		})
	}
}

func TestFollowing(t *testing.T) {
	agreed := func(change func(*dars.Agreement)) []*dars.Agreement {
		g := &dars.Agreement{ID: "A", State: dars.InForce, Start: "2025-04-01", End: "2026-03-31", Datasets: askFor().Datasets}
		change(g)
		return []*dars.Agreement{g}
	}
	asIs := func(*dars.Agreement) {}
	closed := func(g *dars.Agreement) { g.State = dars.Closed }
	tests := map[string]struct {
		kind string
		had  []*dars.Agreement
		ask  func(*dars.Form)
		rule string
	}{
		"an amendment in force":               {dars.Amendment, agreed(asIs), nil, ""},
		"an amendment of nothing":             {dars.Amendment, nil, nil, "no-agreement"},
		"an amendment of what is only issued": {dars.Amendment, agreed(func(g *dars.Agreement) { g.State = dars.AgreementIssued }), nil, "no-agreement"},
		"an amendment after the end":          {dars.Amendment, agreed(func(g *dars.Agreement) { g.End = "2026-02-28" }), nil, "no-agreement"},
		"an amendment asks for more":          {dars.Amendment, agreed(asIs), func(f *dars.Form) { f.Datasets[0].Periods = []string{"200299"} }, ""},
		"a renewal in force":                  {dars.Renewal, agreed(asIs), nil, ""},
		"a renewal after the end":             {dars.Renewal, agreed(func(g *dars.Agreement) { g.State = dars.DeletionDue }), nil, ""},
		"a renewal of what is destroyed":      {dars.Renewal, agreed(closed), nil, ""},
		"an extension":                        {dars.Extension, agreed(asIs), nil, ""},
		"an extension that is none":           {dars.Extension, agreed(asIs), func(f *dars.Form) { f.End = "2026-03-31" }, "no-extension"},
		"an extension after the end":          {dars.Extension, agreed(func(g *dars.Agreement) { g.State = dars.AgreementExpired }), nil, "no-agreement"},
		"an extension to another period":      {dars.Extension, agreed(asIs), func(f *dars.Form) { f.Datasets[0].Periods = []string{"200199", "200299"} }, "new-data"},
		"retention of what is held":           {dars.RetentionOnly, agreed(func(g *dars.Agreement) { g.State = dars.DeletionDue }), nil, ""},
		"retention of what is destroyed":      {dars.RetentionOnly, agreed(closed), nil, "nothing-held"},
		"retention of another dataset":        {dars.RetentionOnly, agreed(asIs), func(f *dars.Form) { f.Datasets[0].Code = "CANCER" }, "new-data"},
		"retention of plainer data":           {dars.RetentionOnly, agreed(func(g *dars.Agreement) { g.Datasets[0].Identifiability = "PSEUDO_ICO" }), nil, "new-data"},
		"retention of more fields":            {dars.RetentionOnly, agreed(func(g *dars.Agreement) { g.Datasets[0].Fields = []string{"DIAG_01"} }), nil, "new-data"},
		"retention of some fields":            {dars.RetentionOnly, agreed(asIs), func(f *dars.Form) { f.Datasets[0].Fields = []string{"DIAG_01"} }, ""},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			f := askFor()
			f.Kind = tt.kind
			if tt.ask != nil {
				tt.ask(&f)
			}
			wrong := f.Follows(tt.had, "2026-03-15")
			if tt.rule == "" && len(wrong) > 0 || tt.rule != "" && (len(wrong) != 1 || wrong[0].Rule != tt.rule) {
				t.Errorf("it says %v, want %q", wrong, tt.rule)
			}
		})
	}
}

// One version of a case is open at a time, and each is one more.
func TestTheNextVersion(t *testing.T) {
	version := func(major int, s dars.ApplicationState) *dars.Application {
		return &dars.Application{Stem: "S", Major: major, State: s}
	}
	tests := map[string]struct {
		had   []*dars.Application
		major int
		rule  string
	}{
		"of nothing":             {nil, 0, "not-found"},
		"of one that is decided": {[]*dars.Application{version(1, dars.Approved)}, 2, ""},
		"in any order":           {[]*dars.Application{version(2, dars.Declined), version(1, dars.Approved)}, 3, ""},
		"withdrawn":              {[]*dars.Application{version(1, dars.Approved), version(2, dars.TakenBack)}, 3, ""},
		"one is open":            {[]*dars.Application{version(1, dars.Approved), version(2, dars.Submitted)}, 0, "open-application"},
		"one is referred back":   {[]*dars.Application{version(1, dars.ReferredBack)}, 0, "open-application"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			major, err := dars.Next("S", tt.had)
			if ruled(t, err, tt.rule); major != tt.major {
				t.Errorf("it is version %d, want %d", major, tt.major)
			}
		})
	}
}

// A lapse of years is seen: a trial's agreement ended in 2018, and the next began
// in 2022.
func TestAGapIsSeen(t *testing.T) {
	f := askFor()
	f.Start = "2022-01-24"
	warned := f.Gap([]*dars.Agreement{{ID: "A", State: dars.InForce, End: "2018-02-04"}})
	if len(warned) != 1 || !strings.Contains(warned[0].Says, "1449 days") {
		t.Errorf("%v", warned)
	}
	f.Start = "2018-02-05"
	if warned := f.Gap([]*dars.Agreement{{ID: "A", State: dars.InForce, End: "2018-02-04"}}); len(warned) != 0 {
		t.Errorf("%v", warned)
	}
}

func TestDiff(t *testing.T) {
	was, is := askFor(), askFor()
	if got := dars.Diff(&was, &is); len(got) != 0 {
		t.Errorf("of the same: %v", got)
	}
	was.Datasets = append(was.Datasets, dars.DatasetRequest{Code: "CANCER", Periods: []string{"2025"}})
	is.Datasets = append([]dars.DatasetRequest{{Code: "CANCER", Periods: []string{"2025", "2026"}}}, is.Datasets...)
	is.Title, is.Processors = "Asthma, mended", []dars.OrgCode{"RA2", "RA3"}
	was.Ethics = &dars.Ethics{Needed: true}
	was.Evidence, is.Evidence = []dars.Evidence{{Kind: "cag", File: "c", SHA256: "1"}}, []dars.Evidence{{Kind: "cag", File: "c", SHA256: "2"}}
	want := []dars.Change{
		{"title", "Asthma admissions", "Asthma, mended"},
		{"processors", "", "RA2, RA3"},
		{"datasets[CANCER].periods", "2025", "2025, 2026"},
		{"evidence[cag].sha256", "1", "2"},
		{"ethics.needed", "true", ""},
	}
	if got := dars.Diff(&was, &is); !reflect.DeepEqual(got, want) {
		t.Errorf("%+v", got)
	}
}

func TestReferences(t *testing.T) {
	tests := map[string]struct {
		text string
		want dars.Reference
		ok   bool
	}{
		"whole":               {"DARS-NIC-000001-B1C2D-v1.0", dars.Reference{Number: 1, Stem: "DARS-NIC-000001-B1C2D", Major: "1", Minor: "0"}, true},
		"of before":           {"NIC-00574-C0C2D", dars.Reference{Number: 574, Stem: "DARS-NIC-00574-C0C2D"}, true},
		"bare":                {" nic-12345 ", dars.Reference{Number: 12345}, true},
		"without a minor":     {"DARS-NIC-123456-B1C2D-v1", dars.Reference{Number: 123456, Stem: "DARS-NIC-123456-B1C2D", Major: "1"}, true},
		"any mix":             {"NIC-1234-999DD", dars.Reference{Number: 1234, Stem: "DARS-NIC-1234-999DD"}, true},
		"a vowel":             {"NIC-12345-A1B2C", dars.Reference{}, false},
		"too few digits":      {"NIC-123", dars.Reference{}, false},
		"too many characters": {"NIC-12345-B1C2DX", dars.Reference{}, false},
		"another kind":        {"CON-000001-X0X0X", dars.Reference{}, false},
		"nothing":             {"", dars.Reference{}, false},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			got, err := dars.ParseReference(tt.text)
			if (err == nil) != tt.ok || tt.ok && got != tt.want {
				t.Errorf("%+v %v", got, err)
			}
		})
	}
}

func TestNearest(t *testing.T) {
	for text, want := range map[string]string{"titel": "title", "TITLE": "title", "controler": "controllers", "xyz": "", "start_": "start", strings.Repeat("t", 100): ""} {
		if got := dars.Nearest(text, []string{"title", "controllers", "start", "end"}); got != want {
			t.Errorf("%s is near %q, want %q", text, got, want)
		}
	}
}
