package office

import (
	"fmt"
	"slices"

	"darsd/dars"
	"darsd/store"
)

// readers are those to whom a letter goes.
type readers []*dars.Person

func readersOf(l letter, everybody []*dars.Person) (all readers) {
	for _, p := range everybody {
		if slices.Contains(l.To, p.ID) || p.Has(l.Roles...) && p.Inside() {
			all = append(all, p)
		}
	}
	return all
}

// reached are the readers of a letter who are still there. Where nobody is left of an
// organisation it goes to its other people of the agreement, and where there are none
// to the office, which is told so at its head: a letter that nobody reads was not
// written.
func reached(tx *store.Tx, l letter, everybody []*dars.Person) (readers, letter, error) {
	here := slices.DeleteFunc(readersOf(l, everybody), (*dars.Person).Gone)
	of := func(org dars.OrgCode) bool {
		return slices.ContainsFunc(here, func(p *dars.Person) bool { return p.Org == org })
	}
	for _, id := range l.To {
		i := slices.IndexFunc(everybody, func(p *dars.Person) bool { return p.ID == id })
		if i < 0 || !everybody[i].Gone() || of(everybody[i].Org) {
			continue
		}
		org := everybody[i].Org
		others, err := colleagues(tx, l.Case, org)
		if err != nil {
			return nil, l, err
		}
		instead := letter{To: others}
		if len(slices.DeleteFunc(readersOf(instead, everybody), (*dars.Person).Gone)) == 0 {
			instead = letter{Roles: []dars.Role{dars.Compliance, dars.CaseOfficer}}
			if officer, err := officerOf(tx, l.Case); err != nil {
				return nil, l, err
			} else if p := find(everybody, officer); p != nil && !p.Gone() {
				instead = letter{To: []dars.PersonID{officer}, Roles: []dars.Role{dars.Compliance}}
			}
			if org != dars.TheOffice {
				l.Body = fmt.Sprintf("Nobody of %s is left to whom this letter could go: %s is there no more. Find out who answers for it now, and tell them in another way.\n\n%s", org, id, l.Body)
			} else {
				l.Body = fmt.Sprintf("This letter was for %s, who is there no more.\n\n%s", id, l.Body)
			}
			l.Names = append(slices.Clone(l.Names), id)
		}
		for _, p := range slices.DeleteFunc(readersOf(instead, everybody), (*dars.Person).Gone) {
			if !slices.Contains(here, p) {
				here = append(here, p)
			}
		}
	}
	return here, l, nil
}

func find(everybody []*dars.Person, id dars.PersonID) *dars.Person {
	for _, p := range everybody {
		if p.ID == id {
			return p
		}
	}
	return nil
}

// colleagues are the people of an organisation in the agreements of a case; in all of
// its agreements, where a letter is about no case.
func colleagues(tx *store.Tx, stem string, org dars.OrgCode) (all []dars.PersonID, err error) {
	key := dars.By("org", org)
	if stem != "" {
		key = dars.By("case", stem)
	}
	under, err := store.Find[dars.Agreement](tx, key)
	for _, g := range under {
		if g.Org == org {
			all = append(append(all, g.Contact), g.Recipients...)
		}
	}
	return all, err
}

// officerOf is who is in charge of a case, if it is one and somebody is.
func officerOf(tx *store.Tx, stem string) (who dars.PersonID, err error) {
	if stem == "" {
		return "", nil
	}
	versions, err := store.Find[dars.Application](tx, dars.By("case", stem))
	for _, p := range versions {
		if p.Officer != "" {
			who = p.Officer
		}
	}
	return who, err
}

// ids names each reader once; "" is the office, in the place of those who have no
// address, or where there is nobody.
func (r readers) ids() (all []dars.PersonID) {
	for _, p := range r {
		who := p.ID
		if p.Email == "" {
			who = ""
		}
		all = append(all, who)
	}
	if len(all) == 0 {
		all = append(all, "")
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// outside reports whether one of the readers, by number, is not of the office.
func (r readers) outside(who dars.PersonID) bool {
	return slices.ContainsFunc(r, func(p *dars.Person) bool { return p.ID == who && !p.Inside() })
}

func (r readers) addresses(office string) (all []string) {
	for _, p := range r {
		if p.Email != "" {
			all = append(all, p.Email)
		}
	}
	if len(all) < len(r) || len(r) == 0 {
		all = append(all, office)
	}
	slices.Sort(all)
	return slices.Compact(all)
}
