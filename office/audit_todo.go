package office

import (
	"fmt"

	"darsd/dars"
	"darsd/store"
)

// audits are the next steps of audits: those of the auditors, and what is asked of who is
// audited.
func (l *waiting) audits() error {
	all, err := in[dars.Audit](l, dars.Triggered, dars.Notified, dars.InProgress, dars.Reported, dars.Actions, dars.FollowedUp)
	if err != nil {
		return err
	}
	for _, u := range all {
		ref := string(u.ID)
		switch u.State {
		case dars.Triggered:
			l.may("audit notify", "audit", ref, u.Triggered, "", nil)
		case dars.Notified:
			l.may("audit begin", "audit", ref, u.Notified, u.From, nil)
		case dars.InProgress:
			l.may("audit report", "audit", ref, u.Began, u.To, nil)
		case dars.Reported:
			if len(u.Unplanned()) == 0 && u.Answer != nil {
				l.may("audit close", "audit", ref, u.Answer.On, "", nil)
			}
		case dars.FollowedUp:
			l.may("audit close", "audit", ref, u.After.On, "", nil)
		}
		if u.Announced() && len(u.Deadlines()) > 0 {
			l.onActions(u)
		}
		if u.Answer != nil || u.Reported != "" && u.AnswerBy < l.on {
			for _, f := range u.Unplanned() {
				l.may("audit action", "audit", fmt.Sprintf("%s %d", ref, f.N), u.Reported, f.Due, nil)
			}
		}
		if u.State == dars.Actions && len(u.Unplanned()) == 0 && len(u.Overdue("9999-12-31")) == 0 {
			l.may("audit follow-up", "audit", ref, u.Reported, "", nil)
		}
	}
	return nil
}

// onActions adds what is asked of who is audited, and evidence that waits.
func (l *waiting) onActions(u *dars.Audit) {
	ref := string(u.ID)
	if u.Answer == nil && u.State != dars.FollowedUp {
		l.theirs(u.Org, "audit", ref, "answer the report: darsd audit respond "+ref+" --accept TEXT", u.Reported, u.AnswerBy)
	}
	for _, t := range u.Actions {
		switch {
		case t.State != dars.ActionOpen:
		case t.Waits():
			e := t.Evidence[len(t.Evidence)-1]
			l.may("audit examine", "audit", fmt.Sprintf("%s %d", ref, t.N), e.On, t.Due, dars.Hands{{Step: "handed in", By: e.By}})
		default:
			l.theirs(u.Org, "audit", ref, fmt.Sprintf("show that action %d is done (darsd audit evidence %s %d TEXT): %s", t.N, ref, t.N, oneLine(t.Text)), t.On, t.Due)
		}
	}
}

// sanctions are appeals to be decided, and sanctions whose cause is mended.
func (l *waiting) sanctions() error {
	all, err := in[dars.Sanction](l, dars.Warned, dars.OnHold, dars.Suspended, dars.EndedBySanction)
	for _, s := range all {
		step := s.Taken[len(s.Taken)-1]
		if open := s.OpenAppeal(); open != nil {
			hands := dars.Hands{{Step: "appeal", By: open.By}}
			for _, t := range s.Taken {
				hands = append(hands, dars.Hand{Step: string(t.State), By: t.By})
			}
			l.may("sanction decide", "sanction", string(s.ID), open.On, open.Due, hands)
			continue
		}
		if s.Waits == "" {
			l.may("sanction lift", "sanction", string(s.ID), step.On, "", nil)
		}
		if l.on <= step.AppealUntil && !s.Appealed() {
			l.theirs(s.Org, "sanction", string(s.ID), fmt.Sprintf("you may appeal against the %s: darsd audit appeal %s TEXT", s.State, s.ID), step.On, step.AppealUntil)
		}
	}
	return err
}

// complaints are those that wait for an answer.
func (l *waiting) complaints() error {
	if l.who.May("complaint answer") != nil {
		return nil
	}
	all, err := store.Find[dars.Complaint](l.tx, dars.By("state", dars.ComplaintRecorded))
	for _, c := range all {
		l.may("complaint answer", "complaint", string(c.ID), c.Received, c.Due, nil)
	}
	return err
}
