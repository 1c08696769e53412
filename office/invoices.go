package office

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"darsd/dars"
	"darsd/store"
)

// Invoices are duties of the clock: each is made once, drawn, and mailed to who
// speaks for the payer. Where nothing is to pay there is none, nor where nobody has
// agreed to pay.
//
//	release published, or access granted ──▶ invoice
//	agreement that changes or continues another and delivers nothing, begun ──▶ invoice
//	anniversary of an agreement ──▶ invoice for its annual review

// invoiceReleases is the duty to ask for the charges of what was delivered, within
// a year of it: older deliveries are from before the clock made invoices.
func invoiceReleases() dutyKind {
	states := []dars.ReleaseState{dars.Published, dars.Collected, dars.AccessGranted, dars.AccessReviewed}
	k := dutyOf("invoice release", states, func(_ *steps, r *dars.Release) []coming {
		given := r.Given()
		if given == "" || r.Invoice != "" {
			return nil
		}
		return []coming{{Duty{Step: "invoice release", Due: given}, given.AddMonths(12)}}
	}, Clock.invoiceRelease)
	k.stands = func(o Clock, tx *store.Tx, n dars.Noun, _ Duty) (bool, error) {
		v, err := o.forRelease(tx, n.(*dars.Release))
		return v != nil, err
	}
	return k
}

// invoiceAgreements is the duty to ask for the annual reviews of agreements in force,
// and for what one costs under which, as was agreed, nothing is delivered.
func invoiceAgreements() dutyKind {
	k := dutyOf("invoice agreement", []dars.AgreementState{dars.InForce}, func(_ *steps, g *dars.Agreement) (all []coming) {
		if g.Kind != dars.NewCase && !slices.Contains(g.Invoiced, 0) {
			all = append(all, coming{Duty{Step: "invoice agreement", Item: "0", Due: g.Start}, g.End})
		}
		for _, review := range g.ReviewsToInvoice() {
			all = append(all, coming{Duty{Step: "invoice agreement", Item: fmt.Sprint(review.Year), Due: review.On}, review.Before})
		}
		return all
	}, Clock.invoiceAgreement)
	k.stands = func(o Clock, tx *store.Tx, n dars.Noun, d Duty) (bool, error) {
		v, err := o.forAgreement(tx, n.(*dars.Agreement), d.Item)
		return v != nil, err
	}
	return k
}

func (o Clock) invoiceRelease(tx *store.Tx, a dars.Act, d Duty) (result, error) {
	r, err := store.Get[dars.Release](tx, d.Ref)
	if err != nil {
		return result{}, err
	}
	v, err := o.forRelease(tx, r)
	if err != nil || v == nil {
		return result{}, cmp.Or(err, nothingToPay(d))
	}
	if err := o.ask(tx, a, v); err != nil {
		return result{}, err
	}
	r.Invoice = v.ID
	return result{to: string(r.State), step: invoiced(v)}, tx.Save(a, "release invoice", r)
}

func (o Clock) invoiceAgreement(tx *store.Tx, a dars.Act, d Duty) (result, error) {
	g, err := store.Get[dars.Agreement](tx, d.Ref)
	if err != nil {
		return result{}, err
	}
	v, err := o.forAgreement(tx, g, d.Item)
	if err != nil || v == nil {
		return result{}, cmp.Or(err, nothingToPay(d))
	}
	if err := o.ask(tx, a, v); err != nil {
		return result{}, err
	}
	g.Invoiced = append(slices.Clone(g.Invoiced), v.Year)
	return result{to: string(g.State), step: invoiced(v)}, tx.Save(a, "agreement invoice", g)
}

func nothingToPay(d Duty) error {
	return dars.Refuse("nothing-due", d.Ref, "%s %s: nothing is to be paid for it, or it was asked for already", d.Kind, d.Ref)
}

func invoiced(v *dars.Invoice) string { return fmt.Sprintf("invoice %s %s", v.ID, v.ToPay()) }

// ask keeps an invoice under a number of its own, and owes the paper and the letter.
func (o *Office) ask(tx *store.Tx, a dars.Act, v *dars.Invoice) error {
	ref, err := number(tx, "invoice", "INV-")
	if err != nil {
		return err
	}
	v.ID, v.On = dars.InvoiceID(ref), o.today(a)
	v.PayBy, v.VAT, v.PayTo = v.On.Add(dars.PayWithin), o.Policy.VAT, o.Policy.PayTo
	if err := tx.Save(a, "invoice", v); err != nil {
		return err
	}
	if err := owePaper(tx, a, "invoice", ref); err != nil {
		return err
	}
	g, err := store.Get[dars.Agreement](tx, string(v.Agreement))
	if err != nil {
		return err
	}
	return write(tx, a, letter{To: []dars.PersonID{g.Contact}, For: v.Org, Subject: fmt.Sprintf("%s: invoice %s for %s", v.Agreement, v.ID, v.ToPay()),
		Body: fmt.Sprintf("Invoice %s for %s lies under papers/. It is for %s. Pay it by %s, and quote its number.\n\n    ssh … invoice show %s\n", v.ID, v.ToPay(), occasionOf(v), v.PayBy.Long(), v.ID)})
}

