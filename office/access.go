package office

import (
	"cmp"
	"context"
	"errors"
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
		g, terms, _, err := o.terms(tx, a, agreement, dataset, dars.KindAccess)
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
		if err := notRecalled(tx, r); err != nil {
			return err
		}
		if err := o.notUnderRecall(tx, r, o.today(a)); err != nil {
			return err
		}
		users, err := usersOf(tx, g, logins)
		if err != nil {
			return err
		}
		if err := r.Agreed(g.Treats(o.Policy.Uphold, dataset)); err != nil {
			return err
		}
		if r.Treated() == dars.NotUpheld && len(r.Hands) == 0 {
			return o.awaitSigner(tx, a, r, licences)
		}
		if err := r.Confirmed(); err != nil {
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
			if err := o.accounts(tx, a, g.Stem); err != nil {
				return err
			}
		}
		return write(tx, a, letter{To: users, Subject: fmt.Sprintf("%s: you have access to %s", g.ID, dataset),
			Body: fmt.Sprintf("Under agreement %s you may look at %s in our system, for the purpose of the agreement and no other, until %s. The access is yours alone: do not lend it. How it is used is looked at every year.\n", g.ID, dataset, g.End.Long())})
	})
	return r, err
}

// awaitSigner keeps system access in which objections of patients are not upheld, as
// it was asked for: nobody may look before a signer has confirmed that.
func (o *Office) awaitSigner(tx *store.Tx, a dars.Act, r *dars.Release, licences int) error {
	if err := r.Await(inName(tx, a), licences); err != nil {
		return err
	}
	if err := keep(tx, a, "release grant", r); err != nil {
		return err
	}
	return write(tx, a, letter{Roles: []dars.Role{dars.Signer},
		Subject: fmt.Sprintf("%s: system access without objections upheld", r.ID),
		Body: fmt.Sprintf("System access to %s under agreement %s is asked for, in which objections of patients are not upheld: %s (%s).\n\nNobody may look before one of you has confirmed it:\n\n    darsd release sign-off %s --confirm-not-upheld\n",
			r.Dataset, r.Agreement, dars.Meaning(dars.ObjectionReasons, r.Objections.Reason), r.Objections.Reason, r.ID)})
}

// MayLook refuses a look at a dataset under system access on a day: to who is not
// named, and to everybody while what it stands on does not hold. The dates decide,
// whether or not the clock's own duties have run yet.
func (o Desk) MayLook(ctx context.Context, who dars.PersonID, id dars.ReleaseID, on dars.Day) error {
	return o.Store.View(ctx, func(tx *store.Tx) error {
		r, g, err := withAgreement(tx, id)
		if err != nil {
			return err
		}
		if r.Access == nil || !slices.Contains(r.Access.Current(), who) {
			return dars.Refuse("not-found", id, "there is no system access %s that is yours", id)
		}
		return o.looking(tx, r, g, on)
	})
}

// Suspended says why nobody may look under system access on a day, or nil.
func (o Desk) Suspended(ctx context.Context, r *dars.Release, on dars.Day) (why *dars.Refusal, err error) {
	err = o.Store.View(ctx, func(tx *store.Tx) error {
		g, err := store.Get[dars.Agreement](tx, r.Agreement)
		if err != nil {
			return err
		}
		err = o.looking(tx, r, g, on)
		if errors.As(err, &why) {
			return nil
		}
		return err
	})
	return why, err
}

