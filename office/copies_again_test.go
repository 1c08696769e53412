package office_test

import (
	"testing"

	"darsd/dars"
	"darsd/office"
)

// The same signed copy may come again after another. It counts then, it is what officers
// are shown, and whoever has looked at both can confirm it.
func TestACopyThatComesAgainAfterAnother(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		ctx, o := t.Context(), office.Agreements{Office: h.first()}
		h.contract("RA1", "2029-03-31")
		id := h.returned(h.form())
		for _, text := range []string{"signed " + string(id) + "\nRA1", "signed " + string(id) + "\nRA1 again", "signed " + string(id) + "\nRA1"} {
			h.must(errorOf(o.TakeCopy(ctx, h.by("rita"), paper("submit", "a.pdf", text), []byte(text))))
		}
		counts := get[dars.Agreement](h, string(id)).Copy.Paper
		shown, err := office.Desk{Office: h.first()}.Returned(ctx, h.by("carol"), string(id), office.SignedCopyPaper)
		if h.must(err); shown.ID != counts {
			t.Errorf("%s counts, and %s is shown", counts, shown.ID)
		}
		h.first().Works.Opened = func(_ dars.PersonID, look string) (bool, error) { return true, nil }
		h.must(o.Confirm(ctx, h.by("carol"), id))
		h.first().Works.Opened = func(_ dars.PersonID, look string) (bool, error) { return look != office.Look(shown), nil }
		ruled(t, o.Confirm(ctx, h.by("colin"), id), "not-looked")
	})
}
