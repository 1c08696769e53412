package office

import (
	"slices"

	"darsd/dars"
	"darsd/store"
)

// Who audits is independent of what is audited, and one reason opens one audit.

// independent refuses an auditor who had a hand in a case that the audit is about: nobody
// looks into their own work.
func independent(tx *store.Tx, a dars.Act, u *dars.Audit) error {
	a = inName(tx, a)
	stems, err := casesOf(tx, u)
	if err != nil {
		return err
	}
	for _, stem := range stems {
		nouns, err := ofCase(tx, stem)
		if err != nil {
			return err
		}
		for _, n := range nouns {
			_, hands := n.Handed()
			p, applied := n.(*dars.Application)
			if hands.Has(a.Who) || hands.Has(a.For) || applied && a.Of(p.Officer) {
				return dars.Refuse("same-person", u.ID, "%s had a hand in %s, and audit %s looks into that case: another auditor does this", a.Who, n.Card().Ref, u.ID)
			}
		}
	}
	return nil
}

// casesOf are the cases that an audit is about: that of its agreement, or all of the
// organisation.
func casesOf(tx *store.Tx, u *dars.Audit) (stems []string, err error) {
	if u.Agreement != "" {
		g, err := store.Get[dars.Agreement](tx, u.Agreement)
		if err != nil {
			return nil, err
		}
		return []string{g.Stem}, nil
	}
	all, err := store.Find[dars.Agreement](tx, dars.By("org", u.Org))
	for _, g := range all {
		if !slices.Contains(stems, g.Stem) {
			stems = append(stems, g.Stem)
		}
	}
	return stems, err
}

// apart refuses to decide an appeal to whoever had a hand in the audit that has led to
// the sanction.
func apart(tx *store.Tx, a dars.Act, s *dars.Sanction) error {
	if s.Audit == "" {
		return nil
	}
	u, err := store.Get[dars.Audit](tx, s.Audit)
	if err == nil && u.Worked(inName(tx, a)) {
		err = dars.Refuse("same-person", s.ID, "%s had a hand in audit %s, which has led to sanction %s; somebody else decides the appeal", a.Who, u.ID, s.ID)
	}
	return err
}

// anew lets an action that was given more time lead to a sanction again, where the one to
// which its being late had led does not stand any more.
func anew(tx *store.Tx, u *dars.Audit, n int) error {
	before := u.Actions[n-1].Sanction
	if before == "" {
		return nil
	}
	s, err := store.Get[dars.Sanction](tx, before)
	if err == nil && !s.Stands() {
		u.Anew(n)
	}
	return err
}

// notBegun is an audit for the same reason that nobody has begun, or nil: what speaks for
// it once more is looked at there.
func notBegun(tx *store.Tx, org dars.OrgCode, agreement dars.AgreementID, trigger string) (*dars.Audit, error) {
	all, err := store.Find[dars.Audit](tx, dars.By("org", org))
	i := slices.IndexFunc(all, func(u *dars.Audit) bool { return u.Agreement == agreement && u.Awaits(trigger) })
	if err != nil || i < 0 {
		return nil, err
	}
	return all[i], nil
}

// riskOf is why an organisation is audited for its risk: what the plan of the year says of
// it, or where none has chosen it, what is known today.
func (o Audits) riskOf(tx *store.Tx, org dars.OrgCode, on dars.Day) ([]dars.RiskLine, error) {
	plan, err := store.Get[dars.AuditPlan](tx, dars.PlanOf(yearOf(on)))
	if err == nil {
		if p := plan.Planned(org); p != nil {
			return p.Lines, nil
		}
	} else if !absent(err) {
		return nil, err
	}
	known, err := o.riskFacts(tx, org)
	if err != nil {
		return nil, err
	}
	return known.Score(yearOf(on), on).Lines, nil
}
