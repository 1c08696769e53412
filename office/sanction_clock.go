package office

import (
	"fmt"
	"strings"

	"darsd/dars"
	"darsd/store"
)

// What is late climbs the ladder of sanctions by the clock: the same duties that
// run-due does and forecast foresees.

// lateActions is the duty to begin a sanction for actions of an audit that are late.
func lateActions() dutyKind {
	return dutyOf("sanction", []dars.AuditState{dars.Actions, dars.FollowedUp}, func(s *steps, u *dars.Audit) []coming {
		due := u.SanctionDue(s.policy.Sanctions)
		if due == "" {
			return nil
		}
		return []coming{{Duty: Duty{Step: "sanction", Due: due}}}
	}, Clock.sanctionLate)
}

// climbing is the duty to take the next step of a sanction whose actions are still not
// done.
func climbing() dutyKind {
	return dutyOf("climb", []dars.SanctionState{dars.Warned, dars.OnHold, dars.Suspended}, func(s *steps, n *dars.Sanction) []coming {
		due := n.NextOn(s.policy.Sanctions)
		if due == "" {
			return nil
		}
		return []coming{{Duty: Duty{Step: "climb", Due: due}}}
	}, Clock.climb)
}

// sanctionLate begins a sanction for actions that are late, or adds them to the one to
// which the audit has led already.
func (o Clock) sanctionLate(tx *store.Tx, a dars.Act, d Duty) (result, error) {
	u, err := store.Get[dars.Audit](tx, d.Ref)
	if err != nil {
		return result{}, err
	}
	on := o.today(a)
	if due := u.SanctionDue(o.Policy.Sanctions); due == "" || due > on {
		return result{}, dars.Refuse("nothing-due", u.ID, "audit %s has no action that is late and has led to nothing", u.ID)
	}
	s, err := sanctionOf(tx, u)
	if err != nil {
		return result{}, err
	}
	standing := s != nil
	if !standing {
		ref, err := number(tx, "sanction", "SAN-")
		if err != nil {
			return result{}, err
		}
		s = &dars.Sanction{ID: dars.SanctionID(ref), Org: u.Org, Agreement: u.Agreement, Audit: u.ID}
	}
	actions := u.Sanctioned(s.ID, o.Policy.Sanctions, on)
	if err := tx.Save(a, "audit late", u); err != nil {
		return result{}, err
	}
	if standing {
		s.Join(u.WaitsOf(s.ID), on)
		err = o.joined(tx, a, s, u, actions)
	} else {
		s.Waits = u.WaitsOf(s.ID)
		err = o.sanction(tx, a, "sanction begin", s, dars.Warned, actions)
	}
	return result{to: string(u.State), step: string(s.State)}, err
}

// joined keeps a sanction that more actions were put to, and writes so: nobody goes a
// step up the ladder who was not told for what.
func (o Clock) joined(tx *store.Tx, a dars.Act, s *dars.Sanction, u *dars.Audit, actions []int) error {
	if err := tx.Save(a, "audit late", s); err != nil {
		return err
	}
	numbers := strings.Trim(fmt.Sprint(actions), "[]")
	body := fmt.Sprintf("Agreed in audit %s and late: %s. Sanction %s, which is at its %s, stands for that too.\n", u.ID, numbers, s.ID, s.State)
	if next := s.NextOn(o.Policy.Sanctions); next != "" {
		body += fmt.Sprintf("\nIts next step is taken from %s on, unless they are done before.\n", next.Long())
	}
	return o.tellSanctioned(tx, a, s, fmt.Sprintf("%s: more actions are late: %s", s.ID, numbers), body)
}

// climb takes the next step of a sanction.
func (o Clock) climb(tx *store.Tx, a dars.Act, d Duty) (result, error) {
	s, err := store.Get[dars.Sanction](tx, d.Ref)
	if err != nil {
		return result{}, err
	}
	on := o.today(a)
	if due := s.NextOn(o.Policy.Sanctions); due == "" || due > on {
		return result{}, dars.Refuse("nothing-due", s.ID, "sanction %s goes no further now", s.ID)
	}
	u, err := store.Get[dars.Audit](tx, s.Audit)
	if err != nil {
		return result{}, err
	}
	var late []int
	for _, t := range u.Overdue(on) {
		if t.Sanction == s.ID {
			late = append(late, t.N)
		}
	}
	if err := o.climbs(tx, a, "sanction climb", s, late); err != nil {
		return result{}, err
	}
	return result{to: string(s.State), step: string(s.State)}, nil
}
