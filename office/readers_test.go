package office_test

import (
	"strings"
	"testing"

	"darsd/dars"
	"darsd/office"
)

// A letter for somebody who has left goes to the others of the agreement, and where
// nobody is left to the office, which is told so. It need not be a leaving: a person
// whose every key is revoked is as far away.
func TestWhoHasLeftIsNotTheOnlyOneWrittenTo(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		ctx := t.Context()
		h.contract("RA1", "2028-03-31")
		g := h.agreed(h.form())
		h.must(h.first().Work(ctx, h.noon))
		parties := office.Parties{Office: h.first()}
		oblige := func() mail {
			t.Helper()
			clear(h.works.mails)
			_, err := office.Agreements{Office: h.first()}.Oblige(ctx, h.by("carol"), g, dars.Obligation{Stage: dars.StagePublish, Text: "Register.", Due: "2026-04-01"})
			h.must(err)
			h.must(h.first().Work(ctx, h.noon))
			found := h.works.letters("something is to be done")
			if len(found) != 1 {
				t.Fatalf("there are %d letters", len(found))
			}
			return found[0]
		}
		if m := oblige(); m.to != "rita@example.org" {
			t.Errorf("the contact is there, and it goes to %s", m.to)
		}
		h.must(parties.Leave(ctx, h.by("colin"), "rita"))
		if m := oblige(); m.to != "ron@example.org" {
			t.Errorf("the contact has left, and it goes to %s", m.to)
		}
		h.must(parties.RevokeKey(ctx, h.by("colin"), "ron", "SHA256:ron"))
		m := oblige()
		if strings.Contains(m.to, "rita") || strings.Contains(m.to, "ron@") || !strings.Contains(m.to, "carol@example.org") || !strings.HasPrefix(m.body, "Nobody of RA1 is left to whom this letter could go: N. rita (rita) is there no more.") {
			t.Errorf("nobody is left, and to %s goes\n%s", m.to, m.body)
		}
	})
}
