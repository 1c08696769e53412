package office

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"darsd/dars"
	"darsd/store"
)

// A Charged is what a case costs, and what of it is owed.
type Charged struct {
	*dars.Application
	Quote dars.Quote      // as it was offered or agreed, or as it would be
	Fixed bool            // acceptance has fixed its prices
	Kept  *dars.CaseQuote // as it was offered or agreed; nil, if nothing is yet
	Payer *dars.Organisation

	Account dars.Account // of what is owed
	On      dars.Day
}

// Agreed is what who applies has agreed to, or nil.
func (c Charged) Agreed() *dars.CaseQuote {
	if c.Kept == nil || c.Kept.State != dars.QuoteAgreed {
		return nil
	}
	return c.Kept
}

// History is what was offered and agreed so far, the oldest first.
func (c Charged) History() []dars.CaseQuote {
	if c.Kept == nil {
		return nil
	}
	return append(slices.Clone(c.Kept.Before), *c.Kept)
}

// Quote computes what an application costs. Until it is accepted that is by
// today's list; what was offered stands, unless somebody asks what other
// quantities would cost.
func (o Charges) Quote(ctx context.Context, who dars.PersonID, ref string, instead map[string]int, at time.Time) (c Charged, err error) {
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
		if c.Kept, err = keptQuote(tx, c.Application); err != nil {
			return err
		}
		c.Fixed = c.Clock.Started != ""
		if c.Kept != nil && len(instead) == 0 {
			c.Quote = c.Kept.Quote
		} else if c.Quote, err = o.price(tx, c.Application, instead, o.Calendar.Day(at)); err != nil {
			return err
		}
		c.On = o.Calendar.Day(at)
		c.Account, err = o.account(tx, c.Application, c.Quote)
		return err
	})
	return c, err
}

// Statement is the same for a case of which something may be owed.
func (o Charges) Statement(ctx context.Context, who dars.PersonID, ref string, at time.Time) (Charged, error) {
	c, err := o.Quote(ctx, who, ref, nil, at)
	if err == nil && !c.Fixed {
		err = dars.Refuse("not-accepted", c.ID(), "application %s is %s: nothing is owed for it before it is accepted", c.ID(), c.State)
	}
	return c, err
}

// Offer puts a quote before who applies: how much of each item there is, where the
// form does not say or says otherwise, is the office's to tell.
func (o Charges) Offer(ctx context.Context, a dars.Act, ref string, instead map[string]int) (c *dars.CaseQuote, err error) {
	err = o.do(ctx, a, "quote offer", func(tx *store.Tx, who *dars.Person) error {
		p, err := o.theirs(tx, who, ref)
		if err != nil {
			return err
		}
		if c, err = o.offer(tx, a, p, instead); err != nil {
			return err
		}
		if err := tx.Save(a, "quote offer", c); err != nil {
			return err
		}
		if err := owePaper(tx, a, "quote-offered", string(c.Application)); err != nil {
			return err
		}
		return write(tx, a, letter{To: []dars.PersonID{p.Form.ContactID}, For: p.Form.Organisation,
			Subject: fmt.Sprintf("%s: charges of %s", p.Stem, c.Quote.Total),
			Body:    fmt.Sprintf("The charges for your application %q (%s %s) would be %s. The quote lies under papers/. See it line by line, and agree to it with the number of your purchase order:\n\n    ssh … quote %[5]s\n    ssh … quote agree %[5]s --order NUMBER\n", p.Form.Title, p.Stem, p.Version(), c.Quote.Total, p.ID())})
	})
	return c, err
}

// Agree is the word of who applies to what the office has offered; where it has
// offered nothing, to what the form's own quantities cost.
func (o Charges) Agree(ctx context.Context, a dars.Act, ref, order string) (c *dars.CaseQuote, err error) {
	err = o.do(ctx, a, "quote agree", func(tx *store.Tx, who *dars.Person) error {
		if err := dars.CheckLine(ref, "--order", order); err != nil {
			return err
		}
		p, err := o.theirs(tx, who, ref)
		if err != nil {
			return err
		}
		if c, err = keptQuote(tx, p); err == nil && c == nil {
			c, err = o.offer(tx, a, p, nil)
		}
		if err != nil {
			return err
		}
		if err := p.AgreeQuote(a, c, order, o.today(a)); err != nil {
			return err
		}
		if err := tx.Save(a, "quote agree", c); err != nil {
			return err
		}
		return owePaper(tx, a, "quote", string(c.Application))
	})
	return c, err
}

