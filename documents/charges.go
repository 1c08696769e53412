package documents

import (
	"cmp"
	"fmt"
	"strings"

	"darsd/dars"
)

// Quote says what an application costs, line by line.
func (p Press) Quote(f dars.ChargeFacts) ([]byte, error) { return p.issue(p.quote(f)) }

func (p Press) quote(f dars.ChargeFacts) *Doc {
	app := f.Application
	d := p.New("Quote", app.Form.Title, app.Stem+"-"+app.Version(), f.On)
	d.Worded("quote", p.chargeWords(f))

	d.to("quote", f.Organisation)
	chargeFacts(d, f)
	d.Paras("opening")
	chargeTable(d, f.Quote, f.VAT)
	if f.Fixed {
		d.Paras("fixed")
	} else {
		d.Warn("not fixed")
	}
	d.Heading("How charges are made")
	d.Bullets("how charges are made")
	if f.Agreed == nil {
		d.Heading("Agreed")
		d.Paras("agree")
		d.Entry("Purchase order number")
		d.Sign(Signature{For: f.Organisation.Name})
	}
	d.Paras("contact")
	return d
}

// Statement says what a case costs occasion by occasion: what was asked for, what has
// fallen due, and what is to come. It asks for nothing: invoices do.
func (p Press) Statement(f dars.ChargeFacts) ([]byte, error) { return p.issue(p.statement(f)) }

func (p Press) statement(f dars.ChargeFacts) *Doc {
	app := f.Application
	d := p.New("Statement of charges", app.Form.Title, app.Stem+"-"+app.Version(), f.On)
	d.Worded("statement", p.chargeWords(f))

	d.to("statement", f.Organisation)
	chargeFacts(d, f)
	agreedFacts(d, f)
	d.Warn("no invoice")
	if f.Agreed == nil {
		d.Paras("not agreed")
	}
	d.Heading("Where it stands")
	asked, due, coming := shares(f)
	d.Fact("Asked for in invoices", "%s", asked)
	d.Fact("Due, and not asked for yet", "%s", due)
	d.Fact("Not due yet", "%s", coming)
	d.Paras("tax")
	var rows [][]string
	for _, e := range f.Entries {
		rows = append(rows, []string{cmp.Or(fallsDue(e), "Not yet"), occasion(e), invoiceOf(e), e.Owed.Total.String()})
	}
	d.Table([]Col{{Name: "Due", Share: 32}, {Name: "For", Share: 66}, {Name: "Invoice", Share: 34}, {Name: "Amount", Share: 24, Figures: true}}, rows)
	if f.Agreed != nil {
		d.Heading("What was agreed")
	} else {
		d.Heading("What it would cost")
	}
	chargeTable(d, f.Quote, f.VAT)
	d.Paras("contact")
	return d
}

// shares are the three parts of a case's charges, on the day of the statement.
func shares(f dars.ChargeFacts) (asked, due, coming dars.Pence) {
	for _, e := range f.Entries {
		switch {
		case e.State == dars.InvoiceVoid:
		case e.Invoice != "":
			asked += e.Owed.Total
		case e.Owing(f.On):
			due += e.Owed.Total
		default:
			coming += e.Owed.Total
		}
	}
	return asked, due, coming
}

func fallsDue(e dars.Entry) string {
	if e.On == "" {
		return ""
	}
	return e.On.Long()
}

// occasion says in words for what an entry is.
func occasion(e dars.Entry) string {
	switch {
	case e.Occasion == dars.OnDelivery && e.Release != "":
		return "What was delivered as " + string(e.Release)
	case e.Occasion == dars.OnDelivery:
		return "The work, and what is to be delivered"
	case e.Occasion == dars.OnReview && e.Year > 0:
		return fmt.Sprintf("Annual review of year %d", e.Year)
	case e.Occasion == dars.OnReview:
		return "Annual reviews"
	}
	return "The work, under an agreement that delivers nothing new"
}

func invoiceOf(e dars.Entry) string {
	if e.State == dars.InvoiceVoid {
		return string(e.Invoice) + ", void"
	}
	return cmp.Or(string(e.Invoice), "—")
}

// Invoice asks for what is owed on one occasion, under a number of its own.
func (p Press) Invoice(f dars.ChargeFacts) ([]byte, error) { return p.issue(p.invoice(f)) }

