package office

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"darsd/dars"
	"darsd/store"
)

// step lets one application take a step towards the decision. Its route is
// computed anew first: what is held may have changed. Who acts for another is
// noted as their delegate.
func (o Committee) step(ctx context.Context, a dars.Act, act, ref string, decide func(*store.Tx, dars.Act, *dars.Application) error, then ...func(*store.Tx, *dars.Application) error) error {
	return o.Office.step(ctx, a, act, ref, func(tx *store.Tx, p *dars.Application) error {
		if err := o.compare(tx, a, p); err != nil {
			return err
		}
		return decide(tx, inName(tx, a), p)
	}, then...)
}

// compare computes the route of an application from what its case holds.
func (o *Office) compare(tx *store.Tx, a dars.Act, p *dars.Application) error {
	held, err := heldBy(tx, p)
	if err == nil {
		p.Compare(held, o.today(a))
	}
	return err
}

// heldBy is what the case of an application has already, or nil.
func heldBy(tx *store.Tx, p *dars.Application) (*dars.Held, error) {
	if p.Kind == dars.NewCase {
		return nil, nil
	}
	all, err := store.Find[dars.Agreement](tx, dars.By("case", p.Stem), dars.By("state", dars.InForce))
	if err != nil || len(all) == 0 {
		return nil, err
	}
	approved, err := store.Get[dars.Application](tx, all[0].Application)
	return &dars.Held{Agreement: all[0], Approved: approved}, err
}

// Route is the way in which an application is decided, computed from what it asks
// and from what its case holds today. It is of the version that would be decided.
func (o Desk) Route(ctx context.Context, a dars.Act, ref string) (p *dars.Application, r dars.Route, err error) {
	if p, err = o.AtWork(ctx, a.Who, ref); err != nil {
		return nil, r, err
	}
	err = o.Store.View(ctx, func(tx *store.Tx) error {
		held, err := heldBy(tx, p)
		if err == nil {
			r = p.Compare(held, o.today(a))
		}
		return err
	})
	return p, r, err
}

// Assess is the word of the information asset owner of each dataset that is
// asked for, or of a delegate.
func (o Committee) Assess(ctx context.Context, a dars.Act, ref string) error {
	return o.step(ctx, a, "decision assess", ref, func(tx *store.Tx, a dars.Act, p *dars.Application) error {
		owners, err := o.owners(tx, &a, p)
		if err != nil {
			return err
		}
		if err := p.Assess(a, owners, o.today(a)); err != nil {
			return err
		}
		return o.grounded(tx, p, o.today(a))
	})
}

// PreReview is the secretary's look before the committee's.
func (o Committee) PreReview(ctx context.Context, a dars.Act, ref string) error {
	return o.step(ctx, a, "decision pre-review", ref, func(tx *store.Tx, a dars.Act, p *dars.Application) error {
		if err := p.PreReview(a, o.today(a)); err != nil {
			return err
		}
		return o.grounded(tx, p, o.today(a))
	})
}

// Present puts an application before DAAG, on the agenda of the meeting that is
// open.
func (o Committee) Present(ctx context.Context, a dars.Act, ref string) error {
	return o.step(ctx, a, "decision present", ref, func(tx *store.Tx, a dars.Act, p *dars.Application) error {
		if _, err := o.owners(tx, &a, p); err != nil {
			return err
		}
		if err := p.Present(a, o.today(a)); err != nil {
			return err
		}
		if err := o.grounded(tx, p, o.today(a)); err != nil {
			return err
		}
		m, err := openMeeting(tx)
		if err != nil {
			return err
		}
		if err := m.Table(p, a.Who); err != nil {
			return err
		}
		return tx.Save(a, "decision present", m)
	})
}

// Outcome notes what the open meeting said of an application, with what that
// leaves to do. The applicant is told, and everybody who has something to do.
func (o Committee) Outcome(ctx context.Context, a dars.Act, ref string, outcome dars.ApplicationState, points ...dars.Point) error {
	return o.step(ctx, a, "decision outcome", ref, func(tx *store.Tx, a dars.Act, p *dars.Application) error {
		m, err := openMeeting(tx)
		if err != nil {
			return err
		}
		if err := m.Outcome(a, p, outcome, o.today(a), points...); err != nil {
			return err
		}
		return tx.Save(a, "decision outcome", m)
	}, func(tx *store.Tx, p *dars.Application) error {
		if outcome == dars.Rejected {
			return o.tell(tx, a, p)
		}
		return tellOutcome(tx, a, p)
	})
}

// tellOutcome writes to the applicant what DAAG said, by mail and as a letter with
// their papers, and to everybody what they are to do.
func tellOutcome(tx *store.Tx, a dars.Act, p *dars.Application) error {
	meeting := p.Advice().Meeting
	if err := tx.Owe(oweDraw, drawing{Kind: "outcome", About: string(p.ID()), At: a.At.UTC(), Meeting: meeting}); err != nil {
		return err
	}
	_, left := p.SaidAt(meeting)
	said := strings.ReplaceAll(string(p.State), "-", " ")
	body := fmt.Sprintf("The Data Access Advisory Group has looked at your application %q (%s %s): %s.\n", p.Form.Title, p.Stem, p.Version(), said)
	if a.Why != "" {
		body += "\n" + quoted(a.Why) + "\n"
	}
	to := []dars.PersonID{p.Form.ContactID}
	for i, t := range left {
		if i == 0 {
			body += "\nWhat is to be done:\n\n"
		}
		whose := "you"
		if t.Owner != dars.TheApplicant {
			whose, to = string(t.Owner), append(to, t.Owner)
		}
		body += fmt.Sprintf("    %d. by %s, %s: %s\n", t.N, t.Due.Long(), whose, oneLine(t.Text))
	}
	if len(left) > 0 {
		body += fmt.Sprintf("\nAnswer what is yours when it is done: put a text file into submit/, named %s-action-N.txt.\n", p.Stem)
	}
	body += "\nThe letter lies under papers/ in your SFTP folder.\n"
	return write(tx, a, letter{To: to, Names: to, Subject: fmt.Sprintf("%s %s: %s", p.Stem, p.Version(), said), Body: body})
}

