package dars_test

import (
	"encoding/csv"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"darsd/dars"
)

// disclosed is a release of one case, by a list.
func disclosed(ref string, change func(*dars.Disclosure)) dars.Disclosure {
	d := dars.Disclosure{Ref: ref, Agreement: "DARS-NIC-000001-B1C2D-v1.0", Orgs: []dars.OrgCode{"RA1"}, Dataset: "HES_APC", Periods: []string{"200199"},
		Treatment: dars.Uphold, List: dars.ListSeen{Version: 2, Date: "2026-03-01", SHA256: "two"}, Rows: "all", Identifiers: []string{"NEWNHSNO"}}
	if change != nil {
		change(&d)
	}
	return d
}

func otherCase(d *dars.Disclosure) { d.Agreement = "DARS-NIC-000002-C1D2F-v1.0" }

func newer(d *dars.Disclosure) {
	d.List = dars.ListSeen{Version: 3, Date: "2026-03-08", SHA256: "three"}
}

func both(changes ...func(*dars.Disclosure)) func(*dars.Disclosure) {
	return func(d *dars.Disclosure) {
		for _, change := range changes {
			change(d)
		}
	}
}

func TestTheGuardLaysReleasesBesideOneAnother(t *testing.T) {
	imported := func(d *dars.Disclosure) {
		d.Ref, d.Periods, d.List, d.Rows, d.Columns, d.Key, d.Identifiers = "FILE0012064", nil, dars.ListSeen{}, "", nil, "", nil
	}
	notUpheld := func(d *dars.Disclosure) { d.Treatment, d.List = dars.NotUpheld, dars.ListSeen{} }
	tests := map[string]struct {
		had, now func(*dars.Disclosure)
		want     string
	}{
		"the same again":                            {nil, nil, "a"},
		"a plain refresh":                           {nil, newer, "a"},
		"a refresh under the next version":          {nil, both(newer, func(d *dars.Disclosure) { d.Agreement = "DARS-NIC-000001-B1C2D-v2.0" }), "a"},
		"a month more of the same year":             {func(d *dars.Disclosure) { d.Periods = []string{"202005"} }, both(newer, func(d *dars.Disclosure) { d.Periods = []string{"202006"} }), "a"},
		"a month more, of another case":             {func(d *dars.Disclosure) { d.Periods = []string{"202005"} }, both(newer, otherCase, func(d *dars.Disclosure) { d.Periods = []string{"202006"} }), "b other-list"},
		"another year":                              {nil, both(newer, otherCase, func(d *dars.Disclosure) { d.Periods = []string{"200299"} }), ""},
		"another dataset":                           {nil, both(notUpheld, func(d *dars.Disclosure) { d.Dataset = "HES_OP" }), ""},
		"another organisation":                      {nil, both(notUpheld, otherCase, func(d *dars.Disclosure) { d.Orgs = []dars.OrgCode{"RA2"} }), ""},
		"a joint controller of both":                {nil, both(notUpheld, otherCase, func(d *dars.Disclosure) { d.Orgs = []dars.OrgCode{"RA2", "RA1"} }), "b other-treatment"},
		"with the objectors, then without":          {notUpheld, nil, "b other-treatment"},
		"without the objectors, then with":          {nil, notUpheld, "b other-treatment"},
		"never upheld":                              {notUpheld, both(notUpheld, otherCase), "a"},
		"an older list":                             {newer, nil, "b older-list"},
		"an older list of the same numbers":         {newer, func(d *dars.Disclosure) { d.List.SHA256 = "three" }, "a"},
		"a second list of one day":                  {nil, func(d *dars.Disclosure) { d.List.Version, d.List.SHA256 = 1, "one" }, "b older-list"},
		"by one list, under two cases":              {nil, otherCase, "a"},
		"by two indexes, under two cases":           {func(d *dars.Disclosure) { d.Index = "x" }, both(otherCase, func(d *dars.Disclosure) { d.Index = "y" }), "b other-index"},
		"by an index that is not read yet":          {func(d *dars.Disclosure) { d.Index = "x" }, otherCase, "a"},
		"a refresh by another index":                {func(d *dars.Disclosure) { d.Index = "x" }, func(d *dars.Disclosure) { d.Index = "y" }, "a"},
		"another index and other columns":           {func(d *dars.Disclosure) { d.Index = "x" }, func(d *dars.Disclosure) { d.Index, d.Columns = "y", []string{"NEWNHSNO"} }, "b other-index"},
		"by two lists, under two cases":             {nil, both(otherCase, newer), "b other-list"},
		"the same, under two keys":                  {func(d *dars.Disclosure) { d.Key, d.Identifiers = "one", []string{} }, both(otherCase, newer, func(d *dars.Disclosure) { d.Key, d.Identifiers = "two", []string{} }), ""},
		"the same, under one key":                   {func(d *dars.Disclosure) { d.Key, d.Identifiers = "one", []string{} }, both(otherCase, newer, func(d *dars.Disclosure) { d.Key, d.Identifiers = "one", []string{} }), "b other-list"},
		"treated otherwise, under two keys":         {func(d *dars.Disclosure) { d.Key, d.Identifiers = "one", []string{} }, both(otherCase, notUpheld, func(d *dars.Disclosure) { d.Key, d.Identifiers = "two", []string{} }), "b other-treatment"},
		"a newer list and other columns":            {nil, both(newer, func(d *dars.Disclosure) { d.Columns = []string{"NEWNHSNO"} }), "b other-list"},
		"the same list and other columns":           {nil, func(d *dars.Disclosure) { d.Columns = []string{"NEWNHSNO"} }, "a"},
		"other filters":                             {nil, func(d *dars.Disclosure) { d.Rows = "J45" }, "b other-rows"},
		"a cohort, then everybody":                  {func(d *dars.Disclosure) { d.Cohort = "x" }, nil, "b other-rows"},
		"the recipient's cohort, changed":           {func(d *dars.Disclosure) { d.Cohort = "x" }, both(newer, func(d *dars.Disclosure) { d.Cohort = "y" }), "a"},
		"two cohorts under two cases":               {func(d *dars.Disclosure) { d.Cohort = "x" }, both(otherCase, func(d *dars.Disclosure) { d.Cohort = "y" }), "b other-rows"},
		"sent in part when objections came":         {func(d *dars.Disclosure) { d.Owed = true }, newer, "b not-accounted-for"},
		"looked at, and then sent":                  {both(otherCase, func(d *dars.Disclosure) { d.Live, d.List = true, dars.ListSeen{} }), nil, "a"},
		"looked at with objectors, and then sent":   {both(otherCase, notUpheld, func(d *dars.Disclosure) { d.Live = true }), nil, "b other-treatment"},
		"a refresh of an imported one":              {imported, newer, "a"},
		"an imported one, treated otherwise":        {both(imported, notUpheld), nil, "c other-treatment"},
		"an imported one of another case":           {both(imported, otherCase), nil, "c unknown-list"},
		"before any list, beside an imported one":   {both(imported, otherCase), func(d *dars.Disclosure) { d.List = dars.ListSeen{} }, "a"},
		"an imported one of which the key is known": {both(imported, otherCase, notUpheld, func(d *dars.Disclosure) { d.Identifiers = []string{} }), nil, "c other-treatment"},
		"its key nobody knows":                      {func(d *dars.Disclosure) { d.Identifiers = nil }, both(otherCase, newer), "c other-list"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			now, had := disclosed("REL-000002", tt.now), disclosed("REL-000001", tt.had)
			f := now.Against(had)
			if got := strings.TrimSpace(string(f.Case) + " " + string(f.Why)); got != tt.want {
				t.Fatalf("case %q, want %q: %s", got, tt.want, f)
			}
			if f.Blocks() != strings.ContainsAny(tt.want[:min(1, len(tt.want))], "bc") {
				t.Error("it blocks what it should not, or does not")
			}
			if said := f.String(); !strings.Contains(said, had.Ref) || f.Case != dars.Apart && !strings.Contains(said, "case ("+string(f.Case)+")") {
				t.Errorf("it says %q", said)
			}
		})
	}
}