func (p Press) invoice(f dars.ChargeFacts) *Doc {
	v := f.Invoice
	d := p.New("Invoice", f.Application.Form.Title, string(v.ID), f.On)
	d.Worded("invoice", p.chargeWords(f))

	d.to("invoice", f.Organisation)
	invoiceFacts(d, f)
	d.Paras("for: " + string(v.Occasion))
	chargeTable(d, f.Quote, f.VAT)
	d.Warn("to pay")
	if len(f.PayTo) > 0 {
		d.Fact("Pay to", "%s", strings.Join(f.PayTo, "\n"))
	} else {
		d.Paras("ask how to pay")
	}
	d.Paras("contact")
	return d
}

// CreditNote takes back what an invoice has asked for.
func (p Press) CreditNote(f dars.ChargeFacts) ([]byte, error) { return p.issue(p.creditNote(f)) }

func (p Press) creditNote(f dars.ChargeFacts) *Doc {
	v := f.Invoice
	d := p.New("Credit note", f.Application.Form.Title, string(f.Credit.ID), f.On)
	d.Worded("credit-note", p.chargeWords(f))

	d.to("credit", f.Organisation)
	invoiceFacts(d, f)
	d.Fact("Invoice", "%s of %s, for %s", v.ID, v.On.Long(), v.ToPay())
	d.Fact("The reason given", "%s", v.Voided.Why)
	d.Warn("void")
	chargeTable(d, f.Quote, f.VAT)
	d.Heading("What follows")
	d.Paras("what follows")
	d.Paras("contact")
	return d
}

// invoiceFacts stand on an invoice and on the credit note that takes it back.
func invoiceFacts(d *Doc, f dars.ChargeFacts) {
	d.Fact("Number", "%s", d.ref)
	chargeFacts(d, f)
	d.Fact("Agreement", "%s", f.Invoice.Agreement)
	if f.Agreed != nil {
		d.Fact("Purchase order", "%s, charges agreed on %s", cmp.Or(f.Invoice.Order, "none"), f.Agreed.On.Long())
	}
	if f.VAT.Number != "" {
		d.Fact("VAT registration", "%s", f.VAT.Number)
	}
}

func chargeFacts(d *Doc, f dars.ChargeFacts) {
	app := f.Application
	d.Fact("Application", "%s %s, %s", app.Stem, app.Version(), app.Form.Title)
	d.Fact("Price list", "%s, in force from %s", f.Quote.List, f.Quote.From.Long())
}

func agreedFacts(d *Doc, f dars.ChargeFacts) {
	if f.Agreed != nil {
		d.Fact("Purchase order", "%s", cmp.Or(f.Agreed.Order, "None"))
		d.Fact("Agreed on", "%s", f.Agreed.On.Long())
	}
}

// chargeWords are what the words of these papers may name.
type chargeWords struct {
	Us, List, Total string
	From, On        dars.Day
	VAT             string   // "VAT at 20%", or in the office's words why none is added
	Taxed           bool     // it is added
	PayBy           dars.Day // of an invoice
	Release         string   // that one is for
	Invoice, Credit string   // the numbers of a credit note
	Again           string   // the invoice in the place of one that is void
}

func (p Press) chargeWords(f dars.ChargeFacts) chargeWords {
	w := chargeWords{Us: p.reachedAt(), List: f.Quote.List, Total: f.VAT.With(f.Quote.Total).String(), From: f.Quote.From, On: f.Quote.On, VAT: f.VAT.String(), Taxed: f.VAT.Rate > 0}
	if v := f.Invoice; v != nil {
		w.PayBy, w.Release, w.Invoice = v.PayBy, string(v.Release), string(v.ID)
		if v.Voided != nil {
			w.Again = string(v.Voided.Replaced)
		}
	}
	if f.Credit != nil {
		w.Credit = string(f.Credit.ID)
	}
	return w
}

// chargeTable is charges line by line, with their sum and the tax on it.
func chargeTable(d *Doc, q dars.Quote, vat dars.VAT) {
	var rows [][]string
	for _, l := range q.Lines {
		rows = append(rows, []string{dars.Meaning(dars.ChargeItems, l.Item), capital(inFull(l.Why)), fmt.Sprint(l.Quantity), l.Unit.String(), l.Amount.String()})
	}
	if vat.Rate > 0 {
		rows = append(rows, []string{"Total without VAT", "", "", "", q.Total.String()}, []string{vat.String(), "", "", "", vat.On(q.Total).String()})
	}
	rows = append(rows, []string{"Total", "", "", "", vat.With(q.Total).String()})
	d.Table([]Col{{Name: "Item", Share: 34}, {Name: "For", Share: 60}, {Name: "Number", Share: 16, Figures: true}, {Name: "Each", Share: 22, Figures: true}, {Name: "Amount", Share: 24, Figures: true}}, rows)
}
