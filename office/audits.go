package office

import (
	"context"
	"fmt"
	"slices"

	"darsd/dars"
	"darsd/store"
)

// Open triggers an audit. One that is chosen for its risk says what the risk is.
func (o Audits) Open(ctx context.Context, a dars.Act, org dars.OrgCode, agreement dars.AgreementID, trigger string) (id dars.AuditID, err error) {
	err = o.do(ctx, a, "audit open", func(tx *store.Tx, _ *dars.Person) error {
		if err := dars.CheckTrigger(trigger); err != nil {
			return err
		}
		if err := concerns(tx, org, agreement); err != nil {
			return err
		}
		switch waits, err := notBegun(tx, org, agreement, trigger); {
		case err != nil:
			return err
		case waits != nil:
			return dars.Refuse("open-already", waits.ID, "audit %s of %s is open for the same reason and has not begun", waits.ID, org)
		}
		var risk []dars.RiskLine
		if trigger == "ROUTINE" {
			if risk, err = o.riskOf(tx, org, o.today(a)); err != nil {
				return err
			}
		}
		id, err = o.trigger(tx, a, org, agreement, trigger, a.Why, risk...)
		return err
	})
	return id, err
}

// concerns refuses an organisation that there is not, and an agreement to which it is no
// party.
func concerns(tx *store.Tx, org dars.OrgCode, agreement dars.AgreementID) error {
	if _, err := store.Get[dars.Organisation](tx, org); err != nil || agreement == "" {
		return err
	}
	g, err := store.Get[dars.Agreement](tx, agreement)
	if err == nil && g.Org != org && !slices.Contains(parties(g), org) {
		err = dars.Refuse("not-a-party", agreement, "%s is no party to agreement %s", org, agreement)
	}
	return err
}

// trigger opens an audit, and tells the auditors. Who is audited is told when its days
// are known. One that waits for the same reason is told the further one.
func (o *Office) trigger(tx *store.Tx, a dars.Act, org dars.OrgCode, agreement dars.AgreementID, trigger, reason string, risk ...dars.RiskLine) (dars.AuditID, error) {
	waits, err := notBegun(tx, org, agreement, trigger)
	if err != nil {
		return "", err
	}
	if waits != nil {
		waits.Also(reason)
		if err := tx.Save(a, "audit open", waits); err != nil {
			return "", err
		}
		return waits.ID, write(tx, a, letter{Roles: []dars.Role{dars.Auditor, dars.Compliance},
			Subject: fmt.Sprintf("%s: one more reason for the audit of %s", waits.ID, org),
			Body:    fmt.Sprintf("Audit %s of %s has not begun, and there is one more reason for it: %s.\n", waits.ID, org, reason)})
	}
	ref, err := number(tx, "audit", "AUD-")
	if err != nil {
		return "", err
	}
	u := &dars.Audit{ID: dars.AuditID(ref), Org: org, Agreement: agreement, Trigger: trigger, Reason: reason, Triggered: o.today(a), State: dars.Triggered, Risk: risk}
	if err := tx.Save(a, "audit open", u); err != nil {
		return "", err
	}
	under := ""
	if agreement != "" {
		under = " under agreement " + string(agreement)
	}
	return u.ID, write(tx, a, letter{Roles: []dars.Role{dars.Auditor, dars.Compliance},
		Subject: fmt.Sprintf("%s: audit of %s triggered", u.ID, org),
		Body:    fmt.Sprintf("Audit %s of %s%s is triggered: %s.\n\n    darsd audit notify %s --from DAY --to DAY\n", u.ID, org, under, reason, u.ID)})
}

// Notify announces an audit to who is audited: the areas that are looked at, and the
// days.
func (o Audits) Notify(ctx context.Context, a dars.Act, id dars.AuditID, scope []string, from, to dars.Day) error {
	return one(ctx, o.Office, a, "audit notify", id,
		func(a dars.Act, u *dars.Audit) error { return u.Notify(a, scope, from, to, o.today(a)) },
		func(tx *store.Tx, u *dars.Audit) error {
			if err := owePaper(tx, a, "audit", string(u.ID)); err != nil {
				return err
			}
			return o.tellAudited(tx, a, u, letter{
				Dates:   []dars.Date{{ID: "audit-" + string(u.ID), Summary: fmt.Sprintf("Audit %s begins", u.ID), On: u.From}},
				Subject: fmt.Sprintf("%s: we will audit you from %s to %s", u.ID, u.From.Long(), u.To.Long()),
				Body:    fmt.Sprintf("Audit %s is from %s to %s. The letter, which says what is looked at and what to have ready, lies under papers/ in your SFTP folder.\n", u.ID, u.From.Long(), u.To.Long())})
		})
}

