package dars_test

import (
	"testing"

	"darsd/dars"
)

func TestHands(t *testing.T) {
	first := func(via dars.Door) dars.Hands { return dars.Hands{{Step: "produced", By: "P-000001", Via: via}} }
	tests := map[string]struct {
		hands dars.Hands
		who   dars.PersonID
		via   dars.Door
		rule  string // that refuses, if any
	}{
		"the first, with a key":                     {nil, "P-000001", dars.SSH, ""},
		"the first, from the console":               {nil, "P-000001", dars.Console, ""},
		"another person, both with keys":            {first(dars.SSH), "P-000002", dars.SSH, ""},
		"another person, the first at the console":  {first(dars.Console), "P-000002", dars.SSH, ""},
		"another person, the second at the console": {first(dars.SSH), "P-000002", dars.Console, ""},
		"the same person":                           {first(dars.SSH), "P-000001", dars.SSH, "same-person"},
		"the same person by another door":           {first(dars.SSH), "P-000001", dars.Console, "same-person"},
		"the console twice":                         {first(dars.Console), "P-000002", dars.Console, "console-twice"},
		"the console and an emergency":              {first(dars.Console), "P-000002", dars.BreakGlass, "console-twice"},
		"an emergency twice":                        {first(dars.BreakGlass), "P-000002", dars.BreakGlass, "console-twice"},
		"a rehearsal's console twice":               {first(dars.Rehearsal), "P-000002", dars.Rehearsal, ""},
		"the same person in a rehearsal":            {first(dars.Rehearsal), "P-000001", dars.Rehearsal, "same-person"},
		"the third, and the first was the console":  {append(first(dars.Console), dars.Hand{Step: "checked", By: "P-000002", Via: dars.SSH}), "P-000003", dars.Console, "console-twice"},
		"the third is the first again":              {append(first(dars.SSH), dars.Hand{Step: "checked", By: "P-000002", Via: dars.SSH}), "P-000001", dars.SSH, "same-person"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			n := len(tt.hands)
			got, err := tt.hands.Add(dars.Act{Who: tt.who, Via: tt.via}, "signed-off", "REL-000001")
			ruled(t, err, tt.rule)
			if len(tt.hands) != n {
				t.Errorf("the hands before were changed: %v", tt.hands)
			}
			if want := n + 1; tt.rule == "" && (len(got) != want || got[n] != (dars.Hand{Step: "signed-off", By: tt.who, Via: tt.via})) {
				t.Errorf("the hands are %v", got)
			}
			if tt.rule != "" && len(got) != n {
				t.Errorf("a refusal left a trace: %v", got)
			}
		})
	}
}

// A delegate and whom they stand in for are one where different people are needed.
func TestADelegateIsNoSecondPerson(t *testing.T) {
	tests := map[string]struct {
		first, second dars.Hand
		rule          string
	}{
		"for somebody with no part in it":        {dars.Hand{By: "P-000001"}, dars.Hand{By: "P-000002", For: "P-000003"}, ""},
		"for who took the first step":            {dars.Hand{By: "P-000001"}, dars.Hand{By: "P-000002", For: "P-000001"}, "same-person"},
		"for whom a delegate took it":            {dars.Hand{By: "P-000001", For: "P-000003"}, dars.Hand{By: "P-000002", For: "P-000003"}, "same-person"},
		"whom a delegate took it for, in person": {dars.Hand{By: "P-000001", For: "P-000003"}, dars.Hand{By: "P-000003"}, "same-person"},
		"the delegate, for another":              {dars.Hand{By: "P-000001", For: "P-000003"}, dars.Hand{By: "P-000001", For: "P-000004"}, "same-person"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			var hands dars.Hands
			for i, h := range []dars.Hand{tt.first, tt.second} {
				next, err := hands.Add(dars.Act{Who: h.By, For: h.For, Via: dars.SSH}, []string{"produced", "checked"}[i], "REL-000001")
				ruled(t, err, []string{"", tt.rule}[i])
				if err == nil && next[i].For != h.For {
					t.Errorf("it is not on record for whom: %+v", next)
				}
				hands = next
			}
		})
	}
}

