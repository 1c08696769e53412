package dars_test

import (
	"slices"
	"strings"
	"testing"

	"darsd/dars"
)

// outsiders is everything that somebody from outside may do.
var outsiders = []string{
	"agreement benefits", "agreement copy", "contract copy", "application add", "application answered", "application enquiry", "application submit", "application undo", "application withdraw",
	"audit appeal", "audit evidence", "audit respond", "certificate submit", "cohort submit", "person key-confirm", "query ask", "quote agree", "recall answer", "receipt confirm",
}

func TestNobodyOutsideHasAnInsidePower(t *testing.T) {
	for _, role := range dars.OutsideRoles() {
		if slices.Contains(dars.InsideRoles(), role) {
			t.Errorf("%s is a role both outside and inside", role)
		}
		p := &dars.Person{ID: "P-000005", Org: "RA1", Roles: []dars.Role{role}}
		for act := range dars.Powers {
			if p.May(act) == nil && !slices.Contains(outsiders, act) {
				t.Errorf("a person outside may %s as %s", act, role)
			}
		}
	}
	everything := &dars.Person{ID: "P-000005", Org: "RA1", Roles: dars.OutsideRoles()}
	for _, act := range outsiders {
		if err := everything.May(act); err != nil {
			t.Errorf("nobody outside may %s: %v", act, err)
		}
	}
}

func TestEachPowerIsSomebodys(t *testing.T) {
	all := slices.Concat(dars.OutsideRoles(), dars.InsideRoles())
	for act, roles := range dars.Powers {
		if len(roles) == 0 || strings.Join(strings.Fields(act), " ") != act || act == "" {
			t.Errorf("%q needs %v", act, roles)
		}
		for _, r := range roles {
			if !slices.Contains(all, r) {
				t.Errorf("%s needs the role %q, which nobody can have", act, r)
			}
		}
	}
}

// The acts that must be different people's are different roles', so that one
// person who has one role cannot do two of them.
func TestThreeRolesStandBehindARelease(t *testing.T) {
	for _, role := range dars.InsideRoles() {
		p := &dars.Person{ID: "P-000001", Org: dars.TheOffice, Roles: []dars.Role{role}}
		n := 0
		for _, act := range []string{"release produce", "release check", "release sign-off"} {
			if p.May(act) == nil {
				n++
			}
		}
		if n > 1 {
			t.Errorf("%s alone may do %d of the three steps", role, n)
		}
	}
}

func TestRoles(t *testing.T) {
	tests := map[string]struct {
		org   dars.OrgCode
		roles []dars.Role
		rule  string
	}{
		"of the office":              {dars.TheOffice, []dars.Role{dars.Producer, dars.Operator}, ""},
		"of outside":                 {"RA1", []dars.Role{dars.Applicant, dars.Collector}, ""},
		"none":                       {"RA1", nil, ""},
		"of the office, for outside": {"RA1", []dars.Role{dars.Applicant, dars.Compliance}, "no-role"},
		"of outside, for the office": {dars.TheOffice, []dars.Role{dars.Collector}, "no-role"},
		"one that is none":           {dars.TheOffice, []dars.Role{"chair"}, "no-role"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) { ruled(t, dars.CheckRoles(tt.org, tt.roles), tt.rule) })
	}
}

func TestMay(t *testing.T) {
	tests := map[string]struct {
		roles []dars.Role
		act   string
		says  string
	}{
		"whose role it is":       {[]dars.Role{dars.Checker}, "release check", ""},
		"whose role it is not":   {[]dars.Role{dars.Producer}, "release check", "release check needs the role checker, which P-000001 does not have"},
		"one of two roles":       {[]dars.Role{dars.Operator}, "person add", ""},
		"neither of two roles":   {[]dars.Role{dars.Checker}, "person add", "person add needs the role case-officer or operator, which P-000001 does not have"},
		"a key, who may add one": {[]dars.Role{dars.CaseOfficer}, "person key-confirm", ""},
		"a key, who may not":     {[]dars.Role{dars.Signer}, "person key-confirm", "person key-confirm needs the role applicant or case-officer or collector or controller or operator, which P-000001 does not have"},
		"no role at all":         {nil, "release check", "release check needs the role checker, which P-000001 does not have"},
		"what there is not":      {dars.InsideRoles(), "release everything", "there is no power to release everything"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			p := &dars.Person{ID: "P-000001", Org: dars.TheOffice, Roles: tt.roles}
			said := ""
			if err := p.May(tt.act); err != nil {
				said = err.Error()
			}
			if said != tt.says {
				t.Errorf("got %q, want %q", said, tt.says)
			}
		})
	}
}