// Begin says that the auditors are there.
func (o Audits) Begin(ctx context.Context, a dars.Act, id dars.AuditID) error {
	return one(ctx, o.Office, a, "audit begin", id, func(a dars.Act, u *dars.Audit) error { return u.Begin(a, o.today(a)) })
}

// Find notes a finding. The owner is a person of who is audited, by login; nobody named
// is who speaks for the agreement. A finding that is a breach leads to a sanction at
// once, at the step that its kind sets.
func (o Audits) Find(ctx context.Context, a dars.Act, id dars.AuditID, f dars.AuditFinding, owner string) (n int, sanction dars.SanctionID, err error) {
	err = o.do(ctx, a, "audit finding", func(tx *store.Tx, _ *dars.Person) error {
		u, err := store.Get[dars.Audit](tx, id)
		if err != nil {
			return err
		}
		if f.Owner, err = o.owner(tx, u, owner); err != nil {
			return err
		}
		if n, err = u.Find(inName(tx, a), f, o.today(a)); err != nil {
			return err
		}
		if err := independent(tx, a, u); err != nil {
			return err
		}
		if f.Breach == "" {
			return keep(tx, a, "audit finding", u)
		}
		sanction, err = o.breached(tx, a, "audit finding", &dars.Sanction{Org: u.Org, Agreement: u.Agreement, Audit: u.ID, Breach: f.Breach, Reason: f.Text})
		if err != nil {
			return err
		}
		u.Findings[n-1].Sanction = sanction
		return keep(tx, a, "audit finding", u)
	})
	return n, sanction, err
}

// owner is who is to see to something in an audit.
func (o Audits) owner(tx *store.Tx, u *dars.Audit, login string) (dars.PersonID, error) {
	if login == "" {
		to, err := answerable(tx, u.Org, u.Agreement)
		if err != nil || len(to) == 0 {
			return "", err
		}
		return to[0], nil
	}
	p, err := byLogin(tx, login)
	if err != nil {
		return "", err
	}
	if !p.Inside() && p.Org != u.Org {
		return "", dars.Refuse("not-a-party", u.ID, "%s is of %s, and audit %s is of %s", login, p.Org, u.ID, u.Org)
	}
	return p.ID, nil
}

// Report ends the field work. Its report is a paper of who is audited, who has twenty
// working days to answer it.
func (o Audits) Report(ctx context.Context, a dars.Act, id dars.AuditID, risk, opinion string) error {
	return o.do(ctx, a, "audit report", func(tx *store.Tx, _ *dars.Person) error {
		by, err := o.workingDays(tx, o.today(a), dars.AuditAnswerDays)
		if err != nil {
			return err
		}
		u, err := store.Get[dars.Audit](tx, id)
		if err != nil {
			return err
		}
		if err := u.Report(inName(tx, a), risk, opinion, by, o.today(a)); err != nil {
			return err
		}
		if err := independent(tx, a, u); err != nil {
			return err
		}
		if err := keep(tx, a, "audit report", u); err != nil {
			return err
		}
		if err := owePaper(tx, a, "audit-report", string(u.ID)); err != nil {
			return err
		}
		return o.tellAudited(tx, a, u, letter{
			Dates:   []dars.Date{deadlineDate(u, u.Deadlines()[0])},
			Subject: fmt.Sprintf("%s: the report; answer it by %s", u.ID, by.Long()),
			Body: fmt.Sprintf("Audit %s has found %d things, and leaves a risk that is %s. The report lies under papers/ in your SFTP folder.\n\nSay by %s whether you accept its findings, and what you will do about each, by when:\n\n    darsd audit respond %[1]s --accept TEXT\n",
				u.ID, len(u.Findings), dars.Meaning(dars.RiskLevels, risk), by.Long())})
	})
}

