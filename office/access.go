package office

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"darsd/dars"
	"darsd/store"
)

// Grant lets named people of a party to an agreement look at a dataset in the office's
// system. There is one such release for each dataset of an agreement; who is granted
// later is added to it. The first one stops the service-level clock.
func (o Releases) Grant(ctx context.Context, a dars.Act, agreement dars.AgreementID, dataset string, logins []string, licences int) (r *dars.Release, err error) {
	err = o.do(ctx, a, "release grant", func(tx *store.Tx, _ *dars.Person) error {
		g, terms, _, err := o.terms(tx, a, agreement, dataset)
		if err != nil {
			return err
		}
		if err := ready(tx, g, dars.StagePublish); err != nil { // whoever may look has the data
			return err
		}
		if err := terms.SystemAccess(g.ID, true); err != nil {
			return err
		}
		if r, err = o.accessTo(tx, a, g, terms); err != nil {
			return err
		}
		users, err := usersOf(tx, g, logins)
		if err != nil {
			return err
		}
		first := r.State == dars.AccessAgreed
		if err := r.Grant(a, licences, users, o.today(a)); err != nil {
			return err
		}
		if err := o.guard(tx, g, r); err != nil {
			return err
		}
		if err := tx.Save(a, "release grant", r); err != nil {
			return err
		}
		if first {
			if err := o.stopClock(tx, a, "release grant", g, fmt.Sprintf("first access: system access %s was granted", r.ID)); err != nil {
				return err
			}
		}
		return write(tx, a, letter{To: users, Subject: fmt.Sprintf("%s: you have access to %s", g.ID, dataset),
			Body: fmt.Sprintf("Under agreement %s you may look at %s in our system, for the purpose of the agreement and no other, until %s. The access is yours alone: do not lend it. How it is used is looked at every year.\n", g.ID, dataset, g.End.Long())})
	})
	return r, err
}

// accessTo returns the system access to a dataset of an agreement, or a new one.
func (o *Office) accessTo(tx *store.Tx, a dars.Act, g *dars.Agreement, terms dars.DatasetRequest) (*dars.Release, error) {
	all, err := store.Find[dars.Release](tx, dars.By("agreement", g.ID), dars.By("dataset", terms.Code))
	if err != nil {
		return nil, err
	}
	for _, r := range all {
		if r.Access != nil && r.State != dars.ReleaseWithdrawn {
			return r, nil
		}
	}
	ref, err := number(tx, "release", "REL-")
	if err != nil {
		return nil, err
	}
	t := g.Treats(o.Policy.Uphold, terms.Code)
	return &dars.Release{ID: dars.ReleaseID(ref), Kind: "system-access", Agreement: g.ID, Dataset: terms.Code, Periods: terms.Periods, State: dars.AccessAgreed, Planned: o.today(a),
		Objections: dars.Upheld{Treatment: t.Treatment, Reason: t.Reason}, Files: []dars.ReleaseFile{}, Tags: []dars.PackageFile{}, Replaces: []dars.ReleaseID{}}, nil
}

// usersOf finds people of the parties to an agreement by their logins.
func usersOf(tx *store.Tx, g *dars.Agreement, logins []string) (users []dars.PersonID, err error) {
	of := append(parties(g), g.Org)
	for _, login := range logins {
		p, err := byLogin(tx, login)
		if err != nil {
			return nil, err
		}
		if !slices.Contains(of, p.Org) {
			return nil, dars.Refuse("not-a-party", g.ID, "%s is of %s, which is no party to agreement %s", login, cmp.Or(p.Org, dars.TheOffice), g.ID)
		}
		users = append(users, p.ID)
	}
	return users, nil
}

// Usage is the yearly look at how system access is used.
func (o Releases) Usage(ctx context.Context, a dars.Act, id dars.ReleaseID, note string) error {
	return one(ctx, o.Office, a, "release usage", id, func(r *dars.Release) error { return r.Review(a, note, o.today(a)) })
}

// Revoke ends the access of one person, or of everybody where login is "". They are
// told to destroy what they have taken out.
func (o Releases) Revoke(ctx context.Context, a dars.Act, id dars.ReleaseID, login string) error {
	return o.do(ctx, a, "release revoke", func(tx *store.Tx, _ *dars.Person) error {
		r, g, err := withAgreement(tx, id)
		if err != nil {
			return err
		}
		to := addressees(g)
		if login != "" {
			p, err := byLogin(tx, login)
			if err != nil {
				return err
			}
			to = append(to, p.ID)
			if err := r.Revoke(a, p.ID, o.today(a)); err != nil {
				return err
			}
		} else {
			if r.Access != nil {
				to = append(to, r.Access.Current()...)
			}
			if err := r.EndAccess(a, o.today(a)); err != nil {
				return err
			}
		}
		if err := tx.Save(a, "release revoke", r); err != nil {
			return err
		}
		slices.Sort(to)
		return o.tellRevoked(tx, a, g, r, slices.Compact(to))
	})
}

func (o *Office) tellRevoked(tx *store.Tx, a dars.Act, g *dars.Agreement, r *dars.Release, to []dars.PersonID) error {
	var gone []string
	for _, u := range r.Access.Users {
		if u.Revoked == o.today(a) {
			gone = append(gone, string(u.Person))
		}
	}
	return write(tx, a, letter{To: to, Subject: fmt.Sprintf("%s: access to %s is withdrawn", g.ID, r.Dataset),
		Body: fmt.Sprintf("From now on %s may not look at %s under agreement %s any more: %s.\n\nDestroy what was taken out of our system with that access, tables and charts in publications excepted, and answer this letter when it is done.\n", strings.Join(gone, ", "), r.Dataset, g.ID, a.Why)})
}

// accessReviews are those of system access that fall due.
func (l *waiting) accessReviews() error {
	if !l.who.Inside() {
		return nil
	}
	all, err := in[dars.Release](l, dars.AccessGranted, dars.AccessReviewed)
	for _, r := range all {
		if due := r.Access.ReviewDue(); l.who.May("release usage") == nil && due != "" && due <= l.on.Add(reviewNotice) {
			l.all = append(l.all, Todo{"release", string(r.ID), fmt.Sprintf("darsd release usage %s --note \"…\"", r.ID), due.Add(-reviewNotice), due})
		}
	}
	return err
}

// reviewNotice is how many days before it is due a review of usage is asked for.
const reviewNotice = 30

// overrides are those that wait for a second person.
func (l *waiting) overrides() error {
	all, err := store.Find[dars.Override](l.tx, dars.By("state", dars.OverrideProposed))
	for _, v := range all {
		l.may("agreement objections-confirm", "override", string(v.ID), v.Proposed, "", v.Hands)
	}
	return err
}
