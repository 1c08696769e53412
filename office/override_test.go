package office_test

import (
	"testing"

	"darsd/dars"
	"darsd/office"
)

// Of two overrides that were confirmed one after the other the later counts, and the
// earlier is put aside.
func TestALaterOverrideReplacesTheEarlier(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		h.byMatrix()
		h.contract("RA1", "2028-03-31")
		g := h.agreed(h.form())
		o, ctx := office.Agreements{Office: h.first()}, t.Context()
		first := h.override(g, dars.NotUpheld, "N_CAG_DISAPPLIED")
		h.must(o.ConfirmOverride(ctx, h.by("connie"), first))
		second := h.override(g, dars.Uphold, "Y_UPHELD")
		if v := get[dars.Override](h, string(first)); v.State != dars.OverrideConfirmed {
			t.Errorf("a proposal alone has made the one before %s", v.State)
		}
		h.must(o.ConfirmOverride(ctx, h.by("sid"), second))
		if v := get[dars.Override](h, string(first)); v.State != dars.OverrideReplaced {
			t.Errorf("the earlier one is %s", v.State)
		}
		if term := get[dars.Agreement](h, string(g)).Objections[0]; term.By != string(second) || term.Treatment != dars.Uphold {
			t.Errorf("the agreement says %+v", term)
		}
	})
}
