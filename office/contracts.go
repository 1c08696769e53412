package office

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"

	"darsd/dars"
	"darsd/store"
)

// IssueContract draws up a framework contract for an organisation.
func (o Parties) IssueContract(ctx context.Context, a dars.Act, org dars.OrgCode, start, end dars.Day) (id dars.ContractID, err error) {
	err = o.do(ctx, a, "contract issue", func(tx *store.Tx, _ *dars.Person) error {
		if _, err := store.Get[dars.Organisation](tx, org); err != nil {
			return err
		}
		if err := unsanctioned(tx, dars.StopApplications, org); err != nil {
			return err
		}
		id, err = o.drawUp(tx, a, "contract issue", dars.Contract{Org: org, Start: start, End: end})
		return err
	})
	return id, err
}

// RenewContract draws up the contract that follows another, from the day after its
// last. Each is renewed once.
func (o Parties) RenewContract(ctx context.Context, a dars.Act, before dars.ContractID, start, end dars.Day) (id dars.ContractID, err error) {
	err = o.do(ctx, a, "contract renew", func(tx *store.Tx, _ *dars.Person) error {
		c, err := store.Get[dars.Contract](tx, before)
		if err != nil {
			return err
		}
		all, err := store.Find[dars.Contract](tx, dars.By("org", c.Org))
		if err != nil {
			return err
		}
		if err := c.Renewable(all); err != nil {
			return err
		}
		if err := unsanctioned(tx, dars.StopApplications, c.Org); err != nil {
			return err
		}
		start = cmp.Or(start, max(c.End.Add(1), o.today(a)))
		if start <= c.End {
			return dars.Refuse("bad-term", c.ID, "contract %s runs until %s: the one that follows begins after that", c.ID, c.End)
		}
		id, err = o.drawUp(tx, a, "contract renew", dars.Contract{Org: c.Org, Renews: c.ID, Start: start, End: cmp.Or(end, start.AddMonths(contractMonths).Add(-1))})
		return err
	})
	return id, err
}

// contractMonths is how long a framework contract runs if nobody says otherwise.
const contractMonths = 36

// drawUp makes a contract, for signature.
func (o Parties) drawUp(tx *store.Tx, a dars.Act, act string, c dars.Contract) (dars.ContractID, error) {
	if c.End < c.Start {
		return "", dars.Refuse("bad-term", c.Org, "the contract would end on %s, before it starts on %s", c.End, c.Start)
	}
	last, err := tx.Last("contract")
	if err != nil {
		return "", err
	}
	n, err := nextNumber(tx, "contract", last)
	if err != nil {
		return "", err
	}
	c.ID, c.State, c.Issued, c.ConfirmedBy = dars.ContractName(n), dars.ContractIssued, o.today(a), []dars.PersonID{}
	if err := tx.Save(a, act, &c); err != nil {
		return "", err
	}
	return c.ID, owePaper(tx, a, "contract", string(c.ID))
}

// ConfirmContract is one officer's word that the organisation signed.
func (o Parties) ConfirmContract(ctx context.Context, a dars.Act, id dars.ContractID) error {
	seen, err := o.seenCopies(ctx, a, string(id))
	if err != nil {
		return err
	}
	return one(ctx, o.Office, a, "contract confirm", id, func(a dars.Act, c *dars.Contract) error {
		if err := mustBeSeen(c.Copy, seen, "contract", string(id)); err != nil {
			return err
		}
		return c.Confirm(a)
	})
}

// CountersignContract is the office's signature. From its start the contract is in
// force.
func (o Parties) CountersignContract(ctx context.Context, a dars.Act, id dars.ContractID) error {
	return one(ctx, o.Office, a, "contract countersign", id, func(a dars.Act, c *dars.Contract) error { return c.Countersign(a, o.today(a)) },
		func(tx *store.Tx, c *dars.Contract) error { return unsanctioned(tx, dars.StopApplications, c.Org) })
}

// TerminateContract ends a contract before its time, and what stands on it.
func (o Parties) TerminateContract(ctx context.Context, a dars.Act, id dars.ContractID) error {
	return one(ctx, o.Office, a, "contract terminate", id,
		func(a dars.Act, c *dars.Contract) error { return c.Terminate(a, o.today(a)) },
		func(tx *store.Tx, c *dars.Contract) error { return o.endUnder(tx, a, c) })
}

