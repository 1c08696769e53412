package office

import (
	"context"
	"fmt"

	"darsd/dars"
	"darsd/store"
)

// A VoidedInvoice is an invoice that was made void, the note that says so, and the
// invoice that asks for the same again; nil, if nothing does.
type VoidedInvoice struct {
	Invoice *dars.Invoice
	Credit  *dars.CreditNote
	Again   *dars.Invoice
}

// Void makes an invoice void for a reason. Its number is never used again: a credit note
// takes back what it has asked for. With again the same is asked for under another
// number, by the charges that are agreed now; without, it is let go.
func (o Charges) Void(ctx context.Context, a dars.Act, id dars.InvoiceID, again bool) (done VoidedInvoice, err error) {
	err = o.do(ctx, a, "invoice void", func(tx *store.Tx, who *dars.Person) error {
		v, err := store.Get[dars.Invoice](tx, string(id))
		if err != nil {
			return err
		}
		if err := ownCase(who, v.Org, "invoice", string(id)); err != nil {
			return err
		}
		done.Invoice = v
		credit, err := number(tx, "credit note", "CRN-")
		if err != nil {
			return err
		}
		if done.Credit, err = v.Void(a, dars.CreditID(credit), o.today(a)); err != nil {
			return err
		}
		if again {
			if done.Again, err = o.askAgain(tx, a, v); err != nil {
				return err
			}
			v.Voided.Replaced = done.Again.ID
		}
		if err := tx.Save(a, "invoice void", v); err != nil {
			return err
		}
		if err := tx.Save(a, "credit note", done.Credit); err != nil {
			return err
		}
		if err := owePaper(tx, a, "credit-note", credit); err != nil {
			return err
		}
		return o.tellOfCredit(tx, a, done)
	})
	if err != nil {
		return VoidedInvoice{}, err
	}
	return done, nil
}

// askAgain asks for what a void invoice has asked for.
func (o Charges) askAgain(tx *store.Tx, a dars.Act, v *dars.Invoice) (again *dars.Invoice, err error) {
	g, err := store.Get[dars.Agreement](tx, string(v.Agreement))
	if err != nil {
		return nil, err
	}
	again, err = o.invoice(tx, g, func(n *dars.Invoice, account dars.Account) {
		n.Occasion, n.Release, n.Year = v.Occasion, v.Release, v.Year
		n.Owed = account.Without(v).ForOccasion(v)
	})
	if err == nil && again == nil {
		err = dars.Refuse("nothing-due", string(v.ID), "invoice %s: by the charges that are agreed now nothing is to be paid for the same: leave --again out", v.ID)
	}
	if err != nil {
		return nil, err
	}
	if err := o.ask(tx, a, again); err != nil {
		return nil, err
	}
	if v.Release == "" {
		return again, nil
	}
	r, err := store.Get[dars.Release](tx, string(v.Release))
	if err != nil {
		return nil, err
	}
	r.Invoice = again.ID
	return again, tx.Save(a, "release invoice", r)
}

func (o Charges) tellOfCredit(tx *store.Tx, a dars.Act, done VoidedInvoice) error {
	v := done.Invoice
	g, err := store.Get[dars.Agreement](tx, string(v.Agreement))
	if err != nil {
		return err
	}
	body := fmt.Sprintf("Invoice %s for %s is void, because:\n\n    %s\n\nThe credit note %s lies under papers/. Do not pay the invoice; what you have paid of it is yours.\n", v.ID, v.ToPay(), a.Why, done.Credit.ID)
	if done.Again != nil {
		body += fmt.Sprintf("\nInvoice %s is in its place.\n", done.Again.ID)
	}
	return write(tx, a, letter{To: []dars.PersonID{g.Contact}, For: v.Org, Subject: fmt.Sprintf("%s: invoice %s is void", v.Agreement, v.ID), Body: body})
}

// creditPaper is a credit note as it is sent.
func (o *Office) creditPaper(tx *store.Tx, ref string) (name string, org dars.OrgCode, draw func() ([]byte, error), err error) {
	c, err := store.Get[dars.CreditNote](tx, ref)
	if err != nil {
		return "", "", nil, err
	}
	f, err := o.invoiceFacts(tx, string(c.Invoice))
	if err != nil {
		return "", "", nil, err
	}
	f.Credit, f.On = c, c.On
	return fmt.Sprintf("Credit-Note-%s-%s.pdf", c.ID, c.On), c.Org, func() ([]byte, error) { return o.Works.Papers.CreditNote(f) }, nil
}