// The register of September to November 2017, as it was published.
func TestTheGuardOverARealRegister(t *testing.T) {
	items := dars.Survey(register(t, "register-2017/sheets/DataReleases.csv"))
	within := 0
	for _, item := range items {
		within += len(item.Within)
		if item.Case != dars.Unknown || len(item.Releases) < 2 || item.People != dars.UncountedPeople {
			t.Errorf("%s has %s in case %s: %v", item.Org, item.Dataset, item.Case, item.Why)
		}
	}
	if len(items) != 67 || within != 31 {
		t.Errorf("%d datasets were released to somebody with and without objectors, %d of them under one agreement; want 67 and 31", len(items), within)
	}
}

// register reads the little that the guard needs of a sheet of releases.
func register(t *testing.T, name string) (all []dars.Disclosure) {
	dir := os.Getenv("DARSD_TESTDATA")
	f, err := os.Open(filepath.Join(dir, name))
	switch {
	case err != nil && os.Getenv("DARSD_REQUIRE_ALL") == "1":
		t.Fatal(err)
	case err != nil:
		t.Skipf("no register to read: %v", err)
	}
	defer f.Close()
	rows := csv.NewReader(f)
	if _, err := rows.Read(); err != nil { // the header
		t.Fatal(err)
	}
	for {
		row, err := rows.Read()
		if errors.Is(err, io.EOF) {
			return all
		}
		if err != nil {
			t.Fatal(err)
		}
		treated := map[string]dars.Treatment{"Y": dars.Uphold, "N": dars.NotUpheld}[strings.TrimSpace(row[10])]
		if treated == "" {
			t.Fatalf("%s: objections are %q", row[0], row[10])
		}
		all = append(all, dars.Disclosure{Ref: row[0], Agreement: dars.AgreementID(strings.TrimSpace(row[8])),
			Orgs: []dars.OrgCode{dars.OrgCode(strings.TrimSpace(row[1]))}, Dataset: strings.TrimSpace(row[2]), Treatment: treated})
	}
}

