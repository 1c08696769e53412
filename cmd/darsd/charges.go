package main

import (
	"cmp"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"darsd/dars"
	"darsd/office"
)

// quantities are the options that say how much of an item there is.
var quantities = []struct{ option, item, about string }{
	{"disseminations", "dissemination", "how often data are delivered"},
	{"tables", "tabulation-table", "tables of a tabulation"},
	{"user-years", "portal-user-year", "users of the online portal, times years"},
	{"sub-licence-years", "sub-licence-year", "years of permission to sub-license"},
}

// howMuch adds those options to a command, and returns what was said with them.
func howMuch(cmd *cobra.Command) func() map[string]int {
	said := make([]int, len(quantities))
	for i, q := range quantities {
		cmd.Flags().IntVar(&said[i], q.option, 0, q.about)
	}
	return func() map[string]int {
		all := map[string]int{}
		for i, q := range quantities {
			if cmd.Flags().Changed(q.option) {
				all[q.item] = said[i]
			}
		}
		return all
	}
}

func quoteCommand(s *session) *cobra.Command {
	var pdf bool
	var said, saidOffered func() map[string]int
	quote := s.look("quote APPLICATION", "say what an application costs, line by line, and why", exactly(1), func(c *call) error {
		charged, err := office.Charges{Office: c.Office}.Quote(c.ctx, c.act.Who, c.args[0], said(), c.act.At)
		if err != nil {
			return err
		}
		if pdf {
			return c.chargePaper(charged, charged.Quote, c.Works.Copies.Quote)
		}
		return c.quote(charged)
	})
	said = howMuch(quote)
	quote.Flags().BoolVar(&pdf, "pdf", false, "print it as a paper, a PDF")
	offer := s.do("offer APPLICATION", "put a quote before who applies; once it is agreed, with --reason", exactly(1), func(c *call) error {
		q, err := office.Charges{Office: c.Office}.Offer(c.ctx, c.act, c.args[0], saidOffered())
		if err != nil {
			return err
		}
		return c.say(q, "%s: charges of %s are offered, by the list %s", q.Stem, q.Quote.Total, q.Quote.List)
	})
	saidOffered = howMuch(offer)
	var order string
	agree := s.do("agree APPLICATION", "agree to the quote before the work", exactly(1), func(c *call) error {
		q, err := office.Charges{Office: c.Office}.Agree(c.ctx, c.act, c.args[0], order)
		if err != nil {
			return err
		}
		return c.say(q, "%s: charges of %s are agreed, by the list %s", q.Stem, q.Quote.Total, q.Quote.List)
	})
	agree.Flags().StringVar(&order, "order", "", "the number of the purchase order")
	quote.AddCommand(offer, agree)
	return quote
}

