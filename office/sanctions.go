package office

import (
	"context"
	"fmt"

	"darsd/dars"
	"darsd/store"
)

// Breach records that a recipient has broken its contract. A sanction begins at the step
// that the kind of the breach sets; where no audit has found it, one is opened.
func (o Audits) Breach(ctx context.Context, a dars.Act, org dars.OrgCode, agreement dars.AgreementID, kind string) (id dars.SanctionID, audit dars.AuditID, err error) {
	err = o.do(ctx, a, "sanction breach", func(tx *store.Tx, _ *dars.Person) error {
		b, err := dars.BreachOf(kind)
		if err != nil {
			return err
		}
		if err := concerns(tx, org, agreement); err != nil {
			return err
		}
		if err := dars.CheckText(string(org), "what happened (--reason)", a.Why); err != nil {
			return err
		}
		if audit, err = o.trigger(tx, a, org, agreement, b.Triggers(), b.Means); err != nil {
			return err
		}
		id, err = o.breached(tx, a, "sanction breach", &dars.Sanction{Org: org, Agreement: agreement, Audit: audit, Breach: kind, Reason: a.Why})
		return err
	})
	return id, audit, err
}

// breached begins the sanction for a breach.
func (o *Office) breached(tx *store.Tx, a dars.Act, act string, s *dars.Sanction) (dars.SanctionID, error) {
	b, err := dars.BreachOf(s.Breach)
	if err != nil {
		return "", err
	}
	a.Why = s.Reason
	return s.ID, o.sanction(tx, a, act, s, b.Starts, nil)
}

// sanction begins one, and gives it its number.
func (o *Office) sanction(tx *store.Tx, a dars.Act, act string, s *dars.Sanction, at dars.SanctionState, actions []int) error {
	until, err := o.workingDays(tx, o.today(a), dars.AppealDays)
	if err != nil {
		return err
	}
	if s.ID == "" {
		ref, err := number(tx, "sanction", "SAN-")
		if err != nil {
			return err
		}
		s.ID = dars.SanctionID(ref)
	}
	if err := s.Begin(inName(tx, a), at, actions, until, o.today(a)); err != nil {
		return err
	}
	return o.imposed(tx, a, act, s)
}

// imposed does what a step of a sanction says, at once and on open sessions too, and
// writes to who is sanctioned.
func (o *Office) imposed(tx *store.Tx, a dars.Act, act string, s *dars.Sanction) error {
	if s.Stops(dars.StopReleases) {
		org, err := store.Get[dars.Organisation](tx, s.Org)
		if err != nil {
			return err
		}
		if err := org.SanctionHold(s.ID, heldBecause(s)); err != nil {
			return err
		}
		if err := tx.Save(a, act, org); err != nil {
			return err
		}
	}
	if err := tx.Save(a, act, s); err != nil {
		return err
	}
	if err := owePaper(tx, a, "sanction-"+string(s.State), string(s.ID)); err != nil {
		return err
	}
	step := s.Taken[len(s.Taken)-1]
	err := o.tellSanctioned(tx, a, s, fmt.Sprintf("%s: %s", s.ID, s.State),
		fmt.Sprintf("A sanction is taken against %s: %s. It is for this: %s.\n\nThe letter lies under papers/ in your SFTP folder. You may appeal until %s:\n\n    darsd audit appeal %s TEXT\n", s.Org, s.State.Rung().Means, s.Because(), step.AppealUntil.Long(), s.ID))
	if err != nil || !s.Stops(dars.StopAgreements) {
		return err
	}
	return o.endSanctioned(tx, a, s)
}

// heldBecause is why an organisation is on hold by a sanction.
func heldBecause(s *dars.Sanction) string { return fmt.Sprintf("sanction %s: %s", s.ID, s.Because()) }

// endSanctioned ends the agreement that a sanction is about, or all of the organisation:
// what was sent under them is to be destroyed, as at their end.
func (o *Office) endSanctioned(tx *store.Tx, a dars.Act, s *dars.Sanction) error {
	var all []*dars.Agreement
	if s.Agreement != "" {
		g, err := store.Get[dars.Agreement](tx, s.Agreement)
		if err != nil {
			return err
		}
		all = append(all, g)
	} else {
		for _, key := range []dars.Key{dars.By("org", s.Org), dars.By("controller", s.Org)} {
			some, err := store.Find[dars.Agreement](tx, key)
			if err != nil {
				return err
			}
			all = append(all, some...)
		}
	}
	a.Why = heldBecause(s)
	done := map[dars.AgreementID]bool{}
	for _, g := range all {
		if g.Over() || done[g.ID] {
			continue
		}
		done[g.ID] = true
		if err := g.Terminate(a, o.today(a)); err != nil {
			return err
		}
		if err := o.wind(tx, a, "agreement terminate", g); err != nil {
			return err
		}
	}
	return nil
}

