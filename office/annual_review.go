package office

import (
	"context"
	"fmt"
	"strconv"

	"darsd/dars"
	"darsd/store"
)

// Review notes that the annual review of an agreement is done, and what it has found:
// its reminders end with that.
func (o Agreements) Review(ctx context.Context, a dars.Act, id dars.AgreementID, note string) (r *dars.AnnualReview, err error) {
	err = o.do(ctx, a, "agreement review", func(tx *store.Tx, _ *dars.Person) error {
		g, err := store.Get[dars.Agreement](tx, id)
		if err != nil {
			return err
		}
		if r, err = g.ReviewDone(inName(tx, a), note, o.today(a)); err != nil {
			return err
		}
		dates, err := o.redated(tx, g)
		if err != nil {
			return err
		}
		if err := keep(tx, a, "agreement review", g); err != nil || len(dates) == 0 {
			return err
		}
		return write(tx, a, letter{To: addressees(g), Dates: dates,
			Subject: fmt.Sprintf("%s: the annual review is done", g.ID),
			Body:    fmt.Sprintf("The annual review of agreement %s that was due on %s is done. Nothing more is needed of you for it.\n", g.ID, r.Due.Long())})
	})
	return r, err
}

// reviews are the annual reviews whose time has come and that are not done.
func (l *waiting) reviews() error {
	if l.who.May("agreement review") != nil {
		return nil
	}
	all, err := store.Between[dars.Agreement](l.tx, "review", "", string(l.on))
	for _, g := range all {
		if r := g.ReviewDue(l.on); r != nil {
			l.all = append(l.all, Todo{"agreement", string(g.ID), "darsd agreement review " + string(g.ID) + " --note: the annual review", r.Due.Add(-dars.ReviewNotice), r.Due})
			l.dated(len(l.all)-1, g, dars.LadderReview, strconv.Itoa(r.Year))
		}
	}
	return err
}
