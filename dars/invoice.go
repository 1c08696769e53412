package dars

import (
	"cmp"
	"fmt"
	"slices"
)

// An Invoice asks who applied to pay for what was done under one agreement. The clock
// makes it, once for each occasion, by the quote that was agreed (domain 4.3):
//
//	a release is published, or access granted ──▶ what the application costs, once, and the release
//	an agreement begins under which nothing is delivered, after another ──▶ what the application costs
//	an anniversary of the agreement ──▶ one annual review
type Invoice struct {
	ID          InvoiceID     `json:"id"`
	Occasion    Occasion      `json:"occasion"`
	Release     ReleaseID     `json:"release,omitempty"` // that was delivered
	Year        int           `json:"year,omitempty"`    // that the review ends
	Agreement   AgreementID   `json:"agreement"`
	Application ApplicationID `json:"application"`
	Stem        string        `json:"ref"`
	Org         OrgCode       `json:"organisation"`
	Order       string        `json:"purchase_order,omitempty"`
	Owed        Quote         `json:"owed"`
	On          Day           `json:"on"`
	PayBy       Day           `json:"pay_by"`
	VAT         VAT           `json:"vat"`              // as the office had settled it on that day
	PayTo       []string      `json:"pay_to,omitempty"` // likewise
	State       InvoiceState  `json:"state,omitempty"`  // "" is issued: invoices are older than the word
	Voided      *Voided       `json:"voided,omitempty"`
}

// Voided says how an invoice came to nothing.
type Voided struct {
	By       PersonID  `json:"by"`
	On       Day       `json:"on"`
	Why      string    `json:"why"`
	Credit   CreditID  `json:"credit"`
	Replaced InvoiceID `json:"replaced,omitempty"` // by which, if the same is asked for again
}

// An InvoiceState is where an invoice is in its life.
type InvoiceState string

const (
	InvoiceIssued InvoiceState = "issued"
	InvoiceVoid   InvoiceState = "void"
)

// InvoiceLife is every step of an invoice. One that is void stays so, and its number is
// never used again.
//
//	issued ──▶ void
var InvoiceLife = Life[InvoiceState]{InvoiceIssued: {InvoiceVoid}}

// An Occasion is why an invoice is made.
type Occasion string

const (
	OnDelivery Occasion = "delivery"
	OnTerm     Occasion = "term" // of an agreement under which nothing new is delivered
	OnReview   Occasion = "review"
)

// PayWithin is in how many days of its date an invoice is to be paid.
const PayWithin = 30

// Stands is the state of an invoice.
func (v *Invoice) Stands() InvoiceState { return cmp.Or(v.State, InvoiceIssued) }

// ToPay is what an invoice asks for, with the tax.
func (v *Invoice) ToPay() Pence { return v.VAT.With(v.Owed.Total) }

// replaced reports whether another asks for the same in an invoice's place.
func (v *Invoice) replaced() bool { return v.Voided != nil && v.Voided.Replaced != "" }

func (v *Invoice) Card() Card {
	return Card{"invoice", string(v.ID), string(v.Stands()), []Key{By("case", v.Stem), By("application", v.Application), By("agreement", v.Agreement), By("org", v.Org)}}
}

// A CreditNote takes back what an invoice has asked for, with a number of its own. It is
// made when an invoice is made void, and never changes.
type CreditNote struct {
	ID      CreditID  `json:"id"`
	Invoice InvoiceID `json:"invoice"`
	Stem    string    `json:"ref"`
	Org     OrgCode   `json:"organisation"`
	Credits Pence     `json:"credits_pence"` // with the tax
	On      Day       `json:"on"`
}

func (c *CreditNote) Card() Card {
	return Card{"credit note", string(c.ID), "issued", []Key{By("case", c.Stem), By("invoice", c.Invoice), By("org", c.Org)}}
}