// endUnder ends, with a framework contract, every agreement for which that
// controller has no other contract in force: whichever contract the agreement was
// issued under, since later ones take its place.
func (o *Office) endUnder(tx *store.Tx, a dars.Act, c *dars.Contract) error {
	_, err := contractInForce(tx, c.Org, o.today(a))
	var none *dars.Refusal
	if err == nil || !errors.As(err, &none) {
		return err
	}
	under, err := store.Find[dars.Agreement](tx, dars.By("controller", c.Org))
	if err != nil {
		return err
	}
	last, err := lastUnder(tx, c, o.today(a))
	if err != nil {
		return err
	}
	a.Why = fmt.Sprintf("the framework contract %s of %s ended", c.ID, c.Org)
	for _, g := range under {
		if g.State != dars.InForce && g.State != dars.CounterSigned || !dars.RecordLevel(g.Datasets) {
			continue
		}
		if err := g.Terminate(a, min(last, g.End)); err != nil {
			return err
		}
		if err := o.wind(tx, a, "agreement terminate", g); err != nil {
			return err
		}
	}
	return nil
}

// lastUnder is the last day, until today, on which the organisation of a contract that
// ended had one: agreements end with that, however late the clock comes to it.
func lastUnder(tx *store.Tx, c *dars.Contract, today dars.Day) (dars.Day, error) {
	all, err := store.Find[dars.Contract](tx, dars.By("org", c.Org))
	last := c.Ended
	for _, other := range all {
		held := other.State == dars.ContractInForce || other.State == dars.ContractAgreed || other.Ended != ""
		if held && other.Start <= today {
			last = max(last, cmp.Or(other.Ended, other.End))
		}
	}
	return min(last, today), err
}

// contracted refuses an agreement of which a controller has no framework contract
// in force on a day.
// Of tabulations alone there need be none.
func contracted(tx *store.Tx, g *dars.Agreement, on dars.Day) error {
	if !dars.RecordLevel(g.Datasets) {
		return nil
	}
	for _, c := range g.Controllers {
		if _, err := contractInForce(tx, c.Org, on); err != nil {
			return err
		}
	}
	return nil
}

// lastDay is the last day on which anything can be had under an agreement, as it is known
// on a day: its own last, or the last on which each controller has a framework contract.
// Contracts that follow one another without a gap are as good as one.
func lastDay(tx *store.Tx, g *dars.Agreement, on dars.Day) (dars.Day, error) {
	last := g.End
	if !dars.RecordLevel(g.Datasets) {
		return last, nil
	}
	for _, c := range g.Controllers {
		all, err := store.Find[dars.Contract](tx, dars.By("org", c.Org))
		if err != nil {
			return "", err
		}
		last = min(last, dars.Covered(all, on))
	}
	return last, nil
}

// contractInForce returns the contract under which an organisation may have an
// agreement on a day.
func contractInForce(tx *store.Tx, org dars.OrgCode, on dars.Day) (*dars.Contract, error) {
	all, err := store.Find[dars.Contract](tx, dars.By("org", org))
	if err != nil {
		return nil, err
	}
	i := slices.IndexFunc(all, func(c *dars.Contract) bool { return c.InForce(on) })
	if i < 0 {
		return nil, dars.Refuse("no-contract", org, "%s has no framework contract in force on %s: issue one with darsd contract issue %s", org, on, org)
	}
	return all[i], nil
}

// contractNotice is how many days before a framework contract ends its renewal is
// asked for: it is drawn up, signed on paper by both, and in force the day after.
const contractNotice = 90

// renewals adds that contracts are to be renewed before an agreement outlives them and
// ends with them.
func (l *waiting) renewals() error {
	ending, err := store.Between[dars.Contract](l.tx, "ends", string(l.on), string(l.on.Add(contractNotice-1)))
	if err != nil {
		return err
	}
	for _, c := range ending {
		if !l.who.Inside() && l.who.Org != c.Org {
			continue
		}
		if err := l.renewal(c); err != nil {
			return err
		}
	}
	return nil
}

func (l *waiting) renewal(c *dars.Contract) error {
	others, err := store.Find[dars.Contract](l.tx, dars.By("org", c.Org))
	if err != nil || c.Renewable(others) != nil {
		return err
	}
	under, err := store.Find[dars.Agreement](l.tx, dars.By("controller", c.Org))
	if err != nil || !slices.ContainsFunc(under, func(g *dars.Agreement) bool { return !g.Over() && g.End > c.End }) {
		return err
	}
	n := len(l.all)
	l.may("contract renew", "contract", string(c.ID), c.Start, c.End, nil)
	l.theirs(c.Org, "contract", string(c.ID), "it ends while your agreements run on, and they end with it: ask us for the contract that follows", c.Start, c.End)
	l.dated(n, c, dars.LadderContract, "")
	return nil
}
