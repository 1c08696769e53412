package office

import (
	"context"
	"errors"
	"fmt"
	"path"
	"slices"
	"time"

	"darsd/dars"
	"darsd/store"
)

// Shelf is all that somebody may see and owes, at one moment.
type Shelf struct {
	Person       *dars.Person
	Organisation *dars.Organisation // nil for the office's own
	Open         []OpenRelease
	Closed       []string // what is published and may not be collected just now, and why
	Papers       []*dars.Paper
	Receipts     []*dars.Receipt
	Answered     []*dars.Query // questions to the query desk
	Todo         []Todo
	Dates        []dars.Date // of all that concerns them and has a day
	Coming       []Coming    // what recurs, and comes next
	Head         int64       // of the log, as it is looked at

	Applications []*dars.Application // of their organisation
	Enquiries    []*dars.Enquiry     // their own
}

// An OpenRelease can be collected.
type OpenRelease struct {
	*dars.Release
	Title string
	Until dars.Day // the last day
}

// Path is where it lies in a recipient's tree.
func (r OpenRelease) Path() string { return path.Join("collect", string(r.Agreement), string(r.ID)) }

// Shelf looks at what lies ready for a person.
func (o Desk) Shelf(ctx context.Context, who dars.PersonID, at time.Time) (s *Shelf, err error) {
	err = o.Store.View(ctx, func(tx *store.Tx) error {
		p, err := store.Get[dars.Person](tx, who)
		if err != nil {
			return err
		}
		s = &Shelf{Person: p}
		if s.Head, err = tx.Head(); err != nil {
			return err
		}
		on := o.Calendar.Day(at)
		waits, err := o.waits(tx, p, on)
		if err != nil {
			return err
		}
		if s.Todo = waits.all; p.Inside() {
			s.Dates, err = o.dates(tx, p, waits, nil, on)
			return err
		}
		if s.Organisation, err = store.Get[dars.Organisation](tx, p.Org); err != nil {
			return err
		}
		if s.Open, err = o.open(tx, p, on); err != nil {
			return err
		}
		if s.Dates, err = o.dates(tx, p, waits, s.Open, on); err != nil {
			return err
		}
		if s.Closed, err = o.closed(tx, p, on); err != nil {
			return err
		}
		if s.Coming, err = comingTo(tx, p, on); err != nil {
			return err
		}
		if s.Answered, err = o.answered(tx, p, o.Calendar.Day(at)); err != nil {
			return err
		}
		if s.Papers, err = store.Find[dars.Paper](tx, dars.By("for", p.Org)); err != nil {
			return err
		}
		if s.Receipts, err = store.Find[dars.Receipt](tx, dars.By("person", who)); err != nil {
			return err
		}
		if s.Applications, err = store.Find[dars.Application](tx, dars.By("org", p.Org)); err != nil {
			return err
		}
		s.Enquiries, err = store.Find[dars.Enquiry](tx, dars.By("org", p.Org))
		s.Enquiries = slices.DeleteFunc(s.Enquiries, func(e *dars.Enquiry) bool { return e.From != who })
		return err
	})
	return s, err
}

func (o Desk) open(tx *store.Tx, p *dars.Person, on dars.Day) (all []OpenRelease, err error) {
	err = o.theirs(tx, p, on, func(g *dars.Agreement, r *dars.Release, no *dars.Refusal) {
		if no == nil {
			all = append(all, OpenRelease{r, g.Title, dars.Earliest(r.WindowEnds, g.End)})
		}
	})
	return all, err
}

// closed says why somebody may not collect what they otherwise could.
func (o Desk) closed(tx *store.Tx, p *dars.Person, on dars.Day) (why []string, err error) {
	err = o.theirs(tx, p, on, func(_ *dars.Agreement, r *dars.Release, no *dars.Refusal) {
		if no != nil && (r.Open(on) || isHeld(r, on)) {
			why = append(why, fmt.Sprintf("%s cannot be collected: %s", r.ID, no.Sentence))
		}
	})
	return why, err
}

// theirs goes through the releases under agreements in force of which somebody
// is a recipient, with what refuses them on a day, if anything does.
func (o Desk) theirs(tx *store.Tx, p *dars.Person, on dars.Day, each func(*dars.Agreement, *dars.Release, *dars.Refusal)) error {
	agreements, err := store.Find[dars.Agreement](tx, dars.By("recipient", p.ID), dars.By("state", dars.InForce))
	if err != nil {
		return err
	}
	for _, g := range agreements {
		releases, err := store.Find[dars.Release](tx, dars.By("agreement", g.ID))
		if err != nil {
			return err
		}
		for _, r := range releases {
			var no *dars.Refusal
			if err := o.mayRelease(tx, p, r, on); err != nil && !errors.As(err, &no) {
				return err
			}
			each(g, r, no)
		}
	}
	return nil
}