// Raise takes the next step of a sanction, for a reason: its cause is not mended, and
// nobody waits for the clock. Each step is another person's.
func (o Audits) Raise(ctx context.Context, a dars.Act, id dars.SanctionID) error {
	return o.do(ctx, a, "sanction raise", func(tx *store.Tx, _ *dars.Person) error {
		s, err := store.Get[dars.Sanction](tx, id)
		if err != nil {
			return err
		}
		if err := s.MayRaise(inName(tx, a)); err != nil {
			return err
		}
		return o.climbs(tx, a, "sanction raise", s, nil)
	})
}

// climbs takes the next step.
func (o *Office) climbs(tx *store.Tx, a dars.Act, act string, s *dars.Sanction, actions []int) error {
	until, err := o.workingDays(tx, o.today(a), dars.AppealDays)
	if err != nil {
		return err
	}
	if err := s.Climb(inName(tx, a), actions, until, o.today(a)); err != nil {
		return err
	}
	return o.imposed(tx, a, act, s)
}

// Lift ends a sanction whose cause is mended.
func (o Audits) Lift(ctx context.Context, a dars.Act, id dars.SanctionID) error {
	return o.do(ctx, a, "sanction lift", func(tx *store.Tx, _ *dars.Person) error {
		s, err := store.Get[dars.Sanction](tx, id)
		if err != nil {
			return err
		}
		if err := s.Lift(inName(tx, a), o.today(a)); err != nil {
			return err
		}
		if s.Waits != "" {
			return dars.Refuse("actions-open", id, "sanction %s stands for actions of audit %s that are not done: it is lifted when they are, or when an appeal is upheld", id, s.Audit)
		}
		return o.lifted(tx, a, "sanction lift", s)
	})
}

// lifted ends what a sanction has stopped, and says so.
func (o *Office) lifted(tx *store.Tx, a dars.Act, act string, s *dars.Sanction) error {
	org, err := store.Get[dars.Organisation](tx, s.Org)
	if err != nil {
		return err
	}
	switch now, err := org.SanctionOver(s.ID); {
	case err != nil:
		return err
	case now != "":
		other, err := store.Get[dars.Sanction](tx, now)
		if err != nil {
			return err
		}
		org.HeldNowFor(now, heldBecause(other))
	}
	if err := tx.Save(a, act, org); err != nil {
		return err
	}
	if err := tx.Save(a, act, s); err != nil {
		return err
	}
	if err := owePaper(tx, a, "sanction-lifted", string(s.ID)); err != nil {
		return err
	}
	left := ""
	if org.State == dars.OrgOnHold {
		left = " Releases to you stay on hold for another reason."
	}
	return o.tellSanctioned(tx, a, s, fmt.Sprintf("%s: the sanction has ended", s.ID), fmt.Sprintf("Sanction %s against %s has ended.%s What ended meanwhile stays ended.\n", s.ID, s.Org, left))
}

// Appeal notes what is said against the newest step of a sanction, by who is sanctioned,
// or by compliance what came by another way.
func (o Audits) Appeal(ctx context.Context, a dars.Act, id dars.SanctionID, text string) error {
	return o.do(ctx, a, "audit appeal", func(tx *store.Tx, who *dars.Person) error {
		s, err := store.Get[dars.Sanction](tx, id)
		if err != nil {
			return err
		}
		if err := ownCase(who, s.Org, "sanction", string(id)); err != nil {
			return err
		}
		by, err := o.workingDays(tx, o.today(a), dars.AppealDays)
		if err != nil {
			return err
		}
		n, err := s.Appeal(inName(tx, a), text, by, o.today(a))
		if err != nil {
			return err
		}
		return keep(tx, a, "audit appeal", s, func(tx *store.Tx, s *dars.Sanction) error {
			return write(tx, a, letter{Roles: []dars.Role{dars.SIRO, dars.Compliance}, Dates: []dars.Date{deadlineDate(s, s.Deadlines()[0])},
				Subject: fmt.Sprintf("%s: an appeal to be decided by %s", s.ID, by.Long()),
				Body: fmt.Sprintf("%s appeals against the %s of sanction %s:\n\n%s\n\nWho took no part in it decides. Until then the sanction stands, and goes no further.\n\n    darsd sanction decide %[3]s upheld --reason \"…\"\n    darsd sanction decide %[3]s dismissed --reason \"…\"\n",
					s.Org, s.Appeals[n-1].Against, s.ID, quoted(text))})
		})
	})
}

