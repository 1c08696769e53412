package office_test

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"darsd/dars"
	"darsd/office"
	"darsd/store"
)

// The list in force on the day of acceptance fixes what a case costs, however long
// it takes; what was agreed stands, and each release that is published is owed.
func TestChargesOfACase(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		ctx := t.Context()
		h.contract("RA1", "2028-03-31")
		h.list("2026-03-01", 5)
		o := office.Charges{Office: h.first()}
		h.today = "2026-03-31"
		id, err := office.Applications{Office: h.first()}.Submit(ctx, h.by("rita"), h.folder(h.form()), "")
		h.must(err)
		ref := string(id)
		charged := func(told map[string]int) office.Charged {
			t.Helper()
			c, err := o.Quote(ctx, h.people["rita"], ref, told, h.noon())
			h.must(err)
			return c
		}
		if c := charged(nil); c.Fixed || c.Quote.List != "July 2025" || c.Quote.Total != 1320_00+640_00 {
			t.Errorf("before acceptance it is %+v", c.Quote)
		}
		ruled(t, errorOf(o.Agree(ctx, h.by("rita"), ref, "PO 17")), "not-accepted")
		ruled(t, errorOf(o.Statement(ctx, h.people["rita"], ref, h.noon())), "not-accepted")
		h.must(office.Applications{Office: h.first()}.Review(ctx, h.by("carol"), ref, dars.Review{LegalBasis: true, Security: true, Feasibility: true, Purpose: true}))
		h.must(office.Applications{Office: h.first()}.Look(ctx, h.by("carol"), ref, 1, dars.EvidenceSeen, dars.Reading{}))
		h.must(office.Applications{Office: h.first()}.Accept(ctx, h.by("carol"), ref))
		h.today = "2026-04-01" // when another list is in force
		if c := charged(nil); !c.Fixed || c.Quote.List != "July 2025" || c.Quote.On != "2026-03-31" {
			t.Errorf("after acceptance it is %+v", c.Quote)
		}
		ruled(t, errorOf(o.Agree(ctx, h.by("ravi"), ref, "PO 17")), "not-found")
		ruled(t, errorOf(o.Agree(ctx, h.by("pat"), ref, "PO 17")), "no-power")
		ruled(t, errorOf(o.Offer(ctx, h.by("rita"), ref, map[string]int{"dissemination": 0})), "no-power") // who owes does not say how much
		h.must(errorOf(o.Offer(ctx, h.by("carol"), ref, map[string]int{"dissemination": 2})))
		asked := func() bool {
			todo, err := office.Desk{Office: h.first()}.Todo(ctx, h.people["rita"], h.noon())
			h.must(err)
			return slices.ContainsFunc(todo, func(one office.Todo) bool {
				return strings.HasSuffix(one.Act, "darsd quote agree "+ref+" --order NUMBER")
			})
		}
		if !asked() {
			t.Error("nobody asks who applies to agree to the offer")
		}
		if c := charged(nil); c.Agreed() != nil || c.Kept.State != dars.QuoteOffered || c.Quote.Lines[len(c.Quote.Lines)-1].Quantity != 2 {
			t.Errorf("offered is %+v", c.Kept)
		}
		h.must(errorOf(o.Agree(ctx, h.by("rita"), ref, "PO 17")))
		if asked() {
			t.Error("who has agreed is asked again")
		}
		for _, o := range h.both { // a list that is made later changes nothing
			o.Policy.Prices = []dars.PriceList{{Name: "dearer", From: "2018-01-01", Items: map[string]dars.Pence{"new-application": 9999_00}}}
		}
		if c := charged(nil); c.Agreed().Order != "PO 17" || c.Quote.Lines[len(c.Quote.Lines)-1].Quantity != 2 {
			t.Errorf("agreed is %+v", c.Agreed())
		}
		ruled(t, errorOf(o.Agree(ctx, h.by("rita"), ref, "PO 18")), "agreed")
		silent := h.by("carol")
		silent.Why = ""
		ruled(t, errorOf(o.Offer(ctx, silent, ref, map[string]int{"dissemination": 4})), "no-reason")
		h.must(errorOf(o.Offer(ctx, h.by("carol"), ref, map[string]int{"dissemination": 4})))
		if c := charged(nil); c.Agreed() != nil || len(c.History()) != 2 || c.History()[0].Order != "PO 17" || c.Quote.List != "July 2025" || c.Quote.Total != 1320_00+640_00 {
			t.Errorf("its history is %+v", c.History())
		}
		if c := charged(map[string]int{"dissemination": 3}); c.Quote.Lines[len(c.Quote.Lines)-1].Quantity != 3 {
			t.Errorf("three would be %+v", c.Quote)
		}
		h.sound()
	})
}

