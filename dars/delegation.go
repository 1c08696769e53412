package dars

import "slices"

// A Delegation lets somebody act in a role of another person, between two days.
// It stands with who acts; both names stand on each act.
type Delegation struct {
	For   PersonID `json:"for"` // whose role it is
	Role  Role     `json:"role"`
	From  Day      `json:"from"`
	Until Day      `json:"until"` // inclusive
	By    PersonID `json:"by"`    // who said so
}

// On reports whether a day is one of its days.
func (d Delegation) On(on Day) bool { return d.From <= on && on <= d.Until }

// Holds reports whether it holds on a day. It ends with whose role it is: when they
// have the role no more, have left, or had their keys revoked.
func (d Delegation) Holds(of *Person, on Day) bool {
	return d.On(on) && d.For == of.ID && of.Has(d.Role) && of.Left == "" && !of.lockedOut()
}

// lockedOut reports whether somebody had keys, and all of them were revoked.
func (p *Person) lockedOut() bool {
	return len(p.Keys) > 0 && !slices.ContainsFunc(p.Keys, func(k PersonKey) bool { return k.RevokedBy == "" })
}

// Delegate lets the person act in a role of another; again with other days, it
// puts them in the place of the earlier ones.
func (p *Person) Delegate(d Delegation, of *Person, on Day) error {
	for _, day := range []Day{d.From, d.Until} {
		if _, err := ParseDay(string(day)); err != nil {
			return Refuse("no-date", p.ID, "a role is delegated from a day until a day: %v", err)
		}
	}
	switch {
	case p.ID == of.ID:
		return Refuse("same-person", p.ID, "%s cannot stand in for themselves", p.ID)
	case !p.Inside() || p.Left != "":
		return Refuse("no-role", p.ID, "%s is not of the office: a role is delegated among the office's people", p.ID)
	case !is(d.Role, of.Roles...):
		return Refuse("no-role", of.ID, "%s has no role %s to delegate", of.ID, d.Role)
	case d.Role == Operator || d.Role == Member:
		return Refuse("no-role", of.ID, "the role %s is not delegated: an operator gives it to whom it is for", d.Role)
	case is(d.Role, p.Roles...):
		return Refuse("known", p.ID, "%s has the role %s already", p.ID, d.Role)
	case d.Until < d.From || d.Until < on:
		return Refuse("bad-term", p.ID, "a delegation from %s until %s would never hold", d.From, d.Until)
	}
	p.Delegations = append(p.without(of.ID, d.Role), d)
	return nil
}

// EndDelegation ends what another person delegated, at once.
func (p *Person) EndDelegation(of PersonID, role Role) error {
	left := p.without(of, role)
	if len(left) == len(p.Delegations) {
		return Refuse("not-found", p.ID, "%s does not stand in for %s as %s", p.ID, of, role)
	}
	p.Delegations = left
	return nil
}

func (p *Person) without(of PersonID, role Role) []Delegation {
	return slices.DeleteFunc(slices.Clone(p.Delegations), func(d Delegation) bool { return d.For == of && d.Role == role })
}

// With is the person with the roles that others delegated and that hold on a day,
// for what they may do. It is not to be saved.
func (p *Person) With(on Day) *Person {
	with := *p
	with.Roles = slices.Clone(p.Roles)
	for _, d := range p.Delegations {
		if d.On(on) && !slices.Contains(with.Roles, d.Role) {
			with.Roles = append(with.Roles, d.Role)
		}
	}
	return &with
}

// StandsIn is for whom the person acts in one of some roles on a day, or "": a
// role of their own goes before.
func (p *Person) StandsIn(on Day, roles ...Role) PersonID {
	if p.Has(roles...) {
		return ""
	}
	for _, d := range p.Delegations {
		if d.On(on) && slices.Contains(roles, d.Role) {
			return d.For
		}
	}
	return ""
}

// StandsFor reports whether the person acts for another in a role on a day.
func (p *Person) StandsFor(of PersonID, role Role, on Day) bool {
	return slices.ContainsFunc(p.Delegations, func(d Delegation) bool { return d.For == of && d.Role == role && d.On(on) })
}
