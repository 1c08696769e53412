package office

import (
	"context"
	"fmt"
	"slices"

	"darsd/dars"
	"darsd/store"
)

// Brief is what whoever decides on an application must know, as of now: what
// changed since the last version, what ends, what these parties already hold, what
// is open or overdue, and the route. It is for the office alone.
func (o Desk) Brief(ctx context.Context, a dars.Act, ref string) (b dars.Brief, err error) {
	p, route, err := o.Route(ctx, a, ref)
	if err != nil {
		return b, err
	}
	on := o.today(a)
	b = dars.Brief{Ref: p.Stem, Version: p.Version(), Kind: p.Kind, Title: p.Form.Title, Org: p.Form.Organisation, State: p.State, Due: p.Clock.Due, On: on, Route: route,
		Asks: p.Form.Asked(), Advice: p.Advice(), Caveats: append([]dars.Action{}, p.Caveats()...), Changes: []dars.Change{},
		Holds: []dars.HeldLine{}, Audits: []dars.AuditLine{}, Certificates: []dars.CertificateLine{}}
	err = o.Store.View(ctx, func(tx *store.Tx) error {
		who, err := actor(tx, a)
		if err != nil {
			return err
		}
		if !who.Inside() {
			return dars.Refuse("not-found", ref, "the brief of application %s is for the office", ref)
		}
		return o.brief(tx, p, &b)
	})
	if err != nil {
		return b, err
	}
	b.Since, b.Changes, err = o.changes(ctx, a.Who, p)
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

// changes is what differs from the version before, and which that is: "" for the
// first.
func (o Desk) changes(ctx context.Context, who dars.PersonID, p *dars.Application) (since string, changes []dars.Change, err error) {
	ref := ""
	for i, sub := range p.Submissions {
		if i > 0 && sub.Version == p.Version() {
			ref = p.Stem + "-" + p.Submissions[i-1].Version
		}
	}
	if ref == "" && p.Major > 1 {
		ref = fmt.Sprintf("%s-v%d", p.Stem, p.Major-1)
	}
	if ref == "" {
		return "", []dars.Change{}, nil
	}
	was, err := o.Submitted(ctx, who, ref)
	if err != nil {
		return "", nil, err
	}
	is, err := o.Submitted(ctx, who, p.Stem+"-"+p.Version())
	if err != nil {
		return "", nil, err
	}
	return was.Version, append([]dars.Change{}, dars.Diff(&was.Form, &is.Form)...), nil
}
