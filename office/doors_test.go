package office_test

import (
	"encoding/json"
	"strings"
	"testing"

	"darsd/dars"
	"darsd/office"
)

// A signed copy that comes over SFTP and, since it was mailed as well, by the folder of
// the office is one copy: one paper, one letter, and who has confirmed it need not again.
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
		h.race(8, "", func(i int, o *office.Office) error {
			if i%2 == 0 {
				take(o, "submit", h.people["rita"])
			} else {
				take(o, "signed-agreements", dars.ByFolder)
			}
			return nil
		})
		h.must(o.Confirm(ctx, h.by("carol"), id))
		take(h.both[1], "signed-agreements", h.people["carol"]) // a third hand
		h.must(o.Confirm(ctx, h.by("colin"), id))
		if g := get[dars.Agreement](h, string(id)); g.State != dars.AgreementSigned {
			t.Errorf("two have confirmed it, and it is %s", g.State)
		}
		if n := len(all[dars.Paper](h, dars.By("kind", "signed-copy"))); n != 1 {
			t.Errorf("%d papers are kept", n)
		}
		letters := 0
		for _, w := range h.owed() {
			var l struct{ Subject string }
			if w.What == "mail" {
				h.must(json.Unmarshal(w.Body, &l))
			}
			if strings.HasSuffix(l.Subject, "signed copy received") {
				letters++
			}
		}
		if letters != 1 {
			t.Errorf("%d letters say that it came", letters)
		}
		h.sound()
	})
}
