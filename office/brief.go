package office

import (
	"cmp"
	"context"
	"slices"

	"darsd/dars"
	"darsd/store"
)

// Brief is what whoever decides on an application must know, as of now: what
// changed since the last version that was agreed, what ends, what these parties
// already hold, what is open or overdue, and the route. It is of the version that
// would be decided, and for the office alone.
func (o Desk) Brief(ctx context.Context, a dars.Act, ref string) (b dars.Brief, err error) {
	p, route, err := o.Route(ctx, a, ref)
	if err != nil {
		return b, err
	}
	on := o.today(a)
	b = dars.Brief{Ref: p.Stem, Version: p.Version(), Kind: p.Kind, Title: p.Form.Title, Org: p.Form.Organisation, State: p.State, Due: p.Clock.Due, On: on, Route: route,
		Asks: p.Form.Asked(), Advice: p.Advice(), Caveats: append([]dars.Action{}, p.Caveats()...), Changes: []dars.Change{},
		Attempts: []dars.Attempt{}, Access: []dars.AccessLine{}, Holds: []dars.HeldLine{}, Audits: []dars.AuditLine{}, Certificates: []dars.CertificateLine{}}
	var before string
	err = o.Store.View(ctx, func(tx *store.Tx) error {
		who, err := actor(tx, a)
		if err != nil {
			return err
		}
		if !who.Inside() {
			return dars.Refuse("not-found", ref, "the brief of application %s is for the office", ref)
		}
		if err := o.brief(tx, p, &b); err != nil {
			return err
		}
		before, err = o.before(tx, p, &b)
		return err
	})
	if err != nil || before == "" {
		return b, err
	}
	b.Changes, err = o.changes(ctx, a.Who, before, p)
	return b, err
}

func (o Desk) brief(tx *store.Tx, p *dars.Application, b *dars.Brief) (err error) {
	if b.Objections, err = o.treatment(tx, p); err != nil {
		return err
	}
	named, err := organisations(tx, p.Form.All()...)
	if err != nil {
		return err
	}
	var orgs []*dars.Organisation
	for _, code := range p.Form.All() {
		if org := named[code]; !slices.Contains(orgs, org) {
			orgs = append(orgs, org)
		}
	}
	if us := named[p.Form.Organisation]; us != nil {
		b.OrgName = us.Name
	}
	b.Ends = p.Endings(orgs, b.On)
	f, err := Clock(o).facts(tx, b.On, b.On)
	if err != nil {
		return err
	}
	theirs := func(code dars.OrgCode, g dars.AgreementID) bool {
		if named[code] != nil {
			return true
		}
		agreement, err := store.Get[dars.Agreement](tx, g)
		return err == nil && slices.ContainsFunc(parties(agreement), func(c dars.OrgCode) bool { return named[c] != nil })
	}
	for _, h := range f.Agreements {
		if theirs(h.Org, h.Agreement) {
			b.Holds = append(b.Holds, h)
		}
	}
	if b.Access, err = accessHeld(tx, theirs); err != nil {
		return err
	}
	for _, u := range f.Audits {
		if theirs(u.Org, u.Agreement) {
			b.Audits = append(b.Audits, u)
		}
	}
	for _, c := range f.Certificates {
		if c.DaysOver > 0 && theirs(c.Org, c.Agreement) {
			b.Certificates = append(b.Certificates, c)
		}
	}
	return nil
}

// before says with which version an application is compared: with what was agreed
// last, in force or not. Where nothing ever was, with the version handed in before.
// It returns the reference of a version whose form is on record, or "".
func (o Desk) before(tx *store.Tx, p *dars.Application, b *dars.Brief) (ref string, err error) {
	versions, err := caseOf(tx, p.Stem)
	if err != nil {
		return "", err
	}
	agreed, err := lastAgreed(tx, p)
	if err != nil {
		return "", err
	}
	for _, v := range versions {
		if v.Major < p.Major && v.Ended() && v.State != dars.Approved && (agreed == nil || v.Major > agreed.Major()) {
			b.Attempts = append(b.Attempts, dars.Attempt{Version: v.Version(), State: v.State})
		}
	}
	if agreed != nil {
		b.Since, b.SinceIs = agreed.Version, "in force until "+agreed.End.Long()
		if !agreed.InForceOn(b.On) {
			b.SinceIs = "the last in force, until " + cmp.Or(agreed.Ended, agreed.End).Long()
		}
		before, err := applicationOf(tx, agreed)
		if err != nil || before == nil {
			b.SinceIs += "; its application is not on record, and nothing can be compared"
			return "", err
		}
		return before.Stem + "-" + agreed.Version, nil
	}
	for i, sub := range p.Submissions {
		if i > 0 && sub.Version == p.Version() {
			b.Since, b.SinceIs = p.Submissions[i-1].Version, "as it was handed in before; nothing has been agreed yet"
			return p.Stem + "-" + b.Since, nil
		}
	}
	return "", nil
}

// lastAgreed is the newest agreement of a case that has been in force under a version
// before an application, or nil.
func lastAgreed(tx *store.Tx, p *dars.Application) (last *dars.Agreement, err error) {
	versions, err := store.Find[dars.Agreement](tx, dars.By("case", p.Stem))
	if err != nil {
		return nil, err
	}
	for _, was := range dars.History(versions) {
		i := slices.IndexFunc(versions, func(g *dars.Agreement) bool { return g.ID == was.ID })
		if versions[i].Major() < p.Major {
			last = versions[i]
		}
	}
	return last, nil
}

// changes is what differs in an application from an earlier version of its case.
func (o Desk) changes(ctx context.Context, who dars.PersonID, before string, p *dars.Application) ([]dars.Change, error) {
	was, err := o.Submitted(ctx, who, before)
	if err != nil {
		return nil, err
	}
	is, err := o.Submitted(ctx, who, p.Stem+"-"+p.Version())
	if err != nil {
		return nil, err
	}
	return append([]dars.Change{}, dars.Diff(&was.Form, &is.Form)...), nil
}
