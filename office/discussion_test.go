package office_test

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"

	"darsd/dars"
	"darsd/office"
	"darsd/store"
)

// submitted is an application that waits for its review.
func (h *house) submitted(f dars.Form) string {
	h.t.Helper()
	id, err := office.Applications{Office: h.first()}.Submit(h.t.Context(), h.by("rita"), h.folder(f), "")
	h.must(err)
	return string(id)
}

// One letter is refused once, one action is answered and closed once, by many at
// the same time on either program.
func TestADiscussionIsHeldOnce(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		ctx := t.Context()
		for i := range 10 {
			h.add(fmt.Sprint("officer", i), dars.TheOffice, dars.CaseOfficer)
			h.add(fmt.Sprint("applicant", i), "RA1", dars.Applicant)
		}
		ref := h.submitted(h.form())
		o := office.Applications{Office: h.first()}
		n, err := o.AddAction(ctx, h.by("carol"), ref, "applicant", h.today.Add(7), "Say how long.")
		h.must(err)
		for name, tt := range map[string]func(a dars.Act, o office.Applications) error{
			"see a file": func(a dars.Act, o office.Applications) error {
				return o.Look(ctx, a, ref, 1, dars.EvidenceSeen, dars.Reading{})
			},
			"close an action": func(a dars.Act, o office.Applications) error { return o.CloseAction(ctx, a, ref, n) },
		} {
			if done := h.race(10, "wrong-step", func(i int, of *office.Office) error {
				return tt(h.by(fmt.Sprint("officer", i)), office.Applications{Office: of})
			}); done != 1 {
				t.Errorf("%d did %s", done, name)
			}
		}
		h.must(o.ReopenAction(ctx, h.by("carol"), ref, n))
		if done := h.race(10, "wrong-step", func(i int, of *office.Office) error {
			return office.Applications{Office: of}.AnswerAction(ctx, h.by(fmt.Sprint("applicant", i)), ref, n, "Five years.")
		}); done != 1 {
			t.Errorf("%d answered the action", done)
		}
		p := get[dars.Application](h, ref)
		if len(p.Evidence[0].Looks) != 1 || len(p.Actions[0].Answers) != 3 {
			t.Errorf("it is %+v", p)
		}
		h.sound()
	})
}

// What outsiders say to the office concerns their own cases alone.
func TestADiscussionIsTheirOwn(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		ctx := t.Context()
		ref := h.submitted(h.form())
		o := office.Applications{Office: h.first()}
		n, err := o.AddAction(ctx, h.by("carol"), ref, "applicant", h.today.Add(7), "Say how long.")
		h.must(err)
		note, err := o.Note(ctx, h.by("carol"), ref, dars.OwnNote, "The professor is known to us.", "")
		h.must(err)
		enquiry, err := o.Enquire(ctx, h.by("rita"), dars.Enquiry{Text: "May we?", Org: "RA2", Who: "Ravi"})
		h.must(err)
		if e := get[dars.Enquiry](h, string(enquiry)); e.Org != "RA1" || e.Who != string(h.people["rita"]) {
			t.Errorf("rita asked as %s of %s", e.Who, e.Org)
		}
		for name, tt := range map[string]struct {
			reach func() error
			rule  string
		}{
			"answer another's action": {func() error { return o.AnswerAction(ctx, h.by("ravi"), ref, n, "no") }, "not-found"},
			"add another's evidence": {func() error {
				_, err := o.AddEvidence(ctx, h.by("ravi"), ref, dars.Evidence{Kind: "cag", File: "a.txt"}, []byte("text"))
				return err
			}, "not-found"},
			"open another's evidence":      {func() error { _, _, err := o.OpenEvidence(ctx, h.by("ravi"), ref, 1); return err }, "not-found"},
			"open their own":               {func() error { _, _, err := o.OpenEvidence(ctx, h.by("rita"), ref, 1); return err }, "no-power"},
			"see their own":                {func() error { return o.Look(ctx, h.by("rita"), ref, 1, dars.EvidenceSeen, dars.Reading{}) }, "no-power"},
			"take up another's enquiry":    {func() error { return o.EnquiryBecame(ctx, h.by("ravi"), enquiry, ref) }, "not-found"},
			"note something":               {func() error { _, err := o.Note(ctx, h.by("rita"), ref, dars.OwnNote, "x", ""); return err }, "no-power"},
			"export a case":                {func() error { _, err := office.Desk{Office: h.first()}.Dossier(ctx, h.by("rita"), ref); return err }, "no-power"},
			"correct a note of no case":    {func() error { _, err := o.Note(ctx, h.by("carol"), ref, dars.OwnNote, "x", "NOTE-000009"); return err }, "not-found"},
			"be given the office's action": {func() error { _, err := o.AddAction(ctx, h.by("carol"), ref, "ravi", h.today, "x"); return err }, "not-owner"},
		} {
			t.Run(name, func(t *testing.T) {
				before := h.head()
				ruled(t, tt.reach(), tt.rule)
				if h.head() != before {
					t.Error("a refusal left a trace")
				}
			})
		}
		_, err = o.Note(ctx, h.by("carol"), ref, dars.OwnNote, "He is not.", note)
		h.must(err)
	})
}

