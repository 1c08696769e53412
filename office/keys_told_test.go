package office_test

import (
	"slices"
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
		h.must(o.AddKey(ctx, olive, "pat", "SHA256:second", "ssh-ed25519 AAAA"))
		ghost, err := o.AddPerson(ctx, olive, dars.Person{Org: dars.TheOffice, Login: "ghost", Name: "Gus Host", Roles: []dars.Role{dars.Signer}}, "SHA256:third", "ssh-ed25519 BBBB")
		h.must(err)
		_, err = o.AddPerson(ctx, olive, dars.Person{Org: dars.TheOffice, Login: "new", Name: "Nia Ewart", Roles: []dars.Role{dars.Signer}}, "", "")
		h.must(err) // without a key: nobody comes in by that
		olive.Via = dars.Console
		h.must(o.AddKey(ctx, olive, "chris", "SHA256:fourth", "ssh-ed25519 CCCC"))
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
		if told["connie@example.org"] != 3 || told["pat@example.org"] != 1 || told["chris@example.org"] != 1 {
			t.Errorf("of the keys of pat and of %s these are told: %v", ghost, told)
		}
		h.sound()
	})
}

// A stolen key waits for nobody: from a local shell the last of compliance is shut out, too,
// and the risk owner hears of it.
func TestAStolenKeyOfTheLastOfComplianceIsTaken(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		ctx, a := t.Context(), h.by("olive")
		a.Via, a.Why = dars.BreakGlass, "connie's laptop was stolen"
		h.must(office.Parties{Office: h.first()}.RevokeKey(ctx, a, "connie", "SHA256:connie"))
		if p := get[dars.Person](h, string(h.people["connie"])); p.SignsIn() {
			t.Error("the key still lets them in")
		}
		h.must(h.first().Work(ctx, h.noon))
		told := h.works.letters("Nobody of compliance can sign in")
		if !slices.ContainsFunc(told, func(m mail) bool { return strings.Contains(m.to, "sid@example.org") }) {
			t.Errorf("told are %+v", told)
		}
		h.sound()
	})
}

// An operator does not see to it first that nobody hears of the keys: the last of
// compliance who can sign in stays until another can, whose key is told of.
func TestTheLastOfComplianceStays(t *testing.T) {
	ends := map[string]func(h *house) error{
		"the key": func(h *house) error {
			return office.Parties{Office: h.first()}.RevokeKey(h.t.Context(), h.by("olive"), "connie", "SHA256:connie")
		},
		"every key": func(h *house) error {
			return office.Parties{Office: h.first()}.Leave(h.t.Context(), h.by("olive"), "connie")
		},
	}
	for what, end := range ends {
		t.Run(what, func(t *testing.T) {
			each(t, func(t *testing.T, h *house) {
				ctx, o := t.Context(), office.Parties{Office: h.first()}
				_, err := o.AddPerson(ctx, h.by("olive"), dars.Person{Org: dars.TheOffice, Login: "ghost", Name: "Gus Host", Roles: []dars.Role{dars.Compliance}}, "", "")
				h.must(err)
				before := h.head()
				ruled(t, end(h), "last-compliance")
				if h.head() != before {
					t.Error("a refusal left a trace")
				}
				h.must(o.AddKey(ctx, h.by("olive"), "ghost", "SHA256:ghost", "ssh-ed25519 AAAA"))
				h.must(h.first().Work(ctx, h.noon))
				if told := h.works.letters("was given a key by"); len(told) != 1 || !strings.Contains(told[0].to, "connie@example.org") {
					t.Errorf("of the key of the other are told %+v", told)
				}
				h.must(end(h))
				h.sound()
			})
		})
	}
}