// looking refuses what system access stands on where it does not hold: an agreement
// and its contracts in force, nothing left to do before, no hold, no overdue
// certificate, and objections treated as the agreement has it.
func (o *Office) looking(tx *store.Tx, r *dars.Release, g *dars.Agreement, on dars.Day) error {
	if err := g.Allows(on); err != nil {
		return err
	}
	if err := notRecalled(tx, r); err != nil {
		return err
	}
	if err := ready(tx, g, dars.StagePublish); err != nil {
		return err
	}
	if err := o.mayReceive(tx, g, on); err != nil {
		return err
	}
	if err := r.Agreed(g.Treats(o.Policy.Uphold, r.Dataset)); err != nil {
		return err
	}
	return r.Confirmed()
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
	return &dars.Release{ID: dars.ReleaseID(ref), Kind: dars.KindAccess, Agreement: g.ID, Dataset: terms.Code, Periods: terms.Periods, State: dars.AccessAgreed, Planned: o.today(a),
		Objections: dars.Upheld{Treatment: t.Treatment, Reason: t.Reason}, Files: []dars.ReleaseFile{}, Tags: []dars.PackageFile{}, Replaces: []dars.ReleaseID{}}, nil
}

// usersOf finds people of the parties to an agreement by their logins.
func usersOf(tx *store.Tx, g *dars.Agreement, logins []string) (users []dars.PersonID, err error) {
	for _, login := range logins {
		p, err := byLogin(tx, login)
		if err != nil {
			return nil, err
		}
		if !g.Serves(p.Org) {
			return nil, dars.Refuse("not-a-party", g.ID, "%s is of %s, to which nothing is given under agreement %s", login, cmp.Or(p.Org, dars.TheOffice), g.ID)
		}
		users = append(users, p.ID)
	}
	return users, nil
}

// Usage is the yearly look at how system access is used.
func (o Releases) Usage(ctx context.Context, a dars.Act, id dars.ReleaseID, note string) error {
	return one(ctx, o.Office, a, "release usage", id, func(a dars.Act, r *dars.Release) error { return r.Review(a, note, o.today(a)) })
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
		return o.tellRevoked(tx, a, g, r, to)
	})
}

func (o *Office) tellRevoked(tx *store.Tx, a dars.Act, g *dars.Agreement, r *dars.Release, to []dars.PersonID) error {
	slices.Sort(to)
	to = slices.Compact(to)
	var gone []string
	var named []dars.PersonID
	for _, u := range r.Access.Users {
		if u.Revoked == o.today(a) {
			gone, named = append(gone, string(u.Person)), append(named, u.Person)
		}
	}
	if len(gone) == 0 {
		return nil // nobody was named yet
	}
	next, err := accessNext(tx, g, r)
	if err != nil {
		return err
	}
	then := "Destroy what was taken out of our system with that access, tables and charts in publications excepted, and declare to us in writing that it is done: who destroyed what, how, and on which day."
	if next != "" {
		then = fmt.Sprintf("Agreement %s has system access to %s as well, and we grant it anew, to people by name: you hear from us when that is done, and until then nobody may look. What was taken out of our system before is held under %[1]s from now on.", next, r.Dataset)
	}
	err = write(tx, a, letter{To: to, Names: named, Subject: fmt.Sprintf("%s: access to %s is withdrawn", g.ID, r.Dataset),
		Body: fmt.Sprintf("From now on %s may not look at %s under agreement %s any more:\n\n%s\n\n%s\n", strings.Join(gone, ", "), r.Dataset, g.ID, quoted(a.Why), then)})
	if err != nil || next == "" {
		return err
	}
	return write(tx, a, letter{Roles: []dars.Role{dars.CaseOfficer}, Names: named, Subject: fmt.Sprintf("%s: grant access to %s anew", next, r.Dataset),
		Body: fmt.Sprintf("Agreement %s is in force in the place of %s, and with that the access of %s to %s has ended. Nobody may look until it is granted under the new one:\n\n    darsd release grant %[1]s --dataset %[4]s --user LOGIN --licences %[5]d\n", next, g.ID, strings.Join(gone, ", "), r.Dataset, r.Access.Licences)})
}