func TestThreePeopleStandBehindARelease(t *testing.T) {
	tests := map[string]struct {
		check, sign dars.PersonID
		rule        string
	}{
		"three people":               {"P-000002", "P-000003", ""},
		"the producer checks":        {"P-000001", "P-000003", "same-person"},
		"the producer signs off":     {"P-000002", "P-000001", "same-person"},
		"the checker signs off, too": {"P-000002", "P-000002", "same-person"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			r := &dars.Release{ID: "REL-000001", State: dars.Planned}
			ruled(t, r.Produce(by("P-000001"), dars.Package{Attempt: "A"}), "")
			err := r.Check(by(tt.check))
			was := facts(t, r)
			if err == nil {
				was = facts(t, r)
				err = r.SignOff(by(tt.sign))
			}
			ruled(t, err, tt.rule)
			if tt.rule != "" && facts(t, r) != was {
				t.Errorf("a refusal left a trace: %+v", r)
			}
			if tt.rule == "" && (r.By(dars.Produced) != "P-000001" || r.By(dars.Checked) != tt.check || r.By(dars.SignedOff) != tt.sign || r.By(dars.Published) != "") {
				t.Errorf("the people behind it are %v", r.Hands)
			}
		})
	}
}

// What was made again must be looked at again: a new copy of an agreement takes
// back who had confirmed the old one.
func TestANewCopyIsConfirmedAnew(t *testing.T) {
	g := &dars.Agreement{ID: "DARS-NIC-000001-B1C2D-v1.0", State: dars.AgreementIssued, Start: "2026-01-01", End: "2026-12-31", Controllers: []dars.Signing{{Org: "RA1"}}}
	ruled(t, g.Confirm(by("P-000001"), "2026-01-05"), "no-copy")
	ruled(t, g.CopyReceived(dars.SignedCopy{SHA256: "a", MissingPages: []int{2, 5}}), "")
	was := facts(t, g)
	err := g.Confirm(by("P-000001"), "2026-01-05")
	ruled(t, err, "pages-missing")
	if want := "the signed copy of agreement DARS-NIC-000001-B1C2D-v1.0 lacks the pages 2 5: ask for the whole of it"; err.Error() != want || facts(t, g) != was {
		t.Errorf("%v\n%s", err, facts(t, g))
	}
	ruled(t, g.CopyReceived(dars.SignedCopy{SHA256: "b"}), "")
	ruled(t, g.Confirm(by("P-000001"), "2026-01-05"), "")
	ruled(t, g.CopyReceived(dars.SignedCopy{SHA256: "c"}), "")
	ruled(t, g.Confirm(by("P-000002"), "2026-01-06"), "")
	if g.State != dars.AgreementIssued {
		t.Fatalf("one look at the new copy made it %s", g.State)
	}
	ruled(t, g.Confirm(by("P-000002"), "2026-01-06"), "same-person")
	ruled(t, g.Confirm(by("P-000001"), "2026-01-07"), "")
	if g.State != dars.AgreementSigned || g.Controllers[0].SignedOn != "2026-01-07" {
		t.Errorf("it is %s, signed on %s", g.State, g.Controllers[0].SignedOn)
	}
	ruled(t, g.CopyReceived(dars.SignedCopy{SHA256: "d"}), "wrong-step")
	ruled(t, g.Countersign(by("P-000002"), "2026-01-08"), "same-person")
	ruled(t, g.Countersign(by("P-000003"), "2027-01-01"), "not-in-force")
	ruled(t, g.Countersign(by("P-000003"), "2026-12-31"), "")
	if g.State != dars.InForce {
		t.Errorf("counter-signed on its last day it is %s", g.State)
	}
}

