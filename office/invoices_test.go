package office_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"

	"darsd/dars"
	"darsd/office"
	"darsd/store"
)

// invoices are those that were made, in order: what for, and how much.
func (h *house) invoices() (said []string) {
	h.t.Helper()
	for _, v := range all[dars.Invoice](h) {
		said = append(said, fmt.Sprintf("%s %s %s%s %s", v.ID, v.On, v.Occasion, v.Release, v.Owed.Total))
	}
	return said
}

// dutiesOf lets the clock of the first program do what is due today.
func (h *house) dutiesOf(on dars.Day) (done []string) {
	h.t.Helper()
	h.today = on
	h.must(job(office.Clock{Office: h.first()}, func(d office.Done) { done = append(done, d.Step) })(h.t.Context(), h.noon()))
	return done
}

// charged is an agreement in force whose charges were agreed.
func (h *house) charged(f dars.Form) dars.AgreementID {
	h.t.Helper()
	id := h.agreed(f)
	h.must(errorOf(office.Charges{Office: h.first()}.Agree(h.t.Context(), h.by("rita"), string(id), "PO 1")))
	return id
}

func ourPrices(h *house) {
	for _, o := range h.both {
		o.Policy.Prices = []dars.PriceList{{Name: "ours", From: "2026-01-01", Items: map[string]dars.Pence{"new-application": 100_00, "annual-review": 50_00, "dissemination": 30_00}}}
	}
}

// What a case costs is asked for when its first release leaves, each release when it
// leaves, and a review at each anniversary: each once, with a paper and a letter.
func TestInvoicesOfTheClock(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		ourPrices(h)
		h.contract("RA1", "2030-03-31")
		h.list("2026-03-01", 5)
		f := h.form()
		f.Start, f.End = h.today, h.today.AddMonths(25).Add(-1) // 25 months: two reviews
		id := h.charged(f)
		if h.dutiesOf(h.today); len(h.invoices()) > 0 {
			t.Fatalf("before anything is delivered: %v", h.invoices())
		}
		first := h.published(id)
		h.dutiesOf(h.today)
		h.dutiesOf(h.today)
		want := []string{fmt.Sprintf("INV-000001 %s delivery%s £130.00", h.today, first.ID)}
		if got := h.invoices(); !slices.Equal(got, want) {
			t.Errorf("after delivery: %v, want %v", got, want)
		}
		second := h.published(id)
		h.dutiesOf(h.today)
		want = append(want, fmt.Sprintf("INV-000002 %s delivery%s £30.00", h.today, second.ID))
		for year := range 2 {
			day := f.Start.AddMonths(12 * (year + 1))
			h.dutiesOf(day.Add(-1))
			if got := h.invoices(); !slices.Equal(got, want) {
				t.Errorf("the day before anniversary %d: %v, want %v", year+1, got, want)
			}
			h.dutiesOf(day)
			h.dutiesOf(day.Add(1))
			want = append(want, fmt.Sprintf("INV-%06d %s review £50.00", 3+year, day))
		}
		if got := h.invoices(); !slices.Equal(got, want) {
			t.Errorf("in all: %v, want %v", got, want)
		}
		h.must(h.first().Work(t.Context(), h.noon))
		for _, v := range all[dars.Invoice](h) {
			if v.PayBy != v.On.Add(30) {
				t.Errorf("%s of %s is to be paid by %s", v.ID, v.On, v.PayBy)
			}
			papers := slices.DeleteFunc(all[dars.Paper](h), func(p *dars.Paper) bool { return p.About != string(v.ID) || p.Kind != "invoice" })
			if len(papers) != 1 || papers[0].For != "RA1" {
				t.Errorf("the papers of %s are %+v", v.ID, papers)
			}
		}
		c := office.Charges{Office: h.first()}
		ruled(t, errorOf(c.Issued(t.Context(), h.people["ravi"], "INV-000001")), "not-found")
		theirs, err := c.Invoices(t.Context(), h.people["ravi"], "")
		h.must(err)
		ours, err := c.Invoices(t.Context(), h.people["rita"], "")
		h.must(err)
		if len(theirs) != 0 || len(ours) != 4 {
			t.Errorf("others see %d invoices, and who pays sees %d", len(theirs), len(ours))
		}
		h.sound()
	})
}

// Two programs whose clocks strike together ask once.
func TestInvoicesAreMadeOnce(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		ourPrices(h)
		h.contract("RA1", "2030-03-31")
		h.list("2026-03-01", 5)
		h.published(h.charged(h.form()))
		due, err := office.Clock{Office: h.first()}.Due(t.Context(), h.noon())
		h.must(err)
		due = slices.DeleteFunc(due, func(d office.Duty) bool { return d.Step != "invoice release" })
		if len(due) != 1 {
			t.Fatalf("due is %+v", due)
		}
		var wg sync.WaitGroup
		at := h.noon()
		for i := range 20 {
			wg.Go(func() {
				if _, err := (office.Clock{Office: h.both[i%2]}).Do(t.Context(), due[0], at); err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		if got := h.invoices(); len(got) != 1 {
			t.Errorf("twenty at once made %v", got)
		}
	})
}

// What is free is not asked for, nor what no list covers; and a forecast tells what will be.
func TestInvoicesForNothing(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		for _, o := range h.both {
			o.Policy.Prices = []dars.PriceList{{Name: "free", From: "2026-01-01", Items: map[string]dars.Pence{"annual-review": 0}}}
		}
		h.contract("RA1", "2030-03-31")
		h.list("2026-03-01", 5)
		h.published(h.charged(h.form()))
		if h.dutiesOf(h.today); len(h.invoices()) > 0 {
			t.Errorf("asked for nothing: %v", h.invoices())
		}
	})
}

