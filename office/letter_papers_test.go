package office_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"darsd/dars"
	"darsd/office"
	"darsd/store"
)

// What is said in a letter of mail and matters later is a paper too.
func TestLettersArePapers(t *testing.T) {
	agreed.each(t, func(t *testing.T, h *house) {
		ctx := t.Context()
		id := h.agreement()
		r := h.published(id)
		h.collect("rita", r.Files[0])
		g := get[dars.Agreement](h, string(id))
		why := h.by("connie")
		why.Why = "an incident"
		h.must(office.Parties{Office: h.first()}.Hold(ctx, why, "RA1"))
		h.must(office.Parties{Office: h.first()}.ReleaseHold(ctx, h.by("connie"), "RA1"))
		h.must(office.Agreements{Office: h.first()}.Terminate(ctx, h.by("carol"), id))
		for _, agreement := range []dars.AgreementID{id, ""} {
			o := office.Audits{Office: h.first()}
			id, err := o.Open(ctx, h.by("audrey"), "RA1", agreement, "ROUTINE")
			h.must(err)
			h.must(o.Notify(ctx, h.by("audrey"), id, nil, h.today.Add(14), h.today.Add(15)))
		}
		h.must(h.first().Work(ctx, h.noon))
		for _, want := range []string{"application-paper " + string(g.Application), "hold RA1", "hold-ended RA1", "audit AUD-000001 of RA1", "audit AUD-000002 of RA1", "certificate CERT-000001", "destruction-notice CERT-000001"} {
			if n := len(drawnAs(h, want)); n != 1 {
				t.Errorf("%q is drawn %d times: %q", want, n, h.works.drawn)
			}
		}
	})
}

// The next version of an agreement says what has changed since the one before.
func TestTheNextVersionSaysWhatHasChanged(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		ctx := t.Context()
		h.contract("RA1", "2028-03-31")
		first := h.agreed(h.form())
		v1 := get[dars.Application](h, string(get[dars.Agreement](h, string(first)).Application))
		v2 := &dars.Application{Stem: v1.Stem, Major: 2, Kind: "renewal", State: dars.Approved, Form: v1.Form, Evidence: v1.Evidence}
		v2.Form.Title = "Another title"
		h.must(h.first().Store.Do(ctx, func(tx *store.Tx) error { return tx.Save(h.by("carol"), "application accept", v2) }))
		_, err := office.Agreements{Office: h.first()}.Issue(ctx, h.by("carol"), string(v2.ID()), "", "")
		h.must(err)
		h.must(h.first().Work(ctx, h.noon))
		want := fmt.Sprintf("agreement %s-v2.0 after %s: [{title %s Another title}]", v1.Stem, first, v1.Form.Title)
		if len(drawnAs(h, want)) != 1 {
			t.Errorf("drawn are %q, want %q", h.works.drawn, want)
		}
	})
}

func drawnAs(h *house, what string) []string {
	return slices.DeleteFunc(slices.Clone(h.works.drawn), func(s string) bool { return !strings.HasPrefix(s, what) })
}