// A search finds by organisation, reference, person, state and words, in the words
// of either year, and to outsiders only what is their own.
func TestSearch(t *testing.T) {
	agreed.each(t, func(t *testing.T, h *house) {
		ctx := t.Context()
		ended := h.agreement()
		r := h.published(ended)
		h.collect("rita", r.Files[0])
		h.must(office.Agreements{Office: h.first()}.Terminate(ctx, h.by("carol"), ended))
		f := h.form()
		f.Title = "Stroke pathways"
		back := h.submitted(f)
		o := office.Applications{Office: h.first()}
		_, err := o.Note(ctx, h.by("carol"), back, dars.OwnNote, "Ask the librarian.", "")
		h.must(err)
		_, err = o.Note(ctx, h.by("carol"), back, dars.Discussion, "They will write to the librarian.", "")
		h.must(errors.Join(err, o.ReferBack(ctx, h.by("carol"), back), h.first().Work(ctx, h.noon)))
		stem, _, _, err := dars.ParseCase(back)
		h.must(err)

		for words, want := range map[string]string{ // by carol; by rita of RA1; ravi finds nothing
			"stroke":                     "application " + back + " | application " + back,
			"STROKE path":                "application " + back + " | application " + back,
			"stroke asthma":              " | ",
			"librarian":                  "note NOTE-000001, note NOTE-000002 | note NOTE-000002",
			"rejected":                   "application " + back + " | application " + back,
			"referred back stroke":       "application " + back + " | application " + back,
			"certificate of deletion":    "certificate CERT-000001 | certificate CERT-000001",
			"certificate of destruction": "certificate CERT-000001 | certificate CERT-000001",
			string(r.ID):                 "release REL-000001 | release REL-000001",
			string(r.Files[0].ID):        "release REL-000001, certificate CERT-000001 | release REL-000001, certificate CERT-000001",
			strings.ToLower(stem):        "application " + back + ", paper, note NOTE-000001, note NOTE-000002 | application " + back + ", paper, note NOTE-000002",
			stem + "-v1.0":               "application " + back + ", paper, note NOTE-000001, note NOTE-000002 | application " + back + ", paper, note NOTE-000002",
			"nic-000002 stroke":          "application " + back + " | application " + back,
			"letter stroke":              " | ",
		} {
			var got []string
			for _, who := range []string{"carol", "rita", "ravi"} {
				hits, err := office.Desk{Office: h.first()}.Search(ctx, h.people[who], strings.Fields(words))
				h.must(err)
				var found []string
				for _, hit := range hits {
					name := hit.Kind + " " + hit.Ref
					if hit.Kind == "paper" {
						name = "paper"
					}
					if !slices.Contains(found, name) {
						found = append(found, name)
					}
				}
				if who == "ravi" {
					if len(found) > 0 {
						t.Errorf("ravi finds %v by %q", found, words)
					}
					continue
				}
				got = append(got, strings.Join(found, ", "))
			}
			if strings.Join(got, " | ") != want {
				t.Errorf("%q finds\n%s, not\n%s", words, strings.Join(got, " | "), want)
			}
		}
		for _, words := range []string{"", "of the", "943 476 5919"} {
			_, err := office.Desk{Office: h.first()}.Search(ctx, h.people["carol"], strings.Fields(words))
			var no *dars.Refusal
			if !errors.As(err, &no) {
				t.Errorf("%q: %v", words, err)
			}
		}
		// By organisation and by person: all that is theirs.
		for _, words := range []string{"RA1", "trust", "rita"} {
			hits, err := office.Desk{Office: h.first()}.Search(ctx, h.people["carol"], strings.Fields(words))
			h.must(err)
			kinds := map[string]bool{}
			for _, hit := range hits {
				kinds[hit.Kind] = true
			}
			if !kinds["application"] || !kinds["agreement"] {
				t.Errorf("%q finds %v", words, hits)
			}
		}
	})
}

