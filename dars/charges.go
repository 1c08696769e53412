package dars

import "slices"

// A CaseQuote is what a case is to cost: as the office has offered it, and as who
// applies has agreed to it before the work. What it was before stays in it.
type CaseQuote struct {
	Application ApplicationID `json:"application"`
	Stem        string        `json:"ref"`
	State       QuoteState    `json:"state"`
	Quote       Quote         `json:"quote"`
	By          PersonID      `json:"by"` // who offered it, or agreed to it
	On          Day           `json:"on"`
	Why         string        `json:"why,omitempty"`            // it was offered anew
	Order       string        `json:"purchase_order,omitempty"` // its number with who pays
	Before      []CaseQuote   `json:"before,omitempty"`         // the oldest first
}

// A QuoteState is where a quote is in its life.
type QuoteState string

const (
	QuoteOffered QuoteState = "offered" // by the office, which says how much of each item there is
	QuoteAgreed  QuoteState = "agreed"  // by who applies
)

// QuoteLife is every step of a quote.
//
//	offered ──▶ agreed
//	   ▲───────────┘  by the office, for a reason
var QuoteLife = Life[QuoteState]{
	QuoteOffered: {QuoteAgreed, QuoteOffered},
	QuoteAgreed:  {QuoteOffered},
}

func (c *CaseQuote) Card() Card {
	return Card{"quote", string(c.Application), string(c.State), []Key{By("case", c.Stem), By("application", c.Application)}}
}

// OfferQuote puts a quote before who applies, in place of the one before it, which
// is nil for the first. One that was agreed is not changed without a reason.
func (p *Application) OfferQuote(a Act, before *CaseQuote, q Quote, on Day) (*CaseQuote, error) {
	offered := &CaseQuote{Application: p.ID(), Stem: p.Stem, State: QuoteOffered, Quote: q, By: a.Who, On: on, Why: a.Why}
	if before == nil {
		return offered, nil
	}
	if before.State == QuoteAgreed && a.Why == "" {
		return nil, Refuse("no-reason", p.ID(), "charges of %s were agreed for application %s on %s: say with --reason why they are to change", before.Quote.Total, p.ID(), before.On)
	}
	last := *before
	last.Before = nil
	offered.Before = append(append([]CaseQuote{}, before.Before...), last)
	return offered, nil
}

// AgreeQuote is the word of who applies to what was offered, with the number of
// the purchase order from which it is paid.
func (p *Application) AgreeQuote(a Act, c *CaseQuote, order string, on Day) error {
	if err := p.Chargeable(); err != nil {
		return err
	}
	if c.State == QuoteAgreed {
		return Refuse("agreed", p.ID(), "charges of %s were agreed for application %s on %s: only the office can offer others, with darsd quote offer and a reason", c.Quote.Total, p.ID(), c.On)
	}
	if order != "" {
		if err := CheckText(string(p.ID()), "the purchase order", order); err != nil {
			return err
		}
	}
	c.State, c.By, c.On, c.Order = QuoteAgreed, a.Who, on, order
	return nil
}

// Chargeable refuses an application whose charges cannot be agreed: that is possible
// from its acceptance, whose day fixes the prices, until the work is done.
func (p *Application) Chargeable() error {
	switch k := p.Clock; {
	case k.Started == "":
		return Refuse("not-accepted", p.ID(), "application %s is %s: its charges are agreed when it is accepted, by the price list of that day", p.ID(), p.State)
	case k.Stopped != "":
		return Refuse("too-late", p.ID(), "charges are agreed before the work, and application %s came to its end on %s: %s", p.ID(), k.Stopped, k.StoppedBy)
	}
	return nil
}

// Agreed is the newest quote that who applies has agreed to, or nil: an offer that came
// after it binds nobody yet.
func (c *CaseQuote) Agreed() *CaseQuote {
	if c.State == QuoteAgreed {
		return c
	}
	for _, before := range slices.Backward(c.Before) {
		if before.State == QuoteAgreed {
			return &before
		}
	}
	return nil
}
