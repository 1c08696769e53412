package office

import (
	"fmt"
	"strconv"

	"darsd/dars"
	"darsd/store"
)

// audited are the agreements that an audit is about: one, also if it has ended, or all
// of the organisation.
func audited(tx *store.Tx, u *dars.Audit) (under []*dars.Agreement, err error) {
	if u.Agreement != "" {
		g, err := store.Get[dars.Agreement](tx, u.Agreement)
		return []*dars.Agreement{g}, err
	}
	all, err := store.Find[dars.Agreement](tx, dars.By("org", u.Org))
	for _, g := range all {
		if !g.Over() {
			under = append(under, g)
		}
	}
	return under, err
}

// auditOwner is who is to do an action of an audit.
func (r *audience) auditOwner(u *dars.Audit, d dars.Deadline) error {
	n, _ := strconv.Atoi(d.Item)
	if n < 1 || n > len(u.Actions) || u.Actions[n-1].Owner == "" {
		return nil
	}
	p, err := store.Get[dars.Person](r.tx, u.Actions[n-1].Owner)
	switch {
	case err != nil:
		return err
	case p.Inside():
		r.inside = append(r.inside, p.ID)
	case !p.Gone():
		r.add(p.Org, p.ID)
	}
	return nil
}

// auditWords are what a letter about a day of an audit says.
func auditWords(u *dars.Audit, d dars.Deadline, when, left string) (subject, body string) {
	n, _ := strconv.Atoi(d.Item)
	if d.Ladder != dars.LadderAuditAction || n < 1 || n > len(u.Actions) {
		return fmt.Sprintf("%s: answer the report by %s", u.ID, d.Day.Long()),
			fmt.Sprintf("The report of audit %s is to be answered by %s, %s: say whether you accept its findings, and what you will do about each, by when.\n\n    darsd audit respond %[1]s --accept TEXT\n", u.ID, d.Day.Long(), left)
	}
	return fmt.Sprintf("%s: action %d is due %s", u.ID, n, when),
		fmt.Sprintf("Action %d of audit %s is to be done by %s, %s:\n\n%s\n\nShow that it is done:\n\n    darsd audit evidence %[2]s %[1]d TEXT\n\nAn action that stays undone leads to a sanction: a warning, then a hold on all releases, suspension, termination.\n", n, u.ID, d.Day.Long(), left, quoted(u.Actions[n-1].Text))
}
