package office_test

import (
	"strings"
	"testing"

	"darsd/dars"
	"darsd/office"
)

// An operator enters people of the office and gives them keys alone, and whoever has three
// people's keys is three people. So compliance hears of each key at once, and so does
// whoever it is said to be of.
func TestWhoGivesAColleagueAKeyIsTold(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		ctx, o := t.Context(), office.Parties{Office: h.first()}
		olive := h.by("olive")
		olive.Via = dars.SSH
		h.must(o.AddKey(ctx, olive, "pat", "SHA256:second", "ssh-ed25519 AAAA"))
		ghost, err := o.AddPerson(ctx, olive, dars.Person{Org: dars.TheOffice, Login: "ghost", Name: "Gus Host", Roles: []dars.Role{dars.Signer}}, "SHA256:third", "ssh-ed25519 BBBB")
		h.must(err)
		_, err = o.AddPerson(ctx, olive, dars.Person{Org: dars.TheOffice, Login: "new", Name: "Nia Ewart", Roles: []dars.Role{dars.Signer}}, "", "")
		h.must(err) // without a key: nobody comes in by that
		h.must(h.first().Work(ctx, h.noon))
		told := map[string]int{}
		for _, l := range h.works.letters("was given a key by") {
			for to := range strings.FieldsSeq(l.to) {
				told[to]++
			}
			if !strings.Contains(l.body, "SHA256:") || !strings.Contains(l.body, "revoked at once") {
				t.Errorf("the letter says %s", l.body)
			}
		}
		if told["connie@example.org"] != 2 || told["pat@example.org"] != 1 {
			t.Errorf("of the keys of pat and of %s these are told: %v", ghost, told)
		}
		h.sound()
	})
}
