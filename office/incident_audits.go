package office

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"darsd/dars"
	"darsd/store"
)

// What happened at a recipient is looked into there, by an audit.

// looksAt triggers an audit of everybody at whom an incident happened, as far as they are
// known here.
func (o Incidents) looksAt(tx *store.Tx, a dars.Act, i *dars.Incident) error {
	if !i.Theirs() {
		return nil
	}
	at, err := o.happenedAt(tx, i)
	if err != nil {
		return err
	}
	why := fmt.Sprintf("incident %s: %s", i.ID, dars.Meaning(dars.IncidentKindCodes(), i.Kind))
	for _, one := range at {
		if _, err := o.trigger(tx, a, one.org, one.agreement, "INCIDENT", why); err != nil {
			return err
		}
	}
	return nil
}

// A place is an organisation, and an agreement of it if that is told.
type place struct {
	org       dars.OrgCode
	agreement dars.AgreementID
}

// happenedAt are the places of an incident: those of the agreements that it names, by a
// version or the case, and the organisations where it names none.
func (o Incidents) happenedAt(tx *store.Tx, i *dars.Incident) (at []place, err error) {
	add := func(one place) {
		if !slices.Contains(at, one) {
			at = append(at, one)
		}
	}
	for _, name := range i.Scope.Agreements {
		g, err := newestOf(tx, name)
		if err != nil {
			return nil, err
		}
		if g != nil {
			add(place{g.Org, g.ID})
		}
	}
	if len(at) > 0 || len(i.Scope.Orgs) == 0 {
		return at, nil
	}
	parties, err := partiesByName(tx)
	if err != nil {
		return nil, err
	}
	for _, name := range i.Scope.Orgs {
		code := cmp.Or(parties["code "+strings.ToUpper(name)], known(parties, name))
		switch _, err := store.Get[dars.Organisation](tx, code); {
		case err == nil:
			add(place{code, ""})
		case !absent(err):
			return nil, err
		}
	}
	return at, nil
}

// newestOf is the agreement of a reference, or the newest version of a case; nil if it is
// none of ours.
func newestOf(tx *store.Tx, ref string) (*dars.Agreement, error) {
	g, err := store.Get[dars.Agreement](tx, ref)
	if err == nil || !absent(err) {
		return g, err
	}
	versions, err := store.Find[dars.Agreement](tx, dars.By("case", ref))
	var newest *dars.Agreement
	for _, v := range versions {
		if newest == nil || v.Later(newest) {
			newest = v
		}
	}
	return newest, err
}
