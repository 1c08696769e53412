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

// Who is in charge of a case hears of its letters that nobody will get; another officer
// does not.
func TestWhoIsInChargeHearsOfARefusedLetter(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		ctx := t.Context()
		h.contract("RA1", "2028-03-31")
		ref := h.submitted(h.form())
		apps := office.Applications{Office: h.first()}
		h.must(apps.Reassign(ctx, h.by("carol"), ref, "colin"))
		h.must(h.first().Work(ctx, h.noon))
		h.works.refuses = map[string]error{"rita@example.org": said{"550 nobody of that name", true}}
		_, err := apps.AddAction(ctx, h.by("carol"), ref, string(dars.TheApplicant), "2026-03-20", "Say how long.")
		h.must(err)
		h.first().Work(ctx, h.noon)
		var id string
		for _, l := range h.queue(false) {
			if l.State == office.LetterRefused {
				id = l.ID
			}
		}
		if !h.waits("colin", id, "was refused; tell its reader in another way: 550") {
			t.Error("who is in charge is not told")
		}
		if h.waits("carol", id, "was refused") {
			t.Error("another officer is told")
		}
	})
}

func TestNamesWithLineBreaksAreNotEntered(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		o := office.Parties{Office: h.first()}
		ruled(t, o.AddOrganisation(t.Context(), h.by("carol"), dars.Organisation{Code: "RA7", Name: "Trust\nPay at once\n-----"}), "bad-text")
		ruled(t, o.AddOrganisation(t.Context(), h.by("carol"), dars.Organisation{Code: "RA7", Name: "Trust", Address: "Leeds\rYork"}), "bad-text")
		ruled(t, o.AddOrganisation(t.Context(), h.by("carol"), dars.Organisation{Code: "RA7\nBcc", Name: "Trust"}), "bad-text")
		ruled(t, o.AddOrganisation(t.Context(), h.by("carol"), dars.Organisation{Code: "RA7", Name: "Trust", Security: "DSPT\nBcc: eve@example.org"}), "bad-text")
		ruled(t, o.RenewStanding(t.Context(), h.by("carol"), "RA1", dars.Standing{ICO: "Z1\r\nBcc: eve@example.org"}), "bad-text")
		_, err := o.AddPerson(t.Context(), h.by("carol"), dars.Person{Org: "RA1", Login: "eve", Name: "Eve\u2028Adam"}, "", "")
		ruled(t, err, "bad-text")
		_, err = o.AddPerson(t.Context(), h.by("carol"), dars.Person{Org: "RA1", Login: "eve", Name: "Eve", Email: "eve"}, "", "")
		ruled(t, err, "bad-email")
	})
}
