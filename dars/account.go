package dars

import (
	"cmp"
	"slices"
)

// An Account is what is charged for one application: by its quote, under its agreement,
// for what was delivered, beside what was asked for already. What is owed is reckoned
// here and nowhere else: the clock's invoices and the statement of charges ask the same
// functions (domain 4.3).
type Account struct {
	Quote     Quote      // as it was agreed, or as it would be
	Agreement *Agreement // nil, while there is none
	Releases  []*Release // under it
	Earlier   []*Release // of other versions of the case, which one of these may make again
	Invoices  []*Invoice // of the application that were made, void ones as well
}

// An Entry is one occasion on which something is charged.
type Entry struct {
	Occasion Occasion     `json:"occasion"`
	Release  ReleaseID    `json:"release,omitempty"`
	Year     int          `json:"year,omitempty"`    // that the review ends
	On       Day          `json:"on,omitempty"`      // when it falls due; "" while nobody can say
	Invoice  InvoiceID    `json:"invoice,omitempty"` // that asks for it; "" while none does
	State    InvoiceState `json:"state,omitempty"`   // of that
	Owed     Quote        `json:"owed"`
}

// Owing reports whether an entry is owed on a day: it has fallen due, and no invoice
// for it was made void.
func (e Entry) Owing(on Day) bool {
	return e.State != InvoiceVoid && e.On != "" && e.On <= on
}

// ForRelease is what is to be asked for a release that was delivered: the work on the
// application, if that was not asked for yet, and one dissemination. What is delivered
// again is the same delivery.
func (a Account) ForRelease(r *Release) Quote {
	if r.Given() == "" || r.Invoice != "" || a.madeAgain(r) || a.askedBefore(r) {
		return a.Quote.Nothing()
	}
	owed := a.Quote.AtDelivery()
	if a.worked() {
		owed = a.Quote.Nothing()
	}
	return owed.With(a.Quote.Each("dissemination"), r)
}

// ForTerm is what is to be asked when an agreement begins that changes or continues
// another, and under which nothing is delivered.
func (a Account) ForTerm() Quote {
	g := a.Agreement
	if g.Kind == NewCase || slices.Contains(g.Invoiced, 0) || a.worked() || !a.Quote.DeliversNothing() {
		return a.Quote.Nothing()
	}
	return a.Quote.AtDelivery()
}

// ForReview is what is to be asked for an annual review.
func (a Account) ForReview(r ToInvoice) Quote { return a.Quote.AtReview(r.Year, r.On) }

// ForOccasion is what is to be asked for on the occasion of an invoice.
func (a Account) ForOccasion(v *Invoice) Quote {
	switch v.Occasion {
	case OnDelivery:
		if r := a.release(v.Release); r != nil {
			return a.ForRelease(r)
		}
		return a.Quote.Nothing()
	case OnTerm:
		return a.ForTerm()
	}
	days := a.Agreement.Anniversaries()
	if v.Year < 1 || v.Year > len(days) {
		return a.Quote.Nothing()
	}
	return a.ForReview(ToInvoice{Year: v.Year, On: days[v.Year-1]})
}

// Without is the account as if an invoice had never been made.
func (a Account) Without(v *Invoice) Account {
	a.Invoices = slices.DeleteFunc(slices.Clone(a.Invoices), func(w *Invoice) bool { return w.ID == v.ID })
	a.Releases = slices.Clone(a.Releases)
	for i, r := range a.Releases {
		if r.Invoice == v.ID {
			bare := *r
			bare.Invoice = ""
			a.Releases[i] = &bare
		}
	}
	g := *a.Agreement
	g.Invoiced = slices.DeleteFunc(slices.Clone(g.Invoiced), func(year int) bool { return v.Occasion != OnDelivery && year == v.Year })
	a.Agreement = &g
	return a
}

// worked reports whether the work on the application was asked for. An invoice that was
// made void asks for it all the same, unless another was made in its place: what the
// office has let go it does not ask for again with the next delivery.
func (a Account) worked() bool {
	return slices.ContainsFunc(a.Invoices, func(v *Invoice) bool { return v.Occasion != OnReview && !v.replaced() })
}