func invoiceCommand(s *session) *cobra.Command {
	var pdf bool
	invoice := s.look("invoice APPLICATION", "say what is owed so far, what was asked for, and what is to come", exactly(1), func(c *call) error {
		charged, err := office.Charges{Office: c.Office}.Statement(c.ctx, c.act.Who, c.args[0], c.act.At)
		if err != nil {
			return err
		}
		if pdf {
			return c.chargePaper(charged, charged.Account.Quote, c.Works.Copies.Statement)
		}
		return c.statement(charged)
	})
	invoice.Flags().BoolVar(&pdf, "pdf", false, "print it as a statement of charges, a PDF")
	var again bool
	void := s.do("void INVOICE", "make an invoice void, with --reason: a credit note says so, and its number is never used again", exactly(1), func(c *call) error {
		done, err := office.Charges{Office: c.Office}.Void(c.ctx, c.act, dars.InvoiceID(c.args[0]), again)
		if err != nil {
			return err
		}
		said := "nothing is asked for in its place"
		if done.Again != nil {
			said = fmt.Sprintf("%s for %s is in its place", done.Again.ID, done.Again.ToPay())
		}
		return c.say(done.Credit, "%s takes back %s of %s, which is void; %s", done.Credit.ID, done.Credit.Credits, done.Invoice.ID, said)
	})
	void.Flags().BoolVar(&again, "again", false, "ask for the same under another number, by the charges that are agreed now")
	invoice.AddCommand(
		s.look("list [APPLICATION]", "print the invoices that were made, of one case or of all", between(0, 1), func(c *call) error {
			ref := ""
			if len(c.args) > 0 {
				ref = c.args[0]
			}
			all, err := office.Charges{Office: c.Office}.Invoices(c.ctx, c.act.Who, ref)
			if err != nil {
				return err
			}
			return items(c, all, "INVOICE AGREEMENT FOR AMOUNT PAY-BY STATE", func(v *dars.Invoice) []any {
				return []any{v.ID, v.Agreement, cmp.Or(string(v.Release), string(v.Occasion)), v.ToPay(), v.PayBy, v.Stands()}
			})
		}),
		void,
		s.look("show INVOICE", "print an invoice that was made, line by line", exactly(1), func(c *call) error {
			v, err := office.Charges{Office: c.Office}.Issued(c.ctx, c.act.Who, dars.InvoiceID(c.args[0]))
			if err != nil {
				return err
			}
			return c.invoiceMade(v)
		}),
	)
	return invoice
}

func (c *call) invoiceMade(v *dars.Invoice) error {
	if c.json {
		return c.print(v)
	}
	facts := []any{"invoice", v.ID, "organisation", v.Org, "agreement", v.Agreement, "for", cmp.Or(string(v.Release), string(v.Occasion)),
		"date", v.On, "pay by", v.PayBy, "order", v.Order, "price list", v.Owed.List, "VAT", vatSaid(v.VAT, v.Owed.Total), "to pay", v.ToPay()}
	if x := v.Voided; x != nil {
		facts = append(facts, "void", fmt.Sprintf("since %s by %s: %s", x.On, c.names()(x.By), oneLine(x.Why)), "credit note", x.Credit, "in its place", cmp.Or(string(x.Replaced), "nothing"))
	}
	if err := c.facts(nil, facts...); err != nil {
		return err
	}
	return c.charges(v.Owed)
}

// vatSaid is the tax on an amount, or why there is none.
func vatSaid(v dars.VAT, amount dars.Pence) string {
	if v.Rate == 0 {
		return cmp.Or(v.Says, "none")
	}
	return fmt.Sprintf("%s at %s", v.On(amount), v.Percent())
}

// chargePaper prints a quote or a statement of charges.
func (c *call) chargePaper(charged office.Charged, q dars.Quote, draw func(dars.ChargeFacts) ([]byte, error)) error {
	pdf, err := draw(dars.ChargeFacts{Application: charged.Application, Organisation: charged.Payer, Quote: q, Fixed: charged.Fixed, Agreed: charged.Agreed(),
		Entries: charged.Account.Statement(), VAT: c.Policy.VAT, PayTo: c.Policy.PayTo, On: charged.On})
	if err == nil {
		_, err = c.env.stdout.Write(pdf)
	}
	return err
}

// quoteView is a quote as JSON. Amounts are pence.
type quoteView struct {
	Ref     string `json:"ref"`
	Version string `json:"version"`
	dars.Quote
	Fixed  bool            `json:"fixed"` // by the day of acceptance
	Kept   *dars.CaseQuote `json:"kept"`  // as it was offered or agreed
	Agreed *dars.CaseQuote `json:"agreed"`
	Owed   dars.Quote      `json:"owed"`
}

