package office

import (
	"context"
	"fmt"
	"strings"

	"darsd/dars"
	"darsd/store"
)

// Delegate lets somebody act in a role of another between two days; an operator
// says so, or whose role it is. Both are told, and of an operator's word compliance.
func (o Parties) Delegate(ctx context.Context, a dars.Act, of, to string, role dars.Role, from, until dars.Day) error {
	return o.delegation(ctx, a, of, to, func(whose, who *dars.Person) error {
		if a.Who == who.ID && whose.ID != who.ID { // an operator could have every role
			return dars.Refuse("same-person", to, "a role is delegated by whose it is, or by an operator to somebody else: nobody gives it to themselves")
		}
		return who.Delegate(dars.Delegation{For: whose.ID, Role: role, From: from, Until: until, By: a.Who}, whose, o.today(a))
	}, fmt.Sprintf("from %s until %s %%s may act as %s in the place of %%s", from, until, role))
}

// EndDelegation ends that at once.
func (o Parties) EndDelegation(ctx context.Context, a dars.Act, of, to string, role dars.Role) error {
	return o.delegation(ctx, a, of, to, func(whose, who *dars.Person) error { return who.EndDelegation(whose.ID, role) },
		fmt.Sprintf("from now on %%s does not act as %s in the place of %%s any more", role))
}

func (o Parties) delegation(ctx context.Context, a dars.Act, of, to string, change func(whose, who *dars.Person) error, says string) error {
	return o.do(ctx, a, "person delegate", func(tx *store.Tx, by *dars.Person) error {
		whose, err := byLogin(tx, of)
		if err != nil {
			return err
		}
		who, err := byLogin(tx, to)
		if err != nil {
			return err
		}
		if by.ID != whose.ID && !by.Has(dars.Operator) {
			return dars.Refuse("no-power", of, "a role is delegated by whose it is, or by an operator")
		}
		if err := change(whose, who); err != nil {
			return err
		}
		if err := tx.Save(a, "person delegate", who); err != nil {
			return err
		}
		var also []dars.Role
		if by.ID != whose.ID { // an operator has said so
			also = []dars.Role{dars.Compliance}
		}
		return write(tx, a, letter{Roles: also, To: []dars.PersonID{whose.ID, who.ID}, Names: []dars.PersonID{whose.ID, who.ID}, Subject: "A role is delegated",
			Body: fmt.Sprintf("%s: "+says+".\n", o.today(a).Long(), who.ID, whose.ID)})
	})
}

// acting lends a person with the delegations that hold on a day, and no other.
func acting(tx *store.Tx, p *dars.Person, on dars.Day) (*dars.Person, error) {
	now := *p
	now.Delegations = nil
	for _, d := range p.Delegations {
		of, err := store.Get[dars.Person](tx, d.For)
		if err != nil {
			return nil, err
		}
		if d.Holds(of, on) {
			now.Delegations = append(now.Delegations, d)
		}
	}
	return &now, nil
}

// StandsFor lists the delegations in which somebody may act on a day.
func (o Desk) StandsFor(ctx context.Context, p *dars.Person, on dars.Day) (all []dars.Delegation, err error) {
	err = o.Store.View(ctx, func(tx *store.Tx) error {
		now, err := acting(tx, p, on)
		if err == nil {
			all = now.Delegations
		}
		return err
	})
	return all, err
}

// inName is an act with the name of whom it is done for, if a role was delegated for
// it.
func inName(tx *store.Tx, a dars.Act) dars.Act {
	a.For, _ = tx.Behalf()
	return a
}

// unstained refuses an act on behalf of another where who acts has had a hand in
// the case before, other than on behalf of the same: the delegate would otherwise
// be the second of two people who must be different.
func unstained(tx *store.Tx, a dars.Act, before int64) error {
	of, saved := tx.Behalf()
	if of == "" {
		return nil
	}
	for _, c := range saved {
		stem := caseOfCard(c)
		if stem == "" {
			continue
		}
		nouns, err := ofCase(tx, stem)
		if err != nil {
			return err
		}
		for _, n := range nouns {
			card := n.Card()
			events, err := tx.Events(card.Kind, card.Ref, 0, int(before))
			if err != nil {
				return err
			}
			for _, e := range events {
				if e.Leaf.Seq <= before && e.Leaf.By == a.Who && !strings.HasSuffix(e.Leaf.Act, store.For+string(of)) {
					return dars.Refuse("same-person", card.Ref, "%s: %s has acted on this case (%s), and cannot stand in for %s on it", card.Ref, a.Who, e.Leaf.Act, of)
				}
			}
		}
	}
	return nil
}

// caseOfCard is the case that a noun belongs to, or "".
func caseOfCard(c dars.Card) string {
	for _, k := range c.Keys {
		switch k.Name {
		case "case":
			if c.Kind != "meeting" { // which has many
				return k.Value
			}
		case "agreement":
			if stem, _, _, err := dars.ParseCase(k.Value); err == nil {
				return stem
			}
		}
	}
	return ""
}