// accessNext is the version of a case that has taken the place of an agreement and has
// system access to the same dataset; "" if there is none.
func accessNext(tx *store.Tx, g *dars.Agreement, r *dars.Release) (dars.AgreementID, error) {
	if g.SupersededBy == "" {
		return "", nil
	}
	next, err := store.Get[dars.Agreement](tx, g.SupersededBy)
	if err != nil {
		return "", err
	}
	terms, err := next.Dataset(r.Dataset)
	if err != nil || terms.SystemAccess(next.ID, true) != nil {
		return "", nil
	}
	return next.ID, nil
}

// accessHeld is the system access that is open to some parties, by the agreement
// under which they hold it.
func accessHeld(tx *store.Tx, theirs func(dars.OrgCode, dars.AgreementID) bool) (held []dars.AccessLine, err error) {
	held = []dars.AccessLine{}
	for _, state := range []dars.ReleaseState{dars.AccessGranted, dars.AccessReviewed} {
		all, err := store.Find[dars.Release](tx, dars.By("state", state))
		if err != nil {
			return nil, err
		}
		for _, r := range all {
			if r.Access.Open() && theirs("", r.Agreement) {
				held = append(held, dars.AccessLine{Release: r.ID, Agreement: r.Agreement, Dataset: r.Dataset, People: len(r.Access.Current()),
					Licences: r.Access.Licences, Since: r.Access.Granted, ReviewDue: r.Access.ReviewDue()})
			}
		}
	}
	return held, nil
}

// accessReviews are those of system access that fall due.
func (l *waiting) accessReviews() error {
	if !l.who.Inside() {
		return nil
	}
	all, err := in[dars.Release](l, dars.AccessGranted, dars.AccessReviewed)
	for _, r := range all {
		if asked := r.Access.ReviewAsked(); l.who.May("release usage") == nil && asked != "" && asked <= l.on {
			l.all = append(l.all, Todo{"release", string(r.ID), fmt.Sprintf("darsd release usage %s --note \"…\"", r.ID), asked, r.Access.ReviewDue()})
			l.dated(len(l.all)-1, r, usage, "")
		}
	}
	if err != nil || l.who.May("release sign-off") != nil {
		return err
	}
	agreed, err := in[dars.Release](l, dars.AccessAgreed)
	for _, r := range agreed {
		if back, err := recalled(l.tx, r.ID); err != nil {
			return err
		} else if back != nil {
			continue // it is ended, and granted anew
		}
		if r.Objections.ConfirmedBy == "" && !r.Hands.Has(l.who.ID) {
			l.all = append(l.all, Todo{"release", string(r.ID), fmt.Sprintf("darsd release sign-off %s --confirm-not-upheld", r.ID), r.Planned, ""})
		}
	}
	return err
}

// askReview tells somebody that the use of system access is to be looked at.
func (o Clock) askReview(tx *store.Tx, a dars.Act, d Duty) (result, error) {
	r, err := turn(tx, a, "release remind", d, func(r *dars.Release) error { return r.RemindOfReview(o.today(a)) })
	if err != nil {
		return result{}, err
	}
	g, err := store.Get[dars.Agreement](tx, r.Agreement)
	if err != nil {
		return result{}, err
	}
	due := r.Access.ReviewDue().Long()
	return result{to: string(r.State), step: "usage"}, write(tx, a, letter{To: []dars.PersonID{g.Contact}, Roles: []dars.Role{dars.CaseOfficer}, Dates: []dars.Date{usageDate(r)},
		Subject: fmt.Sprintf("%s: the use of system access is looked at by %s", r.ID, due),
		Body:    fmt.Sprintf("How system access to %s under agreement %s is used is looked at every year, next by %s. Tell us who has used it, and for what. Nobody new is let in while that is overdue.\n", r.Dataset, g.ID, due)})
}

// overrides are those that wait for a second person.
func (l *waiting) overrides() error {
	all, err := store.Find[dars.Override](l.tx, dars.By("state", dars.OverrideProposed))
	for _, v := range all {
		l.may("agreement objections-confirm", "override", string(v.ID), v.Proposed, "", v.Hands)
	}
	return err
}