// What is foreseen is what comes.
func TestInvoicesAreForeseen(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		ourPrices(h)
		h.contract("RA1", "2030-03-31")
		h.list("2026-03-01", 5)
		f := h.form()
		f.Start, f.End = h.today, h.today.AddMonths(25).Add(-1)
		h.published(h.charged(f))
		foreseen := h.foreseen(h.noon(), h.noon().AddDate(2, 2, 0))
		n := 0
		for _, line := range foreseen {
			if strings.Contains(line, "invoice INV-") {
				n++
			}
		}
		if n != 3 || len(h.invoices()) > 0 {
			t.Errorf("%d invoices are foreseen and %v made, in\n%s", n, h.invoices(), strings.Join(foreseen, "\n"))
		}
	})
}

// What was agreed is asked for and no more, whatever list comes later; and nothing is to
// which nobody has agreed, of which the case officer is told in time.
func TestInvoicesAskForWhatWasAgreed(t *testing.T) {
	ctx := context.Background()
	for name, c := range map[string]struct {
		before func(*house, office.Charges, string)
		want   []string
	}{
		"agreed":                    {func(h *house, o office.Charges, id string) { h.must(errorOf(o.Agree(ctx, h.by("rita"), id, ""))) }, []string{"£130.00"}},
		"nothing offered":           {func(*house, office.Charges, string) {}, nil},
		"offered, and never agreed": {func(h *house, o office.Charges, id string) { h.must(errorOf(o.Offer(ctx, h.by("carol"), id, nil))) }, nil},
		"agreed without any delivery": {func(h *house, o office.Charges, id string) {
			h.must(errorOf(o.Offer(ctx, h.by("carol"), id, map[string]int{"dissemination": 0})))
			h.must(errorOf(o.Agree(ctx, h.by("rita"), id, "")))
		}, []string{"£100.00"}},
		"offered dearer after it was agreed": {func(h *house, o office.Charges, id string) {
			h.must(errorOf(o.Agree(ctx, h.by("rita"), id, "")))
			h.must(errorOf(o.Offer(ctx, h.by("carol"), id, map[string]int{"tabulation-table": 9})))
		}, []string{"£130.00"}},
	} {
		t.Run(name, func(t *testing.T) {
			each(t, func(t *testing.T, h *house) {
				ourPrices(h)
				h.contract("RA1", "2030-03-31")
				h.list("2026-03-01", 5)
				id := h.agreed(h.form())
				p := get[dars.Application](h, string(get[dars.Agreement](h, string(id)).Application))
				p.Prices = nil // it was accepted before an office had a list
				h.must(h.first().Store.Do(ctx, func(tx *store.Tx) error { return tx.Save(h.by("carol"), "application accept", p) }))
				c.before(h, office.Charges{Office: h.first()}, string(id))
				for _, o := range h.both {
					o.Policy.Prices[0].Items = map[string]dars.Pence{"new-application": 900_00, "dissemination": 800_00}
				}
				h.published(id)
				h.dutiesOf(h.today)
				var got []string
				for _, v := range all[dars.Invoice](h) {
					got = append(got, v.Owed.Total.String())
				}
				if !slices.Equal(got, c.want) {
					t.Errorf("invoices of %v, want %v", got, c.want)
				}
			})
		})
	}
}

// A release that takes the place of another that was asked for is the same delivery.
func TestInvoiceOfWhatIsMadeAgain(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		ourPrices(h)
		h.contract("RA1", "2030-03-31")
		h.list("2026-03-01", 5)
		id := h.charged(h.form())
		first := h.published(id)
		h.dutiesOf(h.today)
		again := h.published(id)
		again.Rebuilds = &dars.Rebuild{Of: first.ID, Because: "people have objected"}
		h.must(h.first().Store.Do(t.Context(), func(tx *store.Tx) error { return tx.Save(h.by("carol"), "release plan", again) }))
		h.dutiesOf(h.today)
		if got := h.invoices(); len(got) != 1 {
			t.Errorf("one delivery is asked for in %v", got)
		}
		c, err := office.Charges{Office: h.first()}.Statement(t.Context(), h.people["rita"], string(id), h.noon())
		h.must(err)
		if owed := c.Account.Owed(c.On); owed.Total != 130_00 {
			t.Errorf("owed is %+v", owed)
		}
	})
}

// The case officer is asked to offer what an accepted application costs, until it is offered.
func TestTodoOfAnOffer(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		ourPrices(h)
		h.contract("RA1", "2030-03-31")
		ref := h.approved(h.form())
		asked := func() bool {
			t.Helper()
			todo, err := office.Desk{Office: h.first()}.Todo(t.Context(), h.people["carol"], h.noon())
			h.must(err)
			return slices.ContainsFunc(todo, func(d office.Todo) bool { return strings.HasPrefix(d.Act, "darsd quote offer ") })
		}
		if !asked() {
			t.Error("nobody is asked to offer charges")
		}
		h.must(errorOf(office.Charges{Office: h.first()}.Offer(t.Context(), h.by("carol"), ref, nil)))
		if asked() {
			t.Error("an offer is asked for again")
		}
	})
}