// Respond is the answer of who was audited to the report, or of an auditor for them.
func (o Audits) Respond(ctx context.Context, a dars.Act, id dars.AuditID, accepts bool, text string) error {
	return o.do(ctx, a, "audit respond", func(tx *store.Tx, who *dars.Person) error {
		u, err := store.Get[dars.Audit](tx, id)
		if err != nil {
			return err
		}
		if err := ownCase(who, u.Org, "audit", string(id)); err != nil {
			return err
		}
		if !who.Inside() && !u.Announced() {
			return dars.Refuse("not-found", id, "there is no audit %s", id)
		}
		if err := u.Respond(inName(tx, a), accepts, text, o.today(a)); err != nil {
			return err
		}
		return keep(tx, a, "audit respond", u, func(tx *store.Tx, u *dars.Audit) error {
			said := map[bool]string{true: "accepts the findings", false: "does not accept all findings"}[accepts]
			return write(tx, a, letter{Roles: []dars.Role{dars.Auditor}, Subject: fmt.Sprintf("%s: %s has answered the report", u.ID, u.Org),
				Body: fmt.Sprintf("%s %s:\n\n%s\n\nAgree the actions:\n\n    darsd audit action %s FINDING TEXT --due DAY\n", u.Org, said, quoted(text), u.ID)})
		})
	})
}

// FollowUp says what risk is left when the evidence was looked at.
func (o Audits) FollowUp(ctx context.Context, a dars.Act, id dars.AuditID, risk, opinion string) error {
	return one(ctx, o.Office, a, "audit follow-up", id, func(a dars.Act, u *dars.Audit) error { return u.FollowUp(a, risk, opinion, o.today(a)) },
		func(tx *store.Tx, u *dars.Audit) error { return independent(tx, a, u) },
		func(tx *store.Tx, u *dars.Audit) error { return owePaper(tx, a, "audit-follow-up", string(u.ID)) })
}

// Close ends an audit of which nothing is left to be done. A sanction that it has led to
// is lifted before.
func (o Audits) Close(ctx context.Context, a dars.Act, id dars.AuditID) error {
	return one(ctx, o.Office, a, "audit close", id, func(a dars.Act, u *dars.Audit) error { return u.Close(a, o.today(a)) },
		func(tx *store.Tx, u *dars.Audit) error { return independent(tx, a, u) },
		func(tx *store.Tx, u *dars.Audit) error {
			standing, err := sanctionOf(tx, u)
			if err != nil {
				return err
			}
			if standing != nil {
				return dars.Refuse("sanctioned", id, "audit %s has led to sanction %s, which is %s: lift it first, with darsd sanction lift %s", id, standing.ID, standing.State, standing.ID)
			}
			return o.tellAudited(tx, a, u, letter{Subject: fmt.Sprintf("%s: the audit is closed", u.ID),
				Body: fmt.Sprintf("Audit %s is closed. Nothing more is needed of you for it.\n", u.ID)})
		})
}

// tellAudited writes to who is audited.
func (o *Office) tellAudited(tx *store.Tx, a dars.Act, u *dars.Audit, l letter) (err error) {
	if l.To, err = answerable(tx, u.Org, u.Agreement); err != nil || len(l.To) == 0 {
		return err
	}
	return write(tx, a, l)
}

// answerable are whom the office writes to about an organisation: who speaks for an
// agreement, or for each that it has; or else anybody of it.
func answerable(tx *store.Tx, org dars.OrgCode, agreement dars.AgreementID) (to []dars.PersonID, err error) {
	var under []*dars.Agreement
	if agreement != "" {
		g, err := store.Get[dars.Agreement](tx, agreement)
		if err != nil {
			return nil, err
		}
		under = append(under, g)
	} else if under, err = store.Find[dars.Agreement](tx, dars.By("org", org)); err != nil {
		return nil, err
	}
	for _, g := range under {
		if g.Org == org && !slices.Contains(to, g.Contact) {
			to = append(to, g.Contact)
		}
	}
	if len(to) > 0 {
		return to, nil
	}
	all, err := store.Find[dars.Person](tx, dars.By("org", org))
	for _, p := range all {
		if !p.Gone() {
			to = append(to, p.ID)
		}
	}
	return to, err
}

// workingDays is the day so many days of service after another. Where the bank holidays
// of its year are not known yet only weekends are left out: nobody is turned away for
// that.
func (o *Office) workingDays(tx *store.Tx, from dars.Day, n int) (dars.Day, error) {
	days, err := o.calendar(tx, "")
	if err != nil {
		return "", err
	}
	by, _ := days.AddWorking(from, n)
	return by, nil
}
