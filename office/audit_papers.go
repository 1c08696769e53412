package office

import (
	"fmt"

	"darsd/dars"
	"darsd/store"
)

// auditReport is the report of an audit, and, when it was followed up, the one that says
// what came of it.
func (o *Office) auditReport(tx *store.Tx, d drawing, on dars.Day) (name string, org dars.OrgCode, draw func() ([]byte, error), err error) {
	f := dars.AuditReportFacts{On: on}
	if f.Audit, err = store.Get[dars.Audit](tx, d.About); err == nil {
		f.From, err = o.sender(tx, d, "")
	}
	if err != nil {
		return "", "", nil, err
	}
	u := f.Audit
	if f.Organisation, err = store.Get[dars.Organisation](tx, u.Org); err != nil {
		return "", "", nil, err
	}
	if u.Agreement != "" {
		if f.Agreement, err = store.Get[dars.Agreement](tx, u.Agreement); err != nil {
			return "", "", nil, err
		}
	}
	var named []dars.PersonID
	for _, one := range u.Findings {
		named = append(named, one.Owner)
	}
	for _, t := range u.Actions {
		named = append(named, t.Owner)
	}
	if f.People, err = people(tx, named...); err != nil {
		return "", "", nil, err
	}
	name = fmt.Sprintf("Audit-Report-%s.pdf", u.ID)
	if d.Kind == "audit-follow-up" {
		name = fmt.Sprintf("Audit-Follow-up-%s.pdf", u.ID)
	}
	return name, u.Org, func() ([]byte, error) { return o.Works.Papers.AuditReport(f) }, nil
}

// sanctionLetter is the letter about one step of a sanction, or about its end.
func (o *Office) sanctionLetter(tx *store.Tx, d drawing, step dars.SanctionState, on dars.Day) (name string, org dars.OrgCode, draw func() ([]byte, error), err error) {
	f := dars.SanctionFacts{On: on}
	if f.Sanction, err = store.Get[dars.Sanction](tx, d.About); err == nil {
		f.From, err = o.sender(tx, d, "")
	}
	if err != nil {
		return "", "", nil, err
	}
	s := f.Sanction
	for _, t := range s.Taken {
		if t.State == step || step == dars.SanctionLifted {
			f.Step = t
		}
	}
	if step == s.State {
		f.NextOn = s.NextOn(o.Policy.Sanctions)
	}
	f.Ended = step == dars.SanctionLifted
	if f.Organisation, err = store.Get[dars.Organisation](tx, s.Org); err != nil {
		return "", "", nil, err
	}
	if s.Agreement != "" {
		if f.Agreement, err = store.Get[dars.Agreement](tx, s.Agreement); err != nil {
			return "", "", nil, err
		}
	}
	if s.Audit != "" {
		if f.Audit, err = store.Get[dars.Audit](tx, s.Audit); err != nil {
			return "", "", nil, err
		}
	}
	return fmt.Sprintf("Sanction-%s-%s.pdf", s.ID, step), s.Org, func() ([]byte, error) { return o.Works.Papers.SanctionLetter(f) }, nil
}