func TestASurveyPutsAlikeReleasesTogether(t *testing.T) {
	three := disclosed("REL-000003", newer)
	items := dars.Survey([]dars.Disclosure{
		disclosed("REL-000001", nil), disclosed("REL-000002", nil), three,
		disclosed("REL-000004", both(otherCase, newer)), disclosed("REL-000005", func(d *dars.Disclosure) { d.Dataset = "HES_OP" })})
	if len(items) != 1 || items[0].Dataset != "HES_APC" || items[0].Case != dars.Differs || len(items[0].Pairs) != 1 {
		t.Fatalf("%+v", items)
	}
	if got := strings.Join(items[0].Releases, " "); got != "REL-000001 REL-000002 REL-000004" {
		t.Errorf("it lists %s", got)
	}
}

func TestAFewPeopleAreNotTold(t *testing.T) {
	for n, want := range map[int64]string{0: "0", 1: "*", 7: "*", 8: "8", 1200: "1200"} {
		if got := dars.FewPeople(n); got != want {
			t.Errorf("%d people are told as %s", n, got)
		}
	}
}

func TestWhoOverridesTheGuard(t *testing.T) {
	sid, connie := &dars.Person{ID: "P-000001", Roles: []dars.Role{dars.SIRO}}, &dars.Person{ID: "P-000002", Roles: []dars.Role{dars.Compliance}}
	second := &dars.Person{ID: "P-000003", Roles: []dars.Role{dars.SIRO}}
	all := &dars.Person{ID: "P-000004", Roles: []dars.Role{dars.SIRO, dars.Compliance}}
	tests := map[string]struct {
		first, then *dars.Person
		why         string
		rule        string
	}{
		"the SIRO, then compliance":     {sid, connie, "looked", ""},
		"compliance, then the SIRO":     {connie, sid, "looked", ""},
		"one of both roles, and one":    {all, sid, "looked", ""},
		"the SIRO, then another SIRO":   {sid, second, "looked", "same-role"},
		"twice the same":                {sid, sid, "looked", "same-person"},
		"one of both roles, and nobody": {all, all, "looked", "same-person"},
		"without a reason":              {sid, connie, "", "no-reason"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			v := &dars.GuardOverride{ID: "GRD-000001", Case: dars.Differs}
			if err := v.Propose(dars.Act{Who: tt.first.ID, Why: "x"}, tt.first, "2026-03-02"); err != nil || v.State != dars.OverrideProposed {
				t.Fatalf("%s: %v", v.State, err)
			}
			err := v.Confirm(dars.Act{Who: tt.then.ID, Why: tt.why}, tt.then, "2026-03-03")
			var no *dars.Refusal
			if errors.As(err, &no) != (tt.rule != "") || no != nil && no.Rule != tt.rule {
				t.Fatalf("want %q: %v", tt.rule, err)
			}
			if (v.State == dars.OverrideConfirmed) != (err == nil) || len(v.Hands) != 1 && err != nil {
				t.Errorf("it is %s, by %v", v.State, v.Hands)
			}
		})
	}
	t.Run("alone, where it is merely not known", func(t *testing.T) {
		v := &dars.GuardOverride{Case: dars.Unknown}
		if err := v.Propose(dars.Act{Who: sid.ID, Why: "another year"}, sid, "2026-03-02"); err != nil || v.State != dars.OverrideConfirmed {
			t.Errorf("it is %s: %v", v.State, err)
		}
	})
}

func TestWhatAnOverrideCovers(t *testing.T) {
	had, now := disclosed("REL-000001", func(d *dars.Disclosure) { d.Treatment = dars.NotUpheld }), disclosed("REL-000002", nil)
	tests := map[string]struct {
		change func(v *dars.GuardOverride)
		want   bool
	}{
		"what it was given for":     {func(*dars.GuardOverride) {}, true},
		"not yet confirmed":         {func(v *dars.GuardOverride) { v.State = dars.OverrideProposed }, false},
		"another agreement":         {func(v *dars.GuardOverride) { v.Agreement = "DARS-NIC-000001-B1C2D-v2.0" }, false},
		"another dataset":           {func(v *dars.GuardOverride) { v.Dataset = "HES_OP" }, false},
		"another period":            {func(v *dars.GuardOverride) { v.Periods = []string{"200299"} }, false},
		"beside another":            {func(v *dars.GuardOverride) { v.Beside = "REL-000009" }, false},
		"of another case":           {func(v *dars.GuardOverride) { v.Case = dars.Unknown }, false},
		"for what was another then": {func(v *dars.GuardOverride) { v.Why = dars.OtherRows }, false},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			f := now.Against(had)
			v := &dars.GuardOverride{Agreement: now.Agreement, Dataset: now.Dataset, Periods: []string{"200199", "200299"}, Beside: had.Ref, Case: f.Case, Why: f.Why, State: dars.OverrideConfirmed}
			if tt.change(v); v.Covers(now, f) != tt.want {
				t.Errorf("it covers it: %t", !tt.want)
			}
		})
	}
}
