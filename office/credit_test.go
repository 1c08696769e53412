package office_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"

	"darsd/dars"
	"darsd/office"
)

// An invoice is made void once, for a reason, by who may; a credit note says so, and its
// number is never used again. What it has asked for is let go, or asked for anew.
func TestAnInvoiceIsMadeVoid(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		ctx, o := t.Context(), office.Charges{Office: h.first()}
		ourPrices(h)
		h.contract("RA1", "2030-03-31")
		h.list("2026-03-01", 5)
		f := h.form()
		f.Start, f.End = h.today, h.today.AddMonths(25).Add(-1)
		id := h.charged(f)
		first := h.published(id)
		h.dutiesOf(h.today)
		owed := func() (said [2]dars.Pence) {
			t.Helper()
			c, err := o.Statement(ctx, h.people["rita"], string(id), h.noon())
			h.must(err)
			return [2]dars.Pence{c.Account.Owed(c.On).Total, c.Account.ToCome(c.On).Total}
		}
		if got := owed(); got != [2]dars.Pence{130_00, 100_00} {
			t.Errorf("before, %v is owed and to come", got)
		}

		silent := h.by("carol")
		silent.Why = ""
		ruled(t, errorOf(o.Void(ctx, silent, "INV-000001", false)), "no-reason")
		ruled(t, errorOf(o.Void(ctx, h.by("rita"), "INV-000001", false)), "no-power")
		ruled(t, errorOf(o.Void(ctx, h.by("carol"), "INV-000009", false)), "not-found")

		done, err := o.Void(ctx, h.by("carol"), "INV-000001", true)
		h.must(err)
		if done.Credit.ID != "CRN-000001" || done.Credit.Credits != 130_00 || done.Again == nil || done.Again.ID != "INV-000002" || done.Again.Owed.Total != 130_00 {
			t.Errorf("made void: %+v and %+v", done.Credit, done.Again)
		}
		if r := get[dars.Release](h, string(first.ID)); r.Invoice != "INV-000002" {
			t.Errorf("the release is asked for by %s", r.Invoice)
		}
		if got := owed(); got != [2]dars.Pence{130_00, 100_00} {
			t.Errorf("asked for again, %v is owed and to come", got)
		}
		ruled(t, errorOf(o.Void(ctx, h.by("carol"), "INV-000001", false)), "wrong-step")

		// Let go, it is neither owed nor asked for with the next delivery.
		done, err = o.Void(ctx, h.by("carol"), "INV-000002", false)
		h.must(err)
		if done.Credit.ID != "CRN-000002" || done.Again != nil {
			t.Errorf("let go: %+v and %+v", done.Credit, done.Again)
		}
		if got := owed(); got != [2]dars.Pence{0, 100_00} {
			t.Errorf("let go, %v is owed and to come", got)
		}
		h.dutiesOf(h.today)
		second := h.published(id)
		h.dutiesOf(h.today)
		review := f.Start.AddMonths(12)
		h.dutiesOf(review)
		want := []string{
			fmt.Sprintf("INV-000001 %s delivery%s £130.00", f.Start, first.ID), fmt.Sprintf("INV-000002 %s delivery%s £130.00", f.Start, first.ID),
			fmt.Sprintf("INV-000003 %s delivery%s £30.00", f.Start, second.ID), fmt.Sprintf("INV-000004 %s review £50.00", review),
		}
		if got := h.invoices(); !slices.Equal(got, want) {
			t.Errorf("in all %v\nwant %v", got, want)
		}

		done, err = o.Void(ctx, h.by("carol"), "INV-000004", true) // of a review
		h.must(err)
		if done.Again.Year != 1 || done.Again.Owed.Total != 50_00 || done.Again.ID != "INV-000005" {
			t.Errorf("the review is asked for by %+v", done.Again)
		}
		h.dutiesOf(review.Add(1))
		if got := h.invoices(); len(got) != 5 {
			t.Errorf("the clock has made %v", got)
		}
		h.must(h.first().Work(ctx, h.noon))
		notes := slices.DeleteFunc(all[dars.Paper](h), func(p *dars.Paper) bool { return p.Kind != "credit-note" })
		if len(notes) != 3 || notes[0].About != "CRN-000001" || notes[0].For != "RA1" {
			t.Errorf("the credit notes are %+v", notes)
		}
		h.sound()
	})
}

// Twenty at once make one void, with one note, and one invoice in its place.
func TestAnInvoiceIsMadeVoidOnce(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		ourPrices(h)
		h.contract("RA1", "2030-03-31")
		h.list("2026-03-01", 5)
		h.published(h.charged(h.form()))
		h.dutiesOf(h.today)
		var wg sync.WaitGroup
		var mu sync.Mutex
		did := 0
		for i := range 20 {
			by := h.by("carol")
			wg.Go(func() {
				_, err := office.Charges{Office: h.both[i%2]}.Void(t.Context(), by, "INV-000001", i%3 == 0)
				mu.Lock()
				defer mu.Unlock()
				var no *dars.Refusal
				if err == nil {
					did++
				} else if !errors.As(err, &no) || no.Rule != "wrong-step" {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		notes, made := all[dars.CreditNote](h), all[dars.Invoice](h)
		replaced := made[0].Voided != nil && made[0].Voided.Replaced != ""
		if did != 1 || len(notes) != 1 || (len(made) == 2) != replaced {
			t.Errorf("%d made it void, with %d notes and %d invoices", did, len(notes), len(made))
		}
		h.sound()
	})
}

// An invoice says of the tax what the office had settled on its day, whatever it settles
// later.
func TestAnInvoiceWithTax(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		ourPrices(h)
		for _, o := range h.both {
			o.Policy.VAT, o.Policy.PayTo = dars.VAT{Rate: 0.2, Number: "GB 123 4567 89"}, []string{"Account 1"}
		}
		h.contract("RA1", "2030-03-31")
		h.list("2026-03-01", 5)
		h.published(h.charged(h.form()))
		if done := strings.Join(h.dutiesOf(h.today), "\n"); !strings.Contains(done, "invoice INV-000001 £156.00") {
			t.Errorf("done was %s", done)
		}
		for _, o := range h.both {
			o.Policy.VAT = dars.NoVAT
		}
		v, err := office.Charges{Office: h.first()}.Issued(t.Context(), h.people["rita"], "INV-000001")
		h.must(err)
		if v.ToPay() != 156_00 || !slices.Equal(v.PayTo, []string{"Account 1"}) {
			t.Errorf("the invoice is %+v", v)
		}
	})
}
