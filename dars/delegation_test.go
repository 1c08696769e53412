package dars_test

import (
	"testing"

	"darsd/dars"
)

func TestDelegation(t *testing.T) {
	const today = dars.Day("2026-03-10")
	siro := &dars.Person{ID: "P-000005", Org: dars.TheOffice, Roles: []dars.Role{dars.SIRO, dars.Operator, dars.Member}}
	plain := dars.Delegation{For: siro.ID, Role: dars.SIRO, From: "2026-03-12", Until: "2026-03-20"}
	tests := map[string]struct {
		change func(d *dars.Delegation, who *dars.Person)
		rule   string
	}{
		"a role":                {func(*dars.Delegation, *dars.Person) {}, ""},
		"from yesterday":        {func(d *dars.Delegation, _ *dars.Person) { d.From = "2026-03-09" }, ""},
		"never":                 {func(d *dars.Delegation, _ *dars.Person) { d.Until = "2026-03-11" }, "bad-term"},
		"until yesterday":       {func(d *dars.Delegation, _ *dars.Person) { d.From, d.Until = "2026-03-01", "2026-03-09" }, "bad-term"},
		"without days":          {func(d *dars.Delegation, _ *dars.Person) { d.From = "" }, "no-date"},
		"what is not theirs":    {func(d *dars.Delegation, _ *dars.Person) { d.Role = dars.Director }, "no-role"},
		"the keys of the house": {func(d *dars.Delegation, _ *dars.Person) { d.Role = dars.Operator }, "no-role"},
		"a seat at DAAG":        {func(d *dars.Delegation, _ *dars.Person) { d.Role = dars.Member }, "no-role"},
		"to an outsider":        {func(_ *dars.Delegation, who *dars.Person) { who.Org = "RA1" }, "no-role"},
		"to who has left":       {func(_ *dars.Delegation, who *dars.Person) { who.Left = "2026-03-01" }, "no-role"},
		"to who has it":         {func(_ *dars.Delegation, who *dars.Person) { who.Roles = []dars.Role{dars.SIRO} }, "known"},
		"to themselves":         {func(_ *dars.Delegation, who *dars.Person) { who.ID = siro.ID }, "same-person"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			d, who := plain, &dars.Person{ID: "P-000006", Org: dars.TheOffice, Roles: []dars.Role{dars.Director}}
			tt.change(&d, who)
			was := facts(t, who)
			ruled(t, who.Delegate(d, siro, today), tt.rule)
			if tt.rule != "" && facts(t, who) != was {
				t.Error("a refusal left a trace")
			}
		})
	}

	who := &dars.Person{ID: "P-000006", Org: dars.TheOffice, Roles: []dars.Role{dars.Director}}
	ruled(t, who.Delegate(plain, siro, today), "")
	for on, holds := range map[dars.Day]bool{"2026-03-11": false, "2026-03-12": true, "2026-03-20": true, "2026-03-21": false} {
		if who.With(on).Has(dars.SIRO) != holds || (who.StandsIn(on, dars.SIRO) == siro.ID) != holds || who.StandsFor(siro.ID, dars.SIRO, on) != holds {
			t.Errorf("on %s it is not %t", on, holds)
		}
	}
	if who.Has(dars.SIRO) || who.StandsIn("2026-03-12", dars.Director) != "" {
		t.Error("a delegated role is one of their own")
	}
	longer := plain
	longer.Until = "2026-03-31"
	ruled(t, who.Delegate(longer, siro, today), "")
	if len(who.Delegations) != 1 || who.Delegations[0].Until != "2026-03-31" {
		t.Errorf("%+v", who.Delegations)
	}
	ruled(t, who.EndDelegation(siro.ID, dars.SIRO), "")
	ruled(t, who.EndDelegation(siro.ID, dars.SIRO), "not-found")
}

// A delegation is worth what whose role it is could do themselves on that day.
func TestADelegationEndsWithWhoseRoleItIs(t *testing.T) {
	tests := map[string]struct {
		change func(of *dars.Person)
		on     dars.Day
		holds  bool
	}{
		"as it was made":        {func(*dars.Person) {}, "2026-03-12", true},
		"a day after it":        {func(*dars.Person) {}, "2026-03-21", false},
		"they have left":        {func(of *dars.Person) { of.Left = "2026-03-12" }, "2026-03-13", false},
		"their key is revoked":  {func(of *dars.Person) { of.Keys[0].RevokedBy = "P-000001" }, "2026-03-12", false},
		"one of two is revoked": {func(of *dars.Person) { of.Keys = append(of.Keys, dars.PersonKey{RevokedBy: "P-000001"}) }, "2026-03-12", true},
		"they never had a key":  {func(of *dars.Person) { of.Keys = nil }, "2026-03-12", true},
		"the role is gone":      {func(of *dars.Person) { of.Roles = []dars.Role{dars.Director} }, "2026-03-12", false},
		"it is somebody else":   {func(of *dars.Person) { of.ID = "P-000007" }, "2026-03-12", false},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			of := &dars.Person{ID: "P-000005", Org: dars.TheOffice, Roles: []dars.Role{dars.SIRO}, Keys: []dars.PersonKey{{Fingerprint: "SHA256:a"}}}
			tt.change(of)
			d := dars.Delegation{For: "P-000005", Role: dars.SIRO, From: "2026-03-12", Until: "2026-03-20"}
			if d.Holds(of, tt.on) != tt.holds {
				t.Errorf("on %s it holds: %t", tt.on, !tt.holds)
			}
		})
	}
}
