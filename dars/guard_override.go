package dars

import "slices"

// A GuardOverride lets a release stand beside another although the guard refuses it.
// Where the two are known to differ it needs the SIRO and compliance, who are two
// people; where that is merely not known, one of them, who records why it is no matter.
// Its reason is published.
type GuardOverride struct {
	ID        GuardID       `json:"id"`
	Stem      string        `json:"ref"`
	Agreement AgreementID   `json:"agreement"` // under which more is to be released
	Dataset   string        `json:"dataset"`
	Periods   []string      `json:"periods"`
	Beside    string        `json:"beside"` // what the recipient has: "REL-000007", "FILE0012064"
	Case      GuardCase     `json:"case"`
	Why       GuardWhy      `json:"why"`
	Reason    string        `json:"reason"`
	Word      string        `json:"word,omitempty"` // of the one who confirmed it
	State     OverrideState `json:"state"`
	Hands     Hands         `json:"hands"`
	Roles     []Role        `json:"roles"` // of who proposed it
	Proposed  Day           `json:"proposed"`
	Confirmed Day           `json:"confirmed,omitempty"`
}

// guardRoles are those of which both are needed to override the guard.
var guardRoles = []Role{SIRO, Compliance}

func (v *GuardOverride) Card() Card {
	return Card{"guard override", string(v.ID), string(v.State), []Key{By("case", v.Stem), By("agreement", v.Agreement), By("dataset", v.Dataset), By("beside", v.Beside)}}
}

func (v *GuardOverride) Handed() (string, Hands) { return v.Stem, v.Hands }

// Propose is the first word. Of a case in which it is merely not known whether the two
// differ it is the only one that is needed.
func (v *GuardOverride) Propose(a Act, who *Person, on Day) error {
	if a.Why == "" {
		return Refuse("no-reason", v.Agreement, "say with --reason why %s may be released beside %s: it is published", v.Dataset, v.Beside)
	}
	hands, err := Hands{}.Add(a, string(OverrideProposed), string(v.ID))
	if err != nil {
		return err
	}
	v.Hands, v.State, v.Proposed, v.Reason, v.Roles = hands, OverrideProposed, on, a.Why, guards(who)
	if v.Case == Unknown {
		v.State, v.Confirmed = OverrideConfirmed, on
	}
	return nil
}

// Confirm is the second, of another person in the other role.
func (v *GuardOverride) Confirm(a Act, who *Person, on Day) error {
	to, err := OverrideLife.Step(v, v.State, OverrideConfirmed)
	if err != nil {
		return err
	}
	if a.Why == "" {
		return Refuse("no-reason", v.ID, "override %s: say with --reason what you have looked at: it is published", v.ID)
	}
	hands, err := v.Hands.Add(a, string(to), string(v.ID))
	if err != nil {
		return err
	}
	if all := once(slices.Concat(v.Roles, guards(who))); len(all) < len(guardRoles) {
		return Refuse("same-role", v.ID, "override %s needs the SIRO and compliance, and both words would be of %s", v.ID, all[0])
	}
	v.Hands, v.State, v.Confirmed, v.Word = hands, to, on, a.Why
	return nil
}

func guards(who *Person) (roles []Role) {
	for _, r := range guardRoles {
		if who.Has(r) {
			roles = append(roles, r)
		}
	}
	return roles
}

// Covers reports whether it lets a release stand beside what the guard has found.
func (v *GuardOverride) Covers(d Disclosure, f Finding) bool {
	return v.State == OverrideConfirmed && v.Agreement == d.Agreement && v.Dataset == d.Dataset && v.Beside == f.Beside.Ref &&
		v.Case == f.Case && v.Why == f.Why && !slices.ContainsFunc(d.Periods, func(p string) bool { return !slices.Contains(v.Periods, p) })
}
