package dars

import (
	"fmt"
	"slices"
	"strconv"
)

// Owed reports whether an account is asked for and has not come.
func (d BenefitDue) Owed() bool { return d.Met == "" }

// StateOn is how an account stands on a day: met, due or to-come.
func (d BenefitDue) StateOn(on Day) string {
	switch {
	case !d.Owed():
		return "met"
	case d.Due <= on:
		return "due"
	}
	return "to-come"
}

// Words say what is asked for.
func (d BenefitDue) Words() string {
	switch d.Why {
	case YearReleased:
		return "what has come of the data, a year after the first release"
	case RenewalApplied:
		return "what has come of the data, since a renewal was applied for"
	}
	return "what has come of the benefit " + d.What
}

// accountDeadlines are the days on which accounts of benefits are asked for that are
// still owed. What was stated for a day before this version began is asked for at its
// beginning, and nothing is said of an account before there was a reason to owe it.
func (g *Agreement) accountDeadlines() (all []Deadline) {
	if !g.HasBegun() || g.SupersededBy != "" {
		return nil
	}
	begun := g.InForceFrom()
	for _, d := range g.Accounts {
		day, from := max(d.Due, begun), begun
		if d.Why == RenewalApplied {
			from = day
		}
		if d.Owed() {
			all = append(all, Deadline{Ladder: LadderBenefits, Item: d.Item(), Day: day, From: from, Until: old(day)})
		}
	}
	return all
}

// item tells an account from the others of its agreement: "target-2", "renewal".
// Item says which of the accounts of an agreement it is.
func (d BenefitDue) Item() string {
	if d.N == 0 {
		return d.Why
	}
	return d.Why + "-" + strconv.Itoa(d.N)
}

// Account is the one that a deadline is about.
func (g *Agreement) Account(d Deadline) (BenefitDue, error) {
	i := slices.IndexFunc(g.Accounts, func(one BenefitDue) bool { return one.Item() == d.Item })
	if i < 0 {
		return BenefitDue{}, fmt.Errorf("agreement %s owes no account %q", g.ID, d.Item)
	}
	return g.Accounts[i], nil
}

// PublicBenefits is what a register says of an agreement: what accounts of benefits are
// owed to the public, and what was told. It names nobody.
type PublicBenefits struct {
	Agreement AgreementID     `json:"agreement"`
	Due       []PublicAccount `json:"due"`
	Reported  []PublicReport  `json:"reported"`
}

// A PublicAccount is one that is owed, or was given.
type PublicAccount struct {
	BenefitDue
	State string `json:"state"` // met, due or to-come
}

// A PublicReport is an account as it was given.
type PublicReport struct {
	ID       BenefitID      `json:"id"`
	On       Day            `json:"on"`
	Outputs  []PublicOutput `json:"outputs"`
	Benefits []Benefit      `json:"benefits"`
	NoneYet  string         `json:"none_yet,omitempty"`
}

// Public is what the public is told of a report: all but who sent it.
func (r *BenefitReport) Public() PublicReport {
	return PublicReport{r.ID, r.On, append([]PublicOutput{}, r.Outputs...), append([]Benefit{}, r.Benefits...), r.NoneYet}
}

// Public is what the public is told of the benefits under an agreement on a day, from
// the reports of its case.
func (g *Agreement) Public(due []BenefitDue, reports []*BenefitReport, on Day) PublicBenefits {
	p := PublicBenefits{Agreement: g.ID, Due: []PublicAccount{}, Reported: []PublicReport{}}
	for _, d := range due {
		p.Due = append(p.Due, PublicAccount{d, d.StateOn(on)})
	}
	for _, r := range reports {
		p.Reported = append(p.Reported, r.Public())
	}
	return p
}
