package dars

import "slices"

// A SameParty says that two names are of one organisation: two that registers spell in
// ways which [PartyName] does not bring together, or one of those and a code here. What
// either has counts for the guard as the other's. It can be taken back.
type SameParty struct {
	ID      SameID     `json:"id"`
	Names   []string   `json:"names"` // the two, as they were said
	Forms   []string   `json:"forms"` // by which each is found (see PartyNames)
	State   PartyState `json:"state"`
	Settled Settling   `json:"settled"`
	Parted  *Settling  `json:"parted,omitempty"`
}

// SameID names it: "SAME-000001".
type SameID string

// A PartyState says whether two names count as one.
type PartyState string

const (
	OneParty   PartyState = "one-party"
	TwoParties PartyState = "two-parties" // it was a mistake
)

// SamePartyLife is every step of it.
var SamePartyLife = Life[PartyState]{OneParty: {TwoParties}}

func (s *SameParty) Card() Card {
	return Card{"same party", string(s.ID), string(s.State), keys("party", s.Forms...)}
}

// Join is a person's word that the names are of one organisation.
func (s *SameParty) Join(a Act, on Day) error {
	if a.Why == "" {
		return Refuse("no-reason", s.Names[0], "say with --reason how you know that %s and %s are one organisation", s.Names[0], s.Names[1])
	}
	s.State, s.Settled = OneParty, Settling{a.Who, on, a.Why}
	return nil
}

// Part takes that back.
func (s *SameParty) Part(a Act, on Day) error {
	if a.Why == "" {
		return Refuse("no-reason", s.ID, "%s: say with --reason how you know that %s and %s are two organisations", s.ID, s.Names[0], s.Names[1])
	}
	to, err := SamePartyLife.Step(s, s.State, TwoParties)
	if err != nil {
		return err
	}
	s.State, s.Parted = to, &Settling{a.Who, on, a.Why}
	return nil
}

// PartiesByForm are organisations by the forms by which they may be named.
type PartiesByForm map[string]OrgCode

// Of is the party that a register's name is of: a code of ours, or where it is of none
// the name as it was spelt first.
func (p PartiesByForm) Of(name string) OrgCode {
	forms := PartyNames(name)
	i := slices.IndexFunc(forms, func(form string) bool { return p[form] != "" })
	if i < 0 {
		i = len(forms) - 1
		p[forms[i]] = OrgCode(name)
	}
	return p[forms[i]]
}

// Join lets the names of a SameParty lead to one: to ours, if one of them is.
func (p PartiesByForm) Join(s *SameParty) {
	to := OrgCode(s.Names[0])
	for _, form := range s.Forms {
		if was := p[form]; was != "" {
			to = was
			break
		}
	}
	for _, form := range s.Forms {
		if was := p[form]; was != "" && p["code "+string(was)] != "" {
			to = was
			break
		}
	}
	for _, form := range s.Forms {
		was := p[form]
		for other, code := range p {
			if was != "" && code == was {
				p[other] = to
			}
		}
		p[form] = to
	}
}

// OfController are the parties that the name of a controller is of: its own, and those
// that commas part it into, as far as they are known.
func (p PartiesByForm) OfController(name string) (all []OrgCode) {
	all = []OrgCode{p.Of(name)}
	for _, form := range partsOf(name) {
		if party := p[form]; party != "" {
			all = append(all, party)
		}
	}
	return all
}