func TestKeys(t *testing.T) {
	p := &dars.Person{ID: "P-000005", Org: "RA1", Login: "rita"}
	ruled(t, p.AddKey(by("P-000001"), "SHA256:a", "ssh-ed25519 A"), "")
	if p.Usable("SHA256:a") || p.Usable("SHA256:b") {
		t.Error("a recipient's key opens before a second person has confirmed it")
	}
	was := facts(t, p)
	ruled(t, p.AddKey(by("P-000001"), "SHA256:a", "ssh-ed25519 A"), "key-known")
	ruled(t, p.ConfirmKey(by("P-000001"), "SHA256:a"), "same-person")
	ruled(t, p.ConfirmKey(by("P-000002"), "SHA256:b"), "no-key")
	ruled(t, p.RevokeKey(by("P-000002"), "b"), "no-key")
	if got := facts(t, p); got != was {
		t.Errorf("refusals left a trace: %s", got)
	}
	ruled(t, p.ConfirmKey(by("P-000002"), "SHA256:a"), "")
	ruled(t, p.ConfirmKey(by("P-000003"), "SHA256:a"), "wrong-step")
	if !p.Usable("SHA256:a") {
		t.Error("a confirmed key does not open")
	}
	ruled(t, p.RevokeKey(by("P-000001"), "SHA256:a"), "")
	ruled(t, p.RevokeKey(by("P-000001"), "SHA256:a"), "no-key")
	ruled(t, p.ConfirmKey(by("P-000002"), "SHA256:a"), "no-key")
	if p.Usable("SHA256:a") {
		t.Error("a revoked key opens")
	}
	// One that came in a certificate is not known, and stays out all the same.
	ruled(t, p.RevokeKey(by("P-000001"), "SHA256:certified"), "")
	ruled(t, p.AddKey(by("P-000001"), "SHA256:certified", "ssh-ed25519 D"), "key-revoked")
	ruled(t, p.Leave(by("P-000001"), "2026-03-01"), "")
	ruled(t, p.Leave(by("P-000001"), "2026-03-02"), "left")
	ruled(t, p.AddKey(by("P-000001"), "SHA256:again", "ssh-ed25519 E"), "")
	if p.Left == "" {
		t.Error("one person alone has brought back who had left")
	}
	ruled(t, p.ConfirmKey(by("P-000002"), "SHA256:again"), "")
	if p.Left != "" || !p.Usable("SHA256:again") {
		t.Error("who has come back is not let in")
	}
	own := &dars.Person{ID: "P-000006", Org: dars.TheOffice}
	ruled(t, own.AddKey(by("P-000001"), "SHA256:c", "ssh-ed25519 C"), "")
	if !own.Usable("SHA256:c") {
		t.Error("a key that an operator gives to one of the office does not open")
	}
}

// A copy with pages missing does not take the place of a whole one, of an agreement or a
// contract: what officers have seen of that would go with it.
func TestAWholeCopyStaysWhenOneWithPagesMissingComes(t *testing.T) {
	part, whole := dars.SignedCopy{SHA256: "a", MissingPages: []int{2}}, dars.SignedCopy{SHA256: "b", MissingPages: []int{}}
	g := &dars.Agreement{ID: "DARS-NIC-000001-B1C2D-v1.0", State: dars.AgreementIssued, Controllers: []dars.Signing{{Org: "RA1"}}}
	k := &dars.Contract{ID: "CON-000001-B1C2D", State: dars.ContractIssued}
	for name, received := range map[string]func(dars.SignedCopy) error{"agreement": g.CopyReceived, "contract": k.CopyReceived} {
		t.Run(name, func(t *testing.T) {
			ruled(t, received(part), "")
			ruled(t, received(whole), "")
			ruled(t, received(part), "whole-copy")
			whole.SHA256 = "c"
			ruled(t, received(whole), "")
		})
	}
	if g.Copy.SHA256 != "c" || len(k.Copy.MissingPages) > 0 {
		t.Errorf("kept are %+v and %+v", g.Copy, k.Copy)
	}
}
