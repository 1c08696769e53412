package documents

import (
	"fmt"
	"strings"

	"darsd/dars"
)

// Quote says what an application costs, line by line.
func (p Press) Quote(f dars.ChargeFacts) ([]byte, error) { return p.quote(f).PDF() }

func (p Press) quote(f dars.ChargeFacts) *Doc {
	app := f.Application
	d := p.New("Quote", app.Form.Title, app.Stem+"-"+app.Version(), f.On)
	d.Worded("quote", p.chargeWords(f))

	d.to("quote", f.Organisation)
	chargeFacts(d, f)
	d.Paras("opening")
	chargeTable(d, f.Quote)
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

// Invoice says what is owed: for one occasion, under a number of its own, or else all
// that a case owes so far, under the case's number and the day.
func (p Press) Invoice(f dars.ChargeFacts) ([]byte, error) { return p.invoice(f).PDF() }

func (p Press) invoice(f dars.ChargeFacts) *Doc {
	app := f.Application
	number, ref := app.Stem+"/"+strings.ReplaceAll(string(f.On), "-", ""), app.Stem+"-"+app.Version()
	if f.Invoice != nil {
		number, ref = string(f.Invoice.ID), string(f.Invoice.ID)
	}
	d := p.New("Invoice", app.Form.Title, ref, f.On)
	d.Worded("invoice", p.chargeWords(f))

	d.to("invoice", f.Organisation)
	d.Fact("Number", "%s", number)
	chargeFacts(d, f)
	if f.Agreed != nil {
		d.Fact("Agreed on", "%s", f.Agreed.On.Long())
		d.Fact("Purchase order", "%s", f.Agreed.Order)
	}
	if f.Invoice != nil {
		d.Fact("Agreement", "%s", f.Invoice.Agreement)
		d.Paras("for: " + string(f.Invoice.Occasion))
	} else {
		d.Paras("opening")
	}
	chargeTable(d, f.Quote)
	d.Warn("to pay")
	d.Paras("contact")
	return d
}

// chargeWords are what the words of both may name.
type chargeWords struct {
	Us, List, Total string
	From, On        dars.Day
	PayBy           dars.Day // of an invoice
	Release         string   // that one is for
}

func (p Press) chargeWords(f dars.ChargeFacts) chargeWords {
	w := chargeWords{Us: p.reachedAt(), List: f.Quote.List, Total: f.Quote.Total.String(), From: f.Quote.From, On: f.Quote.On, PayBy: f.On.Add(dars.PayWithin)}
	if f.Invoice != nil {
		w.PayBy, w.Release = f.Invoice.PayBy, string(f.Invoice.Release)
	}
	return w
}

func chargeFacts(d *Doc, f dars.ChargeFacts) {
	app := f.Application
	d.Fact("Application", "%s %s, %s", app.Stem, app.Version(), app.Form.Title)
	d.Fact("Price list", "%s, in force from %s", f.Quote.List, f.Quote.From.Long())
}

func chargeTable(d *Doc, q dars.Quote) {
	var rows [][]string
	for _, l := range q.Lines {
		rows = append(rows, []string{dars.Meaning(dars.ChargeItems, l.Item), capital(inFull(l.Why)), fmt.Sprint(l.Quantity), l.Unit.String(), l.Amount.String()})
	}
	rows = append(rows, []string{"Total", "", "", "", q.Total.String()})
	d.Table([]Col{{Name: "Item", Share: 34}, {Name: "For", Share: 60}, {Name: "Number", Share: 16, Figures: true}, {Name: "Each", Share: 22, Figures: true}, {Name: "Amount", Share: 24, Figures: true}}, rows)
}
