package office

import (
	"context"
	"fmt"

	"darsd/dars"
	"darsd/store"
)

// Complaints is the wing for what people say of the office and of recipients.
type Complaints struct{ *Office }

// Add records a complaint, or other feedback. It is answered within 20 working days of
// the day on which it came.
func (o Complaints) Add(ctx context.Context, a dars.Act, c dars.Complaint) (id dars.ComplaintID, due dars.Day, err error) {
	err = o.do(ctx, a, "complaint add", func(tx *store.Tx, _ *dars.Person) error {
		if err := c.Check(); err != nil {
			return err
		}
		if err := about(tx, &c); err != nil {
			return err
		}
		on := o.today(a)
		if c.Received == "" {
			c.Received = on
		}
		if _, err := dars.ParseDay(string(c.Received)); err != nil || c.Received > on {
			return dars.Refuse("in-future", "complaint", "a complaint cannot have come on %s: say today or a day before", c.Received)
		}
		ref, err := number(tx, "complaint", "COMP-")
		if err != nil {
			return err
		}
		if c.Due, err = o.workingDays(tx, c.Received, dars.ComplaintDays); err != nil {
			return err
		}
		c.ID, c.State, c.By = dars.ComplaintID(ref), dars.ComplaintRecorded, a.Who
		id, due = c.ID, c.Due
		return keep(tx, a, "complaint add", &c, func(tx *store.Tx, c *dars.Complaint) error {
			return write(tx, a, letter{Roles: []dars.Role{dars.Compliance}, Dates: []dars.Date{deadlineDate(c, c.Deadlines()[0])},
				Subject: fmt.Sprintf("%s: %s, to be answered by %s", c.ID, dars.Meaning(dars.ComplaintKinds, c.Kind), c.Due.Long()),
				Body:    fmt.Sprintf("It came from %s, and is about %s:\n\n%s\n\n    darsd complaint answer %s OUTCOME TEXT\n", dars.Meaning(dars.ComplainantClasses, c.From), dars.Meaning(dars.ComplaintSubjects, c.About), quoted(c.Text), c.ID)})
		})
	})
	return id, due, err
}

// about says of whom a complaint tells: of an agreement alone it is who it is with.
func about(tx *store.Tx, c *dars.Complaint) error {
	if c.Org == "" && c.Agreement != "" {
		g, err := store.Get[dars.Agreement](tx, c.Agreement)
		if err != nil {
			return err
		}
		c.Org = g.Org
	}
	if c.Org == "" {
		return nil
	}
	return concerns(tx, c.Org, c.Agreement)
}

// Answer is the office's answer. A complaint of a recipient that is right leads to an
// audit.
func (o Complaints) Answer(ctx context.Context, a dars.Act, id dars.ComplaintID, outcome, text string) (audit dars.AuditID, err error) {
	err = o.do(ctx, a, "complaint answer", func(tx *store.Tx, _ *dars.Person) error {
		c, err := store.Get[dars.Complaint](tx, id)
		if err != nil {
			return err
		}
		date := deadlineDate(c, dars.Deadline{Ladder: dars.LadderComplaint, Day: c.Due})
		if err := c.Reply(inName(tx, a), outcome, text, o.today(a)); err != nil {
			return err
		}
		if c.Leads() {
			if c.Audit, err = o.trigger(tx, a, c.Org, c.Agreement, "COMPLAINT", fmt.Sprintf("complaint %s was right, in whole or in part", c.ID)); err != nil {
				return err
			}
			audit = c.Audit
		}
		return keep(tx, a, "complaint answer", c, func(tx *store.Tx, c *dars.Complaint) error {
			return write(tx, a, letter{Roles: []dars.Role{dars.Compliance}, Dates: gone(date),
				Subject: fmt.Sprintf("%s: answered", c.ID), Body: fmt.Sprintf("Complaint %s is answered: %s.\n", c.ID, dars.Meaning(dars.ComplaintOutcomes, c.Outcome))})
		})
	})
	return audit, err
}
