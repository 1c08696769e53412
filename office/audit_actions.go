package office

import (
	"context"
	"fmt"
	"strings"

	"darsd/dars"
	"darsd/store"
)

// Agree notes what is to be done about a finding, by whom and until when.
func (o Audits) Agree(ctx context.Context, a dars.Act, id dars.AuditID, t dars.AuditAction, owner string) (n int, err error) {
	err = o.do(ctx, a, "audit action", func(tx *store.Tx, _ *dars.Person) error {
		u, err := store.Get[dars.Audit](tx, id)
		if err != nil {
			return err
		}
		if owner != "" {
			if t.Owner, err = o.owner(tx, u, owner); err != nil {
				return err
			}
		}
		if n, err = u.Agree(inName(tx, a), t, o.today(a)); err != nil {
			return err
		}
		if err := independent(tx, a, u); err != nil {
			return err
		}
		if err := keep(tx, a, "audit action", u); err != nil {
			return err
		}
		agreed := u.Actions[n-1]
		return o.tellAudited(tx, a, u, letter{Dates: []dars.Date{auditActionDate(u, agreed)},
			Subject: fmt.Sprintf("%s: action %d is due by %s", u.ID, n, agreed.Due.Long()),
			Body: fmt.Sprintf("Action %d of audit %s is to be done by %s:\n\n%s\n\nWhen it is, show it:\n\n    darsd audit evidence %[2]s %[1]d TEXT\n",
				n, u.ID, agreed.Due.Long(), quoted(agreed.Text))})
	})
	return n, err
}

// auditActionDate is the day of an action, as its reminders have it too.
func auditActionDate(u *dars.Audit, t dars.AuditAction) dars.Date {
	return deadlineDate(u, dars.Deadline{Ladder: dars.LadderAuditAction, Item: fmt.Sprint(t.N), Day: t.Due})
}

// Extend gives an action more time. A sanction that its being late has led to waits as
// long; after one that has ended it leads to another if it is late again.
func (o Audits) Extend(ctx context.Context, a dars.Act, id dars.AuditID, n int, due dars.Day) error {
	return o.do(ctx, a, "audit extend", func(tx *store.Tx, _ *dars.Person) error {
		u, err := store.Get[dars.Audit](tx, id)
		if err != nil {
			return err
		}
		if err := u.Extend(inName(tx, a), n, due, o.today(a)); err != nil {
			return err
		}
		if err := independent(tx, a, u); err != nil {
			return err
		}
		if err := anew(tx, u, n); err != nil {
			return err
		}
		return keep(tx, a, "audit extend", u,
			func(tx *store.Tx, u *dars.Audit) error { return o.reckon(tx, a, "audit extend", u) },
			func(tx *store.Tx, u *dars.Audit) error {
				return o.tellAudited(tx, a, u, letter{Dates: []dars.Date{auditActionDate(u, u.Actions[n-1])},
					Subject: fmt.Sprintf("%s: action %d has until %s", u.ID, n, due.Long()),
					Body:    fmt.Sprintf("Action %d of audit %s has more time: it is to be done by %s.\n", n, u.ID, due.Long())})
			})
	})
}

// HandIn takes in what shows that an action is done: a text, and perhaps a paper.
func (o Audits) HandIn(ctx context.Context, a dars.Act, id dars.AuditID, n int, text, name string, content []byte) error {
	e := dars.AuditEvidence{Text: text}
	hand := func(tx *store.Tx, who *dars.Person) (*dars.Audit, error) {
		u, err := store.Get[dars.Audit](tx, id)
		if err == nil {
			err = ownCase(who, u.Org, "audit", string(id))
		}
		if err != nil {
			return nil, err
		}
		return u, u.HandIn(inName(tx, a), n, e, o.today(a))
	}
	var paper *dars.Paper
	if name != "" {
		err := o.Store.View(ctx, func(tx *store.Tx) error { // before anything is written
			who, err := o.allowed(tx, a, "audit evidence")
			if err == nil {
				_, err = hand(tx, who)
			}
			return err
		})
		if err != nil {
			return err
		}
		brought, err := bring(dars.Evidence{Kind: "other", File: name}, content)
		if err != nil {
			return err
		}
		if err := o.Works.Vault.Write("", received(brought.SHA256), strings.NewReader(brought.content)); err != nil {
			return err
		}
		paper = brought.paper(a, string(id), o.today(a))
	}
	return o.do(ctx, a, "audit evidence", func(tx *store.Tx, who *dars.Person) error {
		if paper != nil {
			if err := o.filed(tx, a, paper); err != nil {
				return err
			}
			e.Paper, e.SHA256 = paper.ID, paper.SHA256
		}
		u, err := hand(tx, who)
		if err != nil {
			return err
		}
		return keep(tx, a, "audit evidence", u, func(tx *store.Tx, u *dars.Audit) error {
			return write(tx, a, letter{Roles: []dars.Role{dars.Auditor}, Subject: fmt.Sprintf("%s: evidence for action %d", u.ID, n),
				Body: fmt.Sprintf("Evidence has come that action %d of audit %s is done:\n\n%s\n\nSomebody who did not hand it in looks at it:\n\n    darsd audit examine %[2]s %[1]d accepted\n", n, u.ID, quoted(text))})
		})
	})
}

// Examine is an auditor's word on the newest evidence for an action.
func (o Audits) Examine(ctx context.Context, a dars.Act, id dars.AuditID, n int, verdict string) error {
	return one(ctx, o.Office, a, "audit examine", id, func(a dars.Act, u *dars.Audit) error { return u.Examine(a, n, verdict, o.today(a)) },
		func(tx *store.Tx, u *dars.Audit) error { return independent(tx, a, u) },
		func(tx *store.Tx, u *dars.Audit) error { return o.reckon(tx, a, "audit examine", u) },
		func(tx *store.Tx, u *dars.Audit) error {
			date, body := auditActionDate(u, u.Actions[n-1]), fmt.Sprintf("Action %d of audit %s is done.\n", n, u.ID)
			date.Gone = verdict == dars.EvidenceAccepted
			if !date.Gone {
				body = fmt.Sprintf("The evidence for action %d of audit %s does not show yet that it is done:\n\n%s\n\nIt is due by %s.\n", n, u.ID, quoted(a.Why), u.Actions[n-1].Due.Long())
			}
			return o.tellAudited(tx, a, u, letter{Dates: []dars.Date{date}, Subject: fmt.Sprintf("%s: evidence for action %d %s", u.ID, n, verdict), Body: body})
		})
}

// reckon tells the sanction of an audit until when its actions may still be done.
func (o *Office) reckon(tx *store.Tx, a dars.Act, act string, u *dars.Audit) error {
	s, err := sanctionOf(tx, u)
	if err != nil || s == nil || s.Waits == u.WaitsOf(s.ID) {
		return err
	}
	s.Waits = u.WaitsOf(s.ID)
	if err := tx.Save(a, act, s); err != nil || s.Waits != "" {
		return err
	}
	return write(tx, a, letter{Roles: []dars.Role{dars.Compliance}, Subject: fmt.Sprintf("%s: its actions are done", s.ID),
		Body: fmt.Sprintf("All actions for which sanction %s of %s stands are done. It goes no further, and stands until it is lifted:\n\n    darsd sanction lift %s --reason \"…\"\n", s.ID, s.Org, s.ID)})
}