// Void makes an invoice void, with a reason and a credit note of that number.
func (v *Invoice) Void(a Act, credit CreditID, on Day) (*CreditNote, error) {
	if a.Why == "" {
		return nil, Refuse("no-reason", string(v.ID), "invoice %s: say with --reason why it is to be void: the credit note gives it", v.ID)
	}
	if err := CheckText(string(v.ID), "--reason", a.Why); err != nil {
		return nil, err
	}
	to, err := InvoiceLife.Step(v, v.Stands(), InvoiceVoid)
	if err != nil {
		return nil, err
	}
	v.State, v.Voided = to, &Voided{By: a.Who, On: on, Why: a.Why, Credit: credit}
	return &CreditNote{ID: credit, Invoice: v.ID, Stem: v.Stem, Org: v.Org, Credits: v.ToPay(), On: on}, nil
}

// Each is what one of an item costs by this quote; 0, if it is not in it.
func (q Quote) Each(item string) Pence {
	i := slices.IndexFunc(q.Lines, func(c Charge) bool { return c.Item == item })
	if i < 0 {
		return 0
	}
	return q.Lines[i].Unit
}

// AtDelivery is what is owed when something is first delivered: all but what is owed
// at its own time.
func (q Quote) AtDelivery() Quote {
	return q.only(func(c Charge) bool { return !is(c.Item, "annual-review", "dissemination") })
}

// With adds a release to what is owed, as one dissemination, if its kind is one.
func (q Quote) With(unit Pence, r *Release) Quote {
	if r.Published == "" || !r.Rules().Disseminated {
		return q
	}
	why := fmt.Sprintf("release %s, published on %s", r.ID, r.Published)
	if r.Again() != "" {
		why += fmt.Sprintf(", in place of %s", r.Again())
	}
	return q.plus(Charge{"dissemination", 1, unit, unit, why})
}

// Again is the release that this one makes again, because nobody came for it in time or
// because the office has withdrawn it; or "".
func (r *Release) Again() ReleaseID {
	if r.Rebuilds != nil {
		return r.Rebuilds.Of
	}
	return r.Reissues
}

// Nothing is a quote by the same list without a line.
func (q Quote) Nothing() Quote { return q.only(func(Charge) bool { return false }) }

// AtReview is one annual review, on an anniversary.
func (q Quote) AtReview(year int, on Day) Quote {
	unit := q.Each("annual-review")
	return q.Nothing().plus(Charge{"annual-review", 1, unit, unit, fmt.Sprintf("year %d of the agreement, which begins on %s", year+1, on)})
}

func (q Quote) plus(c Charge) Quote {
	q.Lines, q.Total = append(slices.Clone(q.Lines), c), q.Total+c.Amount
	return q
}

func (q Quote) only(keep func(Charge) bool) Quote {
	some := q
	some.Lines, some.Total = []Charge{}, 0
	for _, c := range q.Lines {
		if keep(c) {
			some = some.plus(c)
		}
	}
	return some
}

// Anniversaries are the days of an agreement's annual reviews: the first day of each
// year after the first. Of a term of 13 months there is one, of 25 there are two.
func (g *Agreement) Anniversaries() (days []Day) {
	for year := 1; ; year++ {
		day := monthBegins(g.Start, 12*year)
		if day > g.End {
			return days
		}
		days = append(days, day)
	}
}

// ToInvoice is an annual review that is to be charged from its day on, until the next.
type ToInvoice struct {
	Year       int
	On, Before Day
}

// ReviewsToInvoice are those of an agreement that are not charged yet.
func (g *Agreement) ReviewsToInvoice() (all []ToInvoice) {
	days := g.Anniversaries()
	for i, day := range days {
		last := g.End
		if i+1 < len(days) {
			last = days[i+1].Add(-1)
		}
		if !slices.Contains(g.Invoiced, i+1) {
			all = append(all, ToInvoice{i + 1, day, last})
		}
	}
	return all
}

// DeliversNothing reports whether a quote is for no delivery and for no access: data are
// held longer, or what was delivered is used otherwise.
func (q Quote) DeliversNothing() bool {
	return !slices.ContainsFunc(q.Lines, func(c Charge) bool { return is(c.Item, "dissemination", "tabulation-table", "portal-user-year") })
}