// Clear is the word of the secretary, or of the chair of the meeting that made it,
// that a caveat is met. When both have said so it is cleared.
func (o Committee) Clear(ctx context.Context, a dars.Act, ref string, n int) error {
	return o.do(ctx, a, "decision clear", func(tx *store.Tx, who *dars.Person) error {
		p, err := atWork(tx, ref)
		if err != nil {
			return err
		}
		part, err := clearsAs(tx, who, p, n)
		if err != nil {
			return err
		}
		if err := p.Clear(inName(tx, a), n, part, o.today(a)); err != nil {
			return err
		}
		if err := tx.Save(a, "decision clear", p); err != nil {
			return err
		}
		if p.Actions[n-1].State != dars.ActionDone {
			return nil
		}
		return write(tx, a, letter{To: []dars.PersonID{p.Form.ContactID, p.Officer},
			Subject: fmt.Sprintf("%s %s: caveat %d is cleared", p.Stem, p.Version(), n),
			Body:    fmt.Sprintf("The caveat on the application %q (%s %s) is cleared:\n\n%s\n", p.Form.Title, p.Stem, p.Version(), quoted(p.Actions[n-1].Text))})
	})
}

// clearsAs says in which part somebody clears a caveat.
func clearsAs(tx *store.Tx, who *dars.Person, p *dars.Application, n int) (string, error) {
	if who.Has(dars.Secretary) {
		return dars.AsSecretary, nil
	}
	if n < 1 || n > len(p.Actions) || p.Actions[n-1].Meeting == "" {
		return dars.AsChair, nil // and Clear says that there is none
	}
	m, err := store.Get[dars.Meeting](tx, p.Actions[n-1].Meeting)
	if err != nil {
		return "", err
	}
	if m.Chair() != who.ID {
		return "", dars.Refuse("not-chair", p.ID(), "caveat %d of %s is cleared by the secretary and by who chaired meeting %s", n, p.ID(), m.ID)
	}
	return dars.AsChair, m.Unbiased(p, who.ID)
}

// SIRO is the decision. Its letter goes out with it.
func (o Committee) SIRO(ctx context.Context, a dars.Act, ref string, approve bool) error {
	return o.step(ctx, a, "decision siro", ref, func(tx *store.Tx, a dars.Act, p *dars.Application) error {
		if err := p.SIRO(a, approve, o.today(a)); err != nil || !approve {
			return err
		}
		return o.grounded(tx, p, o.today(a))
	}, func(tx *store.Tx, p *dars.Application) error { return o.tell(tx, a, p) })
}

// Director is the decision on what the exception covers, and its letter.
func (o Committee) Director(ctx context.Context, a dars.Act, ref string, approve bool) error {
	return o.step(ctx, a, "decision director", ref, func(tx *store.Tx, a dars.Act, p *dars.Application) error {
		if err := p.Director(a, approve, o.today(a)); err != nil || !approve {
			return err
		}
		return o.grounded(tx, p, o.today(a))
	}, func(tx *store.Tx, p *dars.Application) error { return o.tell(tx, a, p) })
}

// tell writes the letter that tells a decision.
func (o Committee) tell(tx *store.Tx, a dars.Act, p *dars.Application) error {
	if err := owePaper(tx, a, "letter", string(p.ID())); err != nil {
		return err
	}
	return write(tx, a, letter{To: []dars.PersonID{p.Form.ContactID},
		Subject: fmt.Sprintf("%s %s: %s", p.Stem, p.Version(), p.State),
		Body:    fmt.Sprintf("Your application %q (%s %s) is %s.\n\nThe letter lies under papers/ in your SFTP folder.\n", p.Form.Title, p.Stem, p.Version(), p.State)})
}

// owners returns the information asset owners of what is asked for, or refuses who
// is none of them and stands in for none. A delegate acts for the first of those
// owners who has not assessed it.
func (o Committee) owners(tx *store.Tx, a *dars.Act, p *dars.Application) (owners []dars.PersonID, err error) {
	for _, d := range p.Form.Datasets {
		known, err := o.Catalogue.Dataset(d.Code)
		if err != nil {
			return nil, err
		}
		owner, err := byLogin(tx, known.IAO)
		if err != nil {
			return nil, fmt.Errorf("the owner of %s: %w", d.Code, err)
		}
		owners = append(owners, owner.ID)
	}
	if slices.Contains(owners, a.Who) {
		a.For = ""
		tx.OnBehalf("")
		return owners, nil
	}
	known, err := actor(tx, *a)
	if err != nil {
		return nil, err
	}
	who, err := acting(tx, known, o.today(*a))
	if err != nil {
		return nil, err
	}
	for _, assessed := range []bool{false, true} {
		for _, owner := range owners {
			if who.StandsFor(owner, dars.IAO, o.today(*a)) && slices.Contains(p.AssessedBy, owner) == assessed {
				a.For = owner
				tx.OnBehalf(owner)
				return owners, nil
			}
		}
	}
	return nil, dars.Refuse("not-owner", p.ID(), "what application %s asks for belongs to %s: its owners, or their delegates, assess and present it", p.ID(), strings.Trim(fmt.Sprint(owners), "[]"))
}