// offer is a quote in place of the one that is kept, if there is one.
func (o Charges) offer(tx *store.Tx, a dars.Act, p *dars.Application, instead map[string]int) (*dars.CaseQuote, error) {
	before, err := keptQuote(tx, p)
	if err != nil {
		return nil, err
	}
	if err := p.Chargeable(); err != nil {
		return nil, err
	}
	q, err := o.price(tx, p, instead, o.today(a))
	if err != nil {
		return nil, err
	}
	return p.OfferQuote(a, before, q, o.today(a))
}

// theirs is an application that somebody may see.
func (o Charges) theirs(tx *store.Tx, who *dars.Person, ref string) (*dars.Application, error) {
	p, err := atWork(tx, ref)
	if err != nil {
		return nil, err
	}
	return p, ownCase(who, p.Form.Organisation, "application", ref)
}

// price quotes by the list that acceptance has fixed, or by today's before it.
func (o Charges) price(tx *store.Tx, p *dars.Application, instead map[string]int, today dars.Day) (q dars.Quote, err error) {
	f := p.Form
	asked := dars.Asked{Kind: p.Kind, Start: f.Start, End: f.End, Datasets: f.Datasets, Users: len(f.Recipients), Sublicensing: f.Sublicensing != "", Instead: instead}
	versions, err := store.Find[dars.Application](tx, dars.By("case", p.Stem), dars.By("state", dars.Approved))
	if err != nil {
		return q, err
	}
	newest := 0
	for _, before := range versions {
		if before.Major < p.Major && before.Major > newest {
			newest, asked.Held = before.Major, before.Form.Datasets
		}
	}
	on := cmp.Or(p.Clock.Started, today)
	list, err := o.listOf(p, on)
	if err != nil {
		return q, err
	}
	return list.Quote(asked, on)
}

// listOf is the price list of a case: the one that was kept when it was accepted.
// A case has none that is not accepted yet, or was before there was a list.
func (o Charges) listOf(p *dars.Application, on dars.Day) (dars.PriceList, error) {
	if p.Prices != nil {
		return *p.Prices, nil
	}
	return dars.PricesOn(o.Policy.PriceLists(), on)
}

// account is what is charged for an application: by what was agreed, and while nothing
// is, by another quote.
func (o *Office) account(tx *store.Tx, p *dars.Application, otherwise dars.Quote) (a dars.Account, err error) {
	a.Quote = otherwise
	agreed, err := agreedQuote(tx, p)
	if err != nil {
		return a, err
	}
	if agreed != nil {
		a.Quote = agreed.Quote
	}
	agreements, err := store.Find[dars.Agreement](tx, dars.By("case", p.Stem))
	if err != nil {
		return a, err
	}
	for _, g := range agreements {
		under, err := store.Find[dars.Release](tx, dars.By("agreement", g.ID))
		if err != nil {
			return a, err
		}
		if g.Application != p.ID() {
			a.Earlier = append(a.Earlier, under...)
			continue
		}
		a.Agreement, a.Releases = g, append(a.Releases, under...)
	}
	a.Invoices, err = store.Find[dars.Invoice](tx, dars.By("application", p.ID()))
	return a, err
}

// agreedQuote is what who applies has agreed to pay, or nil. An offer that came after it
// changes nothing until it is agreed as well.
func agreedQuote(tx *store.Tx, p *dars.Application) (*dars.CaseQuote, error) {
	kept, err := keptQuote(tx, p)
	if err != nil || kept == nil {
		return nil, err
	}
	return kept.Agreed(), nil
}

// keptQuote is what was offered or agreed for an application, or nil.
func keptQuote(tx *store.Tx, p *dars.Application) (*dars.CaseQuote, error) {
	all, err := store.Find[dars.CaseQuote](tx, dars.By("application", p.ID()))
	if err != nil || len(all) == 0 {
		return nil, err
	}
	return all[0], nil
}
