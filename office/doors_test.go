package office_test

import (
	"testing"

	"darsd/dars"
	"darsd/office"
)

// A signed copy that came over SFTP and, since it was mailed as well, comes by the folder
// is one copy: one paper is kept, and who has confirmed it need not look again.
func TestACopyThatComesByTwoDoorsIsLookedAtOnce(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		ctx, o := t.Context(), office.Agreements{Office: h.first()}
		h.contract("RA1", "2028-03-31")
		id := h.issued(h.form())
		take := func(o *office.Office, folder string, who dars.PersonID) {
			v := office.Intake{Office: o}.Take(ctx, office.At(who, h.noon()), paper(folder, "signed.pdf", "signed "+string(id)))
			if v.Verdict != dars.VerdictWaiting || v.Ref+"-"+v.Version != string(id) {
				t.Errorf("by %s: %+v", folder, v)
			}
		}
		take(h.first(), "submit", h.people["rita"])
		h.must(o.Confirm(ctx, h.by("carol"), id))
		h.race(8, "", func(_ int, o *office.Office) error {
			take(o, "signed-agreements", dars.ByFolder)
			return nil
		})
		h.must(o.Confirm(ctx, h.by("colin"), id))
		if g := get[dars.Agreement](h, string(id)); g.State != dars.AgreementSigned {
			t.Errorf("two have confirmed it, and it is %s", g.State)
		}
		if n := len(all[dars.Paper](h, dars.By("kind", "signed-copy"))); n != 1 {
			t.Errorf("%d papers are kept", n)
		}
		h.sound()
	})
}
