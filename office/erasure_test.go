package office_test

import (
	"slices"
	"strings"
	"testing"

	"golang.org/x/text/unicode/norm"

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
			one.Works.Naming = func(who dars.PersonID, words store.Words) ([]string, []string, error) {
				if who != h.people["gerda"] || !slices.Contains(words.Facts, "gerda, N.") || !slices.Contains(words.Facts, "gerda@example.org") || !slices.Equal(words.Lone, []string{"gerda"}) {
					t.Errorf("asked for %s: %q", who, words)
				}
				return []string{"outgoing-mail/a.eml"}, []string{"darsd.yaml"}, nil
			}
			one.Works.Forget = func(who dars.PersonID, letters []string) error { forgotten = append(forgotten, letters...); return nil }
		}
		id := h.gone()
		e, err := o.Erase(ctx, h.by("connie"), "gerda", office.Decided{})
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
		_, err = o.Erase(ctx, h.by("connie"), "gerda", office.Decided{})
		ruled(t, err, "not-found")
		_, err = o.Erase(ctx, h.by("connie"), p.Login, office.Decided{})
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
			_, err := o.Erase(ctx, tt.act, tt.login, office.Decided{})
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
			_, err := office.Parties{Office: o}.Erase(ctx, h.by("connie"), "gerda", office.Decided{})
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

// A name is struck out as others have written it: without the title, with the family name
// first, with an initial, in capitals, with letters that no database folds. Where somebody
// else here is called so it may be theirs, and stays, and that is said.
func TestANameIsErasedHoweverItIsWritten(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		ctx, o := t.Context(), office.Parties{Office: h.first()}
		add := func(login, name string) {
			id, err := o.AddPerson(ctx, h.by("carol"), dars.Person{Org: "RA1", Login: login, Name: name, Email: login + "@example.org", Roles: []dars.Role{dars.Applicant}}, "SHA256:"+login, "ssh-ed25519 "+login)
			h.must(err)
			h.people[login] = id
		}
		add("eloise", "Dr Éloïse Anne O'Brien")
		add("edna", "Edna Éclair")
		add("ernest", "Mr Ernest Éclair")
		for _, text := range []string{"Éloïse O'Brien has asked.", "Ask É. O’Brien.", "ÉLOÏSE ANNE O'BRIEN", "O'Brien, Éloïse", "Éloïse\n> O'Brien", "Éloïse O'Briens is somebody else."} {
			h.must(errorOf(office.Applications{Office: h.first()}.Enquire(ctx, h.by("rita"), dars.Enquiry{Who: "N. rita", Text: text})))
		}
		h.must(errorOf(office.Applications{Office: h.first()}.Enquire(ctx, h.by("rita"), dars.Enquiry{Who: "N. rita", Text: "Edna Éclair, and E. Éclair"})))
		h.must(h.first().Work(ctx, h.noon))
		for _, login := range []string{"eloise", "edna"} {
			h.must(o.Leave(ctx, h.by("carol"), login))
		}
		named := h.by("connie")
		named.Why = "éloïse o'brien has asked for it"
		_, err := o.Erase(ctx, named, "eloise", office.Decided{})
		ruled(t, err, "names-them")
		e, err := o.Erase(ctx, h.by("connie"), "eloise", office.Decided{Leave: true})
		h.must(err)
		if want := []string{"ENQ-000001", "ENQ-000002", "ENQ-000003", "ENQ-000004", "ENQ-000005"}; !slices.Equal(e.Also, want) {
			t.Errorf("the name stood in %q, want %q", e.Also, want)
		}
		e, err = o.Erase(ctx, h.by("connie"), "edna", office.Decided{Leave: true})
		h.must(err)
		i := slices.IndexFunc(e.Kept, func(k dars.Kept) bool { return k.What == dars.KeptNamesakes })
		if q := get[dars.Enquiry](h, "ENQ-000007"); q.Text != string(h.people["edna"])+", and E. Éclair" || i < 0 || e.Kept[i].N != 1 {
			t.Errorf("of two who are called so one is erased: %q, and kept is %+v", q.Text, e.Kept)
		}
		h.must(h.first().Store.View(ctx, func(tx *store.Tx) error {
			events, err := tx.Events("", "", 0, 100_000)
			for _, ev := range events {
				if said := strings.ToLower(string(ev.Facts)); strings.Contains(strings.ReplaceAll(said, "o'briens", ""), "o'brien") || strings.Contains(said, "edna éclair") {
					t.Errorf("event %d (%s) still says %s", ev.Seq, ev.Act, ev.Facts)
				}
			}
			return err
		}))
		h.sound()
	})
}

// A word of a name that stands alone is nobody's until a person has said whose: without
// that nobody is erased, and what was said is kept. In another form of Unicode a name is
// the same name.
func TestWordsThatStandAloneAreDecidedByAPerson(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		ctx, o := t.Context(), office.Parties{Office: h.first()}
		_, err := o.AddPerson(ctx, h.by("carol"), dars.Person{Org: "RA1", Login: "zoe", Name: "Dr Zoë Quillfeather", Email: "z@example.org", Roles: []dars.Role{dars.Applicant}}, "SHA256:z", "ssh-ed25519 z")
		h.must(err)
		asks := func(text string) {
			h.must(errorOf(office.Applications{Office: h.first()}.Enquire(ctx, h.by("rita"), dars.Enquiry{Who: "N. rita", Text: text})))
		}
		asks(norm.NFD.String("Zoë Quillfeather has asked, and Ms Quillfeather again."))
		asks("Quillfeather rang. Ask Quillfeather, or the others.")
		asks("The Quillfeather Trust asks.")
		asks("Nobody asks.")
		h.must(o.Leave(ctx, h.by("carol"), "zoe"))

		plan, err := o.ErasePlan(ctx, h.by("connie"), "zoe")
		h.must(err)
		want := []dars.Alone{{Ref: "ENQ-000002", Times: 2}, {Ref: "ENQ-000003", Times: 1}}
		if !slices.Equal(plan.Alone, want) || !slices.Equal(plan.Also, []string{"ENQ-000001"}) || plan.ID != "" {
			t.Fatalf("the plan is %+v", plan)
		}
		before := h.head()
		for rule, by := range map[string]office.Decided{"undecided": {Strike: []string{"ENQ-000002"}}, "not-found": {Strike: []string{"ENQ-000004"}, Leave: true}} {
			_, err := o.Erase(ctx, h.by("connie"), "zoe", by)
			ruled(t, err, rule)
		}
		ruled(t, errorOf(o.ErasePlan(ctx, h.by("carol"), "zoe")), "no-power")
		if h.head() != before {
			t.Error("a refusal, or a look, has left a trace")
		}
		e, err := o.Erase(ctx, h.by("connie"), "zoe", office.Decided{Strike: []string{"ENQ-000002"}, Leave: true})
		h.must(err)
		if want[0].Struck = true; !slices.Equal(e.Alone, want) || !slices.Equal(e.Also, []string{"ENQ-000001", "ENQ-000002"}) {
			t.Errorf("it says %+v", e)
		}
		who := string(e.Person)
		for ref, text := range map[string]string{"ENQ-000001": who + " has asked, and " + who + " again.", "ENQ-000002": who + " rang. Ask " + who + ", or the others.", "ENQ-000003": "The Quillfeather Trust asks."} {
			if got := get[dars.Enquiry](h, ref).Text; got != text {
				t.Errorf("%s says %q", ref, got)
			}
		}
		h.sound()
	})
}
