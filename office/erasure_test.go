package office_test

import (
	"strings"
	"testing"

	"darsd/dars"
	"darsd/office"
	"darsd/store"
)

// gone is somebody of RA1 who wrote an enquiry and has left.
func (h *house) gone() dars.PersonID {
	h.t.Helper()
	ctx, o := h.t.Context(), office.Parties{Office: h.first()}
	h.add("gerda", "RA1", dars.Applicant, dars.Collector)
	_, err := office.Applications{Office: h.first()}.Enquire(ctx, h.by("gerda"), dars.Enquiry{Who: "N. gerda", Text: "May we? Write to gerda@example.org."})
	h.must(err)
	h.must(h.first().Work(ctx, h.noon))
	h.must(o.Leave(ctx, h.by("carol"), "gerda"))
	return h.people["gerda"]
}

// Who has left is erased: nothing that anybody reads says who they were, what was owed
// to them goes to the office, and the log is sound.
func TestSomebodyIsErased(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		ctx, o := t.Context(), office.Parties{Office: h.first()}
		var forgotten []string
		for _, one := range h.both {
			one.Works.Naming = func(who dars.PersonID, words []string) ([]string, []string, error) {
				if who != h.people["gerda"] || strings.Join(words, "|") != "N. gerda|gerda@example.org" {
					t.Errorf("asked for %s: %q", who, words)
				}
				return []string{"outgoing-mail/a.eml"}, []string{"darsd.yaml"}, nil
			}
			one.Works.Forget = func(who dars.PersonID, letters []string) error { forgotten = append(forgotten, letters...); return nil }
		}
		id := h.gone()
		e, err := o.Erase(ctx, h.by("connie"), "gerda")
		h.must(err)
		h.must(h.first().Work(ctx, h.noon))
		if e.Person != id || len(e.Also) != 1 || e.Also[0] != "ENQ-000001" || e.Letters != 1 || len(e.Left) != 1 || len(e.Kept) != len(dars.KeptForLaw) || len(forgotten) != 1 {
			t.Errorf("%+v, and %v were removed", e, forgotten)
		}
		for _, k := range e.Kept {
			if dars.Meaning(dars.KeptForLaw, k.What) == k.What {
				t.Errorf("nobody says why %s is kept", k.What)
			}
		}
		p := get[dars.Person](h, string(id))
		if p.Login == "gerda" || p.Name != string(id) || p.Email != "" || p.Keys[0].Public != "" || p.Keys[0].Fingerprint == "" || p.Erased != h.today || len(p.Roles) != 0 {
			t.Errorf("of them there is %+v", p)
		}
		h.must(h.first().Store.View(ctx, func(tx *store.Tx) error {
			events, err := tx.Events("", "", 0, 100_000)
			for _, ev := range events {
				if strings.Contains(strings.ReplaceAll(string(ev.Facts), "SHA256:gerda", ""), "gerda") { // the fingerprint of a key is kept
					t.Errorf("event %d (%s) still says %s", ev.Seq, ev.Act, ev.Facts)
				}
			}
			owed, err2 := tx.Owing(true, "mail", "letter", "letter copy", "routine")
			for _, w := range owed {
				if strings.Contains(string(w.Body), "gerda") {
					t.Errorf("what is owed says %s", w.Body)
				}
			}
			if err == nil {
				err = err2
			}
			return err
		}))
		ruled(t, o.AddKey(ctx, h.by("carol"), p.Login, "SHA256:again", "ssh-ed25519 again"), "erased")
		_, err = o.Erase(ctx, h.by("connie"), "gerda")
		ruled(t, err, "not-found")
		_, err = o.Erase(ctx, h.by("connie"), p.Login)
		ruled(t, err, "wrong-step")
		_, err = o.AddPerson(ctx, h.by("carol"), dars.Person{Org: "RA1", Login: "gerda", Name: "Gerda Other", Roles: []dars.Role{dars.Collector}}, "SHA256:other", "ssh-ed25519 other")
		h.must(err) // somebody else, by the same login
		h.sound()
	})
}

// Who is still needed by name is not erased, and a refusal leaves no trace.
func TestWhoIsNotErased(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		ctx, o := t.Context(), office.Parties{Office: h.first()}
		h.gone()
		h.contract("RA1", "2028-03-31")
		h.list("2026-03-01", 5)
		h.agreed(h.form())
		h.must(o.Leave(ctx, h.by("carol"), "ron"))
		h.must(o.Leave(ctx, h.by("olive"), "iris"))
		act := h.by("connie")
		named := act
		named.Why = "N. Gerda has asked for it"
		silent := act
		silent.Why = ""
		tests := map[string]struct {
			act         dars.Act
			login, rule string
		}{
			"who can still sign in":           {act, "ravi", "not-left"},
			"who collects under an agreement": {act, "ron", "still-needed"},
			"who owns a dataset":              {act, "iris", "still-needed"},
			"themselves":                      {act, "connie", "same-person"},
			"for a reason that names them":    {named, "gerda", "names-them"},
			"for no reason":                   {silent, "gerda", "no-reason"},
			"by an operator":                  {h.by("olive"), "gerda", "no-power"},
			"nobody":                          {act, "nobody", "not-found"},
		}
		for name, tt := range tests {
			before := h.head()
			_, err := o.Erase(ctx, tt.act, tt.login)
			if ruled(t, err, tt.rule); h.head() != before {
				t.Errorf("%s: it has left a trace", name)
			}
		}
	})
}

// Somebody is erased once, however many do it, while others write about them.
func TestSomebodyIsErasedOnce(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		ctx := t.Context()
		h.gone()
		erased := make([]bool, 12)
		h.race(12, "not-found wrong-step overtaken", func(i int, o *office.Office) error {
			if i%3 == 2 {
				_, err := office.Applications{Office: o}.Enquire(ctx, h.by("rita"), dars.Enquiry{Who: "Rita", Text: "Where is N. gerda?"})
				return err
			}
			_, err := office.Parties{Office: o}.Erase(ctx, h.by("connie"), "gerda")
			erased[i] = err == nil
			return err
		})
		n := 0
		for _, one := range erased {
			if one {
				n++
			}
		}
		if n != 1 || len(all[dars.Erasure](h)) != 1 {
			t.Errorf("%d erased them", n)
		}
		h.sound()
	})
}
