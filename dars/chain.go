package dars

import (
	"cmp"
	"slices"
)

// Later reports whether an agreement is a later version of its case than another.
func (g *Agreement) Later(other *Agreement) bool { return compareVersions(g, other) > 0 }

func compareVersions(a, b *Agreement) int {
	major, minor := a.numbers()
	theirs, minors := b.numbers()
	return cmp.Or(cmp.Compare(major, theirs), cmp.Compare(minor, minors))
}

// numbers are those of its version: 2 and 1 of v2.1.
func (g *Agreement) numbers() (major, minor int) {
	_, m, n, _ := ParseCase(string(g.ID)) // our own reference
	return number(m), number(n)
}

// Major is the number of the version of its case that was approved.
func (g *Agreement) Major() int {
	major, _ := g.numbers()
	return major
}

func number(digits string) (n int) {
	for _, d := range digits {
		n = 10*n + int(d-'0')
	}
	return n
}

// Supersede ends a version of a case on the day on which the next one is in force:
// one version is in force at a time (domain 17).
func (g *Agreement) Supersede(next *Agreement, on Day) error {
	if next.Stem != g.Stem || !next.Later(g) {
		return Refuse("not-later", g.ID, "agreement %s is no later version of %s", next.ID, g.ID)
	}
	to, err := AgreementLife.Step(g, g.State, Superseded)
	if err != nil {
		return err
	}
	g.State, g.SupersededBy, g.Ended = to, next.ID, max(min(on.Add(-1), g.End), g.InForceFrom())
	return nil
}

// Holders are its controllers, processors and sub-licensees: who may hold what is
// released under it.
func (g *Agreement) Holders() (all []OrgCode) {
	for _, c := range g.Controllers {
		all = append(all, c.Org)
	}
	for _, p := range slices.Concat(g.Processors, g.Sublicensed) {
		if !slices.Contains(all, p) {
			all = append(all, p)
		}
	}
	return all
}

// PartyKeys are by what an agreement is found of which an organisation is a party.
var PartyKeys = []string{"org", "controller", "processor", "sublicensee"}

// Serves reports whether the office itself gives data to people of an organisation. A
// sub-licensee has them from a controller, who answers for that.
func (g *Agreement) Serves(code OrgCode) bool {
	return code == g.Org || slices.Contains(g.Processors, code) || slices.ContainsFunc(g.Controllers, func(c Signing) bool { return c.Org == code })
}

// Leaves reports whether somebody who held data under the version before, such as a
// processor, has no part in this one: they keep nothing (domain 3).
func (g *Agreement) Leaves(before *Agreement) bool {
	return slices.ContainsFunc(before.Holders(), func(h OrgCode) bool { return !slices.Contains(g.Holders(), h) })
}

// Covers reports whether an agreement lets its parties keep what was released of a
// dataset for a period, as it was.
func (g *Agreement) Covers(before *Agreement, dataset, period string) bool {
	terms, err := g.Dataset(dataset)
	if err != nil {
		return false
	}
	was, err := before.Dataset(dataset)
	return err == nil && terms.Identifiability == was.Identifiability && g.Agrees(terms, period)
}

// HasBegun reports whether an agreement is or was in force.
func (g *Agreement) HasBegun() bool {
	return g.Began != "" || g.CountersignedBy != "" && g.State != CounterSigned && (g.Ended == "" || g.Ended >= g.Start)
}

// InForceFrom is the first day on which an agreement was in force, or is to be. Of one
// that began before that day was kept, it is the first day of its term.
func (g *Agreement) InForceFrom() Day { return cmp.Or(g.Began, g.Start) }

// Renewed reports whether a later one of some versions of its case has come into force,
// in the place of an agreement or after its end.
func (g *Agreement) Renewed(versions []*Agreement) bool {
	return slices.ContainsFunc(versions, func(v *Agreement) bool { return v.Later(g) && v.HasBegun() })
}

// A Version is one agreement in the history of its case.
type Version struct {
	ID         AgreementID    `json:"id"`
	Version    string         `json:"version"`
	State      AgreementState `json:"state"`
	Start      Day            `json:"start"`           // its first day in force
	Ended      Day            `json:"ended,omitempty"` // its last day in force; none while it goes on
	Superseded AgreementID    `json:"superseded_by,omitempty"`
	Gap        int            `json:"gap_days"` // days before its start on which no version was in force
}

// History is every version of a case that has come into force, in order, with the
// gaps between them: in a gap nobody held data by right.
func History(versions []*Agreement) (all []Version) {
	all = []Version{}
	held := Day("") // the last day on which there was one
	for _, g := range slices.SortedFunc(slices.Values(versions), compareVersions) {
		if !g.HasBegun() {
			continue
		}
		v := Version{ID: g.ID, Version: g.Version, State: g.State, Start: g.InForceFrom(), Ended: g.Ended, Superseded: g.SupersededBy}
		if n := len(all); n > 0 && g.Began == "" && all[n-1].Superseded == g.ID {
			signed := min(all[n-1].Ended.Add(1), cmp.Or(g.Ended, g.End)) // an amendment's term may begin before
			v.Start = max(g.Start, signed)
		}
		if held != "" {
			v.Gap = max(0, v.Start.Since(held)-1)
		}
		held = max(held, cmp.Or(g.Ended, g.End))
		all = append(all, v)
	}
	return all
}