func (c *call) quote(q office.Charged) error {
	if c.json {
		return c.print(quoteView{q.Stem, q.Version(), q.Quote, q.Fixed, q.Kept, q.Agreed(), q.Account.Owed(q.On)})
	}
	fixed := "as of today; acceptance will fix them"
	if q.Fixed {
		fixed = fmt.Sprintf("fixed on %s, by acceptance", q.Quote.On)
	}
	facts := []any{"application", q.Stem + " " + q.Version(), "price list", fmt.Sprintf("%s, in force from %s", q.Quote.List, q.Quote.From), "amounts", fixed}
	for _, k := range q.History() {
		said := fmt.Sprintf("%s on %s", k.Quote.Total, k.On)
		if k.Order != "" {
			said += ", order " + k.Order
		}
		if k.Why != "" {
			said += ": " + oneLine(k.Why)
		}
		facts = append(facts, k.State, said)
	}
	if err := c.facts(nil, facts...); err != nil {
		return err
	}
	return c.charges(q.Quote)
}

// statementView is what is owed so far, as JSON: the lines of that, each occasion, and
// what is to come. Amounts are pence, without VAT.
type statementView struct {
	Ref          string        `json:"ref"`
	Version      string        `json:"version"`
	Organisation dars.OrgCode  `json:"organisation"`
	Contact      dars.PersonID `json:"contact"`
	AgreedOn     dars.Day      `json:"agreed_on"`
	Order        string        `json:"purchase_order"`
	AsAt         dars.Day      `json:"as_at"`
	dars.Quote
	ToCome    dars.Pence   `json:"to_come_pence"`
	Occasions []dars.Entry `json:"occasions"`
}

func (c *call) statement(q office.Charged) error {
	owed := q.Account.Owed(q.On)
	v := statementView{Ref: q.Stem, Version: q.Version(), Organisation: q.Form.Organisation, Contact: q.Form.ContactID, AsAt: q.On, Quote: owed,
		ToCome: q.Account.ToCome(q.On).Total, Occasions: append([]dars.Entry{}, q.Account.Statement()...)}
	if agreed := q.Agreed(); agreed != nil {
		v.AgreedOn, v.Order = agreed.On, agreed.Order
	}
	if c.json {
		return c.print(v)
	}
	err := c.facts(nil, "application", q.Stem+" "+q.Version(), "organisation", v.Organisation, "contact", c.names()(v.Contact),
		"agreed", v.AgreedOn, "order", v.Order, "price list", v.List, "VAT", vatSaid(c.Policy.VAT, owed.Total), "owed so far", owed.Total, "still to come", v.ToCome)
	if err != nil {
		return err
	}
	t := table{{"DUE", "FOR", "INVOICE", "AMOUNT"}}
	for _, e := range v.Occasions {
		t = append(t, []string{cmp.Or(string(e.On), "not yet"), occasionSaid(e), strings.TrimSpace(string(e.Invoice) + " " + stateSaid(e)), e.Owed.Total.String()})
	}
	fmt.Fprintln(c.env.stdout)
	if err := t.write(c.env.stdout); err != nil {
		return err
	}
	return c.charges(owed)
}

// occasionSaid is what an occasion is, in a word.
func occasionSaid(e dars.Entry) string {
	if e.Year > 0 {
		return fmt.Sprintf("%s %d", e.Occasion, e.Year)
	}
	return cmp.Or(string(e.Release), string(e.Occasion))
}

// stateSaid is said of an invoice that is not as invoices are.
func stateSaid(e dars.Entry) string {
	if e.State == dars.InvoiceVoid {
		return "(void)"
	}
	return ""
}

// charges prints the lines of a quote, and their sum.
func (c *call) charges(q dars.Quote) error {
	t := table{{"WHAT", "QUANTITY", "EACH", "AMOUNT", "WHY"}}
	for _, l := range q.Lines {
		t = append(t, []string{dars.Meaning(dars.ChargeItems, l.Item), fmt.Sprint(l.Quantity), l.Unit.String(), l.Amount.String(), l.Why})
	}
	t = append(t, []string{"Total", "", "", q.Total.String(), ""})
	fmt.Fprintln(c.env.stdout)
	return t.write(c.env.stdout)
}
