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
	k.stands = func(o Clock, tx *store.Tx, n dars.Noun, _ Duty, _ dars.Day) (bool, error) {
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
	k.stands = func(o Clock, tx *store.Tx, n dars.Noun, d Duty, _ dars.Day) (bool, error) {
		v, err := o.forAgreement(tx, n.(*dars.Agreement), d)
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
	v, err := o.forAgreement(tx, g, d)
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

func invoiced(v *dars.Invoice) string { return fmt.Sprintf("invoice %s %s", v.ID, v.Owed.Total) }

// ask keeps an invoice under a number of its own, and owes the paper and the letter.
func (o Clock) ask(tx *store.Tx, a dars.Act, v *dars.Invoice) error {
	ref, err := number(tx, "invoice", "INV-")
	if err != nil {
		return err
	}
	v.ID, v.On = dars.InvoiceID(ref), o.today(a)
	v.PayBy = v.On.Add(dars.PayWithin)
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
	return write(tx, a, letter{To: []dars.PersonID{g.Contact}, For: v.Org, Subject: fmt.Sprintf("%s: invoice %s for %s", v.Agreement, v.ID, v.Owed.Total),
		Body: fmt.Sprintf("Invoice %s for %s lies under papers/. It is for %s. Pay it by %s, and quote its number.\n\n    ssh … invoice show %s\n", v.ID, v.Owed.Total, occasionOf(v), v.PayBy.Long(), v.ID)})
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

// forRelease is the invoice for a release: with what the application costs, if that was
// not asked for yet. It is nil where nothing is to pay.
func (o Clock) forRelease(tx *store.Tx, r *dars.Release) (*dars.Invoice, error) {
	if r.Invoice != "" {
		return nil, nil
	}
	g, err := store.Get[dars.Agreement](tx, string(r.Agreement))
	if err != nil {
		return nil, err
	}
	paid, err := invoicedBefore(tx, r)
	if err != nil || paid {
		return nil, err
	}
	return o.invoice(tx, g, func(v *dars.Invoice, q dars.Quote, before []*dars.Invoice) {
		v.Occasion, v.Release = dars.OnDelivery, r.ID
		v.Owed = q.AtDelivery()
		if worked(before) {
			v.Owed = q.Nothing()
		}
		v.Owed = v.Owed.With(q.Each("dissemination"), r)
	})
}

// worked reports whether the work on an application was asked for.
func worked(before []*dars.Invoice) bool {
	return slices.ContainsFunc(before, func(v *dars.Invoice) bool { return v.Occasion != dars.OnReview })
}

// invoicedBefore reports whether a release makes another again that was asked for: the
// two are one delivery.
func invoicedBefore(tx *store.Tx, r *dars.Release) (bool, error) {
	for r.Again() != "" {
		before, err := store.Get[dars.Release](tx, string(r.Again()))
		if err != nil {
			return false, err
		}
		if before.Invoice != "" {
			return true, nil
		}
		r = before
	}
	return false, nil
}

// forAgreement is the invoice for one annual review, or for an agreement that
// delivers nothing, whose item is 0.
func (o Clock) forAgreement(tx *store.Tx, g *dars.Agreement, d Duty) (*dars.Invoice, error) {
	if d.Item == "0" {
		if slices.Contains(g.Invoiced, 0) {
			return nil, nil
		}
		return o.invoice(tx, g, func(v *dars.Invoice, q dars.Quote, before []*dars.Invoice) {
			v.Occasion, v.Owed = dars.OnTerm, q.Nothing()
			if q.DeliversNothing() && !worked(before) {
				v.Owed = q.AtDelivery()
			}
		})
	}
	for _, review := range g.ReviewsToInvoice() {
		if fmt.Sprint(review.Year) == d.Item {
			return o.invoice(tx, g, func(v *dars.Invoice, q dars.Quote, _ []*dars.Invoice) {
				v.Occasion, v.Year, v.Owed = dars.OnReview, review.Year, q.AtReview(review.Year, review.On)
			})
		}
	}
	return nil, nil
}

// invoice makes an invoice under an agreement, by the charges that were agreed for its
// application. It is nil where none were, or nothing is to pay.
func (o Clock) invoice(tx *store.Tx, g *dars.Agreement, owes func(*dars.Invoice, dars.Quote, []*dars.Invoice)) (*dars.Invoice, error) {
	p, err := store.Get[dars.Application](tx, string(g.Application))
	if err != nil {
		return nil, err
	}
	agreed, err := agreedQuote(tx, p)
	if err != nil || agreed == nil {
		return nil, err
	}
	before, err := store.Find[dars.Invoice](tx, dars.By("application", p.ID()))
	if err != nil {
		return nil, err
	}
	v := &dars.Invoice{Agreement: g.ID, Application: p.ID(), Stem: g.Stem, Org: g.Org, Order: agreed.Order}
	if owes(v, agreed.Quote, before); v.Owed.Total == 0 {
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
	v, err := store.Get[dars.Invoice](tx, ref)
	if err != nil {
		return "", "", nil, err
	}
	f := dars.ChargeFacts{Fixed: true, Quote: v.Owed, Invoice: v, On: v.On}
	if f.Application, err = store.Get[dars.Application](tx, string(v.Application)); err != nil {
		return "", "", nil, err
	}
	if f.Organisation, err = store.Get[dars.Organisation](tx, string(v.Org)); err != nil {
		return "", "", nil, err
	}
	if f.Agreed, err = agreedQuote(tx, f.Application); err != nil {
		return "", "", nil, err
	}
	return fmt.Sprintf("Invoice-%s-%s.pdf", v.ID, v.On), v.Org, func() ([]byte, error) { return o.Works.Papers.Invoice(f) }, nil
}
