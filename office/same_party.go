package office

import (
	"context"
	"slices"
	"strings"

	"darsd/dars"
	"darsd/store"
)

// Same says that two names are of one organisation: names of registers, or codes of
// organisations here. From then on they are one for the guard and in worklists.
func (o Parties) Same(ctx context.Context, a dars.Act, name, other string) (s *dars.SameParty, err error) {
	err = o.do(ctx, a, "org same", func(tx *store.Tx, _ *dars.Person) error {
		s = &dars.SameParty{Names: []string{name, other}}
		if err := s.Join(a, o.today(a)); err != nil {
			return err
		}
		ours, err := formsOf(tx, name)
		if err != nil {
			return err
		}
		theirs, err := formsOf(tx, other)
		if err != nil {
			return err
		}
		known, err := alsoCalled(tx, ours...)
		if err != nil {
			return err
		}
		if slices.ContainsFunc(theirs, func(form string) bool { return slices.Contains(known, form) }) {
			return dars.Refuse("known", name, "%s and %s are one organisation already", name, other)
		}
		ref, err := number(tx, "same party", "SAME-")
		if err != nil {
			return err
		}
		s.ID, s.Forms = dars.SameID(ref), append(ours, theirs...)
		return keep(tx, a, "org same", s)
	})
	return s, err
}

// Apart takes back that two names are of one organisation.
func (o Parties) Apart(ctx context.Context, a dars.Act, id dars.SameID) error {
	return one(ctx, o.Office, a, "org apart", id, func(a dars.Act, s *dars.SameParty) error { return s.Part(a, o.today(a)) })
}

// formsOf are the forms of a code of ours, or of a name that stands in some register.
// The letters in brackets behind a name are left out: several may have the same.
func formsOf(tx *store.Tx, name string) ([]string, error) {
	switch org, err := store.Get[dars.Organisation](tx, name); {
	case err == nil:
		return org.PartyNames(), nil
	case !absent(err):
		return nil, err
	}
	forms := dars.PartyNames(name)
	form := forms[len(forms)-1]
	for _, kind := range []string{"imported release", "imported agreement"} {
		if there, err := tx.Any(kind, dars.By("party", form)); err != nil || there {
			return []string{form}, err
		}
	}
	return nil, dars.Refuse("not-found", name, "no organisation here has the code %q, and no register names one so", name)
}

// alsoCalled are some forms, and those of all that are the same organisation.
func alsoCalled(tx *store.Tx, forms ...string) ([]string, error) {
	forms = slices.Clone(forms)
	for i := 0; i < len(forms); i++ {
		same, err := store.Find[dars.SameParty](tx, dars.By("party", forms[i]), dars.By("state", dars.OneParty))
		if err != nil {
			return nil, err
		}
		for _, s := range same {
			for _, form := range s.Forms {
				if !slices.Contains(forms, form) {
					forms = append(forms, form)
				}
			}
		}
	}
	return forms, nil
}

// formsOfOrg are the forms by which registers may have one of our organisations.
func formsOfOrg(tx *store.Tx, org *dars.Organisation) ([]string, error) {
	return alsoCalled(tx, org.PartyNames()...)
}

// sameParties are some of our organisations, and those that were said to be the same:
// one that was entered twice is one recipient.
func sameParties(tx *store.Tx, orgs []dars.OrgCode) ([]dars.OrgCode, error) {
	named, err := organisations(tx, orgs...)
	if err != nil {
		return nil, err
	}
	all := slices.Clone(orgs)
	for _, code := range orgs {
		forms, err := formsOfOrg(tx, named[code])
		if err != nil {
			return nil, err
		}
		for _, form := range forms {
			if other, ok := strings.CutPrefix(form, "code "); ok && !slices.Contains(all, dars.OrgCode(other)) {
				all = append(all, dars.OrgCode(other))
			}
		}
	}
	return all, nil
}

// oneAndTheSame are some organisations with those that were said to be the same. Where
// nobody ever said so of any, that is found by one look.
func oneAndTheSame(tx *store.Tx, orgs []dars.OrgCode) ([]dars.OrgCode, error) {
	if said, err := tx.Any("same party", dars.By("state", dars.OneParty)); err != nil || !said {
		return orgs, err
	}
	return sameParties(tx, orgs)
}

// held is which of some organisations is on hold, or one that was said to be the same as
// one of them; nil if none is.
func held(tx *store.Tx, orgs ...dars.OrgCode) (*dars.Organisation, error) {
	all, err := oneAndTheSame(tx, orgs)
	if err != nil {
		return nil, err
	}
	for _, code := range all {
		org, err := store.Get[dars.Organisation](tx, code)
		if err != nil || org.State == dars.OrgOnHold {
			return org, err
		}
	}
	return nil, nil
}

// notHeld refuses something for organisations of which one is on hold, and says why.
func notHeld(tx *store.Tx, orgs ...dars.OrgCode) error {
	org, err := held(tx, orgs...)
	if err == nil && org != nil {
		err = dars.Refuse("on-hold", org.Code, "%s is on hold: %s", org.Code, org.HoldReason)
	}
	return err
}

// partiesByName are our organisations by the forms that registers may name them by, and
// by those that are said to be the same.
func partiesByName(tx *store.Tx) (dars.PartiesByForm, error) {
	parties := dars.PartiesByForm{}
	err := store.Each(tx, func(org *dars.Organisation) error {
		for _, form := range org.PartyNames() {
			parties[form] = org.Code
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	same, err := store.Find[dars.SameParty](tx, dars.By("state", dars.OneParty))
	for _, s := range same {
		parties.Join(s)
	}
	return parties, err
}

// Names are the names of one of our organisations that people have said to be the same,
// with who said it.
func (o Desk) Names(ctx context.Context, who dars.PersonID, code dars.OrgCode) (said []*dars.SameParty, err error) {
	err = o.Store.View(ctx, func(tx *store.Tx) error {
		if p, err := actor(tx, dars.Act{Who: who}); err != nil || !p.Inside() {
			return err // what else registers call an organisation is the office's business
		}
		org, err := store.Get[dars.Organisation](tx, code)
		if err != nil {
			return err
		}
		forms, err := formsOfOrg(tx, org)
		if err != nil {
			return err
		}
		all, err := store.Find[dars.SameParty](tx, dars.By("state", dars.OneParty))
		for _, s := range all {
			if slices.Contains(forms, s.Forms[0]) {
				said = append(said, s)
			}
		}
		return err
	})
	return said, err
}