func TestOwedForReleases(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		ctx := t.Context()
		for _, o := range h.both {
			o.Policy.Prices = []dars.PriceList{{Name: "ours", From: "2026-01-01", Items: map[string]dars.Pence{"new-application": 100_00, "dataset-year": 10_00, "dissemination": 30_00}}}
		}
		h.contract("RA1", "2028-03-31")
		h.list("2026-03-01", 5)
		id := h.agreed(h.form())
		o := office.Charges{Office: h.first()}
		owed := func() dars.Quote {
			t.Helper()
			c, err := o.Statement(ctx, h.people["rita"], string(id), h.noon())
			h.must(err)
			if all := c.Account.Owed(c.On).Total + c.Account.ToCome(c.On).Total; all != 150_00 {
				t.Errorf("in all it costs %s", all)
			}
			return c.Account.Owed(c.On)
		}
		if q := owed(); q.Total != 0 {
			t.Errorf("before delivery %+v is owed", q)
		}
		first := h.published(id)
		if q := owed(); q.Total != 150_00 {
			t.Errorf("after delivery %+v is owed", q)
		}
		ruled(t, errorOf(o.Agree(ctx, h.by("carol"), string(id), "")), "too-late")
		h.today = first.WindowEnds.Add(1)
		again, err := office.Releases{Office: h.first()}.Reissue(ctx, h.by("carol"), first.ID)
		h.must(err)
		r := office.Releases{Office: h.first()}
		h.must(errors.Join(r.Produce(ctx, h.by("pat"), again), r.Check(ctx, h.by("chris"), again), r.SignOff(ctx, h.by("sam"), again), r.Publish(ctx, h.by("pat"), again)))
		if q := owed(); q.Total != 150_00 || q.Lines[len(q.Lines)-1].Quantity != 1 {
			t.Errorf("after it was issued again %+v is owed", q)
		}

		// A renewal of the same case owes nothing for what was delivered before, nor for
		// the years that are held already.
		v1 := get[dars.Application](h, string(get[dars.Agreement](h, string(id)).Application))
		v2 := &dars.Application{Stem: v1.Stem, Major: 2, Kind: "renewal", State: dars.Accepted, Form: v1.Form, Clock: dars.SLA{Started: h.today}}
		h.must(h.first().Store.Do(ctx, func(tx *store.Tx) error { return tx.Save(h.by("carol"), "application accept", v2) }))
		c, err := o.Statement(ctx, h.people["rita"], v1.Stem, h.noon())
		h.must(err)
		if owed, coming := c.Account.Owed(c.On), c.Account.ToCome(c.On); c.Major != 2 || len(owed.Lines) != 0 || coming.Total != 0 || len(coming.Lines) != 2 || coming.Lines[0].Item != "change" || coming.Lines[1].Item != "annual-review" {
			t.Errorf("for the renewal %+v is owed, and %+v to come", owed, coming)
		}
	})
}

// Where no list says what a day costs, nobody is told a figure.
func TestNoPricesBeforeAList(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		h.contract("RA1", "2028-03-31")
		for _, o := range h.both {
			o.Policy.Prices = []dars.PriceList{{Name: "ours", From: "2026-03-03", Items: map[string]dars.Pence{"change": 1}}}
		}
		ref := h.approved(h.form())
		ruled(t, errorOf(office.Charges{Office: h.first()}.Quote(t.Context(), h.people["carol"], ref, nil, h.noon())), "no-price-list")
	})
}