// occasionOf says in a letter what an invoice is for.
func occasionOf(v *dars.Invoice) string {
	switch v.Occasion {
	case dars.OnDelivery:
		return fmt.Sprintf("the work on your application and what was delivered as %s under agreement %s", v.Release, v.Agreement)
	case dars.OnReview:
		return fmt.Sprintf("the annual review of agreement %s", v.Agreement)
	}
	return fmt.Sprintf("the work on your application for agreement %s", v.Agreement)
}

// forRelease is the invoice for a release. It is nil where nothing is to pay.
func (o *Office) forRelease(tx *store.Tx, r *dars.Release) (*dars.Invoice, error) {
	if r.Invoice != "" {
		return nil, nil
	}
	g, err := store.Get[dars.Agreement](tx, string(r.Agreement))
	if err != nil {
		return nil, err
	}
	return o.invoice(tx, g, func(v *dars.Invoice, a dars.Account) {
		v.Occasion, v.Release, v.Owed = dars.OnDelivery, r.ID, a.ForRelease(r)
	})
}

// forAgreement is the invoice for one annual review, or for an agreement that
// delivers nothing, whose item is 0.
func (o *Office) forAgreement(tx *store.Tx, g *dars.Agreement, item string) (*dars.Invoice, error) {
	if item == "0" {
		return o.invoice(tx, g, func(v *dars.Invoice, a dars.Account) { v.Occasion, v.Owed = dars.OnTerm, a.ForTerm() })
	}
	for _, review := range g.ReviewsToInvoice() {
		if fmt.Sprint(review.Year) == item {
			return o.invoice(tx, g, func(v *dars.Invoice, a dars.Account) {
				v.Occasion, v.Year, v.Owed = dars.OnReview, review.Year, a.ForReview(review)
			})
		}
	}
	return nil, nil
}

// invoice makes an invoice under an agreement, by the charges that were agreed for its
// application. It is nil where none were, or nothing is to pay.
func (o *Office) invoice(tx *store.Tx, g *dars.Agreement, owes func(*dars.Invoice, dars.Account)) (*dars.Invoice, error) {
	p, err := store.Get[dars.Application](tx, string(g.Application))
	if err != nil {
		return nil, err
	}
	agreed, err := agreedQuote(tx, p)
	if err != nil || agreed == nil {
		return nil, err
	}
	account, err := o.account(tx, p, agreed.Quote)
	if err != nil {
		return nil, err
	}
	account.Agreement = g // as this act has it
	v := &dars.Invoice{Agreement: g.ID, Application: p.ID(), Stem: g.Stem, Org: g.Org, Order: agreed.Order, State: dars.InvoiceIssued}
	if owes(v, account); v.Owed.Total == 0 {
		return nil, nil
	}
	return v, nil
}

// Invoices are those that somebody may see: of a case, or all. The oldest comes first.
func (o Charges) Invoices(ctx context.Context, who dars.PersonID, ref string) (all []*dars.Invoice, err error) {
	err = o.Store.View(ctx, func(tx *store.Tx) error {
		p, err := actor(tx, dars.Act{Who: who})
		if err != nil {
			return err
		}
		var by []dars.Key
		if !p.Inside() {
			by = append(by, dars.By("org", p.Org))
		}
		if ref != "" {
			app, err := o.theirs(tx, p, ref)
			if err != nil {
				return err
			}
			by = append(by, dars.By("case", app.Stem))
		}
		all, err = store.Find[dars.Invoice](tx, by...)
		return err
	})
	return all, err
}

// Issued is one invoice that was made.
func (o Charges) Issued(ctx context.Context, who dars.PersonID, id dars.InvoiceID) (v *dars.Invoice, err error) {
	err = o.Store.View(ctx, func(tx *store.Tx) error {
		p, err := actor(tx, dars.Act{Who: who})
		if err != nil {
			return err
		}
		if v, err = store.Get[dars.Invoice](tx, string(id)); err != nil {
			return err
		}
		return ownCase(p, v.Org, "invoice", string(id))
	})
	return v, err
}

// invoicePaper is an invoice as it is sent.
func (o *Office) invoicePaper(tx *store.Tx, ref string) (name string, org dars.OrgCode, draw func() ([]byte, error), err error) {
	f, err := o.invoiceFacts(tx, ref)
	if err != nil {
		return "", "", nil, err
	}
	v := f.Invoice
	return fmt.Sprintf("Invoice-%s-%s.pdf", v.ID, v.On), v.Org, func() ([]byte, error) { return o.Works.Papers.Invoice(f) }, nil
}

func (o *Office) invoiceFacts(tx *store.Tx, ref string) (f dars.ChargeFacts, err error) {
	v, err := store.Get[dars.Invoice](tx, ref)
	if err != nil {
		return f, err
	}
	f = dars.ChargeFacts{Fixed: true, Quote: v.Owed, Invoice: v, VAT: v.VAT, PayTo: v.PayTo, On: v.On}
	if f.Application, err = store.Get[dars.Application](tx, string(v.Application)); err != nil {
		return f, err
	}
	if f.Organisation, err = store.Get[dars.Organisation](tx, string(v.Org)); err != nil {
		return f, err
	}
	f.Agreed, err = agreedQuote(tx, f.Application)
	return f, err
}