// A dossier holds all of a case, its letters too, and nothing of another.
func TestADossier(t *testing.T) {
	agreed.each(t, func(t *testing.T, h *house) {
		ctx := t.Context()
		r := h.published(h.agreement())
		h.collect("rita", r.Files[0])
		other := h.submitted(h.form())
		h.must(h.first().Work(ctx, h.noon))
		d, err := office.Desk{Office: h.first()}.Dossier(ctx, h.by("connie"), string(r.Agreement))
		h.must(err)
		kinds := map[string]int{}
		for _, n := range d.Nouns {
			kinds[n.Card().Kind]++
			if strings.HasPrefix(n.Card().Ref, strings.TrimSuffix(other, "-v1")) {
				t.Errorf("it holds %v", n.Card())
			}
		}
		for _, kind := range []string{"application", "agreement", "contract", "release", "collection", "receipt", "arrival", "paper"} {
			if kinds[kind] == 0 {
				t.Errorf("it holds no %s", kind)
			}
		}
		mails := 0
		for _, p := range d.Papers {
			content, err := office.Desk{Office: h.first()}.OpenPaper(p)
			h.must(err)
			text, err := io.ReadAll(content)
			h.must(errors.Join(err, content.Close()))
			if p.Kind == "mail" {
				mails++
				if !strings.Contains(string(text), "Subject: "+p.Subject) {
					t.Errorf("the letter %s is %s", p.ID, text)
				}
			}
		}
		if mails < 4 || len(d.Events) < len(d.Nouns) || !slices.IsSortedFunc(d.Events, func(a, b store.Event) int { return int(a.Seq - b.Seq) }) {
			t.Errorf("it has %d letters and %d events of %d nouns", mails, len(d.Events), len(d.Nouns))
		}
		h.sound()
	})
}

// The same words about two cases are two replies.
func TestRepliesOverSFTP(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		in := office.Intake{Office: h.first()}
		for i := range 2 {
			f := h.form()
			f.Title = fmt.Sprint("Study ", i)
			stem, _, _, err := dars.ParseCase(h.submitted(f))
			h.must(err)
			for range 2 { // and again is once
				v := in.Take(t.Context(), office.At(h.people["rita"], h.noon()), paper("submit", stem+"-withdraw.txt", "It is not funded."))
				if v.Verdict != dars.VerdictAccepted || v.Ref != stem || v.Kind != "withdrawal" {
					t.Fatalf("the withdrawal: %+v", v)
				}
			}
			if p := get[dars.Application](h, stem+"-v1"); p.State != dars.TakenBack || p.Decisions[0].Note != "It is not funded." {
				t.Errorf("it is %s: %+v", p.State, p.Decisions)
			}
		}
		for name, rule := range map[string]string{
			"DARS-NIC-000001-B1C2D-action-two.txt":  "bad-name",
			"DARS-NIC-999999-B1C2D-action-1.txt":    "not-found",
			"DARS-NIC-999999-B1C2D-evidence.txt":    "no-kind",
			"DARS-NIC-999999-B1C2D-evidence-x.txt":  "no-kind",
			"DARS-NIC-999999-B1C2D-decline.txt":     "no-cohort-asked",
			"DARS-NIC-999999-B1C2D-evidence-cag.sh": "bad-evidence",
		} {
			if v := in.Take(t.Context(), office.At(h.people["rita"], h.noon()), paper("submit", name, "some words")); v.Code != rule || v.Verdict != dars.VerdictRejected {
				t.Errorf("%s: %+v", name, v)
			}
		}
		// A watched folder is nobody's hand, and withdraws nothing.
		if v := in.Take(t.Context(), office.At(dars.ByFolder, h.noon()), paper("applications", "DARS-NIC-000001-B1C2D-withdraw.txt", "x")); v.Verdict != dars.VerdictRejected {
			t.Errorf("a folder: %+v", v)
		}
	})
}

