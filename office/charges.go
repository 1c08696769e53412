package office

import (
	"context"
	"time"

	"darsd/dars"
	"darsd/store"
)

// A Charged is what a case costs, and what of it is owed.
type Charged struct {
	*dars.Application
	Quote  dars.Quote        // as it was agreed, or as it would be
	Fixed  bool              // the day of acceptance has fixed its prices
	Agreed *dars.AgreedQuote // nil, if nothing is yet
	Owed   dars.Quote        // with what was delivered
	Payer  *dars.Organisation
}

// Quote computes what an application costs. Until it is accepted that is by
// today's list; what was agreed stands, unless somebody asks what other quantities
// would cost.
func (o Charges) Quote(ctx context.Context, who dars.PersonID, ref string, told map[string]int, at time.Time) (c Charged, err error) {
	err = o.Store.View(ctx, func(tx *store.Tx) error {
		p, err := actor(tx, dars.Act{Who: who})
		if err != nil {
			return err
		}
		if c.Application, err = o.theirs(tx, p, ref); err != nil {
			return err
		}
		if c.Payer, err = store.Get[dars.Organisation](tx, c.Form.Organisation); err != nil {
			return err
		}
		if c.Agreed, err = agreedQuote(tx, c.Application); err != nil {
			return err
		}
		if c.Agreed != nil && len(told) == 0 {
			c.Quote, c.Fixed = c.Agreed.Quote, true
		} else if c.Quote, c.Fixed, err = o.price(tx, c.Application, told, o.Calendar.Day(at)); err != nil {
			return err
		}
		c.Owed, err = o.owed(tx, c.Application, c.Quote)
		return err
	})
	return c, err
}

// Invoice is the same for a case of which something is owed.
func (o Charges) Invoice(ctx context.Context, who dars.PersonID, ref string, at time.Time) (Charged, error) {
	c, err := o.Quote(ctx, who, ref, nil, at)
	if err == nil && !c.Fixed {
		err = dars.Refuse("not-accepted", c.ID(), "application %s is %s: nothing is owed for it before it is accepted", c.ID(), c.State)
	}
	return c, err
}

// Agree keeps a quote as what was agreed with who applies, before the work.
func (o Charges) Agree(ctx context.Context, a dars.Act, ref string, told map[string]int, order string) (q *dars.AgreedQuote, err error) {
	err = o.do(ctx, a, "quote agree", func(tx *store.Tx, who *dars.Person) error {
		p, err := o.theirs(tx, who, ref)
		if err != nil {
			return err
		}
		if err := p.Chargeable(); err != nil {
			return err
		}
		quote, _, err := o.price(tx, p, told, o.today(a))
		if err != nil {
			return err
		}
		q = &dars.AgreedQuote{Application: p.ID(), Stem: p.Stem, Quote: quote, By: a.Who, On: o.today(a), Order: order}
		if err := tx.Save(a, "quote agree", q); err != nil {
			return err
		}
		return owePaper(tx, a, "quote", string(q.Application))
	})
	return q, err
}

// theirs is an application that somebody may see.
func (o Charges) theirs(tx *store.Tx, who *dars.Person, ref string) (*dars.Application, error) {
	p, err := resolve(tx, ref)
	if err != nil {
		return nil, err
	}
	return p, ownCase(who, p.Form.Organisation, "application", ref)
}

// price quotes by the list of the day of acceptance, or of today before it.
func (o Charges) price(tx *store.Tx, p *dars.Application, told map[string]int, today dars.Day) (q dars.Quote, fixed bool, err error) {
	asked := dars.Asked{Kind: p.Kind, Start: p.Form.Start, End: p.Form.End, Datasets: p.Form.Datasets, Told: told}
	versions, err := store.Find[dars.Application](tx, dars.By("case", p.Stem), dars.By("state", dars.Approved))
	if err != nil {
		return q, false, err
	}
	newest := 0
	for _, before := range versions {
		if before.Major < p.Major && before.Major > newest {
			newest, asked.Held = before.Major, before.Form.Datasets
		}
	}
	on := today
	if fixed = p.Clock.Started != ""; fixed {
		on = p.Clock.Started
	}
	q, err = dars.Price(o.Policy.PriceLists(), asked, on)
	return q, fixed, err
}

// owed is a quote with what was delivered under the application's agreement.
func (o Charges) owed(tx *store.Tx, p *dars.Application, q dars.Quote) (dars.Quote, error) {
	lists := o.Policy.PriceLists()
	at, err := dars.PricesOn(lists, q.On)
	if err != nil {
		return q, err
	}
	var releases []*dars.Release
	agreements, err := store.Find[dars.Agreement](tx, dars.By("case", p.Stem))
	for _, g := range agreements {
		if g.Application != p.ID() {
			continue
		}
		under, err := store.Find[dars.Release](tx, dars.By("agreement", g.ID))
		if err != nil {
			return q, err
		}
		releases = append(releases, under...)
	}
	return q.Delivered(lists[at].Items["dissemination"], releases), err
}

// agreedQuote is what was agreed for an application, or nil.
func agreedQuote(tx *store.Tx, p *dars.Application) (*dars.AgreedQuote, error) {
	all, err := store.Find[dars.AgreedQuote](tx, dars.By("application", p.ID()))
	if err != nil || len(all) == 0 {
		return nil, err
	}
	return all[0], nil
}