// askedBefore reports whether a release makes another again that was asked for.
func (a Account) askedBefore(r *Release) bool {
	for again := r.Again(); again != ""; {
		before := a.release(again)
		if before == nil {
			return false
		}
		if before.Invoice != "" {
			return true
		}
		again = before.Again()
	}
	return false
}

// madeAgain reports whether another took a release's place and was delivered: that one
// is asked for.
func (a Account) madeAgain(r *Release) bool {
	return slices.ContainsFunc(a.Releases, func(by *Release) bool { return by.Again() == r.ID && by.Given() != "" })
}

func (a Account) release(id ReleaseID) *Release {
	for _, r := range slices.Concat(a.Releases, a.Earlier) {
		if r.ID == id {
			return r
		}
	}
	return nil
}

// Statement is every occasion: what was asked for, what has fallen due and is not asked
// for yet, and what is still to come, as far as the quote tells.
func (a Account) Statement() (all []Entry) {
	for _, v := range a.Invoices {
		all = append(all, Entry{v.Occasion, v.Release, v.Year, v.On, v.ID, v.Stands(), v.Owed})
	}
	next := a // with what will be asked for as well
	say := func(e Entry) {
		if len(e.Owed.Lines) > 0 {
			all = append(all, e)
			next.Invoices = append(slices.Clone(next.Invoices), &Invoice{Occasion: e.Occasion, Owed: e.Owed})
		}
	}
	given := slices.Clone(a.Releases)
	slices.SortStableFunc(given, func(r, s *Release) int { return cmp.Compare(r.Given(), s.Given()) })
	for _, r := range given {
		say(Entry{Occasion: OnDelivery, Release: r.ID, On: r.Given(), Owed: next.ForRelease(r)})
	}
	if a.Agreement != nil {
		say(Entry{Occasion: OnTerm, On: a.Agreement.Start, Owed: next.ForTerm()})
	}
	say(Entry{Occasion: OnDelivery, Owed: next.toDeliver()})
	for _, e := range a.reviews() {
		say(e)
	}
	return all
}

// toDeliver is what the quote still has of deliveries that nobody can date: the work,
// if none was asked for, and the disseminations that have not been.
func (a Account) toDeliver() Quote {
	left := a.Quote.Nothing()
	if !a.worked() {
		left = a.Quote.AtDelivery()
	}
	delivered := 0
	for _, v := range a.Invoices {
		for _, c := range v.Owed.Lines {
			if c.Item == "dissemination" && !v.replaced() {
				delivered += c.Quantity
			}
		}
	}
	for _, c := range a.Quote.Lines {
		if c.Item == "dissemination" && c.Quantity > delivered {
			c.Quantity -= delivered
			c.Amount = c.Unit * Pence(c.Quantity)
			left = left.plus(c)
		}
	}
	return left
}

// reviews are the annual reviews that were not asked for: each on its day, or all of
// them, while there is no agreement that could say when.
func (a Account) reviews() (all []Entry) {
	if a.Agreement == nil {
		return []Entry{{Occasion: OnReview, Owed: a.Quote.only(func(c Charge) bool { return c.Item == "annual-review" })}}
	}
	if a.Quote.Each("annual-review") == 0 {
		return nil
	}
	for _, r := range a.Agreement.ReviewsToInvoice() {
		all = append(all, Entry{Occasion: OnReview, Year: r.Year, On: r.On, Owed: a.ForReview(r)})
	}
	return all
}

// Owed is all that is owed on a day, asked for or not.
func (a Account) Owed(on Day) Quote { return a.sum(func(e Entry) bool { return e.Owing(on) }) }

// ToCome is what is not owed yet on a day.
func (a Account) ToCome(on Day) Quote {
	return a.sum(func(e Entry) bool { return e.State != InvoiceVoid && !e.Owing(on) })
}

func (a Account) sum(some func(Entry) bool) Quote {
	q := a.Quote.Nothing()
	for _, e := range a.Statement() {
		if some(e) {
			for _, c := range e.Owed.Lines {
				q = q.plus(c)
			}
		}
	}
	return q
}