// Each sees what waits for them: the officer in charge before others' cases, the
// applicant what was asked of them.
func TestWhatADiscussionLeavesToDo(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		ctx := t.Context()
		o, desk := office.Applications{Office: h.first()}, office.Desk{Office: h.first()}
		first := h.submitted(h.form())
		f := h.form()
		f.Title = "Stroke pathways"
		second := h.submitted(f)
		h.must(o.Review(ctx, h.by("carol"), first, dars.Review{}))
		h.must(o.Review(ctx, h.by("colin"), second, dars.Review{}))
		_, err := o.AddAction(ctx, h.by("colin"), second, "applicant", h.today.Add(7), "Say how long.")
		h.must(err)
		for login, want := range map[string]string{"carol": first, "colin": second} {
			all, err := desk.Todo(ctx, h.people[login], h.noon())
			h.must(err)
			if len(all) < 4 || !strings.HasPrefix(want, all[0].Ref) || strings.HasPrefix(want, all[len(all)-1].Ref) {
				t.Errorf("%s is to begin with %s: %+v", login, want, all)
			}
		}
		asked := func(login, about string) (n int) {
			all, err := desk.Todo(ctx, h.people[login], h.noon())
			h.must(err)
			for _, t := range all {
				if strings.Contains(t.Act, about) {
					n++
				}
			}
			return n
		}
		if asked("rita", "action 1: Say how long.") != 1 || asked("ravi", "action") != 0 || asked("carol", "--file 1 --seen") != 2 {
			t.Error("the action is the applicant's, and a file of each waits to be seen")
		}
		h.must(o.AnswerAction(ctx, h.by("rita"), second, 1, "Five years."))
		h.must(o.Look(ctx, h.by("carol"), second, 1, dars.EvidenceSeen, dars.Reading{Renew: h.today.Add(30)}))
		if asked("rita", "action 1") != 0 || asked("colin", "--done 1") != 1 || asked("carol", "--file 1 --seen") != 1 || asked("rita", "send the renewed") != 1 {
			t.Error("answered, it is the officer's; and what ends soon is to be renewed")
		}
		_, err = o.AddEvidence(ctx, h.by("rita"), second, dars.Evidence{Kind: "cag", File: "new.txt", Renew: h.today.Add(400)}, []byte("Renewed."))
		h.must(err)
		if asked("rita", "send the renewed") != 0 || asked("carol", "--file 2 --seen") != 1 {
			t.Error("what was renewed is to be seen")
		}
		if got := h.works.letters("action 1"); len(got) != 0 {
			t.Errorf("letters are sent before they are due: %v", got)
		}
		h.must(h.first().Work(ctx, h.noon))
		if got := h.works.letters("action 1, by"); len(got) != 1 || got[0].to != "rita@example.org" || !strings.Contains(got[0].body, "Say how long.") {
			t.Errorf("the applicant is written to: %v", got)
		}
		if got := h.works.letters("action 1 is answered"); len(got) != 0 {
			t.Errorf("what is routine waits for the digest: %v", got)
		}
		h.digest("2026-03-03")
		if got := h.works.letters("2 things of 2026-03-03"); len(got) != 1 || got[0].to != "colin@example.org" || !strings.Contains(got[0].body, "action 1 is answered") {
			t.Errorf("the officer in charge is written to, with the evidence that came in: %v", got)
		}
	})
}