// Decide is the answer to an appeal. One that is upheld lifts the sanction.
func (o Audits) Decide(ctx context.Context, a dars.Act, id dars.SanctionID, outcome string) error {
	return o.do(ctx, a, "sanction decide", func(tx *store.Tx, _ *dars.Person) error {
		s, err := store.Get[dars.Sanction](tx, id)
		if err != nil {
			return err
		}
		dates, err := o.decides(tx, a, s, outcome)
		if err == nil {
			err = apart(tx, a, s)
		}
		if err != nil {
			return err
		}
		if outcome == dars.AppealUpheld {
			if err := o.lifted(tx, a, "sanction decide", s); err != nil {
				return err
			}
		} else if err := keep(tx, a, "sanction decide", s); err != nil {
			return err
		}
		if err := write(tx, a, letter{Roles: []dars.Role{dars.SIRO, dars.Compliance}, Dates: dates,
			Subject: fmt.Sprintf("%s: the appeal is %s", s.ID, outcome), Body: fmt.Sprintf("The appeal of %s against sanction %s is %s.\n", s.Org, s.ID, outcome)}); err != nil {
			return err
		}
		return o.tellSanctioned(tx, a, s, fmt.Sprintf("%s: your appeal is %s", s.ID, outcome),
			fmt.Sprintf("Your appeal against sanction %s is %s:\n\n%s\n", s.ID, outcome, quoted(a.Why)))
	})
}

// decides is the decision on the noun, and the date that calendars lose with it.
func (o *Office) decides(tx *store.Tx, a dars.Act, s *dars.Sanction, outcome string) ([]dars.Date, error) {
	if s.OpenAppeal() == nil {
		return nil, s.Decide(inName(tx, a), outcome, o.today(a))
	}
	date := deadlineDate(s, s.Deadlines()[0])
	return gone(date), s.Decide(inName(tx, a), outcome, o.today(a))
}

// sanctionOf is the sanction to which an audit has led and that stands, or nil.
func sanctionOf(tx *store.Tx, u *dars.Audit) (*dars.Sanction, error) {
	all, err := store.Find[dars.Sanction](tx, dars.By("audit", u.ID))
	for _, s := range all {
		if s.Stands() {
			return s, err
		}
	}
	return nil, err
}

// unsanctioned refuses what a sanction has stopped for one of some organisations, or for
// one that is said to be the same.
func unsanctioned(tx *store.Tx, what dars.Stop, codes ...dars.OrgCode) error {
	codes, err := oneAndTheSame(tx, codes)
	if err != nil {
		return err
	}
	for _, code := range codes {
		all, err := store.Find[dars.Sanction](tx, dars.By("stands", code))
		if err != nil {
			return err
		}
		for _, s := range all {
			if s.Stops(what) {
				return dars.Refuse("sanctioned", code, "%s is under %s by sanction %s: %s", code, s.State, s.ID, s.State.Rung().Means)
			}
		}
	}
	return nil
}

// tellSanctioned writes to who is sanctioned, and that it was done to compliance and the
// auditors.
func (o *Office) tellSanctioned(tx *store.Tx, a dars.Act, s *dars.Sanction, subject, body string) error {
	to, err := answerable(tx, s.Org, s.Agreement)
	if err != nil {
		return err
	}
	if len(to) > 0 {
		if err := write(tx, a, letter{To: to, Subject: subject, Body: body}); err != nil {
			return err
		}
	}
	return write(tx, a, letter{Roles: []dars.Role{dars.Compliance, dars.Auditor}, Subject: subject,
		Body: fmt.Sprintf("For the office. Sanction %s against %s is at: %s.\n\n    darsd sanction show %s\n", s.ID, s.Org, s.State, s.ID)})
}
